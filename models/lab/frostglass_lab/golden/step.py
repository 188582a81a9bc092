"""The step and the grid that (epsilon, delta) lead to."""

from dataclasses import asdict

from frostglass_lab.golden.notation import f32
from frostglass_lab.reference import mechanism
from frostglass_lab.reference.dp_map import Normalisation

NAME = "step"

# Channels are 64 unless said. Where epsilon is small the grid is coarse, and a change at one
# position is the smaller bound.
ACTIVATION = [
    (Normalisation(), [0.001, 0.02, 0.2, 0.4, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 20.0, 100.0]),
    (Normalisation(a_max=3.0), [1.0, 5.0]),
    (Normalisation(beta=0.75, a_max=2.0), [1.0, 5.0]),
    (Normalisation(width=1), [0.5, 5.0]),
    (Normalisation(width=9), [0.5, 5.0]),
    # Where tau is large and beta above 1/2 the maximum lies near 1 / (tau (2 beta - 1)).
    (Normalisation(beta=0.75, a_max=1e6), [1.0, 5.0, 20.0]),
    (Normalisation(beta=4.0, width=9, a_max=2000.0, alpha=100.0, gamma=1.0), [1.0, 5.0]),
    (Normalisation(beta=1.0, a_max=1000.0), [1.0, 20.0]),
]
CHANNELS = 64
POSITIONS = [
    (Normalisation(), 64, 9, [1.0, 5.0]),
    (Normalisation(), 64, 50176, [1.0, 50.0]),
    (Normalisation(beta=1.0, a_max=2.0), 32, 100, [5.0]),
    (Normalisation(), 256, 4, [5.0, 1e4]),
]
DELTA = 1e-5


def document() -> dict[str, list[dict]]:
    return {
        "activation": [
            asdict(c) | _case(mechanism.for_activation(c, CHANNELS, epsilon, DELTA), epsilon)
            for c, epsilons in ACTIVATION
            for epsilon in epsilons
        ],
        "positions": [
            asdict(c)
            | {"channels": m, "positions": n}
            | _case(mechanism.for_positions(c, m, n, epsilon, DELTA), epsilon)
            for c, m, n, epsilons in POSITIONS
            for epsilon in epsilons
        ],
    }


def _case(options: list[mechanism.Chosen], epsilon: float) -> dict:
    return {
        "epsilon": epsilon,
        "delta": DELTA,
        "chosen": mechanism.chosen(options).integer,
        "options": [
            {
                "integer": option.integer,
                "step": option.step,
                "step_f32": f32(option.step_f32),
                "clean_range": option.clean_range,
                "rounding_cost": option.rounding_cost,
            }
            for option in options
        ],
    }
