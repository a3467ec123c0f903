"""Pictures of money, value and staying: what is drawn is what the tables say."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import pytest

import sim
from sim import metrics
from sim.show import alt_text
from sim.show.curves import tenths
from sim.show.money import GROUPS, group_of, grouped

matplotlib.use("agg")


@pytest.fixture(scope="module")
def cafes():
    return sim.run("two_cafes", months=24)


def test_groups_of_costs_and_profit_are_the_revenue_to_the_cent(cafes):
    sums = grouped(cafes.ledger)
    np.testing.assert_allclose(sums[list(GROUPS)].sum(axis=1), sums["revenue"], atol=0.005)
    last = cafes.ledger[cafes.ledger["month"] > 12].groupby("firm")["revenue"].sum()
    np.testing.assert_allclose(sums["revenue"], last[sums.index], atol=0.005)
    assert {group_of(name) for name in ("advertising", "levels", "training", "revenue", "discounts")} == {
        "winning", "keeping", "everything else", "",
    }  # fmt: skip


def test_tenths_hold_every_customer_once_and_all_their_profit(cafes):
    table = metrics.accounts(cafes)
    mine = table[(table["firm"] == "Corner") & table["customer"].notna()]
    found = tenths(table, "Corner")
    assert list(found["tenth"]) == list(range(1, 11)) and found["customers"].sum() == len(mine)
    assert found["customers"].max() - found["customers"].min() <= 1
    assert found["profit"].sum() == pytest.approx(mine["profit"].sum())
    assert (np.diff(found["profit"] / found["customers"]) <= 0).all()
    assert len(tenths(mine.head(9), "Corner")) == 0


def test_bars_are_the_shares_and_the_curve_ends_at_the_whole(cafes):
    ax = cafes.plot("spending")
    sums = grouped(cafes.ledger).loc["Corner"]
    widths = [container[0].get_width() for container in ax.containers]
    np.testing.assert_allclose(widths, [max(0.0, 100 * sums[group] / sums["revenue"]) for group in GROUPS])
    curve = cafes.plot("whale_curve")
    x, y = curve.lines[0].get_data()
    peaks = metrics.whale_peak(cafes).set_index("firm").loc["Corner"]
    scale = 1000.0 if "thousand" in curve.get_ylabel() else 1.0
    assert x[-1] == 100.0 and y[-1] * scale == pytest.approx(peaks["profit"])
    assert max(y) * scale == pytest.approx(peaks["peak_profit"])


def test_few_customers_and_no_sales_are_said_not_drawn(cafes):
    nobody = cafes.ledger.assign(revenue=0.0)
    assert "Corner sold nothing" in alt_text(sim.show.spending(nobody))
    table = metrics.accounts(cafes).head(5)
    assert "fewer than 10 customers" in alt_text(sim.show.value(table, firm="Corner"))
    empty = pd.DataFrame({"firm": ["A"], "age": [0], "survival": [np.nan], "standard_error": [np.nan]})
    assert "too few relationships" in alt_text(sim.show.survival(empty))
