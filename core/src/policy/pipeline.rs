//! A policy resolved for one cut: every number decided, every buffer sized.

use std::sync::Arc;

use zeroize::Zeroize;

use super::Policy;
use super::stage::{Channels, Dp, GridStage, Stage};
use crate::error::{Error, ErrorKind, Result};
use crate::front::{Bound, Cut, Front, Reach};
use crate::grid::{Grid, GridInteger, GridStep};
use crate::privacy::{
    Adjacency, ClipBound, Mechanism, NoiseTable, PatchSide, Scope, Sensitivity, Tiled,
};
use crate::random::Random;
use crate::sanitize::{self, Hold, HoldWithin, NoisyNorm};

/// What a policy has to know of the map that it works on; all of it public.
#[derive(Clone, Debug)]
pub struct Site {
    /// Channels, rows and columns.
    pub shape: [usize; 3],
    /// What DP multiplies each channel by before it clips.
    pub gain: Vec<f32>,
    /// What DP adds to each channel after its gain.
    pub offset: Vec<f32>,
    /// The step of a plain release where the policy names none; none where there is no card, and
    /// such a policy then leaves the map as floats (a lab build's business).
    pub grid: Option<GridStep>,
    /// How far one input pixel reaches, where the front is known.
    pub reach: Option<Reach>,
    /// What lets values of the map fall below zero, in words, where something is known to: `dp`, which
    /// would cut them off, then refuses the map.
    pub negative: Option<String>,
    /// What rounding in tiles does to the map, where the front computes in some.
    pub(crate) rounding: Option<Arc<Bound>>,
}

impl Site {
    /// The map at a front's cut, as a session runs it: without tiles where there is noise.
    pub fn of(front: &Front) -> Self {
        let negative = front.negative().map(str::to_owned);
        let rounding = front.rounding().map(Arc::new);
        Self { negative, rounding, ..Self::at_cut(front.cut(), *front.receptive_field()) }
    }

    /// The map at a card's cut.
    pub fn at_cut(cut: &Cut, reach: Reach) -> Self {
        Self {
            shape: cut.shape(),
            gain: cut.gain().to_vec(),
            offset: cut.offset().to_vec(),
            grid: Some(cut.grid()),
            reach: Some(reach),
            negative: None,
            rounding: None,
        }
    }

    /// A map of which only the shape is known: gain 1, no default grid.
    #[cfg(feature = "lab")]
    pub fn bare(shape: [usize; 3]) -> Self {
        Self {
            shape,
            gain: vec![1.0; shape[0]],
            offset: vec![0.0; shape[0]],
            grid: None,
            reach: None,
            negative: None,
            rounding: None,
        }
    }
}

/// One resolved stage.
#[derive(Clone, Debug)]
enum Step {
    Channels(Vec<usize>),
    Hold(Hold),
    Dp { map: NoisyNorm, clip: Option<ClipBound> },
    Grid(Grid),
}

/// A policy resolved for one cut.
#[derive(Clone, Debug)]
pub struct Pipeline {
    steps: Vec<Step>,
    input: [usize; 3],
    channels: Channels,
    grid: Option<Grid>,
    mechanism: Option<Mechanism>,
    resolved: Policy,
}

