"""Sample-and-hold: each window of a feature map is replaced by one of its own samples.

Source: *Controlling the privacy loss with the input feature maps of the layers in convolutional
neural networks*, section 3.2 and Algorithm 1. No formal guarantee.
"""

import numpy as np


class NotFinite(ValueError):
    """The stream holds a NaN or an infinity, at `index`."""

    def __init__(self, index: int):
        super().__init__(f"sample {index} is not a finite number")
        self.index = index


def sample_and_hold(stream: np.ndarray, window: int) -> np.ndarray:
    """Holds a stream, f32 [N] in memory order of NCHW, over windows of `window` >= 1 samples.

    Per window the non-zero samples' mean is taken (f64, summed one after the other in stream
    order; -0.0 is zero) and every position takes the non-zero sample nearest to it, the first one
    on a tie. The last window may be shorter. A window of zeros stays as it is, signs included.
    Raises NotFinite, naming the first offender.
    """
    if window < 1:
        raise ValueError(f"a window has at least one sample, not {window}")
    for index, sample in enumerate(stream):
        if not np.isfinite(sample):
            raise NotFinite(index)
    held = stream.copy()
    for start in range(0, len(stream), window):
        representative = _representative(stream[start : start + window])
        if representative is not None:
            held[start : start + window] = representative
    return held


def _representative(window: np.ndarray) -> np.float32 | None:
    total, count = 0.0, 0
    for sample in window:
        if sample != 0:
            total += float(sample)
            count += 1
    if count == 0:
        return None
    mean = total / count
    best, nearest = None, float("inf")
    for sample in window:
        if sample != 0 and abs(float(sample) - mean) < nearest:
            best, nearest = sample, abs(float(sample) - mean)
    return best
