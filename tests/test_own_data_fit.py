"""A log fitted: estimates hold the truth, forecasts are tracked, what cannot be told is said."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from logs_of_purchases import DATA, needs_cdnow

import sim
from sim.calibrate import InDoubt, LogError
from sim.calibrate.estimating import own_means
from sim.calibrate.fitted import Fit
from sim.calibrate.luck import _square_if_alive, of_a_right_model
from sim.calibrate.regularity import regularity
from sim.calibrate.sieving import far_behind, most_paid
from sim.value import BetaGeometricNBD, CannotFit, Histories, NegativeBinomial

START = np.datetime64("2021-01-04")
TRUTH = {"r": 0.8, "alpha": 6.0, "a": 0.6, "b": 3.0}
SPEND = {"p": 6.0, "q": 4.0, "gamma": 45.0}


def purchases(n: int, days: int, *, stops: bool = True, season: bool = False, seed: int = 1) -> pd.DataFrame:
    """A log drawn as BG/NBD and Gamma-Gamma say; customers come all the time."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, days, n)
    rate = rng.gamma(TRUTH["r"], 1.0 / TRUTH["alpha"], n) / 7.0
    stop = rng.beta(TRUTH["a"], TRUTH["b"], n) if stops else np.zeros(n)
    scale = rng.gamma(SPEND["q"], 1.0 / SPEND["gamma"], n)
    now, active, rows = first.astype(float), np.ones(n, dtype=bool), []
    while active.any():
        who = np.flatnonzero(active)
        kept = (
            rng.random(len(who)) < (1.0 - 0.5 * np.cos(2 * np.pi * now[who] / 365.25)) / 1.5
            if season
            else True
        )
        rows.append(pd.DataFrame({"customer": who, "day": now[who], "kept": kept | (now[who] == first[who])}))
        now = now + rng.exponential(1.0, n) / rate / (1.5 if season else 1.0)
        active &= now < days
        active &= (rng.random(n) >= stop) | (rows[-1].set_index("customer")["day"].reindex(range(n)) == first)
    log = pd.concat(rows).query("kept").drop(columns="kept")
    log["date"] = START + log.pop("day").astype(int).to_numpy().astype("timedelta64[D]")
    log["amount"] = np.round(rng.gamma(SPEND["p"], 1.0, len(log)) / scale[log["customer"]] + 0.01, 2)
    return log.sort_values("date", ignore_index=True)


@pytest.fixture(scope="module")
def shop() -> Fit:
    return sim.fit(purchases(12_000, 1_200), new_since=START.astype(str))


@pytest.fixture(scope="module")
def cdnow() -> Fit:
    return sim.fit(DATA / "cdnow_sample.txt", customer=2, date=3, amount=5, new_since="1997-01-01")


def test_the_intervals_hold_the_truth(shop):
    table = shop.table
    for name, true in (TRUTH | SPEND).items():
        assert table.loc[name, "low"] < true * 1.05 and table.loc[name, "high"] > true * 0.95, name
    month = 365.25 / 12 / 7
    assert table.loc["purchases_a_month", "estimate"] == pytest.approx(0.8 / 6.0 * month, rel=0.06)
    assert table.loc["stop_chance", "estimate"] == pytest.approx(0.6 / 3.6, rel=0.06)
    assert table.loc["spend", "estimate"] == pytest.approx(45.0 * 6.0 / 3.0, rel=0.03)


def test_a_fit_to_the_first_half_foretells_the_second(shop):
    assert abs(shop.holdout_error) < 0.05 and abs(shop.tracking_error) < 0.03
    frequency = shop.frequency
    assert frequency["customers"].sum() < shop.summary["new_customers"]
    assert np.abs(frequency["expected"] / frequency["actual"] - 1.0).max() < 0.25
    weeks = shop.holdout
    assert weeks["actual"].sum() == weeks["cum_actual"].iloc[-1]
    assert weeks["week"].is_monotonic_increasing and weeks["holdout"].mean() == pytest.approx(0.5, abs=0.02)


