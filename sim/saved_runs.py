"""Saved runs, read back: the scenario with the policies, the months and the seed that the run had."""

from __future__ import annotations

import dataclasses
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.given import as_changes, check_dicts, each_policy_once, is_policy
from sim.model_version import MODEL_VERSION
from sim.scenario import SCENARIOS, Scenario, load
from sim.scenario.checks import as_table
from sim.scenario.finding import split
from sim.scenario.loading import RUN, by_path

if TYPE_CHECKING:
    from sim.runs import Run


class SavedRun(NamedTuple):
    """What a folder says of the run that is saved in it."""

    folder: Path
    scenario: Scenario
    seed: int
    months: int
    policies: dict[str, Any]
    not_saved: list[str]
    state_hash: str
    model_version: str

    def with_policies(
        self, policies: Mapping[str, Any], swap: Mapping[str, Any], change: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Its policies and a change, as in `said_now`, with the policies given in their place; refuses to go on without
        what no file holds.
        """
        changed = [path[1] for path in map(split, map(str, change)) if is_policy(path) and len(path) == 3]
        here = {f"swap {name}" for name in swap} | {f"policy {firm}" for firm in (*policies, *changed)}
        missing = [name for name in self.not_saved if name.partition("=")[0] not in here]
        if missing:
            raise ValueError(
                f"{self.folder}: this run had {', '.join(missing)}, which no file holds: give "
                f"{'it' if len(missing) == 1 else 'them'} again, or take the scenario alone: sim.load(folder)"
            )
        kept, change = said_now(self.policies, change)
        return {**kept, **policies}, change

    @property
    def world(self) -> Scenario:
        """Its scenario with its months, and with those of its policies that a file holds."""
        return world_with(self.scenario, self.policies, self.months)

    def length(self, months: int | None, change: Mapping[str, Any]) -> int | None:
        """Its months, unless others are given, or None where a change says them."""
        return self.months if months is None and "market.months" not in change else months

    def compare(self, run: Run, given: tuple[dict[str, Any], list[str]], change: Any) -> None:
        """Warn if a run that should repeat this one to the bit does not: ``given`` what it had, and nothing else."""
        policies, lost = given
        same = not change and policies == self.policies and sorted(lost) == sorted(self.not_saved)
        same = same and (run.seed, run.months_done) == (self.seed, self.months)
        if same and self.state_hash and run.hash != self.state_hash:
            again = (
                f"{', '.join(lost)}, given again, is not what it had, draws luck of its own (take market.draws) or "
                "remembers an earlier run; or "
            )
            why = (
                f"it was made by model version {self.model_version}, this is {MODEL_VERSION}"
                if self.model_version != MODEL_VERSION
                else f"{again if lost else ''}the folder's files, or the program, were changed since"
            )
            warnings.warn(f"{self.folder}: the numbers are not those of the saved run: {why}", stacklevel=3)


def world_with(scenario: Scenario, policies: Mapping[str, Any], months: int) -> Scenario:
    """A scenario that says itself what a run was given: policies, and months (0: as many as it says)."""
    return scenario.with_changes(as_changes(policies) | ({"market.months": months} if months else {}))


def replaced(scenario: Scenario, policies: Mapping[str, Any], months: int) -> dict[str, Any]:
    """What a scenario says itself where `world_with` says something else, by address."""
    own = as_changes({firm: scenario.firms[firm].policy for firm in policies})
    return own | (
        {"market.months": scenario.market.months} if months not in (0, scenario.market.months) else {}
    )


def said_now(kept: Mapping[str, Any], change: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The kept policies that still hold, and a change with the others below it: what is said of a firm's policy now wins.

    A parameter, `firms.NAME.policy.offer`, is one of the policy that was kept.
    """
    firms = {path[1] for path in map(split, map(str, change)) if is_policy(path)}
    holds = {firm: policy for firm, policy in kept.items() if firm not in firms}
    return holds, as_changes({firm: kept[firm] for firm in kept if firm in firms}) | dict(change)


def read_run(scenario: Any) -> SavedRun | None:
    """What is saved in a folder; None if this is no folder of a saved run.

    Raises
    ------
    ValueError
        run.json is not as it was written.
    """
    folder = _folder(scenario)
    if folder is None:
        return None
    file = folder / RUN
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        changes, name = dict(said["changes"]), str(said["scenario"])
        world, own = by_path(folder), said.get("replaced")  # none in folders of before there was this
        policies, months = dict(said["policies"]), _whole(said["months"])
        if (
            own is not None and world.hash != said["scenario_hash"]
        ):  # what was written into the file since holds
            policies = {
                firm: policy
                for firm, policy in policies.items()
                if firm in world.firms and as_table(world.firms[firm].policy) == as_table(policy)
            }
            months = world.market.months
            own = {address: own[address] for address in own if address in as_changes(policies)}
        scenario = dataclasses.replace(world.with_changes(own or {}), name=name, changes=changes)
        return SavedRun(
            folder, scenario, _whole(said["seed"]), months, policies, list(map(str, said["not_saved"])),
            str(said["state_hash"]), str(said["model_version"]),
        )  # fmt: skip
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{file}: not as Tenfold wrote it ({type(error).__name__}: {error}); sim.load gives the scenario alone"
        ) from None


def world_of(scenario: Any, months: int | None = None, change: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario with a change, its policies checked too; of a saved run with the months and policies that it had.

    Raises
    ------
    ValueError
        A scenario or a change that is not right, or a saved run with what no file holds.
    """
    check_dicts(change=change)
    told, changes = read_run(scenario), dict(change or {})
    if told is not None:
        told.with_policies({}, {}, changes)  # refuses what no file holds
    world = load(scenario) if told is None else told.world
    return world.with_changes(changes if months is None else {**changes, "market.months": months})


class Opened(NamedTuple):
    """What is run, with what a saved run had wherever nothing else is said; `told` is that run, or None."""

    scenario: Any
    months: int | None
    seed: int | None
    policies: dict[str, Any]
    change: dict[str, Any]
    told: SavedRun | None


def opened(
    scenario: Any,
    months: int | None,
    seed: int | None,
    policies: Mapping[str, Any] | None,
    change: Mapping[str, Any] | None,
    swap: Mapping[str, Any] | None,
) -> Opened:
    """What `run` and `Market` are given, made plain: a saved run keeps its seed, months and policies.

    Raises
    ------
    ValueError
        Parameters are said of a policy that is an object; a saved run with what no file holds, unless it is given again.
    TypeError
        Policies, a change or a swap that is no dict.
    """
    check_dicts(policies=policies, change=change, swap=swap)
    given, changed = each_policy_once(policies, change)
    told = read_run(scenario)
    if told is None:
        return Opened(scenario, months, seed, given, changed, None)
    length = told.length(months, changed)
    given, changed = told.with_policies(given, swap or {}, changed)
    return Opened(told.scenario, length, told.seed if seed is None else seed, given, changed, told)


def _folder(scenario: Any) -> Path | None:
    """The folder that a scenario's name means, if a run is saved in it; a shipped name comes first."""
    if not isinstance(scenario, (str, os.PathLike)) or (isinstance(scenario, str) and scenario in SCENARIOS):
        return None
    try:
        folder = Path(scenario)
        return folder if (folder / RUN).is_file() else None
    except (OSError, ValueError):
        return None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number is needed, got {value!r}")
    return value
