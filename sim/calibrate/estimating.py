"""The models of a log: which ones its purchases carry, and what their parameters come to in words that managers use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.value import BetaGeometricNBD, CannotFit, GammaGamma, Histories, NegativeBinomial
from sim.value.negative_binomial import silence

WEEKS_A_MONTH = 365.25 / 12.0 / 7.0
Model = BetaGeometricNBD | NegativeBinomial

MEANINGS = {
    "purchases_a_month": ("need", "mean purchases a month of a customer who is active"),
    "stop_chance": ("drop-out", "mean chance to stop after a purchase"),
    "spend": ("spend", "mean spend on a purchase: all that a customer buys on one day"),
    "r": ("need", "shape of the purchase rates: the smaller, the more customers differ"),
    "alpha": ("need", "weeks; the mean rate is r / alpha purchases a week"),
    "a": ("drop-out", "a / (a + b) is the mean chance to stop after a purchase"),
    "b": ("drop-out", "the larger a + b, the less customers differ in it"),
    "p": ("spend", "shape of one customer's purchases: the smaller, the more they vary"),
    "q": ("spend", "shape of the means: the smaller, the more customers differ"),
    "gamma": ("spend", "money; the mean spend is gamma p / (q - 1)"),
}
"""What each estimate belongs to, and what it says. Time in weeks."""


OWN_MEANS = "Spend is the mean of all purchases; customers are valued at their own, drawn to it as far as their purchases vary"
"""What is done where spend has no model."""


def purchases_model(h: Histories, notes: list[str]) -> Model:
    """BG/NBD; where hardly anybody stops, the negative binomial model, with a note that says so."""
    try:
        return BetaGeometricNBD.fit(h.frequency, h.first_to_last, h.age)
    except CannotFit:
        if silence(h.frequency, h.first_to_last, h.age) > 3.0:
            raise
    model = NegativeBinomial.fit(h.frequency, h.first_to_last, h.age)
    notes.append(
        "customers have been silent for no longer than ones who never stop: drop-out cannot be told from this log and is "
        "taken as 0 (the negative binomial model); a longer log may show some"
    )
    return model


def spend_model(h: Histories, notes: list[str], absurd: str = "") -> GammaGamma | None:
    """Gamma-Gamma; None, with a note, where spending tells no model: for an `absurd` purchase, if that is told."""
    paid = h.monetary > 0
    try:
        model = GammaGamma.fit(h.frequency[paid], h.monetary[paid])
    except (CannotFit, ValueError) as fault:
        notes.append(f"spend has no model of its own: {absurd or fault}. {OWN_MEANS}")
        return None
    if not np.isfinite(model.expected_spend):
        notes.append(
            f"{absurd or 'customers differ very much in what they spend'}, so that the mean has no model (q of 1 or less). {OWN_MEANS}"
        )
        return None
    if abs(model.correlation) > 0.3:
        notes.append(
            f"who buys often spends {'more' if model.correlation > 0 else 'less'} on a purchase (correlation "
            f"{model.correlation:.2f}); the spend model takes them as unrelated, so values of frequent buyers are off"
        )
    return model


def first_differs(h: Histories, first: np.ndarray, notes: list[str]) -> bool:
    """Whether customers pay another sum on their first purchase than later, with a note that says so.

    Where they do not, the first one's share of a customer's money has the mean 1 / purchases. It differs if it is more than
    three standard errors off, and the first purchase more than a tenth above or below the later ones. Source: ours.

    Parameters
    ----------
    h : of new customers. first : float64 (n,), money of the first purchase of each.
    """
    again = h.frequency > 0
    x, first, later = h.frequency[again], first[again], h.monetary[again]
    mean = (first + x * later) / (x + 1.0)
    paid = mean > 0
    if paid.sum() < 2:
        return False
    first, later = first[paid] / mean[paid], later[paid] / mean[paid]
    error = float(np.std(first, ddof=1)) / np.sqrt(len(first))
    ratio = float(first.mean() / later.mean())
    if abs(float(first.mean()) - 1.0) <= 3.0 * error or abs(ratio - 1.0) <= 0.1:
        return False
    notes.append(
        f"on their first purchase customers pay {100 * abs(ratio - 1.0):.0f} % {'more' if ratio > 1 else 'less'} than later: "
        "new customers are valued by their later purchases, and who bought once at the mean of all"
    )
    return True


def mean_spend(customer: np.ndarray, money: np.ndarray) -> tuple[float, float]:
    """Mean of all purchases, and its standard error: that of a ratio, by customers, for purchases of one are alike."""
    x, paid = np.bincount(customer), np.bincount(customer, money)
    mean = paid.sum() / x.sum()
    return float(mean), float(np.sqrt(np.sum((paid - mean * x) ** 2)) / x.sum())


def own_means(customer: np.ndarray, money: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each customer will spend on a purchase, without a law of it: the own mean, drawn to the mean of all.

    Parameters
    ----------
    customer : int64 (m,), 0 to n - 1, each there. money : float64 (m,), of each purchase, above 0.

    Returns
    -------
    float64 (n,) twice : money, and its standard error as a share of it.

    Source: Bühlmann & Straub 1970, Mitteilungen der Vereinigung schweizerischer Versicherungsmathematiker 70, 111-133.
    """
    x = np.bincount(customer).astype(float)
    own = np.bincount(customer, money) / x
    mean, error = mean_spend(customer, money)
    within = float(np.sum((money - own[customer]) ** 2)) / max(x.sum() - len(x), 1.0)
    between = float(x @ (own - mean) ** 2) - (len(x) - 1) * within
    between = max(between / (x.sum() - x @ x / x.sum()), 0.0)
    weight = x * between / np.maximum(x * between + within, 1e-300)
    paid = mean + weight * (own - mean)
    return paid, np.sqrt((1.0 - weight) * between + ((1.0 - weight) * error) ** 2) / paid


