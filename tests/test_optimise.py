"""The best policy: a hill that is known is climbed; resumed is uninterrupted; luck is told from gain."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from concurrent.futures import Future

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.experiments import Store
from sim.experiments.judging import check_goals, goal_of
from sim.experiments.optimum import Optimum
from sim.experiments.searching import SURE, Search, Tried, is_surely_worse
from sim.experiments.space import changes_of, in_toml, space_of

SEARCH = {"messages": (0, 12), "advertising_times": (0.0, 3.0)}


class Hill:
    """Carries runs out by a known function of the policy: highest, 100 above today, at 6 messages and advertising of 1.

    Luck is the same for all policies, but for `own`: a proposal's own luck, by seed.
    """

    workers = 1

    def __init__(self, own: float = 0.0, stop_after: int = 10**9) -> None:
        self.own, self.left, self.asked = own, stop_after, []

    def submit(self, function, said):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        policy = json.loads(said["tables"])["firms"]["North"]["policy"]
        seed = said["seed"]
        self.asked.append((json.dumps(policy), seed))
        high = 0.0
        if isinstance(policy, dict):
            m, a = policy["messages"], policy["advertising_times"]
            high = (
                100.0 - 10 * (m - 6) ** 2 - 40 * (a - 1.0) ** 2 + self.own * np.sin(9 * m + 7 * a + 5 * seed)
            )
        profit = 1000.0 + 500 * np.sin(seed) + high
        columns = {
            "firm": ("str", ["North"]), "profit": ("float", [float(profit)]),
            "complaints": ("float", [50.0 + (policy["messages"] if isinstance(policy, dict) else 3)]),
        }  # fmt: skip
        done: Future = Future()
        done.set_result({"columns": columns, "seconds": 0.0})
        return done


def small():
    return sim.load("plain").with_changes({"market.customers": 150, "market.months": 2})


def search(executor, **more):
    words = {"goal": "profit", "firm": "North", "trials": 25, "seeds": 6, "fresh": 5, "quiet": True} | more
    return sim.optimise(small(), SEARCH, executor=executor, **words)


@pytest.fixture(scope="module")
def climbed():
    hill = Hill()
    return search(hill), hill


def test_the_top_of_a_known_hill_is_found(climbed):
    found, _ = climbed
    assert found.policy["name"] == "value_tiers" and abs(found.policy["messages"] - 6) <= 1
    row = found.judged.iloc[0]
    assert 80.0 < row["gain"] <= 100.0 and row["shrinkage"] == pytest.approx(0.0, abs=1e-9)
    assert row["today"] == pytest.approx(1000 + 500 * np.sin(np.array(found.fresh)).mean())


def test_all_proposals_have_the_same_luck_and_poor_ones_stop_early(climbed):
    found, hill = climbed
    assert found.table["stopped"].sum() > 10
    assert set(found.table.loc[found.table["stopped"], "seeds"]) <= {2, 5}
    assert {seed for _, seed in hill.asked} == {*range(1, 7), *found.fresh} and not {*found.seeds} & {
        *found.fresh
    }
    assert len(hill.asked) == found.runs < 25 * 6


def test_the_same_seed_finds_the_same(climbed):
    again = search(Hill())
    pd.testing.assert_frame_equal(again.table, climbed[0].table)


def test_a_search_that_was_stopped_goes_on_to_the_same_end(climbed, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        search(Hill(stop_after=40), store=tmp_path / "kept")
    done = len(Store(tmp_path / "kept").done())
    assert 35 < done <= 40  # those of a batch whose others were never begun are lost
    hill = Hill()
    found = search(hill, store=tmp_path / "kept")
    pd.testing.assert_frame_equal(found.table, climbed[0].table)
    assert len(hill.asked) == len(climbed[1].asked) - done  # what was done is not done again


def test_fewer_proposals_than_are_kept_are_the_first_of_them(climbed, tmp_path):
    search(Hill(), store=tmp_path / "kept")
    few = search(Hill(), store=tmp_path / "kept", trials=5)
    alone = search(Hill(), trials=5)
    pd.testing.assert_frame_equal(few.table, alone.table)
    pd.testing.assert_frame_equal(few.judged, alone.judged)
    assert few.turned == alone.turned and few.notes == alone.notes and few.notes[0].startswith("5 proposals")
    pd.testing.assert_frame_equal(search(Hill(), store=tmp_path / "kept").table, climbed[0].table)


def test_a_second_search_of_the_same_is_refused_while_the_first_is_under_way(climbed, tmp_path):
    """One in another process too, such as one that somebody forgot; a process that was killed holds nobody back."""

    class Twice(Hill):
        def submit(self, function, said):
            if self.left == 10**9 - 40:
                with pytest.raises(BlockingIOError, match=r"kept: the same search is under way there"):
                    search(Hill(), store=tmp_path / "kept")
            return super().submit(function, said)

    found = search(Twice(), store=tmp_path / "kept")
    pd.testing.assert_frame_equal(found.table, climbed[0].table)
    (file,) = (tmp_path / "kept" / "sweeps").glob("optimise-*.busy")
    hold = "import sqlite3, sys, time; b = sqlite3.connect(sys.argv[1], isolation_level=None); b.execute('begin exclusive')"
    words = [sys.executable, "-c", f"{hold}; print('held', flush=True); time.sleep(60)", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(BlockingIOError, match="in another process; wait until it has ended"):
            search(Hill(), store=tmp_path / "kept")
        other.kill()
    pd.testing.assert_frame_equal(search(Hill(), store=tmp_path / "kept").table, climbed[0].table)


def test_a_store_needs_no_links_which_ordinary_accounts_of_windows_cannot_make(tmp_path, monkeypatch):
    def refuse(*_args, **_words):
        raise OSError(1314, "a required privilege is not held by the client")

    monkeypatch.setattr("os.symlink", refuse)
    assert len(search(Hill(), store=tmp_path / "kept", trials=1, seeds=2).table) == 1


@pytest.mark.parametrize("is_link", [False, True])
@pytest.mark.filterwarnings("ignore:The value of `grace_period`")
def test_a_lock_that_a_killed_search_left_does_not_stop_the_next(tmp_path, monkeypatch, is_link):
    first = search(Hill(), store=tmp_path / "kept", trials=1, seeds=2)
    journal = next((tmp_path / "kept" / "sweeps").glob("optimise-*.log"))
    lock = journal.with_name(f"{journal.name}.lock")
    assert not lock.exists()
    if is_link:
        lock.symlink_to("nowhere")
    else:
        lock.touch()
    monkeypatch.setattr("sim.experiments.searching.GRACE", 1)
    pd.testing.assert_frame_equal(
        search(Hill(), store=tmp_path / "kept", trials=2, seeds=2).table[:1], first.table
    )
    assert not lock.exists() and not lock.is_symlink()


def test_luck_of_the_search_is_shown_as_shrinkage():
    found = search(Hill(own=60.0), seeds=3, trials=40)
    row = found.judged.iloc[0]
    assert row["searched"] > row["gain"] and row["shrinkage"] == pytest.approx(
        1 - row["gain"] / row["searched"]
    )


def test_several_goals_give_a_front_that_nothing_beats():
    found = search(Hill(), goal=["profit", "complaints"])
    front = found.front
    assert found.goals == {"profit": 1.0, "complaints": -1.0} and len(front) > 1
    assert front["profit"].is_monotonic_decreasing and front["complaints"].is_monotonic_decreasing
    assert not set(front["trial"]) & set(found.table.loc[found.table["stopped"], "trial"])


def test_surely_worse_by_hand():
    signs = np.array([[1.0], [-1.0]])
    best = np.array([[10.0, 20.0, 30.0], [1.0, 1.0, 1.0]])
    worse = np.array([[9.0, 19.0, 29.0], [2.0, 2.0, 2.0]])
    assert is_surely_worse(worse, best, signs)
    assert not is_surely_worse(worse[:, :2], best, signs)  # two equal gaps do not say how much luck there is
    assert is_surely_worse(worse[:, :2] - [[0.0, 0.1], [0.0, -0.1]], best, signs)
    assert not is_surely_worse(best + [[-1.0], [-0.5]], best, signs)  # fewer complaints
    assert not is_surely_worse(best + np.array([[-5.0, 5.0, -3.0], [1.0, 1.0, 1.0]]), best, signs)  # luck


def test_goals_of_whole_runs_by_hand():
    months = pd.DataFrame(
        {
            "month": range(1, 15),
            "profit": 10.0,
            "customers": 50.0,
            "voiced": 1.0,
            "mail_complaints": [2.0] + [np.nan] * 13,
        }
    )
    assert goal_of(months, "first_year_profit") == 120.0
    assert goal_of(months, "complaints") == pytest.approx(1200 * 16 / 700)
    assert check_goals(["annual_retention", "monthly_churn"]) == {
        "annual_retention": 1.0,
        "monthly_churn": -1.0,
    }


@pytest.mark.parametrize(
    ("search_in", "more", "said"),
    [
        (["mesages"], {}, 'did you mean "messages"'),
        ({"messages": (0, 99)}, {}, "must be a whole number -1 to 60"),
        ({"firms.North.plan.pric": (0.9, 1.1)}, {}, "unknown"),
        ({"top": ["gold"]}, {}, "one of basic"),
        (None, {"goal": "profits"}, 'did you mean "profit"'),
        (None, {"firm": "Nort"}, 'did you mean "North"'),
        (None, {"trials": 0}, "trials"),
    ],
)
def test_what_is_wrong_is_said_before_a_run(search_in, more, said):
    with pytest.raises(ValueError, match=said):
        sim.optimise(small(), search_in, executor=Hill(stop_after=0), quiet=True, **more)


def test_the_policy_found_can_be_put_into_a_file(climbed, tmp_path):
    found, _ = climbed
    folder = found.save(tmp_path / "best")
    again = sim.load(folder / "scenario.toml")
    assert again.firms["North"].policy == found.policy
    assert "value_tiers" in (folder / "policy.toml").read_text(encoding="utf-8")
    lines = in_toml({"messages": 3, "top": "basic", "discount": 0.05}, "North")
    assert all(len(line) < 80 for line in lines.splitlines())  # a terminal does not break them
    own = tmp_path / "own.toml"
    own.write_text(
        f'tenfold = 1\ntitle = "A street"\n[firms.North]\n[firms.South]\n\n{lines}', encoding="utf-8"
    )
    assert sim.load(own).firms["North"].policy == {
        "name": "value_tiers", "discount": 0.05, "messages": 3, "top": "basic",
    }  # fmt: skip


@pytest.mark.parametrize(
    "turned",
    [
        {"firms.North.plan.price": 1.05, "talk.network": "random"},
        {"messages": 3, "firms.North.plan.price": 1.05, "segments.everyone.basket.mean": 42.5},
    ],
)
def test_addresses_found_are_tables_of_a_file_and_a_policy_is_named_only_if_there_is_one(turned, tmp_path):
    bare, own = tmp_path / "bare.toml", tmp_path / "own.toml"
    bare.write_text("tenfold = 1\n[segments.everyone]\n[firms.North]\n[firms.South]\n", encoding="utf-8")
    lines = in_toml(turned, "North")
    own.write_text(bare.read_text(encoding="utf-8") + lines, encoding="utf-8")
    assert sim.load(own).hash == sim.load(bare).with_changes(changes_of(turned, "North")).hash
    assert ("policy" in lines) == ("messages" in turned)


def test_addresses_can_be_searched_and_the_policy_stays():
    space = space_of({"firms.North.plan.price": (0.9, 1.1), "talk.network": ["random"]}, small())
    assert space["firms.North.plan.price"].high == 1.1 and space["talk.network"].choices == ("random",)


def test_tiers_without_parameters_are_the_status_quo_and_with_them_act():
    scenario = small()
    as_it_is = sim.run(scenario, policies={"North": "status_quo"})
    assert sim.run(scenario, policies={"North": "value_tiers"}).hash == as_it_is.hash
    tiers = {
        "name": "value_tiers",
        "top": "proactive",
        "middle": "accountable",
        "rest": "basic",
        "social_share": 0.1,
    }
    levels = sim.run(scenario, policies={"North": tiers}).customers.query("supplier == 'North'")["level"]
    assert {"proactive", "accountable", "basic"} <= set(levels)


def test_the_command_prints_80_columns_and_the_policy(capsys, monkeypatch):
    monkeypatch.setattr("sim.experiments.optimum.pool_of", lambda given: (Hill(), False))
    words = ["optimise", "plain", "--change", "market.customers=150", "--months", "2", "--firm", "North", "--goal", "profit",
             "--goal", "complaints", "--search", "messages", "--search", "advertising_times=[0.0,3.0]", "--trials", "6",
             "--seeds", "3", "--fresh", "3"]  # fmt: skip
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "6 proposals x 2 to 3 seeds = 21 to 27 runs" in err
    assert "value_tiers" in out and max(map(len, out.splitlines())) <= 80
    assert main([*words, "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"]["name"] == "value_tiers"


def test_two_seeds_stop_only_what_is_far_worse_and_more_comparisons_ask_for_more():
    signs, best = np.array([[1.0]]), np.array([[10.0, 20.0, 30.0]])
    apart = best - np.array([[5.0, 7.0, 6.0]])  # mean 6, spread 1 and sqrt(2)
    assert not is_surely_worse(apart[:, :2], best, signs)  # t(1) is 6.3: 6 < 6.3
    assert is_surely_worse(apart, best, signs)  # t(2) is 2.92
    assert not is_surely_worse(apart, best, signs, 0.05 / 20)  # and 14.1 where twenty are compared


def test_luck_stops_what_is_as_good_no_oftener_than_it_says_over_both_looks():
    rng, stopped = np.random.default_rng(1), 0
    me = types.SimpleNamespace(judge=types.SimpleNamespace(seeds=range(10), signs=np.array([[1.0]])))
    for base, other, mine in rng.normal(size=(4_000, 3, 1, 10)):
        me.base, me.tried = base, [Tried({}, other, [0.0], True)]
        stopped += any(Search._is_poor(me, mine[:, :n]) for n in (2, 5))
    assert 0.01 < stopped / 4_000 < 1.1 * SURE  # its own luck is 0.3 points; 9 % where looks are not paid for


def test_a_goal_that_is_missing_with_fresh_luck_is_the_worst():
    me = types.SimpleNamespace(
        goals={"customer_equity": 1.0, "complaints": -1.0},
        firm="North",
        fresh=[4, 5, 6],
        base=sim.load("plain"),
    )
    gone, good = (Tried({"messages": k}, np.ones((2, 3)), [10.0 - k, 5.0 - k], True) for k in (0, 1))
    today = np.array([[5.0, 5.0, 6.0], [2.0, 2.0, 2.0]])
    without = np.array([[10.0, np.nan, 1.0], [0.0, 0.0, 0.0]])
    judged = [(gone, without), (good, np.array([[20.0, 21.0, 22.0], [1.0, 1.0, 1.0]]))]
    front = Optimum._front(me, types.SimpleNamespace(tried=[gone, good]), judged, today)
    assert front["is_best_fresh"].tolist() == [False, True]
    me.judged = Optimum._judged(me, judged[0], today, today)
    assert me.judged["missing"].tolist() == [1, 0] and me.judged.loc[0, "gain"] == 0.0
    said = Optimum.headline.func(me)
    assert "nan" not in said and "missing in 1 of 3 fresh seeds" in said


@pytest.mark.parametrize("price", [0.0, -300.0])
def test_profit_stands_beside_customer_equity_and_is_said_where_it_falls(price, monkeypatch):
    """A hill of customer equity whose top costs so much profit: what is found is told with its price."""

    class Dear(Hill):
        def submit(self, function, said):
            done, policy = (
                super().submit(function, said),
                json.loads(said["tables"])["firms"]["North"]["policy"],
            )
            columns = done.result()["columns"]
            columns["customer_equity"] = columns["profit"]
            spent = price if isinstance(policy, dict) else 0.0
            columns["profit"] = ("float", [700.0 + spent + np.sin(3 * said["seed"] + spent)])
            again: Future = Future()
            again.set_result({"columns": columns, "seconds": 0.0})
            return again

    found = search(Dear(), goal="customer_equity", trials=12)
    assert found.judged["goal"].tolist() == ["customer_equity", "profit"] and len(found.front) == 1
    row = found.judged.iloc[1]
    assert row["today"] == pytest.approx(700.0, abs=1.0) and row["gain"] == pytest.approx(price, abs=2.0)
    assert np.isnan(row["searched"]) and "It was not searched for" in " ".join(found.notes)
    assert "can change customer equity by" in found.headline
    assert ("but profit changes by −300 EUR in the last 12 months (−42.9 %)" in found.headline) == (
        price < 0.0
    )
    assert found.judged.iloc[0]["goal"] in found.goals and "profit" not in found.table
    monkeypatch.setattr("sim.margin.is_without_margin", lambda _: True)
    said = Optimum.headline.func(found)
    assert "can change customer equity of revenue by" in said and "profit" not in said
    assert ("but revenue less selling costs changes by −300 EUR" in said) == (price < 0.0)


@pytest.mark.parametrize(("today", "share"), [(100.0, " (200 %)"), (10.0, ""), (-100.0, "")])
def test_a_gain_is_a_share_only_of_what_is_not_near_zero(today, share):
    me = types.SimpleNamespace(base=sim.load("plain"))
    row = {"goal": "profit", "gain": 200.0, "today": today, "low": 150.0, "high": 250.0}
    assert Optimum._gain(me, row) == f"200 EUR in the last 12 months{share}, 95 %: 150 to 250,"


def test_every_goal_that_is_better_when_less_is_a_goal():
    from sim.experiments.judging import LESS, check_goals

    assert set(check_goals(sorted(LESS)).values()) == {-1.0}
    assert check_goals(["recovery_of_failures", "profit"]) == {"recovery_of_failures": 1.0, "profit": 1.0}


def test_a_range_of_whole_ends_is_whole_only_where_the_parameter_is():
    from sim.experiments.space import space_of

    world = sim.load("two_cafes")
    found = space_of({"firms.Corner.plan.price": (1, 2), "talk.tries": (10, 20)}, world)
    assert [one.is_whole for one in found.values()] == [False, True]
