"""What winning and keeping a customer costs. Definitions: docs/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.customers import annual_retention, ratio
from sim.metrics.money import WINDOW, counted, mean_heads

if TYPE_CHECKING:
    from sim.market import Market


def customers_won(market: Market) -> np.ndarray:
    """Times that a firm became a supplier in the window; returners count each time. Unit: customers. Source: ours."""
    return counted(market, "won").astype(np.float64)


def spent_on(market: Market, lines: np.ndarray) -> np.ndarray:
    """Money of the window on the lines of a purpose, by firm."""
    return market.census.books[:, lines].sum(axis=1) / 100.0


def acquisition_cost(market: Market) -> np.ndarray:
    """Spend on winning in the window over customers won. Unit: money a customer won. Source: ours."""
    return ratio(spent_on(market, market.ledger.acquisition), customers_won(market))


def retention_cost(market: Market) -> np.ndarray:
    """Spend on keeping in the window over customer-years kept. Unit: money a customer-year kept. Source: ours.

    Customer-years kept are customer-years of the window times `annual_retention`; missing in the first 12 months.
    """
    years = mean_heads(market) * len(market.heads[-WINDOW:]) / 12.0
    return ratio(spent_on(market, market.ledger.retention), years * annual_retention(market))


def cost_ratio(market: Market) -> np.ndarray:
    """Acquisition cost over retention cost: averages, set largely by budgets. Unit: ratio. Source: ours."""
    return ratio(acquisition_cost(market), retention_cost(market))


def win_back_rate(market: Market) -> np.ndarray:
    """Relationships restarted within three months of an offer, over offers sent, in the window. Unit: share.

    The month of the offer is the first of the three; a return is seen at a month's end. Some would have come back
    without an offer (`win_back_lift`). Source: Stauss & Friege 1999 for the idea; the measure is ours.
    """
    restarted = np.sum(market.census.restarted[-WINDOW:], axis=0)
    return ratio(restarted, counted(market, "offers"))


METRICS = {
    "customers_won": customers_won,
    "acquisition_cost": acquisition_cost,
    "retention_cost": retention_cost,
    "cost_ratio": cost_ratio,
    "win_back_rate": win_back_rate,
}
