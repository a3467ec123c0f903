"""Measures on worlds whose answer is known by hand, and on accounts that are made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from worlds import EVERYTHING

import sim
from sim import metrics
from sim.ledger import C

SMALL = {**EVERYTHING, "market.customers": 600}


@pytest.fixture(scope="module")
def run():
    return sim.run("plain", seed=4, months=26, change=SMALL)


class Fixed:
    """A run of one firm, whose accounts are given."""

    stopped = ""

    def __init__(self, profits, revenues=None, tenure=None):
        n = len(profits)
        columns = {
            "year_profit_cents": profits,
            "year_spent_cents": revenues or [100] * n,
            "tenure": tenure or [1] * n,
        }
        self.market = sim.Market("plain", months=12, change={"market.customers": n})
        c = self.market.customers
        c.supplier = 0
        for name, values in columns.items():
            setattr(c, name, np.array(values))
        self.market.month = 12
        self.months_done, self.about = 12, {}
        self.firms = sim.run("plain", months=1, change={"market.customers": 20}).firms.iloc[:1]
        self.market.ledger.months = [np.zeros_like(self.market.ledger.current)] * 12


def test_the_whale_peak_is_where_profit_turns():
    run = Fixed([5000, 3000, 2000, 0, -1000, -1000])
    peak = metrics.whale_peak(run).iloc[0]
    assert (peak["profit"], peak["peak_profit"]) == (80.0, 100.0)
    assert (peak["whale_peak"], peak["whale_share"], peak["destroyed"]) == (1.25, 0.5, 0.25)
    curve = metrics.whale_curve(run)
    assert (
        curve["profit"].tolist() == [0, 50, 80, 100, 100, 90, 80]
        and curve["is_peak"].tolist().index(True) == 3
    )


def test_a_whale_without_profit_has_no_shares_but_its_absolute_curve():
    run = Fixed([500, -2000])
    assert np.isnan(metrics.whale_peak(run).iloc[0]["whale_peak"])
    curve = metrics.whale_curve(run)
    assert curve["profit"].tolist() == [0, 5, -15] and curve["profit_share"].isna().all()


def test_customers_without_any_entry_are_left_out_of_the_whale():
    run = Fixed([500, 0, 0], revenues=[900, 0, 100])
    assert metrics.whale_peak(run).iloc[0]["customers"] == 2


def test_the_top_fifth_is_interpolated():
    run = Fixed([0] * 7, revenues=[700, 100, 100, 100, 0, 0, 0])
    top = metrics.top_20_share(run)
    # four customers with revenue: a fifth of them is 0.8 of the first
    assert top.loc[top["measure"] == "revenue", "top_20_share"].item() == pytest.approx(0.8 * 0.7)
    assert np.isnan(top.loc[top["measure"] == "profit", "top_20_share"].item())
    assert metrics.lorenz(run).iloc[-1]["share"] == 1.0


def test_loyalty_quadrants_are_those_of_reinartz_and_kumar_2002():
    run = Fixed([900, 800, -100, -200], tenure=[40, 2, 50, 3])
    found = metrics.loyalty_quadrants(run).set_index("quadrant")
    assert (found["customers"] == 1).all()
    assert found["profit"].to_dict() == {
        "true friends": 9,
        "butterflies": 8,
        "barnacles": -1,
        "strangers": -2,
    }


def test_ties_share_a_quintile():
    from sim.metrics.records import quintile

    assert quintile(np.array([1, 1, 1, 1, 9, 10, 11, 12, 13, 14])).tolist() == [2, 2, 2, 2, 3, 3, 4, 4, 5, 5]
    assert quintile(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert np.isnan(quintile(np.arange(4.0))).all()


def test_rfm_cells_hold_every_customer_once(run):
    table, cells = metrics.rfm(run), metrics.rfm_cells(run)
    assert cells["customers"].sum() == len(table) == int(run.firms["customers"].sum())
    best = table.sort_values("months_since_purchase")
    for _, mine in best.groupby("firm"):
        assert mine["recency"].is_monotonic_decreasing


def test_quadrants_hold_every_customer_once_and_all_profit(run):
    plain = metrics.accounts(run)
    plain = plain[plain["customer"].notna()].groupby("firm")["profit"].agg(["size", "sum"])
    for measure in (metrics.cost_quadrants, metrics.loyalty_quadrants):
        found = measure(run).groupby("firm")[["customers", "profit"]].sum()
        assert (found["customers"] == plain["size"]).all() and np.allclose(found["profit"], plain["sum"])
    costs = metrics.cost_quadrants(run)
    assert np.allclose(costs["net_margin"] - costs["cost_to_serve"], costs["profit"])


def _accounts(monkeypatch, revenue, goods, profit):
    """A run of one firm whose customers' accounts by activity are given; the last row are relationships that ended."""
    table = pd.DataFrame({"firm": "North", "customer": pd.array([*range(len(revenue)), None], dtype="Int64")})
    for name, values in (("revenue", revenue), ("cost_of_goods", goods), ("profit", profit)):
        table[name] = np.array([*values, 1e6], dtype=float)
    monkeypatch.setattr("sim.metrics.concentration.accounts_by_activity", lambda run, progress=None: table)
    return Fixed([1])


