"""Writes `front.onnx` and `tail.onnx` of the zoo's dlib-face.

    python -m frostglass_lab.convert_dlib_face [--check]

Running it twice gives the same bytes; `--check` compares with the files that lie there. Node.js's
`npm` fetches the weights; nothing else leaves the machine.
"""

import argparse
import sys

from frostglass_lab import dlib_face_graph, dlib_face_weights, splitting
from frostglass_lab.checkout import ZOO

FOLDER = ZOO / "dlib-face"


def converted(weights: dlib_face_weights.Weights) -> dict[str, bytes]:
    """File name -> bytes: the front up to the deepest cut, and the tail from there."""
    network = dlib_face_graph.build(weights, packed=True)
    deepest = dlib_face_graph.cuts()[-1]
    front, tail = splitting.split(network, deepest.tensor, deepest.shape)
    return {
        "front.onnx": front.SerializeToString(deterministic=True),
        "tail.onnx": tail.SerializeToString(deterministic=True),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    weights = dlib_face_weights.parse(dlib_face_weights.fetch())
    FOLDER.mkdir(parents=True, exist_ok=True)
    drifted = []
    for name, content in converted(weights).items():
        path = FOLDER / name
        if check:
            if not path.exists() or path.read_bytes() != content:
                drifted.append(name)
        else:
            path.write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    if drifted:
        print(f"differs from what lies in the zoo: {', '.join(drifted)}", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
