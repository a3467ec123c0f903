"""Rivals that react: each firm in turn takes its best policy against the others, until nobody moves or it goes round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from sim.experiments.design import label
from sim.experiments.studies import Study, about, rows_of
from sim.show.numbers import nice

if TYPE_CHECKING:
    from sim.scenario import Scenario

FIXED, UNTOLD, CYCLE, MOVING = "fixed point", "not told from luck", "cycle", "still moving"

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

    @property
    def is_open(self) -> bool:
        """Whether luck hides if the answer is better: fresh seeds say neither that it is, nor that it is not."""
        return not self.moved and not self.high <= 0.0


class Rivals(Study):
    """How firms answered each other.

    Attributes
    ----------
    table : DataFrame
        A row an answer: `round`, `firm`, `before`, `after` (the best that was found), `searched` (its gain over `before` with
        the seeds of the search), `gain`, `low`, `high` (the same with fresh seeds; the intervals of all answers hold together with
        95 %), `moved`: only where `low` is above 0.
    goals : DataFrame
        A row a state and firm: `state` (0 is today; then after each move), `firm`, `policy`, `value` of the goal (mean over the fresh
        seeds: those that confirmed the moves, so that gains of who moved are a little high).
    end : str
        `fixed point`: each firm has the best that was found, or fresh seeds say surely that the best is no better; `not told from
        luck`: nobody moves, but a firm's best answer may be better than what it has (`high` above 0); `cycle`: firms come round to
        where they were; `still moving`.
    chance : float, of each interval. policies : dict, firm -> policy at the end.
    cycle : list of dict, the states that follow each other round; [] if none.
    """

    kind = "rivals"

    def __init__(
        self, scenario: Scenario, goal: str, seeds: Sequence[int], moves: Sequence[Move], states: Sequence[State],
        end: str, cycle: Sequence[State], goals: pd.DataFrame, chance: float,
    ) -> None:  # fmt: skip
        self.scenario, self.goal, self.seeds, self.end = scenario, goal, list(seeds), end
        self.policies, self.cycle = dict(states[-1]), list(cycle)
        self.table = pd.DataFrame(list(moves), columns=list(Move._fields))
        self.goals, self.chance = goals, chance
        for table in (self.table, self.goals):
            cast(Any, table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the tables carry in their `attrs`."""
        return about(
            self.scenario,
            self.seeds,
            focus=self.scenario.focus,
            goal=self.goal,
            end=self.end,
            chance=self.chance,
        )

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
        if self.end == UNTOLD:
            last = [Move(*row) for row in self.table.itertuples(index=False) if row.round == rounds]
            maybe = [move.firm for move in last if move.is_open]
            after = f"After {moves} move{'s' if moves > 1 else ''} nobody" if moves else "Nobody"
            return (
                f"{after} surely moves: {_told(self.policies)}; but luck hides whether {' and '.join(maybe)} "
                f"ha{'ve better answers' if len(maybe) > 1 else 's a better answer'}. More fresh seeds tell."
            )
        if self.end == CYCLE:
            return f"It goes round: {' → '.join(_told(state) for state in self.cycle)} → again."
        return f"After {rounds} round{'s' if rounds > 1 else ''} firms still move; at the end {_told(self.policies)}."

    @property
    def notes(self) -> list[str]:
        """What it did to the firms, a sentence each."""
        said = []
        first, last = self.goals["state"].min(), self.goals["state"].max()
        for firm in self.scenario.firms:
            rows = self.goals[self.goals["firm"] == firm].set_index("state")["value"]
            if last > first:
                said.append(f"{firm}: {self.goal} {nice(rows[first])} today, {nice(rows[last])} at the end.")
        sure = "A firm moves only where fresh seeds say surely that its answer is better: the intervals of all answers"
        return [*said, f"{sure} hold together with 95 %, each at {100 * self.chance:.4g} %."]

    def plot(self, ax: Any = None) -> Any:
        """Draw it. `ax`: where to draw; a new figure unless given."""
        from sim.show.rivals import rivals as draw

        return draw(self.goals, ax)

    def _found(self) -> Scenario:
        return with_policies(self.scenario, self.policies)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"answers": self.table, "goals": self.goals}

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {
            **self.about, "headline": self.headline, "notes": self.notes, "policies": self.policies, "cycle": self.cycle,
            "answers": rows_of(self.table), "goals": rows_of(self.goals),
        }  # fmt: skip

    def _what(self) -> str:
        return f"{self.goal}, {self.scenario.market.months} months"


def _told(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{firm} {shown(policy)}" for firm, policy in state.items())


def shown(policy: Any) -> str:
    """A policy in a few words; of one with many parameters its name."""
    text = "own plan" if policy is None else label(policy)
    return text if len(text) <= 44 else f"{policy['name']} (…)"


def with_policies(scenario: Scenario, state: Mapping[str, Any]) -> Scenario:
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