def test_customers_who_each_pay_their_own_price_are_valued_at_it():
    log = purchases(1_500, 700)
    log["amount"] = np.where(log["customer"] % 2, 10.0, 100.0)
    fit = sim.fit(
        pd.concat([log, log, log]).assign(order=np.arange(3 * len(log))), new_since=START.astype(str)
    )
    worth = fit.customers.assign(price=lambda t: np.where(t["customer"].astype(int) % 2, 10, 100))
    means = worth.groupby("price")["lifetime_value"].mean()
    once = int((worth["purchases"] == 1).sum())
    assert any(note.startswith(f"{once:,} customers bought once: BG/NBD cannot see") for note in fit.notes)
    assert fit.spend_model is None and means[100] / means[10] == pytest.approx(10.0, rel=0.3)
    row, days = (
        fit.table.loc["spend"],
        log.assign(date=log["date"].dt.date).drop_duplicates(["customer", "date"]),
    )
    assert row["estimate"] == pytest.approx(
        3 * log["amount"].sum() / len(days)
    )  # of a purchase, not of an order
    assert fit.summary["mean_order"] == pytest.approx(log["amount"].mean())
    paid = 3 * log.groupby("customer")["amount"].sum().to_numpy()
    draws = np.random.default_rng(1).integers(0, len(paid), (400, len(paid)))
    bought = days.groupby("customer").size().to_numpy()
    boot = (paid[draws].sum(axis=1) / bought[draws].sum(axis=1)).std()
    assert row["standard_error"] == pytest.approx(boot, rel=0.15)


@pytest.mark.parametrize(("within", "between"), [(0.0, 30.0), (20.0, 0.0), (20.0, 15.0)])
def test_own_means_are_drawn_to_the_mean_as_far_as_purchases_vary(within, between):
    rng = np.random.default_rng(4)
    true, customer = (
        200.0 + between * rng.normal(size=3_000),
        np.repeat(np.arange(3_000), rng.integers(1, 6, 3_000)),
    )
    money = true[customer] + within * rng.normal(size=len(customer))
    paid, error = own_means(customer, money)
    wrong = np.std(paid - true)
    assert wrong <= min(within, between) * 0.7 + 1.0 and np.sqrt(
        np.mean((paid * error) ** 2)
    ) == pytest.approx(wrong, abs=2.5)


@needs_cdnow
def test_cdnow_is_tracked_as_in_fader_hardie_lee_2005_figure_3(cdnow):
    assert cdnow.summary["holdout_from"] == "1997-09-30"  # 39 weeks to fit, 39 to hold against
    assert cdnow.tracking_error == pytest.approx(-0.04, abs=0.01)  # the paper: "4 % under" by week 78
    assert cdnow.holdout["cum_actual"].iloc[-1] == pytest.approx(4_339, rel=0.005)
    assert cdnow.summary["rows"] == 6_919 and cdnow.summary["new_customers"] == 2_349


@needs_cdnow
def test_a_cohort_is_told_from_a_shop_and_columns_in_doubt_are_asked_for():
    with pytest.raises(LogError, match=r"looks like the purchases of a cohort.*--new-since 1997-01-01"):
        sim.fit(DATA / "cdnow_sample.txt", customer=2, date=3, amount=5)
    with pytest.raises(LogError, match="which column is the customer"):
        sim.fit(DATA / "cdnow_sample.txt")


def test_a_log_without_drop_out_is_fitted_and_says_so():
    fit = sim.fit(purchases(4_000, 500, stops=False), new_since=START.astype(str))
    assert isinstance(fit.purchases_model, NegativeBinomial) or fit.summary["stop_after_a_purchase"] < 0.01
    assert fit.table.loc["purchases_a_month", "estimate"] == pytest.approx(0.58, rel=0.1)
    if isinstance(fit.purchases_model, NegativeBinomial):
        assert any("taken as 0" in note for note in fit.notes)
    assert (fit.customers["active"] > 0.9).mean() > 0.95


def test_seasons_are_those_of_the_log():
    fit = sim.fit(purchases(6_000, 1_461, season=True), new_since=START.astype(str))
    true = 1.0 - 0.5 * np.cos(2 * np.pi * (np.arange(12) + 0.5) / 12)
    assert fit.season is not None and fit.season.mean() == pytest.approx(1.0)
    assert np.corrcoef(fit.season, true)[0, 1] > 0.95
    assert fit.season.max() / fit.season.min() == pytest.approx(3.0, rel=0.3)


@pytest.mark.parametrize(("days", "has"), [(730, True), (725, True), (715, False)])
def test_two_calendar_years_are_two_years(days, has):
    """730 days are under 2 x 365.25, and a shop may be shut on the last days of a year."""
    log = purchases(1_500, 730)
    fit = sim.fit(log[log["date"] < START + days], new_since=START.astype(str))
    assert (fit.season is not None) == has
    assert any("under two years" in note for note in fit.notes) != has
    assert not any("--new-since if the shop began" in note for note in fit.notes), "it was said"
    assert any("the holdout expects the season of the first half" in note for note in fit.notes) == has


