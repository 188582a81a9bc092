"""The page's tables, and how they get into it."""

import math
import re

from frostglass_lab.epsilon.figures import CUT, Figures


def epsilon(value: float) -> str:
    """Rounded up: a formal figure is never printed smaller than it is."""
    if value < 10:
        decimals = 1 - math.floor(math.log10(value))
        return f"{rounded_up(value, decimals):g}"
    return f"{rounded_up(value, 0):,.0f}"


def rounded_up(value: float, decimals: int) -> float:
    # What is printed by the program is exact to about fifteen digits.
    return math.ceil(value * 10**decimals * (1 - 1e-12)) / 10**decimals


def tables(figures: Figures) -> dict[str, str]:
    """Each by the name of its place."""
    return {
        "adjacencies": _adjacencies(figures),
        "guesses": _guesses(figures),
        "cuts": _cuts(figures),
        "units": _units(figures),
        "totals": _totals(figures),
    }


def placed(page: str, tables: dict[str, str]) -> str:
    """The page with its tables; every place must be there once."""
    for name, table in tables.items():
        begin, end = f"<!-- table: {name} -->", "<!-- end -->"
        pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        page, count = pattern.subn(lambda _, t=f"{begin}\n{table}\n{end}": t, page)
        if count != 1:
            raise ValueError(f"the page has {count} places for the table {name!r}")
    return page


def _rows(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _adjacencies(figures: Figures) -> str:
    said = dict(figures.cuts)[CUT]
    costs = [
        ("(a) activation", said["activation"]),
        ("(b) patch of 1 x 1", said["patch"]["1"]),
        ("(b) patch of 8 x 8", said["patch"]["8"]),
        ("(c) image", said["image"]),
    ]
    return _rows(
        ["adjacency", "epsilon at delta 1e-5", "what stays hidden", "worth something"],
        [
            [name, epsilon(cost["epsilon"]), cost["hides"], "yes" if cost["useful"] else "no"]
            for name, cost in costs
        ],
    )


def _guesses(figures: Figures) -> str:
    return _rows(
        [
            "epsilon",
            "mu of the mechanism",
            "right at most, by epsilon and delta",
            "by the mechanism itself",
        ],
        [
            [f"{g.epsilon:g}", f"{rounded_up(g.mu, 3):.3f}", _share(g.promised), _share(g.true)]
            for g in figures.guesses
        ],
    )


def _share(value: float) -> str:
    text = f"{rounded_up(100 * value, 1):.1f} %"
    return text if text != "100.0 %" else "all but 1 in " + f"{math.ceil(1 / (1 - value)):,}"


def _cuts(figures: Figures) -> str:
    return _rows(
        ["cut", "(a) activation", "(b) 1 pixel", "(b) 8 x 8 pixels", "(c) image"],
        [
            [name]
            + [
                epsilon(cost["epsilon"])
                for cost in (said["activation"], *_patches(said), said["image"])
            ]
            for name, said in figures.cuts
        ],
    )


def _patches(said: dict) -> list[dict]:
    return [said["patch"]["1"], said["patch"]["8"]]


def _units(figures: Figures) -> str:
    return _rows(
        ["unit", "noise over the largest clean value", "(a)", "(b) 1 pixel", "(c) image"],
        [
            [f"`unit={unit}`", f"{noise_over_signal(said):,.1f}"]
            + [epsilon(said[key]["epsilon"]) for key in ("activation",)]
            + [epsilon(said["patch"]["1"]["epsilon"]), epsilon(said["image"]["epsilon"])]
            for unit, said in figures.units
        ],
    )


def noise_over_signal(said: dict) -> float:
    return said["sigma_steps"] / said["clean_range_steps"]


def _totals(figures: Figures) -> str:
    return _rows(
        ["releases of epsilon 1", "exact", "zCDP", "the paper's equation 9"],
        [
            [f"{count:,}", _figure(total["gdp"]["epsilon"]), _figure(total["zcdp"]["epsilon"])]
            + [_figure(total["paper"]["equation_9"]["epsilon"])]
            for count, total in figures.totals
        ],
    )


def _figure(value: float) -> str:
    return f"{rounded_up(value, 2):.2f}" if value < 100 else f"{rounded_up(value, 0):,.0f}"
