"""Supply: stocks that run out or lie about, and a demand signal that is shared with suppliers or not.

A firm orders months before it sells. Where it knows only its own past orders, its forecast lags behind demand: goods run out or lie on the shelf,
and its orders swing more than demand does, the more the longer they take (the bullwhip). Where customers' plans and sales are shared along the
chain, the forecast follows demand and misses less of it; what it misses is what safety stock is held for. So the same safety takes less stock,
and goods run out about as seldom; where demand moves, fewer orders wait each time. What chance alone makes of demand nobody can share.
Who waits for goods is let down, and complains or not.

Source: Lee, Padmanabhan & Whang 1997 (the bullwhip effect); Chen, Drezner, Ryan & Simchi-Levi 2000 (its size with an order-up-to policy);
Cachon & Fisher 2000 (what shared demand information is worth); Brown 1959 (safety stock by the smoothed absolute error of the forecast).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.ledger import C
from sim.mechanisms.failing import fail
from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    draw,
    loop,
    number,
    own_heads,
    sum_by_firm,
    under_contract,
)
from sim.scenario.words import PENDING_BY

CHEN = "Chen, Drezner, Ryan & Simchi-Levi 2000 for the form; number ours"
SPREAD = 1.25
"""Standard deviation of a normal number over its mean absolute value."""
_FAILURE = PENDING_BY.index("failure")
YEAR = 12


class SupplyDecisions(Decisions):
    """How a firm orders from its suppliers."""

    shared_signal: float = number(
        0.0,
        "how far customers' plans and sales are shared with suppliers: 0 its own past orders only",
        "share",
        0.0,
        1.0,
    )
    safety: float = number(
        1.0,
        "safety stock, in standard deviations of what the forecast misses over the time that an order takes",
        "standard deviations",
        0.0,
        5.0,
    )


class SupplyTable(MechanismTable):
    """The supply chain: lead time, stock-outs, holding cost, the shared signal."""

    lead_months: int = number(2, "months that an order to suppliers takes", "months", 1, YEAR)
    smoothing: float = number(
        0.3, "weight of the last month in a forecast from own orders", "share", 0.0, 1.0, source=CHEN
    )
    error_smoothing: float = number(
        0.1,
        "weight of the last month in what the forecast is known to miss",
        "share",
        0.0,
        1.0,
        source="Brown 1959 for the form; number ours",
    )
    holding_cost: float = number(0.3, "cost of holding goods for an order a month", "money", 0.0, 1e6)
    rush_cost: float = number(
        3.0, "cost of an order that has to wait for goods: rush freight", "money", 0.0, 1e6
    )
    link_cost: float = number(0.05, "cost of the shared signal, an own customer", "money a month", 0.0, 1e5)
    stock_out_harm: float = number(0.25, "satisfaction lost by waiting for goods", "satisfaction", 0.0, 2.0)
    stock_out_belief: float = number(0.15, "belief in the firm lost by it", "utility", 0.0, 10.0)
    thinks_again: float = number(0.4, "chance that who waits will look at other firms", "chance", 0.0, 1.0)
    firms: dict[str, SupplyDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def next_forecast(forecast: Any, demand: Any, p: Any) -> Any:
    """Forecast of a month's orders from own past orders: exponential smoothing. Source: Chen et al. 2000; weight ours."""
    return forecast + p.smoothing * (demand - forecast)


def next_error(error: Any, missed: Any, p: Any) -> Any:
    """Standard deviation of what a forecast misses, from the orders that it just missed by: its mean absolute value, smoothed, times 1.25.

    Source: Brown 1959; weight ours.
    """
    return error + p.error_smoothing * (SPREAD * abs(missed) - error)


def order_up_to(forecast: Any, error: Any, safety: Any) -> Any:
    """Stock to order up to, what is on its way included: demand of the months that an order takes, and safety for what the forecast of it misses.

    What is ordered when a month ends arrives at the start of the last of these months, before its demand. Goods then last through a
    month with the chance that a standard normal number is below ``safety``. Source: Chen et al. 2000.
    """
    return forecast + safety * error


def stocked_out(demand: Any, stock: Any) -> Any:
    """Share of a month's orders that have to wait, 0 to 1; a stock below 0 is owed to earlier ones. Source: ours."""
    return np.divide(
        np.maximum(demand - np.maximum(stock, 0.0), 0.0),
        demand,
        out=np.zeros(np.shape(demand)),
        where=np.asarray(demand) > 0,
    )


# ---------------------------------------------------------------- steps


def expected(market: Any, months: range) -> np.ndarray:
    """Orders a month that own customers' needs lead to, the mean over months of the calendar, (F,); under contract one each."""
    if under_contract(market):
        return own_heads(market).astype(np.float64)
    c = market.customers
    heads, need = np.zeros(len(market.firms), dtype=np.int64), np.zeros(len(market.firms))
    sum_by_firm(c.supplier, c.need_rate, heads, need)
    return np.asarray(
        need * (sum(float(market.tables.market.season[m % YEAR]) for m in months) / len(months))
    )


def begin(market: Any, own: Own) -> None:
    """Stocks and orders on their way are those of a firm that has met its mean demand for long."""
    need, lead = expected(market, range(YEAR)), own.p.lead_months
    error = np.sqrt(need * lead)
    own.state.update(
        forecast=need, foreseen=np.tile(need[:, None] * lead, (1, lead)), error=error, stock=own.decided("safety") * error,
        on_the_way=np.tile(need[:, None], (1, lead)), orders=np.tile(need[:, None], (1, YEAR)),
        sold=np.tile(need[:, None], (1, YEAR)), short=np.zeros(len(need)),
    )  # fmt: skip


