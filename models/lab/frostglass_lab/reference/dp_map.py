"""DP-A's map: gain, clip, local response normalisation, floor to a grid, integer noise.

Source: *dp-activations*, Algorithm 1 and equation 4, with three readings of our own: alpha is not
divided by the window's width; the map is floored to whole steps before integer noise is added; it
is total, so that no input-dependent error can occur.
"""

from dataclasses import dataclass

import numpy as np

from frostglass_lab.reference import grid


@dataclass(frozen=True)
class Normalisation:
    """Public constants of the map. `width` is u, the window of channels. They are numbers of f32:
    what is given is brought to the nearest."""

    a_max: float = 1.0
    width: int = 5
    alpha: float = 1.0
    beta: float = 0.5
    gamma: float = 2.0

    def __post_init__(self):
        for name in ("a_max", "alpha", "beta", "gamma"):
            object.__setattr__(self, name, float(np.float32(getattr(self, name))))

    @property
    def reach(self) -> int:
        """h = floor(u / 2): how far the window goes to each side."""
        return self.width // 2


def clipped(values: np.ndarray, gain: np.ndarray, offset: np.ndarray, a_max: float) -> np.ndarray:
    """f32 activations [C, positions], scaled per channel and clipped to [0, a_max], in f64.

    NaN becomes 0; infinities clip.
    """
    with np.errstate(invalid="ignore"):
        scaled = values.astype(np.float64) * gain[:, None].astype(np.float64)
        scaled = scaled + offset[:, None].astype(np.float64)
    return np.clip(np.where(np.isnan(scaled), 0.0, scaled), 0.0, a_max)


def normalised(activations: np.ndarray, constants: Normalisation) -> np.ndarray:
    """Equation 4 on clipped activations [C, positions], in f64.

    Channel i is divided by (gamma + alpha * sum of squares)^beta, the sum running over channels
    max(0, i - floor(u/2)) to min(C - 1, i + floor(u/2)).
    """
    channels = len(activations)
    out = np.empty_like(activations)
    for i in range(channels):
        first, last = max(0, i - constants.reach), min(channels - 1, i + constants.reach)
        squares = sum(activations[j] ** 2 for j in range(first, last + 1))
        base = constants.gamma + constants.alpha * squares
        out[i] = activations[i] / base**constants.beta
    return out


def shrink(map_: np.ndarray, clip: float | None) -> float:
    """The factor, at most 1, that brings the normalised map to an L2 norm of at most `clip`."""
    norm = float(np.sqrt(np.sum(map_**2)))
    return 1.0 if clip is None or norm <= clip else clip / norm


def in_steps(map_: np.ndarray, step: float) -> np.ndarray:
    """The normalised map as a quotient by the step, still unrounded."""
    return map_ / np.float64(step)


def released(floored: np.ndarray, noise: np.ndarray, integer: str) -> np.ndarray:
    """Whole steps plus whole-numbered noise, saturated."""
    return grid.saturate(floored + noise, integer)
