"""The zoo's dlib-face: files, card and network fit each other."""

import hashlib
import tomllib

import numpy as np
import onnx
import onnxruntime
import pytest

from frostglass_lab import demo_photo, dlib_face_graph, faces, splitting, verify_dlib_face
from frostglass_lab.checkout import ZOO

FOLDER = ZOO / "dlib-face"
ALLOWED = {
    "Add",
    "AveragePool",
    "Conv",
    "DequantizeLinear",
    "Flatten",
    "GlobalAveragePool",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "Relu",
    "Sub",
}


@pytest.fixture(scope="module")
def card():
    return tomllib.loads((FOLDER / "card.toml").read_text())


@pytest.fixture(scope="module")
def whole():
    return splitting.join(onnx.load(FOLDER / "front.onnx"), onnx.load(FOLDER / "tail.onnx"))


def run(model, values):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {session.get_inputs()[0].name: values})[0]


def test_the_card_names_the_files_that_lie_beside_it(card):
    for key, file in (("sha256", "front.onnx"), ("tail_sha256", "tail.onnx")):
        assert card["model"][key] == hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
    assert (FOLDER / card["demo"]["photo"]).stat().st_size < 500_000
    assert tuple(card["demo"]["face"]) == demo_photo.face_box()


def test_only_simple_operators_are_used(whole):
    assert {node.op_type for node in whole.graph.node} <= ALLOWED


def test_every_cut_of_the_card_splits_the_network(card, whole):
    chip = demo_photo.face_chip().transpose(2, 0, 1)[None].astype(np.float32)
    expected = run(whole, chip)
    assert expected.shape == (1, 128)
    assert [cut["name"] for cut in card["cut"]] == [cut.name for cut in dlib_face_graph.cuts()]
    for cut in card["cut"]:
        front, tail = splitting.split(whole, cut["tensor"], cut["shape"])
        map_ = run(front, chip)
        assert list(map_.shape[1:]) == cut["shape"]
        assert map_.min() >= 0, "every cut lies after a ReLU"
        assert len(cut["gain"]) == cut["shape"][0] and min(cut["gain"]) > 0
        assert np.log2(cut["grid"]) == round(np.log2(cut["grid"]))
        np.testing.assert_allclose(run(tail, map_), expected, atol=1e-6)


def test_a_tensor_inside_a_block_does_not_cut_the_network(whole):
    with pytest.raises(ValueError, match="does not cut"):
        splitting.split(whole, "stage1/block1/relu1", [32, 35, 35])


def test_the_demo_face_is_found_again_in_its_mirror_image(whole):
    chip = demo_photo.face_chip()
    both = np.stack([chip, chip[:, ::-1]]).transpose(0, 3, 1, 2).astype(np.float32)
    one, mirrored = run(whole, both)
    assert np.linalg.norm(one - mirrored) < 0.3


def test_faces_are_told_apart(whole):
    try:
        drawn = faces.draw(100, seed=1)
    except faces.DataMissing as missing:
        pytest.skip(str(missing))
    network = verify_dlib_face.Run(whole)
    found = verify_dlib_face.descriptors(network, drawn)
    assert verify_dlib_face.recognition(found, drawn.people)["auc"] > 0.99
