"""Makes `models/lab/results/sample-and-hold` again; the package says how."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from frostglass_lab.checkout import ROOT
from frostglass_lab.sample_and_hold import charts, curves, page, reconstruction
from frostglass_lab.sample_and_hold.sweeps import LAYERS, Sweeps

RESULTS = ROOT / "models/lab/results/sample-and-hold"


def draw(program: Path, name: str, chart: dict) -> None:
    """SVG and PNG, and the JSON that they are of."""
    curves_file = RESULTS / f"{name}.json"
    curves_file.write_text(json.dumps(chart) + "\n")
    out = [word for form in ("svg", "png") for word in ("--out", RESULTS / f"{name}.{form}")]
    command = [str(word) for word in (program, "lab", "chart", curves_file, *out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _figures(sweep: dict) -> dict:
    return {key: value for key, value in sweep.items() if key != "steps"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="frostglass")
    parser.add_argument("--kept", type=Path, help="a folder to keep sweeps in, and to go on from")
    parser.add_argument("--workers", type=int, default=2, help="sweeps at a time")
    parser.add_argument(
        "--averaged",
        type=int,
        default=len(LAYERS),
        help="the layers, counted from the last, that are averaged over pictures",
    )
    given = parser.parse_args()
    data = Path(os.environ["FROSTGLASS_DATA"])

    with tempfile.TemporaryDirectory() as folder:
        sweeps = Sweeps(given.program, data, given.kept or Path(folder), given.workers)
        penguin = curves.penguin(sweeps, data)
        two_taps = curves.two_taps(sweeps, data)
        rules = curves.rules(sweeps, data)
        averaged = curves.averaged(sweeps, data, list(LAYERS)[-given.averaged :])
    found, strip = reconstruction.measured(given.program, data)

    RESULTS.mkdir(parents=True, exist_ok=True)
    date = datetime.date.today().isoformat()
    measured = {
        "date": date,
        "table_1": penguin,
        "table_1_averaged": {
            layer: [_figures(sweep) for sweep in of_layer] for layer, of_layer in averaged.items()
        },
        "table_2": two_taps,
        "rules": {
            name: {layer: [_figures(s) for s in of_layer] for layer, of_layer in by_layer.items()}
            for name, by_layer in rules.items()
        },
        "reconstruction": found,
    }
    (RESULTS / "measured.json").write_text(json.dumps(measured) + "\n")
    reconstruction.strip(strip, RESULTS / "reconstruction.png")
    for name, chart in charts.all_of(penguin, two_taps, rules, found).items():
        draw(given.program, name, chart)
    (RESULTS / "README.md").write_text(page.text(date, penguin, averaged, two_taps, rules, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
