"""tenfold sweep: plan, run, status, collect, for people and for scripts."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.commands.sweep import quoted
from sim.experiments import Here, Store
from sim.experiments.design import plan_of
from sim.extras import cure
from sim.scenario import load

ROOT = Path(__file__).parents[1]
STREET = """tenfold = 1
focus = "Corner"
[market]
customers = 100
months = 2
[firms.Corner]
[firms.Express]
[sweep]
over.talk.unhappy_tells = [0, 3, 10]
over.firms.Corner.policy = ["basic", "accountable"]
seeds = 2
"""


@pytest.fixture(autouse=True)
def street(tmp_path, monkeypatch):
    """Each test works in a folder with one small scenario; runs are done in this process."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.toml").write_text(STREET, encoding="utf-8")
    monkeypatch.setattr("sim.experiments.pool.Local", lambda _: Here())
    return tmp_path


def told(capsys, *words: str, status: int = 0) -> str:
    assert main(["sweep", *words]) == status
    return capsys.readouterr().out


def fault(capsys, *words: str) -> str:
    assert main(["sweep", *words]) == 2
    return capsys.readouterr().err.strip()


def status_of(capsys) -> list[int]:
    found = json.loads(told(capsys, "status", "street.toml", "--json"))
    return [found[key] for key in ("planned", "done", "left", "set_aside")]


def test_plan_says_how_many_and_how_long_and_writes_nothing(street, capsys):
    out = told(capsys, "plan", "street.toml")
    assert (
        out.startswith("3 values x 2 values x 2 seeds = 12 runs, about ")
        and "talk.unhappy_tells: 0, 3 and 10" in out
    )
    found = json.loads(told(capsys, "plan", "street.toml", "--json"))
    assert found["planned"] == found["left"] == 12 and len(found["points"]) == 6 and found["seconds"] > 0
    assert [file.name for file in street.iterdir()] == ["street.toml"]


def test_run_status_and_collect(street, capsys):
    assert status_of(capsys) == [12, 0, 12, 0]
    out = told(capsys, "run", "street.toml")
    assert "of Corner is highest" in out and "by firms.Corner.policy" in out and "accountable" in out
    assert max(map(len, out.splitlines())) <= 80
    assert status_of(capsys) == [12, 12, 0, 0]
    assert "12 done, 0 left, 0 set aside" in told(capsys, "status", "street.toml")
    assert "all of them done" in told(capsys, "plan", "street.toml")
    assert "24 rows, a run and firm each, of 12 of 12 runs" in " ".join(
        told(capsys, "collect", "street.toml").split()
    )
    assert "is there already" in fault(capsys, "collect", "street.toml")
    told(capsys, "collect", "street.toml", "--to", "runs.parquet")
    csv, parquet = pd.read_csv("street-sweep.csv"), pd.read_parquet("runs.parquet")
    assert len(csv) == 24 and list(csv.columns) == list(parquet.columns)
    assert csv["profit"].tolist() == parquet["profit"].tolist()


def test_stopped_work_goes_on_and_a_damaged_part_is_done_again(street, capsys):
    told(capsys, "run", "street.toml", "--quiet")
    parts = sorted((street / "street-sweep" / "parts").iterdir())
    before = {part.name: part.read_bytes() for part in parts}
    parts[0].unlink()
    parts[1].write_bytes(before[parts[1].name][:-40])
    found = json.loads(told(capsys, "status", "street.toml", "--json"))
    assert found["left"] == 1 and found["seconds_left"] is not None
    told(capsys, "run", "street.toml", "--quiet")
    assert {part.name: part.read_bytes() for part in (street / "street-sweep" / "parts").iterdir()} == before


def test_two_sweeps_share_a_store_and_do_no_harm(street, capsys):
    told(capsys, "run", "street.toml", "--store", "one", "--quiet")
    out = told(
        capsys,
        "plan",
        "street.toml",
        "--store",
        "one",
        "--over",
        "talk.unhappy_tells=0,3,20",
        "--seeds",
        "3",
        "--json",
    )
    assert json.loads(out)["left"] == 9 and json.loads(out)["planned"] == 9  # here no policy is given
    told(capsys, "run", "street.toml", "--store", "one", "--seeds", "3", "--quiet")
    assert len(Store("one").done()) == 18 and len(list((street / "one" / "sweeps").iterdir())) == 2


def test_what_was_set_aside_is_told_and_may_be_tried_again(street, capsys):
    plan = plan_of(load("street.toml"))
    store = Store("street-sweep")
    store.set_aside(plan.specifications[3], "it killed its worker 2 times")
    out = told(capsys, "run", "street.toml", status=1)
    assert "Set aside: 1" in out and "it killed its worker 2 times" in " ".join(out.split())
    assert status_of(capsys) == [12, 11, 0, 1]
    assert "talk.unhappy_tells = 3, firms.Corner.policy = accountable, seed = 1: it killed" in " ".join(
        told(capsys, "status", "street.toml").split()
    )
    told(capsys, "run", "street.toml", "--again", "--quiet")
    assert status_of(capsys) == [12, 12, 0, 0]


