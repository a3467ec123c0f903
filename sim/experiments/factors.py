"""What a sensitivity analysis varies: parameters by address, each over its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sim.assumed import assumed

if TYPE_CHECKING:
    import numpy as np

    from sim.assumed import Assumed
    from sim.scenario import Scenario


class _Asked(NamedTuple):
    """What `assumed` needs to know of who asks: the world, and of whom is spoken; nothing is set beforehand."""

    scenario: Scenario
    firm: str
    worlds: Mapping[str, Any]


def factors_of(scenario: Scenario, over: Any, firm: str) -> list[Assumed]:
    """Parameters with their ranges.

    Parameters
    ----------
    over : address -> (low, high); addresses, over their documented ranges; or None: all that have a documented range and are
        not from your data. An address with `*` moves several together.
    firm : whom FOCUS means in the documented ranges.

    Raises
    ------
    ValueError
        An address that there is not, or that has no documented range.
    """
    if over is not None and not len(over):
        raise ValueError('over: there is nothing to vary; give addresses, such as ["talk.unhappy_tells"]')
    try:
        return assumed(cast(Any, _Asked(scenario, firm, {})), over)
    except (ValueError, TypeError) as error:
        raise type(error)(str(error).replace("stress: ", "over: ")) from None


def values_at(factors: Sequence[Assumed], at: np.ndarray) -> list[dict[str, Any]]:
    """The changes at each point of the unit cube: 0 is the low end of a range, 1 the high one; words have equal parts."""
    return [
        {
            address: value
            for one, place in zip(factors, row, strict=True)
            for address, value in _at(one, place)
        }
        for row in at
    ]


def _at(one: Assumed, place: float) -> list[tuple[str, Any]]:
    """A factor's members at a place of its range."""
    found = []
    for address, (value, low, high) in one.members.items():
        if one.words:
            words = [value, *one.words]
            found.append((address, words[min(int(place * len(words)), len(words) - 1)]))
        else:
            to = low + float(place) * (high - low)
            found.append((address, round(to) if one.is_whole else to))
    return found


def ends(one: Assumed) -> tuple[Any, Any, Any]:
    """A factor's value, low and high for a table; missing where its members differ, or where they are words."""
    return one.one if one.one is not None and not one.words else (None, None, None)
