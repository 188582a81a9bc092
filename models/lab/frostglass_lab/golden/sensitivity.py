"""S_a, Delta_a, D, Delta_b and Delta_c over a grid of public constants."""

from dataclasses import asdict

from frostglass_lab.reference import sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.sensitivity import Reach

NAME = "sensitivity"

CONSTANTS = [
    Normalisation(),
    Normalisation(a_max=3.0),
    Normalisation(alpha=2 * 2.38),
    Normalisation(alpha=2 * 2.39),
    Normalisation(a_max=0.5, gamma=1.0),
    Normalisation(width=1),
    Normalisation(width=2),
    Normalisation(width=9),
    Normalisation(width=9, a_max=4.0),
    Normalisation(beta=0.25, a_max=4.0),
    Normalisation(beta=0.75),
    Normalisation(beta=0.75, a_max=2.0),
    Normalisation(beta=1.0),
    Normalisation(beta=1.0, a_max=2.0, width=7),
    Normalisation(beta=0.6, alpha=0.3, gamma=0.9, a_max=1.7, width=3),
    # Corners of what is accepted: maxima lie near 1 / (tau (2 beta - 1)), far below 1.
    Normalisation(beta=0.75, a_max=1e6),
    Normalisation(beta=4.0, width=9, a_max=2000.0, alpha=100.0, gamma=1.0),
    Normalisation(beta=1.0, a_max=1e6, alpha=1e6, gamma=1e-6),
    Normalisation(beta=4.0, width=255, a_max=1e3, alpha=1e6),
    Normalisation(beta=0.51, width=255, a_max=1e6, alpha=1e6),
    Normalisation(beta=0.49, width=31, a_max=1e4, alpha=10.0),
    Normalisation(beta=0.05, width=255, a_max=30.0),
    Normalisation(beta=4.0, a_max=1e-6, gamma=1e6),
    Normalisation(alpha=0.0, beta=3.0),
    Normalisation(beta=0.0),
]
STEPS = [2.0**-10, 0.01, 0.0324, 0.1, 0.5]
CHANNELS = [1, 2, 3, 5, 16, 32, 64, 128, 256]

# What a name stands for, receptive field, stride product, map of height x width, sides of patches.
REACHES = [
    ("VGG at 224, conv1_1", Reach(3, 1, 224, 224), [1, 8, 224]),
    ("VGG at 224, pool1", Reach(6, 2, 112, 112), [1, 8, 17]),
    ("dlib-face, stem-relu", Reach(7, 2, 72, 72), [1, 2, 8, 150]),
    ("an oblong map", Reach(11, 4, 6, 40), [1, 4, 40]),
]
CLIPS = [0.5, 2.0, 8.0]


def document() -> dict[str, list[dict]]:
    return {
        "activation": [
            asdict(c)
            | {
                "tau": sensitivity.tau(c),
                "s_a": sensitivity.activation(c),
                "steps": STEPS,
                "delta_a": [_activation(c, step) for step in STEPS],
            }
            for c in CONSTANTS
        ],
        "position": [
            asdict(c) | {"channels": m, "d": sensitivity.position(c, m)}
            for c in CONSTANTS
            for m in CHANNELS
        ],
        "patch": [_patch(*reach, side) for *reach, sides in REACHES for side in sides],
        "image": [
            {
                "map": name,
                "channels": 64,
                "height": reach.height,
                "width": reach.width,
                "step": 0.0324,
                "delta_c": sensitivity.positions_in_steps(
                    Normalisation(), 64, 0.0324, reach.height * reach.width
                ),
            }
            for name, reach, _ in REACHES
        ],
        "clip": [
            {
                "channels": 32,
                "map_positions": 100,
                "patch_positions": 9,
                "clip": clip,
                "step": step,
                "delta_b": sensitivity.clipped_positions_in_steps(
                    Normalisation(), 32, step, 9, 3200, clip
                ),
                "delta_c": sensitivity.clipped_image_in_steps(Normalisation(), clip, step),
            }
            for clip in CLIPS
            for step in (0.01, 0.1)
        ],
    }


def _activation(constants: Normalisation, step: float) -> float:
    """One activation among 64 channels: it is a change at one position, too, which bounds it where
    steps are large."""
    anything = sensitivity.positions_in_steps(constants, 64, step, 1)
    return min(anything, sensitivity.activation_in_steps(constants, step))


def _patch(name: str, reach: Reach, side: int) -> dict:
    return {
        "map": name,
        "channels": 64,
        **asdict(reach),
        "side": side,
        "positions": reach.positions(side),
        "step": 0.0324,
        "delta_b": sensitivity.patch_in_steps(Normalisation(), 64, 0.0324, reach, side),
    }
