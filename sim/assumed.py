"""Which parameters of a scenario are assumptions, and over which documented range each may move."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import __version__
from sim.market import MODEL_VERSION
from sim.scenario import Parameter
from sim.scenario.faults import nearest
from sim.scenario.ranges import OPPOSED, RANGES, SCALED, TOGETHER, TUNED, Range, range_of
from sim.scenario.remarks import sources
from sim.show.report.assumptions import OURS, YOURS, Assumption, assumptions
from sim.show.report.told import Told

if TYPE_CHECKING:
    from sim.twins import Twins

OWN = "a range of your own"

COSTS = "costs"
"""What the costs that are scaled to a log's spend are called where they move together."""

DROP_OUT = "need ends, not elsewhere"
"""The same of the two ways to stop, one of which rises as the other falls."""


class Assumed(NamedTuple):
    """One assumption: a parameter, or some that move together.

    Attributes
    ----------
    name : its address; `*` where several move together.
    members : address -> (value, low, high), of each parameter in it.
    words : what it may be instead, where its values are words.
    unit, mark, why : the unit; where the value is from (published or ours); where the range is from.
    is_whole : whether it takes whole numbers only.
    """

    name: str
    members: dict[str, tuple[Any, float, float]]
    words: tuple[str, ...]
    unit: str
    mark: str
    why: str
    is_whole: bool

    @property
    def one(self) -> tuple[Any, float, float] | None:
        """Value, low and high, where all members have the same; else None."""
        found = list(dict.fromkeys(self.members.values()))
        return found[0] if len(found) == 1 else None

    def change(self, end: int, part: float = 1.0) -> dict[str, Any]:
        """Values on the way from what is (`part` 0) to an end of the range (`part` 1; `end` 0 is the low one)."""
        moved = {}
        for address, (value, low, high) in self.members.items():
            at = value + part * ((high if end else low) - value)
            moved[address] = round(at) if self.is_whole else at
        return moved

    def swap(self, word: str) -> dict[str, Any]:
        """The members as another word."""
        return dict.fromkeys(self.members, word)


def assumed(twins: Twins, over: Any = None) -> list[Assumed]:
    """The assumptions of a comparison: all with a documented range that are not yours, or those that are asked for.

    Parameters
    ----------
    over : addresses, or address -> (low, high); all unless given. "costs" are all that a scenario made from a log scales,
        "need ends, not elsewhere" its two ways to stop.

    Raises
    ------
    ValueError
        An address that there is not, that has no documented range, or that an alternative sets itself.
    """
    scenario = twins.scenario
    told = Told(scenario, scenario.title, 0, [], __version__, MODEL_VERSION, sources=sources(scenario))
    rests = assumptions(told)
    marks = {a.one.address: (a.one, a.mark) for a in rests}
    taken = {address for own in twins.worlds.values() for address in own.change}
    together = {one.name: one for one in (_costs(rests, taken), _drop_out(rests, taken)) if one is not None}
    if over is None:
        held = {a.one.address for a in rests if a.source.startswith(TUNED)}
        found = [_make(name, said, twins, marks, taken | held) for name, said in RANGES.items()]
        return [*together.values(), *(one for one in found if one is not None)]
    given = _given(over)
    result = []
    for name, span in given.items():
        if name in together and span is None:
            result.append(together[name])
            continue
        pattern = _documented(name, twins)
        said = Range(*span, why=OWN) if span is not None else RANGES.get(pattern)
        one = None if span is None and not pattern else _make(name, said, twins, marks, taken, is_asked=True)
        if one is None:
            raise ValueError(f"stress: {_why_not(name, twins, marks, taken)}")
        result.append(one)
    return result


def _given(over: Any) -> dict[str, tuple[float, float] | None]:
    """What was asked for: name -> ends of a range, or None where the documented one is wanted."""
    if isinstance(over, str):
        over = [over]
    if isinstance(over, Mapping):
        for name, span in over.items():
            is_span = isinstance(span, (tuple, list)) and len(span) == 2
            if not is_span or not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in span):
                raise ValueError(f'stress: "{name}" needs a range, such as (1, 20) (got {span!r})')
        return {str(name): (min(span), max(span)) for name, span in over.items()}
    if not isinstance(over, Iterable):
        raise TypeError(f"stress: a list of addresses, or address -> (low, high), is needed (got {over!r})")
    return dict.fromkeys(map(str, over))


