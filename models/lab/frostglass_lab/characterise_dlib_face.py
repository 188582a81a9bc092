"""Measures dlib-face's cuts on public faces and writes the zoo's card.

    FROSTGLASS_DATA=FOLDER python -m frostglass_lab.characterise_dlib_face [--count N] [--seed S]

For each cut: `gain` per channel = 1 / max(p90, floor), p90 being the ninth decile of the channel
over all positions of all faces; `grid`, the step of a plain i8 release: the smallest power of two
at which at most 0.1 % of the activations pass 127 steps. Both are public constants: they come from
public faces, never from a user's.

The floor is a tenth of the median p90 of the cut's channels. Without it a channel that is all but
dead (one of the first cut's 32 has p90 = 0) would be magnified without bound, and what little it
shows would fill the clipping range like any other; with it no channel is magnified more than ten
times as much as the middle one.
"""

import argparse
import hashlib
import math
import sys

import numpy as np
import onnx
import onnxruntime

from frostglass_lab import demo_photo, dlib_face_graph, dlib_face_weights, faces
from frostglass_lab.card import table
from frostglass_lab.checkout import ZOO

FOLDER = ZOO / "dlib-face"
FLOOR_OF_MEDIAN = 0.1
DECILE = 0.9
SATURATED_AT_MOST = 0.001
I8_STEPS = 127
BATCH = 25


def activations(cuts, data: faces.Faces) -> list[np.ndarray]:
    """For each cut, f32 [N, C, H, W] over all faces, from the front that lies in the zoo."""
    front = onnx.load(FOLDER / "front.onnx")
    present = {output.name for output in front.graph.output}
    front.graph.output.extend(
        dlib_face_graph.tensor_of(cut.tensor, cut.shape)
        for cut in cuts
        if cut.tensor not in present
    )
    session = onnxruntime.InferenceSession(
        front.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    count = len(data.chips)
    maps = [np.empty((count, *cut.shape), np.float32) for cut in cuts]
    for start in range(0, count, BATCH):
        outputs = session.run(
            [cut.tensor for cut in cuts],
            {dlib_face_graph.INPUT: data.input(start, start + BATCH)},
        )
        for whole, part in zip(maps, outputs, strict=True):
            whole[start : start + len(part)] = part
    return maps


def gain_of(maps: np.ndarray) -> np.ndarray:
    """Gain per channel, f64 [C], of maps f32 [N, C, H, W]."""
    channels = maps.shape[1]
    p90 = np.quantile(maps.transpose(1, 0, 2, 3).reshape(channels, -1), DECILE, axis=1)
    return 1 / np.maximum(p90, FLOOR_OF_MEDIAN * np.median(p90))


def grid_of(maps: np.ndarray) -> float:
    """The smallest power of two at which few enough activations pass 127 steps."""
    reached = np.quantile(maps, 1 - SATURATED_AT_MOST)
    return 2.0 ** math.ceil(math.log2(reached / I8_STEPS))


def cut_table(cut: dlib_face_graph.Cut, maps: np.ndarray) -> dict:
    gain, grid = gain_of(maps), grid_of(maps)
    zero = np.mean(maps == 0)
    clipped = np.mean(maps * gain.astype(np.float32)[None, :, None, None] > 1)
    saturated = np.mean(maps > I8_STEPS * grid)
    return {
        "name": cut.name,
        "tensor": cut.tensor,
        "shape": cut.shape,
        "grid": grid,
        "notes": f"After {cut.what}. Measured: {zero:.1%} zeros; {clipped:.1%} above a_max = 1 "
        f"after the gain; {saturated:.3%} saturate on the grid.",
        "offset": 0.0,
        "gain": [float(g) for g in gain],
    }


def card(cuts, maps, count: int, seed: int) -> str:
    front, tail = ((FOLDER / name).read_bytes() for name in ("front.onnx", "tail.onnx"))
    header = f"""\
# dlib-face: what the front expects, where it may be cut, and what was measured there.
#
# Written by `python -m frostglass_lab.characterise_dlib_face --count {count} --seed {seed}` from
# {count} faces of Labelled Faces in the Wild (grey, aligned, cut to 150 x 150), drawn by that seed.
#
# Names of cuts: the stem (ReLU at 72 x 72, pooling at 35 x 35), then rows of residual blocks:
# stage1 (32 channels, 35 x 35), stage2 (64, 17 x 17), stage3 (128, 8 x 8), stage4 (256, 4 x 4),
# stage5 (256, 2 x 2). Every cut lies after a ReLU, so its activations are not negative.
#
# gain = 1 / max(p90, floor) per channel. The floor, {FLOOR_OF_MEDIAN:g} of the median p90 of the
# cut, keeps dead channels from being magnified without bound. grid = step of a plain i8 release:
# the smallest power of two at which at most {SATURATED_AT_MOST:.1%} of the activations saturate.
"""
    tables = [
        table(
            "[model]",
            {
                "name": "dlib-face",
                "title": "dlib face recognition (ResNet-29, 128 numbers a face)",
                "licence": "MIT AND CC0-1.0",
                "source": f"npm {dlib_face_weights.PACKAGE}, {dlib_face_weights.WEIGHTS_FILE}; "
                "originally dlib_face_recognition_resnet_model_v1 by Davis E. King",
                "sha256": hashlib.sha256(front).hexdigest(),
                "tail_sha256": hashlib.sha256(tail).hexdigest(),
                "output": "descriptor",
            },
        ),
        table(
            "[input]",
            {
                "name": dlib_face_graph.INPUT,
                "shape": [3, dlib_face_graph.SIDE, dlib_face_graph.SIDE],
                "order": "RGB",
                "resize": "exact",
                "short_side": dlib_face_graph.SIDE,
                "filter": "bilinear",
                "crop": "none",
                "mean": [0.0, 0.0, 0.0],
                "scale": [1.0, 1.0, 1.0],
            },
        ),
        table(
            "[demo]",
            {
                "photo": demo_photo.FILE,
                "face": demo_photo.face_box(),
                "credit": demo_photo.CREDIT,
            },
        ),
    ]
    tables += [table("[[cut]]", cut_table(cut, map_)) for cut, map_ in zip(cuts, maps, strict=True)]
    return "\n".join([header, *tables])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500, help="faces to measure on")
    parser.add_argument("--seed", type=int, default=1, help="which faces")
    arguments = parser.parse_args()
    try:
        data = faces.draw(arguments.count, arguments.seed)
    except faces.DataMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    cuts = dlib_face_graph.cuts()
    text = card(cuts, activations(cuts, data), arguments.count, arguments.seed)
    (FOLDER / "card.toml").write_text(text)
    print(f"card.toml: {len(cuts)} cuts, {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
