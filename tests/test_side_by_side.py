"""Lives in two worlds: the same line once, the first difference marked."""

from __future__ import annotations

import pytest

import sim
from sim.side_by_side import MARK


@pytest.fixture(scope="module")
def pair():
    return sim.compare(
        "two_cafes",
        {"as it is": {}, "nobody tells": {"change": {"talk.unhappy_tells": 0}}},
        months=12,
        seeds=[3],
    )


def test_lives_are_the_same_up_to_the_first_difference_which_is_marked(pair):
    who = int(pair.customers.query("differs")["customer"].iloc[0])
    lives = pair.follow(who)
    lines = lives.sentences
    first = next(i for i, line in enumerate(lines) if line.startswith(MARK))
    assert all("[" not in line for line in lines[:first])
    assert lines[first].startswith(f"{MARK} [as it is] month") and lines[first + 1].startswith(
        f"{MARK} [nobody tells]"
    )
    assert not any(line.startswith(MARK) for line in lines[first + 2 :])
    month = int(lines[first].split("month ")[1].split(":")[0])
    before = lives.table[lives.table["month"] < month]
    assert before["same"].all()
    assert not lives.table[lives.table["month"] == month]["same"].all()
    assert lives.table["alternative"].unique().tolist() == ["as it is", "nobody tells"]
    assert repr(lives).startswith(lines[0][:20]) and lives._repr_html_().startswith("<table")


def test_each_world_tells_what_its_run_tells(pair):
    lives = pair.follow([42, 7])
    for name, run in pair.runs.items():
        own = lives.table[lives.table["alternative"] == name].drop(columns=["alternative", "same"])
        assert own.reset_index(drop=True).equals(run.follow([7, 42]).table)


def test_progress_goes_over_all_worlds_and_unknown_customers_are_refused(pair):
    calls = []
    pair.follow(11, progress=lambda done, total: calls.append((done, total)))
    assert calls[0] == (1, 24) and calls[-1] == (24, 24)
    with pytest.raises(ValueError, match="0 to 499"):
        pair.follow(500)


def test_what_leaves_a_life_as_it_was_is_told_once(pair):
    same = sim.compare(
        "two_cafes", {"as it is": {}, "later": {"change": {"leave.reason_above": 0.5}}}, months=2, seeds=1
    )
    assert not any(MARK in line for line in same.follow(42).sentences)
