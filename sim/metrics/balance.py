"""Winning against keeping: what more advertising and higher levels bring in a market, and the customer-equity test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.ledger import A
from sim.metrics.profitability import told
from sim.scenario.words import LEVELS
from sim.snapshots import Snapshot, advance
from sim.value import CannotFit, ResponseCurve, best_spends

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

FACTORS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Advertising in the twins, of what the firm's plan says."""

YEAR = 12
SIDES = ("acquisition", "retention")

AS_IT_IS = "as it is"
"""The setting of keeping in which each customer has the level that the firm decides: often not one for all."""

_ON_LEVELS = ("levels", "level_labour")


class _Trial:
    """A year in which a firm does one thing otherwise: an act for `advance` that counts what it brings."""

    def __init__(self, market: Market, place: int, do: Callable[[Market, int], None]) -> None:
        c = market.customers
        self.f, self.do = place, do
        self.generation = c.generation.copy()
        self.own = c.supplier == place
        self.won = np.zeros(len(c), dtype=bool)
        self.first = market.month

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage == "decide":
            self.do(market, self.f)
        if stage == "account":
            self.won |= (c.supplier == self.f) & (c.generation == self.generation)

    def counts(self, market: Market, side: str) -> tuple[float, int, int, float]:
        """Money spent, people tried, of them won or kept, and customer-years."""
        c, books = market.customers, np.sum(market.ledger.months[self.first :], axis=0)[self.f] / 100.0
        years = sum(int(heads[self.f]) for heads in market.heads[self.first :]) / YEAR
        if side == "acquisition":
            return (
                float(books[A["advertising"]]),
                int((~self.own).sum()),
                int((self.won & ~self.own).sum()),
                years,
            )
        kept = self.own & (c.supplier == self.f) & (c.generation == self.generation)
        return float(sum(books[A[x]] for x in _ON_LEVELS)), int(self.own.sum()), int(kept.sum()), years


def _advertise(factor: float) -> Callable[[Market, int], None]:
    def do(market: Market, f: int) -> None:
        market.firms[f].plan.advertising *= factor

    return do


def _level(code: int) -> Callable[[Market, int], None]:
    def do(market: Market, f: int) -> None:
        c = market.customers
        c.level[c.supplier == f] = code
        market.month_of_firms.level[f] = code

    return do


