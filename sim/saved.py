"""Results in folders: written whole or not at all, and read back so that a run can be repeated to the bit."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import __version__
from sim.folders import Kind, write_folder
from sim.given import as_changes, is_policy
from sim.market import MODEL_VERSION
from sim.policies import POLICIES
from sim.scenario import SCENARIOS, Scenario, load
from sim.scenario.finding import split
from sim.scenario.remarks import sources

if TYPE_CHECKING:
    import pandas as pd

    from sim.comparison import Comparison
    from sim.runs import Progress, Run

RUN, COMPARISON, SCENARIO = "run.json", "comparison.json", "scenario.toml"
TABLES = ("firms", "months", "customers", "departures", "ledger", "rules")
ROWS = 20_000
"""Rows that are written before progress is told: about a tenth of a second."""


# ---------------------------------------------------------------- writing


def save_run(
    run: Run, folder: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None,
    also: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Write a run: scenario.toml with its changes, run.json, and the tables as CSV; see `Run.save`.

    `also` are names beside an old result that may go with it, for they are written anew.
    """
    policies, lost = plain_policies(run.given)
    lost += [f"swap {name}" for name in run.market.swaps.given]
    said = {
        "tenfold": __version__,
        "model_version": MODEL_VERSION,
        "scenario": run.scenario.name,
        "scenario_hash": run.scenario.hash,
        "title": run.title,
        "seed": run.seed,
        "months": run.months_done,
        "state_hash": run.hash,
        "changes": dict(run.scenario.changes),
        "policies": policies,
        "not_saved": lost,
        "sources": sources(run.scenario),
    }

    def fill(part: Path) -> None:
        run.scenario.save(part / SCENARIO)
        _write_json(part / RUN, said)
        _write_tables(part, {name: getattr(run, name) for name in TABLES} | _recorded(run), progress)

    return write_folder(Path(folder), fill, force, result_kind(also), lost)


def _recorded(run: Run) -> dict[str, pd.DataFrame]:
    """The lives that were recorded as the months passed, a table of events."""
    ids = sorted({i for diary in run.market.diaries if diary.first == 0 for i in diary.ids.tolist()})
    return {"lives": run.follow(ids).table} if ids else {}


