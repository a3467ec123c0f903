"""Measures of a run, worked again from stored month-ends; sums against the ledger to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from worlds import CONTRACTS, EVERYTHING

import sim
from sim import metrics
from sim.ledger import C
from sim.metrics import MEASURES, sections

MONTHS = 29
SHORT = {
    "marginal_costs": {"start": 3, "months": 12, "seeds": 2},
    "equity_drivers": {"futures": 2, "months": 3},
    "customer_referral_value": {"tellers": 3},
    "response_points": {"start": 3, "seeds": 1},
    "acquisition_retention": {"start": 3, "seeds": 1},
}
"""Measures by twins, made short."""
AT_THE_END = (
    "rfm", "rfm_cells", "wallet_allocation", "database_retention", "share_of_mind", "net_promoter_true", "bad_news", "relationships",
)  # fmt: skip
"""Measures of the last month's state."""
COLUMNS = (
    "supplier", "generation", "segment", "level", "tenure", "recent_spend", "identified", "permission", "barred", "offered", "won_by",
)  # fmt: skip
TWO_KINDS = {
    "segments.everyone.share": 1.0,
    "firms.North.policy": {"name": "level_by_value", "top_share": 0.3, "top": "proactive", "rest": "basic"},
}


@pytest.fixture(scope="module", params=["everything", "contracts"])
def world(request):
    """A run of 29 months, the columns of every month's end, and what the referred spent each month."""
    change = {"everything": {**EVERYTHING, **TWO_KINDS}, "contracts": CONTRACTS}[request.param]
    run = sim.run("plain", seed=6, months=MONTHS, change={**change, "market.customers": 900})
    ends, referred = [], []

    def watch(market, stage):
        c = market.customers
        if stage == "leave":
            own = [(c.supplier == f) & (c.won_by == 4) for f in range(4)]
            referred.append([int(c.month_spent_cents[mine].sum()) for mine in own])
        if stage == "account":
            ends.append({n: getattr(c, n).copy() for n in COLUMNS})

    run.again(watch=watch)
    return run, ends, referred


def members(end, f):
    slots = np.flatnonzero(end["supplier"] == f)
    return set(zip(slots.tolist(), end["generation"][slots].tolist(), strict=True))


def test_accounts_sum_to_the_ledger_to_the_cent(world):
    run, _, _ = world
    table, year = metrics.accounts(run), run.ledger[(run.ledger["month"] > 12) & (run.ledger["month"] <= 24)]
    costs = [line for lines in metrics.profitability.GROUPS.values() for line in lines if line != "revenue"]
    for firm, mine in table.groupby("firm"):
        books = year[year["firm"] == firm]
        assert round(mine["revenue"].sum() * 100) == round(books["revenue"].sum() * 100)
        profit = books["revenue"].sum() - books[costs].sum().sum()
        assert round(mine["profit"].sum() * 100) == round(profit * 100)
        assert mine["customer"].isna().sum() == 1 and (mine["window_months"] == 12).all()


def test_every_activity_sums_to_its_lines_and_every_account_to_its_profit(world):
    run, _, _ = world
    table, plain = metrics.accounts_by_activity(run), metrics.accounts(run)
    assert (table["customer"].fillna(-1) == plain["customer"].fillna(-1)).all()
    for column in ("revenue", "profit"):
        assert (round(table[column] * 100) == round(plain[column] * 100)).all()
    year = run.ledger[(run.ledger["month"] > 12) & (run.ledger["month"] <= 24)]
    for name, lines in metrics.profitability.GROUPS.items():
        for firm, mine in table.groupby("firm"):
            booked = year.loc[year["firm"] == firm, list(lines)].sum().sum()
            assert round(mine[name].sum() * 100) == round(booked * 100), (name, firm)
    costs = table[["cost_of_goods", "order_handling", "service", "relationship"]][table["customer"].notna()]
    assert (costs >= 0).all().all() and (costs.sum() > 0).all()


