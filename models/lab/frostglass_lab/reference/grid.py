"""Integers on a public grid: value = integer * step. Symmetric bounds, so saturation is too."""

import numpy as np

BOUND = {"i8": 127, "i16": 32767}
NOISE_SIGMA = {"i8": 16, "i16": 256}
"""Standard deviation, in steps, of the one noise that each grid carries."""


def quantise(values: np.ndarray, integer: str, step: float) -> np.ndarray:
    """Plain quantisation of f32 values: nearest integer, ties to even, saturating; NaN is 0.

    The quotient is taken in f64, where it is exact for a step that is a power of two.
    """
    steps = np.rint(values.astype(np.float64) / np.float64(step))
    return saturate(np.where(np.isnan(steps), 0.0, steps), integer)


def saturate(steps: np.ndarray, integer: str) -> np.ndarray:
    """Whole numbers of steps, clipped to the grid's bound, as int64."""
    bound = BOUND[integer]
    return np.clip(steps, -bound, bound).astype(np.int64)
