"""Sweeps: what counts as distinct, as a rise, as meeting gamma."""

import pytest

from frostglass_lab.reference import sanitisation


def test_distinct_values_chain_from_the_last_one_counted():
    found = sanitisation.sweep([0.5, 0.5 + 9e-7, 0.5 + 1.8e-6])
    assert found.eff_san == pytest.approx(2 / 149)


def test_bins_are_closed_below_and_open_above():
    found = sanitisation.sweep([1.0, 0.8, 0.79, 0.2, 0.19])
    assert (found.low, found.mid, found.high) == (1, 2, 2)


def test_rises_are_counted_and_added_up():
    found = sanitisation.sweep([0.8, 0.4, 0.6, 0.5, 0.55])
    assert found.inversions == 2
    assert found.total_rise == pytest.approx(0.25)


def test_the_first_window_that_halves_the_probability_meets_gamma_1():
    assert sanitisation.chosen(1.0, 0.8, [0.5, 0.4, 0.3]) == 3
    assert sanitisation.chosen(5.0, 0.8, [0.5, 0.4, 0.3]) is None
    assert sanitisation.privacy_loss(0.8, 0.0) is None
