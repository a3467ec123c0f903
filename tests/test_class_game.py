"""The class game: bots play it by files; students come late, stay away and move; scores say what happened."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from classroom_bots import BOTS, NOW, beginner, expert, forged, hand_in, play, small

from sim.classroom import desk, gradebook, moves, outcomes, scores
from sim.classroom.decisions import FORECASTS, Decision
from sim.classroom.faults import GameError
from sim.classroom.game import Said, replayed
from sim.classroom.settings import settings_of, spread_problem
from sim.classroom.sheets import Sheet, read_table
from sim.classroom.store import Store
from sim.scenario import load


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """A whole game of five bots, from careless to expert."""
    home = tmp_path_factory.mktemp("bots")
    desk.new_game(home / "term", small(5, late=50.0, absent=100.0))
    bots = dict(enumerate(BOTS.values()))
    return home / "term", play(home / "term", home / "inbox", bots, 3)


def test_bots_from_careless_to_expert_play_a_whole_game(term):
    folder, game = term
    assert game.is_over and len(game.rounds) == 3
    hows = [[one.counted[team].how for one in game.rounds] for team in range(5)]
    assert hows[0] == ["default", "repeated", "repeated"]
    assert hows[1:] == [["handed"] * 3] * 4
    careless = game.rounds[0].counted[1].decision
    assert careless.plan == {"messages": 1}  # what was wrong was left, and the rest taken
    assert desk.replay(folder) == []


def test_what_a_team_decides_reaches_its_firm_and_no_other(term):
    _, game = term
    prices = {one["team"]: one["price"] for one in game.rounds[-1].public[0]}
    assert prices[2] == pytest.approx(0.80) and prices[3] == 1.02 and prices[4] == 1.03 and prices[0] == 1.0
    seen = {team: one["seen"] for team, one in game.rounds[-1].outcomes.items()}
    assert seen[4]["asked_leavers"] > 0 and all(seen[team]["asked_leavers"] == 0 for team in range(4))
    assert sum(seen[4]["fired_rules"]) > 0
    assert seen[2]["counts"]["uninvited"] > 0 == seen[4]["counts"]["uninvited"]


def test_gained_and_lost_add_up_and_money_is_the_ledgers(term):
    from sim.ledger import ACTIVITIES

    _, game = term
    for one in game.rounds:
        for outcome in one.outcomes.values():
            seen = outcome["seen"]
            assert seen["customers_before"] + seen["gained"] - seen["lost"] == seen["customers"]
            assert sum(a.sign * seen["ledger"][a.name] for a in ACTIVITIES) == pytest.approx(seen["profit"])
            assert sum(seen["by_month"]["profit"]) == pytest.approx(seen["profit"])
            assert sum(seen["reasons"].values()) <= sum(outcome["true"]["reasons"].values()) == seen["lost"]


def test_scores_and_penalties(term):
    _, game = term
    by_team = scores.team_scores(game)
    assert by_team[0].booked == -300.0 and by_team[3].booked == 0.0
    for one in by_team:
        assert one.total == pytest.approx(one.profit + one.customer_equity + one.booked)
    assert by_team[0].forecast is None and 0 < by_team[4].forecast <= 100
    assert by_team[2].ethics < by_team[4].ethics  # mail without permission
    assert sorted(gradebook.rank(game).values()) == [1, 2, 3, 4, 5]
    student = scores.student_score(game, "S1")
    assert student.given == 3 and 0 <= student.points <= 100


def ghost(folder, **given):
    """A game of two rounds whose first team asks ten times the price in round 1: one customer is left, who buys nothing."""
    settings = settings_of(load("two_cafes"), teams=6, rounds=2, months=6, seed=3)
    desk.new_game(folder, dataclasses.replace(settings, **given))
    dear = Decision({"price": 10.0})
    desk.change(folder, lambda game: [moves.hand_in(game, 0, dear, {}, "hand", NOW)])
    desk.advance(folder, NOW)
    return desk.advance(folder, NOW)


def test_a_firm_with_one_customer_and_no_revenue_has_no_customer_equity_and_ranks_last(tmp_path):
    game = ghost(tmp_path / "term")
    seen = game.rounds[-1].outcomes[0]["seen"]
    assert seen["customers"] == 1 and seen["revenue"] == 0.0 and seen["retention"] is not None
    assert seen["customer_equity"] <= 0.0
    assert gradebook.rank(game)[0] == 6


def test_a_game_made_before_is_read_and_scored_as_it_was(tmp_path):
    game = ghost(tmp_path / "term", scoring=1)
    assert scores.team_scores(game)[0].customer_equity == pytest.approx(15_231, abs=1)
    forged(tmp_path / "term", lambda event: without(event, "scoring"))
    assert Store(tmp_path / "term").game.settings == game.settings


def without(event, *names):
    """An event as a program wrote it that had no such settings."""
    if event["kind"] == "made":
        event["settings"] = {name: value for name, value in event["settings"].items() if name not in names}
    return event


def test_retention_is_over_all_months_and_steadied_where_customers_are_few():
    kept, had = np.array([90.0, 1.0, 0.0]), np.array([100.0, 1.0, 0.0])
    plain = outcomes.retention_of(kept, had, 1)
    assert plain[:2] == pytest.approx([0.9**12, 1.0]) and np.isnan(plain[2])
    steadied = outcomes.steadied(kept, had, 1)
    usual = 91 / 101
    assert steadied == pytest.approx([((90 + 5 * usual) / 105) ** 12, ((1 + 5 * usual) / 6) ** 12, usual**12])


def judged(**seen):
    """A game of one round and one team, its spam reports held back at 20 %, with what is seen and forecast of the round."""
    forecast = seen.pop("forecast", {})
    contact = SimpleNamespace(report_ceiling=0.2)
    played = SimpleNamespace(outcomes={0: {"seen": seen}}, counted={0: SimpleNamespace(forecast=forecast)})
    own = SimpleNamespace(contact=contact)
    return SimpleNamespace(settings=SimpleNamespace(own=own, scoring=1), rounds=[played])


CLEAN = {"promise": 0.0, "customers_before": 20, "messages": 0, "uninvited": 0, "reports": 0, "voiced": 0, "resolved": 0, "fired": 0}  # fmt: skip


@pytest.mark.parametrize(
    ("term", "happened", "share"),
    [
        ("consent", {"messages": 10, "uninvited": 4}, 0.6),
        ("consent", {"messages": 10, "uninvited": 10}, 0.0),
        ("unreported", {"messages": 10, "reports": 1}, 0.5),  # a tenth reported, half of the ceiling
        ("unreported", {"messages": 10, "reports": 2}, 0.0),
        ("unreported", {"messages": 10, "reports": 9}, 0.0),
        ("honest", {"promise": 0.3}, 0.7),
        ("honest", {"promise": 1.5}, 0.0),
        ("honest", {"promise": -0.5}, 1.0),  # promising less than the norm is no merit
        ("answered", {"voiced": 4, "resolved": 1}, 0.25),
        ("answered", {"voiced": 4, "resolved": 0}, 0.0),
        ("kept", {"fired": 2}, 0.9),
        ("kept", {"fired": 25}, 0.0),  # also of those who came in the round
        ("kept", {"fired": 1, "customers_before": 0}, 0.0),
    ],
)
def test_each_term_of_ethics_is_its_share_and_points_are_the_mean_of_five(term, happened, share):
    seen = CLEAN | happened
    counts = {name: seen.pop(name) for name in ("messages", "uninvited", "reports", "voiced", "resolved", "fired")}  # fmt: skip
    found = scores.ethics(judged(), seen | {"counts": counts})
    points = found.pop("points")
    assert found == pytest.approx(dict.fromkeys(("consent", "unreported", "honest", "answered", "kept"), 1.0) | {term: share})  # fmt: skip
    assert points == pytest.approx(100 * (4 + share) / 5)


@pytest.mark.parametrize(
    ("forecast", "points"),
    [
        ({}, None),
        ({"customer_equity": 5.0}, None),  # could not be told
        ({"profit": 30.0}, 100.0),
        ({"profit": 50.0}, 80.0),  # wrong by 20 % of revenue
        ({"profit": 10.0}, 80.0),
        ({"profit": 500.0}, 0.0),
        ({"profit": 50.0, "retention": 0.2}, 60.0),  # 80 and 40
        ({"retention": 0.6}, 80.0),  # a share: by 1, not by revenue
        ({"profit": 500.0, "retention": 0.8}, 50.0),  # an error counts at most 100 %
    ],
)
def test_in_a_game_made_before_a_teams_forecast_is_worth_100_less_its_mean_error_in_percent(forecast, points):
    seen = {"profit": 30.0, "revenue": 100.0, "retention": 0.8, "customer_equity": None}
    found = scores.forecast_points(judged(**seen, forecast=forecast), 0, 1)
    assert found is points is None or found == pytest.approx(points)


LAST = {"profit": 20.0, "revenue": 100.0, "retention": 0.7, "customer_equity": 200.0}
NOW_SEEN = {"profit": 30.0, "revenue": 100.0, "retention": 0.8, "customer_equity": 260.0}
EXACT = {name: NOW_SEEN[name] for name in FORECASTS}


def forecast_game(*forecasts, seen=NOW_SEEN, others=()):
    """A game whose first team forecast this, round by round; all teams began with the same figures."""
    outcomes = {team: {"seen": one} for team, one in enumerate((seen, *others))}
    rounds = [
        SimpleNamespace(
            outcomes=outcomes if number else {team: {"seen": LAST} for team in outcomes},
            counted={team: SimpleNamespace(forecast=one if team == 0 else {}) for team in outcomes},
        )
        for number, one in enumerate(forecasts)
    ]
    return SimpleNamespace(settings=SimpleNamespace(scoring=2), rounds=rounds)


@pytest.mark.parametrize(
    ("forecast", "points"),
    [
        (EXACT, 100.0),
        ({name: LAST[name] for name in FORECASTS}, 50.0),  # as last round
        (EXACT | {"profit": 35.0}, (75 + 100 + 100) / 3),  # missed by half of what last round's misses by
        (EXACT | {"profit": 25.0}, (75 + 100 + 100) / 3),
        (EXACT | {"profit": -500.0}, 200 / 3),
        ({"retention": 0.8}, 100 / 3),  # what is not given has nothing
        ({"retention": 0.7}, 50 / 3),
        ({}, 0.0),
    ],
)
def test_a_teams_forecast_is_measured_by_what_last_rounds_figures_miss_by(forecast, points):
    game = forecast_game({"profit": 1.0}, forecast)
    assert scores.forecast_points(game, 0, 2) == pytest.approx(points)
    assert scores.forecast_points(game, 0, 1) is None  # there is no last round


def test_the_usual_error_is_the_median_of_all_teams_and_never_next_to_nothing():
    others = [NOW_SEEN | {"profit": 20.0 + far, "customer_equity": None} for far in (2.0, 4.0)]
    found = scores.usual_errors(forecast_game({}, {}, others=others), 2)
    assert found == pytest.approx({"profit": 4.0, "retention": 0.1, "customer_equity": 60.0})
    still = scores.usual_errors(forecast_game({}, {}, seen=LAST), 2)
    assert still == pytest.approx({"profit": 1.0, "retention": 0.01, "customer_equity": 1.0})


def test_a_figure_that_did_not_come_out_is_left_out_and_who_never_forecast_has_no_points():
    unknown = NOW_SEEN | {"customer_equity": None}
    assert scores.forecast_points(forecast_game({}, EXACT, seen=unknown), 0, 2) == 100.0
    assert scores.forecast_points(forecast_game({}, {}), 0, 2) is None


def test_who_forecasts_all_three_as_last_round_beats_who_picks_the_easy_one(tmp_path):
    desk.new_game(tmp_path / "term", small(3, rounds=3, months=3, seed=2))

    def forecasts(game):
        seen = [game.rounds[-1].outcomes[team]["seen"] if game.rounds else {} for team in range(3)]
        same = {name: seen[0][name] for name in FORECASTS if seen[0].get(name) is not None}
        easy = {"retention": seen[1]["retention"]} if game.rounds else {}
        said = (same, easy, {"retention": 0.8})
        return [moves.hand_in(game, team, Decision({}), said[team], "hand", NOW) for team in range(3)]

    for _ in range(3):
        desk.change(tmp_path / "term", forecasts)
        game = desk.advance(tmp_path / "term", NOW)
    careful, picks, constant = (one.forecast for one in scores.team_scores(game))
    assert careful > picks + 10 and careful > constant + 10


@pytest.mark.parametrize(
    ("low", "high", "points", "held"),
    [
        (0, 10, 70.0, False),  # 10 wide, missed by 2 at 10 a unit
        (0, 12, 88.0, True),
        (12, 12, 100.0, True),
        (13, 20, 83.0, False),
        (0, 5, 25.0, False),
        (-200, 0, 0.0, False),
    ],
)
def test_a_students_range_is_worth_100_less_its_interval_score_in_percent_of_revenue(low, high, points, held):
    said = Said(1, "S1", 5.0, low, high, "why", "hand", "now", late=False)
    found = scores.opinion_points(said, {"profit": 12.0, "revenue": 100.0})
    assert found == (pytest.approx(points), held)
    assert scores.opinion_points(said._replace(low=None), {"profit": 12.0, "revenue": 100.0}) is None


def test_the_interval_score_is_gneiting_and_rafterys():
    assert scores.interval_score(2.0, 5.0, 3.0) == 3.0
    assert scores.interval_score(2.0, 5.0, 1.0) == pytest.approx(3.0 + 2 / 0.2 * 1.0)
    assert scores.interval_score(2.0, 5.0, 7.0) == pytest.approx(3.0 + 2 / 0.2 * 2.0)


def test_without_luck_equal_decisions_are_worth_the_same(tmp_path):
    """Two markets, equal decisions at equal seats: equal to the cent, in the game and in all other worlds."""
    desk.new_game(tmp_path / "term", small(4, markets=2, rounds=2))
    game = play(tmp_path / "term", tmp_path / "inbox", {0: expert, 1: expert, 2: beginner, 3: beginner}, 1)
    adjusted = scores.luck_adjusted(game, 3)
    assert game.rounds[0].hashes[0] == game.rounds[0].hashes[1]
    assert adjusted[0] == adjusted[1] and adjusted[2] == adjusted[3] and adjusted[0].mean != adjusted[2].mean
    by_team = scores.team_scores(game)
    assert adjusted[0].luck == pytest.approx(by_team[0].total - adjusted[0].mean)
    desk.change(tmp_path / "term", lambda game: [moves.book(game, 0, 500.0, "best pitch")])
    booked = scores.luck_adjusted(Store(tmp_path / "term").game, 3)
    assert booked[0].mean == pytest.approx(adjusted[0].mean + 500.0) and booked[2] == adjusted[2]
    assert booked[0].luck == pytest.approx(adjusted[0].luck)  # money that was booked is no luck


def test_alone_each_team_meets_the_scenarios_firms_with_the_same_luck(tmp_path):
    game = desk.new_game(tmp_path / "term", small(3, alone=True, rounds=1))
    assert game.settings.markets == 3 and list(game.settings.world.firms) == ["Corner", "Express"]
    game = play(tmp_path / "term", tmp_path / "inbox", {0: beginner, 1: beginner}, 1)
    assert game.rounds[0].hashes[0] == game.rounds[0].hashes[1] != game.rounds[0].hashes[2]
    policy = game.settings.world.firms["Express"].policy
    assert policy == load("two_cafes").firms["Express"].policy


def test_a_seat_without_a_team_runs_the_default_plan_so_that_markets_are_equal(tmp_path):
    settings = small(3, markets=2, rivals=("discount_matcher",))
    assert list(settings.world.firms) == ["Firm 1", "Firm 2", "Rival 1"]
    desk.new_game(tmp_path / "term", settings)
    game = play(tmp_path / "term", tmp_path / "inbox", {}, 1)
    assert game.rounds[0].hashes[0] == game.rounds[0].hashes[1]


@pytest.mark.parametrize(
    ("teams", "markets", "said"),
    [(24, 1, "--markets 3 (8 in each)"), (17, 2, "--markets 3 (6 in each)"), (2, 3, "--markets 2 or less"), (24, 4, ""), (8, 1, "")],
)  # fmt: skip
def test_more_than_eight_in_a_market_gets_a_proposal(teams, markets, said):
    problem = spread_problem(teams, markets, alone=False)
    assert (said in problem) if said else problem == ""
    assert spread_problem(teams, markets, alone=True) == ""


# ---------------------------------------------------------------- students


def test_late_absent_and_moved_students_and_a_team_of_one(tmp_path):
    folder, inbox = tmp_path / "term", tmp_path / "inbox"
    desk.new_game(folder, small(2))
    said = 'team = "{}"\n[[students]]\nname = "{}"\nnumber = 1000\nlow = 0\nhigh = 5000\nreason = "why"\n'
    inbox.mkdir()
    for name, team in (("Ann", "Blue"), ("Bob", "Blue"), ("Cy", "Red")):
        (inbox / f"{name}.toml").write_text(said.format(team, name))
    desk.collect(folder, [inbox / "Ann.toml"], NOW)
    desk.collect(folder, [inbox / "Cy.toml"], NOW, timing="late")
    desk.advance(folder, NOW)
    game = desk.change(folder, lambda game: [moves.move(game, moves.student_id(game, "ann"), 1)])
    hand_in(folder, inbox, game, {})
    desk.collect(folder, [inbox / "Bob.toml"], NOW)
    (inbox / "Ann.toml").write_text(said.format("Red", "Ann"))
    desk.collect(folder, [inbox / "Ann.toml"], NOW)
    game = desk.advance(folder, NOW)
    ids = {one.name: one.id for one in game.students.values()}
    assert [game.students[ids["Ann"]].team_in(r) for r in (1, 2, 3)] == [0, 1, 1]
    assert game.students[ids["Bob"]].team_in(1) is None and game.members(0, 2) == [game.students[ids["Bob"]]]
    ann = scores.student_score(game, ids["Ann"])
    points = [
        scores.opinion_points(game.said_by(ids["Ann"], r), game.rounds[r - 1].outcomes[r - 1]["seen"])[0]
        for r in (1, 2)
    ]
    assert ann.given == 2 and ann.points == pytest.approx(sum(points) / 2)  # each by the team of its round
    table = [dict(zip(gradebook.reasons(game)[0], row, strict=True)) for row in gradebook.reasons(game)[1:]]
    cy = [row for row in table if row["student"] == "Cy"]
    assert [row["late"] for row in cy[:2]] == ["yes", ""] and cy[1]["handed in"] == "absent"
    book = {
        row[0]: dict(zip(gradebook.gradebook(game)[0], row, strict=True))
        for row in gradebook.gradebook(game)[1:]
    }
    assert book["Ann"]["moved"] == "yes" and book["Bob"]["rounds"] == 1 and book["Cy"]["forecasts late"] == 1


def test_a_student_of_another_team_is_refused_with_the_cure(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    game = Store(tmp_path / "term").game
    game = replayed([*Store(tmp_path / "term").events(), moves.join(game, "Ann", 0)])
    sheet = read_table({"team": "Red", "students": [{"name": "Ann", "reason": "x"}]}, game, Sheet("f"))
    assert [str(fault) for fault in sheet.faults] == [
        "team Red, student Ann: is in team Blue; class edit --move moves students"
    ]


# ---------------------------------------------------------------- what is refused


def test_each_fault_is_named_by_team_and_field_with_the_cure_and_the_rest_is_taken(tmp_path):
    game = desk.new_game(tmp_path / "term", small(2))
    table = {
        "team": "blue", "plam": 1, "plan": {"price": 99, "advertisin": 3, "level": "proactive"},
        "rules": [{"if": "statu == lapsed", "then": {"offer": 0.1}}, {"if": "spent > 1", "then": {"price": 2}}],
        "forecast": {"retention": 7, "profit": 10}, "students": [{"name": "Ann", "number": 5}, "Bob", {"reason": "x" * 501}, {"name": "Cy", "reason": "x" * 501}],
    }  # fmt: skip
    sheet = read_table(table, game, Sheet("blue.toml"))
    said = [str(fault) for fault in sheet.faults]
    assert sheet.decision == Decision({"level": "proactive"}) and sheet.forecast == {"profit": 10.0}
    for words in (
        'team Blue: plam: unknown (got "plam"); did you mean "plan"?',
        "team Blue: price: must be 0.5 to 2 multiple in this class (got 99) (left as it was)",
        'team Blue: advertisin: unknown (got "advertisin"); did you mean "advertising"? (left as it was)',
        'did you mean "status"? (left as it was)',
        "team Blue: forecast retention: must be a share of 0 to 1, such as 0.8 (got 7) (left as it was)",
        "student Ann: number: number, low and high belong together, with low <= number <= high",
        "blue.toml, student 3: name: a line name = or id = is missing",
        "student Cy: reason: is a text of at most 500 letters (got 501)",
    ):
        assert any(words in one for one in said), (words, said)
    assert sheet.opinions == []


def test_a_plan_over_the_budget_is_left_as_it_was_also_by_rules(tmp_path):
    folder = tmp_path / "term"
    game = desk.new_game(folder, small(2))
    assert game.settings.budget > 0
    for text in (
        "[plan]\nadvertising = 100000\n",
        '[[rules]]\nif = "spent >= 0"\nthen = { level = "partnership" }\n',
    ):
        (tmp_path / "f.toml").write_text('team = "Blue"\n' + text)
        (taken,) = desk.collect(folder, [tmp_path / "f.toml"], NOW)
        assert not taken.decided and "the budget is" in str(taken.faults[0])
    assert Store(folder).game.latest(0) is None


def test_the_same_file_twice_is_one_decision_and_the_last_one_counts(tmp_path):
    folder = tmp_path / "term"
    game = desk.new_game(folder, small(2))
    for price in (1.1, 1.1, 1.2):
        (tmp_path / "f.toml").write_text(f'team = "Blue"\n[plan]\nprice = {price}\n')
        desk.collect(folder, [tmp_path / "f.toml"], NOW)
    game = Store(folder).game
    assert [one.decision.plan["price"] for one in game.handed] == [1.1, 1.2]
    assert game.counting()[0].decision.plan == {"price": 1.2}


def test_a_deadline_a_pause_and_the_end_stop_what_comes_after(tmp_path):
    folder, file = tmp_path / "term", tmp_path / "f.toml"
    desk.new_game(folder, small(2, rounds=1, late=70.0), deadline="2026-03-01T18:00+00:00")
    file.write_text('team = "Blue"\n[plan]\nprice = 1.1\n')
    with pytest.raises(GameError, match="--on-time"):
        desk.collect(folder, [file], NOW)
    desk.change(folder, lambda game: [moves.pause(game, True)])
    with pytest.raises(GameError, match="paused"):
        desk.advance(folder, NOW)
    desk.change(folder, lambda game: [moves.pause(game, False)])
    desk.collect(folder, [file], NOW, timing="late")
    game = desk.advance(folder, NOW)
    assert game.rounds[0].counted[0].how == "late" and scores.team_scores(game)[0].booked == -70.0
    with pytest.raises(GameError, match="class undo"):
        desk.advance(folder, NOW)
    assert desk.undo(folder).booked == ()  # the penalty goes with its round


def test_a_network_from_a_file_is_refused_with_the_cure(tmp_path):
    (tmp_path / "edges.csv").write_text("0,1\n1,2\n")
    own = load("two_cafes")
    tables = own.tables.model_copy(
        update={"talk": own.talk.model_copy(update={"network": "file", "edges": "edges.csv"})}
    )
    with pytest.raises(GameError, match="watts_strogatz"):
        settings_of(dataclasses.replace(own, tables=tables, folder=tmp_path), teams=2)
