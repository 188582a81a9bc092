"""Running a front on an engine in the emulator, and what it counted."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from frostglass_lab.bench.engine import Front, NotAvailable
from frostglass_lab.checkout import ROOT

COUNTED = "instructions "


@dataclass(frozen=True)
class Count:
    """Of single runs: the median, and the range over it."""

    instructions: int
    spread: float
    allocations: int | None
    version: str
    output: np.ndarray


@dataclass(frozen=True)
class Emulator:
    program: Path
    processor: str
    """That it is to be, by the emulator's name of it."""
    plugin: Path
    root: Path
    """An arm64 system: Python, and the packages of the engines in `packages`."""
    library: Path
    converted: Path
    runs: int
    patience_s: float

    def version(self) -> str:
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        return done.stdout.splitlines()[0]

    def count(self, front: Front, engine: str, folder: Path) -> Count:
        """NotAvailable where the engine does not run the front, or not within our patience."""
        given, made = folder / "input.npy", folder / "output.npy"
        np.save(given, front.input)
        made.unlink(missing_ok=True)
        task = {
            "engine": engine,
            "library": str(self.library),
            "converted": str(self.converted),
            "front": front.name,
            "path": str(front.path),
            "input": str(given),
            "output_name": front.output_name,
            "output_shape": front.output_shape,
            "output": str(made),
            "runs": self.runs,
        }
        modules = os.pathsep.join(map(str, (ROOT / "models/lab", self.root / "packages")))
        command = [
            *(self.program, "-cpu", self.processor, "-plugin", self.plugin, "-L", self.root),
            *("-E", f"PYTHONPATH={modules}", "-E", "OMP_NUM_THREADS=1"),
            *(self.root / "usr/bin/python3", "-m", "frostglass_lab.bench.arm.guest"),
            json.dumps(task),
        ]
        try:
            done = subprocess.run(
                [str(word) for word in command],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.patience_s,
            )
        except subprocess.TimeoutExpired as error:
            raise NotAvailable(f"took longer than {self.patience_s:g} s") from error
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise NotAvailable(said[-1])
        told = json.loads(done.stdout.strip().splitlines()[-1])
        counts = between_marks(done.stderr)
        middle = int(median(counts))
        return Count(
            instructions=middle,
            spread=(max(counts) - min(counts)) / middle,
            allocations=told["allocations"],
            version=told["version"],
            output=np.load(made),
        )


def between_marks(said: str) -> list[int]:
    """The instructions of each run. The first two marks have no run between them: what lies there
    is what marking costs, and is taken off."""
    lines = (line for line in said.splitlines() if line.startswith(COUNTED))
    marks = [int(line.removeprefix(COUNTED)) for line in lines]
    marking, *runs = (after - before for before, after in zip(marks, marks[1:], strict=False))
    return [run - marking for run in runs]
