"""The sales force: who knows the account, what leaves with a person, what calls, automation and one view bring."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import sim
from sim.ledger import C
from sim.market import Market
from sim.mechanisms.sales_force import (
    calls_made,
    chance_contradiction,
    next_adoption,
    next_private,
    next_shared,
    personal_loss,
)
from sim.scenario import load

T = "mechanisms.sales_force."
OWN = f"{T}firms.Brunnen."
STAY = {f"{T}pay_keeps": 1.0, f"{T}firms.Nordpumpe.loyalty_pay": 1.0, f"{T}firms.Quelle.loyalty_pay": 1.0,
        f"{T}representative_turnover": 0.05, f"{T}pay_cost": 0.0}  # fmt: skip
"""Only Brunnen's representatives leave."""


@cache
def run(seed=1, months=30, policy=None, change=(), **own):
    given = {**dict(change), **{OWN + name: value for name, value in own.items()}}
    market = Market(
        "field_sales",
        seed=seed,
        months=months,
        change=given,
        policies={"Brunnen": policy} if policy else None,
    )
    market.run_model()
    return market


def profit(market):
    return sum(market.ledger.profit(month)[0] for month in range(len(market.ledger.months))) / 100.0


def last(market, name):
    return market.metrics[name][-1][0]


def p():
    return load("field_sales").mechanisms.sales_force


def test_the_equations_keep_their_laws():
    assert calls_made(60.0, 1.0, 1.0, p()) > 60.0 > calls_made(60.0, 0.0, 1.0, p())
    assert (
        next_adoption(0.0, 1.0, 0.0, p()) < next_adoption(0.0, 1.0, 1.0, p())
        and next_adoption(0.0, 0.0, 1.0, p()) == 0.0
    )
    unaided, speed = p().unaided_adoption, p().adoption_speed
    assert next_adoption(0.0, 1.0, 0.5, p()) == pytest.approx(speed * (unaided + (1.0 - unaided) / 2))
    assert next_adoption(0.4, 0.5, 0.0, p()) == pytest.approx(0.4 + speed * (0.5 * unaided - 0.4))
    assert next_private(0.0, 1.0, p()) == p().call_learning and next_private(0.5, 0.0, p()) < 0.5
    assert (
        next_shared(0.0, 0.8, 0.0, 1.0, p())
        == 0.0
        < next_shared(0.0, 0.8, 1.0, 0.0, p())
        < next_shared(0.0, 0.8, 1.0, 1.0, p())
    )
    assert personal_loss(1.0, 0.0, 1.0, p()) == p().personal_bond and personal_loss(1.0, 1.0, 1.0, p()) == 0.0
    assert personal_loss(1.0, 1.0, 0.0, p()) == p().personal_bond, (
        "a database that nobody may read covers nothing"
    )
    assert chance_contradiction(1.0, 0.0, p()) == 0.0 == chance_contradiction(6.0, 1.0, p())
    assert chance_contradiction(2.0, 0.0, p()) == pytest.approx(p().contradiction)
    points = np.arange(1.0, 7.0)
    agree = [(1.0 - p().contradiction) ** k for k in (0, 1, 3, 6, 10, 15)]
    assert chance_contradiction(points, np.zeros(6), p()) == pytest.approx(1.0 - np.array(agree))
    always = p().model_copy(update={"contradiction": 1.0})
    assert chance_contradiction(points, np.zeros(6), always).tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_turnover_destroys_value_less_with_the_shared_database():
    losses = []
    for database in (0.0, 1.0):
        kept, left = (
            np.array([profit(run(seed, change=tuple(STAY.items()), shared_database=database, loyalty_pay=pay)) for seed in (1, 2, 3)])
            for pay in (1.0, 0.0)
        )  # fmt: skip
        losses.append(kept - left)
    without, with_it = losses
    assert without.mean() > 0 and with_it.mean() < 0.8 * without.mean()
    assert (without > with_it).sum() >= 2


