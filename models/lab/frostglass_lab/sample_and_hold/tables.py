"""Tables in Markdown."""

from statistics import fmean, stdev

from frostglass_lab.sample_and_hold import paper

HEAD = ["eff_san", "[0, 0.2)", "[0.2, 0.8)", "[0.8, 1]", "zeros"]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def papers_table_1() -> str:
    rows = [
        [name, f"{eff:.2f}", str(low), str(mid), str(high), f"{zeros:.2f}"]
        for name, eff, low, mid, high, zeros in paper.TABLE_1
    ]
    return table(["AlexNet, the paper's", *HEAD], rows)


def table_1(penguin: dict[str, dict]) -> str:
    rows = [[layer, *_columns(s), *_trend(s)] for layer, s in penguin.items()]
    return table(["SqueezeNet, ours", *HEAD, "inversions", "total rise"], rows)


def averages(averaged: dict[str, list[dict]]) -> str:
    def spread(sweeps, key, digits):
        values = [sweep[key] for sweep in sweeps]
        return f"{fmean(values):.{digits}f} ± {stdev(values):.{digits}f}"

    keys = [("eff_san", 2), ("low", 0), ("mid", 0), ("high", 0), ("zero_share", 2)]
    keys += [("inversions", 0), ("total_rise", 2)]
    rows = [[layer, *(spread(s, *key) for key in keys)] for layer, s in averaged.items()]
    return table(["SqueezeNet, ours", *HEAD, "inversions", "total rise"], rows)


def table_2(found: dict[str, dict]) -> str:
    rows = [
        [f"paper: {name}", f"{eff:.2f}", str(low), str(mid), str(high), "", str(below)]
        for name, eff, low, mid, high, below in paper.TABLE_2
    ]
    for name, sweep in found.items():
        rows.append(
            [f"ours: {name}", *_columns(sweep)[:4], f"{entering(found, sweep):.4f}", below(sweep)]
        )
    head = ["pool8's input (the paper's pool5)", *HEAD[:4], "p at window 2", "first p < 0.2"]
    return table(head, rows)


def entering(found: dict[str, dict], sweep: dict) -> float:
    """What is left at the smallest window of the sweep."""
    return sweep["steps"][0]["p"]


def below(sweep: dict) -> str:
    first = next((step["window"] for step in sweep["steps"] if step["p"] < 0.2), None)
    return "none" if first is None else str(first)


def rules(found: dict[str, dict[str, list[dict]]]) -> str:
    layers = list(next(iter(found.values())))
    rows = []
    for name, by_layer in found.items():
        cells = []
        for layer in layers:
            sweeps = by_layer[layer]
            eff, inversions, rise = (
                fmean(sweep[key] for sweep in sweeps)
                for key in ("eff_san", "inversions", "total_rise")
            )
            cells.append(f"{eff:.2f}; {inversions:.0f}; {rise:.2f}")
        rows.append([name, *cells])
    return table(["rule", *layers], rows)


def reconstruction(found: dict) -> str:
    shown = [1, 2, 4, 8, 16, 32, 64]
    rows = []
    for layer in ("relu1_1", "relu2_1", "relu3_1"):
        for key, digits in (("psnr", 1), ("ssim", 2)):
            cells = []
            for window in shown:
                values = found[layer][key][found["windows"].index(window)]
                cells.append(f"{fmean(values):.{digits}f} ± {stdev(values):.{digits}f}")
            rows.append([f"{layer}, {key.upper()}{' (dB)' if key == 'psnr' else ''}", *cells])
    return table(["window", *map(str, shown)], rows)


def _columns(sweep: dict) -> list[str]:
    counts = [str(sweep[key]) for key in ("low", "mid", "high")]
    return [f"{sweep['eff_san']:.2f}", *counts, f"{sweep['zero_share']:.2f}"]


def _trend(sweep: dict) -> list[str]:
    return [str(sweep["inversions"]), f"{sweep['total_rise']:.3f}"]