def estimates(model: Model, spend: GammaGamma | None, mean: tuple[float, float]) -> pd.DataFrame:
    """A row an estimate: part, estimate, standard_error, low, high (95 %), meaning; the readable ones first.

    Parameters
    ----------
    model, spend : the fitted models; without a spend model, `mean` is shown.
    mean : mean of all purchases, and its standard error.
    """
    rows = {"purchases_a_month": _derived(model, lambda m: m.r / m.alpha * WEEKS_A_MONTH)}
    if isinstance(model, BetaGeometricNBD):
        rows["stop_chance"] = _derived(model, lambda m: m.a / (m.a + m.b))
    rows["spend"] = _derived(spend, lambda m: m.expected_spend) if spend else mean
    first = pd.DataFrame(
        {
            name: {
                "estimate": value,
                "standard_error": error,
                "low": value * np.exp(-1.96 * error / value),
                "high": value * np.exp(1.96 * error / value),
            }
            for name, (value, error) in rows.items()
        }
    ).T
    table = pd.concat([first, *(one.interval() for one in (model, spend) if one is not None)])
    table.index.name = "parameter"
    table.insert(0, "part", [MEANINGS[name][0] for name in table.index])
    table["meaning"] = [MEANINGS[name][1] for name in table.index]
    return table


def _derived(model: Any, of: Any) -> tuple[float, float]:
    """A figure that follows from a model's parameters, and its standard error (delta method)."""
    values = np.array(list(model.parameters.values()))
    step = 1e-4
    slopes = np.zeros(len(values))
    for k in range(len(values)):
        sides = [of(type(model)(*np.where(np.arange(len(values)) == k, values * np.exp(side), values).tolist()))
                 for side in (-step, step)]  # fmt: skip
        slopes[k] = (sides[1] - sides[0]) / (2.0 * step)
    return float(of(model)), float(np.sqrt(slopes @ model.covariance.to_numpy() @ slopes))
