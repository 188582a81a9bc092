"""Which grid and which step a DP-A release takes: the noise is fixed, the step carries the promise.

The step is the smallest at which the map, counted in steps, moves no further than the fixed noise
covers: Delta(s) * sigma(epsilon, delta) <= 16 on i8, 256 on i16. It is stated in f32, rounded up.
What the sampler lacks of exact noise is taken off epsilon and delta beforehand, so that one release
costs at most its epsilon. i8 is taken unless the clean map reaches further than 60 steps or
rounding costs over 2 % of noise.
"""

import math
from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference import gaussian, sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.grid import BOUND, NOISE_SIGMA

I8_RANGE = 60
I8_COST = 1.02
ETA = 2.0**-40
"""|ln p~/p| of the sampler, for one value."""
LARGEST = {"i8": 228, "i16": 3612}
"""The largest magnitude that the sampler's table holds."""
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
    values = min(2 * constants.reach + 1, channels)

    def moved(step: float) -> float:
        anything = sensitivity.positions_in_steps(constants, channels, step, 1)
        return min(anything, sensitivity.activation_in_steps(constants, step))

    return [_option(constants, i, values, moved, epsilon, delta) for i in NOISE_SIGMA]


def for_positions(
    constants: Normalisation, channels: int, positions: int, epsilon: float, delta: float
) -> list[Chosen]:
    """The same where any change at `positions` positions is to be covered: a patch or an image."""
    values = channels * positions
    moved_at_one = sensitivity.positions_in_steps(constants, channels, 1.0, positions)

    def moved(step: float) -> float:
        return moved_at_one / step

    return [_option(constants, i, values, moved, epsilon, delta) for i in NOISE_SIGMA]


def left_out(constants: Normalisation, integer: str, values: int, step: float) -> float:
    """The probability that one of the values lies where the other input's table does not reach:
    none where whatever lies past a table saturates."""
    clean = min(
        2.0**20, sensitivity.largest(constants) * (1 + 3 * sensitivity.rounding(constants)) / step
    )
    if LARGEST[integer] + 1 >= BOUND[integer] + clean:
        return 0.0
    reached = math.floor(LARGEST[integer] - clean)
    if reached <= 0:
        return float(values)
    return values * math.erfc((reached + 0.5) / NOISE_SIGMA[integer] / math.sqrt(2)) * (1 + 1e-9)


def _smallest_step(constants, integer, values, moved, epsilon, delta) -> float:
    error = values * ETA
    known = {}

    def allowed(step: float) -> float:
        left = (delta - left_out(constants, integer, values, step)) * math.exp(-error)
        if left <= 0:
            return 0.0
        if left not in known:
            sigma = float(gaussian.sigma(epsilon - 2 * error, left))
            known[left] = NOISE_SIGMA[integer] / sigma * (1 - SPARE)
        return known[left]

    low, high = 1e-12, 1e12
    while high / low > 1 + 1e-12:
        middle = math.sqrt(low * high)
        if moved(middle) <= allowed(middle):
            high = middle
        else:
            low = middle
    return high


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


def _option(constants, integer, values, moved, epsilon, delta) -> Chosen:
    step = _smallest_step(constants, integer, values, moved, epsilon, delta)
    step_f32 = _in_f32(step)
    # At a step so fine, flooring adds nothing that counts.
    fine = 2.0**-60
    rounding_cost = moved(float(step_f32)) / (moved(float(step_f32) * fine) * fine)
    return Chosen(
        integer=integer,
        step=step,
        step_f32=step_f32,
        clean_range=sensitivity.largest(constants) / float(step_f32),
        rounding_cost=rounding_cost,
    )
