"""Shopping agents: programs that search for people, and bargain for them; and people who like to search little.

Who uses an agent sees every firm and every price: awareness is no barrier, and prices weigh more. An agent that bargains asks its firm for the
lowest list price around, and gets it as far as the firm gives way; under contract where the contract ends. Who is loyal looks at fewer firms than there are: to have a choice
reduced is itself a benefit of a relationship.

Source: Bakos 1997, Brynjolfsson & Smith 2000 (search costs and prices); Sheth & Parvatiyar 1995 (choice reduction); sizes ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.mechanisms.frame import (
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    clip,
    draw,
    loop,
    number,
    under_contract,
)


class ShoppingAgentsDecisions(Decisions):
    """How a firm meets agents."""

    gives_way: float = number(
        0.0, "largest discount that an agent can bargain for", "share of list price", 0.0, 0.5
    )


class ShoppingAgentsTable(MechanismTable):
    """Agents that search and bargain; loyal customers who look at less."""

    users: float = number(0.3, "share of the customers who use an agent", "share", 0.0, 1.0)
    sharper: float = number(
        0.5, "price sensitivity that seeing all prices adds, relative", "share", 0.0, 10.0
    )
    bargains: float = number(0.0, "share of the users whose agent bargains", "share", 0.0, 1.0)
    settled: float = number(0.5, "loyalty from which other firms are left out of sight", "share", 0.0, 1.0)
    reduces: float = number(
        0.0, "share of other firms that a fully loyal customer does not look at", "share", 0.0, 1.0
    )
    firms: dict[str, ShoppingAgentsDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def seen_price_sensitivity(sensitivity: Any, p: Any) -> Any:
    """Price sensitivity of somebody to whom all prices are shown side by side. Source: Brynjolfsson & Smith 2000; size ours."""
    return sensitivity * (1.0 + p.sharper)


def bargained_discount(price: Any, lowest: Any, gives_way: Any) -> Any:
    """The discount that an agent gets: down to the lowest list price, as far as the firm gives way. Source: ours."""
    return np.minimum(gives_way, clip(1.0 - lowest / price))


def chance_out_of_sight(loyalty: Any, p: Any) -> Any:
    """Chance that a loyal customer does not look at another firm this month. Source: Sheth & Parvatiyar 1995; form ours."""
    return p.reduces * clip((loyalty - p.settled) / (1.0 - p.settled) if p.settled < 1.0 else 0.0 * loyalty)


# ---------------------------------------------------------------- steps


def draw_users(market: Any, own: Own, ids: np.ndarray) -> None:
    """Who uses an agent, and whose bargains: for life."""
    user = own.trait(market, "uses", ids, 0) < own.p.users
    market.customers.agent[ids] = user.astype(np.uint8) + (
        user & (own.trait(market, "uses", ids, 1) < own.p.bargains)
    )


def begin(market: Any, own: Own) -> None:
    """The first customers' agents."""
    draw_users(market, own, np.arange(len(market.customers)))


def bargain(market: Any, own: Own) -> None:
    """Agents that bargain get their users a discount, where the supplier gives way: with contracts only where one ends."""
    c, price = market.customers, market.month_of_firms.price
    gives_way = own.decided("gives_way")
    if not gives_way.any():
        return
    ids = np.flatnonzero((c.agent == 2) & (c.supplier >= 0))
    if under_contract(market):
        tenure = c.tenure[ids]
        ids = ids[(tenure > 0) & (tenure % market.tables.buy.term == 0)]
    got = bargained_discount(price, price.min(), gives_way)[c.supplier[ids].astype(np.int64)]
    c.discount[ids] = np.maximum(c.discount[ids], got)


@loop
def hide_rows(ids, least, supplier, aware, f, month, code, key0, key1, who):
    """Firm f is out of sight of some of the loyal who know it, who are listed in ``who``; gives how many."""
    n = 0
    for x in range(len(ids)):
        i = ids[x]
        unseen = draw(i, f, month, code, key0, key1) < least[x]
        hides = unseen & (supplier[i] != f) & (aware[i] != 0)
        who[n] = i
        n += hides
        aware[i] = 0 if hides else aware[i]
    return n


