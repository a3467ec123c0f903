"""What a class's forms may say: limits narrower than the market's, so that no field decides a game alone."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from classroom_bots import NOW, forged, small

from sim.classroom import desk, moves, report
from sim.classroom.decisions import Decision, planned_cost
from sim.classroom.faults import GameError
from sim.classroom.forms import form_of
from sim.classroom.limits import LIMITS, class_law, limits_for
from sim.classroom.markets import Table, table_at
from sim.classroom.server import fields, pages
from sim.classroom.sheets import Sheet, read_table
from sim.classroom.solo import Solo
from sim.classroom.store import Store
from sim.cli import main
from sim.scenario.parameters import PlanTable

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import class_fields

FREE = {"trial_discount": 0.9, "promise": -2.0, "price": 10.0, "self_service": 1.0}
"""What wins a game, and the market takes."""


def read(game, plan, **more):
    return read_table({"team": game.teams[0], "plan": plan, **more}, game, Sheet("f"))


@pytest.mark.parametrize(("name", "value"), FREE.items())
def test_what_wins_a_game_alone_is_refused_in_a_class_with_its_limits(tmp_path, name, value):
    game = desk.new_game(tmp_path / "term", small(2))
    sheet = read(game, {name: value, "level": "accountable"})
    assert sheet.decision.plan == {"level": "accountable"}
    (fault,) = sheet.faults
    assert f"{LIMITS[name].low:g} to {LIMITS[name].high:g}" in str(fault) and "in this class (got" in str(
        fault
    )
    for end in (LIMITS[name].low, LIMITS[name].high):
        assert read(game, {name: end}).decision.plan == {name: end}


def test_the_limits_stand_on_the_form_and_on_the_page(tmp_path):
    game = desk.new_game(tmp_path / "term", small(2))
    form = fields.form_of(game, 0)
    shown = {field.name: field.meaning for field in (*form.short, *form.more)}
    text = form_of(game, 0)
    for name, limit in LIMITS.items():
        said = class_law(name, {name: (limit.low, limit.high)})
        assert said.endswith("in this class") and said in text and said in shown[f"plan.{name}"]
    assert "0 to 60 messages a month" in shown["plan.messages"] and "class" not in shown["plan.messages"]


def test_an_instructor_widens_and_narrows_limits_also_for_rules(tmp_path):
    settings = small(2, limits={"trial_discount": (0.0, 0.9), "offer": (0.0, 0.3)})
    game = desk.new_game(tmp_path / "term", settings)
    assert Store(tmp_path / "term").game.settings.limits == settings.limits  # written and read
    assert read(game, {"trial_discount": 0.9}).faults == []
    rule = {"if": "status == lapsed", "then": {"offer": 0.5}}
    (fault,) = read(game, {}, rules=[rule]).faults
    assert "rule 1 then offer: must be 0 to 0.3 share of list price in this class (got 0.5)" in str(fault)
    assert read(game, {"price": 3.0}).faults  # the others stay


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trial_discount": (0.0, 2.0)}, "what the market takes, 0 to 0.9 share of list price"),
        ({"price": (1.5, 2.0)}, "the default plan has 1"),
        ({"advertising": (0.0, 1.0)}, "the default plan has 60"),  # 0.30 a head of the market
        ({"prise": (0.5, 2.0)}, 'did you mean "price"'),
        ({"level": (0.0, 1.0)}, "no number of the form"),
    ],
)
def test_limits_that_cannot_be_are_refused_with_the_cure(given, said):
    with pytest.raises(GameError, match=said):
        small(2, limits=given)


def test_limits_reach_to_a_default_plan_that_lies_outside():
    found = {name: (low, high) for name, low, high in limits_for(PlanTable(price=3.0, promise=-0.5), {})}
    assert found["price"] == (0.5, 3.0) and found["promise"] == (-0.5, 5.0)


def test_a_game_made_before_has_the_limits_of_the_market_and_is_read(tmp_path):
    desk.new_game(tmp_path / "term", small(2))

    def without(event):
        if event["kind"] == "made":
            del event["settings"]["limits"], event["settings"]["scoring"]
        return event

    forged(tmp_path / "term", without)
    game = Store(tmp_path / "term").game
    assert read(game, FREE).decision.plan == FREE
    assert "0.1 to 10 multiple\n" in form_of(game, 0)
    assert desk.advance(tmp_path / "term", NOW).round == 2


def test_who_plays_alone_has_narrower_limits_of_price_and_may_widen_them():
    narrow = Solo("two_cafes", rounds=1, months=1)
    with pytest.raises(GameError, match=r"0\.5 to 1\.25 multiple in this class"):
        narrow.play(price=2.0)
    wide = Solo("two_cafes", rounds=1, months=1, limits={"price": (0.1, 10.0)})
    assert wide.play(price=2.0)["customers"] > 0


def test_class_new_takes_limits_says_them_and_takes_over_those_of_last_term(tmp_path, capsys):
    call = ["class", "new", str(tmp_path / "a"), "two_cafes", "--teams", "2", "--seed", "1"]
    assert main([*call, "--limit", "trial_discount=0:0.9"]) == 0
    said = " ".join(capsys.readouterr().out.split())  # lines are broken where the terminal ends
    assert "trial_discount is 0 to 0.9 share of list price" in said and "price is 0.5 to 2 multiple" in said
    assert main(["class", "new", str(tmp_path / "b"), "--from", str(tmp_path / "a"), "--alone"]) == 0
    bounds = Store(tmp_path / "b").game.settings.bounds
    assert bounds["trial_discount"] == (0.0, 0.9) and bounds["price"] == (0.5, 1.25)
    assert main([*call[:2], str(tmp_path / "c"), *call[3:], "--limit", "price=5"]) == 2
    assert "FIELD=LEAST:MOST" in capsys.readouterr().err


def test_limits_of_another_game_that_do_not_fit_the_scenario_are_left_out_and_said(tmp_path, capsys):
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    call = ["class", "new", old, "two_cafes", "--teams", "2", "--seed", "1"]
    given = ["--limit", "advertising=0:5000", "--limit", "offer=0:0.3", "--limit", "reply_days=3:9"]
    assert main([*call, *given]) == 0
    capsys.readouterr()
    assert main(["class", "new", new, "car_dealers", "--from", old]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "the limits of advertising in" in said and "--limit advertising=LEAST:MOST" in said
    bounds = Store(tmp_path / "new").game.settings.bounds  # 5,000 holds the dealers' 3,000, and is of a café
    assert bounds["offer"] == (0.0, 0.3) and "advertising" not in bounds
    assert main(["class", "new", str(tmp_path / "same"), "--from", old]) == 0
    assert Store(tmp_path / "same").game.settings.bounds["advertising"] == (0.0, 5000.0)
    more = ["--change", "firms.Corner.plan.reply_days=20"]
    capsys.readouterr()
    assert main(["class", "new", str(tmp_path / "slow"), "--from", old, *more]) == 0
    assert "the limits of reply_days in" in " ".join(capsys.readouterr().err.split())
    fit = ["--limit", "advertising=0:9000"]
    assert main(["class", "new", str(tmp_path / "given"), "car_dealers", "--from", old, *fit]) == 0
    assert "the limits of" not in capsys.readouterr().err


def test_the_budget_counts_what_trial_discounts_are_expected_to_cost(tmp_path):
    settings = small(2, months=6, budget=150.0)
    table = Table(settings, 0)
    decision = Decision({"trial_discount": 0.2, "price": 1.2})
    plain = Decision({"price": 1.2})
    assert planned_cost(decision, table.facts(0)) == planned_cost(
        plain, table.facts(0)
    )  # no round to go by yet
    rounds = [{0: decision, 1: Decision({})}]
    paid = table.play(rounds).outcomes[0]["seen"]["ledger"]["trial_discounts"]
    facts = table.facts(0)
    again = settings.months * (planned_cost(decision, facts) - planned_cost(plain, facts))
    assert paid > 0 and again == pytest.approx(paid, rel=0.5)  # of the mean order, if as many come again
    sheet = Sheet("f", team=0, decision=decision)
    tight = replace(settings, budget=planned_cost(plain, table.facts(0)) + 1.0)
    game = SimpleNamespace(settings=tight, teams=("Blue", "Red"), held=lambda team: plain)
    desk.hold_to_budget(sheet, game, table.facts(0))
    assert sheet.decision is None and "the budget is" in str(sheet.faults[0])
    before = Table(replace(settings, scoring=1), 0)
    before.play(rounds)
    assert before.facts(0).first_purchases == 0.0  # a game made before keeps its budget


def test_a_repeated_plan_beyond_the_budget_has_its_trial_discount_taken_down(tmp_path, capsys):
    term = tmp_path / "term"
    desk.new_game(term, small(2, rounds=4, months=6, budget=90.0), names=["Blue", "Red"])
    form = tmp_path / "Blue.toml"

    def hand_in(number, line, by):
        text = (term / "forms" / f"round-{number}" / "Blue.toml").read_text(encoding="utf-8")
        form.write_text(text.replace(line, by), encoding="utf-8")
        (taken,) = desk.collect(term, [form], NOW)
        assert taken.faults == [] and taken.decided

    hand_in(1, "# trial_discount = 0.0", "trial_discount = 0.2")
    assert main(["class", "advance", str(term)]) == 0
    game = Store(term).game
    left = game.rounds[0].outcomes[0]["seen"]["trial_discount_left"]
    assert 0.0 < left < 0.2 and game.rounds[0].outcomes[1]["seen"]["trial_discount_left"] is None
    down = f"its trial discount goes down from 0.2 to {left:g}"
    assert f"Blue: {game.cut_said(0)}" in " ".join(capsys.readouterr().out.split()) and down in game.cut_said(
        0
    )
    assert game.cut_said(0) in report.page_of(game, 0, 1).notes
    assert fields.form_of(game, 0).more and f"trial_discount = {left}" in form_of(game, 0)
    assert "its trial discount" in form_of(game, 0) and "its trial discount" not in form_of(game, 1)
    facts = table_at(game.settings, 0, game.decided).facts(0)
    assert planned_cost(game.held(0), facts) <= 90.0 < planned_cost(game.decided[0][0], facts)

    game = desk.advance(term, NOW)  # nobody hands in
    assert game.rounds[1].counted[0].how == "repeated"
    assert game.rounds[1].counted[0].decision.plan["trial_discount"] == left
    assert game.cut_said(0, 2, done=True) in report.page_of(game, 0, 2).notes
    assert desk.replay(term) == []
    without = desk.undo(term)
    assert without.held(0) == game.rounds[1].counted[0].decision
    hand_in(2, "", "")  # the form as the game wrote it: the same months
    assert desk.advance(term, NOW).rounds[1].hashes == game.rounds[1].hashes

    def before(event):
        if event["kind"] == "played":
            for one in event["outcomes"].values():
                del one["seen"]["trial_discount_left"]
        return event

    desk.undo(term)
    forged(term, before)
    game = Store(term).game  # its first round was played by a program that cut nothing
    assert game.held(0) == game.decided[0][0] and game.cut_said(0) == ""


def test_trial_discounts_of_who_hands_in_nothing_stay_within_the_budget_where_orders_are_large():
    """A car costs what a month's budget does several times."""
    game = Solo("car_dealers", rounds=3, months=6)
    game.play(trial_discount=0.2)
    game.play()
    game.play()
    budget = game.game.settings.budget
    first, *later = (one.outcomes[0]["seen"]["ledger"]["trial_discounts"] / 6 for one in game.game.rounds)
    assert first > 5 * budget and max(later) < budget