def deliver(market: Any, own: Own) -> None:
    """Goods arrive, orders are met as far as they go, and new ones are ordered."""
    p, s, months = own.p, own.state, own.p.lead_months
    demand = market.ledger.current_counts[:, C["orders"]].astype(np.float64)
    stock = s["stock"] + s["on_the_way"][:, 0]
    s["short"] = stocked_out(demand, stock)
    s["stock"] = stock - demand  # below 0: what is owed
    s["sold"] = _next_month(s["sold"], demand)
    s["error"] = next_error(s["error"], s["sold"][:, -months:].sum(axis=1) - s["foreseen"][:, 0], p)
    s["forecast"] = next_forecast(s["forecast"], demand, p)
    share = own.decided("shared_signal")
    ahead = expected(market, range(market.month + 1, market.month + 1 + months))
    seen = months * ((1.0 - share) * s["forecast"] + share * ahead)
    goal = order_up_to(seen, s["error"], own.decided("safety"))
    ordered = np.maximum(goal - s["stock"] - s["on_the_way"][:, 1:].sum(axis=1), 0.0)
    for name, new in (("foreseen", seen), ("on_the_way", ordered), ("orders", ordered)):
        s[name] = _next_month(s[name], new)


def _next_month(months: np.ndarray, new: np.ndarray) -> np.ndarray:
    """A row of months a firm, one on: the first goes, and what is new comes last."""
    moved = np.empty_like(months)
    moved[:, :-1], moved[:, -1] = months[:, 1:], new
    return moved


@loop
def wait_rows(supplier, bought, short, month, code, key0, key1, who, late):
    """Buyers of whose orders some have to wait, into ``who``; how many of them, into ``late``; gives how many buyers."""
    n, wait = 0, 0
    for i in range(len(supplier)):
        who[n] = i
        n += (supplier[i] >= 0) & (bought[i] > 0) & (short[max(supplier[i], 0)] > 0.0)
    for x in range(n):
        late[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        i = who[x]
        waits = int(late[x] < short[supplier[i]])
        for order in range(1, np.int64(bought[i])):
            waits += draw(i, order, month, code, key0, key1) < short[supplier[i]]
        who[wait], late[wait] = i, waits
        wait += waits > 0
    return wait


def disappoint(market: Any, own: Own) -> None:
    """Who has to wait is let down: a failure, complained of and answered as any other. Where it is not put right, some look elsewhere."""
    c, p = market.customers, own.p
    who, late = own.room(market)
    claim = own.claim(market, "waits")
    who = who[: wait_rows(c.supplier, c.bought, own.state["short"], *claim, who, late)]
    of = c.supplier[who].astype(np.int64)
    still = who[fail(market, own, "wait", who, of, harm=p.stock_out_harm, belief=p.stock_out_belief)]
    again = still[own.uniform(market, "looks", still) < p.thinks_again]
    c.pending[again] = 1
    c.pending_by[again] = np.maximum(c.pending_by[again], _FAILURE)
    own.charge(market, "rush_orders", who, p.rush_cost * late[: len(who)])
    heads = own_heads(market)
    own.book(market, "holding", p.holding_cost * np.maximum(own.state["stock"], 0.0))
    own.book(market, "supply_link", p.link_cost * own.decided("shared_signal") * heads)


# ---------------------------------------------------------------- what is measured


def stock_outs(market: Any, own: Own) -> np.ndarray:
    """Share of the month's orders that had to wait for goods; missing without orders. Unit: share. Source: ours."""
    return np.where(own.state["sold"][:, -1] > 0.0, own.state["short"], np.nan)


def bullwhip(market: Any, own: Own) -> np.ndarray:
    """Variance of what a firm ordered over that of what it sold, in the last 12 months: above 1 the chain swings more than demand.

    Unit: ratio. Source: Lee, Padmanabhan & Whang 1997; Chen et al. 2000.
    """
    sold, orders = own.state["sold"].var(axis=1), own.state["orders"].var(axis=1)
    return np.divide(orders, sold, out=np.full(len(sold), np.nan), where=sold > 0)


MECHANISM = Mechanism(
    name="supply",
    about=__doc__,
    table=SupplyTable,
    decisions=SupplyDecisions,
    columns=(
        Column(
            "wait_answer",
            "uint8",
            "month",
            "0 to 4",
            "what came of a wait for goods: 0 none, 1 silent, 2 complained in vain, 3 put right slowly, 4 quickly",
        ),
    ),
    lines=(
        Activity("rush_orders", -1, True, "other", "rush freight for orders that waited"),
        Activity("wait_amends", -1, True, "retention", "answering complaints about waits for goods"),
        Activity("holding", -1, False, "other", "holding stocks"),
        Activity("supply_link", -1, False, "other", "sharing the demand signal"),
    ),
    draws=(
        Draw("waits", 2150, "the order of the month", "whether an order has to wait for goods"),
        Draw("looks", 2151, "0", "whether who waits looks at other firms"),
        Draw(
            "answers_wait",
            2152,
            "0 voiced, 1 how severe, 2 put right, 3 quickly",
            "what comes of a wait for goods",
        ),
    ),
    equations=(next_forecast, next_error, order_up_to, stocked_out),
    steps=(Step("after", "buy", deliver), Step("after", "serve", disappoint)),
    begin=begin,
    metrics={"stock_outs": stock_outs, "bullwhip": bullwhip},
)
