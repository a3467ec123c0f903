"""A round of a class game: markets whose firms do what their teams decided, and what came of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.classroom.decisions import Decision, Facts, trial_discount_left
from sim.classroom.outcomes import outcome
from sim.classroom.settings import Settings
from sim.ledger import A, C
from sim.model_version import MODEL_VERSION
from sim.policies import Plan, Policy, View
from sim.rules import compile_rule
from sim.scenario.database import vocabulary

Rounds = Sequence[Mapping[int, Decision]]
"""For each round, from the first, each team's decision."""

Progress = Callable[[int, int], None]


class TeamPolicy(Policy):
    """Does each month what the team decided for the round; counts how often each of its rules fired."""

    def __init__(self, months: int, segments: Sequence[str]) -> None:
        self.months = months
        self.segments = tuple(segments)
        self.decisions: list[Decision] = []
        self.fired: list[int] = []
        self._rules: list[Any] = []
        self._round = -1

    def decide(self, view: View) -> Plan:
        """The round's plan, and its rules for the customers for whom they hold; the last round's for what comes after."""
        number = min(view.month // self.months, len(self.decisions) - 1)
        decision = self.decisions[number]
        if number != self._round:
            words = vocabulary(self.segments)
            self._rules = [compile_rule(rule["if"], words) for rule in decision.rules]
            self.fired, self._round = [0] * len(self._rules), number
        plan = Plan(**decision.plan)
        for i, (rule, said) in enumerate(zip(self._rules, decision.rules, strict=True)):
            mask = rule(view.customers)
            self.fired[i] += int(mask.sum())
            plan = plan.where(mask, **said["then"])
        return plan


class Played(NamedTuple):
    """What came of a round in one market: its hash, and a mapping of what came of it for each team."""

    state_hash: str
    outcomes: dict[int, dict[str, Any]]
    public: list[dict[str, Any]]


class Records:
    """A firm's records as they stood at a round's end: plain columns, which may cross a process."""

    def __init__(self, database: Any) -> None:
        self.columns = {name: np.array(database[name]) for name in database}
        self.n = len(database)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class Table:
    """One market of a game, at the end of some round.

    Parameters
    ----------
    settings : Settings. number : int, which market, from 0.
    seed : int, other luck than the game's, for the luck-adjusted score.
    """

    def __init__(self, settings: Settings, number: int, seed: int | None = None) -> None:
        from sim.market import Market

        self.settings = settings
        self.number = number
        self.teams = dict(settings.members(number))
        world = settings.world
        policies = {firm: TeamPolicy(settings.months, tuple(world.segments)) for firm in self.teams.values()}
        spare = [name for name in world.firms if name.startswith("Firm ") and name not in policies]
        self.market = Market(
            world, months=settings.rounds * settings.months, seed=settings.seed if seed is None else seed,
            policies={**policies, **dict.fromkeys(spare if not settings.alone else [], "status_quo")},
        )  # fmt: skip

    @property
    def rounds_done(self) -> int:
        """Rounds that were played."""
        return self.market.month // self.settings.months

    def give(self, rounds: Rounds) -> None:
        """Tell the teams' firms what was decided for the rounds so far."""
        for team, firm in self.teams.items():
            policy = self.market.firm(firm).policy
            assert isinstance(policy, TeamPolicy)
            policy.decisions = [decided[team] for decided in rounds]

    def play(self, rounds: Rounds) -> Played:
        """Play on to the end of the last of these rounds; what came of that round."""
        self.give(rounds)
        result = None
        while self.rounds_done < len(rounds):
            result = self._one_round()
        if result is None:
            raise ValueError(f"rounds: {self.rounds_done} are played already (got {len(rounds)})")
        return result

    def _one_round(self) -> Played:
        before = [int(heads) for heads in self.market.heads[-1]] if self.market.heads else self._heads()
        for _ in range(self.settings.months):
            self.market.step()
        months = self.settings.months
        outcomes = {
            t: outcome(self.market, self.market.firm(f), months, before, self.settings.scoring)
            for t, f in self.teams.items()
        }
        for team in self.teams:
            outcomes[team]["seen"]["trial_discount_left"] = self._trial_discount_left(team)
        own = {firm: team for team, firm in self.teams.items()}
        public = [
            {
                "team": own.get(name),
                "firm": name,
                "price": said["price"],
                "trial_discount": said["trial_discount"],
            }
            for name, said in self.market.public.items()
        ]
        return Played(self.market.state_hash, outcomes, public)

    def _heads(self) -> list[int]:
        """Customers of each firm before the first month."""
        return [int((self.market.customers.supplier == firm.place).sum()) for firm in self.market.firms]

    def facts(self, team: int) -> Facts:
        """What is known about a team's firm now, for the check of its next plan."""
        firm = self.market.firm(self.teams[team])
        heads = self.market.heads[-1][firm.place] if self.market.heads else self._heads()[firm.place]
        agents = firm.staff if firm.staff is not None else self._first_staff(firm, int(heads))
        won, basket = self._first_purchases(firm) if self.settings.scoring > 1 else (0.0, 0.0)
        return Facts(
            self.market.tables, firm.table.plan, int(heads), float(agents), View(self.market, firm).customers,
            won, basket,
        )  # fmt: skip

    def _trial_discount_left(self, team: int) -> float | None:
        """What the budget leaves of a team's trial discount if its plan is repeated; None where all of it stays."""
        if self.settings.budget is None:
            return None
        policy = self.market.firm(self.teams[team]).policy
        assert isinstance(policy, TeamPolicy)
        least = self.settings.bounds.get("trial_discount", (0.0, 0.0))[0]
        return trial_discount_left(
            policy.decisions[self.rounds_done - 1], self.facts(team), self.settings.budget, least
        )

    def _first_purchases(self, firm: Any) -> tuple[float, float]:
        """First purchases a month in the last round, and an order of it at the market's list price, in money; 0 before one."""
        months = self.settings.months
        if not self.market.heads:
            return 0.0, 0.0
        books = np.sum([book[firm.place] for book in self.market.ledger.months[-months:]], axis=0)
        counts = np.sum([book[firm.place] for book in self.market.ledger.counts[-months:]], axis=0)
        paid = ("revenue", "discounts", "trial_discounts", "win_back_discounts")
        listed = sum(int(books[A[name]]) for name in paid) / 100.0 / firm.plan.price
        return float(counts[C["won"]]) / months, listed / max(int(counts[C["orders"]]), 1)

    def _first_staff(self, firm: Any, heads: int) -> float:
        """Agents that the load of the first month would need, roughly: an encounter a need and visit."""
        segments: list[Any] = list(self.market.tables.segments.values())
        share = sum(s.share or 0.0 for s in segments) or 1.0
        need = sum((s.share or share) * s.need_rate.mean for s in segments) / share
        return float(heads * need * self.market.tables.serve.encounter_load)


def key_of(settings: Settings, number: int, rounds: Rounds) -> str:
    """What a cached state is the state of: the game, the market, and all decisions in it so far."""
    own = [team for team, _ in settings.members(number)]
    decided = [{team: one[team].as_dict for team in own} for one in rounds]
    said = json.dumps([MODEL_VERSION, settings.as_dict, number, decided], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def table_at(settings: Settings, number: int, rounds: Rounds, cache: Path | None = None) -> Table:
    """A market at the end of these rounds: from the newest state in the cache that is of them, and played from there."""
    from sim.classroom.states import read_state

    table = Table(settings, number)
    if cache is not None:
        for done in range(len(rounds), 0, -1):
            file = state_file(cache, number, done)
            if file.is_file() and read_state(table.market, file, key_of(settings, number, rounds[:done])):
                break
    if table.rounds_done < len(rounds):
        table.play(rounds)
    else:
        table.give(rounds)
    return table


def play_market(
    settings: Settings, number: int, rounds: Rounds, cache: Path | None = None
) -> tuple[Played, Table]:
    """Play the last of these rounds in one market; its state at the end goes to the cache."""
    from sim.classroom.states import write_state

    table = table_at(settings, number, rounds[:-1], cache)
    played = table.play(rounds)
    if cache is not None:
        write_state(table.market, state_file(cache, number, len(rounds)), key_of(settings, number, rounds))
        with contextlib.suppress(OSError):  # held by another program: it stays
            state_file(cache, number, len(rounds) - 2).unlink(missing_ok=True)
    return played, table


def play_round(
    settings: Settings, rounds: Rounds, cache: Path | None = None, progress: Progress | None = None
) -> list[Played]:
    """Play the last of these rounds in all markets; the states at its end go to the cache."""
    played = []
    for number in range(settings.markets):
        played.append(play_market(settings, number, rounds, cache)[0])
        if progress:
            progress(number + 1, settings.markets)
    return played


def state_file(cache: Path, number: int, rounds: int) -> Path:
    """Where the state of a market after so many rounds is cached."""
    return cache / f"market-{number + 1}-round-{rounds}.state"