def test_who_was_a_customer_before_the_log_begins_is_not_taken_for_new():
    whole = purchases(12_000, 1_200)
    late = whole[whole["date"] >= START + np.timedelta64(500, "D")]
    fit = sim.fit(late)
    assert any(
        "under two years: no season is estimated, all months are alike: take a log of three years" in note
        for note in fit.notes
    )
    true_first = whole.groupby("customer")["date"].min()
    assert fit.summary["new_since"] > "2022-06-01" and any(
        "is not taken for new" in note for note in fit.notes
    )
    new = fit.customers.query("new").customer
    assert (true_first[new.astype(int)] >= START + np.timedelta64(500, "D")).mean() > 0.85
    slip = pd.concat([late, late.head(1).assign(date=np.datetime64("1900-01-01"), customer=99_999)])
    assert sim.fit(slip).summary["new_since"] > "2022-06-01"
    with pytest.raises(LogError, match="new_since: a date such as 2024-01-31"):
        sim.fit(late, new_since="soon")


def test_few_new_customers_are_warned_about_and_very_few_refused():
    some = sim.fit(purchases(300, 900), new_since=START.astype(str))
    assert any(note.startswith("only ") and "intervals are wide" in note for note in some.notes)
    with pytest.raises(LogError, match=r"customers are new since 2021-01-..?, and 50 are needed"):
        sim.fit(purchases(45, 900), new_since=START.astype(str))


def test_one_customer_or_purchases_that_tell_nothing_get_a_clear_error():
    one = pd.DataFrame({"customer": 1, "date": pd.date_range("2023-01-01", periods=300), "amount": 5.0})
    with pytest.raises(LogError, match="nobody is new after"):
        sim.fit(one)
    once = pd.DataFrame(
        {"customer": range(400), "date": pd.date_range("2023-01-01", periods=400), "amount": 5.0}
    )
    with pytest.raises(CannotFit, match="nobody bought again"):
        sim.fit(once, new_since="2023-01-01")


def test_a_row_a_customer_with_what_each_is_worth(shop, tmp_path):
    table = shop.customers
    assert len(table) == shop.summary["customers"] and table["customer"].is_unique
    assert (
        table["active"].between(0, 1).all() and (table["purchases_low"] <= table["purchases_12_months"]).all()
    )
    assert (table["lifetime_value"] >= table["purchases_12_months"]).all()
    assert table.attrs["value"] == "revenue, not profit"
    model = shop.purchases_model
    assert isinstance(model, BetaGeometricNBD)
    row = table.iloc[5]
    weeks = [
        (pd.Timestamp(shop.summary["until"]) - row["first"]).days / 7,
        (row["last"] - row["first"]).days / 7,
    ]
    expected = model.conditional_expected_purchases(365.25 / 7, row["purchases"] - 1, weeks[1], weeks[0])
    assert row["purchases_12_months"] == pytest.approx(expected)
    third = shop.customer_values(unit_margin=0.3)
    assert third["lifetime_value"].to_numpy() == pytest.approx(0.3 * table["lifetime_value"].to_numpy())
    with pytest.raises(ValueError, match="unit_margin: a share above 0"):
        shop.customer_values(unit_margin=30)
    file = shop.save_customers(tmp_path / "all.csv")
    written = pd.read_csv(file)
    assert len(written) == len(table) and {"lifetime_revenue", "revenue_low", "revenue_high"} <= set(
        written.columns
    )
    with pytest.raises(FileExistsError):
        shop.save_customers(file)


def test_pictures_show_weeks_and_frequencies(shop):
    for kind in ("holdout", "frequency"):
        ax = shop.plot(kind)
        assert ax.get_title(loc="left")
        heights = (
            [line.get_ydata() for line in ax.lines]
            if kind == "holdout"
            else [[b.get_height() for b in ax.patches]]
        )
        assert any(
            len(h)
            == len(shop.holdout if kind == "holdout" else shop.frequency) * (1 if kind == "holdout" else 2)
            for h in heights
        )
    with pytest.raises(ValueError, match="kind: holdout or weeks or frequency or season"):
        shop.plot("pie")


