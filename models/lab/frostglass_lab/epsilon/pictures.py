"""The page's pictures, in SVG."""

import math
from statistics import NormalDist

from frostglass_lab.epsilon.figures import CUT, HELD_AT, Figures
from frostglass_lab.epsilon.plot import Axis, Plot
from frostglass_lab.epsilon.tables import noise_over_signal

USELESS = 20
BLUE, ORANGE, PURPLE, RED, GREY = "#0b6e99", "#e09f3e", "#9e4770", "#b3261e", "#8d8d8d"
"""Told apart in the common kinds of colour blindness; marks differ in shape besides."""

SERIES = [
    ("(a) one activation", BLUE, "circle"),
    ("(b) one pixel", ORANGE, "square"),
    ("(b) 8 x 8 pixels", PURPLE, "diamond"),
    ("(c) the image", RED, "triangle"),
]


def pictures(figures: Figures) -> dict[str, str]:
    """Each by its file's name."""
    return {
        "cuts.svg": _cuts(figures),
        "guesses.svg": _guesses(figures),
        "units.svg": _units(figures),
        "totals.svg": _totals(figures),
    }


def _cuts(figures: Figures) -> str:
    names = [name for name, _ in figures.cuts]
    plot = Plot(
        f"One release of dp(epsilon={HELD_AT}): what that is worth, cut by cut",
        x=Axis("epsilon at delta 1e-5", 1, 1e5, log=True),
        y=Axis("", -0.5, len(names) - 0.5, names=list(enumerate(reversed(names)))),
        height=440,
        left=120,
    )
    plot.band(1, USELESS, "small enough to mean something")
    for row, (_, said) in enumerate(reversed(figures.cuts)):
        costs = [said["activation"], said["patch"]["1"], said["patch"]["8"], said["image"]]
        for (_, colour, shape), cost in zip(SERIES, costs, strict=True):
            plot.mark(cost["epsilon"], row, colour, shape)
    plot.legend(SERIES, at=(0.76, 0.26))
    return plot.svg()


def _guesses(figures: Figures) -> str:
    plot = Plot(
        "Two adjacent inputs told apart: the best guesser there can be",
        x=Axis("false alarms", 0, 1),
        y=Axis("found", 0, 1),
        height=420,
        width=520,
    )
    plot.line([(0, 0), (1, 1)], GREY, dashed=True)
    shown = [g for g in figures.guesses if g.epsilon in (0.5, 1, 5, 20)]
    colours = [BLUE, ORANGE, PURPLE, RED]
    normal = NormalDist()
    for guess, colour in zip(shown, colours, strict=True):
        points = [(0.0, 0.0)]
        for i in range(1, 400):
            false = (i / 400) ** 3
            points.append((false, normal.cdf(normal.inv_cdf(false) + guess.mu)))
        plot.line([*points, (1.0, 1.0)], colour)
    names = [
        f"epsilon {g.epsilon:g}: right {100 * g.true:.0f} % of the time at most" for g in shown
    ]
    rows = zip(names, colours, strict=True)
    plot.legend([(name, colour, "line") for name, colour in rows], at=(0.34, 0.34))
    return plot.svg()


def _units(figures: Figures) -> str:
    names = [f"unit={unit}" for unit, _ in figures.units]
    plot = Plot(
        f"The noise that epsilon {HELD_AT} takes at {CUT}, over the largest clean value",
        x=Axis("noise (standard deviation) over the largest clean value", 0.1, 1000, log=True),
        y=Axis("", -0.5, len(names) - 0.5, names=list(enumerate(reversed(names)))),
        height=220,
        left=130,
    )
    for row, (_, said) in enumerate(reversed(figures.units)):
        over = noise_over_signal(said)
        plot.bar(0.1, over, row, BLUE)
        plot.label(over, row, f"{over:,.1f}")
    plot.line([(1, -0.5), (1, len(names) - 0.5)], GREY, dashed=True)
    return plot.svg()


def _totals(figures: Figures) -> str:
    plot = Plot(
        "Many releases of epsilon 1 each, at delta 1e-5",
        x=Axis("releases", 1, 1000, log=True),
        y=Axis("epsilon of them together", 1, 1e4, log=True),
        height=360,
        width=560,
    )
    plot.band_below(USELESS, "small enough to mean something")
    series = [
        ("exact", BLUE, "circle", lambda total: total["gdp"]["epsilon"]),
        ("zCDP", ORANGE, "square", lambda total: total["zcdp"]["epsilon"]),
        ("paper, eq. 9", GREY, "diamond", lambda total: total["paper"]["equation_9"]["epsilon"]),
    ]
    for _, colour, shape, value in series:
        points = [(count, value(total)) for count, total in figures.totals]
        plot.line([(x, y) for x, y in points if math.isfinite(y)], colour)
        for x, y in points:
            plot.mark(x, y, colour, shape)
    plot.legend([(name, colour, shape) for name, colour, shape, _ in series], at=(0.04, 0.96))
    return plot.svg()
