"""Imitation with a lag: what is left of a policy's lead when rivals take it up some months later."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim.experiments.design import seeds_of
from sim.experiments.forecast import announce, here, seconds_for
from sim.experiments.judging import ADOPTED, check_goals
from sim.experiments.rivals import shown
from sim.experiments.specification import Specification
from sim.experiments.store import Store
from sim.experiments.studies import (
    Study,
    about,
    check_firm,
    columns_of,
    pool_of,
    rows_of,
    value_of,
)
from sim.given import whole
from sim.intervals import interval
from sim.policies import make_policy
from sim.saved import world_of
from sim.show.numbers import nice
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.runs import Progress
    from sim.scenario import Scenario

LAGS = (3, 6, 12, 24)
"""Months until rivals imitate, those of them that the run is long enough for, unless given; and never."""


class Imitation(Study):
    """What a policy earns its firm, by how late rivals imitate it.

    Attributes
    ----------
    table : DataFrame
        A row a lag, the shortest first, the last one missing (nobody imitates): `lag` in months, `gain` of the goal over a world in
        which nobody takes the policy up, `low`, `high` (95 %, paired by seed, Student's t), `kept`, the gain as a share of that
        when nobody imitates (missing where luck alone could explain that one).
    firm, goal : str. policy : the policy. seeds : list of int.
    """

    kind = "imitation"

    def __init__(
        self, scenario: Scenario, firm: str, policy: Any, goal: str, seeds: Sequence[int], table: pd.DataFrame
    ) -> None:
        self.scenario, self.firm, self.policy, self.goal = scenario, firm, policy, goal
        self.seeds, self.table = list(seeds), table
        cast(Any, table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the table carries in its `attrs`."""
        return about(self.scenario, self.seeds, focus=self.firm, goal=self.goal, policy=shown(self.policy))

    @cached_property
    def headline(self) -> str:
        """What is left when rivals are quickest, in a sentence."""
        alone, first = self.table.iloc[-1], self.table.iloc[0]
        what = f'"{shown(self.policy)}" changes {self.goal} of {self.firm} by'
        said = f"{what} {_span(alone)} if nobody imitates it"
        if len(self.table) == 1:
            return f"{said}."
        return f"{said}, by {_span(first)} if rivals do after {first['lag']:.0f} months."

    def plot(self, ax: Any = None) -> Any:
        """Draw it. `ax`: where to draw; a new figure unless given."""
        from sim.show.rivals import imitation as draw

        return draw(self.table, ax)

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {**self.about, "headline": self.headline, "lags": rows_of(self.table)}

    def _what(self) -> str:
        return f"{len(self.seeds)} seeds, {self.scenario.market.months} months"


def _span(row: Any) -> str:
    return f"{nice(row['gain'])} ({nice(row['low'])} to {nice(row['high'])})"


def imitation(
    scenario: Any,
    policy: Any,
    *,
    lags: Iterable[int] | None = None,
    firm: str | None = None,
    goal: str = "customer_equity",
    seeds: int | Iterable[int] = 20,
    months: int | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Imitation:
    """What a policy earns the firm that has it first, when all rivals take it up so many months later.

    Every lag is a twin with the same customers and luck: the firm has the policy from the first month, rivals theirs until the lag
    is over.

    Parameters
    ----------
    scenario : str, path or Scenario
    policy : str or dict
        A policy's name, or a table with its name.
    lags : iterable of int, optional
        Months, 0 (at once) or more, below the length of the run; never is always shown too. Of `LAGS` those that are below it
        unless given, or half of it where none is.
    firm : str, optional
        Who has it first; the focus unless given.
    goal : str
        A metric at the end, `first_year_profit`, or `complaints`.
    seeds : int or list of int
    months : int, optional
    store, executor, ask, quiet, progress
        As in `sim.sweep`.

    Returns
    -------
    Imitation

    Raises
    ------
    ValueError
        An unknown policy or firm, a lag beyond the run, or no rival.

    Source: Berry & Parasuraman 1991: financial bonds are soon imitated, structural ones late; the experiment: ours.

    Examples
    --------
    >>> from sim.experiments import Here, imitation
    >>> import sim
    >>> small = sim.load("two_cafes").with_changes({"market.customers": 150, "market.months": 4})
    >>> found = imitation(small, "financial_bond", lags=[2], goal="profit", seeds=2, executor=Here(), quiet=True)
    >>> len(found.table)
    2
    """
    world = world_of(scenario, months)
    firm, drawn = check_firm(world, firm), seeds_of(seeds)
    check_goals(goal)
    policy = dict(policy) if isinstance(policy, Mapping) else policy
    if not isinstance(policy, (str, dict)):
        raise TypeError(f"policy: the name of a policy, or a table with its name (got {policy!r})")
    make_policy(policy, "policy")
    rivals = [name for name in world.firms if name != firm]
    if not rivals:
        raise ValueError("imitation: the scenario has one firm; there is nobody to imitate it")
    length = world.market.months
    usual = [lag for lag in LAGS if lag < length] or [length // 2]
    after = usual if lags is None else sorted(set(lags))
    for lag in after:
        whole("lags", lag, 0)
        if lag >= length:
            raise ValueError(f"lags: below the length of the run, {length} months (got {lag})")
    first = [[0, firm, policy]]
    steps = [[], *([*first, *([lag, name, policy] for name in rivals)] for lag in after), first]
    runs = [Specification(world, seed, ADOPTED, {"steps": own}) for own in steps for seed in drawn]
    pool, is_ours = pool_of(executor)
    terminal = Terminal(quiet)
    try:
        workers = int(getattr(pool, "workers", 1) or 1)
        seconds = seconds_for(len(runs), runs[:1], workers)
        said = f"{len(steps)} worlds x {len(drawn)} seeds = {len(runs):,} runs"
        announce(f"{said}, {here(seconds, workers)}", len(runs), seconds, terminal, ask)
        with terminal.progress("The worlds pass", "run") as bar:
            kept = None if store is None else Store(store)
            found = columns_of(runs, store=kept, executor=pool, progress=progress or bar)
    finally:
        if is_ours:
            pool.close()
    values = np.array([value_of(columns, firm, goal) for columns in found]).reshape(len(steps), -1)
    return Imitation(world, firm, policy, goal, drawn, table_of(values, after))


def table_of(values: np.ndarray, lags: Sequence[int]) -> pd.DataFrame:
    """A row a lag, from the goal in each world and seed: first the world in which nobody takes it up, last nobody imitates.

    Raises
    ------
    ValueError
        The goal is missing somewhere.
    """
    if not np.isfinite(values).all():
        raise ValueError("the goal is missing in some runs: take longer runs, or another goal")
    alone, least, most = interval(values[-1] - values[0])
    is_sure = least > 0.0 or most < 0.0
    rows = []
    for lag, own in zip([*lags, math.nan], values[1:], strict=True):
        gain, low, high = interval(own - values[0])
        rows.append((lag, gain, low, high, gain / alone if is_sure else math.nan))
    return pd.DataFrame(rows, columns=["lag", "gain", "low", "high", "kept"])
