"""What customer equity rests on: value, brand and relationship, each levelled in twins, shares by Shapley value."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import told
from sim.snapshots import Act, Snapshot, advance, begin_future

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

DRIVERS = ("value", "brand", "relationship")


class Levelled:
    """Levels some drivers of a firm while people choose: an act for `advance`.

    Utility is a sum, so what levelling adds or takes is put on the firm's brand while the stage `buy` runs, and taken
    off again after it.
    """

    def __init__(self, place: int, drivers: tuple[str, ...]) -> None:
        self.f, self.drivers = place, drivers

    def __call__(self, market: Market, stage: str) -> None:
        brand = market.customers.brand[self.f]
        if stage == "contact":
            self.kept = brand.copy()
            brand[...] = brand + self.change(market)
        if stage == "buy":
            brand[...] = self.kept

    def change(self, market: Market) -> np.ndarray:
        """What levelling changes in the utility of the firm, float64 (N,)."""
        c, f = market.customers, self.f
        found = np.zeros(len(c))
        n, value, brand = np.zeros(len(c)), np.zeros(len(c)), np.zeros(len(c))
        for g in range(len(market.firms)):
            if g != f:
                known = ((c.aware[g] != 0) | (c.supplier == g)) & (c.barred[g] == 0)
                n += known
                value += np.where(known, self._value(market, g), 0.0)
                brand += np.where(known, self._brand(market, g), 0.0)
        some = n > 0
        many = np.maximum(n, 1.0)
        if "value" in self.drivers:
            found += np.where(some, value / many - self._value(market, f), 0.0)
        if "brand" in self.drivers:
            found += np.where(some, brand / many - self._brand(market, f), 0.0)
        if "relationship" in self.drivers:
            p = market.tables.buy
            bond = p.loyalty_weight * c.loyalty.astype(np.float64) * (0.5 + c.relationship_orientation)
            found -= np.where(c.supplier == f, bond + p.tie_weight * c.tie, 0.0)
        return found

    @staticmethod
    def _value(market: Market, g: int) -> np.ndarray:
        """Belief less price term: the log price is net of discount, trial discount or offer, as in `buy`."""
        c, arrays = market.customers, market.month_of_firms
        bills = float(market.tables.buy.term) if market.tables.market.setting == "contract" else 1.0
        offer = np.where(c.offer_read[g] != 0, c.offer[g].astype(np.float64) / bills, 0.0)
        own = np.maximum(c.discount.astype(np.float64), offer)
        own = np.where(offer > 0.0, own, c.discount.astype(np.float64))
        trial = np.where(
            offer > arrays.trial_discount[g] / bills, arrays.log_price[g] + np.log(1.0 - offer), arrays.log_trial_price[g]
        )  # fmt: skip
        price = np.where(c.supplier == g, arrays.log_price[g] + np.log(1.0 - own), trial)
        return c.belief[g].astype(np.float64) - c.price_sensitivity * price

    @staticmethod
    def _brand(market: Market, g: int) -> np.ndarray:
        return market.customers.brand[g].astype(np.float64) + market.firms[g].table.brand_bonus


class Flows:
    """Adds up what a firm's present customers bring it from now on, discounted, in money: an act for `advance`.

    A month ahead counts (1 + i)^(-1/12); who returns counts again, who takes a place anew does not.
    """

    def __init__(self, market: Market, place: int) -> None:
        c = market.customers
        self.f, self.ids = place, np.flatnonzero(c.supplier == place)
        self.generation = c.generation[self.ids].copy()
        self.step = (1.0 + market.tables.market.discount_rate) ** (-1.0 / 12.0)
        self.first, self.total = market.month, 0.0

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage == "decide":
            self.before = np.zeros(len(self.ids), dtype=np.int64)
        if stage == "buy":  # an account that began just now holds nothing from before
            self.before[c.tenure[self.ids] == 0] = 0
        if stage in ("contact", "relate"):
            now = c.month_profit_cents[self.ids]
            own = (c.supplier[self.ids] == self.f) & (c.generation[self.ids] == self.generation)
            cents = int((now - self.before)[own].sum())
            self.total += cents / 100.0 * self.step ** (market.month - self.first + 1)
            self.before = now.copy()


def equity_drivers(
    run: Run,
    *,
    firm: str | None = None,
    futures: int = 50,
    months: int = 120,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Customer equity at the end, split into value, brand and relationship equity. Unit: money.

    From the run's end on, futures with fresh luck go on with one or several of the firm's drivers levelled in every
    choice: value (belief less price) and brand are replaced by the mean over the other firms that the customer
    knows, the relationship (loyalty and tie; the switching cost stays) by 0. Equity is the discounted profit of the
    present customers over those months, without a tail after them. A driver's share is its Shapley value: what
    levelling it takes away, over the six orders of levelling. True: a firm cannot see it.

    Parameters
    ----------
    firm : str, optional
        The focus unless given.
    futures, months : int
        How many futures, 2 or more, and how long they are.
    progress : callable, optional
        Called with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `driver` (value, brand, relationship; "levelled": what is left with all three levelled; "equity": as
        it is), `equity` (money), its `standard_error` over the futures, `share` (of equity; missing where that is
        not above 0), `futures`. The first four sum to the last; a share below 0 is a driver on which the firm is
        worse than the others.

    Raises
    ------
    ValueError
        An unknown firm, fewer than two futures, or no month.

    Source: Rust, Lemon & Zeithaml 2004 for the drivers; Shapley 1953 for the shares.
    """
    if futures < 2 or months < 1:
        raise ValueError(f"futures: must be 2 or more, months 1 or more (got {futures} and {months})")
    name = firm or run.scenario.focus
    place = run.market.firm(name).place
    subsets = [tuple(d for bit, d in enumerate(DRIVERS) if mask >> bit & 1) for mask in range(8)]
    market = advance(run.like(), run.months_done)
    snapshot = Snapshot(market)
    worth = {subset: np.zeros(futures) for subset in subsets}
    done, total = 0, futures * len(subsets) * months
    for k in range(futures):
        for subset in subsets:
            begin_future(snapshot.restore(), k)
            flows = Flows(market, place)
            acts: list[Act] = [*([Levelled(place, subset)] if subset else []), flows]
            advance(market, months, acts, measured=False)
            worth[subset][k] = flows.total
            done += months
            if progress:
                progress(done, total)
    parts = shapley(worth)
    parts |= {"levelled": worth[DRIVERS], "equity": worth[()]}
    whole = float(worth[()].mean())
    rows = [
        (name, driver, float(x.mean()), float(x.std(ddof=1) / np.sqrt(futures)), x.mean() / whole if whole > 0 else np.nan, futures)
        for driver, x in parts.items()
    ]  # fmt: skip
    return told(
        run, pd.DataFrame(rows, columns=["firm", "driver", "equity", "standard_error", "share", "futures"])
    )


def shapley(worth: dict[tuple[str, ...], np.ndarray]) -> dict[str, np.ndarray]:
    """What each driver takes away when it is levelled, the mean over the six orders; by future."""
    orders = list(permutations(DRIVERS))
    found = {driver: np.zeros_like(worth[()]) for driver in DRIVERS}
    for order in orders:
        levelled: set[str] = set()
        for driver in order:
            before = worth[tuple(d for d in DRIVERS if d in levelled)]
            levelled.add(driver)
            after = worth[tuple(d for d in DRIVERS if d in levelled)]
            found[driver] += (before - after) / len(orders)
    return found