@pytest.mark.parametrize("slips", [["2027-06-01"], ["2024-12-24", "2026-01-09"]])
def test_a_row_far_behind_all_others_is_not_taken_for_the_end(slips, tmp_path):
    log = purchases(1_500, 600)
    end = str(log["date"].max())[:10]
    late = log.head(len(slips)).assign(date=pd.to_datetime(slips))
    late.to_csv(tmp_path / "b.csv", index=False)
    log.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(InDoubt, match=rf"before row {len(log) + 1:,}: {slips[0]}.*--until {end}") as doubt:
        sim.fit(pd.concat([log, late]), new_since=START.astype(str), until="2030-01-01")
    assert doubt.value.option == "until" and doubt.value.choices == [end, slips[-1]]
    with pytest.raises(InDoubt, match=rf"before b.csv, row 1: {slips[0]}"):
        sim.fit(tmp_path, new_since=START.astype(str), until="2030-01-01")
    whole, without = (
        sim.fit(tmp_path, new_since=START.astype(str), until=until) for until in (slips[-1], end)
    )
    assert whole.summary["until"] == slips[-1] and without.summary["until"] == end
    assert without.table.equals(sim.fit(log, new_since=START.astype(str)).table)


def test_a_shop_that_closes_for_half_a_year_has_no_row_far_behind():
    year = np.arange(0, 180)
    assert not far_behind(np.r_[year, year + 365, year + 730]).any()
    assert not far_behind(np.r_[np.arange(700), np.arange(800, 820)]).any()
    assert far_behind(np.r_[-40_000, np.arange(700), 800]).sum() == 1
    assert not far_behind(np.array([1, 2, 4_000])).any()


def test_where_there_is_no_holdout_a_note_says_why():
    log = purchases(1_500, 600)
    early = log[log["date"] < START + np.timedelta64(200, "D")]
    last = log.tail(1).assign(customer=9_999)
    fit = sim.fit(pd.concat([early, last]), new_since=START.astype(str), until=str(last["date"].max())[:10])
    assert np.isnan(fit.holdout_error) and np.isnan(fit.tracking_error) and "no holdout" in repr(fit)
    assert "there is no holdout: nobody new in the first half of the time bought in the second" in fit.notes
    assert "holdout" not in fit.pictures


def test_an_absurd_amount_is_kept_and_named_with_its_row():
    log = purchases(1_500, 600)
    assert not sim.fit(log, new_since=START.astype(str)).log.index.str.contains("far beyond").any()
    again = int(
        np.flatnonzero(log["customer"].duplicated())[400]
    )  # the first purchase is no part of the spend model
    huge = sim.fit(
        log.assign(amount=log["amount"].where(log.index != again, 1e12)), new_since=START.astype(str)
    )
    row = huge.log.loc["of these, amounts far beyond all others"]
    assert row["rows"] == 1 and row["share_of_money"] > 0.999 and f"row {again + 1:,}: " in row["examples"]
    assert "1,000,000,000,000.00" in huge.notes[0] and "correct or delete it" in huge.notes[0]
    assert any(
        "spend has no model of its own: one purchase of 1,000,000,000,000.00" in note for note in huge.notes
    )
    assert huge.log.loc["kept", "rows"] == len(log)
    total = pd.DataFrame(
        {"customer": ["Total"], "date": [log["date"].max()], "amount": [log["amount"].sum()]}
    )
    found = sim.fit(pd.concat([log.astype({"customer": str}), total]), new_since=START.astype(str))
    assert found.notes[0].startswith(
        "1 row (50.0 % of the money) is far beyond all other amounts and kept (row "
    )
    assert not any("spend has no model" in note for note in found.notes)


@pytest.mark.parametrize("draw", ["lognormal", "exponential", "heavy", "one price"])
def test_ordinary_amounts_are_not_far_beyond_all_others(draw):
    rng = np.random.default_rng(3)
    for n in (100, 1_000, 20_000):
        amounts = {
            "lognormal": rng.lognormal(3.0, 1.5, n),
            "exponential": rng.exponential(20.0, n),
            "heavy": rng.gamma(6.0, 1.0, n) / rng.gamma(4.0, 1.0 / 15.0, n),
            "one price": np.full(n, 5.0),
        }[draw]
        assert amounts.max() <= most_paid(amounts)
        assert n == 100 or most_paid(np.r_[amounts, amounts.sum()]) < amounts.sum()
    assert most_paid(np.array([1.0, 1e9])) == np.inf
    tariffs = np.r_[np.full(4960, 9.99), np.full(40, 99.90)]
    assert most_paid(tariffs) == np.inf and most_paid(np.r_[tariffs[:4960], 99_900.0]) < 99_900.0


