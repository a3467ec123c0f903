"""The class game on pages: students join, decide and forecast, the instructor advances; nothing is doubled or lost."""

import threading

import pytest
from classroom_bots import small
from classroom_visitors import hand_in, heard, served

from sim.classroom import desk
from sim.classroom.server.fields import file_of, table_of
from sim.classroom.store import Store
from sim.cli import main


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """A game of three teams that is served, with two students."""
    folder = tmp_path_factory.mktemp("served") / "term"
    desk.new_game(folder, small(3, late=50.0))
    with served(folder) as one:
        yield one, one.student("Ann", 0), one.student("Bob", 1), one.instructor()


def game_of(one):
    return Store(one.room.folder).game


def test_a_first_screen_is_a_name_a_team_and_a_button(term):
    one, *_ = term
    new = one.visitor()
    assert (
        "Join code" in new.get("/") and new.text.count("<input") == 2
    )  # the code, and the form's hidden key
    new.get(f"/j/{one.room.kept['key']}")
    assert new.path == "/join"
    form = new.form("/join")
    assert set(form) == {"key", "name", "team"} and new.text.count("<button") == 1
    assert form["team"] == "2"  # the team with the fewest students


def test_a_decision_on_a_page_is_the_teams_decision_with_rules_and_forecast(term):
    one, ann, *_ = term
    hand_in(
        ann, plan_of_price="1,04", plan_of_exit_survey=0.3, forecast_of_profit=1500,
        if_of_0="status == lapsed", then_of_0="offer = 0.1, level = accountable",
    )  # fmt: skip
    assert ann.path == "/decide?done=1" and "Handed in, and kept." in ann.text
    handed = game_of(one).latest(0)
    assert handed.source == "page (Ann)" and not handed.late and handed.forecast == {"profit": 1500.0}
    assert handed.decision.plan["price"] == 1.04 and handed.decision.plan["exit_survey"] == 0.3
    assert "survey" not in handed.decision.plan  # what was not changed is no decision
    assert handed.decision.rules == (
        {"if": "status == lapsed", "then": {"offer": 0.1, "level": "accountable"}},
    )
    form = ann.form("/decide")
    assert (form["plan.price"], form["if.0"], form["then.0"]) == (
        "1.04",
        "status == lapsed",
        "offer = 0.1, level = accountable",
    )


def test_a_first_round_asks_at_most_six_fields_each_with_a_default_and_a_word_about_it(term):
    _, ann, *_ = term
    ann.get("/decide")
    shown = ann.text.split("<details")[0]
    assert shown.count('class="field"') == 6 == shown.count('class="did"')
    assert all(f'id="f{i}"' in shown for i in range(1, 7)) and "More decisions" in ann.text


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_handed_in(term):
    one, _, bob, _ = term
    hand_in(
        bob,
        plan_of_price=99,
        if_of_0="statu == lapsed",
        then_of_0="offer = 0.1",
        plan_of_advertising="10000000",
    )
    assert (
        bob.status == 422
        and "must be 0.5 to 2 multiple in this class (got 99)" in bob.text
        and 'aria-invalid="true"' in bob.text
    )
    assert "did you mean &#34;status&#34;?" in bob.text and 'value="99"' in bob.text
    assert game_of(one).latest(1) is None
    hand_in(bob, plan_of_advertising="10000000")
    assert "the budget is" in bob.text and game_of(one).latest(1) is None
    form = bob.form("/decide") | {"do": "check"}
    bob.post("/decide", **form)
    assert "This plan would spend about" in bob.text and game_of(one).latest(1) is None


def test_pressing_twice_or_sending_again_changes_nothing(term):
    one, ann, *_ = term
    form = hand_in(ann, plan_of_price=1.06)
    before = len(game_of(one).handed)
    ann.post("/decide", **form)
    assert ann.path == "/decide?done=1" and len(game_of(one).handed) == before
    ann.post(
        "/decide", **form | {"plan.price": "1.08"}
    )  # a page that the browser kept, changed and sent: another decision
    assert game_of(one).latest(0).decision.plan["price"] == 1.08
    new = one.visitor()
    new.get(f"/j/{one.room.kept['key']}")
    for _ in range(2):  # the answer was lost: the same form is sent again
        new.post("/join", key="the same", name="Cy", team=2)
        assert new.path == "/play"
        new.cookies = {name: value for name, value in new.cookies.items() if "door" in name}
    assert [s.name for s in game_of(one).students.values()].count("Cy") == 1


