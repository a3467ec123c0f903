"""Customers without a contract: the Pareto/NBD model, in which they may stop at any time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.value.buying import BuyingModel, Rows, histories
from sim.value.estimation import Likelihood, scipy_part
from sim.value.inputs import positive

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
BLOCK = 8_192
"""Rows whose integrals are computed together."""


class ParetoNBD(BuyingModel):
    """Customers buy at rates that vary as Gamma(r, alpha), and stop at rates that vary as Gamma(s, beta).

    Parameters
    ----------
    r, alpha : float
        Shape and scale (time) of the purchase rates, above 0; the mean rate is r / alpha.
    s, beta : float
        Shape and scale (time) of the drop-out rates, above 0.

    Source: Schmittlein, Morrison & Colombo 1987, Management Science 33(1) 1-24; the integral of the likelihood is
    computed as it stands (Gauss-Legendre), not as a difference of hypergeometric functions, which loses digits.

    Examples
    --------
    >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)    # weeks; Fader, Hardie & Lee 2005, table 2
    >>> round(model.expected_purchases(39), 2)
    1.21
    """

    names = ("r", "alpha", "s", "beta")
    time_names = ("alpha", "beta")
    starts = ((0.5, 0.6, 0.4), (2.0, 0.6, 0.4), (0.8, 2.0, 4.0), (0.8, 0.2, 1.0))

    def __init__(self, r: float, alpha: float, s: float, beta: float) -> None:
        self.r, self.alpha = positive("r", r), positive("alpha", alpha)
        self.s, self.beta = positive("s", s), positive("beta", beta)

    @classmethod
    def _likelihood(cls, rows: Rows) -> Likelihood:
        special = scipy_part("special")
        x, last, age, n, values, heads = rows
        total, psi = n.sum(), special.psi

        def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
            r, alpha, s, beta = np.exp(logs)
            value, slope = 0.0, np.zeros(4)
            for start in range(0, len(x), BLOCK):
                rows = slice(start, start + BLOCK)
                part, by = _block(r, alpha, s, beta, x[rows], last[rows], age[rows], n[rows])
                value, slope = value + part, slope + by
            value += heads @ (special.gammaln(r + values) - special.gammaln(r))
            value += total * (r * logs[1] + s * logs[3])
            slope[0] += heads @ (psi(r + values) - psi(r)) + total * logs[1]
            slope += total * np.array([0.0, r / alpha, logs[3], s / beta])
            return float(value), slope * np.exp(logs)

        return likelihood

    @classmethod
    def _why(cls, values: np.ndarray, rate: float, unit: float) -> str:
        r, _, s, beta = values
        if s / beta < 1e-3:
            return (
                "hardly anybody in these rows stops buying, so that s and beta cannot be told; "
                "observe for longer, or take drop-out as 0"
            )
        if r > 100:
            return (
                f"customers do not differ in how often they buy (all about {rate:.3g} a unit of time), so that r and "
                "alpha grow without end; look whether the log holds one kind of customer only, or subscriptions"
            )
        if s > 100:
            return (
                f"customers do not differ in how soon they stop (all at a rate of about {s / beta / unit:.3g}), so "
                "that s and beta grow without end; more customers or a longer time are needed to tell them apart"
            )
        return (
            "these rows do not tell r, alpha, s and beta apart; try BetaGeometricNBD, or observe more customers for "
            "longer"
        )

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Repeat purchases that a new customer is expected to make up to time t (0 or more)."""
        (times,), plain = histories(t=t)
        return plain(self.r / self.alpha * _active_time(self.s, self.beta, times))

    def alive(self, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike) -> Any:
        """Chance that a customer with this history still buys."""
        (x, last, total), plain = histories(frequency=frequency, first_to_last=first_to_last, age=age)
        return plain(self._alive(x, last, total))

    def _alive(self, x: np.ndarray, last: np.ndarray, age: np.ndarray) -> np.ndarray:
        share = np.empty(len(x))
        for start in range(0, len(x), BLOCK):
            rows = slice(start, start + BLOCK)
            ways = _ways(self.r, self.alpha, self.s, self.beta, x[rows], last[rows], age[rows])
            top = np.maximum(ways.active, ways.stopped.max(axis=1))
            active, stopped = np.exp(ways.active - top), np.exp(ways.stopped - top[:, None]).sum(axis=1)
            share[rows] = active / (active + stopped)
        return share

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike
    ) -> Any:
        """Purchases that a customer with this history is expected to make in the next t.

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
        rate = (self.r + x) / (self.alpha + total)
        return plain(self._alive(x, last, total) * rate * _active_time(self.s, self.beta + total, times))


def _active_time(s: float, beta: float | np.ndarray, t: np.ndarray) -> np.ndarray:
    """Time of the next t in which a customer still buys: beta (1 - (beta / (beta + t))^(s - 1)) / (s - 1)."""
    logs = np.log1p(t / beta)
    if abs(s - 1.0) < 1e-9:
        return beta * logs
    return -beta * np.expm1(-(s - 1.0) * logs) / (s - 1.0)


class _Ways(NamedTuple):
    """Logs of the two ways to a history: active at the end, or stopped at each node between; and what made them."""

    active: np.ndarray
    stopped: np.ndarray
    near: np.ndarray
    far: np.ndarray
    log_near: np.ndarray
    log_far: np.ndarray


def _ways(
    r: float, alpha: float, s: float, beta: float, x: np.ndarray, last: np.ndarray, age: np.ndarray
) -> _Ways:
    """The ways to these histories.

    Stopped is the integral from `last` to `age` of s (alpha + u)^-(r + x) (beta + u)^-(s + 1) du. With
    u = last + (e^y - 1) / k and k the slope at its start, the integrand is smooth in y, whatever the exponents.
    """
    k = (r + x + 1.0) / (alpha + last) + (s + 1.0) / (beta + last)
    half = np.log1p(k * (age - last)) / 2.0
    y = half[:, None] * (NODES + 1.0)
    times = last[:, None] + np.expm1(y) / k[:, None]
    near, far = alpha + times, beta + times
    log_near, log_far = np.log(near), np.log(far)
    with np.errstate(divide="ignore"):  # who bought on the last day has no time in between
        scale = np.log(half * s / k)
    stopped = scale[:, None] + np.log(WEIGHTS) + y - (r + x)[:, None] * log_near - (s + 1.0) * log_far
    active = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    return _Ways(active, stopped, near, far, log_near, log_far)


def _block(
    r: float,
    alpha: float,
    s: float,
    beta: float,
    x: np.ndarray,
    last: np.ndarray,
    age: np.ndarray,
    n: np.ndarray,
) -> tuple[float, np.ndarray]:
    """The log-likelihood of some rows without what depends on the frequency only, and its gradient."""
    ways = _ways(r, alpha, s, beta, x, last, age)
    top = np.maximum(ways.active, ways.stopped.max(axis=1))
    parts = np.exp(ways.stopped - top[:, None])
    still = np.exp(ways.active - top)
    either = still + parts.sum(axis=1)
    parts *= (n / either)[:, None]
    still *= n / either
    by_r = -(still @ np.log(alpha + age)) - np.vdot(parts, ways.log_near)
    by_alpha = -(still @ ((r + x) / (alpha + age))) - (r + x) @ (parts / ways.near).sum(axis=1)
    by_s = -(still @ np.log(beta + age)) + parts.sum() / s - np.vdot(parts, ways.log_far)
    by_beta = -s * (still @ (1.0 / (beta + age))) - (s + 1.0) * (parts / ways.far).sum()
    return float(n @ (top + np.log(either))), np.array([by_r, by_alpha, by_s, by_beta])
