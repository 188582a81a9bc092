"""How far DP-A's map can move, in L2 over the whole output, between adjacent inputs.

Letters: h = floor(u/2), tau = alpha a_max^2 / gamma, c = a_max gamma^-beta, m channels, s the step
of the grid. A clipped activation is a_max y with y in [0, 1]. What is in steps and called Delta is
inflated by 1 + 2^-20 (more for very wide windows), which pays for maps computed in f32; S_a and D
are not.
"""

import math
from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference.dp_map import Normalisation

INFLATION = 1 + 2.0**-20
F32_UNIT = 2.0**-24


def inflation(constants: Normalisation) -> float:
    """A sum of u squares is off by u + 1 units, its power by beta times that, all else by 4."""
    return max(INFLATION, 1 + (4 + constants.beta * (constants.width + 1)) * F32_UNIT)


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
    if 2 * beta > 1:
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
    and the activation itself not at all: |q - q'| <= max(F, F') / s on a map without negatives."""
    scale = unit(constants) / step
    floors = math.sqrt(2 * constants.reach)

    def squared_movement(one_side, other_side):
        own = scale * own_output(one_side + other_side, constants)
        moved = neighbours_move(one_side, constants) + neighbours_move(other_side, constants)
        return own**2 + (scale * np.sqrt(moved) + floors) ** 2

    return inflation(constants) * math.sqrt(_maximum(squared_movement, constants.reach))


def smallest_activation_step(constants: Normalisation, allowed: float) -> float | None:
    """The smallest step at which Delta_a is at most `allowed`; None where flooring alone passes it.

    For fixed sums on the two sides, Delta_a^2 = allowed^2 is a quadratic in 1/s; the step is the
    largest of its solutions over all sums.
    """
    floors = math.sqrt(2 * constants.reach)
    room = (allowed / inflation(constants)) ** 2 - floors**2
    if room <= 0:
        return None

    def step(one_side, other_side):
        own = unit(constants) * own_output(one_side + other_side, constants)
        moved = neighbours_move(one_side, constants) + neighbours_move(other_side, constants)
        moved = unit(constants) * np.sqrt(moved)
        a, b = own**2 + moved**2, moved * floors
        return a / (np.sqrt(b**2 + a * room) - b)

    return _maximum(step, constants.reach)


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
    return inflation(constants) * math.sqrt(positions) * position(constants, channels) / step


def clipped_image_in_steps(clip: float, step: float) -> float:
    """Delta_c where the normalised map is first shrunk to an L2 norm of at most `clip`."""
    return INFLATION * math.sqrt(2) * clip / step


def clipped_positions_in_steps(
    constants: Normalisation,
    channels: int,
    step: float,
    positions: int,
    map_values: int,
    clip: float,
) -> float:
    """Delta_b under such a clip: shrinking touches every one of the map's values, so that flooring
    may add a step at each."""
    moved = math.sqrt(positions) * position(constants, channels) / step + math.sqrt(map_values)
    return inflation(constants) * min(moved, math.sqrt(2) * clip / step)


def _block(constants: Normalisation, size: int) -> float:
    """P(k): the most that `size` channels in each other's windows can hold, split by which of the
    two images is larger there; in units of c^2."""
    return max(_held(constants, j) + _held(constants, size - j) for j in range(size + 1))


def _held(constants: Normalisation, count: int) -> float:
    """M(x) = x / (1 + tau x)^(2 beta), x capped where it peaks."""
    t, beta = tau(constants), constants.beta
    x = float(count)
    if 2 * beta > 1:
        x = min(x, 1 / (t * (2 * beta - 1)))
    return x / (1 + t * x) ** (2 * beta)


def _maximum(function, side: int) -> float:
    """The maximum of function(t, t') over [0, side]^2, to about 1e-14 relative.

    Both axes are walked in square roots, because near 0 the functions here go like sqrt(t). A
    grid finds the best places; around each the grid is drawn closer until it stands still.
    """
    if side == 0:
        return float(function(np.zeros(1), np.zeros(1))[0])

    def on(rows, columns):
        return function((rows**2)[:, None], (columns**2)[None, :])

    edge = math.sqrt(side)
    axis = np.linspace(0, edge, 257)
    values = on(axis, axis)
    best = -math.inf
    for index in np.argsort(values, axis=None)[-16:]:
        x, y = (axis[i] for i in np.unravel_index(index, values.shape))
        width = edge / 128
        while width > 1e-9:
            rows, columns = (
                np.linspace(max(0.0, at - width), min(edge, at + width), 21) for at in (x, y)
            )
            near = on(rows, columns)
            row, column = np.unravel_index(near.argmax(), near.shape)
            x, y, width = rows[row], columns[column], width / 5
            best = max(best, float(near.max()))
    return best
