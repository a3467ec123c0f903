"""Addresses: every parameter by the dotted path of its place in the file; found, explained, changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic.fields import FieldInfo

from sim.scenario import laws
from sim.scenario.checks import as_table
from sim.scenario.faults import Fault, ScenarioError, nearest, shown
from sim.scenario.laws import Parameter
from sim.scenario.parameters import Table, Tables
from sim.scenario.reading import Source
from sim.scenario.scanner import check_shape
from sim.scenario.validation import validate


def addresses(tables: Tables) -> dict[str, Parameter]:
    """Every parameter of a scenario, by its address, in the order of the file.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    dict of str to Parameter
        Title, page and rules have no address.
    """
    return {one.address: one for one in _parameters(tables, ())}


def _parameters(table: Table, prefix: tuple[str, ...]) -> Iterator[Parameter]:
    for name, field in type(table).model_fields.items():
        key, value = field.alias or name, getattr(table, name)
        path = (*prefix, key)
        if not prefix and key in laws.PAGE:
            continue
        if isinstance(value, Table):
            yield from _parameters(value, path)
        elif laws.entries_of(field) is None:
            yield from _parameter(path, field, value)
        elif isinstance(value, dict):
            for entry, inner in value.items():
                yield from _parameters(inner, (*path, entry))


def _parameter(path: tuple[str, ...], field: FieldInfo, value: Any) -> Iterator[Parameter]:
    """One parameter; a policy's own parameters stand below it."""
    one = laws.parameter(".".join(path), field, value)
    if one.type != "policy" or not isinstance(value, dict):
        yield one
        return
    yield replace(one, value=value["name"])
    for key, inner in value.items():
        if key != "name":
            kinds = ((bool, "yes or no"), ((int, float), "number"), ((list, tuple), "list"), (str, "text"))
            kind = next(name for types, name in kinds if isinstance(inner, types))  # type: ignore[arg-type]
            about = f"parameter of the policy {value['name']}"
            yield Parameter(".".join((*path, key)), inner, None, kind, meaning=about)


def _lookup(path: tuple[str, ...], tables: Tables) -> Parameter | None:
    """The parameter at a path, without listing all the others."""
    here: Any = tables
    for i, part in enumerate(path):
        if isinstance(here, dict):
            here = here.get(part)
            continue
        names = {field.alias or name: name for name, field in type(here).model_fields.items()} if here else {}
        if part not in names or path[0] in laws.PAGE:
            return None
        field, here = type(here).model_fields[names[part]], getattr(here, names[part])
        if not isinstance(here, Table) and laws.entries_of(field) is None:
            found = {one.address: one for one in _parameter(path[: i + 1], field, here)}
            return found.get(".".join(path))
    return None


def find(address: str, tables: Tables | None = None) -> Parameter:
    """One parameter by its address.

    Parameters
    ----------
    address : str
    tables : Tables, optional
        The scenario. Without it the default is given, and segments and firms may have any name.

    Raises
    ------
    ScenarioError
        A ValueError: there is no such parameter; with the nearest address that there is.
    """
    if tables is None:
        path = _split(address)
        node = laws.at(path)
        is_inside = "policy" in path[:-1]
        if not isinstance(node, FieldInfo) or laws.entries_of(node) or path[0] in laws.PAGE or is_inside:
            raise ScenarioError([_unknown(address, Tables())])
        default = laws.parameter(address, node)
        return replace(default, value=default.default)
    if (found := _lookup(_split(address), tables)) is None:
        raise ScenarioError([_unknown(address, tables)])
    return found


def _split(address: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in address.split("."))


def _unknown(address: str, tables: Tables) -> Fault:
    """An address that there is not, with the nearest that there is, part by part."""
    known = [key.split(".") for key in addresses(tables)]
    path, shortened = list(_split(address)), address[:80]
    inside = dict.fromkeys(
        key[len(path)] for key in known if len(key) > len(path) and key[: len(path)] == path
    )
    if inside and path not in known:
        return Fault("is a table, not a parameter", shortened, cure=f"it has {', '.join(list(inside)[:20])}")
    meant: list[str] = []
    for part in path:
        here = dict.fromkeys(
            key[len(meant)] for key in known if len(key) > len(meant) and key[: len(meant)] == meant
        )
        near = part if part in here else nearest(part, here)
        if not near and len(meant) == 1 and meant[0] in ("segments", "firms"):
            return Fault("unknown", shortened, cure=f"the {meant[0]} are {', '.join(here)}")
        if meant[2:] == ["policy"] and path[3:] != ["name"]:
            return Fault(
                "this firm has no policy to set it for", shortened, cure=f"set {'.'.join(meant)} too"
            )
        meant.append(near)
    near = ".".join(meant) if meant in known else ""
    if not near:
        ends = [".".join(key) for key in known if key[-len(path) :] == path or key[-1] == path[-1]]
        near = ends[0] if ends else nearest(address, map(".".join, known), cutoff=0.7)
    return Fault(
        "unknown",
        shortened,
        suggestion=near,
        cure="" if near else "tenfold show SCENARIO lists what there is",
    )


