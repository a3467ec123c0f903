"""Reports of what was saved: the marks outlast it, a missing table is named, and ids are told of where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matplotlib.text import Text

import sim
from sim.commands.optimise import print_optimum
from sim.experiments import Here, elasticities
from sim.margin import renamed
from sim.show.pictures import alt_text, figure_of
from sim.show.report import answers, of_comparison, of_run, of_sweep, told
from sim.show.report.assumptions import assumptions
from sim.terminal import Terminal

pytestmark = pytest.mark.once

SHOP = """
tenfold = 1
title = "A shop"
focus = "Us"
[market]
customers = 200                      # counted on a Saturday
months = 2
[talk]
unhappy_tells = 8                    # published, a survey of 1999
happy_tells = 2
[firms.Us]
[firms.Elsewhere]
brand_bonus = 0.4                    # ours, so that we hold our share
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("shop") / "shop.toml"
    file.write_text(SHOP, encoding="utf-8")
    return sim.run(file)


@pytest.fixture(scope="module")
def pair(shop: Any) -> Any:
    return sim.compare(shop.scenario, ["accountable"], seeds=1)


def marks(what: told.Told) -> dict[str, tuple[str, str]]:
    return {a.one.address: (a.mark, a.source) for a in assumptions(what)}


def test_a_run_of_a_saved_run_remembers_the_sources(shop: Any, tmp_path: Path) -> None:
    folder, own = shop.save(tmp_path / "saved"), marks(told.of_run(shop))
    assert own["firms.Elsewhere.brand_bonus"] == ("ours", "so that we hold our share")
    assert marks(told.of_run(sim.run(folder))) == own
    again = sim.run(folder, change={"talk.unhappy_tells": 9})
    changed = own | {"talk.unhappy_tells": ("yours", "changed for this run")}
    assert marks(told.of_run(again)) == changed
    assert marks(told.of_folder(again.save(tmp_path / "twice"))) == changed
    pair = sim.compare(folder, ["accountable"], seeds=1).save(tmp_path / "pair")
    assert marks(told.of_comparison_folder(pair)) == own
    assert marks(told.of_run(sim.run(sim.load(pair)))) == own


def test_a_saved_scenario_that_was_edited_has_no_sources_of_before(shop: Any, tmp_path: Path) -> None:
    folder = shop.save(tmp_path / "saved")
    edited = sim.load(folder).with_changes({"talk.unhappy_tells": 9})
    edited.save(folder / "scenario.toml", force=True)
    assert marks(told.of_run(sim.run(sim.load(folder))))["talk.unhappy_tells"] == ("yours", "your scenario")


def test_another_scenario_in_the_folder_of_a_run_has_its_own_sources(shop: Any, tmp_path: Path) -> None:
    other = shop.save(tmp_path / "saved") / "other.toml"
    sim.load(shop.scenario).save(other)
    assert marks(told.of_run(sim.run(other)))["talk.unhappy_tells"] == ("yours", "your scenario")


@pytest.mark.parametrize("name", ["reasons", "customers", "seeds", "cohort_survival", "whale_peak"])
def test_a_comparison_without_one_of_its_tables_is_one_sentence(pair: Any, tmp_path: Path, name: str) -> None:
    folder = pair.save(tmp_path / "pair")
    (folder / "mine.csv").write_text("a;b\n1", encoding="utf-8")
    assert "mine" not in told.of_comparison_folder(folder).tables
    (folder / f"{name}.csv").unlink()
    with pytest.raises(ValueError, match=rf"{name}\.csv: is missing; compare again with --out"):
        told.of_comparison_folder(folder)


def test_the_foot_of_a_page_says_whether_ids_stand_in_it(shop: Any, pair: Any, tmp_path: Path) -> None:
    pages = {
        "a run": shop.report(tmp_path / "run", with_ids=True),
        "a comparison": pair.report(tmp_path / "pair", with_ids=True),
    }
    foot = {name: page.read_text(encoding="utf-8").partition("<footer>")[2] for name, page in pages.items()}
    assert "names customers by their ids: keep it to yourselves" in foot["a run"]
    assert "names no customer" in foot["a comparison"] and "ids" not in foot["a comparison"]
    book = openpyxl.load_workbook(tmp_path / "pair" / "tables.xlsx")
    assert "customer" in {cell.value for cell in book["customers"][1]}


REST = """
tenfold = 1
focus = "Us"
[market]
customers = 400
months = 24
[firms.Us]
initial_share = 0.2  # share; yours, as you said
[firms.Elsewhere]
initial_share = 0.8  # share; yours, what is left of the market
[firms.Elsewhere.plan]
strategy = "silent"  # ours, what rivals send is not known
"""


