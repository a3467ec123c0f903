"""Lifetime value of a market: the true one against worlds whose answer is known, forecasts against the true one."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.draws import Draws
from sim.forecasts import pooled_survivors, records_of, renewals
from sim.futures import _tails, roll_forward, twin_of
from sim.ledger import BY_CUSTOMER, SIGNS, C
from sim.snapshots import Snapshot, luck_of
from sim.switching import _from_months_end, _rate, by_switching, switching_counts
from sim.value import CannotFit
from tests.worlds import ALIKE, CONTRACTS, EVERYTHING, FIRMS, SILENT

pytestmark = pytest.mark.once

STAYING = {
    **SILENT, "market.customers": 400, "market.setting": "contract", "buy.base_chance": 0.0, "buy.price_alert": 0.0,
    "buy.rival_message": 0.0, "serve.unhappy_pending": 0.0, "serve.unresolved_pending": 0.0, "serve.materials": 0.0,
    "serve.encounter_load": 0.0, "buy.cross_sell": 0.0, "leave.base_exit": 0.02,
    **{f"firms.{firm}.plan.{key}": value for firm in FIRMS for key, value in (("level", "basic"), ("recovery", "none"))},
    **{f"firms.{firm}.reliability": 1.0 for firm in FIRMS},
}  # fmt: skip
"""Contracts that nobody leaves but for the end of the need: a month's margin as long as that lasts."""


def lived(change, months, seed=1, scenario="plain"):
    market = sim.Market(scenario, months=months, seed=seed, change=change)
    market.run_model()
    return market


@pytest.mark.parametrize("change", [EVERYTHING, CONTRACTS], ids=["free", "contract"])
def test_a_twin_with_the_same_luck_lives_the_same_months_to_the_bit(change):
    market = sim.Market("plain", months=20, seed=4, change=change)
    for _ in range(13):
        market.step()
    state, before = Snapshot(market), market.state_hash
    twin = twin_of(market, state, 5)
    for _ in range(2):
        assert twin.state_hash == before
        for _ in range(5):
            list(twin.pass_unmeasured())
        last = twin.state_hash
        state.restore(twin)
    assert market.state_hash == before != last
    for _ in range(5):
        market.step()
    assert market.state_hash == last


def test_valuing_a_market_changes_nothing_in_it():
    plain, valued = (sim.Market("two_cafes", months=18, seed=2) for _ in range(2))
    for _ in range(14):
        plain.step()
        valued.step()
    first = sim.lifetime_value(valued, futures=2, months=3)
    assert first.equals(sim.lifetime_value(valued, futures=2, months=3))
    plain.run_model()
    valued.run_model()
    assert plain.state_hash == valued.state_hash


def test_the_true_value_is_unbiased_where_the_answer_is_known():
    market = lived(STAYING, 3, seed=2)
    found = roll_forward(market, futures=40, months=48)
    c, k = market.customers, np.arange(1, 49)
    hazard = 1.0 - (1.0 - 0.02) * (1.0 - c.exit_rate.astype(float)) ** c.need_rate.astype(float)
    margin = c.basket.astype(float) * market.tables.firms["North"].unit_margin - market.tables.buy.order_cost
    shrink = 1.1 ** (-k / 12.0)
    known = margin * np.array([((1.0 - h) ** (k - 1) * shrink).sum() for h in hazard])
    own = found.supplier >= 0
    z = (found.mean - known)[own] / found.error[own]
    assert abs(z.mean()) < 3.0 / own.sum() ** 0.5 and 0.85 < z.std() < 1.2
    for f in range(len(FIRMS)):
        values = found.firms[:, f]
        error = values.std(ddof=1) / len(values) ** 0.5
        assert abs(values.mean() - known[found.supplier == f].sum()) < 3.0 * error
    assert np.allclose(np.bincount(found.supplier[own], weights=found.mean[own]), found.firms.mean(axis=0))


