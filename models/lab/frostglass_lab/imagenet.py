"""The ImageNet samples of the data folder, and how a card's network takes a picture."""

import io
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ARCHIVE = "imagenet_samples.zip"
KING_PENGUIN = 145


@dataclass(frozen=True)
class Picture:
    name: str
    """The file's, without its ending."""
    label: int
    jpeg: bytes


def pictures(data: Path, count: int | None = None) -> list[Picture]:
    """So many of the samples, evenly spaced over the sorted names; all of them without a count."""
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".JPEG"))
        if count is not None:
            names = [names[index * len(names) // count] for index in range(count)]
        return [
            Picture(Path(name).stem, int(Path(name).name.split("_")[0]), archive.read(name))
            for name in names
        ]


def king_penguin(data: Path) -> Picture:
    return next(picture for picture in pictures(data) if picture.label == KING_PENGUIN)


def preprocessed(picture: Picture, spec: str | dict) -> np.ndarray:
    """A picture as f32 [1, 3, H, W], by a card's [input] table.

    With Pillow's own resampling, which is not to the last bit the core's: where both are compared,
    give both the same tensor.
    """
    spec = tomllib.loads(spec) if isinstance(spec, str) else spec
    image = Image.open(io.BytesIO(picture.jpeg)).convert("RGB")
    _, height, width = spec["shape"]
    if spec["resize"] == "short-side":
        factor = spec["short_side"] / min(image.size)
        size = tuple(max(round(side * factor), spec["short_side"]) for side in image.size)
        image = image.resize(size, Image.Resampling.BILINEAR)
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
    else:
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    bytes_ = np.asarray(image, np.float32)
    if spec["order"] == "BGR":
        bytes_ = bytes_[:, :, ::-1]
    values = (bytes_ - np.array(spec["mean"], np.float32)) * np.array(spec["scale"], np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)
