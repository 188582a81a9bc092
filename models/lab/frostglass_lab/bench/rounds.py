"""Taking turns: whatever disturbs the machine disturbs every engine."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns

import numpy as np

BURST_S = 0.02
"""How long an engine keeps its turn, at least one run."""
WARM_UP_BELOW_S = 0.005
"""A turn of runs shorter than this begins with one that is not counted: it fetches the engine's
code and weights back into the caches, which the others have emptied. Longer runs feel it little."""
LEAST_ROUNDS = 5
MOST_IN_A_TURN = 200


@dataclass(frozen=True)
class Timing:
    """Of single runs: the median in milliseconds, and the interquartile range over the median."""

    median_ms: float
    spread: float
    runs: int

    @classmethod
    def of(cls, nanoseconds) -> "Timing":
        low, median, high = np.percentile(nanoseconds, (25, 50, 75))
        return cls(median / 1e6, (high - low) / median, len(nanoseconds))


def timed(runs: dict[str, Callable[[], None]], seconds: float) -> dict[str, Timing]:
    """Runs each again and again for about `seconds` in all, at least LEAST_ROUNDS turns each."""
    turns = {}
    for name, run in runs.items():
        run()
        begun = perf_counter()
        run()
        alone = perf_counter() - begun
        turns[name] = (min(MOST_IN_A_TURN, max(1, int(BURST_S / alone))), alone < WARM_UP_BELOW_S)

    took = {name: [] for name in runs}
    order = list(runs)
    gc.collect()
    gc.disable()
    try:
        begun, rounds = perf_counter(), 0
        while rounds < LEAST_ROUNDS or perf_counter() - begun < seconds:
            for name in order:
                count, warm_up = turns[name]
                _turn(runs[name], count, warm_up, took[name])
            # Nobody always runs after the same other.
            order = order[1:] + order[:1]
            rounds += 1
    finally:
        gc.enable()
    return {name: Timing.of(nanoseconds) for name, nanoseconds in took.items()}


def call_us(session, median_ms: float) -> float:
    """How much longer a run of ours is seen from Python than from inside, microseconds."""
    count = max(1, int(1e3 * BURST_S / median_ms))
    outside, inside = [], []
    for _ in range(LEAST_ROUNDS):
        _turn(session.run, count, True, outside)
        inside.extend(session.nanoseconds(count))
    return (np.median(outside) - np.median(inside)) / 1e3


def _turn(run: Callable[[], None], count: int, warm_up: bool, took: list[int]) -> None:
    if warm_up:
        run()
    for _ in range(count):
        begun = perf_counter_ns()
        run()
        took.append(perf_counter_ns() - begun)