def save_comparison(
    pair: Comparison, folder: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> Path:
    """Write a comparison: the base's scenario, comparison.json, and its tables as CSV."""
    from sim import headlines, worlds

    tried = pair.stressed
    said = {
        "tenfold": __version__,
        "model_version": MODEL_VERSION,
        "scenario": pair.scenario.name,
        "scenario_hash": pair.scenario.hash,
        "headline": pair.headline,
        "luck": headlines.about_luck(pair),
        "stress": tried.about() if tried else None,
        "firm": pair.firm,
        "base": pair.base,
        "alternatives": pair.names,
        "worlds": worlds.in_words(pair),
        "notes": pair.notes,
        "changes": dict(pair.scenario.changes),
        "sources": sources(pair.scenario),
        "seeds": pair.seeds,
        "months": pair.months,
    }

    def fill(part: Path) -> None:
        pair.scenario.save(part / SCENARIO)
        _write_json(part / COMPARISON, said)
        tables = {"table": pair.table, "customers": pair.customers} | worlds.worlds_of(pair)
        tables |= {"stress": tried.table} if tried else {}
        _write_tables(part, tables, progress)

    return write_folder(Path(folder), fill, force, result_kind())


def plain_policies(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Policies as a file can hold them, by firm, and the names of those that none can."""
    plain, lost = {}, []
    for firm, policy in given.items():
        table = _as_table(policy)
        if table is None:
            kind = policy if isinstance(policy, type) else type(policy)
            lost.append(f"policy {firm}={kind.__name__}")
        else:
            plain[firm] = table
    return plain, lost


def _as_table(policy: Any) -> Any:
    """A policy's name, or its table; None for one that is not shipped, or that has grown parts of its own."""
    if isinstance(policy, (str, dict)):
        return policy
    if policy is None:
        return "status_quo"
    kind = policy if isinstance(policy, type) else type(policy)
    name = next((name for name, shipped in POLICIES.items() if shipped is kind), None)
    if name is None or isinstance(policy, type):
        return name
    wanted = [p for p in inspect.signature(kind).parameters if p not in ("args", "kwargs")]
    values = {key: value for key, value in vars(policy).items() if not key.startswith("_")}
    return {"name": name, **values} if list(values) == wanted else None


def _write_tables(part: Path, tables: Mapping[str, pd.DataFrame], progress: Progress | None) -> None:
    """Write tables as CSV, some thousand rows at a time, and say how many rows are written."""
    total = sum(len(table) for table in tables.values())
    done = 0
    for name, table in tables.items():
        with (part / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            for start in range(0, max(1, len(table)), ROWS):
                rows = table.iloc[start : start + ROWS]
                rows.to_csv(file, header=start == 0, index=rows.index.name == "firm", lineterminator="\n")
                done += len(rows)
                if progress:
                    progress(done, total)


def _write_json(file: Path, said: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def result_kind(also: Sequence[str] = ()) -> Kind:
    """What a folder of results is; `also` are names of ours beside them that may go with them."""
    return Kind(
        "results", lambda held: bool({RUN, COMPARISON} & held), lambda folder: _ours(folder) | set(also)
    )


def _ours(folder: Path) -> set[str]:
    """The names that a saved run or comparison writes, the file of its contact network too."""
    from sim import worlds

    tables = {
        *TABLES,
        "lives",
        "table",
        "customers",
        "seeds",
        "stress",
        *worlds.SIDE_BY_SIDE,
        *worlds.OF_A_YEAR,
    }
    names = {RUN, COMPARISON, SCENARIO, *(f"{name}.csv" for name in tables)}
    try:
        edges = tomllib.loads((folder / SCENARIO).read_text(encoding="utf-8"))["talk"]["edges"]
    except (OSError, ValueError, KeyError, TypeError):
        return names
    return names | {str(edges)}


# ---------------------------------------------------------------- reading


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
                f"{'it' if len(missing) == 1 else 'them'} again, or run the scenario alone: sim.run(sim.load(folder))"
            )
        kept, change = said_now(self.policies, change)
        return {**kept, **policies}, change

    def length(self, months: int | None, change: Mapping[str, Any]) -> int | None:
        """Its months, unless others are given, or None where a change says them."""
        return self.months if months is None and "market.months" not in change else months

    def compare(self, run: Run, *, change: Any, swap: Any) -> None:
        """Warn if a run that should repeat this one to the bit does not."""
        same = not change and not swap and run.given == self.policies
        same = same and (run.seed, run.months_done) == (self.seed, self.months)
        if same and run.hash != self.state_hash:
            why = (
                f"it was made by model version {self.model_version}, this is {MODEL_VERSION}"
                if self.model_version != MODEL_VERSION
                else "the folder's files, or the program, were changed since"
            )
            warnings.warn(f"{self.folder}: the numbers are not those of the saved run: {why}", stacklevel=3)


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
        kept = SavedRun(
            folder, load(folder), _whole(said["seed"]), _whole(said["months"]), dict(said["policies"]),
            list(map(str, said["not_saved"])), str(said["state_hash"]), str(said["model_version"]),
        )  # fmt: skip
        changes, name = dict(said["changes"]), str(said["scenario"])
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{file}: not as Tenfold wrote it ({type(error).__name__}: {error}); sim.load gives the scenario alone"
        ) from None
    return kept._replace(scenario=dataclasses.replace(kept.scenario, name=name, changes=changes))


def world_of(scenario: Any, months: int | None = None, change: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario with a change, its policies checked too; of a saved run with the months and policies that it had.

    Raises
    ------
    ValueError
        A scenario or a change that is not right, or a saved run with what no file holds.
    """
    told, changes = read_run(scenario), dict(change or {})
    if told is None:
        world = load(scenario)
    else:
        policies, changes = told.with_policies({}, {}, changes)
        world = told.scenario.with_changes({**as_changes(policies), "market.months": told.months})
    return world.with_changes(changes if months is None else {**changes, "market.months": months})


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
