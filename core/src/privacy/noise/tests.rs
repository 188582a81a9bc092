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

/// How many words of a layout mean each outcome: what the sampler does with every one of them.
fn counted(cells: &[u64], layout: Layout) -> Vec<u128> {
    let mut words = vec![0u128; cells.len()];
    for (own, cell) in cells.iter().enumerate() {
        let border = u128::from(cell >> layout.place_shift());
        words[own] += border;
        words[*cell as usize & (cells.len() - 1)] += u128::from(layout.places()) - border;
    }
    words
}

/// The words of both levels of a grid, counted.
fn levels(integer: GridInteger) -> [(Vec<u128>, Division); 2] {
    let table = NoiseTable::of(integer);
    let (first, second) = match table.words {
        Words::Narrow(cells, rests) => {
            (counted(&cells.map(u64::from), NARROW), counted(&rests.cells, NARROW_RESTS))
        }
        Words::Wide(cells, rests) => {
            (counted(&cells.map(u64::from), WIDE), counted(&rests.cells, WIDE_RESTS))
        }
    };
    let [first_division, second_division] = table.divisions;
    [(first, first_division), (second, second_division)]
}

/// The probability of every magnitude, as the library carries it.
fn probabilities(integer: GridInteger) -> Vec<Limbs> {
    let mut masses = Vec::new();
    NoiseTable::of(integer).exact.for_each_mass(|k, mass| {
        assert_eq!(k, masses.len());
        masses.push(mass);
    });
    masses
}

/// A rest as it was before it was scaled up; no bit is lost.
fn unscaled([high, middle, low]: Limbs, division: Division) -> Limbs {
    let shift = division.bits - division.undecided_bits;
    assert_eq!(low << (64 - shift), 0, "rests are whole units of 2^-192");
    [high >> shift, middle >> shift | high << (64 - shift), low >> shift | middle << (64 - shift)]
}

/// What every word of 16 or 32 bits means, counted; what every word of 64 bits means that is drawn
/// where the first is undecided; and what is left to the table: together they are the table's own
/// probabilities, to the last of 192 bits.
#[test]
fn words_and_rests_add_up_to_the_table() {
    for integer in BOTH {
        let levels = levels(integer);
        for (words, division) in &levels {
            assert_eq!(words.iter().sum::<u128>(), 1 << division.bits);
            assert_eq!(words.last(), Some(&(1 << division.undecided_bits)), "undecided");
        }
        let [(first, before), (second, after)] = &levels;
        let decided = |words: &[u128], k: usize, division: &Division| {
            let whole = words[..words.len() - 1].get(k).copied().unwrap_or(0);
            [u64::try_from(whole << (64 - division.bits)).unwrap(), 0, 0]
        };
        let (exact, mut up_to) = (listed(integer), [0; 3]);
        let (mut rests, mut last) = ([0; 3], [0; 3]);
        for (k, mass) in probabilities(integer).into_iter().enumerate() {
            let rest = before.rest(k, mass);
            let rest_of_rest = after.rest(k, rest);
            let again = plus(decided(second, k, after), unscaled(rest_of_rest, *after));
            assert_eq!(again, rest, "{integer}: what a word leaves of {k}");
            let again = plus(decided(first, k, before), unscaled(rest, *before));
            assert_eq!(again, mass, "{integer}: probability of {k}");
            up_to = plus(up_to, mass);
            assert_eq!(up_to, exact.limbs(k), "{integer}: threshold of {k}");
            // Each sum stays below one: nothing was carried away.
            for (sum, rest) in [(&mut rests, rest), (&mut last, rest_of_rest)] {
                let next = plus(*sum, rest);
                assert!(next >= *sum, "{integer}: rests up to {k}");
                *sum = next;
            }
        }
        // What lies past the table has no word of the first kind, and all that is left of the rests.
        let past = minus([0; 3], up_to);
        let rest = before.rest(exact.len(), past);
        assert_eq!(plus(rests, rest), [0; 3], "rests sum to one");
        assert_eq!(plus(last, after.rest(exact.len(), rest)), [0; 3], "and theirs");
        let again = plus(decided(first, exact.len(), before), unscaled(rest, *before));
        assert_eq!(again, past);
        let rest_of_rest = unscaled(after.rest(exact.len(), rest), *after);
        assert_eq!(plus(decided(second, exact.len(), after), rest_of_rest), rest);
    }
}

/// The probability that more than `most` of a batch are undecided: the terms of the binomial
/// distribution above it shrink by more than half each, so they sum to less than twice the first.
fn more_than(most: i32, undecided: f64) -> f64 {
    let first = most + 1;
    assert!(undecided * BATCH as f64 / f64::from(first + 1) < 0.5);
    let ways =
        (0..first).map(|i| (BATCH as f64 - f64::from(i)) / f64::from(i + 1)).product::<f64>();
    2.0 * ways * undecided.powi(first) * (1.0 - undecided).powi(BATCH as i32 - first)
}

/// How seldom the work depends on what is drawn, as the module's text says it.
#[test]
fn work_is_the_same_but_for_these_odds() {
    let bits = |(_, division): &(_, Division)| division.bits - division.undecided_bits;
    for (integer, first, second, spares, batches) in
        [(GridInteger::I8, 9, 57, 48, 72), (GridInteger::I16, 21, 53, 8, 98)]
    {
        let levels = levels(integer);
        assert_eq!(bits(&levels[0]), first, "{integer}: a word is undecided once in 2^{first}");
        assert_eq!(bits(&levels[1]), second, "{integer}: the next, once in 2^{second}");
        let too_few = more_than(spares, 0.5f64.powi(first as i32));
        assert!(too_few < 0.5f64.powi(batches), "{integer}: 2^{}", too_few.log2());
    }
}

#[test]
fn what_two_words_leave_is_looked_for_in_the_table() {
    for integer in BOTH {
        let (table, mut sum) = (NoiseTable::of(integer), [0; 3]);
        let masses = probabilities(integer);
        let [first, second] = table.divisions;
        for (k, mass) in masses.iter().enumerate() {
            sum = plus(sum, second.rest(k, first.rest(k, *mass)));
            if [0, 1, 7, 30, 100, masses.len() - 1].contains(&k) {
                assert_eq!(usize::from(table.exact_magnitude(sum)), k + 1);
                assert_eq!(usize::from(table.exact_magnitude(minus(sum, [0, 0, 1]))), k);
            }
        }
        assert_eq!(usize::from(table.exact_magnitude([u64::MAX; 3])), masses.len());
        assert_eq!(table.exact_magnitude([0; 3]), 0);
    }
}

#[test]
fn any_number_of_samples_can_be_drawn() {
    for integer in BOTH {
        for count in [0, 1, LANES - 1, LANES + 1, GROUP, GROUP + 1, 3 * GROUP - 5, BATCH, BATCH + 1]
        {
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
