"""What customers are worth by four forecasts of the field, each from what is known when the month is over.

Each returns money by customer, (N,): 0 for who is nobody's customer, missing where the method has no answer, and a
sentence a firm on why it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.metrics.staying import LEAST_AT_RISK, at_risk
from sim.policies import View
from sim.switching import WINDOW, YEARS, Forecast, by_switching, margin_share
from sim.value import (
    BetaGeometricNBD,
    CannotFit,
    GammaGamma,
    MissingPackage,
    ShiftedBetaGeometric,
)
from sim.value.shifted_beta_geometric import OneRate

if TYPE_CHECKING:
    from sim.market import Market

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


class Records(NamedTuple):
    """What stands on a firm's books, a row a person: those in its database first, then those who left the market.

    Attributes
    ----------
    customer : int64 (n,), the slot, ascending; -1 for who left.
    repeats, span, age : float64 (n,), a purchase history as `BuyingModel.fit` takes it, in months.
    times, spent : float64 (n,), all purchases and visits on record, and their money: 0 for who left, as needs end whatever
        is spent.
    """

    customer: np.ndarray
    repeats: np.ndarray
    span: np.ndarray
    age: np.ndarray
    times: np.ndarray
    spent: np.ndarray


def records_of(market: Market, f: int) -> Records:
    """Firm f's records, also of those who never came back: it does not learn that a need ended, only that they are silent.

    So everybody is observed until now. Who was there when the run began is observed from then on: how many bought before,
    and stopped, is not known, so that purchases of that time are no part of a history (left truncation). Source: ours.
    """
    c = market.customers
    ids = np.flatnonzero(c.identified[f] > 0)
    closed = np.concatenate([np.empty((0, 4), dtype=np.int32), *market.closed])
    closed = closed[closed[:, 0] == f]
    there = (c.identified, c.first_on_record, c.last_purchase)
    times, first, last = (
        np.concatenate([column[f, ids], gone]).astype(np.float64)
        for column, gone in zip(there, closed.T[1:], strict=True)
    )
    was_there = first < 0
    since = np.where(was_there, 0.0, first + 0.5)
    repeats = np.maximum(times - np.where(was_there, 2.0, 1.0), 0.0)  # two are on record when a run begins
    # purchases of one month stand half a month apart, so that a repeat is later than the first
    span = np.where(repeats > 0, np.maximum(last + 0.5 - since, 0.5), 0.0)
    age = np.maximum(market.month - since, span)
    customer = np.concatenate([ids, np.full(len(closed), -1)])
    spent = np.concatenate([c.spent[f, ids], np.zeros(len(closed))])
    return Records(customer, repeats, span, age, times, spent)


def _of_purchases(market: Market, f: int, own: np.ndarray) -> np.ndarray:
    """BG/NBD on everybody on the firm's books and Gamma-Gamma on its database; the value of its present customers."""
    books = records_of(market, f)
    if not len(books.times):
        raise CannotFit("nobody is on record")
    buying = BetaGeometricNBD.fit(books.repeats, books.span, books.age)
    mean = books.spent / books.times
    paid = books.spent > 0
    amount = GammaGamma.fit(books.times[paid], mean[paid])
    here = np.isin(own, books.customer)
    place = np.flatnonzero(np.isin(books.customer, own))
    history = books.repeats[place], books.span[place], books.age[place]
    each = amount.conditional_expected_spend(np.where(paid, books.times, 0.0)[place], mean[place])
    i, before, worth = market.tables.market.discount_rate, np.zeros(len(place)), np.zeros(len(place))
    for year in range(1, YEARS + 1):
        until = buying.conditional_expected_purchases(12.0 * year, *history)
        worth += (until - before) * (1.0 + i) ** -(year - 0.5)
        before = until
    worth /= buying.alive(*history)  # the value of who is there, as with contracts and by the other methods
    values = np.zeros(len(own))
    values[here] = worth * each * margin_share(market)[f]
    return values


def _of_contracts(market: Market, f: int, own: np.ndarray) -> np.ndarray:
    """sBG on the ages at which relationships ended, in terms of contract; today's mean monthly margin while they last."""
    c = market.customers
    # who leaves the market has a tenure that the same month has raised already
    ended = [
        ((d["tenure"].astype(np.int64) - d["exit"])[d["firm"] == f], int(d["month"][0]))
        for d in market.departures
    ]
    ages = np.concatenate([*(tenure for tenure, _ in ended), c.tenure[own].astype(np.int64)])
    seen = np.concatenate(
        [*(np.full(len(tenure), month) for tenure, month in ended), np.full(len(own), market.month)]
    )
    is_over = np.arange(len(ages)) < len(ages) - len(own)
    survivors = pooled_survivors(ages, is_over, np.maximum(ages - seen, 0))
    term = market.tables.buy.term
    stays = renewals(survivors, term)
    ages, place = np.unique(c.tenure[own], return_inverse=True)
    ahead = np.arange(1.0, 12.0 * YEARS + 1.0)
    shrink = (1.0 + market.tables.market.discount_rate) ** (-ahead / 12.0)
    there = [stays((age + ahead) / term) / stays(age / term) for age in ages.astype(float)]
    margins = np.array([float((share * shrink).sum()) for share in there])
    months = sum(book[f] for book in market.heads[-WINDOW:])
    books = sum(market.ledger.months[-WINDOW:], np.zeros_like(market.ledger.current))
    margin = float((books * market.ledger.signs)[f, market.ledger.by_customer].sum()) / 100.0 / max(1, months)
    return margins[place] * margin


def renewals(survivors: np.ndarray, term: int) -> Callable[[Any], Any]:
    """Who is left after so many terms: sBG, whose period is the time between two renewals (Fader & Hardie 2007).

    Where churn does not fall from term to term, its limit: one rate. Nobody can leave at the age of 0 months, so that
    `survivors`, as of `pooled_survivors`, count from the second on.
    """
    after = survivors[1::term]
    if len(after) < 3:
        raise CannotFit(
            f"two terms of {term} months are needed, with 50 customers seen in each: run it longer"
        )
    try:
        return ShiftedBetaGeometric.fit(after).survival
    except OneRate as fault:
        left = 1.0 - fault.churn
        return lambda terms: left**terms


def pooled_survivors(age: np.ndarray, is_over: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Survivors by age of relationships that began at different times, as of one cohort (Kaplan & Meier 1958).

    Parameters
    ----------
    age : int64 (n,), months that each relationship has lasted, or lasted: only where it is over was it seen at that age.
    is_over : bool (n,).
    since : int64 (n,), the age from which on it was observed: one that had begun before counts from there.

    Returns
    -------
    float64 (ages + 1,) : of all relationships, how many would last 0, 1, … months, up to the last age that 50 reached.
    """
    risk, gone = at_risk(age, is_over, since, int(age.max(initial=0)) + 1)
    enough = np.flatnonzero(risk >= LEAST_AT_RISK)
    if not len(enough):
        raise CannotFit(f"fewer than {LEAST_AT_RISK} relationships of one age were observed")
    hazard = (gone / np.maximum(risk, 1))[: int(enough[-1]) + 1]
    return len(age) * np.concatenate([[1.0], np.cumprod(1.0 - hazard)])


METHODS: dict[str, Any] = {
    "multiple": by_multiple,
    "switching": by_switching,
    "fitted": by_fit,
    "database": by_database,
}
"""The forecasts by name."""
