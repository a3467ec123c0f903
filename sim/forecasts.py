"""What customers are worth by four forecasts of the field, each from what is known when the month is over.

Each returns money by customer, (N,): 0 for who is nobody's customer, missing where the method has no answer, and a
sentence a firm on why it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ledger import BY_CUSTOMER, SIGNS, A, C
from sim.policies import View
from sim.scenario.words import REASONS
from sim.value import (
    BetaGeometricNBD,
    CannotFit,
    GammaGamma,
    MissingPackage,
    ShiftedBetaGeometric,
    brand_switching,
)

if TYPE_CHECKING:
    from sim.market import Market

WINDOW = 12
YEARS = 10
"""Years ahead of the methods that have a horizon."""

Forecast = tuple[np.ndarray, dict[int, str]]

TOO_SHORT = "needs 13 months, so that a year's retention is known"


def by_multiple(market: Market) -> Forecast:
    """The margin multiple: mean yearly profit of a customer times r / (1 + i - r), the same for all of a firm's.

    r is the annual retention, the first margin is a year from now. Source: Gupta & Lehmann 2003, table 1.
    """
    values, why = np.zeros(len(market.customers)), {}
    equity = market.metrics["customer_equity"][-1] if market.month else np.full(len(market.firms), np.nan)
    for f, worth in enumerate(equity):
        own = market.customers.supplier == f
        values[own] = worth / max(1, own.sum())
        if np.isnan(worth):
            why[f] = TOO_SHORT
    return values, why


def by_database(market: Market) -> Forecast:
    """The firm's own forecast: the column `clv` of its database, of those of its customers who are in it.

    ``market`` must be a copy: a firm that asks for its retention begins to keep count. Source: ours.
    """
    values, why = np.zeros(len(market.customers)), {}
    for firm in market.firms:
        database = View(market, firm).customers
        own = market.customers.supplier[database.ids] == firm.place
        values[database.ids[own]] = database.clv[own]
        if not own.any():
            values[market.customers.supplier == firm.place] = np.nan
            why[firm.place] = "nobody is on record"
    return values, why


# ---------------------------------------------------------------- brand switching


def by_switching(market: Market) -> Forecast:
    """The brand-switching matrix, by segment: where the next purchase is, given where the last one was.

    Counts of the last 12 months, with 0.5 added for each brand, and a last column for those whose need ended; ten
    years; volume, margin and purchases a year as in those months. Source: Rust, Lemon & Zeithaml 2004.
    """
    values, c = np.zeros(len(market.customers)), market.customers
    i = market.tables.market.discount_rate
    counts, stops, rate = switching_counts(market)
    margin, order = margin_share(market), order_value(market)
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
        late = 0.0 if market.tables.market.setting == "contract" else 0.5 / 12.0
        for f in range(len(brands)):
            own = (c.supplier == f) & (c.segment == g)
            if own.any():
                worth = brand_switching(
                    matrix[f], matrix, per_year=12.0 * per_month, years=max(0.0, YEARS - step), discount=i,
                    volume=volume, margin=np.append(margin, 0.0),
                )[f]  # fmt: skip
                values[own] = worth * (1.0 + i) ** -(step + late)
    why = {f: "no sale in the last 12 months" for f in range(len(market.firms)) if np.isnan(order[f])}
    return values, why


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
    followed = orders - np.maximum(won - moves.sum(axis=(0, 1)), 0.0)  # all but the first ones of newcomers
    moves[:, np.arange(n), np.arange(n)] = np.maximum(orders - won, 0.0) * share
    # month-ends count nobody who left the market in that month, after having bought in it
    heads = sum(market.heads[-WINDOW:], np.zeros(n)) + stops
    seen = months.sum(axis=0)
    months = (months * np.divide(heads, seen, out=np.zeros(n), where=seen > 0)).sum(axis=1)
    rate = np.divide((followed * share).sum(axis=1), months, out=np.zeros(segments), where=months > 0)
    return moves, stops * share, rate


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
    profit, revenue = (books * SIGNS)[:, BY_CUSTOMER].sum(axis=1), books[:, A["revenue"]]
    return np.divide(profit, revenue, out=np.zeros(len(revenue)), where=revenue != 0)


def order_value(market: Market) -> np.ndarray:
    """Revenue an order over the last 12 months, by firm, visits' revenue included; missing without orders."""
    books = sum(market.ledger.months[-WINDOW:], np.zeros_like(market.ledger.current))
    orders = sum(market.ledger.counts[-WINDOW:], np.zeros_like(market.ledger.current_counts))[:, C["orders"]]
    return np.divide(
        books[:, A["revenue"]] / 100.0, orders, out=np.full(len(orders), np.nan), where=orders > 0
    )


# ---------------------------------------------------------------- fitted models


def by_fit(market: Market) -> Forecast:
    """The models of `sim.value`, fitted on each firm's own records; ten years, margin as in the last 12 months.

    With contracts the sBG on how long relationships lasted, else BG/NBD for purchases and Gamma-Gamma for spend.
    Source: Fader & Hardie 2007; Fader, Hardie & Lee 2005.
    """
    values, why = np.zeros(len(market.customers)), {}
    fit = _of_contracts if market.tables.market.setting == "contract" else _of_purchases
    for f in range(len(market.firms)):
        own = np.flatnonzero(market.customers.supplier == f)
        if not len(own):
            continue
        try:
            values[own] = fit(market, f, own)
        except MissingPackage:
            raise
        except (CannotFit, ValueError) as error:
            values[own] = np.nan
            why[f] = str(error)
    return values, why


