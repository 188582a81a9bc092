"""Where the files that the lab writes live, relative to the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ZOO = ROOT / "models" / "zoo"
GOLDEN = ROOT / "tests" / "golden"
NOISE_TABLES = ROOT / "core" / "src" / "privacy" / "noise"
