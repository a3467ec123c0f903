"""A served class of one round, by hand: what is typed, printed sheets, who joins after the end, another model's game."""

import html
import sys

import pytest
from classroom_bots import small
from classroom_visitors import hand_in, served

from sim.classroom import desk, moves, truths
from sim.classroom.server import debrief, exports, fields, workers
from sim.extras import cure


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """A game of one round of a month, served and not played yet, with a student."""
    folder = tmp_path_factory.mktemp("one") / "term"
    desk.new_game(folder, small(2, rounds=1, months=1))
    with served(folder) as one:
        yield one, one.student("Ann", 0), one.instructor()


def test_separators_of_thousands_are_refused_and_make_no_other_number(term):
    one, ann, _ = term
    ann.post(
        "/forecast", **ann.form("/forecast") | {"number": "12,000", "low": "11.000", "high": "1,000,000"}
    )
    assert ann.status == 422 and "without separators of thousands: 12000 (got 12,000)" in ann.text
    assert "11000 (got 11.000)" in ann.text and "1000000 (got 1,000,000)" in ann.text
    hand_in(ann, plan_of_price="1,040", plan_of_advertising="12,000", forecast_of_profit="-1.500")
    assert ann.status == 422 and "12000 (got 12,000)" in ann.text and "-1500 (got -1.500)" in ann.text
    hand_in(ann, plan_of_price="1,040", plan_of_advertising="41.1250", forecast_of_profit="1500,5")
    handed = one.room.game.latest(0)
    assert handed.decision.plan["price"] == 1.04 and handed.forecast == {"profit": 1500.5}
    assert handed.decision.plan["advertising"] == 41.125


def test_an_amount_with_three_decimals_is_shown_as_it_can_be_handed_in_again(term):
    one, ann, _ = term
    hand_in(ann, plan_of_advertising="41.1250")
    hand_in(ann, plan_of_price="1.125")  # the form as it stands
    plan = one.room.game.latest(0).decision.plan
    assert (plan["advertising"], plan["price"]) == (41.125, 1.125)
    assert fields.written(41.125, "advertising") == "41.1250" and fields.written(1.125, "price") == "1.125"


@pytest.fixture(scope="module")
def over(term):
    """The same, after its only round."""
    one, _, instructor = term
    instructor.post("/console", key="last", do="advance", round=1, anyway=1)
    assert one.room.game.is_over
    return term


def test_a_printable_sheet_may_use_its_own_style_and_picture(over):
    _, _, instructor = over
    instructor.get("/console/sheet/0/1")
    said = {name.lower(): value for name, value in instructor.headers.items()}
    assert said["content-security-policy"] == exports.SHEET_POLICY and "<style" in instructor.text
    assert said["x-content-type-options"] == "nosniff" and said["cache-control"] == "no-store"


def test_who_joins_after_the_last_round_sees_the_pages_of_the_team(over):
    one, *_ = over
    zoe = one.student("Zoe", 1)
    for path in ("/play", "/decide", "/forecast", "/results", "/customers", "/board"):
        zoe.get(path)
        assert zoe.status == 200 and zoe.path == path, path
    zoe.get("/")
    assert zoe.path == "/play" and zoe.status == 200


def test_what_another_model_would_compute_otherwise_is_refused_and_the_rest_is_shown(over, monkeypatch):
    _, ann, instructor = over
    monkeypatch.setattr(moves, "MODEL_VERSION", "0")
    for path in ("/console/debrief/0", "/console/debrief/1"):
        instructor.get(path)
        assert instructor.status == 409 and "and this is 0" in instructor.text
    for path in ("/customers", "/customers.csv"):
        ann.get(path)
        assert ann.status == 409 and "and this is 0" in ann.text
    instructor.get("/console/team/0")
    assert instructor.status == 200 and "and this is 0" in instructor.text and "<tbody>" in instructor.text
    assert "segment guess" not in instructor.text  # no database, but the book of the round
    ann.get("/results")
    assert ann.status == 200 and "<tbody>" in ann.text


def test_a_method_whose_package_is_missing_says_so_below_the_true_values(over, monkeypatch):
    one, _, instructor = over
    for name, less in (("FUTURES", 2), ("MONTHS", 1)):
        monkeypatch.setattr(truths, name, less)
    for part in ("special", "optimize"):
        monkeypatch.setitem(sys.modules, f"scipy.{part}", None)
    game = one.room.game
    found = workers.debrief(game.settings, game.settings.seat(1).market, game.decided, 1)

    async def told(self, team):
        return found

    monkeypatch.setattr(debrief.Debriefs, "of", told)
    instructor.get("/console/debrief/1")
    said = f"No value by fitted model: this needs the package SciPy, which is not installed: {cure('fit')}."
    assert instructor.status == 200 and html.unescape(instructor.text).count(said) == 1
