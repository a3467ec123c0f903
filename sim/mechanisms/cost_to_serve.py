"""Cost to serve: what a customer costs beyond the goods, by nine drivers; what a firm can do about it.

Two customers of equal sales can differ by the whole margin: one orders standard goods in full boxes and pays at once, another wants
custom goods, small lots, rush delivery and a salesman at the table. Activity-based costing books each driver on the customer who
causes it. Most drivers grow with what is ordered, though less than in proportion (`with_size`): what a customer uses of them decides whether
a large one is among the most or the least profitable. A firm can look inside first (better processes), price the drivers (a menu), ask a
minimum order, or end relationships; what it built up in overhead goes slowly when they go.

Source: Kaplan & Narayanan 2001 (drivers, whale curve, look inside first); Shapiro, Rangan, Moriarty & Ross 1987 (customers by cost to serve).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from math import sqrt
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
    clip,
    columns,
    draw,
    exp,
    firm_bits,
    log,
    loop,
    normal,
    number,
    own_heads,
)

KAPLAN = "Kaplan & Narayanan 2001 for the driver; number ours"

DRIVERS = {
    "custom_products": ("order", True, "making custom products instead of standard ones"),
    "small_orders": ("order", False, "picking and billing small quantities"),
    "unpredictable_orders": ("order", True, "orders that arrive when nobody expects them"),
    "custom_delivery": ("order", True, "delivery to the customer's own wishes"),
    "changed_delivery": ("order", True, "changes after the order was taken"),
    "manual_processing": ("order", False, "orders that no system takes"),
    "presales_support": ("month", True, "visits and advice before the sale"),
    "postsales_support": ("month", True, "installation, training and repairs after it"),
    "slow_payment": ("spend", False, "money that is waited for"),
}
"""The nine drivers: what each is counted by (an order, a month of the relationship, a month's spend), whether it grows with what is ordered, and
what it is. What a driver that grows costs is said for an order, or a month, of the market's mean size. Billing a small lot or typing in an order costs
the same whatever is ordered; waiting for a payment is a share of it already."""
GROW_WITH_ORDERS = [name for name, (by, grows, _) in DRIVERS.items() if grows and by == "order"]


class CostToServeDecisions(Decisions):
    """What a firm does about the cost to serve."""

    process: float = number(0.0, "effort of improving its own processes", "share", 0.0, 1.0)
    menu: float = number(
        0.0, "how far drivers are priced: 1 charges their cost to who causes it", "share", 0.0, 1.0
    )
    minimum_order: float = number(
        0.0,
        "least order that is taken; smaller ones are put together; under contract there are no orders, and it does nothing",
        "money",
        0.0,
        1e6,
    )


class CostToServeTable(MechanismTable):
    """Cost to serve by nine drivers, and what firms do about it."""

    spread: float = number(0.8, "spread of the use of drivers: sd of its logarithm", "log units", 0.0, 3.0)
    alike: float = number(
        0.6,
        "how far a demanding customer is demanding in everything: correlation of the drivers",
        "correlation",
        0.0,
        1.0,
    )
    with_size: float = number(
        0.5,
        "how drivers grow with what is ordered: their cost goes with this power of an order's or a month's money, and is a fixed sum at 0, a share at 1",
        "exponent",
        0.0,
        1.0,
        source="Kaplan & Narayanan 2001: cost to serve grows with volume; number ours",
    )
    custom_products: float = number(
        0.6, "cost of custom products, for an order of mean size", "money", 0.0, 1e6, source=KAPLAN
    )
    small_orders: float = number(0.4, "cost an order of small quantities", "money", 0.0, 1e6, source=KAPLAN)
    unpredictable_orders: float = number(
        0.3, "cost of unpredictable arrival, for an order of mean size", "money", 0.0, 1e6, source=KAPLAN
    )
    custom_delivery: float = number(
        0.4, "cost of delivery as wished, for an order of mean size", "money", 0.0, 1e6, source=KAPLAN
    )
    changed_delivery: float = number(
        0.2, "cost of changes, for an order of mean size", "money", 0.0, 1e6, source=KAPLAN
    )
    manual_processing: float = number(
        0.3, "cost an order of manual processing", "money", 0.0, 1e6, source=KAPLAN
    )
    presales_support: float = number(
        0.4, "cost of support before the sale, for a month of mean orders", "money", 0.0, 1e6, source=KAPLAN
    )
    postsales_support: float = number(
        0.6, "cost of support after the sale, for a month of mean orders", "money", 0.0, 1e6, source=KAPLAN
    )
    slow_payment: float = number(
        0.01, "cost of waiting for a payment", "share of spend", 0.0, 1.0, source=KAPLAN
    )
    process_gain: float = number(
        0.5, "share of the drivers' cost that the best processes save", "share", 0.0, 1.0
    )
    process_speed: float = number(0.08, "how fast processes follow the effort", "share a month", 0.0, 1.0)
    process_cost: float = number(0.15, "cost of full effort, an own customer and month", "money", 0.0, 1e6)
    menu_response: float = number(
        0.4, "share of a driver's use that customers give up when they pay its cost", "share", 0.0, 1.0
    )
    menu_discount: float = number(
        0.10, "largest discount of a menu, for who uses little", "share of list price", 0.0, 0.5
    )
    menu_surcharge: float = number(0.30, "largest surcharge of a menu", "share of list price", 0.0, 0.3)
    minimum_annoys: float = number(
        0.5, "utility lost where a minimum order stands, times the share of orders lost", "utility", 0.0, 10.0
    )
    overhead: float = number(
        0.3, "fixed overhead that serving builds up, in shares of the drivers' cost", "share", 0.0, 5.0
    )
    overhead_rise: float = number(
        0.25, "how fast overhead grows to what is needed", "share a month", 0.0, 1.0
    )
    overhead_fall: float = number(
        0.02, "how fast overhead shrinks when less is needed", "share a month", 0.0, 1.0,
        source="Kaplan & Narayanan 2001: capacity stays when customers go; number ours",
    )  # fmt: skip
    firms: dict[str, CostToServeDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def driver_use(z: Any, spread: float) -> Any:
    """How much a customer uses a driver, relative: lognormal of mean 1, from a standard normal number. Source: ours."""
    return exp(spread * z - 0.5 * spread * spread)


def larger(size: Any, p: Any) -> Any:
    """How much more a driver costs by the size of an order or of a month's orders, in multiples of the mean size: a power of it.

    At exponent 0 every order costs the same; at 1 a driver is a share of what is ordered.
    Source: Kaplan & Narayanan 2001 for the growth with volume; the form (constant elasticity) ours.
    """
    return exp(p.with_size * log(clip(size, 1e-9, 1e9)))


def process_saving(process: Any, menu: Any, p: Any) -> Any:
    """The share of the drivers' cost that is left with a firm's processes and its menu.

    Better processes lower the cost without a change of the customer; a priced driver is used less.
    Source: Kaplan & Narayanan 2001 for both ways; numbers ours.
    """
    return (1.0 - p.process_gain * process) * (1.0 - p.menu_response * menu)


def menu_price(ratio: Any, mean: Any, menu: Any, p: Any) -> Any:
    """What a menu adds to a customer's price, as a share of it: the own cost to serve less the average, each as a share of spend.

    The average is that of all spend (their cost over their spend), so a menu by itself moves no money where no bound binds.

    Between the largest discount and the largest surcharge. Source: Kaplan & Narayanan 2001 (menu-based pricing).
    """
    return menu * clip(ratio - mean, -p.menu_discount, p.menu_surcharge)


def next_overhead(overhead: Any, needed: Any, p: Any) -> Any:
    """Overhead a month later: it grows fast to what is needed and shrinks slowly. Source: Kaplan & Narayanan 2001; speeds ours."""
    more = needed - overhead
    return overhead + p.overhead_rise * np.maximum(more, 0.0) + p.overhead_fall * np.minimum(more, 0.0)


# ---------------------------------------------------------------- steps


USES = tuple(f"uses_{name}" for name in DRIVERS)
SizeColumns = columns("SizeColumns", "basket", "need_rate", *USES)


@loop
def use_rows(ids, c, sized, mean, contract, generation, code, key0, key1, p):
    """How much some people use each driver: one common part, one part of the driver's own, and their size.

    ``sized``: by what each driver grows, 0 nothing, 1 an order, 2 a month; ``mean``: the mean order and month of the market, in money.
    """
    size, common, use = np.empty((3, len(ids))), np.empty(len(ids)), np.empty(len(ids))
    for x in range(len(ids)):
        basket = np.float64(c.basket[ids[x]])
        month = basket if contract else basket * np.float64(c.need_rate[ids[x]])
        size[0, x], size[1, x], size[2, x] = 1.0, larger(basket / mean[0], p), larger(month / mean[1], p)
    for x in range(len(ids)):
        common[x] = normal(draw(ids[x], 0, np.int64(generation[ids[x]]), code, key0, key1))
    uses = (
        c.uses_custom_products, c.uses_small_orders, c.uses_unpredictable_orders, c.uses_custom_delivery, c.uses_changed_delivery,
        c.uses_manual_processing, c.uses_presales_support, c.uses_postsales_support, c.uses_slow_payment,
    )  # fmt: skip
    for k in range(len(uses)):
        of_driver, larger_by = uses[k], size[sized[k]]
        for x in range(len(ids)):
            use[x] = draw(ids[x], k + 1, np.int64(generation[ids[x]]), code, key0, key1)
        for x in range(len(ids)):
            use[x] = normal(use[x])
        for x in range(len(ids)):
            use[x] = driver_use(sqrt(p.alike) * common[x] + sqrt(1.0 - p.alike) * use[x], p.spread)
        for x in range(len(ids)):
            of_driver[ids[x]] = use[x] * larger_by[x]


def mean_sizes(tables: Any) -> np.ndarray:
    """The mean order of the scenario's customers and the mean of what one orders in a month, float64 (2,), in money at list price."""
    segments = tables.segments.values()
    share = np.array([s.share for s in segments]) / sum(s.share for s in segments)
    order = np.array([s.basket.mean for s in segments])
    bills = tables.market.setting == "contract"
    month = order * [1.0 if bills else s.need_rate.mean for s in segments]
    return np.array([(share * order).sum(), (share * month).sum()])


def _sized() -> np.ndarray:
    """By what each driver grows: 0 nothing, 1 an order, 2 a month."""
    return np.array([grows * (1 + (by == "month")) for by, grows, _ in DRIVERS.values()])


def draw_uses(market: Any, own: Own, ids: np.ndarray) -> None:
    """How much each customer uses each driver, an order or a month: by chance, and by size."""
    use_rows(
        ids,
        market.customers.bundle(SizeColumns),
        *own.follows("sizes", lambda: (_sized(), mean_sizes(market.tables))),
        market.tables.market.setting == "contract",
        *own.of_traits(market, "uses"),
        own.numbers,
    )


def begin(market: Any, own: Own) -> None:
    """The first customers' use of drivers; nobody has overhead or better processes yet."""
    firms = len(market.firms)
    own.state.update(process=np.zeros(firms), overhead=np.zeros(firms))
    draw_uses(market, own, np.arange(len(market.customers)))


MenuColumns = columns("MenuColumns", "supplier", "basket", "need_rate", "discount", *USES)


def expected_costs(c: Any, i: Any, p: Any) -> Any:
    """What the drivers of a customer are expected to cost, before any saving: an order, and a month, in money. Source: ours."""
    order = np.float64(np.float32(p.custom_products) * c.uses_custom_products[i])
    order += np.float64(np.float32(p.small_orders) * c.uses_small_orders[i])
    order += np.float64(np.float32(p.unpredictable_orders) * c.uses_unpredictable_orders[i])
    order += np.float64(np.float32(p.custom_delivery) * c.uses_custom_delivery[i])
    order += np.float64(np.float32(p.changed_delivery) * c.uses_changed_delivery[i])
    order += np.float64(np.float32(p.manual_processing) * c.uses_manual_processing[i])
    month = np.float64(np.float32(p.presales_support) * c.uses_presales_support[i])
    return order, month + np.float64(np.float32(p.postsales_support) * c.uses_postsales_support[i])


@loop
def menu_rows(c, p, process, menu, contract):
    """The menu's price of customers whose firm prices drivers goes into their discount: by their expected cost to serve as a share of what they spend at list price.

    Under contract one order a month is expected (one bill, whatever the need).
    """
    n, prices, firms = 0, firm_bits(menu), len(menu)
    who, ratio = np.empty(len(c.supplier), dtype=np.int64), np.empty(len(c.supplier))
    left, cost, spend = np.empty(firms), np.zeros(firms), np.zeros(firms)
    for f in range(firms):
        left[f] = process_saving(process[f], menu[f], p)
    for i in range(len(c.supplier)):
        who[n] = i
        n += prices >> (c.supplier[i] + 1) & 1
    for x in range(n):
        i = who[x]
        f, basket = c.supplier[i], np.float64(c.basket[i])
        mine = basket if contract else basket * np.float64(c.need_rate[i])
        order, month = expected_costs(c, i, p)
        waiting = np.float32(p.slow_payment) * c.uses_slow_payment[i]
        ratio[x] = (order / basket + month / mine + np.float64(waiting)) * left[f]
        cost[f] += ratio[x] * mine
        spend[f] += mine
    for x in range(n):
        i = who[x]
        f = c.supplier[i]
        mean = cost[f] / spend[f] if spend[f] > 0.0 else 0.0
        more = menu_price(ratio[x], mean, menu[f], p)
        c.discount[i] = clip(np.float64(c.discount[i]) - more, -0.3, 0.9)


def price_menu(market: Any, own: Own) -> None:
    """Where a firm prices drivers, its customers pay more or less than the list price, by what serving them costs."""
    menu = own.decided("menu")
    if not own.follows("any menu", menu.any):
        return
    contract = market.tables.market.setting == "contract"
    here = market.customers.bundle(MenuColumns)
    menu_rows(here, own.numbers, own.state["process"], menu, contract)


def put_orders_together(market: Any, own: Own) -> None:
    """Own customers of a firm with a minimum order come less often, with larger orders; it costs some goodwill.

    Under contract a month's bill is not an order: it comes whatever the need, and nothing can be put together.
    """
    least = own.decided("minimum_order")
    if not own.follows("any minimum", least.any) or market.tables.market.setting == "contract":
        return
    c = market.customers
    ids = np.flatnonzero(c.supplier >= 0)
    firm = c.supplier[ids].astype(np.int64)
    price = np.array([float(f.plan.price) for f in market.firms])
    times = least[firm] / (c.basket[ids] * price[firm])
    ids, firm, times = ids[times > 1.0], firm[times > 1.0], times[times > 1.0]
    own.scratch["held"] = (
        ids,
        firm,
        c.basket[ids].copy(),
        c.need_rate[ids].copy(),
        c.belief[firm, ids].copy(),
    )
    own.scratch["together"] = ids, larger(times, own.p)
    c.basket[ids] *= times
    c.need_rate[ids] /= times
    c.belief[firm, ids] -= own.p.minimum_annoys * (1.0 - 1.0 / times)


def take_orders_apart(market: Any, own: Own) -> None:
    """What the minimum order changed for the month's purchases is as it was."""
    if "held" not in own.scratch:
        return
    c = market.customers
    ids, firm, basket, need, belief = own.scratch.pop("held")
    c.basket[ids], c.need_rate[ids], c.belief[firm, ids] = basket, need, belief


SERVE = ("supplier", "bought", "month_spent_cents", "month_profit_cents")
ServeColumns = columns("ServeColumns", *SERVE, *USES)


@loop
def driver_rows(c, p, process, overhead, effort, menu, heads, bought, always, by_firm, ledger):
    """What the nine drivers cost own customers; then overhead and better processes follow, and are paid.

    ``bought``, ``always``: places in the ledger of those that a purchase causes, and of the others, in the order of `DRIVERS`; ``by_firm``: of
    overhead and of better processes. Cents go to the ledger when all are added up: entered one by one they take twice the time.
    """
    n, left, who = 0, np.empty(len(process)), np.empty(len(c.supplier), dtype=np.int64)
    of_orders, of_months = np.zeros((len(left), len(bought)), np.int64), np.zeros((len(left), 2), np.int64)
    for f in range(len(process)):
        left[f] = process_saving(process[f], menu[f], p)
    for i in range(len(c.supplier)):
        who[n] = i
        n += (c.supplier[i] >= 0) & (c.bought[i] > 0)
    for x in range(n):
        i = who[x]
        f, total = c.supplier[i], np.int64(0)
        orders, spend = left[f] * c.bought[i], left[f] * (c.month_spent_cents[i] * 0.01)
        money = (
            orders * p.custom_products * c.uses_custom_products[i],
            orders * p.small_orders * c.uses_small_orders[i],
            orders * p.unpredictable_orders * c.uses_unpredictable_orders[i],
            orders * p.custom_delivery * c.uses_custom_delivery[i],
            orders * p.changed_delivery * c.uses_changed_delivery[i],
            orders * p.manual_processing * c.uses_manual_processing[i],
            spend * p.slow_payment * c.uses_slow_payment[i],
        )
        for k in range(len(money)):
            cents = np.int64(np.rint(money[k] * 100.0))
            of_orders[f, k] += cents
            total += cents
        c.month_profit_cents[i] -= total
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f < 0:
            continue
        before = np.int64(np.rint(left[f] * p.presales_support * c.uses_presales_support[i] * 100.0))
        after = np.int64(np.rint(left[f] * p.postsales_support * c.uses_postsales_support[i] * 100.0))
        of_months[f, 0] += before
        of_months[f, 1] += after
        c.month_profit_cents[i] -= before + after
    for f in range(len(process)):
        for k in range(len(bought)):
            ledger[f, bought[k]] += of_orders[f, k]
        for k in range(len(always)):
            ledger[f, always[k]] += of_months[f, k]
        cost = (of_orders[f].sum() + of_months[f].sum()) / 100.0
        overhead[f] = next_overhead(overhead[f], p.overhead * cost, p)
        ledger[f, by_firm[0]] += np.int64(np.rint(overhead[f] * 100.0))
        ledger[f, by_firm[1]] += np.int64(np.rint(p.process_cost * effort[f] * heads[f] * 100.0))
        process[f] += p.process_speed * (effort[f] - process[f])


@contextlib.contextmanager
def _larger_orders(market: Any, own: Own) -> Iterator[None]:
    """Inside, the drivers of orders that were put together cost by the size that these have."""
    if "together" not in own.scratch:
        yield
        return
    ids, more = own.scratch.pop("together")
    grown = [getattr(market.customers, f"uses_{name}") for name in GROW_WITH_ORDERS]
    as_was = [use[ids] for use in grown]
    for use in grown:
        use[ids] *= more
    yield
    for use, before in zip(grown, as_was, strict=True):
        use[ids] = before


def _lines(market: Any, own: Own) -> tuple[np.ndarray, ...]:
    """Places in the ledger of the drivers that a purchase causes, of those by the month, of overhead and better processes, and of all drivers."""
    lines = np.array(own.place(market, *DRIVERS))
    monthly = np.array([by == "month" for by, _, _ in DRIVERS.values()])
    by_firm = np.array(own.place(market, "serving_overhead", "process_improvement"))
    return lines[~monthly], lines[monthly], by_firm, lines


def serve(market: Any, own: Own) -> None:
    """Each driver's cost is booked on who caused it; overhead and better processes on the firm."""
    process, overhead = (own.state[name].copy() for name in ("process", "overhead"))
    here, heads = market.customers.bundle(ServeColumns), own_heads(market)
    bought, always, by_firm, _ = own.follows("lines", lambda: _lines(market, own))
    decided, ledger = (own.decided("process"), own.decided("menu")), market.ledger.current
    with _larger_orders(market, own):
        driver_rows(here, own.numbers, process, overhead, *decided, heads, bought, always, by_firm, ledger)
    own.state.update(process=process, overhead=overhead)


def driver_cost(market: Any, own: Own) -> np.ndarray:
    """Cost of the nine drivers, an own customer. Unit: money a customer-month. Source: Kaplan & Narayanan 2001."""
    lines, heads = own.follows("lines", lambda: _lines(market, own))[-1], market.heads[-1]
    cost = market.ledger.months[-1].take(lines, axis=1).sum(axis=1) / 100.0
    return cost / np.where(heads > 0, heads, np.nan)  # type: ignore[no-any-return]


MECHANISM = Mechanism(
    name="cost_to_serve",
    about=__doc__,
    table=CostToServeTable,
    decisions=CostToServeDecisions,
    columns=tuple(
        Column(
            f"uses_{name}",
            "float32",
            "customer",
            "multiple",
            f"use of the driver, relative to a mean one: {meaning}",
        )
        for name, (_, _, meaning) in DRIVERS.items()
    ),
    lines=(
        *(Activity(name, -1, True, "other", meaning) for name, (_, _, meaning) in DRIVERS.items()),
        Activity("serving_overhead", -1, False, "other", "overhead that serving built up; it shrinks slowly"),
        Activity("process_improvement", -1, False, "other", "making its own processes better"),
    ),
    draws=(
        Draw("uses", 2000, "0 common, 1 to 9 the driver (month word: the generation)", "use of the drivers"),
    ),
    equations=(driver_use, larger, process_saving, menu_price, next_overhead),
    steps=(
        Step("after", "decide", price_menu),
        Step("before", "buy", put_orders_together),
        Step("after", "buy", take_orders_apart),
        Step("after", "relate", serve),
    ),
    begin=begin,
    renew=draw_uses,
    metrics={"driver_cost": driver_cost},
)
