"""Runs: tables that agree with the books and with each other; what is given wrong is refused."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

import sim
from sim.ledger import ACTIVITIES, C
from sim.metrics import METRICS
from sim.runs import Run
from sim.scenario import Tables
from sim.scenario.words import LEVELS, REASONS
from sim.tables import FIRMS

MONTHS = 15


@pytest.fixture(scope="module")
def cafes() -> Run:
    return sim.run("two_cafes", months=MONTHS, change={"firms.Express.plan.exit_survey": 0.5})


# ---------------------------------------------------------------- tables


def test_firms_stand_with_the_focus_first_and_these_columns(cafes):
    assert list(cafes.firms.index) == ["Corner", "Express"]
    assert tuple(cafes.firms.columns) == FIRMS


def test_the_focus_comes_first_in_every_table():
    tables = sim.load("two_cafes").tables.model_copy(update={"focus": "Express"})
    run = sim.run(tables, months=2)
    assert list(run.firms.index) == ["Express", "Corner"]
    assert list(run.months["firm"]) == ["Express", "Corner"] * 2
    assert list(run.ledger["firm"]) == ["Express", "Corner"] * 2
    corner = run.market.firm("Corner").place
    assert run.firms.loc["Corner", "customers"] == (run.market.customers.supplier == corner).sum()


def test_firms_agree_with_months_and_ledger(cafes):
    last = cafes.months[cafes.months["month"] == MONTHS].set_index("firm")
    year = cafes.months[cafes.months["month"] > MONTHS - 12].groupby("firm")
    firms = cafes.firms
    for name, column in (
        ("customers", "customers"),
        ("share_of_customers", "share"),
        ("customer_equity",) * 2,
        ("acquisition_cost",) * 2,
    ):
        pd.testing.assert_series_equal(
            last[name].astype(float), firms[column].astype(float), check_names=False
        )
    for name in ("revenue", "profit"):
        np.testing.assert_allclose(year[name].sum()[firms.index], firms[name])
        books = cafes.ledger[cafes.ledger["month"] > MONTHS - 12].groupby("firm")[name].sum()
        np.testing.assert_allclose(books[firms.index], firms[name])
    np.testing.assert_allclose(year["monthly_churn"].mean()[firms.index], firms["monthly_churn"])
    assert firms["share"].sum() == pytest.approx(1.0)


def test_months_hold_every_metric_from_month_one(cafes):
    assert list(cafes.months.columns) == ["month", "firm", *METRICS, "window_months"]
    assert list(cafes.months["month"].unique()) == list(range(1, MONTHS + 1))
    assert cafes.months["window_months"].max() == 12
    early = cafes.months[cafes.months["month"] <= 12]
    assert early["annual_retention"].isna().all()
    assert cafes.months[cafes.months["month"] == 13]["annual_retention"].notna().all()


def test_customers_are_in_words_and_money(cafes):
    table, columns = cafes.customers, cafes.market.customers
    assert list(table["customer"]) == list(range(500))
    assert set(table["segment"]) == {"regulars", "students"}
    assert table["supplier"].isna().sum() == (columns.supplier < 0).sum()
    assert set(table["supplier"].dropna()) == {"Corner", "Express"}
    assert set(table["level"].dropna()) <= set(LEVELS)
    assert table.loc[table["supplier"].isna(), "level"].isna().all()
    left = table["left_month"].notna()
    assert set(table.loc[left, "left_because"]) <= set(REASONS)
    assert table.loc[~left, ["left_because", "left_from", "left_for"]].isna().all(axis=None)
    assert table["left_month"].min() >= 1 and table["left_month"].max() <= MONTHS
    np.testing.assert_allclose(table["spent"] * 100, columns.spent_cents)
    assert not [name for name in table if name.endswith("_cents")]
    assert "belief" not in table and "permission" not in table


def test_departures_are_conserved(cafes):
    """Customers of a firm = those before + won - lost, and each lost one has a row."""
    gone = cafes.departures
    assert list(gone.columns) == [
        "month",
        "customer",
        "generation",
        "firm",
        "to",
        "reason",
        "reported",
        "tenure",
    ]
    counts = np.array(cafes.market.ledger.counts)
    heads = np.array(cafes.market.heads)
    for place, firm in enumerate(("Corner", "Express")):
        won, lost = counts[:, place, C["won"]], counts[:, place, C["lost"]]
        np.testing.assert_array_equal(np.diff(heads[:, place]), (won - lost)[1:])
        rows = gone[gone["firm"] == firm].groupby("month").size().reindex(range(1, MONTHS + 1), fill_value=0)
        np.testing.assert_array_equal(rows, lost)
    assert set(gone["reason"]) <= set(REASONS)
    assert (gone["firm"] != gone["to"]).all()
    assert gone.loc[gone["firm"] == "Corner", "reported"].isna().all()
    asked = gone.loc[gone["firm"] == "Express", "reported"].notna().mean()
    assert 0.3 < asked < 0.7


def test_departures_can_be_grouped_as_the_first_page_shows(cafes):
    sizes = cafes.departures.groupby(["firm", "reason"]).size()
    assert sizes.sum() == len(cafes.departures)


def test_the_ledger_is_whole_cents_and_its_profit_is_what_is_left(cafes):
    table = cafes.ledger
    signed = sum(activity.sign * table[activity.name] for activity in ACTIVITIES)
    np.testing.assert_allclose(signed, table["profit"], atol=0.005)
    np.testing.assert_allclose(np.round(table["revenue"] * 100), table["revenue"] * 100, atol=1e-6)


def test_rules_say_how_often_they_fired_and_what_is_odd():
    rules = {"if": "status == lapsed", "then": {"offer": 0.1}}, {"if": "reads > 1000000", "then": {"level": "basic"}}, {
        "if": "permission == confirmed", "then": {"messages": 3}
    }  # fmt: skip
    tables = sim.load("two_cafes").tables.model_dump(by_alias=True)
    tables["firms"]["Express"]["rules"] = list(rules)
    tables["firms"]["Express"]["plan"] |= {"ask": False, "strategy": "silent"}
    run = sim.run(Tables.model_validate(tables), months=8)
    mine = run.rules[run.rules["firm"] == "Express"].set_index("rule")
    assert list(mine["if"]) == [rule["if"] for rule in rules]
    assert mine.loc[1, "fired"] > 0 and mine.loc[1, "note"] == "" and mine.loc[1, "then"] == "offer = 0.1"
    assert mine.loc[2, "fired"] == 0 and mine.loc[2, "note"].startswith("never fired")
    assert mine.loc[3, "note"] == "never fired; Express has nothing on record yet about permission"


def test_the_long_table_holds_the_same_numbers(cafes):
    long = cafes.table
    assert list(long.columns) == ["scenario", "policy", "seed", "month", "firm", "metric", "value"]
    wide = long.pivot(index=["month", "firm"], columns="metric", values="value")
    first = cafes.months.set_index(["month", "firm"]).loc[wide.index, "profit"]
    np.testing.assert_array_equal(wide["profit"], first)
    assert set(long.loc[long["firm"] == "Corner", "policy"]) == {"level_by_value"}


def test_every_table_knows_its_run(cafes):
    for name in ("firms", "months", "customers", "departures", "ledger", "rules", "table"):
        about = getattr(cafes, name).attrs
        assert (
            about["scenario"] == "two_cafes"
            and about["seed"] == 1
            and about["scenario_hash"] == cafes.scenario.hash
        )
        assert about["version"] == sim.__version__ and about["changes"] == {
            "firms.Express.plan.exit_survey": 0.5
        }
        assert about["focus"] == "Corner" and about["currency"] == "EUR"


def test_the_title_shows_changes_policies_and_swaps():
    run = sim.run(
        "plain",
        months=1,
        change={"market.customers": 50},
        policies={"East": "basic"},
        swap={"talk": be_silent},
    )
    assert run.title == "Four equal firms (market.customers = 50; East: basic; talk swapped)"
    assert "seed 1" in repr(run) and "Tenfold" in repr(run) and "<table" in run._repr_html_()


def be_silent(market):
    """Nobody tells anybody."""


# ---------------------------------------------------------------- what is given


def test_a_policy_that_changes_nothing_gives_the_same_bits():
    small = {"months": 4, "change": {"market.customers": 200}}

    class Nothing(sim.Policy):
        def decide(self, view):
            view.customers.clv, view.history, view.counts
            return sim.Plan()

    assert sim.run("plain", **small, policies={"East": Nothing()}).hash == sim.run("plain", **small).hash


def test_a_policys_memory_does_not_reach_the_next_run():
    class Counts(sim.Policy):
        def __init__(self):
            self.months = 0

        def decide(self, view):
            self.months += 1
            return sim.Plan(price=1.0 + 0.05 * min(self.months, 6))

    policy = Counts()
    hashes = {
        sim.run("plain", months=3, change={"market.customers": 100}, policies={"North": policy}).hash
        for _ in range(2)
    }
    assert len(hashes) == 1 and policy.months == 0


def test_a_policy_that_cannot_be_copied_is_refused_with_the_cure():
    class Holds(sim.Policy):
        def __init__(self):
            self.lock = threading.Lock()

        def decide(self, view):
            return sim.Plan()

    with pytest.raises(TypeError, match=r"policies\.North: Holds cannot be copied.*give the class"):
        sim.run("plain", months=1, policies={"North": Holds()})
    assert (
        sim.run("plain", months=1, change={"market.customers": 50}, policies={"North": Holds}).months_done
        == 1
    )


def test_one_thread_and_two_give_the_same_bits(monkeypatch):
    def state(threads):
        market = sim.Market("two_cafes", months=3, change={"market.customers": 9_000}, threads=threads)
        market.run_model()
        return market.state_hash

    one = state(1)
    monkeypatch.setattr("sim.market.THREADS_FROM", 0)
    monkeypatch.setattr("sim.market.CHUNK", 4_096)
    assert state(2) == state(3) == one


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ({"months": 0}, ValueError, "months: must be a whole number of 1 or more"),
        ({"months": 2.5}, TypeError, "months: must be a whole number"),
        ({"seed": -1}, ValueError, "seed: must be a whole number of 0"),
        ({"seed": True}, TypeError, "seed: must be a whole number"),
        ({"change": {"talk.unhapy_tells": 1}}, ValueError, 'did you mean "talk.unhappy_tells"'),
        ({"policies": {"Cornr": "basic"}}, ValueError, "Cornr"),
        ({"policies": {"Corner": "basik"}}, ValueError, 'did you mean "basic"'),
        ({"swap": {"tlak": be_silent}}, ValueError, 'did you mean "talk"'),
    ],
)
def test_what_is_wrong_is_refused_with_the_cure(words, kind, told):
    with pytest.raises(kind, match=told):
        sim.run("two_cafes", **words)


def test_seed_zero_is_a_seed():
    assert sim.run("two_cafes", months=1, seed=0).hash != sim.run("two_cafes", months=1).hash


def test_progress_is_told_each_month():
    told = []
    sim.run("two_cafes", months=3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_ctrl_c_keeps_the_months_done():
    def stop(done, _of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        sim.run("two_cafes", months=5, progress=stop)
    assert caught.value.run.months_done == 2
    assert caught.value.run.months["month"].max() == 2


@pytest.mark.parametrize("kind", ["months", "departures", "costs"])
def test_a_run_draws_itself(cafes, kind):
    import matplotlib.axes

    first = np.ravel(cafes.plot(kind))[0]
    assert isinstance(first, matplotlib.axes.Axes)


def test_an_unknown_picture_gets_the_nearest(cafes):
    with pytest.raises(ValueError, match='did you mean "months"'):
        cafes.plot("mnths")


def test_scenarios_are_a_table():
    table = sim.scenarios()
    assert "two_cafes" in list(table["name"])
    assert list(table.columns) == ["name", "question", "customers", "months", "setting", "firms"]
