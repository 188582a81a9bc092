"""What the benchmark is told on its command line, which `cargo xtask bench front` writes."""

import argparse
import os
from pathlib import Path

import onnxruntime

from frostglass_lab import bench_fronts
from frostglass_lab.bench.engine import Front, Setting

ISA_VARIABLE = "FROSTGLASS_ISA"
"""Set to `avx2`, it keeps lab builds of the core, and the peers that can be told, from AVX-512."""


THREADS = range(1, 5)
"""How many can run a front."""


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """The namespace has a `setting` for engines besides what was given."""
    parser = argparse.ArgumentParser(prog="python -m frostglass_lab.bench")
    parser.add_argument("--library", type=Path, required=True, help="of the crate frostglass-bench")
    parser.add_argument("--fronts", type=Path, required=True, help="the folder to keep fronts in")
    parser.add_argument("--onnx2tf", type=Path, help="the program, for LiteRT")
    parser.add_argument("--only", help="names of fronts, separated by commas")
    parser.add_argument("--seconds", type=float, default=3, help="about, for each front")
    parser.add_argument(
        "--threads", type=int, choices=THREADS, default=1, help="also time ours with as many"
    )
    parser.add_argument("--json", type=Path, help="write the results here, a chart beside them")
    given = parser.parse_args(words)
    given.setting = Setting(
        given.library,
        given.fronts / "converted",
        given.onnx2tf,
        avx2_only=os.environ.get(ISA_VARIABLE) == "avx2",
    )
    return given


def front(folder: Path, name: str) -> Front:
    """The front of this name that lies in the folder."""
    path = folder / f"{name}.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    values = bench_fronts.input_for(name, given.shape)
    return Front(name, path, values, made.name, tuple(made.shape))
