"""Sweeps by the program, each kept in a file."""

import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from frostglass_lab.imagenet import Picture

SQUEEZENET = "models/squeezenet1_0_imagenet.onnx"

LAYERS = {
    "conv1": "data",
    "pool1": "conv1_2",
    "fire2 squeeze": "pool1_3",
    "fire2 expand": "fire2_conv1x1_1_5",
    "fire3 squeeze": "fire2_concat_10",
    "fire3 expand": "fire3_conv1x1_1_12",
    "fire4 squeeze": "fire3_concat_17",
    "fire4 expand": "fire4_conv1x1_1_19",
    "pool4": "fire4_concat_24",
    "fire5 squeeze": "pool4_25",
    "fire5 expand": "fire5_conv1x1_1_27",
    "fire6 squeeze": "fire5_concat_32",
    "fire6 expand": "fire6_conv1x1_1_34",
    "fire7 squeeze": "fire6_concat_39",
    "fire7 expand": "fire7_conv1x1_1_41",
    "fire8 squeeze": "fire7_concat_46",
    "fire8 expand": "fire8_conv1x1_1_48",
    "pool8": "fire8_concat_53",
    "fire9 squeeze": "pool8_54",
    "fire9 expand": "fire9_conv1x1_1_56",
    "conv_final": "fire9_concat_61",
    "pool_final": "conv_final_64",
}
"""Every layer of SqueezeNet that is a convolution or a pool, and its input feature map. Both
expanding convolutions of a module read the same one."""


@dataclass(frozen=True)
class Asked:
    picture: Picture
    layer: str
    """Whose input feature map is swept."""
    rule: str = "nearest-mean"
    within: str = "map"
    earlier: tuple[tuple[str, int], ...] = ()
    """Layers whose input feature maps are held at a window meanwhile."""


@dataclass(frozen=True)
class Sweeps:
    program: Path
    data: Path
    kept: Path
    workers: int

    def run(self, asked: list[Asked]) -> list[dict]:
        """Each sweep's JSON, in order."""
        self.kept.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(self._one, asked))

    def _one(self, asked: Asked) -> dict:
        taps = [LAYERS[asked.layer]]
        taps += [f"{LAYERS[layer]}={window}" for layer, window in asked.earlier]
        rule = ["--rule", asked.rule, "--within", asked.within]
        key = hashlib.sha256(asked.picture.jpeg + repr((taps, rule)).encode()).hexdigest()
        kept = self.kept / f"{key}.json"
        if kept.is_file():
            return json.loads(kept.read_text())
        photo = self.kept / f"{asked.picture.name}.jpeg"
        if not photo.is_file():
            photo.write_bytes(asked.picture.jpeg)
        command = [self.program, "sweep", self.data / SQUEEZENET, photo, *rule, "--json"]
        for tap in taps:
            command += ["--tap", tap]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{asked.picture.name}, {taps}: {done.stderr.strip()}")
        kept.write_text(done.stdout)
        return json.loads(done.stdout)
