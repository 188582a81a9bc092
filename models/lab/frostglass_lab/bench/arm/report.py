"""The table for people."""

from frostglass_lab.bench.arm.result import MOST_OF_PEER, NAMES, OURS, TRACT, Result, target
from frostglass_lab.bench.report import MISSED, aligned, figure, held_to


def text(run: dict, results: list[Result]) -> str:
    by_front: dict[str, dict[str, Result]] = {}
    for result in results:
        by_front.setdefault(result.front, {})[result.engine] = result
    notes = run["notes"] or ["Every engine ran every front."]
    return "\n\n".join((_heading(run), counts(by_front), "\n".join(notes)))


def counts(by_front: dict[str, dict[str, Result]]) -> str:
    peers = [name for name in NAMES if name not in (OURS, TRACT)]
    head = ["front", "ours, millions", "over tract", "target"]
    head += [f"over {name}" for name in peers]
    head += ["per multiply-add", "allocations", "worst spread", "max diff"]
    rows = [_row(front, engines, peers) for front, engines in by_front.items()]
    title = f"Instructions of one run of ours over each peer's; {MISSED} misses its target"
    return title + "\n" + aligned([head, *rows])


def _row(front: str, engines: dict[str, Result], peers: list[str]) -> list[str]:
    ours, wanted = engines[OURS], target(front)
    spreads = [r.spread for r in engines.values() if r.spread is not None]
    millions = None if ours.instructions is None else ours.instructions / 1e6
    return [
        front,
        figure(millions, ".2f"),
        held_to(ours.ratio_to_tract, wanted),
        figure(wanted, ".2f"),
        *(held_to(_over(ours, engines.get(name)), MOST_OF_PEER) for name in peers),
        figure(ours.per_multiply_add, ".3f"),
        figure(ours.allocations, "d"),
        figure(max(spreads, default=None), ".2%"),
        figure(ours.max_diff, ".1e"),
    ]


def _over(ours: Result, peer: Result | None) -> float | None:
    if peer is None or not peer.instructions or ours.instructions is None:
        return None
    return ours.instructions / peer.instructions


def _heading(run: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return "\n".join(
        (
            f"Instructions, not time: {run['emulator']}, -cpu {run['cpu']}",
            f"commit {run['commit']}, {run['date']}; one thread; the median of {run['runs']} runs"
            f" after {run['warm_up']} that do not count, nor does loading",
            versions,
        )
    )
