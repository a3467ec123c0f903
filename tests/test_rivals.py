"""Rivals that react: games with known ends, luck that moves nobody, a lead that is imitated."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.experiments import Here, best_responses, imitation
from sim.experiments.imitating import table_of
from sim.experiments.responding import _answer, chance_of


class Stopped(BaseException):
    """What a game that is not to be played raises when it is."""


class Game:
    """Carries runs out by a table of payoffs: (Corner's policy, Express's) -> both profits, and luck that is each run's own."""

    workers = 1

    def __init__(self, payoffs, luck=1.0, stops=False):
        self.payoffs, self.luck, self.stops = payoffs, luck, stops

    def submit(self, function, said):
        if self.stops:
            raise Stopped
        firms = json.loads(said["tables"])["firms"]
        names = [_name(firms[firm]["policy"]) for firm in ("Corner", "Express")]
        ours, theirs = self.payoffs(*names)
        noise = self.luck * np.sin(said["seed"] * np.array([3.0, 5.0]) + len("".join(names)))
        done: Future = Future()
        columns = {
            "firm": ("str", ["Corner", "Express"]),
            "profit": ("float", [ours + noise[0], theirs + noise[1]]),
            "acquisition_cost": ("float", [ours + noise[0], theirs + noise[1]]),
        }
        done.set_result({"columns": columns, "seconds": 0.0})
        return done


def _name(policy) -> str:
    return policy["name"] if isinstance(policy, dict) else policy or "status_quo"


def play(payoffs, options=("basic", "partnership"), **more):
    words = {"goal": "profit", "seeds": 3, "fresh": 5, "quiet": True} | more
    return best_responses("two_cafes", options, executor=Game(payoffs, more.pop("luck", 1.0)), **{
        k: v for k, v in words.items() if k != "luck"
    })  # fmt: skip


def dilemma(ours: str, theirs: str) -> tuple[float, float]:
    """Who is cheap (basic) gains whatever the other does; both cheap is worse for both than both partners."""
    if {ours, theirs} - {"basic", "partnership"}:
        return (50.0 if ours == "basic" else 0.0), (50.0 if theirs == "basic" else 0.0)
    table = {
        ("basic", "basic"): (10, 10),
        ("basic", "partnership"): (50, 0),
        ("partnership", "basic"): (0, 50),
    }
    return table.get((ours, theirs), (40, 40))


def pennies(ours: str, theirs: str) -> tuple[float, float]:
    """Corner wants to be like Express, Express unlike Corner; their own plans are bad for both."""
    if {ours, theirs} - {"basic", "partnership"}:
        return (20.0 if ours == "basic" else 0.0), (20.0 if theirs == "basic" else 0.0)
    return (100.0, -100.0) if ours == theirs else (-100.0, 100.0)


def test_a_dilemma_ends_where_both_are_cheap():
    done = play(dilemma)
    assert done.end == "fixed point" and done.policies == {"Corner": "basic", "Express": "basic"}
    assert done.table["moved"].tolist() == [True, True, False, False]
    assert "fixed point" in done.headline and done.cycle == []


def test_matching_pennies_go_round_and_the_cycle_is_named():
    done = play(pennies, rounds=8)
    assert done.end == "cycle"
    pairs = {(state["Corner"], state["Express"]) for state in done.cycle}
    assert pairs == {(a, b) for a in ("basic", "partnership") for b in ("basic", "partnership")}
    assert done.headline.startswith("It goes round: ") and done.headline.endswith("again.")


def test_luck_alone_moves_nobody():
    done = play(lambda ours, theirs: (0.0, 0.0), luck=100.0)
    assert not done.table["moved"].any() and done.goals["state"].max() == 0
    assert (done.table["high"] > 0.0).any() and done.end == done.said()["end"] == "not told from luck"
    assert done.headline.startswith("Nobody surely moves: ") and "fixed point" not in repr(done)
    assert "luck hides whether " in done.headline and done.headline.endswith("More fresh seeds tell.")


def test_luck_that_hides_one_answer_hides_the_fixed_point():
    def payoffs(ours, theirs):
        return (100.0 if ours == "basic" else 0.0), (2.0 if theirs == "partnership" else 0.0)

    done = play(payoffs, luck=5.0)
    assert done.policies["Corner"] == "basic" and done.end == "not told from luck"
    assert done.headline.startswith("After 1 move nobody surely moves: Corner basic, Express ")
    assert "luck hides whether Express has a better answer." in done.headline