def test_the_tail_carries_on_what_is_known():
    market = lived(STAYING | {"segments.everyone.exit_rate.mean": 1e-9, "leave.base_exit": 0.05}, 2)
    short, long = (roll_forward(market, futures=12, months=months) for months in (30, 150))
    sums = [(found.firms + found.tails).mean(axis=0).sum() for found in (short, long)]
    assert abs(sums[0] / sums[1] - 1.0) < 0.02
    assert short.tails.mean(axis=0).sum() > 0.15 * sums[0]
    assert (long.tails.mean(axis=0) < 0.005 * long.firms.mean(axis=0)).all()


def test_true_values_of_several_horizons_agree_within_what_they_say():
    """Customers differ and spread over the firms, so that neither of the tail's two rates is right by itself."""
    market = lived({"market.customers": 300}, 24)
    tables = [
        sim.lifetime_value(market, method="true", futures=8, months=months) for months in (24, 60, 120, 360)
    ]
    values, errors, tails = (
        np.array([table[name] for table in tables]) for name in ("value", "standard_error", "tail_share")
    )
    assert (tails[-1] < 0.02).all() and (tails[0] > 0.5).all()
    assert (np.abs(values - values[-1]) < 2.0 * np.hypot(errors, errors[-1]))[:-1].all()
    assert (np.diff(errors[:3], axis=0) < 0.0).all() and (errors[0] > 2.0 * errors[-1]).all()


def test_a_tail_ends_where_nothing_is_discounted():
    market = lived({"market.customers": 100, "market.discount_rate": 0.0}, 3)
    found = roll_forward(market, futures=2, months=2)  # hardly anybody leaves in two months
    assert np.isfinite(found.tails).all() and (found.unsure >= 0.2 * np.abs(found.tails.mean(axis=0))).all()


def test_an_error_against_too_long_a_tail_has_no_interval():
    run = sim.run("two_cafes", months=18, change={"market.customers": 200})
    short, long = (sim.lifetime_value(run, futures=2, months=months) for months in (60, 360))
    for table, known in ((short, False), (long, True)):
        endless = table[table["method"].isin(["multiple", "database"])]
        assert endless["error"].notna().all() and (endless["error_low"].notna() == known).all()
        true = table[table["method"] == "true"]
        assert (true["note"].str.contains("look further ahead") != known).all()
        assert ((true["tail_share"] > 0.15) != known).all()
    lived_only = short[short["method"] == "switching"]  # held against five years without a tail
    assert lived_only["error_low"].notna().all()
    ten = sim.lifetime_value(run, futures=2, months=120)
    # however long the futures are, ten years are ten years
    for table, same in ((short, False), (long, True)):
        mine, as_long = (t[t["method"] == "switching"] for t in (table, ten))
        assert (np.isclose(mine["error"], as_long["error"]) == same).all()
        assert ((mine["note"] == "") == same).all()


def test_what_the_first_customers_earn_is_what_the_ledger_books():
    """No newcomers, one month: the meter's sum is the ledger's, to the rounding of records in float32."""
    market = lived(EVERYTHING, 6)
    twin = twin_of(market, Snapshot(market), 1)
    twin.draws = Draws(luck_of(market.seed, 0))
    twin.luck = twin.draws.key
    list(twin.pass_unmeasured())
    booked = (twin.ledger.months[-1] * SIGNS)[:, BY_CUSTOMER].sum(axis=1) / 100.0
    found = roll_forward(market, futures=2, months=1)
    moved_in = (twin.customers.supplier != market.customers.supplier) & (twin.customers.supplier >= 0)
    gap = booked - found.firms[0] * 1.1 ** (1 / 12)
    newcomers = np.bincount(
        twin.customers.supplier[moved_in],
        weights=(twin.customers.profit_cents / 100.0)[moved_in],
        minlength=len(FIRMS),
    )
    assert np.abs(gap - newcomers).max() < 0.05


