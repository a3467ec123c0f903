"""The lessons: each runs from top to bottom, says what its runs show, and all 126 concepts are taught."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from test_notebooks import names_of_sim

import sim
from sim.teach import judging, sources
from sim.teach.lessons import LESSONS

pytestmark = pytest.mark.once

LESSON_FILES = sources.lesson_files()
TAUGHT = re.compile(r"^# - \*\*(\d+)\*\* \S.{20,}$", re.MULTILINE)
CONCEPTS = 126
PARTS = ("## Theory in brief", "## The experiment", "### Things to notice", "## Exercises",
         "## Solutions, with other numbers", "## Debrief", "## To read", "## Concepts taught")  # fmt: skip

SWING = "variance of orders / of sales"
WAIT = "wait for goods, %"
"""A column of lesson 12."""

ran: dict[str, dict[str, Any]] = {}
"""What each lesson's names were at its end, for the tests of its figures."""


def text_of(name: str) -> str:
    return next(path for path in LESSON_FILES if path.stem == name).read_text(encoding="utf-8")


def cells_of(text: str) -> list[tuple[str, str]]:
    heads = re.findall(r"(?m)^# %%.*$", text)
    return list(zip(heads, re.split(r"(?m)^# %%.*$", text)[1:], strict=True))


def test_there_is_a_source_for_each_lesson():
    assert [path.stem for path in LESSON_FILES] == list(LESSONS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_all_its_parts_in_their_order(name):
    text, lesson = text_of(name), LESSONS[name]
    assert re.search(rf"^# # {int(name[-2:])}\. {re.escape(lesson.title)}$", text, re.MULTILINE)
    assert f"**The question.** {lesson.question}" in text
    places = [text.index(f"# {part}\n") for part in PARTS]
    assert places == sorted(places)
    minutes = [(int(a), int(b)) for a, b in re.findall(r"^# \| (\d+) to (\d+) \|", text, re.MULTILINE)]
    assert minutes[0][0] == 0 and minutes[-1][1] == 75
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(minutes))
    assert len(re.findall(r"\(\d{4}\)", text.split("## To read")[1])) >= 3, "a reading list"


@pytest.mark.parametrize("name", LESSONS)
def test_its_exercises_are_the_questions_in_their_order(name):
    found = [
        m
        for _, cell in cells_of(text_of(name))
        if (m := sources.EXERCISE.search(cell.strip().split("\n")[-1]))
    ]
    assert [(m[1], m[2], m[3]) for m in found] == [(name, q, q) for q in LESSONS[name].questions]


@pytest.mark.parametrize("name", LESSONS)
def test_it_uses_public_names_only(name):
    text = text_of(name)
    for used in names_of_sim(text):
        first = used.split(".")[0]
        assert first in {*sim.__all__, "metrics", "show", "teach"}, f"sim.{used}"
        if used.startswith("teach."):
            assert used.split(".")[1] in sim.teach.__all__
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert ast.unparse(node) in ("import sim", "import pandas as pd")
        assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))


@pytest.mark.parametrize("name", LESSONS)
def test_its_solutions_use_other_numbers_than_any_student_has(name):
    solutions = "".join(cell for head, cell in cells_of(text_of(name)) if "solution" in head)
    assert "seed=5" in solutions and 5 not in LESSONS[name].numbers["seed"]