def test_ranks_by_revenue_by_margin_and_by_profit_are_told_apart(monkeypatch):
    revenue, goods, profit = [100, 90, 80, 70, 60], [95, 30, 10, 35, 30], [-9, 8, 9, 7, 6]
    run = _accounts(monkeypatch, revenue, goods, profit)
    found = metrics.profit_ranks(run, top=0.4).set_index("by")
    # by revenue 0 and 1 are the top, by margin 2 and 1, by profit 2 and 1; the worst are 0 and 4
    shares = found[["customers", "top_customers", "in_best", "changes", "in_worst"]]
    assert shares.loc["revenue"].tolist() == [5, 2, 0.5, 0.5, 0.5]
    assert shares.loc["net_margin"].tolist() == [5, 2, 1.0, 0.0, 0.0]
    # ranks 1 2 3 4 5 by revenue, 5 2 1 3 4 by profit: squares 16 + 0 + 4 + 1 + 1
    assert found.loc["revenue", "rank_correlation"] == pytest.approx(1 - 6 * 22 / (5 * 24))


def test_ranks_of_nobody_and_of_equals_are_missing_and_a_wrong_top_is_refused(monkeypatch):
    nobody = metrics.profit_ranks(_accounts(monkeypatch, [0], [0], [0]))
    assert (nobody["customers"] == 0).all()
    assert nobody[["in_best", "changes", "rank_correlation"]].isna().all(axis=None)
    equals = metrics.profit_ranks(_accounts(monkeypatch, [5, 5], [1, 1], [2, 2]))
    assert (equals["top_customers"] == 1).all() and equals["rank_correlation"].isna().all()
    with pytest.raises(ValueError, match="top: must be above 0 and at most"):
        metrics.profit_ranks(_accounts(monkeypatch, [5], [1], [2]), top=0.0)


def test_ranks_hold_every_customer_of_a_run_who_has_an_account(run):
    found = metrics.profit_ranks(run)
    table = metrics.accounts(run).dropna(subset=["customer"])
    table = table[(table["revenue"] != 0) | (table["profit"] != 0)]
    sizes = table.groupby("firm").size()
    assert (found["customers"].to_numpy() == sizes[found["firm"]].to_numpy()).all()
    assert found["in_best"].between(0.3, 1.0).all() and (found["in_worst"] < found["in_best"]).all()


def test_the_wallet_allocation_rule_is_that_of_keiningham_2011():
    run = sim.run("plain", seed=1, months=1, change={"market.customers": 200})
    c = run.market.customers
    c.identified, c.last_purchase = 0, -1
    for f, belief in enumerate((2.0, 1.0, 1.0)):
        c.identified[f, 7], c.last_purchase[f, 7], c.belief[f, 7], c.recent_spend[f, 7] = 3, 0, belief, 10.0
    rule = metrics.wallet_allocation(run).set_index("firm")["wallet_allocation"]
    assert rule["North"] == pytest.approx((1 - 1 / 4) * 2 / 3)
    assert rule["East"] == rule["South"] == pytest.approx((1 - 2.5 / 4) * 2 / 3)
    assert np.isnan(rule["West"])


def test_shares_of_mind_sum_to_those_who_know_a_firm(run):
    mind = metrics.share_of_mind(run)
    c = run.market.customers
    knows = ((c.aware != 0) | (c.supplier == np.arange(4)[:, None])) & (c.barred == 0)
    assert mind["share_of_mind"].sum() == pytest.approx(knows.any(axis=0).mean())


def test_a_mind_that_knows_equal_firms_is_shared_equally():
    change = {"market.customers": 300, "market.initial_awareness": 1.0}
    run = sim.run("plain", seed=1, months=1, change=change)
    c = run.market.customers
    c.belief, c.brand, c.aware = 0.0, 0.0, 1
    assert np.allclose(metrics.share_of_mind(run)["share_of_mind"], 0.25)
    c.belief[0] = np.log(3.0)
    assert np.allclose(metrics.share_of_mind(run)["share_of_mind"], [0.5, 1 / 6, 1 / 6, 1 / 6])