def test_nobody_is_ahead_of_all_rivals_added_up(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(REST, encoding="utf-8")
    run = sim.run(file)
    folder = run.save(tmp_path / "saved")
    changed = {"firms.Us.initial_share": 0.3, "firms.Elsewhere.initial_share": 0.7}
    for one in (told.of_run(run), told.of_folder(folder), told.of_run(sim.run(file, change=changed))):
        said, months = answers.answer(one), one.tables["months"].query("firm == 'Us'")
        assert "has a customer equity of" in said and "Elsewhere" not in said, "it is of Us alone"
        first = months.loc[months["month"] <= 12, "profit"].sum()
        assert f"of {answers.amount(abs(first))} EUR in its first 12." in said
        assert not answers.standing(one).rows
        points = answers.turns(one, answers.standing(one))
        assert not [point for point in points if "in all of them" in point or "depend on" in point]
        assert points[0].startswith("Elsewhere is all rivals added up")
    one.add_luck(told.luck(run, 2))
    assert "is ahead" not in answers.sureness(one) and "against" not in answers.answer(one)
    report = of_run.report(told.of_run(run))
    firms = next(one.table for one in report.exhibits() if one.table.name == "firms")
    assert firms.note.endswith("who goes from one of them to another has not left it.")


def test_a_rival_that_is_a_firm_of_its_own_still_has_a_place(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(REST.replace("0.8  #", "0.5  #") + "[firms.Corner]\n", encoding="utf-8")
    one = told.of_run(sim.run(file, months=14))
    value = one.tables["firms"]["customer_equity"]
    word = "ahead of" if value["Us"] > value["Corner"] else "behind"
    assert f"Us is {word} Corner in customer equity" in answers.answer(one)
    assert {row[5] for row in answers.standing(one).rows} <= {"Us", "Corner"}


def words_of(report: Any) -> str:
    """All that a reader of a report sees, its parameters' meanings and its title aside."""
    said = [report.answer, report.sureness]
    tables = [one.table for one in report.exhibits() if not one.table.fixed] + list(report.sheets)
    for section in report.sections:
        said += [section.title, *section.lead, *section.points]
    for table in tables:
        said += [table.caption, table.note, *(column.heading() for column in table.columns)]
        said += [value for row in table.rows for value in row if isinstance(value, str)]
    for one in report.exhibits():
        if one.picture is not None and one.picture.name in ("profit", "whale-curve", "value", "what-changes"):
            drawn = one.picture.draw()
            said += [text.get_text() for text in figure_of(drawn).findobj(Text)] + [alt_text(drawn)]
    return "\n".join(said)


def test_without_a_margin_nothing_is_called_profit(tmp_path: Path) -> None:
    page = '[info]\nhow = "Tuned to a log."\nnotice = "A log cannot tell your margin."\n[market]'
    margin = "[firms.Us]\nunit_margin = 1.0  # share; ours, no margin was given: revenue\n"
    file = tmp_path / "shop.toml"
    text = SHOP.replace("[market]", page).replace("[firms.Us]\n", margin)
    file.write_text(text.replace("months = 2", "months = 13"), encoding="utf-8")
    run, other = sim.run(file), sim.compare(file, ["accountable"], seeds=1)
    assert "customer equity of revenue" in other.headline
    for report in (of_run.report(told.of_run(run)), of_comparison.report(told.of_comparison(other))):
        said = words_of(report)
        assert "revenue less selling costs" in said and "customer equity of revenue" in said
        assert "profit" not in said.lower().replace("revenue, not profit", "")
        conditions = next(one for one in report.sections if one.key == "conditions")
        assert {"Tuned to a log.", "A log cannot tell your margin."} <= set(conditions.points)
    given = told.of_run(sim.run(file, change={"firms.Us.unit_margin": 0.4}))
    assert "profit of" in of_run.report(given).answer or "loss of" in of_run.report(given).answer


def test_studies_without_a_margin_speak_of_no_profit_either(tmp_path: Path, capsys) -> None:
    margin = "[firms.Us]\nunit_margin = 1.0  # share; ours, no margin was given: revenue\n"
    file = tmp_path / "shop.toml"
    text = SHOP.replace("[firms.Us]\n", margin).replace("months = 2", "months = 13")
    file.write_text(text, encoding="utf-8")
    words = {"seeds": 2, "executor": Here(), "quiet": True}
    swept = sim.sweep(file, {"talk.unhappy_tells": [0, 10]}, **words)
    assert swept.headline.startswith("Customer equity of revenue of Us is ")
    said = words_of(of_sweep.report(swept))
    assert "Revenue less selling costs" in said and "profit" not in said.lower()
    print_optimum(sim.optimise(file, ["top"], trials=1, fresh=2, **words), Terminal())
    said = " ".join(capsys.readouterr().out.split())
    assert "(revenue less selling costs)" in said and "customer equity of revenue" in said
    assert "profit" not in said.lower() and "so revenue less selling costs, of the last 12 months" in said
    assert "ustomer equity of revenue of Us" in elasticities(file, **words).headline


def test_a_loss_without_a_margin_keeps_its_sign() -> None:
    assert renamed("and made a loss of 5 EUR") == "and made revenue less selling costs of −5 EUR"
    assert renamed("A shop (revenue, not profit): Profit, customer equity") == (
        "A shop (revenue, not profit): Revenue less selling costs, customer equity of revenue"
    )
    assert renamed(renamed("customer equity")) == "customer equity of revenue"
