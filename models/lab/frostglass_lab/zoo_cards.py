"""Writes the cards of networks whose weights are not ours to pass on.

    python -m frostglass_lab.zoo_cards

reads the networks and pictures in the folder that FROSTGLASS_DATA names and writes
`models/zoo/NAME/card.toml`: the file is known by its SHA-256. A cut's gain is one over the 90th
percentile of each channel's activations over public pictures, its grid the 99.9th
percentile of all over 127, rounded up to a power of two. The pictures are ImageNet's, for a network
of faces too: the faces in that folder are grey, and channels that look for colours would be silent.
"""

import hashlib
import json
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import onnx
import onnxruntime

from frostglass_lab.checkout import ROOT
from frostglass_lab.imagenet import pictures, preprocessed

MEASURED = ROOT / "models/lab/results/sample-and-hold/measured.json"
"""Where `frostglass_lab.sample_and_hold` writes; what it found of inverters goes to the cards."""
PICTURES = 60
"""Over which gains are taken: every eleventh or so of the samples."""
FLOOR = 1e-3


@dataclass(frozen=True)
class Network:
    name: str
    title: str
    licence: str
    source: str
    file: str
    output: str
    input: str
    cuts: tuple[tuple[str, str], ...]
    """A person's word, and the tensor."""


SQUEEZENET_INPUT = """\
name = "data"
shape = [3, 227, 227]
order = "BGR"
resize = "short-side"
short_side = 256
filter = "bilinear"
crop = "centre"
mean = [104, 117, 123]
scale = [1, 1, 1]
"""
VGG_INPUT = """\
name = "data"
shape = [3, 224, 224]
order = "RGB"
resize = "short-side"
short_side = 256
filter = "bilinear"
crop = "centre"
mean = [0, 0, 0]
scale = [0.00392156862745098, 0.00392156862745098, 0.00392156862745098]
"""
FACE_INPUT = """\
name = "data"
shape = [3, 112, 112]
order = "RGB"
resize = "exact"
short_side = 112
filter = "bilinear"
crop = "none"
mean = [127.5, 127.5, 127.5]
scale = [0.0078125, 0.0078125, 0.0078125]
"""
NETWORKS = [
    Network(
        "squeezenet",
        "SqueezeNet 1.0, ImageNet",
        "BSD-2-Clause",
        "DeepScale's SqueezeNet 1.0, as ONNX",
        "squeezenet1_0_imagenet.onnx",
        "logits",
        SQUEEZENET_INPUT,
        (
            ("pool1", "pool1_3"),
            ("fire2", "fire2_concat_10"),
            ("fire3", "fire3_concat_17"),
            ("pool4", "pool4_25"),
            ("fire5", "fire5_concat_32"),
            ("fire6", "fire6_concat_39"),
            ("fire7", "fire7_concat_46"),
            ("fire8", "fire8_concat_53"),
            ("pool8", "pool8_54"),
            ("fire9", "fire9_concat_61"),
        ),
    ),
    *(
        Network(
            f"vgg19n-relu{layer}",
            f"VGG-19, normalised, up to relu{layer}",
            "none stated: research",
            "the encoders of universal style transfer, as ONNX",
            f"vgg19n_conv{layer}.onnx",
            "descriptor",
            VGG_INPUT,
            ((f"relu{layer}", tensor),),
        )
        for layer, tensor in (("1_1", "n4"), ("2_1", "n11"), ("3_1", "n18"))
    ),
    Network(
        "mobilefacenet",
        "MobileFaceNet, 192 numbers a face",
        "none stated: research",
        "MobileFaceNet, as ONNX",
        "mobilefacenet_192.onnx",
        "descriptor",
        FACE_INPUT,
        (("stem", "t49"), ("stage1", "t71")),
    ),
]


def card(network: Network, data: Path) -> str:
    file = data / "models" / network.file
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    text = (
        f"# Gains and grids: over {PICTURES} ImageNet samples.\n"
        f'[model]\nname = "{network.name}"\ntitle = "{network.title}"\n'
        f'licence = "{network.licence}"\nsource = "{network.source}"\n'
        f'sha256 = "{digest}"\noutput = "{network.output}"\n\n[input]\n{network.input}'
    )
    for (name, tensor), maps in zip(network.cuts, _maps(network, file, data), strict=True):
        _, channels, rows, columns = maps.shape
        flat = maps.transpose(1, 0, 2, 3).reshape(channels, -1)
        gains = 1 / np.maximum(np.percentile(flat, 90, axis=1), FLOOR)
        grid = 2.0 ** math.ceil(math.log2(np.percentile(maps, 99.9) / 127))
        listed = ", ".join(f"{gain:.4g}" for gain in gains)
        text += (
            f'\n[[cut]]\nname = "{name}"\ntensor = "{tensor}"\n'
            f"shape = [{channels}, {rows}, {columns}]\ngain = [{listed}]\n"
            f"offset = 0\ngrid = {grid}\n"
        )
        text += _held(name)
    return text


def _held(cut: str) -> str:
    """What the inverters made of held maps at this cut, where that was measured."""
    if not MEASURED.is_file():
        return ""
    measured = json.loads(MEASURED.read_text())
    found = measured["reconstruction"]
    if cut not in found:
        return ""
    data = f"the king penguin and {len(found['pictures']) - 1} more ImageNet samples"
    text = ""
    for window, psnr, ssim in zip(
        found["windows"], found[cut]["psnr"], found[cut]["ssim"], strict=True
    ):
        text += (
            f"\n[[cut.held]]\nwindow = {window}\npsnr = {fmean(psnr):.2f}\n"
            f"psnr_deviation = {stdev(psnr):.2f}\nssim = {fmean(ssim):.3f}\n"
            f'attack = "an inverter trained on maps that nobody had held"\n'
            f'data = "{data}"\ndate = "{measured["date"]}"\n'
        )
    return text


def _maps(network: Network, file: Path, data: Path) -> list[np.ndarray]:
    model = onnx.load(file)
    tensors = [tensor for _, tensor in network.cuts]
    for tensor in tensors:
        if tensor not in {output.name for output in model.graph.output}:
            model.graph.output.append(onnx.ValueInfoProto(name=tensor))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    maps: list[list[np.ndarray]] = [[] for _ in tensors]
    for picture in pictures(data, PICTURES):
        made = session.run(tensors, {"data": preprocessed(picture, network.input)})
        for kept, one in zip(maps, made, strict=True):
            kept.append(one)
    return [np.concatenate(kept) for kept in maps]


def main() -> int:
    data = Path(os.environ["FROSTGLASS_DATA"])
    for network in NETWORKS:
        path = ROOT / "models/zoo" / network.name / "card.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(card(network, data))
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
