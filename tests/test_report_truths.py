"""What only a simulation can know, in the report of a run: true reasons and the true lifetime value."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.show.report import report_of, told, truths
from sim.user_errors import UserError


@pytest.fixture(scope="module")
def run():
    return sim.run("two_cafes", months=18, seed=2, change={"market.customers": 200})


def told_of(run, futures=0):
    what = told.of_run(run)
    truths.add_truths(what, run, futures)
    return what


def exhibits(what, key):
    section = next(one for one in report_of(what).sections if one.key == key)
    return section, {one.table.name: one.table for one in section.exhibits}


def test_true_reasons_stand_beside_what_a_survey_would_say(run):
    section, tables = exhibits(told_of(run), "reasons")
    found = run.defection("Corner")
    assert found.headline in section.lead
    rows = {row[0]: row for row in tables["reasons and answers"].rows}
    gone = run.departures[run.departures["firm"] == "Corner"]
    assert {name: row[1] for name, row in rows.items() if row[1]} == gone["reason"].value_counts().to_dict()
    assert sum(row[2] for row in rows.values()) == len(gone)
    assert sum(sum(row[1:]) for row in tables["confusion"].rows) == len(gone)


def test_forecasts_stand_there_and_the_truth_with_their_errors_where_futures_were_asked_for(run):
    without, with_truth = (exhibits(told_of(run, n), "value")[1]["lifetime value"] for n in (0, 2))
    assert "--futures" in without.note and "error" not in [column.head for column in without.columns]
    assert {row[1] for row in without.rows} == {
        said for name, said in truths.METHODS.items() if name != "true"
    }
    assert {row[1] for row in with_truth.rows} == set(truths.METHODS.values())
    table = sim.lifetime_value(run, futures=2)
    value = dict(zip(zip(table["firm"], table["method"], strict=True), table["value"], strict=True))
    mine = {(row[0], row[1]): row for row in with_truth.rows}
    row = mine["Corner", truths.METHODS["multiple"]]
    assert row[2] == pytest.approx(value["Corner", "multiple"])
    assert row[4] == pytest.approx(value["Corner", "multiple"] / value["Corner", "true"] - 1.0)


def test_a_run_that_was_stopped_is_valued_at_its_last_whole_month():
    def stops(market):
        if market.month == 13:
            raise RuntimeError("enough")

    with pytest.raises(UserError) as error:
        sim.run("two_cafes", months=20, change={"market.customers": 100}, swap={"talk": stops})
    what = told_of(error.value.run)
    assert what.tables["lifetime"].attrs["firms"] and np.isfinite(what.tables["lifetime"]["value"]).any()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--with-ids"], "give --to FOLDER too"), (["--futures", "4"], "is for a run")],
)
def test_what_has_no_effect_on_a_comparison_is_refused(tmp_path, capsys, options, said):
    pair = sim.compare(
        "two_cafes", {"as it is": {}, "silent": {"change": {"talk.unhappy_tells": 0}}}, seeds=1, months=3
    )
    pair.save(tmp_path / "pair")
    assert main(["report", str(tmp_path / "pair"), *options]) == 2
    assert said in capsys.readouterr().err.replace("\n  ", " ")


def test_futures_are_for_a_report():
    assert main(["run", "two_cafes", "--futures", "4"]) == 2
