"""The commands that compute nothing: look, write, teach."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sim.cli import main
from sim.commands import teach
from sim.commands.copies import copy_into
from sim.scenario import SCENARIOS, load
from sim.scenario.loading import shipped_folder
from sim.terminal import wide


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Each test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fits(text: str) -> bool:
    return all(wide(line) <= 80 for line in text.splitlines())


# ---------------------------------------------------------------- look


def test_scenarios_lists_all_with_their_questions(capsys):
    assert main(["scenarios"]) == 0
    out = capsys.readouterr().out
    assert fits(out)
    for name in SCENARIOS:
        assert f"{name} " in out
    assert load("plain").info.question.split()[0] in out


@pytest.mark.parametrize("name", SCENARIOS)
def test_show_fits_and_says_who_decides(name, capsys):
    scenario = load(name)
    assert main(["show", name]) == 0
    out = capsys.readouterr().out
    assert fits(out)
    assert out.startswith(scenario.title)
    firms = out[out.index("Who decides what") :]
    for firm, table in scenario.firms.items():
        at = firms.index(f"\n  {firm}")
        assert at < firms.index("    plan ", at) < firms.index("    policy ", at)
        assert firms.count("    rule ") == sum(len(one.rules) for one in scenario.firms.values())
        assert table.policy is not None or "none: the plan" in firms


def test_show_lists_what_differs_with_the_remark_of_the_file(elsewhere, capsys):
    text = 'tenfold = 1\n[talk]\nunhappy_tells = 4  # people: a survey "of ours", 2024\n[firms.A]\nplan = { messages = 1 }\n[firms.B]\n'
    (elsewhere / "own.toml").write_text(text)
    assert main(["show", "own.toml"]) == 0
    out = capsys.readouterr().out
    assert 'talk.unhappy_tells = 4 people (default 10): people: a survey "of ours",' in out
    assert "messages 1 a month" in out
    assert "What differs from the defaults: 2 of" in out


def test_explain_gives_meaning_range_default_and_source(capsys):
    assert main(["explain", "talk.unhappy_tells"]) == 0
    out = capsys.readouterr().out
    assert "talk.unhappy_tells = 10 people (0 to 100). Source: TARP" in out
    for word in ("customer_equity", "plan", "need_rate"):
        assert main(["explain", word]) == 0
        assert fits(capsys.readouterr().out)


# ---------------------------------------------------------------- write


def test_new_writes_a_file_that_check_accepts_and_never_over_one(elsewhere, capsys):
    assert main(["new", "shop.toml"]) == 0
    assert main(["check", "shop.toml"]) == 0
    assert "as it should be" in capsys.readouterr().out
    (elsewhere / "shop.toml").write_text("mine")
    assert main(["new", "shop.toml"]) == 2
    assert (elsewhere / "shop.toml").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main(["new", "shop.toml", "--force"]) == 0
    assert main(["check", "shop.toml"]) == 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_new_from_a_scenario_is_the_same_market(name, elsewhere):
    assert main(["new", "copy.toml", "--from", name]) == 0
    assert load("copy.toml").hash == load(name).hash


def test_new_from_a_scenario_with_a_network_brings_the_network(elsewhere):
    folder = elsewhere / "there"
    folder.mkdir()
    (folder / "edges.csv").write_text("0,1\n1,2\n")
    (folder / "net.toml").write_text(
        'tenfold = 1\n[market]\ncustomers = 3\n[talk]\nnetwork = "file"\nedges = "edges.csv"\n'
    )
    assert main(["new", "copy.toml", "--from", "there/net.toml"]) == 0
    assert (elsewhere / "edges.csv").read_text() == "0,1\n1,2\n"
    assert load("copy.toml").hash == load("there/net.toml").hash


def test_check_prints_all_faults_one_a_line_and_status_1(elsewhere, capsys):
    (elsewhere / "bad.toml").write_text(
        'tenfold = 1\n[talk]\nunhapy_tells = 3\nhappy_tells = -1\n[market]\nmonths = 0\n[firms.A]\npolicy = "basik"\n'
    )
    assert main(["check", "bad.toml"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split(": ")[0] for line in out.splitlines()] == [
        "bad.toml:3:1",
        "bad.toml:4:15",
        "bad.toml:6:10",
        "bad.toml:8:10",
    ]


def test_check_takes_a_shipped_name_and_refuses_what_is_nowhere(elsewhere, capsys):
    assert main(["check", "two_cafes"]) == 0
    assert "two_cafes: as it should be (500 customers" in capsys.readouterr().out
    assert main(["check", "two_cafe"]) == 2
    out, err = capsys.readouterr()
    assert not out and 'did you mean "two_cafes"?' in err
    (elsewhere / "two_cafes").write_text("tenfold = 2", encoding="utf-8")
    assert main(["check", "./two_cafes"]) != 0, "the file that is here"


def test_show_says_the_remark_of_a_line_once(elsewhere, capsys):
    line = "need_rate = { mean = 2.0, shape = 3.0 }  # a survey of ours\n"
    (elsewhere / "shop.toml").write_text(f"tenfold = 1\n[segments.all]\n{line}[firms.A]\n", encoding="utf-8")
    assert main(["show", "shop.toml"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("a survey of ours") == 1
    assert "need_rate.mean = 2" in out and "need_rate.shape = 3" in out


def test_schema_is_one_json_object(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Tenfold scenario"


# ---------------------------------------------------------------- teach


def test_lab_copies_the_notebooks_and_never_over_one(elsewhere, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(teach.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(teach, "open_lab", lambda notebook: opened.append(notebook) or 0)
    assert main(["lab"]) == 0
    first = elsewhere / teach.FOLDER / teach.FIRST
    assert first.read_bytes() == (shipped_folder("notebooks") / teach.FIRST).read_bytes()
    first.write_text("mine")
    assert main(["lab"]) == 0
    assert first.read_text() == "mine"
    assert opened == [teach.FOLDER / teach.FIRST] * 2
    assert "as you left it" in capsys.readouterr().err
    assert main(["lab", "there"]) == 0
    assert (elsewhere / "there" / teach.FIRST).is_file()


def test_lab_without_jupyterlab_says_the_cure_and_writes_nothing(elsewhere, monkeypatch, capsys):
    monkeypatch.setattr(teach.importlib.util, "find_spec", lambda name: None)
    assert main(["lab"]) == 2
    assert "start.py lab" in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []


def test_lab_leaves_ctrl_c_to_jupyterlab(monkeypatch):
    class Child:
        answers = [KeyboardInterrupt, KeyboardInterrupt, 0]

        def __init__(self, words, env):
            assert words[1:4] == ["-P", "-m", "jupyterlab"], "a random.py beside the notebooks is not read"
            assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep) == ["mine", str(teach.CONFIG)]

        def wait(self):
            answer = self.answers.pop(0)
            if answer is KeyboardInterrupt:
                raise KeyboardInterrupt
            return answer

    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.setattr(teach.subprocess, "Popen", Child)
    assert teach.open_lab(Path("x.ipynb")) == 0
    assert Child.answers == []


def test_lab_puts_a_newer_file_beside_an_edited_one_and_renews_the_others(tmp_path):
    shipped = {"a.ipynb": b"one", "lessons/b.ipynb": b"one"}
    assert copy_into(tmp_path, shipped)[:2] == (["a.ipynb", "lessons/b.ipynb"], [])
    assert copy_into(tmp_path, shipped) == ([], [], [], []), "nothing is new"
    (tmp_path / "a.ipynb").write_bytes(b"mine")
    assert copy_into(tmp_path, shipped) == ([], [], [], ["a.ipynb"]), "edited, and nothing newer"
    newer = {"a.ipynb": b"two", "lessons/b.ipynb": b"two"}
    assert copy_into(tmp_path, newer) == ([], ["lessons/b.ipynb"], ["a (new).ipynb"], ["a.ipynb"])
    assert (tmp_path / "a.ipynb").read_bytes() == b"mine" and (
        tmp_path / "a (new).ipynb"
    ).read_bytes() == b"two"
    assert copy_into(tmp_path, newer)[2] == [], "once"
    newest = {"a.ipynb": b"three"}
    (tmp_path / "a (new).ipynb").write_bytes(b"mine too")
    assert copy_into(tmp_path, newest)[2] == ["a (new 2).ipynb"]
    assert (tmp_path / "a (new).ipynb").read_bytes() == b"mine too"
    assert "as you left it" in " ".join(copy_into(tmp_path, newest).sentences(tmp_path))


def test_lab_copies_all_lessons_as_notebooks(elsewhere, monkeypatch):
    pytest.importorskip("jupytext")
    monkeypatch.setattr(teach, "open_lab", lambda notebook: 0)
    assert main(["lab", "mine"]) == 0
    assert len(list((elsewhere / "mine" / "lessons").glob("lesson*.ipynb"))) == 12


def test_a_file_of_contacts_that_cannot_be_read_is_a_fault_of_the_scenario(tmp_path, capsys):
    (tmp_path / "e.toml").write_text(
        'tenfold = 1\n[market]\ncustomers = 50\n[talk]\nnetwork = "file"\nedges = "f.csv"\n', encoding="utf-8"
    )
    (tmp_path / "f.csv").write_text("from,to\n1,2\n3,99\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "e.toml")]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "f.csv:1: must be two whole numbers" in first and "f.csv:3: person 99 does not exist" in second
    (tmp_path / "f.csv").write_text("1,2\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "e.toml")]) == 0
