"""Revenue, profit and customer equity. Definitions: docs/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import A, C
from sim.metrics.census import WINDOW
from sim.metrics.customers import annual_retention, ratio

if TYPE_CHECKING:
    from sim.market import Market


def window(market: Market, activity: str) -> np.ndarray:
    """Sum of an activity over the window, in money by firm."""
    return market.census.books[:, A[activity]] / 100.0


def counted(market: Market, count: str) -> np.ndarray:
    """Sum of a count over the window, by firm."""
    return market.census.counts[:, C[count]]


def revenue(market: Market) -> np.ndarray:
    """Sales of the month, net of discounts. Unit: money a month. Source: ours.

    What mechanisms sell beside the purchase has ledger lines of its own (`item_sales`, `pushed_sales`): it is in the profit, not here.
    """
    return market.ledger.months[-1][:, A["revenue"]] / 100.0


def profit(market: Market) -> np.ndarray:
    """Revenue less all costs of the month. Unit: money a month. Source: Kaplan & Narayanan 2001 (activity-based)."""
    return market.ledger.profit() / 100.0


def average_order_value(market: Market) -> np.ndarray:
    """Revenue of the window over its orders, service visits apart. Unit: money. Source: ours."""
    return ratio(window(market, "revenue") - window(market, "visit_revenue"), counted(market, "orders"))


def average_annual_sales(market: Market) -> np.ndarray:
    """Revenue of the window, a customer and year. Unit: money a year. Source: ours."""
    months = len(market.ledger.months[-WINDOW:])
    return ratio(window(market, "revenue") * WINDOW / months, mean_heads(market))


def annual_sales_growth(market: Market) -> np.ndarray:
    """Growth of `average_annual_sales` against the twelve months before. Unit: share a year. Source: ours.

    Missing in the first 23 months.
    """
    if len(market.ledger.months) < 2 * WINDOW:
        return np.full(len(market.firms), np.nan)
    a_year_ago = market.metrics["average_annual_sales"][len(market.ledger.months) - 1 - WINDOW]
    return ratio(average_annual_sales(market), a_year_ago) - 1.0


def referral_revenue(market: Market) -> np.ndarray:
    """Revenue of the window from relationships that a referral began. Unit: money. Source: Kumar, Petersen & Leone 2007.

    By relationships that stand when the month closes.
    """
    return np.sum(market.census.referred[-WINDOW:], axis=0) / 100.0


def customer_profit(market: Market) -> np.ndarray:
    """Profit of the window before acquisition and overhead, a customer and year. Unit: money a year. Source: ours."""
    signed = (market.census.books * market.ledger.signs)[:, market.ledger.by_customer].sum(axis=1) / 100.0
    return ratio(signed * WINDOW / len(market.ledger.months[-WINDOW:]), mean_heads(market))


def mean_heads(market: Market) -> np.ndarray:
    """Mean customers over the window."""
    return np.mean(market.heads[-WINDOW:], axis=0)


def customer_equity(market: Market) -> np.ndarray:
    """Discounted lifetime value of all customers, by the margin multiple. Unit: money.

    Mean yearly profit of a customer times r / (1 + i - r), first margin a year from now, times the
    customers; r is `annual_retention`, at most 0.999; missing in the first 12 months.
    Source: Gupta & Lehmann 2003.
    """
    r = np.minimum(annual_retention(market), 0.999)
    multiple = r / (1.0 + market.tables.market.discount_rate - r)
    return customer_profit(market) * multiple * market.heads[-1]


METRICS = {
    "revenue": revenue,
    "profit": profit,
    "average_order_value": average_order_value,
    "average_annual_sales": average_annual_sales,
    "annual_sales_growth": annual_sales_growth,
    "referral_revenue": referral_revenue,
    "customer_profit": customer_profit,
    "customer_equity": customer_equity,
}
