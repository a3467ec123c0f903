"""The concepts: what of the model expresses each one, and a small experiment that shows that it does something.

`concepts.toml` lists them. What stands in `represented_by` is a kind and a name, and must exist. An experiment runs a
scenario twice with the same luck, with the concept and without it, for some seeds, and compares what it watches, and the profit. A
concept that is a measure or a regime says instead what it measures or sets up; one that the model has not, or not as its name says, says so.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.intervals import interval
from sim.ledger import COUNTS, C
from sim.market import Market
from sim.scenario import find, load
from sim.scenario.faults import nearest

if TYPE_CHECKING:
    import pandas as pd

FILE = Path(__file__).with_name("concepts.toml")

CUSTOMERS, MONTHS, SEEDS, WINDOW = 600, 18, 5, 12
"""Size of an experiment: at most so many customers, months, seeds; what is watched is over the last months."""

PROFIT = "profit"
"""The metric that is told beside what each experiment watches."""


class Experiment(NamedTuple):
    """A concept on against off: the scenario, what is watched, and the changes of either world.

    ``watch`` is a metric, or `ledger LINE`, `count NAME`, `column NAME`: of the focus firm, the mean of the last twelve
    months, or at the end, over its customers.
    """

    scenario: str
    watch: str
    on: Mapping[str, Any]
    off: Mapping[str, Any]


class Concept(NamedTuple):
    """A concept: its number and name, the texts that name it, what expresses it, its experiment, what it measures or what to know of it."""

    id: int
    name: str
    source: str
    represented_by: tuple[str, ...]
    experiment: Experiment | None
    says: str


class Tried(NamedTuple):
    """What an experiment showed: means of both worlds, the effect with its 95 % interval, one effect a seed.

    ``profit`` is the effect on the focus firm's profit a month, with its interval.
    """

    concept: Concept
    on: float
    off: float
    effect: float
    low: float
    high: float
    effects: np.ndarray
    profit: tuple[float, float, float]

    @property
    def is_alive(self) -> bool:
        """Whether the interval leaves 0 out; one seed has none, and shows nothing."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def beside(self) -> str:
        """The effect on profit, for a reader; nothing where profit is what is watched."""
        if self.concept.experiment is None or self.concept.experiment.watch == PROFIT:
            return ""
        mean, low, high = self.profit
        return f"; profit {said(mean)} ({said(low)} to {said(high)})"

    def __str__(self) -> str:
        return (
            f"{self.concept.experiment.watch if self.concept.experiment else ''}: {said(self.on)} with it, {said(self.off)} "
            f"without; effect {said(self.effect)} (95 %: {said(self.low)} to {said(self.high)}){self.beside}"
        )


def said(value: float) -> str:
    """A number for a reader, three digits."""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


@cache
def concepts() -> dict[int, Concept]:
    """All concepts by number, in order."""
    found = {}
    for one in tomllib.loads(FILE.read_text(encoding="utf-8"))["concept"]:
        tried = one.get("experiment")
        experiment = tried and Experiment(
            tried.get("scenario", "plain"), tried["watch"], tried["on"], tried.get("off", {})
        )
        found[one["id"]] = Concept(
            one["id"],
            one["name"],
            one["source"],
            tuple(one["represented_by"]),
            experiment,
            one.get("says", ""),
        )
    return dict(sorted(found.items()))


def find_concepts(word: str) -> list[Concept]:
    """The concepts of a number, or whose name or representation has the word in it; ValueError has the nearest name."""
    wanted = word.strip().lower()
    if wanted.isdigit() and int(wanted) in concepts():
        return [concepts()[int(wanted)]]
    every = concepts().values()
    exact = [one for one in every if one.name.lower() == wanted]
    found = exact or [
        one for one in every if wanted and wanted in " ".join((one.name, *one.represented_by)).lower()
    ]
    if not found:
        near = nearest(word, [one.name for one in every])
        hint = f'did you mean "{near}"?' if near else "tenfold concepts lists them"
        raise ValueError(f'concepts: none is called "{word[:80]}"; {hint}')
    return found


