"""Writes the golden vectors, or checks them.

    python -m frostglass_lab.golden [--check]

`--check` computes everything anew in memory and fails, naming the files that differ. f64 values may
differ in their last digits (1e-12 relative): not every processor's powers and roots end alike.
"""

import argparse
import sys

from frostglass_lab.checkout import GOLDEN
from frostglass_lab.golden import (
    accounting,
    calibration,
    channels,
    dp,
    frame,
    grid,
    hold,
    notation,
    sanitisation,
    sensitivity,
    step,
)

SUBJECTS = [
    accounting,
    calibration,
    channels,
    dp,
    frame,
    grid,
    hold,
    sanitisation,
    sensitivity,
    step,
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    drifted = []
    for subject in SUBJECTS:
        content = notation.text(subject.NAME, subject.document())
        path = GOLDEN / f"{subject.NAME}.json"
        if not check:
            path.write_text(content)
        elif not path.exists() or not notation.agree(path.read_text(), content):
            drifted.append(path.name)
        print(f"{path.name}: {len(content):,} bytes")
    if drifted:
        print(f"differs from the reference: {', '.join(drifted)}", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