def test_customers_are_valued_by_all_of_their_purchases_the_first_too():
    log = purchases(3_000, 700)
    day = log["date"].max() - np.timedelta64(20, "D")
    two = pd.DataFrame({"customer": [9_001, 9_002], "date": day, "amount": [2.0, 900.0]})
    fit = sim.fit(pd.concat([log, two]), new_since=START.astype(str))
    once = fit.customers.set_index("customer").loc[["9001", "9002"]]
    model, values = fit.spend_model, once["lifetime_value"].to_numpy()
    assert values[1] / values[0] == pytest.approx(
        model.conditional_expected_spend(1, 900.0) / model.conditional_expected_spend(1, 2.0)
    )
    assert (
        once["purchases_12_months"].nunique() == 1 and once["value_low"].iloc[1] > once["value_high"].iloc[0]
    )
    assert not any("on their first purchase" in note for note in fit.notes)


def test_spend_is_nearer_the_truth_with_the_first_purchase():
    rng = np.random.default_rng(5)
    n, rate = 3_000, rng.gamma(0.8, 1.0, 3_000)
    who = np.repeat(np.arange(n), 1 + rng.poisson(rate))
    scale = rng.gamma(4.0, 1.0 / 45.0, n)
    date = START + np.r_[0, rng.integers(0, 700, len(who) - 1)].astype("timedelta64[D]")
    log = pd.DataFrame({"customer": who, "date": date, "amount": rng.gamma(6.0, 1.0, len(who)) / scale[who]})
    fit = sim.fit(log, new_since=START.astype(str))
    h, model = fit.all_histories, fit.spend_model
    true = np.log(6.0 / scale)
    new, old = (
        np.sqrt(np.mean((np.log(model.conditional_expected_spend(*known)) - true) ** 2))
        for known in (fit.spend_records(h), (h.frequency, h.monetary))
    )
    assert new < 0.8 * old


def test_a_first_purchase_that_differs_is_left_out_of_values():
    log = purchases(3_000, 700)
    first = ~log["customer"].duplicated()
    log["amount"] = np.where(first, 0.5 * log["amount"], log["amount"])
    fit = sim.fit(log, new_since=START.astype(str))
    note = next(note for note in fit.notes if note.startswith("on their first purchase customers pay "))
    assert re.search(r"pay (4[5-9]|5[0-5]) % less than later", note)
    x, mean = fit.spend_records(fit.all_histories)
    assert (x == fit.all_histories.frequency).all() and (mean[x == 0] == 0).all()
    since = str(START + np.timedelta64(300, "D"))
    later = sim.fit(log, new_since=since)
    x, _ = later.spend_records(later.all_histories)
    new = later.customers["new"].to_numpy()
    assert (x - later.all_histories.frequency)[
        ~new
    ].min() == 1  # the first purchase in the log is none of theirs


def test_the_holdout_expects_the_season_of_the_first_half():
    """Two and a half years, with most purchases in summer: the first half ends in winter, the second has two springs."""
    fit = sim.fit(purchases(6_000, 912, season=True), new_since=START.astype(str))
    weeks = fit.holdout[fit.holdout["holdout"]]
    assert np.corrcoef(weeks["actual"], weeks["expected"])[0, 1] > 0.9
    note = next(
        note for note in fit.notes if note.startswith("the holdout expects the season of the first half")
    )
    made = float(re.search(r"([-+]\d+\.\d) %", note)[1]) / 100
    assert made > 0.1
    assert weeks["expected"].sum() / weeks["actual"].sum() == pytest.approx(1 + fit.holdout_error, abs=0.1)
    assert abs(fit.holdout_error) < abs((1 + fit.holdout_error) / (1 + made) - 1) - 0.05
    seen = fit.holdout[~fit.holdout["holdout"]]
    assert (
        abs(seen["expected"].sum() / seen["actual"].sum() - 1.0) < 0.05
    )  # the level is that of the first half


def test_a_log_without_seasons_has_none_in_its_holdout(shop):
    short = sim.fit(purchases(1_500, 600), new_since=START.astype(str))
    assert not any("the season of the first half" in note for note in short.notes)
    note = next(
        note for note in shop.notes if note.startswith("the holdout expects the season of the first half")
    )
    assert abs(float(re.search(r"([-+]\d+\.\d) %", note)[1])) < 2.0


