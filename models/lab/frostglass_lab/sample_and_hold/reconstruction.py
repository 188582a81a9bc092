"""What a server with a trained inverter sees of held maps of VGG-19n.

The front and the hold are the program's, the attack is the inverter that was trained on maps which
nobody had held: a better one, trained on held maps, would see more.
"""

import subprocess
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from frostglass_lab.checkout import ROOT
from frostglass_lab.imagenet import Picture, king_penguin, pictures, preprocessed

LAYERS = ("1_1", "2_1", "3_1")
WINDOWS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 56, 64)
SHOWN = (1, 2, 4, 8, 16, 32, 64)
"""Windows in the strip of pictures."""
PICTURES = 5
"""Beside the king penguin."""


def measured(program: Path, data: Path) -> tuple[dict, np.ndarray]:
    """PSNR and SSIM by layer, window and picture, the king penguin first; and the strip."""
    shown = [king_penguin(data), *pictures(data, PICTURES)]
    found: dict = {"windows": list(WINDOWS), "pictures": [picture.name for picture in shown]}
    rows = []
    for layer in LAYERS:
        attack = _Attack(program, data, layer)
        by_window = {"psnr": [], "ssim": []}
        each = [attack.on(picture) for picture in shown]
        for window in WINDOWS:
            by_window["psnr"].append([one[window][0] for one in each])
            by_window["ssim"].append([one[window][1] for one in each])
        found[f"relu{layer}"] = by_window
        rows.append(np.concatenate([each[0][window][2] for window in SHOWN], axis=1))
    return found, np.concatenate(rows)


class _Attack:
    def __init__(self, program: Path, data: Path, layer: str):
        self.program = program
        self.front = data / f"models/vgg19n_conv{layer}.onnx"
        self.cut = f"relu{layer}"
        card = ROOT / "models/zoo" / f"vgg19n-relu{layer}" / "card.toml"
        self.spec = tomllib.loads(card.read_text())["input"]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        inverter = str(data / f"models/inv_conv{layer}.onnx")
        self.inverter = onnxruntime.InferenceSession(inverter, options)

    def on(self, picture: Picture) -> dict[int, tuple[float, float, np.ndarray]]:
        """By window: PSNR in dB, SSIM, and what comes back as bytes."""
        photo = preprocessed(picture, self.spec)
        original = photo[0].transpose(1, 2, 0)
        found = {}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.save(folder / "in.npy", photo)
            given = ["--cut", self.cut, "--input", folder / "in.npy"]
            self._run("lab", "front", self.front, *given, "--out", folder / "map.npy")
            for window in WINDOWS:
                held = folder / "held.npy"
                policy = ["--policy", f"hold({window})", "--out", held]
                self._run("lab", "sanitize", folder / "map.npy", *policy)
                back = self.inverter.run(None, {"data": np.load(held)})[0][0].transpose(1, 2, 0)
                back = np.clip(back, 0, 1)
                found[window] = (
                    float(peak_signal_noise_ratio(original, back, data_range=1)),
                    float(structural_similarity(original, back, data_range=1, channel_axis=2)),
                    np.round(back * 255).astype(np.uint8),
                )
        return found

    def _run(self, *arguments):
        command = [str(word) for word in (self.program, *arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())


def strip(pixels: np.ndarray, path: Path) -> None:
    """Half as large: it is looked at, not measured."""
    picture = Image.fromarray(pixels)
    picture.resize((picture.width // 2, picture.height // 2)).save(path, optimize=True)
