"""The tables of a run: what happened in a market, in words and money, a pandas table each.

Months count from 1; a row belongs to the end of its month. Firms stand in the order of the
scenario, the focus first. What is missing is missing, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.carried_out import HELD, why_not
from sim.policies import View
from sim.policies.view import Words
from sim.scenario.words import LEVELS, PENDING_BY, REASONS, WON_BY

if TYPE_CHECKING:
    from sim.market import Firm, Market

WINDOW = 12
"""Months of a window; shorter in a shorter run."""

FIRMS = (
    "customers", "share", "annual_retention", "monthly_churn", "acquisition_cost", "retention_cost", "cost_ratio",
    "revenue", "profit", "customer_equity",
)  # fmt: skip
"""The columns of `Run.firms`."""

_NAMED = {"share": "share_of_customers"}
_SUMS, _MEANS = ("revenue", "profit"), ("monthly_churn",)
_VOCABULARY = {"level": LEVELS, "pending_by": PENDING_BY, "left_because": REASONS, "won_by": WON_BY}
_FIRM_COLUMNS = ("supplier", "mood_firm", "left_from", "left_for", "teller_firm")
_OF_SUPPLIER = ("level", "won_by")


def order(market: Market) -> list[int]:
    """The firms' numbers, the focus first."""
    focus = market.firm(market.scenario.focus).place
    return [focus, *[firm.place for firm in market.firms if firm.place != focus]]


def names(market: Market) -> list[str]:
    """The firms' names, by their number."""
    return [firm.name for firm in market.firms]


def in_words(codes: Any, words: Sequence[str], known: Any = None) -> np.ndarray:
    """Words for codes; None where the code is below 0 or not known."""
    codes = np.asarray(codes, dtype=np.int64)
    vocabulary = np.array([*words, None], dtype=object)
    keep = codes >= 0 if known is None else (codes >= 0) & known
    return vocabulary[np.where(keep, codes, len(words))]


def metric_values(market: Market, metric: str) -> np.ndarray:
    """A metric of the months done, float64 (months, firms), firms by their number."""
    rows = market.metrics[metric][: market.month]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(market.firms))


def months_table(market: Market) -> pd.DataFrame:
    """A row a month and firm, a column a metric; `window_months` is the length of the windows."""
    places, done = order(market), market.month
    data: dict[str, Any] = {
        "month": np.repeat(np.arange(1, done + 1), len(places)),
        "firm": np.tile(np.array(names(market), dtype=object)[places], done),
    }
    data.update({metric: metric_values(market, metric)[:, places].ravel() for metric in market.metrics})
    data["window_months"] = np.minimum(data["month"], WINDOW)
    return pd.DataFrame(data)


def firms_table(market: Market) -> pd.DataFrame:
    """A row a firm: where it stands at the end.

    Revenue and profit are sums of the last 12 months, `monthly_churn` is their mean, costs cover the
    same window; everything else is as it is at the end.
    """
    places = order(market)
    data: dict[str, Any] = {}
    for column in FIRMS:
        values = metric_values(market, _NAMED.get(column, column))[-WINDOW:, places]
        if column in _SUMS:
            data[column] = values.sum(axis=0)
        elif column in _MEANS:
            seen = np.isfinite(values)
            count = seen.sum(axis=0)
            total = np.where(seen, values, 0.0).sum(axis=0)
            data[column] = np.divide(total, count, out=np.full(len(places), np.nan), where=count > 0)
        else:
            data[column] = values[-1] if len(values) else np.full(len(places), np.nan)
    if market.month:
        data["customers"] = data["customers"].astype(np.int64)
    index = pd.Index([market.firms[place].name for place in places], name="firm")
    return pd.DataFrame(data, index=index)


def customers_table(market: Market) -> pd.DataFrame:
    """A row a customer: traits and state, words for codes, money for cents.

    `supplier` is a firm's name, missing for none; `left_because` and its kin tell of the last departure of
    the person who has the place now. `level` and `won_by` are missing where there is no supplier.
    """
    c = market.customers
    firms, segments = names(market), list(market.tables.segments)
    data: dict[str, Any] = {"customer": c.ids}
    for column in c.columns:
        if column.kind in ("trait", "customer"):
            name, values = column.name, getattr(c, column.name)
            if name == "segment":
                data[name] = in_words(values, segments)
            elif name in _FIRM_COLUMNS:
                data[name] = in_words(values, firms)
            elif name in _VOCABULARY:
                known = c.supplier >= 0 if name in _OF_SUPPLIER else c.left_month >= 0
                data[name] = in_words(values, _VOCABULARY[name], None if name == "pending_by" else known)
            elif name in ("left_month", "teller"):
                shift = 1 if name == "left_month" else 0
                data[name] = pd.array(np.asarray(values, dtype=np.int64) + shift, dtype="Int64")
                data[name][values < 0] = pd.NA
            elif column.unit == "cents":
                data[name.removesuffix("_cents")] = values / 100.0
            else:
                data[name] = values.astype(bool) if column.unit == "yes or no" else values.copy()
    return pd.DataFrame(data)


