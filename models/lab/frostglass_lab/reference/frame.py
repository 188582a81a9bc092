"""Pixels as an app has them, to the values a network reads, where no resizing is needed.

The order of things: convert to RGB, cut `crop` out of the picture as it is stored, turn it
clockwise by `rotation`, mirror left and right, then (byte - mean) * scale per channel, in the order
of the network's channels. The resampling filters are not specified to the bit: not in here.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Geometry:
    """Crop x, y, width, height in stored pixels; rotation 0, 90, 180 or 270 clockwise; mirror."""

    crop: tuple[int, int, int, int]
    rotation: int = 0
    mirror: bool = False


def rgb_of_rgba(pixels: np.ndarray, premultiplied: bool) -> np.ndarray:
    """RGBA [H, W, 4] composed on black, [H, W, 3]: premultiplied colours are that already."""
    colours = pixels[..., :3]
    if premultiplied:
        return colours.copy()
    alpha = pixels[..., 3:].astype(np.float64) / 255
    return np.rint(colours * alpha).astype(np.uint8)


def rgb_of_grey(pixels: np.ndarray) -> np.ndarray:
    """Grey [H, W] in all three channels."""
    return np.repeat(pixels[..., None], 3, axis=2)


def rgb_of_yuv420(y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """BT.601, full range: y [H, W], u and v [ceil(H/2), ceil(W/2)], each chroma sample for its
    2 x 2 pixels; rounded and clipped to bytes."""
    height, width = y.shape
    blue, red = (
        np.repeat(np.repeat(plane.astype(np.float64) - 128, 2, axis=0), 2, axis=1)[:height, :width]
        for plane in (u, v)
    )
    luma = y.astype(np.float64)
    colours = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
    return np.clip(np.rint(np.stack(colours, axis=2)), 0, 255).astype(np.uint8)


def placed(rgb: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The picture [H, W, 3] cropped, turned and mirrored."""
    x, y, width, height = geometry.crop
    shown = rgb[y : y + height, x : x + width]
    shown = np.rot90(shown, k=-(geometry.rotation // 90))
    return shown[:, ::-1] if geometry.mirror else shown


def tensor(rgb: np.ndarray, order: str, mean: list[float], scale: list[float]) -> np.ndarray:
    """f32 [3, H, W]: (byte - mean) * scale in f32, mean and scale in the tensor's `order`."""
    ordered = rgb if order == "RGB" else rgb[..., ::-1]
    values = (ordered.astype(np.float32) - np.float32(mean)) * np.float32(scale)
    return np.ascontiguousarray(values.transpose(2, 0, 1))
