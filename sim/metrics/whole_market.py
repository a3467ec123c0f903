"""The whole market, month by month: numerators and denominators of its firms summed, never a mean of ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.ledger import C
from sim.metrics.census import WINDOW
from sim.metrics.customers import ratio
from sim.metrics.profitability import told

if TYPE_CHECKING:
    from sim.runs import Run

SUMS = ("customers", "revenue", "profit", "customer_equity", "customers_won")
"""Metrics whose market value is the sum over the firms."""

COUNTED = {
    "read_rate": ("recipients", 1), "opt_out_rate": ("recipients", 1), "report_rate": ("messages", 1),
    "average_order_value": ("orders", WINDOW), "complaint_rate": ("failures", WINDOW),
    "recovery_rate": ("voiced", WINDOW), "recovery_of_failures": ("failures", WINDOW), "win_back_rate": ("offers", WINDOW),
}  # fmt: skip
"""Ratio -> the count of the ledger below its line, and over how many months."""


def market_months(run: Run) -> pd.DataFrame:
    """The market as a whole, month by month: what is above and below the line of a ratio is summed over the firms.

    Unit: of each metric by its name. A mean of the firms' ratios would count a firm of ten customers as much as one of ten
    thousand.

    Returns
    -------
    DataFrame
        `month`; sums over the firms: `customers`, `revenue`, `profit`, `customer_equity` (money), `customers_won`; ratios
        of sums, each in the unit of the metric of its name: `monthly_churn`, `voluntary_churn`, `monthly_retention`,
        `annual_retention`, `annual_retention_unbroken`, `acquisition_cost`, `retention_cost`, `cost_ratio`, `average_order_value`,
        `average_annual_sales`, `customer_profit`, `satisfaction`, `loyalty`, `trust`, `read_rate`, `opt_out_rate`, `report_rate`,
        `complaint_rate`, `recovery_rate`, `recovery_of_failures`, `win_back_rate`. What is missing for all firms is missing.

    Source: ours.
    """
    months = run.months
    by_firm = {
        name: months.pivot(index="month", columns="firm", values=name)[[f.name for f in run.market.firms]].to_numpy(float)
        for name in months.columns.difference(["month", "firm"])
    }  # fmt: skip
    n = len(by_firm["customers"])
    ledger, firms = run.market.ledger, len(run.market.firms)
    below = _below(by_firm, np.array(ledger.counts[:n]).reshape(n, firms, -1))
    books = np.array(ledger.months[:n]).reshape(n, firms, -1)
    table: dict[str, np.ndarray] = {"month": np.arange(1, n + 1)}
    for name in SUMS:
        known = np.isfinite(by_firm[name])
        table[name] = np.where(known.any(axis=1), np.where(known, by_firm[name], 0.0).sum(axis=1), np.nan)
    for name, weight in below.items():
        known = np.isfinite(by_firm[name]) & np.isfinite(weight)
        above = np.where(known, by_firm[name] * weight, 0.0).sum(axis=1)
        table[name] = ratio(above, np.where(known, weight, 0.0).sum(axis=1))
    for name, lines in (("acquisition_cost", ledger.acquisition), ("retention_cost", ledger.retention)):
        table[name] = _cost(books[:, :, lines].sum(axis=2), below[name])
    table["cost_ratio"] = ratio(table["acquisition_cost"], table["retention_cost"])
    return told(run, pd.DataFrame(table))


def _below(by_firm: dict[str, np.ndarray], counts: np.ndarray) -> dict[str, np.ndarray]:
    """What stands below the line of each ratio, (months, F)."""
    heads = by_firm["customers"]
    before, year_before = _earlier(heads, 1), _earlier(heads, WINDOW)
    years = _summed(heads, WINDOW) / 12.0
    lasted = np.minimum(np.arange(1, len(heads) + 1), WINDOW)[:, None]
    return {
        **dict.fromkeys(("monthly_churn", "voluntary_churn", "monthly_retention"), before),
        **dict.fromkeys(("annual_retention", "annual_retention_unbroken"), year_before),
        "acquisition_cost": by_firm["customers_won"],
        "retention_cost": years * by_firm["annual_retention"],
        **dict.fromkeys(("average_annual_sales", "customer_profit"), years * 12.0 / lasted),
        **dict.fromkeys(("satisfaction", "loyalty", "trust"), heads),
        **{name: _summed(counts[:, :, C[count]].astype(float), over) for name, (count, over) in COUNTED.items()},
    }  # fmt: skip


def _cost(spent: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Money of the window over what it won or kept, cents and (months, F): spend that brought nothing counts."""
    known = np.isfinite(weight)
    above = np.where(known, _summed(spent, WINDOW) / 100.0, 0.0).sum(axis=1)
    return ratio(above, np.where(known, weight, 0.0).sum(axis=1))


def _earlier(values: np.ndarray, months: int) -> np.ndarray:
    """What was so many months ago; missing before."""
    return np.concatenate([np.full_like(values[:months], np.nan), values[:-months]])


def _summed(values: np.ndarray, months: int) -> np.ndarray:
    """Sums over the last so many months, fewer at the start."""
    sums = np.cumsum(values, axis=0)
    return sums - np.concatenate([np.zeros_like(sums[:months]), sums[:-months]])
