"""How firms decide: what they see (`View`), what they decide (`Plan`), and ready ways of deciding."""

from __future__ import annotations

import difflib
import inspect
from typing import Any

from sim.policies import levels, selling
from sim.policies.base import Policy, StatusQuo
from sim.policies.plan import Plan
from sim.policies.view import View

POLICIES: dict[str, type[Policy]] = {"status_quo": StatusQuo, **levels.FAMILY, **selling.FAMILY}
"""Shipped policies by name."""

__all__ = ["POLICIES", "Plan", "Policy", "View", "make_policy"]


def make_policy(given: Any, where: str = "policy") -> Policy:
    """A policy from a name, a table with `name` and parameters, a class or an object; ValueError says the cure."""
    if given is None:
        return StatusQuo()
    if isinstance(given, str):
        given = {"name": given}
    if isinstance(given, type) and issubclass(given, Policy):
        return given()
    if isinstance(given, dict):
        return _from_table(dict(given), where)
    if callable(getattr(given, "decide", None)):
        return given  # type: ignore[no-any-return]
    raise TypeError(f"{where}: must be a policy's name, a table with its name, or a Policy (got {given!r})")


def _from_table(table: dict[str, Any], where: str) -> Policy:
    name = table.pop("name", None)
    if name not in POLICIES:
        near = difflib.get_close_matches(str(name), POLICIES, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"policies are {', '.join(POLICIES)}"
        raise ValueError(f'{where}: unknown (got "{name}"); {hint}')
    known = [p for p in inspect.signature(POLICIES[name].__init__).parameters if p not in ("self", "args", "kwargs")]
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"it takes {', '.join(known) or 'nothing'}"
            raise ValueError(f'{where}.{key}: unknown for the policy "{name}" (got "{key}"); {hint}')
    try:
        return POLICIES[name](**table)
    except ValueError as error:
        raise ValueError(f"{where}.{error}") from None