@loop
def open_rows(users, barred, aware, who):
    """Users know a firm for their choice; ``who``: those who did not know it. Gives how many."""
    n = 0
    for x in range(len(users)):
        i = users[x]
        new = (barred[i] == 0) & (aware[i] == 0)
        who[n] = i
        n += new
        aware[i] = 1 if new else aware[i]
    return n


@loop
def close_rows(who, supplier, tenure, f, month, aware, aware_month, aware_by):
    """Firm f is as unknown to them as it was, but for those who chose it."""
    for x in range(len(who)):
        i = who[x]
        if supplier[i] == f and tenure[i] == 0:
            aware_month[i] = month
            aware_by[i] = 0
        else:
            aware[i] = 0


def look_around(market: Any, own: Own) -> None:
    """For their choice users know all firms and weigh prices more; the loyal look at fewer."""
    c, p = market.customers, own.p
    users = np.flatnonzero(c.agent != 0)
    sensitivity = c.price_sensitivity[users]
    c.price_sensitivity[users] = seen_price_sensitivity(sensitivity.astype(np.float64), p)
    shown, hidden = [], [np.empty(0, dtype=np.int64) for _ in market.firms]
    for aware, barred in zip(c.aware, c.barred, strict=True):
        who = np.empty(len(users), dtype=np.int64)
        shown.append(who[: open_rows(users, barred, aware, who)].copy())
    if p.reduces > 0.0:
        ids = np.flatnonzero((c.supplier >= 0) & (c.agent == 0) & (c.loyalty > p.settled))
        least = chance_out_of_sight(c.loyalty[ids].astype(np.float64), p)
        for f in range(len(market.firms)):
            who, claim = np.empty(len(ids), dtype=np.int64), own.claim(market, "looks", f)
            hidden[f] = who[: hide_rows(ids, least, c.supplier, c.aware[f], f, *claim, who)].copy()
    own.scratch["held"] = (users, sensitivity, shown, hidden)


def look_no_more(market: Any, own: Own) -> None:
    """What people know is what they knew, and the firm that they chose; other cells stay as others wrote them."""
    c = market.customers
    users, sensitivity, shown, hidden = own.scratch.pop("held")
    c.price_sensitivity[users] = sensitivity
    for f, who in enumerate(shown):
        c.aware[f, hidden[f]] = 1
        close_rows(who, c.supplier, c.tenure, f, market.month, c.aware[f], c.aware_month[f], c.aware_by[f])


def agents_share(market: Any, own: Own) -> np.ndarray:
    """Share of own customers who use an agent. Unit: share. Source: ours."""
    c, heads = market.customers, market.heads[-1]
    suppliers = c.supplier[np.flatnonzero(c.agent != 0)].astype(np.int64)
    users = np.bincount(suppliers + 1, minlength=len(heads) + 1)[1:]  # the first are nobody's
    return np.divide(users, heads, out=np.full(len(heads), np.nan), where=heads > 0)


MECHANISM = Mechanism(
    name="shopping_agents",
    about=__doc__,
    table=ShoppingAgentsTable,
    decisions=ShoppingAgentsDecisions,
    columns=(
        Column(
            "agent",
            "uint8",
            "customer",
            "0, 1, 2",
            "uses a shopping agent: 1 it searches, 2 it also bargains",
        ),
    ),
    draws=(
        Draw("uses", 2060, "0 uses one, 1 it bargains (month word: the generation)", "who uses an agent"),
        Draw("looks", 2061, "firm", "whether a loyal customer looks at another firm"),
    ),
    equations=(seen_price_sensitivity, bargained_discount, chance_out_of_sight),
    steps=(
        Step("after", "decide", bargain),
        Step("before", "buy", look_around),
        Step("after", "buy", look_no_more),
    ),
    begin=begin,
    renew=draw_users,
    metrics={"agents_share": agents_share},
)
