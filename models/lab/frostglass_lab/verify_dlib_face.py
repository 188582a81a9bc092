"""Checks the zoo's dlib-face: the halves are the network, and the network knows faces.

    FROSTGLASS_DATA=FOLDER python -m frostglass_lab.verify_dlib_face [--json]

1. Front and tail, run one after the other and joined, give the descriptors of the network as
   published: f32 weights, nothing folded.
2. So do the halves of a split at every cut of the card.
3. Over all pairs among 500 faces, several times drawn, the distance of descriptors tells one
   person from two (area under the ROC curve), and the published threshold of 0.6 works.
"""

import argparse
import json
import sys
import tomllib

import numpy as np
import onnx
import onnxruntime

from frostglass_lab import dlib_face_graph, dlib_face_weights, faces, splitting
from frostglass_lab.checkout import ZOO

FOLDER = ZOO / "dlib-face"
DIFFERENCE_ALLOWED = 1e-4
AUC_WANTED = 0.997
THRESHOLD = 0.6
FACES = 500
SEEDS = (1, 2, 3, 4)
COMPARED = 32
BATCH = 25
QUANTILES = (0.001, 0.01, 0.05, 0.5, 0.95, 0.99, 0.999)


class Run:
    """A model with one input and one output, ready to run."""

    def __init__(self, model: onnx.ModelProto):
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        (self.input,) = (value.name for value in self.session.get_inputs())

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return self.session.run(None, {self.input: values})[0]


def descriptors(network, data: faces.Faces) -> np.ndarray:
    """f32 [N, 128] of all faces, by anything that maps a batch of inputs to descriptors."""
    starts = range(0, len(data.chips), BATCH)
    return np.concatenate([network(data.input(start, start + BATCH)) for start in starts])


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max())


def recognition(found: np.ndarray, people: np.ndarray) -> dict:
    """What the distances of all pairs say about who is who."""
    first, second = np.triu_indices(len(people), 1)
    distance = np.linalg.norm(found[first] - found[second], axis=1)
    same = people[first] == people[second]
    accepted = distance < THRESHOLD
    return {
        "pairs": len(distance),
        "same_pairs": int(same.sum()),
        "auc": area_under_roc(distance, same),
        "accuracy_at_0.6": float(np.mean(accepted == same)),
        "same_accepted_at_0.6": float(np.mean(accepted[same])),
        "different_accepted_at_0.6": float(np.mean(accepted[~same])),
        "same_distance": quantiles(distance[same]),
        "different_distance": quantiles(distance[~same]),
    }


def quantiles(values: np.ndarray) -> dict[float, float]:
    return {q: float(np.quantile(values, q)) for q in QUANTILES}


def area_under_roc(distance: np.ndarray, same: np.ndarray) -> float:
    """The probability that a pair of one person lies closer than a pair of two (Mann-Whitney).

    Ties, which real descriptors do not have, would count by their order.
    """
    rank = np.empty(len(distance))
    rank[np.argsort(distance, kind="stable")] = np.arange(1, len(distance) + 1)
    positives, negatives = same.sum(), (~same).sum()
    above = rank[same].sum() - positives * (positives + 1) / 2
    return float(1 - above / (positives * negatives))


def report() -> dict:
    front, tail = onnx.load(FOLDER / "front.onnx"), onnx.load(FOLDER / "tail.onnx")
    whole = splitting.join(front, tail)
    published = dlib_face_graph.build(
        dlib_face_weights.parse(dlib_face_weights.fetch()), packed=False
    )
    some = faces.draw(COMPARED, SEEDS[0])
    expected = descriptors(Run(published), some)
    run_front, run_tail = Run(front), Run(tail)

    differences = {
        "one after the other": difference(
            descriptors(lambda x: run_tail(run_front(x)), some), expected
        ),
        "joined": difference(descriptors(Run(whole), some), expected),
    }
    for cut in tomllib.loads((FOLDER / "card.toml").read_text())["cut"]:
        halves = [Run(half) for half in splitting.split(whole, cut["tensor"], cut["shape"])]
        shape = halves[0](some.input(0, 1)).shape
        if list(shape[1:]) != cut["shape"]:
            raise ValueError(f"{cut['name']}: the card says {cut['shape']}, the front {shape[1:]}")
        found = descriptors(lambda x, halves=halves: halves[1](halves[0](x)), some)
        differences[f"split at {cut['name']}"] = difference(found, expected)

    recognitions = {}
    for seed in SEEDS:
        drawn = faces.draw(FACES, seed)
        recognitions[seed] = recognition(descriptors(Run(whole), drawn), drawn.people)
    passed = max(differences.values()) <= DIFFERENCE_ALLOWED and all(
        found["auc"] >= AUC_WANTED for found in recognitions.values()
    )
    return {
        "faces_compared": COMPARED,
        "difference_allowed": DIFFERENCE_ALLOWED,
        "differences": differences,
        "faces": FACES,
        "auc_wanted": AUC_WANTED,
        "recognition_by_seed": recognitions,
        "passed": passed,
    }


def as_text(found: dict) -> str:
    lines = [f"Largest difference of a descriptor's element, {found['faces_compared']} faces:"]
    lines += [f"  {name:28} {value:.1e}" for name, value in found["differences"].items()]
    lines += [
        f"All pairs among {found['faces']} faces (Labelled Faces in the Wild):",
        "  seed  same pairs  AUC      accuracy at 0.6  same < 0.6  different < 0.6",
    ]
    for seed, row in found["recognition_by_seed"].items():
        lines.append(
            f"  {seed:4}  {row['same_pairs']:10,}  {row['auc']:.4f}  {row['accuracy_at_0.6']:15.4f}"
            f"  {row['same_accepted_at_0.6']:10.4f}  {row['different_accepted_at_0.6']:15.5f}"
        )
    for kind in ("same", "different"):
        rows = [row[f"{kind}_distance"] for row in found["recognition_by_seed"].values()]
        means = "  ".join(f"{q:g}: {np.mean([row[q] for row in rows]):.3f}" for q in QUANTILES)
        lines.append(f"  distance, {kind:9} (quantiles, mean of seeds)  {means}")
    lines.append("passed" if found["passed"] else "FAILED")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    try:
        found = report()
    except faces.DataMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    print(json.dumps(found, indent=2) if arguments.json else as_text(found))
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