impl Policy {
    /// Decides every number for the map at `site`: the channels that exist, the step of every grid,
    /// the noise that a `dp` stage takes.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] where a channel does not exist there or no noise fits.
    pub fn resolve(&self, site: &Site) -> Result<Pipeline> {
        let mut channels = Channels::new((0..site.shape[0]).collect())?;
        let (mut steps, mut resolved) = (Vec::new(), Vec::new());
        let (mut grid, mut mechanism) = (None, None);
        for stage in self.stages() {
            resolved.push(stage.clone());
            match stage {
                Stage::Channels(keep) => {
                    if let Some(&beyond) = keep.keep().iter().find(|&&c| c >= site.shape[0]) {
                        return Err(Error::new(
                            ErrorKind::Policy,
                            format!(
                                "channels: there is no channel {beyond} at this cut, which has 0-{}",
                                site.shape[0] - 1
                            ),
                        ));
                    }
                    channels = keep.clone();
                    steps.push(Step::Channels(keep.keep().to_vec()));
                }
                Stage::Hold(hold) => {
                    check_rows(hold, site)?;
                    steps.push(Step::Hold(*hold));
                }
                Stage::Dp(dp) => {
                    let (map, calibrated) = noisy_norm(dp, site, channels.keep())?;
                    grid = Some(map.grid);
                    steps.push(Step::Dp { map, clip: dp.clip() });
                    mechanism = Some(calibrated);
                }
                Stage::Grid(stage) => {
                    let step = stage.step().or(site.grid).ok_or_else(|| {
                        Error::new(
                            ErrorKind::Policy,
                            "grid needs a step where there is no card, as in grid(i8, step=2^-4)",
                        )
                    })?;
                    let chosen = Grid { integer: stage.integer(), step };
                    grid = Some(chosen);
                    steps.push(Step::Grid(chosen));
                    resolved.pop();
                    resolved.push(Stage::Grid(stage.resolved(step)));
                }
            }
        }
        if let (None, Some(step)) = (grid, site.grid) {
            let added = Grid { integer: GridInteger::I8, step };
            grid = Some(added);
            steps.push(Step::Grid(added));
            resolved.push(Stage::Grid(GridStage::new(added.integer).resolved(step)));
        }
        Ok(Pipeline {
            steps,
            input: site.shape,
            channels,
            grid,
            mechanism,
            resolved: Self::new(resolved)?,
        })
    }
}

/// Refuses windows within rows of one value, which would hold nothing.
fn check_rows(hold: &Hold, site: &Site) -> Result<()> {
    if hold.within == HoldWithin::Row && hold.window.get() > 1 && site.shape[2] == 1 {
        return Err(Error::new(
            ErrorKind::Policy,
            "hold: the rows of this map are one value long, so that within=row would hold nothing; leave it out",
        ));
    }
    Ok(())
}

/// DP-A's parameters on these channels, its step solved for.
fn noisy_norm(dp: &Dp, site: &Site, channels: &[usize]) -> Result<(NoisyNorm, Mechanism)> {
    if let Some(origin) = &site.negative {
        return Err(Error::new(
            ErrorKind::Policy,
            format!(
                "dp: activations at this cut can be below zero, by {origin}, and dp would cut them off; cut after a ReLU, or let the card say `signed = false`"
            ),
        ));
    }
    let scope = Scope { rows: site.shape[1], columns: site.shape[2], reach: site.reach };
    let sensitivity = Sensitivity::new(*dp.normalisation(), channels.len(), dp.clip());
    let mut mechanism = Mechanism::calibrate(scope, sensitivity, dp.target())
        .map_err(|error| Error::new(error.kind(), format!("dp: {}", error.message())))?;
    if let Some(rounding) = &site.rounding {
        let of = |values: &[f32]| channels.iter().map(|&c| values[c]).collect::<Vec<f32>>();
        let errors: Vec<f64> = channels.iter().map(|&c| rounding.errors[c]).collect();
        let tiled = Tiled::new(
            rounding.spans.clone(),
            &errors,
            &of(&site.gain),
            &of(&site.offset),
            dp.normalisation(),
        );
        if let Ok(in_tiles) = mechanism.in_tiles(Arc::new(tiled))
            && is_as_good(&in_tiles, &mechanism)
        {
            mechanism = in_tiles;
        }
    }
    let map = NoisyNorm {
        gain: channels.iter().map(|&c| site.gain[c]).collect(),
        offset: channels.iter().map(|&c| site.offset[c]).collect(),
        normalisation: *dp.normalisation(),
        grid: Grid { integer: mechanism.integer(), step: mechanism.step() },
    };
    Ok((map, mechanism))
}

