"""Runs the benchmark; `cargo xtask bench front` makes ready what it needs and calls it.

    python -m frostglass_lab.bench --library FILE --fronts FOLDER [--json FILE] ...

FILE gets the list of results; beside it `.run.json` says where they are from, `.svg` shows them.
"""

import json
import os
import sys
from dataclasses import asdict

import numpy as np
import onnx

from frostglass_lab import bench_fronts
from frostglass_lab.bench import (
    arguments,
    chart,
    engines,
    flops,
    machine,
    memory,
    report,
    rounds,
)
from frostglass_lab.bench.engine import Engine, Front, Session
from frostglass_lab.bench.quiet import quiet
from frostglass_lab.bench.result import REFERENCE, Result

OURS = report.OURS
DIFFERENCE_TOLD = 1e-4
CALL_SHOWS_BELOW_MS = 1.0
"""Only in runs shorter than this can the cost of a call be told from noise."""
BY_THREADS = "ours by several threads"
"""Its turns beside the engines'."""
CAN_BE_TOLD = (OURS, "tract")
"""The engines that keep from AVX-512 where they are told to."""


def loaded(setting, notes: list[str]) -> dict[str, Engine]:
    """The engines that are there; without ours and the reference there is nothing to report."""
    found = {}
    for name in engines.NAMES:
        try:
            with quiet():
                found[name] = engines.load(name, setting)
        except Exception as error:
            if name in (OURS, REFERENCE):
                raise
            notes.append(f"{name}: not loaded: {_first_line(error)}")
    return found


def opened(front: Front, found: dict[str, Engine], notes: list[str]) -> dict[str, Session]:
    """Whatever goes wrong in somebody's engine or converter is told, and the others run."""
    sessions = {}
    for name, engine in found.items():
        try:
            with quiet():
                session = engine.open(front)
                session.run()
            sessions[name] = session
        except Exception as error:
            notes.append(f"{front.name}, {name}: {_first_line(error)}")
    return sessions


def shared(front: Front, ours: Engine, threads: int) -> tuple[Session, int]:
    """Ours by at most so many threads, on as many cores, and how many run it."""
    session = ours.open(front)
    with machine.free_cores(threads):
        return session, session.share_among(threads)


def measured(
    front: Front,
    sessions: dict[str, Session],
    seconds: float,
    peaks: dict[str, float],
    by_threads: tuple[Session, int] | None = None,
) -> list[Result]:
    """A result for each engine, without its memory. Ours by several threads takes its turns too."""
    runs = {name: session.run for name, session in sessions.items()}
    if by_threads:
        runs[BY_THREADS] = by_threads[0].run
    timings = rounds.timed(runs, seconds)
    operations = 2 * flops.multiply_adds(onnx.load(front.path))
    expected = sessions[REFERENCE].output()
    results = []
    for name in engines.NAMES:
        result = Result(front.name, name)
        results.append(result)
        if name not in sessions:
            continue
        timing = timings[name]
        result.median_ms, result.spread = timing.median_ms, timing.spread
        result.ratio_to_ort = timing.median_ms / timings[REFERENCE].median_ms
        result.gflops = operations / timing.median_ms / 1e6
        if peaks[name]:
            result.peak_share = result.gflops / peaks[name]
        difference = np.abs(sessions[name].output() - expected).max()
        result.max_diff = float(difference / np.abs(expected).max())
        if name == OURS:
            for key, value in sessions[name].memory().items():
                setattr(result, key, value)
            if by_threads:
                _by_threads(result, timings[BY_THREADS], *by_threads, sessions[OURS].output())
    return results


def _by_threads(
    ours: Result, timing: rounds.Timing, session: Session, threads: int, expected: np.ndarray
) -> None:
    """Fills in what several threads took; they must have put out the same bits."""
    if not np.array_equal(session.output().view(np.uint32), expected.view(np.uint32)):
        raise RuntimeError(f"{ours.front}: {threads} threads put out other numbers than one")
    ours.threads, ours.threads_median_ms = threads, timing.median_ms
    ours.threads_spread = timing.spread
    ours.ratio_to_one_thread = timing.median_ms / ours.median_ms


