"""How far DP-A's map can move, in L2 over the whole output, between adjacent inputs.

Letters: h = floor(u/2), tau = alpha a_max^2 / gamma, c = a_max gamma^-beta, m channels, s the step
of the grid. A clipped activation is a_max y with y in [0, 1]. What is in steps and called Delta
covers what rounding adds to maps computed in f32: a share of 2^-20 of every value (more for wide
windows); S_a and D do not.
"""

import math
from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference.dp_map import Normalisation

F32_UNIT = 2.0**-24
FURTHEST = 2.0**20
"""Steps past which a map is the same as at so many: it saturates."""


def rounding(constants: Normalisation) -> float:
    """The share that a value computed in f32 is off by: a sum of u squares, weighted, and gamma by
    u + 3 units, its power by beta times that and 4 of its own, all else by 4; 16 at least."""
    return max(16, 8 + constants.beta * (constants.width + 3)) * F32_UNIT


def largest(constants: Normalisation) -> float:
    """c o(0): the largest value of the normalised map."""
    return unit(constants) * float(own_output(0.0, constants))


@dataclass(frozen=True)
class Reach:
    """How far input pixels reach into a map of height x width positions, alike on both axes."""

    receptive_field: int
    stride: int
    height: int
    width: int

    def positions(self, side: int) -> int:
        """Positions that one patch of side x side input pixels can touch."""
        touched = math.ceil((side + self.receptive_field - 1) / self.stride)
        return min(self.height, touched) * min(self.width, touched)


def tau(constants: Normalisation) -> float:
    return constants.alpha * constants.a_max**2 / constants.gamma


def unit(constants: Normalisation) -> float:
    """c: what the normalised map is measured in."""
    return constants.a_max * constants.gamma**-constants.beta


def own_output(neighbours, constants: Normalisation):
    """o(Q) = max over y in [0, 1] of y / (1 + tau (Q + y^2))^beta, in units of c.

    The derivative has the sign of 1 + tau Q + (1 - 2 beta) tau y^2.
    """
    t, beta = tau(constants), constants.beta
    base = 1 + t * np.asarray(neighbours, dtype=np.float64)
    y_squared = np.ones_like(base)
    if 2 * beta > 1 and t > 0:
        y_squared = np.minimum(1.0, base / (t * (2 * beta - 1)))
    return np.sqrt(y_squared) / (base + t * y_squared) ** beta


def neighbours_move(squares, constants: Normalisation):
    """phi(t): squared movement of one side's neighbours, whose y^2 sum to t, in units of c^2."""
    t, beta = tau(constants), constants.beta
    squares = np.asarray(squares, dtype=np.float64)
    return squares * ((1 + t * squares) ** -beta - (1 + t * (squares + 1)) ** -beta) ** 2


def activation(constants: Normalisation) -> float:
    """S_a: one activation changes before normalisation; no grid."""

    def squared_movement(one_side, other_side):
        own = own_output(one_side + other_side, constants)
        moved = neighbours_move(one_side, constants) + neighbours_move(other_side, constants)
        return own**2 + moved

    return unit(constants) * math.sqrt(_maximum(squared_movement, constants.reach))


def activation_in_steps(constants: Normalisation, step: float) -> float:
    """Delta_a: the same on a grid. Flooring moves each of the 2h neighbours by under a step more,
    and rounding each of its two values by its share; the activation itself is not floored further
    apart: |q - q'| <= max(F, F') / s on a map without negatives."""
    error = rounding(constants)
    scale = unit(constants) * (1 + error) / step
    floors = math.sqrt(2 * constants.reach)
    floors *= 1 + 2 * error * min(largest(constants) / step, FURTHEST)

    def squared_movement(one_side, other_side):
        own = scale * own_output(one_side + other_side, constants)
        moved = neighbours_move(one_side, constants) + neighbours_move(other_side, constants)
        return own**2 + (scale * np.sqrt(moved) + floors) ** 2

    return math.sqrt(_maximum(squared_movement, constants.reach))


def position(constants: Normalisation, channels: int) -> float:
    """D: any change at one position of the map of `channels` channels; no grid."""
    block = constants.reach + 1
    whole, rest = divmod(channels, block)
    squared = whole * _block(constants, block) + _block(constants, rest)
    return unit(constants) * math.sqrt(squared)


def patch_in_steps(
    constants: Normalisation, channels: int, step: float, reach: Reach, side: int
) -> float:
    """Delta_b: any change within one patch of side x side input pixels."""
    return positions_in_steps(constants, channels, step, reach.positions(side))


def positions_in_steps(
    constants: Normalisation, channels: int, step: float, positions: int
) -> float:
    """Any change at that many positions; over the whole map this is Delta_c, one image."""
    moved = math.sqrt(positions) * position(constants, channels) / step
    return (1 + rounding(constants)) * moved


def clipped_image_in_steps(constants: Normalisation, clip: float, step: float) -> float:
    """Delta_c where the normalised map is first shrunk to an L2 norm of at most `clip`. The map,
    its norm and the quotient by it are each off by a share."""
    return (1 + 3 * rounding(constants)) * math.sqrt(2) * clip / step


def clipped_positions_in_steps(
    constants: Normalisation,
    channels: int,
    step: float,
    positions: int,
    map_values: int,
    clip: float,
) -> float:
    """Delta_b under such a clip: shrinking touches every one of the map's values, so that flooring
    may add a step at each, and rounding its share of the norm to each of two maps."""
    moved = positions_in_steps(constants, channels, step, positions)
    norm = min(clip, math.sqrt(map_values // channels) * position(constants, channels))
    moved += math.sqrt(map_values) + 2 * 3 * rounding(constants) * norm / step
    return min(moved, clipped_image_in_steps(constants, clip, step))


def _block(constants: Normalisation, size: int) -> float:
    """P(k): the most that `size` channels in each other's windows can hold, split by which of the
    two images is larger there; in units of c^2."""
    return max(_held(constants, j) + _held(constants, size - j) for j in range(size + 1))


def _held(constants: Normalisation, count: int) -> float:
    """M(x) = x / (1 + tau x)^(2 beta), x capped where it peaks."""
    t, beta = tau(constants), constants.beta
    x = float(count)
    if 2 * beta > 1 and t > 0:
        x = min(x, 1 / (t * (2 * beta - 1)))
    return x / (1 + t * x) ** (2 * beta)


def _maximum(function, side: int) -> float:
    """The maximum of function(t, t') over [0, side]^2, to about 1e-12 relative.

    Both axes are walked by their logarithms, over 33 decades: where tau is large, everything
    happens near 1 / tau. A grid finds the best places; around each the grid is drawn closer until
    it stands still.
    """
    if side == 0:
        return float(function(np.zeros(1), np.zeros(1))[0])

    def on(rows, columns):
        return function(rows[:, None], columns[None, :])

    axis = np.concatenate([[0.0], np.geomspace(side * 1e-33, side, 33 * 8 + 1)])
    values = on(axis, axis)
    best = float(values.max())
    for index in np.argsort(values, axis=None)[-16:]:
        x, y = (axis[i] for i in np.unravel_index(index, values.shape))
        width = math.log(10) / 4
        while width > 1e-8:
            factors = np.exp(np.linspace(-width, width, 21))
            rows, columns = (np.minimum(side, at * factors) for at in (x, y))
            near = on(rows, columns)
            row, column = np.unravel_index(near.argmax(), near.shape)
            x, y, width = rows[row], columns[column], width / 5
            best = max(best, float(near.max()))
    return best
