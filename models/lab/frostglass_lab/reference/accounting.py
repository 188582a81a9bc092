"""What several releases cost together, and the paper's own calculators beside it.

Gaussian mechanisms compose exactly: mu^2 is the sum of the mu_i^2, and the total's (epsilon, delta)
follow from the same curve as one release's. The paper's equations 9, 10 and
Corollary 2 are calculators only: they feed no ledger and no receipt.
"""

import math

from mpmath import mp, mpf

from frostglass_lab.reference import gaussian


def total_mu(spends: list[tuple[float, int]]) -> float:
    """The mu of all (mu, count) together."""
    return math.sqrt(math.fsum(count * mu**2 for mu, count in spends))


def epsilon_of_total(spends: list[tuple[float, int]], delta: float) -> float:
    """Epsilon at `delta` by Gaussian differential privacy: exact."""
    return float(gaussian.epsilon(total_mu(spends), delta))


def rho_of_total(spends: list[tuple[float, int]]) -> float:
    """zCDP's rho = mu^2 / 2."""
    return total_mu(spends) ** 2 / 2


def zcdp_epsilon(rho: float, delta: float) -> float:
    """min over alpha > 1 of rho alpha + ln(1 - 1/alpha) - ln(alpha delta) / (alpha - 1) (Canonne,
    Kamath and Steinke 2020, Proposition 12), by thirds in the logarithm of alpha - 1."""
    with mp.workdps(40):
        rho, delta = mpf(rho), mpf(delta)

        def epsilon(log_excess):
            excess = mp.exp(log_excess)
            alpha = 1 + excess
            return rho * alpha + mp.log(excess / alpha) - mp.log(alpha * delta) / excess

        low, high = mpf(-40), mpf(40)
        for _ in range(120):
            third = (high - low) / 3
            if epsilon(low + third) < epsilon(high - third):
                high -= third
            else:
                low += third
        return max(0.0, float(epsilon((low + high) / 2)))


def amplified(epsilon: float, delta: float, rate: float) -> tuple[float, float]:
    """(epsilon', delta') where a fixed share `rate` of the set is drawn without replacement, in
    secret, and adjacent sets differ in one replaced member."""
    return math.log1p(rate * math.expm1(epsilon)), rate * delta


def paper_composed(epsilon: float, rate: float, rounds: int, delta_prime: float) -> float:
    """Equation 9: epsilon' = p_b epsilon sqrt(2 T ln(1/delta')) + p_b T epsilon (e^epsilon - 1)."""
    spread = rate * epsilon * math.sqrt(2 * rounds * math.log(1 / delta_prime))
    return spread + rate * rounds * epsilon * math.expm1(epsilon)


def paper_budget(epsilon_prime: float, rate: float, rounds: int, delta_prime: float) -> float:
    """Equation 10: epsilon = epsilon' / (2 p_b sqrt(2 T ln(1/delta')))."""
    return epsilon_prime / (2 * rate * math.sqrt(2 * rounds * math.log(1 / delta_prime)))


def paper_order(epsilon: float, rate: float, rounds: int) -> float:
    """Corollary 2: of the order of p_b epsilon_0 sqrt(T)."""
    return rate * epsilon * math.sqrt(rounds)


def paper_forward_bytes(epochs: int, images: int, height: int, width: int, channels: int) -> int:
    """Section V-C: 4 E N (p q m + 1) bytes, activations in f32 and one label an image."""
    return 4 * epochs * images * (height * width * channels + 1)
