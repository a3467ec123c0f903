"""Intermediary: a retailer between the firm and those who use its goods, and what going direct changes.

Who buys at a retailer is the retailer's customer. The firm sees what it sells in all, not to whom: nobody stands in its database, so that it can
neither tell its customers apart nor write to them, make profiles of them, hold a dialogue with them or take their data; the retailer keeps a margin and
most of the loyalty. Service, complaints and surveys stay with the firm, wherever its goods are bought. In return its shelves make brands known. A firm that goes direct knows its buyers and keeps the margin, pays for shop and parcels,
and angers the retailer, who shows the brand less.

Source: Peppers & Rogers 1993 (who owns the customer); Coughlan et al. 2006 (channel conflict, functions of intermediaries); Verhoef, Kannan & Inman 2015.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    columns,
    draw,
    enter,
    loop,
    number,
)
from sim.scenario.words import AWARE_BY, PERMISSIONS

COUGHLAN = "Coughlan et al. 2006 for the direction; number ours"
_BY_SHELF, _OPTED_OUT = AWARE_BY.index("advertising"), PERMISSIONS.index("opted_out")


class IntermediaryDecisions(Decisions):
    """How a firm reaches those who use its goods."""

    direct: float = number(
        0.0,
        "share of people whom its own shop is built to reach; the others buy at the retailer",
        "share",
        0.0,
        1.0,
    )


class IntermediaryTable(MechanismTable):
    """A retailer between firms and customers."""

    retail_margin: float = number(
        0.25, "share of sales that the retailer keeps", "share", 0.0, 0.95, source=COUGHLAN
    )
    retail_owns: float = number(
        0.7,
        "share of growing loyalty that goes to the retailer and not to the brand",
        "share",
        0.0,
        1.0,
        source=COUGHLAN,
    )
    shelf_reach: float = number(
        0.05, "chance a month that somebody gets to know a brand at the shelf", "chance", 0.0, 1.0
    )
    direct_speed: float = number(
        0.08, "how fast people move to the firm's own shop", "share a month", 0.0, 1.0
    )
    direct_cost: float = number(
        2.0, "cost of an order in the firm's own shop: parcels, returns", "money", 0.0, 1e6
    )
    shop_cost: float = number(300.0, "cost of the own shop at full reach", "money a month", 0.0, 1e8)
    conflict: float = number(
        0.4, "utility at the retailer's that a brand loses when it sells direct to everybody", "utility", 0.0, 10.0, source=COUGHLAN
    )  # fmt: skip
    delisting: float = number(
        0.5, "share of its place on the shelves that such a brand loses", "share", 0.0, 1.0, source=COUGHLAN
    )
    firms: dict[str, IntermediaryDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def next_direct(direct: Any, decided: Any, p: Any) -> Any:
    """Share of people whom a firm's own shop reaches, a month later. Source: ours."""
    return direct + p.direct_speed * (decided - direct)


def kept_loyalty(before: Any, after: Any, p: Any) -> Any:
    """Loyalty to a brand that is bought at a retailer: of what grew, the retailer keeps a part; what was lost is lost. Source: ours."""
    grown = np.maximum(after - before, 0.0)
    return np.minimum(before, after) + (1.0 - p.retail_owns) * grown


def shelf_anger(direct: Any, p: Any) -> Any:
    """Utility that a brand loses at the retailer's by what it sells direct. Source: Coughlan et al. 2006 for the direction; form ours."""
    return p.conflict * direct


def chance_shelf(direct: Any, p: Any) -> Any:
    """Chance a month that somebody gets to know a brand at the shelf; who sells direct has less room there. Source: ours."""
    return p.shelf_reach * (1.0 - p.delisting * direct)


# ---------------------------------------------------------------- steps


def draw_places(market: Any, own: Own, ids: np.ndarray) -> None:
    """How strongly people prefer the retailer: those who least do are reached directly first."""
    market.customers.retail_preference[ids] = own.trait(market, "prefers", ids)


def begin(market: Any, own: Own) -> None:
    """Shops of the start are as large as decided; nobody knows who buys at the retailer."""
    own.state["direct"] = own.decided("direct")
    draw_places(market, own, np.arange(len(market.customers)))
    strike_out(market, own)


KeepColumns = columns(
    "KeepColumns", "supplier", "retail_preference", "level", "discount", "social", "structural", "identified", "permission"
)  # fmt: skip
ShelfColumns = columns("ShelfColumns", "aware", "barred", "aware_month", "aware_by")
ShowColumns = columns("ShowColumns", "supplier", "discount", "belief", "asked", "identified", "level")
ShareColumns = columns(
    "ShareColumns", "supplier", "loyalty", "bought", "month_spent_cents", "month_profit_cents"
)  # fmt: skip
KnownColumns = columns("KnownColumns", "supplier", "identified")


