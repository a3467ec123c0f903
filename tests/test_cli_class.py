"""`tenfold class`: an instructor holds a class by files, from the first form to the gradebook."""

import json

import pytest

from sim.classroom.report import page_of
from sim.classroom.store import Store
from sim.cli import main
from sim.commands import COMMANDS
from sim.terminal import wide

SMALL = ["--change", "market.customers=200", "--rounds", "2", "--months", "2", "--seed", "1", "--quiet"]


@pytest.fixture
def term(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["class", "new", "term", "two_cafes", "--teams", "3", "--late-penalty", "50", *SMALL]) == 0
    return tmp_path / "term"


def asked(capsys, *words, status=0):
    capsys.readouterr()
    assert main(["class", *words]) == status
    out, err = capsys.readouterr()
    assert "--json" in words or all(wide(line) <= 80 for line in out.splitlines())
    return out, err


@pytest.mark.parametrize("part", COMMANDS["class"].parts, ids=lambda part: part.name)
def test_each_part_has_help_with_examples_that_fit(part, capsys):
    word = part.name.split()[-1]
    out, _ = asked(capsys, word, "--help")
    assert "Examples:" in out and part.examples
    assert all(line.startswith(f"tenfold {part.name}") for line in part.examples)
    assert f"class {word}" in main_help(capsys)


def main_help(capsys):
    return asked(capsys, "--help")[0]


def test_a_class_by_files_from_the_first_form_to_the_gradebook(term, capsys):
    form = term / "forms" / "round-1" / "Red.toml"
    text = form.read_text(encoding="utf-8").replace("price = 1.0 ", "price = 1.1 ")
    form.write_text(
        text.replace("# [[students]]", "[[students]]").replace('# name = "YOUR NAME"', 'name = "Ann"'),
        encoding="utf-8",
    )
    (term.parent / "bad.toml").write_text('team = "Blue"\n[plan]\nprice = 99\nlevel = "reactive"\n')
    out, _ = asked(capsys, "collect", "term", str(form), "bad.toml", status=1)
    assert out.splitlines()[0] == "round 1: 2 of 3 teams"
    assert "team Blue: price: must be 0.5 to 2 multiple in this class (got 99)" in out
    assert "Nothing yet from Green." in out
    out, _ = asked(capsys, "advance", "term", "--quiet")
    assert "round 1 played; 3 reports in term/reports/round-1" in out and "handed in by Green" in out
    assert len(list((term / "reports" / "round-1").glob("*.html"))) == 3
    out, _ = asked(capsys, "status", "term", "--check")
    assert "round 2 of 2 is open" in out and "the same bits" in out
    _, err = asked(capsys, "advance", "term", status=2)
    assert "nobody has handed in anything for round 2; --anyway" in err
    out, _ = asked(capsys, "advance", "term", "--anyway", "--quiet")
    assert "That was the last round" in out
    out, _ = asked(capsys, "export", "term", "--seeds", "2", "--quiet")
    book = (term / "export" / "gradebook.csv").read_text(encoding="utf-8-sig")
    assert "luck-adjusted" in book and "Ann" in book
    _, err = asked(capsys, "export", "term", status=2)
    assert "--force writes over it" in err
    asked(capsys, "undo", "term")
    out, _ = asked(capsys, "report", "term", "--json", "--quiet")
    assert json.loads(out)["round"] == 1
    _, err = asked(capsys, "report", "term", "--round", "2", status=2)
    assert "there is no report of round 2" in err


def test_json_says_it_all(term, capsys):
    out, _ = asked(capsys, "status", "term", "--json")
    said = json.loads(out)
    assert (
        said["teams"] == ["Blue", "Red", "Green"] and said["round"] == 1 and said["missing"] == said["teams"]
    )
    assert {row["handed_in"] for row in said["scores"]} == {"no"} and said["budget"] > 0
    (term.parent / "f.toml").write_text('team = "Red"\nprise = 3\n[plan]\nprice = 1.1\n')
    out, _ = asked(capsys, "collect", "term", "f.toml", "--json", status=1)
    assert json.loads(out)["files"][0]["faults"][0]["field"] == "prise"
    out, _ = asked(capsys, "advance", "term", "--json", "--quiet")
    assert json.loads(out)["played"] == 1 and len(json.loads(out)["hashes"]) == 1


def test_settings_are_taken_over_from_last_term_without_names(term, capsys):
    out, _ = asked(capsys, "new", "next", "--from", "term", "--teams", "2", "--json", "--quiet")
    said = json.loads(out)
    assert (said["rounds"], said["months"], said["customers"], said["students"]) == (2, 2, 200, 0)
    assert said["teams"] == ["Blue", "Red"]


