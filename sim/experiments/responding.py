"""Best-response dynamics: each firm in turn takes its best policy against the others', until nobody moves or it goes round."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.experiments.design import seeds_of
from sim.experiments.forecast import announce, here, seconds_for
from sim.experiments.judging import JUDGED, check_goals
from sim.experiments.rivals import (
    CYCLE,
    FIXED,
    MOVING,
    UNTOLD,
    Move,
    Rivals,
    State,
    shown,
    today_of,
    with_policies,
)
from sim.experiments.searching import Judge, Search
from sim.experiments.space import SPACE, policy_of, space_of
from sim.experiments.specification import Specification
from sim.experiments.store import Store
from sim.experiments.studies import columns_of, pool_of, value_of
from sim.given import whole
from sim.intervals import interval
from sim.policies import make_policy
from sim.saved import world_of
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
        """Firm -> its goal with each seed, float64 (seeds,); missing (NaN) where it has none, as without customers."""
        world = with_policies(self.scenario, state)
        runs = [Specification(world, seed, JUDGED) for seed in seeds]
        new = [one for one in runs if one.hash not in self._found]
        self._found |= {one.hash: got for one, got in zip(new, columns_of(new, **self.how), strict=True)}
        return {
            firm: np.array([value_of(self._found[one.hash], firm, self.goal) for one in runs])
            for firm in self.scenario.firms
        }


def _check(payoffs: Payoffs, seeds: Sequence[int]) -> None:
    """Refuse a goal that no firm has today, before anybody answers."""
    today = payoffs.of(today_of(payoffs.scenario), seeds)
    if not any(np.isfinite(values).any() for values in today.values()):
        raise ValueError(
            f"goal: {payoffs.goal} is missing in runs as it is; take longer runs (months is "
            f"{payoffs.scenario.market.months}), or another goal"
        )


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
    fresh: int = 20,
    months: int | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Rivals:
    """Let each firm in turn take its best policy against the others', round by round.

    A firm tries all options (or searches, as `sim.optimise` does), takes the best with the seeds of the search, and moves only
    if fresh seeds say surely that it is better than what it has. These are the same for all answers, and each interval is as
    much wider as there may be answers (rounds x firms): luck alone makes somebody move in at most 1 of 40 games.

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
        At most so many; it ends when nobody moves, or when a state returns.
    seeds : int or list of int
    fresh : int
        Seeds that confirm moves, none of them used to choose an answer. With few of them the intervals are very wide.
    months : int, optional
    store, executor, ask, quiet, progress
        As in `sim.sweep`.

    Returns
    -------
    Rivals

    Raises
    ------
    ValueError
        An unknown policy or goal, a goal that no firm has in the world as it is, or fewer than two firms.

    Source: best-response dynamics: Cournot 1838; Fudenberg & Levine 1998, chapter 1.

    Examples
    --------
    >>> from sim.experiments import Here, best_responses
    >>> import sim
    >>> small = sim.load("two_cafes").with_changes({"market.customers": 150, "market.months": 3})
    >>> done = best_responses(small, ["basic"], goal="profit", rounds=1, seeds=2, fresh=2, executor=Here(), quiet=True)
    >>> done.end in ("fixed point", "not told from luck", "still moving", "cycle")
    True
    """
    world = world_of(scenario, months)
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
        tries = len(given) + 2 if space is None else trials + 1  # with its own of today, and what it has now
        workers = int(getattr(pool, "workers", 1) or 1)
        _announce(world, tries, len(drawn), fresh, rounds, workers, terminal, ask)

        def propose(state: State, firm: str) -> tuple[Any, float]:
            if space is None:
                return _best_option(payoffs, state, firm, [*given, today_of(world)[firm]], drawn, sign)
            judge = Judge(with_policies(world, state), firm, {goal: sign}, drawn, **how)
            study = Search(judge, space, None if kept is None else kept.folder / "sweeps")
            with contextlib.closing(study) as found:
                found.go_on(trials, None)
                front = found.front()
            if not front:
                return state[firm], 0.0
            return policy_of(front[0].turned), sign * float(front[0].level[0] - found.base[0].mean())

        with terminal.progress("Firms answer", "answer") as bar:
            if space is None:  # a search sees to it itself
                _check(payoffs, drawn)
            moves, states, end, cycle = _rounds(world, payoffs, propose, rounds, again, sign, progress or bar)
        goals = _goals(payoffs, states, again)
        return Rivals(world, goal, drawn, moves, states, end, cycle, goals, chance_of(world, rounds))
    finally:
        if is_ours:
            pool.close()


def _announce(
    world: Scenario,
    tries: int,
    seeds: int,
    fresh: int,
    rounds: int,
    workers: int,
    terminal: Terminal,
    ask: bool,
) -> None:
    """Say how many runs there may be, each answer tried and then confirmed beside what the firm has; ask before very many."""
    firms = len(world.firms)
    most = rounds * firms * (tries * seeds + 2 * fresh)
    seconds = seconds_for(most, [Specification(world, 1)], workers)
    said = (
        f"At most {rounds} round{'s' if rounds > 1 else ''} x {firms} firms x ({tries} tries x {seeds} seeds + 2 x {fresh} fresh) = {most:,} runs, "
        f"{here(seconds, workers)}"
    )
    announce(said, most, seconds, terminal, ask)


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


def chance_of(world: Scenario, rounds: int) -> float:
    """Of the interval of one answer, so that those of all answers that there may be hold together with 95 % (Bonferroni)."""
    return 1.0 - 0.05 / (rounds * len(world.firms))


def _rounds(
    world: Scenario, payoffs: Payoffs, propose: Callable[[State, str], tuple[Any, float]], rounds: int,
    fresh: Sequence[int], sign: float, progress: Progress | None,
) -> tuple[list[Move], list[State], str, list[State]]:  # fmt: skip
    """The moves, the states that they led to, how it ended, and the cycle if it goes round."""
    state = today_of(world)
    firms = [world.focus, *[name for name in world.firms if name != world.focus]]
    moves: list[Move] = []
    chance = chance_of(world, rounds)
    states, ends = [dict(state)], [dict(state)]  # after each move; after each round
    for number in range(1, rounds + 1):
        for firm in firms:
            option, searched = propose(dict(state), firm)
            move = _answer(payoffs, state, firm, option, searched, fresh, sign, number, chance)
            moves.append(move)
            if move.moved:
                state = {**state, firm: option}
                states.append(dict(state))
            if progress:
                progress(len(moves), rounds * len(firms))
        last = [move for move in moves if move.round == number]
        if not any(move.moved for move in last):
            return moves, states, UNTOLD if any(move.is_open for move in last) else FIXED, []
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
    chance: float,
) -> Move:
    """A firm's answer, confirmed with fresh seeds, by an interval of this chance."""
    before, after = shown(state[firm]), shown(option)
    if option == state[firm]:
        return Move(number, firm, before, after, 0.0, 0.0, 0.0, 0.0, False)
    had, gets = (_signed(payoffs.of(one, fresh)[firm], sign) for one in (state, {**state, firm: option}))
    if not np.isfinite(had).any() and np.isfinite(gets).all():  # it had lost all its customers
        return Move(number, firm, before, after, searched, np.inf, np.inf, np.inf, True)
    both = np.isfinite(had) & np.isfinite(gets)
    gain, low, high = interval((gets - had)[both], chance)
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
