"""Defection analysis: why customers truly left, what an exit survey would say of it, and what knowing is worth."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any, cast

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.market import Market
from sim.scenario.words import REASONS
from sim.surveys import answered
from sim.tables import written

BEYOND = ("variety", "need ended", "fired")
"""Reasons that no remedy of the firm's is against."""

REMEDY = {reason: reason not in BEYOND for reason in REASONS}
"""Whether a firm can do something against a reason."""


class Defection:
    """Why a firm's customers left.

    Attributes
    ----------
    firm : str.
    reasons : DataFrame
        A row a reason: `true`, departures for it; `reported`, answers of those asked; `estimated`, what the firm can work
        out from the answers, knowing how often they are true (departures); `loss`, what those who left for it are worth
        (money, `true` times `customer_value`); `remedy`, whether the firm can do something against it.
    confusion : DataFrame
        A row a true reason, a column a reported one: leavers who were asked.
    leavers, asked : int. accuracy : float, share of the answers that are true; missing if nobody is asked.
    cost : float, of asking, money.
    customer_value : float, what a customer is worth by the margin multiple, money; missing in the first year.
    chosen, best : str or None
        The reason with a remedy that the answers put first, and the one that is first.
    value_of_knowing, value_of_asking : float
        What the firm gains that acts against `best`, or against `chosen` (less the cost of asking), instead of against
        any reason with a remedy, picked blindly; the remedy prevents all departures for it. Money; missing with
        `customer_value`.
    """

    def __init__(
        self, firm: str, true: np.ndarray, said: np.ndarray, asked: np.ndarray, words: dict[str, Any]
    ) -> None:
        n = len(REASONS)
        self.firm = firm
        self._words = words
        self.leavers, self.asked = len(true), int(asked.sum())
        table = np.zeros((n, n), dtype=np.int64)
        np.add.at(table, (true[asked], said[asked]), 1)
        self.confusion = pd.DataFrame(
            table, index=pd.Index(REASONS, name="true"), columns=pd.Index(REASONS, name="reported")
        )
        self.accuracy = float(table.trace() / self.asked) if self.asked else float("nan")
        self.cost = self.asked * float(words["cost"])
        self.customer_value = float(words["customer_value"])
        counts, reported = np.bincount(true, minlength=n), table.sum(axis=0)
        loss = counts * self.customer_value
        self.reasons = pd.DataFrame(
            {
                "true": counts, "reported": reported, "estimated": estimated(reported, self.leavers, words["true_share"]),
                "loss": loss, "remedy": list(REMEDY.values()),
            },
            index=pd.Index(REASONS, name="reason"),
        )  # fmt: skip
        for frame in (self.reasons, self.confusion):
            cast(Any, frame).attrs = dict(words["about"])
        can = self.reasons[self.reasons["remedy"]]
        self.best = str(can["true"].idxmax()) if can["true"].any() else None
        self.chosen = str(can["reported"].idxmax()) if can["reported"].any() else None
        blind = float(can["loss"].mean())
        self.value_of_knowing = float(can["loss"].max()) - blind
        self.value_of_asking = (
            float(can["loss"][self.chosen]) - blind - self.cost if self.chosen else -self.cost
        )

    @property
    def headline(self) -> str:
        """Who left for what, what a survey would have said, and what knowing is worth."""
        months = f"in {self._words['months']} month{'' if self._words['months'] == 1 else 's'}"
        if not self.leavers:
            return f"Nobody left {self.firm} {months}."
        first = str(self.reasons["true"].idxmax())
        parts = [
            f"{self.firm} lost {self.leavers:,} customers {months}, most for “{first}” ({self.reasons['true'].max():,})."
        ]
        if self.best and self.best != first:
            parts.append(
                f"Of what it can do something against, “{self.best}” comes first ({int(self.reasons['true'][self.best]):,})."
            )
        if self.asked and self.chosen:
            agrees = (
                "points to the same" if self.chosen == self.best else f"points to “{self.chosen}” instead"
            )
            parts.append(
                f"An exit survey of {self.asked:,} costs {written(self.cost, 2)} {self._words['currency']}, tells the truth in "
                f"{self.accuracy:.0%} of the answers, and {agrees}."
            )
        if np.isfinite(self.value_of_knowing) and self.best:
            ask = f", to ask {written(self.value_of_asking)}" if self.asked else ""
            parts.append(
                f"To know the true reason is worth up to {written(self.value_of_knowing)} {self._words['currency']}{ask}, "
                "against a remedy picked blindly."
            )
        return " ".join(parts)

    def in_short(self) -> pd.DataFrame:
        """The reasons for which anybody left or said so, as text, rounded for a reader."""
        some = self.reasons[(self.reasons["true"] > 0) | (self.reasons["reported"] > 0)]
        some = some.sort_values("true", ascending=False, kind="stable")
        digits = {"true": 0, "reported": 0, "estimated": 0, "loss": 0}
        data = {name: [written(float(v), d) for v in some[name]] for name, d in digits.items()}
        return pd.DataFrame(data, index=some.index)

    def __repr__(self) -> str:
        return f"{textwrap.fill(self.headline, 100)}\n{self.in_short().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.headline)}</p>{self.in_short().to_html(border=0)}"


