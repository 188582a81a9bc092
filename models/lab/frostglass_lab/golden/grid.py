"""Plain quantisation: ties to even, saturation, both integers, steps of 2^k and others."""

import numpy as np

from frostglass_lab.golden.notation import f32, integers
from frostglass_lab.reference.grid import BOUND, quantise

NAME = "grid"

STEPS = [1.0, 0.5, 2.0**-4, 2.0**-5, 2.0**-10, 4.0, 0.1]


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(2)
    cases = []
    for integer, bound in BOUND.items():
        for step in STEPS:
            step = np.float32(step)
            halves = np.arange(-4.5, 5) * step
            ends = np.array([bound - 0.5, bound, bound + 0.5, bound + 1, 1e6 * bound]) * step
            special = [0.0, -0.0, 1e-45, -1e-45, np.inf, -np.inf, np.nan]
            drawn = random.normal(0, 40 * step, 16)
            values = np.concatenate([halves, ends, -ends, special, drawn]).astype(np.float32)
            cases.append(
                {
                    "integer": integer,
                    "step": f32(step),
                    "values": f32(values),
                    "steps": integers(quantise(values, integer, step)),
                }
            )
    return {"cases": cases}
