"""Public faces to measure on: Labelled Faces in the Wild, cut to the chips that dlib-face expects.

The data is not part of the project. FROSTGLASS_DATA names a folder with `lfw_faces_112gray.npz`:
x uint8 [N, 112, 112] (grey, aligned so that the eyes lie at (38.3, 51.6) and (73.5, 51.6), the
middle of the mouth at (56, 92.3)), y int [N] (the person), names [people].
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FILE = "lfw_faces_112gray.npz"
CHIP_SIDE = 150
SCALE = 1.45
ROWS_UP = 28


class DataMissing(Exception):
    """FROSTGLASS_DATA does not lead to the faces; the message says what is wanted."""


@dataclass(frozen=True)
class Faces:
    """Chips uint8 [N, 150, 150] (grey) and the person on each, int [N]."""

    chips: np.ndarray
    people: np.ndarray

    def input(self, start: int, stop: int) -> np.ndarray:
        """f32 [n, 3, 150, 150], 0..255: grey in all three channels."""
        grey = self.chips[start:stop, None].astype(np.float32)
        return np.ascontiguousarray(np.repeat(grey, 3, axis=1))


def draw(count: int, seed: int) -> Faces:
    """`count` faces drawn without replacement by `seed`, in the file's order."""
    with np.load(_path()) as stored:
        crops, people = stored["x"], stored["y"]
    chosen = np.sort(np.random.default_rng(seed).choice(len(crops), count, replace=False))
    return Faces(np.stack([chip(crops[i]) for i in chosen]), people[chosen].astype(int))


def chip(crop: np.ndarray) -> np.ndarray:
    """The 150 x 150 chip of a 112 x 112 crop: enlarged by 1.45, centred across, 28 rows up.

    What the crop lacks below is its reflection. The eyes come to lie at (49.3, 46.8) and
    (100.4, 46.8), the middle of the mouth at (75, 105.8).
    """
    side = int(crop.shape[0] * SCALE)
    enlarged = np.asarray(Image.fromarray(crop).resize((side, side), Image.Resampling.BILINEAR))
    left = (side - CHIP_SIDE) // 2
    shown = enlarged[ROWS_UP:, left : left + CHIP_SIDE]
    return np.pad(shown, ((0, CHIP_SIDE - shown.shape[0]), (0, 0)), mode="reflect")


def _path() -> Path:
    folder = os.environ.get("FROSTGLASS_DATA")
    if folder is None:
        raise DataMissing(
            f"set FROSTGLASS_DATA to a folder with {FILE}: Labelled Faces in the Wild, aligned, "
            "grey (x uint8 [N, 112, 112], y int [N], names)"
        )
    path = Path(folder) / FILE
    if not path.exists():
        raise DataMissing(f"FROSTGLASS_DATA has no {FILE} (Labelled Faces in the Wild, aligned)")
    return path
