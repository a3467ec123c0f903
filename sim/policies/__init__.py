"""How firms decide: what they see (`View`), what they decide (`Plan`), and ready ways of deciding."""

from __future__ import annotations

import copy
import difflib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from sim.policies import levels, optional, selling, tiers
from sim.policies.base import Policy, StatusQuo
from sim.policies.plan import Plan
from sim.policies.view import View
from sim.scenario import register_check

POLICIES: dict[str, type[Policy]] = {
    "status_quo": StatusQuo,
    **levels.FAMILY,
    **selling.FAMILY,
    **tiers.FAMILY,
    **optional.FAMILY,
}
"""Shipped policies by name."""

__all__ = ["POLICIES", "Plan", "Policy", "View", "make_policy"]


def make_policy(given: Any, where: str = "policy") -> Policy:
    """A policy from a name, a table with `name` and parameters, a class or an object (copied).

    ValueError says what is wrong, and the cure.
    """
    if given is None:
        return StatusQuo()
    if isinstance(given, str):
        given = {"name": given}
    if isinstance(given, type) and callable(getattr(given, "decide", None)):
        return given()  # type: ignore[no-any-return]
    if isinstance(given, dict):
        return _from_table(dict(given), where)
    if callable(getattr(given, "decide", None)):
        return copy.deepcopy(given)  # what a policy remembers belongs to one market

    raise TypeError(f"{where}: must be a policy's name, a table with its name, or a Policy (got {given!r})")


def _from_table(table: dict[str, Any], where: str) -> Policy:
    for key, problem, value, near in policy_faults(table):
        place = where if key == "name" else f"{where}.{key}"
        raise ValueError(f"{place}: {problem} (got {value})" + (f'; did you mean "{near}"?' if near else ""))
    return POLICIES[table.pop("name")](**table)


def policy_faults(table: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a policy's table: (key, problem, value given, nearest right word)."""
    name = str(table.get("name"))
    if name not in POLICIES:
        near = difflib.get_close_matches(name, POLICIES, 1)
        yield (
            "name",
            "unknown policy" if near else f"unknown policy; policies are {', '.join(POLICIES)}",
            f'"{name}"',
            "".join(near),
        )
        return
    known = [
        p
        for p in inspect.signature(POLICIES[name].__init__).parameters
        if p not in ("self", "args", "kwargs")
    ]
    for key, value in table.items():
        if key == "name":
            continue
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            law = f"unknown for this policy, which takes {', '.join(known) or 'nothing'}"
            yield key, law, f'"{key}"', "".join(near)
            continue
        try:
            POLICIES[name](**{key: value})
        except ValueError as error:
            law = str(error).split(": ", 1)[-1].rsplit(" (got", 1)[0]
            yield key, law, repr(value) if not isinstance(value, str) else f'"{value}"', ""


register_check(policy_faults)
