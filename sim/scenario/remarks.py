"""What a scenario's file says beside its values: the argument or the source after `#`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sim.scenario.finding import addresses, split
from sim.scenario.loading import FILE, by_path
from sim.scenario.reading import decode
from sim.scenario.scanner import Positions
from sim.scenario.scenario import Scenario

NO_MARGIN = "no margin was given"
"""What a scenario that was made from a log says beside a margin of 1."""

REST, UNKNOWN = "what is left of the market", "what rivals send is not known"
"""What it says beside the share and the mail of the one firm that stands for all rivals."""


def all_rivals(said: Mapping[str, str]) -> str:
    """The firm that stands for all rivals added up, as in a scenario that was made from a log; "" where each firm is one.

    Parameters
    ----------
    said : what the scenario's file says beside its values, by address (`sources`); one of two remarks will do, for values that
        were changed have none.

    Examples
    --------
    >>> all_rivals({"firms.Elsewhere.initial_share": "yours, what is left of the market"})
    'Elsewhere'
    """
    for address, text in said.items():
        match split(address):
            case ["firms", name, "initial_share"] if REST in text:
                return name
            case ["firms", name, "plan", "strategy"] if UNKNOWN in text:
                return name
    return ""


def remarks(scenario: Scenario) -> dict[str, tuple[int, str]]:
    """What the scenario's file says beside a value, by address: its line, and the argument or source there.

    A scenario that was made from a log has marks of its own, before any file is written; their line is 0, and what
    it says without a mark is ours.
    """
    if marks := getattr(scenario, "marks", None):
        own = [a for a, one in addresses(scenario.tables).items() if a in marks or one.value != one.default]
        return {a: (0, str(marks.get(a, "ours"))) for a in own if a not in scenario.changes}
    file = scenario.file
    if file is None or not file.is_file():
        return {}
    text = decode(file.read_bytes(), str(file))
    lines, positions = text.split("\n"), Positions(text)
    found = {}
    for address in addresses(scenario.tables):
        if address in scenario.changes:
            continue
        line, _ = positions.place(tuple(address.split(".")))
        if line and (remark := _comment(lines[line - 1])):
            found[address] = line, remark
    return found


def _comment(line: str) -> str:
    """What follows # on a line, outside of quotes."""
    quote = ""
    for place, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote and line[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return "".join(c if c.isprintable() else " " for c in line[place + 1 :]).strip()
    return ""


def sources(scenario: Scenario) -> dict[str, str]:
    """What the scenario's file says beside a value, by address, where that is more than the unit.

    In a folder of a saved result, what its JSON file kept of the first scenario's file counts too.
    """
    known = addresses(scenario.tables)
    found = {a: text for a, text in _kept(scenario).items() if a in known and a not in scenario.changes}
    for address, (_line, remark) in remarks(scenario).items():
        unit = known[address].unit
        text = remark.removeprefix(unit).lstrip("; ") if unit and remark.split(";")[0] == unit else remark
        if text:
            found[address] = text
    return found


def _kept(scenario: Scenario) -> dict[str, str]:
    """The sources that a saved run or comparison kept, while its scenario is as it was saved."""
    for name in ("run.json", "comparison.json"):
        try:
            said = json.loads((scenario.folder / name).read_text(encoding="utf-8"))
            saved = by_path(scenario.folder / FILE)
            if saved.hash == said["scenario_hash"] and scenario.name in (saved.name, said["scenario"]):
                return {str(address): str(text) for address, text in said["sources"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}
