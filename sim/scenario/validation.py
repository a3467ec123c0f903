"""From plain tables to checked ones, in one pass: all faults at once, each with its address, law and cure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from sim.scenario import gone, laws
from sim.scenario.checks import check_tables
from sim.scenario.faults import MOST_FAULTS, Fault, ScenarioError, shown
from sim.scenario.parameters import FORMAT, Table, TraitTable
from sim.scenario.reading import Source
from sim.scenario.scanner import Path
from sim.scenario.sweep_checks import sweep_wrongs
from sim.scenario.tables import Tables
from sim.scenario.wrongs import Wrong, address_of, value_fault

LARGEST = 2**63  # TOML's own limit of whole numbers
MOST_ENTRIES = 1_000  # of any list


def validate(raw: Mapping[str, Any], source: Source | None = None, *, needs_format: bool = True) -> Tables:
    """Check a whole scenario.

    Parameters
    ----------
    raw : mapping
        The file's tables, as the TOML parser gives them.
    source : Source, optional
        Where they came from, for line, column and the files that the scenario names.
    needs_format : bool
        Whether `tenfold = 1` must be there.

    Returns
    -------
    Tables
        With defaults for what the file does not say.

    Raises
    ------
    ScenarioError
        With all faults of the file, in its order.
    """
    source = source or Source()
    wrongs = _format_fault(raw) if needs_format and source.is_whole("tenfold") else []
    plain = _tame(dict(raw), (), wrongs)
    told = {wrong.path for wrong in wrongs}
    tables, found = _tables(plain)
    found = [one for one in found if one["loc"] not in told]
    if not source.is_whole("firms"):  # what a rule lacks may stand where nothing could be read
        found = [one for one in found if one["type"] != "missing"]
    wrongs += [_in_words(error, raw) for error in found[: MOST_FAULTS + 1]]
    if tables is not None:
        wrongs += check_tables(tables, raw, {wrong.path for wrong in wrongs}, source)
        wrongs += sweep_wrongs(tables, raw, {wrong.path for wrong in wrongs}, source)
    if wrongs or source.syntax:
        faults = [*source.syntax, *_placed(wrongs, source, len(found))]
        raise ScenarioError(sorted(faults, key=lambda fault: (not fault.line, fault.line, fault.column)))
    assert tables is not None
    return tables


def _format_fault(raw: Mapping[str, Any]) -> list[Wrong]:
    given = raw.get("tenfold")
    if given is None:
        return [Wrong((), f"tenfold: the format is missing; write tenfold = {FORMAT} on the first line")]
    if isinstance(given, bool) or given != FORMAT:
        return [Wrong(("tenfold",), f"must be {FORMAT}, the format of this file", shown(given))]
    return []


def _tame(value: Any, path: Path, wrongs: list[Wrong]) -> Any:
    """A copy of the tables to check: whole numbers beyond 64 bits are infinity, which every law refuses; and
    very long lists, which would be thousands of faults, are one."""
    if isinstance(value, dict):
        return {key: _tame(inner, (*path, key), wrongs) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > MOST_ENTRIES:
            wrongs.append(Wrong(path, f"a list has at most {MOST_ENTRIES:,} entries", f"{len(value):,}"))
            return []
        return [_tame(inner, (*path, i), wrongs) for i, inner in enumerate(value)]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= LARGEST:
        return math.inf if value > 0 else -math.inf
    return value


# ---------------------------------------------------------------- pydantic's errors


def _tables(plain: dict[str, Any]) -> tuple[Tables | None, list[dict[str, Any]]]:
    """Checked tables, and pydantic's errors; with errors, tables in which the defaults stand at the faults.

    The second pass lets faults that concern several parameters be told together with the others.
    """
    try:
        return Tables.model_validate(plain), []
    except ValidationError as error:
        errors = _one_for_each_path(error.errors(include_url=False))
    for one in errors:
        _remove(plain, one["loc"])
    try:
        return Tables.model_validate(plain), errors
    except ValidationError:
        return None, errors


def _one_for_each_path(errors: Iterable[Any]) -> list[dict[str, Any]]:
    """One error a path, the innermost: a list whose numbers are wrong is not also too short."""
    by_path: dict[Path, dict[str, Any]] = {}
    for error in errors:
        path = _path(error["loc"])
        by_path.setdefault(path, {**error, "loc": path})
    outer = {path[:i] for path in by_path for i in range(len(path))}
    return [error for path, error in by_path.items() if path not in outer]


def _path(location: tuple[str | int, ...]) -> Path:
    """Pydantic's location without what it adds for unions; it ends where the file's own names end."""
    node: laws.Node | None = Tables
    for i, part in enumerate(location):
        if isinstance(node, FieldInfo) and laws.entries_of(node) is None:
            is_element = isinstance(part, int) and i == len(location) - 1
            return location[: i + is_element]
        node = laws.step(node, part)
        if node is None:
            return location[: i + 1]
    return location


def _remove(tables: Any, path: Path) -> None:
    """Take a faulty value away; of a list, the whole list."""
    for part in path[:-1]:
        following = tables.get(part) if isinstance(tables, dict) else None
        if not isinstance(following, dict):
            if isinstance(tables, dict):
                tables.pop(part, None)
            return
        tables = following
    if isinstance(tables, dict):
        tables.pop(path[-1], None)


def _in_words(error: dict[str, Any], raw: Mapping[str, Any]) -> Wrong:
    """One of pydantic's errors as a fault."""
    path, kind = error["loc"], error["type"]
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "missing":
        return Wrong(
            path[:-1],
            f'"{path[-1]}" is missing',
            cure='a rule is: if = "spent > 100", then = { offer = 0.1 }',
        )
    given = given_at(raw, path)
    node = laws.at(path[:-1] if isinstance(path[-1], int) and path[-2] != "rules" else path)
    if isinstance(node, FieldInfo) and laws.entries_of(node) is None:
        return value_fault(path, node, given)
    if isinstance(node, FieldInfo):
        return _entries(path, given)
    if isinstance(node, type) and issubclass(node, TraitTable):
        return Wrong(path, "must be a number (all alike), or a table such as { mean = 8.0 }", shown(given))
    return Wrong(path, "must be a table", shown(given), cure=f"write [{'.'.join(map(str, path))}]")


