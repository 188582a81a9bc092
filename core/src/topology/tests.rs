use super::*;

fn candidate(depth: u32, channels: u32, psnr: f64) -> Candidate {
    Candidate { depth, channels, figures: figures(psnr) }
}

fn figures(psnr: f64) -> Figures {
    Figures { psnr: Some(psnr), ..Figures::default() }
}

/// The deepest, or the shallowest, and then the widest is chosen of whatever is within the limits, and
/// nothing else: for every set of limits on a grid of candidates.
#[test]
fn no_candidate_within_the_limits_is_preferred_to_the_chosen_one() {
    let candidates: Vec<_> = (1..=5)
        .flat_map(|depth| (1..=4).map(move |channels| (depth, channels)))
        .map(|(depth, channels)| Candidate {
            depth,
            channels,
            figures: Figures {
                latency_microseconds: Some(f64::from(depth * channels)),
                memory_bytes: Some(u64::from(10 * depth + channels)),
                energy_joules: Some(f64::from(depth)),
                psnr: Some(f64::from(20 + channels - 3 * depth)),
            },
        })
        .collect();
    for (latency, psnr, memory) in (0..=20).flat_map(|latency| {
        (5..=22).flat_map(move |psnr| [20, 42, 60].map(|memory| (latency, psnr, memory)))
    }) {
        let limits = Figures {
            latency_microseconds: Some(f64::from(latency)),
            memory_bytes: Some(memory),
            energy_joules: None,
            psnr: Some(f64::from(psnr)),
        };
        let within: Vec<_> = candidates
            .iter()
            .filter(|of| {
                of.depth * of.channels <= latency
                    && u64::from(10 * of.depth + of.channels) <= memory
                    && 20 + of.channels <= psnr + 3 * of.depth
            })
            .map(|of| (of.depth, of.channels))
            .collect();
        let deepest = within.iter().copied().max();
        let least = within.iter().map(|of| of.0).min();
        let shallowest = within.iter().copied().filter(|of| Some(of.0) == least).max();
        for (demand, expected) in [(PrivacyDemand::High, deepest), (PrivacyDemand::Low, shallowest)]
        {
            let selection = select(&candidates, &limits, demand);
            let chosen = selection.as_ref().ok().map(|selection| candidates[selection.chosen]);
            assert_eq!(chosen.map(|of| (of.depth, of.channels)), expected, "{limits:?}");
            let beyond = match selection {
                Ok(selection) => selection.beyond,
                Err(none) => none.beyond,
            };
            assert_eq!(beyond.iter().filter(|beyond| beyond.is_empty()).count(), within.len());
        }
    }
}

#[test]
fn a_figure_or_a_limit_that_is_no_number_is_never_within() {
    let sound = candidate(1, 1, 20.0);
    for (candidates, limits) in [
        ([candidate(2, 1, f64::NAN), sound], figures(25.0)),
        ([candidate(2, 1, f64::INFINITY), sound], figures(25.0)),
    ] {
        let selection = select(&candidates, &limits, PrivacyDemand::High).unwrap();
        assert_eq!(selection.chosen, 1);
        assert_eq!(selection.beyond, [vec![Quantity::Leakage], vec![]]);
        let none = select(&candidates, &figures(10.0), PrivacyDemand::High).unwrap_err();
        assert_eq!(none.closest, Some(1), "what is known comes closer than what is not");
    }
    let none = select(&[sound], &figures(f64::NAN), PrivacyDemand::Low).unwrap_err();
    assert_eq!((none.closest, none.beyond), (Some(0), vec![vec![Quantity::Leakage]]));
}

/// A tenth over in memory is 0.4 dB, and comes closer than 1 dB of leakage; twice the time is 3 dB, and
/// does not.
#[test]
fn excesses_of_unlike_quantities_are_compared_in_decibels() {
    let of = |latency: f64, memory, psnr| Candidate {
        depth: 1,
        channels: 1,
        figures: Figures {
            latency_microseconds: Some(latency),
            memory_bytes: Some(memory),
            energy_joules: None,
            psnr: Some(psnr),
        },
    };
    let limits = Figures { energy_joules: None, ..of(100.0, 1000, 20.0).figures };
    let leaky = of(100.0, 1000, 21.0);
    let closest = |candidates: &[Candidate]| {
        select(candidates, &limits, PrivacyDemand::High).unwrap_err().closest
    };
    assert_eq!(closest(&[leaky, of(100.0, 1100, 20.0)]), Some(1));
    assert_eq!(closest(&[leaky, of(200.0, 1000, 20.0)]), Some(0));
    // The largest counts, not how many there are.
    assert_eq!(closest(&[leaky, of(110.0, 1100, 20.5)]), Some(1));
}
