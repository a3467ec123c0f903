"""The brand-switching matrix of a market: where the next purchase is, given where the last one was.

Source: Rust, Lemon & Zeithaml 2004. What the matrix cannot know, and how far it is from the true value, stands in
docs/lives_and_values.md; `benchmarks/switching.py` prints it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import A, C
from sim.scenario.words import REASONS
from sim.value import brand_switching

if TYPE_CHECKING:
    from sim.market import Market

WINDOW = 12
YEARS = 10
"""Years ahead of the methods that have a horizon."""

Forecast = tuple[np.ndarray, dict[int, str]]


def by_switching(market: Market, years: float = YEARS) -> Forecast:
    """The brand-switching matrix, by segment: where the next purchase is, given where the last one was.

    Counts of the last 12 months, with 0.5 added for each brand, and a last column for those whose need ended; ten
    years unless said; volume, margin and purchases a year as in those months; the first step is from a month's end.
    Source: Rust, Lemon & Zeithaml 2004.
    """
    values, c = np.zeros(len(market.customers)), market.customers
    i = market.tables.market.discount_rate
    counts, stops, rate = switching_counts(market)
    margin, order = margin_share(market), order_value(market)
    free = market.tables.market.setting == "free"
    for g in range(len(market.tables.segments)):
        brands = counts[g] + 0.5
        per_month = float(rate[g])
        if per_month <= 0.0:
            continue
        chances = np.column_stack([brands, stops[g]])
        matrix = np.vstack([chances / chances.sum(axis=1, keepdims=True), np.eye(len(brands) + 1)[-1]])
        volume = np.append(order * _relative_basket(market, g), 0.0)
        # purchase 0 of the sum is the next one: an interval from now, and booked when its month ends
        step = 1.0 / (12.0 * per_month)
        late = 0.5 / 12.0 if free else 0.0
        for f in range(len(brands)):
            own = (c.supplier == f) & (c.segment == g)
            if own.any():
                first = _from_months_end(f, brands[f], stops[g, f], per_month, free)
                worth = brand_switching(
                    first, matrix, per_year=12.0 * per_month, years=max(0.0, years - step), discount=i,
                    volume=volume, margin=np.append(margin, 0.0),
                )[f]  # fmt: skip
                values[own] = worth * (1.0 + i) ** -(step + late)
    why = {f: "no sale in the last 12 months" for f in range(len(market.firms)) if np.isnan(order[f])}
    return values, why


def _from_months_end(f: int, brands: np.ndarray, stops: float, per_month: float, free: bool) -> np.ndarray:
    """Where the next purchase is of who is firm f's customer when a month is over, and whether the need ends before it, (F + 1,).

    The matrix counts from one purchase to the next. People think again once a month, so that the first purchase of a month
    takes all of its moves; and needs end when months do, after the month's purchases.
    """
    quiet = float(np.exp(-per_month)) if free else 0.0
    chances = brands / brands.sum() * per_month / (1.0 - quiet)
    chances *= min(1.0, 1.0 / max(chances.sum() - chances[f], 1e-300))
    chances[f] = 0.0
    chances[f] = 1.0 - chances.sum()
    ends = per_month * stops / brands.sum()
    stop = quiet * ends / (1.0 - quiet * (1.0 - ends))
    return np.append(chances * (1.0 - stop), stop)


def switching_counts(market: Market) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of purchases of the last 12 months, by segment.

    Returns
    -------
    float64 (G, F, F), purchases at the column's firm that followed one at the row's; (G, F), how many bought no more
    because the need ended; (G,), purchases a customer and month. Moves are those that were recorded; how the firms'
    other purchases are spread over segments follows the months that their customers were theirs, times what they need.
    """
    c, n = market.customers, len(market.firms)
    segments = len(market.tables.segments)
    moves, gone, stops = np.zeros((segments, n, n)), np.zeros((n, n)), np.zeros(n)
    for d in market.departures:
        if int(d["month"][0]) < market.month - WINDOW:
            continue
        is_here = d["generation"] == c.generation[d["customer"]]
        known, unknown = (d["to"] >= 0) & is_here, (d["to"] >= 0) & ~is_here
        np.add.at(moves, (c.segment[d["customer"][known]], d["firm"][known], d["to"][known]), 1.0)
        np.add.at(gone, (d["firm"][unknown], d["to"][unknown]), 1.0)
        ended = d["reason"] == REASONS.index("need ended")
        stops += np.bincount(d["firm"][ended], minlength=n)
    weights, months = _spread_of_purchases(market)
    share = np.divide(weights, weights.sum(axis=0), out=np.zeros_like(weights), where=weights.sum(axis=0) > 0)
    moves += share[:, :, None] * gone  # of who left the market since, the segment is not known
    window = market.ledger.counts[-WINDOW:]
    orders = np.sum([book[:, C["orders"]] for book in window], axis=0).astype(np.float64)
    won = np.sum([book[:, C["won"]] for book in window], axis=0).astype(np.float64)
    new = np.maximum(won - moves.sum(axis=(0, 1)), 0.0)
    followed = orders - new  # all but the first ones of newcomers
    moves[:, np.arange(n), np.arange(n)] = np.maximum(orders - won, 0.0) * share
    # month-ends count nobody who left the market in that month, after having bought in it
    heads = sum(market.heads[-WINDOW:], np.zeros(n)) + stops
    seen = months.sum(axis=0)
    spread = np.divide(months, seen, out=np.zeros_like(months), where=seen > 0)
    many = (followed * share).sum(axis=1)
    free = market.tables.market.setting == "free"
    rate = [_rate(*row, free) for row in zip(many, spread @ heads, spread @ new, strict=True)]
    return moves, stops * share, np.array(rate)


