"""Writes the fronts that `cargo xtask bench front` compares engines on.

    python -m frostglass_lab.bench_fronts --out FOLDER [--only NAME,..]

One ONNX file a front: operator set 13, f32, input `x` of [1, 3, H, W], one output. Only the shapes
are those of published networks; the weights are drawn (He et al. 2015, eq. 10) from a seed that
belongs to the front's name, so that a file does not depend on which others are written. dlib-face
is the zoo's, weights and all.
"""

import argparse
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from frostglass_lab.checkout import ZOO

OPSET = 13
IR_VERSION = 8
INPUT = "x"

VGG_CUTS = ("conv1_1", "conv1_2", "pool1", "conv2_2", "pool2", "conv3_3")
DLIB_FACE_CUTS = {
    "stem-pool": "stem/pool",
    "stage1-block3": "stage1/block3",
    "stage3-block3": "stage3/block3",
    "stage4-block3": "stage4/block3",
}


@dataclass
class Network:
    """A graph in progress; each method adds nodes behind `at`, the tensor it has come to."""

    name: str
    side: int
    at: str = INPUT
    channels: int = 3
    nodes: list = field(default_factory=list)
    constants: list = field(default_factory=list)

    def __post_init__(self):
        self.random = np.random.default_rng(zlib.crc32(self.name.encode()))

    def node(self, operator: str, inputs: list[str], **attributes) -> "Network":
        self.at = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [self.at], name=self.at, **attributes))
        return self

    def constant(self, values: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def convolution(self, channels, side, stride=1, padding=0, groups=1, bias=True) -> "Network":
        """Filters are normal with variance 2 / inputs of one output, biases small."""
        shape = (channels, self.channels // groups, side, side)
        filters = self.random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        inputs = [self.at, self.constant(filters)]
        if bias:
            inputs.append(self.constant(self.random.normal(0, 0.05, channels)))
        self.channels = channels
        return self.node(
            "Conv",
            inputs,
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[padding] * 4,
            group=groups,
        )

    def normalised(self) -> "Network":
        """A batch normalisation at rest, near one and zero."""
        drawn = self.random
        statistics = (
            drawn.uniform(0.5, 1.5, self.channels),
            drawn.normal(0, 0.1, self.channels),
            drawn.normal(0, 0.1, self.channels),
            drawn.uniform(0.5, 1.5, self.channels),
        )
        inputs = [self.at, *map(self.constant, statistics)]
        return self.node("BatchNormalization", inputs, epsilon=1e-5)

    def relu(self) -> "Network":
        return self.node("Relu", [self.at])

    def prelu(self) -> "Network":
        slopes = self.random.uniform(0.1, 0.4, (self.channels, 1, 1))
        return self.node("PRelu", [self.at, self.constant(slopes)])

    def max_pool(self, side, stride, padding=0, ceil=False) -> "Network":
        shape = {"kernel_shape": [side, side], "strides": [stride, stride], "pads": [padding] * 4}
        return self.node("MaxPool", [self.at], **shape, ceil_mode=int(ceil))

    def response_normalised(self) -> "Network":
        return self.node("LRN", [self.at], size=5, alpha=1e-4, beta=0.75, bias=1.0)

    def plus(self, other: str) -> "Network":
        return self.node("Add", [self.at, other])

    def finished(self) -> onnx.ModelProto:
        return _model(
            self.name, self.nodes, self.constants, [1, 3, self.side, self.side], output=self.at
        )


def vgg(name: str, side: int, cut: str) -> onnx.ModelProto:
    """VGG-16 (Simonyan and Zisserman 2015, configuration D)."""
    network = Network(name, side)
    for stage, (channels, convolutions) in enumerate(((64, 2), (128, 2), (256, 3)), start=1):
        for number in range(1, convolutions + 1):
            network.convolution(channels, 3, padding=1).relu()
            if cut == f"conv{stage}_{number}":
                return network.finished()
        network.max_pool(2, 2)
        if cut == f"pool{stage}":
            return network.finished()
    raise ValueError(f"no cut {cut}")


def alexnet(name: str) -> onnx.ModelProto:
    """AlexNet (Krizhevsky et al. 2012) to its second pooling, in Caffe's order: normalise, pool."""
    network = Network(name, 227)
    network.convolution(96, 11, stride=4).relu().response_normalised().max_pool(3, 2)
    network.convolution(256, 5, padding=2, groups=2).relu().response_normalised().max_pool(3, 2)
    return network.finished()


def mobilefacenet(name: str) -> onnx.ModelProto:
    """MobileFaceNet (Chen et al. 2018) to the third of its bottlenecks; the first halves."""
    network = Network(name, 112)

    def layer(channels, side, **shape) -> Network:
        return network.convolution(channels, side, bias=False, **shape).normalised()

    layer(64, 3, stride=2, padding=1).prelu()
    layer(64, 3, padding=1, groups=64).prelu()
    for stride in (2, 1, 1):
        before = network.at
        layer(128, 1).prelu()
        layer(128, 3, stride=stride, padding=1, groups=128).prelu()
        layer(64, 1)
        if stride == 1:
            network.plus(before)
    return network.finished()


def resnet(name: str) -> onnx.ModelProto:
    """ResNet-18 (He et al. 2016) to the second of its basic blocks."""
    network = Network(name, 150)
    network.convolution(64, 7, stride=2, padding=3, bias=False).normalised().relu()
    network.max_pool(3, 2, padding=1)
    for _ in range(2):
        before = network.at
        network.convolution(64, 3, padding=1, bias=False).normalised().relu()
        network.convolution(64, 3, padding=1, bias=False).normalised().plus(before).relu()
    return network.finished()


def squeezenet(name: str) -> onnx.ModelProto:
    """SqueezeNet 1.0 (Iandola et al. 2016) to pool4, by its Caffe definition, which rounds a
    pooling's size up: 96 x 111 x 111, pooled to 55; fire2 to fire4; pooled to 256 x 27 x 27."""
    network = Network(name, 227)
    network.convolution(96, 7, stride=2).relu().max_pool(3, 2, ceil=True)
    for squeezed, expanded in ((16, 64), (16, 64), (32, 128)):
        start = network.convolution(squeezed, 1).relu().at
        narrow = network.convolution(expanded, 1).relu().at
        network.at, network.channels = start, squeezed
        wide = network.convolution(expanded, 3, padding=1).relu().at
        network.node("Concat", [narrow, wide], axis=1).channels = 2 * expanded
    return network.max_pool(3, 2, ceil=True).finished()


def dlib_face(name: str, tensor: str) -> onnx.ModelProto:
    """The zoo's dlib-face to this tensor, with its weights as f32, which every engine reads."""
    graph = onnx.load(ZOO / "dlib-face" / "front.onnx").graph
    constants = {constant.name: constant for constant in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type != "DequantizeLinear":
            nodes.append(node)
            continue
        stored, scale, zero_point = (numpy_helper.to_array(constants[i]) for i in node.input)
        # Per channel the scale lies along the first axis; a single one fits every axis.
        per_channel = (-1, *[1] * (stored.ndim - 1)) if scale.ndim else ()
        steps = stored.astype(np.float32) - zero_point.astype(np.float32).reshape(per_channel)
        values = steps * scale.reshape(per_channel)
        constants[node.output[0]] = numpy_helper.from_array(values, node.output[0])

    maker = {node.output[0]: node for node in nodes}
    needed, todo = set(), [tensor]
    while todo:
        reached = todo.pop()
        if reached not in needed:
            needed.add(reached)
            todo.extend(maker[reached].input if reached in maker else ())
    kept = [node for node in nodes if node.output[0] in needed]
    (old_input,) = (value.name for value in graph.input)
    for node in kept:
        if node.op_type == "Pad":
            # The default, spelt out: pnnx leaves a Pad without it out of what it writes.
            node.attribute.append(helper.make_attribute("mode", "constant"))
        inputs = [INPUT if used == old_input else used for used in node.input]
        node.ClearField("input")
        node.input.extend(inputs)
    used = [constant for key, constant in constants.items() if key in needed]
    return _model(name, kept, used, [1, 3, 150, 150], output=tensor)


FRONTS: dict[str, Callable[[str], onnx.ModelProto]] = {
    **{f"vgg{s}_{cut}": partial(vgg, side=s, cut=cut) for s in (224, 32) for cut in VGG_CUTS},
    "alexnet227_pool2": alexnet,
    "mobilefacenet112_b3": mobilefacenet,
    "resnet150_b2": resnet,
    "squeezenet227_pool4": squeezenet,
    **{f"dlibface150_{cut}": partial(dlib_face, tensor=t) for cut, t in DLIB_FACE_CUTS.items()},
}
"""Every front by its name, in the order in which it is reported."""


def build(name: str) -> onnx.ModelProto:
    """The front of this name, checked."""
    return FRONTS[name](name)


def input_for(name: str, shape) -> np.ndarray:
    """An input in the front's range: dlib-face takes bytes as they are, others normalised ones."""
    random = np.random.default_rng(zlib.crc32(f"{name} input".encode()))
    if name.startswith("dlibface"):
        return random.integers(0, 256, shape).astype(np.float32)
    return random.normal(0, 1, shape).astype(np.float32)


def chosen(names: str | None) -> list[str]:
    """All names, or those listed, in the order of FRONTS."""
    wanted = list(FRONTS) if names is None else names.split(",")
    if unknown := set(wanted) - set(FRONTS):
        raise ValueError(
            f"no such front: {', '.join(sorted(unknown))}; there are {', '.join(FRONTS)}"
        )
    return [name for name in FRONTS if name in wanted]


def write(folder: Path, names: list[str]) -> None:
    """Writes those that are not there yet, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / f"{name}.onnx"
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            onnx.save(build(name), unfinished)
            unfinished.rename(path)


def _model(name, nodes, constants, input_shape, output) -> onnx.ModelProto:
    """A checked model in which every tensor has a shape."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        constants,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    model = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--only", help="names, separated by commas")
    arguments = parser.parse_args()
    write(arguments.out, chosen(arguments.only))


if __name__ == "__main__":
    main()
