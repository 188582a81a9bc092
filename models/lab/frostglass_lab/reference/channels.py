"""Channel selection: which channels of a map are released (*PrivyNet*, section 3.4)."""

import numpy as np


def select(values: np.ndarray, keep: list[int]) -> np.ndarray:
    """The channels `keep`, strictly ascending, of a map [C, positions]."""
    if any(later <= earlier for earlier, later in zip(keep, keep[1:], strict=False)):
        raise ValueError("channels are listed once each, in ascending order")
    return values[keep]
