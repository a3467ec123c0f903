"""Sensitivity, its runs: a design over all parameters, after a screening where there are many."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.experiments.design import Plan, seeds_of
from sim.experiments.factors import ends, factors_of, values_at
from sim.experiments.forecast import Forecast, ask_once, duration, yes
from sim.experiments.indices import METHODS, count_of, luck_share, measured, places
from sim.experiments.missing import package
from sim.experiments.sensitivities import Sensitivity
from sim.experiments.store import Store
from sim.experiments.studies import check_firm, check_metric, columns_of, pool_of, value_of
from sim.saved import world_of
from sim.scenario.faults import nearest
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.assumed import Assumed
    from sim.runs import Progress
    from sim.scenario import Scenario

BASE_POINTS, PATHS, SCREEN_PATHS = 64, 10, 4
"""Base points of Sobol's design; paths of Morris's; paths of the screening that comes first where there are many parameters."""

MANY, KEPT = 10, 6
"""More parameters than this are screened first, and so many go on."""


class Round:
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
    world = world_of(scenario, months)
    firm, of, drawn = check_firm(world, firm), check_metric(of), seeds_of(seeds)
    factors = factors_of(world, over, firm)
    if method == "sobol" or (method is None and len(factors) <= MANY):
        _check_runs("sobol", runs)
        first = Round(world, factors, "sobol", runs or BASE_POINTS, drawn, of, firm)
    else:
        screens = method is None
        _check_runs(method or "sobol", runs)
        paths = SCREEN_PATHS if screens else runs or PATHS
        first = Round(world, factors, "morris", paths, drawn[:1] if screens else drawn, of, firm)
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
            ask_once(forecast, kept, yes)
        _play(first, "Screening" if after else "The runs pass", kept, pool, terminal, progress)
        if not after:
            return Sensitivity(first)
        screen = first.table.assign()
        screen.attrs = {"runs": first.runs}
        chosen = set(screen["parameter"][:KEPT])
        second = Round(
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
    study: Round, what: str, kept: Store | None, pool: Any, terminal: Terminal, progress: Progress | None
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
