"""Sample-and-hold by its properties."""

import numpy as np
import pytest

from frostglass_lab.reference.hold import NotFinite, sample_and_hold


def held(values, window):
    return sample_and_hold(np.array(values, np.float32), window).tolist()


def test_zeros_take_the_representative_and_do_not_move_the_mean():
    assert held([0.0, 2.0, 4.0, -0.0], 4) == [2.0] * 4


def test_a_window_of_zeros_keeps_its_signs():
    out = sample_and_hold(np.array([0.0, -0.0, 5.0], np.float32), 2)
    assert np.signbit(out).tolist() == [False, True, False]


def test_the_last_window_may_be_shorter():
    assert held([1.0, 2.0, 3.0, 9.0], 3) == [2.0, 2.0, 2.0, 9.0]


@pytest.mark.parametrize("window", [1, 2, 3, 8, 64])
def test_holding_twice_is_holding_once(window):
    stream = np.maximum(np.random.default_rng(0).normal(0, 1, 200), 0).astype(np.float32)
    once = sample_and_hold(stream, window)
    assert np.array_equal(sample_and_hold(once, window), once)
    if window == 1:
        assert np.array_equal(once, stream)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_an_error_names_the_first_sample_that_is_no_number(bad):
    with pytest.raises(NotFinite) as error:
        held([1.0, 2.0, bad, bad], 2)
    assert error.value.index == 2
