"""Shopping agents make prices felt; profiles fit and foresee; a recommender finds what goes together."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import sim
from sim.market import Market
from sim.mechanisms.profiling import RIGHT_WITHIN, ROWS, forecast_accuracy, next_profile, risk_seen, true_risk
from sim.mechanisms.recommendation import ITEMS, acceptance, bought_together, choose, liking, similarity
from sim.mechanisms.shopping_agents import (
    bargained_discount,
    chance_out_of_sight,
    look_around,
    look_no_more,
)
from sim.scenario import load

SMALL = {"market.customers": 1500}
PROFILING, SHOP, AGENTS = (f"mechanisms.{n}." for n in ("profiling", "recommendation", "shopping_agents"))


@cache
def _run(months, seed, given):
    market = Market("plain", seed=seed, months=months, change={**SMALL, **dict(given)})
    market.run_model()
    return market


def run(change, months=12, seed=3):
    return _run(months, seed, tuple(change.items()))


def booked(market, line):
    return sum(book[0, market.ledger.places[line]] for book in market.ledger.months) / 100.0


# ---------------------------------------------------------------- profiling


def test_a_profile_fills_and_ages():
    p = load("plain").mechanisms.profiling
    profile = 0.0
    for _ in range(200):
        profile = next_profile(profile, 0.2, p)
    assert profile == pytest.approx(0.2 / (1.0 - 0.8 * (1.0 - p.ages)))
    assert next_profile(0.5, 0.0, p) == pytest.approx(0.5 * (1.0 - p.ages))
    assert (
        forecast_accuracy(1.0, 1.0) == 1.0 > forecast_accuracy(1.0, 0.0) > forecast_accuracy(0.0, 1.0) == 0.2
    )


class EveryOtherMonth(sim.Policy):
    """It uses a source in every second month."""

    def decide(self, view):
        return sim.Plan(mechanisms={"profiling": {"tracking": view.month % 2 == 0}})


@pytest.mark.parametrize("policy", [None, EveryOtherMonth()])
def test_what_a_source_sees_stands_in_the_profile_as_late_as_its_latency(policy):
    def market_after(months, latency):
        quiet = {"mechanisms.profiling.fits": 0.0, "mechanisms.profiling.tracking.intrudes": 0.0}
        market = sim.Market(
            "plain", seed=3, months=9,
            change={
                "market.customers": 300, **quiet, "mechanisms.profiling.tracking.latency": latency,
                "mechanisms.profiling.firms.North.tracking": True,
            },
            policies={"North": policy} if policy else {},
        )  # fmt: skip
        for _ in range(months):
            market.step()
        return market

    now, later = market_after(6, 0), market_after(9, 3)
    stayed = (later.customers.supplier == 0) & (later.customers.tenure >= 9)
    known = now.customers.profile_known[0, stayed]
    assert known.mean() > 0.0 and (later.customers.profile_known[0, stayed] == known).all()
    assert (market_after(3, 3).customers.profile_known == 0.0).all()
    assert market_after(4, 3).customers.profile_known.max() > 0.0
    first = [
        sum(m[0, now.ledger.places["profiles"]] for m in each.ledger.months[:2]) for each in (now, later)
    ]
    assert first[0] == first[1] > 0  # it is paid for at once


def test_sources_differ_in_cost_coverage_and_consent():
    found = {name: run({f"{PROFILING}firms.North.{name}": True}) for name in ROWS}
    cost = {name: booked(market, "profiles") for name, market in found.items()}
    known = {name: market.metrics["profile_completeness"][-1] for name, market in found.items()}
    assert cost["sales_force"] > 10 * cost["web_log"] > 0
    assert all(k[0] > 0.1 and k[1] == 0.0 for name, k in known.items() if name != "disclosure")
    c = found["disclosure"].customers
    said_yes = (c.permission[0] == 1) | (c.permission[0] == 2)
    never = (c.permission[0] == 0) & (c.supplier == 0)
    assert (
        c.profile_known[0, said_yes & (c.supplier == 0)].mean() > 0.2
        and c.profile_known[0, never].max() == 0.0
    )


def test_tracking_that_is_not_disclosed_costs_trust():
    tracked, told = (
        run({f"{PROFILING}firms.North.tracking": True, f"{PROFILING}firms.North.discloses": yes})
        for yes in (False, True)
    )
    assert tracked.metrics["trust"][-1][0] < told.metrics["trust"][-1][0] - 0.02


def test_mining_a_fuller_profile_foresees_better():
    def accuracy(**decided):
        market = run({f"{PROFILING}firms.North.{k}": v for k, v in {**decided, "real_time": True}.items()})
        c = market.customers
        own = (c.supplier == 0) & (c.tenure > 1)
        return np.corrcoef(c.risk[own], c.pending[own])[0, 1]

    blind, mined = accuracy(scanner=True), accuracy(scanner=True, tracking=True, cookies=True, mining=1.0)
    assert mined > blind + 0.2


def test_forecasts_are_measured_against_the_best_number_for_all():
    sources = {
        f"{PROFILING}firms.North.{name}": True for name in ("scanner", "tracking", "cookies", "disclosure")
    }
    poor = run({f"{PROFILING}firms.North.scanner": True})
    good = run({**sources, f"{PROFILING}firms.North.mining": 1.0, f"{PROFILING}firms.North.real_time": True})
    for market in (poor, good):
        c = market.customers
        mine = (c.supplier == 0) & (c.risk >= 0.0)
        truth = true_risk(c.satisfaction[mine].astype(float), c.loyalty[mine].astype(float), c.pending[mine])
        best = max(np.mean(abs(truth - one) <= RIGHT_WITHIN) for one in np.arange(0.0, 1.0, 0.001))
        base = market.metrics["forecasts_right_base"][-1]
        assert base[0] == pytest.approx(best, abs=0.005) and np.isnan(base[1])
    assert poor.metrics["forecasts_right"][-1][0] < poor.metrics["forecasts_right_base"][-1][0]
    assert good.metrics["forecasts_right"][-1][0] > good.metrics["forecasts_right_base"][-1][0] + 0.1


def test_a_policy_sees_forecasts_of_its_own_customers_only():
    seen = []

    class Looks(sim.Policy):
        def decide(self, view):
            seen.append(view.seen("profiling", "risk"))
            return sim.Plan()

    market = Market(
        "plain",
        months=3,
        change={**SMALL, f"{PROFILING}firms.North.scanner": True},
        policies={"North": Looks()},
    )
    market.run_model()
    assert np.isfinite(seen[-1]).any() and np.isnan(seen[-1]).any()
    assert (
        Market("plain", months=1, change=SMALL, policies={"North": Looks()}).run_model() is None
        and seen[-1] is None
    )


def test_a_firm_never_sees_its_rivals_forecast():
    """East forecasts every month, North every quarter: whom North wins in between it has not forecast yet."""
    change = {**SMALL, f"{PROFILING}firms.North.scanner": True, f"{PROFILING}firms.East.scanner": True}
    market = Market("plain", months=3, seed=3, change={**change, f"{PROFILING}firms.East.real_time": True})
    own, c = market.mechanisms["profiling"], market.customers
    market.step()
    was, known = c.supplier.copy(), c.risk.copy()
    market.step()
    won = np.flatnonzero((was == 1) & (c.supplier == 0) & (known >= 0.0))
    kept = np.flatnonzero((was == 0) & (c.supplier == 0) & (c.tenure > 1))
    assert len(won) > 0 and np.isnan(risk_seen(market, own, 0, won)).all() and (c.risk[won] == -1.0).all()
    assert np.array_equal(risk_seen(market, own, 0, kept), known[kept].astype(float))
    assert np.isfinite(risk_seen(market, own, 1, np.flatnonzero(c.supplier == 1))).mean() > 0.9


def test_a_firm_that_forecasts_nothing_sees_no_risk():
    class Stops(sim.Policy):
        def decide(self, view):
            return sim.Plan(mechanisms={"profiling": {"scanner": view.month < 2, "real_time": True}})

    market = Market("plain", months=3, seed=3, change={**SMALL, f"{PROFILING}on": True}, policies={"North": Stops()})  # fmt: skip
    own, finite = market.mechanisms["profiling"], []
    for _ in range(3):
        market.step()
        finite.append([np.isfinite(risk_seen(market, own, f, np.arange(1500))).sum() for f in (0, 1)])
    assert finite[0][0] > 0 and finite[1][0] > 0 and finite[2][0] == 0
    assert [east for _, east in finite] == [0, 0, 0]


def test_saving_who_is_at_risk_names_few():
    change = {**SMALL, f"{PROFILING}on": True}
    market = Market("plain", months=12, seed=3, change=change, policies={"North": "saves_those_at_risk"})
    market.run_model()
    c = market.customers
    raised = (c.level > 1) & (c.supplier == 0)
    assert 0 < raised.sum() < 0.3 * (c.supplier == 0).sum()


# ---------------------------------------------------------------- recommendation


def test_cosines_are_those_of_the_matrix():
    items = np.array([0b011, 0b011, 0b101], dtype=np.uint32)
    together = bought_together(np.array([0, 0, 0, 1], dtype=np.int8), np.append(items, np.uint32(0b111)), 0)
    assert together[:3, :3].tolist() == [[3, 2, 1], [2, 2, 0], [1, 0, 1]]
    assert similarity(2, 3, 2) == round(1000 * 2 / np.sqrt(6)) and similarity(0, 2, 1) == 0


def test_nobody_is_shown_what_they_have():
    ids, luck = np.arange(50), (0, 2052, 1, 2)
    items = np.arange(50, dtype=np.uint32) * 7919
    owned = (items[:, None] >> np.arange(ITEMS, dtype=np.uint32)) & 1
    together = bought_together(np.zeros(50, dtype=np.int8), items, 0)
    for method in ("random", "best_seller", "collaborative"):
        item = choose(method, ids, items, together, luck)
        assert (item >= 0).all() and (owned[ids, item] == 0).all()
    assert (choose("none", ids, items, together, luck) == -1).all()
    everything = np.full(2, 2**ITEMS - 1, dtype=np.uint32)
    for method in ("random", "best_seller", "collaborative"):
        assert (choose(method, ids[:2], everything, together, luck) == -1).all()


def test_filtering_hits_more_often_than_chance_and_is_less_alike_than_best_sellers():
    found = {}
    for method in ("random", "best_seller", "collaborative"):
        market = run({f"{SHOP}firms.North.method": method, "market.customers": 3000}, months=24)
        rate = np.array(market.metrics["hit_rate"])[-12:, 0].mean()
        found[method] = rate, np.array(market.metrics["diversity"])[-12:, 0].mean()
    assert found["collaborative"][0] > 1.2 * found["random"][0]
    assert found["random"][1] > found["collaborative"][1] > 1.5 * found["best_seller"][1]


def test_an_item_fits_who_is_near_it():
    p = load("plain").mechanisms.recommendation
    places = ((np.arange(ITEMS) * 13) % ITEMS + 0.5) / ITEMS
    assert np.allclose(liking(places, np.arange(ITEMS), p), 1.0) and len(set(places)) == ITEMS
    assert liking(0.0, 17, p) < 0.2


def test_who_trusts_the_firm_accepts_more_of_what_it_shows():
    p = load("plain").mechanisms.recommendation
    assert acceptance(1.0, 0.5, p) == pytest.approx(0.5 * p.accepts)
    assert acceptance(0.0, 1.0, p) == pytest.approx(p.accepts * (1.0 - p.trust_counts))
    hits = []
    for trust in (0.0, 1.0):
        market = Market(
            "plain",
            seed=3,
            months=1,
            change={**SMALL, f"{SHOP}trust_counts": 1.0, f"{SHOP}firms.North.method": "random"},
        )
        for stage in market.pass_stages():
            if stage == "decide":
                market.customers.trust[:] = trust
        hits.append(market.mechanisms["recommendation"].state["hits"][0])
    assert hits[0] < 0.2 * hits[1]  # who came this month begins with trust of its own


def test_what_is_shown_and_fits_is_sold_at_the_price_of_an_item_and_showing_is_paid():
    change = {f"{SHOP}finds": 0.0, f"{SHOP}accepts": 1.0, f"{SHOP}shown_cost": 0.25, f"{SHOP}firms.North.method": "random"}  # fmt: skip
    market = Market("plain", seed=3, months=1, change={**SMALL, **change, "firms.North.unit_margin": 0.3})
    own, c, basket = (
        market.mechanisms["recommendation"],
        market.customers,
        market.customers.basket.astype(float),
    )
    lines = own.place(market, "item_sales", "item_goods", "recommending")
    for stage in market.pass_stages():
        if stage == "buy":
            items = np.bitwise_count(c.items.astype(np.uint64))
            assert items.sum() == own.state["hits"][0] > 20 and (items[c.supplier != 0] == 0).all()
            value = own.p.item_price * (basket * items).sum()
            sales, goods, showing = market.ledger.current[0, lines] / 100.0
            assert sales == pytest.approx(value * market.month_of_firms.price[0], rel=1e-3)
            assert goods == pytest.approx(0.7 * value, rel=1e-3)
            assert showing == 0.25 * own.state["shown"][0] and own.state["shown"][0] > own.state["hits"][0]


# ---------------------------------------------------------------- shopping agents


def test_agents_make_a_dear_firm_lose_more():
    def kept(users, price):
        market = run(
            {f"{AGENTS}users": users, "firms.North.plan.price": price, "market.customers": 3000}, months=24
        )
        return market.heads[-1][0]

    assert kept(1.0, 1.1) / kept(1.0, 1.0) < 0.85 * kept(0.0, 1.1) / kept(0.0, 1.0)


def test_without_users_it_changes_nothing_but_its_own_columns():
    with_it, without = run({f"{AGENTS}users": 0.0}), run({})
    for name in without.customers.state:
        assert np.array_equal(getattr(with_it.customers, name), getattr(without.customers, name)), name


def test_an_agent_bargains_as_far_as_the_firm_gives_way():
    assert (
        bargained_discount(1.0, 0.9, 0.5) == pytest.approx(0.1) and bargained_discount(1.0, 0.5, 0.2) == 0.2
    )
    assert bargained_discount(0.9, 0.9, 0.5) == 0.0
    change = {
        f"{AGENTS}users": 1.0,
        f"{AGENTS}bargains": 1.0,
        "firms.East.plan.price": 0.9,
        f"{AGENTS}firms.North.gives_way": 0.05,
    }
    c = run(change, months=2).customers
    assert np.allclose(c.discount[(c.supplier == 0) & (c.tenure > 1)], 0.05)


def test_under_contract_an_agent_bargains_only_where_a_contract_ends():
    change = {
        "market.setting": "contract",
        "market.customers": 400,
        "buy.term": 3,
        "firms.East.plan.price": 0.9,
        f"{AGENTS}users": 1.0,
        f"{AGENTS}bargains": 1.0,
        f"{AGENTS}firms.North.gives_way": 0.1,
    }
    market = Market("plain", months=4, change=change)
    for stage in (stage for _ in range(4) for stage in market.pass_unmeasured()):
        if stage == "buy":
            c = market.customers
            stayed = (c.supplier == 0) & (c.supplier == c.supplier_before)
            cut, ends = c.discount[stayed] > 0.0, c.tenure[stayed] % 3 == 0
            assert not cut[~ends].any() and cut[ends].all() and ends.any()


def test_what_the_loyal_do_not_look_at_they_know_again_after_their_choice():
    """Who is settled, and no other, leaves rivals out of sight by chance (three standard deviations at most)."""
    change = {**SMALL, f"{AGENTS}users": 0.0, f"{AGENTS}reduces": 0.8}
    market = Market("plain", seed=3, months=1, change=change)
    own, c, firms = market.mechanisms["shopping_agents"], market.customers, np.arange(4)[:, None]
    c.loyalty[::2], c.loyalty[1::2], c.aware[:] = 0.9, 0.4, 1
    look_around(market, own)
    rivals = (c.supplier >= 0) & (c.loyalty > own.p.settled) & (c.supplier != firms)
    hidden, chance = c.aware == 0, chance_out_of_sight(0.9, own.p)
    assert not hidden[~rivals].any()
    assert abs(hidden.sum() - chance * rivals.sum()) < 3.0 * (chance * (1.0 - chance) * rivals.sum()) ** 0.5
    look_no_more(market, own)
    assert c.aware.all()


def test_who_reduces_the_choice_forgets_no_firm():
    market = Market("plain", seed=3, months=6, change={"market.customers": 400, f"{AGENTS}users": 0.0, f"{AGENTS}reduces": 1.0})  # fmt: skip
    c = market.customers
    c.loyalty[:] = 1.0
    for stage in (stage for _ in range(6) for stage in market.pass_unmeasured()):
        if stage == "contact":
            before = c.aware.copy()
        if stage == "buy":
            assert not (before > c.aware).any()


def test_the_loyal_look_at_fewer_firms():
    p = load("plain").with_changes({f"{AGENTS}reduces": 0.8}).mechanisms.shopping_agents
    assert chance_out_of_sight(0.4, p) == 0.0 and chance_out_of_sight(1.0, p) == pytest.approx(0.8)
    change = {f"{AGENTS}users": 0.0, "market.customers": 3000}
    lost = [
        sum(m.ledger.counts)[:, 10].sum()
        for m in (run({**change, f"{AGENTS}reduces": r}, 24) for r in (0.0, 1.0))
    ]
    assert lost[1] < lost[0]
