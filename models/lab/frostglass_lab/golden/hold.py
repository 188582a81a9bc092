"""Sample-and-hold, bit for bit; and the index that an error names."""

import numpy as np

from frostglass_lab.golden.notation import f32
from frostglass_lab.reference.hold import NotFinite, sample_and_hold

NAME = "hold"

STREAMS = {
    "empty": [],
    "one sample": [0.5],
    "all zeros of both signs": [0.0, -0.0, 0.0, -0.0, -0.0],
    "zeros take the representative": [0.0, 3.0, -0.0, 0.0, 0.0, 0.0, 7.0, -0.0, 0.0],
    "the first of two equally near": [2.0, 4.0, 4.0, 2.0, -1.0, 1.0, 1.0, -1.0],
    "zero would be nearest but does not count": [-3.0, 0.0, 3.5, 0.0, -2.0, 2.5, 0.0, -0.0],
    "negatives": [-1.0, -2.0, -4.0, -8.0, 16.0, -32.0, 64.0, -0.5],
    "denormals": [1e-45, 0.0, 3e-45, 1.1754942e-38, -1e-45, 2.8e-45, 1e-45],
    "a sum beyond f32": [3.4028235e38, 3.0e38, -3.4028235e38, 3.4028235e38, 2.9e38, 3.2e38],
    "a mean that needs f64": [16777216.0, 1.0, 1.0, 1.0, 16777218.0, 3.0, 16777220.0, 5.0],
    "a sum that depends on its order": [2.0**60, 1.5, -(2.0**60), 0.75, 1.0, 2.0**60, 1.25, 0.5],
    "equal samples": [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
}
NOT_FINITE = {
    "NaN": [1.0, 2.0, float("nan"), float("inf")],
    "infinity in the last, shorter window": [1.0, 0.0, 2.0, 0.0, float("-inf")],
    "NaN at once": [float("nan"), 1.0],
}


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(1)
    streams = {name: np.array(values, np.float32) for name, values in STREAMS.items()}
    for length in (37, 64, 97):
        drawn = random.normal(0, 2, length).astype(np.float32)
        streams[f"after a ReLU, {length} samples"] = np.maximum(drawn, 0)
        streams[f"signed with zeros, {length} samples"] = np.where(
            random.random(length) < 0.3, np.float32(0), drawn
        )
        coarse = np.round(drawn * 2) / 2
        streams[f"on a coarse grid, so with ties, {length} samples"] = coarse
    return {
        "cases": [
            {
                "name": name,
                "window": window,
                "stream": f32(s),
                "held": f32(sample_and_hold(s, window)),
            }
            for name, s in streams.items()
            for window in sorted({1, 2, 3, 8, 64, len(s) + 1})
        ],
        "errors": [
            {"name": name, "window": window, "stream": f32(s), "index": _index(s, window)}
            for name, s in ((n, np.array(v, np.float32)) for n, v in NOT_FINITE.items())
            for window in (1, 2, 8)
        ],
    }


def _index(stream: np.ndarray, window: int) -> int:
    try:
        sample_and_hold(stream, window)
    except NotFinite as error:
        return error.index
    raise AssertionError("the stream is finite")
