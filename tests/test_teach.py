"""Questions of the lessons: own numbers for everybody, right answers from them, hints that never tell."""

from __future__ import annotations

import subprocess
import sys
from statistics import NormalDist
from types import SimpleNamespace

import pandas as pd
import pytest

import sim
from sim.teach import desk, hints, judging
from sim.teach.lessons import LESSONS, lesson04, lesson06, lesson09
from sim.teach.lessons.worlds import best
from sim.teach.question import WORDS

NAMES = list(LESSONS)


@pytest.fixture(autouse=True)
def nobody_has_begun(monkeypatch, tmp_path):
    monkeypatch.setattr(desk, "_started", {})
    monkeypatch.setattr(hints, "_memory", {})
    monkeypatch.setattr(hints, "_file", lambda: tmp_path / "hints.json")


def test_there_are_twelve_lessons_each_with_one_question_a_forecast_and_a_reason():
    table = sim.teach.lessons()
    assert len(table) == 12 and table["question"].str.endswith("?").all()
    for lesson in LESSONS.values():
        kinds = [one.kind for one in lesson.questions.values()]
        assert kinds.count("range") == 1 and kinds.count("text") == 1 and len(kinds) >= 4, lesson.name
        assert list(lesson.questions) == [f"q{n}" for n in range(1, len(kinds) + 1)]


def test_own_numbers_are_the_same_everywhere_and_others_for_others():
    own = sim.teach.start("lesson05", student="s1234567")
    assert own.numbers == {"seed": 304, "tells": 14} == sim.teach.start("Lesson 5", " S1234567 ").numbers
    many = {tuple(desk.own_numbers(LESSONS["lesson05"], f"s{n}").numbers.values()) for n in range(200)}
    assert len(many) > 180
    assert sim.teach.start("lesson05").numbers == {"seed": 11, "tells": 8}, "nobody's are the lesson's own"


@pytest.mark.parametrize("name", NAMES)
def test_the_right_answer_is_right_and_typical_mistakes_get_their_hint(name):
    own = sim.teach.start(name, student="s1234567")
    shown = repr(own) + own._repr_html_()
    for question, asked in LESSONS[name].questions.items():
        full = f"{name}.{question}"
        assert own.asked(question) in repr(own) and full in shown
        if asked.kind == "text":
            assert sim.teach.check(full, "word " * WORDS).right is None and not sim.teach.check(full, "few")
            continue
        truth = asked.answer(own)
        if asked.kind == "range":
            assert sim.teach.check(full, (truth - 1, truth + 1)).right is None
            best = asked.best(own)
            given = {
                "the best": (truth - best / 2, truth + best / 2),
                "half of it": (truth, truth + best / 2),
                "wide": (truth - judging.WORST * best, truth),
                "off": (truth + best, truth + 1.5 * best),
            }
            brings = {said: judging.points(asked, own, pair) for said, pair in given.items()}
            assert brings == {"the best": asked.points, "half of it": asked.points, "wide": 0, "off": 0}, name
            continue
        rights = {truth} if isinstance(truth, (str, float)) else truth
        assert rights and all(sim.teach.check(full, right).right for right in rights), full
        for trap in asked.traps:
            gives = trap.gives(own)
            if asked.kind == "choice":
                gives = min(gives)
            same = gives in rights if asked.kind == "choice" else asked.is_right(float(gives), float(truth))
            if not same:
                assert sim.teach.check(full, gives).hint in [each.hint for each in asked.traps], full
        wrong = (
            next(w for w in asked.words if w not in rights) if asked.kind == "choice" else 3.7 * truth + 1e6
        )
        for _ in range(6):
            said = sim.teach.check(full, wrong)
            assert said.right is False and said.hint
            if asked.kind == "number":
                assert f"{truth:.0f}" not in said.hint.split() and f"{truth:,.1f}" not in said.hint


