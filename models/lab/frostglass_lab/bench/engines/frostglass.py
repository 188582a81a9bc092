"""Ours, through the C boundary of the crate `frostglass-bench`."""

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int, c_size_t, c_uint64, c_void_p

import numpy as np

from frostglass_lab.bench import aligned
from frostglass_lab.bench.engine import Front, NotAvailable, Setting
from frostglass_lab.bench.functions import Functions

_SIGNATURES = {
    "open": (c_void_p, [c_char_p, c_size_t, c_char_p, c_char_p, c_size_t]),
    "threads": (c_size_t, [c_void_p, c_size_t]),
    "input": (c_size_t, [c_void_p]),
    "output": (c_size_t, [c_void_p]),
    "run": (c_int, [c_void_p, c_void_p, c_void_p]),
    "time_runs": (c_int, [c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_uint64)]),
    "allocations": (c_size_t, [c_void_p]),
    "weight_bytes": (c_size_t, [c_void_p]),
    "arena_bytes": (c_size_t, [c_void_p]),
    "peak_bytes": (c_size_t, [c_void_p]),
    "close": (None, [c_void_p]),
    "fma_peak": (c_double, [c_int]),
}


class Session:
    def __init__(self, library: Functions, front: Front):
        model = front.path.read_bytes()
        error = ctypes.create_string_buffer(1024)
        self.library = library
        self.handle = library.open(model, len(model), front.output_name.encode(), error, len(error))
        if not self.handle:
            raise NotAvailable(error.value.decode(errors="replace"))
        self.input = aligned.copy(front.input)
        self.result = aligned.zeros(front.output_shape)
        sizes = (library.input(self.handle), library.output(self.handle))
        if sizes != (self.input.size, self.result.size):
            raise NotAvailable(f"the library takes and gives {sizes} numbers")
        buffers = (self.input.ctypes.data, self.result.ctypes.data)
        self._arguments = (c_void_p(self.handle), *map(c_void_p, buffers))
        self._call = library.run

    def share_among(self, threads: int) -> int:
        """Lets at most so many threads run the front; gives how many will."""
        ran = self.library.threads(self.handle, threads)
        if not ran:
            raise RuntimeError(f"{threads} threads were refused")
        return ran

    def run(self) -> None:
        if self._call(*self._arguments):
            raise RuntimeError("a run failed")

    def nanoseconds(self, count: int) -> np.ndarray:
        """What `count` runs take, measured inside: without the way from Python and back."""
        took = np.zeros(count, np.uint64)
        pointer = took.ctypes.data_as(POINTER(c_uint64))
        if self.library.time_runs(*self._arguments, count, pointer):
            raise RuntimeError("a run failed")
        return took

    def memory(self) -> dict[str, int]:
        names = ("allocations", "arena_bytes", "weight_bytes")
        return {name: getattr(self.library, name)(self.handle) for name in names}

    def heap_peak(self) -> int:
        return self.library.peak_bytes(self.handle)

    def output(self) -> np.ndarray:
        return self.result

    def close(self) -> None:
        self.library.close(self.handle)


class Frostglass:
    name = "frostglass"

    def __init__(self, setting: Setting):
        self.version = "this checkout"
        self.library = Functions(setting, "frostglass_bench", _SIGNATURES)

    def open(self, front: Front) -> Session:
        return Session(self.library, front)

    def fma_peak(self, avx2_only: bool) -> float:
        """What one core reaches in multiply-adds, GFLOP/s; 0 where it has no such vectors."""
        return self.library.fma_peak(int(avx2_only))


load = Frostglass