def response_points(
    run: Run,
    *,
    firm: str | None = None,
    start: int = 24,
    seeds: int = 5,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What a year of more or less advertising wins, and of lower or higher levels keeps: from twins. Unit: shares.

    In each twin the firm does one thing otherwise for twelve months: it advertises 0, ½, 1, 2 or 4 times what it
    plans, or gives all its customers one relationship level.

    Parameters
    ----------
    firm : str, optional
        The focus unless given.
    start : int
        Months before the twins part.
    seeds : int
        Worlds over which people are pooled; from the run's seed on.
    progress : callable, optional
        Called with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `side` (acquisition, retention), `setting` (times the advertising; the level of all
        customers, or "as it is"), `spend` (money on
        advertising a prospect and year; on levels a customer and year), `tried` (people who were not customers; who
        were), `succeeded` (of them won at some month's end; still there after the year), `rate`, `is_now` (as the
        firm does), `margin` (profit a customer and year before what levels cost, as the firm does).

    Raises
    ------
    ValueError
        An unknown firm, fewer than 0 months or 1 seed.

    Source: Blattberg & Deighton 1996 for the question; twins are ours.
    """
    for what, value, least in (("start", start, 0), ("seeds", seeds, 1)):
        if value < least:
            raise ValueError(f"{what}: must be {least} or more (got {value})")
    name = firm or run.scenario.focus
    place = run.market.firm(name).place
    settings: list[tuple[str, Any, Callable[[Market, int], None]]] = [
        *(("acquisition", factor, _advertise(factor)) for factor in FACTORS),
        *(("retention", level, _level(code)) for code, level in enumerate(LEVELS)),
    ]
    sums = np.zeros((len(settings), 4))
    margin, as_it_is = np.zeros(2), np.zeros(4)
    total, done = seeds * (start + YEAR * len(settings)), 0
    for seed in range(run.seed, run.seed + seeds):
        market = advance(run.like(seed), start)
        snapshot, done = Snapshot(market), done + start
        for row, (side, setting, do) in enumerate(settings):
            trial = _Trial(snapshot.restore(), place, do)
            advance(market, YEAR, [trial])
            sums[row] += trial.counts(market, side)
            if setting == 1.0:
                books = np.sum(market.ledger.months[start:], axis=0)[place] / 100.0
                before = (books * market.ledger.signs)[market.ledger.by_customer].sum() + sum(
                    books[A[x]] for x in _ON_LEVELS
                )
                margin += (before, trial.counts(market, side)[3])
                as_it_is += trial.counts(market, "retention")
            done += YEAR
            if progress:
                progress(done, total)
    worth = margin[0] / margin[1] if margin[1] else np.nan
    rows = []
    seen = [(side, str(setting), side == "acquisition" and setting == 1.0) for side, setting, _ in settings]
    seen.append(("retention", AS_IT_IS, True))
    for (side, setting, is_now), counts in zip(seen, [*sums, as_it_is], strict=True):
        money, tried, succeeded, years = counts
        over = tried if side == "acquisition" else years
        spend, rate = (money / over if over else np.nan), (succeeded / tried if tried else np.nan)
        rows.append((name, side, setting, spend, int(tried), int(succeeded), rate, is_now, worth))
    columns = ["firm", "side", "setting", "spend", "tried", "succeeded", "rate", "is_now", "margin"]
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["side", "spend"], kind="stable", ignore_index=True
    )
    return told(run, table)


def acquisition_retention(run: Run, points: pd.DataFrame | None = None, **words: Any) -> pd.DataFrame:
    """Blattberg and Deighton's customer-equity test on what the market shows: how much to spend on winning and on keeping.

    Unit: money. A response curve is fitted to `response_points` on each side; its floor is the rate without any spend, and
    it ends where more money brings fewer (higher levels for all may overload the staff). At the best spends one customer
    more, won or kept, costs what a customer is worth.

    Parameters
    ----------
    points : DataFrame, optional
        Of `response_points`; made anew unless given, with the further arguments.

    Returns
    -------
    DataFrame
        A row a side: `firm`, `side`, `floor`, `ceiling`, `steepness` (of the curve), `spend` and `rate` (as the firm
        does: money a prospect, or a customer, and year), `marginal_cost` (of one customer more, there),
        `best_spend`, `best_rate`, `best_marginal_cost`, `lifetime_value` (money, at the best spends), `customer_equity`
        (money a prospect, at the best spends), `verdict` ("fitted", or why this side has no curve; best spends need both).

    Raises
    ------
    ValueError
        An unknown firm.

    Source: Blattberg & Deighton 1996, Harvard Business Review 74(4) 136-144.
    """
    table = response_points(run, **words) if points is None else points
    curves, why = {}, {}
    for side in SIDES:
        tried = table[(table["side"] == side) & (table["setting"] != AS_IT_IS)]
        curves[side], why[side] = _fitted(tried)
    margin, discount = float(table["margin"].iloc[0]), run.scenario.market.discount_rate
    best = None
    winning, keeping = curves["acquisition"], curves["retention"]
    if winning and keeping and margin > 0:
        best = best_spends(margin, winning, keeping, discount)
    rows = []
    for side in SIDES:
        curve = curves[side]
        now = table[(table["side"] == side) & table["is_now"]]
        spend = float(now["spend"].iloc[0]) if len(now) else np.nan
        rate = float(now["rate"].iloc[0]) if len(now) else np.nan
        shape = (curve.floor, curve.ceiling, curve.steepness) if curve else (np.nan,) * 3
        marginal = curve.marginal_cost(spend) if curve and spend == spend else np.nan
        found = (np.nan,) * 3 if best is None else tuple(
            getattr(best, name) for name in (f"{side}_spend", f"{side}_rate", f"marginal_{side}_cost")
        )  # fmt: skip
        whole = (np.nan,) * 2 if best is None else (best.lifetime_value, best.customer_equity)
        verdict = why[side] if margin > 0 else "a customer brings no margin"
        rows.append(
            (str(table["firm"].iloc[0]), side, *shape, spend, rate, marginal, *found, *whole, verdict)
        )
    columns = ["firm", "side", "floor", "ceiling", "steepness", "spend", "rate", "marginal_cost", "best_spend",
               "best_rate", "best_marginal_cost", "lifetime_value", "customer_equity", "verdict"]  # fmt: skip
    return told(run, pd.DataFrame(rows, columns=columns))


def _fitted(points: pd.DataFrame) -> tuple[ResponseCurve | None, str]:
    """The curve of one side, or why there is none."""
    points = points.sort_values("spend", kind="stable")
    bare, paid = points[points["spend"] <= 0.0], points[points["spend"] > 0.0]
    if not points["tried"].any():
        return None, "there was nobody to try it on"
    if len(paid) < 2 or not len(bare):
        return None, "too few spends"
    floor = float(bare["succeeded"].sum() / bare["tried"].sum())
    # a curve of ever smaller steps never falls: where more money brings fewer, it ends
    rising = paid.iloc[: int(paid["rate"].to_numpy().argmax()) + 1]
    if rising["rate"].iloc[-1] <= floor:
        return None, "more money brings no more"
    if len(rising) < 2:
        return None, f"more money than at {rising['setting'].iloc[0]} brings fewer: one spend tells no curve"
    try:
        curve = ResponseCurve.fit(rising["spend"], rising["tried"], rising["succeeded"], floor=floor)
    except CannotFit as error:
        return None, str(error)
    beyond = paid["setting"].iloc[len(rising) :].tolist()
    return curve, f"fitted without {', '.join(beyond)}: more money brings fewer" if beyond else "fitted"
