//! What a policy's text may and may not say.

use super::*;
use crate::error::ErrorKind;

fn parse(text: &str) -> Result<Policy> {
    text.parse()
}

#[test]
fn printing_and_parsing_are_inverse() {
    for text in [
        "hold(8)",
        " hold ( 8 , rule = nearest-mean ) ",
        "hold(within=row, 12, rule=median)",
        "channels(0-15,20)|hold(1)",
        "channels(3,1,2,0)",
        "dp",
        "dp()",
        "dp(epsilon=5, delta=1e-5)",
        "channels(0-7) | dp(epsilon=0.5,unit=patch(8),clip=2.5,a_max=3,u=7,alpha=2,beta=0.75,gamma=1) | hold(4)",
        "dp(unit=image)|grid(i8, step=0.3)",
        "dp(calibration=paper)",
        "grid(i16, step=2^-4)",
        "grid",
        "grid(step=3e-2)",
    ] {
        let policy = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parse(&policy.to_string()).unwrap(), policy, "{text} prints as {policy}");
    }
    assert_eq!(parse("channels(3,1,2,0, 9)").unwrap().to_string(), "channels(0-3,9)");
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    for (text, says) in [
        ("", "at least one stage"),
        ("  ", "at least one stage"),
        ("|hold(8)", "a stage is empty"),
        ("hold(8)|", "a stage is empty"),
        ("blur(3)", "there are channels, hold, dp and grid"),
        ("hold", "hold needs a window"),
        ("hold()", "hold needs a window"),
        ("hold(0)", "at least 1"),
        ("hold(-1)", "at least 1"),
        ("hold(2.5)", "at least 1"),
        ("hold(99999999999999999999999)", "at least 1"),
        ("hold(8, 9)", "one window"),
        ("hold(8, rule=mode)", "there are nearest-mean, median, largest and first"),
        ("hold(8, within=tile)", "there are map and row"),
        ("hold(8, rule=first, rule=first)", "given twice"),
        ("hold(8, size=9)", "there are rule and within"),
        ("hold(8", "never closed"),
        ("hold)8(", "no opening one"),
        ("hold(8)x", "behind a closing parenthesis"),
        ("dp(5)", "has no key"),
        ("dp(epsilon=0)", "epsilon must be above 0"),
        ("dp(epsilon=-1)", "epsilon must be above 0"),
        ("dp(epsilon=NaN)", "finite number"),
        ("dp(epsilon=inf)", "finite number"),
        ("dp(epsilon=)", "finite number"),
        ("dp(epsilon=1, epsilon=2)", "given twice"),
        ("dp(delta=0)", "delta must be"),
        ("dp(delta=1)", "delta must be"),
        ("dp(a_max=0)", "a_max must be at least 1e-6"),
        ("dp(delta=0.011)", "delta must be at most 0.01"),
        ("dp(u=0)", "1 to 255"),
        ("dp(u=five)", "whole number"),
        ("dp(alpha=-1)", "alpha must be"),
        ("dp(beta=9)", "beta must be"),
        ("dp(gamma=0)", "gamma must be"),
        ("dp(clip=-2)", "clip must be at least 1e-6"),
        ("dp(noise=3)", "there are epsilon, delta"),
        ("dp(unit=pixel)", "there are activation, patch(PIXELS) and image"),
        ("dp(unit=patch)", "patch(PIXELS)"),
        ("dp(unit=patch(0))", "1 to 65536"),
        ("dp(unit=patch(x))", "whole number of pixels"),
        ("dp(unit=image, calibration=paper)", "one activation only"),
        ("dp(calibration=magic)", "analytic and paper"),
        ("hold(8)|dp(epsilon=5)", "hold stands before dp"),
        ("grid(i8)|dp(epsilon=5)", "grid stands before dp"),
        ("dp(epsilon=5)|dp(epsilon=5)", "at most one dp"),
        ("grid|grid", "at most one grid"),
        ("channels(0)|channels(1)", "at most one channels"),
        ("channels", "channels needs the channels"),
        ("channels(5-2)", "runs backwards"),
        ("channels(1,1)", "listed twice"),
        ("channels(0-3,2)", "listed twice"),
        ("channels(-1)", "neither a channel nor a range"),
        ("channels(0-99999999999)", "more channels"),
        ("channels(70000)", "beyond the largest channel"),
        ("channels(secret, 16)", "device secret"),
        ("grid(i32)", "grid takes i8 or i16"),
        ("grid(i8, i16)", "grid takes i8 or i16"),
        ("grid(step=0)", "above 0"),
        ("grid(step=-1)", "above 0"),
        ("grid(step=2^9999)", "above 0"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Policy, "{text}");
        assert!(error.message().contains(says), "{text}: {error}");
        assert_eq!(error.message().lines().count(), 1, "{text}: {error}");
    }
    assert!(parse(&"hold(2)|".repeat(40_000)).unwrap_err().message().contains("at most"));
}

#[test]
fn what_follows_dp_may_be_anything_that_reads_only_its_input() {
    for text in ["dp|hold(8)", "dp|channels(0)", "channels(0-3)|dp|hold(2)|grid(i8,step=1)"] {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z0-9(),|=^. -]{0,40}") {
        if let Ok(policy) = parse(&text) {
            proptest::prop_assert_eq!(parse(&policy.to_string()).unwrap(), policy);
        }
    }
}
