"""Rivals that react: each firm in turn takes its best policy against the others, until nobody moves or it goes round."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from sim import __version__
from sim.experiments.design import label, seeds_of
from sim.experiments.judging import JUDGED, check_goals
from sim.experiments.searching import Judge, Search
from sim.experiments.space import SPACE, policy_of, space_of
from sim.experiments.specification import Specification
from sim.experiments.store import Store
from sim.experiments.studies import about, columns_of, pool_of, rows_of, value_of, write_study
from sim.experiments.sweeps import START, _world, duration, seconds_a_run
from sim.intervals import interval
from sim.policies import make_policy
from sim.runs import whole
from sim.show.numbers import nice
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.experiments.working import Columns
    from sim.runs import Progress
    from sim.scenario import Scenario

OPTIONS = (
    "basic", "accountable", "proactive", "level_by_value", "financial_bond", "social_bond", "structural_bond",
    "permission_builder", "spammer", "price_cutter", "acquirer", "retainer", "win_back",
)  # fmt: skip
"""Policies that a firm may take, beside its own of today, unless others are given."""

FIXED, CYCLE, MOVING = "fixed point", "cycle", "still moving"

State = dict[str, Any]
"""Firm -> its policy: a name, a table, or None for the plan alone."""


class Move(NamedTuple):
    """One firm's answer: what it takes up, the gain in its goal on fresh seeds, and whether it moved."""

    round: int
    firm: str
    before: str
    after: str
    searched: float
    gain: float
    low: float
    high: float
    moved: bool


