"""The sweeps behind every table and figure, by name."""

from pathlib import Path

from frostglass_lab.imagenet import king_penguin, pictures
from frostglass_lab.sample_and_hold.sweeps import LAYERS, Asked, Sweeps

PICTURES = 50
"""Over which Table 1 is averaged."""
FEWER = 14
"""Over which rules are compared."""
COMPARED = ["fire4 squeeze", "fire8 squeeze", "pool8", "conv_final"]
"""The layers at which rules are compared."""
RULES = {
    "first sample (Fig. 2)": ("first", "map"),
    "nearest to the mean (the paper's)": ("nearest-mean", "map"),
    "median": ("median", "map"),
    "largest": ("largest", "map"),
    "nearest to the mean, within rows": ("nearest-mean", "row"),
    "median, within rows": ("median", "row"),
}
EARLIER = ("pool1", "pool4", "fire6 squeeze")
"""Held in Table 2's experiment, each alone, while pool8's input feature map is swept."""


def penguin(sweeps: Sweeps, data: Path) -> dict[str, dict]:
    """Table 1: by layer."""
    picture = king_penguin(data)
    return dict(zip(LAYERS, sweeps.run([Asked(picture, layer) for layer in LAYERS]), strict=True))


def averaged(sweeps: Sweeps, data: Path, layers: list[str]) -> dict[str, list[dict]]:
    """Table 1 over many pictures: by layer."""
    shown = pictures(data, PICTURES)
    # Late layers, which are quick, come first.
    asked = [Asked(picture, layer) for layer in reversed(layers) for picture in shown]
    found = sweeps.run(asked)
    return {
        layer: [sweep for one, sweep in zip(asked, found, strict=True) if one.layer == layer]
        for layer in layers
    }


def two_taps(sweeps: Sweeps, data: Path) -> dict[str, dict]:
    """Table 2: pool8's input feature map, with an earlier one as it is and held at 3 and 5."""
    picture = king_penguin(data)
    asked = {"original": Asked(picture, "pool8")}
    for layer in EARLIER:
        for window in (3, 5):
            earlier = ((layer, window),)
            asked[f"{layer} held at {window}"] = Asked(picture, "pool8", earlier=earlier)
    return dict(zip(asked, sweeps.run(list(asked.values())), strict=True))


def rules(sweeps: Sweeps, data: Path) -> dict[str, dict[str, list[dict]]]:
    """By rule and layer: the king penguin first, then other pictures."""
    shown = [king_penguin(data), *pictures(data, FEWER)]
    found = {}
    for name, (rule, within) in RULES.items():
        asked = [Asked(picture, layer, rule, within) for layer in COMPARED for picture in shown]
        made = sweeps.run(asked)
        found[name] = {
            layer: [sweep for one, sweep in zip(asked, made, strict=True) if one.layer == layer]
            for layer in COMPARED
        }
    return found
