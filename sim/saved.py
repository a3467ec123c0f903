"""Results in folders: written whole or not at all; `saved_runs` reads them back."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.folders import Kind, write_folder
from sim.model_version import MODEL_VERSION
from sim.policies import POLICIES
from sim.saved_runs import SavedRun as SavedRun
from sim.saved_runs import read_run as read_run
from sim.saved_runs import replaced as replaced
from sim.saved_runs import said_now as said_now
from sim.saved_runs import world_of as world_of
from sim.saved_runs import world_with as world_with
from sim.scenario.loading import COMPARISON as COMPARISON
from sim.scenario.loading import FILE as SCENARIO
from sim.scenario.loading import RUN
from sim.scenario.remarks import sources
from sim.user_errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from sim.comparison import Comparison
    from sim.runs import Progress, Run

TABLES = ("firms", "months", "customers", "departures", "ledger", "rules")
ROWS = 20_000
"""Rows that are written before progress is told: about a tenth of a second."""


def save_run(
    run: Run, folder: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None,
    also: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Write a run: scenario.toml with its changes, policies and months, run.json, and the tables as CSV; see `Run.save`.

    `also` are names beside an old result that may go with it, for they are written anew. Of a run that was stopped in the
    middle of a month the whole months are written; where it does not repeat, as it is, without a hash.
    """
    stopped, followed = run.stopped, _recorded(run)
    if run.is_half_done:
        with contextlib.suppress(UserError):  # it does not repeat
            run = run.again()
    policies, lost = given_to(run)
    world = world_with(run.scenario, policies, run.months_done)
    said = {
        "tenfold": __version__,
        "model_version": MODEL_VERSION,
        "scenario": run.scenario.name,
        "scenario_hash": world.hash,
        "title": run.title,
        "seed": run.seed,
        "months": run.months_done,
        "state_hash": "" if run.is_half_done else run.hash,
        "changes": dict(run.scenario.changes),
        "policies": policies,
        "replaced": replaced(run.scenario, policies, run.months_done),
        "not_saved": lost,
        "sources": sources(run.scenario),
    } | ({"stopped": stopped} if stopped else {})

    lives = {"lives": run.follow(followed).table} if followed else {}

    def fill(part: Path) -> None:
        world.save(part / SCENARIO)
        _write_json(part / RUN, said)
        _write_tables(part, {name: getattr(run, name) for name in TABLES} | lives, progress)

    return write_folder(Path(folder), fill, force, result_kind(also), lost)


def _recorded(run: Run) -> list[int]:
    """The customers whose lives were recorded as the months passed."""
    return sorted({i for diary in run.market.diaries if diary.first == 0 for i in diary.ids.tolist()})


def save_comparison(
    pair: Comparison, folder: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> Path:
    """Write a comparison: the base's scenario with its policies and months, comparison.json, and its tables as CSV."""
    from sim import headlines, worlds

    tried, policies = pair.stressed, pair.twins.kept
    world = world_with(pair.scenario, policies, pair.months)
    said = {
        "tenfold": __version__,
        "model_version": MODEL_VERSION,
        "scenario": pair.scenario.name,
        "scenario_hash": world.hash,
        "replaced": replaced(pair.scenario, policies, pair.months),
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
        world.save(part / SCENARIO)
        _write_json(part / COMPARISON, said)
        tables = {"table": pair.table, "customers": pair.customers} | worlds.worlds_of(pair)
        tables |= {"stress": tried.table} if tried else {}
        _write_tables(part, tables, progress)

    return write_folder(Path(folder), fill, force, result_kind())


def given_to(run: Run) -> tuple[dict[str, Any], list[str]]:
    """What a run was given: policies as a file can hold them, by firm, and the names of what no file holds."""
    plain, lost = plain_policies(run.given)
    return plain, lost + [f"swap {name}" for name in run.market.swaps.given]


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
