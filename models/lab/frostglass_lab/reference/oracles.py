"""What other people's accountants say of a schedule: dp-accounting and OpenDP.

A schedule lists (mu, count, rate): so many releases of Gaussian mechanisms that cost mu each, of
batches that are this share of a set, drawn without replacement (rate 1: no sampling).
"""

import math
from fractions import Fraction

import dp_accounting
import opendp.prelude as opendp
from dp_accounting import dp_event, rdp
from dp_accounting.gaussian_mechanism import get_epsilon_gaussian

from frostglass_lab.reference import accounting

Schedule = list[tuple[float, int, float]]

ORDERS = [1 + x / 10 for x in range(1, 100)] + list(range(11, 65)) + [128, 256]
"""Those of the core's accountant."""

MOST_COMPOSED = 64
"""Beyond as many OpenDP gets the total in one piece; composing takes long."""

opendp.enable_features("contrib")


def gaussian_epsilon(schedule: Schedule, delta: float) -> float:
    """dp-accounting, exact Gaussian: mechanisms together are one of their total mu."""
    spends = [(mu, count) for mu, count, _ in schedule]
    return float(get_epsilon_gaussian(1 / accounting.total_mu(spends), delta))


def zcdp_epsilon(schedule: Schedule, delta: float) -> float:
    """OpenDP: zCDP of Gaussian mechanisms, composed and turned to (epsilon, delta)."""
    mus = [mu for mu, count, _ in schedule for _ in range(min(count, MOST_COMPOSED + 1))]
    if len(mus) > MOST_COMPOSED:
        mus = [accounting.total_mu([(mu, count) for mu, count, _ in schedule])]
    space = (
        opendp.vector_domain(opendp.atom_domain(T=float, nan=False)),
        opendp.l2_distance(T=float),
    )
    mechanisms = [opendp.m.make_gaussian(*space, scale=1 / mu) for mu in mus]
    together = mechanisms[0] if len(mus) == 1 else opendp.c.make_composition(mechanisms)
    return float(opendp.c.make_zCDP_to_approxDP(together).map(1.0).epsilon(delta))


def renyi_epsilon(schedule: Schedule, delta: float) -> float:
    """dp-accounting, Rényi at the same orders, adjacent sets differing in one replaced member."""
    accountant = rdp.RdpAccountant(ORDERS, dp_accounting.NeighboringRelation.REPLACE_ONE)
    for mu, count, rate in schedule:
        event = dp_event.GaussianDpEvent(1 / mu)
        if rate < 1:
            share = Fraction(rate).limit_denominator(10**6)
            if not math.isclose(share, rate, rel_tol=1e-15):
                raise ValueError(f"{rate} is no share of at most a million members")
            event = dp_event.SampledWithoutReplacementDpEvent(
                share.denominator, share.numerator, event
            )
        accountant.compose(event, count)
    return float(accountant.get_epsilon(delta))
