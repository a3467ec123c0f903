"""What users give as arguments, checked: whole numbers, one or one a customer, who tells, and policies beside changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.scenario.finding import split

FORMS = {
    "change": "address -> value, such as {'talk.unhappy_tells': 0}",
    "policies": "firm -> policy, such as {'Corner': 'win_back'}",
    "swap": "stage or equation -> your function, such as {'talk': friends_only}",
}
"""What the words of `run` that are dicts hold."""


def check_dicts(**given: Any) -> None:
    """Refuse what is no dict among `change`, `policies` and `swap`; None passes."""
    for name, value in given.items():
        if value is not None and not isinstance(value, Mapping):
            raise TypeError(f"{name}: a dict is needed, {FORMS[name]} (got {value!r})")


def whole(name: str, value: Any, low: int) -> None:
    """Refuse what is no whole number of at least `low`; None passes."""
    if value is None:
        return
    is_whole = not isinstance(value, (bool, np.bool_)) and hasattr(value, "__index__")
    if not is_whole or value < low:
        raise (ValueError if is_whole else TypeError)(
            f"{name}: must be a whole number of {low} or more (got {value!r})"
        )


def whole_numbers(name: str, given: Any, n: int, least: int, most: int | None) -> np.ndarray:
    """An argument as whole numbers, one a customer, int64 (n,); ValueError says what is wrong with it."""
    values = np.asarray(given)
    law = f"{least} or more" if most is None else f"{least} to {most}"
    if values.shape not in ((), (n,)):
        raise ValueError(
            f"{name}: must be one number, or one for each of the {n} customers (got shape {values.shape})"
        )
    numeric = values.dtype.kind in "iuf" and bool(np.isfinite(values).all())
    if (
        not numeric
        or (values != np.floor(values)).any()
        or (values < least).any()
        or (most is not None and (values > most).any())
    ):
        raise ValueError(f"{name}: must be whole numbers of {law} (got {given!r})")
    return np.broadcast_to(values.astype(np.int64), (n,))


def customers_meant(who: Any, n: int) -> np.ndarray:
    """Customers from a mask or from their numbers, int64 ascending; ValueError says what is wrong, and the cure."""
    given = np.asarray(who)
    if given.dtype == bool:
        if given.shape != (n,):
            raise ValueError(
                f"who: must be one True or False a customer, {n} of them (got shape {given.shape})"
            )
        return np.flatnonzero(given)
    if given.size and given.dtype.kind not in "iu":
        raise ValueError(
            f"who: must be one True or False a customer, or customers' numbers (got {given.dtype} of shape {given.shape})"
        )
    ids = np.unique(given.astype(np.int64))
    if given.size == n > 2 and set(ids.tolist()) <= {0, 1}:
        raise ValueError("who: these are 0 and 1 for everybody, not customers' numbers: write mask == 1")
    if len(ids) and (ids[0] < 0 or ids[-1] >= n):
        raise ValueError(f"who: customers are 0 to {n - 1} (got {ids[0]} to {ids[-1]})")
    return ids


def as_changes(policies: Mapping[str, Any]) -> dict[str, Any]:
    """Policies by firm, as a change of the scenario."""
    return {f"firms.{firm}.policy": policy for firm, policy in policies.items()}


def is_policy(path: Sequence[str]) -> bool:
    """Whether a path is a firm's policy, or a parameter of it."""
    return len(path) > 2 and (path[0], path[2]) == ("firms", "policy")


def each_policy_once(
    policies: Mapping[str, Any] | None, change: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The policies and the change of one world: of a policy by name, whose parameters the change says, all is a change.

    A policy that is given goes over one that the change names: a change may be the world to which several policies are given in turn.

    Raises
    ------
    ValueError
        Parameters are said of a policy that is given as an object.
    """
    policies, change = dict(policies or {}), dict(change or {})
    named: dict[str, Any] = {}
    for address in list(change):
        path = split(str(address))
        if not is_policy(path) or path[1] not in {*policies, *named}:
            continue
        firm, key = path[1], ".".join(path[3:])
        if not key:
            del change[address]
            continue
        given = policies.pop(firm, named.get(firm))
        if not isinstance(given, (str, dict)):
            raise ValueError(
                f"{address}: the policy of {firm} is given by policies= as an object; give it the parameter there, "
                f"or the policy as a table: {{{firm!r}: {{'name': …, {key!r}: {change[address]!r}}}}}"
            )
        named[firm] = given
    return policies, as_changes(named) | change
