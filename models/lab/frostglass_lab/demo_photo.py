"""Writes the photo of dlib-face's demo, and knows the square on it that holds the face.

    python -m frostglass_lab.demo_photo

The photo is `skimage.data.astronaut()`: Eileen Collins, NASA, public domain, 512 x 512. It is
kept as PNG so that every platform decodes the same pixels.

The square is the crop that, resized to 150 x 150, brings eyes, nose and mouth as near as an
upright square can to where they lie in dlib's chips.
"""

import io
import sys

import numpy as np
from PIL import Image
from skimage import data

from frostglass_lab.checkout import ZOO

FILE = "photo.png"
CREDIT = "Eileen Collins, NASA; public domain; from scikit-image (skimage.data.astronaut)"

LANDMARKS = np.array(
    [[203.3, 101.0], [246.8, 103.0], [225.0, 127.0], [203.8, 140.5], [243.8, 142.0]]
)
"""x, y on the photo, read off it enlarged: eyes, tip of the nose, corners of the mouth."""

CHIP_LANDMARKS = np.array([[49.3, 46.8], [100.4, 46.8], [75.0, 76.0], [54.0, 105.9], [96.4, 105.6]])
"""The same five in a chip: where faces.chip puts those of the aligned crops."""

CHIP_SIDE = 150


def photo() -> np.ndarray:
    """RGB, uint8 [512, 512, 3]."""
    return data.astronaut()


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo()).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def face_box() -> tuple[int, int, int, int]:
    """x, y, width, height in whole pixels: the least-squares scale and shift, without rotation."""
    photo_centre, chip_centre = LANDMARKS.mean(axis=0), CHIP_LANDMARKS.mean(axis=0)
    on_photo, on_chip = LANDMARKS - photo_centre, CHIP_LANDMARKS - chip_centre
    scale = (on_photo * on_chip).sum() / (on_chip**2).sum()
    x, y = np.rint(photo_centre - scale * chip_centre).astype(int)
    side = round(CHIP_SIDE * scale)
    return int(x), int(y), side, side


def face_chip(box: tuple[int, int, int, int] | None = None) -> np.ndarray:
    """The photo's face as a chip, RGB, uint8 [150, 150, 3]; `box` defaults to face_box()."""
    x, y, width, height = box or face_box()
    cropped = Image.fromarray(photo()).crop((x, y, x + width, y + height))
    return np.asarray(cropped.resize((CHIP_SIDE, CHIP_SIDE), Image.Resampling.BILINEAR))


def main() -> int:
    path = ZOO / "dlib-face" / FILE
    path.write_bytes(png())
    print(f"{path.name}: {path.stat().st_size:,} bytes, face at {face_box()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
