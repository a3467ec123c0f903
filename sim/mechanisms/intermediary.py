"""Intermediary: a retailer between the firm and those who use its goods, and what going direct changes.

Who buys at a retailer is the retailer's customer. The firm sees what it sells in all, not to whom: nobody stands in its database, so that it can
neither tell its customers apart nor write to them; the retailer keeps a margin, decides on service, and keeps most of the loyalty. In
return its shelves make brands known. A firm that goes direct knows its buyers and keeps the margin, pays for shop and parcels,
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
    strike_out(market, at_retailer(market, own))


def at_retailer(market: Any, own: Own) -> np.ndarray:
    """Who would buy each firm's goods at the retailer, bool (F, N)."""
    return np.asarray(market.customers.retail_preference >= own.state["direct"][:, None])


def bought_there(market: Any, own: Own) -> np.ndarray:
    """Numbers of those whose supplier's goods come from the retailer."""
    c = market.customers
    ids = np.flatnonzero(c.supplier >= 0)
    return ids[c.retail_preference[ids] >= own.state["direct"][c.supplier[ids]]]


def strike_out(market: Any, there: np.ndarray) -> None:
    """Who buys at the retailer stands in nobody's database, and lets nobody write; who said no has still said no."""
    c = market.customers
    c.identified[there] = 0
    c.permission[there & (c.permission != _OPTED_OUT)] = 0


def keep_away(market: Any, own: Own) -> None:
    """What a firm plans for its customers does not reach the retailer's; whom its own shop reaches now begins a new record there."""
    c, before = market.customers, at_retailer(market, own)
    own.state["direct"] = next_direct(own.state["direct"], own.decided("direct"), own.p)
    ids = bought_there(market, own)
    c.level[ids], c.discount[ids], c.social[ids], c.structural[ids] = 0, 0.0, 0, 0
    there = at_retailer(market, own)
    strike_out(market, there)
    known_now = before & ~there
    for record in (c.spent, c.recent_spend, c.recent_profit):
        record[known_now] = 0.0  # what was bought at the retailer


def fill_shelves(market: Any, own: Own) -> None:
    """Shelves make brands known, before anybody looks around."""
    c, there = market.customers, at_retailer(market, own)
    everybody = np.arange(len(c))
    for f, reach in enumerate(chance_shelf(own.state["direct"], own.p)):
        luck = own.uniform(market, "sees", everybody, f)
        new = there[f] & (c.aware[f] == 0) & (c.barred[f] == 0) & (luck < reach)
        c.aware[f, new], c.aware_month[f, new], c.aware_by[f, new] = 1, market.month, _BY_SHELF


def show(market: Any, own: Own) -> None:
    """A retailer who is angry recommends another; nobody asks for permission there, and no firm's own discount holds."""
    c, there = market.customers, at_retailer(market, own)
    c.discount[bought_there(market, own)] = 0.0  # menus, bargains and bids were set after the plans
    own.scratch["held"] = (there, c.belief[there], c.asked[there])
    anger = np.broadcast_to(shelf_anger(own.state["direct"], own.p)[:, None], there.shape)
    c.belief[there] -= anger[there].astype(np.float32)
    c.asked[there] = market.month + 1


def hide(market: Any, own: Own) -> None:
    """Beliefs are as they were; who bought at the retailer stands in nobody's database."""
    c = market.customers
    there, belief, asked = own.scratch.pop("held")
    c.belief[there], c.asked[there] = belief, asked
    c.identified[there] = 0
    c.level[bought_there(market, own)] = 0


def note_loyalty(market: Any, own: Own) -> None:
    """Loyalty before it grows."""
    own.scratch["loyalty"] = market.customers.loyalty.copy()


def share_money_and_loyalty(market: Any, own: Own) -> None:
    """The retailer keeps its margin, and most of the loyalty that grew; the own shop is paid."""
    c, p, before = market.customers, own.p, own.scratch.pop("loyalty")
    ids = bought_there(market, own)
    c.loyalty[ids] = kept_loyalty(before[ids].astype(np.float64), c.loyalty[ids].astype(np.float64), p)
    own.charge(market, "retail_margin", ids, p.retail_margin * 0.01 * c.month_spent_cents[ids])
    direct = np.setdiff1d(np.flatnonzero(c.supplier >= 0), ids, assume_unique=True)
    own.charge(market, "direct_orders", direct, p.direct_cost * c.bought[direct])
    own.book(market, "own_shop", p.shop_cost * own.decided("direct"))
    firms = len(market.firms)
    spend = c.month_spent_cents.astype(np.float64)
    all_of = np.bincount(c.supplier[c.supplier >= 0], weights=spend[c.supplier >= 0], minlength=firms)
    of_own = np.bincount(c.supplier[direct], weights=spend[direct], minlength=firms)
    own.scratch["share"] = np.divide(of_own, all_of, out=np.full(firms, np.nan), where=all_of > 0)


def known_customers(market: Any, own: Own) -> np.ndarray:
    """Share of a firm's customers who stand in its database. Unit: share. Source: Peppers & Rogers 1993."""
    c, firms = market.customers, len(market.firms)
    ids = np.flatnonzero(c.supplier >= 0)
    heads = np.bincount(c.supplier[ids], minlength=firms)
    known = np.bincount(c.supplier[ids], weights=c.identified[c.supplier[ids], ids] > 0, minlength=firms)
    return np.divide(known, heads, out=np.full(firms, np.nan), where=heads > 0)


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
