"""Parameters by their addresses: all of a scenario's, one by its dotted path, and the nearest where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic.fields import FieldInfo

from sim.scenario import gone, laws
from sim.scenario.faults import Fault, ScenarioError, nearest
from sim.scenario.firms import RuleTable
from sim.scenario.laws import Parameter
from sim.scenario.parameters import Table
from sim.scenario.tables import Tables


def addresses(tables: Tables) -> dict[str, Parameter]:
    """Every parameter of a scenario, by its address, in the order of the file.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    dict of str to Parameter
        Title and page have no address; rules, and mechanisms that are off, are left out.
    """
    return {one.address: one for one in _parameters(tables, ())}


def _parameters(table: Table, prefix: tuple[str, ...]) -> Iterator[Parameter]:
    for name, field in type(table).model_fields.items():
        key, value = field.alias or name, getattr(table, name)
        path = (*prefix, key)
        if (not prefix and key in laws.PAGE) or (prefix == ("mechanisms",) and not value.on):
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


def lookup(path: tuple[str, ...], tables: Tables) -> Parameter | None:
    """The parameter at a path, without listing all the others."""
    here: Any = tables
    for i, part in enumerate(path):
        if isinstance(here, dict):
            here = here.get(part) or _default_entry(path[: i + 1], tables)
            continue
        if isinstance(here, tuple):  # rules are the only list of tables
            return _of_rule(path, here)
        names = {field.alias or name: name for name, field in type(here).model_fields.items()} if here else {}
        if part not in names or path[0] in laws.PAGE:
            return None
        field, here = type(here).model_fields[names[part]], getattr(here, names[part])
        if not isinstance(here, Table) and laws.entries_of(field) is None:
            found = {one.address: one for one in _parameter(path[: i + 1], field, here)}
            return found.get(".".join(path))
    return None


def _of_rule(path: tuple[str, ...], rules: tuple[RuleTable, ...]) -> Parameter | None:
    """The condition of a firm's rule, or a decision that it takes: `firms.NAME.rules.1.then.offer`."""
    place = rule_place(path[3], len(rules))
    field = laws.at(path)
    if place is None or not isinstance(field, FieldInfo):
        return None
    if path[4:] == ("if",):
        value: Any = rules[place].condition
    elif path[4:5] == ("then",) and len(path) == 6 and path[5] in rules[place].then:
        value = rules[place].then[path[5]]
    else:
        return None
    return replace(laws.parameter(".".join(path), field, value), default=None)


def rule_place(part: str, count: int) -> int | None:
    """Where the rule of a number stands in a list of `count` rules, the first of which is 1; None if there is none."""
    return next((place for place in range(count) if part == str(place + 1)), None)


def _default_entry(path: tuple[str, ...], tables: Tables) -> Table | None:
    """What a firm decides about a mechanism where the file does not say."""
    is_firm = path[0] == "mechanisms" and len(path) == 4 and path[3] in tables.firms
    entry = laws.at(path) if is_firm else None
    return entry() if isinstance(entry, type) else None


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
        path = split(address)
        node = laws.at(path)
        is_inside = path[2:3] in (("policy",), ("rules",)) and len(path) > 3
        if not isinstance(node, FieldInfo) or laws.entries_of(node) or path[0] in laws.PAGE or is_inside:
            raise ScenarioError([unknown_address(address, Tables())])
        default = laws.parameter(address, node)
        return replace(default, value=default.default)
    if (found := lookup(split(address), tables)) is None:
        raise ScenarioError([unknown_address(address, tables)])
    return found


def split(address: str) -> tuple[str, ...]:
    """The parts of an address."""
    return tuple(part.strip() for part in address.split("."))


def with_all_mechanisms(tables: Tables) -> Tables:
    """The tables with every mechanism on, and what each firm decides about it."""
    on = {}
    for name, table in tables.mechanisms:
        entry = laws.at(("mechanisms", name, "firms", "NAME"))
        decided = {firm: entry() for firm in tables.firms} if isinstance(entry, type) else {}
        on[name] = table.model_copy(update={"on": True, **({"firms": decided} if decided else {})})
    return tables.model_copy(update={"mechanisms": tables.mechanisms.model_copy(update=on)})


def unknown_address(address: str, tables: Tables) -> Fault:
    """An address that there is not, with the nearest that there is, part by part."""
    path, shortened = list(split(address)), address[:80]
    if said := gone.in_words(path):
        return Fault(said[0], shortened, cure=said[1])
    if path[2:3] == ["rules"] and path[0] == "firms" and path[1] in tables.firms:
        return _unknown_rule(path, shortened, tables.firms[path[1]].rules)
    known = [key.split(".") for key in addresses(with_all_mechanisms(tables))]
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


def _unknown_rule(path: list[str], shortened: str, rules: tuple[RuleTable, ...]) -> Fault:
    """An address below a firm's rules that there is not, with those that there are."""
    above = ".".join(path[:3])
    known = [
        f"{above}.{place}.{key}"
        for place, rule in enumerate(rules, 1)
        for key in ("if", *(f"then.{decision}" for decision in rule.then))
    ]
    if not known:
        cure = f'{path[1]} has no rules; give them all: {above} = [{{"if": "spent > 100", "then": {{"offer": 0.1}}}}]'
        return Fault("unknown", shortened, cure=cure)
    return Fault("unknown", shortened, cure=f"there is {', '.join(known[:20])}")
