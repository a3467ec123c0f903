"""How much a customer spends on a purchase: the Gamma-Gamma model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.value.estimation import CannotFit, Fitted, Likelihood, Problem, maximise, scipy_part
from sim.value.inputs import columns, equal_rows, finite, law, positive


class GammaGamma(Fitted):
    """A customer's purchases vary as Gamma(p, v) around a mean of the customer's own, and v varies as Gamma(q, gamma).

    The mean spend is taken to be independent of how often a customer buys: `correlation` tells how far it is.

    Parameters
    ----------
    p, q : float
        Shapes, above 0. gamma : float, money, above 0.

    Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4) 415-430; Fader & Hardie 2013, "The gamma-gamma
    model of monetary value".

    Examples
    --------
    >>> model = GammaGamma(p=6.2488, q=3.7446, gamma=15.4477)      # the paper's, CDNOW
    >>> round(model.expected_spend, 2)
    35.17
    >>> round(model.conditional_expected_spend(1, 80.0), 2)
    66.32
    """

    names = ("p", "q", "gamma")
    correlation: float = math.nan

    def __init__(self, p: float, q: float, gamma: float) -> None:
        self.p, self.q, self.gamma = positive("p", p), positive("q", q), positive("gamma", gamma)

    @classmethod
    def fit(cls, frequency: ArrayLike, monetary: ArrayLike, *, counts: ArrayLike | None = None) -> GammaGamma:
        """The most likely p, q and gamma; customers with a frequency of 0 are left out, as they have no mean.

        Parameters
        ----------
        frequency : (n,) array
            Purchases that the mean is taken over (repeat purchases, in the paper), 0 or more.
        monetary : (n,) array
            Mean spend on those purchases, money above 0.
        counts : (n,) array, optional
            Customers that each row stands for.

        Raises
        ------
        ValueError
            Means that are not above 0, frequencies below 0.
        CannotFit
            The rows do not tell the parameters; says why, and what to do.
        """
        x, mean, n = columns(counts, frequency=frequency, monetary=monetary)
        law("frequency", x, x < 0, "purchases, 0 or more")
        kept = (x > 0) & (n > 0)
        if not kept.any():
            raise CannotFit("no customer has a purchase to take a mean over; frequency is 0 everywhere")
        x, mean, n = x[kept], mean[kept], n[kept]
        law("monetary", mean, mean <= 0, "mean spend above 0; leave free purchases and returns out")
        x, mean, n = equal_rows(x, mean, counts=n)
        unit = float(n @ mean / n.sum())
        starts = ((3.0, 4.0, 1.0), (10.0, 2.5, 0.2), (1.0, 10.0, 9.0))
        problem = Problem(cls.names, _likelihood(x, mean / unit, n), starts, _why)
        found = maximise(problem)
        model = cls(found.values[0], found.values[1], found.values[2] * unit)
        model._keep(found, float(n.sum()), -float(n.sum()) * math.log(unit))
        model.correlation = _correlation(x, mean, n)
        return model

    @property
    def expected_spend(self) -> float:
        """Mean spend a purchase over all customers: gamma p / (q - 1), money; infinite with q of 1 or less."""
        return self.gamma * self.p / (self.q - 1.0) if self.q > 1.0 else math.inf

    def conditional_expected_spend(self, frequency: ArrayLike, monetary: ArrayLike) -> Any:
        """Mean spend a purchase that a customer with this record will come to: equation 5 of Fader & Hardie 2013.

        p (gamma + x m) / (p x + q - 1): between the customer's own mean and that of all.

        Parameters
        ----------
        frequency : float or (n,) array
            Purchases of the record; with 0, the mean of all customers.
        monetary : float or (n,) array
            Their mean spend; not looked at where frequency is 0.
        """
        x, mean = np.broadcast_arrays(finite("frequency", frequency), finite("monetary", monetary))
        below = self.p * x + self.q - 1.0
        value = np.where(
            below > 0.0,
            self.p * (self.gamma + x * np.where(x > 0, mean, 0.0)) / np.maximum(below, 1e-300),
            np.inf,
        )
        return float(value) if value.ndim == 0 else value


def _likelihood(x: np.ndarray, mean: np.ndarray, n: np.ndarray) -> Likelihood:
    """Equation 1a of Fader & Hardie 2013, and its gradient."""
    special = scipy_part("special")
    psi, gammaln = special.psi, special.gammaln
    values, inverse = np.unique(x, return_inverse=True)
    heads, total = np.bincount(inverse, n), n.sum()
    own, logs_mean = float(n @ (x * np.log(mean))), float(n @ np.log(mean))
    logs_x = float(n @ (x * np.log(x)))

    def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, gamma = np.exp(logs)
        both = np.log(gamma + x * mean)
        value = heads @ (gammaln(p * values + q) - gammaln(p * values)) - total * gammaln(q)
        value += total * q * logs[2] + p * own - logs_mean + p * logs_x - n @ ((p * x + q) * both)
        of_both = psi(p * values + q)
        by_p = heads @ (values * (of_both - psi(p * values))) + own + logs_x - n @ (x * both)
        by_q = heads @ of_both - total * psi(q) + total * logs[2] - n @ both
        by_gamma = total * q / gamma - n @ ((p * x + q) / (gamma + x * mean))
        return float(value), np.array([p * by_p, q * by_q, gamma * by_gamma])

    return likelihood


def _correlation(x: np.ndarray, mean: np.ndarray, n: np.ndarray) -> float:
    """Of frequency and mean spend over customers; 0 where one of them does not vary."""
    total = n.sum()
    dx, dm = x - n @ x / total, mean - n @ mean / total
    spread = math.sqrt(float(n @ dx**2) * float(n @ dm**2))
    return float(n @ (dx * dm)) / spread if spread > 0 else 0.0


def _why(logs: np.ndarray) -> str:
    p, q, _ = np.exp(logs)
    if p > 100:
        return (
            "customers spend the same on each of their purchases (or were seen once only), so that p grows without "
            "end; take each customer's own mean instead"
        )
    if q > 100:
        return (
            "customers do not differ in what they spend, so that q and gamma grow without end; "
            "take the mean of all purchases instead"
        )
    return "these rows do not tell p, q and gamma apart; more customers with repeat purchases are needed"
