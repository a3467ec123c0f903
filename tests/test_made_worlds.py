"""Worlds of every kind, made by Hypothesis: money to the cent, people conserved, ranges and counts in every month."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from attacks.invariants import Watch
from attacks.world import world
from attacks.worlds import attack

from sim.ledger import A, C
from sim.market import Market
from sim.scenario import Scenario
from sim.scenario.validation import validate


def test_the_laws_hold_in_worlds_of_every_kind():
    assert attack(30, months=13) >= 30


def small():
    market = Market(Scenario("small", validate(world())), seed=11, months=4)
    watch = Watch(market)
    market.step()
    assert watch.after_month() == []
    market.step()
    return market, watch


SPOILT = {
    "profit_cents and the ledger": lambda m: m.ledger.months[-1].__setitem__((0, A["bonds"]), 7),
    "year_spent_cents and the ledger": lambda m: m.customers.year_spent_cents.__iadd__(
        m.customers.supplier == 1
    ),
    "recovery is negative": lambda m: m.ledger.months[-1].__setitem__((1, A["recovery"]), -1),
    "are not": lambda m: m.ledger.counts[-1].__setitem__((0, C["won"]), 900),
    "departures on record": lambda m: m.departures.clear(),
    "a slot was refilled more than once": lambda m: m.customers.generation.__setitem__(3, 40),
    "the history does not hold": lambda m: m.customers.supplier_history.__setitem__((1, 5), 2),
    "trust is": lambda m: m.customers.trust.__setitem__(9, 1.5),
    "belief is not finite": lambda m: m.customers.belief.__setitem__((1, 9), np.nan),
    "supplier names a firm that there is not": lambda m: (
        m.customers.left_for.__setitem__(9, 3) or m.customers.mood_firm.fill(3)
    ),
    "bad news told is not bad news heard": lambda m: m.customers.told_bad.__setitem__((0, 0), 3_000),
    "voiced": lambda m: m.ledger.counts[-1].__setitem__((0, C["voiced"]), 10_000),
    "skill of Close": lambda m: setattr(m.firms[1], "skill", 1.1),
    "the market's norm": lambda m: setattr(m, "norm", np.inf),
}


@pytest.mark.parametrize("words", SPOILT)
def test_what_does_not_hold_is_told(words):
    market, watch = small()
    SPOILT[words](market)
    told = watch.after_month()
    assert any(words.removeprefix("supplier ") in one for one in told), told
