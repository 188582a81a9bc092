"""Sweeps of a whole network, held to the reference on ONNX Runtime."""

import json
import os
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest
from frostglass_lab.imagenet import pictures, preprocessed
from frostglass_lab.reference import sanitisation
from frostglass_lab.reference.sweep import Network, figures, held, sweep

ROOT = Path(__file__).parents[2]
CARD = ROOT / "models/zoo/squeezenet/card.toml"
DATA = os.environ.get("FROSTGLASS_DATA")
WITH_DATA = pytest.mark.skipif(
    DATA is None,
    reason="FROSTGLASS_DATA names no folder with imagenet_samples.zip (ImageNet pictures) and"
    " models/squeezenet1_0_imagenet.onnx",
)
GAMMAS = [0.5, 1.0, 2.0, 4.0]


def program(*arguments):
    command = [os.environ["FROSTGLASS_BIN"], *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def agree(ours, curve):
    theirs = figures(curve)
    assert ours["class"] == curve.top
    assert ours["p0"] == pytest.approx(curve.before, abs=1e-5)
    assert ours["zero_share"] == pytest.approx(curve.zero_share, abs=1e-4)
    found = [step["p"] for step in ours["steps"]]
    assert np.abs(np.array(found) - curve.after).max() < 1e-3
    assert abs(ours["eff_san"] - theirs.eff_san) <= 2 / 149
    for gamma in GAMMAS:
        own = sanitisation.chosen(gamma, ours["p0"], found)
        assert own == sanitisation.chosen(gamma, curve.before, curve.after), gamma


@WITH_DATA
@pytest.mark.parametrize("tap", ["fire8_concat_53", "pool8_54"])
def test_squeezenet_on_pictures(tmp_path, tap):
    path = Path(DATA) / "models/squeezenet1_0_imagenet.onnx"
    spec = tomllib.loads(CARD.read_text())["input"]
    network = Network(onnx.load(path), [tap], logits=True)
    for picture in pictures(Path(DATA), 2):
        tensor = preprocessed(picture, spec)
        np.save(tmp_path / "in.npy", tensor)
        ours = program("sweep", path, tmp_path / "in.npy", "--tap", tap, "--gamma", 1)
        agree(ours, sweep(network, tensor, range(2, 151)))


@WITH_DATA
def test_an_earlier_tap_is_held_while_a_later_one_is_swept(tmp_path):
    path = Path(DATA) / "models/squeezenet1_0_imagenet.onnx"
    spec = tomllib.loads(CARD.read_text())["input"]
    network = Network(
        onnx.load(path), ["fire8_concat_53", "fire4_concat_24"], logits=True
    )
    (picture,) = pictures(Path(DATA), 1)
    tensor = preprocessed(picture, spec)
    np.save(tmp_path / "in.npy", tensor)
    taps = ["--tap", "fire4_concat_24=5", "--tap", "in:pool8_54"]
    ours = program("sweep", path, tmp_path / "in.npy", *taps, "--windows", "2..30")
    agree(ours, sweep(network, tensor, range(2, 31), {"fire4_concat_24": 5}))


def little(tmp_path, *, softmax):
    """A residual network of our own, named nodes and all."""
    random = np.random.default_rng(3)
    weights = {
        "w1": random.normal(0, 0.4, (8, 3, 3, 3)),
        "w2": random.normal(0, 0.2, (8, 8, 3, 3)),
        "w3": random.normal(0, 1.2, (8, 10)),
    }
    make = onnx.helper.make_node
    nodes = [
        make("Conv", ["x", "w1"], ["c1"], "first", pads=[1] * 4),
        make("Relu", ["c1"], ["r1"], "first_relu"),
        make("Conv", ["r1", "w2"], ["c2"], "second", pads=[1] * 4),
        make("Relu", ["c2"], ["r2"], "second_relu"),
        make("Add", ["r1", "r2"], ["sum"], "add"),
        make("GlobalMaxPool", ["sum"], ["pooled"], "pool"),
        make("Flatten", ["pooled"], ["flat"], "flatten"),
        make("MatMul", ["flat", "w3"], ["scores"], "dense"),
        make("Softmax", ["scores"], ["y"], "softmax", axis=1),
    ][: 9 if softmax else 8]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "little",
        [value("x", onnx.TensorProto.FLOAT, [1, 3, 12, 12])],
        [value("y" if softmax else "scores", onnx.TensorProto.FLOAT, [1, 10])],
        [
            onnx.numpy_helper.from_array(w.astype(np.float32), n)
            for n, w in weights.items()
        ],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 13)]
    )
    model.ir_version = 8
    path = tmp_path / "little.onnx"
    onnx.save(model, path)
    tensor = random.normal(0, 1, (1, 3, 12, 12)).astype(np.float32)
    np.save(tmp_path / "in.npy", tensor)
    return path, model, tensor


@pytest.mark.parametrize(
    ("tap", "tensor_name"),
    [
        ("r1", "r1"),
        ("c2", "c2"),
        ("in:second_relu", "c2"),
        ("in:first", "x"),
        ("in:dense", "flat"),
    ],
)
@pytest.mark.parametrize("softmax", [True, False])
def test_any_tensor_of_a_network_with_a_skip_connection(
    tmp_path, tap, tensor_name, softmax
):
    path, model, tensor = little(tmp_path, softmax=softmax)
    curve = sweep(
        Network(model, [tensor_name], logits=not softmax), tensor, range(2, 81)
    )
    output = [] if softmax else ["--output", "logits"]
    given = ["sweep", path, tmp_path / "in.npy", "--tap", tap, "--windows", "2..80"]
    agree(program(*given, *output), curve)


def test_the_fast_hold_is_the_plain_one_bit_for_bit():
    from frostglass_lab.reference.hold import sample_and_hold

    random = np.random.default_rng(1)
    stream = np.maximum(random.normal(0, 1, 1000), 0).astype(np.float32)
    stream[::7] = np.round(stream[::7], 1)
    for window in (2, 3, 8, 33, 150, 2000):
        assert (
            held(stream, window).tobytes() == sample_and_hold(stream, window).tobytes()
        )