/// What figures and steps in tiles may be of those without, at most.
const WORTH_TILES: f64 = 1.03;

/// Whether a mechanism costs a pixel about as little in tiles as without, and is about as fine.
fn is_as_good(in_tiles: &Mechanism, exact: &Mechanism) -> bool {
    let pixel = Adjacency::Patch(PatchSide::USUAL[0]);
    let [ours, theirs] = [in_tiles, exact].map(|mechanism| mechanism.spend(pixel));
    let cost =
        ours.zip(theirs).is_some_and(|(ours, theirs)| ours.epsilon <= WORTH_TILES * theirs.epsilon);
    cost && in_tiles.step().get() <= WORTH_TILES as f32 * exact.step().get()
}

/// The buffers of one pipeline, sized when a session opens: noise in steps, and scratch for a tile.
/// Wiped after every release and when dropped.
#[derive(Debug, Default)]
pub struct Workspace {
    noise: Vec<i16>,
    scratch: Vec<f32>,
}

impl Workspace {
    /// Overwrites the noise and whatever the stages left behind.
    pub fn wipe(&mut self) {
        self.noise.as_mut_slice().zeroize();
        self.scratch.as_mut_slice().zeroize();
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Pipeline {
    /// Channels, rows and columns of what leaves.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels.keep().len(), self.input[1], self.input[2]]
    }

    /// Values in what leaves.
    pub fn values(&self) -> usize {
        self.shape().iter().product()
    }

    /// The channels of the cut that leave, ascending.
    pub fn kept(&self) -> &Channels {
        &self.channels
    }

    /// The grid that the result lies on; none only where the site had no default.
    pub fn grid(&self) -> Option<Grid> {
        self.grid
    }

    /// The Gaussian mechanism, where the policy has one.
    pub fn mechanism(&self) -> Option<&Mechanism> {
        self.mechanism.as_ref()
    }

    /// The policy with every number written out: what a release's header says.
    pub fn policy(&self) -> &Policy {
        &self.resolved
    }

    /// Buffers for [`Pipeline::draw_noise`] and [`Pipeline::apply`].
    pub fn workspace(&self) -> Workspace {
        let mut workspace = Workspace::default();
        for step in &self.steps {
            if let Step::Dp { map, .. } = step {
                let positions = self.input[1] * self.input[2];
                workspace.noise = vec![0; map.gain.len() * positions];
                workspace.scratch = vec![0.0; map.scratch_len()];
            }
        }
        workspace
    }

    /// Draws the noise of one release, before the map is read: the time that it takes depends on
    /// nothing private. Does nothing where the policy has no `dp`.
    pub fn draw_noise(&self, workspace: &mut Workspace, random: &mut Random) {
        if let Some(mechanism) = &self.mechanism {
            NoiseTable::of(mechanism.integer()).fill(random, &mut workspace.noise);
        }
    }

    /// Runs the stages over `map` in place. What leaves is then its first [`Pipeline::values`]
    /// values: whole numbers of steps where the pipeline has a grid. Nothing is allocated.
    ///
    /// # Errors
    /// [`ErrorKind::Activations`] where sample-and-hold meets a value that is not finite.
    pub fn apply(&self, map: &mut [f32], workspace: &mut Workspace) -> Result<()> {
        let positions = self.input[1] * self.input[2];
        let mut values = self.input[0] * positions;
        let mut unit = 1.0;
        for step in &self.steps {
            let map = &mut map[..values];
            match step {
                Step::Channels(keep) => {
                    sanitize::select_channels(map, positions, keep);
                    values = keep.len() * positions;
                }
                Step::Hold(hold) => sanitize::sample_and_hold(map, self.input[2], *hold)?,
                Step::Dp { map: parameters, clip } => {
                    let Workspace { noise, scratch } = workspace;
                    let shrink = clip.map_or(1.0, |clip| {
                        let norm =
                            sanitize::norm_of_normalised_map(map, positions, parameters, scratch);
                        let (norm, clip) = (f64::from(norm), f64::from(clip.get()));
                        if norm > clip { clip / norm } else { 1.0 }
                    });
                    sanitize::noisy_norm(map, positions, parameters, shrink, noise, scratch);
                    unit = parameters.grid.step.get();
                }
                Step::Grid(grid) => {
                    sanitize::quantise(map, unit, *grid);
                    unit = grid.step.get();
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(shape: [usize; 3]) -> Site {
        Site {
            shape,
            gain: vec![1.0; shape[0]],
            offset: vec![0.0; shape[0]],
            grid: Some(GridStep::new(0.25).unwrap()),
            reach: None,
            negative: None,
            rounding: None,
        }
    }

    fn resolve(policy: &str, shape: [usize; 3]) -> Result<Pipeline> {
        policy.parse::<Policy>()?.resolve(&site(shape))
    }

    #[test]
    fn a_policy_without_a_grid_ends_on_the_cards() {
        let pipeline = resolve("hold(8)", [2, 3, 3]).unwrap();
        assert_eq!(pipeline.policy().to_string(), "hold(8)|grid(i8, step=2^-2)");
        assert_eq!(
            pipeline.grid(),
            Some(Grid { integer: GridInteger::I8, step: GridStep::new(0.25).unwrap() })
        );
        let pipeline = resolve("hold(8)|grid(i16, step=2^-6)", [2, 3, 3]).unwrap();
        assert_eq!(pipeline.policy().to_string(), "hold(8)|grid(i16, step=2^-6)");
    }

    #[test]
    fn channels_that_do_not_exist_are_named() {
        let error = resolve("channels(0-2)", [2, 3, 3]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Policy);
        assert_eq!(error.message(), "channels: there is no channel 2 at this cut, which has 0-1");
    }

    #[test]
    fn stages_run_in_order_on_what_the_one_before_left() {
        let pipeline = resolve("channels(1)|hold(2)", [2, 1, 4]).unwrap();
        let mut map = [9.0, 9.0, 9.0, 9.0, 1.0, 1.2, 3.0, 0.0];
        let mut workspace = pipeline.workspace();
        pipeline.apply(&mut map, &mut workspace).unwrap();
        assert_eq!(map[..pipeline.values()], [4.0, 4.0, 12.0, 12.0]);
    }

    #[test]
    fn noise_has_the_calibrated_size_and_the_map_under_it_is_floored() {
        let pipeline = resolve("dp(epsilon=5)", [4, 40, 40]).unwrap();
        let mechanism = pipeline.mechanism().unwrap();
        assert_eq!(mechanism.integer(), GridInteger::I8);
        let mut map = vec![0.5; 4 * 1600];
        let mut workspace = pipeline.workspace();
        pipeline.draw_noise(&mut workspace, &mut Random::from_os().unwrap());
        pipeline.apply(&mut map, &mut workspace).unwrap();
        let mean = map.iter().sum::<f32>() / 6400.0;
        let deviation = (map.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 6400.0).sqrt();
        // Five standard errors: 16 / sqrt(2 * 6400) is 0.14; windows of 3 and 4 channels differ by
        // less than one step around their mean.
        assert!((deviation - 16.0).abs() < 0.8, "{deviation}");
        workspace.wipe();
        assert!(workspace.noise.iter().all(|&steps| steps == 0));
    }

    #[test]
    fn a_clip_shrinks_the_whole_map() {
        let pipeline = resolve("dp(epsilon=1000, unit=image, clip=0.5)", [4, 4, 4]).unwrap();
        let grid = pipeline.grid().unwrap();
        let mut map = vec![1.0; 64];
        // No noise is drawn: the workspace starts at zero.
        pipeline.apply(&mut map, &mut pipeline.workspace()).unwrap();
        let norm = map.iter().map(|steps| (steps * grid.step.get()).powi(2)).sum::<f32>().sqrt();
        assert!(norm <= 0.5 && norm > 0.4, "{norm}");
    }
}