def test_relationships_are_those_of_the_stored_month_ends(world):
    run, ends, _ = world
    table = metrics.relationships(run)
    last = table["ended"].fillna(MONTHS + 1).astype(int)
    for t, end in enumerate(ends):
        alive = table[(table["began"] <= t + 1) & (last > t + 1)]
        for f, firm in enumerate(m.name for m in run.market.firms):
            mine = alive[alive["firm"] == firm]
            assert set(zip(mine["customer"], mine["generation"], strict=True)) == members(end, f), (t, firm)
            tenure = end["tenure"][mine["customer"]]
            assert (tenure == t + 1 - mine["began"] + 1).all()
    assert (table["month_ends"] >= 0).all()
    now = table[table["ended"].isna()]
    segments = np.array(list(run.market.tables.segments))[run.market.customers.segment[now["customer"]]]
    assert (now["segment"] == segments).all()


def test_cohorts_count_who_is_unbroken_at_each_age(world):
    run, _, _ = world
    table, pairs = metrics.relationships(run), metrics.cohorts(run, months=1)
    began = table[table["began"] >= 1]
    for firm in run.firms.index:
        for cohort in (1, 5, 17):
            one = began[(began["firm"] == firm) & (began["began"] == cohort)]
            rows = pairs[(pairs["firm"] == firm) & (pairs["cohort"] == cohort)].set_index("age")
            assert len(rows) == MONTHS - cohort + 1
            for age in (0, 3, 12):
                if cohort + age <= MONTHS:
                    alive = (one["ended"].isna() | (one["ended"] > cohort + age)).sum()
                    assert rows.at[age, "unbroken"] == alive and rows.at[age, "began"] == len(one)
    pooled = metrics.cohort_survival(run)
    for firm in run.firms.index:
        for age in (1, 7, 20):
            one = pairs[(pairs["firm"] == firm) & (pairs["age"] == age)].set_index("cohort")["unbroken"]
            before = pairs[(pairs["firm"] == firm) & (pairs["age"] == age - 1)].set_index("cohort")
            risk = before["unbroken"].reindex(one.index).sum()
            row = pooled[(pooled["firm"] == firm) & (pooled["age"] == age)].iloc[0]
            assert (row["at_risk"], row["broken"]) == (risk, risk - one.sum())


def test_the_pooled_survival_never_rises_and_is_kaplan_and_meier_1958_with_greenwood_1926(world):
    run, _, _ = world
    pooled, years = metrics.cohort_survival(run), metrics.cohort_retention(run)
    for firm, rows in pooled.groupby("firm"):
        risk, broken, share = (rows[name].to_numpy(dtype=float) for name in ("at_risk", "broken", "survival"))
        known = int(np.argmax(np.append(risk, 0) < 50))
        assert known > 12 and np.isnan(share[known:]).all()
        assert share[:known] == pytest.approx(np.cumprod(1.0 - broken[:known] / risk[:known]))
        assert (np.diff(share[:known]) <= 0.0).all()
        spread = np.sqrt(np.cumsum(broken[:known] / (risk[:known] * (risk[:known] - broken[:known]))))
        assert rows["standard_error"].to_numpy()[:known] == pytest.approx(share[:known] * spread)
        for row in years[years["firm"] == firm].itertuples():
            first, last = 12 * row.year - 12, 12 * row.year
            assert row.at_risk == risk[first + 1] and (row.retention == row.retention) == (last < known)
            if last < known:
                assert row.retention == pytest.approx(share[last] / share[first]) and row.retention <= 1.0
                error = row.retention * np.sqrt(spread[last] ** 2 - spread[first] ** 2)
                assert row.standard_error == pytest.approx(error)


