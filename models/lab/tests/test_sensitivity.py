"""Sensitivity: published figures, and attacks that must not get past the bounds."""

import math

import pytest
from attack import strongest

from frostglass_lab.reference import gaussian, sensitivity
from frostglass_lab.reference.dp_map import Normalisation
from frostglass_lab.reference.sensitivity import Reach

DEFAULTS = Normalisation()
CONSTANTS = [
    DEFAULTS,
    Normalisation(a_max=3.0),
    Normalisation(beta=0.25, a_max=4.0),
    Normalisation(beta=0.75, a_max=2.0),
    Normalisation(beta=1.0, a_max=2.0, width=3),
    Normalisation(width=9, a_max=4.0),
    Normalisation(width=1),
]


def test_one_activation_at_the_defaults_is_one_over_root_three():
    assert sensitivity.activation(DEFAULTS) == pytest.approx(1 / math.sqrt(3), rel=1e-12)


def test_neighbours_count_at_a_max_3():
    constants = Normalisation(a_max=3.0)
    alone = sensitivity.unit(constants) * float(sensitivity.own_output(0.0, constants))
    assert sensitivity.activation(constants) == pytest.approx(0.9306, abs=5e-5)
    assert alone == pytest.approx(0.9045, abs=5e-5)


@pytest.mark.parametrize("beta, tau", [(0.25, 6.57), (0.5, 2.383), (0.75, 1.416), (1.0, 1.0)])
def test_one_coordinate_is_enough_up_to_a_known_tau(beta, tau):
    def excess(at):
        constants = Normalisation(alpha=at * DEFAULTS.gamma, beta=beta)
        # The constants are numbers of f32, and tau is what they make of it.
        alone = sensitivity.unit(constants) * (1 + sensitivity.tau(constants)) ** -constants.beta
        return sensitivity.activation(constants) / alone - 1

    assert excess(tau * 0.995) < 1e-9
    assert excess(tau * 1.005) > 1e-9


@pytest.mark.parametrize("channels, d", [(32, 3.000), (64, 4.223), (128, 5.972), (256, 8.436)])
def test_one_position_has_the_published_figures(channels, d):
    assert sensitivity.position(DEFAULTS, channels) == pytest.approx(d, abs=5e-4)


@pytest.mark.parametrize(
    "held_at, reach, side, epsilon",
    [
        (5, Reach(3, 1, 224, 224), 1, 407),
        (5, Reach(3, 1, 224, 224), 8, 3712),
        (5, Reach(3, 1, 224, 224), 224, 1.7e6),
        (5, Reach(6, 2, 112, 112), 1, 407),
        (5, Reach(6, 2, 112, 112), 8, 1892),
        (5, Reach(6, 2, 112, 112), 224, 4.3e5),
        (1, Reach(3, 1, 224, 224), 1, 41.6),
    ],
)
def test_what_a_promise_for_one_activation_is_worth_for_a_patch(held_at, reach, side, epsilon):
    # VGG-16 at 224, conv1_1 and pool1, 64 channels, on a grid so fine that flooring costs nothing.
    mu = math.sqrt(reach.positions(side)) * sensitivity.position(DEFAULTS, 64)
    mu *= float(gaussian.mu(held_at, 1e-5)) / sensitivity.activation(DEFAULTS)
    assert float(gaussian.epsilon(mu, 1e-5)) == pytest.approx(epsilon, rel=0.01)


@pytest.mark.parametrize("constants", CONSTANTS)
def test_no_attack_moves_one_activation_further(constants):
    channels = 4 * constants.reach + 1
    found = strongest(constants, channels, changed=[2 * constants.reach])
    assert found <= sensitivity.activation(constants) * (1 + 1e-12)


@pytest.mark.parametrize("constants", CONSTANTS)
@pytest.mark.parametrize("step", [0.15, 0.03])
def test_no_attack_moves_one_activation_further_in_steps(constants, step):
    channels = 4 * constants.reach + 1
    found = strongest(constants, channels, changed=[2 * constants.reach], step=step)
    assert found <= sensitivity.activation_in_steps(constants, step)


@pytest.mark.parametrize("constants", CONSTANTS)
@pytest.mark.parametrize("channels", [1, 4, 8])
def test_no_attack_moves_one_position_further(constants, channels):
    bound = sensitivity.position(constants, channels)
    everywhere = list(range(channels))
    assert strongest(constants, channels, everywhere) <= bound * (1 + 1e-12)
    assert strongest(constants, channels, everywhere, step=0.03) <= bound / 0.03


def test_the_attack_is_strong_enough_to_mean_something():
    assert strongest(DEFAULTS, 9, changed=[4]) > 0.999 * sensitivity.activation(DEFAULTS)
    assert strongest(DEFAULTS, 3, changed=[0, 1, 2]) > 0.95 * sensitivity.position(DEFAULTS, 3)


def test_a_clip_never_makes_a_bound_larger_than_the_clip_itself():
    arguments = (DEFAULTS, 32, 0.1, 9, 3200)
    tight = sensitivity.clipped_positions_in_steps(*arguments, 0.5)
    assert tight == sensitivity.clipped_image_in_steps(DEFAULTS, 0.5, 0.1)
    loose = sensitivity.clipped_positions_in_steps(*arguments, 1e9)
    unclipped = sensitivity.positions_in_steps(DEFAULTS, 32, 0.1, 9)
    assert loose - unclipped == pytest.approx(math.sqrt(3200), rel=1e-4)
