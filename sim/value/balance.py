"""How much to spend on winning customers and how much on keeping them: the customer-equity test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.value.inputs import columns, law, positive


@dataclass(frozen=True)
class ResponseCurve:
    """What a spend achieves: rate = floor + (ceiling - floor) (1 - exp(-steepness spend)), with ever smaller steps.

    Attributes
    ----------
    ceiling : float
        Rate that no spend exceeds, 0 to 1.
    steepness : float
        Per unit of money, above 0.
    floor : float
        Rate without any spend, 0 to the ceiling; 0 in the paper.

    Source: Blattberg & Deighton 1996, Harvard Business Review 74(4) 136-144; the floor is ours.

    Examples
    --------
    >>> curve = ResponseCurve.through((5.0, 0.2), ceiling=0.4)
    >>> round(curve.rate(10.0), 3)
    0.3
    """

    ceiling: float
    steepness: float
    floor: float = 0.0

    @classmethod
    def through(cls, point: tuple[float, float], *, ceiling: float) -> ResponseCurve:
        """The curve through 0 and one known point: a spend, and the rate that it brought.

        Raises
        ------
        ValueError
            The spend is not above 0, or the rate not between 0 and the ceiling.
        """
        return _curve("", point, ceiling)

    @classmethod
    def fit(
        cls, spend: ArrayLike, tried: ArrayLike, succeeded: ArrayLike, *, floor: float = 0.0
    ) -> ResponseCurve:
        """The curve that makes what a market showed most likely; needs SciPy.

        Parameters
        ----------
        spend : (n,) array
            Money a prospect (or customer), above 0; at least two different spends.
        tried, succeeded : (n,) array
            Prospects (or customers) reached, and those of them who were won (or kept).
        floor : float
            The rate without any spend, 0 or more and below 1, known from elsewhere.

        Raises
        ------
        ValueError
            Values out of range. CannotFit: the rates do not bend, so that they tell no ceiling.
        """
        from sim.value.estimation import Problem, maximise

        money, all_tried, won, _ = columns(None, spend=spend, tried=tried, succeeded=succeeded)
        law("spend", money, money <= 0, "money above 0")
        law("tried", all_tried, all_tried <= 0, "people above 0")
        law("succeeded", won, (won < 0) | (won > all_tried), "people of 0 to those tried")
        if not 0.0 <= floor < 1.0:
            raise ValueError(f"floor: a rate of 0 or more and below 1 (got {floor!r})")
        unit, room = float(money.mean()), 1.0 - floor

        def likelihood(logs: np.ndarray) -> tuple[float, np.ndarray]:
            # ceiling = floor + room odds / (1 + odds), so that both parameters are positive without an upper end
            odds, k = np.exp(logs)
            reached = -np.expm1(-k * money / unit)
            gain = room * odds / (1.0 + odds) * reached
            rate = np.clip(floor + gain, 1e-300, 1.0 - 1e-15)
            slope = won / rate - (all_tried - won) / (1.0 - rate)
            value = won @ np.log(rate) + (all_tried - won) @ np.log1p(-rate)
            by_k = room * odds / (1.0 + odds) * k * money / unit * (1.0 - reached)
            return float(value), np.array([slope @ gain / (1.0 + odds), slope @ by_k])

        share = max((float(won.sum() / all_tried.sum()) - floor) / room, 1e-9)
        starts = [
            (share * factor / (1 - min(share * factor, 0.9)), k) for factor in (1.2, 3) for k in (0.3, 2)
        ]
        found = maximise(Problem(("odds", "steepness"), likelihood, starts, _no_ceiling))
        odds, k = found.values.tolist()
        return cls(floor + room * odds / (1.0 + odds), k / unit, floor)

    def rate(self, spend: ArrayLike) -> Any:
        """Share won or kept at this spend a head."""
        reached = -np.expm1(-self.steepness * np.asarray(spend, dtype=np.float64))
        value = self.floor + (self.ceiling - self.floor) * reached
        return float(value) if value.ndim == 0 else value

    def marginal_cost(self, spend: ArrayLike) -> Any:
        """Money that one customer more costs at this spend a head: 1 / (d rate / d spend)."""
        first = (self.ceiling - self.floor) * self.steepness
        value = np.exp(self.steepness * np.asarray(spend, dtype=np.float64)) / first
        return float(value) if value.ndim == 0 else value

    def spend_up_to(self, worth: float) -> float:
        """Spend a head at which one customer more costs what it is worth; 0 where the first already costs more."""
        bare = (self.ceiling - self.floor) * self.steepness * worth
        return math.log(bare) / self.steepness if bare > 1.0 else 0.0


def _no_ceiling(_: np.ndarray) -> str:
    return (
        "the rates do not bend with the spend, so that they tell no ceiling; "
        "add higher spends, or judge the ceiling yourself: ResponseCurve.through(point, ceiling=…)"
    )


@dataclass(frozen=True)
class AcquisitionRetention:
    """The best spends on winning and on keeping a customer, and what they achieve; money is that of `margin`.

    Attributes
    ----------
    acquisition_spend : float
        Money a prospect. retention_spend : float, money a customer and year.
    acquisition_rate, retention_rate : float
        Share of prospects won, share of customers kept a year.
    customer_equity : float
        Money a prospect: rate · lifetime value - spend.
    lifetime_value : float
        Money a customer won.
    marginal_acquisition_cost, marginal_retention_cost : float
        Money that one customer more would cost. Both equal `lifetime_value` where the spend is above 0.
    """

    acquisition_spend: float
    retention_spend: float
    acquisition_rate: float
    retention_rate: float
    customer_equity: float
    lifetime_value: float
    marginal_acquisition_cost: float
    marginal_retention_cost: float


def acquisition_retention_optimum(
    margin: float,
    *,
    acquisition_ceiling: float,
    acquisition_point: tuple[float, float],
    retention_ceiling: float,
    retention_point: tuple[float, float],
    discount: float,
) -> AcquisitionRetention:
    """The spends on winning and on keeping at which a prospect is worth most.

    A prospect won brings the margin at once, then each year retention_rate · margin - retention_spend. At the optimum
    one more customer costs, won or kept, just the lifetime value of a customer.

    Parameters
    ----------
    margin : float
        Money a customer and year before the spend on keeping, above 0.
    acquisition_ceiling, retention_ceiling : float
        Rates that no spend exceeds, 0 to 1: a manager's judgement.
    acquisition_point, retention_point : (float, float)
        A spend known (money a prospect; money a customer and year) and the rate that it brought.
    discount : float
        Discount rate a year, 0 or more (above 0 with a retention ceiling of 1).

    Raises
    ------
    ValueError
        A number out of its range, with the law and the cure.

    Source: Blattberg & Deighton 1996, Harvard Business Review 74(4) 136-144; the optimum in closed form is ours.

    Examples
    --------
    >>> best = acquisition_retention_optimum(50, acquisition_ceiling=0.4, acquisition_point=(5, 0.2),
    ...     retention_ceiling=0.7, retention_point=(10, 0.4), discount=0.2)
    >>> round(best.acquisition_spend, 2), round(best.retention_spend, 2), round(best.lifetime_value, 2)
    (9.21, 15.87, 64.67)
    """
    winning = _curve("acquisition_", acquisition_point, acquisition_ceiling)
    keeping = _curve("retention_", retention_point, retention_ceiling)
    return best_spends(margin, winning, keeping, discount)


def best_spends(
    margin: float, winning: ResponseCurve, keeping: ResponseCurve, discount: float
) -> AcquisitionRetention:
    """The spends at which a prospect is worth most, for two response curves; see `acquisition_retention_optimum`.

    Parameters
    ----------
    margin : float
        Money a customer and year before the spend on keeping, above 0.
    winning, keeping : ResponseCurve
        Share of prospects won by money a prospect; share of customers kept by money a customer and year.
    discount : float
        Discount rate a year, 0 or more (above 0 with a retention ceiling of 1).

    Raises
    ------
    ValueError
        A number out of its range.

    Source: Blattberg & Deighton 1996, Harvard Business Review 74(4) 136-144; the optimum in closed form is ours.
    """
    positive("margin", margin)
    if not (math.isfinite(discount) and discount >= 0 and 1.0 + discount > keeping.ceiling):
        raise ValueError(
            f"discount: a rate a year of 0 or more, and above 0 with a retention ceiling of 1 (got {discount!r})"
        )
    spend = _best_retention_spend(margin, keeping, discount)
    worth = _lifetime_value(margin, keeping.rate(spend), spend, discount)
    buying = winning.spend_up_to(worth)
    return AcquisitionRetention(
        acquisition_spend=buying,
        retention_spend=spend,
        acquisition_rate=winning.rate(buying),
        retention_rate=keeping.rate(spend),
        customer_equity=winning.rate(buying) * worth - buying,
        lifetime_value=worth,
        marginal_acquisition_cost=winning.marginal_cost(buying),
        marginal_retention_cost=keeping.marginal_cost(spend),
    )


def _curve(prefix: str, point: tuple[float, float], ceiling: float) -> ResponseCurve:
    if not (math.isfinite(ceiling) and 0 < ceiling <= 1):
        raise ValueError(f"{prefix}ceiling: a share above 0, up to 1 (got {ceiling!r})")
    try:
        spend, rate = (float(value) for value in point)
    except (TypeError, ValueError):
        raise ValueError(f"{prefix}point: a spend and the rate that it brought (got {point!r})") from None
    if not (math.isfinite(spend) and spend > 0 and 0 < rate < ceiling):
        raise ValueError(
            f"{prefix}point: a spend above 0 and a rate between 0 and the ceiling of {ceiling:g} (got {point!r})"
        )
    return ResponseCurve(float(ceiling), -math.log1p(-rate / ceiling) / spend)


def _lifetime_value(margin: float, retention: float, spend: float, discount: float) -> float:
    """Money a customer won: the margin now, and (retention margin - spend) / (1 + discount - retention) after it."""
    return margin + (retention * margin - spend) / (1.0 + discount - retention)


def _best_retention_spend(margin: float, keeping: ResponseCurve, discount: float) -> float:
    """The spend where one more customer kept costs a lifetime value; the two cross once, from below."""
    most = margin * (1.0 + discount) / (1.0 + discount - keeping.ceiling)
    low, high = 0.0, keeping.spend_up_to(most)
    for _ in range(200):
        middle = (low + high) / 2.0
        worth = _lifetime_value(margin, keeping.rate(middle), middle, discount)
        low, high = (middle, high) if keeping.marginal_cost(middle) < worth else (low, middle)
    return low