def departures_table(market: Market) -> pd.DataFrame:
    """A row a departure: when, who, from which firm, to which, the true reason, and what a survey was told."""
    fields = ("month", "customer", "generation", "firm", "to", "reason", "reported", "tenure")
    rows = [d for d in market.departures if int(d["month"][0]) < market.month]
    data: dict[str, Any] = {f: np.concatenate([np.empty(0, np.int64), *[d[f] for d in rows]]) for f in fields}
    data["month"] = data["month"] + 1
    for field in ("firm", "to"):
        data[field] = in_words(data[field], names(market))
    for field in ("reason", "reported"):
        data[field] = in_words(data[field], REASONS)
    return pd.DataFrame(data)


def ledger_table(market: Market) -> pd.DataFrame:
    """A row a month and firm, a column an activity, in money; costs are above 0, `profit` is what is left.

    Discounts are memos: they are already missing from the revenue.
    """
    places, done = order(market), market.month
    lines = market.ledger.lines
    books = np.array(market.ledger.months[:done], dtype=np.int64).reshape(done, len(places), len(lines))
    cents = books[:, places].reshape(-1, len(lines))
    data: dict[str, Any] = {
        "month": np.repeat(np.arange(1, done + 1), len(places)),
        "firm": np.tile(np.array(names(market), dtype=object)[places], done),
    }
    data.update({activity.name: cents[:, i] / 100.0 for i, activity in enumerate(lines)})
    data["profit"] = (cents * market.ledger.signs).sum(axis=1) / 100.0
    return pd.DataFrame(data)


def rules_table(market: Market) -> pd.DataFrame:
    """A row a decision rule: how often it fired and was carried out (customer-months), and what is odd about it."""
    rows = []
    for place in order(market):
        firm = market.firms[place]
        view = View(market, firm) if firm.rules else None
        for i, rule in enumerate(firm.rules):
            then = ", ".join(f"{name} = {_shown(value)}" for name, value in rule.then.items())
            fired, held = int(firm.rule_fired[i]), int(firm.rule_counts[i, HELD, 0])
            rows.append(
                (firm.name, i + 1, rule.text, then, fired, held, _note(rule.condition.columns, view, firm, i))
            )
    return pd.DataFrame(rows, columns=["firm", "rule", "if", "then", "fired", "carried_out", "note"])


def _shown(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _note(columns: Sequence[str], view: Any, firm: Firm, rule: int) -> str:
    """Why a rule may not do what was meant: it never fired, nothing of it was carried out, or the firm has nothing on record to ask about."""
    database = view.customers
    if not len(database):
        return f"never fired: {firm.name} has nobody on record"
    unknown = [name for name in columns if _is_unknown(database, name)]
    notes = ["never fired"] if firm.rule_fired[rule] == 0 else why_not(firm, rule)
    if unknown:
        notes.append(f"{firm.name} has nothing on record yet about {', '.join(unknown)}")
    return "; ".join(notes)


def _is_unknown(database: Any, name: str) -> bool:
    """Whether a column of a firm's database says the same nothing of everybody."""
    if name in ("status", "segment_guess", "value_rank"):
        return False
    values = getattr(database, name)
    codes = values.codes if isinstance(values, Words) else values
    lowest = 1 if name == "products" else 0
    return not np.any(
        np.isfinite(codes)
        & (codes > lowest if name not in ("profit", "margin", "cost_to_serve") else codes != 0)
    )


def long_table(market: Market, months: pd.DataFrame, policies: dict[str, str]) -> pd.DataFrame:
    """A row a month, firm and metric: scenario, policy, seed, month, firm, metric, value."""
    table = months.drop(columns="window_months").melt(
        ["month", "firm"], var_name="metric", value_name="value"
    )
    table.insert(0, "scenario", market.scenario.name)
    table.insert(1, "policy", table["firm"].map(policies))
    table.insert(2, "seed", market.seed)
    return table


SHORT = {"customers": ("customers", 0), "share": ("share", 3), "annual_retention": ("kept", 3), "monthly_churn": ("churn", 4),
         "acquisition_cost": ("to win", 2), "retention_cost": ("to keep", 2), "profit": ("profit", 0),
         "customer_equity": ("equity", 0)}  # fmt: skip
"""What of the firms a short table shows, under which heading, with how many digits."""


def in_short(firms: pd.DataFrame) -> pd.DataFrame:
    """The firms in a few columns of text, rounded for a reader."""
    data = {head: [written(value, digits) for value in firms[name]] for name, (head, digits) in SHORT.items()}
    return pd.DataFrame(data, index=firms.index)


def written(value: float, digits: int = 0) -> str:
    """A number for a reader; a dash where it is missing."""
    return "–" if value != value else f"{value:,.{digits}f}"
