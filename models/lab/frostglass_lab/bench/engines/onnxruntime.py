"""ONNX Runtime: all optimisations, input and output bound to memory of ours."""

from importlib.metadata import version

import numpy as np
import onnxruntime

from frostglass_lab.bench import aligned
from frostglass_lab.bench.engine import Front, Setting


class Session:
    def __init__(self, front: Front):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(front.path), options, providers=["CPUExecutionProvider"]
        )
        self.input = aligned.copy(front.input)
        self.result = aligned.zeros(front.output_shape)
        self.binding = self.session.io_binding()
        (given,) = self.session.get_inputs()
        self._bind(self.binding.bind_input, given.name, self.input)
        self._bind(self.binding.bind_output, front.output_name, self.result)
        self._call = self.session.run_with_iobinding

    @staticmethod
    def _bind(to, name: str, values: np.ndarray) -> None:
        to(name, "cpu", 0, np.float32, values.shape, values.ctypes.data)

    def run(self) -> None:
        self._call(self.binding)

    def output(self) -> np.ndarray:
        return self.result

    def close(self) -> None:
        del self._call, self.binding, self.session


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, setting: Setting):
        del setting
        self.version = version("onnxruntime")

    def open(self, front: Front) -> Session:
        return Session(front)


load = OnnxRuntime
