"""Composition and the paper's calculators."""

import math

import pytest

from frostglass_lab.golden.accounting import schedules
from frostglass_lab.reference import accounting, gaussian, oracles


def test_mus_add_in_squares():
    assert accounting.total_mu([(3.0, 1), (4.0, 1)]) == 5.0
    once = float(gaussian.epsilon(0.5, 1e-5))
    assert accounting.epsilon_of_total([(0.25, 4)], 1e-5) == pytest.approx(once, rel=1e-12)


def test_other_peoples_accountants_agree_with_the_reference():
    for schedule, delta in schedules()[::5]:
        spends = [(mu, count) for mu, count, _ in schedule]
        exact = accounting.epsilon_of_total(spends, delta)
        assert oracles.gaussian_epsilon(schedule, delta) == pytest.approx(exact, rel=1e-8)
        zcdp = accounting.zcdp_epsilon(accounting.rho_of_total(spends), delta)
        assert oracles.zcdp_epsilon(schedule, delta) == pytest.approx(zcdp, rel=1e-8)
        assert zcdp >= exact


def test_taking_everything_amplifies_nothing():
    assert accounting.amplified(1.5, 1e-5, 1.0) == (pytest.approx(1.5), 1e-5)
    epsilon, delta = accounting.amplified(1.0, 1e-5, 0.01)
    assert epsilon == pytest.approx(math.log(1 + 0.01 * (math.e - 1)))
    assert delta == pytest.approx(1e-7)


def test_forward_traffic_of_one_vgg_image():
    # Section V-C at 224 x 224 x 64, one image, one epoch: a map of 12.8 MB and one label.
    assert accounting.paper_forward_bytes(1, 1, 224, 224, 64) == 12_845_056 + 4
