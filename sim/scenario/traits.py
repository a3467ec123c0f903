"""Kinds of customers: how the traits of a segment are spread."""

from __future__ import annotations

from typing import Any

from pydantic import create_model, model_validator

from sim.scenario.table import Table, number, word


class TraitTable(Table):
    """How a trait is spread over the customers of a segment; a bare number means: all alike."""

    @model_validator(mode="before")
    @classmethod
    def _a_bare_number_is_for_everybody(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"mean": float(value), "varies": False}
        return value


_SPREADS = {
    "gamma": (
        "shape",
        0.05,
        1000.0,
        "shape of the Gamma distribution: 1 is exponential, larger is more alike",
    ),
    "beta": ("strength", 0.1, 1000.0, "a + b of the Beta distribution: larger is more alike"),
    "lognormal": ("sd", 0.0, 50.0, "standard deviation of the lognormal distribution, in the trait's unit"),
    "uniform": ("width", 0.0, 1.0, "width of the uniform distribution around the mean"),
}


def _trait(
    name: str,
    kind: str,
    meaning: str,
    unit: str,
    low: float,
    high: float,
    mean: float,
    spread: float | tuple[float, float, float] | None,
    confidence: str = "ours",
) -> Any:
    """A trait's table: its mean, the parameter of its spread (default; low, high), and whether it varies."""
    about = number(mean, f"mean of: {meaning}", unit, low, high, confidence=confidence)
    fields: dict[str, Any] = {"mean": (float, about)}
    if spread is not None:
        label, least, most, what = _SPREADS[kind]
        default, least, most = spread if isinstance(spread, tuple) else (spread, least, most)
        fields[label] = (float, number(default, what, "", least, most, confidence=confidence))
        fields["varies"] = (bool, word(True, "false: everybody in the segment has the mean"))
    else:
        fields["varies"] = (bool, word(False, "false: everybody has the mean"))
    table = create_model(name, __base__=TraitTable, __module__=__name__, **fields)
    table.__doc__ = meaning
    table.kind = kind  # type: ignore[attr-defined]
    return table


NeedRate = _trait(
    "NeedRate", "gamma", "purchase occasions a month", "occasions a month", 0.005, 30.0, 0.6, 1.2
)
ServiceNeed = _trait(
    "ServiceNeed",
    "gamma",
    "service visits a month, always at the supplier",
    "visits a month",
    0.0,
    10.0,
    0.0,
    3.0,
)
ServiceBasket = _trait(
    "ServiceBasket", "gamma", "mean spend on one service visit at list price", "money", 0.01, 1e6, 20.0, 3.0
)
Taste = _trait(
    "Taste", "uniform", "what a message would have to be about to please", "place 0 to 1", 0.0, 1.0, 0.5, 1.0
)
Attention = _trait(
    "Attention",
    "gamma",
    "messages a month, all firms together, that can be looked at",
    "messages a month",
    0.1,
    10000.0,
    10.0,
    None,
)
Basket = _trait(
    "Basket",
    "gamma",
    "mean spend on one occasion at list price, with one product",
    "money",
    0.01,
    1e6,
    50.0,
    3.0,
)
PriceSensitivity = _trait(
    "PriceSensitivity", "lognormal", "utility lost per unit of log price", "utility", 0.0, 50.0, 4.0, 1.5
)
Orientation = _trait(
    "Orientation",
    "beta",
    "relationship orientation: 0 buys by transaction, 1 seeks collaboration",
    "share",
    0.0,
    1.0,
    0.4,
    5.0,
)
Tolerance = _trait(
    "Tolerance",
    "gamma",
    "messages a month from one firm borne without irritation, at least 0.25",
    "messages a month",
    0.25,
    1000.0,
    3.0,
    2.0,
)
Privacy = _trait("Privacy", "beta", "privacy concern: reluctance to be known", "share", 0.0, 1.0, 0.5, 4.0)
Intensity = _trait(
    "Intensity",
    "lognormal",
    "service intensity: multiplier of the cost to serve, joined to basket by `basket_correlation`",
    "multiple",
    0.0,
    100.0,
    1.0,
    (2.0, 0.0, 20.0),
    "ours, fitted",
)
ExitRate = _trait(
    "ExitRate",
    "beta",
    "chance, per expected purchase, that the need itself ends",
    "share",
    0.0,
    1.0,
    1.0 / 121.0,
    (121.0, 0.1, 100000.0),
    "ours, fitted",
)


class Segment(Table):
    """A kind of customer: its share of the market and how its traits are spread."""

    share: float = number(1.0, "share of the market's customers", "share", 0.0, 1.0)
    need_rate: NeedRate = NeedRate()  # type: ignore[valid-type]
    service_need: ServiceNeed = ServiceNeed()  # type: ignore[valid-type]
    service_basket: ServiceBasket = ServiceBasket()  # type: ignore[valid-type]
    taste: Taste = Taste()  # type: ignore[valid-type]
    attention: Attention = Attention()  # type: ignore[valid-type]
    basket: Basket = Basket()  # type: ignore[valid-type]
    price_sensitivity: PriceSensitivity = PriceSensitivity()  # type: ignore[valid-type]
    relationship_orientation: Orientation = Orientation()  # type: ignore[valid-type]
    contact_tolerance: Tolerance = Tolerance()  # type: ignore[valid-type]
    privacy_concern: Privacy = Privacy()  # type: ignore[valid-type]
    service_intensity: Intensity = Intensity()  # type: ignore[valid-type]
    exit_rate: ExitRate = ExitRate()  # type: ignore[valid-type]
    basket_correlation: float = number(
        0.2, "correlation of basket and service intensity (Gaussian copula)", "correlation", -0.99, 0.99
    )
