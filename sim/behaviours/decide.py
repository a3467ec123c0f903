"""The stage `decide`: every firm looks at its own books and plans the month.

A policy gets a View of what the firm may see and returns a Plan; rules of the scenario come after
it. The plan reaches the customers that are the firm's at that moment; firings take effect here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.behaviours.frame import (
    ACCOUNT,
    RELATIONSHIP,
    begin_relationship,
    close_account,
    parameter_tuple,
    parameters,
)
from sim.columns import column_tuple
from sim.compiled import equation, loop
from sim.draws import BLOCK
from sim.ledger import C
from sim.scenario.parameters import DecideTable
from sim.scenario.words import REASONS

if TYPE_CHECKING:
    from sim.market import Firm, Market

CHANGES = (
    *RELATIONSHIP, *ACCOUNT, "level", "messages", "offer", "recent_spend", "barred", "aware", "belief", "mood", "mood_firm",
    "fired_by", "left_from", "left_for", "left_because", "left_month", "left_now", "left_tenure",
)  # fmt: skip
READS = ("identified",)
DRAWS = ()

DecideColumns = column_tuple("DecideColumns", CHANGES + READS, __name__)
DecideParameters = parameter_tuple(
    "DecideParameters", DecideTable, __name__, extra=("memory", "initial_trust")
)

_FIRED = REASONS.index("fired")
_LOST, _N_FIRED = C["lost"], C["fired"]


class Choices(NamedTuple):
    """Decisions that differ by customer: rows of the database, values by decision, who is lapsed or lost."""

    ids: np.ndarray
    values: dict[str, np.ndarray]
    lapsed: np.ndarray


@equation
def faded_record(amount, p):
    """What is left of recent spend or profit on record a month later."""
    return amount * p.memory


@loop
def decide_rows(c, room, start, stop, month, key0, key1, p, level, discount, social, structural, messages):
    """Give each firm's plan to its customers and to its records; arguments are one value a firm."""
    n_firms = c.belief.shape[0]
    new_year = month % 12 == 0
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        mood, mood_firm = c.mood[lo : lo + n], c.mood_firm[lo : lo + n]
        for j in range(n):
            mood[j] = 0
            mood_firm[j] = -1
        if new_year:
            year_spent, year_profit = c.year_spent_cents[lo : lo + n], c.year_profit_cents[lo : lo + n]
            for j in range(n):
                year_spent[j] = 0
                year_profit[j] = 0
        supplier, levels, discounts = c.supplier[lo : lo + n], c.level[lo : lo + n], c.discount[lo : lo + n]
        with_social, with_structural = c.social[lo : lo + n], c.structural[lo : lo + n]
        for j in range(n):
            f = supplier[j]
            if f >= 0:
                levels[j] = level[f]
                discounts[j] = discount[f]
                with_social[j] = social[f]
                with_structural[j] = structural[f]
        for f in range(n_firms):
            spend = c.recent_spend[f, lo : lo + n]
            profit = c.recent_profit[f, lo : lo + n]
            planned = c.messages[f, lo : lo + n]
            for j in range(n):
                spend[j] = faded_record(float(spend[j]), p)
            for j in range(n):
                profit[j] = faded_record(float(profit[j]), p)
            for j in range(n):
                planned[j] = messages[f]


@loop
def fire_rows(c, ids, f, month, p, counts, departed):
    """Firm f ends the relationship with its customers ``ids``."""
    for x in range(len(ids)):
        i = ids[x]
        if c.supplier[i] != f:
            continue
        counts[f, _LOST] += 1
        counts[f, _N_FIRED] += 1
        c.left_from[i] = f
        c.left_for[i] = -1
        c.left_because[i] = _FIRED
        c.left_month[i] = month
        c.left_now[i] = _FIRED + 1
        c.left_tenure[i] = c.tenure[i]
        close_account(c, i, departed)
        begin_relationship(c, i, -1, p.initial_trust, 0)
        c.barred[f, i] = 1
        c.aware[f, i] = 0
        c.belief[f, i] = float(c.belief[f, i]) - p.fired_belief
        c.fired_by[i] = f
        c.mood[i] = -1
        c.mood_firm[i] = f


def decide(market: Market) -> None:
    """Every firm plans from last month's closed books; then the plans reach customers and records."""
    tables = market.tables
    p = parameters(
        DecideParameters,
        tables.decide,
        memory=tables.account.recent_memory,
        initial_trust=tables.buy.initial_trust,
    )
    choices = [firm.make_plan() for firm in market.firms]
    market.open_month()
    if market.month % 12 == 0:
        market.ledger.departed[:, 2:] = 0
    plans = [firm.plan for firm in market.firms]
    market.rows(
        "decide", DecideColumns, p,
        np.array([plan.code("level") for plan in plans]), np.array([float(plan.discount) for plan in plans]),
        np.array([int(plan.social) for plan in plans]), np.array([int(plan.structural) for plan in plans]),
        np.array([int(plan.messages) for plan in plans]),
    )  # fmt: skip
    for firm, chosen in zip(market.firms, choices, strict=True):
        apply_choices(market, firm, chosen, p)
    market.note_departures()


def apply_choices(market: Market, firm: Firm, chosen: Choices, p: Any) -> None:
    """Decisions that differ by customer: by the rows of the firm's database."""
    c = market.customers
    f = firm.place
    own = c.supplier[chosen.ids] == f
    for name in ("level", "discount", "social", "structural"):
        if name in chosen.values:
            getattr(c, name)[chosen.ids[own]] = chosen.values[name][own]
    if "messages" in chosen.values:
        c.messages[f, chosen.ids] = chosen.values["messages"]
    if "offer" in chosen.values:
        c.offer[f, chosen.ids] = np.where(chosen.lapsed, chosen.values["offer"], 0.0)
        market.month_of_firms.offers[f] = int(c.offer[f].any())
    if "fire" in chosen.values:
        ids = chosen.ids[own & (chosen.values["fire"] != 0)]
        market.code("decide", "fire_rows")(
            c.pick(DecideColumns) if market.swaps.is_plain("decide") else c.bundle(DecideColumns),
            ids,
            f,
            market.month,
            p if market.swaps.is_plain("decide") else market.bundled(p),
            market.ledger.current_counts,
            market.ledger.departed,
        )
