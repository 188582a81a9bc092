//! A stand-in for the server that receives a release: it has the card and the two files of the
//! network, both public, and the release's bytes.
//!
//! It dequantises, fills the channels that were left out with zero, and undoes the gain that `dp`
//! applied, but not its normalisation. Its tail never saw noise: a server that retrains on noisy
//! activations does better (*dp-activations*, section VII), so what it misses is no bound.

use std::collections::HashMap;

use frostglass::front::Card;
use frostglass::network::Tail;
use frostglass::release::Release;

use crate::failure::Failure;
use crate::zoo::ZooModel;

pub(super) struct StandInServer<'a> {
    zoo: &'a ZooModel,
    card: &'a Card,
    tails: HashMap<String, Tail>,
}

impl<'a> StandInServer<'a> {
    pub(super) fn new(zoo: &'a ZooModel, card: &'a Card) -> Self {
        Self { zoo, card, tails: HashMap::new() }
    }

    /// The descriptor of what a release's bytes hold.
    pub(super) fn descriptor(&mut self, bytes: &[u8]) -> Result<Vec<f32>, Failure> {
        let release = Release::parse(bytes.to_vec())?;
        let cut = self.card.cut(release.cut())?;
        let positions = cut.activations() / cut.shape()[0];
        let mut activations = vec![0.0; cut.activations()];
        let values: Vec<f32> = release.values().collect();
        for (values, &channel) in values.chunks(positions).zip(release.channels().keep()) {
            let gain = if release.is_noisy() { cut.gain()[channel] } else { 1.0 };
            let filled = &mut activations[channel * positions..][..positions];
            filled.iter_mut().zip(values).for_each(|(to, value)| *to = value / gain);
        }
        self.descriptor_of_activations(cut.name(), &activations)
    }

    /// The descriptor of activations at a cut, as the whole network would compute it.
    pub(super) fn descriptor_of_activations(
        &mut self,
        cut: &str,
        activations: &[f32],
    ) -> Result<Vec<f32>, Failure> {
        if !self.tails.contains_key(cut) {
            let tail = Tail::open(self.zoo.front, Some(self.zoo.tail), self.card, cut)?;
            self.tails.insert(cut.into(), tail);
        }
        Ok(self.tails[cut].run(activations)?)
    }
}

/// How far apart two descriptors are.
pub(super) fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}
