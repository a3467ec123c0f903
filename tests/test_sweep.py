"""sim.sweep: the plan, the table, what it shows, and that it needs no guard in a script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.experiments import Here, Outcome
from sim.experiments.design import plan_of
from sim.experiments.sweeps import Sweep
from sim.intervals import interval, student_t
from sim.show import alt_text, save
from sim.show.numbers import nice
from sim.show.report import of_sweep
from sim.show.sweeps import effect, left_out
from sim.show.sweeps import sweep as draw_sweep

ROOT = Path(__file__).parents[1]
SMALL = {"market.customers": 120, "market.months": 14}
OVER = {
    "talk.unhappy_tells": [0, 10],
    "firms.North.policy": ["basic", {"name": "price_cutter", "below": 0.08}],
}


@pytest.fixture(scope="module")
def world():
    return sim.load("plain").with_changes(SMALL)


@pytest.fixture(scope="module")
def done(world):
    return sim.sweep(world, OVER, seeds=2, executor=Here(), quiet=True)


# ---------------------------------------------------------------- the plan


def test_a_grid_is_every_combination_with_every_seed(world):
    plan = plan_of(world, OVER, seeds=20)
    assert plan.sentence == "2 values x 2 values x 20 seeds = 80 runs"
    assert [point["talk.unhappy_tells"] for point in plan.points] == [0, 0, 10, 10]
    assert [one.seed for _, one in plan.runs[:5]] == [
        1,
        1,
        1,
        1,
        2,
    ]  # stopped early, all points have the first seeds
    assert len({one.hash for one in plan.specifications}) == 80


def test_spread_designs_cover_each_range_and_are_the_same_every_time(world):
    over = {"talk.unhappy_tells": [3, 12], "talk.online": (0.2, 0.4), "market.setting": ["free", "contract"]}
    for design in ("latin", "sobol"):
        plan = plan_of(world, over, design=design, runs=32, seeds=1)
        frame = pd.DataFrame(plan.points)
        assert (
            frame["talk.unhappy_tells"].between(3, 12).all() and frame["talk.unhappy_tells"].dtype == np.int64
        )
        assert set(frame["talk.unhappy_tells"]) == set(range(3, 13))
        bins = np.floor((frame["talk.online"] - 0.2) / 0.2 * 32).astype(int)
        assert sorted(bins) == list(range(32)) and frame["market.setting"].value_counts().tolist() == [16, 16]
        assert plan.points == plan_of(world, over, design=design, runs=32, seeds=1).points
    whole = plan_of(world, ["talk.online"], design="latin", runs=8)
    assert (
        min(p["talk.online"] for p in whole.points) >= 0 and max(p["talk.online"] for p in whole.points) <= 1
    )


def test_policies_points_and_numpy_are_understood(world):
    assert plan_of(world, ["basic", "accountable"]).points == [
        {"firms.North.policy": p} for p in ("basic", "accountable")
    ]
    points = [{"talk.online": 0.1, "talk.unhappy_tells": 2}, {"talk.unhappy_tells": 3, "talk.online": 0.2}]
    assert plan_of(world, points).points == points and plan_of(world, points).sentence.startswith(
        "2 points (list) x 10"
    )
    assert plan_of(world, {"talk.online": np.linspace(0, 1, 3)}).points[1] == {"talk.online": 0.5}
    assert len(plan_of(world, {"talk.unhappy_tells": range(4)}, months=3).runs) == 40


@pytest.mark.parametrize(
    ("over", "more", "said"),
    [
        ({"talk.unhapy_tells": [1]}, {}, r'over\.talk\.unhapy_tells: unknown .*did you mean "talk\.unhappy_tells"'),
        ({"talk.online": [0, 2]}, {}, r"over\.talk\.online\.2: must be 0 to 1"),
        ({"talk.online": [0, 1]}, {"design": "gird"}, 'did you mean "grid"'),
        ({"talk.online": [0, 1]}, {"design": "latin"}, "needs the number of points"),
        ({"segments.everyone.share": [0.5]}, {}, "at segments.everyone.share = 0.5: .*must sum to 1"),
        ({}, {}, "nothing is varied"),
        (None, {}, "there is nothing to vary"),
        ({"talk.online": [0]}, {"seeds": [1, 1]}, "different numbers"),
        ({"talk.online": [k / 1e3 for k in range(1000)], "talk.unhappy_tells": range(100), "talk.happy_tells": range(100)},
         {}, "10,000,000 points"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_before_anything_runs(world, over, more, said):
    with pytest.raises(ValueError, match=said):
        sim.sweep(world, over, executor=None, quiet=True, **more)


# ---------------------------------------------------------------- the table


def test_the_table_is_that_of_single_runs(world, done):
    assert len(done.table) == 4 * 2 * 4 and done.table.attrs["addresses"] == list(OVER)
    rows = done.table[(done.table["talk.unhappy_tells"] == 0) & (done.table["seed"] == 2)]
    rows = rows[rows["firms.North.policy"] == "price_cutter (below 0.08)"].set_index("firm")
    change = {"talk.unhappy_tells": 0, "firms.North.policy": {"name": "price_cutter", "below": 0.08}}
    alone = sim.run(world, seed=2, change=change).firms
    for metric in ("customers", "profit", "customer_equity"):
        assert rows[metric].tolist() == alone[metric].tolist()


def test_an_effect_is_the_mean_over_the_others_with_an_interval_over_the_seeds(done):
    found = done.effect("talk.unhappy_tells", "profit").set_index("value")
    mine = done.table[(done.table["firm"] == "North") & (done.table["talk.unhappy_tells"] == 10)]
    by_seed = mine.groupby("seed")["profit"].mean().to_numpy()
    assert found.loc[10, ["mean", "low", "high"]].tolist() == pytest.approx(interval(by_seed))
    before = done.table[(done.table["firm"] == "North") & (done.table["talk.unhappy_tells"] == 0)]
    pairs = by_seed - before.groupby("seed")["profit"].mean().to_numpy()
    assert found.loc[10, ["difference", "from", "to"]].tolist() == pytest.approx(interval(pairs))
    with pytest.raises(ValueError, match='did you mean "profit"'):
        done.effect(metric="proft")


def test_points_that_come_to_the_same_are_run_once(world):
    plan = plan_of(world, {"talk.unhappy_tells": [3, 4]}, design="latin", runs=8, seeds=1)
    assert len(plan.runs) == 8 and len(plan.specifications) == 2 and "run once" in plan.sentence
    done = sim.sweep(
        world,
        {"talk.unhappy_tells": [3, 4]},
        design="latin",
        runs=8,
        seeds=1,
        months=1,
        executor=Here(),
        quiet=True,
    )
    assert len(done.table) == 8 * 4 and done.table["run"].nunique() == 2


def test_it_shows_itself_and_is_drawn(done, tmp_path):
    assert "2 values x 2 values x 2 seeds = 8 runs" in repr(
        done
    ) and "Customer equity of North is highest" in repr(done)
    assert "<table" in done._repr_html_() and "&lt;" not in done._repr_html_()
    heat = done.plot()
    assert heat.get_xlabel() == "talk.unhappy_tells" and len(heat.texts) == 4 and "from" in alt_text(heat)
    line = done.plot("talk.unhappy_tells", metric="profit")
    assert (
        "95 % interval over 2 seeds; dark lines: of the difference from 0" in line.get_xlabel()
        and "Profit of North" in line.get_title(loc="left")
    )
    assert [t.get_text() for t in done.plot("firms.North.policy").get_xticklabels()] == [
        "basic",
        "price_cutter\n(below 0.08)",
    ]
    assert save(line, tmp_path / "line.png").stat().st_size > 5_000


def test_many_values_are_gathered_in_groups(world):
    done = sim.sweep(
        world,
        {"talk.online": [0.0, 1.0]},
        design="latin",
        runs=20,
        months=1,
        seeds=3,
        executor=Here(),
        quiet=True,
    )
    found = done.effect(metric="customers")
    assert len(found) == 8 and found["runs"].sum() == 60 and found["low"].notna().all()
    assert (found["over"] == "seeds").all() and found["difference"].notna().all()
    assert "means of groups\nwide: 95 % interval over 3 seeds" in done.plot(metric="customers").get_xlabel()


def drawn_up(plan, measure):
    """The table of a plan whose runs are worked out here: a measure of the point and the seed."""
    rows = [
        {**p, "seed": s, "firm": "North", "customer_equity": measure(p, s)}
        for p in plan.points
        for s in plan.seeds
    ]
    table = pd.DataFrame(rows)
    table.attrs = {"addresses": plan.addresses, "focus": "North"}
    return table


@pytest.mark.parametrize(("design", "runs"), [("latin", 40), ("sobol", 32)])
def test_what_does_nothing_is_not_sure_to_do_something_where_points_are_spread(world, design, runs):
    policies = ["basic", "accountable", "proactive", "price_cutter"]
    over = {"firms.North.policy": policies, "talk.unhappy_tells": (0, 20)}
    plan, rng = plan_of(world, over, design=design, runs=runs, seeds=10), np.random.default_rng(0)
    table = drawn_up(plan, lambda p, s: 50_000 - 500 * p["talk.unhappy_tells"] + 300 * s + rng.normal(0, 60))
    found = effect(table, "firms.North.policy", "customer_equity")
    assert (found["over"] == "points").all() and found["runs"].sum() == len(table)
    assert found[["difference", "from", "to"]].isna().all(axis=None)
    assert found["low"].max() < found["high"].min() and (found["low"] > 0).all()
    assert "do not share what else was varied" in draw_sweep(table, of="firms.North.policy").get_xlabel()


def test_luck_that_all_points_share_is_in_the_intervals_of_points(world):
    """Of one point a value the interval is its luck over the seeds; where points are spread their luck is in it too."""
    luck = np.random.default_rng(3).normal(0.0, 100.0, 20)
    a_list = [{"talk.unhappy_tells": 3, "talk.online": 0.0}, {"talk.unhappy_tells": 20, "talk.online": 0.5}]
    over = {"talk.unhappy_tells": (0, 20), "talk.online": (0.0, 1.0)}
    for plan in (
        plan_of(world, a_list, seeds=20),
        plan_of(world, over, design="latin", runs=64, seeds=20),
    ):
        table = drawn_up(plan, lambda p, s: 1_000.0 + luck[s - 1] - 5.0 * p["talk.unhappy_tells"])
        found = effect(table, "talk.unhappy_tells", "customer_equity")
        assert (found["over"] == "points").all() and (found["high"] - found["low"] > 60.0).all()


def test_of_a_grid_with_gaps_what_all_values_have_is_compared(world):
    plan = plan_of(world, {"talk.unhappy_tells": [0, 10], "talk.online": [0.0, 0.5, 1.0]}, seeds=5)
    table = drawn_up(plan, lambda p, s: 1_000 * p["talk.online"] + s + 2 * (p["talk.unhappy_tells"] > 0))
    table.loc[
        (table["talk.unhappy_tells"] == 0) & (table["talk.online"] == 1) & (table["seed"] > 1),
        "customer_equity",
    ] = np.nan
    found = effect(table, "talk.unhappy_tells", "customer_equity")
    assert found["difference"].tolist() == [0, 2] and found.loc[1, ["from", "to"]].tolist() == [2, 2]
    assert found["runs"].tolist() == [11, 11] and "8 runs left out" in left_out(table, found)
    assert "8 runs left out" in draw_sweep(table, of="talk.unhappy_tells").get_xlabel()


def test_the_report_of_spread_points_says_that_its_intervals_are_over_them(world):
    over = {"talk.unhappy_tells": [0, 20], "talk.online": [0.0, 1.0]}
    words = {"design": "latin", "runs": 16, "months": 1, "executor": Here(), "quiet": True}
    done = sim.sweep(world, over, seeds=2, **words)
    told = of_sweep.report(done)
    assert "spread of the points" in told.sureness and "of the mean over 2 seeds" not in told.sureness
    table = told.first.table
    assert not any("difference" in column.head for column in table.columns)
    assert sum(row[-1] for row in table.rows) == 32 == len(done.table) // 4
    assert "nan" not in repr(done)
    assert "Seed 1 alone" in of_sweep.report(sim.sweep(world, over, seeds=1, **words)).sureness


def test_it_is_saved_and_reported(done, tmp_path):
    folder = done.save(tmp_path / "kept")
    assert sorted(file.name for file in folder.iterdir()) == ["scenario.toml", "sweep.json", "table.csv"]
    assert json.loads((folder / "sweep.json").read_text(encoding="utf-8"))["done"] == 8
    again = pd.read_csv(folder / "table.csv")
    assert again["profit"].tolist() == done.table["profit"].tolist()
    with pytest.raises(FileExistsError, match="force=True"):
        done.save(tmp_path / "kept")
    page = done.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert (
        "What talk.unhappy_tells does" in page
        and "Customer equity of North is highest" in page
        and page.count("<img") >= 8
    )


def test_the_headline_says_over_how_many_seeds_where_runs_are_missing(done):
    assert "(means over 2 seeds); the difference is " in done.headline
    means = done.table[done.table["firm"] == "North"].groupby(done.plan.addresses)["customer_equity"].mean()
    worst = dict(zip(done.plan.addresses, means.idxmin(), strict=True))
    rows = done.table[(done.table[list(worst)] == pd.Series(worst)).all(axis=1) & (done.table["seed"] == 2)]
    left = {name: one for name, one in done._outcomes.items() if name not in set(rows["run"])}
    fewer = Sweep(done.plan, left)
    assert fewer.headline.endswith("(means over 2 and 1 of 2 seeds).")
    assert Sweep(done.plan, {n: o for n, o in left.items() if o.specification.seed == 1}).headline.endswith(
        "(means over 1 of 2 seeds)."
    )


def known(points, values, address="talk.unhappy_tells", **more):
    """A sweep of North's customer equity, and `more` metrics, that are given: values[k][s] at point k with seed s + 1."""
    plan = plan_of(sim.load("plain").with_changes(SMALL), {address: points}, seeds=len(values[0]))
    metrics = {"customer_equity": values, **more}
    columns = {
        one.hash: {"firm": ("str", ["North"])}
        | {name: ("float", [float(given[k][seed - 1])]) for name, given in metrics.items()}
        for k, seed, one in plan.rows()
    }
    by_hash = {one.hash: one for one in plan.specifications}
    return Sweep(plan, {name: Outcome(by_hash[name], said) for name, said in columns.items()})