@pytest.mark.parametrize(("setting", "months"), [("contract", 14), ("free", 50)])
def test_rust_lemon_zeithaml_2004_matrix_is_right_where_customers_are_alike(setting, months):
    """Within three standard errors over seeds; those hold the luck of the counts and of the futures."""
    errors = []
    for seed in range(1, 7):
        market = lived(ALIKE | {"market.setting": setting}, months, seed=seed)
        found = roll_forward(market, futures=4, months=120)
        errors.append(by_switching(market)[0].sum() / found.firms.sum(axis=1).mean() - 1.0)
    assert abs(np.mean(errors)) < 3.0 * np.std(errors, ddof=1) / len(errors) ** 0.5
    assert np.std(errors, ddof=1) < 0.05


def test_the_matrix_is_too_low_in_the_default_market():
    """Traits differ and loyalty grows: who is a customer stays longer than the average buyer."""
    market = lived({"market.customers": 1500}, 30, seed=1)
    table = sim.lifetime_value(market, futures=3)
    low = table[table["method"] == "switching"]
    weighted = np.average(low["error"], weights=low["value"])
    assert -0.45 < weighted < -0.05


def test_purchases_a_month_leave_out_the_part_of_a_month_before_somebody_came():
    """Ten months of customers, of them four newcomers: by hand with contracts, by the Poisson law without."""
    assert _rate(6.0, 10.0, 4.0, free=False) == pytest.approx(1.0)
    rate = 0.8
    after_the_first = rate / (1.0 - np.exp(-rate)) - 1.0
    assert _rate(6.0 * rate + 4.0 * after_the_first, 10.0, 4.0, free=True) == pytest.approx(rate, rel=1e-4)


def test_the_first_step_starts_at_a_months_end():
    """By hand: with contracts all pay next month; without, a month's moves are made at its first purchase."""
    brands, stops = np.array([90.0, 10.0]), 5.0
    assert _from_months_end(0, brands, stops, 1.0, free=False) == pytest.approx([0.9, 0.1, 0.0])
    buys, ends = 1.0 - np.exp(-0.5), 0.5 * 5.0 / 100.0
    stop = (1.0 - buys) * ends / (1.0 - (1.0 - buys) * (1.0 - ends))
    moves = 0.1 * 0.5 / buys
    expected = [(1.0 - moves) * (1.0 - stop), moves * (1.0 - stop), stop]
    assert _from_months_end(0, brands, stops, 0.5, free=True) == pytest.approx(expected)


def test_the_counts_of_the_matrix_are_the_ledgers():
    market = lived(EVERYTHING, 15)
    moves, stops, rate = switching_counts(market)
    orders, won = (sum(book[:, C[name]] for book in market.ledger.counts[-12:]) for name in ("orders", "won"))
    assert np.allclose(moves.sum(axis=0).diagonal(), orders - won)
    gone = [d for d in market.departures if int(d["month"][0]) >= 3]
    ended = np.concatenate([d["firm"][d["reason"] == 8] for d in gone])
    assert np.allclose(stops.sum(axis=0), np.bincount(ended, minlength=4)) and (rate > 0).all()


def test_survivors_are_pooled_as_kaplan_and_meier_1958():
    rng = np.arange(400)
    age = np.where(rng < 100, 1, np.where(rng < 150, 2, 3))
    survivors = pooled_survivors(age, rng < 150, np.zeros(400, dtype=int))
    assert np.allclose(survivors, [400, 400, 300, 250])  # nobody was seen at age 3
    late = pooled_survivors(
        age, rng < 150, np.where(rng >= 300, 2, 0)
    )  # a hundred were seen from age 2 on only
    assert np.allclose(late[:3], [400, 400, 400 * (1 - 100 / 300)])