def differences(results: list[Result]) -> list[str]:
    """Outputs further from the reference's than f32 and Winograd's transforms explain."""
    return [
        f"{result.front}, {result.engine}: output differs by {result.max_diff:.1e} of the largest"
        for result in results
        if result.max_diff is not None and not result.max_diff <= DIFFERENCE_TOLD
    ]


def main() -> int:
    # Before any library is loaded that would start threads.
    os.environ["OMP_NUM_THREADS"] = "1"
    core = machine.pin_to_one_core()
    given = arguments.parse()
    try:
        with machine.free_cores(given.threads):
            pass
    except ValueError as error:
        sys.exit(str(error))
    names = bench_fronts.chosen(given.only)
    bench_fronts.write(given.fronts, names)
    notes: list[str] = []
    run = machine.description() | {"core": core, "seconds": given.seconds, "notes": notes}

    found = loaded(given.setting, notes)
    avx2_only = given.setting.avx2_only
    run["versions"] = {name: engine.version for name, engine in found.items()}
    run["fma_peak_gflops"] = {"widest": found[OURS].fma_peak(avx2_only=False)}
    if avx2_only:
        run["fma_peak_gflops"]["avx2"] = found[OURS].fma_peak(avx2_only=True)
        others = ", ".join(name for name in found if name not in CAN_BE_TOLD)
        notes.append(f"AVX2 alone: {', '.join(CAN_BE_TOLD)}. Offer no such switch: {others}.")
    peaks = {
        name: run["fma_peak_gflops"]["avx2" if avx2_only and name in CAN_BE_TOLD else "widest"]
        for name in found
    }

    results: list[Result] = []
    heap_peaks, shortest_ms = {}, CALL_SHOWS_BELOW_MS
    for name in names:
        front = arguments.front(given.fronts, name)
        sessions = opened(front, found, notes)
        if REFERENCE not in sessions:
            continue
        by_threads = None
        if given.threads > 1 and OURS in sessions:
            by_threads = shared(front, found[OURS], given.threads)
        of_front = measured(front, sessions, given.seconds, peaks, by_threads)
        if by_threads:
            by_threads[0].close()
        results += of_front
        if OURS in sessions:
            heap_peaks[name] = sessions[OURS].heap_peak()
            (ours,) = (result for result in of_front if result.engine == OURS)
            if ours.median_ms < shortest_ms:
                shortest_ms = ours.median_ms
                run["call_us"] = rounds.call_us(sessions[OURS], shortest_ms)
        notes += differences(of_front)
        for session in sessions.values():
            session.close()
        print(f"{name}: {_progress(of_front)}", file=sys.stderr)

    print("memory", file=sys.stderr)
    resident = {name: memory.peaks(name, _passed_on(given)) for name in found}
    for result in results:
        result.peak_bytes = resident.get(result.engine, {}).get(result.front)

    print(report.text(run, results, heap_peaks))
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
        run["heap_peak_bytes"] = heap_peaks
        given.json.with_suffix(".run.json").write_text(json.dumps(run, indent=1) + "\n")
        given.json.with_suffix(".svg").write_text(chart.svg(run, results))
    return 0


def _passed_on(given) -> list[str]:
    words = ["--library", given.library, "--fronts", given.fronts]
    for option in ("onnx2tf", "only"):
        if value := getattr(given, option):
            words += [f"--{option}", value]
    return [str(word) for word in words]


def _progress(results: list[Result]) -> str:
    timed = (r for r in results if r.median_ms is not None)
    return ", ".join(f"{r.engine} {r.median_ms:.3f} ms" for r in timed)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    sys.exit(main())