def test_much_is_not_begun_where_nobody_can_be_asked(capsys, monkeypatch):
    monkeypatch.setattr("sim.experiments.forecast.MOST_RUNS", 5)
    assert fault(capsys, "run", "street.toml").endswith("Nobody is here to be asked: give --yes to go on")
    told(capsys, "run", "street.toml", "--yes")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "plain"), "there is nothing to vary"),
        (("run", "street.toml", "--over", "talk.unhapy_tells=[1]"), 'did you mean "talk.unhappy_tells"'),
        (("plan", "street.toml", "--scheduler", "tcp://x:1"), "--scheduler belongs to tenfold sweep run"),
        (("collect", "street.toml"), "there is no store street-sweep yet"),
        (("collect", "street.toml", "--to", "x.xlsx"), "there is no store"),
        (
            ("run", "street.toml", "--scheduler", "tcp://127.0.0.1:9"),
            "no Dask scheduler answers at tcp://127.0.0.1:9",
        ),
        (("rnu", "street.toml"), "invalid choice"),
    ],
)
def test_mistakes_get_a_line_with_the_cure(capsys, monkeypatch, words, said):
    monkeypatch.setattr("sim.experiments.pool.PATIENCE", 0.5)
    assert said in fault(capsys, *words)


def test_without_pyarrow_one_sentence_says_the_cure_and_a_sweep_in_memory_works(street):
    code = (
        "import sys\nsys.modules['pyarrow'] = sys.modules['distributed'] = None\nimport sim\n"
        "from sim.experiments import Here\nfrom sim.cli import main\n"
        "done = sim.sweep(sim.load('street.toml'), seeds=1, executor=Here(), quiet=True)\nprint(len(done.table))\n"
        "print(main(['sweep', 'run', 'street.toml']), main(['sweep', 'run', 'street.toml', '--scheduler', 'tcp://x:1']))\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert run.stdout == "12\n2 2\n", run.stderr
    for name in ("pyarrow", "distributed"):
        assert f"needs the package {name}, which is not installed: {cure('sweep')}" in run.stderr


def test_the_command_for_the_next_step_has_the_same_words_and_does_it(street, capsys):
    words = ["two_cafes", "--over", "talk.unhappy_tells=[0,3]", "--seeds", "1", "--months", "1",
             "--change", "market.customers=60"]  # fmt: skip
    for step, next_step in (("plan", "run"), ("run", "collect")):
        lines = told(capsys, step, *words, "--quiet").splitlines()
        (named,) = (
            line for line in lines if f" sweep {next_step} " in line
        )  # whole, and nothing else beside it
        named = named.strip().removeprefix("tenfold ")
        assert shlex.split(named)[1:] == [
            next_step,
            "two_cafes",
            *words[1:3],
            "--change",
            words[8],
            *words[3:7],
        ]
    assert main(shlex.split(named)) == 0 and Path("two_cafes-sweep.csv").is_file()


def test_the_next_step_is_one_line_however_long_and_nothing_else_stands_on_it(capsys):
    words = [
        "--change",
        "firms.Corner.plan.advertising=1000",
        "--change",
        "firms.Express.plan.advertising=1000",
    ]
    for step in ("plan", "status"):
        lines = told(capsys, step, "street.toml", *words).splitlines()
        (named,) = (line.strip() for line in lines if "sweep run" in line)
        assert len(named) > 80 and shlex.split(named) == ["tenfold", "sweep", "run", "street.toml", *words]
    said = fault(capsys, "collect", "street.toml", *words).splitlines()
    assert shlex.split(said[-1]) == ["tenfold", "sweep", "run", "street.toml", *words]


def test_the_next_step_is_quoted_as_the_shell_of_the_computer_takes_it():
    words = ["run", "my shop.toml", "--over", 'firms.A B.policy=["basic"]']
    assert shlex.split(quoted(words, is_windows=False)) == words
    assert quoted(words, is_windows=True) == 'run "my shop.toml" --over "firms.A B.policy=[\\"basic\\"]"'


def test_of_a_saved_run_hold_its_months_and_policies(street, capsys, monkeypatch):
    sim.run("street.toml", months=14, policies={"Corner": "price_cutter"}).save("r")
    assert main(["sweep", "plan", "r", "--over", "talk.unhappy_tells=0,3", "--json"]) == 0
    out, err = capsys.readouterr()
    kept = {"firms.Corner.policy": "price_cutter", "market.months": 14}
    assert json.loads(out)["changes"] == kept and "what it had: 14 months, Corner=price_cutter." in err
    more = ["--over", "talk.unhappy_tells=0,3", "--change", "firms.Corner.policy=basic", "--json"]
    assert json.loads(told(capsys, "plan", "r", *more))["changes"] == kept | {"firms.Corner.policy": "basic"}
    given = []

    def stop(scenario, *_args, **_words):
        given.append(dict(scenario.changes))
        raise ValueError("enough")

    for name, more in (("sensitivity", []), ("elasticities", []), ("rivals", []), ("imitate", ["basic"])):
        function = {"rivals": "best_responses", "imitate": "imitation"}.get(name, name)
        monkeypatch.setattr(f"sim.experiments.{function}", stop)
        assert main([name, "r", *more]) == 2 and "Corner=price_cutter" in capsys.readouterr().err
    monkeypatch.setattr("sim.optimise", stop)
    assert main(["optimise", "r"]) == 2
    assert given == [kept] * 5
