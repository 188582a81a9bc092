//! The paper's own formulas for several rounds (*dp-activations*, sections IV to VI), as calculators.
//!
//! They feed no ledger and no receipt. They compose (epsilon, delta) pairs where the exact total of
//! Gaussian mechanisms is smaller, multiply by a sampling rate where the paper's argument gives no
//! such factor, and stand for one activation only.

/// Equation 9: `epsilon' = p_b epsilon sqrt(2 T ln(1/delta')) + p_b T epsilon (e^epsilon - 1)` for T
/// rounds of releases that cost `epsilon` each, p_b being the share of the set in a batch.
pub fn composed_epsilon(epsilon: f64, rate: f64, rounds: u64, delta_prime: f64) -> f64 {
    let rounds = rounds as f64;
    let spread = rate * epsilon * (2.0 * rounds * -delta_prime.ln()).sqrt();
    spread + rate * rounds * epsilon * epsilon.exp_m1()
}

/// The delta that goes with equation 9: `p_b T delta + delta'`.
pub fn composed_delta(delta: f64, rate: f64, rounds: u64, delta_prime: f64) -> f64 {
    rate * rounds as f64 * delta + delta_prime
}

/// Equation 10: the epsilon of one release that leads to `epsilon_prime` after T rounds,
/// `epsilon' / (2 p_b sqrt(2 T ln(1/delta')))`.
pub fn release_epsilon(epsilon_prime: f64, rate: f64, rounds: u64, delta_prime: f64) -> f64 {
    epsilon_prime / (2.0 * rate * (2.0 * rounds as f64 * -delta_prime.ln()).sqrt())
}

/// Corollary 2: after T rounds, epsilon is of the order of `p_b epsilon_0 sqrt(T)`. The constant is
/// not given.
pub fn order_of_epsilon(epsilon: f64, rate: f64, rounds: u64) -> f64 {
    rate * epsilon * (rounds as f64).sqrt()
}

/// Section V-C: bytes sent forward in training, `4 E N (p q m + 1)`: activations in f32 and one label
/// an image, over E epochs of N images.
pub fn forward_bytes(epochs: u64, images: u64, shape: [u64; 3]) -> u64 {
    let [channels, rows, columns] = shape;
    4 * epochs * images * (channels * rows * columns + 1)
}
