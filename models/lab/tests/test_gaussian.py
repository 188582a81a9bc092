"""The analytic Gaussian against published figures."""

import pytest

from frostglass_lab.reference import gaussian

DELTA = 1e-5


@pytest.mark.parametrize("epsilon, sigma", [(1, 3.730632), (5, 0.891868), (0.5, 7.031827)])
def test_sigma_has_the_published_figures(epsilon, sigma):
    assert float(gaussian.sigma(epsilon, DELTA)) == pytest.approx(sigma, abs=5e-7)


@pytest.mark.parametrize("epsilon", [0.01, 1.0, 40.0, 1e4])
@pytest.mark.parametrize("delta", [1e-12, 1e-5, 1e-2])
def test_epsilon_undoes_sigma(epsilon, delta):
    mu = gaussian.mu(epsilon, delta)
    assert float(gaussian.epsilon(mu, delta)) == pytest.approx(epsilon, rel=1e-14)


def test_the_classical_formula_under_noises_past_8_42():
    # At the true sensitivity: nominal 5 is truly 4.54, and past 8.42 the truth is above.
    def truth(nominal):
        return float(gaussian.epsilon(1 / gaussian.classical_sigma(nominal, DELTA), DELTA))

    assert truth(5) == pytest.approx(4.54, abs=0.005)
    assert truth(8.41) < 8.41
    assert truth(8.43) > 8.43


def test_delta_covers_a_mechanism_that_hardly_moves():
    assert gaussian.epsilon(1e-7, DELTA) == 0
    assert gaussian.epsilon(0, DELTA) == 0
