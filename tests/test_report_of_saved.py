"""Reports of what was saved: the marks outlast it, a missing table is named, and ids are told of where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import sim
from sim.show.report import told
from sim.show.report.assumptions import assumptions

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
