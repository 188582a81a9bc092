"""Where and of what the figures are."""

import datetime
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frostglass_lab.checkout import ROOT

_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
"""What this process was given, before it pins itself."""


def pin_to_one_core() -> int | None:
    """The core that this process, and what it starts, keeps to from now on; None where the system
    does not let one choose."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    # The first core often serves interrupts.
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


@contextmanager
def free_cores(count: int) -> Iterator[None]:
    """Threads that are started inside keep to that many cores, this process's own among them; it
    itself returns to where it was. Nothing where the system does not let one choose.

    Raises ValueError where there are fewer: threads that share a core show no speed-up."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    own = os.sched_getaffinity(0)
    others = sorted(_CORES - own, reverse=True)[: count - len(own)]
    if len(own) + len(others) < count:
        raise ValueError(f"{count} threads want as many cores, there are {len(_CORES)}")
    os.sched_setaffinity(0, own.union(others))
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def description() -> dict:
    return {
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "load": os.getloadavg()[0],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    known = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    name = known.get("model name", platform.processor()).strip()
    family = [known[key].strip() for key in ("cpu family", "model", "stepping") if key in known]
    return f"{name} (family, model, stepping {', '.join(family)})" if family else name


def _commit() -> str:
    """Short, with a plus where the checkout differs from it."""
    try:
        short = _git("rev-parse", "--short", "HEAD")
        return short + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
