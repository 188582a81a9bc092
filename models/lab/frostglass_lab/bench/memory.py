"""How much memory an engine needs, seen from outside and so in the same way for all.

    python -m frostglass_lab.bench.memory ENGINE ...

One process an engine. Each front is opened, run and closed once, which brings in the code that it
needs; what the process then has resident is where counting starts. Opened again, it is run, and the
growth up to the highest is the figure, less one input and one output, which all hold here. Opening
itself does not count, but what it leaves does.

The kernel counts resident pages roughly: to about 0.1 MB a core.
"""

import ctypes
import gc
import json
import subprocess
import sys
from pathlib import Path

from frostglass_lab import bench_fronts
from frostglass_lab.bench import arguments, engines
from frostglass_lab.bench.engine import Engine, Front
from frostglass_lab.bench.quiet import quiet

RUNS = 2


def peaks(engine: str, passed_on: list[str]) -> dict[str, int]:
    """Front -> bytes, for every front that the engine can run; measured in a process of its own."""
    if not Path("/proc/self/clear_refs").exists():
        return {}
    command = [sys.executable, "-m", "frostglass_lab.bench.memory", engine, *passed_on]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def peak(engine: Engine, front: Front) -> int:
    for last in (False, True):
        _give_back()
        before = _resident("VmRSS")
        session = engine.open(front)
        _give_back()
        # Makes the highest so far what is resident now.
        Path("/proc/self/clear_refs").write_text("5")
        for _ in range(RUNS):
            session.run()
        if last:
            outside = front.input.nbytes + session.output().nbytes
            return max(0, _resident("VmHWM") - before - outside)
        session.close()
        del session


def _give_back() -> None:
    """What is free goes back to the kernel, as far as the C library can tell it is free."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


def _resident(key: str) -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(f"{key}:"))
    return 1024 * int(line.split()[1])


def main() -> None:
    name, *passed_on = sys.argv[1:]
    given = arguments.parse(passed_on)
    found = {}
    with quiet():
        engine = engines.load(name, given.setting)
        for front in bench_fronts.chosen(given.only):
            try:
                found[front] = peak(engine, arguments.front(given.fronts, front))
            except Exception:
                # Whatever it is, the timing has told it.
                continue
    print(json.dumps(found))


if __name__ == "__main__":
    main()
