"""Elasticities of customer equity in closed form: what one per cent more retention, margin or acquisition cost is worth."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.value.closed_forms import margin_multiple
from sim.value.inputs import positive


class EquityElasticities(NamedTuple):
    """Per cent of customer equity, less what winning customers cost, for one per cent of each driver."""

    retention: float
    margin: float
    acquisition_cost: float


def equity_elasticities(
    *, customers: float, margin: float, retention: float, discount: float, acquisition: float = 0.0
) -> EquityElasticities:
    """What one per cent more retention, margin and acquisition cost does to customer equity, by the margin multiple.

    Equity is E = customers · margin · retention/(1 + discount - retention), net of A, what winning customers costs a year:
    the elasticities of E - A are (1 + discount)/(1 + discount - retention) · E/(E - A), E/(E - A) and -A/(E - A). The last two
    sum to one.

    Parameters
    ----------
    customers : float
        Above 0.
    margin : float
        What a customer brings a year, in money, above 0.
    retention : float
        Share of customers kept a year, 0 to 1.
    discount : float
        Discount rate a year.
    acquisition : float
        What winning customers costs a year, in money; 0 or more.

    Returns
    -------
    EquityElasticities
        Missing (NaN) where E - A is not above 0.

    Raises
    ------
    ValueError
        A number out of its range.

    Source: Gupta, Lehmann & Stuart 2004, Journal of Marketing Research 41(1) 7-18, for the drivers and the order of size
    (retention 3 to 7, margin about 1, acquisition cost 0.02 to 0.3); for a firm as it is at one moment: ours.

    Examples
    --------
    >>> equity_elasticities(customers=100, margin=50, retention=0.8, discount=0.1, acquisition=1000).margin.__round__(2)
    1.08
    """
    positive("customers", customers)
    positive("margin", margin)
    if not (math.isfinite(acquisition) and acquisition >= 0):
        raise ValueError(f"acquisition: 0 or more, in money (got {acquisition!r})")
    equity = customers * margin * margin_multiple(retention, discount)
    net = equity - acquisition
    if not net > 0.0:
        return EquityElasticities(math.nan, math.nan, math.nan)
    of_value = (1.0 + discount) / (1.0 + discount - retention)
    return EquityElasticities(of_value * equity / net, equity / net, -acquisition / net)
