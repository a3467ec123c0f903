"""Measures by twins: where they part, what they share, and the laws that their figures keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim import metrics
from sim.intervals import fieller, student_t
from sim.ledger import C
from sim.market import Market
from sim.metrics.drivers import DRIVERS, Levelled, shapley
from sim.metrics.margins import _raise_plan
from sim.metrics.referral import _Credits
from sim.snapshots import Snapshot, advance, luck_of
from sim.value import ResponseCurve, best_spends

SMALL = {"market.customers": 500}


@pytest.fixture(scope="module")
def run():
    return sim.run("plain", seed=3, months=26, change=SMALL)


def test_a_market_goes_on_from_a_snapshot_to_the_same_bit(run):
    market = advance(run.like(), 20)
    snapshot = Snapshot(market)
    firsts = []
    for _ in range(2):
        advance(snapshot.restore(), 6)
        firsts.append((market.state_hash, {k: np.array(v) for k, v in market.metrics.items()}))
    assert firsts[0][0] == firsts[1][0] == run.hash
    for name, values in firsts[0][1].items():
        assert np.array_equal(values, firsts[1][1][name], equal_nan=True), name
        assert np.array_equal(values, np.array(run.market.metrics[name]), equal_nan=True), name


def test_what_a_policy_remembers_is_set_back_with_the_market():
    class Counting(sim.Policy):
        def __init__(self):
            self.calls = 0

        def decide(self, view):
            self.calls += 1
            return sim.Plan(advertising=10.0 * self.calls)

    run = sim.run("plain", months=10, change=SMALL, policies={"North": Counting()})
    market = advance(run.like(), 5)
    snapshot = Snapshot(market)
    advance(market, 5)
    advance(snapshot.restore(), 5)
    assert market.state_hash == run.hash and market.firms[0].policy.calls == 10


def test_fiellers_interval_ends_where_the_ratio_is_just_rejected():
    above, below = np.array([9.0, 11.0, 10.5, 12.0, 8.0]), np.array([2.0, 2.2, 1.8, 2.5, 1.9])
    ratio, low, high = fieller(above, below)
    assert ratio == pytest.approx(above.mean() / below.mean()) and low < ratio < high
    for end in (low, high):
        rest = above - end * below
        t = rest.mean() / (rest.std(ddof=1) / np.sqrt(5))
        assert abs(t) == pytest.approx(student_t(4))
    assert np.isnan(fieller(above, np.array([1.0, -1.0, 0.5, -0.4, 0.1]))).all()
    assert np.isnan(fieller(above[:1], below[:1])).all()


def test_marginal_costs_are_ratios_of_differences_and_more_advertising_costs_more(run):
    table = metrics.marginal_costs(run, levers=("advertising", "structural"), start=6, months=12, seeds=3)
    for row in table.itertuples():
        assert row.spend > 0 and row.seeds == 3
        if row.verdict == "identified":
            assert row.marginal_cost == pytest.approx(row.spend / row.gained)
            assert row.low < row.marginal_cost < row.high
        else:
            assert row.verdict == "not identified" and np.isnan([row.marginal_cost, row.low, row.high]).all()
    assert table.loc[0, "spend"] == pytest.approx(0.1 * 0.30 * 500 * 12, rel=0.05)


def test_twins_share_everything_until_they_part(run):
    market = advance(run.like(), 12)
    at_12 = market.state_hash
    assert at_12 == run.again(12).hash
    with pytest.raises(ValueError, match="levers: must be of advertising"):
        metrics.marginal_costs(run, levers=("luck",))
    with pytest.raises(ValueError, match="seeds: must be 2 or more"):
        metrics.marginal_costs(run, seeds=1)


def test_win_back_lift_is_zero_where_nobody_reads_an_offer():
    change = {
        "market.customers": 1500,
        "firms.North.plan.offer": 0.3,
        "buy.offer_read": 0.0,
        "buy.offer_cost": 0.0,
    }
    table = metrics.win_back_lift(sim.run("plain", seed=5, months=30, change=change)).set_index("firm")
    assert table.at["North", "offers"] > 20 and table.at["North", "win_back_lift"] == 0.0
    assert table["win_back_lift"].drop("North").isna().all()
    seen = {**change, "buy.offer_read": 1.0}
    lifted = metrics.win_back_lift(sim.run("plain", seed=5, months=30, change=seen)).set_index("firm")
    assert lifted.at["North", "win_back_lift"] > 0.02
    assert lifted.at["North", "returned"] > lifted.at["North", "returned_without"]


def test_who_has_nothing_to_tell_is_worth_nothing_by_referral(run):
    table = metrics.customer_referral_value(run, tellers=25)
    silent = table[(table["good"] == 0) & (table["bad"] == 0)]
    assert len(table) == 25 and len(silent) and (silent["customer_referral_value"] == 0.0).all()
    assert np.allclose(table["customer_referral_value"], table["equity"] - table["rewards"])
    assert table.attrs["mean"] == pytest.approx(table["customer_referral_value"].mean())


def test_shapley_shares_are_the_mean_over_six_orders_and_sum_to_the_whole():
    subsets = [tuple(d for bit, d in enumerate(DRIVERS) if mask >> bit & 1) for mask in range(8)]
    worth = {s: np.array([float(x)]) for s, x in zip(subsets, (100, 90, 80, 75, 60, 45, 50, 30), strict=True)}
    shares = {k: float(v[0]) for k, v in shapley(worth).items()}
    assert sum(shares.values()) == pytest.approx(70.0)
    # value: first 10 twice; after brand 5; after relationship 15; last 20 twice
    assert shares["value"] == pytest.approx((2 * 10 + 5 + 15 + 2 * 20) / 6)


def test_levelling_gives_the_firm_the_mean_of_the_others_in_each_choice(run):
    market = advance(run.like(), 10)
    seen = {}

    def act(where, stage):
        if stage != "contact" or seen:
            return
        c, p = where.customers, where.tables.buy
        f = 0
        for i in range(0, 500, 7):
            known = [
                g for g in range(4) if g != f and (c.aware[g, i] or c.supplier[i] == g) and not c.barred[g, i]
            ]
            expected = 0.0
            if known:  # all firms ask the same price and give no discount here
                expected += np.mean([c.belief[g, i] for g in known]) - c.belief[f, i]
                expected += np.mean([c.brand[g, i] for g in known]) - c.brand[f, i]
            if c.supplier[i] == f:
                bond = p.loyalty_weight * c.loyalty[i] * (0.5 + c.relationship_orientation[i])
                expected -= bond + p.tie_weight * c.tie[i]
            seen[i] = (expected, Levelled(f, DRIVERS).change(where)[i])

    advance(market, 1, [act])
    expected, got = np.array(list(seen.values())).T
    assert np.allclose(expected, got, atol=1e-5) and np.abs(got).max() > 0.1


def test_the_drivers_of_equity_sum_to_it_and_a_brand_is_as_it_was_after_the_choice(run):
    table = metrics.equity_drivers(run, futures=3, months=12).set_index("driver")
    parts = table.loc[[*DRIVERS, "levelled"], "equity"].sum()
    assert parts == pytest.approx(table.at["equity", "equity"])
    assert table["share"].drop("equity").sum() == pytest.approx(1.0)
    assert table.at["relationship", "equity"] > 0  # customers choose the firm less without their bond
    market = advance(run.like(), 3)
    brands = {}

    def look(when):
        return lambda where, stage: brands.__setitem__((when, stage), where.customers.brand[0].copy())

    advance(market, 1, [look("before"), Levelled(0, DRIVERS), look("after")])
    assert np.abs(brands["after", "contact"] - brands["before", "contact"]).max() > 0.1
    assert np.array_equal(brands["after", "buy"], brands["before", "contact"])
    keys = {luck_of(3, k) for k in range(50)}
    assert len(keys) == 50 and keys.isdisjoint({luck_of(4, k) for k in range(50)})


def test_response_points_are_pooled_people_and_the_test_finds_the_spend_where_costs_meet_value():
    run = sim.run("two_cafes", seed=1, months=24)
    points = metrics.response_points(run, start=12, seeds=3)
    for side, mine in points.groupby("side"):
        assert mine["tried"].nunique() == 1 and mine["is_now"].sum() == 1, side
        assert (
            np.allclose(mine["rate"], mine["succeeded"] / mine["tried"])
            and mine["spend"].is_monotonic_increasing
        )
    keeping = points[points["side"] == "retention"]
    now = keeping.loc[keeping["is_now"], "spend"].item()
    assert keeping.loc[keeping["is_now"], "setting"].item() == "as it is"
    assert now not in keeping.loc[~keeping["is_now"], "spend"].tolist(), "Corner's levels differ by customer"
    found = metrics.acquisition_retention(run, points)
    assert (found["side"].tolist(), found["verdict"].str.len().min() > 0) == (
        ["acquisition", "retention"],
        True,
    )
    known = points.assign(
        succeeded=[
            round(1e6 * ResponseCurve(0.5, 0.05, 0.2).rate(s) if side == "acquisition" else 1e6 * ResponseCurve(0.9, 0.2, 0.7).rate(s))
            for side, s in zip(points["side"], points["spend"], strict=True)
        ],
        tried=1_000_000,
    )  # fmt: skip
    known["rate"] = known["succeeded"] / known["tried"]
    exact = metrics.acquisition_retention(run, known).set_index("side")
    assert exact.loc["acquisition", ["floor", "ceiling", "steepness"]].tolist() == pytest.approx(
        [0.2, 0.5, 0.05], rel=0.02
    )
    assert exact.loc["retention", ["floor", "ceiling", "steepness"]].tolist() == pytest.approx(
        [0.7, 0.9, 0.2], rel=0.02
    )
    for side in exact.index:
        assert exact.at[side, "best_marginal_cost"] == pytest.approx(exact.at[side, "lifetime_value"])


def test_best_spends_with_floors_are_where_nearby_spends_earn_less():
    winning, keeping = ResponseCurve(0.5, 0.05, 0.1), ResponseCurve(0.9, 0.1, 0.6)
    best = best_spends(100.0, winning, keeping, 0.1)

    def equity(a, r):
        kept = keeping.rate(r)
        return winning.rate(a) * (100.0 + (kept * 100.0 - r) / (1.1 - kept)) - a

    top = equity(best.acquisition_spend, best.retention_spend)
    assert top == pytest.approx(best.customer_equity)
    for da, dr in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
        assert equity(best.acquisition_spend + da, best.retention_spend + dr) < top


def test_a_lever_of_winning_leaves_the_months_offers_as_they_were_decided():
    seen = []

    def look(market, stage):
        if stage == "contact":
            seen.append(market.month_of_firms.offers.tolist())

    def run(*acts):
        seen.clear()
        change = {"market.customers": 300, "firms.North.plan.offer": 0.3}
        advance(Market("plain", change=change, seed=3), 14, [*acts, look])
        return list(seen)

    def raised(market, stage):
        if stage == "decide":
            _raise_plan("advertising", 1.1, 0.0, 1e9)(market, 0)

    plain = run()
    assert any(any(month) for month in plain)
    assert run(raised) == plain


def test_a_watch_is_taken_off_when_the_run_is_repeated():
    run = sim.run("two_cafes", months=2)
    calls = []
    again = run.again(watch=lambda market, stage: calls.append(stage))
    count = len(calls)
    again.market.step()
    assert count == 1 + 2 * 9 and len(calls) == count


def test_a_credit_goes_on_when_the_customer_hears_of_another_firm():
    def credited(*acts):
        market, watch = Market("two_cafes", seed=4), _Credits()
        watch(market, "start")
        advance(market, 24, [watch, *acts])
        return pd.concat(watch.rows)["profit"].sum()

    def hears_of_another(market, stage):
        c = market.customers
        if stage == "account":
            known = (c.supplier >= 0) & (c.teller >= 0)
            c.teller_firm[known] = 1 - c.supplier[known]

    assert credited() > 0.0
    assert credited(hears_of_another) == pytest.approx(credited(), rel=0.1)


def test_returns_after_offers_are_those_that_suppliers_at_the_months_ends_tell():
    change = {"market.customers": 1500}
    run = sim.run("plain", months=26, seed=3, change=change, policies={"North": "win_back"})
    found = metrics.win_back_lift(run).set_index("firm").loc["North"]
    snapshot, lives, offers = Snapshot(advance(run.like(), 14)), [], []
    for without in (False, True):
        held, ends = snapshot.restore(), []

        def look(market, stage, ends=ends, without=without):
            c = market.customers
            if stage == "decide" and without:
                c.offer[0] = 0.0
                market.month_of_firms.offers[0] = 0
            if stage == "contact" and not without and market.month + 3 <= 26:
                offers.extend(
                    (market.month - 14, int(i)) for i in np.flatnonzero(c.offered[0] == market.month + 1)
                )
            if stage == "account":
                ends.append((c.supplier == 0) * (1 + c.generation.astype(np.int64)))

        ends.append((held.customers.supplier == 0) * (1 + held.customers.generation.astype(np.int64)))
        advance(held, 12, [look])
        lives.append(ends)
    back = [
        sum(any(e[m + k + 1][i] and e[m + k + 1][i] != e[m + k][i] for k in range(3)) for m, i in offers)
        for e in lives
    ]
    sent = sum(counts[0, C["offers"]] for counts in run.market.ledger.counts[14:24])
    assert found["offers"] == len(offers) == sent
    assert [found["returned"], found["returned_without"]] == back and back[0] > back[1]
