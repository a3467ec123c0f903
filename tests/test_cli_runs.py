"""The commands that compute: run, compare, demo; their JSON, their tables, what they write."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import sim
from sim.cli import main
from sim.commands import look
from sim.commands.run import FIRM_KEYS
from sim.terminal import Terminal, wide

ROOT = Path(__file__).parents[1]

STREET = """
tenfold = 1
title = "A street"
focus = "Corner"
[market]
customers = 150
months = 14
currency = "Golden coins"
[firms."The Very Long Name of a Company & Sons"]
policy = "fires_unprofitable"
[firms.Corner]
policy = { name = "level_by_value", top_share = 0.3 }
[[firms.Corner.rules]]
if = "spent > 1e9"
then = { offer = 0.1 }
[firms."東京コーヒー株式会社東京コーヒー"]
"""


@pytest.fixture(autouse=True)
def street(tmp_path, monkeypatch):
    """Each test works in a folder with one small scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.toml").write_text(STREET, encoding="utf-8")
    return tmp_path


def made(folder: Path) -> list[str]:
    """What was written beside the scenario."""
    return sorted(path.name for path in folder.iterdir() if path.name != "street.toml")


def fits(text: str, width: int = 80) -> bool:
    return all(wide(line) <= width for line in text.splitlines())


# ---------------------------------------------------------------- run


