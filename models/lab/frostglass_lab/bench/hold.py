"""Sample-and-hold beside a copy of memory, and a sweep beside its tail: `cargo xtask bench hold`.

    python -m frostglass_lab.bench.hold --hold FILE --sweep FILE --arm FILE --emulator PROGRAM ...

Bandwidth is bytes of the map over time, and of what is copied: 128 MB, past every cache. On aarch64
an emulator counts, so there it is instructions a number of the copy over those of the hold.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from frostglass_lab.bench import machine
from frostglass_lab.bench.report import MISSED, aligned, held_to

LEAST = 0.4
"""Of the copy's bandwidth, for windows 2 to 64."""
LEAST_ON_ARM = LEAST / 2
MOST_OF_TAILS = 1.1
"""What a sweep over 149 windows may take, over 149 runs of its tail."""
NETWORK, TAP = "models/squeezenet1_0_imagenet.onnx", "fire8_concat_53"
COUNTED = "instructions "
SHOWN = (2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 48, 63, 64)
"""Windows that the table shows; the file and the picture have all of them."""


@dataclass
class Result:
    map: str
    window: int
    ratio: float
    """Medians over rounds: our bandwidth over the copy's."""
    best_ratio: float
    """The best rounds of both: what a busy machine does not take away."""
    nanoseconds_each: float
    spread: float
    """The rounds' interquartile range over their median."""
    arm_ratio: float
    arm_instructions_each: float


