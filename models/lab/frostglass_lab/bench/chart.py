"""The ratios as bars, in SVG: a group a front, a bar an engine, a line at one, where the engine is
that the others are divided by."""

from collections.abc import Callable
from xml.sax.saxutils import escape

from frostglass_lab.bench.engines import NAMES
from frostglass_lab.bench.result import REFERENCE, Result
from frostglass_lab.bench.targets import target

COLOURS = {
    "frostglass": "#0b6e99",
    "onnxruntime": "#3d405b",
    "ncnn": "#e09f3e",
    "mnn": "#9e4770",
    "litert": "#6a994e",
    "tract": "#8d8d8d",
}
"""Told apart in the common kinds of colour blindness, and by their order besides."""
LARGEST = 2.0
"""Longer bars are cut here and say how long they are."""
NAME_WIDTH, PLOT_WIDTH, BAR, GAP, TOP = 190, 620, 11, 12, 64
UNIT = PLOT_WIDTH / LARGEST


def svg(run: dict, results: list[Result]) -> str:
    return bars(
        title=f"Time over ONNX Runtime's, one thread: {run['processor']}",
        shown=[name for name in NAMES if name != REFERENCE],
        ratios={(r.front, r.engine): r.ratio_to_ort for r in results},
        target=target,
        said=f"Red: our target. Commit {run['commit']}, {run['date']}.",
    )


def bars(
    title: str,
    shown: list[str],
    ratios: dict[tuple[str, str], float | None],
    target: Callable[[str], float | None],
    said: str,
) -> str:
    """A ratio for each front and engine; the engine first shown has targets."""
    fronts = list(dict.fromkeys(front for front, _ in ratios))
    group = BAR * len(shown) + GAP
    bottom = TOP + group * len(fronts)
    width, height = NAME_WIDTH + PLOT_WIDTH + 60, bottom + 48

    body = [_text(16, 24, title, size=14)]
    x = NAME_WIDTH
    for name in shown:
        body.append(_bar(x, 38, 12, 10, COLOURS[name]))
        body.append(_text(x + 16, 47, name))
        x += 100
    for step in range(int(LARGEST / 0.5) + 1):
        at = NAME_WIDTH + UNIT * 0.5 * step
        body.append(_line(at, TOP - 6, bottom, "#444" if step == 2 else "#ddd", 1))
        body.append(_text(at, bottom + 16, f"{0.5 * step:g}", anchor="middle"))
    for front_number, front in enumerate(fronts):
        top = TOP + group * front_number
        middle = top + BAR * len(shown) / 2 + 4
        body.append(_text(NAME_WIDTH - 8, middle, front, anchor="end"))
        for number, name in enumerate(shown):
            ratio = ratios.get((front, name))
            if ratio is not None:
                body += _ratio(ratio, top + BAR * number, COLOURS[name])
        if wanted := target(front):
            body.append(_line(NAME_WIDTH + UNIT * wanted, top - 2, top + BAR + 1, "#e5141f", 3))
    body.append(_text(NAME_WIDTH, bottom + 36, said))

    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    head += f' width="{width}" height="{height}" font-family="sans-serif" font-size="11">'
    return "\n".join(
        [head, f'<rect width="{width}" height="{height}" fill="white"/>', *body, "</svg>\n"]
    )


def _ratio(ratio: float, top: float, colour: str) -> list[str]:
    shapes = [_bar(NAME_WIDTH, top, UNIT * min(ratio, LARGEST), BAR - 1, colour)]
    if ratio > LARGEST:
        shapes.append(_text(NAME_WIDTH + PLOT_WIDTH + 4, top + BAR - 1, f"{ratio:.1f}"))
    return shapes


def _bar(x, y, width, height, colour) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:g}" fill="{colour}"/>'


def _line(x, top, bottom, colour, width) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}"'
        f' stroke="{colour}" stroke-width="{width}"/>'
    )


def _text(x, y, words, anchor="start", size=11) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {place}>{escape(words)}</text>"
