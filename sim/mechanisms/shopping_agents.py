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
    columns,
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


@loop
def user_rows(agent, p, ids, generation, code, key0, key1):
    """Who uses an agent, and whose bargains: for life."""
    for x in range(len(ids)):
        i, life = ids[x], np.int64(generation[ids[x]])
        uses = draw(i, 0, life, code, key0, key1) < p.users
        bargains = draw(i, 1, life, code, key0, key1) < p.bargains
        agent[i] = (2 if bargains else 1) if uses else 0


def draw_users(market: Any, own: Own, ids: np.ndarray) -> None:
    """Who uses an agent, and whose bargains: for life."""
    user_rows(market.customers.agent, own.numbers, ids, *own.of_traits(market, "uses"))


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


LookColumns = columns(
    "LookColumns", "agent", "supplier", "tenure", "price_sensitivity", "aware", "barred", "aware_month", "aware_by"
)  # fmt: skip


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
def open_rows(c, p, shown, sensitivity):
    """Users weigh prices more, and know all firms; ``shown``, (F, N): those who did not know one. ``sensitivity``: what it was."""
    agent, now = c.agent, c.price_sensitivity
    for i in range(len(now)):
        sensitivity[i] = now[i]
        seen = np.float32(seen_price_sensitivity(np.float64(sensitivity[i]), p))
        now[i] = seen if agent[i] != 0 else sensitivity[i]
    for f in range(len(shown)):
        aware, barred, shown_f = c.aware[f], c.barred[f], shown[f]
        for i in range(len(aware)):
            shown_f[i] = (agent[i] != 0) & (barred[i] == 0) & (aware[i] == 0)
            aware[i] |= shown_f[i]


@loop
def close_rows(c, shown, sensitivity, month):
    """Firms are as unknown to them as they were, but for those who chose one; prices weigh what they did."""
    agent, now, supplier, tenure = c.agent, c.price_sensitivity, c.supplier, c.tenure
    for i in range(len(agent)):
        was, is_now = sensitivity[i], now[i]
        now[i] = was if agent[i] != 0 else is_now
    for i in range(len(agent)):
        f = supplier[i]
        if (f >= 0) & (tenure[i] == 0) and shown[f, i] != 0:
            shown[f, i], c.aware_month[f, i], c.aware_by[f, i] = 0, month, 0
    for f in range(len(shown)):
        aware, shown_f = c.aware[f], shown[f]
        for i in range(len(aware)):
            aware[i] = 0 if shown_f[i] != 0 else aware[i]


def look_around(market: Any, own: Own) -> None:
    """For their choice users know all firms and weigh prices more; the loyal look at fewer."""
    c, p, firms = market.customers, own.p, len(market.firms)
    shown, sensitivity = np.empty((firms, len(c)), dtype=np.uint8), np.empty(len(c), dtype=np.float32)
    open_rows(c.bundle(LookColumns), own.numbers, shown, sensitivity)
    hidden = []
    if p.reduces > 0.0:
        ids = np.flatnonzero((c.supplier >= 0) & (c.agent == 0) & (c.loyalty > p.settled))
        least = chance_out_of_sight(c.loyalty[ids].astype(np.float64), p)
        for f in range(firms):
            who, claim = np.empty(len(ids), dtype=np.int64), own.claim(market, "looks", f)
            hidden.append(who[: hide_rows(ids, least, c.supplier, c.aware[f], f, *claim, who)].copy())
    own.scratch["held"] = (shown, sensitivity, hidden)


def look_no_more(market: Any, own: Own) -> None:
    """What people know is what they knew, and the firm that they chose; other cells stay as others wrote them."""
    c = market.customers
    shown, sensitivity, hidden = own.scratch.pop("held")
    for f, who in enumerate(hidden):
        c.aware[f, who] = 1
    close_rows(c.bundle(LookColumns), shown, sensitivity, market.month)


@loop
def share_rows(c, heads, share):
    """The share of each firm's own customers, ``heads``, who use an agent, NaN without any."""
    agent, supplier = c.agent, c.supplier
    for f in range(len(share)):
        users = 0
        for i in range(len(agent)):
            users += (agent[i] != 0) & (supplier[i] == f)
        share[f] = users / heads[f] if heads[f] > 0 else np.nan


def agents_share(market: Any, own: Own) -> np.ndarray:
    """Share of own customers who use an agent. Unit: share. Source: ours."""
    share = np.empty(len(market.firms))
    share_rows(market.customers.bundle(LookColumns), market.heads[-1], share)
    return share


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
