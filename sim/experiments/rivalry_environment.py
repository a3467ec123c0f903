"""The market as a game of PettingZoo's: firms are agents, a step is some months, rewards are profits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from gymnasium.spaces import Box, MultiDiscrete
from pettingzoo import ParallelEnv

from sim.market import Market
from sim.policies import Plan, Policy
from sim.scenario.words import LEVELS, STRATEGIES

if TYPE_CHECKING:
    from sim.policies import View
    from sim.scenario import Scenario


class Lever(NamedTuple):
    """One decision of an agent: its name and what each number stands for."""

    name: str
    choices: tuple[Any, ...]


ACTIONS = (
    Lever("price", (0.9, 0.95, 1.0, 1.05, 1.1)),
    Lever("advertising", (0.0, 0.5, 1.0, 1.5, 2.0)),
    Lever("level", LEVELS),
    Lever("strategy", STRATEGIES),
    Lever("messages", (0, 1, 2, 4, 8)),
    Lever("discount", (0.0, 0.05, 0.1)),
    Lever("social", (False, True)),
)
"""What an action decides, in its order. `price` and `advertising` are times those of the firm's plan in the scenario."""

OWN = (
    "share of the months done",
    "season",
    "revenue a head",
    "profit a head",
    "permission base",
    "complaints voiced",
)
PUBLIC = ("price", "trial_discount", "mean_discount")
"""What an agent sees: of itself, then of each firm in the scenario's order (itself too). Heads, and all shares, are of the market."""

MOST = 1e6


class Told(Policy):
    """Does what an agent said."""

    def __init__(self, usual: float) -> None:
        self.usual = usual
        self.said: dict[str, Any] | None = None

    def decide(self, view: View) -> Plan:
        """The agent's decisions; before the first the plan as the scenario has it."""
        if self.said is None:
            return Plan()
        said = dict(self.said)
        said["price"] = min(10.0, max(0.1, said["price"] * view.plan.price))
        said["advertising"] = said["advertising"] * self.usual
        return Plan(**said)


class Rivalry(ParallelEnv):  # type: ignore[misc]
    """Firms of a scenario as agents that decide at the same time; see `sim.experiments.rivalry`."""

    metadata: ClassVar[dict[str, Any]] = {"name": "tenfold_rivalry_v0", "render_modes": ["ansi"]}

    def __init__(
        self, scenario: Scenario, *, step: int, equity: bool, seed: int, render_mode: str | None
    ) -> None:
        self.scenario, self.step_months, self.equity, self.render_mode = scenario, step, equity, render_mode
        self.possible_agents = list(scenario.firms)
        self.agents: list[str] = []
        self.next_seed = seed
        count = len(OWN) + len(PUBLIC) * len(self.possible_agents)
        self._seen = {a: Box(-MOST, MOST, (count,), np.float64) for a in self.possible_agents}
        self._done = {a: MultiDiscrete([len(one.choices) for one in ACTIONS]) for a in self.possible_agents}
        self.market: Market | None = None

    def observation_space(self, agent: str) -> Box:
        """float64 (6 + 3 firms,): `OWN`, then `PUBLIC` of each firm."""
        return self._seen[agent]

    def action_space(self, agent: str) -> MultiDiscrete:
        """A whole number for each of `ACTIONS`."""
        return self._done[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
        """A market before its first month; without a seed the next one."""
        if seed is not None:
            self.next_seed = int(seed)
        self.policies = {
            name: Told(
                0.30 * self.scenario.market.customers
                if one.plan.advertising is None
                else one.plan.advertising
            )
            for name, one in self.scenario.firms.items()
        }
        self.market = Market(self.scenario, seed=self.next_seed)
        for name, policy in self.policies.items():
            self.market.firm(name).policy = policy
        self.seed_of_market, self.next_seed = self.next_seed, self.next_seed + 1
        self.agents = list(self.possible_agents)
        return self._observations(), {agent: {"seed": self.seed_of_market} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Some months with these decisions; rewards are each firm's profit in them, for each head of the market."""
        if not self.agents or self.market is None:
            return {}, {}, {}, {}, {}
        market, agents = self.market, self.agents
        for agent in agents:
            self.policies[agent].said = decisions(actions[agent])
        first = market.month
        for _ in range(min(self.step_months, market.months - first)):
            market.step()
        is_over = market.month >= market.months
        earned = np.sum(market.metrics["profit"][first:], axis=0) / len(market.customers)
        if is_over and self.equity:
            earned = earned + np.nan_to_num(market.metrics["customer_equity"][-1]) / len(market.customers)
        rewards = {agent: float(earned[market.firm(agent).place]) for agent in agents}
        seen = self._observations()
        infos: dict[str, dict[str, Any]] = {agent: {"month": market.month} for agent in agents}
        self.agents = [] if is_over else agents
        return seen, rewards, dict.fromkeys(agents, False), dict.fromkeys(agents, is_over), infos

    def render(self) -> str | None:
        """The firms as they stand, as text."""
        if self.render_mode is None or self.market is None or not self.market.month:
            return None
        from sim.runs import Run

        return f"month {self.market.month}\n{Run(self.market).firms[['customers', 'share', 'profit']].to_string()}"

    def close(self) -> None:
        """Let the market go."""
        self.market = None

    def _observations(self) -> dict[str, np.ndarray]:
        return {agent: self._seen_by(agent) for agent in self.agents}

    def _seen_by(self, agent: str) -> np.ndarray:
        """What a firm can see: its books, its list, and public prices; nothing of rivals' books and no true state."""
        market = self.market
        assert market is not None
        place, heads = market.firm(agent).place, len(market.customers)
        season = self.scenario.market.season
        own = [market.month / market.months, float(season[market.month % len(season)]) if season else 1.0]
        for metric in ("revenue", "profit", "permission_base", "voiced"):
            last = float(market.metrics[metric][-1][place]) if market.month else 0.0
            own.append((last if np.isfinite(last) else 0.0) / heads)
        public = [market.public[name][key] for name in self.possible_agents for key in PUBLIC]
        return np.clip(np.array([*own, *public], dtype=np.float64), -MOST, MOST)


def decisions(action: Any) -> dict[str, Any]:
    """What an action's numbers stand for."""
    return {one.name: one.choices[int(k)] for one, k in zip(ACTIONS, action, strict=True)}