def test_the_headline_pays_for_picking_the_highest_and_the_lowest():
    """Differences 3, 1, 5, 3: alone 3 +- 3.182446 sqrt(8/3) / 2, of three pairs with Student's t at 98.33 %."""
    low, high, middle = [10.0, 20.0, 30.0, 40.0], [13.0, 21.0, 35.0, 43.0], [11.0, 21.0, 31.0, 41.0]
    two = known([0, 3], [low, high]).headline
    assert two.endswith("(means over 4 seeds); the difference is 3.00 EUR, 95 %: 0.40 to 5.60.")
    three = known([0, 3, 5], [low, high, middle]).headline
    half = student_t(3, 1.0 - 0.05 / 3.0) * np.sqrt(8.0 / 3.0) / 2.0
    assert half > 3.0  # told alone, and not of three
    assert three.endswith(
        f"the difference is 3.00 EUR, 95 % for any two of 3 points: {nice(3.0 - half)} to {nice(3.0 + half)}, not told from luck."
    )
    assert known([0, 3], [low[:1], high[:1]]).headline.endswith(
        "at talk.unhappy_tells = 0 (seed 1 alone: luck is in it)."
    )


@pytest.mark.parametrize(
    ("profit", "said"),
    [
        ([[300, 301, 302], [-100, -102, -98]], True),
        ([[-100, -102, -98], [300, 301, 302]], False),
        ([[300, -301, 302], [-100, 102, -98]], False),  # not told from luck
        ([[300], [-100]], True),
    ],
)
def test_profit_that_surely_goes_the_other_way_is_told(profit, said, monkeypatch):
    equity = [[10, 20, 30], [13, 21, 35]]
    done = known([0, 3], [values[: len(profit[0])] for values in equity], profit=profit)
    words = "; but profit, in the last 12 months, is −100 EUR where customer equity is highest, and 30"
    assert (words in done.headline) == said == ("profit" in done.headline)
    monkeypatch.setattr("sim.margin.is_without_margin", lambda _: True)
    renamed = Sweep.headline.func(done)
    assert "profit" not in renamed
    assert (
        "; but revenue less selling costs, in the last 12 months, is −100 EUR where customer equity of revenue"
        in renamed
    ) == said


