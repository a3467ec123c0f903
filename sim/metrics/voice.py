"""What people feel, say and allow. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ledger import C
from sim.metrics.customers import ratio
from sim.metrics.money import counted

if TYPE_CHECKING:
    from sim.market import Market


Metric = Callable[[Any], np.ndarray]


def _mean(name: str, unit: str) -> Metric:
    def metric(market: Market) -> np.ndarray:
        return ratio(market.means[name], market.heads[-1])

    metric.__doc__ = f"Mean {name} of own customers (true: a firm cannot see it). Unit: {unit}. Source: ours."
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

    metric.__doc__ = f"{COUNTED[name]}. Source: ours."
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


def reachable(market: Market) -> np.ndarray:
    """People whom the firm's strategy mails as the month ends, customers or not. Unit: people. Source: Godin 1999."""
    return market.census.reachable.astype(np.float64)


def net_promoter(market: Market) -> np.ndarray:
    """100 times the share of scores 9 and 10 less that of 0 to 6, in this month's survey. Unit: -100 to 100.

    What the firm's own survey of customers said; missing without a survey or an answer. Source: Reichheld 2003,
    Harvard Business Review 81(12) 46-54; how people answer is ours.
    """
    scores = [firm.survey["net_promoter"] for firm in market.firms]
    return np.array([np.nan if score is None else score for score in scores], dtype=np.float64)


def complaint_rate(market: Market) -> np.ndarray:
    """Complaints voiced over failures, in the window (true: a firm does not see all failures). Unit: share. Source: TARP 1979/1986."""
    return ratio(counted(market, "voiced"), counted(market, "failures"))


def complaints_per_encounter(market: Market) -> np.ndarray:
    """Complaints voiced over purchases and visits, in the window: as the firm sees it. Unit: share. Source: ours."""
    return ratio(counted(market, "voiced"), counted(market, "orders") + counted(market, "visits"))


def recovery_rate(market: Market) -> np.ndarray:
    """Complaints resolved over complaints voiced, in the window. Unit: share. Source: TARP 1979/1986."""
    return ratio(counted(market, "resolved"), counted(market, "voiced"))


def recovery_of_failures(market: Market) -> np.ndarray:
    """Complaints resolved over failures, voiced or not, in the window (true). Unit: share. Source: TARP 1979/1986."""
    return ratio(counted(market, "resolved"), counted(market, "failures"))


def overlap(market: Market) -> np.ndarray:
    """Tellings of bad news this month over the people who heard them. Unit: tellings a hearer, 1 or more. Source: ours."""
    counts = market.ledger.counts[-1]
    return ratio(counts[:, C["told_bad"]], counts[:, C["reached_bad"]])


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


COUNTED = {
    "failures": "Purchases and visits that went wrong, and what mechanisms add: waits for goods, partners' faults, contradictions (true: a firm does not see all). Unit: failures a month",
    "voiced": "Complaints voiced. Unit: complaints a month",
    "resolved": "Complaints resolved. Unit: complaints a month",
    "unhappy": "Purchases and visits that left the customer unhappy, and customers whom a mechanism made unhappy after them: by a breach, a partner or a contradiction (true). Unit: times a month",
    "happy": "Purchases and visits that left the customer happy, less the customers of a happy mood whom a mechanism made unhappy after them (true). Unit: times a month",
    "told_bad": "Times that bad news of the firm was told (true). Unit: tellings a month",
    "told_good": "Times that good news of the firm was told (true). Unit: tellings a month",
    "reached_bad": "People who heard bad news of the firm (true). Unit: people a month",
    "reached_good": "People who heard good news of the firm (true). Unit: people a month",
    "referrals": "Customers won by a referral. Unit: people a month",
    "opted_out": "People who said no to further mail. Unit: people a month",
    "reports": "Spam reports. Unit: reports a month",
    "mail_complaints": "Complaints about mail. Unit: complaints a month",
}
"""Counts of the ledger that are metrics, and what they count."""

METRICS = {
    "satisfaction": _mean("satisfaction", "-1 to 1, 0 as expected"),
    "loyalty": _mean("loyalty", "share"),
    "trust": _mean("trust", "share"),
    "awareness": awareness,
    "permission_base": permission_base,
    "reachable": reachable,
    "read_rate": read_rate,
    "opt_out_rate": opt_out_rate,
    "report_rate": report_rate,
    "deliverability": deliverability,
    "net_promoter": net_promoter,
    "complaint_rate": complaint_rate,
    "complaints_per_encounter": complaints_per_encounter,
    "recovery_rate": recovery_rate,
    "recovery_of_failures": recovery_of_failures,
    "overlap": overlap,
    "morale": morale,
    "skill": skill,
    "utilization": utilization,
    **{name: _month(name) for name in COUNTED},
}
