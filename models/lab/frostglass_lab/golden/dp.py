"""DP-A's map, without noise and with given noise.

No value lies so near a step's edge that f32 arithmetic could floor it differently: positions where
one would are drawn again.
"""

import numpy as np

from frostglass_lab.golden.notation import f32, integers
from frostglass_lab.reference import dp_map
from frostglass_lab.reference.dp_map import Normalisation

NAME = "dp"

# channels, positions, constants, integer, step, clip
CASES = [
    (1, 6, Normalisation(), "i8", 0.0625, None),
    (2, 5, Normalisation(), "i8", 0.032420788, None),
    (3, 7, Normalisation(width=3), "i8", 0.05, None),
    (5, 6, Normalisation(width=1), "i8", 0.04, None),
    (8, 9, Normalisation(width=4, alpha=0.5, gamma=1.0), "i8", 0.02, None),
    (8, 9, Normalisation(a_max=3.0), "i8", 0.0525, None),
    (7, 6, Normalisation(beta=0.75), "i16", 0.0015, None),
    (6, 6, Normalisation(beta=0.6, alpha=2.0, a_max=1.5), "i8", 0.03, None),
    (6, 6, Normalisation(beta=1.0, gamma=1.5), "i8", 0.043, None),
    (9, 5, Normalisation(width=25), "i8", 0.021, None),
    (32, 12, Normalisation(), "i8", 0.032420788, None),
    (32, 12, Normalisation(), "i16", 0.0020114672, None),
    (16, 8, Normalisation(), "i8", 0.03, 1.5),
    (16, 8, Normalisation(beta=0.75), "i16", 0.002, 0.8),
    (4, 4, Normalisation(), "i8", 0.03, 1000.0),
]
ATTEMPTS = 100
SPECIAL = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-45, 3.4e38, -5.0], np.float32)


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(4)
    return {"cases": [_case(random, *case) for case in CASES]}


def _case(random, channels, positions, constants, integer, step, clip) -> dict:
    step = np.float32(step)
    gain = random.uniform(0.3, 3, channels).astype(np.float32)
    offset = np.where(random.random(channels) < 0.5, 0, random.normal(0, 0.1, channels)).astype(
        np.float32
    )

    def draw():
        relu = np.maximum(random.normal(0.2, 0.6, (channels, positions)), 0).astype(np.float32)
        return relu * np.float32(constants.a_max)

    activations = draw()
    # The last position is made of what no honest front produces.
    activations[:, -1] = np.resize(SPECIAL, channels)
    for _ in range(ATTEMPTS):
        clipped = dp_map.clipped(activations, gain, offset, constants.a_max)
        normalised = dp_map.normalised(clipped, constants)
        shrink = dp_map.shrink(normalised, clip)
        steps = dp_map.in_steps(normalised * shrink, step)
        in_doubt = _near_an_edge(steps).any(axis=0)
        if not in_doubt.any():
            break
        if in_doubt[-1]:
            gain = random.uniform(0.3, 3, channels).astype(np.float32)
        else:
            activations[:, in_doubt] = draw()[:, in_doubt]
    else:
        raise ValueError(f"step {step} puts a clipped value on an edge whatever is drawn")
    floored = np.floor(steps).astype(np.int64)
    spread = {"i8": 16, "i16": 256}[integer]
    noise = np.rint(random.normal(0, spread, floored.shape)).astype(np.int64)
    noise.ravel()[:4] = [8 * spread, -8 * spread, 10 * spread, 0]
    return {
        "channels": channels,
        "positions": positions,
        "a_max": constants.a_max,
        "width": constants.width,
        "alpha": constants.alpha,
        "beta": constants.beta,
        "gamma": constants.gamma,
        "clip": clip,
        "integer": integer,
        "step": f32(step),
        "gain": f32(gain),
        "offset": f32(offset),
        "activations": f32(activations),
        "normalised": f32(normalised.astype(np.float32)),
        "shrink": shrink,
        "floored": integers(floored),
        "noise": integers(noise),
        "released": integers(dp_map.released(floored, noise, integer)),
    }


def _near_an_edge(steps: np.ndarray) -> np.ndarray:
    """Whether f32 might put a quotient on the other side of a whole number (0 has no other)."""
    nearest = np.rint(steps)
    return (np.abs(steps - nearest) < 1e-4 + 4e-6 * steps) & (nearest != 0)
