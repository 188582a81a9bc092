"""tract's own executor, built with the crate `frostglass-bench` where PyPI has no build of it."""

import ctypes
import tomllib
from ctypes import c_char_p, c_int, c_size_t, c_void_p

import numpy as np

from frostglass_lab.bench import aligned
from frostglass_lab.bench.engine import Front, NotAvailable, Setting
from frostglass_lab.bench.functions import Functions
from frostglass_lab.checkout import ROOT

_SIGNATURES = {
    "open": (c_void_p, [c_char_p, c_size_t, c_void_p, c_size_t, c_char_p, c_size_t]),
    "run": (c_int, [c_void_p]),
    "output": (c_int, [c_void_p, c_void_p, c_size_t]),
    "close": (None, [c_void_p]),
}


class Session:
    def __init__(self, library: Functions, front: Front):
        self.library = library
        model, values = front.path.read_bytes(), aligned.copy(front.input)
        error = ctypes.create_string_buffer(1024)
        given = (values.ctypes.data, values.size)
        self.handle = library.open(model, len(model), *given, error, len(error))
        if not self.handle:
            raise NotAvailable(error.value.decode(errors="replace"))
        self.shape = front.output_shape
        self._call, self._argument = library.run, c_void_p(self.handle)

    def run(self) -> None:
        if self._call(self._argument):
            raise RuntimeError("a run failed")

    def output(self) -> np.ndarray:
        result = aligned.zeros(self.shape)
        if self.library.output(self.handle, result.ctypes.data, result.size):
            raise RuntimeError("the output has another size")
        return result

    def close(self) -> None:
        self.library.close(self.handle)


class TractBuilt:
    name = "tract_built"

    def __init__(self, setting: Setting):
        packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
        (self.version,) = (p["version"] for p in packages if p["name"] == "tract-onnx")
        self.library = Functions(setting, "frostglass_bench_tract", _SIGNATURES)

    def open(self, front: Front) -> Session:
        return Session(self.library, front)


load = TractBuilt