# ---------------------------------------------------------------- changes


def parse_value(text: str) -> Any:
    """A value from a command line, as a scenario file would read it; what is no TOML value is a word.

    Parameters
    ----------
    text : str
        `10`, `0.5`, `true`, `proactive`, `"proactive"`, `[1, 2, 3]`.

    Returns
    -------
    int, float, bool, str, list or dict
    """
    text = text.strip()
    if "\n" in text or len(text) > 10_000 or check_shape(text).problem:
        return text
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if parsed.keys() == {"value"} else text


def change(tables: Tables, changes: Mapping[str, Any], folder: FilePath | None = None) -> Tables:
    """The same scenario with other values at some addresses.

    Parameters
    ----------
    tables : Tables
    changes : mapping of str to value
        By address. All are made before anything is checked, so that shares can be changed together;
        nothing is rescaled silently.
    folder : Path, optional
        Where the files that the scenario names stand.

    Raises
    ------
    ScenarioError
        An unknown address, a value outside its range, a sum that is no longer 1: all at once.
    """
    raw = tables.model_dump(by_alias=True)
    faults = []
    for address in sorted(changes, key=lambda one: str(one).count(".")):  # a policy before its parameters
        value = plain(changes[address])
        law = _lookup(_split(str(address)), tables)
        if law is None and not _is_for_policy(_split(str(address)), raw):
            faults.append(_unknown(str(address), tables))
        else:
            _set(raw, _split(str(address)), value)
    try:
        changed = validate(raw, Source(folder=folder or FilePath()), needs_format=False)
    except ScenarioError as error:
        raise ScenarioError([*faults, *error.faults]) from None
    if faults:
        raise ScenarioError(faults)
    return changed


def _is_for_policy(path: tuple[str, ...], raw: Mapping[str, Any]) -> bool:
    """Whether a path is a parameter of a policy that a firm has: which there are is the policy's to say."""
    if len(path) != 4 or path[0] != "firms" or path[2] != "policy" or path[1] not in raw["firms"]:
        return False
    return raw["firms"][path[1]]["policy"] is not None and path[3] != "name"


def _set(raw: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    here: Any = raw
    for part in path[:-1]:
        if part == "policy":
            here["policy"] = as_table(here["policy"])
        here = here[part]
    here[path[-1]] = value


def plain(value: Any) -> Any:
    """Python's own numbers and lists for NumPy's."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    return value


# ---------------------------------------------------------------- explain


def explain_parameter(word: str) -> list[Parameter]:
    """What a parameter means, from a whole address or the end of one.

    Parameters
    ----------
    word : str
        `talk.unhappy_tells`, `unhappy_tells`, `plan.price`, or a table: `need_rate`, `levels.proactive`.

    Returns
    -------
    list of Parameter
        With their defaults; segments and firms are called NAME. Empty if there is none.
    """
    path = _split(word)
    if len(path) > 1 and path[0] in ("segments", "firms"):
        path = (path[0], "NAME", *path[2:])
    found = {".".join(inner): (inner, field) for inner, field in laws.walk(Tables)}
    exact = [key for key, (inner, _) in found.items() if inner == path]
    ends = [key for key, (inner, _) in found.items() if inner[-len(path) :] == path]
    tables = [
        key
        for key, (inner, _) in found.items()
        if any(inner[i : i + len(path)] == path for i in range(len(inner)))
    ]
    defaults = [laws.parameter(key, found[key][1]) for key in exact or ends or tables]
    return [replace(one, value=one.default) for one in defaults]


def explain_value(address: str, value: Any) -> str:
    """A change as a title shows it: `talk.unhappy_tells = 0`."""
    return f"{address} = {shown(value) if isinstance(value, dict) else laws.plain(value)}"