def test_the_survival_does_not_rise_where_later_cohorts_stay_longer():
    """A share of those who could be seen so long would: the early cohort is not in the young ages alone."""
    stood, ended, could = (
        np.array([2, 9, 9, 4]),
        np.array([True, False, False, False]),
        np.array([400, 300, 99, 900]),
    )
    risk, broken = metrics.staying.at_risk(
        np.repeat(stood, could), np.repeat(ended, could), np.zeros(could.sum(), dtype=int), 9
    )
    assert risk.tolist() == [1699, 1699, 1699, 1299] + [399] * 5 and broken.tolist() == [0, 0, 400] + [0] * 6
    share, error = metrics.staying._left(risk, broken)
    assert share == pytest.approx([1.0, 1.0] + [1299 / 1699] * 7) and (np.diff(error) >= 0.0).all()


def test_retention_by_group_is_that_of_the_stored_month_ends(world):
    run, ends, _ = world
    table = metrics.retention_by(run)
    months = metrics.retention_by(run, "month").set_index(["month", "firm"])
    expected = run.months.set_index(["month", "firm"])["monthly_retention"].dropna()
    assert np.allclose(months["retention"].reindex(expected.index), expected)
    bands = metrics.census.BANDS
    for t in (1, 13, 28):
        before, now = ends[t - 1], ends[t]
        for row in table[table["month"] == t + 1].itertuples():
            f = run.market.firm(row.firm).place
            low = bands[row.tenure]
            high = min([v for v in bands.values() if v > low], default=10**6)
            mine = (before["supplier"] == f) & (before["tenure"] >= low) & (before["tenure"] < high)
            mine &= before["level"] == sim.metrics.census.LEVELS.index(row.level)
            kept = mine & (now["supplier"] == f) & (now["generation"] == before["generation"])
            assert (row.customers, row.kept) == (mine.sum(), kept.sum())
    assert len(table["level"].unique()) > 1


def test_monthly_metrics_of_the_census_are_those_of_the_stored_month_ends(world):
    run, ends, referred = world
    market, got = run.market, run.market.metrics
    strategies = [firm.plan.strategy for firm in market.firms]
    for t in range(13, MONTHS):
        end, past = ends[t], ends[t - 12]
        for f in range(4):
            mine = end["supplier"] == f
            unbroken = mine & (past["supplier"] == f) & (end["tenure"].astype(int) - past["tenure"] == 12)
            unbroken &= end["generation"] == past["generation"]
            assert got["annual_retention_unbroken"][t][f] == pytest.approx(
                unbroken.sum() / (past["supplier"] == f).sum()
            )
            total = end["recent_spend"].sum(axis=0, dtype=float)
            spent = mine & (total > 0)
            share = (end["recent_spend"][f][spent] / total[spent]).mean()
            assert got["share_of_wallet"][t][f] == pytest.approx(share, rel=1e-5)
            open_to = end["barred"][f] == 0  # who was fired is not written to
            yes = np.isin(end["permission"][f], [1, 2])
            on_file = (end["identified"][f] > 0) & open_to
            reach = {"opt_out": on_file & (end["permission"][f] != 3), "opt_in": yes & open_to,
                     "double_opt_in": (end["permission"][f] == 2) & open_to}.get(strategies[f])  # fmt: skip
            if reach is not None:
                assert got["reachable"][t][f] == reach.sum()
            else:
                assert on_file.sum() < got["reachable"][t][f] < 900
            assert got["referral_revenue"][t][f] == pytest.approx(
                sum(m[f] for m in referred[t - 11 : t + 1]) / 100
            )


def test_win_backs_are_returns_within_three_months_of_an_offer(world):
    run, ends, _ = world
    back = np.zeros((MONTHS, 4))
    for t in range(1, MONTHS):
        now, before = ends[t], ends[t - 1]
        for i in np.flatnonzero(now["supplier"] >= 0):
            f = now["supplier"][i]
            same = before["supplier"][i] == f and before["generation"][i] == now["generation"][i]
            offered = int(now["offered"][f, i]) - 1
            back[t, f] += not same and offered >= 0 and t - offered < 3
    offers = np.array([book[:, C["offers"]] for book in run.market.ledger.counts])
    for t in range(MONTHS):
        window = slice(max(0, t - 11), t + 1)
        with np.errstate(invalid="ignore"):
            rate = back[window].sum(axis=0) / offers[window].sum(axis=0)
        assert np.allclose(run.market.metrics["win_back_rate"][t], rate, equal_nan=True)
    assert back[:, 0].sum() > 5