def test_run_json_is_one_object_with_exactly_these_keys(street, capsys):
    assert (
        main(
            [
                "run",
                "street.toml",
                "--json",
                "--seed",
                "7",
                "--change",
                "talk.unhappy_tells=0",
                "--policy",
                "Corner=basic",
            ]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    keys = ["scenario", "scenario_hash", "state_hash", "seed", "version", "model_version", "changes", "firms"]
    assert list(said) == keys
    assert list(said["firms"][0]) == ["name", *FIRM_KEYS]
    assert said["changes"] == {"firms.Corner.policy": "basic", "talk.unhappy_tells": 0}
    assert said["seed"] == 7 and said["version"] == sim.__version__
    run = sim.run("street.toml", seed=7, change=said["changes"])
    assert said["state_hash"] == run.hash and said["scenario_hash"] == run.scenario.hash
    assert [firm["name"] for firm in said["firms"]] == list(run.firms.index) and said["firms"][0][
        "name"
    ] == "Corner"
    assert said["firms"][0]["customers"] == run.firms["customers"].iloc[0]
    assert made(street) == []


def test_run_json_has_null_for_what_is_missing(capsys):
    assert main(["run", "street.toml", "--json", "--months", "3", "--quiet"]) == 0
    firm = json.loads(capsys.readouterr().out)["firms"][0]
    assert firm["annual_retention"] is None and firm["customer_equity"] is None
    assert isinstance(firm["customers"], int)


def test_run_prints_a_table_that_fits_and_writes_nothing(street, capsys):
    assert main(["run", "street.toml", "--change", "talk.unhappy_tells=0", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert fits(out) and "\x1b" not in out
    assert out.startswith("A street: 150 customers, 14 months, seed 1\nchanged: talk.unhappy_tells = 0\n")
    for word in (
        "share",
        "customers",
        "retention",
        "cost",
        "ratio",
        "profit",
        "equity",
        "Amounts in Golden coins.",
    ):
        assert word in out
    rows = out[out.index("---") :].splitlines()
    assert rows[1].startswith("Corner ")
    assert "Corner, rule 1 (spent > 1e9): never fired." in out
    assert made(street) == []


@pytest.mark.parametrize("width", [50, 60, 80, 100, 160])
def test_the_table_fits_every_window_and_never_breaks_a_number(width, capsys, monkeypatch):
    monkeypatch.setattr(Terminal, "width", width)
    assert main(["run", "street.toml", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert fits(out, width)
    assert re.search(r"^Corner .*\d\.\d %", out, re.M)
    assert ("No room for" in out) == (width < 80)
    assert ("level_by_value" in out) == (width >= 100)


def test_short_runs_say_what_is_not_measured_yet(capsys):
    assert main(["run", "street.toml", "--months", "1", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "1 month, seed 1" in out and "from month 13 on" in out and "–" in out


def test_out_holds_all_that_repeats_the_run_to_the_bit(street, capsys):
    words = [
        "--seed",
        "5",
        "--months",
        "6",
        "--change",
        "talk.unhappy_tells=1",
        "--policy",
        "Corner=proactive",
    ]
    assert main(["run", "street.toml", *words, "--json", "--out", "kept"]) == 0
    first, err = capsys.readouterr()
    assert "tenfold run kept repeats it" in err
    assert made(street) == ["kept"]
    assert main(["run", "kept", "--json", "--quiet"]) == 0
    again, err = capsys.readouterr()
    assert json.loads(again)["state_hash"] == json.loads(first)["state_hash"] and err == ""
    assert json.loads(again)["changes"] == json.loads(first)["changes"]


def test_out_is_never_written_over_without_force_nor_anything_but_results_with_it(street, capsys):
    run = ["run", "street.toml", "--months", "1", "--quiet", "--out"]
    assert main([*run, "kept"]) == 0
    before = (street / "kept" / "run.json").read_bytes()
    assert main([*run, "kept", "--seed", "2"]) == 2
    assert (street / "kept" / "run.json").read_bytes() == before
    assert main([*run, "kept", "--seed", "2", "--force"]) == 0
    assert (street / "kept" / "run.json").read_bytes() != before
    assert main([*run, ".", "--force"]) == 2
    assert main([*run, "street.toml", "--force"]) == 2
    assert made(street) == ["kept"] and (street / "street.toml").is_file()
    capsys.readouterr()


# ---------------------------------------------------------------- compare


def test_compare_json_has_the_sentence_and_every_difference(street, capsys):
    assert main(["compare", "street.toml", "basic", "proactive", "--seeds", "2", "--json", "--quiet"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seeds"] == [1, 2] and said["firm"] == "Corner" and said["base"] == "today"
    assert "than" in said["headline"]
    one = next(d for d in said["differences"] if (d["metric"], d["alternative"]) == ("customers", "basic"))
    assert set(one) == {
        "metric",
        "firm",
        "segment",
        "alternative",
        "base",
        "value",
        "difference",
        "low",
        "high",
    }
    assert one["segment"] == "all" and said["variance_reduction"] > 0 and said["customers_differing"] > 0
    assert {d["alternative"] for d in said["differences"]} == {"basic", "proactive"}
    assert {d["firm"] for d in said["differences"]} == set(sim.load("street.toml").firms)
    assert made(street) == []


def test_compare_prints_the_sentence_and_a_table_for_each_that_fit(capsys):
    words = [
        "basic",
        '{ name = "level_by_value", top_share = 0.5 }',
        "--seeds",
        "2",
        "--seed",
        "3",
        "--months",
        "13",
    ]
    assert main(["compare", "street.toml", *words, "--firm", "Corner", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert fits(out)
    assert out.count("customer equity") >= 2 and "2 seeds from 3" in out and "difference" in out


def test_compare_out_is_kept(street, capsys):
    assert (
        main(["compare", "street.toml", "basic", "--months", "2", "--seeds", "2", "--quiet", "--out", "pair"])
        == 0
    )
    assert (street / "pair" / "comparison.json").is_file() and made(street) == ["pair"]
    assert main(["compare", "street.toml", "basic", "--firm", "Corne"]) == 2
    assert 'did you mean "firms.Corner.policy"' in capsys.readouterr().err


# ---------------------------------------------------------------- demo


@pytest.fixture
def small_demo(monkeypatch):
    monkeypatch.setitem(look.DEMO, "market.customers", 200)
    monkeypatch.setitem(look.DEMO, "market.months", 13)


def test_the_demo_is_what_the_readme_promises():
    scenario = sim.load("plain").with_changes(look.DEMO)
    assert scenario.market.customers == 20_000 and scenario.market.months == 60
    assert len({firm.policy for firm in scenario.firms.values()}) == 4


def test_the_demo_prints_a_table_and_draws_a_picture_beside_others(small_demo, street, capsys):
    assert main(["demo", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert fits(out)
    assert "drawn in tenfold-demo.png" in out and "accountable" in out
    assert (street / "tenfold-demo.png").read_bytes()[:4] == b"\x89PNG"
    (street / "tenfold-demo.png").write_bytes(b"mine")
    assert main(["demo", "--months", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["firms"]) == 4 and "tenfold-demo-2.png" in err
    assert (street / "tenfold-demo.png").read_bytes() == b"mine"
    assert main(["demo", "--months", "2", "--force", "--quiet"]) == 0
    assert (street / "tenfold-demo.png").read_bytes() != b"mine"
    assert made(street) == ["tenfold-demo-2.png", "tenfold-demo.png"]