def split_log(n: int, weeks: float, seed: int) -> tuple[Histories, int]:
    """Histories up to the middle of the time, drawn as BG/NBD says, and what these customers bought after it."""
    rng, middle = np.random.default_rng(seed), weeks / 2.0
    first = rng.integers(0, int(middle), n).astype(float)
    rate, stop = rng.gamma(TRUTH["r"], 1.0 / TRUTH["alpha"], n), rng.beta(TRUTH["a"], TRUTH["b"], n)
    x, last, later, now, active = np.zeros(n), first.copy(), 0, first.copy(), np.ones(n, dtype=bool)
    while active.any():
        now = now + rng.exponential(1.0, n) / rate
        active &= now < weeks
        early = active & (now <= middle)
        x, last, later = x + early, np.where(early, now, last), later + int((active & ~early).sum())
        active &= rng.random(n) >= stop
    return Histories(np.arange(n), x, last - first, middle - first, first, np.zeros(n)), later


def test_the_luck_of_a_holdout_covers_most_logs_of_the_model_itself():
    """Of 40, luck puts 38 inside, give or take 2; with half the width it would be 27."""
    inside = 0
    for seed in range(40):
        h, later = split_log(500, 104.0, seed)
        model = BetaGeometricNBD.fit(h.frequency, h.first_to_last, h.age)
        expected = model.conditional_expected_purchases(52.0, h.frequency, h.first_to_last, h.age).sum()
        low, high = of_a_right_model(model, h, 52.0)
        assert 0.1 < -low < high < 0.4
        inside += low <= expected / later - 1.0 <= high
    assert 34 <= inside <= 40


def test_the_mean_square_of_purchases_to_come_is_that_of_customers_drawn():
    rng, ahead, age = np.random.default_rng(1), 26.0, 30.0
    for x in (0.0, 3.0, 12.0):
        rate = rng.gamma(TRUTH["r"] + x, 1.0 / (TRUTH["alpha"] + age), 400_000)
        stop = rng.beta(TRUTH["a"], TRUTH["b"] + x, len(rate))
        without = rng.poisson(rate * ahead)
        drawn = np.minimum(without, rng.geometric(np.maximum(stop, 1e-12)))
        for model, bought in (
            (BetaGeometricNBD(**TRUTH), drawn),
            (NegativeBinomial(TRUTH["r"], TRUTH["alpha"]), without),
        ):
            square = _square_if_alive(model, np.array([x]), np.array([age]), ahead)
            assert square[0] == pytest.approx((bought.astype(float) ** 2).mean(), rel=0.03)


def test_a_holdout_has_the_luck_of_a_right_model_beside_it(shop):
    low, high = shop.holdout_luck
    assert -0.15 < low < shop.holdout_error < high < 0.15
    assert (shop.summary["holdout_luck_low"], shop.summary["holdout_luck_high"]) == (low, high)
    assert "95 % of what luck gives a right model" in repr(shop)


def test_a_half_too_short_to_tell_drop_out_has_no_such_interval():
    """Few buy again: the first half shows no drop-out, the whole does, so that the holdout is another model's."""
    fit = sim.fit(purchases(500, 400, seed=0), new_since=START.astype(str))
    assert np.isnan(fit.holdout_luck).all()
    assert isinstance(fit.purchases_model, BetaGeometricNBD) and np.isfinite(fit.holdout_error)
    assert any(
        note.startswith("the first half of the time is too short to tell drop-out") for note in fit.notes
    )
    assert "right model" not in repr(fit)


def test_random_purchases_are_not_regular_and_those_by_the_calendar_are(shop):
    assert shop.regularity.value == pytest.approx(1.0, abs=0.15) and not shop.regularity.is_regular
    assert not any("regular intervals" in note for note in shop.notes)
    rng = np.random.default_rng(1)
    for k in (1.0, 4.0, 25.0):  # intervals drawn as Gamma, of customers of very different rates
        gaps = rng.gamma(k, rng.gamma(2.0, 200.0, 4_000)[:, None] / k, (4_000, 5))
        day = (1_000 + np.cumsum(gaps, axis=1)).astype(int).ravel()
        found = regularity(np.repeat(np.arange(4_000), 5), day, int(day.max()))
        assert found.value == pytest.approx(k, rel=0.15) and found.is_regular == (k > 10)
    few = regularity(np.repeat(np.arange(9), 3), np.tile([1, 31, 61], 9), 90)
    assert np.isnan(few.value) and not few.is_regular and few.followed == 9
    clock = regularity(np.repeat(np.arange(40), 3), np.tile([1, 31, 61], 40), 122)
    assert clock == (np.inf, 30.0, 40, 40) and clock.is_regular
