"""Contract customers who renew each period: the shifted-beta-geometric model (sBG)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.value.estimation import CannotFit, Fitted, Problem, maximise, scipy_part
from sim.value.inputs import column, law, positive


class OneRate(CannotFit):
    """Churn does not fall with age: one rate, `churn` a period, is as likely as any alpha and beta."""

    def __init__(self, churn: float) -> None:
        super().__init__(
            f"churn does not fall with age (about {churn:.3g} a period all the time), so that these customers do not "
            "differ and alpha and beta grow without end; one rate says it all: "
            f"margin_multiple({1.0 - churn:.3g}, discount)"
        )
        self.churn = churn


class ShiftedBetaGeometric(Fitted):
    """Customers leave each period with a chance of their own, which varies among them as Beta(alpha, beta).

    Those who are likely to leave go first, so that retention rises with a cohort's age though nobody changes.

    Parameters
    ----------
    alpha, beta : float
        Above 0; mean churn of new customers is alpha / (alpha + beta).

    Source: Fader & Hardie 2007, Journal of Interactive Marketing 21(1) 76-90.

    Examples
    --------
    >>> model = ShiftedBetaGeometric.fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> round(model.alpha, 3), round(model.beta, 3)
    (0.668, 3.806)
    >>> round(model.survival(12), 3)
    0.378
    """

    names = ("alpha", "beta")

    def __init__(self, alpha: float, beta: float) -> None:
        self.alpha, self.beta = positive("alpha", alpha), positive("beta", beta)

    @classmethod
    def fit(cls, survivors: ArrayLike) -> ShiftedBetaGeometric:
        """The most likely alpha and beta.

        Parameters
        ----------
        survivors : (n + 1,) array
            Customers of one cohort alive at 0, 1, 2, … periods; never rising, at least three counts.

        Raises
        ------
        ValueError
            Counts that rise or are negative, or fewer than three.
        CannotFit
            Nobody left, or all left at once, or churn does not fall with age (`OneRate`).
        """
        alive = column("survivors", survivors)
        law("survivors", alive, alive < 0, "customers, 0 or more")
        law("survivors", alive, np.diff(alive, prepend=alive[0]) > 0, "a cohort cannot grow")
        if len(alive) < 3:
            raise ValueError(f"survivors: counts at 0, 1 and 2 periods at least (got {len(alive)} counts)")
        left = -np.diff(alive)
        if left.sum() == 0:
            raise CannotFit(
                "nobody left, so that churn cannot be told: wait until some leave, or give more periods"
            )
        if not alive[1:-1].any():
            raise CannotFit("all customers left in the first period: there is no retention to fit")
        special = scipy_part("special")

        def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
            a, b = np.exp(logs)
            return _log_likelihood(a, b, left, alive[-1], special)

        churn = float(left.sum() / alive[:-1].sum())
        starts = tuple((churn * size, (1.0 - churn) * size) for size in (0.5, 4.0, 40.0))
        found = maximise(Problem(cls.names, likelihood, starts, lambda logs: _why(logs, churn)))
        model = cls(*found.values)
        model._keep(found, float(alive[0]))
        return model

    def survival(self, t: ArrayLike) -> Any:
        """Share of a cohort alive after t periods, t 0 or more: B(alpha, beta + t) / B(alpha, beta)."""
        special = scipy_part("special")
        age = column("t", np.atleast_1d(t))
        law("t", age, age < 0, "periods, 0 or more")
        share = np.exp(special.betaln(self.alpha, self.beta + age) - special.betaln(self.alpha, self.beta))
        return float(share[0]) if np.ndim(t) == 0 else share

    def retention(self, t: ArrayLike) -> Any:
        """Share of those alive after t - 1 periods who are alive after t, t from 1 on: it rises with t."""
        age = np.asarray(t, dtype=np.float64)
        law("t", np.atleast_1d(age), np.atleast_1d(age) < 1, "periods, 1 or more")
        share = (self.beta + age - 1.0) / (self.alpha + self.beta + age - 1.0)
        return float(share) if share.ndim == 0 else share

    def expected_margins(self, discount: float, *, age: float = 0.0) -> float:
        """Discounted number of yearly margins of a customer who has been one for `age` periods, today's included.

        The sum over k = 0, 1, … of S(age + k) / S(age) / (1 + discount)^k, which is
        2F1(1, beta + age; alpha + beta + age; 1 / (1 + discount)).

        Parameters
        ----------
        discount : float
            A period, above 0.
        age : float
            Periods survived so far, 0 or more.

        Source: Fader & Hardie 2010, Marketing Science 29(1) 85-93, with today's margin.
        """
        positive("discount", discount)
        b = self.beta + age
        return float(scipy_part("special").hyp2f1(1.0, b, self.alpha + b, 1.0 / (1.0 + discount)))


def _log_likelihood(
    a: float, b: float, left: np.ndarray, last: float, special: Any
) -> tuple[float, np.ndarray]:
    """Those who left in period k have B(a + 1, b + k - 1) / B(a, b), those still there B(a, b + n) / B(a, b)."""
    k = np.arange(len(left), dtype=np.float64)
    n = float(len(left))
    base, psi = special.betaln(a, b), special.psi
    value = left @ (special.betaln(a + 1.0, b + k) - base) + last * (special.betaln(a, b + n) - base)
    common, total = psi(a + b), left.sum() + last
    by_a = (
        left @ (psi(a + 1.0) - psi(a + b + 1.0 + k))
        + last * (psi(a) - psi(a + b + n))
        - total * (psi(a) - common)
    )
    by_b = (
        left @ (psi(b + k) - psi(a + b + 1.0 + k))
        + last * (psi(b + n) - psi(a + b + n))
        - total * (psi(b) - common)
    )
    return float(value), np.array([a * by_a, b * by_b])


def _why(logs: np.ndarray, churn: float) -> str:
    if logs[0] > 0:
        raise OneRate(churn)
    return (
        "who leaves at all leaves at once, and the rest never, so that alpha and beta shrink without end; "
        "observe the cohort for more periods"
    )