@pytest.mark.parametrize("name", LESSONS)
def test_it_runs_from_top_to_bottom(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": name}
    exec(compile(text_of(name), f"course/{name}.py", "exec"), names)
    plt.close("all")
    assert list(tmp_path.iterdir()) == [], "a lesson writes files"
    ran[name] = names


WORDS = {7: "seven", 8: "eight", 9: "nine"}


def paused(customers: Any) -> Any:
    """Customers of Pulse for more than a year who bought nothing in it."""
    return (customers.supplier == "Pulse") & (customers.tenure > 12) & (customers.year_spent == 0)


def no_sign(table: Any) -> Any:
    """Whether the interval of Pulse's customer equity, a row an alternative, holds 0."""
    rows = table.query("firm == 'Pulse' and segment == 'all' and metric == 'customer_equity'")
    return (rows.low < 0) & (rows.high > 0)


def a_head(origin: Any) -> list[float]:
    """Revenue a head of ProStack's customers who came by affiliates, and by themselves."""
    rows = origin.query("firm == 'ProStack'").set_index("won_by")
    return [rows.revenue[way] / rows.customers[way] for way in ("affiliate", "itself")]


def best_around(names: Any, middle: float) -> list[float]:
    """The ends of the best range of lesson 1's forecast."""
    wide = LESSONS["lesson01"].questions["q1"].best(names["own"])
    return [middle - wide / 2, middle + wide / 2]


def brought(names: Any, low: float, high: float) -> float:
    """The share of its points that a range brings in lesson 1 where it holds."""
    asked = LESSONS["lesson01"].questions["q1"]
    return round(judging.range_points(asked, names["own"], low, high, low) / asked.points, 2)


# What a text says, and what the lesson's own run must give for it: the text, the value, its form.
FIGURES = {
    "lesson01": (
        ("450 accounts instead of 268", lambda n: n["lager"].customers["matched"], "{:.0f} accounts instead of 268"),
        ("52 % of those", lambda n: 100 * n["share"].Express[6], "{:.0f} % of those"),
        ("eight worlds in ten end between 272 and 298", lambda n: best_around(n, 285), "eight worlds in ten end between {:.0f} and {:.0f}"),
        ("from 259 to 311, twice as wide, brings four", lambda n: {0.8: "four"}[brought(n, 259, 311)], "from 259 to 311, twice as wide, brings {}"),
        ("from 200 to 320 a quarter", lambda n: {0.28: "a quarter"}[brought(n, 200, 320)], "from 200 to 320 {}"),
        ("Corner has 58 %", lambda n: 100 * n["share"].Corner[36], "Corner has {:.0f} %"),
    ),
    "lesson02": (
        ("the database says 155 EUR", lambda n: n["worth"].per_customer["database"], "the database says {:.0f} EUR"),
        ("the multiple 238", lambda n: n["worth"].per_customer["multiple"], "the multiple {:.0f}"),
        ("a mere pause may look like a loss", lambda n: "pause" if paused(n["shop"].customers).any() else "stay", "a mere {} may look like a loss"),
    ),
    "lesson03": (
        ("loses 50 customers", lambda n: n["steps"].customers[0.0] - n["steps"].customers[-0.3], "loses {:.0f} customers"),
        ("gains 33.", lambda n: n["steps"].customers[0.3] - n["steps"].customers[0.0], "gains {:.0f}."),
        ("over ten seeds it loses 52 and gains 50.", lambda n: list(n["moved"].mean()), "over ten seeds it loses {:.0f} and gains {:.0f}."),
        ("the size is ours", lambda n: re.search(r"size (\w+)", str(sim.explain("serve.loss_weight")))[1], "the size is {}"),
        ("Corner's guests pay 8.7 %", lambda n: n["premium"].query("firm == 'Corner'").price_premium.mean(), "Corner's guests pay {:.1f} %"),
    ),
    "lesson04": (
        ("truth in 70 %", lambda n: 100 * n["why"].accuracy, "truth in {:.0f} %"),
        ("reports 51 times", lambda n: n["why"].reasons.reported["messages"], "reports {:.0f} times"),
        ("by 4 points from the first", lambda n: 100 * (n["ages"]["it does not"][3] - n["ages"]["it does not"][1]), "by {:.0f} points from the first"),
        ("it rises by 2 points too", lambda n: 100 * (n["ages"]["nor does anybody differ"][3] - n["ages"]["nor does anybody differ"][1]), "it rises by {:.0f} points too"),
        ("(11 points in the first column", lambda n: 100 * (n["ages"]["loyalty grows"][3] - n["ages"]["loyalty grows"][1]), "({:.0f} points in the first column"),
        ("After eight offers in a hundred", lambda n: WORDS[round(100 * n["operator"].months.query("firm == 'Meridian'").win_back_rate.iloc[-1])], "After {} offers in a hundred"),
    ),
    "lesson05": (
        ("28,054 hearings", lambda n: n["clubs"]["heard good"]["as it is", "club"], "{:,.0f} hearings"),
        ("from 297 at silence", lambda n: n["guests"].Corner[0], "from {:.0f} at silence"),
        ("to 270 at twenty", lambda n: n["guests"].Corner[20], "to {:.0f} at twenty"),
        ("hears the news 2.1 times", lambda n: n["news"].told_bad[20] / n["news"].reached_bad[20], "hears the news {:.1f} times"),
    ),
    "lesson06": (
        ("3 % are voiced", lambda n: 100 * n["heard"]["failures voiced"]["basic"], "{:.0f} % are voiced"),
        ("52 % to one that calls", lambda n: 100 * n["heard"]["failures voiced"]["accountable"], "{:.0f} % to one that calls"),
        ("no answer earns 885 EUR less", lambda n: -n["paid"].set_index("alternative").difference["none"], "no answer earns {:.0f} EUR less"),
        ("customers, 1,502 EUR less", lambda n: -n["paid"].set_index("alternative").difference["compensation"], "customers, {:,.0f} EUR less"),
        ("two things are sure", lambda n: {2: "two"}[int(n["paid"].eval("high < 0").sum())], "{} things are sure"),
    ),
    "lesson07": (
        ("152 and 125 in month 30", lambda n: n["customers"].financial[30] - n["customers"]["none"][30], "{:.0f} and 125 in month 30"),
        ("99 of the discount's", lambda n: n["customers"].financial[36] - n["customers"]["none"][36], "{:.0f} of the discount's"),
        ("at 800 partnership", lambda n: n["equity"].idxmax(axis=1)[800], "at 800 {}"),
    ),
    "lesson08": (
        ("has 29 more customers", lambda n: n["leaks"]["customers 2 years on"].diff().iloc[-1], "has {:.0f} more customers"),
        ("18,487 EUR against", lambda n: n["north"]["interruption"].profit[:6].sum(), "{:,.0f} EUR against"),
        ("It mails 1,337 people", lambda n: n["north"]["interruption"].reachable[36], "It mails {:,.0f} people"),
        ("two kinds of luck cannot tell modules", lambda n: "cannot" if no_sign(n["fits"].table.query("alternative.str.startswith('one')")).all() else "can", "two kinds of luck {} tell modules"),
    ),
    "lesson09": (
        ("from 0 to 15 in one", lambda n: int(n["budgets"].cost_ratio.max()), "from 0 to {} in one"),
        ("262 EUR of revenue against 167", lambda n: a_head(n["origin"]), "{:.0f} EUR of revenue against {:.0f}"),
        ("they bring less, 188 against 210", lambda n: a_head(sim.metrics.revenue_by_origin(sim.run("web_shop", seed=2))), "they bring less, {:.0f} against {:.0f}"),
        ("wins 915 customers in", lambda n: n["allied"]["won in 4 years"]["partners send"], "wins {:.0f} customers in"),
        ("instead of 795 (who", lambda n: n["allied"]["won in 4 years"]["alone"], "instead of {:.0f} (who"),
        ("falls from 114,978 EUR", lambda n: n["allied"]["customer equity"]["partners send"], "falls from {:,.0f} EUR"),
        ("to 93,977 EUR", lambda n: n["allied"]["customer equity"]["partners send and deliver"], "to {:,.0f} EUR"),
    ),
    "lesson10": (
        ("climbs to 242 %", lambda n: n["wire"]["peak, % of profit"]["nothing"], "climbs to {:.0f} %"),
        ("brings it down to 103 %", lambda n: n["wire"]["peak, % of profit"]["look inside first"], "brings it down to {:.0f} %"),
        ("with 4 % fewer", lambda n: 100 * (1 - n["wire"].customers["look inside first"] / n["wire"].customers["nothing"]), "with {:.0f} % fewer"),
        ("makes seven times the profit", lambda n: {7: "seven"}[round(n["wire"].profit["look inside first"] / n["wire"].profit["nothing"])], "makes {} times the profit"),
        ("firing triples the profit", lambda n: {3: "triples"}[round(n["wire"].profit["fire the unprofitable"] / n["wire"].profit["nothing"])], "firing {} the profit"),
        ("and loses 9 % of", lambda n: 100 * (1 - n["wire"].customers["fire the unprofitable"] / n["wire"].customers["nothing"]), "and loses {:.0f} % of"),
        ("271 of the 315", lambda n: int((n["largest"].by_profit <= n["fifth"]).sum()), "{} of the 315"),
        ("of the 315 largest", lambda n: len(n["largest"]), "of the {} largest"),
    ),
    "lesson11": (
        ("(7 in a hundred)", lambda n: 100 * n["shown"]["hit rate"]["collaborative"], "({:.0f} in a hundred)"),
        ("993 customers instead of 996", lambda n: n["direct"].customers[1.0], "{:.0f} customers instead of 996"),
        ("it has 62 fewer", lambda n: n["direct"].customers[0.0] - n["direct"].customers[0.5], "it has {:.0f} fewer"),
        ("stand for 30 % of all spend", lambda n: 100 * n["cells"].spent.max() / n["cells"].spent.sum(), "stand for {:.0f} % of all spend"),
    ),
    "lesson12": (
        ("*retainer* is the best answer", lambda n: n["payoffs"]("Corner").idxmax().unique().item(), "*{}* is the best answer"),
        ("North is worth 27 % more", lambda n: 100 * (n["parts"]["customer equity"]["all three"] / n["parts"]["customer equity"]["as usual"] - 1), "North is worth {:.0f} % more"),
        ("from 0.87 to 0.34", lambda n: n["parts"]["capability"]["without configuration"], "from 0.87 to {:.2f}"),
        ("to 0.42 without orientation", lambda n: n["parts"]["capability"]["without orientation"], "to {:.2f} without orientation"),
        ("suffers most without orientation", lambda n: n["parts"]["customer equity"].filter(like="without").idxmin(), "suffers most {}"),
        ("ends at 0.47 instead", lambda n: n["parts"]["employees' satisfaction"]["without orientation"], "ends at {:.2f} instead"),
        ("5.5 times the variance of sales", lambda n: n["chain"][SWING][4, 0.0], "{:.1f} times the variance of sales"),
        ("four months (2.4 times the swing)", lambda n: n["chain"][SWING][4, 0.0] ** 0.5, "four months ({:.1f} times the swing)"),
        ("1 % of the orders wait for goods instead of 6 %", lambda n: [n["chain"][WAIT][4, shared] for shared in (1.0, 0.0)], "{:.0f} % of the orders wait for goods instead of {:.0f} %"),
        ("see demand bring it to 1.5", lambda n: n["chain"][SWING][4, 1.0], "see demand bring it to {:.1f}"),
        ("he always plays *acquirer*", lambda n: n["payoffs"]("Corner", "customers").idxmax().unique().item(), "he always plays *{}*"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LESSONS)
def test_the_figures_in_the_text_are_those_of_its_run(name, monkeypatch, tmp_path):
    if name not in ran:
        test_it_runs_from_top_to_bottom(name, monkeypatch, tmp_path)
    text = " ".join(text_of(name).replace("\n# ", " ").split())
    for said, value, form in FIGURES[name]:
        assert said in text
        found = value(ran[name])
        assert form.format(*(found if isinstance(found, list) else [found])) == said


def test_the_guide_says_which_question_of_each_lesson_is_the_forecast():
    asked = {
        name: next(q for q, one in lesson.questions.items() if one.kind == "range")
        for name, lesson in LESSONS.items()
    }
    others = [f"in lesson {int(name[-2:])} {q}" for name, q in asked.items() if q != "q1"]
    guide = (LESSON_FILES[0].parent / "instructor" / "guide.md").read_text(encoding="utf-8")
    assert f"forecasts ({'; '.join(['q1', *others])})" in guide
    assert all([*lesson.questions.values()][-1].kind == "text" for lesson in LESSONS.values())


def test_every_concept_is_taught_in_one_lesson():
    listed = tomllib.loads((Path(__file__).parents[1] / "sim" / "concepts.toml").read_text(encoding="utf-8"))[
        "concept"
    ]
    taught = {name: [int(number) for number in TAUGHT.findall(text_of(name))] for name in LESSONS}
    every = [number for numbers in taught.values() for number in numbers]
    assert sorted(every) == list(range(1, CONCEPTS + 1))
    assert {one["id"] for one in listed} <= set(every), "a concept of the registry that no lesson teaches"
    assert all(numbers == sorted(numbers) and numbers for numbers in taught.values())


def test_notebooks_are_made_of_them_with_and_without_solutions():
    pytest.importorskip("jupytext")
    import nbformat

    for source in LESSON_FILES:
        whole = sources.notebook(source)
        nbformat.validate(whole)
        assert sources.as_bytes(whole) == sources.as_bytes(sources.notebook(source)), (
            "the same bytes each time"
        )
        code = [cell for cell in whole.cells if cell.cell_type == "code"]
        assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
        folded = [cell for cell in code if "solution" in cell.metadata.get("tags", [])]
        assert folded and all(cell.metadata.jupyter.source_hidden for cell in folded)
        (heading,) = (cell for cell in whole.cells if cell.metadata.get("jp-MarkdownHeadingCollapsed"))
        assert heading.source == "## Solutions, with other numbers", "its text is folded with what follows"
        bare = sources.as_bytes(sources.without_solutions(whole)).decode()
        assert "seed=5" not in bare and "Solutions, with other numbers" not in bare and "## Debrief" in bare
