"""The plan of a sweep: which points, which seeds, and the runs that follow from them."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim.experiments.missing import package
from sim.experiments.specification import Specification
from sim.given import whole
from sim.scenario import Scenario, ScenarioError
from sim.scenario.addressing import plain
from sim.scenario.faults import Fault, nearest
from sim.scenario.finding import lookup
from sim.scenario.laws import plain as shown_plain
from sim.scenario.sweep_checks import EXAMPLE, RANGED, is_range, over_wrongs, runs_wrongs
from sim.scenario.sweep_table import leaves
from sim.scenario.wrongs import Wrong, address_of

DESIGNS = ("grid", *RANGED)
LUCK = 1
"""The seed of points that are spread by chance: the same plan has the same points."""

MOST_POINTS = 1_000_000

Point = dict[str, Any]
"""What one point changes, by address."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Points, each with every seed.

    Attributes
    ----------
    scenario : Scenario
        Before any point's changes; `market.months` is the length of each run.
    points : list of dict
        What each changes, by address; every point has the same addresses, in the same order.
    seeds : list of int
    design : str
        `grid`, `latin`, `sobol` or `list`.
    """

    scenario: Scenario
    points: list[Point]
    seeds: list[int]
    design: str

    @property
    def addresses(self) -> list[str]:
        """What is varied."""
        return list(self.points[0])

    @cached_property
    def worlds(self) -> list[Scenario]:
        """Each point's scenario.

        Raises
        ------
        ScenarioError
            Points that cannot be, all at once.
        """
        made, faults = [], []
        for point in self.points:
            try:
                made.append(self.scenario.with_changes(point))
            except ScenarioError as error:
                where = ", ".join(f"{address} = {label(value)}" for address, value in point.items())
                faults += [Fault(f"at {where}: {fault}") for fault in error.faults]
        if faults:
            raise ScenarioError(faults[:10])
        return made

    @cached_property
    def runs(self) -> list[tuple[int, Specification]]:
        """Each run with its point's number: every point with the first seed, then with the second, and so on."""
        return [(k, Specification(one, seed)) for seed in self.seeds for k, one in enumerate(self.worlds)]

    def rows(self) -> Iterator[tuple[int, int, Specification]]:
        """Each run with its point's number and its seed, point by point."""
        by_place = {(k, one.seed): one for k, one in self.runs}
        for k in range(len(self.points)):
            for seed in self.seeds:
                yield k, seed, by_place[k, seed]

    @cached_property
    def specifications(self) -> list[Specification]:
        """The different runs: points that come to the same are run once."""
        return list({one.hash: one for _, one in self.runs}.values())

    @cached_property
    def hash(self) -> str:
        """What names this plan: SHA-256 of what is varied and of the hashes of its runs."""
        said = json.dumps([self.points, [one.hash for _, one in self.runs]], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def sentence(self) -> str:
        """How many runs, and why: `5 values x 20 seeds = 100 runs`."""
        counts = [len({label(point[address]) for point in self.points}) for address in self.addresses]
        if self.design == "grid":
            parts = [f"{count} value{'s' if count != 1 else ''}" for count in counts]
        else:
            kind = {"latin": "Latin hypercube", "sobol": "Sobol sequence"}.get(self.design, "list")
            parts = [f"{len(self.points):,} points ({kind})"]
        parts.append(f"{len(self.seeds)} seed{'s' if len(self.seeds) != 1 else ''}")
        same = len(self.runs) - len(self.specifications)
        once = f", {same:,} of them twice the same and run once" if same else ""
        return f"{' x '.join(parts)} = {len(self.runs):,} run{'s' if len(self.runs) != 1 else ''}{once}"


def label(value: Any) -> str:
    """A value as a table shows it: `3`, `basic`, `level_by_value (top_share 0.2)`."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} {shown_plain(inner)}" for key, inner in value.items() if key != "name")
        return f"{value['name']} ({inside})" if inside else str(value["name"])
    return shown_plain(value)


def plan_of(
    scenario: Scenario,
    over: Any = None,
    *,
    design: str | None = None,
    runs: int | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] | None = None,
) -> Plan:
    """The plan of a sweep; what is not given is taken from the scenario's own table `[sweep]`.

    Parameters
    ----------
    scenario, over, design, runs, months, seeds
        As in `sim.sweep`.

    Raises
    ------
    ScenarioError
        A ValueError: an unknown address, a value that breaks its law, all at once.
    """
    own = scenario.tables.sweep
    if over is None:
        if not own.over:
            raise ValueError(
                f"there is nothing to vary: give over=, or {EXAMPLE} in the table [sweep] of the file"
            )
        over, design, runs = own.over, design or own.design, own.runs if runs is None else runs
    months = own.months if months is None else months
    design = design or "grid"
    if design not in DESIGNS:
        near = nearest(str(design), DESIGNS)
        raise ValueError(
            f'design: unknown (got "{design}"); '
            + (f'did you mean "{near}"?' if near else f"designs are {', '.join(DESIGNS)}")
        )
    whole("months", months, 1)
    whole("runs", runs, 1)
    world = scenario if months is None else scenario.with_changes({"market.months": months})
    listed = _as_points(over)
    if listed is not None:
        _refuse(_wrongs_of_points(world, listed))
        return Plan(world, listed, seeds_of(own.seeds if seeds is None else seeds), "list")
    flat = _flat(over, world, design)
    _refuse(_wrongs(world, flat, design, runs))
    points = _grid(flat) if design == "grid" else _spread(world, flat, design, int(runs or 0))
    return Plan(world, points, seeds_of(own.seeds if seeds is None else seeds), design)


def seeds_of(seeds: int | Iterable[int]) -> list[int]:
    """Seeds from a count, which begins at 1, or as they are given."""
    if hasattr(seeds, "__index__"):
        whole("seeds", seeds, 1)
        return list(range(1, 1 + int(seeds)))  # type: ignore[arg-type]
    chosen = list(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, (str, bytes)) else []
    for seed in chosen:
        whole("seeds", seed, 0)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds: must be a count, or a list of different numbers (got {seeds!r})")
    return [int(seed) for seed in chosen]


# ---------------------------------------------------------------- what is given


def _as_points(over: Any) -> list[Point] | None:
    """Points that are given one by one, as dicts by address; None where something else is given."""
    if not isinstance(over, (list, tuple)) or not over:
        return None
    if not all(isinstance(one, Mapping) and "name" not in one for one in over):
        return None
    points = [{str(address): plain(value) for address, value in one.items()} for one in over]
    for place, point in enumerate(points, 1):
        if set(point) != set(points[0]) or not point:
            raise ValueError(
                f"over: every point needs the same addresses (the first has {', '.join(points[0])}; point {place} has "
                f"{', '.join(point) or 'none'})"
            )
    return [{address: point[address] for address in points[0]} for point in points]


def _flat(over: Any, scenario: Scenario, design: str) -> dict[str, list[Any]]:
    """What is varied by address: from a dict, or from a list of policies, or of addresses over their whole range."""
    if isinstance(over, str):
        over = [over]
    if isinstance(over, (list, tuple)):
        if design in RANGED and all(isinstance(one, str) for one in over):
            return {address: _documented(address, scenario) for address in over}
        return {f"firms.{scenario.focus}.policy": [plain(one) for one in over]}
    if not isinstance(over, Mapping):
        raise TypeError(
            f'over: a dict of addresses and their values is needed, such as {{"talk.unhappy_tells": [0, 3, 10]}} (got {over!r})'
        )
    return {".".join(parts): _values(given) for parts, given in leaves(over)}


def _values(given: Any) -> Any:
    """Values as a plain list, whatever counts as one in Python."""
    given = plain(given)
    if isinstance(given, (list, tuple, range)):
        return [plain(value) for value in given]
    return given


def _documented(address: str, scenario: Scenario) -> list[Any]:
    """A parameter's whole range, or its words."""
    law = lookup(tuple(address.split(".")), scenario.tables)
    if law is None:
        return []  # refused with the nearest right one
    if law.low is not None and law.high is not None:
        return [law.low, law.high]
    if law.type == "yes or no":
        return [False, True]
    if law.words:
        return list(law.words)
    raise ValueError(f"over: {address} has no range of its own: give one, as {{{address!r}: [low, high]}}")


def _wrongs(scenario: Scenario, flat: Mapping[str, Any], design: str, runs: int | None) -> list[Wrong]:
    if not flat:
        raise ValueError(f"over: nothing is varied; {EXAMPLE.replace('write', 'in a file')}")
    nested: dict[str, Any] = {}
    for address, values in flat.items():
        here = nested
        *before, last = address.split(".")
        for part in before:
            here = here.setdefault(part, {})
        here[last] = values
    if design in RANGED and runs is None:
        raise ValueError(f'runs: design "{design}" needs the number of points, such as runs=64')
    found = list(over_wrongs(scenario.tables, nested, design))
    return found + ([] if runs is None else list(runs_wrongs(design, runs)))


def _wrongs_of_points(scenario: Scenario, points: Sequence[Point]) -> list[Wrong]:
    """Addresses that are none; what values break is found when the points are made."""
    return [
        one
        for one in _wrongs(scenario, {a: [v] for a, v in points[0].items()}, "grid", None)
        if one.about_key
    ]


def _refuse(wrongs: Sequence[Wrong]) -> None:
    if wrongs:
        raise ScenarioError(
            Fault(
                one.problem, address_of(one.path).removeprefix("sweep."), one.value, one.suggestion, one.cure
            )
            for one in wrongs
        )


# ---------------------------------------------------------------- points


def _grid(flat: Mapping[str, Sequence[Any]]) -> list[Point]:
    """Every combination; the last address varies fastest."""
    if (count := math.prod(map(len, flat.values()))) > MOST_POINTS:
        raise ValueError(
            f"over: every combination is {count:,} points, and {MOST_POINTS:,} are the most: take a Sobol sequence"
        )
    return [dict(zip(flat, values, strict=True)) for values in itertools.product(*flat.values())]


def _spread(scenario: Scenario, flat: Mapping[str, Sequence[Any]], design: str, count: int) -> list[Point]:
    """Points spread over ranges and choices.

    Source: Latin hypercube: McKay, Beckman & Conover 1979; Sobol sequence, scrambled: Sobol 1967, Owen 1998 (SciPy's).
    """
    qmc = package("scipy.stats.qmc", "a Latin hypercube or a Sobol sequence")
    kind = qmc.LatinHypercube if design == "latin" else qmc.Sobol
    shares = kind(len(flat), seed=LUCK).random(count)
    makers = [_maker(scenario, address, values, design) for address, values in flat.items()]
    return [
        {address: make(float(share)) for address, make, share in zip(flat, makers, row, strict=True)}
        for row in shares
    ]


def _maker(scenario: Scenario, address: str, values: Sequence[Any], design: str) -> Any:
    """From a share of 0 to 1 to a value: of a range, of whole numbers, of choices."""
    if not is_range(values, design):
        return lambda share: values[min(int(share * len(values)), len(values) - 1)]
    low, high = values
    law = lookup(tuple(address.split(".")), scenario.tables)
    if law is not None and law.type == "whole number":
        return lambda share: min(int(low) + int(share * (int(high) - int(low) + 1)), int(high))
    return lambda share: low + share * (high - low)