def test_who_knows_the_luck_of_all_worlds_gets_nine_tenths_and_nobody_more_by_another_range():
    luck = NormalDist(300.0, 17.0)
    worlds = [luck.inv_cdf((n + 0.5) / 2000) for n in range(2000)]
    low, high = luck.inv_cdf(0.1), luck.inv_cdf(0.9)
    asked = LESSONS["lesson01"].questions["q1"]._replace(best=lambda _own: high - low)
    own = desk.own_numbers(LESSONS["lesson01"], "")

    def brings(wider: float) -> float:
        ends = (300.0 + wider * (low - 300.0), 300.0 + wider * (high - 300.0))
        return sum(judging.range_points(asked, own, *ends, came) for came in worlds) / 2000

    assert 0.9 < brings(1.0) / asked.points < 0.95
    others = [brings(wider) for wider in (0.0, 0.5, 0.8, 1.25, 1.5, 2.0)]
    assert max(others) < brings(1.0) and brings(2.0) > 0.7 * asked.points, others


@pytest.mark.parametrize(("name", "value"), [("lesson02", {}), ("lesson03", {"promise": 0.6})])
def test_the_best_range_of_a_forecast_is_that_of_its_market(name, value):
    lesson = LESSONS[name]
    asked = next(one for one in lesson.questions.values() if one.kind == "range")
    own, came = desk.own_numbers(lesson, ""), []
    own.numbers.update(value)
    for own.numbers["seed"] in range(11, 1011, 1000 // 12):
        came.append(asked.answer(own))
    spread = NormalDist().inv_cdf(0.9) * 2.0 * pd.Series(came).std()
    assert 0.6 < asked.best(own) / spread < 1.4


# Students whose right words differ: no word brings the points of a choice to all.
DIFFER = {
    "lesson04": ("q3", "s1001", "s1013"),
    "lesson06": ("q4", "s1000", "s1002"),
    "lesson07": ("q2", "s1000", "s1005"),
    "lesson08": ("q4", "s1004", "s1013"),
    "lesson10": ("q4", "s1000", "s1002"),
    "lesson12": ("q3", "s1000", "s1003"),
}


@pytest.mark.parametrize("name", DIFFER)
def test_no_word_is_right_for_everybody(name):
    question, *students = DIFFER[name]
    asked = LESSONS[name].questions[question]
    right = [asked.answer(desk.own_numbers(LESSONS[name], student)) for student in students]
    assert not frozenset.intersection(*right), right


def test_every_choice_has_students_whose_right_words_differ():
    choices = {
        (name, q)
        for name, one in LESSONS.items()
        for q, asked in one.questions.items()
        if asked.kind == "choice"
    }
    assert choices == {(name, question) for name, (question, *_) in DIFFER.items()}


def test_each_word_of_a_tie_is_right(monkeypatch):
    assert best({"a": 3.0, "b": 3.0, "c": 2.0}) == {"a", "b"}
    equities = {"none": 200.0, "apology": 215.0, "refund": 215.0, "compensation": 212.0}
    monkeypatch.setattr(lesson06, "_firm", lambda _own, name, _column: equities[name])
    sim.teach.start("lesson06", "tied")
    said = {word: bool(sim.teach.check("lesson06.q4", word)) for word in equities}
    assert said == {"none": False, "apology": True, "refund": True, "compensation": False}


def test_each_reason_of_a_tie_and_numbers_as_the_program_shows_them_are_right(monkeypatch):
    reasons = pd.DataFrame(
        {"reported": [171, 88, 88, 33], "remedy": [False, True, True, True]},
        index=["need ended", "price", "service failure", "messages"],
    )
    why = SimpleNamespace(reasons=reasons, accuracy=0.6846)
    monkeypatch.setattr(lesson04, "_why", lambda _own: why)
    monkeypatch.setattr(lesson09, "_north", lambda _own, times, _column: 2.857 * times)
    monkeypatch.setitem(LESSONS, "lesson09", LESSONS["lesson09"]._replace(holds=None))

    def right(question: str, *answers: object) -> list[bool]:
        return [bool(sim.teach.check(question, answer)) for answer in answers]

    sim.teach.start("lesson04", "k109")
    sim.teach.start("lesson09", "k109")
    words = ("price", "service failure", "messages")
    assert right("lesson04.q3", *words) == [True, True, False]
    assert right("lesson04.q4", 68.46, 68, 67) == [True, True, False]
    assert right("lesson09.q2", 2.857, 2.9, 3.0) == [True, True, False]


def test_a_seed_at_which_a_question_has_no_answer_is_drawn_again_and_the_same_everywhere(monkeypatch):
    first = desk.own_numbers(LESSONS["lesson02"], "ann")
    picky = LESSONS["lesson02"]._replace(holds=lambda own: own.seed != first.seed)
    again = desk.own_numbers(picky, "ann")
    assert again.seed != first.seed and again.numbers == desk.own_numbers(picky, " Ann").numbers
    assert {**again.numbers, "seed": 0} == {**first.numbers, "seed": 0}
    monkeypatch.setattr(lesson09, "_north", lambda own, times, _column: times * (own.seed % 10))
    seeds = [desk.own_numbers(LESSONS["lesson09"], f"s{n}").seed for n in range(30)]
    assert min(seed % 10 for seed in seeds) == 5, "twice the budget wins five more, or it is no question"


def test_slips_of_sign_and_unit_are_told_from_mistakes():
    own = sim.teach.start("lesson02", "x")
    truth = LESSONS["lesson02"].questions["q1"].answer(own)
    assert "sign" in sim.teach.check("lesson02.q1", -truth).hint
    assert "factor of 100" in sim.teach.check("lesson02.q1", truth / 100).hint
    assert "months and years" in sim.teach.check("lesson02.q1", truth * 12).hint


def test_what_is_no_answer_is_told_and_costs_no_hint():
    check = sim.teach.check
    assert "no answer yet" in check("lesson02.q1").hint and "no answer yet" in check("lesson02.q1", ...).hint
    assert "the text 'many'" in check("lesson02.q1", "many").hint
    assert "a table of 2" in check("lesson02.q1", pd.Series([1.0, 2.0])).hint
    assert "NaN" in check("lesson02.q1", float("nan")).hint
    assert "the lower first" in check("lesson02.q3", (3, 1)).hint
    assert "the lower first" in check("lesson02.q3", (float("nan"), 5.0)).hint
    assert 'did you mean "retainer"' in check("lesson12.q3", "retainr").hint
    assert check("lesson02.q1", "many").hints == 0
    assert check(
        "lesson02.q1", pd.Series([LESSONS["lesson02"].questions["q1"].answer(sim.teach.start("lesson02"))])
    ).right


def test_hints_are_counted_and_a_restart_forgets_none(monkeypatch):
    sim.teach.start("lesson02", "ann")
    said = [sim.teach.check("lesson02.q1", 1e9) for _ in range(3)]
    assert [one.hints for one in said] == [1, 2, 3] and said[0].hint != said[1].hint
    assert "lesson02.q1: not yet (hints: 3)" in repr(said[2])
    monkeypatch.setattr(hints, "_memory", {})
    assert sim.teach.check("lesson02.q1", 1e9).hints == 4
    sim.teach.start("lesson02", "bob")
    assert sim.teach.check("lesson02.q1", 1e9).hints == 1
    hints._file().write_text("damaged")
    assert sim.teach.check("lesson02.q1", 1e9).hints == 2, "counted on in memory"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sim.teach.start("leson03"), 'did you mean "lesson03"'),
        (lambda: sim.teach.start("lesson13"), "lesson"),
        (lambda: sim.teach.check("lesson03.q9", 1), "has no question"),
        (lambda: sim.teach.check("lesson03q2", 1), '"lesson03.q2"'),
        (lambda: sim.teach.check("lesson 3.Q2x", 1), 'did you mean "lesson03.q2"'),
    ],
)
def test_a_wrong_name_gets_the_nearest_right_one(call, says):
    with pytest.raises(ValueError, match="teach: ") as error:
        call()
    assert says in str(error.value)


def test_a_number_that_there_is_not_says_which_there_are():
    with pytest.raises(AttributeError, match="seed, tells"):
        _ = sim.teach.start("lesson05").tell


def test_it_needs_no_extra():
    program = (
        "import sys, sim; sim.teach.check('lesson02.q1', 3.0)\n"
        "print({'jupytext', 'nbformat', 'nbclient', 'psutil', 'IPython'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()", done.stdout
