"""Values of the whole market: sums over the firms above and below the line, from the books themselves."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim import metrics
from sim.ledger import A, C


@pytest.fixture(scope="module")
def run():
    return sim.run(
        "two_cafes",
        seed=4,
        months=16,
        change={
            "market.customers": 300,
            "firms.Express.initial_share": 0.1,
            "firms.Corner.initial_share": 0.9,
        },
    )


def test_ratios_are_those_of_the_summed_books(run):
    table, market = metrics.market_months(run).set_index("month"), run.market
    heads = np.array(market.heads)
    for month in (5, 16):
        window = slice(max(0, month - 12), month)
        books, counts = (
            np.sum(market.ledger.months[window], axis=0),
            np.sum(market.ledger.counts[window], axis=0),
        )
        row = table.loc[month]
        assert row["customers"] == heads[month - 1].sum()
        kept = (
            run.months.query("month == @month")["monthly_retention"].to_numpy() * heads[month - 2][[0, 1]]
        ).sum()
        assert row["monthly_retention"] == pytest.approx(kept / heads[month - 2].sum())
        assert row["monthly_churn"] == pytest.approx(1.0 - row["monthly_retention"])
        won = counts[:, C["won"]].sum()
        assert row["acquisition_cost"] == pytest.approx(books[:, market.ledger.acquisition].sum() / 100 / won)
        sold = books[:, A["revenue"]].sum() - books[:, A["visit_revenue"]].sum()
        assert row["average_order_value"] == pytest.approx(sold / 100 / counts[:, C["orders"]].sum())
        yearly = books[:, A["revenue"]].sum() / 100 * 12 / min(month, 12)
        assert row["average_annual_sales"] == pytest.approx(yearly / heads[window].mean(axis=0).sum())
        voiced, failures = counts[:, C["voiced"]].sum(), counts[:, C["failures"]].sum()
        assert row["complaint_rate"] == pytest.approx(voiced / failures)
    last = table.loc[16]
    kept_years = sum(market.metrics["annual_retention"][15] * heads[4:16].sum(axis=0) / 12)
    spent = np.sum(market.ledger.months[4:16], axis=0)[:, market.ledger.retention].sum() / 100
    assert last["retention_cost"] == pytest.approx(spent / kept_years)
    assert last["cost_ratio"] == pytest.approx(last["acquisition_cost"] / last["retention_cost"])


def test_they_are_no_means_of_ratios_and_missing_before_they_can_be_known(run):
    table = metrics.market_months(run).set_index("month")
    firms = run.months.query("month == 16")
    assert table.at[16, "annual_retention"] != pytest.approx(firms["annual_retention"].mean(), rel=1e-6)
    low, high = firms["acquisition_cost"].min(), firms["acquisition_cost"].max()
    assert low < table.at[16, "acquisition_cost"] < high
    early = table.loc[:12, ["annual_retention", "retention_cost", "cost_ratio", "customer_equity"]]
    assert early.isna().all().all() and np.isnan(table.at[1, "monthly_churn"])
    assert table.loc[13:, "annual_retention"].between(0.0, 1.0).all()
    assert table.at[16, "customer_equity"] == pytest.approx(firms["customer_equity"].sum())


def test_spend_that_wins_nobody_is_spend_of_the_market():
    class Loud(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=10.0, advertising=1000.0)

    run = sim.run("plain", months=14, change={"market.customers": 200}, policies={"North": Loud()})
    table, ledger = metrics.market_months(run).set_index("month"), run.market.ledger
    last = run.months.query("month == 14")
    assert last.set_index("firm").at["North", "customers_won"] == 0.0
    books = np.sum(ledger.months[2:14], axis=0) / 100.0
    spent = books[:, ledger.acquisition].sum() / last["customers_won"].sum()
    assert table.at[14, "acquisition_cost"] == pytest.approx(spent)
    assert np.isfinite(table.at[14, "retention_cost"])
