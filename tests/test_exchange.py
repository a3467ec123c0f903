"""The exchange spectrum: situations, mismatch both ways, bids, menus, linkages, and how wide an industry stands."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.market import Market
from sim.mechanisms.exchange import (
    FACTORS,
    assessment_noise,
    chance_bids,
    mismatch_cost,
    nearest_position,
    next_linkage,
    option_choice,
    situation_of,
    situations,
)
from sim.scenario import load

OWN = "mechanisms.exchange.firms.Lager."


@cache
def run(seed=1, months=36, policy=None, **own):
    market = Market(
        "exchange_spectrum", seed=seed, months=months, change={OWN + name: value for name, value in own.items()},
        policies={"Lager": policy} if policy else None,
    )  # fmt: skip
    market.run_model()
    return market


def profit(market):
    return sum(market.ledger.profit(month)[0] for month in range(len(market.ledger.months))) / 100.0


def last(market, name, firm=0):
    return market.metrics[name][-1][firm]


def booked(market, line):
    return sum(book[0, market.ledger.places[line]] for book in market.ledger.months) / 100.0


def test_the_equations_keep_their_laws():
    p = load("exchange_spectrum").mechanisms.exchange
    assert situation_of(1.0, 0.0) == 0.0 and situation_of(0.0, 5.0) == 1.0
    assert (
        mismatch_cost(0.2, 0.6, p)
        == mismatch_cost(0.6, 0.2, p)
        > mismatch_cost(0.4, 0.6, p)
        > mismatch_cost(0.5, 0.5, p)
        == 0.0
    )
    assert nearest_position(np.array([0.0, 0.2, 0.3, 0.7, 0.8, 1.3])).tolist() == [
        0.0,
        0.0,
        0.5,
        0.5,
        1.0,
        1.0,
    ]
    assert assessment_noise(1.0, 0.0, p) < assessment_noise(0.0, 0.0, p) > assessment_noise(0.0, 5.0, p)
    assert chance_bids(0.0, 0.0, p) == p.bidding and chance_bids(1.0, 0.0, p) == 0.0 == chance_bids(
        0.0, 1.0, p
    )
    takes = option_choice(np.array([0.0, 0.5, 1.0]), np.array([8.0, 8.0, 8.0]), p)
    assert takes.tolist() == [0.0, 0.5, 1.0]
    assert option_choice(np.array([1.0]), np.array([60.0]), p)[0] < 1.0, (
        "who counts every cent leaves the options"
    )
    assert next_linkage(0.0, 1.0, 1.0, p) == p.linkage_speed and next_linkage(0.5, 0.0, 1.0, p) < 0.5


def test_factors_are_alike_and_follow_the_orientation():
    c = run(months=1).customers
    factors = [getattr(c, name) for name in FACTORS]
    assert all((x >= 0).all() and (x <= 1).all() for x in factors)
    together = np.corrcoef(factors)
    assert (together[0, 1:] < -0.5).all() and (together[1:, 1:] > 0.5).all()
    assert np.corrcoef(c.relationship_orientation, situations(run(months=1)))[0, 1] > 0.6


def test_matching_exchange_to_the_situation_beats_either_uniform_choice():
    kinds = ("transactional", "value_adding", "collaborative", "matched")
    earned = {kind: np.array([profit(run(seed, exchange=kind)) for seed in (1, 2, 3)]) for kind in kinds}
    for kind in ("transactional", "collaborative"):
        assert (earned["matched"] > 1.1 * earned[kind]).all()
    assert earned["matched"].mean() > earned["value_adding"].mean()
    assert last(run(exchange="matched"), "exchange_gap") < 0.6 * last(
        run(exchange="value_adding"), "exchange_gap"
    )


def test_accounts_choose_from_a_menu_by_their_situation_and_pay_for_it():
    market = run(exchange="menu")
    c, found = market.customers, situations(market)
    own = np.flatnonzero((c.supplier == 0) & (c.tenure > 1))
    place = c.position[0, own]
    assert np.corrcoef(place, found[own])[0, 1] > 0.7 and set(place) == {0.0, 0.5, 1.0}
    assert (c.discount[own][place == 1.0] < 0).all() and (c.discount[own][place == 0.0] >= 0).all()
    assert profit(market) > profit(run(exchange="value_adding"))


def test_transactional_accounts_call_for_bids_and_stripped_offers_keep_them():
    plain, closer = run(exchange="transactional"), run(exchange="collaborative")
    assert last(plain, "bids_called") > 10 and last(closer, "bids_called") == 0
    stripped = run(exchange="matched", unbundling=1.0)
    c = stripped.customers
    spot = [
        ((m.customers.supplier == 0) & (m.customers.segment == 0)).sum()
        for m in (stripped, run(exchange="matched"))
    ]
    assert spot[0] > 1.1 * spot[1]
    own = (c.supplier == 0) & (c.position[0] == 0.0) & (c.tenure > 1)
    assert c.discount[own].min() == pytest.approx(0.06, abs=1e-6)


def test_linkages_grow_keep_accounts_and_are_lost_with_the_supplier():
    linked, plain = run(exchange="matched", extranet=1.0), run(exchange="matched")
    c = linked.customers
    close = (c.supplier == 0) & (c.position[0] == 1.0)
    assert c.linkage[close].mean() > 0.3 and (c.linkage[c.supplier < 0] == 0).all()
    assert c.linkage[(c.supplier >= 0) & (c.tenure == 1)].max() <= 0.06 + 1e-6
    assert last(linked, "annual_retention") > last(plain, "annual_retention")
    assert booked(linked, "extranet") != 0.0 == booked(plain, "extranet")


def test_exchange_is_paid_by_place_and_spend():
    decided = {"Lager.exchange": "collaborative", "Lager.augmentation": 0.6, "Preisrad.exchange": "transactional", "Preisrad.unbundling": 0.5}  # fmt: skip
    change = {f"mechanisms.exchange.firms.{name}": value for name, value in decided.items()}
    market = Market("exchange_spectrum", seed=1, months=1, change={"market.customers": 300, **change})
    p, c = market.mechanisms["exchange"].p, market.customers
    for stage in market.pass_unmeasured():
        if stage == "relate":
            spend = [0.01 * c.month_spent_cents[c.supplier == f] for f in (0, 1)]
    close = (p.closeness_cost + p.augment_cost * 0.6) * spend[0].sum() + p.account_cost * len(spend[0])
    saved = p.strip_saving * 0.5 * spend[1].sum()
    paid = market.ledger.months[0][:2, market.ledger.places["exchange_service"]]
    assert paid == pytest.approx([100 * close, -100 * saved], abs=len(c)) and (abs(paid) > 100 * len(c)).all()


def test_help_with_their_jobs_lets_accounts_buy_more():
    helped, plain = run(months=12, exchange="matched", help_jobs=1.0), run(months=12, exchange="matched")
    orders = [sum(m.metrics["average_order_value"][k][0] >= 0 for k in range(12)) for m in (helped, plain)]
    assert orders == [12, 12]
    assert booked(helped, "revenue") > 1.02 * booked(plain, "revenue") and booked(helped, "account_help") > 0


def test_under_contract_no_help_is_paid_for_and_bids_move_no_price_in_mid_term():
    kind = {"exchange": "collaborative", "help_jobs": 1.0}
    change = {f"mechanisms.exchange.firms.North.{name}": value for name, value in kind.items()}
    bound = {
        "market.customers": 300,
        "market.setting": "contract",
        "buy.term": 3,
        "mechanisms.exchange.bidding": 1.0,
    }
    market = Market("plain", months=4, change={**bound, **change})
    for stage in (stage for _ in range(4) for stage in market.pass_unmeasured()):
        if stage == "buy":
            c = market.customers
            stayed = (c.supplier >= 0) & (c.supplier == c.supplier_before)
            cut = c.discount[stayed] > 0.0
            assert not cut[c.tenure[stayed] % 3 != 0].any() and cut[c.tenure[stayed] % 3 == 0].any()
    assert booked(market, "account_help") == 0.0


def test_the_bandwidth_of_an_industry_is_that_of_its_offers():
    uniform = Market("plain", months=2, change={"market.customers": 300, "mechanisms.exchange.on": True})
    uniform.run_model()
    assert (uniform.metrics["industry_bandwidth"][-1] == 0).all()
    market = run(months=2)
    assert (market.metrics["industry_bandwidth"][-1] == 1.0).all()
    assert market.metrics["mean_position"][-1].tolist() == [0.5, 0.0, 1.0]


def test_each_measure_can_be_asked_alone_and_again():
    market = run(months=2)
    own = market.mechanisms["exchange"]
    for _ in range(2):
        for name in ("industry_bandwidth", "exchange_gap"):
            assert np.array_equal(own.mechanism.metrics[name](market, own), market.metrics[name][-1])


def test_the_policy_matches_and_pays():
    assert np.mean([profit(run(seed, policy="matches_exchange")) for seed in (1, 2)]) > np.mean(
        [profit(run(seed)) for seed in (1, 2)]
    )
