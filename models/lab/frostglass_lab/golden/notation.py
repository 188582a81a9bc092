"""How golden files write numbers and lay out cases.

f32 values are written as their bits: eight hexadecimal digits each, the highest first, one string
for a whole list. So 1.0, -0.0, NaN is "3f800000800000007fc00000". f64 values are JSON numbers that
read back to the same f64.
"""

import json
import math

import numpy as np

F64_TOLERANCE = 1e-12


def f32(values) -> str:
    """The bits of f32 values, in memory order."""
    array = np.ascontiguousarray(values)
    if array.dtype != np.float32:
        raise TypeError(f"expected f32, got {array.dtype}")
    return array.astype(">f4").tobytes().hex()


def integers(values) -> list[int]:
    return [int(value) for value in np.asarray(values).ravel()]


def text(name: str, lists: dict[str, list[dict]]) -> str:
    """A golden file: its format, then lists of cases, one case a line."""
    parts = [f'"format": {json.dumps(f"frostglass-golden/{name}/1")}']
    for key, cases in lists.items():
        rows = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
        parts.append(f"{json.dumps(key)}: [\n{rows}\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def agree(one: str, other: str) -> bool:
    """Whether two golden files say the same, f64 values to 1e-12 relative and all else exactly."""
    return _agree(json.loads(one), json.loads(other))


def _agree(one, other) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_agree(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=F64_TOLERANCE)
    return one == other
