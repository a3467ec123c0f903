"""What a scenario's file says beside its values: the argument or the source after `#`."""

from __future__ import annotations

from sim.scenario.addressing import addresses
from sim.scenario.reading import decode
from sim.scenario.scanner import Positions
from sim.scenario.scenario import Scenario


def remarks(scenario: Scenario) -> dict[str, tuple[int, str]]:
    """What the scenario's file says beside a value, by address: its line, and the argument or source there."""
    names = (f"{scenario.name}.toml", "scenario.toml")
    file = next((f for name in names if (f := scenario.folder / name).is_file()), None)
    if file is None:
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
