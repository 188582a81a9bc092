//! A whole network, read and checked.

use crate::error::{Error, ErrorKind, Result};
use crate::frame::InputSpec;
use crate::front::graph::{Graph, ValueId};
use crate::front::model::check_digest;
use crate::front::{Card, CompileOptions, Output, onnx};
use crate::sanitize::Hold;

use super::controller::Controller;
use super::held::HeldNetwork;
use super::tap::{Place, Tap};
use super::taps;

/// A whole network, from a picture to its answer.
///
/// It runs under taps alone: nothing here runs it as it is, so that an app which loads a network
/// through Frostglass cannot skip the sanitisation (*Controlling the privacy loss*, section 3.3).
/// *Mechanical promise.*
///
#[cfg_attr(
    not(feature = "lab"),
    doc = "```compile_fail\n# fn skip(network: frostglass::network::Network, picture: &[f32]) {\nnetwork.run(picture);\n# }\n```"
)]
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    to: ValueId,
    input: Option<InputSpec>,
    output: Output,
}

impl Network {
    /// Opens the files that a card describes: the front's and, where the network goes on in a file of
    /// its own, the tail's.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: a file is not the one the card names or cannot be used, or the two do
    /// not fit.
    pub fn open(front_onnx: &[u8], tail_onnx: Option<&[u8]>, card: &Card) -> Result<Self> {
        let graph = join(front_onnx, tail_onnx, card)?;
        Self::of(graph, Some(card.input().clone()), card.output())
    }

    /// Opens a network that has no card, and that puts out this. It takes tensors and no frames.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: it cannot be used.
    #[cfg(feature = "lab")]
    pub fn open_without_card(onnx: &[u8], output: Output) -> Result<Self> {
        Self::of(onnx::read(onnx, None)?, None, output)
    }

    fn of(graph: Graph, input: Option<InputSpec>, output: Output) -> Result<Self> {
        let to = sole_output(&graph)?;
        Ok(Self { graph, to, input, output })
    }

    /// The network with its maps held at these taps, at least one, ready to run.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Tap`]: there is no tap, one is where nothing can be held, or it would hold
    /// nothing. Kind [`ErrorKind::Model`]: the network has no card, takes too much memory, or has a
    /// node that nothing runs.
    pub fn hold(&self, taps: &[Tap], options: impl Into<CompileOptions>) -> Result<HeldNetwork> {
        let places: Vec<&Place> = taps.iter().map(|tap| &tap.place).collect();
        let ids = self.find(&places)?;
        let hands = ids.iter().zip(taps);
        let hands = hands.map(|(&id, tap)| taps::hand(&self.graph, id, &tap.place, tap.hold));
        let hands = hands.collect::<Result<_>>()?;
        let (graph, _) = self.graph.tapped(&ids);
        let graph = graph.between(graph.input, self.to)?;
        HeldNetwork::new(&graph, hands, self.input.as_ref(), self.output, options.into())
    }

    /// What looks for a window at one place, by this rule, while the maps at other taps are held as
    /// they say. The window of `like` counts for nothing.
    ///
    /// # Errors
    /// As [`Network::hold`], and kind [`ErrorKind::Model`] where the network answers without
    /// probabilities.
    pub fn controller(
        &self,
        place: &Place,
        like: Hold,
        others: &[Tap],
        options: impl Into<CompileOptions>,
    ) -> Result<Controller> {
        let places: Vec<&Place> =
            std::iter::once(place).chain(others.iter().map(|tap| &tap.place)).collect();
        let ids = self.find(&places)?;
        let two = Hold { window: std::num::NonZeroUsize::MIN.saturating_add(1), ..like };
        let swept = taps::hand(&self.graph, ids[0], place, two)?;
        let others = ids[1..].iter().zip(others);
        let others = others.map(|(&id, tap)| taps::hand(&self.graph, id, &tap.place, tap.hold));
        let others = others.collect::<Result<Vec<_>>>()?;
        let input = self.input.as_ref();
        Controller::new(
            &self.graph,
            self.to,
            &ids,
            swept,
            others,
            input,
            self.output,
            options.into(),
        )
    }

    /// The tensors at these places.
    fn find(&self, places: &[&Place]) -> Result<Vec<ValueId>> {
        if places.is_empty() {
            return Err(Error::new(
                ErrorKind::Tap,
                "a network runs under at least one tap; name a tensor to hold",
            ));
        }
        let find = |place: &&Place| taps::find(&self.graph, self.to, place);
        let ids = places.iter().map(find).collect::<Result<Vec<_>>>()?;
        taps::check_apart(&ids, places)?;
        Ok(ids)
    }

    /// The shape of the network's input, its batch of 1 first.
    pub fn input_shape(&self) -> &[usize] {
        self.graph.shape(self.graph.input)
    }

    /// What the network puts out.
    pub fn output(&self) -> Output {
        self.output
    }

    /// Whether the last thing that a network does is a softmax. A lab build only.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: it cannot be used.
    #[cfg(feature = "lab")]
    pub fn ends_in_softmax(onnx: &[u8]) -> Result<bool> {
        use crate::front::operator::Operator;

        let graph = onnx::read(onnx, None)?;
        let mut to = sole_output(&graph)?;
        loop {
            match graph.nodes.iter().find(|node| node.output == to) {
                Some(node) => match &node.operator {
                    Operator::Softmax { logarithm, .. } => return Ok(!logarithm),
                    Operator::Reshape { .. } => to = node.inputs[0],
                    _ => return Ok(false),
                },
                None => return Ok(false),
            }
        }
    }
}

/// The whole network of a front's file and its tail's.
///
/// # Errors
/// Kind [`ErrorKind::Model`]: a file is not the one the card names or cannot be used, or the two do not
/// fit.
pub(super) fn join(front_onnx: &[u8], tail_onnx: Option<&[u8]>, card: &Card) -> Result<Graph> {
    let wrong = |what: &str| Error::new(ErrorKind::Model, what.to_owned());
    check_digest("front.onnx", front_onnx, card.sha256())?;
    let graph = onnx::read(front_onnx, Some(card.input().shape))?;
    let Some(tail_onnx) = tail_onnx else {
        if card.tail_sha256().is_some() {
            return Err(wrong("the card names a tail of its own, which is missing"));
        }
        return Ok(graph);
    };
    let expected = card.tail_sha256().ok_or_else(|| wrong("the card names no tail"))?;
    check_digest("tail.onnx", tail_onnx, expected)?;
    let &[join] = graph.outputs.as_slice() else {
        return Err(wrong("the front has several outputs, a tail can follow one"));
    };
    let shape = match *graph.shape(join) {
        [1, channels, rows, columns] => Some([channels, rows, columns]),
        _ => None,
    };
    let tail = onnx::read(tail_onnx, shape)?;
    let joins = |(name, id): &(String, _)| *id == join && tail.find(name) == Some(tail.input);
    if !graph.names.iter().any(joins) {
        return Err(wrong("the tail's input is not named as the front's output"));
    }
    graph.followed_by(join, &tail)
}

/// The one output of a network.
pub(super) fn sole_output(graph: &Graph) -> Result<ValueId> {
    match graph.outputs.as_slice() {
        &[to] => Ok(to),
        _ => Err(Error::new(
            ErrorKind::Model,
            "the network has several outputs, one belongs there".to_owned(),
        )),
    }
}
