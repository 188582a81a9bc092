"""The analytic Gaussian's curve, solved both ways, and the classical formula."""

from frostglass_lab.reference import gaussian

NAME = "calibration"

EPSILONS = [0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 20.0, 50.0, 100.0, 1000.0, 1e6]
DELTAS = [1e-2, 1e-3, 1e-5, 1e-6, 1e-8, 1e-10, 1e-15]
SIGMA_EPSILONS = EPSILONS + [0.001, 0.05, 0.75, 15.0, 1e4]
SIGMA_DELTAS = DELTAS + [0.1, 1e-20, 1e-30]
MUS = [1e-7, 1e-3, 0.01, 0.1, 0.268, 0.5, 1.0, 1.1212, 2.0, 5.0, 24.6, 100.0, 1837.0]


def document() -> dict[str, list[dict]]:
    deltas = [
        {"epsilon": epsilon, "mu": mu, "delta": float(gaussian.delta(epsilon, mu))}
        for epsilon in [0.0, *EPSILONS]
        for mu in MUS
    ]
    return {
        "sigma": [
            {
                "epsilon": epsilon,
                "delta": delta,
                "sigma": float(gaussian.sigma(epsilon, delta)),
                "classical_sigma": float(gaussian.classical_sigma(epsilon, delta)),
            }
            for epsilon in SIGMA_EPSILONS
            for delta in SIGMA_DELTAS
        ],
        "epsilon": [
            {"mu": mu, "delta": delta, "epsilon": float(gaussian.epsilon(mu, delta))}
            for mu in MUS
            for delta in DELTAS
        ],
        # Those that f64 can hold well away from its smallest numbers.
        "delta": [case for case in deltas if case["delta"] > 1e-280],
    }