def test_an_answer_that_is_surely_no_better_leaves_a_fixed_point():
    """The search sees a gain in its own seeds that no fresh seed has."""

    def payoffs(ours, theirs):
        return 0.0, 0.0

    class Lucky(Game):
        def submit(self, function, said):
            self.payoffs = lambda ours, _: ((5.0 if said["seed"] < 4 else -5.0) * (ours == "basic"), 0.0)
            return super().submit(function, said)

    words = {"goal": "profit", "seeds": 3, "fresh": 5, "quiet": True}
    done = best_responses("two_cafes", ["basic"], executor=Lucky(payoffs, luck=0.0), **words)
    assert done.table["after"].tolist()[0] == "basic" and (done.table["high"] <= 0.0).all()
    assert done.end == "fixed point" and done.headline.startswith("Nobody moves: ")


def test_an_answer_pays_for_all_that_there_may_be():
    gains = np.array(
        [3.4, 1.2, 0.9, 2.1, -0.4, 3.1, 0.2, 1.7, -1.1, 1.6]
    )  # t = 2.7: sure alone (2.26), not of twelve (3.81)

    class Payoffs:
        def of(self, state, seeds):
            return {"Corner": gains if state["Corner"] == "basic" else 0.0 * gains}

    for chance, moved in ((0.95, True), (chance_of(sim.load("two_cafes"), 6), False)):
        state = {"Corner": "partnership", "Express": "basic"}
        assert _answer(Payoffs(), state, "Corner", "basic", 1.0, range(10), 1.0, 1, chance).moved is moved


@pytest.mark.parametrize("more", [{}, {"options": None, "search": ["messages"]}])
def test_a_goal_that_no_firm_has_is_refused_and_no_fixed_point(more):
    with pytest.raises(
        ValueError, match=r"profit.* is missing in runs as it is; take longer runs \(months is"
    ):
        play(lambda ours, theirs: (np.nan, np.nan), **more)


def test_a_search_is_an_answer_too():
    def payoffs(ours, theirs):
        return (100.0 if ours == "value_tiers" else 0.0), 0.0

    done = play(payoffs, options=None, search=["messages"], trials=2, rounds=3, luck=0.0)
    assert done.policies["Corner"]["name"] == "value_tiers" and done.end == "fixed point"


def test_gains_of_imitation_by_hand():
    values = np.array([[10.0, 20.0, 30.0], [12.0, 21.0, 33.0], [18.0, 29.0, 37.0]])
    table = table_of(values, [6])
    assert table["gain"].tolist() == pytest.approx([2.0, 8.0]) and table["kept"].tolist() == pytest.approx(
        [0.25, 1.0]
    )
    half = 4.302653 * 1.0 / np.sqrt(3)  # Student's t with two degrees of freedom; standard deviation 1
    assert table.loc[1, "low"] == pytest.approx(8.0 - half, abs=1e-4)
    assert table["lag"].isna().tolist() == [False, True]