@loop
def strike_rows(c, direct, there):
    """Who buys a firm's goods at the retailer does not stand in its database, and lets it not write; who said no has still said no."""
    preference = c.retail_preference
    for f in range(len(there)):
        identified, permission, there_f, reached = c.identified[f], c.permission[f], there[f], direct[f]
        for i in range(len(identified)):
            there_f[i] = 1 if np.float64(preference[i]) >= reached else 0
        for i in range(len(identified)):
            identified[i] = 0 if there_f[i] else identified[i]
        for i in range(len(identified)):
            permission[i] = 0 if (there_f[i] != 0) & (permission[i] != _OPTED_OUT) else permission[i]


def find_out(supplier: Any, there: Any, out: Any) -> None:
    """Who buys the goods of their firm at the retailer, 1 or 0, into ``out``, uint8 (N,)."""
    for i in range(len(out)):
        out[i] = 0
    for f in range(len(there)):
        there_f = there[f]
        for i in range(len(out)):
            out[i] |= (supplier[i] == f) & there_f[i]


@loop
def plan_rows(c, there):
    """What firms plan for their customers does not reach the retailer's."""
    out = np.empty(len(c.supplier), dtype=np.uint8)
    find_out(c.supplier, there, out)
    level, discount, social, structural = c.level, c.discount, c.social, c.structural
    for i in range(len(out)):
        level[i] *= 1 - out[i]
        social[i] *= 1 - out[i]
        structural[i] *= 1 - out[i]
    for i in range(len(out)):
        discount[i] = np.float32(0.0) if out[i] else discount[i]


def keep_away(market: Any, own: Own) -> None:
    """What a firm plans for its customers does not reach the retailer's; whom its own shop reaches now begins a new record there."""
    c, before = market.customers, own.state["direct"]
    own.state["direct"] = next_direct(before, own.decided("direct"), own.p)
    strike_out(market, own)
    plan_rows(c.bundle(KeepColumns), own.scratch["there"])
    for f in np.flatnonzero(own.state["direct"] > before):
        known_now = (c.retail_preference >= before[f]) & (own.scratch["there"][f] == 0)
        for record in (c.spent, c.recent_spend, c.recent_profit):
            record[f, known_now] = 0.0  # what was bought at the retailer


def strike_out(market: Any, own: Own) -> None:
    """Who buys at the retailer, for this month, stands in nobody's database, and lets nobody write."""
    there = own.scratch["there"] = np.empty((len(market.firms), len(market.customers)), dtype=np.uint8)
    strike_rows(market.customers.bundle(KeepColumns), own.state["direct"], there)


@loop
def shelf_rows(c, p, there, direct, month, code, key0, key1, who, luck):
    """The shelf makes firms known to some of those who do not know them; ``who`` and ``luck``: room for everybody."""
    for f in range(len(there)):
        aware, barred, there_f, n = c.aware[f], c.barred[f], there[f], 0
        for i in range(len(aware)):
            who[n] = i
            n += (aware[i] == 0) & (barred[i] == 0) & (there_f[i] != 0)
        for x in range(n):
            luck[x] = draw(who[x], f, month, code, key0, key1)
        reach = chance_shelf(direct[f], p)
        for x in range(n):
            if luck[x] < reach:
                aware[who[x]] = 1
                c.aware_month[f, who[x]] = month
                c.aware_by[f, who[x]] = _BY_SHELF


def fill_shelves(market: Any, own: Own) -> None:
    """Shelves make brands known, before anybody looks around."""
    for f in range(len(market.firms)):
        claimed = own.claim(market, "sees", f)
    here, there = market.customers.bundle(ShelfColumns), own.scratch["there"]
    shelf_rows(here, own.numbers, there, own.state["direct"], *claimed, *own.room(market))


@loop
def show_rows(c, there, anger, month):
    """A retailer recommends another brand; nobody asks for permission there, and no discount of its own holds."""
    for f in range(len(anger)):
        belief, asked, there_f, less = c.belief[f], c.asked[f], there[f], np.float32(anger[f])
        for i in range(len(asked)):
            asked[i] = month + 1 if there_f[i] else asked[i]
        if less != 0.0:
            for i in range(len(belief)):
                belief[i] -= less if there_f[i] else np.float32(0.0)
    out, discount = np.empty(len(c.supplier), dtype=np.uint8), c.discount
    find_out(c.supplier, there, out)  # menus and bids were set after the plans
    for i in range(len(out)):
        discount[i] = np.float32(0.0) if out[i] else discount[i]


def show(market: Any, own: Own) -> None:
    """A retailer who is angry recommends another; nobody asks for permission there, and no firm's own discount holds."""
    c, anger = market.customers, shelf_anger(own.state["direct"], own.p)
    own.scratch["held"] = {f: c.belief[f].copy() for f in np.flatnonzero(anger)}, c.asked.copy()
    show_rows(c.bundle(ShowColumns), own.scratch["there"], anger, market.month)


