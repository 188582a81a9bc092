"""Which grid and which step a DP-A release takes: the noise is fixed, the step carries the promise.

The step is the smallest at which the map, counted in steps, moves no further than the fixed noise
covers: Delta(s) * sigma(epsilon, delta) <= 16 on i8, 256 on i16. It is stated in f32, rounded up. What the
sampler lacks of exact noise is taken off epsilon and delta beforehand, so that one release costs at
most its epsilon. i8 is taken unless the clean map reaches further than 60 steps or rounding costs over 2 % of noise.
"""

import math
from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference import gaussian, sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.grid import NOISE_SIGMA

I8_RANGE = 60
I8_COST = 1.02
ETA = 2.0**-40
"""|ln p~/p| of the sampler, for one value."""
LEFT_OUT = 2.0**-147
"""What the sampler's table leaves out, for one value."""
SPARE = 2.0**-40
"""The share of mu that is left unused."""


@dataclass(frozen=True)
class Chosen:
    """One grid and its step; `rounding_cost` is its noise over that of a grid without rounding."""

    integer: str
    step: float
    step_f32: np.float32
    clean_range: float
    rounding_cost: float


def for_activation(
    constants: Normalisation, channels: int, epsilon: float, delta: float
) -> list[Chosen]:
    """What each grid would take, i8 first."""
    sigma = _sigma(min(2 * constants.reach + 1, channels), epsilon, delta)
    options = []
    for integer, noise in NOISE_SIGMA.items():
        step = sensitivity.smallest_activation_step(constants, channels, noise / sigma)
        fine = float(_in_f32(step)) * 2.0**-60
        unrounded = sensitivity.activation_in_steps(constants, fine)
        unrounded = min(unrounded, sensitivity.positions_in_steps(constants, channels, fine, 1))
        options.append(_option(constants, integer, step, unrounded * fine * sigma))
    return options


def for_positions(
    constants: Normalisation, channels: int, positions: int, epsilon: float, delta: float
) -> list[Chosen]:
    """The same where any change at `positions` positions is to be covered: a patch or an image."""
    sigma = _sigma(channels * positions, epsilon, delta)
    moved = sensitivity.positions_in_steps(constants, channels, 1.0, positions)
    return [
        _option(constants, integer, moved * sigma / noise, moved * sigma)
        for integer, noise in NOISE_SIGMA.items()
    ]


def _sigma(values: int, epsilon: float, delta: float) -> float:
    """The noise for sensitivity 1 once the sampler's error over so many values is paid for."""
    error = values * ETA
    left = (delta - values * LEFT_OUT) * math.exp(-error)
    return float(gaussian.sigma(epsilon - 2 * error, left)) / (1 - SPARE)


def chosen(options: list[Chosen]) -> Chosen:
    """The first that serves: i8 unless its range or its rounding is against it."""
    for option in options:
        fits = option.clean_range <= I8_RANGE and option.rounding_cost <= I8_COST
        if option.integer == "i16" or fits:
            return option
    raise ValueError("no grid carries so much noise")


def _in_f32(step: float) -> np.float32:
    """The nearest that is not smaller."""
    nearest = np.float32(step)
    return nearest if float(nearest) >= step else np.nextafter(nearest, np.float32(math.inf))


def _option(constants: Normalisation, integer: str, step: float, unrounded: float) -> Chosen:
    step_f32 = _in_f32(step)
    return Chosen(
        integer=integer,
        step=step,
        step_f32=step_f32,
        clean_range=sensitivity.largest(constants) / float(step_f32),
        rounding_cost=float(step_f32) * NOISE_SIGMA[integer] / unrounded,
    )
