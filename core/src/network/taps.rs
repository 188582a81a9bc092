//! Taps found in a graph, and refused where they would hold nothing.

use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, ValueId};
use crate::sanitize::{Hold, HoldWithin};

use super::hands::Hand;
use super::tap::Place;

/// How many names a message lists: a network has more than helps anybody.
const LISTED: usize = 24;

/// The tensor at a place, of which the network's answer `to` must be computed.
///
/// # Errors
/// [`ErrorKind::Tap`]: there is no such tensor or layer, it reads several, or nothing comes of it.
pub(super) fn find(graph: &Graph, to: ValueId, place: &Place) -> Result<ValueId> {
    let id = match place {
        Place::Tensor(name) => graph.find(name).ok_or_else(|| {
            let names = graph.names.iter().map(|(name, _)| name.as_str());
            wrong(place, format!("there is no such tensor; there are {}", listed(names)))
        })?,
        Place::InputOf(layer) => input_of(graph, place, layer)?,
    };
    if id == to {
        return Err(wrong(place, "the network ends there, so that no layer would read it held"));
    }
    if !graph.upstream(to)[id.0] {
        return Err(wrong(place, "the network's answer is not computed from it"));
    }
    Ok(id)
}

fn input_of(graph: &Graph, place: &Place, layer: &str) -> Result<ValueId> {
    let named = |name: &String| !name.is_empty() && name == layer;
    let mut found: Vec<_> = graph.layers.iter().filter(|known| named(&known.name)).collect();
    if found.is_empty() {
        found = graph.layers.iter().filter(|known| known.output == layer).collect();
    }
    let [layer] = found.as_slice() else {
        let name = |layer: &'_ crate::front::graph::Layer| match layer.name.is_empty() {
            true => layer.output.clone(),
            false => layer.name.clone(),
        };
        let names: Vec<String> = graph.layers.iter().map(name).collect();
        return Err(match found.len() {
            0 => wrong(
                place,
                format!("there is no such layer; there are {}", listed(names.iter().map(|n| &**n))),
            ),
            many => wrong(place, format!("{many} layers have this name; name the tensor instead")),
        });
    };
    match layer.inputs.as_slice() {
        [input] => Ok(*input),
        [] => Err(wrong(place, "the layer reads nothing that a run computes")),
        inputs => {
            let name = |id: &ValueId| {
                graph.names.iter().find(|(_, known)| known == id).map(|(name, _)| name.as_str())
            };
            let names = inputs.iter().filter_map(name);
            Err(wrong(place, format!("the layer reads several maps; tap {}", listed(names))))
        }
    }
}

/// What a hold at this tensor needs to know of it.
///
/// # Errors
/// [`ErrorKind::Tap`]: it would leave the map as it is, so that the run would not be sanitised.
pub(super) fn hand(graph: &Graph, id: ValueId, place: &Place, hold: Hold) -> Result<Hand> {
    let shape = graph.shape(id);
    let columns = shape.last().copied().unwrap_or(1);
    if hold.window.get() < 2 {
        return Err(wrong(
            place,
            "a window of 1 holds nothing; a tap's window is a whole number of at least 2",
        ));
    }
    if shape.iter().product::<usize>() < 2 {
        return Err(wrong(place, "it is a single value, which holding would leave as it is"));
    }
    if hold.within == HoldWithin::Row && columns < 2 {
        return Err(wrong(
            place,
            format!(
                "its rows are one value long (shape {shape:?}), so that within=row would hold nothing"
            ),
        ));
    }
    Ok(Hand { hold, columns })
}

/// Refuses two taps at one tensor.
pub(super) fn check_apart(ids: &[ValueId], places: &[&Place]) -> Result<()> {
    for (index, id) in ids.iter().enumerate() {
        if let Some(earlier) = ids[..index].iter().position(|known| known == id) {
            return Err(wrong(
                places[index],
                format!("it is the same tensor as at {}; one tap belongs there", places[earlier]),
            ));
        }
    }
    Ok(())
}

fn wrong(place: &Place, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Tap, format!("tap {place}: {what}"))
}

/// The first names, and how many more there are.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(LISTED);
    let mut text = names[..names.len() - more].join(", ");
    if more > 0 {
        text += &format!(", and {more} more");
    }
    text
}
