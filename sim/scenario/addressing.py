"""Changes by address, and what an address means: every parameter is named by the dotted path of its place in the file."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from sim.scenario import laws
from sim.scenario.checks import as_table
from sim.scenario.faults import ScenarioError, shown
from sim.scenario.finding import lookup, rule_place, split, unknown_address
from sim.scenario.laws import Parameter
from sim.scenario.reading import Source
from sim.scenario.scanner import check_shape
from sim.scenario.tables import Tables
from sim.scenario.validation import validate


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
        nothing is rescaled silently. `firms.NAME.rules` takes all rules of a firm, as a list of tables with `if`
        and `then`; `firms.NAME.rules.1.if` and `firms.NAME.rules.1.then.offer` take what the first rule has there.
    folder : Path, optional
        Where the files that the scenario names stand.

    Raises
    ------
    ScenarioError
        An unknown address, a value outside its range, a sum that is no longer 1: all at once.
    """
    raw = tables.model_dump(by_alias=True, exclude={"sweep"})  # a plan is of the file as it stands
    faults = []
    for address in sorted(changes, key=lambda one: str(one).count(".")):  # a policy before its parameters
        value, path = plain(changes[address]), split(str(address))
        if _is_of_rules(path, raw):
            _set_rules(raw["firms"][path[1]], path[3:], value)
        elif lookup(path, tables) is not None or _is_for_policy(path, raw):
            _set(raw, path, value)
        else:
            faults.append(unknown_address(str(address), tables))
    _turn_on(raw, changes)
    try:
        changed = validate(raw, Source(folder=folder or FilePath()), needs_format=False)
    except ScenarioError as error:
        raise ScenarioError([*faults, *error.faults]) from None
    if faults:
        raise ScenarioError(faults)
    return changed.model_copy(update={"sweep": tables.sweep})


def _is_for_policy(path: tuple[str, ...], raw: Mapping[str, Any]) -> bool:
    """Whether a path is a parameter of a policy that a firm has: which there are is the policy's to say."""
    if len(path) != 4 or path[0] != "firms" or path[2] != "policy" or path[1] not in raw["firms"]:
        return False
    return raw["firms"][path[1]]["policy"] is not None and path[3] != "name"


def _is_of_rules(path: tuple[str, ...], raw: Mapping[str, Any]) -> bool:
    """Whether a path is the list of a firm's decision rules, or what one of them has: its condition, a decision of it."""
    if path[0] != "firms" or path[2:3] != ("rules",) or path[1] not in raw["firms"]:
        return False
    here: Any = raw["firms"][path[1]]["rules"]
    for part in path[3:]:
        if isinstance(here, (list, tuple)):
            place = rule_place(part, len(here))
            here = None if place is None else here[place]
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return here is not None and (len(path) == 3 or not isinstance(here, dict))


def _set_rules(firm: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """All rules of a firm, or what stands at a path in one of them; lists and tables that were given stay as they are."""
    if not path:
        firm["rules"] = value
        return
    firm["rules"] = rules = copy.deepcopy(list(firm["rules"]))
    here = rules[int(path[0]) - 1]
    for part in path[1:-1]:
        here = here[part]
    here[path[-1]] = value


def _set(raw: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    here: Any = raw
    for part in path[:-1]:
        if part == "policy":
            here["policy"] = as_table(here["policy"])
        here = here.setdefault(part, {}) if path[0] == "mechanisms" else here[part]
    here[path[-1]] = value


def _turn_on(raw: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """A change of a mechanism's parameter turns it on, as its table in a file does."""
    for address in map(str, changes):
        path = split(address)
        if path[0] == "mechanisms" and len(path) > 2 and f"mechanisms.{path[1]}.on" not in changes:
            raw["mechanisms"][path[1]]["on"] = True


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
    path = split(word)
    if len(path) > 1 and path[0] in ("segments", "firms"):
        path = (path[0], "NAME", *path[2:])
    if len(path) > 3 and (path[0], path[2]) == ("mechanisms", "firms"):
        path = (*path[:3], "NAME", *path[4:])
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
    if address.endswith(".rules") and isinstance(value, (list, tuple)):
        return f"{address} = {len(value)} rule{'' if len(value) == 1 else 's'}"
    return f"{address} = {shown(value) if isinstance(value, dict) else laws.plain(value)}"