def _of_purchases(market: Market, f: int, own: np.ndarray) -> np.ndarray:
    """BG/NBD and Gamma-Gamma on everybody in the database; the value of its present customers."""
    c = market.customers
    ids = np.flatnonzero(c.identified[f] > 0)
    first, last = c.first_on_record[f, ids].astype(float), c.last_purchase[f, ids].astype(float)
    known = c.last_purchase[f, ids] >= 0
    ids, first, last = ids[known], first[known], last[known]
    if not len(ids):
        raise CannotFit("nobody is on record")
    times = c.identified[f, ids].astype(float)
    # purchases of one month stand half a month apart, so that a repeat is later than the first
    span = np.where(times > 1, np.maximum(last - first, 0.5), 0.0)
    age = np.maximum(market.month - 0.5 - first, span)
    buying = BetaGeometricNBD.fit(times - 1.0, span, age)
    spend = c.spent[f, ids].astype(float)
    # who was served before the books began stands there with purchases that no amount belongs to
    since = np.maximum(times - np.where(first < 0, 2.0, 0.0), 1.0)
    paid = spend > 0
    amount = GammaGamma.fit(since[paid], (spend / since)[paid])
    place = np.searchsorted(ids, own)
    place[place == len(ids)] = 0
    here = ids[place] == own
    x, t, a = ((times - 1.0)[place], span[place], age[place])
    each = amount.conditional_expected_spend(np.where(paid, since, 0.0)[place], (spend / since)[place])
    i, before, worth = market.tables.market.discount_rate, np.zeros(len(own)), np.zeros(len(own))
    for year in range(1, YEARS + 1):
        until = buying.conditional_expected_purchases(12.0 * year, x, t, a)
        worth += (until - before) * (1.0 + i) ** -(year - 0.5)
        before = until
    return np.where(here, worth * each * margin_share(market)[f], 0.0)


def _of_contracts(market: Market, f: int, own: np.ndarray) -> np.ndarray:
    """sBG on the ages at which relationships ended, in months; today's mean monthly margin while they last."""
    c = market.customers
    ended = [(d["tenure"][d["firm"] == f].astype(np.int64), int(d["month"][0])) for d in market.departures]
    ages = np.concatenate([*(tenure for tenure, _ in ended), c.tenure[own].astype(np.int64)])
    seen = np.concatenate(
        [*(np.full(len(tenure), month) for tenure, month in ended), np.full(len(own), market.month)]
    )
    is_over = np.arange(len(ages)) < len(ages) - len(own)
    survivors = pooled_survivors(ages, is_over, np.maximum(ages - seen, 0))
    model = ShiftedBetaGeometric.fit(survivors)
    ages, place = np.unique(c.tenure[own], return_inverse=True)
    ahead = np.arange(1.0, 12.0 * YEARS + 1.0)
    shrink = (1.0 + market.tables.market.discount_rate) ** (-ahead / 12.0)
    there = [model.survival(float(age) + ahead) / model.survival(float(age)) for age in ages]
    margins = np.array([float((share * shrink).sum()) for share in there])
    months = sum(book[f] for book in market.heads[-WINDOW:])
    books = sum(market.ledger.months[-WINDOW:], np.zeros_like(market.ledger.current))
    margin = float((books * SIGNS)[f, BY_CUSTOMER].sum()) / 100.0 / max(1, months)
    return margins[place] * margin


def pooled_survivors(age: np.ndarray, is_over: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Survivors by age of relationships that began at different times, as of one cohort (Kaplan & Meier 1958).

    Parameters
    ----------
    age : int64 (n,), months that each relationship has lasted, or lasted. is_over : bool (n,).
    since : int64 (n,), the age from which on it was observed: one that had begun before counts from there.

    Returns
    -------
    float64 (ages + 1,) : of all relationships, how many would last 0, 1, … months, up to the last age that 50 reached.
    """
    ages = int(age.max(initial=0)) + 1
    gone = np.bincount(age[is_over], minlength=ages).astype(np.float64)
    at_risk = np.cumsum(np.bincount(since, minlength=ages)[:ages]) - np.concatenate(
        [[0.0], np.cumsum(np.bincount(age, minlength=ages))[:-1]]
    )
    enough = np.flatnonzero(at_risk >= 50)
    if not len(enough):
        raise CannotFit("fewer than 50 relationships of one age were observed")
    last = int(enough[-1]) + 1
    hazard = np.divide(gone, at_risk, out=np.zeros(ages), where=at_risk > 0)[:last]
    return len(age) * np.concatenate([[1.0], np.cumprod(1.0 - hazard)])


METHODS: dict[str, Any] = {
    "multiple": by_multiple,
    "switching": by_switching,
    "fitted": by_fit,
    "database": by_database,
}
"""The forecasts by name."""