def test_the_database_fills_only_where_it_is_asked_for_and_faster_with_automation_that_is_used():
    none, hand, bought, used = (
        last(run(months=18, **own), "known_to_firm")
        for own in (
            {}, {"shared_database": 1.0}, {"shared_database": 1.0, "automation": 1.0},
            {"shared_database": 1.0, "automation": 1.0, "adoption_support": 1.0},
        )
    )  # fmt: skip
    assert none == 0.0 < hand < bought < used
    assert last(run(months=18, automation=1.0), "automation_in_use") < 0.2


def test_calls_by_revenue_or_value_go_to_the_large_accounts_and_pay():
    alike, revenue, value = (
        [run(seed, allotment=word) for seed in (1, 2, 3)] for word in ("equal", "revenue", "value")
    )
    assert min(map(profit, revenue)) > 0
    for rule in (revenue, value):
        assert np.mean([profit(m) for m in rule]) > np.mean([profit(m) for m in alike])
    c, market = revenue[0].customers, revenue[0]
    own = np.flatnonzero(
        (c.supplier == 0) & (c.private_knowledge > 0)
    )  # the others' representative has just left
    large = c.recent_spend[0, own] > np.median(c.recent_spend[0, own])
    assert c.private_knowledge[own][large].mean() > 1.4 * c.private_knowledge[own][~large].mean()
    assert market.metrics["representatives_lost"][0].shape == (3,)


def test_systems_are_paid_by_representative_and_by_own_customer():
    decided = {"automation": 0.5, "adoption_support": 0.4, "shared_database": 0.8, "departments": 0.5, "single_view": 0.3}  # fmt: skip
    change = {"market.customers": 300, **{OWN + name: value for name, value in decided.items()}}
    market = Market("field_sales", seed=1, months=2, change=change)
    for month in range(2):
        for stage in market.pass_unmeasured():
            if stage == "relate":
                heads = np.count_nonzero(market.customers.supplier == 0)
        cost = 6 * p().automation_cost * 0.5 * 1.4 + heads * p().database_cost * (0.8 + 0.5 * 0.8 + 0.3)
        assert market.ledger.months[month][0, market.ledger.places["sales_systems"]] == round(100 * cost)


def test_contact_points_contradict_each_other_until_one_view_ends_it():
    one, four, seen = (
        run(months=18, **own)
        for own in (
            {"shared_database": 1.0}, {"shared_database": 1.0, "contact_points": 4},
            {"shared_database": 1.0, "contact_points": 4, "single_view": 1.0},
        )
    )  # fmt: skip
    failures = [sum(m.ledger.counts)[0, C["failures"]] for m in (one, four, seen)]
    assert failures[1] > 1.5 * failures[0] and failures[2] < 1.2 * failures[0]
    assert profit(four) < profit(seen)
    blind = run(months=18, contact_points=4, single_view=1.0)
    assert sum(blind.ledger.counts)[0, C["failures"]] > 1.5 * failures[0], (
        "there is no one view without the database"
    )


def first_month(until, change=(), prepare=lambda c: None):
    """Customers and firms of a market of 300, when a stage of the first month is over."""
    market = Market("field_sales", seed=1, months=1, change={"market.customers": 300, **dict(change)})
    prepare(market.customers)
    stages = market.pass_stages()
    while next(stages) != until:
        pass
    return market.customers, market.month_of_firms


@pytest.mark.parametrize("view", [0.0, 0.6])
def test_contact_points_lose_complaints_and_tire_accounts_as_far_as_they_share_no_view(view):
    quiet = {f"{T}contradiction": 0.0, f"{T}specialist_gain": 0.0,
             OWN + "shared_database": 1.0, OWN + "single_view": view}  # fmt: skip
    (c, firms), (torn, of_torn) = (first_month("serve", {**quiet, OWN + "contact_points": n}) for n in (1, 4))
    lost, tired = p().lost_complaints * 0.75 * (1.0 - view), 3 * p().overlap_fatigue * (1.0 - view)
    share = of_torn.recovery_chance / firms.recovery_chance
    assert share == pytest.approx([1.0 - lost, 1.0, 1.0]) and lost > 0.05
    mine = c.supplier == 0
    assert np.array_equal(c.supplier, torn.supplier) and mine.any()
    assert 1.0 - torn.fatigue[0, mine] == pytest.approx((1.0 - c.fatigue[0, mine]) * (1.0 - tired), rel=1e-6)
    assert np.array_equal(torn.fatigue[:, ~mine], c.fatigue[:, ~mine])


