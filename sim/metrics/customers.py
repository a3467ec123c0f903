"""Customers, churn and retention. Definitions: docs/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import C

if TYPE_CHECKING:
    from sim.market import Market


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, missing (NaN) where below is 0."""
    above = np.asarray(above, dtype=np.float64)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=np.asarray(below) != 0)


def customers(market: Market) -> np.ndarray:
    """Customers of each firm at the month's end. Unit: customers. Source: ours."""
    return market.heads[-1].astype(np.float64)


def share_of_customers(market: Market) -> np.ndarray:
    """Share of all customers who have a supplier. Unit: share. Source: ours."""
    return ratio(market.heads[-1], market.heads[-1].sum())


def monthly_churn(market: Market) -> np.ndarray:
    """Share of last month's customers who are no longer. Unit: share a month. Source: ours.

    Exits and firings count; who left and came back within the month does not.
    """
    if len(market.heads) < 2:
        return np.full(len(market.firms), np.nan)
    return 1.0 - ratio(market.kept_month, market.heads[-2])


def voluntary_churn(market: Market) -> np.ndarray:
    """Monthly churn without exits, firings and failed payments. Unit: share a month. Source: ours."""
    if len(market.heads) < 2:
        return np.full(len(market.firms), np.nan)
    return ratio(market.ledger.counts[-1][:, C["lost_voluntarily"]], market.heads[-2])


def monthly_retention(market: Market) -> np.ndarray:
    """1 - monthly churn. Unit: share a month. Source: ours."""
    return 1.0 - monthly_churn(market)


def annual_retention(market: Market) -> np.ndarray:
    """Share of the customers of a year ago who are customers now, point to point. Unit: share a year. Source: ours.

    Returners count, a new generation does not. Missing in the first 12 months.
    """
    if len(market.heads) < 13:
        return np.full(len(market.firms), np.nan)
    return ratio(market.kept_year, market.heads[-13])


def annual_retention_unbroken(market: Market) -> np.ndarray:
    """Share of the customers of a year ago whose relationship never ended since. Unit: share a year. Source: ours.

    Missing in the first 12 months.
    """
    if len(market.heads) < 13:
        return np.full(len(market.firms), np.nan)
    return ratio(market.census.unbroken, market.heads[-13])


def share_of_wallet(market: Market) -> np.ndarray:
    """Mean share of recent spend that own customers spend with the firm. Unit: share.

    Recent is an exponential year (a twelfth fades each month); who spent nothing with any firm is left out. A
    customer has one supplier at a time, so it falls below 1 by switching only, and says little beyond retention.
    Source: Peppers & Rogers 1993 for the idea; the measure is ours.
    """
    return ratio(market.census.wallet[0], market.census.wallet[1])


METRICS = {
    "customers": customers,
    "share_of_customers": share_of_customers,
    "monthly_churn": monthly_churn,
    "voluntary_churn": voluntary_churn,
    "monthly_retention": monthly_retention,
    "annual_retention": annual_retention,
    "annual_retention_unbroken": annual_retention_unbroken,
    "share_of_wallet": share_of_wallet,
}
