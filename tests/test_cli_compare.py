"""`tenfold compare`: seeds, precision and stress from the command line; what a stop keeps."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

import sim
from sim import assumed
from sim.cli import main
from sim.terminal import Terminal

FEW = {"talk.unhappy_tells": assumed.RANGES["talk.unhappy_tells"], "decide.levels.*.cost": None}
RUN = ["compare", "two_cafes", "accountable", "--change", "market.customers=80", "--months", "2"]


@pytest.fixture(autouse=True)
def few(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(assumed, "RANGES", FEW)


class Pressed(Terminal):
    """A terminal whose user presses Ctrl-C when the second seed has begun."""

    def progress(self, what, unit="month"):
        @contextmanager
        def bar():
            yield lambda done, total, *_: signal.raise_signal(signal.SIGINT) if done == 6 else None

        return bar()


def test_a_stop_keeps_finished_seeds_and_the_same_command_goes_on(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr("sim.cli.Terminal", Pressed)
        assert main([*RUN, "--seeds", "3", "--out", "pair"]) == 130
    said = capsys.readouterr().err
    assert "kept: pair.part (1 finished seed; the same command goes on from there)" in said
    assert not Path("pair").exists() and Path("pair.part/seed-1.json.gz").is_file()
    assert main([*RUN, "--seeds", "2", "--months", "3", "--out", "pair"]) == 2
    assert "another length" in capsys.readouterr().err
    assert main([*RUN, "--seeds", "3", "--out", "pair", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "Goes on from pair.part: 1 finished seed." in err
    assert not Path("pair.part").exists() and Path("pair/comparison.json").is_file()
    assert main([*RUN, "--seeds", "3", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(out)


def test_what_a_shorter_call_does_not_use_stays_and_is_named(monkeypatch, capsys):
    class InStress(Terminal):
        def progress(self, what, unit="month"):
            @contextmanager
            def bar():
                stop = what == "Assumptions"
                yield (
                    lambda done, total, *_: signal.raise_signal(signal.SIGINT) if stop and done == 6 else None
                )

            return bar()

    with monkeypatch.context() as patched:
        patched.setattr("sim.cli.Terminal", InStress)
        assert main([*RUN, "--seeds", "3", "--stress", "--out", "pair"]) == 130
    assert "3 finished seeds and 2 points of a stress test; the same" in capsys.readouterr().err
    kept = sorted(file.name for file in Path("pair.part").iterdir())
    assert main([*RUN, "--seeds", "2", "--out", "pair"]) == 0
    err = capsys.readouterr().err
    assert "Goes on from pair.part: 3 finished seeds and 2 points of a stress test." in err
    assert (
        "pair.part stays: 1 finished seed and 2 points of a stress test in it are not in this result." in err
    )
    assert "with --stress and more seeds (and --force) goes on" in err
    assert sorted(file.name for file in Path("pair.part").iterdir()) == kept
    assert main([*RUN, "--seeds", "3", "--out", "pair", "--force"]) == 0
    assert "stays: 2 points of a stress test in it are" in capsys.readouterr().err
    assert main([*RUN, "--seeds", "3", "--stress", "--out", "pair", "--force", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "stays" not in err and not Path("pair.part").exists()
    assert main([*RUN, "--seeds", "3", "--stress", "--json", "--quiet"]) == 0
    again = json.loads(capsys.readouterr().out)
    told = json.loads(out)
    assert told["stress"].pop("runs") < again["stress"].pop("runs") and told == again


def test_stress_says_what_it_takes_first_and_shows_where_the_choice_turns(capsys):
    assert main([*RUN, "--seeds", "2", "--stress", "--out", "pair"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("Stress: 2 assumptions, each moved over its range: 8 runs, about ")
    assert (
        "The choice holds for" in out and "assumptions: not tried" not in out and "talk.unhappy_tells" in out
    )
    assert all(len(line) <= 80 for line in out.splitlines())
    saved = json.loads(Path("pair/comparison.json").read_text(encoding="utf-8"))
    assert saved["stress"]["sentence"][:-1].lower() in saved["headline"].lower()
    assert Path("pair/stress.csv").is_file() and not Path("pair.part").exists()
    assert main(["report", "pair"]) == 0
    page = Path("pair/report.html").read_text(encoding="utf-8")
    assert "Where the answer turns" in page and "talk.unhappy_tells" in page
    capsys.readouterr()


def test_json_has_what_scripts_need_and_a_seed_is_the_first_of_them(capsys):
    words = [*RUN, "--seeds", "2", "--seed", "7", "--stress", "--json", "--quiet"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seeds"] == [7, 8] and said["chance"] == 0.95
    assert said["variance_reduction"] is None or said["variance_reduction"] > 0.0
    assert said["customers_differing"] == said["worlds"]["accountable"]["customers_differing"] > 0
    assert {row["assumption"] for row in said["stress"]["assumptions"]} == set(FEW)
    assert {row["segment"] for row in said["differences"]} == {"all", "regulars", "students"}


def test_a_policy_that_changes_nothing_differs_nowhere(capsys):
    assert (
        main(
            [
                "compare",
                "plain",
                "status_quo",
                "--months",
                "2",
                "--seeds",
                "2",
                "--change",
                "market.customers=80",
                "--json",
                "--quiet",
            ]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert said["customers_differing"] == 0 and {row["difference"] for row in said["differences"]} <= {
        0.0,
        None,
    }
    assert said["variance_reduction"] is None and "nothing changes" in said["headline"]


def test_precision_is_a_share_and_its_looks_are_told(capsys):
    assert main([*RUN, "--precision", "9", "--seeds", "2", "--quiet"]) == 0
    assert "is reached after 1 look (2 seeds" in " ".join(capsys.readouterr().out.split())
    assert main([*RUN, "--precision", "2%"]) == 2
    assert "must be a share above 0" in capsys.readouterr().err


def test_two_diaries_stand_side_by_side_and_are_those_of_the_comparison(capsys):
    assert main([*RUN, "--seeds", "2", "--follow", "3", "--follow", "7", "--quiet"]) == 0
    out = capsys.readouterr().out
    pair = sim.compare("two_cafes", ["accountable"], months=2, seeds=2, change={"market.customers": 80})
    lives = pair.follow([3, 7])
    told = " ".join(out.replace("[today]", "[as it is]").split())
    assert "Side by side, with seed 1" in out and all(
        " ".join(line.split()) in told for line in lives.sentences
    )
    assert main([*RUN, "--seeds", "2", "--follow", "3", "--json", "--quiet"]) == 0
    said = json.loads(capsys.readouterr().out)["lives"]
    assert said["sentences"] and {row["alternative"] for row in said["events"]} <= {"today", "accountable"}
    assert main([*RUN, "--follow", "80"]) == 2
    assert "customer: must be 0 to 79 (got 80)" in capsys.readouterr().err
