"""LiteRT with XNNPACK, its default on a processor; channels last, as it computes."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
from ai_edge_litert.interpreter import Interpreter

from frostglass_lab.bench import conversion
from frostglass_lab.bench.engine import Front, NotAvailable, Setting


class Session:
    """Input and output keep LiteRT's own order; turning them round is not timed."""

    def __init__(self, front: Front, path: Path):
        self.interpreter = Interpreter(str(path), num_threads=1)
        self.interpreter.allocate_tensors()
        (given,) = self.interpreter.get_input_details()
        (self.made,) = self.interpreter.get_output_details()
        self.shape = front.output_shape
        values = front.input
        if tuple(given["shape"]) != values.shape:
            values = np.ascontiguousarray(values.transpose(0, 2, 3, 1))
        self.interpreter.set_tensor(given["index"], values)
        self.run = self.interpreter.invoke

    def output(self) -> np.ndarray:
        values = self.interpreter.get_tensor(self.made["index"])
        return values if values.shape == self.shape else values.transpose(0, 3, 1, 2)

    def close(self) -> None:
        del self.run, self.interpreter


class LiteRt:
    name = "litert"

    def __init__(self, setting: Setting):
        self.version = version("ai-edge-litert")
        self.converted = setting.converted / "onnx2tf"
        self.onnx2tf = setting.onnx2tf

    def open(self, front: Front) -> Session:
        if self.onnx2tf is None:
            raise NotAvailable("no conversion: onnx2tf is not installed, it needs Python 3.12")
        folder = conversion.converted(
            self.converted / front.name,
            onnx.load(front.path),
            [self.onnx2tf, "-i", conversion.MODEL, "-o", ".", "-tb", "flatbuffer_direct", "-n"],
            wanted=["front_float32.tflite"],
        )
        return Session(front, folder / "front_float32.tflite")


load = LiteRt
