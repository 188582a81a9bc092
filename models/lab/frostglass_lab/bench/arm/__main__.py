"""Runs the benchmark; `cargo xtask bench arm` makes ready what it needs and calls it.

    python -m frostglass_lab.bench.arm --emulator PROGRAM --plugin FILE --root FOLDER ...

FILE of --json gets the list of results; beside it `.run.json` says where they are from, `.svg`
shows them.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx

from frostglass_lab import bench_fronts
from frostglass_lab.bench import arguments, chart, engines, flops, machine
from frostglass_lab.bench.arm import report
from frostglass_lab.bench.arm.emulator import Emulator
from frostglass_lab.bench.arm.guest import WARM_UP
from frostglass_lab.bench.arm.result import NAMES, ORT, TRACT, Result, ratios, target
from frostglass_lab.bench.engine import Front, NotAvailable, Setting
from frostglass_lab.bench.quiet import quiet

CONVERTED = ("ncnn", "mnn")
"""Their converters run here, outside the emulator: what they write fits every machine."""
DIFFERENCE_TOLD = 1e-4


def counted(front: Front, emulator: Emulator, folder: Path, run: dict) -> list[Result]:
    """A result for each engine."""
    setting = Setting(emulator.library, emulator.converted, None, avx2_only=False)
    multiply_adds = flops.multiply_adds(onnx.load(front.path))
    results, outputs = [], {}
    for name in NAMES:
        result = Result(front.name, name)
        results.append(result)
        try:
            if name in CONVERTED:
                with quiet():
                    engines.load(name, setting).open(front).close()
            count = emulator.count(front, name, folder)
        except (ImportError, NotAvailable, RuntimeError) as error:
            run["notes"].append(f"{front.name}, {name}: {error}")
            continue
        result.instructions, result.spread = count.instructions, count.spread
        result.allocations = count.allocations
        result.per_multiply_add = count.instructions / multiply_adds
        run["versions"][name] = count.version
        outputs[name] = count.output
        print(f"{front.name}, {name}: {count.instructions / 1e6:.2f} million", file=sys.stderr)
    ratios(results)
    if ORT in outputs:
        for result in results:
            if result.engine in outputs:
                difference = np.abs(outputs[result.engine] - outputs[ORT]).max()
                result.max_diff = float(difference / np.abs(outputs[ORT]).max())
                if not result.max_diff <= DIFFERENCE_TOLD:
                    said = f"{front.name}, {result.engine}: output differs by {result.max_diff:.1e}"
                    run["notes"].append(said)
    return results


def main() -> int:
    given = _parse()
    names = bench_fronts.chosen(given.only)
    bench_fronts.write(given.fronts, names)
    emulator = Emulator(
        given.emulator,
        given.cpu,
        given.plugin,
        given.root,
        given.library,
        given.fronts / "converted",
        given.runs,
        given.patience,
    )
    described = machine.description()
    run = {key: described[key] for key in ("commit", "date")}
    run |= {"emulator": emulator.version(), "cpu": given.cpu, "runs": given.runs}
    run |= {"warm_up": WARM_UP, "versions": {}, "notes": []}
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            front = arguments.front(given.fronts, name)
            results += counted(front, emulator, Path(folder), run)
    print(report.text(run, results))
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
        given.json.with_suffix(".run.json").write_text(json.dumps(run, indent=1) + "\n")
        given.json.with_suffix(".svg").write_text(_chart(run, results))
    return 0


def _chart(run: dict, results: list[Result]) -> str:
    return chart.bars(
        title=f"Instructions over tract's, one thread: {run['cpu']} by {run['emulator']}",
        shown=[name for name in NAMES if name != TRACT],
        ratios={(r.front, r.engine): r.ratio_to_tract for r in results},
        target=target,
        said=f"Red: our target. Commit {run['commit']}, {run['date']}.",
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m frostglass_lab.bench.arm")
    parser.add_argument("--emulator", type=Path, required=True, help="qemu-aarch64")
    parser.add_argument("--cpu", required=True, help="the processor to emulate")
    parser.add_argument("--plugin", type=Path, required=True, help="the emulator's, which counts")
    parser.add_argument("--root", type=Path, required=True, help="an arm64 system with the engines")
    parser.add_argument("--library", type=Path, required=True, help="frostglass-bench for aarch64")
    parser.add_argument("--fronts", type=Path, required=True, help="the folder to keep fronts in")
    parser.add_argument("--only", help="names of fronts, separated by commas")
    parser.add_argument("--runs", type=int, default=3, help="that are counted of each")
    parser.add_argument("--patience", type=float, default=900, help="seconds for a front's engine")
    parser.add_argument("--json", type=Path, help="write the results here, a chart beside them")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
