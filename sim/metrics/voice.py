"""What people feel, say and allow. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ledger import C
from sim.metrics.customers import ratio

if TYPE_CHECKING:
    from sim.market import Market


Metric = Callable[[Any], np.ndarray]


def _mean(name: str) -> Metric:
    def metric(market: Market) -> np.ndarray:
        return ratio(market.means[name], market.heads[-1])

    metric.__doc__ = f"Mean {name} of own customers (true: a firm cannot see it). Source: ours."
    metric.__name__ = name
    return metric


def awareness(market: Market) -> np.ndarray:
    """Share of the market that knows the firm. Unit: share. Source: ours."""
    return market.aware / len(market.customers)


def permission_base(market: Market) -> np.ndarray:
    """People who said yes to mail, customers or not. Unit: people. Source: Godin 1999."""
    return market.permitted.astype(np.float64)


def _month(name: str) -> Metric:
    def metric(market: Market) -> np.ndarray:
        return market.ledger.counts[-1][:, C[name]].astype(np.float64)

    metric.__doc__ = f"Count of the month: {name.replace('_', ' ')}. Source: ours."
    metric.__name__ = name
    return metric


def read_rate(market: Market) -> np.ndarray:
    """Recipients who read at least one message this month. Unit: share of recipients. Source: ours."""
    counts = market.ledger.counts[-1]
    return ratio(counts[:, C["read"]], counts[:, C["recipients"]])


def report_rate(market: Market) -> np.ndarray:
    """Spam reports over messages sent this month. Unit: share of messages. Source: ours."""
    counts = market.ledger.counts[-1]
    return ratio(counts[:, C["reports"]], counts[:, C["messages"]])


def opt_out_rate(market: Market) -> np.ndarray:
    """Opt-outs over recipients this month. Unit: share of recipients. Source: ours."""
    counts = market.ledger.counts[-1]
    return ratio(counts[:, C["opted_out"]], counts[:, C["recipients"]])


def deliverability(market: Market) -> np.ndarray:
    """Share of the firm's mail that reaches the inbox. Unit: share. Source: ours."""
    return np.array([firm.deliverability for firm in market.firms])


def morale(market: Market) -> np.ndarray:
    """Morale of the staff. Unit: 0 to 1. Source: ours."""
    return np.array([firm.morale for firm in market.firms])


def skill(market: Market) -> np.ndarray:
    """Skill of the staff. Unit: 0 to 1. Source: ours."""
    return np.array([firm.skill for firm in market.firms])


def utilization(market: Market) -> np.ndarray:
    """Load over capacity. Unit: share. Source: ours."""
    return np.array([firm.utilization for firm in market.firms])


COUNTED = (
    "failures",
    "voiced",
    "resolved",
    "unhappy",
    "happy",
    "told_bad",
    "told_good",
    "reached_bad",
    "opted_out",
    "reports",
)

METRICS = {
    "satisfaction": _mean("satisfaction"),
    "loyalty": _mean("loyalty"),
    "trust": _mean("trust"),
    "awareness": awareness,
    "permission_base": permission_base,
    "read_rate": read_rate,
    "opt_out_rate": opt_out_rate,
    "report_rate": report_rate,
    "deliverability": deliverability,
    "morale": morale,
    "skill": skill,
    "utilization": utilization,
    **{name: _month(name) for name in COUNTED},
}
