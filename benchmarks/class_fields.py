"""What each field of a class's form does alone: it is moved to both ends of its limits, in a game whose other teams do nothing.

    python benchmarks/class_fields.py                        all fields in two_cafes, web_shop and bank_branch, within a class's limits
    python benchmarks/class_fields.py --market               the same to the ends of what the market takes: what the limits are for
    python benchmarks/class_fields.py --alone                a team alone against the scenario's other firms
    python benchmarks/class_fields.py two_cafes --seeds 2    one scenario, two games a value

Six teams in one market, four rounds of six months. One writes one line in round 1 and nothing after it, the others nothing at
all. A factor is its total over its total on the default plan, both summed over the same seeds. A plan beyond the budget is
refused as it is in a class; of an amount the most that the budget allows is taken. Exit status 1 if a field alone makes the total
`BAR` times what it was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.classroom import desk, moves, scores
from sim.classroom.decisions import Decision, planned_cost
from sim.classroom.markets import Table
from sim.classroom.settings import Settings, settings_of
from sim.policies.plan import WORDS, bounds_of
from sim.scenario import load
from sim.scenario.parameters import PlanTable

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCENARIOS = ("two_cafes", "web_shop", "bank_branch")
BAR = 3.0
STEPS = 60
"""Halvings of an amount until it fits the budget."""


def settings(scenario: str, seed: int, *, market: bool = False, alone: bool = False) -> Settings:
    """The game: six teams in one market, or one alone."""
    own = load(scenario)
    wide = {name: ends for name in PlanTable.model_fields if (ends := bounds_of(name))} if market else {}
    return settings_of(own, teams=1 if alone else 6, alone=alone, rounds=4, months=6, seed=seed, limits=wide)


def values(given: Settings) -> Iterator[tuple[str, Any]]:
    """Each field with the values that it is moved to: both ends of a number, each word, yes and no; not the default's own."""
    default = given.own.firms[given.own.focus].plan
    for name in PlanTable.model_fields:
        ends = given.bounds.get(name) or bounds_of(name)
        ways: tuple[Any, ...] = (False, True) if ends is None else ends
        for value in WORDS.get(name, ways):
            if value != getattr(default, name):
                yield name, int(value) if name == "messages" else value


def total(given: Settings, plan: dict[str, Any]) -> float:
    """The first team's total after all rounds, with one plan from round 1 on."""
    with tempfile.TemporaryDirectory() as folder:
        term = Path(folder) / "term"
        desk.new_game(term, given)
        if plan:
            desk.change(term, lambda game: [moves.hand_in(game, 0, Decision(plan), {}, "", NOW)])
        for _ in range(given.rounds):
            game = desk.advance(term, NOW)
        return scores.team_scores(game)[0].total


def affordable(given: Settings, name: str, value: Any) -> Any:
    """The value, or what the budget allows of an amount; None for a word that it does not allow."""
    facts = Table(given, 0).facts(0)
    budget = desk.default_budget(facts)
    if planned_cost(Decision({name: value}), facts) <= budget:
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    default = getattr(given.own.firms[given.own.focus].plan, name)
    low, high = float(default if isinstance(default, (int, float)) else 0.0), float(value)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = planned_cost(Decision({name: middle}), facts) <= budget
        low, high = (middle, high) if fits else (low, middle)
    return int(low) if name == "messages" else float(f"{low:.3g}") if low >= 1000 else round(low, 2)


def one(scenario: str, seeds: int, *, market: bool, alone: bool) -> float:
    """Print all fields of a scenario, the strongest last; the highest factor."""
    games = [settings(scenario, seed, market=market, alone=alone) for seed in range(1, seeds + 1)]
    usual = [total(given, {}) for given in games]
    print(f"{scenario}: {sum(usual) / seeds:,.0f} on the default plan ({seeds} seeds)", flush=True)
    found: list[tuple[float, str]] = []
    for name, end in values(games[0]):
        value = affordable(games[0], name, end)
        if value is None:
            print(f"  {name} = {end}: beyond the budget", flush=True)
            continue
        moved = [total(given, {name: value}) for given in games]
        better = sum(m > u for m, u in zip(moved, usual, strict=True))
        factor = sum(moved) / sum(usual)
        found.append((factor, f"{name} = {value}"))
        print(
            f"  {name} = {value}{' (budget)' if value != end else ''}: × {factor:.2f}, better in {better} of {seeds}",
            flush=True,
        )
    best = sorted(found, reverse=True)[:3]
    print(f"  the strongest alone: {', '.join(f'{said} (× {factor:.2f})' for factor, said in best)}")
    return best[0][0]


def main() -> int:
    """Print every scenario; 1 if some field alone makes the total `BAR` times what it was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--market", action="store_true")
    parser.add_argument("--alone", action="store_true")
    args = parser.parse_args()
    highest = max(one(name, args.seeds, market=args.market, alone=args.alone) for name in args.scenario)
    print(
        f"highest factor {highest:.2f}, bar {BAR:g}: {'met' if highest < BAR else 'a field alone wins the game'}"
    )
    return 0 if highest < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
