"""Text of a zoo card (`card.toml`): just enough TOML to write one that people can read.

A card's values are strings, whole numbers, numbers and flat lists of these. Numbers are written
with six significant digits, long lists wrapped; reading needs nothing of ours (`tomllib`).
"""

import textwrap

WIDTH = 100


def table(header: str, values: dict) -> str:
    """One table under `header`, such as "[model]" or "[[cut]]"."""
    return (
        "\n".join([header, *(f"{key} = {_value(value)}" for key, value in values.items())]) + "\n"
    )


def _value(value) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    items = [_value(item) for item in value]
    line = f"[{', '.join(items)}]"
    if len(line) <= WIDTH - 10:
        return line
    return (
        "[\n"
        + textwrap.fill(", ".join(items), WIDTH, initial_indent="  ", subsequent_indent="  ")
        + ",\n]"
    )


def _number(value: float) -> str:
    text = f"{value:.6g}"
    return text if any(mark in text for mark in ".e") else f"{text}.0"
