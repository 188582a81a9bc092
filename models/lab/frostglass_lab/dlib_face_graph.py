"""The dlib face-recognition network as an ONNX graph, and the places where it may be cut.

A ResNet of 29 convolutions (King 2017, dlib's `dnn_face_recognition_resnet_v1`): RGB bytes
0..255, [N, 3, 150, 150], to a descriptor [N, 128]; two photos show one person when their
descriptors lie closer than 0.6.

    stem      7x7/2 convolution, ReLU          32 x 72 x 72
              3x3/2 max pooling                32 x 35 x 35
    stage1    3 blocks                         32 x 35 x 35
    stage2    1 halving block, 3 blocks        64 x 17 x 17
    stage3    1 halving block, 2 blocks       128 x  8 x  8
    stage4    1 halving block, 2 blocks       256 x  4 x  4
    stage5    1 halving block                 256 x  2 x  2
    head      mean over positions, product with a 256 x 128 matrix

A block is ReLU(convolution(ReLU(convolution(x))) + x). A halving block's first convolution has
stride 2 and no padding, its shortcut is a 2x2 average; whichever of the two is smaller is padded
with zeros: below and to the right, or in the channels.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from frostglass_lab.dlib_face_weights import Quantised, Weights, values_of

INPUT = "data"
DESCRIPTOR = "descriptor"
DESCRIPTOR_LENGTH = 128
SIDE = 150
MEAN_RGB = (122.782, 117.001, 104.298)
OPSET = 13
IR_VERSION = 8


@dataclass(frozen=True)
class Stage:
    """Residual blocks in a row whose outputs have one shape: `channels` x `side` x `side`."""

    name: str
    channels: int
    side: int
    blocks: tuple[str, ...]
    """By the names that their weights have in the package; "_down" marks a halving block."""


STEM = Stage("stem", 32, 35, ())
STAGES = (
    Stage("stage1", 32, 35, ("conv32_1", "conv32_2", "conv32_3")),
    Stage("stage2", 64, 17, ("conv64_down", "conv64_1", "conv64_2", "conv64_3")),
    Stage("stage3", 128, 8, ("conv128_down", "conv128_1", "conv128_2")),
    Stage("stage4", 256, 4, ("conv256_down", "conv256_1", "conv256_2")),
    Stage("stage5", 256, 2, ("conv256_down_out",)),
)


@dataclass(frozen=True)
class Cut:
    """A tensor after which the front may end; its name tells how deep it lies."""

    name: str
    tensor: str
    shape: tuple[int, int, int]
    what: str


def cuts() -> list[Cut]:
    """All of them, shallowest first."""
    found = [
        Cut(
            "stem-relu", "stem/relu", (32, 72, 72), "the first convolution (7x7, stride 2) and ReLU"
        ),
        Cut("stem-pool", "stem/pool", (32, 35, 35), "the max pooling (3x3, stride 2)"),
    ]
    for stage in STAGES:
        shape = (stage.channels, stage.side, stage.side)
        for number, source in enumerate(stage.blocks, start=1):
            name = f"{stage.name}-block{number}"
            what = f"residual block {number} of {len(stage.blocks)} in {stage.name}"
            what += ", which halves the side" if "_down" in source else ""
            found.append(Cut(name, f"{stage.name}/block{number}", shape, what))
    return found


def build(weights: Weights, *, packed: bool) -> onnx.ModelProto:
    """The network from its weights.

    With `packed`, filters stay bytes behind DequantizeLinear and the per-channel scale and bias
    that follow each convolution (a batch normalisation at rest) are folded into it. Without, all
    weights are f32 and nothing is folded: the form to compare against.
    """
    graph = _GraphInProgress(weights, packed)

    mean = graph.constant("input/mean", np.array(MEAN_RGB).reshape(1, 3, 1, 1))
    per_unit = graph.constant("input/per_unit", np.array(1 / 256))
    centred = graph.node("Sub", "input/centred", [INPUT, mean])
    x = graph.node("Mul", "input/scaled", [centred, per_unit])

    x = graph.convolution("stem/convolution", "conv32_down", x, stride=2, padding=0)
    x = graph.node("Relu", "stem/relu", [x])
    x = graph.node("MaxPool", "stem/pool", [x], kernel_shape=[3, 3], strides=[2, 2])

    before = STEM
    for stage in STAGES:
        for number, source in enumerate(stage.blocks, start=1):
            name = f"{stage.name}/block{number}"
            if "_down" in source:
                x = graph.halving_block(name, source, x, before, stage)
            else:
                x = graph.block(name, source, x)
        before = stage

    pooled = graph.node("GlobalAveragePool", "head/mean", [x])
    flat = graph.node("Flatten", "head/flat", [pooled], axis=1)
    graph.node("MatMul", DESCRIPTOR, [flat, graph.weight("head/matrix", "fc", to_onnx=lambda w: w)])

    return model_of(
        "dlib-face",
        graph.nodes,
        [tensor_of(INPUT, [3, SIDE, SIDE])],
        [tensor_of(DESCRIPTOR, [DESCRIPTOR_LENGTH])],
        graph.constants,
    )


def model_of(name: str, nodes, inputs, outputs, constants) -> onnx.ModelProto:
    """A checked model whose bytes depend on its arguments alone."""
    model = helper.make_model(
        helper.make_graph(nodes, name, inputs, outputs, constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="frostglass-lab",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def tensor_of(name: str, shape) -> onnx.ValueInfoProto:
    """An f32 tensor of `shape` with a symbolic batch axis before it."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])


