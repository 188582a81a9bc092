"""The tables for people."""

from frostglass_lab.bench.engines import NAMES
from frostglass_lab.bench.result import REFERENCE, Result
from frostglass_lab.bench.targets import FASTEST_PEER, target

OURS = "frostglass"
MISSED = "*"


def text(run: dict, results: list[Result], heap_peaks: dict[str, int]) -> str:
    by_front: dict[str, dict[str, Result]] = {}
    for result in results:
        by_front.setdefault(result.front, {})[result.engine] = result
    parts = [_heading(run), times(by_front), memory(by_front, heap_peaks), _notes(run)]
    if any(result.threads for result in results):
        parts.insert(2, threads(by_front))
    return "\n\n".join(parts)


def times(by_front: dict[str, dict[str, Result]]) -> str:
    peers = [name for name in NAMES if name not in (OURS, REFERENCE)]
    head = ["front", "ORT ms", "ours", "target", "fastest peer", "ours / it", *peers]
    head += ["GFLOP/s", "of peak", "worst spread", "max diff"]
    rows = [_times_row(front, engines, peers) for front, engines in by_front.items()]
    return f"Medians over ONNX Runtime's; {MISSED} misses its target\n" + aligned([head, *rows])


def _times_row(front: str, engines: dict[str, Result], peers: list[str]) -> list[str]:
    ours, reference = engines[OURS], engines[REFERENCE]
    wanted = target(front)
    fastest = fastest_peer(engines)
    beside = None
    if fastest and ours.median_ms:
        beside = ours.median_ms / engines[fastest].median_ms
    spreads = [r.spread for r in engines.values() if r.spread is not None]
    return [
        front,
        figure(reference.median_ms, ".3f"),
        held_to(ours.ratio_to_ort, wanted),
        figure(wanted, ".2f"),
        fastest or "-",
        held_to(beside, FASTEST_PEER),
        *(figure(engines[name].ratio_to_ort, ".2f") for name in peers),
        figure(ours.gflops, ".0f"),
        figure(ours.peak_share, ".0%"),
        figure(max(spreads, default=None), ".0%"),
        figure(ours.max_diff, ".1e"),
    ]


def threads(by_front: dict[str, dict[str, Result]]) -> str:
    head = ["front", "threads", "one, ms", "these, ms", "these / one", "spread"]
    rows = [
        [
            front,
            figure(ours.threads, "d"),
            figure(ours.median_ms, ".3f"),
            figure(ours.threads_median_ms, ".3f"),
            figure(ours.ratio_to_one_thread, ".2f"),
            figure(ours.threads_spread, ".0%"),
        ]
        for front, ours in ((front, engines[OURS]) for front, engines in by_front.items())
    ]
    text = "Ours by several threads, as many as save a tenth each; medians of the same turns"
    return text + "\n" + aligned([head, *rows])


def memory(by_front: dict[str, dict[str, Result]], heap_peaks: dict[str, int]) -> str:
    """Megabytes are 10^6 bytes."""
    head = ["front", "allocations", "arena", "weights", "heap peak"]
    head += [f"{name} peak" for name in NAMES]
    rows = []
    for front, engines in by_front.items():
        ours = engines[OURS]
        figures = [ours.arena_bytes, ours.weight_bytes, heap_peaks.get(front)]
        figures += [engines[name].peak_bytes for name in NAMES]
        rows.append([front, figure(ours.allocations, "d"), *map(_megabytes, figures)])
    text = "Memory in MB: ours on the heap; everyone's resident growth, less input and output"
    return text + "\n" + aligned([head, *rows])


def fastest_peer(engines: dict[str, Result]) -> str | None:
    timed = {n: r.median_ms for n, r in engines.items() if n != OURS and r.median_ms is not None}
    return min(timed, key=timed.get, default=None)


def _heading(run: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    core = "not pinned" if run["core"] is None else f"pinned to core {run['core']}"
    peaks = ", ".join(f"{isa} {peak:.0f}" for isa, peak in run["fma_peak_gflops"].items())
    call = f"; a call from Python: {run['call_us']:.1f} us" if "call_us" in run else ""
    return "\n".join(
        (
            f"{run['processor']}; {run['system']}",
            f"commit {run['commit']}, {run['date']}, load {run['load']:.2f} at the start",
            f"one thread, {core}; multiply-add peak in GFLOP/s: {peaks}{call}",
            versions,
        )
    )


def _notes(run: dict) -> str:
    return "\n".join(run["notes"]) if run["notes"] else "Every engine ran every front."


def held_to(value: float | None, most: float | None) -> str:
    if value is None:
        return "-"
    # Rounded as printed, so that no 0.50 is marked for missing 0.50.
    missed = most is not None and round(value, 2) > most
    return f"{value:.2f}{MISSED if missed else ' '}"


def figure(value, form: str) -> str:
    return "-" if value is None else format(value, form)


def _megabytes(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e6:.2f}"


def aligned(rows: list[list[str]]) -> str:
    """The first column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
