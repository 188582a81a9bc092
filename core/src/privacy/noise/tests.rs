//! The sampler against its table, and its samples against the distribution.

use super::*;

const BOTH: [GridInteger; 2] = [GridInteger::I8, GridInteger::I16];

/// The table as it was written, whatever the library carries of it.
fn listed(integer: GridInteger) -> Thresholds {
    match integer {
        GridInteger::I8 => I8_EXACT,
        GridInteger::I16 => I16_EXACT,
    }
}

/// `P(|Y| <= k)` of the continuous distribution, to f64.
fn cumulative(k: usize, sigma: f64) -> f64 {
    libm::erf((k as f64 + 0.5) / (sigma * std::f64::consts::SQRT_2))
}

#[test]
fn thresholds_are_the_distributions_own() {
    for integer in BOTH {
        let (table, exact) = (NoiseTable::of(integer), listed(integer));
        for k in 0..exact.len() {
            let got = exact.limbs(k)[0] as f64 / 2f64.powi(64);
            let wanted = cumulative(k, table.sigma);
            assert!((got - wanted).abs() < 4e-16, "{integer} k = {k}: {got} {wanted}");
        }
        assert!((1..exact.len()).all(|k| exact.limbs(k - 1) < exact.limbs(k)));
    }
}

/// The difference, which is not negative.
fn difference(larger: Limbs, smaller: Limbs) -> Limbs {
    assert!(larger >= smaller, "{larger:?} is below {smaller:?}");
    thresholds::minus(larger, smaller)
}

/// What every word means, counted; and what the rests say, subtracted: together they are the
/// table's own probabilities, to the last of 192 bits.
#[test]
fn words_and_rests_add_up_to_the_table() {
    for (integer, layout) in [(GridInteger::I8, NARROW), (GridInteger::I16, WIDE)] {
        let table = NoiseTable::of(integer);
        let (cells, undecided_bits) = match table.words {
            Words::Narrow(quick, cells) => (cells.map(u32::from).to_vec(), quick.undecided_bits),
            Words::Wide(quick) => (quick.cells.to_vec(), quick.undecided_bits),
        };
        let places = 1u64 << (layout.word_bits - layout.place_shift());
        let mut words = vec![0u64; cells.len()];
        for (own, cell) in cells.iter().enumerate() {
            let border = u64::from(cell >> layout.place_shift());
            words[own] += border;
            words[*cell as usize & (cells.len() - 1)] += places - border;
        }
        assert_eq!(words.iter().sum::<u64>(), 1 << layout.bits());
        let undecided = cells.len() - 1;
        assert_eq!(words[undecided], 1 << undecided_bits);

        let shift = layout.bits() - undecided_bits;
        let (exact, mut rests, mut before) = (listed(integer), [0; 3], [0; 3]);
        for k in 0..exact.len() {
            let up_to = table.rests_up_to(k, exact.limbs(k));
            // Ascending, so that bisection finds what a search in order would.
            let rest = difference(up_to, rests);
            let whole = words[..undecided].get(k).copied().unwrap_or(0);
            let [high, middle, low] = rest;
            assert_eq!(low << (64 - shift), 0, "rests are whole units of 2^-192");
            let unscaled = [
                (high >> shift) + (whole << (64 - layout.bits())),
                middle >> shift | high << (64 - shift),
                low >> shift | middle << (64 - shift),
            ];
            let wanted = difference(exact.limbs(k), before);
            assert_eq!(unscaled, wanted, "{integer}: probability of {k}");
            (rests, before) = (up_to, exact.limbs(k));
        }
    }
}

#[test]
fn a_word_is_seldom_undecided() {
    let bits = |words: &Words| match words {
        Words::Narrow(quick, _) => NARROW.bits() - quick.undecided_bits,
        Words::Wide(quick) => WIDE.bits() - quick.undecided_bits,
    };
    assert_eq!(bits(&I8.words), 9, "one in 2^9");
    assert_eq!(bits(&I16.words), 21, "one in 2^21");
}

