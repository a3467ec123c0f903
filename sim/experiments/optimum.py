"""The best policy of a firm: searched with Optuna, judged again with fresh luck."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim.experiments.design import seeds_of
from sim.experiments.forecast import START, announce, duration, seconds_a_run
from sim.experiments.judging import check_goals
from sim.experiments.searching import FIRST_LOOKS, Judge, Search, Tried
from sim.experiments.space import changes_of, in_toml, policy_of, space_of
from sim.experiments.specification import Specification
from sim.experiments.store import Store
from sim.experiments.studies import Study, about, check_firm, pool_of, rows_of
from sim.given import whole
from sim.intervals import interval
from sim.margin import named
from sim.saved import world_of
from sim.show.numbers import nice
from sim.sureness import TIMES
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.runs import Progress
    from sim.scenario import Scenario

FRESH = 20
"""Fresh seeds with which the winner is judged again."""

MOST_OF_FRONT = 8
"""Of a front so many, spread over it, are judged again."""


BESIDE = ("profit",)
"""What is told beside customer equity, which leaves out what winning customers costs."""


class Optimum(Study):
    """The best that was found, and what it is worth with fresh luck.

    Attributes
    ----------
    table : DataFrame
        A row a proposal: `trial`, a column each thing that was turned, a column each goal (the mean over all seeds that is
        expected of it), `seeds` that were run, `stopped` (early, as surely worse than another in every goal).
    front : DataFrame
        Proposals that none beats in all goals, the best in the first goal first: `trial`, each goal as searched, `…_fresh` with
        fresh seeds, `is_best_fresh` (whether it is still not beaten by another of these, or by today). One row with one goal.
    judged : DataFrame
        A row a goal: `today` and `best` (means over fresh seeds), `gain` with fresh seeds, `low`, `high` (95 %, Student's t),
        `searched`, the gain that the search saw, `shrinkage`, how much of that was luck, as a share, and `missing`: fresh
        seeds in which the goal is missing (a firm without customers), which are left out of the gain. Where customer equity is a goal
        and profit is none, a last row has profit of the last 12 months beside it; it was not searched for.
    turned : dict, what was found: name -> value. policy : dict or None, as a scenario file takes it.
    scenario : Scenario, with what was found in it. changes : dict, address -> value.
    goals : dict, name -> 1 if more is better, -1 if less is. seeds, fresh : list of int. runs : int.
    """

    kind = "optimise"

    def __init__(
        self, search: Search, fresh: Sequence[int], judged: list[tuple[Tried, np.ndarray]], today: np.ndarray
    ) -> None:
        judge = search.judge
        self.base, self.firm, self.goals = judge.scenario, judge.firm, dict(judge.goals)
        self.seeds, self.fresh, self.runs = list(judge.seeds), list(fresh), judge.runs
        self.turned = dict(judged[0][0].turned)
        self.policy, self.changes = policy_of(self.turned), changes_of(self.turned, self.firm)
        self.scenario = self.base.with_changes(self.changes)
        self._today = search.base
        self.table = self._with_about(self._trials(search))
        self.front = self._with_about(self._front(search, judged, today))
        self.judged = self._with_about(self._judged(judged[0], search.base, today))

    @property
    def about(self) -> dict[str, Any]:
        """What the tables carry in their `attrs`."""
        return about(
            self.base, self.seeds, fresh_seeds=self.fresh, focus=self.firm, goals=self.goals, runs=self.runs,
            today={g: float(v) for g, v in zip(self.goals, self._today.mean(axis=1), strict=True)},
        )  # fmt: skip

    def _with_about(self, table: pd.DataFrame) -> pd.DataFrame:
        cast(Any, table).attrs = self.about
        return table

    def _trials(self, search: Search) -> pd.DataFrame:
        rows = [
            {
                "trial": k, **one.turned, **dict(zip(self.goals, one.level, strict=True)), "seeds": one.values.shape[1],
                "stopped": one.values.shape[1] < len(self.seeds),
            }
            for k, one in enumerate(search.tried, 1)
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def _front(
        self, search: Search, judged: list[tuple[Tried, np.ndarray]], today: np.ndarray
    ) -> pd.DataFrame:
        signs = np.array(list(self.goals.values()))
        means = np.array([values.mean(axis=1) for _, values in judged])[:, : len(signs)]
        all_means = np.vstack([means, today.mean(axis=1)[: len(signs)]]) * signs
        all_means = np.where(
            np.isfinite(all_means), all_means, -np.inf
        )  # a goal that is missing is the worst
        rows = []
        for k, (one, _) in enumerate(judged):
            mine = all_means[k]
            beaten = any((o >= mine).all() and (o > mine).any() for o in all_means)
            trial = next(n for n, other in enumerate(search.tried, 1) if other.turned == one.turned)
            level = dict(zip(self.goals, one.level, strict=True))
            again = {f"{g}_fresh": float(v) for g, v in zip(self.goals, means[k], strict=True)}
            rows.append(
                {
                    "trial": trial,
                    **level,
                    **again,
                    "is_best_fresh": not beaten and bool(np.isfinite(means[k]).all()),
                }
            )
        return pd.DataFrame(rows)

    def _judged(self, winner: tuple[Tried, np.ndarray], base: np.ndarray, today: np.ndarray) -> pd.DataFrame:
        one, values = winner
        rows = []
        for k, goal in enumerate([*self.goals, *BESIDE][: len(values)]):
            both = np.isfinite(values[k]) & np.isfinite(today[k])
            had, gets = today[k][both], values[k][both]
            gain, low, high = interval(gets - had)
            searched = float(one.level[k] - base[k].mean()) if k < len(base) else float("nan")
            lost = 1.0 - gain / searched if searched else float("nan")
            means = (float(one.mean()) if len(one) else float("nan") for one in (had, gets))
            rows.append((goal, *means, gain, low, high, searched, lost, int((~both).sum())))
        columns = ["goal", "today", "best", "gain", "low", "high", "searched", "shrinkage", "missing"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def headline(self) -> str:
        """What was found, what it earns with fresh luck, and how much of what the search saw was luck."""
        row = self.judged.iloc[0]
        sign = self.goals[row["goal"]]
        words = named(row["goal"].replace("_", " "), self.base)
        if row["missing"]:
            return (
                f"The best policy that was found is not sure: with it {words} of {self.firm}, or today's, is missing in "
                f"{row['missing']} of {len(self.fresh)} fresh seeds, as where no customers are left."
            )
        if not min(sign * row["low"], sign * row["high"]) > 0.0:
            return (
                f"No policy was found that surely betters {words} of {self.firm}: the best changes it by {self._gain(row)} on "
                f"{len(self.fresh)} fresh seeds."
            )
        kept = f"; the search saw {nice(row['searched'])}, {nice(100 * row['shrinkage'])} % of it luck"
        less = "" if row["shrinkage"] <= 0 else kept
        but = self._but() if row["goal"] == "customer_equity" else ""
        return f"{self.firm} can change {words} by {self._gain(row)} on {len(self.fresh)} fresh seeds{less}{but}."

    def _but(self) -> str:
        """What becomes of profit where that stands beside customer equity, and surely falls as it rises."""
        row = self.judged.iloc[-1]
        is_beside = len(self.judged) > len(self.goals)
        return (
            f"; but {named('profit', self.base)} changes by {self._gain(row).removesuffix(',')}"
            if is_beside and row["high"] < 0.0
            else ""
        )

    def _gain(self, row: Any) -> str:
        from sim.show.sweeps import panel_for

        unit = _UNITS.get(row["goal"]) or panel_for(row["goal"]).unit
        unit = unit.format(currency=self.base.market.currency).split(",")[0]
        is_share = row["today"] > 0 and abs(row["gain"]) <= TIMES * row["today"]
        share = f" ({nice(100 * row['gain'] / row['today'])} %)" if is_share else ""
        return f"{nice(row['gain'])} {unit}{share}, 95 %: {nice(row['low'])} to {nice(row['high'])},"

    @property
    def notes(self) -> list[str]:
        """How it was found, in sentences."""
        stopped = int(self.table["stopped"].sum())
        said = [
            f"{len(self.table):,} proposals, each with up to {len(self.seeds)} seeds, the same for all; {stopped:,} stopped early "
            "as surely worse."
        ]
        if len(self.goals) > 1:
            held = int(self.front["is_best_fresh"].sum())
            said.append(
                f"{len(self.front)} proposals of the front were judged again; {held} of them no other, nor today, beats on fresh "
                "seeds. The policy shown is the one that is best in the first goal."
            )
        if len(self.judged) > len(self.goals):
            leaves_out = (
                "Customer equity leaves out what is spent on winning customers: so profit, of the last 12 months, stands beside it. "
                "It was not searched for."
            )
            said.append(named(leaves_out, self.base))
        if rules := len(self.base.firms[self.firm].rules):
            said.append(f"{self.firm}'s {rules} rules of the scenario come after its policy, and stay.")
        return said

    def plot(self, ax: Any = None) -> Any:
        """Draw it: the search with one goal, the front with several. `ax`: where to draw; a new figure unless given."""
        from sim.show.optimum import optimum as draw

        return draw(self.table, self.front, self.judged, ax)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"trials": self.table, "front": self.front, "judged": self.judged}

    def _also(self) -> dict[str, str]:
        return {"policy.toml": in_toml(self.turned, self.firm)}

    def said(self) -> dict[str, Any]:
        """Everything but the proposals as JSON has it."""
        return {
            **self.about, "headline": self.headline, "notes": self.notes, "policy": self.policy, "changes_found": self.changes,
            "judged": rows_of(self.judged), "front": rows_of(self.front), "trials": len(self.table),
            "stopped": int(self.table["stopped"].sum()),
        }  # fmt: skip

    def __repr__(self) -> str:
        lines = [self._line(), self.headline, in_toml(self.turned, self.firm).rstrip(), *self.notes]
        return "\n".join([*lines, self.judged.to_string(index=False)])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(text)}</p>" for text in (self._line(), self.headline, *self.notes))
        toml = escape(in_toml(self.turned, self.firm))
        return f"{said}<pre>{toml}</pre>{self.judged.to_html(border=0, index=False)}"

    def _what(self) -> str:
        return f"{', '.join(self.goals)}, {self.scenario.market.months} months"


_UNITS = {"first_year_profit": "{currency}", "complaints": "complaints a year for 100 customers"}


def optimise(
    scenario: Any,
    search: Any = None,
    *,
    firm: str | None = None,
    goal: str | Sequence[str] = "customer_equity",
    trials: int = 200,
    seeds: int | Iterable[int] = 10,
    months: int | None = None,
    fresh: int = FRESH,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Optimum:
    """Search for a firm's best policy: levels by value tier, bonds, permission and mail, budgets.

    Optuna proposes; every proposal meets the same customers with the same luck; poor ones stop early; the winner is judged
    again with fresh luck. It says first how many runs there may be and about how long they take.

    Parameters
    ----------
    scenario : str, path or Scenario
    search : optional
        What is turned: names of `SPACE` (parameters of the policy `value_tiers`), or name or address -> (low, high) or a list of
        choices, such as `{"messages": (0, 8), "firms.Corner.plan.price": (0.9, 1.2)}`. All of `SPACE` unless given.
    firm : str, optional
        The focus unless given.
    goal : str or list of str
        Metrics at the end of the run, `first_year_profit`, or `complaints` (of which less is better, as of churn and costs).
        Several give a Pareto front.
    trials : int
        Proposals.
    seeds : int or list of int
        How many, or which, in the search.
    months : int, optional
    fresh : int
        Seeds with which the winner is judged again, none of them used in the search.
    store : str or path, optional
        A folder that keeps the study and finished runs: stopped work goes on, to the same result as if it had not stopped.
        With fewer `trials` than are kept the first so many count.
    executor, ask, quiet, progress
        As in `sim.sweep`.

    Returns
    -------
    Optimum

    Raises
    ------
    ValueError
        An unknown goal, firm or name to search; a goal that is missing in the world as it is.
    BlockingIOError
        The same search is under way in the store.

    Source: Akiba et al. 2019 (Optuna); Bergstra et al. 2011 (TPE); Ozaki et al. 2022 for several goals.

    Examples
    --------
    >>> import sim
    >>> from sim.experiments import Here
    >>> small = sim.load("plain").with_changes({"market.customers": 150, "market.months": 3})
    >>> found = sim.optimise(small, ["top", "messages"], goal="profit", trials=2, seeds=2, fresh=2, executor=Here(), quiet=True)
    >>> sorted(found.turned)
    ['messages', 'top']
    """
    world = world_of(scenario, months)
    whole("trials", trials, 1)
    whole("fresh", fresh, 2)
    firm, goals, drawn = check_firm(world, firm), check_goals(goal), seeds_of(seeds)
    space = space_of(search, world)
    kept = None if store is None else Store(store)
    pool, is_ours = pool_of(executor)
    terminal = Terminal(quiet)
    try:
        _announce(world, trials, len(drawn), fresh, int(getattr(pool, "workers", 1) or 1), terminal, ask)
        judge = Judge(world, firm, goals, drawn, store=kept, executor=pool)
        with contextlib.closing(
            Search(judge, space, None if kept is None else kept.folder / "sweeps")
        ) as study:
            with terminal.progress("Searching", "proposal") as bar:
                study.go_on(trials, progress or bar)
            return _again(study, [max(drawn) + 1 + k for k in range(fresh)], terminal)
    finally:
        if is_ours:
            pool.close()


def _announce(
    world: Scenario, trials: int, seeds: int, fresh: int, workers: int, terminal: Terminal, ask: bool
) -> None:
    """Say how many runs there may be, and about how long they take; ask before very many."""
    first = min(FIRST_LOOKS[0], seeds)
    least, most = trials * first + seeds + 2 * fresh, trials * seeds + seeds + 2 * fresh
    each = seconds_a_run([Specification(world, 1)])
    times = [START + -(-n // workers) * each for n in (least, most)]
    span = [
        f"{first} to {seeds} seeds",
        f"{least:,} to {most:,} runs, about {duration(times[0])} to {duration(times[1])}",
    ]
    if first == seeds:
        span = [f"{seeds} seed{'s' if seeds > 1 else ''}", f"{most:,} runs, about {duration(times[1])}"]
    said = (
        f"{trials:,} proposals x {span[0]} = {span[1]} here ({workers} process{'es' if workers > 1 else ''})"
    )
    announce(said, most, times[1], terminal, ask)


def _again(study: Search, fresh: list[int], terminal: Terminal) -> Optimum:
    """Judge the front again, and today, with fresh seeds."""
    front = study.front()
    if not front:
        raise ValueError(
            f"in none of {len(study.tried)} proposals {', '.join(study.judge.goals)} could be measured: {study.judge.firm} had no "
            "customers left; search something else"
        )
    if len(study.judge.goals) == 1:
        front = front[:1]
    goals = study.judge.goals
    beside = BESIDE if "customer_equity" in goals and not {*BESIDE} & {*goals} else ()
    picked = sorted({round(k) for k in np.linspace(0, len(front) - 1, min(len(front), MOST_OF_FRONT))})
    with terminal.progress("Judging again", "policy") as bar:
        today = study.judge.values({}, fresh, beside)
        judged = []
        for n, k in enumerate(picked, 1):
            judged.append((front[k], study.judge.values(front[k].turned, fresh, beside)))
            if bar:
                bar(n, len(picked))
    return Optimum(study, fresh, judged, today)
