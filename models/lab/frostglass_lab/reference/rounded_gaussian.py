"""The one noise: Y = round(Z), Z ~ N(0, sigma), as thresholds that a sampler inverts.

P(k) = Phi((k + 1/2) / sigma) - Phi((k - 1/2) / sigma). A sampler draws the magnitude |Y| from
thresholds T_k = round(2^192 P(|Y| <= k)): it is the smallest k with T_k above a uniform 192-bit
number. The sign is one more random bit, without effect at 0, so that P(k) = P(-k) to the last bit.

The table ends before the first magnitude whose probability is under 2^-152: every one that it
holds is then at least 2^40 units of 2^-192, of which rounding takes at most one. Magnitudes past
the table are drawn as the first one past it. Their whole mass is under 2^-147: n samples differ
from the true noise by at most n 2^-147 in total variation, to be added to delta (where saturation
does not hide it anyway, as it does on i8).
"""

from mpmath import mp, mpf

BITS = 192
PRECISION = 512
SMALLEST = mpf(2) ** -152


def probability(k: int, sigma: int) -> mpf:
    """P(Y = k), from two tails of the normal distribution."""
    with mp.workprec(PRECISION):
        k = abs(k)
        return +(_tail(k - mpf("0.5"), sigma) - _tail(k + mpf("0.5"), sigma))


def thresholds(sigma: int) -> list[int]:
    """T_0, T_1, ... as whole numbers below 2^192."""
    table = []
    with mp.workprec(PRECISION):
        while True:
            k = len(table)
            mass = probability(k, sigma) * (1 if k == 0 else 2)
            if mass < SMALLEST:
                return table
            table.append(int(mp.nint(mpf(2) ** BITS * _cumulative(k, sigma))))


def table_probability(table: list[int], k: int) -> mpf:
    """P~(Y = k) of the sampler: from the table's own integers, k within the table."""
    with mp.workprec(PRECISION):
        k = abs(k)
        if k == 0:
            return mpf(table[0]) / mpf(2) ** BITS
        return mpf(table[k] - table[k - 1]) / mpf(2) ** (BITS + 1)


def eta(table: list[int], sigma: int) -> mpf:
    """max over the table of |ln(P~(k) / P(k))|."""
    with mp.workprec(PRECISION):
        return +max(
            abs(mp.log(table_probability(table, k) / probability(k, sigma)))
            for k in range(len(table))
        )


def past_the_table(table: list[int], sigma: int) -> mpf:
    """P(|Y| >= K): the mass that is drawn as K, K being the table's length."""
    with mp.workprec(PRECISION):
        return +(2 * _tail(len(table) - mpf("0.5"), sigma))


def _cumulative(k: int, sigma: int) -> mpf:
    """P(|Y| <= k)."""
    return mp.erf((k + mpf("0.5")) / (sigma * mp.sqrt(2)))


def _tail(edge, sigma: int) -> mpf:
    """P(Z > edge)."""
    return mp.erfc(edge / (sigma * mp.sqrt(2))) / 2