def test_imitated_at_once_by_all_is_the_policy_of_all():
    small = sim.load("two_cafes").with_changes({"market.customers": 150, "market.months": 3})
    found = imitation(
        small, "financial_bond", lags=[0, 2], goal="profit", seeds=[4, 5], executor=Here(), quiet=True
    )
    runs = [sim.run(small, seed=seed) for seed in (4, 5)]
    all_have = [
        sim.run(small, seed=s, policies=dict.fromkeys(("Corner", "Express"), "financial_bond"))
        for s in (4, 5)
    ]
    by_hand = np.mean(
        [b.firms.profit["Corner"] - a.firms.profit["Corner"] for a, b in zip(runs, all_have, strict=True)]
    )
    assert found.table.loc[0, "gain"] == pytest.approx(by_hand)
    alone = [sim.run(small, seed=s, policies={"Corner": "financial_bond"}) for s in (4, 5)]
    by_hand = np.mean(
        [b.firms.profit["Corner"] - a.firms.profit["Corner"] for a, b in zip(runs, alone, strict=True)]
    )
    assert found.table.loc[2, "gain"] == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: best_responses("two_cafes", ["basik"], quiet=True), 'did you mean "basic"'),
        (lambda: best_responses("two_cafes", goal="profits", quiet=True), 'did you mean "profit"'),
        (lambda: imitation("two_cafes", "basic", lags=[36], quiet=True), "below the length of the run"),
        (lambda: imitation("two_cafes", "basik", quiet=True), 'did you mean "basic"'),
    ],
)
def test_what_is_wrong_is_said_before_a_run(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(("months", "lags"), [(12, [3, 6]), (4, [3]), (3, [1]), (1, [0])])
def test_lags_that_nobody_gave_are_those_that_the_run_is_long_enough_for(months, lags):
    words = {"goal": "profit", "seeds": 2, "months": months, "quiet": True}
    found = imitation("two_cafes", "basic", executor=Game(dilemma), **words).table["lag"]
    assert found[:-1].tolist() == lags and np.isnan(found.iloc[-1])
    with pytest.raises(ValueError, match=rf"below the length of the run, {months} months"):
        imitation("two_cafes", "basic", lags=[months], executor=Game(dilemma), **words)


def test_the_commands_print_80_columns(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("sim.experiments.responding.pool_of", lambda given: (Game(dilemma), False))
    words = [
        "rivals",
        "two_cafes",
        "--policy",
        "basic",
        "--policy",
        "partnership",
        "--goal",
        "profit",
        "--seeds",
        "2",
    ]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert (
        "fixed point" in " ".join(out.split())
        and "At most 6 rounds x 2 firms" in err
        and max(map(len, out.splitlines())) <= 80
    )
    assert (tmp_path / "out" / "rivals.png").stat().st_size > 1000
    monkeypatch.setattr("sim.experiments.imitating.pool_of", lambda given: (Here(), False))
    words = [
        "imitate",
        "two_cafes",
        "basic",
        "--lag",
        "1",
        "--goal",
        "profit",
        "--seeds",
        "2",
        "--months",
        "2",
    ]
    assert main([*words, "--change", "market.customers=150", "--out", str(tmp_path / "im")]) == 0
    out, _ = capsys.readouterr()
    assert "never" in out and max(map(len, out.splitlines())) <= 80


def test_rivals_do_not_search_an_address_that_is_one_firms():
    with pytest.raises(ValueError, match=r"search: firms.Corner.plan.price is an address"):
        best_responses("two_cafes", search={"firms.Corner.plan.price": [0.9, 1.3]}, goal="profit", quiet=True)


def test_an_answer_that_leaves_no_figure_is_the_worst_where_less_is_better_too():
    def costs(ours, theirs):
        return tuple(
            np.nan if name == "basic" else 10.0 if name == "partnership" else 20.0 for name in (ours, theirs)
        )

    found = play(costs, goal="acquisition_cost").table
    assert list(found["after"][:2]) == ["partnership", "partnership"]


def test_no_more_runs_are_done_than_were_announced(capsys):
    """Nothing is won twice: the first answer of each firm meets states that no run has been in."""
    game = Game(dilemma)
    done = []
    submit = game.submit
    game.submit = lambda function, said: done.append(said) or submit(function, said)
    best_responses(
        "two_cafes", ["basic", "partnership"], goal="profit", seeds=3, fresh=5, rounds=1, executor=game
    )
    most = re.search(
        r"At most 1 round x 2 firms x \(4 tries x 3 seeds \+ 2 x 5 fresh\) = (\d+) runs",
        capsys.readouterr().err,
    )
    assert most is not None and 2 * (2 * 3 + 5) < len(done) <= int(most[1]) == 44


@pytest.mark.parametrize(
    "words", [["rivals", "two_cafes"], ["imitate", "two_cafes", "basic"], ["elasticities", "two_cafes"]]
)
def test_much_work_is_asked_about_unless_yes_is_given(words, capsys, monkeypatch):
    monkeypatch.setattr("sim.experiments.forecast.MOST_RUNS", 3)
    for module in ("responding", "imitating", "elasticity"):
        monkeypatch.setattr(
            f"sim.experiments.{module}.pool_of", lambda given: (Game(dilemma, stops=True), False)
        )
    few = [*words, "--change", "market.customers=100", "--months", "14", "--seeds", "2"]
    assert main(few) == 2
    assert "Nobody is here to be asked: give ask=False (--yes) to go on" in capsys.readouterr().err
    with pytest.raises(Stopped):
        main([*few, "--yes"])
