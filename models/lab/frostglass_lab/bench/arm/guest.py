"""What runs inside the emulator: one front on one engine.

    python -m frostglass_lab.bench.arm.guest '{"engine": .., "library": .., ..}'

Loading, opening and the first runs are not counted: the engine runs between two marks, at which the
emulator's plugin prints how many instructions there have been. The output goes to a file, the last
line that is printed tells what the engine says of itself.
"""

import ctypes
import json
import sys
from pathlib import Path

import numpy as np

from frostglass_lab.bench import engines
from frostglass_lab.bench.engine import Front, Setting

MARK = 4000
"""The system call that the plugin takes for a mark."""
WARM_UP = 2
"""Runs before the first mark: engines that allocate settle in the first two."""


def main() -> None:
    task = json.loads(sys.argv[1])
    setting = Setting(Path(task["library"]), Path(task["converted"]), None, avx2_only=False)
    engine = engines.load(task["engine"], setting)
    values = np.load(task["input"])
    front = Front(
        task["front"], Path(task["path"]), values, task["output_name"], tuple(task["output_shape"])
    )
    session = engine.open(front)
    for _ in range(WARM_UP):
        session.run()

    call = ctypes.CDLL(None).syscall
    call(MARK)
    call(MARK)
    for _ in range(task["runs"]):
        session.run()
        call(MARK)

    np.save(task["output"], session.output())
    memory = getattr(session, "memory", dict)()
    print(json.dumps({"version": engine.version, "allocations": memory.get("allocations")}))


if __name__ == "__main__":
    main()
