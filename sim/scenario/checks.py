"""What must hold between the parameters of a scenario: sums, names, rules, policies, files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path as FilePath
from typing import Any

from sim.scenario.database import firm_name_fault, segment_name_fault
from sim.scenario.faults import MOST_FAULTS, nearest, plain_number, shown
from sim.scenario.parameters import Segment, TraitTable
from sim.scenario.reading import Source, is_there
from sim.scenario.rule_checks import rule_wrongs
from sim.scenario.scanner import Path
from sim.scenario.tables import Tables
from sim.scenario.wrongs import Wrong

PolicyCheck = Callable[[Mapping[str, Any]], Iterable[tuple[str, str, str, str]]]
_policy_checks: list[PolicyCheck] = []

WIDEST_LOGNORMAL = 1_000.0  # standard deviations a mean: beyond, the largest customers would be all there is
MOST_EDGES_BYTES = 2**30  # of a file of contacts: it is read into memory
FEWEST_STAFF = 1e-6  # agents, if there are any: with fewer, load over capacity leaves the range of numbers


def register_check(check: PolicyCheck) -> None:
    """Let a higher floor check the policies that a scenario names; registering twice is registering once.

    Parameters
    ----------
    check : function
        Called with a firm's policy, always as a table: `{"name": "price_cutter", "below": 0.08}`. It yields
        its faults as (key, problem, value, suggestion), all texts: the key is `name` or that of a parameter,
        the value as shown to the user, the suggestion the nearest right word, or "".
    """
    if check not in _policy_checks:
        _policy_checks.append(check)


def check_tables(tables: Tables, raw: Mapping[str, Any], bad: set[Path], source: Source) -> list[Wrong]:
    """All faults between parameters.

    Parameters
    ----------
    tables : Tables
        Each parameter by itself keeps its law; at those that did not, the default stands.
    raw : mapping
        What the user gave.
    bad : set of paths
        The parameters that did not keep their law: sums that contain one are not judged.
    source : Source
        Where the tables came from. What depends on a part that could not be read is not judged.
    """
    segments, firms = source.is_whole("segments"), source.is_whole("firms")
    wrongs = chain(
        _names(tables),
        _segment_shares(tables, bad) if segments else (),
        _initial_shares(tables, bad) if firms else (),
        _season(tables),
        _focus(tables, bad) if firms else (),
        _traits(tables) if segments else (),
        _staff(tables),
        _policies(tables, bad, firms),
        _mechanisms(tables) if firms else (),
        rule_wrongs(tables, raw, bad, segments),
        _edges(tables, source.folder) if source.is_whole("talk") else (),
    )
    return list(islice((wrong for wrong in wrongs if wrong.path not in bad), MOST_FAULTS))


def _names(tables: Tables) -> Iterator[Wrong]:
    for table, names, fault in (
        ("segments", tables.segments, segment_name_fault),
        ("firms", tables.firms, firm_name_fault),
    ):
        for name in names:
            if problem := fault(name):
                yield Wrong((table, name), problem, shown(name), about_key=True)


def _segment_shares(tables: Tables, bad: set[Path]) -> Iterator[Wrong]:
    if any(path[0] == "segments" and (len(path) < 3 or path[2] == "share") for path in bad if path):
        return
    if any(path[0] == "segments" and path[2] not in Segment.model_fields for path in bad if len(path) > 2):
        return  # a misspelt share
    shares = {name: segment.share for name, segment in tables.segments.items()}
    total = math.fsum(shares.values())
    if abs(total - 1.0) > 1e-6:
        given = ", ".join(f"{name} {plain_number(share)}" for name, share in shares.items())
        path = ("segments", list(shares)[-1], "share")
        yield Wrong(
            path, "the shares of all segments must sum to 1", plain_number(total), cure=f"now {given}"
        )


def _initial_shares(tables: Tables, bad: set[Path]) -> Iterator[Wrong]:
    if any(path[0] == "firms" and (len(path) < 3 or path[2] == "initial_share") for path in bad if path):
        return
    shares = {
        name: firm.initial_share for name, firm in tables.firms.items() if firm.initial_share is not None
    }
    if not shares:
        return
    total = math.fsum(shares.values())
    is_whole = len(shares) == len(tables.firms)
    if total > 1.0 + 1e-6 or (is_whole and abs(total - 1.0) > 1e-6):
        law = (
            "the initial shares of all firms must sum to 1"
            if is_whole
            else "initial shares must sum to 1 at most"
        )
        given = ", ".join(f"{name} {plain_number(share)}" for name, share in shares.items())
        yield Wrong(
            ("firms", list(shares)[-1], "initial_share"), law, plain_number(total), cure=f"now {given}"
        )


def _season(tables: Tables) -> Iterator[Wrong]:
    season, path = tables.market.season, ("market", "season")
    for month, value in enumerate(season):
        if value < 0:
            yield Wrong((*path, month), "must be 0 or more", shown(value))
            return
    mean = math.fsum(season) / 12
    if abs(mean - 1.0) > 1e-6:
        yield Wrong(path, "the mean of the 12 months must be 1", plain_number(mean), _normalised(season))


def _normalised(season: tuple[float, ...]) -> str:
    """The season divided by its mean, rounded so that it sums to 12."""
    total = math.fsum(season)
    if not 0 < total < 1e15:
        return ""
    thousandths = [round(value * 12_000 / total) for value in season]
    largest = max(range(12), key=lambda month: thousandths[month])
    thousandths[largest] += 12_000 - sum(thousandths)
    return "[" + ", ".join(str(value / 1000) for value in thousandths) + "]"


def _focus(tables: Tables, bad: set[Path]) -> Iterator[Wrong]:
    if tables.focus is not None and tables.focus not in tables.firms and not bad & {("focus",), ("firms",)}:
        near = nearest(tables.focus, tables.firms)
        cure = f"the firms are {', '.join(tables.firms)}"
        yield Wrong(("focus",), "must be the name of a firm", shown(tables.focus), near, cure)


def _traits(tables: Tables) -> Iterator[Wrong]:
    for name, segment in tables.segments.items():
        for key in Segment.model_fields:
            trait = getattr(segment, key)
            if isinstance(trait, TraitTable) and (fault := _trait_fault(trait)):
                part, problem, cure = fault
                yield Wrong(("segments", name, key, part), problem, shown(getattr(trait, part)), cure=cure)


def _trait_fault(trait: Any) -> tuple[str, str, str] | None:
    """The part of a trait's table that is impossible, the law, the cure."""
    alike = "or set varies = false: everybody alike"
    if not trait.varies:
        return None
    if type(trait).model_fields.keys() == {"mean", "varies"}:
        return "varies", "must be false: this trait has one value for everybody", "take it away"
    if trait.kind == "beta" and not 0.0 < trait.mean < 1.0:
        return "mean", "must be above 0 and below 1 where the trait varies (Beta)", alike
    if trait.kind == "lognormal" and trait.sd > 0 and trait.mean <= 0.0:
        return "mean", "must be above 0 where the trait varies (lognormal)", alike
    if trait.kind == "lognormal" and trait.mean * WIDEST_LOGNORMAL < trait.sd:
        least = plain_number(trait.sd / WIDEST_LOGNORMAL)
        return "mean", f"must be at least {least}, a thousandth of sd, where the trait varies", alike
    if trait.kind == "uniform":
        widest = 2 * min(trait.mean, 1.0 - trait.mean)
        if trait.width > widest + 1e-9:
            return (
                "width",
                f"must be at most {plain_number(widest)}, so that mean ± width/2 stays in 0 to 1",
                "",
            )
    return None