def test_pooled_survivors_are_right_where_few_months_were_seen():
    """A tenth leaves each month; a hundred thousand come each month of six: whoever came last was not yet seen to stay."""
    rng = np.random.default_rng(1)
    left, seen = rng.geometric(0.1, 600_000), np.repeat(np.arange(1, 7), 100_000)
    is_over = left < seen
    survivors = pooled_survivors(np.where(is_over, left, seen), is_over, np.zeros(600_000, dtype=int))
    assert np.allclose(survivors / 600_000, 0.9 ** np.maximum(np.arange(7) - 1, 0), rtol=0.005)


def test_contracts_are_fitted_by_term():
    churn = np.repeat([0.21, 0.19, 0.17, 0.15, 0.14], 12) * (np.arange(1, 61) % 12 == 0)
    survivors = 4_000 * np.concatenate([[1.0, 1.0], np.cumprod(1.0 - churn)])
    stays = renewals(survivors, 12)
    assert np.allclose(stays(np.arange(6.0)), survivors[1::12] / 4_000, rtol=0.01)
    alike = renewals(4_000 * 0.8 ** np.arange(-1.0, 5.0).clip(0), 1)  # churn that does not fall: one rate
    assert np.allclose(alike(np.arange(4.0)), 0.8 ** np.arange(4.0))
    with pytest.raises(CannotFit, match="two terms of 12 months"):
        renewals(survivors[:20], 12)


def test_firms_with_contracts_of_a_year_have_a_fitted_value():
    run = sim.run("mobile_operator", months=30, change={"market.customers": 1_200})
    table = sim.lifetime_value(run, method="fitted")
    assert table["value"].notna().all() and (table["note"] == "").all()


def test_each_method_has_a_row_a_firm_and_its_error():
    run = sim.run("two_cafes", months=18)
    table = sim.lifetime_value(run, futures=3, months=120)
    assert table["firm"].tolist() == ["Corner"] * 5 + ["Express"] * 5
    assert table["method"].tolist() == ["multiple", "switching", "fitted", "database", "true"] * 2
    assert (table.groupby("firm")["customers"].first() == run.firms["customers"]).all()
    multiple = table[table["method"] == "multiple"].set_index("firm")["value"]
    assert np.allclose(multiple, run.firms["customer_equity"].reindex(multiple.index))
    true = table[table["method"] == "true"].set_index("firm")
    expected = multiple / true["value"] - 1.0
    assert np.allclose(table[table["method"] == "multiple"].set_index("firm")["error"], expected)
    known = table.dropna(subset=["error", "error_low"])
    assert {"multiple", "switching"} <= set(known["method"])
    assert (known["error_low"] <= known["error"]).all() and (known["error"] <= known["error_high"]).all()
    assert table.attrs["futures"] == 3 and table.attrs["currency"] == "EUR"
    found = roll_forward(run.market, futures=3, months=120)
    for f, firm in enumerate(run.market.firms):
        luck = (found.firms + found.tails)[:, f].std(ddof=1) / 3**0.5
        assert true.at[firm.name, "standard_error"] == pytest.approx(np.hypot(luck, found.unsure[f]))
        row = table[(table["firm"] == firm.name) & (table["method"] == "multiple")].iloc[0]
        if true.at[firm.name, "tail_share"] <= 0.15:
            least = true.at[firm.name, "value"] + np.hypot(4.302653 * luck, 2.0 * found.unsure[f])
            assert row["error_low"] == pytest.approx(row["value"] / least - 1.0, rel=1e-4)


def _intervals_are_student_t(table, by, method, times):
    """The ends of a method's error: the value against the truth and `times` its standard error."""
    for _, own in table.groupby(by):
        rows = own.set_index("method")
        mine, true = rows.loc[method], rows.loc["true"]
        least = true["value"] + times * true["standard_error"]
        assert mine["error_low"] == pytest.approx(mine["value"] / least - 1.0, rel=1e-4)


