"""What several releases cost together: the reference, other people's accountants on random
schedules, and the paper's calculators."""

import numpy as np

from frostglass_lab.reference import accounting, oracles

NAME = "accounting"

SPENDS = [
    [(0.268, 1)],
    [(0.268, 10), (1.1212, 3)],
    [(0.05, 10_000)],
    [(24.6, 2), (0.1, 100)],
]
DELTAS = [1e-5, 1e-8]
SCHEDULES = 50
RATES = [0.001, 0.004, 0.01, 0.05, 0.1, 0.3]


def schedules() -> list[tuple[oracles.Schedule, float]]:
    """Random ones: the first half sampled in part, the second not at all."""
    random = np.random.default_rng(6)
    found = []
    for number in range(SCHEDULES):
        schedule = []
        for _ in range(random.integers(1, 5)):
            mu = round(float(10 ** random.uniform(-2, 1)), 6)
            count = int(10 ** random.uniform(0, 3.5))
            sampled = number < SCHEDULES // 2 and random.random() < 0.7
            schedule.append((mu, count, float(random.choice(RATES)) if sampled else 1.0))
        found.append((schedule, float(random.choice([1e-3, 1e-5, 1e-8]))))
    return found


def document() -> dict[str, list[dict]]:
    return {
        "totals": [
            {
                "spends": [{"mu": mu, "count": count} for mu, count in spends],
                "delta": delta,
                "mu": accounting.total_mu(spends),
                "epsilon": accounting.epsilon_of_total(spends, delta),
                "rho": accounting.rho_of_total(spends),
                "zcdp_epsilon": accounting.zcdp_epsilon(accounting.rho_of_total(spends), delta),
            }
            for spends in SPENDS
            for delta in DELTAS
        ],
        "schedules": [
            {
                "releases": [{"mu": mu, "count": n, "rate": rate} for mu, n, rate in schedule],
                "delta": delta,
                "gaussian": oracles.gaussian_epsilon(schedule, delta),
                "zcdp": oracles.zcdp_epsilon(schedule, delta),
                "renyi": oracles.renyi_epsilon(schedule, delta),
            }
            for schedule, delta in schedules()
        ],
        "amplified": [
            {
                "epsilon": epsilon,
                "delta": 1e-5,
                "rate": rate,
                "amplified": list(accounting.amplified(epsilon, 1e-5, rate)),
            }
            for epsilon in (0.1, 1.0, 5.0)
            for rate in (0.001, 0.1, 1.0)
        ],
        "paper": [
            {
                "epsilon": epsilon,
                "rate": rate,
                "rounds": rounds,
                "delta_prime": 1e-5,
                "equation_9": accounting.paper_composed(epsilon, rate, rounds, 1e-5),
                "corollary_2": accounting.paper_order(epsilon, rate, rounds),
                "equation_10": accounting.paper_budget(epsilon, rate, rounds, 1e-5),
            }
            for epsilon in (0.5, 5.0)
            for rate, rounds in ((0.01, 100), (0.001, 10_000))
        ],
        "forward_bytes": [
            {
                "epochs": e,
                "images": n,
                "height": p,
                "width": q,
                "channels": m,
                "bytes": accounting.paper_forward_bytes(e, n, p, q, m),
            }
            for e, n, p, q, m in ((1, 1, 224, 224, 64), (10, 5000, 32, 32, 64))
        ],
    }
