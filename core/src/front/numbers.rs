//! A model's constant numbers, kept as its file has them: weights of 8 bits stay 8 bits.

use std::sync::Arc;

use super::shared_bytes::SharedBytes;

/// Numbers that graphs share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Numbers {
    Floats(Arc<[f32]>),
    Levels(Arc<Levels>),
}

/// Weights of 8 bits: number `i` is `(levels[i] - zero) * scale`, with zero and scale of channel
/// `i / inner % channels`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Levels {
    levels: SharedBytes,
    zeros: Vec<u8>,
    scales: Vec<f32>,
    inner: usize,
}

impl Numbers {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(floats) => floats.len(),
            Self::Levels(levels) => levels.levels.len(),
        }
    }

    /// All of them.
    pub(crate) fn floats(&self) -> Arc<[f32]> {
        match self {
            Self::Floats(floats) => Arc::clone(floats),
            Self::Levels(levels) => {
                let mut floats = vec![0.0; levels.levels.len()];
                levels.read(0, &mut floats);
                floats.into()
            }
        }
    }

    /// As many as `out` takes, from the `first` on.
    pub(crate) fn read(&self, first: usize, out: &mut [f32]) {
        match self {
            Self::Floats(floats) => out.copy_from_slice(&floats[first..][..out.len()]),
            Self::Levels(levels) => levels.read(first, out),
        }
    }

    /// Their levels, where each run of so many numbers has one zero and one scale.
    pub(crate) fn level_runs(&self, run: usize) -> Option<LevelRuns<'_>> {
        match self {
            Self::Levels(levels) if levels.inner == run || levels.scales.len() == 1 => {
                Some(LevelRuns { levels, run })
            }
            _ => None,
        }
    }
}

/// Weights of 8 bits in runs, each with one zero and one scale.
#[derive(Clone, Copy)]
pub(crate) struct LevelRuns<'a> {
    levels: &'a Levels,
    run: usize,
}

impl LevelRuns<'_> {
    pub(crate) fn levels(&self, run: usize) -> &[u8] {
        &self.levels.levels[run * self.run..][..self.run]
    }

    pub(crate) fn zero(&self, run: usize) -> u8 {
        self.levels.zeros[run % self.levels.zeros.len()]
    }

    pub(crate) fn scale(&self, run: usize) -> f32 {
        self.levels.scales[run % self.levels.scales.len()]
    }
}

impl Levels {
    /// Nothing where the parts do not fit one another, or a number would not be finite.
    pub(crate) fn new(
        levels: SharedBytes,
        zeros: Vec<u8>,
        scales: Vec<f32>,
        inner: usize,
    ) -> Option<Self> {
        let period = inner.checked_mul(scales.len()).filter(|&period| period > 0)?;
        if zeros.len() != scales.len() || !levels.len().is_multiple_of(period) {
            return None;
        }
        for (index, run) in levels.chunks(inner).enumerate() {
            let channel = index % scales.len();
            let (low, high) = run
                .iter()
                .fold((255, 0), |(low, high): (u8, u8), &level| (low.min(level), high.max(level)));
            let ends = [low, high].map(|level| dequantised(level, zeros[channel], scales[channel]));
            if !ends.iter().all(|end| end.is_finite()) {
                return None;
            }
        }
        Some(Self { levels, zeros, scales, inner })
    }

    fn read(&self, first: usize, out: &mut [f32]) {
        let mut at = first;
        let mut rest = out;
        while !rest.is_empty() {
            let channel = at / self.inner % self.scales.len();
            let run = (self.inner - at % self.inner).min(rest.len());
            let (now, later) = rest.split_at_mut(run);
            let (zero, scale) = (self.zeros[channel], self.scales[channel]);
            for (number, &level) in now.iter_mut().zip(&self.levels[at..]) {
                *number = dequantised(level, zero, scale);
            }
            at += run;
            rest = later;
        }
    }
}

/// Its parts, for writing them.
#[cfg(feature = "onnx")]
impl Levels {
    pub(crate) fn levels(&self) -> &[u8] {
        &self.levels
    }

    pub(crate) fn zeros(&self) -> &[u8] {
        &self.zeros
    }

    pub(crate) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// How many numbers follow one another in one channel.
    pub(crate) fn inner(&self) -> usize {
        self.inner
    }
}

fn dequantised(level: u8, zero: u8, scale: f32) -> f32 {
    f32::from(i16::from(level) - i16::from(zero)) * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_read_alike_from_anywhere() {
        let levels =
            Levels::new((0..24).collect::<Vec<u8>>().into(), vec![0, 3], vec![0.5, -2.0], 4)
                .unwrap();
        let numbers = Numbers::Levels(Arc::new(levels));
        let all = numbers.floats();
        assert_eq!(all[..6], [0.0, 0.5, 1.0, 1.5, -2.0, -4.0]);
        assert_eq!(all[8], 4.0, "channels follow one another again");
        for first in 0..24 {
            let mut some = vec![f32::NAN; (24 - first).min(7)];
            numbers.read(first, &mut some);
            assert_eq!(some, all[first..][..some.len()]);
        }
    }

    #[test]
    fn levels_that_do_not_fit_are_refused() {
        let new = |levels: usize, zeros, scales, inner| {
            Levels::new(vec![200; levels].into(), zeros, scales, inner).is_some()
        };
        assert!(new(4, vec![0, 0], vec![1.0, 1.0], 2));
        assert!(new(0, vec![0], vec![1.0], 2));
        assert!(!new(4, vec![0], vec![1.0, 1.0], 2), "a zero is missing");
        assert!(!new(5, vec![0, 0], vec![1.0, 1.0], 2), "a channel is cut short");
        assert!(!new(4, vec![], vec![], 2), "no channel");
        assert!(!new(4, vec![0], vec![1.0], 0), "no run");
        assert!(!new(4, vec![0], vec![1.0], usize::MAX), "no number");
        assert!(!new(4, vec![0], vec![f32::INFINITY], 1));
        assert!(!new(4, vec![0], vec![f32::MAX], 1));
        assert!(new(4, vec![199], vec![f32::MAX], 1));
    }
}