def test_luck_alone_tells_a_highest_from_a_lowest_in_at_most_5_percent():
    rng, told = np.random.default_rng(7), 0
    done = known([0, 1, 3, 5, 10, 20], np.zeros((6, 5)))
    rows = done.table[done.table["firm"] == "North"].copy()
    for _ in range(300):
        rows["customer_equity"] = rng.normal(size=len(rows))
        means = rows.groupby("talk.unhappy_tells")["customer_equity"].mean()
        told += "not told" not in done._apart(
            rows, "customer_equity", (means.idxmax(), means.idxmin()), 6, "EUR"
        )
    assert told <= 0.05 * 300


def test_values_that_are_near_each_other_are_told_apart():
    done = known([1.0, 1.00004], [[1.0, 2.0], [5.0, 7.0]], "firms.North.plan.price")
    assert (
        "at firms.North.plan.price = 1.00004, and lowest, 1.50 EUR at firms.North.plan.price = 1 ("
        in done.headline
    )
    assert done._in_short()["value"].tolist() == ["1", "1.00004"] and "1.00004" in alt_text(done.plot())


# ---------------------------------------------------------------- much work, no guard


def test_much_work_is_asked_about_once(world, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.experiments.forecast.MOST_RUNS", 3)
    words = {"seeds": 2, "months": 1, "store": tmp_path / "kept", "executor": Here()}
    with pytest.raises(ValueError, match=r"4 runs, about .*Nobody is here to be asked: give ask=False"):
        sim.sweep(world, {"talk.online": [0, 1]}, **words)
    asked: list[str] = []
    monkeypatch.setattr("sim.experiments.sweeps.yes", lambda question: asked.append(question) or True)
    monkeypatch.setattr(
        "sim.experiments.sweeps.run_all", lambda *_, **__: iter(())
    )  # as if it were stopped at once
    sim.sweep(world, {"talk.online": [0, 1]}, **words)
    sim.sweep(world, {"talk.online": [0, 1]}, **words)
    assert len(asked) == 1 and capsys.readouterr().err.count("2 values x 2 seeds = 4 runs, about") == 3


def test_a_script_without_a_guard_is_read_once(tmp_path):
    script = tmp_path / "plain_script.py"
    script.write_text(
        "import multiprocessing\nprint('read')\nmultiprocessing.set_start_method('spawn', force=True)\nimport sim\n"
        "small = sim.load('plain').with_changes({'market.customers': 100})\n"
        "done = sim.sweep(small, {'talk.online': [0, 1]}, months=1, seeds=2, quiet=True)\nprint(len(done.table))\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "read\n16\n"), told.stderr