def test_a_survey_of_all_finds_the_true_net_promoter_share():
    change = {"market.customers": 2000, "firms.North.plan.survey": 1.0, "decide.survey_answers": 1.0}
    run = sim.run("plain", seed=2, months=3, change=change)
    north = metrics.net_promoter_true(run).set_index("firm").loc["North"]
    assert north["net_promoter_true"] == pytest.approx(north["net_promoter"])
    assert run.months["net_promoter"].iloc[-4] == north["net_promoter"]
    assert run.months["net_promoter"].iloc[-3:].isna().all()


def test_bad_news_is_that_of_the_ledger(run):
    news = metrics.bad_news(run)
    last = run.months[run.months["month"] == run.months_done].set_index("firm")
    mine = news[news["firm"].notna()].set_index("firm")
    assert (mine["tellings"] == last["told_bad"]).all() and (mine["people"] == last["reached_bad"]).all()
    assert np.allclose(mine["overlap"], last["overlap"])
    everybody = news.iloc[-1]
    assert everybody["people"] == (run.market.customers.told_bad > 0).any(axis=0).sum()
    assert mine["also_of_others"].sum() >= 2 * everybody["also_of_others"] > 0


def test_a_firm_ten_percent_dearer_has_a_premium_of_ten_percent():
    change = {"market.customers": 800, "firms.North.plan.price": 1.1, "firms.East.plan.discount": 0.2}
    run = sim.run("plain", seed=3, months=14, change=change)
    table = metrics.price_premium(run)
    loyal = table[table["purchases"] > 0]
    north = loyal[loyal["firm"] == "North"]
    assert np.allclose(north["price_premium"], 10.0)
    east = loyal[(loyal["firm"] == "East") & (loyal["loyalty_decile"] > 0)]
    for row in east.itertuples():  # 20 % under list, against rivals of which one may ask 1.1
        assert -20.0 - 2.0 * 9.1 < row.price_premium < -20.0 + 1e-6
    orders = sum(run.market.ledger.counts[-12:])[:, C["orders"]]
    counted = table.groupby("firm")["purchases"].sum() + table.groupby("firm")["left_out"].first()
    assert counted.loc[[f.name for f in run.market.firms]].tolist() == orders.tolist()


def test_a_surcharge_is_a_premium_from_the_first_purchase_of_the_month_on():
    class Dear(sim.Policy):
        def decide(self, view):
            return sim.Plan(discount=-0.2)

    run = sim.run("plain", months=3, change={"market.customers": 300}, policies={"North": Dear()})
    table = metrics.price_premium(run).query("firm == 'North' and loyalty_decile > 0 and purchases > 0")
    assert len(table) > 5 and np.allclose(table["price_premium"], 20.0)


def test_a_database_sees_retention_only_after_a_year(run):
    short = sim.run("plain", seed=4, months=12, change=SMALL)
    assert metrics.database_retention(short)["database_retention"].isna().all()
    seen = metrics.database_retention(run)
    assert (
        seen["database_retention"].between(0.3, 1.0).all()
        and (seen["active_now"] <= seen["active_then"]).all()
    )


def test_yearly_measures_stand_at_the_last_full_year(run):
    at_24 = sim.run("plain", seed=4, months=24, change=SMALL)
    assert metrics.whale_curve(run).equals(metrics.whale_curve(at_24))
    short = metrics.accounts(sim.run("plain", seed=4, months=5, change=SMALL))
    assert (short["window_months"] == 5).all()


def test_a_run_repeats_to_the_bit_or_says_that_it_does_not():
    first = sim.run("plain", seed=3, months=6, change={"market.customers": 200})
    assert first.again().hash == first.hash and first.again(3).months_done == 3
    with pytest.raises(ValueError, match="the run has 6"):
        first.again(7)

    class Moody(sim.Policy):
        calls = 0

        def decide(self, view):
            Moody.calls += 1
            return sim.Plan(advertising=100.0 * Moody.calls)

    moody = sim.run("plain", months=3, change={"market.customers": 200}, policies={"North": Moody()})
    with pytest.raises(sim.user_errors.UserError, match="does not repeat"):
        moody.again()


def test_measuring_changes_nothing(monkeypatch):
    measured = sim.Market("plain", seed=4, months=14, change=SMALL)
    measured.run_model()
    monkeypatch.setattr("sim.market.METRICS", {})
    bare = sim.Market("plain", seed=4, months=14, change=SMALL)
    monkeypatch.setattr(bare.census, "take", lambda market: None)
    bare.run_model()
    assert bare.state_hash == measured.state_hash


def test_a_wrong_measure_gets_the_nearest_right_one(run):
    with pytest.raises(AttributeError, match="did you mean 'whale_curve'"):
        _ = metrics.whale_curv
    with pytest.raises(ValueError, match=r'must be of month, segment, level, tenure \(got "age"\)'):
        metrics.retention_by(run, "age")
