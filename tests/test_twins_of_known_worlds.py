"""Measures by twins in worlds whose answer is known by a formula."""

from __future__ import annotations

import numpy as np
import pytest
from test_closed_form_markets import ONE_FIRM
from worlds import ALIKE, FIRMS

import sim
from sim import metrics


def test_a_brand_is_worth_what_the_logit_says_where_all_choose_anew_each_month():
    change = {
        **ALIKE, "market.customers": 1500, "buy.base_chance": 1.0, "firms.North.brand_bonus": 1.0,
        **{f"firms.{firm}.switching_cost": 0.0 for firm in FIRMS},
        **{f"firms.{firm}.plan.advertising": 0 for firm in FIRMS},
    }  # fmt: skip
    run = sim.run("plain", months=4, seed=3, change=change)
    assert run.market.customers.loyalty.max() == 0.0
    table = metrics.equity_drivers(run, futures=5, months=6).set_index("driver")
    assert table.loc[["value", "relationship"], "equity"].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    # a customer is back with North each month with chance e / (e + 3), and 1 / 4 once its brand is the others'
    kept, error = table["equity"], table["standard_error"]
    ratio = kept["levelled"] / kept["equity"]
    spread = ratio * np.hypot(error["levelled"] / kept["levelled"], error["equity"] / kept["equity"])
    assert spread < 0.03
    assert ratio == pytest.approx(0.25 * (np.e + 3.0) / np.e, abs=4.0 * spread)
    assert table.at["brand", "share"] == pytest.approx(1.0 - ratio)


def test_levels_keep_as_many_as_the_hazard_says_where_the_need_alone_ends_relationships(tmp_path):
    hazard, customers = 0.02, 4000
    file = tmp_path / "one.toml"
    file.write_text(ONE_FIRM.format(exit="0.0", base=str(hazard)), encoding="utf-8")
    run = sim.run(file, months=2, seed=7, change={"market.customers": customers})
    points = metrics.response_points(run, start=2, seeds=1)
    keeping = points[points["side"] == "retention"]
    assert keeping["succeeded"].nunique() == 1, "levels hold nobody whose need has ended"
    stay = (1.0 - hazard) ** 12
    error = np.sqrt(stay * (1.0 - stay) / keeping["tried"].iloc[0])
    assert keeping["rate"].iloc[0] == pytest.approx(stay, abs=4.0 * error) and error < 0.01
    assert keeping.loc[keeping["setting"] == "basic", "spend"].item() == 0.0
    assert metrics.acquisition_retention(run, points)["verdict"].tolist()[1] == "more money brings no more"


def test_a_word_that_nobody_hears_is_worth_nothing_however_much_there_is_to_tell():
    change = {"market.customers": 400, "talk.unhappy_tells": 0, "talk.happy_tells": 0}
    run = sim.run("two_cafes", months=14, seed=2, change=change)
    table = metrics.customer_referral_value(run, tellers=8, months=3)
    assert table[["good", "bad"]].sum().min() > 0
    assert (table[["equity", "rewards", "customer_referral_value"]] == 0.0).all().all()
    assert (table.attrs["mean"], table.attrs["standard_error"]) == (0.0, 0.0)


def test_advertising_wins_as_many_as_the_saturating_response_says_and_the_curve_is_found_again(tmp_path):
    """Blattberg & Deighton 1996: reached with 1 - exp(-k money a head) each month, so 1 - exp(-k money) in a year.

    Six in ten buy at once where they know the firm; the others have a need in 200 months.
    """
    response, buyers, seldom = 0.4, 0.6, 0.005
    file = tmp_path / "one.toml"
    text = ONE_FIRM.format(exit="0.0", base="0.0")
    one = text[text.index("[segments.everyone]") : text.index("[firms.Only]")]
    two = one.replace("everyone", "seldom").replace(
        "need_rate = 1.0", f"need_rate = {seldom}\nshare = {1.0 - buyers}"
    )
    file.write_text(
        text.replace(one, one.replace("need_rate = 1.0", f"need_rate = 9.0\nshare = {buyers}") + two)
    )
    quiet = {
        "market.customers": 4_000, "market.setting": "free", "market.served_at_start": 0.0,
        "market.initial_awareness": 0.0, "advertise.forgetting": 0.0, "advertise.response": response,
        "firms.Only.plan.advertising": 600,
    }  # fmt: skip
    run = sim.run(file, months=1, seed=5, change=quiet)
    with pytest.raises(ValueError, match="seeds: must be 1 or more"):
        metrics.response_points(run, seeds=0)
    points = metrics.response_points(run, start=0, seeds=1)
    winning = points[points["side"] == "acquisition"].set_index("setting")
    assert (winning["tried"] == 4_000).all()
    month = np.arange(1, 13)
    for factor, row in zip(
        metrics.balance.FACTORS,
        winning.loc[[str(x) for x in metrics.balance.FACTORS]].itertuples(),
        strict=True,
    ):
        assert row.spend == pytest.approx(12 * 0.15 * factor)
        unreached = np.exp(-response * 0.15 * factor)
        first = (1.0 - unreached) * unreached ** (month - 1)  # the month of the first reach
        known = buyers * first.sum() + (1.0 - buyers) * first @ (1.0 - np.exp(-seldom * (13 - month)))
        assert row.rate == pytest.approx(known, abs=4.0 * np.sqrt(known * (1.0 - known) / 4_000))
    found = metrics.acquisition_retention(run, points).set_index("side")
    assert found.at["retention", "verdict"] == "there was nobody to try it on"
    winning = found.loc["acquisition"]
    assert (winning["floor"], winning["verdict"]) == (0.0, "fitted")
    assert winning["ceiling"] == pytest.approx(buyers + 0.012, abs=0.03)
    assert winning["steepness"] == pytest.approx(response, rel=0.1)
