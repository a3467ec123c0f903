"""Comparisons: the same people with the same luck; what changes nothing differs in nothing."""

from __future__ import annotations

import json
import math
import re
import statistics

import numpy as np
import pandas as pd
import pytest

import sim
from sim.behaviours import leave
from sim.comparison import Comparison
from sim.intervals import interval, student_t

MONTHS = 16
SMALL = {"market.customers": 120}


@pytest.fixture(scope="module")
def pair() -> Comparison:
    alternatives = {"silence": "basic", "a call": "accountable", "today": {}, "again": "status_quo"}
    return sim.compare("plain", alternatives, months=MONTHS, seeds=1, change={"market.customers": 400})


def test_the_world_as_it_is_is_added_first_unless_it_is_given(pair):
    assert pair.base == "today" and list(pair.runs) == ["silence", "a call", "today", "again"]
    other = sim.compare("plain", ["basic", "proactive"], months=1, seeds=1, change=SMALL)
    assert other.base == "as it is" and list(other.runs) == ["as it is", "basic", "proactive"]


def test_what_changes_nothing_differs_in_nothing(pair):
    same = pair.table[pair.table["alternative"] == "again"]
    assert (same["difference"].dropna() == 0.0).all() and same["difference"].notna().any()
    lives = pair.customers.set_index("alternative")
    assert not lives.loc[["today", "again"], ["differs", "stays", "goes"]].any(axis=None)
    assert pair.runs["again"].hash == pair.runs["today"].hash
    same = {"same": {"change": {"talk.unhappy_tells": 10}}}
    nothing = sim.compare("plain", same, months=2, seeds=1, change=SMALL)
    assert (
        nothing.headline
        == '"same": nothing changes, everybody lives the same life as in "as it is" (luck: not measured with seed 1 '
        "alone; assumptions: not tried, see stress)."
    )


def test_differences_are_those_of_single_runs(pair):
    alone = {name: sim.run("plain", months=MONTHS, change={"market.customers": 400}, policies=p) for name, p in
             {"today": {}, "a call": {"North": "accountable"}}.items()}  # fmt: skip
    assert {name: run.hash for name, run in alone.items()} == {name: pair.runs[name].hash for name in alone}
    rows = pair.table[pair.table["alternative"] == "a call"].set_index(["metric", "firm"])
    for metric in ("customers", "profit", "customer_equity", "retention_cost"):
        for firm in ("North", "East"):
            expected = alone["a call"].firms.at[firm, metric] - alone["today"].firms.at[firm, metric]
            assert rows.at[(metric, firm), "difference"] == pytest.approx(expected)
    assert rows[["low", "high"]].isna().all(axis=None)


def test_a_life_differs_where_anything_in_it_does(pair):
    lives = pair.customers[pair.customers["alternative"] == "a call"].set_index("customer")
    a, b = pair.runs["a call"].customers, pair.runs["today"].customers
    unequal = [name for name in a if name not in ("segment",)]
    seen = np.zeros(len(a), dtype=bool)
    for name in unequal:
        seen |= (a[name].astype(object).fillna("-") != b[name].astype(object).fillna("-")).to_numpy()
    assert lives["differs"].to_numpy()[seen].all()
    assert lives["differs"].any()


def test_who_stays_is_here_and_was_lost_there(pair):
    lives = pair.customers[pair.customers["alternative"] == "a call"].set_index("customer")
    there = pair.customers[pair.customers["alternative"] == "today"].set_index("customer")
    stays = lives.index[lives["stays"]]
    assert len(stays) > 0
    assert (lives.loc[stays, "supplier"] == "North").all()
    gone = pair.runs["today"].departures
    assert set(stays) <= set(gone.loc[gone["firm"] == "North", "customer"])
    assert (there.loc[lives.index[lives["goes"]], "supplier"] == "North").all()


def test_customers_have_a_row_an_alternative_and_seed(pair):
    wanted = ["customer", "alternative", "seed", "segment", "supplier", "left_month", "left_from", "left_for", "left_because",
              "spent", "profit", "worth", "worth_more", "differs", "stays", "goes"]  # fmt: skip
    assert list(pair.customers) == wanted
    assert pair.customers.groupby("alternative").size().eq(400).all()


def test_the_headline_is_one_sentence_about_the_firm(pair):
    assert (
        pair.headline.startswith('"a call" gives North ')
        and '% less customer equity than "today"' in pair.headline
    )
    assert "customers stay who would have left." in pair.headline and "\n" not in pair.headline
    assert pair.headline in repr(pair) and "<table" in pair._repr_html_()


@pytest.mark.parametrize("kind", ["customers", "twins"])
def test_a_comparison_draws_itself(pair, kind):
    import matplotlib.axes

    assert isinstance(pair.plot(kind), matplotlib.axes.Axes)


def test_before_a_year_the_headline_speaks_of_profit():
    pair = sim.compare("plain", ["basic"], months=3, seeds=1, change=SMALL, firm="East")
    assert "profit in the last 3 months" in pair.headline and " East " in pair.headline


def test_seeds_are_paired_and_give_an_interval():
    pair = sim.compare("plain", {"calls": "accountable"}, months=3, seeds=[4, 7, 9], change=SMALL)
    single = [
        sim.compare("plain", {"calls": "accountable"}, months=3, seeds=[seed], change=SMALL)
        for seed in (4, 7, 9)
    ]
    row = pair.table.query("metric == 'profit' and firm == 'North'").iloc[0]
    alone = [
        one.table.query("metric == 'profit' and firm == 'North'").iloc[0]["difference"] for one in single
    ]
    assert row["difference"] == pytest.approx(statistics.mean(alone))
    half = 4.302653 * statistics.stdev(alone) / math.sqrt(3)
    assert (row["low"], row["high"]) == pytest.approx(
        (statistics.mean(alone) - half, statistics.mean(alone) + half), rel=1e-5
    )
    assert "95 %: " in pair.headline and "3 seeds" in pair.headline
    assert sorted(pair.customers["seed"].unique()) == [4, 7, 9]
    assert sim.compare("plain", ["basic"], months=1, seeds=2, change=SMALL).seeds == [1, 2]