def test_an_older_form_does_not_undo_unseen_what_a_teammate_decided(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    with served(tmp_path / "term") as one:
        gus, eve, instructor = one.student("Gus", 0), one.student("Eve", 0), one.instructor()
        old, console = eve.form("/decide"), instructor.form("/console/team/0")
        hand_in(
            gus,
            plan_of_price=1.33,
            plan_of_level="accountable",
            if_of_0="status == lapsed",
            then_of_0="offer = 0.1",
        )
        plan = game_of(one).latest(0).decision
        eve.post("/decide", **old | {"do": "hand", "plan.messages": "3", "plan.price": "1.2"})
        assert eve.status == 409 and game_of(one).latest(0).decision == plan
        for said in (
            "page (Gus)",
            "Price: 1.33 there, 1.2 here",
            "accountable there, reactive when",
            "status == lapsed",
        ):
            assert said in eve.text, said
        both = eve.filled("/decide")
        assert (both["plan.price"], both["plan.level"], both["plan.messages"]) == ("1.2", "accountable", "3")
        eve.post("/decide", **both | {"do": "hand"})
        assert eve.path == "/decide?done=1"
        now = game_of(one).latest(0).decision
        assert {k: now.plan[k] for k in ("price", "level", "messages")} == {
            "price": 1.2,
            "level": "accountable",
            "messages": 3,
        }
        assert now.rules == plan.rules
        instructor.post("/console/team/0", **console | {"do": "hand", "plan.messages": "5"})
        assert instructor.status == 409 and game_of(one).latest(0).decision == now
        instructor.post("/console/team/0", **instructor.filled("/console/team/0") | {"do": "hand"})
        assert instructor.status == 200 and game_of(one).latest(0).decision.plan == {
            **now.plan,
            "messages": 5,
        }


def test_a_form_of_the_team_that_a_student_was_in_decides_nothing_for_the_new_one(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    with served(tmp_path / "term") as one:
        ann, instructor = one.student("Ann", 0), one.instructor()
        old = ann.form("/decide")
        instructor.post("/console", do="move", student="S1", team=1)
        ann.post("/decide", **old | {"do": "hand", "plan.price": "2"})
        assert ann.status == 409 and "moved to team Red" in ann.text and not game_of(one).handed


def test_two_tabs_of_one_student_lose_nothing_and_going_back_works(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    with served(tmp_path / "term") as one:
        ann = one.student("Ann", 0)
        first, second = ann.form("/decide"), ann.form("/decide")
        for price in ("1.1", "1.2", "1.1"):  # back to the same page, and handed in again
            ann.post("/decide", **first | {"do": "hand", "plan.price": price, "key": price + first["key"]})
            assert ann.path == "/decide?done=1" and game_of(one).latest(0).decision.plan["price"] == float(
                price
            )
            first["key"] += "x"
        ann.post("/decide", **second | {"do": "hand", "plan.messages": "3"})
        assert ann.status == 409 and "Price: 1.1 there, 1 when you opened the form" in ann.text
        ann.post("/decide", **ann.filled("/decide") | {"do": "hand"})
        plan = game_of(one).latest(0).decision.plan
        assert (plan["price"], plan["messages"]) == (1.1, 3)


def test_many_join_and_hand_in_at_once_and_each_is_kept(term):
    one, *_ = term
    people, done = {}, []

    def come(name):
        people[name] = one.student(name, 2)
        form = people[name].form("/forecast") | {
            "number": "5",
            "low": "1",
            "high": "9",
            "reason": f"{name} says so",
        }
        people[name].post("/forecast", **form)
        done.append(people[name].path)

    names = [f"Student {i}" for i in range(12)]
    crowd = [threading.Thread(target=come, args=(name,)) for name in names]
    [one.start() for one in crowd], [one.join() for one in crowd]
    assert done == ["/forecast?done=1"] * 12
    game = game_of(one)
    ids = {s.name: s.id for s in game.students.values()}
    assert {game.said_by(ids[name], 1).reason for name in names} == {f"{name} says so" for name in names}
    assert len({one.room.number_of(ids[name]) for name in names}) > 1


def test_a_page_hears_of_what_changes_and_two_instructors_advance_once(term):
    one, ann, _, first = term
    second = one.instructor()
    with ann.socket("student") as socket, first.socket("console") as console:
        assert "now" in heard(socket)["html"] and "teams" in heard(console)["html"]
        answers = []
        crowd = [
            threading.Thread(
                target=lambda who: answers.append(who.ask("POST", "/console", "do=advance&round=1")),
                args=(who,),
            )
            for who in (first, second)
        ]
        [one.start() for one in crowd], [one.join() for one in crowd]
        said = heard(socket)
        while said["stamp"].split(".")[1] != "1":
            said = heard(socket)
        assert "Round 2 of 3 is open" in said["html"]["now"]
    assert sorted((first.status, second.status)) == [303, 409]
    assert len(game_of(one).rounds) == 1 == len(one.room.game.rounds)


def test_results_customers_and_leaderboard_of_the_round(term):
    one, ann, bob, _ = term
    ann.get("/results")
    seen = game_of(one).rounds[0].outcomes[0]["seen"]
    assert ann.status == 200 and f"You ended the round with {seen['customers']:,} customers" in ann.text
    assert b"<svg" in (ann.get("/results/1/picture.svg"), ann.raw)[1]
    ann.get("/customers")
    assert "status == lapsed" in ann.text and f"{sum(seen['fired_rules']):,}" in ann.text
    table = ann.get("/customers.csv").splitlines()
    assert len(table) - 1 == len(game_records(one)) and "value_rank" in table[0]
    bob.get("/board")
    assert "Blue" in bob.text and bob.text.count("(you)") == 1
    form = bob.form("/decide")
    assert form["round"] == "2" and "Last round at 1" in bob.text


def game_records(one):
    from sim.classroom.markets import table_at

    game = one.room.game
    return table_at(game.settings, 0, game.decided).facts(0).database


def test_pages_and_files_may_be_mixed_and_both_are_shown(term, tmp_path):
    one, ann, _, instructor = term
    hand_in(ann, plan_of_price=1.07)
    (tmp_path / "blue.toml").write_text('team = "Blue"\nround = 2\n[plan]\nprice = 1.11\n')
    assert main(["class", "collect", str(one.room.folder), str(tmp_path / "blue.toml"), "--quiet"]) == 0
    with ann.socket("student") as socket:
        while "blue.toml" not in heard(socket)["html"]["now"]:  # the page sees what a command wrote
            pass
    ann.get("/decide")
    assert "page (Ann)" in ann.text and ann.text.index("blue.toml") < ann.text.index("this one counts")
    hand_in(ann, plan_of_price=1.07)  # the same again, on purpose: the last one counts
    assert game_of(one).latest(0).decision.plan["price"] == 1.07
    instructor.get("/console/team/0")
    assert "blue.toml" in instructor.text and "page (Ann)" in instructor.text


def test_the_form_as_a_file_is_a_decision_file(term, tmp_path):
    one, ann, *_ = term
    form = ann.form("/decide") | {
        "do": "file",
        "plan.price": "1.21",
        "plan.ask": "false",
        "if.0": "spent > 5",
        "then.0": "fire = true",
    }
    ann.ask(
        "POST", "/decide", "&".join(f"{k}={v}" for k, v in form.items()).replace(" ", "+").replace(">", "%3E")
    )
    assert ann.headers["content-disposition"] == 'attachment; filename="round-2.toml"'
    (tmp_path / "saved.toml").write_bytes(ann.raw)
    assert main(["class", "collect", str(one.room.folder), str(tmp_path / "saved.toml"), "--quiet"]) == 0
    latest = game_of(one).latest(0)
    assert (
        latest.source == "saved.toml"
        and latest.decision.plan["price"] == 1.21
        and latest.decision.plan["ask"] is False
    )
    assert latest.decision.rules == ({"if": "spent > 5", "then": {"fire": True}},)


def test_the_last_rule_can_be_taken_out_on_a_page_and_in_its_file(term):
    one, *_ = term
    game = one.room.game
    said = table_of(game, 0, {"round": "2", "plan.price": "1", "if.0": "", "then.0": ""})
    assert said["rules"] == [] and "rules = []" in file_of(said)


def test_the_console_renames_moves_books_pauses_and_opens_again(term):
    one, _, bob, instructor = term
    if not game_of(one).rounds:  # the tests before this one may run elsewhere
        instructor.post("/console", do="advance", round=1, anyway="1")
    game = game_of(one)
    assert len(game.rounds) == 1
    ids = {s.name: s.id for s in game.students.values()}
    for fields in (
        {"do": "rename", "team": 1, "name": "Reds"}, {"do": "move", "student": ids["Bob"], "team": 2},
        {"do": "book", "team": 0, "amount": "-20", "why": "loud"}, {"do": "remove", "team": 1}, {"do": "message", "message": "Hurry"},
        {"do": "show", "board": "scores", "hidden": "1"}, {"do": "deadline", "deadline": "2020-01-01T10:00"},
    ):  # fmt: skip
        instructor.post("/console", **fields)
        assert (instructor.status, instructor.path) == (200, "/console"), instructor.text
    game = game_of(one)
    assert game.teams[1] == "Reds" and game.removed == {1} and game.booked[-1].amount == -20.0
    assert bob.get("/play").count("Green") and "Hurry" in bob.text
    assert "counts as late, and costs 50 EUR" in bob.get("/decide")
    hand_in(bob)
    assert game_of(one).latest(2).late
    instructor.post("/console", do="pause")
    hand_in(bob, plan_of_price=1.3)
    assert "paused" in bob.text and game_of(one).latest(2).decision.plan["price"] != 1.3
    instructor.post("/console", do="resume")
    instructor.post("/console", do="undo", round=1)
    assert game_of(one).round == 1 and game_of(one).deadline == ""
    assert "taken out" not in instructor.text and "The join code" in instructor.text


def test_the_console_types_a_teams_decision_in_and_previews_without_keeping(term):
    one, _, _, instructor = term
    form = instructor.form("/console/team/2") | {"do": "hand", "plan.price": "1.33"}
    instructor.post("/console/team/2", **form)
    assert (
        game_of(one).latest(2).decision.plan["price"] == 1.33
        and game_of(one).latest(2).source == "console (instructor)"
    )
    before = Store(one.room.folder).events()
    instructor.post("/console/preview")
    assert "if it were played now" in instructor.text and Store(one.room.folder).events() == before
