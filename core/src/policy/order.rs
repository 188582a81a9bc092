//! Which stages may follow which: nothing that reads the image may stand before its noise.

use super::stage::Stage;
use crate::error::{Error, ErrorKind, Result};

/// Refuses an order that would break a promise, or that says the same thing twice.
pub(super) fn check(stages: &[Stage]) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::Policy, message));
    if stages.is_empty() {
        return wrong("a policy needs at least one stage: channels, hold, dp or grid".into());
    }
    for name in ["dp", "channels", "grid"] {
        if stages.iter().filter(|stage| stage.name() == name).count() > 1 {
            return wrong(format!("a policy has at most one {name} stage"));
        }
    }
    let dp = stages.iter().position(|stage| matches!(stage, Stage::Dp(_)));
    let before = stages[..dp.unwrap_or(0)].iter().find(|stage| stage.name() != "channels");
    if let Some(stage) = before {
        return wrong(format!(
            "{} stands before dp, where only channels may: what it computes from the image has no bound on its sensitivity; put it after dp",
            stage.name()
        ));
    }
    Ok(())
}