def estimated(reported: np.ndarray, leavers: int, true_share: float) -> np.ndarray:
    """True departures by reason, worked out from answers of which a known share is true.

    An untrue answer is any other reason but being fired, of n - 2 that are left (n - 1 for who was fired). Solves
    reported = truth · noise, cut at 0 and scaled to all leavers; missing without answers, or where they tell nothing.
    """
    n = len(reported)
    noise = np.full((n, n), (1.0 - true_share) / (n - 2))
    noise[:, -1] = 0.0
    noise[-1, :] = (1.0 - true_share) / (n - 1)
    np.fill_diagonal(noise, true_share)
    total = reported.sum()
    if not total or np.linalg.matrix_rank(noise) < n:
        return np.full(n, np.nan)
    found = np.maximum(np.linalg.solve(noise.T, reported.astype(np.float64)), 0.0)
    return found * leavers / found.sum()


def answers(market: Market, share: float = 1.0) -> pd.DataFrame:
    """What all leavers so far would answer in an exit survey, a row each in the order of `Market.departures`.

    The answers are keyed by month and customer, so that who was really asked answers the same.

    Parameters
    ----------
    market : with some months done.
    share : of leavers who are asked, 0 to 1.

    Returns
    -------
    DataFrame : month (from 0), customer, firm, reason (codes), answer (a code), asked (bool).
    """
    by_name = {purpose.name: purpose for purpose in PURPOSES}
    rows = [d for d in market.departures if int(d["month"][0]) < market.month]
    names = ("month", "customer", "firm", "reason")
    data = {n: np.concatenate([np.empty(0, np.int64), *[d[n].astype(np.int64) for d in rows]]) for n in names}
    u = {
        name: market.draws._uniform(by_name[name], data["customer"], 0, data["month"])
        for name in ("exit_asked", "exit_true", "exit_other")
    }
    is_true = u["exit_true"] < market.tables.decide.exit_survey_true
    data["answer"] = answered(data["reason"], is_true, u["exit_other"])
    return pd.DataFrame(data | {"asked": u["exit_asked"] < share})


def defection(market: Market, firm: str, *, asked: float, about: dict[str, Any]) -> Defection:
    """Why the customers of a firm left, over all months done; see `Run.defection`."""
    if isinstance(asked, bool) or not isinstance(asked, (int, float)) or not 0.0 <= asked <= 1.0:
        raise ValueError(f"asked: must be a share of 0 to 1 (got {asked!r})")
    place = market.firm(firm).place
    table = answers(market, asked)
    own = table[table["firm"] == place]
    p = market.tables.decide
    heads = int(market.heads[-1][place]) if market.month else 0
    equity = float(market.metrics["customer_equity"][-1][place]) if market.month else float("nan")
    words = {
        "cost": market.cents(p.survey_cost * p.contact_cost) / 100.0,
        "customer_value": equity / heads if heads else float("nan"),
        "true_share": float(p.exit_survey_true),
        "months": market.month,
        "currency": market.scenario.market.currency,
        "about": about,
    }
    return Defection(firm, own["reason"].to_numpy(), own["answer"].to_numpy(), own["asked"].to_numpy(), words)
