"""The same customers with the same luck in several worlds: what a policy, a number or a behaviour changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim import saved, tables
from sim.alternatives import overruled, read_alternatives
from sim.intervals import interval
from sim.lives import World, lives_of, measures
from sim.runs import Progress, Run, run, whole
from sim.scenario import Scenario, load
from sim.side_by_side import SideBySide
from sim.swaps import compiled_once
from sim.user_errors import UserError

if TYPE_CHECKING:
    import os

MAIN = (
    "customers",
    "share",
    "annual_retention",
    "monthly_churn",
    "acquisition_cost",
    "retention_cost",
    "profit",
    "customer_equity",
)
"""The measures that a short comparison shows."""


class Comparison:
    """Worlds that differ in one thing, customer by customer.

    Attributes
    ----------
    runs : dict of str to Run
        The worlds by their names, with the first seed.
    scenario : Scenario
        That of the base. firm : str, the firm that is spoken of. base : str, the name of the unchanged world.
    seeds : list of int. months : int.
    """

    def __init__(self, scenario: Scenario, firm: str, base: str, seeds: Sequence[int]) -> None:
        self.scenario, self.firm, self.base, self.seeds = scenario, firm, base, list(seeds)
        self.runs: dict[str, Run] = {}
        self.months = 0
        self._worlds: dict[tuple[str, int], World] = {}

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a metric, firm and alternative, the firm first.

        `base` and `value` are means over the seeds; `difference` is the mean of their paired differences, `low`
        and `high` its 95 % interval (Student's t), missing with one seed.
        """
        names = [name for name in self.runs if name != self.base]
        firms = [self.firm, *[name for name in self.runs[self.base].firms.index if name != self.firm]]
        rows = []
        for metric in self._worlds[self.base, self.seeds[0]].measures.index:
            for firm in firms:
                before = self._of_seeds(self.base, metric, firm)
                for name in names:
                    after = self._of_seeds(name, metric, firm)
                    both = np.isfinite(before) & np.isfinite(after)
                    rows.append(
                        (
                            metric,
                            firm,
                            name,
                            _mean(before[both]),
                            _mean(after[both]),
                            *interval((after - before)[both]),
                        )
                    )
        columns = ["metric", "firm", "alternative", "base", "value", "difference", "low", "high"]
        return self._with_about(pd.DataFrame(rows, columns=columns))

    def _of_seeds(self, name: str, metric: str, firm: str) -> np.ndarray:
        return np.array([self._worlds[name, seed].measures.at[metric, firm] for seed in self.seeds])

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer, alternative and seed: what became of the same person in each world.

        `segment`, `supplier` at the end; the last departure of the person who has the place now (`left_month`,
        `left_from`, `left_for`, `left_because`); `spent` and `profit` with the supplier; `differs`, whether
        anything in this life is not as in the base; `stays`, with the firm here and lost to it in the base;
        `goes`, the reverse.
        """
        parts = [self._worlds[name, seed].customers for name in self.runs for seed in self.seeds]
        return self._with_about(pd.concat(parts, ignore_index=True))

    def _with_about(self, table: pd.DataFrame) -> pd.DataFrame:
        about = dict(self.runs[self.base].about)
        del about["seed"]
        cast(Any, table).attrs = about | {
            "seeds": list(self.seeds),
            "base": self.base,
            "focus": self.firm,
        }
        return table

    @cached_property
    def headline(self) -> str:
        """Who gains, by how much, and how many customers stay who would have left, in one sentence."""
        metric, words = "customer_equity", "customer equity"
        rows = self._main_rows(metric)
        if not rows["difference"].notna().any():
            metric, words = "profit", f"profit in the last {min(self.months, tables.WINDOW)} months"
            rows = self._main_rows(metric)
        differs = self.customers.groupby("alternative")["differs"].any()
        rows = rows[rows["alternative"].map(differs) | (rows["difference"] != 0.0)]
        if not len(rows):
            names = ", ".join(f'"{name}"' for name in self.runs if name != self.base)
            return f'{names}: nothing changes, everybody lives the same life as in "{self.base}" ({self._sureness()}).'
        best = rows.iloc[int(rows["difference"].fillna(-math.inf).to_numpy().argmax())]
        lives = self.customers[self.customers["alternative"] == best["alternative"]]
        more = "more" if best["difference"] >= 0 else "less"
        unit, scale = (
            ("%", best["base"] / 100.0) if best["base"] > 0 else (self.scenario.market.currency, 1.0)
        )
        sign = 1.0 if best["difference"] >= 0 else -1.0
        ends = sorted(sign * best[["low", "high"]].to_numpy(dtype=float) / scale)
        return (
            f'"{best["alternative"]}" earns {self.firm} {_rounded(abs(best["difference"]) / scale)} {unit} {more} {words} '
            f'than "{self.base}" ({self._sureness(ends)}); {self._moved(lives)}.'
        )

    @cached_property
    def notes(self) -> list[str]:
        """Where rules decided after a compared policy, a sentence a world and firm: the policy is not alone there."""
        base = self.runs[self.base]
        return [said for name, one in self.runs.items() for said in overruled(name, one, base)]

    def _main_rows(self, metric: str) -> pd.DataFrame:
        return self.table[(self.table["metric"] == metric) & (self.table["firm"] == self.firm)]

    def _sureness(self, ends: Sequence[float] | None = None) -> str:
        if len(self.seeds) == 1:
            return f"seed {self.seeds[0]} alone: luck is in it"
        span = (
            f"95 %: {_rounded(ends[0])} to {_rounded(ends[1])}; "
            if ends is not None and np.isfinite(ends).all()
            else ""
        )
        return f"{span}{len(self.seeds)} seeds"

    def _moved(self, lives: pd.DataFrame) -> str:
        """How many stay who would have left, or the reverse, whichever are more."""
        stay, go = (float(lives[column].sum()) / len(self.seeds) for column in ("stays", "goes"))
        count, words = (
            (stay, "stay who would have left") if stay >= go else (go, "leave who would have stayed")
        )
        if count and len(self.seeds) > 1:
            return f"on average {_rounded(count)} of {len(lives) // len(self.seeds):,} customers {words}"
        return (
            f"{count:,.0f} of {len(lives) // len(self.seeds):,} customers {words}"
            if count
            else "nobody stays who would have left"
        )

    def follow(self, customers: Any, progress: Progress | None = None) -> SideBySide:
        """The lives of some customers in all worlds, side by side; the first difference is marked.

        Where there are several seeds, the first is told. Lives that were not recorded are got by repeating the runs.

        Parameters
        ----------
        customers : int or list of int
            Their numbers, 0 to N - 1; at most 1,000 of them.
        progress : callable, optional
            Called each month of the repetitions with months done and months in all, over all worlds.

        Returns
        -------
        SideBySide
            Shows itself as sentences; `table` has a row an event and world.

        Raises
        ------
        ValueError
            A customer that there is not: the message has the range.

        Examples
        --------
        >>> import sim
        >>> pair = sim.compare("two_cafes", {"as it is": {}, "nobody tells": {"change": {"talk.unhappy_tells": 0}}}, months=6)
        >>> lives = pair.follow(42)
        >>> sorted(lives.table["alternative"].unique().tolist())
        ['as it is', 'nobody tells']
        """
        total = self.months * len(self.runs)
        return SideBySide({
            name: one.follow(customers, _later(progress, k * self.months, total))
            for k, (name, one) in enumerate(self.runs.items())
        })  # fmt: skip

    def plot(self, kind: str = "customers", ax: Any = None) -> Any:
        """Draw it.

        Parameters
        ----------
        kind : str
            `customers`, whose life went differently; `twins`, what changes for each firm.
        ax : Axes, optional
            Where to draw; a new figure unless given.
        """
        from sim.show import plots

        return plots.of_comparison(self, kind, ax)

    def save(
        self, folder: str | os.PathLike[str], force: bool = False, progress: Progress | None = None
    ) -> Path:
        """Write it to a folder: the base's scenario, comparison.json and the tables as CSV; as `Run.save` does."""
        return saved.save_comparison(self, folder, force=force, progress=progress)

    def report(self, file: str | os.PathLike[str], *, with_ids: bool = False, force: bool = False) -> Path:
        """Write a report of it: to a name that ends in .html one page, else a folder; as `Run.report` does.

        With `with_ids` the workbook has a row a customer; the page names nobody.
        """
        from sim.show.report import comparison_report

        return comparison_report(self, file, with_ids=with_ids, force=force).page

    def in_short(self) -> pd.DataFrame:
        """The firm's main measures, base and alternatives side by side."""
        rows = self.table[(self.table["firm"] == self.firm) & self.table["metric"].isin(MAIN)]
        short = rows.pivot(index="metric", columns="alternative", values="value").reindex(MAIN)
        short.insert(0, self.base, rows.drop_duplicates("metric").set_index("metric")["base"].reindex(MAIN))
        return short.rename_axis(columns=None)[list(self.runs)]

    def __repr__(self) -> str:
        return "\n".join([self.headline, self.in_short().map(_figures).to_string(), *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(self.headline)}</p>{self.in_short().map(_figures).to_html(border=0)}{notes}"


def compare(
    scenario: Any,
    alternatives: Any,
    *,
    firm: str | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] | None = None,
    change: Mapping[str, Any] | None = None,
    swap: Mapping[str, Callable[..., Any]] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Let the same customers with the same luck live in several worlds.

    Parameters
    ----------
    scenario : str, path or Scenario
        A shipped name, a .toml file, or the folder of a saved run, whose policies then hold in all worlds.
    alternatives : mapping, or list of str
        Name -> a policy for the firm (a name, a table with its name, a `Policy`), or a dict of `run`'s words
        (`change`, `policies`, `swap`). `{}` is the world as it is: it is the base, and is added if none is given.
        A list of policies' names will do.
    firm : str, optional
        Whose policies the alternatives are, and who is spoken of; the scenario's focus unless given.
    months : int, optional
        The scenario's (a saved run's own) unless given.
    seeds : int or list of int, optional
        How many, from 1 (a saved run's seed) on; or which. One unless given.
    change, swap : mapping, optional
        What holds in all worlds, as in `run`.
    progress : callable, optional
        Called each month with months done and months in all, over all worlds.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        An unknown firm, policy, address or name, with the nearest right one.
    UserError
        A function or policy of yours failed: the message says where, `error.run` has the months done.

    Examples
    --------
    >>> import sim
    >>> pair = sim.compare("plain", ["accountable"], months=3, change={"market.customers": 200})
    >>> list(pair.runs), pair.firm
    (['as it is', 'accountable'], 'North')
    """
    told = saved.read_run(scenario)
    kept: dict[str, Any] = {}
    if told is not None:
        scenario, kept = told.scenario, told.with_policies({}, swap or {})
        months = told.months if months is None else months
    whole("months", months, 1)
    base_scenario = load(scenario).with_changes(dict(change or {}))
    firm = _known_firm(firm or base_scenario.focus, base_scenario)
    worlds = read_alternatives(alternatives, firm, dict(swap or {}))
    base = next(name for name, words in worlds.items() if words.is_base)
    pair = Comparison(base_scenario, firm, base, _seeds(seeds, told.seed if told else 1))
    pair.months = months or base_scenario.market.months
    ordered = [base, *[name for name in worlds if name != base]]
    total, done = pair.months * len(ordered) * len(pair.seeds), 0
    with compiled_once():
        for seed in pair.seeds:
            first: Run | None = None
            for name in ordered:
                report = _later(progress, done, total)
                try:
                    words = worlds[name].words()
                    words["policies"] = kept | words["policies"]
                    one = run(base_scenario, months=months, seed=seed, progress=report, **words)
                except UserError as error:
                    error.args = (f'in "{name}": {error}',)
                    raise
                done += pair.months
                pair._worlds[name, seed] = World(measures(one), lives_of(one, first or one, name, firm))
                first = first or one
                if seed == pair.seeds[0]:
                    pair.runs[name] = one
    pair.runs = {name: pair.runs[name] for name in worlds}
    return pair


def _later(progress: Progress | None, done: int, total: int) -> Progress | None:
    """The report of one world as a part of all."""
    return None if progress is None else lambda month, _months: progress(done + month, total)


def _known_firm(name: str, scenario: Scenario) -> str:
    if name not in scenario.firms:
        from sim.scenario.faults import nearest

        near = nearest(str(name), scenario.firms)
        hint = f'did you mean "{near}"?' if near else f"firms are {', '.join(scenario.firms)}"
        raise ValueError(f'firm: no "{name}" here; {hint}')
    return name


def _seeds(seeds: int | Iterable[int] | None, first: int) -> list[int]:
    if seeds is None or hasattr(seeds, "__index__"):
        whole("seeds", seeds, 1)
        return list(range(first, first + int(1 if seeds is None else seeds)))  # type: ignore[arg-type]
    chosen = list(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, (str, bytes)) else []
    for seed in chosen:
        whole("seeds", seed, 0)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds: must be a count, or a list of different numbers (got {seeds!r})")
    return [int(seed) for seed in chosen]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _rounded(value: float) -> str:
    """A number with about two figures, for a sentence."""
    size = abs(value)
    return f"{value:,.{0 if size >= 10 or value == 0 else 1 if size >= 1 else 2}f}"


def _figures(value: float) -> str:
    """A number with about three figures."""
    if value != value:
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2 if size >= 0.1 else 4
    return f"{value:,.{digits}f}"
