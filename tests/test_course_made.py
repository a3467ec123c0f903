"""What is made of the lessons: a site without a broken link, notebooks for students, assignments for nbgrader."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.teach import desk, hints, sources
from sim.teach.lessons import LESSONS

pytestmark = pytest.mark.once

pytest.importorskip("jupytext", reason="the extra teach makes notebooks")

ROOT = Path(__file__).parents[1]
LESSON = "lesson05"  # the quickest


def made() -> Any:
    spec = importlib.util.spec_from_file_location("course_make", ROOT / "course" / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = made()


def test_students_get_no_solutions(tmp_path):
    assert make.main(["students", str(tmp_path / "out")]) == 0
    files = sorted((tmp_path / "out").iterdir())
    assert [file.stem for file in files] == list(LESSONS)
    assert not [file for file in files if "seed=5" in file.read_text(encoding="utf-8")]
    assert make.main(["students", str(tmp_path / "out")]) == 2, "never over what is there"


# ---------------------------------------------------------------- the site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("jupyter_book", reason="the extra teach makes the site")
    html: Path = make.write_site(tmp_path_factory.mktemp("site") / "site", outputs=False)
    return html


def test_the_site_has_every_page_and_no_broken_link_and_loads_nothing_from_elsewhere(site):
    assert make.faults_of(site) == []
    assert {f"{name}.html" for name in (*LESSONS, "index", "glossary")} <= {
        file.name for file in site.glob("*.html")
    }
    guide = (site / "instructor" / "guide.html").read_text(encoding="utf-8")
    assert 'alt="A scenario holds firms' in guide and "Common misconceptions" in guide
    page = (site / "lesson05.html").read_text(encoding="utf-8")
    assert "Each unhappy customer tells ten people" in page and "tag_hide-cell" in page
    assert page.count("dropdown admonition") == 2, "solutions are folded, their text as well"


def test_a_planted_fault_is_found(tmp_path):
    text = '<a href="gone.html">x</a><a href="#no">x</a><a href="b.html#yes">x</a><img src="https://example.org/x.png">'
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="yes">', encoding="utf-8")
    assert sorted(make.faults_of(tmp_path)) == [
        "a.html loads https://example.org/x.png", "a.html: #no has no such place", "a.html: gone.html leads nowhere",
    ]  # fmt: skip


# ---------------------------------------------------------------- nbgrader


def answered(notebook: dict[str, Any], student: str) -> dict[str, Any]:
    """What a student hands in who knows all answers."""
    own = desk.own_numbers(LESSONS[LESSON], student)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace('student=""', f'student="{student}"')
        grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")
        if not grade_id.endswith("-answer"):
            continue
        name = grade_id.removesuffix("-answer")
        asked = LESSONS[LESSON].questions[name]
        said: Any = "because it is so, " * 5
        if asked.answer is not None:
            said = asked.answer(own)
        if asked.kind == "choice" and not isinstance(said, str):  # several words may be right
            said = min(said)
        if asked.kind == "range":
            said = (said - 1, said + 1)
        cell["source"] = re.sub(
            rf"^{name} = None.*$", f"{name} = {said!r}", cell["source"], flags=re.MULTILINE
        )
    return notebook


@pytest.mark.slow
def test_an_nbgrader_course_is_generated_and_grades_a_full_and_a_blank_notebook(tmp_path, monkeypatch):
    apps = pytest.importorskip("nbgrader.apps", reason="the extra teach has nbgrader")
    from traitlets.config import Config

    course = tmp_path / "course"
    make.write_nbgrader(course)
    assert sorted(path.name for path in (course / "source").iterdir()) == list(LESSONS)
    monkeypatch.chdir(course)
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )  # alembic
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name.lower()))
    settings = Config()
    settings.CourseDirectory.root = str(course)
    settings.ClearSolutions.code_stub = {"python": "# your answer: change the line above"}
    grader = apps.NbGraderAPI(config=settings)
    assert grader.generate_assignment(LESSON)["success"]
    released = course / "release" / LESSON / f"{LESSON}.ipynb"
    blank = json.loads(released.read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in blank["cells"] if cell["cell_type"] == "code"]
    assert "q2 = None\n# your answer: change the line above" in code and "SOLUTION" not in "".join(code)
    for student, content in (("full", answered(json.loads(json.dumps(blank)), "full")), ("blank", blank)):
        folder = course / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(json.dumps(content), encoding="utf-8")
        assert grader.autograde(LESSON, student)["success"]
    scores = {one["student"]: one["score"] for one in grader.get_submissions(LESSON)}
    by_hand = ("text", "range")
    automatic = sum(asked.points for asked in LESSONS[LESSON].questions.values() if asked.kind not in by_hand)
    assert scores == {"full": automatic, "blank": 0}
    shutil.rmtree(course)


def assignment(lesson: str) -> Any:
    source = next(path for path in sources.lesson_files() if path.stem == lesson)
    return sources.assignment(sources.notebook(source), make.points)


def test_the_assignment_marks_every_question_once():
    whole = assignment(LESSON)
    marks = [cell.metadata.nbgrader for cell in whole.cells if "nbgrader" in cell.metadata]
    graded = {mark.grade_id: mark.points for mark in marks if mark.grade}
    assert graded == {"q1-answer": 2, "q2": 2, "q3": 2, "q4": 2, "q5-answer": 4}
    assert not any("assert" in cell.source and ".q1" in cell.source for cell in whole.cells)
    assert len({mark.grade_id for mark in marks}) == len(marks)


def test_a_test_cell_of_an_assignment_says_the_hint_that_is_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(hints, "_memory", {})
    monkeypatch.setattr(hints, "_file", lambda: tmp_path / "hints.json")
    (cell,) = (
        cell.source
        for cell in assignment("lesson02").cells
        if "assert" in cell.source and ".q1" in cell.source
    )
    with pytest.raises(AssertionError) as error:
        exec(cell, {"sim": sim, "q1": -1e9})
    assert LESSONS["lesson02"].questions["q1"].hints[0] in str(error.value)