@loop
def hide_rows(c, there, asked_before):
    """Who bought at the retailer was not asked, and stands in nobody's database."""
    for f in range(len(there)):
        asked, identified, there_f, before = c.asked[f], c.identified[f], there[f], asked_before[f]
        for i in range(len(asked)):
            was, now = before[i], asked[i]  # read whoever it is: no branch is faster
            asked[i] = was if there_f[i] else now
        for i in range(len(asked)):
            identified[i] = 0 if there_f[i] else identified[i]
    out, level = np.empty(len(c.supplier), dtype=np.uint8), c.level
    find_out(c.supplier, there, out)
    for i in range(len(out)):
        level[i] *= 1 - out[i]


def hide(market: Any, own: Own) -> None:
    """Beliefs are as they were; who bought at the retailer stands in nobody's database."""
    c, there = market.customers, own.scratch["there"]
    belief, asked = own.scratch.pop("held")
    for f, before in belief.items():
        np.copyto(c.belief[f], before, where=there[f].view(bool))
    hide_rows(c.bundle(ShowColumns), there, asked)


def note_loyalty(market: Any, own: Own) -> None:
    """Loyalty before it grows."""
    own.scratch["loyalty"] = market.customers.loyalty.copy()


@loop
def share_rows(c, p, there, before, direct, margins, orders, shop, ledger, signs, share):
    """Of who bought at the retailer it keeps its margin and most of the loyalty that grew; orders in the own shop, and the shop, are paid."""
    supplier, loyalty, bought, spent, profits = (
        c.supplier, c.loyalty, c.bought, c.month_spent_cents, c.month_profit_cents
    )  # fmt: skip
    at_retailer = np.empty(len(supplier), dtype=np.uint8)
    find_out(supplier, there, at_retailer)
    for i in range(len(before)):
        was, grown = before[i], loyalty[i]
        kept = np.float32(kept_loyalty(np.float64(was), np.float64(grown), p))
        loyalty[i] = kept if at_retailer[i] != 0 else grown
    sales = np.zeros((2, len(direct)), dtype=np.int64)
    for i in range(len(before)):
        f, out = supplier[i], np.int64(at_retailer[i])
        if f >= 0:
            sales[out, f] += spent[i]
            margin, order = p.retail_margin * 0.01 * spent[i], p.direct_cost * bought[i]
            enter(ledger, signs, profits, f, i, margins if out else orders, margin if out else order)
    for f in range(len(direct)):
        ledger[f, shop] += np.int64(np.rint(p.shop_cost * direct[f] * 100.0))
        total = sales[0, f] + sales[1, f]
        share[f] = sales[0, f] / total if total > 0 else np.nan


def share_money_and_loyalty(market: Any, own: Own) -> None:
    """The retailer keeps its margin, and most of the loyalty that grew; the own shop is paid."""
    share = own.scratch["share"] = np.empty(len(market.firms))
    share_rows(
        market.customers.bundle(ShareColumns), own.numbers, own.scratch["there"], own.scratch.pop("loyalty"), own.decided("direct"),
        *own.place(market, "retail_margin", "direct_orders", "own_shop"), market.ledger.current, market.ledger.signs, share,
    )  # fmt: skip


@loop
def known_rows(c, share):
    """The share of each firm's own customers who stand in its database, NaN without any."""
    supplier = c.supplier
    for f in range(len(share)):
        identified, heads, known = c.identified[f], 0, 0
        for i in range(len(supplier)):
            heads += supplier[i] == f
            known += (supplier[i] == f) & (identified[i] > 0)
        share[f] = known / heads if heads > 0 else np.nan


def known_customers(market: Any, own: Own) -> np.ndarray:
    """Share of a firm's customers who stand in its database. Unit: share. Source: Peppers & Rogers 1993."""
    share = np.empty(len(market.firms))
    known_rows(market.customers.bundle(KnownColumns), share)
    return share


def direct_sales(market: Any, own: Own) -> np.ndarray:
    """Share of a firm's sales in its own shop this month. Unit: share. Source: ours."""
    return np.asarray(own.scratch["share"])


MECHANISM = Mechanism(
    name="intermediary",
    about=__doc__,
    table=IntermediaryTable,
    decisions=IntermediaryDecisions,
    columns=(
        Column("retail_preference", "float32", "customer", "place 0 to 1", "who is reached directly last: 1 only at the retailer"),
    ),
    lines=(
        Activity("retail_margin", -1, True, "other", "what the retailer keeps"),
        Activity("direct_orders", -1, True, "other", "parcels and returns of the own shop"),
        Activity("own_shop", -1, False, "other", "the own shop"),
    ),
    draws=(
        Draw("prefers", 2130, "0 (month word: the generation)", "how strongly somebody prefers the retailer"),
        Draw("sees", 2131, "firm", "whether somebody gets to know a brand at the shelf"),
    ),
    equations=(next_direct, kept_loyalty, shelf_anger, chance_shelf),
    steps=(
        Step("after", "decide", keep_away),
        Step("after", "contact", fill_shelves),
        Step("before", "buy", show),
        Step("after", "buy", hide),
        Step("before", "relate", note_loyalty),
        Step("after", "relate", share_money_and_loyalty),
    ),
    begin=begin,
    renew=draw_places,
    metrics={"known_customers": known_customers, "direct_sales": direct_sales},
)  # fmt: skip