def _mechanisms(tables: Tables) -> Iterator[Wrong]:
    """Who decides about a mechanism is a firm of the scenario."""
    for name, table in tables.mechanisms:
        for firm in getattr(table, "firms", {}):
            if firm not in tables.firms:
                path: Path = ("mechanisms", name, "firms", firm)
                cure = f"the firms are {', '.join(tables.firms)}"
                yield Wrong(
                    path, "must be a firm", shown(firm), nearest(firm, tables.firms), cure, about_key=True
                )


def _staff(tables: Tables) -> Iterator[Wrong]:
    for name, firm in tables.firms.items():
        staff = firm.plan.staff
        if staff != "auto" and 0.0 < staff < FEWEST_STAFF:
            problem = f"must be 0, or at least {FEWEST_STAFF:f}"
            yield Wrong(("firms", name, "plan", "staff"), problem, shown(staff), cure="the unit is agents")


# ---------------------------------------------------------------- policies


def as_table(policy: str | Mapping[str, Any] | None) -> dict[str, Any]:
    """A firm's policy as a table; empty if it has none."""
    if policy is None:
        return {}
    return {"name": policy} if isinstance(policy, str) else dict(policy)


def _policies(tables: Tables, bad: set[Path], are_whole: bool) -> Iterator[Wrong]:
    for firm, table in tables.firms.items():
        path: Path = ("firms", firm, "policy")
        if table.policy is None or path in bad:
            continue
        policy = as_table(table.policy)
        if "name" in policy or are_whole:
            yield from policy_wrongs(policy, path, isinstance(table.policy, dict))


