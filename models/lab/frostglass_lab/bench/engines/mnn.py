"""MNN, in f32 (`precision` high), converted by the program in its own package."""

import sys
from importlib.metadata import version
from pathlib import Path

import MNN
import numpy as np
import onnx

from frostglass_lab.bench import conversion
from frostglass_lab.bench.engine import Front, Setting


class Session:
    """The copies into and out of MNN's tensors belong to a run: it may reuse an input's memory, and
    its output is not in a form to be read."""

    def __init__(self, front: Front, path: Path):
        self.interpreter = MNN.Interpreter(str(path))
        self.session = self.interpreter.createSession(
            {"backend": "CPU", "numThread": 1, "precision": "high"}
        )
        self.inside = (
            self.interpreter.getSessionInput(self.session),
            self.interpreter.getSessionOutput(self.session),
        )
        self.shape = front.output_shape
        self.outside = tuple(
            MNN.Tensor(values.shape, MNN.Halide_Type_Float, values, MNN.Tensor_DimensionType_Caffe)
            for values in (front.input, np.zeros(self.shape, np.float32))
        )

    def run(self) -> None:
        self.inside[0].copyFrom(self.outside[0])
        self.interpreter.runSession(self.session)
        self.inside[1].copyToHostTensor(self.outside[1])

    def output(self) -> np.ndarray:
        return np.array(self.outside[1].getNumpyData()).reshape(self.shape)

    def close(self) -> None:
        del self.inside, self.session, self.interpreter


class Mnn:
    name = "mnn"

    def __init__(self, setting: Setting):
        self.version = version("mnn")
        self.converted = setting.converted / f"mnn-{self.version}"
        self.converter = Path(sys.executable).with_name("mnnconvert")

    def open(self, front: Front) -> Session:
        folder = conversion.converted(
            self.converted / front.name,
            onnx.load(front.path),
            [
                *(self.converter, "-f", "ONNX", "--modelFile", conversion.MODEL),
                *("--MNNModel", "front.mnn", "--bizCode", "bench"),
            ],
            wanted=["front.mnn"],
        )
        return Session(front, folder / "front.mnn")


load = Mnn
