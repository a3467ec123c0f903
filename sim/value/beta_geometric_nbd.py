"""Customers without a contract: the BG/NBD model, in which they may stop after each purchase."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.value.buying import BuyingModel, Rows, histories
from sim.value.estimation import Likelihood, scipy_part
from sim.value.inputs import positive

NEAR = 1e-4
"""Around a = 1 and a + b + x = 1 the closed forms are 0/0: the mean of two values this near is taken."""


class BetaGeometricNBD(BuyingModel):
    """Customers buy at rates that vary as Gamma(r, alpha), and stop after any purchase with a chance that varies as Beta(a, b).

    Parameters
    ----------
    r : float
        Shape of the rates, above 0. alpha : float, their scale, time; the mean rate is r / alpha.
    a, b : float
        Above 0; the mean chance to stop after a purchase is a / (a + b).

    Source: Fader, Hardie & Lee 2005, Marketing Science 24(2) 275-284.

    Examples
    --------
    >>> model = BetaGeometricNBD(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)      # weeks; the paper's table 2
    >>> round(model.expected_purchases(39), 2)
    1.2
    >>> round(model.conditional_expected_purchases(39, frequency=2, first_to_last=30.43, age=38.86), 3)
    1.226
    """

    names = ("r", "alpha", "a", "b")
    time_names = ("alpha",)
    starts = ((0.3, 0.6, 2.0), (2.0, 0.6, 2.0), (0.8, 2.0, 20.0), (0.8, 0.1, 2.0))

    def __init__(self, r: float, alpha: float, a: float, b: float) -> None:
        self.r, self.alpha = positive("r", r), positive("alpha", alpha)
        self.a, self.b = positive("a", a), positive("b", b)

    @classmethod
    def _likelihood(cls, rows: Rows) -> Likelihood:
        """Equation 6 of the paper and its gradient: what was bought, times alive at the end or stopped after the last."""
        special = scipy_part("special")
        x, last, age, n, values, heads = rows
        total, again = n.sum(), x > 0

        def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
            r, alpha, a, b = np.exp(logs)
            long, short = np.log(alpha + age), np.log(alpha + last)
            alive = -(r + x) * long
            stopped = np.full(len(x), -np.inf)
            stopped[again] = logs[2] - np.log(b + x[again] - 1.0) - (r + x[again]) * short[again]
            either = np.logaddexp(alive, stopped)
            share = np.exp(stopped - either)
            psi, gammaln = special.psi, special.gammaln
            by_value = gammaln(r + values) - gammaln(r) + special.betaln(a, b + values) - special.betaln(a, b)
            value = heads @ by_value + total * r * logs[1] + n @ either
            by_r = heads @ (psi(r + values) - psi(r)) + total * logs[1]
            by_r -= n @ (long + share * (short - long))
            by_alpha = total * r / alpha
            by_alpha -= n @ ((r + x) * ((1.0 - share) / (alpha + age) + share / (alpha + last)))
            both = heads @ (psi(a + b) - psi(a + b + values))
            by_a = both + n @ share / a
            by_b = both + heads @ (psi(b + values) - psi(b))
            by_b -= n[again] @ (share[again] / (b + x[again] - 1.0))
            return float(value), np.array([r * by_r, alpha * by_alpha, a * by_a, b * by_b])

        return likelihood

    @classmethod
    def _why(cls, values: np.ndarray, rate: float, unit: float) -> str:
        r, _, a, b = values
        if a / (a + b) < 1e-3:
            return (
                "hardly anybody in these rows stops buying, so that a and b cannot be told; "
                "observe for longer, or take drop-out as 0 and the rate as the whole of it"
            )
        if r > 100:
            return (
                f"customers do not differ in how often they buy (all about {rate:.3g} a unit of time), so that r and "
                "alpha grow without end; look whether the log holds one kind of customer only, or subscriptions"
            )
        if a + b > 100:
            return (
                f"customers do not differ in their chance to stop (all about {a / (a + b):.3g} after a purchase), so "
                "that a and b grow without end; more customers or a longer time are needed to tell them apart"
            )
        return (
            "these rows do not tell r, alpha, a and b apart; more customers (some hundred with repeat purchases) or a "
            "longer time of observation are needed"
        )

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Repeat purchases that a new customer is expected to make up to time t (0 or more): equation 9."""
        (times,), plain = histories(t=t)
        zero = np.zeros(len(times))
        return plain(_expected(self.a, self.b, self.r, self.alpha, times, zero, zero))

    def alive(self, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike) -> Any:
        """Chance that a customer with this history still buys; 1 for who never bought again, as the model has it.

        Source: Fader, Hardie & Lee 2008, "Computing P(alive) using the BG/NBD model".
        """
        (x, last, total), plain = histories(frequency=frequency, first_to_last=first_to_last, age=age)
        return plain(self._alive(x, last, total))

    def _alive(self, x: np.ndarray, last: np.ndarray, age: np.ndarray) -> np.ndarray:
        power = (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + last))
        odds = np.log(self.a) - np.log(np.maximum(self.b + x - 1.0, 1e-300)) + power
        return np.where(x > 0, 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0))), 1.0)

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike
    ) -> Any:
        """Purchases that a customer with this history is expected to make in the next t: equation 10.

        Parameters
        ----------
        t : float or (n,) array
            Time ahead, 0 or more.
        frequency, first_to_last, age : float or (n,) array
            The history, as in `fit`.
        """
        (times, x, last, total), plain = histories(
            t=t, frequency=frequency, first_to_last=first_to_last, age=age
        )
        expected = _expected(self.a, self.b, self.r, self.alpha, times, x, total)
        return plain(self._alive(x, last, total) * expected)


def _expected(
    a: float, b: float, r: float, alpha: float, t: np.ndarray, x: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Purchases in the next t of one who is alive, with x repeat purchases at this age."""
    if abs(a - 1.0) < NEAR:
        pair = [_expected(1.0 + side * 2.0 * NEAR, b, r, alpha, t, x, age) for side in (-1.0, 1.0)]
        return (pair[0] + pair[1]) / 2.0
    if np.any(np.abs(a + b + x - 1.0) < NEAR):
        pair = [_expected(a, b + side * 2.0 * NEAR, r, alpha, t, x, age) for side in (-1.0, 1.0)]
        return (pair[0] + pair[1]) / 2.0
    ahead = alpha + age + t
    series = scipy_part("special").hyp2f1(r + x, b + x, a + b + x - 1.0, t / ahead)
    power = np.exp((r + x) * (np.log(alpha + age) - np.log(ahead)))
    with np.errstate(invalid="ignore", over="ignore"):
        value = (a + b + x - 1.0) / (a - 1.0) * (1.0 - power * series)
    for row in np.flatnonzero(~np.isfinite(value)):  # hundreds of purchases: the series overflows
        value[row] = _by_quadrature(a, b + x[row], r + x[row], t[row] / (alpha + age[row]))
    return value


def _by_quadrature(a: float, b: float, n: float, ahead: float) -> float:
    """The mean of (1 - (1 + p ahead)^-n) / p over p ~ Beta(a, b), by equal steps of the logit of p."""
    middle = math.log(a / b)
    logit = np.linspace(middle - 40.0 / min(a, 1.0), middle + 40.0 / min(b, 1.0), 4_001)
    log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
    weight = a * log_p + b * log_q
    weight = np.exp(weight - weight.max())
    least = np.maximum(log_p, -30.0)  # below, the gain is at its limit, n times what is ahead
    gain = -np.expm1(-n * np.log1p(ahead * np.exp(least))) * np.exp(-least)
    return float(weight @ gain / weight.sum())