def test_departments_that_read_the_database_recover_and_design_better():
    def know(c):
        c.shared_knowledge[c.supplier == 0] = 0.5

    (_, plain), (_, read) = (
        first_month("decide", {OWN + "shared_database": 0.8, OWN + "departments": share}, know)
        for share in (0.0, 1.0)
    )
    more = np.array([0.8 * 0.5, 0.0, 0.0])
    assert read.recovery_chance == pytest.approx(
        plain.recovery_chance * (1.0 + p().department_recovery * more)
    )
    assert read.quality == pytest.approx(plain.quality + p().department_quality * more)


def test_an_account_stays_with_who_knows_it():
    def know(c):
        c.private_knowledge[c.supplier >= 0], c.loyalty[:], c.pending[:], c.aware[:] = 1.0, 0.0, 1, 1

    stranger, known = (first_month("buy", {f"{T}knowledge_value": value}, know)[0] for value in (0.0, 4.0))
    stayed = [np.mean((c.supplier == c.supplier_before)[c.supplier_before >= 0]) for c in (stranger, known)]
    assert 0.1 < stayed[0] < stayed[1] - 0.1
    assert np.array_equal(stranger.belief, known.belief), "only for the choice"


def test_each_mood_is_counted_once_where_contact_points_contradict_each_other():
    given = {"market.customers": 300, OWN + "contact_points": 4, "serve.recoveries.apology.chance": 0.0}
    agreed, torn = (
        Market("field_sales", seed=1, months=1, change={**given, f"{T}contradiction": chance})
        for chance in (0.0, 1.0)
    )
    for market in (agreed, torn):
        stages = market.pass_stages()
        while next(stages) != "serve":
            pass
    c = agreed.customers
    mine = c.supplier == 0
    moods = [np.count_nonzero(mine & (c.mood == mood) & (c.mood_firm == 0)) for mood in (-1, 1)]
    assert min(moods) > 0 and (torn.customers.mood[mine] == -1).all()
    counts, before = (market.ledger.current_counts[0] for market in (torn, agreed))
    assert counts[C["happy"]] == before[C["happy"]] - moods[1]
    assert counts[C["unhappy"]] == before[C["unhappy"]] + mine.sum() - moods[0]


def test_who_knows_the_account_starts_anew_with_each_supplier():
    market = run(months=18)
    c = market.customers
    fresh = (c.supplier >= 0) & (c.tenure == 1)  # won in the last month: the former supplier may have called
    assert fresh.any() and (c.private_knowledge[fresh] == 0).all()
    assert (c.private_knowledge[c.supplier < 0] == 0).all()


def test_the_policy_shares_and_pays():
    plain = np.mean([profit(run(seed, months=48)) for seed in (1, 2, 3)])
    shared = np.mean([profit(run(seed, months=48, policy="shares_what_it_knows")) for seed in (1, 2, 3)])
    assert shared > 1.02 * plain


def test_who_is_laid_off_takes_what_he_knows_and_his_bonds_with_him():
    class Tires(sim.Policy):
        def __init__(self, left: int) -> None:
            self.left = left

        def decide(self, view):
            return sim.Plan(
                mechanisms={"sales_force": {"representatives": 5 if view.month < 3 else self.left}}
            )

    quiet = {"market.customers": 300, f"{T}representative_turnover": 0.0}
    kept, fewer, none = (
        sim.run("plain", months=5, change=quiet, policies={"North": Tires(left)}).market for left in (5, 3, 0)
    )
    known = [[row[0] for row in market.metrics["known_to_representatives"]] for market in (kept, fewer, none)]
    assert known[0][:3] == known[1][:3] == known[2][:3] and min(known[0]) > 0.1
    assert known[2][3:] == [0.0, 0.0] and 0.3 * known[0][3] < known[1][3] < 0.9 * known[0][3]
    loyal = [market.metrics["loyalty"][3][0] for market in (kept, fewer, none)]
    assert loyal[0] > loyal[1] > loyal[2]
