"""The program under test, and the network read by somebody else's runtime."""

import json
import os
import subprocess
from pathlib import Path

import onnxruntime
import pytest

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "models" / "zoo" / "dlib-face"
FACE = "168,65,113,113"


class Program:
    """Runs `frostglass`, named by FROSTGLASS_BIN, in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def json(self, *arguments: str) -> dict:
        """Runs a command that must succeed, and reads its JSON."""
        command = [os.environ["FROSTGLASS_BIN"], *arguments, "--json"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def sanitize(self, photo: Path, cut: str, policy: str, out: str, *more: str) -> Path:
        """Makes a release with dlib-face and gives its path."""
        what = ["--model", "dlib-face", "--cut", cut, "--policy", policy, "--out", out]
        self.json("sanitize", str(photo), *what, *more)
        return self.folder / out


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture(scope="session")
def cuts() -> list[dict]:
    """The cuts of dlib-face, as the program lists them."""
    command = [os.environ["FROSTGLASS_BIN"], "cuts", "dlib-face", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["cuts"]


@pytest.fixture(scope="session")
def front(cuts: list[dict]) -> onnxruntime.InferenceSession:
    """The front with every cut as an output, on ONNX Runtime."""
    import onnx

    model = onnx.load(ZOO / "front.onnx")
    declared = {output.name for output in model.graph.output}
    for cut in cuts:
        if cut["tensor"] not in declared:
            model.graph.output.append(
                onnx.helper.make_tensor_value_info(cut["tensor"], onnx.TensorProto.FLOAT, None)
            )
    return onnxruntime.InferenceSession(model.SerializeToString())


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with public data sets, where there is one."""
    if "FROSTGLASS_DATA" not in os.environ:
        pytest.skip("set FROSTGLASS_DATA to a folder with imagenet_samples.zip (JPEG pictures)")
    return Path(os.environ["FROSTGLASS_DATA"])