def test_single_customers_have_rows_of_their_own():
    run = sim.run("two_cafes", months=14)
    ids = run.customers.query("supplier == 'Corner'")["customer"].tolist()[:3]
    table = sim.lifetime_value(run, customers=ids, futures=3, months=24, method="all")
    assert sorted(set(table["customer"])) == ids and len(table) == 15
    _intervals_are_student_t(table, "customer", "switching", times=4.302653)
    endless = table[
        table["method"].isin(["multiple", "database"])
    ]  # a customer's truth ends with the last month
    assert (
        endless["error"].isna().all()
        and endless["note"].str.contains("the truth 24 months: ask by firm").all()
    )
    assert sim.lifetime_value(run, customers=ids, firm="Express", futures=2, months=2).empty


def test_what_has_no_answer_says_why():
    fresh = sim.Market("plain", months=3, change={"market.customers": 200})
    table = sim.lifetime_value(fresh, futures=2, months=2, firm="North").set_index("method")
    assert table.loc["multiple", "note"] == "no month has passed" and np.isnan(table.loc["multiple", "value"])
    fresh.run_model()
    table = sim.lifetime_value(fresh, method="multiple")
    assert table["note"].str.contains("13 months").all() and table["value"].isna().all()


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [({"method": "switchin"}, ValueError, 'did you mean "switching"'), ({"firm": "Nord"}, ValueError, "North"),
     ({"customers": 999}, ValueError, "0 to 199"), ({"futures": 1}, ValueError, "2 or more"),
     ({"months": 0}, ValueError, "1 or more")],
)  # fmt: skip
def test_wrong_words_get_the_right_ones(words, error, said):
    market = sim.Market("plain", months=3, change={"market.customers": 200})
    with pytest.raises(error, match=said):
        sim.lifetime_value(market, **words)
    with pytest.raises(TypeError, match="a Market or a Run"):
        sim.lifetime_value("plain")


