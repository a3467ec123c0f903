"""What luck alone does to a holdout: how far off even the right model would be."""

from __future__ import annotations

import numpy as np

from sim.calibrate.estimating import Model
from sim.value import BetaGeometricNBD, Histories
from sim.value.estimation import scipy_part

LEAST = 1e-12
"""Chances of a further purchase that count for nothing."""


def of_a_right_model(model: Model, h: Histories, ahead: float, season: float = 1.0) -> tuple[float, float]:
    """What luck makes of expected over actual purchases, minus 1, in 95 of 100 logs of which the model is right.

    Two kinds of luck, of which the logarithms' variances add up: that of the estimates (delta method, from the covariance of
    the parameters), and that of the purchases to come, of customers with these histories.

    Parameters
    ----------
    model : fitted to these histories. h : up to the split, weeks.
    ahead : weeks that are foretold, above 0.
    season : factor on what is expected, taken for known.

    Returns
    -------
    float, float : lowest and highest; -0.2 is 20 % under actual.

    Source: ours.
    """
    keys, which = np.unique(h.frequency + 1j * h.age, return_inverse=True)
    x, age = keys.real, keys.imag

    def expected(one: Model) -> float:
        """Of all together."""
        alive = np.bincount(which, one.alive(h.frequency, h.first_to_last, h.age), len(keys))
        return float(alive @ _if_alive(one, x, age, ahead))

    values, step = np.array(list(model.parameters.values())), 1e-3
    slopes = np.zeros(len(values))
    for k in range(len(values)):
        near = [
            type(model)(*(values * np.exp(side * (np.arange(len(values)) == k))).tolist())
            for side in (-step, step)
        ]
        slopes[k] = np.log(expected(near[1]) / expected(near[0])) / (2.0 * step)
    of_estimates = float(slopes @ model.covariance.to_numpy() @ slopes)

    alive = model.alive(h.frequency, h.first_to_last, h.age)
    mean, square = _if_alive(model, x, age, ahead), _square_if_alive(model, x, age, ahead)
    variance = alive @ (season * mean + season**2 * (square - mean))[which]
    variance -= float(np.sum((season * alive * mean[which]) ** 2))
    of_purchases = float(variance) / (season * expected(model)) ** 2
    width = 1.96 * float(np.sqrt(of_estimates + of_purchases))
    return float(np.expm1(-width)), float(np.expm1(width))


def _if_alive(model: Model, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Purchases expected of customers who still buy, with x repeat purchases at this age."""
    last = np.where(x > 0, age, 0.0)
    return np.asarray(model.conditional_expected_purchases(ahead, x, last, age) / model.alive(x, last, age))


def _square_if_alive(model: Model, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Mean square of the purchases of customers who still buy.

    They are the fewer of a negative binomial and of the beta-geometric purchase after which the customer stops, both as what
    is known of the customer lets expect: the mean square is the sum of 2k + 1 times the chance of more than k.
    """
    special = scipy_part("special")
    further = ahead / (model.alpha + age + ahead)
    square, stays = np.zeros(len(x)), np.ones(len(x))
    left, k = np.arange(len(x)), 0
    while len(left):
        more = special.betainc(k + 1.0, model.r + x[left], further[left]) * stays[left]
        square[left] += (2 * k + 1) * more
        if isinstance(model, BetaGeometricNBD):
            stays[left] *= (model.b + x[left] + k) / (model.a + model.b + x[left] + k)
        left, k = left[more > LEAST], k + 1
    return square
