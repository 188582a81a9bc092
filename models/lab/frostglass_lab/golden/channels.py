"""Channel selection."""

import numpy as np

from frostglass_lab.golden.notation import f32
from frostglass_lab.reference.channels import select

NAME = "channels"

CASES = [
    (4, 3, [0, 1, 2, 3]),
    (4, 3, [2]),
    (8, 2, [1, 2, 5, 7]),
    (5, 1, [0, 4]),
    (16, 4, list(range(0, 16, 3))),
]


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(3)
    cases = []
    for channels, positions, keep in CASES:
        map_ = random.normal(0, 1, (channels, positions)).astype(np.float32)
        cases.append(
            {
                "channels": channels,
                "positions": positions,
                "keep": keep,
                "map": f32(map_),
                "selected": f32(select(map_, keep)),
            }
        )
    return {"cases": cases}
