//! The accountants against the reference and other people's (`tests/golden/accounting.json`).

mod vectors;

use frostglass::privacy::accounting::{FixedSizeSampling, RenyiTotal, Total, paper};
use frostglass::privacy::{Delta, Epsilon, Mu};
use serde_json::Value;
use vectors::{cases, close, f64};

/// The totals of the reference, and those of other people's accountants on random schedules: within
/// 1e-6, and never below them.
#[test]
fn totals_of_many_releases() {
    let each = |case: &Value, list: &str| case[list].as_array().unwrap().clone();
    for case in cases("accounting", "totals") {
        let mut total = Total::default();
        for spend in each(&case, "spends") {
            total.add(Mu::new(f64(&spend["mu"])).unwrap(), spend["count"].as_u64().unwrap());
        }
        let delta = Delta::new(f64(&case["delta"])).unwrap();
        close(total.mu(), f64(&case["mu"]), 1e-9, &case);
        close(total.epsilon(delta), f64(&case["epsilon"]), 1e-9, &case);
        close(total.rho(), f64(&case["rho"]), 1e-9, &case);
        close(total.zcdp_epsilon(delta), f64(&case["zcdp_epsilon"]), 1e-9, &case);
    }
    let mut furthest = [0f64; 3];
    for case in cases("accounting", "schedules") {
        let (mut total, mut renyi) = (Total::default(), RenyiTotal::default());
        for release in each(&case, "releases") {
            let mu = Mu::new(f64(&release["mu"])).unwrap();
            let count = release["count"].as_u64().unwrap();
            total.add(mu, count);
            let sampling = FixedSizeSampling::new(f64(&release["rate"])).unwrap();
            renyi.add_sampled(mu, count, sampling);
        }
        let delta = Delta::new(f64(&case["delta"])).unwrap();
        let ours = [total.epsilon(delta), total.zcdp_epsilon(delta), renyi.epsilon(delta).0];
        for ((got, oracle), furthest) in
            ours.into_iter().zip(["gaussian", "zcdp", "renyi"]).zip(&mut furthest)
        {
            let wanted = f64(&case[oracle]);
            let above = (got - wanted) / wanted.max(1.0);
            assert!((-1e-9..=1e-6).contains(&above), "{oracle}: {got} is not {wanted}: {case}");
            *furthest = furthest.max(above.abs());
        }
    }
    println!("furthest from gaussian, zcdp and renyi: {furthest:?}");
}

#[test]
fn amplification_and_the_papers_calculators() {
    for case in cases("accounting", "amplified") {
        let sampling = FixedSizeSampling::new(f64(&case["rate"])).unwrap();
        let (epsilon, delta) = sampling.amplify(
            Epsilon::new(f64(&case["epsilon"])).unwrap(),
            Delta::new(f64(&case["delta"])).unwrap(),
        );
        close(epsilon, f64(&case["amplified"][0]), 1e-12, &case);
        close(delta, f64(&case["amplified"][1]), 1e-12, &case);
    }
    for case in cases("accounting", "paper") {
        let [epsilon, rate, delta_prime] =
            ["epsilon", "rate", "delta_prime"].map(|key| f64(&case[key]));
        let rounds = case["rounds"].as_u64().unwrap();
        let ninth = paper::composed_epsilon(epsilon, rate, rounds, delta_prime);
        close(ninth, f64(&case["equation_9"]), 1e-12, &case);
        let tenth = paper::release_epsilon(epsilon, rate, rounds, delta_prime);
        close(tenth, f64(&case["equation_10"]), 1e-12, &case);
        let second = paper::order_of_epsilon(epsilon, rate, rounds);
        close(second, f64(&case["corollary_2"]), 1e-12, &case);
    }
    for case in cases("accounting", "forward_bytes") {
        let number = |key: &str| case[key].as_u64().unwrap();
        let shape = ["channels", "height", "width"].map(number);
        let bytes = paper::forward_bytes(number("epochs"), number("images"), shape);
        assert_eq!(bytes, number("bytes"), "{case}");
    }
}
