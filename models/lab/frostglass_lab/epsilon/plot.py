"""A plot with two axes, in SVG."""

import math
from dataclasses import dataclass, field
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Axis:
    title: str
    low: float
    high: float
    log: bool = False
    names: list[tuple[float, str]] = field(default_factory=list)
    """Words at values, instead of numbers."""

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at `low` to 1 at `high`; beyond them it is put at an end."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log(max(value, low)), math.log(low), math.log(high)
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def ticks(self) -> list[tuple[float, str]]:
        if self.names:
            return self.names
        if self.log:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            return [(10.0**k, f"{10.0**k:,g}") for k in range(first, last + 1)]
        step = (self.high - self.low) / 5
        return [(self.low + i * step, f"{self.low + i * step:g}") for i in range(6)]


class Plot:
    def __init__(self, title: str, x: Axis, y: Axis, width=720, height=400, left=70):
        self.x, self.y, self.width, self.height, self.left = x, y, width, height, left
        self.top, self.right, self.bottom = 40, 24, 48
        self.body = [self._text(12, 22, title, size=14)]
        for value, name in x.ticks():
            at = self._x(value)
            self.body.append(self._segment(at, self.top, at, self._floor(), "#e4e4e4"))
            self.body.append(self._text(at, self._floor() + 15, _short(name), anchor="middle"))
        for value, name in y.ticks():
            at = self._y(value)
            if not y.names:
                self.body.append(self._segment(left, at, width - self.right, at, "#e4e4e4"))
            self.body.append(self._text(left - 7, at + 4, _short(name), anchor="end"))
        middle = (left + width - self.right) / 2
        self.body.append(self._text(middle, height - 10, x.title, anchor="middle"))
        at = (self.top + self._floor()) / 2
        turned = f'transform="rotate(-90 14 {at:g})"'
        self.body.append(self._text(14, at, y.title, anchor="middle", more=turned))

    def band(self, low: float, high: float, words: str):
        """A part of the x axis, shaded."""
        x, width = self._x(low), self._x(high) - self._x(low)
        self._shade(x, self.top, width, self._floor() - self.top)
        self.body.append(self._text(x + 4, self.top - 4, words))

    def band_below(self, high: float, words: str):
        """The part of the y axis under a value, shaded."""
        y = self._y(high)
        self._shade(self.left, y, self.width - self.right - self.left, self._floor() - y)
        self.body.append(self._text(self.width - self.right - 4, y + 13, words, anchor="end"))

    def mark(self, x: float, y: float, colour: str, shape: str):
        self.body.append(_mark(self._x(x), self._y(y), colour, shape))

    def bar(self, start: float, end: float, y: float, colour: str):
        x, width = self._x(start), self._x(end) - self._x(start)
        self.body.append(
            f'<rect x="{x:.1f}" y="{self._y(y) - 9:.1f}" width="{width:.1f}" height="18"'
            f' fill="{colour}"/>'
        )

    def label(self, x: float, y: float, words: str):
        self.body.append(self._text(self._x(x) + 5, self._y(y) + 4, words))

    def line(self, points: list[tuple[float, float]], colour: str, dashed=False):
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points)
        dashes = ' stroke-dasharray="4 4"' if dashed else ""
        self.body.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"{dashes}/>'
        )

    def legend(self, rows: list[tuple[str, str, str]], at: tuple[float, float]):
        """Name, colour and shape of each; `at` is a place in the plot, both parts from 0 to 1."""
        x = self.left + at[0] * (self.width - self.right - self.left)
        y = self._floor() - at[1] * (self._floor() - self.top) + 12
        wide = 22 + 6.4 * max(len(name) for name, _, _ in rows)
        high = 17 * len(rows) + 6
        self.body.append(
            f'<rect x="{x - 8:.1f}" y="{y - 13:.1f}" width="{wide:.0f}" height="{high}"'
            ' fill="white" fill-opacity="0.9" stroke="#ddd"/>'
        )
        for number, (name, colour, shape) in enumerate(rows):
            self.body.append(_mark(x, y + 17 * number - 3, colour, shape))
            self.body.append(self._text(x + 11, y + 17 * number + 1, name))

    def svg(self) -> str:
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} height="{self.height}"'
        head += ' font-family="sans-serif" font-size="11">'
        paper = f'<rect width="{self.width}" height="{self.height}" fill="white"/>'
        return "\n".join([head, paper, *self.body, "</svg>\n"])

    def _floor(self) -> float:
        return self.height - self.bottom

    def _x(self, value: float) -> float:
        return self.left + self.x.share(value) * (self.width - self.right - self.left)

    def _y(self, value: float) -> float:
        return self._floor() - self.y.share(value) * (self._floor() - self.top)

    def _shade(self, x: float, y: float, width: float, height: float):
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        # Under everything drawn so far but the title.
        self.body.insert(1, f'<rect {place} fill="#d7ecd9"/>')

    def _segment(self, x, y, to_x, to_y, colour: str) -> str:
        ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
        return f'<line {ends} stroke="{colour}"/>'

    def _text(self, x, y, words: str, anchor="start", size=11, more="") -> str:
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" {more}'
        return f"<text {place.strip()}>{escape(words)}</text>"


def _short(name: str) -> str:
    return name.replace("100,000", "100k").replace("10,000", "10k")


def _mark(x: float, y: float, colour: str, shape: str) -> str:
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'
    corners = {
        "square": [(-4, -4), (4, -4), (4, 4), (-4, 4)],
        "diamond": [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)],
        "triangle": [(0, -5.5), (5, 4), (-5, 4)],
        "line": [(-7, -1), (7, -1), (7, 1), (-7, 1)],
    }[shape]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'
