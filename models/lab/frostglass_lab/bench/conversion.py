"""Fronts in other engines' formats, converted once and kept."""

import shutil
import subprocess
from pathlib import Path

import onnx

from frostglass_lab.bench.engine import NotAvailable

PATIENCE_S = 120
MODEL = "front.onnx"
"""What a converter's input is called: some change names that have a hyphen in them."""


def converted(
    folder: Path,
    model: onnx.ModelProto,
    command: list,
    wanted: list[str],
    gives_up_saying: str | None = None,
) -> Path:
    """The folder with the files `wanted`, made by `command` of MODEL in the folder it runs in.

    A converter that says `gives_up_saying` has left something out. NotAvailable where it does, or
    where a file is missing afterwards.
    """
    if all((folder / name).exists() for name in wanted):
        return folder
    # Converters litter, and may be broken off.
    work = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    onnx.save(model, work / MODEL)
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAvailable(f"no conversion: {error}") from error
    said = done.stdout.strip().splitlines()
    left_out = [line for line in said if gives_up_saying and gives_up_saying in line]
    if left_out:
        raise NotAvailable(f"no conversion: {left_out[0]}")
    if missing := [name for name in wanted if not (work / name).exists()]:
        raise NotAvailable(f"no conversion: no {missing[0]}; {said[-1] if said else 'no reason'}")
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)
    return folder
