"""The noise tables that lie in the core, against an error function summed in whole numbers.

The tables were computed with mpmath's erf. Here erf is its Taylor series in fixed point, with
nothing but Python's integers, and pi by Machin's formula.
"""

import struct

import pytest
from mpmath import mpf

from frostglass_lab.checkout import NOISE_TABLES
from frostglass_lab.reference import rounded_gaussian
from frostglass_lab.reference.grid import NOISE_SIGMA

FRACTION_BITS = 640
ONE = 1 << FRACTION_BITS


def table_of(integer: str) -> list[int]:
    content = (NOISE_TABLES / f"{integer}.table").read_bytes()
    return [
        high << 128 | middle << 64 | low for high, middle, low in struct.iter_unpack("<3Q", content)
    ]


@pytest.mark.parametrize("integer, sigma, stride", [("i8", 16, 1), ("i16", 256, 61)])
def test_thresholds_agree_with_an_independent_error_function(integer, sigma, stride):
    for k, threshold in enumerate(table_of(integer)):
        if k % stride == 0:
            # P(|Y| <= k) = erf(x), x^2 = (2k + 1)^2 / (8 sigma^2)
            exact = erf_of_root((2 * k + 1) ** 2, 8 * sigma**2)
            rounded = (exact + (1 << (FRACTION_BITS - 193))) >> (FRACTION_BITS - 192)
            assert threshold == rounded, f"k = {k}"


@pytest.mark.parametrize("integer, sigma", NOISE_SIGMA.items())
def test_every_probability_in_the_table_is_near_enough(integer, sigma):
    table = table_of(integer)
    assert rounded_gaussian.eta(table, sigma) <= mpf(2) ** -40
    assert rounded_gaussian.past_the_table(table, sigma) < mpf(2) ** -147
    assert all(low < high for low, high in zip(table, table[1:], strict=False))
    assert table[-1] < 1 << 192


def test_what_lies_past_the_i8_table_saturates_anyway():
    # A clean i8 map reaches at most 60 steps (reference.mechanism).
    assert len(table_of("i8")) - 60 > 127


def erf_of_root(numerator: int, denominator: int) -> int:
    """erf(sqrt(numerator / denominator)) in fixed point, to far better than 2^-400."""
    square = (numerator << FRACTION_BITS) // denominator
    term = integer_root(square << FRACTION_BITS)
    total, n = 0, 0
    while term:
        total += (-1) ** n * (term // (2 * n + 1))
        n += 1
        term = term * square // n >> FRACTION_BITS
    return (2 * total << FRACTION_BITS) // integer_root(pi() << FRACTION_BITS)


def integer_root(value: int) -> int:
    root = 1 << (value.bit_length() + 1) // 2
    while True:
        closer = (root + value // root) // 2
        if closer >= root:
            return root
        root = closer


def pi() -> int:
    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))


def arctan_of_inverse(x: int) -> int:
    power, total, n = ONE // x, 0, 0
    while power:
        total += (-1) ** n * (power // (2 * n + 1))
        power //= x * x
        n += 1
    return total
