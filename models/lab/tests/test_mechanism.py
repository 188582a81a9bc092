"""The chosen step is the smallest that keeps the promise."""

import pytest

from frostglass_lab.reference import gaussian, mechanism, sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.grid import NOISE_SIGMA

CHANNELS = 64


def moved(constants, step):
    anything = sensitivity.positions_in_steps(constants, CHANNELS, step, 1)
    return min(anything, sensitivity.activation_in_steps(constants, step))


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 1.0, 5.0, 20.0])
@pytest.mark.parametrize("constants", [Normalisation(), Normalisation(a_max=3.0, beta=0.75)])
def test_the_step_just_meets_its_condition(constants, epsilon):
    sigma = float(gaussian.sigma(epsilon, 1e-5))
    for option in mechanism.for_activation(constants, CHANNELS, epsilon, 1e-5):
        noise = NOISE_SIGMA[option.integer]
        assert moved(constants, option.step) * sigma == pytest.approx(noise, rel=1e-8)
        stated = moved(constants, float(option.step_f32))
        assert stated * sigma <= noise


def test_i8_serves_epsilon_5_and_not_epsilon_1():
    # At epsilon 1, flooring would cost 16 % more noise on i8.
    assert _chosen(5.0).integer == "i8"
    assert _chosen(1.0).integer == "i16"


def test_where_flooring_alone_passes_what_noise_covers_the_whole_position_is_counted():
    # sigma(0.4) is above 8 = 16 / sqrt(2h): no step helps the bound for one activation.
    i8, _ = mechanism.for_activation(Normalisation(), CHANNELS, 0.4, 1e-5)
    assert sensitivity.activation_in_steps(Normalisation(), i8.step) > moved(
        Normalisation(), i8.step
    )
    assert i8.rounding_cost > 1.02


def _chosen(epsilon):
    return mechanism.chosen(mechanism.for_activation(Normalisation(), CHANNELS, epsilon, 1e-5))
