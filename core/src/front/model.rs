//! A model that was found sound.

use super::card::{Card, named};
use super::cut::Cut;
use super::digest::Digest;
use super::executor::Plan;
use super::graph::{Graph, ValueId};
use super::onnx;
use super::options::CompileOptions;
use super::packed::{self, PackedFront};
use super::precision::Precision;
use super::run::Front;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::InputSpec;

/// A model file, checked from the first byte to the last, and the cuts it offers.
#[derive(Debug)]
pub struct Model {
    sha256: Digest,
    graph: Graph,
    cuts: Vec<Cut>,
    card: Option<Card>,
}

impl Model {
    /// Opens the bytes of a `front.onnx` that this card describes.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: the bytes are not those the card names, they are no model that can
    /// be used, or the card's input or cuts are not the model's.
    pub fn open(front_onnx: &[u8], card: Card) -> Result<Self> {
        let sha256 = check_digest("front.onnx", front_onnx, card.sha256())?;
        let graph = onnx::read(front_onnx, Some(card.input().shape))?;
        if graph.find(&card.input().name) != Some(graph.input) {
            return Err(Error::new(
                ErrorKind::Model,
                format!("the card's input {:?} is not the model's", card.input().name),
            ));
        }
        for cut in card.cuts() {
            find(&graph, cut)?;
        }
        Ok(Self { sha256, graph, cuts: card.cuts().to_vec(), card: Some(card) })
    }

    /// Opens a model that has no card: every tensor `[1, C, H, W]`, and every `[1, F]` as
    /// `[F, 1, 1]`, is a cut that bears the tensor's name.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`], as [`Model::open`].
    #[cfg(feature = "lab")]
    pub fn open_without_card(front_onnx: &[u8]) -> Result<Self> {
        Self::without_card(front_onnx, None)
    }

    /// [`Model::open_without_card`] for a model that leaves the size of its input open, which is
    /// `[C, H, W]` here.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`], as [`Model::open`].
    #[cfg(feature = "lab")]
    pub fn open_without_card_at(front_onnx: &[u8], input_shape: [usize; 3]) -> Result<Self> {
        Self::without_card(front_onnx, Some(input_shape))
    }

    #[cfg(feature = "lab")]
    fn without_card(front_onnx: &[u8], input_shape: Option<[usize; 3]>) -> Result<Self> {
        let graph = onnx::read(front_onnx, input_shape)?;
        let computed = graph.names.iter().filter(|&&(_, id)| id != graph.input);
        let cuts = computed.filter_map(|(name, id)| Some(Cut::plain(name, graph.map_shape(*id)?)));
        let cuts = cuts.collect();
        Ok(Self { sha256: Digest::of(front_onnx), graph, cuts, card: None })
    }

    /// The model hash: the SHA-256 of its file.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The card it was opened with.
    pub fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// How a picture becomes the model's input, where a card says so.
    pub fn input(&self) -> Option<&InputSpec> {
        self.card.as_ref().map(Card::input)
    }

    /// Where it may be cut, in the card's order.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// The cut of this name; an error of kind [`ErrorKind::Cut`] lists those that exist.
    pub fn cut(&self, name: &str) -> Result<&Cut> {
        named(&self.cuts, name)
    }

    /// Makes the cut of this name ready to run, without the nodes it does not need.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Cut`]: there is no such cut, or its tensor does not depend on the input.
    /// Kind [`ErrorKind::Model`]: a run would keep more than two gibibytes of maps at once, or tract
    /// does not take a node that there is no step for.
    pub fn compile(&self, cut: &str) -> Result<Front> {
        self.compile_with(cut, CompileOptions::default())
    }

    /// [`Model::compile`] with options, or with a [`Precision`] alone.
    ///
    /// A session under a policy with `dp` keeps the figures for patches as small as receptive fields are,
    /// whichever precision the front was compiled with.
    ///
    /// # Errors
    /// As [`Model::compile`]. Under [`CompileOptions::no_alloc`] kind [`ErrorKind::Model`] also for
    /// the first node that would allocate, which it names.
    pub fn compile_with(&self, cut: &str, options: impl Into<CompileOptions>) -> Result<Front> {
        let cut = self.cut(cut)?;
        let to = find(&self.graph, cut)?;
        let graph = self.graph.between(self.graph.input, to)?;
        Front::compile(&graph, self.input().cloned(), cut.clone(), self.sha256, options.into())
    }

    /// The packed front of the cut of this name: one file that [`PackedFront::open`] takes on any
    /// processor, without ONNX (docs/formats.md, "Packed front").
    ///
    /// # Errors
    /// Kind [`ErrorKind::Cut`]: there is no such cut. Kind [`ErrorKind::Model`]: the model was opened
    /// without a card, or no step of ours covers some node before the cut, which is named.
    pub fn pack(&self, cut: &str) -> Result<Vec<u8>> {
        let cut = self.cut(cut)?;
        let card = self.card.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Model,
                "a packed front carries its card, and the model was opened without one",
            )
        })?;
        let graph = self.graph.between(self.graph.input, find(&self.graph, cut)?)?;
        Plan::compile(&graph, CompileOptions { precision: Precision::Exact, no_alloc: true })?;
        let file = packed::write(&graph, card, cut)?;
        // What could not be opened again is not handed out.
        PackedFront::open(file.as_slice())?;
        Ok(file)
    }
}

/// The digest of these bytes, which must be the one expected.
pub(crate) fn check_digest(file: &str, bytes: &[u8], expected: Digest) -> Result<Digest> {
    let found = Digest::of(bytes);
    if found == expected {
        return Ok(found);
    }
    Err(Error::new(
        ErrorKind::Model,
        format!(
            "{file} is not the file the card describes: its SHA-256 begins {}, the card's {}",
            found.short(),
            expected.short()
        ),
    ))
}

/// The value of a cut, whose shape must be the card's.
pub(crate) fn find(graph: &Graph, cut: &Cut) -> Result<ValueId> {
    let wrong =
        |what: String| Error::new(ErrorKind::Model, format!("cut {:?}: {what}", cut.name()));
    let id = graph
        .find(cut.tensor())
        .ok_or_else(|| wrong(format!("the model computes no tensor {:?}", cut.tensor())))?;
    if id == graph.input {
        return Err(wrong("it is the input itself, which never leaves the device".into()));
    }
    if graph.map_shape(id) != Some(cut.shape()) {
        return Err(wrong(format!(
            "its tensor has shape {:?}, the card says {:?}",
            graph.shape(id),
            cut.shape()
        )));
    }
    Ok(id)
}
