"""A search for inputs that move a map further than its bound allows."""

import numpy as np

from frostglass_lab.reference import dp_map
from frostglass_lab.reference.dp_map import Normalisation

POPULATION = 512
ROUNDS = 400


def movement(before, after, constants: Normalisation, step: float | None):
    """L2 distance of the maps of clipped activations [channels, pairs], in steps of `step`."""
    maps = [dp_map.normalised(values, constants) for values in (before, after)]
    if step is not None:
        maps = [np.floor(map_ / step) for map_ in maps]
    return np.sqrt(((maps[0] - maps[1]) ** 2).sum(axis=0))


def strongest(constants: Normalisation, channels: int, changed, step=None, seed=0) -> float:
    """The furthest that a hill climb with many climbers moves the map.

    `changed` lists the channels in which the two inputs may differ.
    """
    random = np.random.default_rng(seed)
    before = _drawn(random, channels)
    after = before.copy()
    after[changed] = _drawn(random, len(changed))
    best = movement(constants.a_max * before, constants.a_max * after, constants, step)
    for _ in range(ROUNDS):
        tried = [_moved(random, before), None]
        tried[1] = tried[0].copy()
        tried[1][changed] = _moved(random, after)[changed]
        found = movement(constants.a_max * tried[0], constants.a_max * tried[1], constants, step)
        better = found > best
        before[:, better], after[:, better] = tried[0][:, better], tried[1][:, better]
        best = np.maximum(best, found)
    return float(best.max())


def _drawn(random, channels: int) -> np.ndarray:
    """Values in [0, 1], often at the ends, where the worst cases lie."""
    values = random.random((channels, POPULATION))
    at_an_end = random.random(values.shape) < 0.5
    return np.where(at_an_end, np.rint(values), values)


def _moved(random, values: np.ndarray) -> np.ndarray:
    size = 10 ** random.uniform(-4, 0, POPULATION)
    chosen = random.random(values.shape) < 0.3
    moved = values + chosen * random.normal(0, 1, values.shape) * size
    fresh = random.random(values.shape) < 0.02
    return np.clip(np.where(fresh, np.rint(random.random(values.shape)), moved), 0, 1)
