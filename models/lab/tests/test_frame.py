"""Frames: the order of crop, rotation and mirror, and colours that need no looking up."""

import numpy as np
import pytest

from frostglass_lab.reference import frame
from frostglass_lab.reference.frame import Geometry

STORED = np.repeat(np.array([list(b"ABCD"), list(b"EFGH")], np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize(
    "geometry, rows",
    [
        (Geometry((1, 0, 2, 2)), [b"BC", b"FG"]),
        (Geometry((1, 0, 2, 2), 90), [b"FB", b"GC"]),
        (Geometry((1, 0, 2, 2), 90, True), [b"BF", b"CG"]),
        (Geometry((0, 0, 4, 2), 270), [b"DH", b"CG", b"BF", b"AE"]),
        (Geometry((0, 0, 4, 2), 180), [b"HGFE", b"DCBA"]),
    ],
)
def test_crop_then_rotation_then_mirror(geometry, rows):
    assert [row.tobytes() for row in frame.placed(STORED, geometry)[..., 0]] == rows


def test_neutral_chroma_is_grey_and_full_red_is_red():
    y = np.array([[76, 0], [255, 17]], np.uint8)
    neutral = np.array([[128]], np.uint8)
    assert np.array_equal(frame.rgb_of_yuv420(y, neutral, neutral)[..., 1], y)
    red = frame.rgb_of_yuv420(y, np.array([[85]], np.uint8), np.array([[255]], np.uint8))[0, 0]
    assert np.abs(red.astype(int) - [254, 0, 0]).max() <= 1


def test_a_network_that_reads_blue_first_has_its_mean_blue_first():
    pixel = np.array([[[10, 20, 30]]], np.uint8)
    tensor = frame.tensor(pixel, "BGR", [1, 2, 3], [1, 1, 1])
    assert tensor.ravel().tolist() == [29, 18, 7]
