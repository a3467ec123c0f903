"""Measures of customers' accounts, where optional mechanisms charge customers too."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import EVERYTHING

import sim
from sim import metrics
from sim.mechanisms import MECHANISMS

ALL_ON = {f"mechanisms.{name}.on": True for name in MECHANISMS}
WORLDS = {
    "whale_case": {"market.customers": 200},
    "plain": {**EVERYTHING, **ALL_ON, "market.customers": 200},
}


@pytest.mark.parametrize("name", WORLDS)
def test_accounts_by_activity_hold_what_mechanisms_charge(name):
    run = sim.run(name, seed=2, months=14, change=WORLDS[name])
    table, plain = metrics.accounts_by_activity(run), metrics.accounts(run)
    assert table["customer"].equals(plain["customer"]) and (plain["customer"].isna().sum()) == len(run.firms)
    assert np.allclose(table["profit"], plain["profit"], atol=0.005)
    assert table["profit"].sum() == pytest.approx(plain.attrs["ledger_profit"])
    assert (table["mechanisms"] != 0.0).mean() > 0.5
    mine = [line.name for line in run.market.ledger.lines[len(sim.ledger.ACTIVITIES) :] if line.by_customer]
    signed = {line.name: line.sign for line in run.market.ledger.lines}
    year = run.ledger[run.ledger["month"] <= 12]
    assert table["mechanisms"].sum() == pytest.approx(-sum(signed[x] * year[x].sum() for x in mine))
    goods = year["cost_of_goods"].sum()  # no activity of the core holds a mechanism's money
    assert table["cost_of_goods"].sum() == pytest.approx(goods)
    present = table[table["customer"].notna()]
    orders = present["revenue"] > 0.0
    assert (present.loc[~orders, "cost_of_goods"] == 0.0).all()


def test_cost_quadrants_part_customers_by_all_that_serving_them_costs():
    run = sim.run("whale_case", seed=2, months=12, change=WORLDS["whale_case"])
    profit = metrics.accounts(run).dropna(subset=["customer"]).groupby("firm")["profit"].sum()
    assert np.allclose(metrics.cost_quadrants(run).groupby("firm")["profit"].sum(), profit)


def test_without_mechanisms_they_charge_nothing():
    run = sim.run("two_cafes", months=2, change={"market.customers": 100})
    assert (metrics.accounts_by_activity(run)["mechanisms"] == 0.0).all()


def test_credited_referral_value_falls_by_what_mechanisms_charge():
    def credited(kept: float) -> float:
        change = {"market.customers": 300, "mechanisms.intermediary.retail_margin": kept}
        table = metrics.credited_referral_value(sim.run("plain", seed=1, months=8, change=change))
        return float(table["profit"].sum())

    assert credited(0.9) < 0.5 * credited(0.25)


def test_a_watch_sees_the_market_before_and_after_the_steps_of_mechanisms():
    change = {"market.customers": 60, "mechanisms.intermediary.on": True}
    run, seen = sim.run("plain", months=1, change=change), []
    run.again(
        watch=lambda market, stage: seen.append((stage, int(market.customers.month_profit_cents.sum())))
    )
    profit = dict(seen)
    assert [stage for stage, _ in seen][-2:] == ["account", "after account"]
    assert (
        profit["after relate"] - profit["relate"]
        == -100 * run.ledger["retail_margin"].sum() - 100 * run.ledger["direct_orders"].sum()
    )
