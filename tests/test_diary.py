"""The diary: it sees what the ledger counts, changes no bit, and tells it in sentences."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

import sim
from sim.behaviours import EQUATIONS, talk
from sim.cli import main
from sim.first_names import NAMES, called, first_name
from sim.ledger import A, C
from sim.meanings import EVENT
from sim.sentences import SAY, Page, life_lines
from sim.swaps import Swaps
from sim.user_errors import SlowWarning, UserError
from tests.worlds import CONTRACTS, EVERYTHING

MONTHS = 20


@pytest.fixture(scope="module", params=[EVERYTHING, CONTRACTS], ids=["free", "contract"])
def everybody(request):
    """A world in which everything happens, everybody followed, and its twin without a diary."""
    words = {"months": MONTHS, "seed": 3, "change": request.param}
    return sim.run("plain", follow=range(400), **words), sim.run("plain", **words)


def counted(lives, event, *, cause=None, column=None):
    """An event's number (or a column's sum) by month and firm, as the ledger has it."""
    rows = lives.table[lives.table["event"] == event]
    if cause is not None:
        rows = rows[rows["cause"].isin(cause if isinstance(cause, tuple) else (cause,))]
    firms = ["North", "East", "South", "West"]
    cells = rows.assign(n=rows[column].astype(float) if column else 1.0).pivot_table(
        index="month", columns="firm", values="n", aggfunc="sum"
    )
    return cells.reindex(index=range(1, MONTHS + 1), columns=firms).fillna(0.0).to_numpy()


def ledger(run, *names):
    return sum(np.array([book[:, C[name]] for book in run.market.ledger.counts]) for name in names)


def test_a_followed_run_is_the_same_run_to_the_bit(everybody):
    followed, plain = everybody
    assert followed.hash == plain.hash
    pd.testing.assert_frame_equal(followed.departures, plain.departures)


@pytest.mark.parametrize(
    ("event", "how", "counts"),
    [
        ("bought", {"column": "times"}, ("orders",)),
        ("visited", {"column": "times"}, ("visits",)),
        ("failed", {}, ("failures",)),
        ("failed", {"cause": ("complained in vain", "put right slowly", "put right quickly")}, ("voiced",)),
        ("failed", {"cause": ("put right slowly", "put right quickly")}, ("resolved",)),
        ("failed", {"cause": "put right quickly"}, ("resolved_quickly",)),
        ("told", {"cause": "bad", "column": "times"}, ("told_bad",)),
        ("told", {"cause": "good", "column": "times"}, ("told_good",)),
        ("heard", {"cause": "bad", "column": "times"}, ("told_bad",)),
        ("heard", {"cause": "good", "column": "times"}, ("told_good",)),
        ("heard", {"cause": "bad"}, ("reached_bad",)),
        ("read", {}, ("read",)),
        ("opted out", {}, ("opted_out",)),
        ("said yes", {}, ("said_yes",)),
        ("offered", {}, ("offers_read",)),
        ("fired", {}, ("fired",)),
    ],
)
def test_the_diaries_of_all_customers_count_what_the_ledger_counts(everybody, event, how, counts):
    run = everybody[0]
    seen = counted(run.follow(range(400)), event, **how)
    assert (seen == ledger(run, *counts)).all()
    if not (event in ("visited", "fired") and run.scenario.market.setting == "contract"):
        assert seen.any()


def test_the_amounts_of_all_diaries_are_the_revenue(everybody):
    run = everybody[0]
    lives = run.follow(range(400))
    amounts = counted(lives, "bought", column="amount") + counted(lives, "visited", column="amount")
    revenue = np.array([book[:, A["revenue"]] for book in run.market.ledger.months]) / 100.0
    assert np.abs(amounts - revenue).max() < 0.02  # who left within the month: from a record in float32
    assert np.abs(amounts - revenue).sum() / revenue.sum() < 1e-6


def test_departures_and_their_reasons_are_those_of_the_run(everybody):
    run = everybody[0]
    table = run.follow(range(400)).table
    told = table[
        table["event"].isin(["left", "fired", "gone"]) & table["firm"].notna() & table["times"].notna()
    ]
    there = run.departures
    keys = ["month", "customer", "firm"]
    both = told.merge(there, on=keys, suffixes=("", "_run"))
    assert len(both) == len(there) == len(told)
    assert (both["times"] == both["tenure"]).all()
    left = both[both["event"] == "left"]
    assert (left["cause"] == left["reason"]).all() and (
        left["to"].fillna("") == left["to_run"].fillna("")
    ).all()
    asked = there.dropna(subset="reported").merge(table[table["event"] == "survey"], on=["month", "customer"])
    assert (asked["reported"] == asked["cause"]).all() and len(asked) > 5


def test_month_ends_are_the_state(everybody):
    run = everybody[0]
    last = run.follow(range(400)).states.query(f"month == {MONTHS}").reset_index(drop=True)
    now = run.customers[run.customers["customer"].isin(last["customer"])].reset_index(drop=True)
    assert len(now) > 350
    for name in ("supplier", "tenure"):
        assert (last[name].fillna("") == now[name].fillna("")).all()
    assert (last["satisfaction"] == now["satisfaction"].astype(float)).all()
    assert (last["life"] == now["generation"] + 1).all()


def test_lives_of_one_place_are_told_one_after_the_other(everybody):
    run = everybody[0]
    who = int(run.customers.query("generation > 0")["customer"].iloc[0])
    lives = run.follow(who)
    text = "\n".join(lives.sentences)
    assert lives.table["life"].is_monotonic_increasing and lives.table["life"].max() > 1
    assert f"{called(who, 1)} comes in the place of {first_name(who)}" in text
    assert text.index("left the market: the need had ended") < text.index(called(who, 1))


def test_a_teller_is_named_as_who_had_the_place_when_the_word_was_said(everybody):
    lives = everybody[0].follow(range(400))
    table = lives.table.dropna(subset="cause")
    said = table[table["cause"].str.startswith("referral by")]
    parts = said["cause"].str.extract(r"^referral by (\d+)(?: \(life (\d+)\))?$").astype(float).fillna(1.0)
    good = table[(table["event"] == "told") & (table["cause"] == "good")]
    told = set(zip(good["month"], good["customer"], good["life"], good["firm"], strict=True))
    by = list(zip(said["month"], parts[0].astype(int), parts[1].astype(int), said["firm"], strict=True))
    assert set(by) <= told and any(life > 1 for _, _, life, _ in by)
    _, teller, life, firm = next(one for one in by if one[2] > 1)
    text = " ".join(lives.sentences)
    assert f"heard of {firm} from {called(teller, life - 1)}" in text


def test_sentences_are_of_months_in_which_something_happened(everybody):
    lives = everybody[0].follow(range(50))
    spoken = {event for event in lives.table["event"] if event in SAY}
    assert len(spoken) >= 15
    for line in lives.sentences:
        assert re.fullmatch(r"(month \d+: )?[A-ZÀ-Ž][\w’'-]+ \(\d+\)[ ,].*\.", line), line
        assert "nan" not in line and "None" not in line and "<NA>" not in line
    assert len(lives.sentences) < 50 * MONTHS
    assert set(lives.table["event"]) <= set(EVENT)


def test_no_name_stands_in_a_table(everybody):
    lives = everybody[0].follow(range(400))
    for table in (lives.table, lives.states):
        words = " ".join(map(str, table.to_numpy(dtype=object).ravel()))
        assert not set(NAMES) & set(re.findall(r"\w+", words))


def test_a_sentence_names_the_firm_the_severity_and_whose_customers_heard():
    blank = {
        "to": None,
        "times": None,
        "amount": None,
        "share": None,
        "severity": None,
        "cause": None,
        "hearers": None,
    }
    rows = [
        {**blank, "month": 9, "event": "failed", "firm": "Express", "severity": 1.4, "cause": "silent"},
        {**blank, "month": 9, "event": "unhappy", "firm": "Express"},
        {**blank, "month": 9, "event": "told", "firm": "Express", "times": 10, "cause": "bad",
         "hearers": "A, B 4, nobody's 6"},
    ]  # fmt: skip
    anna = {"customer": 42, "generation": 0, "segment": "", "need_rate": 2.0, "basket": 3.0, "supplier": None,
            "tenure": 0, "replaces": False, "month": 0}  # fmt: skip
    lines = life_lines(anna, rows, Page(["A, B", "Express"], "EUR", 0))
    assert lines == [
        "Anna (42) buys about 2 times a month for some 3.00 EUR; at the start nobody's customer.",
        "month 9: Anna (42) had a bad visit at Express (severity 1.4) and told ten people; four of them were "
        "A, B's customers.",
    ]


def test_lives_that_were_not_recorded_are_got_by_repeating_the_run():
    def friends_only(market):
        c = market.customers
        market.tell(c.mood < 0, people=3, news="bad", online=0)

    words = {"months": 8, "seed": 5, "policies": {"Corner": "accountable"}, "swap": {"talk": friends_only},
             "change": {"talk.unhappy_tells": 4}}  # fmt: skip
    first, second = sim.run("two_cafes", **words), sim.run("two_cafes", follow=[3, 42, 77], **words)
    lives, recorded = first.follow([77, 42]), second.follow([42, 77])
    assert lives.sentences == recorded.sentences
    pd.testing.assert_frame_equal(lives.table, recorded.table)
    assert lives.table.attrs["seed"] == 5 and "EUR" in " ".join(lives.sentences)
    assert set(lives.table.query("event == 'told'")["times"]) <= {1, 2, 3}


def test_a_run_that_cannot_be_repeated_says_so():
    calls = []

    def forgetful(market):
        calls.append(1)
        market.tell(market.customers.mood < 0, people=1 if len(calls) < 5 else 2, news="bad")

    run = sim.run("two_cafes", months=4, swap={"talk": forgetful})
    with pytest.raises(UserError, match="talk must give the same"):
        run.follow(1)


def test_a_market_can_be_followed_from_any_month_on():
    market = sim.Market("two_cafes", months=6, seed=2)
    market.step()
    diary = market.follow(42)
    assert diary.sentences == [diary.sentences[0]] and "when month 2 begins" in diary.sentences[0]
    market.run_model()
    assert set(diary.table["month"]) <= {2, 3, 4, 5, 6} and len(diary.sentences) > 1
    assert repr(diary) == repr(diary.lives) and diary._repr_html_().startswith("<p>Anna")


@pytest.mark.parametrize(
    ("ids", "error", "words"),
    [(500, ValueError, "0 to 499 .got 500"), (-1, ValueError, "0 to 499"), ("42", TypeError, "whole number"),
     ([1, 2.5], TypeError, "got 2.5"), ([], ValueError, "1 to 1,000"), (True, TypeError, "True")],
)  # fmt: skip
def test_customers_that_there_are_not_get_the_range(ids, error, words):
    with pytest.raises(error, match=words):
        sim.Market("two_cafes").follow(ids)


def test_follow_on_the_command_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["follow", "two_cafes", "42", "--months", "6", "--out", "kept"]) == 0
    text = capsys.readouterr().out
    assert "Anna (42)" in text and "month 2: Anna (42)" in text and max(map(len, text.splitlines())) <= 80
    assert (tmp_path / "kept" / "lives.csv").is_file()
    assert main(["follow", "kept", "42", "42", "7", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["customers"] == [7, 42] and said["months"] == 6
    assert {event["customer"] for event in said["events"]} == {7, 42}
    assert said["state_hash"] == sim.run("two_cafes", months=6).hash
    assert main(["follow", "two_cafes", "500"]) == 2
    assert "0 to 499 (got 500)" in capsys.readouterr().err


def test_two_diaries_of_one_customer_hold_the_same():
    market = sim.Market("two_cafes", seed=2, months=3)
    one, other = market.follow(range(60)), market.follow(range(60))
    market.run_model()
    assert (one.table["event"] == "told").any()
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_month_that_is_repeated_as_plain_python_is_told_once(monkeypatch):
    def not_compiled(*_args):
        raise RuntimeError("Numba cannot compile it")

    own = {"talk.hearsay": EQUATIONS["talk.hearsay"].py_func}
    monkeypatch.setattr(Swaps, "_built", lambda *_: {**vars(talk), "hear_rows": not_compiled})
    diaries = []
    for swap in ({}, own):
        market = sim.Market("two_cafes", months=1, change={"market.customers": 150}, swap=swap)
        diaries.append(market.follow(range(150)))
        with pytest.warns(SlowWarning) if swap else nullcontext():
            market.run_model()
    assert (diaries[0].table["event"] == "told").sum() > 9
    pd.testing.assert_frame_equal(*(diary.table for diary in diaries))
