"""Frames whose shown part already has the network's size: everything but resampling."""

import numpy as np

from frostglass_lab.golden.notation import f32
from frostglass_lab.reference import frame
from frostglass_lab.reference.frame import Geometry

NAME = "frame"

PLAIN = ("RGB", [0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
CENTRED = ("RGB", [127.5, 127.5, 127.5], [0.0078125, 0.0078125, 0.0078125])
CAFFE = ("BGR", [104.0, 117.0, 123.0], [1.0, 1.0, 1.0])
UNEVEN = ("RGB", [122.782, 117.001, 104.298], [0.0171, 0.0175, 0.0174])
WIDTH, HEIGHT = 7, 5
WHOLE = Geometry((0, 0, WIDTH, HEIGHT))
GEOMETRIES = {
    "whole": WHOLE,
    "a crop": Geometry((2, 1, 4, 3)),
    "the last pixel": Geometry((6, 4, 1, 1)),
    "mirrored": Geometry(WHOLE.crop, mirror=True),
    "turned by 90": Geometry(WHOLE.crop, 90),
    "turned by 180": Geometry(WHOLE.crop, 180),
    "turned by 270": Geometry(WHOLE.crop, 270),
    "a crop turned by 90 and mirrored": Geometry((1, 0, 5, 4), 90, True),
    "a crop turned by 270 and mirrored": Geometry((1, 2, 3, 3), 270, True),
}


def document() -> dict[str, list[dict]]:
    random = np.random.default_rng(6)
    picture = random.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    rgb = picture[..., :3].copy()
    opaque = picture.copy()
    opaque[..., 3] = 255
    premultiplied = picture.copy()
    premultiplied[..., :3] = np.minimum(rgb, picture[..., 3:])

    cases = [
        _packed(name, "RGB8", rgb, rgb, geometry, PLAIN) for name, geometry in GEOMETRIES.items()
    ]
    cases += [
        _packed("opaque", "RGBA8", opaque, rgb, WHOLE, PLAIN),
        _packed("opaque", "BGRA8", opaque[..., [2, 1, 0, 3]], rgb, WHOLE, PLAIN),
        _packed("a stride longer than a row", "RGBA8", opaque, rgb, WHOLE, PLAIN, padding=12),
        _packed(
            "a stride longer than a row", "RGB8", rgb, rgb, Geometry((1, 1, 5, 3), 90), PLAIN, 5
        ),
        _packed(
            "premultiplied alpha on black",
            "RGBA8",
            premultiplied,
            frame.rgb_of_rgba(premultiplied, premultiplied=True),
            WHOLE,
            PLAIN,
            alpha="premultiplied",
        ),
        _packed(
            "straight alpha on black",
            "RGBA8",
            picture,
            frame.rgb_of_rgba(picture, premultiplied=False),
            WHOLE,
            PLAIN,
            alpha="straight",
            tolerance=1.0,
        ),
        _packed("grey", "GRAY8", rgb[..., 0], frame.rgb_of_grey(rgb[..., 0]), WHOLE, PLAIN),
        _packed("centred", "RGB8", rgb, rgb, WHOLE, CENTRED),
        _packed("blue first", "RGB8", rgb, rgb, WHOLE, CAFFE),
        _packed(
            "uneven mean and scale, blue first in memory",
            "BGRA8",
            opaque[..., [2, 1, 0, 3]],
            rgb,
            GEOMETRIES["a crop"],
            UNEVEN,
            tolerance=1e-6,
        ),
    ]
    for height, width in ((6, 8), (5, 7)):
        cases.append(_planar(random, height, width))
    return {"cases": cases}


def _packed(
    name, pixel_format, pixels, rgb, geometry, input_, padding=0, alpha=None, tolerance=0.0
) -> dict:
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    stored = np.pad(rows, ((0, 0), (0, padding)), constant_values=0xAA)
    planes = {"pixels": stored.tobytes().hex(), "stride": stored.shape[1]}
    if alpha is not None:
        planes["alpha"] = alpha
    return _case(name, pixel_format, width, height, planes, rgb, geometry, input_, tolerance)


def _planar(random, height: int, width: int) -> dict:
    chroma = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (
        random.integers(0, 256, shape, dtype=np.uint8)
        for shape in ((height, width), chroma, chroma)
    )
    # Corners where conversion leaves the bytes' range, and neutral grey.
    u[0, :3], v[0, :3] = [0, 255, 128], [255, 0, 128]
    planes = {"y": y.tobytes().hex(), "u": u.tobytes().hex(), "v": v.tobytes().hex()}
    rgb = frame.rgb_of_yuv420(y, u, v)
    geometry = Geometry((0, 0, width, height))
    return _case("BT.601, full range", "YUV420", width, height, planes, rgb, geometry, PLAIN, 1.0)


def _case(name, pixel_format, width, height, planes, rgb, geometry, input_, tolerance) -> dict:
    order, mean, scale = input_
    tensor = frame.tensor(frame.placed(rgb, geometry), order, mean, scale)
    return {
        "name": name,
        "pixel_format": pixel_format,
        "width": width,
        "height": height,
        **planes,
        "crop": list(geometry.crop),
        "rotation": geometry.rotation,
        "mirror": geometry.mirror,
        "order": order,
        "mean": mean,
        "scale": scale,
        "shape": list(tensor.shape),
        "tensor": f32(tensor),
        "tolerance": tolerance,
    }
