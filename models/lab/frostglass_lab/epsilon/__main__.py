"""Writes the tables and pictures of docs/what-the-epsilon-means.md, or checks them.

    python -m frostglass_lab.epsilon --program FILE [--check]

FILE is the program `frostglass`: every figure is its answer.
"""

import argparse
import sys
from pathlib import Path

from frostglass_lab.checkout import ROOT
from frostglass_lab.epsilon import figures, pictures, tables

PAGE = ROOT / "docs" / "what-the-epsilon-means.md"
PICTURES = ROOT / "docs" / "what-the-epsilon-means"


def contents(program: Path) -> dict[Path, str]:
    """What every file should hold."""
    found = figures.gather(figures.Program(program))
    page = tables.placed(PAGE.read_text(), tables.tables(found))
    drawn = pictures.pictures(found)
    return {PAGE: page} | {PICTURES / name: picture for name, picture in drawn.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True, help="the program frostglass")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    given = parser.parse_args()
    drifted = []
    for path, content in contents(given.program).items():
        if not given.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        elif not path.exists() or path.read_text() != content:
            drifted.append(path.name)
    if drifted:
        print(f"differs from what the program says: {', '.join(drifted)}", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
