"""Worlds that differ in one thing, customer by customer: what a policy, a number or a behaviour changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim import headlines, saved
from sim.alternatives import overridden, overruled
from sim.intervals import interval
from sim.lives import WHOLE, World
from sim.runs import Progress, Run
from sim.side_by_side import SideBySide
from sim.sureness import Sureness, mean
from sim.twins import Twins, later

if TYPE_CHECKING:
    import os

    from sim.kept_seeds import KeptSeeds
    from sim.stress import Stress

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


class Comparison(Sureness):
    """Worlds that differ in one thing, customer by customer.

    Attributes
    ----------
    runs : dict of str to Run
        The worlds by their names, with the first seed.
    scenario : Scenario
        That of the base. firm : str, the firm that is spoken of. base : str, the name of the unchanged world.
    seeds : list of int. months : int.
    precision : float or None
        The half-width that was asked for, as a share of the base's customer equity. looks : list of int, after how many
        seeds it was looked whether it is reached; chance : float, of each interval: 0.95 where there is one look,
        0.9875 where there may be four, so that all of them together hold with 0.95. The intervals of several alternatives in
        the headline, and its half-width, are wider: see `chance_together`.
    """

    def __init__(self, twins: Twins, names: Sequence[str]) -> None:
        self.twins = twins
        self.scenario, self.firm, self.base, self.months = (
            twins.scenario,
            twins.firm,
            twins.base,
            twins.months,
        )
        self.names, self.seeds = list(names), list[int]()
        self.runs: dict[str, Run] = {}
        self.precision: float | None = None
        self.looks: list[int] = []
        self.chance = 0.95
        self._worlds: dict[tuple[str, int], World] = {}
        self._stress: Stress | None = None
        self.unlike: list[str] = []
        self.store: KeptSeeds | None = None
        self.seconds_a_run = math.nan

    def add(self, seed: int, worlds: Mapping[str, World]) -> None:
        """Take in all worlds of one more seed."""
        self.seeds.append(seed)
        self._worlds.update({(name, seed): world for name, world in worlds.items()})
        for made in ("table", "customers", "metric", "best", "acting"):
            self.__dict__.pop(made, None)

    # ------------------------------------------------ tables

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a metric, firm, segment and alternative: all customers first, the firm first.

        `base` and `value` are means over the seeds; `difference` is the mean of their paired differences, `low` and
        `high` its 95 % interval (Student's t), missing with one seed: how much of it is luck. `segment` is "all", or
        a kind of customer (where there are several) for what can be told by kind: customers, share, churn, retention,
        sales, customer profit and equity, satisfaction, loyalty, trust, awareness and permission. A metric of one
        month is its mean over the last 12; any other is as it is at the end.
        """
        index = self._worlds[self.base, self.seeds[0]].measures.index
        firms = [str(name) for name in self._worlds[self.base, self.seeds[0]].measures.columns]
        firms = [self.firm, *[name for name in firms if name != self.firm]]
        worlds = {name: self.values(name, firms) for name in self.names}
        rows = []
        for row, (segment, metric) in enumerate(index):
            for place, firm in enumerate(firms):
                before = worlds[self.base][:, row, place]
                for name in self.alternatives:
                    after = worlds[name][:, row, place]
                    both = np.isfinite(before) & np.isfinite(after)
                    means = mean(before[both]), mean(after[both])
                    found = interval((after - before)[both], self.chance)
                    rows.append((metric, firm, segment, name, *means, *found))
        columns = ["metric", "firm", "segment", "alternative", "base", "value", "difference", "low", "high"]
        return self._with_about(pd.DataFrame(rows, columns=columns))

    def hash_of(self, name: str, seed: int) -> str:
        """The hash of a world's state at its end."""
        return self._worlds[name, seed].hash

    def values(self, name: str, firms: Sequence[str]) -> np.ndarray:
        """All measures of a world, float64 (seeds, rows of `measures`, firms)."""
        return np.array([self._worlds[name, seed].measures[list(firms)].to_numpy() for seed in self.seeds])

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer, alternative and seed: what became of the same person in each world.

        `segment`, `supplier` at the end; the last departure of the person who has the place now (`left_month`,
        `left_from`, `left_for`, `left_because`); `spent` and `profit` with the supplier; `worth`, what the person is
        worth to the firm: earned with it in these months before acquisition and overhead and, of a customer at the
        end, recent yearly profit times the multiple of customer equity, in money; `worth_more`, that less the same in
        the base;
        `differs`, whether anything in this life is not as in the base; `stays`, with the firm here and lost to it in
        the base; `goes`, the reverse.
        """
        parts = [self._worlds[name, seed].customers for name in self.names for seed in self.seeds]
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

    # ------------------------------------------------ in words

    @property
    def headline(self) -> str:
        """Who gains, by how much, how much of it is luck, what assumptions make of it, and who stays: one sentence."""
        return headlines.headline(self)

    @cached_property
    def notes(self) -> list[str]:
        """What did not stand alone, a sentence each: worlds that do not repeat, rules that decided after a compared policy,
        changes that a policy overrode.
        """
        runs = {name: self.runs[name] for name in self.names}
        rules = [said for name, run in runs.items() for said in overruled(name, run, self.runs[self.base])]
        worlds: dict[str, list[str]] = {}
        for name, run in runs.items():
            for said in overridden(run, run.scenario.changes):
                worlds.setdefault(said, []).append(f'"{name}"')
        return (
            [f"{said}." for said in self.unlike]
            + rules
            + [f"{', '.join(names)}: {said}." for said, names in worlds.items()]
        )

    def stress(self, over: Any = None, *, seeds: int | None = None, progress: Any = None) -> Stress:
        """Move each assumption over its documented range, one at a time, on the same twins: where would the choice turn?

        Parameters
        ----------
        over : list of str, or mapping, optional
            Which: addresses (`*` stands for every segment, firm or level), or address -> (low, high) for ranges of
            your own. Unless given: every parameter with a documented range that is not from your data.
        seeds : int, optional
            How many of the comparison's seeds are used where it is close: 5 unless given, or as many as there are.
        progress : callable, optional
            Called with runs done, runs in all, and what is tried.

        Returns
        -------
        Stress
            `table`, `sentence`, `plot()`. It is kept: the headline tells of it from then on.

        Raises
        ------
        ValueError
            An address that there is not, or that has no documented range.

        Examples
        --------
        >>> import sim
        >>> pair = sim.compare("plain", ["basic"], months=3, seeds=2, change={"market.customers": 200})
        >>> tried = pair.stress(["talk.unhappy_tells"])
        >>> tried.table["assumption"].tolist()
        ['talk.unhappy_tells']
        """
        from sim.stress import stress

        self._stress = stress(self, over, seeds=seeds, progress=progress)
        return self._stress

    @property
    def stressed(self) -> Stress | None:
        """What `stress` found last; None until it was asked."""
        return self._stress

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
        >>> words = {"as it is": {}, "nobody tells": {"change": {"talk.unhappy_tells": 0}}}
        >>> lives = sim.compare("two_cafes", words, months=6, seeds=1).follow(42)
        >>> sorted(lives.table["alternative"].unique().tolist())
        ['as it is', 'nobody tells']
        """
        total = self.months * len(self.runs)
        return SideBySide({
            name: one.follow(customers, later(progress, k * self.months, total))
            for k, (name, one) in enumerate(self.runs.items())
        })  # fmt: skip

    # ------------------------------------------------ showing and keeping

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
        rows = self.table[
            (self.table["firm"] == self.firm)
            & (self.table["segment"] == WHOLE)
            & self.table["metric"].isin(MAIN)
        ]
        short = rows.pivot(index="metric", columns="alternative", values="value").reindex(MAIN)
        short.insert(0, self.base, rows.drop_duplicates("metric").set_index("metric")["base"].reindex(MAIN))
        return short.rename_axis(columns=None)[self.names]

    def __repr__(self) -> str:
        said = [*headlines.about_luck(self), *self.notes]
        return "\n".join([self.headline, self.in_short().map(_figures).to_string(), *said])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in [*headlines.about_luck(self), *self.notes])
        return f"<p>{escape(self.headline)}</p>{self.in_short().map(_figures).to_html(border=0)}{notes}"


def _figures(value: float) -> str:
    """A number with about three figures."""
    if value != value:
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2 if size >= 0.1 else 4
    return f"{value:,.{digits}f}"
