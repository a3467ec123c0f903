"""What a class's forms may say, narrower than what the market takes: fields that would decide a game alone.

The market's equations say little far from where they were made for. A class is marked by them, so that its forms stay nearer.
`benchmarks/class_fields.py` moves each field of the form alone to both ends of these limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.classroom import texts
from sim.classroom.faults import GameError
from sim.policies.plan import bounds_of, check_decision, law
from sim.scenario.faults import nearest
from sim.scenario.parameters import PlanTable

Limits = tuple[tuple[str, float, float], ...]
"""Field, least and most: plain data, in the order of the form."""


class Limit(NamedTuple):
    """The least and the most of a field in a class, and why."""

    low: float
    high: float
    why: str


LIMITS: dict[str, Limit] = {
    "price": Limit(
        0.5, 2.0,
        "utility falls with the logarithm of the price, and without end: some pay any price, and in a market in which "
        "nobody does without they all do",
    ),
    "trial_discount": Limit(
        0.0, 0.2,
        "it is paid on the first purchase alone and weighs in the choice like a lower price for good",
    ),
    "promise": Limit(
        0.0, 5.0,
        "a promise below the norm costs nobody's choice what it adds to all customers' satisfaction, month by month",
    ),
    "self_service": Limit(
        0.0, 0.5,
        "it saves labour, and customers of these markets hardly mind: the only question would be how soon to have all of it",
    ),
}  # fmt: skip
"""The limits of a class unless its instructor gives others. Source: ours, by `benchmarks/class_fields.py`."""

ALONE: dict[str, Limit] = {
    "price": Limit(
        0.5, 1.25,
        "firms of the scenario that price by what the market asks follow a price upward, and nobody can do without",
    ),
}  # fmt: skip
"""In their place for a team alone against the scenario's own firms. Source: ours, by `benchmarks/class_fields.py --alone`."""


def limits_for(
    default: PlanTable, given: Mapping[str, tuple[float, float]], *, alone: bool = False
) -> Limits:
    """The limits of a new game.

    Parameters
    ----------
    default : the default plan; where it lies outside the class's own limits, these reach to it.
    given : fields with limits of the instructor's, in place of the class's own, within the market's.
    alone : whether each team plays alone against the scenario's own firms.

    Raises
    ------
    GameError
        A field that has no limits, limits beyond the market's, or such that the default plan lies outside.
    """
    for name, pair in given.items():
        _check(name, pair, default)
    usual = LIMITS | ALONE if alone else LIMITS
    found: list[tuple[str, float, float]] = []
    for name in PlanTable.model_fields:
        if name in given:
            found.append((name, float(given[name][0]), float(given[name][1])))
        elif name in usual:
            now = float(getattr(default, name))
            found.append((name, min(usual[name].low, now), max(usual[name].high, now)))
    return tuple(found)


def _check(name: str, pair: tuple[float, float], default: PlanTable) -> None:
    numbers = [one for one in PlanTable.model_fields if bounds_of(one) is not None]
    if name not in numbers:
        near = nearest(name, numbers)
        hint = texts.DID_YOU_MEAN.format(near=near) if near else texts.KNOWN.format(known=", ".join(numbers))
        raise GameError(texts.NO_LIMIT.format(got=name) + hint)
    low, high = pair
    for value in pair:
        try:
            check_decision(name, value)
        except ValueError:
            raise GameError(
                texts.LIMIT_BEYOND.format(name=name, law=law(name), low=f"{low:g}", high=f"{high:g}")
            ) from None
    now = getattr(default, name)
    if not low <= (now if isinstance(now, (int, float)) else low) <= high:
        raise GameError(
            texts.LIMIT_WITHOUT_DEFAULT.format(name=name, low=f"{low:g}", high=f"{high:g}", now=f"{now:g}")
        )


def class_law(name: str, limits: Mapping[str, tuple[float, float]]) -> str:
    """What a decision may be in a class, in words; where the class is narrower than the market, it says so."""
    if name not in limits or limits[name] == bounds_of(name):
        return law(name)
    return texts.IN_THIS_CLASS.format(law=law(name, limits[name]))


def is_beyond(name: str, value: Any, limits: Mapping[str, tuple[float, float]]) -> bool:
    """Whether a value that the market takes is beyond the limits of a class; words never are."""
    if name not in limits or isinstance(value, (str, bool)) or value is None:
        return False
    low, high = limits[name]
    return not low <= float(value) <= high
