"""Sweeps over windows: the chosen window, eff_san, inversions."""

from dataclasses import asdict

import numpy as np

from frostglass_lab.reference import sanitisation

NAME = "sanitisation"

SWEEPS = {
    "falls steadily": [0.9, 0.7, 0.5, 0.3, 0.2, 0.1],
    "steps of 1e-6 and under do not count": [0.5, 0.5 + 5e-7, 0.5 + 1.2e-6, 0.5 - 9e-7, 0.500001],
    "rises again, twice": [0.8, 0.4, 0.6, 0.5, 0.55, 0.1],
    "falls to nothing": [0.6, 0.2, 0.0, 0.0],
    "edges of the bins": [1.0, 0.8, 0.79, 0.2, 0.19],
}
GAMMAS = [0.5, 1.0, 2.0, 5.0, 30.0]
BEFORE = 0.96


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(5)
    sweeps = dict(SWEEPS)
    steps = np.arange(149)
    noisy = 0.9 * np.exp(-steps / 30) + random.normal(0, 0.02, 149)
    sweeps["a whole sweep"] = [round(float(p), 7) for p in np.clip(noisy, 0, 1)]
    return {
        "cases": [
            {
                "name": name,
                "before": BEFORE,
                "after": after,
                "privacy_loss": [sanitisation.privacy_loss(BEFORE, p) for p in after],
                "chosen": [
                    {"gamma": gamma, "window": sanitisation.chosen(gamma, BEFORE, after)}
                    for gamma in GAMMAS
                ],
                **asdict(sanitisation.sweep(after)),
            }
            for name, after in sweeps.items()
        ]
    }
