//! What a card knows of the releases that a policy makes.

use std::num::NonZeroUsize;

use crate::front::{Cut, HeldLeakage};
use crate::policy::{Hold, Policy, Stage};

/// What an attack made of maps under this policy, where it only holds them, once and by Algorithm 1, or
/// leaves them as they are, but for the grid's rounding. Where the window itself was not measured, it is
/// the most that was made of one half as large or more: a larger window can show more than a smaller one,
/// where it divides a row evenly.
pub(crate) fn leakage<'a>(cut: &'a Cut, policy: &Policy) -> Option<&'a HeldLeakage> {
    let mut held = None;
    for stage in policy.stages() {
        match stage {
            Stage::Hold(hold) if held.is_none() && *hold == Hold::new(hold.window) => {
                held = Some(hold.window);
            }
            Stage::Grid(_) => {}
            Stage::Hold(_) | Stage::Channels(_) | Stage::Dp(_) => return None,
        }
    }
    let window = held.unwrap_or(NonZeroUsize::MIN);
    let near = |known: &&HeldLeakage| {
        known.window <= window && known.window.get() >= window.get().div_ceil(2)
    };
    let exact = cut.held().iter().find(|known| known.window == window);
    let worst = || cut.held().iter().filter(near).max_by(|a, b| a.psnr.total_cmp(&b.psnr));
    exact.or_else(worst)
}
