"""Which grid and which step a DP-A release takes: the noise is fixed, the step carries the promise.

The step is the smallest at which the map, counted in steps, moves no further than the fixed noise
covers: Delta(s) * sigma(epsilon, delta) <= 16 on i8, 256 on i16. It is stated in f32, rounded up.
i8 is taken unless the clean map reaches further than 60 steps or rounding costs over 2 % of noise.
"""

import math
from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference import gaussian, sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.grid import NOISE_SIGMA

I8_RANGE = 60
I8_COST = 1.02


@dataclass(frozen=True)
class Chosen:
    """One grid and its step; `rounding_cost` is its noise over that of a grid without rounding."""

    integer: str
    step: float
    step_f32: np.float32
    clean_range: float
    rounding_cost: float


def for_activation(constants: Normalisation, epsilon: float, delta: float) -> list[Chosen]:
    """What each grid would take, i8 first; without a grid whose noise flooring alone passes."""
    sigma = float(gaussian.sigma(epsilon, delta))
    options = []
    for integer, noise in NOISE_SIGMA.items():
        step = sensitivity.smallest_activation_step(constants, noise / sigma)
        if step is not None:
            unrounded = sensitivity.inflation(constants) * sensitivity.activation(constants) * sigma
            options.append(_option(constants, integer, step, unrounded))
    return options


def for_positions(
    constants: Normalisation, channels: int, positions: int, epsilon: float, delta: float
) -> list[Chosen]:
    """The same where any change at `positions` positions is to be covered: a patch or an image."""
    sigma = float(gaussian.sigma(epsilon, delta))
    moved = sensitivity.positions_in_steps(constants, channels, 1.0, positions)
    return [
        _option(constants, integer, moved * sigma / noise, moved * sigma)
        for integer, noise in NOISE_SIGMA.items()
    ]


def chosen(options: list[Chosen]) -> Chosen:
    """The first that serves: i8 unless its range or its rounding is against it."""
    for option in options:
        fits = option.clean_range <= I8_RANGE and option.rounding_cost <= I8_COST
        if option.integer == "i16" or fits:
            return option
    raise ValueError("no grid carries so much noise")


def _option(constants: Normalisation, integer: str, step: float, unrounded: float) -> Chosen:
    step_f32 = np.float32(step)
    if float(step_f32) < step:
        step_f32 = np.nextafter(step_f32, np.float32(math.inf))
    largest = sensitivity.unit(constants) * float(sensitivity.own_output(0.0, constants))
    return Chosen(
        integer=integer,
        step=step,
        step_f32=step_f32,
        clean_range=largest / float(step_f32),
        rounding_cost=float(step_f32) * NOISE_SIGMA[integer] / unrounded,
    )
