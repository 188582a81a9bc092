"""Times the noise beside a float Gaussian, and the DP stage beside the front before it.

    python -m frostglass_lab.bench.noise --program FILE --fronts FOLDER [--json FILE] [--rounds N]

`cargo xtask bench noise` makes ready what it needs and calls it. The program (`bench/src/bin`)
takes turns and prints nanoseconds; here they become medians, ratios and a chart. FILE gets the list
of results; beside it `.run.json` says where they are from, `.svg` shows the ratios.
"""

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx

from frostglass_lab import bench_fronts
from frostglass_lab.bench import chart, machine
from frostglass_lab.bench.report import MISSED, aligned, held_to

FRONT = "vgg224_pool1"
NORMAL = "rand_distr::StandardNormal, f32"
EXACT, FAST = "front, exact", "front, fast"

COMPARED = [
    ("frostglass, i8", NORMAL, 1 / 3),
    ("frostglass, i16", NORMAL, 1 / 2),
    ("DP stage, i8", EXACT, 1 / 4),
    ("DP stage, i16", EXACT, 1 / 4),
    ("DP stage, i8", FAST, None),
    ("DP stage, i16", FAST, None),
]
"""What is divided by what, and the most that may come of it. A session with `dp` runs its front
exactly, without Winograd's algorithm, which would let a pixel reach further; the other is for
comparison."""


@dataclass
class Result:
    name: str
    over: str
    ratio: float
    """The median over rounds of one time over the other."""
    most: float | None
    """What the ratio must not pass."""
    median_ms: float
    over_median_ms: float
    nanoseconds_each: float
    """Of one number."""
    spread: float
    """The rounds' interquartile range over their median."""
    allocations: int
    """The most of any round."""


def results(measured: list[dict]) -> list[Result]:
    by_name = {timed["name"]: timed for timed in measured}
    return [_result(by_name[name], by_name[over], most) for name, over, most in COMPARED]


def _result(timed: dict, over: dict, most: float | None) -> Result:
    median, beside = (statistics.median(t["nanoseconds"]) for t in (timed, over))
    rounds = zip(timed["nanoseconds"], over["nanoseconds"], strict=True)
    low, _, high = statistics.quantiles(timed["nanoseconds"], n=4)
    return Result(
        name=timed["name"],
        over=over["name"],
        ratio=statistics.median(one / other for one, other in rounds),
        most=most,
        median_ms=median / 1e6,
        over_median_ms=beside / 1e6,
        nanoseconds_each=median / timed["numbers"],
        spread=(high - low) / median,
        allocations=timed["allocations"],
    )


def text(run: dict, found: list[Result]) -> str:
    head = ["what", "over", "ratio", "target", "ms", "over ms", "ns each", "spread", "allocations"]
    rows = [
        [
            r.name,
            r.over,
            held_to(r.ratio, r.most and round(r.most, 2)),
            "-" if r.most is None else f"{r.most:.2f}",
            f"{r.median_ms:.3f}",
            f"{r.over_median_ms:.3f}",
            f"{r.nanoseconds_each:.2f}",
            f"{r.spread:.0%}",
            str(r.allocations),
        ]
        for r in found
    ]
    where = f"{run['processor']}; {run['system']}; load {run['load']:.1f}"
    what = f"commit {run['commit']}, {run['date']}; {run['rounds']} rounds in turns, one thread"
    note = f"Medians of {run['numbers']} numbers, {FRONT}; {MISSED} misses its target"
    return "\n".join((where, what, note, aligned([head, *rows])))


def svg(run: dict, found: list[Result]) -> str:
    names = {f"{r.name} / {r.over.split('::')[-1]}": r for r in found}
    return chart.bars(
        title=f"Time over what it stands beside, one thread: {run['processor']}",
        shown=["frostglass"],
        ratios={(name, "frostglass"): r.ratio for name, r in names.items()},
        target=lambda name: names[name].most,
        said=f"Red: our target. Commit {run['commit']}, {run['date']}.",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--fronts", type=Path, required=True, help="the folder they are kept in")
    parser.add_argument("--json", type=Path, help="write the results here, a chart beside them")
    parser.add_argument("--rounds", type=int, default=31)
    given = parser.parse_args()

    bench_fronts.write(given.fronts, [FRONT])
    front = given.fronts / f"{FRONT}.onnx"
    tensor = onnx.load(front).graph.output[0].name
    machine.pin_to_one_core()
    command = [given.program, front, tensor, str(given.rounds)]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    run = machine.description() | {"rounds": given.rounds, "numbers": measured[0]["numbers"]}
    found = results(measured)
    print(text(run, found))
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in found], indent=1) + "\n")
        given.json.with_suffix(".run.json").write_text(json.dumps(run, indent=1) + "\n")
        given.json.with_suffix(".svg").write_text(svg(run, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
