"""ncnn, in f32, with pools for its memory as its guide for speed asks."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import ncnn
import numpy as np
import onnx

from frostglass_lab.bench import conversion
from frostglass_lab.bench.engine import Front, Setting


class Session:
    def __init__(self, front: Front, stem: Path):
        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = 1
        for narrow in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
            setattr(options, f"use_{narrow}", False)
        self.pools = (ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator())
        options.blob_allocator, options.workspace_allocator = self.pools
        for load, suffix in ((self.net.load_param, "param"), (self.net.load_model, "bin")):
            if load(f"{stem}.{suffix}"):
                raise RuntimeError(f"ncnn does not load its .{suffix}")
        # A copy of ncnn's own: rows of a map over a NumPy array would not be aligned.
        self.input = ncnn.Mat(front.input[0]).clone()
        self.shape = front.output_shape
        self.result = None

    def run(self) -> None:
        self.result = None
        extractor = self.net.create_extractor()
        extractor.input("in0", self.input)
        _, self.result = extractor.extract("out0")

    def output(self) -> np.ndarray:
        return np.array(self.result).reshape(self.shape)

    def close(self) -> None:
        self.result = None
        self.net.clear()
        for pool in self.pools:
            pool.clear()


class Ncnn:
    name = "ncnn"

    def __init__(self, setting: Setting):
        self.version = version("ncnn")
        self.converted = setting.converted / f"pnnx-{version('pnnx')}"
        # Its Python module imports PyTorch; the program that it brings stands alone.
        (folder,) = find_spec("pnnx").submodule_search_locations
        self.pnnx = Path(folder) / "pnnx"

    def open(self, front: Front) -> Session:
        folder = conversion.converted(
            self.converted / front.name,
            onnx.load(front.path),
            [self.pnnx, conversion.MODEL, "fp16=0"],
            wanted=["front.ncnn.param", "front.ncnn.bin"],
            gives_up_saying="ignore ",
        )
        return Session(front, folder / "front.ncnn")


load = Ncnn
