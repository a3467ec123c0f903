"""Scenarios: loaded by name, file and folder; saved, hashed, shown; the JSON Schema; a starter to fill in."""

import pickle
import subprocess
import sys
import tomllib

import pytest
from worlds import RICH

from sim.scenario import (
    SCENARIOS,
    ScenarioError,
    Tables,
    check_text,
    checks,
    load,
    new_file_text,
    scenarios,
)


@pytest.fixture(autouse=True)
def no_policies(monkeypatch):
    """The file as such: which policies there are is known on a higher floor."""
    monkeypatch.setattr(checks, "_policy_checks", [])


def test_plain_is_all_defaults_with_four_equal_firms():
    plain = load("plain")
    assert plain.tables.model_copy(update={"title": "A market", "info": Tables().info}) == Tables()
    assert plain.name == "plain"
    assert plain.focus == "North"
    assert plain.initial_shares == {"North": 0.25, "East": 0.25, "South": 0.25, "West": 0.25}
    assert plain.hash == load(Tables()).hash


def test_a_scenario_is_returned_as_it_is():
    plain = load("plain")
    assert load(plain) is plain
    with pytest.raises(TypeError, match="got a int"):
        load(3)


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ScenarioError, match='did you mean "two_cafes"'):
        load("two_cafe")
    with pytest.raises(ScenarioError, match="one of two_cafes, web_shop"):
        load("qqq")


def test_files_folders_and_names_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "result").mkdir()
    check_text(RICH).save("result/scenario.toml")
    check_text(RICH).save("shop.toml")
    assert (
        load("result").name == load(tmp_path / "result").name == load("result/scenario.toml").name == "result"
    )
    assert load("shop.toml").name == load(tmp_path / "shop.toml").name == "shop"
    (tmp_path / "plain").mkdir()
    assert load("plain").title == "Four equal firms"
    for path, words in [
        ("./plain", "no scenario in this folder"),
        ("shp.toml", 'did you mean "shop.toml"'),
        ("result/x.txt", "ends in .toml"),
    ]:
        with pytest.raises(ScenarioError, match=words):
            load(path)


def test_a_partial_table_keeps_the_other_defaults():
    rich, defaults = check_text(RICH), Tables()
    assert rich.serve.recoveries.refund.cost == 5
    assert rich.serve.recoveries.refund.chance == defaults.serve.recoveries.refund.chance == 0.7
    assert rich.decide.levels.proactive.cost == 3.5
    assert rich.decide.levels.proactive.heard == defaults.decide.levels.proactive.heard
    few = rich.segments["few"]
    assert (few.need_rate.mean, few.need_rate.varies) == (3.0, False)
    assert (few.basket.mean, few.basket.shape, few.basket.varies) == (50.0, 9.0, True)
    assert rich.market.season[11] == 1.5
    assert rich.initial_shares == pytest.approx({"Shout & Co": 0.3, "b": 0.35, "a": 0.35})


@pytest.mark.parametrize(
    "make", [lambda: check_text(RICH), lambda: load("plain"), lambda: check_text(new_file_text())]
)
def test_what_is_saved_loads_to_an_equal_hash(make, tmp_path):
    first = make()
    again = load(first.save(tmp_path / "copy.toml"))
    assert again.tables == first.tables
    assert list(again.firms) == list(first.firms)
    assert again.hash == first.hash
    assert new_file_text(again) == new_file_text(first)
    changed = first.with_changes({"talk.unhappy_tells": 7, "account.recent_memory": 0.1 + 0.2})
    assert load(changed.save(tmp_path / "changed.toml")).hash == changed.hash != first.hash


def test_a_saved_file_says_only_what_differs():
    saved = tomllib.loads(new_file_text(check_text(RICH)))
    assert saved["serve"] == {"recoveries": {"refund": {"cost": 5.0}}}
    assert saved["segments"]["few"] == {
        "share": 0.25,
        "need_rate": {"mean": 3.0, "varies": False},
        "basket": {"shape": 9.0},
    }
    assert saved["firms"]["a"] == {}
    assert "talk" not in saved


