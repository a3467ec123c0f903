"""Sensitivity: how much of a metric's variance comes from which parameter."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim import __version__
from sim.experiments.design import Plan, seeds_of
from sim.experiments.factors import ends, factors_of, values_at
from sim.experiments.indices import METHODS, count_of, luck_share, measured, places
from sim.experiments.missing import package
from sim.experiments.store import Store
from sim.experiments.studies import (
    about,
    check_firm,
    check_metric,
    columns_of,
    pool_of,
    rows_of,
    value_of,
    write_study,
)
from sim.experiments.sweeps import Forecast, _world, _yes, ask_once, duration
from sim.scenario.faults import nearest
from sim.show.numbers import nice
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.assumed import Assumed
    from sim.runs import Progress
    from sim.scenario import Scenario

BASE_POINTS, PATHS, SCREEN_PATHS = 64, 10, 4
"""Base points of Sobol's design; paths of Morris's; paths of the screening that comes first where there are many parameters."""

MANY, KEPT = 10, 6
"""More parameters than this are screened first, and so many go on."""


class Sensitivity:
    """How much each parameter moves a metric.

    Attributes
    ----------
    table : DataFrame
        A row a parameter, the one that matters most first: `parameter` (its address; `*` where several move together),
        `value`, `low` and `high` of its range, `unit`, `range` (where that is from), and what was measured, each with `…_low`
        and `…_high`. By `sobol` `first` is the share of the metric's variance that the parameter explains alone, `total` that
        with all it interacts with; by `morris` `mu_star` is how far a step over the range moves the metric, in its unit.
    screen : DataFrame or None
        The first round, by `morris`, over all parameters, where they were screened.
    method, metric, firm : str. seeds : list of int. runs : int.
    luck : float
        The share of the variance that is luck (0 to 1), which no parameter explains; missing with one seed.
    """

    def __init__(self, study: _Study, screen: pd.DataFrame | None = None) -> None:
        self.scenario, self.method, self.metric, self.firm = (
            study.scenario,
            study.method,
            study.of,
            study.firm,
        )
        self.seeds, self.screen = study.seeds, screen
        self.runs = study.runs + (int(screen.attrs["runs"]) if screen is not None else 0)
        self.table = study.table
        self.luck = study.luck
        cast(Any, self.table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the table carries in its `attrs`."""
        return about(
            self.scenario, self.seeds, focus=self.firm, metric=self.metric, method=self.method, runs=self.runs,
            luck=None if math.isnan(self.luck) else self.luck,
        )  # fmt: skip

    @cached_property
    def headline(self) -> str:
        """What matters most, in a sentence."""
        first = self.table.iloc[0]
        name = first["parameter"]
        if self.method == "morris":
            if not first["mu_star"] > 0.0:
                return f"None of these parameters moves {self.metric} of {self.firm}."
            return (
                f"{name} moves {self.metric} of {self.firm} most: {_span(first, 'mu_star')} "
                f"{_unit(self.metric, self.scenario)} for a step over its range."
            )
        if not self.table["total"].max() > 0.0:
            return f"None of these parameters moves {self.metric} of {self.firm}."
        return f"{name} explains {_span(first, 'first')} of {self.metric}."

    @property
    def notes(self) -> list[str]:
        """How far the figures hold, in sentences."""
        said = [_sure(self.seeds, self.luck)]
        if self.method == "sobol":
            together = float(self.table["first"].clip(lower=0.0).sum())
            said.append(
                f"Alone they explain {together:.2f} of the variance of {self.metric} of {self.firm}; the rest is what they do "
                "together, and luck."
            )
            wide = float((self.table["first_high"] - self.table["first_low"]).max())
            if wide > 0.4:
                said.append("The intervals are wide: more base points (--runs) make them narrower.")
        if self.screen is not None:
            left = len(self.screen) - len(self.table)
            said.append(
                f"{len(self.screen)} assumptions were screened first (Morris); the {len(self.table)} that move most went on, "
                f"{left} were held at their values."
            )
        return said

    def plot(self, ax: Any = None) -> Any:
        """Draw it: a bar a parameter, with its interval. `ax`: where to draw; a new figure unless given."""
        from sim.show.sensitivity import sensitivity as draw

        return draw(self.table, ax)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: sensitivity.json, the scenario, the tables as CSV, the picture.

        Raises
        ------
        FileExistsError
            The folder is there and `force` was not given, or it holds something else.
        """
        tables = {"table": self.table} | ({} if self.screen is None else {"screen": self.screen})
        return write_study(
            folder, "sensitivity", self.scenario, self.said(), tables, lambda: self.plot(), force=force
        )

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        screen = {} if self.screen is None else {"screened": rows_of(self.screen)}
        return {
            **self.about,
            "headline": self.headline,
            "notes": self.notes,
            "parameters": rows_of(self.table),
            **screen,
        }

    def __repr__(self) -> str:
        return "\n".join([self._line(), self.headline, self._in_short().to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        short = self._in_short().to_html(border=0, index=False)
        notes = escape(" ".join(self.notes))
        return f"<p>{escape(self._line())}</p><p>{escape(self.headline)}</p>{short}<p>{notes}</p>"

    def _line(self) -> str:
        return (
            f"{self.scenario.title}: {self.method}, {self.runs:,} runs of {self.scenario.market.months} months, "
            f"Tenfold {__version__}"
        )

    def _in_short(self) -> pd.DataFrame:
        kept = ("first", "total") if self.method == "sobol" else ("mu_star", "sigma")
        cells = {name: self.table[name].map(nice) for name in kept}
        return pd.DataFrame({"parameter": self.table["parameter"], **cells})


def _span(row: Any, name: str) -> str:
    """`0.31 (0.27 to 0.35)`."""
    value, low, high = (nice(float(row[f"{name}{end}"])) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


def _unit(metric: str, scenario: Scenario) -> str:
    from sim.show.sweeps import panel_for

    return panel_for(metric).unit.format(currency=scenario.market.currency).split(",")[0]


def _sure(seeds: Sequence[int], luck: float) -> str:
    if len(seeds) == 1:
        return f"Seed {seeds[0]} alone: how much of it is luck is not known."
    if math.isnan(luck):
        return f"Means over {len(seeds)} seeds."
    return f"Means over {len(seeds)} seeds, the same at each point; luck is {luck:.2f} of their variance."


# ---------------------------------------------------------------- one round


class _Study:
    """One design over some factors: its runs, and what they say."""

    def __init__(
        self, scenario: Scenario, factors: Sequence[Assumed], method: str, runs: int, seeds: Sequence[int],
        of: str, firm: str,
    ) -> None:  # fmt: skip
        self.scenario, self.factors, self.method, self.of, self.firm = scenario, factors, method, of, firm
        self.seeds = list(seeds)
        self.names = [one.name for one in factors]
        self.at = places(method, runs, self.names, self.seeds[0])
        self.plan = _Points(scenario, values_at(factors, self.at), self.seeds, method)
        self.values = np.empty((0, 0))

    @property
    def runs(self) -> int:
        return len(self.plan.specifications)

    def play(self, **more: Any) -> None:
        """Carry the runs out, and read the metric."""
        found = columns_of([one for _, one in self.plan.runs], **more)
        flat = np.array([value_of(columns, self.firm, self.of) for columns in found])
        self.values = flat.reshape(len(self.seeds), -1).T
        gaps = ~np.isfinite(self.values)
        if gaps.any():
            raise ValueError(
                f"{self.of} of {self.firm} is missing in {int(gaps.sum()):,} of {gaps.size:,} runs: a sensitivity needs it in "
                f"all; take longer runs (months is {self.scenario.market.months}), or another metric"
            )

    @cached_property
    def table(self) -> pd.DataFrame:
        found = measured(self.method, self.at, self.values.mean(axis=1), self.names, self.seeds[0])
        told = pd.DataFrame(
            [
                (one.name, *ends(one), " or ".join(map(str, one.words)), one.unit, one.why)
                for one in self.factors
            ],
            columns=["parameter", "value", "low", "high", "words", "unit", "range"],
        )
        if not told["words"].any():
            told = told.drop(columns="words")
        key = "first" if self.method == "sobol" else "mu_star"
        table = pd.concat([told, found.drop(columns="factor")], axis=1)
        return table.sort_values(key, ascending=False, kind="stable", ignore_index=True)

    @property
    def luck(self) -> float:
        return luck_share(self.values)


class _Points(Plan):
    """A sweep's plan over the points of a design."""

    @property
    def sentence(self) -> str:
        """`512 points (Sobol) x 2 seeds = 1,024 runs`."""
        name = {"sobol": "Sobol", "morris": "Morris"}[self.design]
        seeds = f"{len(self.seeds)} seed{'s' if len(self.seeds) > 1 else ''}"
        same = len(self.runs) - len(self.specifications)
        once = f", {same:,} of them twice the same and run once" if same else ""
        return f"{len(self.points):,} points ({name}, {len(self.points[0])} values each) x {seeds} = {len(self.runs):,} runs{once}"


