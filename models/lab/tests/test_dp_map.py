"""DP-A's map against ONNX's own normalisation, and its totality."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from frostglass_lab.reference import dp_map, grid
from frostglass_lab.reference.dp_map import Normalisation


@pytest.mark.parametrize("constants", [Normalisation(), Normalisation(width=3, beta=0.75)])
def test_it_is_lrn_with_alpha_undivided(constants):
    activations = np.random.default_rng(0).random((16, 20)).astype(np.float32)
    node = helper.make_node(
        "LRN",
        ["x"],
        ["y"],
        size=constants.width,
        alpha=constants.alpha * constants.width,
        beta=constants.beta,
        bias=constants.gamma,
    )
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 16, 4, 5]) for n in "xy"]
    graph = helper.make_graph([node], "lrn", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (wanted,) = session.run(None, {"x": activations.reshape(1, 16, 4, 5)})
    found = dp_map.normalised(activations.astype(np.float64), constants)
    np.testing.assert_allclose(found, wanted.reshape(16, 20), atol=1e-6)


def test_the_map_is_total():
    values = np.array([[np.nan, np.inf, -np.inf, -1.0, 3e38]], np.float32)
    one = np.ones(1, np.float32)
    clipped = dp_map.clipped(values, one, 0 * one, 1.5)
    assert clipped.tolist() == [[0.0, 1.5, 0.0, 0.0, 1.5]]


def test_a_clip_brings_the_norm_down_and_never_up():
    map_ = np.full((4, 4), 0.5)
    assert np.sqrt(np.sum((map_ * dp_map.shrink(map_, 1.0)) ** 2)) == pytest.approx(1.0)
    assert dp_map.shrink(map_, 100.0) == dp_map.shrink(map_, None) == 1.0


def test_sums_saturate_symmetrically():
    floored, noise = np.array([100, 0, 5]), np.array([100, -300, -4])
    assert dp_map.released(floored, noise, "i8").tolist() == [127, -127, 1]


def test_quantisation_rounds_ties_to_even():
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -np.inf, np.nan], np.float32)
    assert grid.quantise(values, "i8", 1.0).tolist() == [0, 2, 2, 0, -2, 127, -127, 0]