def _rate(followed: float, months: float, new: float, free: bool) -> float:
    """Purchases a customer and month, of whom ``new`` came with their first purchase and were there for the rest of it only.

    With contracts nothing is left of that month; else what comes after the first of Poisson many times in it.
    """
    rate = followed / months if months > 0 else 0.0
    for _ in range(20 if rate > 0 else 0):
        left = 1.0 / -np.expm1(-rate) - 1.0 / rate if free else 0.0
        rate = followed / max(months - new * (1.0 - left), 1.0)
    return float(rate)


def _spread_of_purchases(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Customer-months times need of the last 12 months by segment and firm, and the customer-months alone, both (G, F)."""
    c, n, segments = market.customers, len(market.firms), len(market.tables.segments)
    contract = market.tables.market.setting == "contract"
    need = np.ones(len(c)) if contract else c.need_rate.astype(np.float64)
    weights, months = np.zeros(segments * n), np.zeros(segments * n)
    for past in range(min(WINDOW, market.month)):
        supplier = c.supplier_history[(market.month - 1 - past) % 12]
        has = np.flatnonzero(supplier >= 0)
        place = c.segment[has].astype(np.int64) * n + supplier[has]
        weights += np.bincount(place, weights=need[has], minlength=segments * n)
        months += np.bincount(place, minlength=segments * n)
    return weights.reshape(segments, n), months.reshape(segments, n)


def _relative_basket(market: Market, g: int) -> np.ndarray:
    """What one order of a segment is worth, over a mean order, by firm (F,): by baskets, weighted with needs."""
    c = market.customers
    found = np.ones(len(market.firms))
    for f in range(len(market.firms)):
        own = c.supplier == f
        mine = own & (c.segment == g)
        if mine.any():
            weigh = c.need_rate.astype(np.float64)
            mean = [float((c.basket[who] * weigh[who]).sum() / weigh[who].sum()) for who in (mine, own)]
            found[f] = mean[0] / mean[1]
    return found


def margin_share(market: Market) -> np.ndarray:
    """What is left of revenue before acquisition and overhead, over the last 12 months, by firm; 0 without sales."""
    books = sum(market.ledger.months[-WINDOW:], np.zeros_like(market.ledger.current))
    profit, revenue = (
        (books * market.ledger.signs)[:, market.ledger.by_customer].sum(axis=1),
        books[:, A["revenue"]],
    )
    return np.divide(profit, revenue, out=np.zeros(len(revenue)), where=revenue != 0)


def order_value(market: Market) -> np.ndarray:
    """Revenue an order over the last 12 months, by firm, visits' revenue included; missing without orders."""
    books = sum(market.ledger.months[-WINDOW:], np.zeros_like(market.ledger.current))
    orders = sum(market.ledger.counts[-WINDOW:], np.zeros_like(market.ledger.current_counts))[:, C["orders"]]
    return np.divide(
        books[:, A["revenue"]] / 100.0, orders, out=np.full(len(orders), np.nan), where=orders > 0
    )
