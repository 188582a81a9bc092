"""Releases as plain safetensors reads them, and what they hold as another runtime computes it."""

import json
import zipfile

import numpy as np
import tomllib
from conftest import FACE, ROOT, ZOO, Program
from PIL import Image
from safetensors import safe_open

PHOTO = ZOO / "photo.png"
KEYS = ["format", "model", "cut", "channels", "step", "policy"]


def read(path) -> tuple[dict, np.ndarray]:
    """A release's metadata and integers."""
    with safe_open(path, framework="np") as release:
        assert list(release.keys()) == ["release"]
        return release.metadata(), release.get_tensor("release")


def activations(front, tensors: list[str]) -> list[np.ndarray]:
    """The demo face's activations on ONNX Runtime, resized by Pillow."""
    x, y, width, height = (int(number) for number in FACE.split(","))
    face = Image.open(PHOTO).convert("RGB").crop((x, y, x + width, y + height))
    face = face.resize((150, 150), Image.Resampling.BILINEAR)
    pixels = np.asarray(face, np.float32).transpose(2, 0, 1)[None]
    return front.run(tensors, {"data": pixels})


def test_every_cut_under_every_kind_of_policy(program: Program, cuts: list[dict]):
    for cut in cuts:
        channels, rows, columns = cut["shape"]
        for policy, dtype, kept in [
            ("hold(8)", np.int8, channels),
            ("grid(i16, step=2^-8)", np.int16, channels),
            (f"channels(0-{channels // 2 - 1})|dp(epsilon=5)", np.int8, channels // 2),
            ("dp(epsilon=1, unit=image)|hold(4)", None, channels),
        ]:
            path = program.sanitize(PHOTO, cut["name"], policy, "x.safetensors")
            metadata, integers = read(path)
            assert integers.shape == (1, kept, rows, columns), (cut["name"], policy)
            assert dtype is None or integers.dtype == dtype, (cut["name"], policy)
            assert metadata["format"] == "frostglass/1" and metadata["cut"] == cut["name"]
            assert float(metadata["step"]) > 0


def test_the_header_is_in_order_padded_and_says_nothing_else(program: Program):
    path = program.sanitize(PHOTO, "stem-pool", "hold(8)", "x.safetensors", "--crop", FACE)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert list(header) == ["__metadata__", "release"]
    assert list(header["__metadata__"]) == KEYS
    assert (8 + length) % 1024 == 0 and content[8 + length - 1 : 8 + length] == b" "
    assert len(content) == 8 + length + 32 * 35 * 35


def test_a_plain_release_is_what_another_runtime_computes(program: Program, cuts, front):
    maps = activations(front, [cut["tensor"] for cut in cuts])
    for cut, wanted in zip(cuts, maps, strict=True):
        path = program.sanitize(PHOTO, cut["name"], "grid(i8)", "x", "--crop", FACE)
        metadata, integers = read(path)
        step = float(metadata["step"])
        expected = np.clip(np.rint(wanted / step), -127, 127)
        # Pillow rounds once more while it resizes: a byte of the input may differ by one.
        apart = np.abs(expected - integers)
        assert np.mean(apart > 1) < 0.01, (cut["name"], np.mean(apart > 1), apart.max())
        assert np.mean(apart) < 0.25, (cut["name"], np.mean(apart))


def test_a_front_in_the_lab_is_another_runtimes_front(program: Program, cuts, front):
    rng = np.random.default_rng(7)
    picture = rng.uniform(0, 255, (1, 3, 150, 150)).astype(np.float32)
    np.save(program.folder / "in.npy", picture)
    for cut, wanted in zip(cuts, front.run([c["tensor"] for c in cuts], {"data": picture}), strict=True):
        where = ["--cut", cut["name"], "--input", "in.npy", "--out", "map.npy"]
        program.json("lab", "front", "dlib-face", *where)
        got = np.load(program.folder / "map.npy")
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4 * wanted.max())


def test_a_held_map_is_the_references(program: Program):
    from frostglass_lab.reference.hold import sample_and_hold

    rng = np.random.default_rng(11)
    stream = rng.normal(size=(1, 6, 13, 11)).astype(np.float32)
    stream[rng.uniform(size=stream.shape) < 0.4] = 0
    np.save(program.folder / "in.npy", stream)
    for window in (1, 2, 7, 64, 10_000):
        policy = ["--policy", f"hold({window})", "--out", "held.npy"]
        program.json("lab", "sanitize", "in.npy", *policy)
        wanted = sample_and_hold(stream.ravel(), window).reshape(stream.shape)
        np.testing.assert_array_equal(np.load(program.folder / "held.npy"), wanted)


def test_the_noise_of_a_release_has_the_size_that_its_receipt_says(program: Program):
    receipts = []
    difference = []
    for name in ("a", "b"):
        path = program.sanitize(PHOTO, "stem-pool", "dp(epsilon=5)", name, "--receipt", f"{name}.json")
        receipts.append(json.loads((program.folder / f"{name}.json").read_text()))
        difference.append(read(path)[1].astype(np.int32))
    assert receipts[0] == receipts[1], "a receipt holds nothing of the picture or its noise"
    clear = np.abs(difference[0]) < 100
    spread = np.std((difference[0] - difference[1])[clear]) / np.sqrt(2)
    assert abs(spread / receipts[0]["privacy"]["sigma_steps"] - 1) < 0.03, spread


def test_what_commands_print_fits_its_schema(program: Program):
    from jsonschema import Draft202012Validator

    rng = np.random.default_rng(5)
    np.save(program.folder / "in.npy", rng.uniform(0, 255, (1, 3, 150, 150)).astype(np.float32))
    photo = ["--model", "dlib-face", "--cut", "stem-pool", "--policy", "dp", "--out", "x.safetensors"]
    front = ["--cut", "stem-pool", "--input", "in.npy", "--out", "map.npy"]
    for command, answer in [
        ("cuts", program.json("cuts", "dlib-face")),
        ("sanitize", program.json("sanitize", str(PHOTO), *photo, "--receipt", "x.receipt.json")),
        ("inspect", program.json("inspect", "x.safetensors")),
        ("steps", program.json("steps", "dlib-face", "--cut", "stage2-block1")),
        ("lab-front", program.json("lab", "front", "dlib-face", *front)),
        ("lab-sanitize", program.json("lab", "sanitize", "map.npy", "--policy", "dp", "--out", "y.npy")),
        ("demo", program.json("demo", "--out", "demo")),
    ]:
        schema = json.loads((ROOT / "docs" / "cli" / f"{command}.schema.json").read_text())
        Draft202012Validator(schema).validate(answer)


def test_the_card_is_what_the_format_says():
    card = tomllib.loads((ZOO / "card.toml").read_text())
    assert set(card) == {"model", "input", "cut", "demo"}
    for cut in card["cut"]:
        assert set(cut) == {"name", "tensor", "shape", "gain", "offset", "grid", "notes"}
        assert len(cut["gain"]) == cut["shape"][0]


def test_a_hundred_photographs_at_every_cut(program: Program, cuts: list[dict], data):
    with zipfile.ZipFile(data / "imagenet_samples.zip") as archive:
        pictures = [name for name in sorted(archive.namelist()) if name.endswith(".JPEG")][:100]
        assert len(pictures) == 100
        for name in pictures:
            photo = program.folder / "photo.jpeg"
            photo.write_bytes(archive.read(name))
            for cut in cuts:
                metadata, integers = read(program.sanitize(photo, cut["name"], "hold(8)", "x"))
                assert metadata["cut"] == cut["name"]
                assert integers.shape == (1, *cut["shape"])