def test_revenue_by_origin_sums_to_the_ledger(world):
    run, _, _ = world
    table = metrics.revenue_by_origin(run).groupby("firm")[["revenue", "profit"]].sum()
    accounts = metrics.accounts(run).groupby("firm")[["revenue", "profit"]].sum()
    assert np.allclose(table.loc[accounts.index], accounts, atol=0.005)


def test_a_tree_adds_its_branches(world):
    run, _, _ = world
    tree = metrics.referral_tree(run)
    assert (tree["depth"] > 0).sum() > 5 and (tree["teller"].isna() == (tree["depth"] == 0)).all()
    for _firm, mine in tree.groupby("firm"):
        rows = mine.set_index("customer")
        below = mine.dropna(subset=["teller"]).groupby("teller")
        for teller, children in below:
            row = rows.loc[teller]
            assert row["referred"] == len(children)
            assert row["tree"] == len(children) + rows.loc[children["customer"], "tree"].sum()
            assert row["referral_revenue"] == pytest.approx(children["revenue"].sum())
            deep = children["revenue"].sum() + children["referral_tree_revenue"].sum()
            assert row["referral_tree_revenue"] == pytest.approx(deep)
            assert (children["depth"] == row["depth"] + 1).all() and (
                children["tenure"] < row["tenure"]
            ).all()


def test_credits_are_no_more_than_the_referrals_counted_and_rewards_are_those_paid(world):
    run, _, _ = world
    table = metrics.credited_referral_value(run).groupby("firm")[["credited", "rewards"]].sum()
    counts = sum(run.market.ledger.counts)[:, C["referrals"]]
    for f, firm in enumerate(m.name for m in run.market.firms):
        assert table["credited"].get(firm, 0) == counts[f]
        paid = run.ledger.loc[run.ledger["firm"] == firm, "referral_rewards"].sum()
        assert table["rewards"].get(firm, 0.0) == pytest.approx(paid)


def test_every_measure_is_documented_and_gives_a_table_with_the_run_in_its_attrs(world):
    run, _, _ = world
    for name in MEASURES:
        said = sections(name)
        assert "Unit: " in said["about"] and "Source: " in said["about"] + said.get("source", ""), name
        table = metrics.measure(name)(run, **SHORT.get(name, {}))
        assert isinstance(table, pd.DataFrame) and len(table) and table.attrs["seed"] == 6, name
        for column in table.columns:
            assert f"`{column}`" in said["returns"] or "As `accounts`" in said["returns"], (name, column)


def test_a_stopped_run_is_measured_and_followed_at_its_last_whole_month():
    def breaks(market):
        if market.month == 13:
            raise RuntimeError("enough")

    with pytest.raises(sim.user_errors.UserError) as caught:
        sim.run("two_cafes", seed=2, swap={"talk": breaks})
    stopped = caught.value.run
    whole = sim.run("two_cafes", seed=2, months=12, swap={"talk": lambda market: None})
    assert stopped.months_done == 13
    one, other = sim.metrics.accounts(stopped), sim.metrics.accounts(whole)
    assert one["revenue"].sum() > 0.0
    pd.testing.assert_frame_equal(one, other)
    whole = sim.run("two_cafes", seed=2, months=13, swap={"talk": lambda market: None})
    for name in AT_THE_END:
        pd.testing.assert_frame_equal(metrics.measure(name)(stopped), metrics.measure(name)(whole))
    assert stopped.follow(3).table["month"].max() <= 13
