"""How much a sweep over windows hides: degree of sanitisation and effective sanitisation.

Source: *Controlling the privacy loss*, section 3.1 (equation 6) and equation 8. Empirical figures
of one network on one input; they bound nothing.
"""

import math
from dataclasses import dataclass

TOLERANCE = 1e-6
WINDOWS = 149
"""How many windows a full sweep has: 2 to 150."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep's probabilities p' add up to."""

    eff_san: float
    low: int
    mid: int
    high: int
    inversions: int
    total_rise: float


def privacy_loss(before: float, after: float) -> float | None:
    """epsilon = ln(p / p'); None where p' is 0."""
    return math.log(before / after) if after > 0 else None


def meets(gamma: float, before: float, after: float) -> bool:
    """Whether p' <= p 2^-gamma, that is epsilon >= gamma ln 2."""
    return after <= before * 2.0**-gamma


def chosen(gamma: float, before: float, after: list[float]) -> int | None:
    """The smallest window that meets gamma; after[0] belongs to window 2. None where none does."""
    return next((window for window, p in enumerate(after, 2) if meets(gamma, before, p)), None)


def sweep(after: list[float]) -> Sweep:
    """Figures of a sweep p' over windows 2, 3, ... (Table 1's columns).

    Distinct values: in ascending order, one counts when it exceeds the last counted one by more
    than 1e-6. eff_san divides their number by 149; low, mid and high say how many lie in
    [0, 0.2), [0.2, 0.8) and [0.8, 1]. An inversion is a rise by more than 1e-6 from one window to
    the next; total_rise is the sum of these rises.
    """
    distinct: list[float] = []
    for value in sorted(after):
        if not distinct or value > distinct[-1] + TOLERANCE:
            distinct.append(value)
    rises = [
        later - earlier
        for earlier, later in zip(after, after[1:], strict=False)
        if later - earlier > TOLERANCE
    ]
    return Sweep(
        eff_san=len(distinct) / WINDOWS,
        low=sum(value < 0.2 for value in distinct),
        mid=sum(0.2 <= value < 0.8 for value in distinct),
        high=sum(value >= 0.8 for value in distinct),
        inversions=len(rises),
        total_rise=math.fsum(rises),
    )