def test_a_form_is_taken_as_it_was_written_also_where_the_plan_alone_is_beyond_the_budget(tmp_path):
    term = tmp_path / "term"
    game = desk.new_game(term, small(2, budget=1.0), names=["Blue", "Red"])
    form = term / "forms" / "round-1" / "Blue.toml"
    text = form.read_text(encoding="utf-8")
    assert desk.collect(term, [form], NOW)[0].faults == []
    dear = tmp_path / "dear.toml"
    dear.write_text(text.replace('level = "', 'level = "accountable" # "', 1), encoding="utf-8")
    (taken,) = desk.collect(term, [dear], NOW)
    assert not taken.decided and "the budget is 1" in str(taken.faults[0])
    assert planned_cost(Decision({}), Table(game.settings, 0).facts(0)) > 1.0


def test_who_plays_alone_goes_on_with_the_trial_discount_that_the_budget_leaves():
    game = Solo("web_shop", rounds=3, months=3)
    seen = game.play(trial_discount=0.2)
    kept = [0.2]
    for _ in range(2):
        left = seen["trial_discount_left"]
        kept.append(kept[-1] if left is None else left)
        seen = game.play()
    assert [one.counted[0].decision.plan["trial_discount"] for one in game.game.rounds] == kept
    assert kept[-1] < 0.2


