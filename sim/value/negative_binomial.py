"""Customers without a contract who do not stop: the negative binomial model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.value.buying import BuyingModel, Rows, histories
from sim.value.estimation import Likelihood, scipy_part
from sim.value.inputs import column, positive


class NegativeBinomial(BuyingModel):
    """Customers buy at rates that vary as Gamma(r, alpha), and do not stop.

    What BG/NBD becomes where hardly anybody drops out: use it when `BetaGeometricNBD.fit` says so.

    Parameters
    ----------
    r : float
        Shape of the rates, above 0. alpha : float, their scale, time; the mean rate is r / alpha.

    Source: Ehrenberg 1959, Applied Statistics 8(1) 26-41.

    Examples
    --------
    >>> model = NegativeBinomial(r=0.5, alpha=10.0)
    >>> float(model.expected_purchases(52.0))
    2.6
    >>> float(model.conditional_expected_purchases(10.0, frequency=4, first_to_last=30.0, age=35.0))
    1.0
    """

    names = ("r", "alpha")
    time_names = ("alpha",)
    starts = ((0.3,), (1.0,), (3.0,))

    def __init__(self, r: float, alpha: float) -> None:
        self.r, self.alpha = positive("r", r), positive("alpha", alpha)

    @classmethod
    def _likelihood(cls, rows: Rows) -> Likelihood:
        """Of x purchases in a time, with their order: Gamma(r + x) / Gamma(r) · alpha^r / (alpha + age)^(r + x)."""
        special = scipy_part("special")
        x, _, age, n, values, heads = rows
        total = n.sum()

        def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
            r, alpha = np.exp(logs)
            long = np.log(alpha + age)
            value = heads @ (special.gammaln(r + values) - special.gammaln(r))
            value += total * r * logs[1] - n @ ((r + x) * long)
            by_r = heads @ (special.psi(r + values) - special.psi(r)) + total * logs[1] - n @ long
            by_alpha = total * r / alpha - n @ ((r + x) / (alpha + age))
            return float(value), np.array([r * by_r, alpha * by_alpha])

        return likelihood

    @classmethod
    def _why(cls, values: np.ndarray, rate: float, unit: float) -> str:
        return (
            f"customers do not differ in how often they buy (all about {rate:.3g} a unit of time), so that r and "
            "alpha grow without end; look whether the log holds one kind of customer only, or subscriptions"
        )

    def expected_purchases(self, t: ArrayLike) -> np.ndarray | float:
        """Repeat purchases that a new customer is expected to make up to time t (0 or more): t r / alpha."""
        (times,), plain = histories(t=t)
        return plain(times * self.r / self.alpha)

    def alive(self, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike) -> np.ndarray | float:
        """Chance that a customer with this history still buys: 1."""
        (x, _, _), plain = histories(frequency=frequency, first_to_last=first_to_last, age=age)
        return plain(np.ones(len(x)))

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike
    ) -> np.ndarray | float:
        """Purchases that a customer with this history is expected to make in the next t: t (r + x) / (alpha + age)."""
        (times, x, _, total), plain = histories(
            t=t, frequency=frequency, first_to_last=first_to_last, age=age
        )
        return plain(times * (self.r + x) / (self.alpha + total))


def silence(frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike) -> float:
    """How much longer customers have been silent than ones who never stop would be, in standard errors.

    Who buys x times at random moments of a time was last seen a share 1 / (x + 1) before its end, on average, whatever
    the rate. Above 3, some have stopped.

    Parameters
    ----------
    frequency, first_to_last, age : (n,) arrays
        Histories, as in `BetaGeometricNBD.fit`.

    Source: ours, from the uniform order statistics.
    """
    x, last, total = (
        column("frequency", frequency),
        column("first_to_last", first_to_last),
        column("age", age),
    )
    x, last, total = (one[x > 0] for one in (x, last, total))
    if not len(x):
        return 0.0
    longer = (1.0 - last / total) - 1.0 / (x + 1.0)
    return float(longer.sum() / np.sqrt((x / ((x + 1.0) ** 2 * (x + 2.0))).sum()))
