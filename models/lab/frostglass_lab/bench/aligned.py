"""Arrays that begin where a page begins.

NumPy's begin 16 bytes into one. With the output there, ONNX Runtime was seen to take 15 % longer
for a front that does little more than write: each of its stores crosses a cache line.
"""

import mmap

import numpy as np


def zeros(shape) -> np.ndarray:
    """f32 zeros, their memory in use already."""
    count = int(np.prod(shape))
    array = np.frombuffer(mmap.mmap(-1, 4 * count), np.float32).reshape(shape)
    array[...] = 0
    return array


def copy(values: np.ndarray) -> np.ndarray:
    array = zeros(values.shape)
    array[...] = values
    return array
