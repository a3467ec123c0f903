"""The command `report`, and `run --report`: what they write, what they print, what they refuse."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.commands.report import place_for

pytestmark = pytest.mark.once

STREET = """
tenfold = 1
title = "A street"
focus = "Corner"
[market]
customers = 120
months = 3
[firms.Corner]
[firms.Express]
"""


@pytest.fixture(autouse=True)
def street(tmp_path, monkeypatch):
    """Each test works in a folder with one small scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.toml").write_text(STREET, encoding="utf-8")
    return tmp_path


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1, "one line a fault"
    return told.err


def test_a_report_prints_the_path_of_its_page_and_writes_over_nothing(street, capsys):
    assert main(["run", "street.toml", "--out", "saved", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["report", "saved"]) == 0
    assert capsys.readouterr().out == f"{Path('saved') / 'report.html'}\n"
    page = (street / "saved" / "report.html").read_bytes()
    assert "is there already" in refused(["report", "saved"], capsys)
    assert main(["report", "saved", "--force", "--quiet"]) == 0
    assert (street / "saved" / "report.html").read_bytes() == page
    assert main(["run", "saved", "--json"]) == 0, "a page beside it does no harm to a saved run"


def test_a_report_to_a_folder_has_the_tables_and_the_pictures(street, capsys):
    assert main(["run", "street.toml", "--out", "saved", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["report", "saved", "--to", "papers", "--json", "--seeds", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == str(Path("papers") / "index.html") and said["tables"] == str(
        Path("papers") / "tables.xlsx"
    )
    assert all(Path(file).is_file() for file in (said["report"], said["tables"], *said["pictures"]))
    assert {Path(file).suffix for file in said["pictures"]} == {".png", ".svg"}
    assert "Over 2 seeds" in Path(said["report"]).read_text(encoding="utf-8")
    assert not (street / "saved" / "report.html").exists()


def test_run_with_report_writes_the_page_here_or_beside_the_tables(street, capsys):
    assert main(["run", "street.toml", "--report", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == "street-report.html" and (street / "street-report.html").is_file()
    assert "is there already" in refused(["run", "street.toml", "--report"], capsys)
    assert main(["run", "street.toml", "--report", "--out", "saved", "--quiet"]) == 0
    assert f"The report is in {Path('saved') / 'report.html'}." in capsys.readouterr().out
    assert (street / "saved" / "report.html").is_file()


@pytest.mark.parametrize("words", [
    "run {} --out .", "run {} --out ./ --report", "run {} --out ../here --force", "compare {} basic --out .",
    "optimise {} --out .", "report {} --to .",
])  # fmt: skip
def test_the_folder_one_is_in_is_refused_before_anything_is_computed(words, street, capsys, monkeypatch):
    (street / "here").mkdir()
    monkeypatch.chdir(street / "here")
    monkeypatch.setattr("sim.market.Market.step", lambda *_: pytest.fail("a month was computed"))
    monkeypatch.setattr("sim.commands.report.check_folder", lambda _: None)
    told = refused(words.format("../street.toml").split(), capsys)
    assert "is the folder you are in, which cannot be moved; name one in it, such as result" in told
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(("scenario", "name"), [(".", "here"), ("../here/", "here"), ("a/b.toml", "b")])
def test_the_report_of_a_saved_run_has_the_name_of_its_folder(scenario, name, street, monkeypatch):
    (street / "here").mkdir()
    monkeypatch.chdir(street / "here")
    asked = argparse.Namespace(out=None, scenario=scenario)
    assert place_for(asked) == Path(f"{name}-report.html")


def test_force_takes_no_file_that_is_not_written_anew(street, capsys):
    again = ["run", "street.toml", "--out", "saved", "--quiet"]
    assert main([*again, "--report"]) == 0
    capsys.readouterr()
    assert "saved holds report.html beside results" in refused([*again, "--force"], capsys)
    assert (street / "saved" / "report.html").is_file()
    assert main([*again, "--report", "--force"]) == 0
    assert main(["report", "saved", "--to", "meet", "--quiet"]) == 0
    capsys.readouterr()
    for name in ("minutes.txt", "pictures/whiteboard.png"):
        (street / "meet" / name).write_bytes(b"mine")
        assert f"holds {name}" in refused(["report", "saved", "--to", "meet", "--force"], capsys)
        assert (street / "meet" / name).read_bytes() == b"mine"
        (street / "meet" / name).unlink()
    assert main(["report", "saved", "--to", "meet", "--force", "--quiet"]) == 0


def test_a_saved_comparison_is_reported_too(street, capsys):
    assert main(["compare", "street.toml", "accountable", "--seeds", "1", "--out", "pair", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["report", "pair"]) == 0
    assert capsys.readouterr().out == f"{Path('pair') / 'report.html'}\n"
    assert "is for a run" in refused(["report", "pair", "--seeds", "3", "--force"], capsys)


def test_what_is_no_saved_result_is_refused_with_what_to_do(street, capsys):
    assert "run two_cafes --report" in refused(["report", "two_cafes"], capsys)
    assert "run street.toml --report" in refused(["report", "street.toml"], capsys)
    assert "there is no such folder" in refused(["report", "nowhere"], capsys)
    (street / "photos").mkdir()
    assert "no run or comparison is saved there" in refused(["report", "photos"], capsys)
    assert "is for --report" in refused(["run", "street.toml", "--seeds", "3"], capsys)
    assert "is for --report" in refused(["run", "street.toml", "--with-ids"], capsys)
    assert sorted(file.name for file in street.iterdir()) == ["photos", "street.toml"]