def _unknown(path: Path) -> Wrong:
    if len(path) > 1 and path[-1] in ("tenfold", "title", "focus"):
        cure = f"write {path[-1]} at the top of the file, before the first [table]"
        return Wrong(path, "unknown", cure=cure, about_key=True)
    if said := gone.in_words(path):
        return Wrong(path, said[0], cure=said[1], about_key=True)
    near, cure = laws.closest(path), ""
    here = laws.at(path[:-1])
    if not near and isinstance(here, type) and issubclass(here, Table):
        names = list(laws.children(here))
        cure = (
            f"here are known: {', '.join(names)}"
            if len(names) <= 20
            else "tenfold explain lists what there is"
        )
    return Wrong(path, "unknown", shown(str(path[-1])), near, cure, about_key=True)


def _entries(path: Path, given: Any) -> Wrong:
    """Segments, firms or rules as a whole."""
    if path[-1] == "rules":
        return Wrong(
            path,
            "must be tables in double brackets",
            shown(given),
            cure=f"write [[{'.'.join(map(str, path))}]]",
        )
    if not isinstance(given, dict):
        return Wrong(path, "must be a table", shown(given), cure=f"write [{path[-1]}.NAME]")
    most = 32 if path[-1] == "segments" else 30
    return Wrong(path, f"must be 1 to {most} of them", str(len(given)))


def given_at(raw: Any, path: Path) -> Any:
    """What the user gave at a path; where a bare number stands for a table, that number."""
    for part in path:
        if isinstance(raw, Mapping):
            raw = raw.get(str(part))
        elif isinstance(raw, (list, tuple)) and isinstance(part, int) and part < len(raw):
            raw = raw[part]
        else:
            break
    return raw


# ---------------------------------------------------------------- places


def _placed(wrongs: list[Wrong], source: Source, total: int) -> list[Fault]:
    """Faults with their places, in the order of the file."""
    faults = []
    for wrong in wrongs[:MOST_FAULTS]:
        line, column = source.place(wrong.path, key=wrong.about_key)
        if wrong.inside and source.file:
            column += source.inside_text(line, column, wrong.inside)
        faults.append(
            Fault(
                wrong.problem,
                address_of(wrong.path),
                wrong.value,
                wrong.suggestion,
                wrong.cure,
                source.file,
                line,
                column,
            )
        )
    faults.sort(key=lambda fault: (fault.line, fault.column))
    if total > MOST_FAULTS:
        faults.append(Fault(f"and {total - MOST_FAULTS:,} more faults", file=source.file))
    return faults
