"""What an engine is to the benchmark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np


class NotAvailable(Exception):
    """The engine is not installed, or has no way to read this front; says why in one line."""


@dataclass(frozen=True)
class Front:
    """A front to run: its file, its input, and the shape [1, C, H, W] of its output."""

    name: str
    path: Path
    input: np.ndarray
    output_name: str
    output_shape: tuple[int, ...]


class Session(Protocol):
    """A front opened by an engine, with its input in place."""

    def run(self) -> None:
        """Runs once. This is what is timed: no more of Python in it than one call of the engine."""

    def output(self) -> np.ndarray:
        """What the last run put out, [1, C, H, W]."""

    def close(self) -> None:
        """Gives all memory back."""


class Engine(Protocol):
    """One way of running fronts. Its library is loaded when it is made."""

    name: str
    version: str

    def open(self, front: Front) -> Session:
        """Raises NotAvailable where the engine cannot read the front."""


@dataclass(frozen=True)
class Setting:
    """What engines need to know of the run they are part of."""

    library: Path
    """The shared library of the workspace's crate `frostglass-bench`."""
    converted: Path
    """Where to keep fronts converted to an engine's own format."""
    onnx2tf: Path | None
    """The program, where it is installed."""
    avx2_only: bool
    """Whether to use no wider vectors than AVX2's, where an engine can be told."""