# ---------------------------------------------------------------- does it exist?


def _known() -> dict[str, Any]:
    """Names by kind; the kind `parameter` is looked up by its address, `lesson` is a file."""
    from sim.behaviours import BY_NAME as STAGES
    from sim.behaviours import EQUATIONS
    from sim.columns import BY_NAME as COLUMNS
    from sim.experiments.claims import CLAIMS
    from sim.ledger import ACTIVITIES
    from sim.mechanisms import EQUATIONS as MORE
    from sim.mechanisms import MECHANISMS
    from sim.metrics import MEASURES, METRICS
    from sim.policies import POLICIES
    from sim.scenario import SCENARIOS
    from sim.scenario.database import DATABASE_COLUMNS
    from sim.scenario.parameters import PlanTable

    more = MECHANISMS.values()
    return {
        "stage": STAGES, "equation": {*EQUATIONS, *MORE}, "mechanism": MECHANISMS, "policy": POLICIES, "claim": CLAIMS,
        "scenario": SCENARIOS, "measure": MEASURES, "record": DATABASE_COLUMNS, "plan": PlanTable.model_fields,
        "column": {*COLUMNS, *(c.name for one in more for c in one.columns)},
        "metric": {*METRICS, *(name for one in more for name in one.metrics)},
        "activity": {*(a.name for a in ACTIVITIES), *(line.name for one in more for line in one.lines)},
    }  # fmt: skip


def faults(concept: Concept) -> list[str]:
    """What a concept names that does not exist; empty if all does."""
    known, wrong = _known(), []
    for text in concept.represented_by:
        kind, _, name = text.partition(" ")
        if kind == "parameter":
            try:
                find(name)
            except ValueError as error:
                wrong.append(f"{text}: {error}")
        elif kind not in known or name not in known[kind]:
            wrong.append(f"{text}: there is none")
    if not concept.represented_by or not (concept.says or concept.experiment):
        wrong.append(f"{concept.id}: needs names, and an experiment or what it says")
    return wrong


# ---------------------------------------------------------------- on against off


def try_concept(
    concept: Concept,
    *,
    seeds: int = SEEDS,
    first: int = 1,
    customers: int = CUSTOMERS,
    months: int = MONTHS,
    progress: Callable[[int, int], None] | None = None,
) -> Tried:
    """Run a concept's experiment: both worlds with the same seeds.

    Parameters
    ----------
    concept : one that has an experiment.
    seeds : how many. first : the first of them, 1 or more. customers, months : at most so many.
    progress : called with runs done and runs in all.

    Raises
    ------
    ValueError : it has none: what it measures or sets up stands in `says`.
    """
    experiment = concept.experiment
    if experiment is None:
        raise ValueError(f"concept {concept.id} has no experiment: {concept.says}")
    values = np.empty((2, 2, seeds))
    for seed in range(seeds):
        for world, change in enumerate((experiment.on, experiment.off)):
            lived = _lived(experiment.scenario, json.dumps(change), first + seed, customers, months)
            values[:, world, seed] = lived[experiment.watch], lived[PROFIT]
            if progress:
                progress(2 * seed + world + 1, 2 * seeds)
    effects, profits = values[:, 0] - values[:, 1]
    on, off = (float(value) for value in values[0].mean(axis=1))
    return Tried(concept, on, off, *_effect(effects), effects, _effect(profits))


def _effect(effects: np.ndarray) -> tuple[float, float, float]:
    """The mean of one effect a seed, with its 95 % interval; an effect that is 0 in all is surely 0."""
    mean, low, high = interval(effects)
    return (mean, low, high) if effects.any() else (0.0, 0.0, 0.0)


@cache
def _lived(scenario: str, change: str, seed: int, customers: int, months: int) -> dict[str, float]:
    """Everything that any concept watches, in one world with a change in JSON: many share the world as it is."""
    world = load(scenario)
    fewer = {"market.customers": min(customers, world.market.customers)}
    market = Market(world, seed=seed, months=months, change={**fewer, **json.loads(change)}, threads=1)
    market.run_model()
    watches = {PROFIT, *(one.experiment.watch for one in concepts().values() if one.experiment)}
    return {watch: watched(market, watch) for watch in watches}