def _documented(name: str, twins: Twins) -> str:
    """The address, or the pattern that it belongs to, whose range is documented; "" if none is."""
    return next((p for p in RANGES if name in (p, _shown(p, twins)) or _matches(p, name, twins)), "")


def _shown(pattern: str, twins: Twins) -> str:
    rivals = [name for name in twins.scenario.firms if name != twins.firm]
    return pattern.replace("FOCUS", twins.firm).replace("RIVALS", rivals[0] if len(rivals) == 1 else "RIVALS")


def _matches(pattern: str, address: str, twins: Twins) -> bool:
    """Whether an address is meant by a pattern."""
    rivals = "|".join(re.escape(name) for name in twins.scenario.firms if name != twins.firm) or "(?!)"
    words = {r"\*": "[^.]+", "FOCUS": re.escape(twins.firm), "RIVALS": f"(?:{rivals})"}
    text = re.escape(pattern)
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return re.fullmatch(text, address) is not None


def _make(
    name: str, said: Range | None, twins: Twins, marks: Mapping[str, tuple[Parameter, str]], taken: set[str],
    is_asked: bool = False,
) -> Assumed | None:  # fmt: skip
    """An assumption, of those of its parameters that are not from your data; None if there is nothing to move."""
    members: dict[str, tuple[Any, float, float]] = {}
    words: tuple[str, ...] = ()
    first: tuple[Parameter, str, str] | None = None
    for address, (one, mark) in marks.items():
        if address in taken or (mark == YOURS and not is_asked) or not _matches(name, address, twins):
            continue
        span = range_of(one, said)
        if span is None or (span.low is None and not span.words):
            continue
        words = span.words
        members[address] = (one.value, span.low or 0.0, span.high or 0.0)
        first = first or (one, mark, span.why)
    if first is None:
        return None
    shown = _shown(name, twins) if len(members) > 1 else next(iter(members))
    return Assumed(shown, members, words, first[0].unit, first[1], first[2], first[0].type == "whole number")


def _costs(rests: Iterable[Assumption], taken: set[str]) -> Assumed | None:
    """All amounts that a log's scenario has scaled to its spend and that are paid, half to double; None if there are none.

    A log tells none of them, and if one is too large for a shop, all are: moved one at a time they would hide that.
    """
    members = {
        a.one.address: (a.one.value, a.one.value / 2.0, min(a.one.value * 2.0, a.one.high or a.one.value * 2.0))
        for a in rests
        if a.mark == OURS and a.source.startswith(SCALED) and a.one.unit.startswith("money")
        and not a.one.address.startswith("segments.") and a.one.address not in taken
    }  # fmt: skip
    return Assumed(COSTS, members, (), "money", OURS, TOGETHER, False) if members else None


def _drop_out(rests: Iterable[Assumption], taken: set[str]) -> Assumed | None:
    """Lost need against going elsewhere, which tuning to a log has divided as it found; None if there is no such choice.

    What is tuned is not moved by itself: the market would no longer be that of the log.
    """
    tuned = {a.one.address: a.one for a in rests if a.source.startswith(TUNED) and a.one.address not in taken}
    exits, chance = ([a for a in tuned if a.endswith(end)] for end in (".exit_rate.mean", "buy.base_chance"))
    if not exits or not chance:
        return None
    members: dict[str, tuple[Any, float, float]] = {}
    for address in (*exits, *chance):
        span = range_of(tuned[address], None)
        if span is None or span.low is None or span.high is None:
            return None
        ends = (span.high, span.low) if address in chance else (span.low, span.high)
        members[address] = (tuned[address].value, *ends)
    return Assumed(DROP_OUT, members, (), "share", OURS, OPPOSED, False)


def _why_not(name: str, twins: Twins, marks: Mapping[str, tuple[Parameter, str]], taken: set[str]) -> str:
    """Why there is nothing to move at an address."""
    mine = [address for address in marks if _matches(name, address, twins)]
    if any(address in taken for address in mine):
        return f'"{name}" is what an alternative changes itself'
    if mine:
        return f'"{name}" has no documented range; give one: {{"{name}": (low, high)}}'
    near = nearest(name, marks)
    return f'there is no "{name}"; ' + (
        f'did you mean "{near}"?' if near else "tenfold show SCENARIO lists parameters"
    )
