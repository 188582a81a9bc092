"""tract's own executor, as its Python package has it."""

import os
from importlib.metadata import version

import numpy as np

from frostglass_lab.bench.engine import Front, Setting


class Session:
    def __init__(self, front: Front):
        import tract

        self.runnable = tract.onnx().load(str(front.path)).into_model().into_runnable()
        self.input = [tract.Tensor.from_numpy(front.input)]
        self.result = None

    def run(self) -> None:
        self.result = self.runnable.run(self.input)

    def output(self) -> np.ndarray:
        return self.result[0].to_numpy()

    def close(self) -> None:
        self.result = None
        del self.runnable


class Tract:
    name = "tract"

    def __init__(self, setting: Setting):
        if setting.avx2_only:
            # Read when the library is first used. Ours, as far as it stands on tract, reads it too.
            os.environ["TRACT_CPU_ISA"] = "-avx512f,-avx512vnni,-avx512fp16"
        self.version = version("tract")

    def open(self, front: Front) -> Session:
        return Session(front)


load = Tract