@dataclass
class _GraphInProgress:
    weights: Weights
    packed: bool
    nodes: list = field(default_factory=list)
    constants: list = field(default_factory=list)

    def node(self, operator: str, name: str, inputs: list[str], **attributes) -> str:
        """Adds a node that has the name of the one tensor it makes; returns that name."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, values: np.ndarray, dtype=np.float32) -> str:
        array = np.ascontiguousarray(np.asarray(values).astype(dtype))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, name: str, source: str, to_onnx, per_channel=None) -> str:
        """A weight tensor, times `per_channel` along its first ONNX axis where that is given."""
        tensor = self.weights[source]
        if not (self.packed and isinstance(tensor, Quantised)):
            values = to_onnx(values_of(tensor))
            if per_channel is not None:
                values = values * per_channel.reshape(-1, *[1] * (values.ndim - 1))
            return self.constant(name, values)
        stored = self.constant(f"{name}/bytes", to_onnx(tensor.bytes), np.uint8)
        if per_channel is None:
            scale = np.asarray(tensor.scale)
            axis = {}
        else:
            scale = tensor.scale * per_channel
            axis = {"axis": 0}
        zero_point = np.full(scale.shape, tensor.zero_point)
        return self.node(
            "DequantizeLinear",
            name,
            [
                stored,
                self.constant(f"{name}/scale", scale),
                self.constant(f"{name}/zero_point", zero_point, np.uint8),
            ],
            **axis,
        )

    def convolution(self, name: str, source: str, x: str, *, stride: int, padding: int) -> str:
        """Convolution, then a scale and a bias for each channel, the three folded if packed."""
        bias = values_of(self.weights[f"{source}/conv/bias"])
        scale = values_of(self.weights[f"{source}/scale/weights"]).ravel()
        shift = values_of(self.weights[f"{source}/scale/biases"]).ravel()
        kernel = self.weights[f"{source}/conv/filters"]
        side = (kernel.bytes if isinstance(kernel, Quantised) else kernel).shape[0]

        def convolve(output: str, per_channel, offset) -> str:
            filters = self.weight(
                f"{name}/filters",
                f"{source}/conv/filters",
                to_onnx=lambda w: w.transpose(3, 2, 0, 1),
                per_channel=per_channel,
            )
            return self.node(
                "Conv",
                output,
                [x, filters, self.constant(f"{name}/bias", offset)],
                kernel_shape=[side, side],
                strides=[stride, stride],
                pads=[padding] * 4,
            )

        if self.packed:
            return convolve(name, scale, bias * scale + shift)
        convolved = convolve(f"{name}/plain", None, bias)
        factor = self.constant(f"{name}/factor", scale.reshape(1, -1, 1, 1))
        offset = self.constant(f"{name}/offset", shift.reshape(1, -1, 1, 1))
        return self.node(
            "Add", name, [self.node("Mul", f"{name}/scaled", [convolved, factor]), offset]
        )

    def block(self, name: str, source: str, x: str) -> str:
        y = self.convolution(f"{name}/convolution1", f"{source}/conv1", x, stride=1, padding=1)
        y = self.node("Relu", f"{name}/relu1", [y])
        y = self.convolution(f"{name}/convolution2", f"{source}/conv2", y, stride=1, padding=1)
        return self.node("Relu", name, [self.node("Add", f"{name}/sum", [y, x])])

    def halving_block(self, name: str, source: str, x: str, before: Stage, stage: Stage) -> str:
        """From `before`'s shape to `stage`'s; the shortcut's side, side / 2, decides that one's."""
        y = self.convolution(f"{name}/convolution1", f"{source}/conv1", x, stride=2, padding=0)
        y = self.node("Relu", f"{name}/relu1", [y])
        y = self.convolution(f"{name}/convolution2", f"{source}/conv2", y, stride=1, padding=1)
        rows = stage.side - ((before.side - 3) // 2 + 1)
        if rows:
            y = self._pad(f"{name}/convolution2/padded", y, [0, 0, 0, 0, 0, 0, rows, rows])

        shortcut = self.node(
            "AveragePool", f"{name}/shortcut", [x], kernel_shape=[2, 2], strides=[2, 2]
        )
        channels = stage.channels - before.channels
        if channels:
            widths = [0, 0, 0, 0, 0, channels, 0, 0]
            shortcut = self._pad(f"{name}/shortcut/padded", shortcut, widths)
        return self.node("Relu", name, [self.node("Add", f"{name}/sum", [y, shortcut])])

    def _pad(self, name: str, x: str, widths: list[int]) -> str:
        """Zeros around x: `widths` is N, C, H, W before, then N, C, H, W after."""
        return self.node(
            "Pad", name, [x, self.constant(f"{name}/widths", np.array(widths), np.int64)]
        )
