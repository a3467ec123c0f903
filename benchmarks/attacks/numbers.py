"""Every number of a scenario against NaN, infinities, negative, zero, the smallest and the huge.

A value is refused, in a sentence that names its place, or a small market runs with it for some months and keeps
its books, its people and its ranges (`invariants`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attacks.invariants import run
from attacks.world import put, world
from sim.market import Market
from sim.policies import POLICIES
from sim.scenario import Scenario, ScenarioError, addresses, change
from sim.scenario.parameters import BY_CUSTOMER
from sim.scenario.validation import validate

HOSTILE = (
    math.nan, math.inf, -math.inf, -1, -1.0, -5e-324, -1e308, -(10**400), 0, 0.0, -0.0, 5e-324, 2.3e-308, 1e-12,
    1, 1e308, 2**31, 2**63, 10**400,
)  # fmt: skip
MOST_CUSTOMERS = 2_000  # of a market that is run here

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Where a number stands in the world's tables, and its range (None where a policy has it)."""

    path: Path
    low: float | None = None
    high: float | None = None
    policy: str = ""

    @property
    def address(self) -> str:
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in self.path)


def places() -> list[Place]:
    """Every number of the world: parameters, the months of the season, decisions of rules, policies' own."""
    known = addresses(validate(world())).values()
    found = [
        Place(tuple(one.address.split(".")), one.low, one.high)
        for one in known
        if one.type in ("number", "whole number") and ".policy." not in one.address
    ]
    found += [Place(("market", "season", month), 0.0, 12.0) for month in range(12)]
    plan = {
        one.address.rpartition(".")[2]: one for one in known if one.address.startswith("firms.Loud.plan.")
    }
    for rule in range(2):
        for key in BY_CUSTOMER:
            if plan[key].type in ("number", "whole number"):
                found.append(
                    Place(("firms", "Loud", "rules", rule, "then", key), plan[key].low, plan[key].high)
                )
    for name, policy in POLICIES.items():
        for key, (low, high, _meaning) in policy.parameters.items():
            found.append(Place(("firms", "Loud", "policy", key), low, high, name))
    return found


def values(place: Place) -> tuple[Any, ...]:
    """The hostile values, and the ends of the place's own range."""
    ends = [end for end in (place.low, place.high) if end is not None]
    return (*HOSTILE, *(float(end) for end in ends), *(int(end) for end in ends if end == int(end)))


def tables_with(place: Place, value: Any, setting: str) -> dict[str, Any]:
    """The world's tables with a value at a place."""
    tables = put(world(), ("market", "setting"), setting)
    if place.policy:
        put(tables, ("firms", "Loud", "policy"), {"name": place.policy})
    if place.path[:2] == ("market", "season"):  # the others keep the mean at 1, if they can
        rest = (12 - value) / 11 if isinstance(value, (int, float)) and abs(value) < 1e300 else 1.0
        put(tables, ("market", "season"), [rest] * 12)
    if place.path == ("segments", "few", "share") and isinstance(value, (int, float)) and 0 <= value <= 1:
        put(tables, ("segments", "many", "share"), 1.0 - value)
    return put(tables, place.path, value)


class Found(NamedTuple):
    """What an attack found: how many values were refused, how many ran, and what was not as it should be."""

    refused: int
    ran: int
    faults: list[str]


def attack(
    found: Sequence[Place], settings: Sequence[str] = ("free", "contract"), months: int = 3, every: int = 1
) -> Found:
    """Try all values at some places.

    Parameters
    ----------
    found : places. settings : settings of the market. months : length of a run.
    every : run only each so many-th of the values that are accepted (all are checked).
    """
    refused = accepted = ran = 0
    faults: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for setting, place, value in _trials(found, settings):
            said = f"{place.policy}{' ' * bool(place.policy)}{place.address} = {_short(value)} ({setting})"
            try:
                tables = validate(tables_with(place, value, setting))
            except ScenarioError as error:
                refused += 1
                faults += [f"{said}: {one}" for one in _bad_refusal(place, value, error)]
                continue
            except Exception as error:
                faults.append(f"{said}: checking ends with {error!r}")
                continue
            accepted += 1
            if accepted % every == 0 and tables.market.customers <= MOST_CUSTOMERS:
                ran += 1
                faults += [f"{said}: {one}" for one in _run(tables, months)]
    return Found(refused, ran, faults)


def _trials(found: Sequence[Place], settings: Sequence[str]) -> Iterator[tuple[str, Place, Any]]:
    for setting in settings:
        for place in found:
            for value in values(place):
                yield setting, place, value


def _short(value: Any) -> str:
    return repr(value) if abs(value) < 10**30 or isinstance(value, float) else f"{'-' * (value < 0)}10**400"


def _run(tables: Any, months: int) -> list[str]:
    try:
        return run(Market(Scenario("attack", tables), seed=3, months=months), months)
    except Exception as error:
        return [f"the run ends with {type(error).__name__}: {str(error)[:200]}"]


def _bad_refusal(place: Place, value: Any, error: ScenarioError) -> Iterator[str]:
    """A refusal names the place, or the parameter beside it with which the value does not agree; in a line."""
    near, _, key = place.address.rpartition(".")
    if not any(fault.address.startswith(near) or fault.address.endswith(f".{key}") for fault in error.faults):
        yield f"the refusal names {error.faults[0].address}"
    for fault in error.faults:
        if not str(fault).isprintable() or len(str(fault)) > 600:
            yield f"the refusal is no line to read: {str(fault)[:80]!r}"


def change_differs(found: Sequence[Place]) -> list[str]:
    """Where `change` of an address does not decide as a file with the same value does."""
    base = validate(world())
    known = addresses(base)
    faults = []
    for place in found:
        is_alone = place.address in known and not place.policy and place.path[-1] != "share"
        for value in values(place) if is_alone else ():  # a file's other shares are made to fit
            outcomes = []
            for attempt in (
                lambda place=place, value=value: validate(tables_with(place, value, "free")),
                lambda place=place, value=value: change(base, {place.address: value}),
            ):
                try:
                    attempt()
                    outcomes.append("")
                except ScenarioError as error:
                    outcomes.append(error.faults[0].problem)
            if outcomes[0] != outcomes[1]:
                faults.append(
                    f"{place.address} = {_short(value)}: a file {outcomes[0]!r}, a change {outcomes[1]!r}"
                )
    return faults