#[test]
fn ties_of_64_bits_are_decided_by_the_lower_limbs() {
    for integer in BOTH {
        let (table, exact) = (NoiseTable::of(integer), listed(integer));
        for k in [0, 1, 7, 30, 100, exact.len() - 1] {
            let [high, middle, low] = table.rests_up_to(k, exact.limbs(k));
            assert_eq!(usize::from(table.decide_tie([high, middle, low])), k + 1);
            let below =
                if low > 0 { [high, middle, low - 1] } else { [high, middle - 1, u64::MAX] };
            assert_eq!(usize::from(table.decide_tie(below)), k);
        }
        assert_eq!(usize::from(table.decide_tie([u64::MAX; 3])), exact.len());
        assert_eq!(table.decide_tie([0; 3]), 0);
    }
}

#[test]
fn any_number_of_samples_can_be_drawn() {
    for integer in BOTH {
        for count in [0, 1, LANES - 1, LANES + 1, GROUP, GROUP + 1, 3 * GROUP - 5] {
            let mut noise = vec![i16::MIN; count];
            NoiseTable::of(integer).fill(&mut Random::from_os().unwrap(), &mut noise);
            assert!(noise.iter().all(|&steps| steps != i16::MIN), "{integer}, {count}");
        }
    }
}

const SAMPLES: usize = 1 << 28;

/// Beyond this many standard deviations a test fails once in a million runs.
const SIGMAS: f64 = 4.9;

/// How often each step came out, and the sum of products of neighbours.
fn count(table: &NoiseTable) -> (Vec<u64>, i64) {
    let mut random = Random::from_os().unwrap();
    let mut seen = vec![0u64; 1 << 16];
    let mut products = 0;
    let mut noise = vec![0i16; 1 << 16];
    for _ in 0..SAMPLES / noise.len() {
        table.fill(&mut random, &mut noise);
        for pair in noise.as_chunks::<2>().0 {
            products += i64::from(pair[0]) * i64::from(pair[1]);
        }
        for sample in &noise {
            seen[usize::from(*sample as u16)] += 1;
        }
    }
    (seen, products)
}

/// Pearson's chi-square against the exact mass (by Wilson and Hilferty's cube-root approximation),
/// the first four moments (Sheppard's corrections for rounding), and independence of neighbours.
#[test]
fn samples_follow_the_exact_mass() {
    for integer in BOTH {
        let table = NoiseTable::of(integer);
        let (seen, products) = count(table);
        let (sigma, samples) = (table.sigma, SAMPLES as f64);
        let seen_at = |k: i32| seen[usize::from(k as i16 as u16)] as f64;

        let half = (5.0 * sigma) as i32;
        let upper = |edge: f64| libm::erfc(edge / sigma / 2f64.sqrt()) / 2.0;
        let mut chi_square = 0.0;
        for k in -half..=half {
            let low = f64::from(k.abs()) - 0.5;
            let (mass, count) = if k.abs() == half {
                let outwards = (half..=i32::from(i16::MAX)).map(|at| seen_at(at * k.signum()));
                (upper(low), outwards.sum())
            } else {
                (upper(low) - upper(low + 1.0), seen_at(k))
            };
            chi_square += (count - mass * samples).powi(2) / (mass * samples);
        }
        let freedom = f64::from(2 * half);
        let spread = 2.0 / (9.0 * freedom);
        let normal = ((chi_square / freedom).cbrt() - (1.0 - spread)) / spread.sqrt();
        assert!(normal.abs() < SIGMAS, "{integer}: chi-square {chi_square} over {freedom}");

        let moment = |power: i32| {
            let sum = |k: i32| seen_at(k) * f64::from(k).powi(power);
            (-i32::from(i16::MAX)..=i32::from(i16::MAX)).map(sum).sum::<f64>() / samples
        };
        let square = sigma * sigma;
        for (name, got, wanted, deviation) in [
            ("mean", moment(1), 0.0, sigma),
            ("variance", moment(2), square + 1.0 / 12.0, 2f64.sqrt() * square),
            ("third moment", moment(3), 0.0, 15f64.sqrt() * sigma * square),
            (
                "fourth",
                moment(4),
                3.0 * square * square + square / 2.0,
                96f64.sqrt() * square * square,
            ),
            ("neighbours", 2.0 * products as f64 / samples, 0.0, 2f64.sqrt() * square),
        ] {
            let deviations = (got - wanted) / deviation * samples.sqrt();
            assert!(deviations.abs() < SIGMAS, "{integer}: {name} {got}, {deviations} deviations");
        }
    }
}
