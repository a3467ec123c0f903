"""What a search for the best policy may turn: parameters of the policy `value_tiers`, and addresses of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.policies import make_policy
from sim.scenario.faults import nearest
from sim.scenario.finding import lookup, split
from sim.scenario.words import LEVELS, STRATEGIES
from sim.scenario.writing import table_lines

if TYPE_CHECKING:
    from sim.scenario import Scenario

POLICY = "value_tiers"


class Handle(NamedTuple):
    """One thing that is turned: a range in steps, or choices.

    Attributes
    ----------
    low, high : ends of the range. step : its grid; None if any number will do. is_whole : whole numbers only.
    choices : instead of a range; empty if it is one.
    """

    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    is_whole: bool = False
    choices: tuple[Any, ...] = ()


SPACE: dict[str, Handle] = {
    "top_share": Handle(0.05, 0.5, 0.05),
    "middle_share": Handle(0.0, 0.5, 0.05),
    "top": Handle(choices=LEVELS),
    "middle": Handle(choices=LEVELS),
    "rest": Handle(choices=LEVELS),
    "social_share": Handle(0.0, 1.0, 0.1),
    "structural_share": Handle(0.0, 1.0, 0.1),
    "discount": Handle(0.0, 0.2, 0.02),
    "strategy": Handle(choices=STRATEGIES),
    "messages": Handle(0, 12, 1, True),
    "personalization": Handle(0.0, 1.0, 0.1),
    "advertising_times": Handle(0.0, 3.0, 0.25),
}
"""Levels by value tier, bonds, permission strategy and frequency, budgets: what is searched unless told otherwise."""


def space_of(search: Any, scenario: Scenario) -> dict[str, Handle]:
    """What is searched, by name.

    Parameters
    ----------
    search : None for `SPACE`; some of its names; or a mapping: name or address -> (low, high), or a list of choices.

    Raises
    ------
    ValueError
        An unknown name or address, a range without ends, an end that breaks its law.
    """
    if search is None:
        return dict(SPACE)
    given = (
        search
        if isinstance(search, Mapping)
        else dict.fromkeys([search] if isinstance(search, str) else search)
    )
    if not given:
        raise ValueError('search: there is nothing to search; give names, such as ["strategy", "messages"]')
    return {name: _handle(str(name), said, scenario) for name, said in given.items()}


def _handle(name: str, said: Any, scenario: Scenario) -> Handle:
    if said is None and name in SPACE:
        return SPACE[name]
    if name not in SPACE and "." not in name:
        near = nearest(name, SPACE)
        hint = (
            f'did you mean "{near}"?'
            if near
            else f"there are {', '.join(SPACE)}, and addresses of the scenario"
        )
        raise ValueError(f'search: unknown "{name}"; {hint}')
    if said is None:
        raise ValueError(f'search: "{name}" needs a range (low, high), or a list of choices')
    ends = list(said) if isinstance(said, (list, tuple)) else []
    numbers = [e for e in ends if isinstance(e, (int, float)) and not isinstance(e, bool)]
    if not ends:
        raise ValueError(f'search: "{name}" needs a range (low, high), or a list of choices (got {said!r})')
    for end in ends:  # laws are those of the policy, or of the address
        if name in SPACE:
            make_policy({"name": POLICY, name: end}, "search")
        else:
            scenario.with_changes({name: end})
    if isinstance(said, tuple) and len(numbers) == len(ends) == 2:
        low, high = sorted(numbers)
        law = None if name in SPACE else lookup(split(name), scenario.tables)
        is_whole = SPACE[name].is_whole if law is None else law.type == "whole number"
        return Handle(float(low), float(high), 1.0 if is_whole else None, is_whole)
    return Handle(choices=tuple(ends))


def asked(trial: Any, space: Mapping[str, Handle]) -> dict[str, Any]:
    """What an Optuna trial turns each handle to."""
    found: dict[str, Any] = {}
    for name, one in space.items():
        if one.choices:
            found[name] = trial.suggest_categorical(name, list(one.choices))
        elif one.is_whole:
            found[name] = trial.suggest_int(name, int(one.low), int(one.high))
        else:
            found[name] = round(trial.suggest_float(name, one.low, one.high, step=one.step), 6)
    return found


def policy_of(turned: Mapping[str, Any]) -> dict[str, Any] | None:
    """The policy's table, as a scenario file takes it; None if only addresses were turned."""
    own = {name: value for name, value in turned.items() if name in SPACE}
    return {"name": POLICY, **own} if own else None


def changes_of(turned: Mapping[str, Any], firm: str) -> dict[str, Any]:
    """What is changed in the scenario, by address."""
    policy = policy_of(turned)
    found = {} if policy is None else {f"firms.{firm}.policy": policy}
    return found | {name: value for name, value in turned.items() if name not in SPACE}


def in_toml(turned: Mapping[str, Any], firm: str) -> str:
    """Tables for a scenario file: the policy if one was turned, and every address in the table that it names."""
    policy = policy_of(turned)
    found: dict[tuple[str, ...], dict[str, Any]] = (
        {} if policy is None else {("firms", firm, "policy"): policy}
    )
    for address in (name for name in turned if name not in SPACE):
        *above, last = split(address)
        found.setdefault(tuple(above), {})[last] = turned[address]
    lines = [f"# found for {firm}"]
    if policy is not None:
        lines.append("# in the scenario's file the policy takes the place of the firm's own")
    if policy is None or len(found) > 1:
        lines.append("# where the file has a table already, its lines go into that one")
    for path, values in found.items():
        lines += table_lines(path, values)
    return "\n".join(lines) + "\n"