def test_value_on_the_command_line(capsys):
    small = [
        "value",
        "plain",
        "--futures",
        "2",
        "--horizon",
        "6",
        "--months",
        "14",
        "--change",
        "market.customers=300",
    ]
    assert main(small) == 0
    text = capsys.readouterr().out
    assert "switching" in text and "2 futures of 6 months" in text and max(map(len, text.splitlines())) <= 80
    assert main([*small, "--json", "--method", "true", "--firm", "East"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["method"] for row in said["values"]] == ["true"] and said["futures"] == 2
    assert said["values"][0]["standard_error"] > 0
    few = [
        "value",
        "two_cafes",
        "--months",
        "8",
        "--horizon",
        "3",
        "--futures",
        "2",
        "--change",
        "market.customers=20",
    ]
    assert main(few) == 0
    said = capsys.readouterr().out
    assert "or more" in said and "nan" not in said  # a truth so unsure that it may be 0
    assert main(["value", "plain", "--firm", "Est"]) == 2
    assert "North, East" in capsys.readouterr().err


def test_what_comes_after_the_horizon_is_as_large_for_a_loss_as_for_a_gain():
    alive = np.tile(0.99 ** np.arange(1.0, 121.0)[:, None], (1, 3))
    steady = np.full(120, 100.0)
    turned = np.where(np.arange(120) < 96, -100.0, 100.0)
    tails, unsure = _tails(np.array([[steady, -steady, turned]]).transpose(0, 2, 1), alive, 0.008)
    assert tails[0, 1] == pytest.approx(-tails[0, 0]) and unsure[1] == pytest.approx(unsure[0])
    assert 0.0 < tails[0, 2] < tails[0, 0] and unsure[2] == pytest.approx(tails[0, 2])


LEAVING = {
    "market.customers": 3000,
    "segments.everyone.exit_rate.mean": 0.3,
    "segments.everyone.exit_rate.strength": 3.0,
}
"""A market in which many needs end, so that most of a firm's records are of people who never come back."""


def test_fitted_values_are_near_the_true_ones_where_many_needs_end():
    """Fitted to those alone who are still there they are twice as high; docs/lives_and_values.md has what is left."""
    market = lived(LEAVING, 36)
    table = sim.lifetime_value(market, futures=2)
    fitted = table[table["method"] == "fitted"]
    truths = fitted["value"] / (1.0 + fitted["error"])  # ten years of them
    assert abs(fitted["value"].sum() / truths.sum() - 1.0) < 0.35 and (fitted["error"].abs() < 0.5).all()
    market.closed.clear()
    alone = sim.lifetime_value(market, method="fitted")
    assert alone["value"].sum() > 1.5 * fitted["value"].sum()


def test_fitted_values_are_right_where_the_model_holds():
    """Free customers who stop after purchases only, and go nowhere else: BG/NBD. Amounts are those of all purchases on record."""
    ending = {
        "leave.base_exit": 0.0,
        "segments.everyone.exit_rate.mean": 0.1,
        "segments.everyone.exit_rate.strength": 2.0,
    }
    market = lived(STAYING | {"market.customers": 3000, "market.setting": "free"} | ending, 36)
    table = sim.lifetime_value(market, futures=2)
    errors = table[table["method"] == "fitted"]["error"]
    assert (errors.abs() < 0.1).all() and abs(errors.mean()) < 0.05
    amounts = market.customers.basket.astype(float)
    for f in range(len(FIRMS)):
        books = records_of(market, f)
        here = books.customer >= 0
        mean = books.spent[here] / books.times[here]
        paid = books.times[here] > 5
        assert np.median(mean[paid] / amounts[books.customer[here]][paid]) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("change", [EVERYTHING, {}], ids=["everything", "plain"])
def test_books_keep_the_records_of_who_left_the_market(change):
    names = ("identified", "first_on_record", "last_purchase")
    run = sim.run("plain", months=9, seed=3, change=change | {"market.customers": 500})
    seen, before = [], {}

    def watch(market, stage):
        c = market.customers
        if stage == "talk" or stage == "after talk":
            before.update({name: getattr(c, name).copy() for name in ("generation", *names)})
        if stage == "leave":
            gone = np.flatnonzero(c.generation != before["generation"])
            seen.extend(
                (f, *(int(before[name][f, i]) for name in names)) for f in range(len(FIRMS)) for i in gone
            )
            assert not c.identified[:, gone].any() and (c.last_purchase[:, gone] == -1).all()

    run.again(watch=watch)
    kept = np.concatenate(run.market.closed)
    assert len(kept) > 10 and sorted(map(tuple, kept.tolist())) == sorted(row for row in seen if row[1])
    books = [records_of(run.market, f) for f in range(len(FIRMS))]
    assert sum(int((one.customer < 0).sum()) for one in books) == len(kept)
    for one in books:
        assert (one.age <= 9.0).all() and (one.span <= one.age).all() and (one.repeats < one.times).all()
    twin = twin_of(run.market, Snapshot(run.market), 2)
    list(twin.pass_unmeasured())
    assert len(twin.closed) == 10 and len(run.market.closed) == 9


def test_who_was_there_at_the_start_is_observed_from_then_on():
    """By hand: two purchases before the run are no part of the history; everybody is observed until now."""
    market = sim.Market("plain", months=3, change={"market.customers": 50})
    c = market.customers
    c.identified[0, :4], c.first_on_record[0, :4], c.last_purchase[0, :4] = (
        (2, 5, 1, 3),
        (-40, -1, 7, 2),
        (-1, 8, 7, 2),
    )
    c.identified[0, 4:] = 0
    market.closed, market.month = [np.array([[0, 2, 1, 4], [1, 9, 1, 4]], dtype=np.int32)], 10
    books = records_of(market, 0)
    assert books.customer.tolist() == [0, 1, 2, 3, -1]
    assert books.repeats.tolist() == [0.0, 3.0, 0.0, 2.0, 1.0]
    assert books.span.tolist() == [0.0, 8.5, 0.0, 0.5, 3.0]
    assert books.age.tolist() == [10.0, 10.0, 2.5, 7.5, 8.5]
