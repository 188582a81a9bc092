"""What the program says of the default front, gathered."""

import json
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

MODEL = "dlib-face"
CUT = "stem-pool"
"""Where the README's example cuts."""
DELTA = 1e-5
HELD_AT = 5
UNITS = ["activation", "patch(1)", "patch(8)", "image"]
EPSILONS = [0.5, 1, 2, 5, 8, 20]
COUNTS = [1, 3, 10, 30, 100, 300, 1000]


@dataclass(frozen=True)
class Program:
    path: Path

    def ask(self, *words: str) -> dict:
        command = [self.path, *words, "--json"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def cuts(self) -> list[dict]:
        return self.ask("cuts", MODEL)["cuts"]

    def explained(self, cut: str, policy: str) -> dict:
        question = ["privacy", "explain", "--model", MODEL, "--cut", cut, "--policy", policy]
        return self.ask(*question)

    def mu(self, epsilon: float) -> float:
        asked = ["privacy", "sigma", "--epsilon", str(epsilon), "--delta", str(DELTA)]
        return self.ask(*asked)["mu"]

    def account(self, releases: list[dict]) -> dict:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "releases.json"
            file.write_text(json.dumps(releases))
            return self.ask("privacy", "account", str(file), "--delta", str(DELTA))


@dataclass(frozen=True)
class Guess:
    """How well the best of all guessers tells two adjacent inputs apart, starting even."""

    epsilon: float
    mu: float
    promised: float
    """The most that (epsilon, delta) alone allows: (e^epsilon + delta) / (1 + e^epsilon)."""
    true: float
    """The most that this mechanism allows: Phi(mu / 2)."""


@dataclass(frozen=True)
class Figures:
    cuts: list[tuple[str, dict]]
    """Each cut and what the policy held at HELD_AT for one activation costs there."""
    units: list[tuple[str, dict]]
    """The same promise for each unit, at CUT."""
    guesses: list[Guess]
    totals: list[tuple[int, dict]]
    """Many releases, each of epsilon 1."""


def gather(program: Program) -> Figures:
    held = f"dp(epsilon={HELD_AT}, delta={DELTA})"
    mu = program.mu(1)
    return Figures(
        cuts=[(cut["name"], program.explained(cut["name"], held)) for cut in program.cuts()],
        units=[
            (unit, program.explained(CUT, f"dp(epsilon={HELD_AT}, delta={DELTA}, unit={unit})"))
            for unit in UNITS
        ],
        guesses=[guess(epsilon, program.mu(epsilon)) for epsilon in EPSILONS],
        totals=[(n, program.account([{"mu": mu, "count": n}])) for n in COUNTS],
    )


def guess(epsilon: float, mu: float) -> Guess:
    promised = (1 + DELTA * math.exp(-epsilon)) / (1 + math.exp(-epsilon))
    return Guess(epsilon, mu, promised, NormalDist().cdf(mu / 2))