def test_students_t_is_that_of_the_tables():
    """Two-sided 95 %: Abramowitz & Stegun 1964, table 26.10."""
    table = {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 60: 2.000, 120: 1.980, 1000: 1.962}
    assert {freedom: round(student_t(freedom), 3) for freedom in table} == table
    assert all(map(math.isnan, interval(np.array([]))))
    mean, low, high = interval(np.array([2.0]))
    assert mean == 2.0 and math.isnan(low) and math.isnan(high)


def test_alternatives_may_be_words_of_run(tmp_path):
    def silent(market):
        """Nobody tells anybody."""

    pair = sim.compare(
        "plain",
        {
            "swap": {"swap": {"talk": silent}},
            "change": {"change": {"talk.unhappy_tells": 0}},
            "all": {"policies": {"East": "basic"}},
        },
        months=2,
        seeds=1,
        change=SMALL,
        swap={"leave": lambda market: leave.leave(market)},
    )
    assert pair.runs["swap"].market.swaps.stages.keys() == {"talk", "leave"}
    assert pair.runs["as it is"].market.swaps.stages.keys() == {"leave"}
    assert pair.runs["change"].scenario.changes["talk.unhappy_tells"] == 0
    assert pair.runs["all"].policies["East"] == "basic"
    folder = pair.save(tmp_path / "pair")
    said = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert said["headline"] == pair.headline and said["worlds"]["swap"] == "talk replaced"
    assert said["worlds"]["as it is"] == "the world as it is, leave replaced"
    assert len(pd.read_csv(folder / "customers.csv")) == len(pair.customers)


@pytest.mark.parametrize(
    ("alternatives", "words", "kind", "told"),
    [
        ({"x": "acountable"}, {}, ValueError, 'did you mean "accountable"'),
        ({"x": {"chang": {}}}, {}, ValueError, 'did you mean "change"'),
        ({"x": {"change": {"talk.unhapy_tells": 1}}}, {}, ValueError, 'did you mean "talk.unhappy_tells"'),
        ({"x": {"change": 3}}, {}, TypeError, "must be a dict"),
        ({"x": 3}, {}, TypeError, "must be a policy"),
        (3, {}, TypeError, "a dict of names"),
        ({"a": {}, "b": {}}, {}, ValueError, "are the same world"),
        ({"a": {}}, {}, ValueError, "nothing to compare"),
        ({"as it is": "basic"}, {}, ValueError, "take another name"),
        (["basic", "basic"], {}, ValueError, "there twice"),
        (["basic"], {"firm": "Nroth"}, ValueError, 'did you mean "North"'),
        (["basic"], {"seeds": 0}, ValueError, "seeds: must be a whole number of 1"),
        (["basic"], {"seeds": [1, 1]}, ValueError, "different numbers"),
        (["basic"], {"seeds": "3"}, ValueError, "seeds: must be a count"),
        ({"x": {"change": {"market.customers": 60}}}, {}, ValueError, "the same customers"),
    ],
)
def test_what_is_no_alternative_is_refused_with_the_cure(alternatives, words, kind, told):
    with pytest.raises(kind, match=told):
        sim.compare("plain", alternatives, months=1, change=SMALL, **{"seeds": 1, **words})


def test_progress_counts_the_months_of_all_worlds():
    told = []
    sim.compare(
        "plain", ["basic"], months=2, seeds=2, change=SMALL, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(month, 8) for month in range(1, 9)]


def test_rules_that_decide_after_a_compared_policy_are_named():
    words = {"the policy": "basic", "its parameter": {"change": {"firms.Corner.policy.top_share": 0.5}}, "talk": {"change": {"talk.happy_tells": 9}}}  # fmt: skip
    both = sim.compare("two_cafes", words, months=12, seeds=1)
    fired = both.runs["the policy"].rules.query("firm == 'Corner' and fired > 0")
    assert len(fired) and [note.split(":")[0] for note in both.notes] == ['"the policy"'], both.notes
    for place, count in zip(fired["rule"], fired["fired"], strict=True):
        assert re.search(rf"rule {place} \(.*?\) in {count:,} customer-month", both.notes[0])
    assert both.notes[0] in repr(both) and "rules of Corner" in both._repr_html_()
    assert sim.compare("plain", ["basic"], months=1, seeds=1, change=SMALL).notes == []


def test_a_world_that_does_not_repeat_is_named(recwarn):
    class Lucky(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1 + np.random.default_rng().random() / 10)

    class Calm(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1.1)

    def loud(market):
        market.tell(np.random.default_rng().random(len(market.customers.tenure)) < 0.5, people=3, news="bad")

    words = {"luck": Lucky(), "calm": Calm(), "talk": {"swap": {"talk": loud}}}
    pair = sim.compare("two_cafes", words, seeds=2, months=3, change=SMALL)
    said = [str(one.message) for one in recwarn.list]
    assert [(text[:22], text[-6:]) for text in said] == [
        (f'"{name}" does not repeat'[:22], ".draws") for name in ("luck", "talk")
    ]
    assert "policy Corner=Lucky draws luck" in said[0] and "swap talk draws luck" in said[1]
    assert {one.filename for one in recwarn.list} == {__file__}
    assert pair.notes[:2] == [f"{text}." for text in said]
