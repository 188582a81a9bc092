"""The published weights of the dlib face-recognition network, as face-api carries them.

The npm package `@vladmandic/face-api` (MIT) holds the network as one flat file of weights and a
manifest that says, tensor after tensor, its shape and, where it is quantised, a scale and a
minimum: value = byte * scale + min. Filters are laid out [row][column][in][out].

In every quantised filter min is a whole multiple of scale (to 1e-13), so a filter is exactly
scale * (byte - zero_point) and can keep its 8 bits in ONNX. The filters of the 64-channel stage
are published as f32 and stay f32. The per-channel scale/bias vectors do not all have such a zero
point; they are small and are folded into convolutions anyway.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PACKAGE = "@vladmandic/face-api@1.7.15"
WEIGHTS_FILE = "model/face_recognition_model.bin"
MANIFEST_FILE = "model/face_recognition_model-weights_manifest.json"
SHA256 = {
    WEIGHTS_FILE: "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589",
    MANIFEST_FILE: "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b",
}


@dataclass(frozen=True)
class Quantised:
    """A tensor of bytes that stands for `scale * (byte - zero_point)`, exactly."""

    bytes: np.ndarray  # uint8
    scale: float
    zero_point: int

    def values(self) -> np.ndarray:
        """The f64 values that the bytes stand for, in the same shape."""
        return self.scale * (self.bytes.astype(np.float64) - self.zero_point)


Weights = dict[str, "Quantised | np.ndarray"]


def fetch() -> dict[str, bytes]:
    """The two files of the npm package, by their path in it; raises if a digest differs."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            files = {path: archive.extractfile(f"package/{path}").read() for path in SHA256}
    for path, expected in SHA256.items():
        found = hashlib.sha256(files[path]).hexdigest()
        if found != expected:
            raise ValueError(f"{PACKAGE} {path}: SHA-256 is {found}, expected {expected}")
    return files


def parse(files: dict[str, bytes]) -> Weights:
    """Name -> tensor. Quantised where the zero point is a byte, otherwise f64 values."""
    (group,) = json.loads(files[MANIFEST_FILE])
    flat = files[WEIGHTS_FILE]
    weights: Weights = {}
    offset = 0
    for entry in group["weights"]:
        shape = entry["shape"]
        count = int(np.prod(shape))
        quantization = entry.get("quantization")
        if quantization is None:
            values = np.frombuffer(flat, "<f4", count, offset).reshape(shape)
            weights[entry["name"]] = values.astype(np.float64)
            offset += 4 * count
        else:
            raw = np.frombuffer(flat, np.uint8, count, offset).reshape(shape)
            weights[entry["name"]] = _with_zero_point(
                raw, quantization["scale"], quantization["min"]
            )
            offset += count
    if offset != len(flat):
        raise ValueError(f"the manifest describes {offset} bytes, the file has {len(flat)}")
    return weights


def values_of(tensor: "Quantised | np.ndarray") -> np.ndarray:
    """The f64 values of a tensor of either form."""
    return tensor.values() if isinstance(tensor, Quantised) else tensor


def _with_zero_point(raw: np.ndarray, scale: float, minimum: float) -> "Quantised | np.ndarray":
    exact = -minimum / scale
    zero_point = round(exact)
    if 0 <= zero_point <= 255 and abs(exact - zero_point) < 1e-9:
        return Quantised(raw, scale, zero_point)
    return raw.astype(np.float64) * scale + minimum