def policy_wrongs(policy: dict[str, Any], path: Path, is_table: bool) -> Iterator[Wrong]:
    """Faults of one policy, given as a table at a path, or by its name alone."""
    if faults := list(_policy_shape(policy, path)):
        yield from faults
        return
    for check in _policy_checks:
        for key, problem, value, suggestion in check(policy):
            inside = (key,) if is_table and key in policy else ()
            is_unknown = problem.startswith("unknown") and key != "name"
            yield Wrong((*path, *inside), problem, value, suggestion, about_key=is_unknown)


def _policy_shape(policy: dict[str, Any], path: Path) -> Iterator[Wrong]:
    """A policy has a name, and parameters that are finite numbers, words, yes or no, or lists of these."""
    if "name" not in policy:
        yield Wrong(path, '"name" is missing', cure='write policy = { name = "retainer" }')
    elif not isinstance(policy["name"], str) or not policy["name"]:
        yield Wrong((*path, "name"), "must be a policy's name", shown(policy["name"]))
    for key, value in policy.items():
        if not _is_plain(value):
            yield Wrong(
                (*path, key),
                "must be a finite number, a text, true or false, or a list of these",
                shown(value),
            )


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(inner) for inner in value)
    if isinstance(value, str):
        return value.isprintable()
    return isinstance(value, bool) or (isinstance(value, (int, float)) and math.isfinite(value))


# ---------------------------------------------------------------- files


def _edges(tables: Tables, folder: FilePath) -> Iterator[Wrong]:
    if tables.talk.network != "file":
        return
    path, name = ("talk", "edges"), tables.talk.edges
    if name is None:
        cure = 'write edges = "friends.csv", a file with one pair of customers a line'
        yield Wrong(("talk", "network"), 'network = "file" needs edges', cure=cure)
        return
    if not name.isprintable() or FilePath(name).is_absolute() or ".." in FilePath(name).parts:
        yield Wrong(path, "must be a file beside the scenario file, or in a folder below", shown(name))
        return
    if not is_there(folder / name):
        yield Wrong(path, f"there is no such file in {folder.absolute()}", shown(name))
    elif (size := (folder / name).stat().st_size) > MOST_EDGES_BYTES:
        yield Wrong(
            path, f"a file of contacts has at most {MOST_EDGES_BYTES // 2**20:,} MB", f"{size // 2**20:,} MB"
        )
