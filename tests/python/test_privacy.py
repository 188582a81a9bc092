"""What the program says of privacy, beside what others say, and the page that quotes it."""

import collections
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from frostglass_lab.epsilon.__main__ import contents
from frostglass_lab.golden.accounting import schedules
from frostglass_lab.reference import gaussian, oracles, rounded_gaussian


@pytest.mark.parametrize("number", range(0, 50, 7))
def test_totals_agree_with_other_peoples_accountants(program, number):
    schedule, delta = schedules()[number]
    releases = [
        {"mu": mu, "count": count}
        | ({} if rate == 1 else {"sampling": {"rate": rate, "kind": "fixed-size"}})
        for mu, count, rate in schedule
    ]
    (program.folder / "releases.json").write_text(json.dumps(releases))
    said = program.json("privacy", "account", "releases.json", "--delta", str(delta))
    for ours, oracle in (
        ("gdp", oracles.gaussian_epsilon),
        ("zcdp", oracles.zcdp_epsilon),
        ("rdp", oracles.renyi_epsilon),
    ):
        theirs = oracle(schedule, delta)
        above = (said[ours]["epsilon"] - theirs) / max(1, theirs)
        assert -1e-9 <= above <= 1e-6, (ours, said[ours], theirs)


@pytest.mark.parametrize("epsilon, delta", [(0.03, 1e-4), (1.7, 1e-7), (33.0, 1e-12)])
def test_sigma_agrees_with_high_precision(program, epsilon, delta):
    said = program.json(
        "privacy", "sigma", "--epsilon", str(epsilon), "--delta", str(delta)
    )
    assert said["sigma"] == pytest.approx(
        float(gaussian.sigma(epsilon, delta)), rel=1e-10
    )


@pytest.mark.parametrize("grid, sigma", [("i8", 16), ("i16", 256)])
def test_noise_in_a_file_has_the_exact_mass(program, grid, sigma):
    count = 1 << 20
    program.json(
        "privacy", "noise", "--grid", grid, "--count", str(count), "--out", "noise"
    )
    seen = collections.Counter(np.fromfile(program.folder / "noise", "<i4").tolist())
    most = 3 * sigma
    masses = {
        k: float(rounded_gaussian.probability(k, sigma)) for k in range(-most, most + 1)
    }
    rest = 1 - math.fsum(masses.values())
    beyond = count - sum(seen[k] for k in masses)
    chi_square = (beyond - rest * count) ** 2 / (rest * count)
    chi_square += sum(
        (seen[k] - p * count) ** 2 / (p * count) for k, p in masses.items()
    )
    # Wilson and Hilferty: 4.9 deviations are passed once in a million runs, either way.
    freedom = len(masses)
    spread = 2 / (9 * freedom)
    deviations = ((chi_square / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    assert abs(deviations) < 4.9


def test_the_page_about_epsilon_says_what_the_program_says():
    for path, content in contents(Path(os.environ["FROSTGLASS_BIN"])).items():
        assert path.read_text() == content, (
            f"{path.name}: run python -m frostglass_lab.epsilon"
        )
