"""Both ends of an assumption's range, and where on the way to them the choice turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.assumed import Assumed
from sim.scenario import ScenarioError, laws
from sim.trials import Point, Trials

Turn = tuple[str, float, float]
"""Where a choice turns: in words, the value (missing for words and groups), the part of the way to the end of the range."""

STEPS = 5
"""Steps of the search for the value at which the choice turns."""

NEAR = 0.04
"""The search ends where the bracket is this part of the way to the end of the range."""


def row(one: Assumed, trials: Trials) -> tuple[Any, ...]:
    """What is found when one assumption moves."""
    value, low, high = one.one or (None, math.nan, math.nan)
    ends, turns = _words(one, trials) if one.words else _ends(one, trials)
    points = [point for point in ends if point is not None]
    spans = [point.difference for point in points]
    at = (min(spans), max(spans)) if one.words and spans else _two(ends)
    if not any(point.acts for point in points):
        verdict = "nothing changes"
    elif turns:
        verdict = "turns"
    else:
        verdict = "close" if any(trials.is_close(point) for point in points) else "holds"
    numbers = (value, None, None) if one.words else (value, low, high)
    text = ", or ".join(said for said, _at, _way in turns)
    turns_at, way = turns[0][1:] if turns else (math.nan, math.nan)
    most = max((point.seeds for point in points), default=0)
    return (one.name, *numbers, one.unit, one.mark, one.why, *at, verdict, text, turns_at, way, most)


def _two(ends: Sequence[Point | None]) -> tuple[float, float]:
    low, high = (math.nan if point is None else point.difference for point in ends)
    return low, high


def _words(one: Assumed, trials: Trials) -> tuple[list[Point | None], list[Turn]]:
    """Each other word."""
    ends: list[Point | None] = []
    turns = []
    for word in one.words:
        point = _try(trials, one.swap(word), one.name)
        ends.append(point)
        if point is not None and point.acts and point.gap < 0.0 and not trials.is_close(point):
            turns.append((f'is "{word}"', math.nan, 1.0))
    return ends, turns


def _ends(one: Assumed, trials: Trials) -> tuple[list[Point | None], list[Turn]]:
    """Both ends of the range; where the choice turns on the way, the value at which it does."""
    ends: list[Point | None] = []
    turns = []
    for end in (0, 1):
        if all(span[1 + end] == span[0] for span in one.members.values()):
            ends.append(trials.here())
            continue
        point = _try(trials, one.change(end), one.name)
        ends.append(point)
        if point is not None and point.acts and point.gap < 0.0 and not trials.is_close(point):
            turns.append(_turning(one, end, point, trials))
    return ends, turns


def _try(trials: Trials, change: dict[str, Any], what: str) -> Point | None:
    """A point; None where the scenario takes no such value beside its others."""
    try:
        return trials.at(change, what)
    except ScenarioError:
        return None


def _turning(one: Assumed, end: int, there: Point, trials: Trials) -> Turn:
    """Where on the way to an end the choice turns: by false position, kept inside the bracket, on the same seeds."""
    low, high = 0.0, 1.0
    gap_low, gap_high = trials.here().gap, there.gap
    for _ in range(STEPS):
        if high - low < NEAR or (one.is_whole and _is_next(one, end, low, high)):
            break
        cross = (
            low + (high - low) * gap_low / (gap_low - gap_high)
            if gap_low >= 0.0 > gap_high
            else 0.5 * (low + high)
        )
        middle = min(max(cross, low + 0.15 * (high - low)), high - 0.15 * (high - low))
        point = _try(trials, one.change(end, middle), one.name)
        if point is None:
            break
        if point.gap < 0.0:
            high, gap_high = middle, point.gap
        else:
            low, gap_low = middle, point.gap
    return _said(one, end, low, high, gap_low, gap_high)


def _is_next(one: Assumed, end: int, low: float, high: float) -> bool:
    """Whether no whole number lies between two places on the way."""
    a, b = (next(iter(one.change(end, part).values())) for part in (low, high))
    return abs(a - b) <= 1


def _said(one: Assumed, end: int, low: float, high: float, gap_low: float, gap_high: float) -> Turn:
    """Where it turns, in words, and as a number."""
    side = "above" if end else "below"
    part = low + (high - low) * gap_low / (gap_low - gap_high) if gap_low >= 0.0 > gap_high else high
    if one.one is None:
        values = [
            (span[0], one.change(end, part)[address]) for address, span in one.members.items() if span[0]
        ]
        factor = values[0][1] / values[0][0] if values else math.nan
        return f"is {side} {factor:.2g} times what it is", math.nan, part
    address = next(iter(one.members))
    if one.is_whole:
        at = float(one.change(end, low)[address])
        return f"is {side} {at:g}", at, part
    at = one.change(end, part)[address]
    return f"is {side} {laws.plain(float(f'{at:.2g}'))}", at, part
