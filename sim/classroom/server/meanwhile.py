"""A form that was opened before somebody else of the team handed in: nothing that was decided meanwhile is undone unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.classroom import texts
from sim.classroom.decisions import FORECASTS, Decision
from sim.classroom.faults import GameError
from sim.classroom.game import Game, Handed
from sim.classroom.server import fields
from sim.classroom.sheets import Sheet
from sim.scenario.parameters import PlanTable


class Meanwhile(GameError):
    """Somebody handed in since the form was opened, and handing it in would undo what they decided.

    Attributes
    ----------
    typed : dict
        The form again: what its page left alone as it stands now, what was changed on it as it was typed.
    differs : list of str
        What they decided, a line each, and what the page had.
    """

    def __init__(self, who: str, differs: list[str], typed: dict[str, str]) -> None:
        super().__init__(texts.HANDED_MEANWHILE.format(who=who))
        self.differs, self.typed = differs, typed


class _Field(NamedTuple):
    """A field as the form was opened with it, as it stands now, and as it was typed."""

    label: str
    names: dict[str, str]
    opened: str
    stands: str
    mine: str


def check(game: Game, sheet: Sheet, typed: Mapping[str, str]) -> None:
    """Refuse a form that would undo what was handed in since it was opened; one that says no version is taken as it is.

    Fields that only its own sender changed meanwhile (in another tab, or before going back) may be changed again.

    Raises
    ------
    Meanwhile
        With the form to look at and hand in.
    """
    opened = typed.get("from", "")
    if sheet.decision is None or sheet.team is None or not opened.isdecimal():
        return
    here = fields.handed_in(game, sheet.team)
    known = int(opened) if int(opened) <= len(here) else 0  # of a round that was played otherwise
    newer = here[known:]
    if not newer:
        return
    is_own = all(one.source == sheet.source for one in newer)
    moved = [
        one
        for one in _compared(game, sheet, here[known - 1] if known else None, here[-1])
        if one.stands not in (one.opened, one.mine) and (one.mine == one.opened or not is_own)
    ]
    if not moved:
        return
    again, differs = {**typed, "from": str(len(here))}, []
    for one in moved:
        if one.mine == one.opened:
            if "if.0" in one.names:
                again = {k: v for k, v in again.items() if not k.startswith(("if.", "then."))}
            again |= one.names
        text = texts.TAKEN_OVER if one.mine == one.opened else texts.BOTH_CHANGED
        differs.append(text.format(label=one.label, theirs=one.stands or "–", mine=one.mine or "–"))
    raise Meanwhile(", ".join(dict.fromkeys(one.source for one in newer)), differs, again)


def _compared(game: Game, sheet: Sheet, opened: Handed | None, stands: Handed) -> list[_Field]:
    assert sheet.decision is not None and sheet.team is not None
    before = opened.decision if opened else fields.base_of(game, sheet.team)
    three = (before, stands.decision, sheet.decision)
    found = []
    for name in PlanTable.model_fields:
        values = [fields.written(fields.value_of(game, one, name), name) for one in three]
        found.append(_Field(fields.label_of(name), {fields.PREFIX + name: values[1]}, *values))
    rules = fields.rules_of(stands.decision) or [("", "")]
    asked = {f"if.{i}": if_ for i, (if_, _) in enumerate(rules)} | {
        f"then.{i}": then for i, (_, then) in enumerate(rules)
    }
    found.append(_Field(texts.RULES, asked, *map(_rules, three)))
    forecasts = (opened.forecast if opened else {}, stands.forecast, sheet.forecast)
    for name in FORECASTS:
        values = [fields.written(one[name], name) if name in one else "" for one in forecasts]
        found.append(_Field(texts.FORECAST_NAMES[name], {f"forecast.{name}": values[1]}, *values))
    return found


def _rules(decision: Decision) -> str:
    return "; ".join(f"{if_}: {then}" for if_, then in fields.rules_of(decision))