def test_saving_writes_over_nothing_and_leaves_nothing_half(tmp_path, monkeypatch):
    rich = check_text(RICH)
    file = rich.save(tmp_path / "shop.toml")
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        load("plain").save(file)
    assert file.read_bytes() == before
    load("plain").save(file, force=True)
    assert load(file).hash == load("plain").hash
    with pytest.raises(ValueError, match=r"ends in \.toml"):
        rich.save(tmp_path / "shop.txt")

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        rich.save(file, force=True)
    assert [one.name for one in tmp_path.iterdir()] == ["shop.toml"]
    assert load(file).hash == load("plain").hash


def test_the_hash_is_of_what_happens_and_not_of_what_is_said():
    base = check_text(RICH)
    assert len(base.hash) == 64
    same = [
        ("Who wins?", "Who loses?"),
        ("rich", "poor"),
        ('"quiet"', '{ name = "quiet" }'),
        ("customers = 500", "customers = 5_00"),
    ]
    for old, new in same:
        assert check_text(RICH.replace(old, new)).hash == base.hash
    for old, new in [
        ("customers = 500", "customers = 501"),
        ("0.2,", "0.21,"),
        ("[firms.b]", "[firms.c]"),
        ('focus = "Shout & Co"', 'focus = "b"'),
    ]:
        assert check_text(RICH.replace(old, new)).hash != base.hash
    swapped = (
        RICH.replace("[firms.b]\npolicy", "[firms.x]\npolicy")
        .replace("[firms.a]", "[firms.b]")
        .replace("[firms.x]", "[firms.a]")
    )
    assert check_text(swapped).hash != base.hash
    assert (
        check_text("tenfold = 1\n[firms.a]\nquality = -0.0").hash == check_text("tenfold = 1\n[firms.a]").hash
    )


def test_the_hash_is_equal_in_another_process():
    code = "from sim.scenario import load; print(load('plain').hash)"
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert out.stdout.strip() == load("plain").hash


def test_a_network_file_travels_with_the_scenario_and_counts_by_content(tmp_path):
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    away.mkdir()
    (home / "friends.csv").write_text("0,1\n")
    (home / "shop.toml").write_text('tenfold = 1\ntalk = { network = "file", edges = "friends.csv" }')
    shop = load(home / "shop.toml")
    assert shop.edges_file == home / "friends.csv"
    again = load(shop.save(away / "copy.toml"))
    assert again.hash == shop.hash
    assert again.edges_file.read_text() == "0,1\n"
    (away / "friends.csv").write_text("0,2\n")
    assert load(away / "copy.toml").hash != shop.hash
    with pytest.raises(FileExistsError):
        shop.save(away / "third.toml")
    assert not (away / "third.toml").exists()


def test_a_scenario_crosses_processes():
    rich = check_text(RICH).with_changes({"talk.online": 0.5})
    copy = pickle.loads(pickle.dumps(rich))
    assert (copy.tables, copy.changes, copy.hash) == (rich.tables, rich.changes, rich.hash)


def test_shipped_scenarios_have_rows():
    rows = scenarios()
    assert {row["name"] for row in rows} <= set(SCENARIOS)
    (plain,) = [row for row in rows if row["name"] == "plain"]
    assert plain["customers"] == 10_000
    assert plain["question"].endswith("?")
    assert plain["firms"] == "North, East, South, West"


@pytest.mark.parametrize("row", scenarios(), ids=lambda row: row["name"])
def test_every_shipped_scenario_is_whole(row, tmp_path):
    one = load(row["name"])
    assert one.info.what and one.info.notice and one.info.try_
    assert row["question"].endswith("?")
    assert load(one.save(tmp_path / "copy.toml")).hash == one.hash