def test_a_seed_is_drawn_and_told_to_the_instructor_alone(term, capsys):
    out, _ = asked(capsys, "new", "other", "two_cafes", "--teams", "2", "--json", "--quiet")
    drawn = json.loads(out)["seed"]
    asked(capsys, "new", "like", "--from", "other", "--quiet")
    assert len({drawn, Store(term.parent / "like").game.settings.seed, 1}) == 3
    out, _ = asked(capsys, "new", "given", "two_cafes", "--teams", "2", "--seed", "7", "--quiet")
    assert "seed 7" in out
    feet = []
    for _ in range(2):
        asked(capsys, "advance", "term", "--anyway", "--quiet")
        game = Store(term).game
        feet.append(page_of(game, 0, 1).foot)
    assert "scenario two_cafes." in feet[0] and "seed" not in feet[0] and "seed 1." in feet[1]


def test_an_instructor_edits(term, capsys):
    (term.parent / "f.toml").write_text('team = "Red"\n[[students]]\nname = "Ann"\nreason = "x"\n')
    asked(capsys, "collect", "term", "f.toml")
    asked(capsys, "edit", "term", "--move", "Ann=Green", "--bonus", "Blue=500", "--penalty", "Red=20", "--why", "pitch",
          "--rename", "Blue=Navy")  # fmt: skip
    rows = {row["team"]: row for row in json.loads(asked(capsys, "status", "term", "--json")[0])["scores"]}
    assert (rows["Navy"]["booked"], rows["Red"]["booked"], rows["Green"]["students"]) == (500, -20, 1)
    asked(capsys, "edit", "term", "--pause")
    _, err = asked(capsys, "advance", "term", "--anyway", status=2)
    assert "paused" in err
    asked(capsys, "edit", "term", "--resume")
    _, err = asked(capsys, "edit", "term", "--move", "Anne=Red", status=2)
    assert 'did you mean "Ann"?' in err
    _, err = asked(capsys, "edit", "term", status=2)
    assert "say what to change" in err


@pytest.mark.parametrize(
    "words", [["--teams", "2"], ["--teams", "2", "--alone"], ["--teams", "1", "--alone"]]
)
def test_the_game_of_a_class_is_not_played_alone(words, tmp_path, capsys):
    folder = str(tmp_path / "term")
    asked(capsys, "new", folder, "two_cafes", *words, *SMALL)
    assert main(["class", "play", "two_cafes", "--folder", folder, "--no-browser"]) == 2
    assert "this is the game of a class" in capsys.readouterr().err


def test_forget_asks_first(term, capsys):
    _, err = asked(capsys, "forget", "term", status=2)
    assert "Add --yes" in err
    asked(capsys, "forget", "term", "--yes")
    assert json.loads(asked(capsys, "status", "term", "--json")[0])["teams"] == ["Team 1", "Team 2", "Team 3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nwe"], 'did you mean "new"?'),
        (["new", "other"], "missing SCENARIO, or --from FOLDER"),
        (["new", "other", "two_cafes"], "missing --teams N"),
        (["new", "other", "two_cafes", "--teams", "9"], "write --markets 2 (5 in each), or --alone"),
        (["new", "other", "two_cafe", "--teams", "2"], 'did you mean "two_cafes"?'),
        (["new", "other", "two_cafes", "--teams", "2", "--months", "13"], "--months: must be a whole number 1 to 12"),
        (["new", "other", "two_cafes", "--teams", "2", "--rival", "basik"], 'did you mean "basic"?'),
        (["new", "other", "two_cafes", "--teams", "2", "--markets", "1", "--alone"], "give one"),
        (["new", "other", "two_cafes", "--teams", "2", "--deadline", "soon"], "must be a time such as"),
        (["new", "other", "two_cafes", "--teams", "1", "--team", "A", "--team", "B"], "2 names for 1 teams"),
        (["new", "other", "two_cafes", "--teams", "2", "--team", "A", "--team", "a"], "two teams cannot both be called"),
        (["new", "term", "two_cafes", "--teams", "2"], "there already"),
        (["collect", "nowhere", "f.toml"], "there is no game in this folder"),
        (["edit", "term", "--bonus", "Blue"], "must be TEAM=MONEY"),
        (["edit", "term", "--bonus", "Bleu=3"], 'did you mean "Blue"?'),
        (["undo", "term"], "nothing to take back"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_line_with_the_cure_and_status_2(words, said, term, capsys):
    out, err = asked(capsys, *words, status=2)
    assert out == "" and said in err and err.count("\n") == 1
    assert not (term.parent / "other").exists()
