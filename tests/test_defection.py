"""Defection analysis: true reasons, the exit survey's answers, and what knowing is worth."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.defection import Defection, answers, estimated
from sim.scenario.words import REASONS
from sim.tables import in_words
from tests.worlds import EVERYTHING


@pytest.fixture(scope="module")
def run():
    return sim.run("plain", months=24, change=EVERYTHING | {"market.customers": 1000})


def test_what_would_be_answered_is_what_those_who_were_asked_did_answer(run):
    table, rows = answers(run.market, 0.5), run.departures
    asked = rows["reported"].notna().to_numpy()
    assert asked.sum() > 30 and (rows["firm"][asked] == "West").all()
    said = in_words(table["answer"], REASONS)
    assert (said[asked] == rows["reported"][asked].to_numpy()).all()
    west = (rows["firm"] == "West").to_numpy()
    assert (table["asked"].to_numpy()[west] == asked[west]).all()


def test_the_true_reasons_are_the_runs(run):
    for firm in ("North", "South", "West"):
        found = run.defection(firm)
        rows = run.departures[run.departures["firm"] == firm]
        assert found.leavers == found.asked == len(rows)
        assert (found.reasons["true"] == rows["reason"].value_counts().reindex(REASONS, fill_value=0)).all()
        assert (found.confusion.sum(axis=1) == found.reasons["true"]).all()
        assert (found.confusion.sum(axis=0) == found.reasons["reported"]).all()


def test_seven_answers_in_ten_are_true_and_nobody_says_fired_who_was_not(run):
    found = [run.defection(firm) for firm in ("North", "East", "South", "West")]
    table = sum(one.confusion for one in found)
    n = table.to_numpy().sum()
    share = np.trace(table.to_numpy()) / n
    assert abs(share - 0.7) < 3.0 * (0.21 / n) ** 0.5
    assert table["fired"].drop("fired").sum() == 0 and table.at["fired", "fired"] > 0


def test_the_estimate_undoes_the_noise():
    truth = np.array([30.0, 10.0, 60.0, 0.0, 20.0, 40.0, 5.0, 15.0, 100.0, 20.0])
    q, n = 0.7, len(truth)
    said = np.zeros(n)
    for reason, count in enumerate(truth):
        others = [r for r in range(n) if r != reason and (r != 9)]
        said[reason] += q * count
        said[others] += (1 - q) * count / len(others)
    assert np.allclose(estimated(said, int(truth.sum()), q), truth)
    assert np.isnan(estimated(np.zeros(n), 5, q)).all()


def test_the_value_of_knowing_is_the_best_remedy_over_a_blind_one():
    run = sim.run("two_cafes", months=30)
    found = run.defection("Express")
    can = found.reasons[found.reasons["remedy"]]
    each = run.firms.at["Express", "customer_equity"] / run.firms.at["Express", "customers"]
    assert np.isclose(found.customer_value, each)
    assert np.isclose(found.value_of_knowing, each * (can["true"].max() - can["true"].mean()))
    assert found.best in can.index and can.at[found.best, "true"] == can["true"].max()
    asked = each * (can.at[found.chosen, "true"] - can["true"].mean()) - found.cost
    assert np.isclose(found.value_of_asking, asked) and found.value_of_asking < found.value_of_knowing
    assert np.isclose(found.cost, found.asked * 0.5 * run.market.tables.decide.contact_cost)
    assert "variety" not in can.index and "fired" not in can.index


@pytest.mark.parametrize(
    ("misled", "chosen", "asking"), [(1, "price", 380.71), (3, "service failure", 180.71)]
)
def test_what_knowing_is_worth_by_hand(misled, chosen, asking):
    """Five left over the price, three over failures, two for the end of their need; a customer is worth 100."""
    price, failure, ended = (REASONS.index(name) for name in ("price", "service failure", "need ended"))
    true = np.array([price] * 5 + [failure] * 3 + [ended] * 2)
    said = np.array([failure] * misled + [price] * (5 - misled) + [failure] * 3 + [ended] * 2)
    words = {
        "cost": 0.5,
        "customer_value": 100.0,
        "true_share": 0.7,
        "months": 9,
        "currency": "EUR",
        "about": {},
    }
    found = Defection("Corner", true, said, np.ones(10, dtype=bool), words)
    # seven reasons have a remedy; picked blindly it is worth (500 + 300) / 7 = 114.29; asking costs 5
    assert found.value_of_knowing == pytest.approx(500.0 - 800.0 / 7.0)
    assert (found.best, found.chosen) == ("price", chosen)
    assert found.value_of_asking == pytest.approx(asking, abs=0.005)
    assert found.accuracy == pytest.approx(1.0 - misled / 10.0) and found.cost == 5.0
    assert found.confusion.loc["price", "service failure"] == misled
    assert found.reasons.loc["service failure", ["true", "reported", "loss"]].tolist() == [
        3,
        3 + misled,
        300.0,
    ]


def test_a_smaller_survey_asks_fewer_and_costs_less(run):
    whole, part, none = (run.defection("West", asked=share) for share in (1.0, 0.3, 0.0))
    assert 0 < part.asked < whole.asked and part.cost < whole.cost
    assert none.asked == 0 and np.isnan(none.accuracy) and none.chosen is None
    assert (part.reasons["true"] == whole.reasons["true"]).all()


def test_it_shows_itself_also_when_nobody_left():
    first = sim.run("plain", months=1, change={"market.customers": 50, "leave.base_exit": 0.0})
    assert first.defection("North", asked=1.0).headline.startswith(
        ("Nobody left North in 1 month", "North lost")
    )
    found = sim.run("two_cafes", months=14).defection()
    assert found.headline in repr(found).replace("\n", " ") and "<p>" in found._repr_html_()


@pytest.mark.parametrize(
    ("words", "said"), [({"firm": "Nord"}, "North"), ({"asked": 1.5}, "share of 0 to 1")]
)
def test_wrong_words_are_refused(run, words, said):
    with pytest.raises(ValueError, match=said):
        run.defection(**words)


def test_defection_on_the_command_line(capsys):
    assert main(["defection", "two_cafes", "--months", "14", "--firm", "Express"]) == 0
    text = capsys.readouterr().out
    assert "Express lost" in text and "reported" in text and max(map(len, text.splitlines())) <= 80
    assert main(["defection", "two_cafes", "--months", "14", "--asked", "0.5", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["firm"] == "Corner" and said["asked"] < said["leavers"]
    assert sum(row["true"] for row in said["reasons"]) == said["leavers"]
    assert main(["defection", "two_cafes", "--asked", "2"]) == 2
    assert "0 to 1" in capsys.readouterr().err
