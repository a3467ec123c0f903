"""What came of a round for a firm: what it may know, apart from the truth that only the instructor sees."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ledger import COUNTS, A, C
from sim.scenario.words import REASONS

if TYPE_CHECKING:
    from sim.market import Firm, Market

SEEN_COUNTS = (
    "orders", "visits", "won", "won_back", "recipients", "messages", "uninvited", "read", "opted_out",
    "mail_complaints", "reports", "offers", "asked", "said_yes", "voiced", "resolved", "referrals", "surveyed",
    "answered", "fired",
)  # fmt: skip
"""Counts that a firm's own systems keep."""

FEW = 5
"""So many more customers, who stay as all firms' customers do, count in the retention of customer equity. Source: ours."""

TRUE_COUNTS = tuple(name for name in COUNTS if name not in SEEN_COUNTS)
"""Counts that no firm sees: tellings, silent failures, who was unhappy."""


def outcome(market: Market, firm: Firm, months: int, heads_before: list[int], scoring: int) -> dict[str, Any]:
    """What the last months did to a firm, as plain data: `seen` by it, and `true`; `scoring` as in `Settings`."""
    f, lines = firm.place, market.ledger.lines
    books = np.sum([book[f] for book in market.ledger.months[-months:]], axis=0)
    counts = np.sum([book[f] for book in market.ledger.counts[-months:]], axis=0)
    heads = [heads_before[f], *[int(row[f]) for row in market.heads[-months:]]]
    gone = _departures(market, f, months)
    lost = sum(gone["true"].values())
    if scoring == 1:
        retention = _retention_by_month(market, f, months)
        each = float(market.metrics["customer_profit"][-1][f])
        equity = _equity(market, each, retention, heads[-1])
    else:
        retention = _number(retention_of(*_stayed(market, months))[f])
        each = float(_each(market, months)[f])
        equity = _equity(market, each, _number(steadied(*_stayed(market, months))[f]), heads[-1])
    seen = {
        "customers": heads[-1],
        "customers_before": heads[0],
        "lost": lost,
        "gained": heads[-1] - heads[0] + lost,
        "share": _number(market.metrics["share_of_customers"][-1][f]),
        "retention": retention,
        "customer_profit": _number(each),
        "customer_equity": equity,
        "revenue": float(books[A["revenue"]]) / 100.0,
        "profit": float(sum(a.sign * int(x) for a, x in zip(lines, books, strict=True))) / 100.0,
        "ledger": {a.name: float(x) / 100.0 for a, x in zip(lines, books, strict=True)},
        "counts": {name: int(counts[C[name]]) for name in SEEN_COUNTS},
        "reasons": gone["reported"],
        "asked_leavers": sum(gone["reported"].values()),
        "net_promoter": _number(firm.survey["net_promoter"]),
        "permission_base": int(market.permitted[f]),
        "reachable": int(market.census.reachable[f]),
        "deliverability": firm.deliverability,
        "skill": firm.skill,
        "morale": firm.morale,
        "staff": firm.staff,
        "utilization": _number(firm.utilization),
        "by_month": {"customers": heads, "profit": _profits(market, f, months)},
        "fired_rules": list(getattr(firm.policy, "fired", [])),
        "promise": float(firm.plan.promise),
    }
    true = {
        "reasons": gone["true"],
        "counts": {name: int(counts[C[name]]) for name in TRUE_COUNTS},
        **{
            name: _number(market.metrics[name][-1][f])
            for name in ("satisfaction", "loyalty", "trust", "awareness")
        },
    }
    return {"seen": seen, "true": true}


def _number(value: Any) -> float | None:
    """A float, None where it is missing."""
    return None if value is None or not math.isfinite(value) else float(value)


def _profits(market: Market, f: int, months: int) -> list[float]:
    """Profit of each month, in money."""
    return [float(market.ledger.profit(i)[f]) / 100.0 for i in range(-months, 0)]


def _stayed(market: Market, months: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Of the last months: customers who stayed, and who could have (float64 (F,) each, in customer-months), and how many."""
    last = len(market.heads)
    span = range(max(1, last - months), last)  # the very first month has none before it
    none = np.zeros(len(market.firms))
    had = sum((market.heads[i - 1] for i in span), none)
    kept = sum(
        (np.nan_to_num(market.metrics["monthly_retention"][i]) * market.heads[i - 1] for i in span), none
    )
    return kept, had, len(span)


def _over(above: Any, below: Any) -> np.ndarray:
    """`ratio`, read when a round is played: a server of pages waits for no compiled loops."""
    from sim.metrics.customers import ratio

    return ratio(above, below)


def retention_of(kept: np.ndarray, had: np.ndarray, months: int) -> np.ndarray:
    """Retention as a yearly rate by firm: the share of customer-months that ended with the customer, to the power of twelve.

    NaN where no month began with customers. Source: ours.
    """
    return np.asarray(_over(kept, had) ** 12.0)


def steadied(kept: np.ndarray, had: np.ndarray, months: int) -> np.ndarray:
    """Retention as a yearly rate by firm, with `FEW` more customers in each who stay as those of all firms do.

    NaN where no firm of the market began a month with customers. Source: ours.
    """
    usual = _over(kept.sum(), had.sum())
    return np.asarray(_over(kept + FEW * months * usual, had + FEW * months) ** 12.0)


def _each(market: Market, months: int) -> np.ndarray:
    """What a customer brought in the last months, before acquisition and overhead, by firm, in money as a yearly amount."""
    ledger = market.ledger
    signed = (np.sum(ledger.months[-months:], axis=0) * ledger.signs)[:, ledger.by_customer].sum(axis=1)
    return np.asarray(_over(signed / 100.0 * 12.0 / months, np.mean(market.heads[-months:], axis=0)))


def _retention_by_month(market: Market, f: int, months: int) -> float | None:
    """Retention in a game of scoring 1: the geometric mean of the months, None where one began without customers."""
    kept = [row[f] for row in market.metrics["monthly_retention"][-months:]]
    if len(market.metrics["monthly_retention"]) == months:
        kept = kept[1:]  # the very first month has none before it
    if not kept or not np.isfinite(kept).all():
        return None
    return float(np.prod(kept) ** (12.0 / len(kept)))


def _equity(market: Market, each: float, retention: float | None, heads: int) -> float | None:
    """Customers times a customer's yearly profit times the margin multiple, r at most 0.999.

    Source: Gupta & Lehmann 2003 for the multiple.
    """
    if heads == 0:
        return 0.0
    if retention is None or not math.isfinite(each):
        return None
    r = min(retention, 0.999)
    return each * r / (1.0 + market.tables.market.discount_rate - r) * heads


def _departures(market: Market, f: int, months: int) -> dict[str, dict[str, int]]:
    """How many left, by true reason, and by what those said who were asked."""
    rows = [d for d in market.departures if int(d["month"][0]) >= market.month - months]
    true: dict[str, int] = {}
    reported: dict[str, int] = {}
    for row in rows:
        own = row["firm"] == f
        for code, n in zip(*np.unique(row["reason"][own], return_counts=True), strict=True):
            true[REASONS[code]] = true.get(REASONS[code], 0) + int(n)
        said = row["reported"][own]
        for code, n in zip(*np.unique(said[said >= 0], return_counts=True), strict=True):
            reported[REASONS[code]] = reported.get(REASONS[code], 0) + int(n)
    return {"true": true, "reported": reported}