def sensitivity(
    scenario: Any,
    over: Any = None,
    *,
    of: str = "customer_equity",
    method: str | None = None,
    firm: str | None = None,
    runs: int | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] = 2,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Sensitivity:
    """How much of a metric's variance comes from which parameter, when all move over their ranges at once.

    It says first how many runs there are and about how long they take.

    Parameters
    ----------
    scenario : str, path or Scenario
    over : optional
        What moves: address -> (low, high), or a list of addresses, over their documented ranges. All assumptions with a
        documented range that are not from your data unless given. `segments.*.basket.mean` moves several together.
    of : str
        A metric of the firm at the end of the run; money in the scenario's currency, profit of the last 12 months.
    method : str, optional
        `sobol`, shares of the variance; `morris`, how far each moves it, for many parameters with few runs. Unless given, more
        than 10 parameters are screened by `morris` with one seed, and the six that move most go on to `sobol`.
    firm : str, optional
        The focus unless given.
    runs : int, optional
        Base points of `sobol`, a power of two, 64 unless given: runs x (parameters + 2) x seeds runs. Paths of `morris`, 10
        unless given: runs x (parameters + 1) x seeds.
    months : int, optional
    seeds : int or list of int
        How many, or which; the same at each point, and the mean over them is looked at.
    store, executor, ask, quiet, progress
        As in `sim.sweep`: with a store, stopped work goes on.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ValueError
        An unknown address, metric or method; a metric that the runs do not have.

    Source: Saltelli et al. 2010, Computer Physics Communications 181; Morris 1991, Technometrics 33(2); by SALib.

    Examples
    --------
    >>> from sim.experiments import Here, sensitivity
    >>> import sim
    >>> small = sim.load("plain").with_changes({"market.customers": 150})
    >>> found = sensitivity(small, {"talk.unhappy_tells": (0, 20), "serve.severity": (0.1, 2)}, of="share", runs=2, months=3,
    ...                     seeds=1, executor=Here(), quiet=True)
    >>> sorted(found.table.columns[-6:])
    ['first', 'first_high', 'first_low', 'total', 'total_high', 'total_low']
    """
    package("SALib", "sensitivity")
    if method is not None and method not in METHODS:
        near = nearest(str(method), METHODS)
        raise ValueError(
            f'method: sobol or morris (got "{method}")' + (f'; did you mean "{near}"?' if near else "")
        )
    world = _world(scenario)
    world = world if months is None else world.with_changes({"market.months": months})
    firm, of, drawn = check_firm(world, firm), check_metric(of), seeds_of(seeds)
    factors = factors_of(world, over, firm)
    if method == "sobol" or (method is None and len(factors) <= MANY):
        _check_runs("sobol", runs)
        first = _Study(world, factors, "sobol", runs or BASE_POINTS, drawn, of, firm)
    else:
        screens = method is None
        _check_runs(method or "sobol", runs)
        paths = SCREEN_PATHS if screens else runs or PATHS
        first = _Study(world, factors, "morris", paths, drawn[:1] if screens else drawn, of, firm)
    after = (
        count_of("sobol", runs or BASE_POINTS, KEPT) * len(drawn)
        if method is None and len(factors) > MANY
        else 0
    )
    kept = None if store is None else Store(store)
    pool, is_ours = pool_of(executor)
    terminal = Terminal(quiet)
    try:
        forecast = _Whole(first.plan, kept, int(getattr(pool, "workers", 1) or 1), after)
        terminal.note(f"{forecast}.")
        if ask:
            ask_once(forecast, kept, _yes)
        _play(first, "Screening" if after else "The runs pass", kept, pool, terminal, progress)
        if not after:
            return Sensitivity(first)
        screen = first.table.assign()
        screen.attrs = {"runs": first.runs}
        chosen = set(screen["parameter"][:KEPT])
        second = _Study(
            world,
            [one for one in factors if one.name in chosen],
            "sobol",
            runs or BASE_POINTS,
            drawn,
            of,
            firm,
        )
        _play(second, "The runs pass", kept, pool, terminal, progress)
        return Sensitivity(second, screen)
    finally:
        if is_ours:
            pool.close()


def _play(
    study: _Study, what: str, kept: Store | None, pool: Any, terminal: Terminal, progress: Progress | None
) -> None:
    with terminal.progress(what, "run") as bar:
        study.play(store=kept, executor=pool, progress=progress or bar)


def _check_runs(method: str, runs: int | None) -> None:
    if runs is None:
        return
    if isinstance(runs, bool) or not isinstance(runs, int) or runs < 2:
        raise ValueError(f"runs: 2 or more (got {runs!r})")
    if method == "sobol" and runs & (runs - 1):
        raise ValueError(f"runs: a power of two for sobol, such as 64 or 128 (got {runs})")


class _Whole(Forecast):
    """A forecast that counts the second round too, whose parameters the first will choose."""

    def __init__(self, plan: Plan, store: Store | None, workers: int, after: int) -> None:
        super().__init__(plan, store, workers)
        self.after = after
        if after:
            each = self.each or 0.0
            self.left += after
            self.seconds += math.ceil(after / workers) * each

    def __str__(self) -> str:
        if not self.after:
            return super().__str__()
        return (
            f"{self.plan.sentence} to screen, then the {KEPT} that move most: {self.after:,} runs (Sobol); about "
            f"{duration(self.seconds)} here, less what is kept"
        )
