"""What is measured: monthly metrics in `METRICS`, and measures of a whole run in `MEASURES`.

A metric is a function of the market that returns one number a firm, for the month just closed. A measure is a
function of a run that returns a tidy table: `sim.metrics.whale_curve(run)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.metrics import costs, customers, money, voice

if TYPE_CHECKING:
    import pandas as pd

METRICS: dict[str, Callable[[Any], np.ndarray]] = {
    **customers.METRICS,
    **money.METRICS,
    **costs.METRICS,
    **voice.METRICS,
}
"""Name -> function of the market that returns one float64 a firm, for the month just closed; one of yours may be added."""

SHIPPED = frozenset(METRICS)
"""The names of metrics that are not the user's."""

MEASURES: dict[str, str] = {
    "market_months": "whole_market",
    "accounts": "profitability",
    "accounts_by_activity": "profitability",
    "lorenz": "concentration",
    "top_20_share": "concentration",
    "whale_curve": "concentration",
    "whale_peak": "concentration",
    "cost_quadrants": "concentration",
    "profit_ranks": "concentration",
    "loyalty_quadrants": "concentration",
    "relationships": "staying",
    "cohorts": "staying",
    "cohort_survival": "staying",
    "cohort_retention": "staying",
    "retention_by": "staying",
    "rfm": "records",
    "rfm_cells": "records",
    "wallet_allocation": "records",
    "database_retention": "records",
    "share_of_mind": "minds",
    "net_promoter_true": "minds",
    "bad_news": "minds",
    "news_spread": "spreading",
    "permission_funnel": "funnel",
    "price_premium": "premium",
    "revenue_by_origin": "referral",
    "referral_tree": "referral",
    "credited_referral_value": "referral",
    "marginal_costs": "margins",
    "win_back_lift": "causes",
    "customer_referral_value": "causes",
    "equity_drivers": "drivers",
    "response_points": "balance",
    "acquisition_retention": "balance",
}
"""Name -> the file of `sim.metrics` that holds it: a function of a run that returns a tidy table."""


def measure(name: str) -> Callable[..., pd.DataFrame]:
    """A measure by its name."""
    return getattr(import_module(f"{__name__}.{MEASURES[name]}"), name)  # type: ignore[no-any-return]


def sections(name: str) -> dict[str, str]:
    """A measure's docstring by section: what stands before the first one is "about", the last paragraph "source"."""
    found: dict[str, list[str]] = {"about": []}
    lines = inspect.cleandoc(measure(name).__doc__ or "").splitlines()
    for line in lines:
        head = line if line in ("Parameters", "Returns", "Raises", "Examples") else ""
        if head or line.startswith("Source:"):
            found[head.lower() or "source"] = [] if head else [line]
        elif line.strip("-"):
            list(found.values())[-1].append(line.strip())
    return {head: " ".join(text) for head, text in found.items()}


def __getattr__(name: str) -> Any:
    if name in MEASURES:
        return measure(name)
    raise AttributeError(_no_such(name), name=name)


def _no_such(name: str) -> str:
    """What there is instead of a name."""
    if name.startswith("__"):
        return f"module {__name__!r} has no attribute {name!r}"
    from sim.scenario.faults import nearest

    near = nearest(name, MEASURES)
    return f"sim.metrics has no {name!r}; " + (
        f"did you mean {near!r}?" if near else f"it has {', '.join(MEASURES)}"
    )


def __dir__() -> list[str]:
    return sorted([*globals(), *MEASURES])