def timed(program: Path, rounds: int) -> dict:
    done = subprocess.run([program, "time", str(rounds)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def counted(given: argparse.Namespace) -> dict:
    """Instructions a number: of the copy under "copy", of holds under (map, window)."""
    emulator = [given.emulator, "-cpu", given.cpu, "-plugin", given.plugin, "-L", given.libraries]
    command = [str(word) for word in (*emulator, given.arm, "count")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = (line for line in done.stderr.splitlines() if line.startswith(COUNTED))
    marks = [int(line.removeprefix(COUNTED)) for line in lines]
    told = json.loads(done.stdout)
    marking = marks[1] - marks[0]

    def each(after: int) -> float:
        return (marks[after] - marks[after - 1] - marking) / told["numbers"]

    found = {"copy": each(2)}
    for index, what in enumerate(told["order"][2:]):
        found[what["map"], what["window"]] = each(4 + 2 * index)
    return found


def results(times: dict, counts: dict) -> list[Result]:
    copied = times["copied_bytes"] / statistics.median(times["copied"])
    fastest = times["copied_bytes"] / min(times["copied"])
    found = []
    for held in times["held"]:
        low, median, high = statistics.quantiles(held["nanoseconds"], n=4)
        instructions = counts[held["map"], held["window"]]
        found.append(
            Result(
                map=held["map"],
                window=held["window"],
                ratio=times["map_bytes"] / median / copied,
                best_ratio=times["map_bytes"] / min(held["nanoseconds"]) / fastest,
                nanoseconds_each=median / (times["map_bytes"] / 4),
                spread=(high - low) / median,
                arm_ratio=counts["copy"] / instructions,
                arm_instructions_each=instructions,
            )
        )
    return found


def swept(program: Path, rounds: int) -> dict | None:
    """A sweep's time over its tails', where the network is to be had."""
    data = os.environ.get("FROSTGLASS_DATA")
    if data is None:
        return None
    command = [program, Path(data) / NETWORK, TAP, str(rounds)]
    done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    pairs = zip(done["sweeps"], done["tails"], strict=True)
    return {
        "ratio": statistics.median(sweep / tail for sweep, tail in pairs),
        "sweep_s": statistics.median(done["sweeps"]),
        "tails_s": statistics.median(done["tails"]),
    }


def worst(found: list[Result]) -> list[str]:
    """Of all windows, for each map: the least ratios, and how many windows miss theirs."""
    lines = []
    for name in dict.fromkeys(r.map for r in found):
        of_map = [r for r in found if r.map == name]
        here = min(of_map, key=lambda r: r.ratio)
        arm = min(of_map, key=lambda r: r.arm_ratio)
        missed = sum(r.ratio < LEAST for r in of_map)
        missed_on_arm = sum(r.arm_ratio < LEAST_ON_ARM for r in of_map)
        lines.append(
            f"{name}, least of {len(of_map)} windows: {here.ratio:.2f} at {here.window} "
            f"({missed} miss {LEAST:.2f}); on aarch64 {arm.arm_ratio:.2f} at {arm.window} "
            f"({missed_on_arm} miss {LEAST_ON_ARM:.2f})"
        )
    return lines


def picture(program: Path, found: list[Result], to: Path) -> None:
    """The ratios by window, drawn by the workbench."""
    curves = []
    for name in dict.fromkeys(r.map for r in found):
        for where, ratio in (("here", "ratio"), ("aarch64", "arm_ratio")):
            points = [[r.window, getattr(r, ratio)] for r in found if r.map == name]
            curves.append({"name": f"{name}, {where}", "points": points})
    chart = {
        "title": f"Sample-and-hold beside a copy: targets {LEAST} here by time, {LEAST_ON_ARM} on "
        "aarch64 by instructions",
        "x": "window",
        "y": "bandwidth, of the copy's",
        "range": None,
        "curves": curves,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(chart, file)
        file.flush()
        command = [program, "lab", "chart", file.name, "--out", to]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def text(run: dict, found: list[Result], sweep: dict | None) -> str:
    head = ["map", "window", "of the copy", "best rounds", "target", "ns each", "spread"]
    head += ["on aarch64", "target", "instructions each"]
    rows = [
        [
            r.map,
            str(r.window),
            f"{r.ratio:.2f}{'' if r.ratio >= LEAST else MISSED}",
            f"{r.best_ratio:.2f}",
            f"{LEAST:.2f}",
            f"{r.nanoseconds_each:.2f}",
            f"{r.spread:.0%}",
            f"{r.arm_ratio:.2f}{'' if r.arm_ratio >= LEAST_ON_ARM else MISSED}",
            f"{LEAST_ON_ARM:.2f}",
            f"{r.arm_instructions_each:.1f}",
        ]
        for r in found
        if r.window in SHOWN
    ]
    where = f"{run['processor']}; {run['system']}; load {run['load']:.1f}"
    what = f"commit {run['commit']}, {run['date']}; {run['rounds']} rounds in turns, one thread"
    copy = (
        f"a copy of 128 MB: {run['copy_gb_s']:.2f} GB/s here, "
        f"{run['arm_copy_instructions_each']:.3f} instructions a number on aarch64; "
        f"{MISSED} misses its target"
    )
    lines = [where, what, copy, aligned([head, *rows]), *worst(found)]
    if sweep is None:
        lines.append(f"no sweep: FROSTGLASS_DATA names no folder with {NETWORK} (SqueezeNet 1.0)")
    else:
        lines.append(
            f"149 windows at {TAP}: {sweep['sweep_s']:.3f} s, 149 tails {sweep['tails_s']:.3f} s, "
            f"ratio {held_to(sweep['ratio'], MOST_OF_TAILS)}, target {MOST_OF_TAILS}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("program", "hold", "sweep", "arm", "emulator", "plugin", "libraries"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cpu", required=True, help="the processor to emulate")
    parser.add_argument(
        "--json", type=Path, help="write the results here, and a picture of them beside"
    )
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()

    machine.pin_to_one_core()
    times, counts = timed(given.hold, given.rounds), counted(given)
    run = machine.description() | {"rounds": given.rounds}
    run["copy_gb_s"] = times["copied_bytes"] / statistics.median(times["copied"])
    run["arm_copy_instructions_each"] = counts["copy"]
    found, sweep = results(times, counts), swept(given.sweep, given.rounds)
    print(text(run, found, sweep))
    if given.json:
        written = {"run": run, "holds": [asdict(result) for result in found], "sweep": sweep}
        given.json.write_text(json.dumps(written, indent=1) + "\n")
        picture(given.program, found, given.json.with_suffix(".svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
