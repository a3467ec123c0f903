"""A log of purchases, fitted: who comes back, how often, for how long, for how much; and how well it foretells."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.calibrate.cleaning import EPOCH, Purchases
from sim.calibrate.customers import customer_table, write_customers
from sim.calibrate.estimating import (
    Model,
    estimates,
    first_differs,
    mean_spend,
    own_means,
    purchases_model,
    spend_model,
)
from sim.calibrate.foresight import Histories, by_frequency, season_of, seasonal, tracking
from sim.calibrate.luck import of_a_right_model
from sim.calibrate.newcomers import first_days, new_from
from sim.calibrate.reading import LogError
from sim.calibrate.regularity import regularity
from sim.calibrate.shop import FittedScenario, scenario_of
from sim.calibrate.tuning import Target
from sim.show.numbers import nice
from sim.value import BetaGeometricNBD, CannotFit, purchase_histories

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes

WEEK = 7.0
FEWEST, FEW = 50, 500
"""New customers: fewer than the first are refused, fewer than the second get a warning."""

PICTURES = ("holdout", "weeks", "frequency", "season")
"""The pictures that a fit may have."""


class Fit:
    """What a log of purchases tells.

    Attributes
    ----------
    log : DataFrame
        What was read, kept and left out, and why: rows, share_of_rows, money, share_of_money, examples.
    table : DataFrame
        A row an estimate: part, estimate, standard_error, low, high (95 %), meaning. The readable ones come first, then
        the models' parameters, time in weeks.
    purchases_model : BetaGeometricNBD, or NegativeBinomial
        The second where nobody is seen to stop; `notes` says so.
    spend_model : GammaGamma or None
        None where spending tells no model; `notes` says why.
    holdout : DataFrame
        A row a week of the cohort known at `split`: actual and expected repeat purchases, of the week and cumulative; with
        the season of the first half of the time where `season` is there.
    frequency : DataFrame
        By repeat purchases before `split` (0 … 7 and more): customers, and mean purchases after it, actual and expected.
    season : Series or None
        Factor by calendar month, mean 1; None under two years of purchases.
    regularity : Regularity
        Whether purchases come at regular intervals, which no model here has; `notes` says so.
    holdout_error, tracking_error : float
        Expected against actual repeat purchases, minus 1, of a fit to the first half of the time: in the second half
        alone, and over the whole time, as papers track it.
    holdout_luck : (float, float)
        Between which `holdout_error` is in 95 of 100 logs of which the model is right: the luck of the estimates, and of the
        purchases to come. NaN where drop-out is not told by the first half but is by the whole time; `notes` says so.
    summary : dict
        The figures of the first page. notes : list of str. layout : str, columns as they were taken.
    """

    def __init__(self, purchases: Purchases, new_since: str | datetime.date | None) -> None:
        self.log, self.layout, self.currency = purchases.report, purchases.layout, purchases.currency
        self.notes: list[str] = list(purchases.notes)
        self._purchases = purchases
        first = first_days(purchases.customer, purchases.day)
        self._end = int(np.max(purchases.day))
        self._since = new_from(purchases.customer, purchases.day, first, new_since, self.notes)
        self._new = first >= self._since
        n = int(self._new.sum())
        since = EPOCH + np.timedelta64(self._since, "D")
        if n < FEWEST:
            raise LogError(
                f"{n} {'customer is' if n == 1 else 'customers are'} new since {since}, and {FEWEST} are needed: use a longer log, or say from when "
                "on first purchases are of new customers: --new-since DATE"
            )
        if n < FEW:
            self.notes.append(f"only {n} customers are new since {since}: intervals are wide")
        rows = self._new[purchases.customer]
        self._rows = purchases.customer[rows], purchases.day[rows], purchases.cents[rows]
        self.split = (self._since + self._end) // 2
        self._fit_all()
        self._hold_out()
        self.summary = self._summary()

    @property
    def all_histories(self) -> Histories:
        """Histories of all customers of the log, new or not, up to its end, in weeks."""
        p = self._purchases
        h = purchase_histories(p.customer, p.day.astype(float), float(self._end), amount=p.cents / 100.0)
        return Histories(h.customer, h.frequency, h.first_to_last / WEEK, h.age / WEEK, h.first, h.monetary)

    def own_means(self) -> tuple[np.ndarray, np.ndarray]:
        """Of all customers: what each will spend on a purchase, and its standard error as a share, without a spend model."""
        return own_means(self._purchases.customer, self._purchases.cents / 100.0)

    def spend_records(self, h: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Of all customers, with these histories: purchases by which spend is judged, and their mean, money.

        All purchases; of new customers without the first, if that differs from later ones (`notes` says so).
        """
        p = self._purchases
        mean = np.bincount(p.customer, p.cents / 100.0) / (h.frequency + 1.0)
        without = self._new & self._first_differs
        return np.where(without, h.frequency, h.frequency + 1.0), np.where(without, h.monetary, mean)

    def ids_of(self, customers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Their ids as in the log, and whether they are taken for new."""
        return np.asarray(self._purchases.ids, dtype=object)[customers], self._new[customers]

    def _histories(self, end: int) -> Histories:
        """Histories of the new customers up to a day, in weeks."""
        who, day, cents = self._rows
        h = purchase_histories(who, day.astype(float), float(end), amount=cents / 100.0)
        return Histories(h.customer, h.frequency, h.first_to_last / WEEK, h.age / WEEK, h.first, h.monetary)

    def _fit_all(self) -> None:
        h = self._histories(self._end)
        self.regularity = regularity(self._purchases.customer, self._purchases.day, self._end)
        if self.regularity.is_regular:
            _, days, followed, silent = self.regularity
            self.notes.append(
                f"customers buy at regular intervals, every {days:.0f} days or so, as with contracts or standing orders, and the "
                "models take purchases for random: the interval of purchases a month does not hold, and `active` and what "
                f"follows from it fall too slowly while a customer is silent. {silent:,} of {followed:,} with three purchases or more have been "
                "silent for over twice their own interval: take them for lost"
            )
        self.purchases_model = purchases_model(h, self.notes)
        p, most = self._purchases, int(self._rows[2].max())
        largest = f"one purchase of {most / 100:,.2f} is far beyond all others" if most > p.beyond else ""
        self.spend_model = spend_model(h, self.notes, largest)
        who, _, cents = self._rows
        first = cents[np.flatnonzero(np.r_[True, who[1:] != who[:-1]])] / 100.0
        self._first_differs = self.spend_model is not None and first_differs(h, first, self.notes)
        once = int((self.all_histories.frequency == 0).sum())
        if once and isinstance(self.purchases_model, BetaGeometricNBD):
            self.notes.append(
                f"{once:,} customers bought once: BG/NBD cannot see whether they stopped and says 1 for `active`, however "
                "long ago that was; look at purchases_12_months for them"
            )
        mean = mean_spend(p.customer, p.cents / 100.0)
        self.table = estimates(self.purchases_model, self.spend_model, mean)
        self.season = season_of(self.purchases_model, h, *self._rows[:2], self._end)
        if self.season is None:
            began = int(p.day.min())
            cure = ": take a log of three years, or say --new-since if the shop began with this one"
            self.notes.append(
                "the new customers' time is under two years: no season is estimated, all months are alike"
                + (cure if self._since > began else "")
            )

    def _hold_out(self) -> None:
        """Fit on the first half of the time, and look at the second."""
        self.holdout, self.frequency = pd.DataFrame(), pd.DataFrame()
        self.holdout_error = self.tracking_error = float("nan")
        self.holdout_luck = float("nan"), float("nan")
        before = self._rows[1] <= self.split
        try:
            if len(np.unique(self._rows[0][before])) < FEWEST:
                raise CannotFit(f"fewer than {FEWEST} customers are new in the first half of the time")
            h = self._histories(self.split)
            model = purchases_model(h, [])
        except CannotFit as fault:
            self.notes.append(f"there is no holdout: {fault}")
            return
        who, day, _ = self._rows
        later = day[(day > self.split) & np.isin(who, h.customer)]
        if not len(later):
            self.notes.append(
                "there is no holdout: nobody new in the first half of the time bought in the second"
            )
            return
        ahead = (self._end - self.split) / WEEK
        factor, later_factor = self._season_before(model, h)
        self.holdout = tracking(model, h, who, day, self.split, self._end, factor)
        self.frequency = by_frequency(model, h, who, day, self.split, ahead)
        self.frequency["expected"] *= later_factor
        expected = float(np.sum(self.frequency["customers"] * self.frequency["expected"]))
        self.holdout_error = expected / len(later) - 1.0
        last = self.holdout.iloc[-1]
        self.tracking_error = float(last["cum_expected"] / last["cum_actual"] - 1.0)
        drops_out = isinstance(self.purchases_model, BetaGeometricNBD)
        if isinstance(model, BetaGeometricNBD) or not drops_out:
            self.holdout_luck = of_a_right_model(model, h, ahead, later_factor)
        else:
            self.notes.append(
                "the first half of the time is too short to tell drop-out, which the whole time tells: the holdout takes it as "
                "0, so that it expects too many purchases, and how far luck alone would put it off is not known"
            )

    def _season_before(self, model: Model, h: Histories) -> tuple[np.ndarray | float, float]:
        """What the season of the first half of the time does to what is expected; 1 without a season."""
        if self.season is None:
            return 1.0, 1.0
        who, day, _ = self._rows
        seen = day <= self.split
        season = season_of(model, h, who[seen], day[seen], self.split, least=1)
        if season is None or not np.isfinite(season).all():
            self.notes.append(
                "the first half of the time has no whole year to tell a season: what is expected in the holdout has none"
            )
            return 1.0, 1.0
        factor, later = seasonal(model, h, season, self.split, self._end)
        self.notes.append(
            "the holdout expects the season of the first half of the time, which changes the purchases expected in the second "
            f"by {100 * (later - 1.0):+.1f} %; the models themselves know no season"
        )
        return factor, later

    def target(self) -> Target:
        """Repeat purchases that a market is to reproduce: of the customers known at the split, before and after it."""
        who, day, _ = self._rows
        if int(day.min()) > self.split:
            raise LogError(
                "nobody is new in the first half of the time: use a longer log, or say --new-since DATE"
            )
        h = self._histories(self.split)
        day = day[np.isin(who, h.customer)]
        before, after = int((day <= self.split).sum()) - len(h.customer), int((day > self.split).sum())
        if before < FEWEST or after < FEWEST:
            raise LogError(
                f"{before} repeat purchases in the first half of the time and {after} in the second, by customers known at "
                f"its middle; {FEWEST} are needed in each for a market that repeats them: use a longer log"
            )
        return Target(h.first, self.split, self._end, before, after)

    def at_the_split(self) -> Fit:
        """The fit that could have been made at the split, of what the log had then."""
        since = EPOCH + np.timedelta64(self._since, "D")
        return Fit(self._purchases.up_to(self.split), str(since))

    @property
    def active_customers(self) -> float:
        """Customers of the log expected to be active at its end."""
        h = self.all_histories
        alive = self.purchases_model.alive(h.frequency, h.first_to_last, h.age)
        return float(np.sum(alive))

    def scenario(
        self,
        *,
        share_of_market: float,
        unit_margin: float | None = None,
        name: str = "Your shop",
        seed: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> FittedScenario:
        """A scenario whose market reproduces the log: your firm is `Us`, all rivals are `Elsewhere`.

        Need and drop-out are tuned by runs of the market until customers who are new at `Us` buy again, in both halves
        of the time, as those of the log did; then once more on the first half alone, to see how well that foretells.

        Parameters
        ----------
        share_of_market : float
            Your share of the market's customers, 0.01 to 0.99: no log tells it.
        unit_margin : float, optional
            Share of the price left after cost of goods, above 0 to 1; without it, results are revenue, not profit.
        name : str
            Its title.
        seed : int
            Of the runs by which it is tuned.
        progress : callable, optional
            Is given runs done, and runs at most.

        Returns
        -------
        FittedScenario
            Every parameter marked yours (with its interval), published or ours: `.parameters`, and in its file.

        Source: ours (simulated moments).
        """
        return scenario_of(self, unit_margin, share_of_market, name, seed, progress)

    def _summary(self) -> dict[str, Any]:
        p, model, dates = self._purchases, self.purchases_model, [self._since, self.split, self._end]
        since, split, end = (str(EPOCH + np.timedelta64(int(day), "D")) for day in dates)
        return {
            "rows": int(self.log["rows"].iloc[0]),
            "rows_kept": int(self.log["rows"]["kept"]),
            "customers": len(p.ids),
            "new_customers": int(self._new.sum()),
            "new_since": since,
            "until": end,
            "purchases": int(p.orders.sum()),
            "mean_order": float(p.cents.sum() / p.orders.sum() / 100.0),
            "currency": self.currency,
            "repeat_purchases_first_year": model.expected_purchases(365.25 / WEEK),
            "stop_after_a_purchase": float(self.table["estimate"].get("stop_chance", 0.0)),
            "holdout_from": split,
            "holdout_error": self.holdout_error,
            "holdout_luck_low": self.holdout_luck[0],
            "holdout_luck_high": self.holdout_luck[1],
            "tracking_error": self.tracking_error,
        }

    def customer_values(self, unit_margin: float | None = None, discount: float = 0.10) -> pd.DataFrame:
        """A row a customer: what each will buy and is worth. Ids stay in this table and in no other.

        Customers who may not have been new (`new` is false) are judged by what the log has of them. Spend is judged by all
        purchases, the first too, unless new customers pay another sum on it than later (`notes` says so).

        Parameters
        ----------
        unit_margin : float, optional
            Share of revenue that is left, above 0 to 1; without it, values are revenue, not profit.
        discount : float
            A year.

        Returns
        -------
        DataFrame
            customer, new, first, last (dates), purchases, active (chance, 0 to 1; 1 for who bought once, as BG/NBD
            has it: nobody stops before a repeat purchase; look at the next column for them), purchases_12_months with low and
            high, lifetime_value with low and high (money, ten years). Intervals (95 %) are of the expectation.
        """
        return customer_table(self, unit_margin, discount)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """`customer_values()`: values are revenue, not profit."""
        return self.customer_values()

    @property
    def pictures(self) -> list[str]:
        """The pictures that this fit has."""
        return [kind for kind, table in self._drawn().items() if table is not None and len(table)]

    def _drawn(self) -> dict[str, Any]:
        """Kind of picture -> what it shows."""
        return dict(zip(PICTURES, (self.holdout, self.holdout, self.frequency, self.season), strict=True))

    def plot(self, kind: str = "holdout", ax: Axes | None = None) -> Axes:
        """A picture.

        Parameters
        ----------
        kind : "holdout" (repeat purchases, cumulative), "weeks" (week by week), "frequency" (later purchases by purchases
            before), or "season".
        ax : where to draw; a new figure unless given.

        Raises
        ------
        ValueError
            Another kind, or one that this log has nothing for.
        """
        from sim.show import fits

        if kind not in fits.PLOTS:
            raise ValueError(f'kind: {" or ".join(fits.PLOTS)} (got "{kind}")')
        if kind not in self.pictures:
            raise ValueError(f"this log has nothing to draw for {kind}: " + "; ".join(self.notes))
        return fits.PLOTS[kind](self._drawn()[kind], ax)

    def save_customers(
        self, file: str | os.PathLike[str], *, unit_margin: float | None = None, force: bool = False
    ) -> Path:
        """Write `customer_values` as CSV, whole or not at all; it is the one file with ids in it.

        Without a margin the columns of values are called revenue.
        """
        return write_customers(self.customer_values(unit_margin), Path(file), force=force)

    def _line(self) -> str:
        s, error = self.summary, self.holdout_error
        holdout = f"holdout {100 * error:+.1f} %" if np.isfinite(error) else "no holdout"
        if np.isfinite(self.holdout_luck[0]):
            low, high = (100 * end for end in self.holdout_luck)
            holdout += f" (95 % of what luck gives a right model: {low:+.0f} to {high:+.0f} %)"
        return (
            f"Fit: {s['new_customers']:,} customers new since {s['new_since']}, "
            f"{s['repeat_purchases_first_year']:.2f} repeat purchases expected in the first year; {holdout}"
        )

    def __repr__(self) -> str:
        return f"{self._line()}\n{self.table.drop(columns='meaning')}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._line())}</p>{self.table.to_html(border=0, float_format=nice)}"
