"""What a report and its pictures say adds up, with every optional mechanism and for everybody's own files."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest

import sim
from sim.classroom import report as class_report
from sim.experiments import Here
from sim.scenario import CORE, SCENARIOS, load
from sim.scenario.loading import shipped_folder
from sim.scenario.remarks import sources
from sim.show.money import GROUPS, LINES, group_of, grouped
from sim.show.report import answers, of_comparison, of_sweep, told
from sim.show.report.assumptions import assumptions, by_part
from sim.show.report.run_tables import activity_table, column_of, spending_table

matplotlib.use("agg")

FEW: dict[str, Any] = {"months": 2, "change": {"market.customers": 200}}


@pytest.fixture(scope="module", params=["whale_case", "agent_marketplace"])
def with_mechanisms(request: pytest.FixtureRequest) -> Any:
    return sim.run(request.param, **FEW)


# ---------------------------------------------------------------- money


def test_no_line_of_any_mechanism_is_left_out_of_what_becomes_of_the_revenue() -> None:
    amounts = {name: [2.0**k] for k, name in enumerate(LINES)}
    profit = sum(line.sign * amounts[name][0] for name, line in LINES.items())
    sums = grouped(pd.DataFrame({"month": [1], "firm": ["A"], **amounts, "profit": [profit]}))
    assert (sums["revenue"] == sums[list(GROUPS)].sum(axis=1)).all()
    assert {group_of(line.name) for line in sim.mechanisms.MECHANISMS["cost_to_serve"].lines} == {"serving"}


def test_the_ledger_by_activity_ends_at_the_profit_where_mechanisms_are_on(with_mechanisms: Any) -> None:
    what = told.of_run(with_mechanisms)
    rows = activity_table(what).rows
    signs = {"revenue": 1, "memo": 0}
    parts = [np.array(row[2:-1]) * signs.get(row[1], -1) for row in rows[:-1]]
    np.testing.assert_allclose(np.sum(parts, axis=0), rows[-1][2:-1], atol=0.005)
    money = [name for name in what.tables["ledger"].columns if name not in ("month", "firm")]
    assert all("EUR" in column_of(str(name), "EUR").unit for name in money)
    assert ("item sales" in spending_table(what).note) == ("item_sales" in money)


def test_a_teams_page_has_the_lines_of_mechanisms_too() -> None:
    seen = {"ledger": {"revenue": 9.0, "discounts": 1.0, "sales_force": 4.0}, "profit": 5.0}
    played: Any = SimpleNamespace(number=1, outcomes=[{"seen": seen}])
    rows = class_report._ledger((played,), 0, "EUR").tables[0].rows
    assert rows == [["revenue", "9"], ["discounts (memo)", "1"], ["sales force", "4"], ["profit", "5"]]


# ---------------------------------------------------------------- the answer and what stands under it


@pytest.mark.parametrize("seeds", [1, 3])
def test_who_is_ahead_is_told_of_the_same_worlds_as_the_answer(seeds: int) -> None:
    run = sim.run("plain", months=13, change={"market.customers": 400})
    what = told.of_run(run)
    if seeds > 1:
        what.add_luck(told.luck(run, seeds))
        best = what.luck.groupby("firm")["customer_equity"].mean().idxmax()
        assert best != run.firms["customer_equity"].idxmax(), "here luck decides, so that the test can tell"
    standing = answers.standing(what)
    row = next(row for row in standing.rows if row[0] == "customer equity")
    assert row[5] == answers.means(what)["customer_equity"].idxmax()
    assert (row[5] == what.focus) == answers.place_words(what, "customer_equity").startswith(
        ("first", "ahead")
    )
    assert len(standing.columns) == len(row) == (7 if seeds == 1 else 6)
    says = answers.turns(what, standing)[0]
    assert says.startswith("With seed 1 alone it" if seeds == 1 else "Over 3 seeds it")


@pytest.mark.parametrize(("months", "window"), [(14, "the last 12 months"), (3, "the 3 months of the run")])
def test_sums_of_many_months_are_not_called_a_month(months: int, window: str) -> None:
    pair = sim.compare("two_cafes", ["accountable"], seeds=1, **FEW | {"months": months})
    what = told.of_comparison(pair)
    report = of_comparison.report(what)
    tables = {one.table.name: one.table for one in report.exhibits()}
    unit = {(row[0], row[2]): row[1] for row in tables["all measures"].rows if row[3] == "all"}
    rows = {(row[0], row[2]): row[5] for row in tables["all measures"].rows if row[3] == "all"}
    for name in ("profit", "revenue"):
        sums = pair.runs[pair.base].months.query("firm == 'Corner'")[name].tail(12).sum()
        assert rows[name, "Corner"] == pytest.approx(sums) and unit[name, "Corner"] == f"EUR in {window}"
    assert unit["failures", "Corner"].endswith(" a month"), "this one is a mean of months"
    assert f"sums of {window}" in tables["words"].note
    monthly = next(sheet for sheet in report.sheets if sheet.name == "months")
    assert {column.head: column.unit for column in monthly.columns}["profit"] == "EUR a month"


def test_a_sweeps_table_says_of_what_months_its_sums_are() -> None:
    swept = sim.sweep(
        "two_cafes", {"talk.unhappy_tells": [0, 3]}, seeds=1, months=14, executor=Here(), quiet=True
    )
    heads = [column.heading() for column in of_sweep.report(swept).sheets[0].columns]
    assert "profit (EUR in the last 12 months)" in heads and "revenue (EUR in the last 12 months)" in heads


@pytest.mark.parametrize("seeds", [1, 2])
def test_better_with_one_seed_is_said_to_be_of_one_seed(seeds: int) -> None:
    pair = sim.compare("two_cafes", ["accountable", "price_cutter"], seeds=seeds, **FEW)
    said = of_comparison.by_measure(told.of_comparison(pair))
    assert len(said) == 2 and all("for Corner" in one for one in said)
    assert [", with seed 1 alone: " in one for one in said] == [seeds == 1] * 2


# ---------------------------------------------------------------- what it rests on


def test_a_file_that_bears_a_shipped_name_is_told_as_ones_own(tmp_path: Path) -> None:
    text = (shipped_folder() / "two_cafes.toml").read_text(encoding="utf-8")
    text = re.sub(r"mean = 6\.0 \}.*", "mean = 4.5 }   # published: Tellis 1988", text)
    text = re.sub(r"unit_margin   = 0\.65  .*", "unit_margin = 0.55   # ours: our books 2025", text, count=1)
    text = text.replace("Express", "Rival")
    found = {}
    for name in ("two_cafes", "my_cafes"):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        scenario = load(str(tmp_path / f"{name}.toml")).with_changes({"firms.Rival.plan.price": 1.1})
        what = told.Told(scenario, "", 1, [1], "", "", sources=sources(scenario))
        found[name] = {a.one.address: (a.mark, a.source) for a in assumptions(what)}
    assert found["two_cafes"] == found["my_cafes"]
    assert ("published", "Tellis 1988") in found["two_cafes"].values()
    assert found["two_cafes"]["firms.Corner.unit_margin"] == ("ours", "our books 2025")
    assert found["two_cafes"]["firms.Rival.plan.price"] == ("yours", "changed for this run")


@pytest.mark.parametrize("name", ["two_cafes", *(name for name in SCENARIOS if name not in CORE)])
def test_where_the_numbers_come_from_sums_to_its_last_row(name: str) -> None:
    found = assumptions(told.Told(load(name), "", 1, [1], "", ""))
    *parts, together = [row[1:] for row in by_part(found).rows]
    assert tuple(map(sum, zip(*parts, strict=True))) == together and sum(together) == len(found)