def test_a_game_made_before_trial_discounts_counted_is_not_told_that_they_do(tmp_path):
    folder = tmp_path / "term"
    desk.new_game(folder, small(2, budget=200.0))
    assert "trial discounts" in form_of(Store(folder).game, 0)

    def before(event):
        if event["kind"] == "made":
            del event["settings"]["limits"], event["settings"]["scoring"]
        return event

    forged(folder, before)
    game = Store(folder).game
    assert "bonds, surveys and messages together: at most 200 EUR a month.\n" in form_of(game, 0)
    page = (
        pages.templates()
        .get_template("macros.html")
        .module.decision_form(
            fields.form_of(game, 0), game, game.settings, "EUR", "/", 0, [], "", False, "S1"
        )
    )
    assert "Budget: at most" in page and "trial discounts" not in page
    desk.change(folder, lambda now: [moves.hand_in(now, 0, Decision({"trial_discount": 0.9}), {}, "", NOW)])
    desk.advance(folder, NOW)
    assert desk.advance(folder, NOW).decided[1][0].plan == {"trial_discount": 0.9}


def test_no_field_with_limits_wins_a_game_alone():
    """One game of the benchmark: both ends of the fields that would, against teams on the default plan."""
    game = class_fields.settings("two_cafes", 3)
    ways = [(name, value) for name, value in class_fields.values(game) if name in LIMITS]
    assert {name for name, _ in ways} == set(LIMITS)
    usual = class_fields.total(game, {})
    factors = {(name, value): class_fields.total(game, {name: value}) / usual for name, value in ways}
    assert max(factors.values()) < 2.2, factors
