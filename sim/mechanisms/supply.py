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
    columns,
    draw,
    enter,
    loop,
    number,
    own_heads,
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
    return np.maximum(demand - np.maximum(stock, 0.0), 0.0) / np.maximum(demand, 1e-300)


# ---------------------------------------------------------------- steps


@loop
def need_rows(supplier, need_rate, need):
    """Needs of each firm's own customers, added up customer after customer; the last are of nobody's."""
    for i in range(len(supplier)):
        need[supplier[i]] += np.float64(need_rate[i])


def expected(market: Any, months: range) -> np.ndarray:
    """Orders a month that own customers' needs lead to, the mean over months of the calendar, (F,); under contract one each."""
    if under_contract(market):
        return own_heads(market).astype(np.float64)
    c, season, need = market.customers, market.tables.market.season, np.zeros(len(market.firms) + 1)
    need_rows(c.supplier, c.need_rate, need)
    return np.asarray(need[:-1] * (sum([float(season[m % YEAR]) for m in months]) / len(months)))


def begin(market: Any, own: Own) -> None:
    """Stocks and orders on their way are those of a firm that has met its mean demand for long."""
    need, lead = expected(market, range(YEAR)), own.p.lead_months
    error = np.sqrt(need * lead)
    own.state.update(
        forecast=need, foreseen=np.tile(need[:, None] * lead, (1, lead)), error=error, stock=own.decided("safety") * error,
        on_the_way=np.tile(need[:, None], (1, lead)), orders=np.tile(need[:, None], (1, YEAR)),
        sold=np.tile(need[:, None], (1, YEAR)), short=np.zeros(len(need)),
    )  # fmt: skip


def next_month(months: Any, f: Any, new: Any) -> None:
    """A firm's row of months, one on: the first goes, and what is new comes last. Source: ours."""
    for k in range(months.shape[1] - 1):
        months[f, k] = months[f, k + 1]
    months[f, months.shape[1] - 1] = new


@loop
def order_rows(
    p, demand, sold, due, ahead, shared_signal, safety, short, stock, error, forecast, foreseen, on_the_way, orders
):  # fmt: skip
    """Goods arrive, orders are met as far as they go, and new ones are ordered; ``sold``, ``due``: in the months of an order, and on its way then."""
    for f in range(len(demand)):
        there = stock[f] + on_the_way[f, 0]
        short[f] = stocked_out(demand[f], there)
        stock[f] = there - demand[f]  # below 0: what is owed
        error[f] = next_error(error[f], sold[f] - foreseen[f, 0], p)
        forecast[f] = next_forecast(forecast[f], demand[f], p)
        seen = p.lead_months * ((1.0 - shared_signal[f]) * forecast[f] + shared_signal[f] * ahead[f])
        ordered = max(order_up_to(seen, error[f], safety[f]) - stock[f] - due[f], 0.0)
        next_month(foreseen, f, seen)
        next_month(on_the_way, f, ordered)
        next_month(orders, f, ordered)


def deliver(market: Any, own: Own) -> None:
    """Goods arrive, orders are met as far as they go, and new ones are ordered."""
    s, months = own.state, own.p.lead_months
    demand = market.ledger.current_counts[:, C["orders"]].astype(np.float64)
    s["sold"][:, :-1], s["sold"][:, -1] = s["sold"][:, 1:], demand
    sold, due = np.add.reduce(s["sold"][:, -months:], axis=1), np.add.reduce(s["on_the_way"][:, 1:], axis=1)
    ahead = expected(market, range(market.month + 1, market.month + 1 + months))
    order_rows(
        own.numbers, demand, sold, due, ahead, own.decided("shared_signal"), own.decided("safety"),
        *(s[name] for name in ("short", "stock", "error", "forecast", "foreseen", "on_the_way", "orders")),
    )  # fmt: skip


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


LookColumns = columns("LookColumns", "pending", "pending_by", "month_profit_cents")


@loop
def look_rows(
    c, p, who, of, late, still, month, code, key0, key1, stock, shared_signal, heads, rush, holding, link, ledger, signs
):  # fmt: skip
    """Of whose wait was not put right, ``still``, some look elsewhere; rush freight, stocks and the signal are paid, on three lines."""
    for x in range(len(who)):
        i = who[x]
        enter(ledger, signs, c.month_profit_cents, of[x], i, rush, p.rush_cost * late[x])
        if still[x] and draw(i, 0, month, code, key0, key1) < p.thinks_again:
            c.pending[i], c.pending_by[i] = 1, max(c.pending_by[i], _FAILURE)
    for f in range(len(stock)):
        ledger[f, holding] += np.int64(np.rint(p.holding_cost * max(stock[f], 0.0) * 100.0))
        ledger[f, link] += np.int64(np.rint(p.link_cost * shared_signal[f] * heads[f] * 100.0))


def disappoint(market: Any, own: Own) -> None:
    """Who has to wait is let down: a failure, complained of and answered as any other. Where it is not put right, some look elsewhere."""
    c, p, book = market.customers, own.p, market.ledger
    who, late = own.room(market)
    claim = own.claim(market, "waits")
    who = who[: wait_rows(c.supplier, c.bought, own.state["short"], *claim, who, late)]
    of = c.supplier[who].astype(np.int64)
    still = fail(market, own, "wait", who, of, harm=p.stock_out_harm, belief=p.stock_out_belief)
    lines = own.place(market, "rush_orders", "holding", "supply_link")
    look_rows(
        c.bundle(LookColumns), own.numbers, who, of, late, still, *own.claim(market, "looks"), own.state["stock"],
        own.decided("shared_signal"), own_heads(market), *lines, book.current, book.signs,
    )  # fmt: skip


# ---------------------------------------------------------------- what is measured


def stock_outs(market: Any, own: Own) -> np.ndarray:
    """Share of the month's orders that had to wait for goods; missing without orders. Unit: share. Source: ours."""
    return np.where(own.state["sold"][:, -1] > 0.0, own.state["short"], np.nan)


def bullwhip(market: Any, own: Own) -> np.ndarray:
    """Variance of what a firm ordered over that of what it sold, in the last 12 months: above 1 the chain swings more than demand.

    Unit: ratio. Source: Lee, Padmanabhan & Whang 1997; Chen et al. 2000.
    """
    both = np.array([own.state["sold"], own.state["orders"]])
    away = both - np.add.reduce(both, axis=2, keepdims=True) / YEAR
    sold, orders = np.add.reduce(away * away, axis=2) / YEAR
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