def watched(market: Market, watch: str) -> float:
    """A watched value of the focus firm; 0 for what the market has not."""
    place = market.firm(market.scenario.focus).place
    kind, _, name = watch.rpartition(" ")
    if kind == "ledger":
        line = market.ledger.places.get(name)
        return (
            0.0
            if line is None
            else float(np.mean([b[place, line] for b in market.ledger.months[-WINDOW:]])) / 100.0
        )
    if kind == "count":
        return float(np.mean([b[place, C[name]] for b in market.ledger.counts[-WINDOW:]]))
    if kind == "column":
        values = getattr(market.customers, name, None)
        if values is None:
            return 0.0
        row = values[place] if values.ndim == 2 else values
        return float(np.mean(row[market.customers.supplier == place], dtype=np.float64))
    rows = [float(row[place]) for row in market.metrics.get(name, [])[-WINDOW:]]
    seen = [value for value in rows if np.isfinite(value)]
    return float(np.mean(seen)) if seen else 0.0


def is_watchable(watch: str) -> bool:
    """Whether a watched name exists."""
    kind, _, name = watch.rpartition(" ")
    known = _known()
    if kind == "count":
        return name in COUNTS
    return name in known[{"ledger": "activity", "column": "column", "": "metric"}[kind]]


# ---------------------------------------------------------------- as a table and a page


def table(tried: Mapping[int, Tried]) -> pd.DataFrame:
    """A row a concept: id, name, source, represented_by, says, watch, on, off, effect, low, high, profit, profit_low, profit_high, alive."""
    import pandas as pd

    rows = []
    for one in concepts().values():
        row: dict[str, Any] = {"id": one.id, "name": one.name, "source": one.source}
        row |= {"represented_by": "; ".join(one.represented_by), "says": one.says}
        if found := tried.get(one.id):
            row |= {"watch": one.experiment.watch if one.experiment else ""}
            row |= {name: getattr(found, name) for name in ("on", "off", "effect", "low", "high")}
            row |= dict(zip(("profit", "profit_low", "profit_high"), found.profit, strict=True))
            row |= {"alive": found.is_alive}
        rows.append(row)
    return pd.DataFrame(rows)


HEAD = """\
# Concepts

What of the model expresses each concept of the texts that it was made from (S0 to S4), and what the concept does. `tenfold concepts --all --out FOLDER` makes this
page as FOLDER/concepts.md. An experiment runs a scenario twice with the same luck, with the concept and without it; *effect* is what that changes
in the watched value of the focus firm (a metric, a line of the ledger, a count a month, the mean of a column over its customers), over the
last twelve months or at the end, with its 95 % interval over seeds; *profit* is what it changes in that firm's profit a month. A concept that is a
measure or a regime says what it measures or sets up; where the model has a concept otherwise than its name says, or not at all, this is said.
"""


def page(tried: Mapping[int, Tried], size: str) -> str:
    """The page about all concepts, as Markdown."""
    lines = [HEAD, f"Of {len(concepts())} concepts {len(tried)} have an experiment. {size}", ""]
    lines += ["| | concept | source | expressed by | what it does |", "|---|---|---|---|---|"]
    for one in concepts().values():
        found = tried.get(one.id)
        does = one.says
        if found is not None and one.experiment is not None:
            weak = "" if found.is_alive else " (not told from 0)"
            shown = f"{one.experiment.watch}: {said(found.off)} → {said(found.on)}, effect {said(found.effect)} ({said(found.low)} to {said(found.high)})"
            does = f"{shown}{weak}{found.beside}. {one.says}".rstrip(". ") + "."
        lines.append(
            f"| {one.id} | {one.name} | {one.source} | {'; '.join(f'`{r}`' for r in one.represented_by)} | {does} |"
        )
    return "\n".join(lines) + "\n"
