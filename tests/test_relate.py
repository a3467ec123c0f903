"""Loyalty, trust, bonds: how they grow and wither, and what the relationship costs."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.behaviours import STAGES
from sim.ledger import A
from sim.market import Market
from sim.policies import Plan, Policy
from sim.scenario.words import LEVELS

GROWTH, LEVEL_COST = np.array([0.06, 0.09, 0.12, 0.16, 0.22]), np.array([0.0, 0.15, 0.50, 2.50, 14.0])
COLUMNS = ("supplier", "satisfaction", "loyalty", "trust", "tie", "bond_peak", "bonded", "month_profit_cents")
ALONE = {"market.served_at_start": 1.0, "market.initial_awareness": 0.0, "firms.North.initial_share": 1.0, "leave.base_exit": 0.0,
         "segments.everyone.exit_rate.mean": 0.0, "segments.everyone.exit_rate.varies": False, "market.customers": 300, "buy.outside": -50.0,
         **{f"firms.{f}.plan.advertising": 0.0 for f in ("North", "East", "South", "West")}}  # fmt: skip


def run_stages(market, *names):
    for stage in STAGES:
        if stage.name in names:
            market._stage = stage.name
            market.swaps.run(stage, market)


def before_relate(change, months_before=0, seed=3):
    """A market in the middle of a month: `serve` is done, `relate` comes next."""
    market = Market("plain", seed=seed, change=change)
    for _ in range(months_before):
        market.step()
    market.draws.begin(market.month)
    market.customers.clear_scratch()
    run_stages(market, "decide", "advertise", "contact", "buy", "serve")
    return market


@pytest.mark.parametrize(
    ("change", "months"),
    [(EVERYTHING, 0), (EVERYTHING, 14), (CONTRACTS, 14)],
    ids=["first", "everything", "contracts"],
)
def test_trust_loyalty_tie_and_peak_are_worked_in_that_order(change, months):
    market = before_relate(change, months)
    c = market.customers
    b = {n: getattr(c, n).astype(np.float64) for n in COLUMNS}
    run_stages(market, "relate")
    own = c.supplier >= 0
    self_service = np.array([f.plan.self_service for f in market.firms])[c.supplier]
    active = (c.bought > 0) | (c.visited > 0)
    trust = b["trust"] + np.where(
        active & (c.failed == 0), 0.04 * (1 - self_service / 2) * (1 - b["trust"]), 0.0
    )
    o, s, loyalty = c.relationship_orientation.astype(float), b["satisfaction"], b["loyalty"]
    grown = (
        GROWTH[c.level]
        * (1 - loyalty)
        * np.maximum(0, s + 0.3)
        * (0.5 + o)
        * (0.5 + trust)
        * (1 + 0.5 * c.social)
        * np.where(active, 1, 0.4)
    )
    loyalty = np.clip(
        loyalty + grown - 0.12 * loyalty * np.maximum(0, -s) - 0.01 * loyalty * (1 - c.level / 4), 0, 1
    )
    tie = np.clip(b["tie"] + np.where(c.structural != 0, 1 / 12, -1 / 24), 0, 1)
    peak = np.maximum(b["bond_peak"], 1.5 * loyalty * (0.5 + o) + 1.2 * tie)
    for name, expected in {"trust": trust, "loyalty": loyalty, "tie": tie, "bond_peak": peak}.items():
        assert np.allclose(getattr(c, name)[own], expected[own], atol=1e-6), name
        assert np.array_equal(getattr(c, name)[~own], b[name][~own].astype(np.float32)), name
    assert np.allclose(c.satisfaction, 0.97 * s, atol=1e-6)


@pytest.mark.parametrize(("change", "months"), [(EVERYTHING, 0), (EVERYTHING, 14)], ids=["first", "later"])
def test_levels_bonds_and_personalization_are_booked_to_the_cent(change, months):
    market = before_relate({**change, "decide.contact_cost": 1.5}, months)
    c = market.customers
    bonded, profit = c.bonded.copy(), c.month_profit_cents.copy()
    run_stages(market, "relate")
    own, s = c.supplier >= 0, np.maximum(c.supplier, 0)
    levels = np.round(150 * LEVEL_COST)[c.level]
    bonds = 120 * c.social.astype(int) + c.structural.astype(int) * (225 + 4500 * (bonded == 0))
    share = np.array([f.plan.personalization for f in market.firms])
    rate = np.array([0.2 if f.plan.tailoring == "targeting" else 0.8 for f in market.firms])
    fitting = np.round(100 * rate * share**2)[s]
    for name, amount in {"levels": levels, "bonds": bonds, "personalization": fitting}.items():
        expected = np.bincount(s[own], np.broadcast_to(amount, own.shape)[own], minlength=4)
        assert np.array_equal(market.ledger.current[:, A[name]], expected), name
    assert np.array_equal((profit - c.month_profit_cents)[own], (levels + bonds + fitting)[own])
    assert (c.bonded[own & (c.structural != 0)] == 1).all()


def loyalty_after(months, **plan):
    change = {
        **ALONE,
        "serve.noise": 0.0,
        "firms.North.reliability": 1.0,
        **{f"firms.North.plan.{k}": v for k, v in plan.items()},
    }
    market = Market("plain", seed=3, months=months, change=change)
    market.run_model()
    return float(market.customers.loyalty.mean())


def test_loyalty_grows_faster_with_every_level_and_with_a_social_bond():
    by_level = [loyalty_after(12, level=level) for level in LEVELS]
    assert (np.diff(by_level) > 0.01).all()
    assert loyalty_after(12, level="reactive", social=True) > by_level[1] + 0.02


class BondFor(Policy):
    """A structural bond for so many months, then none."""

    def __init__(self, months):
        self.months = months

    def decide(self, view):
        return Plan(structural=view.month < self.months)


def test_a_tie_is_whole_after_a_year_and_gone_two_years_after_its_bond_stops():
    market = Market("plain", seed=3, months=40, change=ALONE, policies={"North": BondFor(14)})
    ties = []
    for _ in range(40):
        market.step()
        ties.append(market.customers.tie[market.customers.supplier == 0].astype(float))
    assert np.allclose(ties[5], 0.5, atol=1e-5) and np.allclose(ties[11], 1.0) and np.allclose(ties[13], 1.0)
    assert np.allclose(ties[25], 0.5, atol=1e-5) and np.allclose(ties[37], 0.0, atol=1e-5)


def test_a_structural_bond_is_set_up_once_a_relationship():
    market = Market("plain", seed=3, months=18, change={**ALONE, "firms.North.plan.structural": True})
    market.run_model()
    bonds = [book[0, A["bonds"]] for book in market.ledger.months]
    assert bonds[0] == 300 * 3150 and set(bonds[1:]) == {300 * 150}


def test_a_bond_that_pauses_is_not_set_up_again():
    class EveryOtherMonth(Policy):
        """A bond in even months."""

        def decide(self, view):
            return Plan(structural=view.month % 2 == 0)

    market = Market("plain", seed=3, months=6, change=ALONE, policies={"North": EveryOtherMonth()})
    market.run_model()
    assert [int(book[0, A["bonds"]]) for book in market.ledger.months] == [
        300 * 3150,
        0,
        300 * 150,
        0,
        300 * 150,
        0,
    ]


def test_a_newcomer_has_left_nobody_and_is_paid_for_nobody():
    market = Market("plain", seed=5, change={**EVERYTHING, "market.customers": 800})
    for _ in range(20):
        before = market.customers.generation.copy()
        market.step()
        c = market.customers
        new = c.generation != before
        for name, blank in {"left_from": -1, "left_for": -1, "left_month": -1, "teller": -1}.items():
            assert (getattr(c, name)[new] == blank).all(), name
        assert (c.left_because[new] == 0).all(), "a prospect's exit leaves 'need ended' on the newcomer"


def test_who_moves_into_a_slot_is_not_the_teller_of_what_was_told_before():
    market = Market("plain", seed=5, change={**EVERYTHING, "market.customers": 800})
    for _ in range(20):
        before = market.customers.generation.copy()
        market.step()
        new = np.flatnonzero(market.customers.generation != before)
        referred = np.isin(market.customers.teller, new)
        assert not referred.any(), (
            "the newcomer in a teller's slot would be paid the reward (7.7: pays the teller)"
        )


def always_price(
    price, failure, better, talk, messages, neglect, pull, pending_by, cause_weight, reason_above
):
    return 1


def test_a_swapped_equation_is_swapped_in_every_stage_that_uses_it():
    market = Market(
        "plain", seed=5, months=6, change=EVERYTHING, swap={"leave.departure_reason": always_price}
    )
    market.run_model()
    switches = np.concatenate([d["reason"][d["to"] >= 0] for d in market.departures])
    assert set(switches) == {1}, "buy uses the shipped leave.departure_reason, whatever is swapped"
