"""The Gaussian mechanism's promise, at high precision.

A Gaussian mechanism is its mu = sensitivity / sigma. By Balle and Wang (2018, Theorem 8) it is
(epsilon, delta)-differentially private exactly when

    delta >= Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu),

for every epsilon >= 0. Everything here is solved from that line by bisection with 60 digits.
"""

from mpmath import mp, mpf

DIGITS = 60


def delta(epsilon, mu) -> mpf:
    """The smallest delta at `epsilon`."""
    with mp.workdps(DIGITS):
        epsilon, mu = mpf(epsilon), mpf(mu)
        near, far = mu / 2 - epsilon / mu, -mu / 2 - epsilon / mu
        return +(mp.ncdf(near) - mp.exp(epsilon) * mp.ncdf(far))


def mu(epsilon, at_delta) -> mpf:
    """The largest mu that keeps (epsilon, delta)."""
    with mp.workdps(DIGITS):
        at_delta = mpf(at_delta)
        low, high = mpf(0), mpf(1)
        while delta(epsilon, high) <= at_delta:
            low, high = high, 2 * high
        return _bisect(low, high, lambda middle: delta(epsilon, middle) > at_delta)


def sigma(epsilon, at_delta) -> mpf:
    """The analytic Gaussian's noise for sensitivity 1."""
    with mp.workdps(DIGITS):
        return 1 / mu(epsilon, at_delta)


def epsilon(mu_, at_delta) -> mpf:
    """The smallest epsilon at `at_delta`; 0 where delta alone covers the mechanism."""
    with mp.workdps(DIGITS):
        at_delta = mpf(at_delta)
        if mu_ == 0 or delta(0, mu_) <= at_delta:
            return mpf(0)
        low, high = mpf(0), mpf(1)
        while delta(high, mu_) > at_delta:
            low, high = high, 2 * high
        return _bisect(low, high, lambda middle: delta(middle, mu_) <= at_delta)


def classical_sigma(epsilon_, delta_) -> mpf:
    """The paper's sqrt(2 ln(1.25/delta)) / epsilon for sensitivity 1, proven for epsilon < 1."""
    with mp.workdps(DIGITS):
        return mp.sqrt(2 * mp.log(mpf("1.25") / mpf(delta_))) / mpf(epsilon_)


def _bisect(low: mpf, high: mpf, holds) -> mpf:
    """Where `holds` turns from false (at low) to true (at high), to a relative 2^-150."""
    for _ in range(160):
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
