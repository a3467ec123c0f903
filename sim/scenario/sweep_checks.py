"""What must hold of `[sweep]`: its addresses are parameters of this scenario, and its values keep their laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from sim.scenario import laws
from sim.scenario.checks import as_table, policy_wrongs
from sim.scenario.faults import MOST_FAULTS, plain_number, shown
from sim.scenario.finding import lookup, unknown_address
from sim.scenario.parameters import RuleTable, Table
from sim.scenario.reading import Source
from sim.scenario.rule_checks import rule_wrongs
from sim.scenario.scanner import Path
from sim.scenario.sweep_table import SweepTable, leaves
from sim.scenario.tables import Tables
from sim.scenario.wrongs import Wrong, value_fault

RANGED = ("latin", "sobol")
"""Designs that spread points over ranges."""

EXAMPLE = "write over.talk.unhappy_tells = [0, 1, 3, 10, 20]"
OVER: Path = ("sweep", "over")


def sweep_wrongs(tables: Tables, raw: Mapping[str, Any], bad: set[Path], source: Source) -> list[Wrong]:
    """All faults of `[sweep]`; none where the file has no such table, or where it could not be read.

    Parameters
    ----------
    tables, raw, bad, source
        As in `check_tables`.
    """
    if "sweep" not in raw or not source.is_whole("sweep", "firms", "segments"):
        return []
    if any(path[0] == "sweep" for path in bad if path):
        return []  # by itself it is not whole yet
    found = [*_as_a_whole(tables, raw["sweep"]), *over_wrongs(tables, tables.sweep.over, tables.sweep.design)]
    return found[:MOST_FAULTS]


def _as_a_whole(tables: Tables, given: Any) -> Iterator[Wrong]:
    """What belongs together: something to vary, and points where the design needs their number."""
    sweep = tables.sweep
    if not sweep.over and sweep != SweepTable():
        yield Wrong(OVER if "over" in given else ("sweep",), "nothing is varied", cure=EXAMPLE)
    if sweep.design in RANGED and sweep.runs is None:
        yield Wrong(
            ("sweep", "design"),
            f'design = "{sweep.design}" needs runs',
            cure="write runs = 64, the number of points",
        )
    if sweep.runs is not None:
        yield from runs_wrongs(sweep.design, sweep.runs)


def runs_wrongs(design: str, runs: int) -> Iterator[Wrong]:
    """What is wrong with the number of points of a design."""
    path: Path = ("sweep", "runs")
    if design not in RANGED:
        cure = 'with design = "latin" or "sobol" it is the number of points; a grid has its own'
        yield Wrong(path, "is for designs over ranges", shown(runs), cure=cure, about_key=True)
    elif design == "sobol" and runs & (runs - 1):
        near = 1 << (runs.bit_length() - 1)
        cure = f"{near:,} or {2 * near:,}" if 2 * near <= 1_000_000 else f"{near:,}"
        yield Wrong(path, "must be a power of two for a Sobol sequence", shown(runs), cure=cure)


def over_wrongs(tables: Tables, over: Mapping[str, Any], design: str) -> Iterator[Wrong]:
    """What is wrong with what is varied, address by address."""
    for parts, values in leaves(over):
        path = (*OVER, *parts)
        law = lookup(parts, tables)
        if law is None and not _is_of_policy(parts, tables):
            fault = unknown_address(".".join(parts), tables)
            yield Wrong(path, fault.problem, shown(parts[-1]), fault.suggestion, fault.cure, about_key=True)
        elif not isinstance(values, (list, tuple)):
            yield Wrong(path, "must be a list of values", shown(values), cure=f"write [{laws.plain(values)}]")
        elif not values:
            yield Wrong(path, "must have at least one value", "[]")
        else:
            yield from islice(_values(tables, parts, values, path), MOST_FAULTS)
            yield from _list(values, path, design)


def _list(values: Sequence[Any], path: Path, design: str) -> Iterator[Wrong]:
    """What is wrong with a list of values as a whole."""
    if is_range(values, design) and values[0] >= values[1]:
        got = f"[{plain_number(values[0])}, {plain_number(values[1])}]"
        yield Wrong(path, "a range begins with its lower end", got)
    for place, value in enumerate(values):
        if any(value == other and type(value) is type(other) for other in values[:place]):
            yield Wrong((*path, place), "is there twice", shown(value))


def is_range(values: Sequence[Any], design: str) -> bool:
    """Whether a list is a range: two numbers, in a design over ranges."""
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return design in RANGED and len(values) == 2 and numbers


def _is_of_policy(parts: Path, tables: Tables) -> bool:
    """Whether a path is a parameter of a policy that a firm has."""
    is_inside = len(parts) == 4 and parts[0] == "firms" and parts[2] == "policy" and parts[3] != "name"
    return is_inside and parts[1] in tables.firms and tables.firms[str(parts[1])].policy is not None


def _values(tables: Tables, parts: tuple[str, ...], values: Sequence[Any], path: Path) -> Iterator[Wrong]:
    """Values that break the law of their parameter, each at its own place."""
    for place, value in enumerate(values):
        here = (*path, place)
        if "policy" in parts[2:3]:
            yield from _policy_value(tables, parts, value, here)
        elif "rules" in parts[2:3]:
            yield from _rule_value(tables, parts, value, here)
        elif not _keeps_law(parts, value):
            node = laws.at(parts)
            assert node is not None and not isinstance(node, type)
            yield value_fault(parts, node, value)._replace(path=here)


def _keeps_law(parts: tuple[str, ...], value: Any) -> bool:
    """Whether a parameter may have a value, by itself."""
    table = laws.at(parts[:-1])
    assert isinstance(table, type) and issubclass(table, Table)
    try:
        table.model_validate({parts[-1]: value})
    except ValidationError:
        return False
    return True


def _rule_value(tables: Tables, parts: tuple[str, ...], value: Any, here: Path) -> Iterator[Wrong]:
    """Faults of a value of a rule's condition, or of a decision of it."""
    kept = tables.firms[parts[1]].rules[int(parts[3]) - 1]
    rule: dict[str, Any] = {"if": kept.condition, "then": kept.then}
    rule[parts[4]] = {parts[5]: value} if parts[4] == "then" else value
    try:
        RuleTable.model_validate(rule)
    except ValidationError:
        node = laws.at(parts)
        assert node is not None and not isinstance(node, type)
        yield value_fault(parts, node, value)._replace(path=here)
        return
    for wrong in rule_wrongs(tables, {"firms": {parts[1]: {"rules": [rule]}}}, set(), all_segments=True):
        yield wrong._replace(path=here)


def _policy_value(tables: Tables, parts: tuple[str, ...], value: Any, here: Path) -> Iterator[Wrong]:
    """Faults of a policy among the values, or of a value of a policy's parameter."""
    if len(parts) == 4:
        policy = as_table(tables.firms[parts[1]].policy) | {parts[3]: value}
        for wrong in policy_wrongs(policy, here, is_table=True):
            if wrong.path[-1] == parts[3]:
                yield wrong._replace(path=here, about_key=False)
    elif isinstance(value, (str, dict)):
        yield from policy_wrongs(as_table(value), here, isinstance(value, dict))
    else:
        node = laws.at(parts)
        assert node is not None and not isinstance(node, type)
        yield value_fault(parts, node, value)._replace(path=here)