class Rivals:
    """How firms answered each other.

    Attributes
    ----------
    table : DataFrame
        A row an answer: `round`, `firm`, `before`, `after` (the best that was found), `searched` (its gain over `before` with
        the seeds of the search), `gain`, `low`, `high` (the same with fresh seeds, 95 %), `moved`: only where fresh luck agrees.
    goals : DataFrame
        A row a state and firm: `state` (0 is today; then after each move), `firm`, `policy`, `value` of the goal (mean over fresh
        seeds).
    end : str
        `fixed point`: no firm has a surely better answer; `cycle`: firms come round to where they were; `still moving`.
    policies : dict, firm -> policy at the end. cycle : list of dict, the states that follow each other round; [] if none.
    """

    def __init__(
        self, scenario: Scenario, goal: str, seeds: Sequence[int], moves: Sequence[Move], states: Sequence[State],
        end: str, cycle: Sequence[State], goals: pd.DataFrame,
    ) -> None:  # fmt: skip
        self.scenario, self.goal, self.seeds, self.end = scenario, goal, list(seeds), end
        self.policies, self.cycle = dict(states[-1]), list(cycle)
        self.table = pd.DataFrame(list(moves), columns=list(Move._fields))
        self.goals = goals
        for table in (self.table, self.goals):
            cast(Any, table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the tables carry in their `attrs`."""
        return about(self.scenario, self.seeds, focus=self.scenario.focus, goal=self.goal, end=self.end)

    @cached_property
    def headline(self) -> str:
        """Where it ends, in a sentence."""
        rounds, moves = int(self.table["round"].max()), int(self.table["moved"].sum())
        if self.end == FIXED:
            words = (
                "Nobody moves"
                if not moves
                else f"After {moves} move{'s' if moves > 1 else ''} nobody has a better answer"
            )
            return f"{words}: {_told(self.policies)} is a fixed point."
        if self.end == CYCLE:
            return f"It goes round: {' → '.join(_told(state) for state in self.cycle)} → again."
        return f"After {rounds} rounds firms still move; at the end {_told(self.policies)}."

    @property
    def notes(self) -> list[str]:
        """What it did to the firms, a sentence each."""
        said = []
        first, last = self.goals["state"].min(), self.goals["state"].max()
        for firm in self.scenario.firms:
            rows = self.goals[self.goals["firm"] == firm].set_index("state")["value"]
            if last > first:
                said.append(f"{firm}: {self.goal} {nice(rows[first])} today, {nice(rows[last])} at the end.")
        return [*said, "A firm moves only where fresh seeds say surely (95 %) that its answer is better."]

    def plot(self, ax: Any = None) -> Any:
        """Draw it. `ax`: where to draw; a new figure unless given."""
        from sim.show.rivals import rivals as draw

        return draw(self.goals, ax)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: rivals.json, the scenario with the policies of the end, tables as CSV, the picture."""
        tables = {"answers": self.table, "goals": self.goals}
        return write_study(
            folder,
            "rivals",
            _with(self.scenario, self.policies),
            self.said(),
            tables,
            lambda: self.plot(),
            force=force,
        )

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {
            **self.about, "headline": self.headline, "notes": self.notes, "policies": self.policies, "cycle": self.cycle,
            "answers": rows_of(self.table), "goals": rows_of(self.goals),
        }  # fmt: skip

    def __repr__(self) -> str:
        return "\n".join([self._line(), self.headline, self.table.to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(text)}</p>" for text in (self._line(), self.headline, *self.notes))
        return f"{said}{self.table.to_html(border=0, index=False)}"

    def _line(self) -> str:
        return (
            f"{self.scenario.title}: {self.goal}, {self.scenario.market.months} months, Tenfold {__version__}"
        )


def _told(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{firm} {shown(policy)}" for firm, policy in state.items())


def shown(policy: Any) -> str:
    """A policy in a few words; of one with many parameters its name."""
    text = "own plan" if policy is None else label(policy)
    return text if len(text) <= 44 else f"{policy['name']} (…)"


def _with(scenario: Scenario, state: Mapping[str, Any]) -> Scenario:
    """The scenario in which firms have these policies."""
    today = today_of(scenario)
    changes = {
        f"firms.{firm}.policy": "status_quo" if policy is None else policy
        for firm, policy in state.items()
        if policy != today[firm]
    }
    return scenario.with_changes(changes) if changes else scenario


def today_of(scenario: Scenario) -> State:
    """The policies that firms have in a scenario."""
    return {
        name: dict(one.policy) if isinstance(one.policy, Mapping) else one.policy
        for name, one in scenario.firms.items()
    }


# ---------------------------------------------------------------- the dynamics


class Payoffs:
    """What each firm's goal is in a state, over seeds; a run is done once.

    Parameters
    ----------
    scenario : Scenario. goal : str. how : the words of `run_all`.
    """

    def __init__(self, scenario: Scenario, goal: str, **how: Any) -> None:
        self.scenario, self.goal, self.how = scenario, goal, how
        self._found: dict[str, Columns] = {}

    def of(self, state: State, seeds: Sequence[int]) -> dict[str, np.ndarray]:
        """Firm -> its goal with each seed; -infinity where it is missing, for the firm has no customers."""
        world = _with(self.scenario, state)
        runs = [Specification(world, seed, JUDGED) for seed in seeds]
        new = [one for one in runs if one.hash not in self._found]
        self._found |= {one.hash: got for one, got in zip(new, columns_of(new, **self.how), strict=True)}
        return {
            firm: np.array([value_of(self._found[one.hash], firm, self.goal) for one in runs])
            for firm in self.scenario.firms
        }


def _signed(values: np.ndarray, sign: float) -> np.ndarray:
    """Values of which more is better; a missing one, of a firm without customers, is the worst."""
    return np.where(np.isfinite(values), sign * values, -np.inf)


def best_responses(
    scenario: Any,
    options: Iterable[Any] | None = None,
    *,
    search: Any = None,
    trials: int = 30,
    goal: str = "customer_equity",
    rounds: int = 6,
    seeds: int | Iterable[int] = 10,
    fresh: int = 10,
    months: int | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Rivals:
    """Let each firm in turn take its best policy against the others', round by round.

    A firm tries all options (or searches, as `sim.optimise` does), takes the best with the seeds of the search, and moves only
    if fresh seeds say surely that it is better than what it has: luck alone makes nobody move.

    Parameters
    ----------
    scenario : str, path or Scenario
    options : iterable, optional
        Policies: names, or tables with a name. `OPTIONS` unless given; a firm's own of today is always one.
    search : optional
        Instead of options: what each firm searches, as in `sim.optimise`; `trials` proposals each time.
    goal : str
        What each firm wants: a metric at the end, `first_year_profit`, or `complaints` (less is better).
    rounds : int
        At most so many; it ends at a fixed point or when a state returns.
    seeds : int or list of int
    fresh : int
        Seeds that confirm a move, none of them used to choose it.
    months : int, optional
    store, executor, quiet, progress
        As in `sim.sweep`.

    Returns
    -------
    Rivals

    Raises
    ------
    ValueError
        An unknown policy or goal, or fewer than two firms.

    Source: best-response dynamics: Cournot 1838; Fudenberg & Levine 1998, chapter 1.

    Examples
    --------
    >>> from sim.experiments import Here, best_responses
    >>> import sim
    >>> small = sim.load("two_cafes").with_changes({"market.customers": 150, "market.months": 3})
    >>> done = best_responses(small, ["basic"], goal="profit", rounds=1, seeds=2, fresh=2, executor=Here(), quiet=True)
    >>> done.end in ("fixed point", "still moving", "cycle")
    True
    """
    world = _world(scenario)
    world = world if months is None else world.with_changes({"market.months": months})
    sign = next(iter(check_goals(goal).values()))
    whole("rounds", rounds, 1)
    whole("fresh", fresh, 2)
    if len(world.firms) < 2:
        raise ValueError("rivals: the scenario has one firm; there is nobody to answer")
    given = [
        dict(one) if isinstance(one, Mapping) else one for one in (OPTIONS if options is None else options)
    ]
    for one in given:
        make_policy(one, "options")
        if not isinstance(one, (str, dict)):
            raise TypeError(f"options: names of policies, or tables with a name (got {one!r})")
    space = None if search is None else space_of(search, world)
    own = [name for name in space or () if name not in SPACE]
    if own:
        raise ValueError(
            f"search: {own[0]} is an address, which is the same for all firms; rivals search {', '.join(SPACE)}"
        )
    drawn = seeds_of(seeds)
    again = [max(drawn) + 1 + k for k in range(fresh)]
    kept = None if store is None else Store(store)
    pool, is_ours = pool_of(executor)
    terminal = Terminal(quiet)
    try:
        how = {"store": kept, "executor": pool}
        payoffs = Payoffs(world, goal, **how)
        tries = trials if space is not None else len(given)
        _announce(world, tries, len(drawn), fresh, rounds, int(getattr(pool, "workers", 1) or 1), terminal)

        def propose(state: State, firm: str) -> tuple[Any, float]:
            if space is None:
                return _best_option(payoffs, state, firm, [*given, today_of(world)[firm]], drawn, sign)
            judge = Judge(_with(world, state), firm, {goal: sign}, drawn, **how)
            found = Search(judge, space, None if kept is None else kept.folder / "sweeps")
            found.go_on(trials, None)
            front = found.front()
            if not front:
                return state[firm], 0.0
            return policy_of(front[0].turned), sign * float(front[0].level[0] - found.base[0].mean())

        with terminal.progress("Firms answer", "answer") as bar:
            moves, states, end, cycle = _rounds(world, payoffs, propose, rounds, again, sign, progress or bar)
        goals = _goals(payoffs, states, again)
        return Rivals(world, goal, drawn, moves, states, end, cycle, goals)
    finally:
        if is_ours:
            pool.close()


def _announce(
    world: Scenario, tries: int, seeds: int, fresh: int, rounds: int, workers: int, terminal: Terminal
) -> None:
    answers = rounds * len(world.firms)
    most = answers * (tries * seeds + fresh)
    seconds = START + -(-most // workers) * seconds_a_run([Specification(world, 1)])
    terminal.note(
        f"At most {rounds} rounds x {len(world.firms)} firms x ({tries} tries x {seeds} seeds + {fresh} fresh) = {most:,} runs, "
        f"about {duration(seconds)} here ({workers} processes)."
    )


def _best_option(
    payoffs: Payoffs, state: State, firm: str, options: Sequence[Any], seeds: Sequence[int], sign: float
) -> tuple[Any, float]:
    """The option with the best mean, and its gain over what the firm has; what it has, where it is a tie."""
    now = _signed(payoffs.of(state, seeds)[firm], sign).mean()
    best, value = state[firm], now
    for option in options:
        own = _signed(payoffs.of({**state, firm: option}, seeds)[firm], sign).mean()
        if own > value:
            best, value = option, own
    return best, 0.0 if value == now else float(value - now)


def _rounds(
    world: Scenario, payoffs: Payoffs, propose: Callable[[State, str], tuple[Any, float]], rounds: int,
    fresh: Sequence[int], sign: float, progress: Progress | None,
) -> tuple[list[Move], list[State], str, list[State]]:  # fmt: skip
    """The moves, the states that they led to, how it ended, and the cycle if it goes round."""
    state = today_of(world)
    firms = [world.focus, *[name for name in world.firms if name != world.focus]]
    moves: list[Move] = []
    states, ends = [dict(state)], [dict(state)]  # after each move; after each round
    for number in range(1, rounds + 1):
        for firm in firms:
            option, searched = propose(dict(state), firm)
            move = _answer(payoffs, state, firm, option, searched, fresh, sign, number)
            moves.append(move)
            if move.moved:
                state = {**state, firm: option}
                states.append(dict(state))
            if progress:
                progress(len(moves), rounds * len(firms))
        if not any(move.moved for move in moves if move.round == number):
            return moves, states, FIXED, []
        if (seen := _seen(state, ends)) is not None:
            first = states.index(ends[seen])
            return moves, states, CYCLE, states[first:-1]
        ends.append(dict(state))
    return moves, states, MOVING, []


def _seen(state: State, ends: Sequence[State]) -> int | None:
    """Where a state was before, by what it says."""
    keys = [json.dumps(one, sort_keys=True) for one in ends]
    key = json.dumps(state, sort_keys=True)
    return keys.index(key) if key in keys else None


def _answer(
    payoffs: Payoffs,
    state: State,
    firm: str,
    option: Any,
    searched: float,
    fresh: Sequence[int],
    sign: float,
    number: int,
) -> Move:
    """A firm's answer, confirmed with fresh seeds."""
    before, after = shown(state[firm]), shown(option)
    if option == state[firm]:
        return Move(number, firm, before, after, 0.0, 0.0, 0.0, 0.0, False)
    had, gets = (_signed(payoffs.of(one, fresh)[firm], sign) for one in (state, {**state, firm: option}))
    if not np.isfinite(had).any() and np.isfinite(gets).all():  # it had lost all its customers
        return Move(number, firm, before, after, searched, np.inf, np.inf, np.inf, True)
    both = np.isfinite(had) & np.isfinite(gets)
    gain, low, high = interval((gets - had)[both])
    return Move(number, firm, before, after, searched, gain, low, high, bool(low > 0.0))


def _goals(payoffs: Payoffs, states: Sequence[State], seeds: Sequence[int]) -> pd.DataFrame:
    """What each state gives each firm."""
    rows = []
    for k, state in enumerate(states):
        values = payoffs.of(state, seeds)
        for firm, policy in state.items():
            value = values[firm][np.isfinite(values[firm])]
            rows.append((k, firm, shown(policy), float(value.mean()) if len(value) else np.nan))
    return pd.DataFrame(rows, columns=["state", "firm", "policy", "value"])
