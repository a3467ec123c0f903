"""`tenfold grade`: notebooks of a class, each held within limits; whatever one does, the others are graded."""

from __future__ import annotations

import csv
import json
import zipfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.teach import desk
from sim.teach.grading import archive, book, grader, limits
from sim.teach.lessons import LESSONS

pytestmark = pytest.mark.once

pytest.importorskip("psutil", reason="the extra teach holds notebooks within memory")

LESSON = "lesson02"


def written(*cells: str, outputs: list[Any] | None = None) -> bytes:
    """A notebook with these cells of code."""
    made = [
        {"cell_type": "code", "source": cell.splitlines(True), "outputs": outputs or [], "metadata": {}}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def begins(student: str, lesson: str = LESSON) -> str:
    return f'import sim\nown = sim.teach.start("{lesson}", student="{student}")'


def answers(student: str, *questions: str) -> str:
    own = desk.own_numbers(LESSONS[LESSON], student)
    lines = []
    for name in questions:
        asked = LESSONS[LESSON].questions[name]
        said = repr("because it is so, " * 5) if asked.kind == "text" else repr(asked.answer(own))
        lines.append(f'sim.teach.check("{LESSON}.{name}", {said})')
    return "\n".join(lines)


def graded(data: bytes, file: str = "x.ipynb") -> grader.Graded:
    fault = "" if archive.cells(data) is not None else "it is no notebook"
    return grader.grade(archive.HandedIn(file, data, (2026, 1, 1, 0, 0, 0), fault), LESSON)


@pytest.fixture(scope="module")
def good() -> grader.Graded:
    shown = [
        {"output_type": "stream", "name": "stdout", "text": [f"{LESSON}.q2: not yet (hints: 3). Think\n"]}
    ]
    return graded(written(begins("S17 "), answers("s17", "q1", "q2", "q5"), outputs=shown))


def test_right_answers_bring_their_points_and_a_reason_waits_for_a_person(good):
    assert (good.student, good.points) == ("s17", {"q1": 2.0, "q2": 2.0, "q3": 0.0, "q4": 0.0, "q5": None})
    assert good.texts["q5"].startswith("because") and good.hints == {"q2": 3}
    assert good.faults == ["q3: not reached", "q4: not reached"]


def test_where_the_system_can_forbid_it_there_is_no_network(good):
    if good.network:
        pytest.skip("this system lets nobody but root cut a program off")
    tried = graded(
        written(begins("a"), "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=2)")
    )
    assert any("Network is unreachable" in fault for fault in tried.faults)


def test_a_cell_that_fails_is_named_and_the_next_is_run():
    done = graded(
        written(
            begins("a"), "1 / 0", "x = (", answers("a", "q1"), "import sys; sys.exit(3)", answers("a", "q2")
        )
    )
    assert (done.points["q1"], done.points["q2"]) == (2.0, 2.0)
    assert [fault.split(":")[0] for fault in done.faults][:3] == ["cell 2", "cell 3", "cell 5"]
    assert "ZeroDivisionError" in done.faults[0] and "SyntaxError" in done.faults[1]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("while True: pass", "ran for more than 6 seconds"),
        ("import os; os._exit(7)", "ended Python before its last cell (exit status 7)"),
        ("import time, subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\ntime.sleep(60)", "ran for more than 6"),
        ("hoard = []\nwhile True: hoard.append(bytearray(10**7))", "memory"),
    ],
)  # fmt: skip
def test_a_notebook_beyond_its_limits_is_stopped_and_what_it_said_before_counts(cell, says, monkeypatch):
    import psutil

    monkeypatch.setattr(limits, "SECONDS", 60.0 if says == "memory" else 6.0)
    before = {one.pid for one in psutil.process_iter()}
    quick = f'from sim import teach\nteach.start("{LESSON}", student="a")\nteach.check("{LESSON}.q1", 1.0)'
    done = graded(written(quick, cell))
    assert done.student == "a" and any(says in fault for fault in done.faults), done.faults
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    assert not [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"not a notebook", "it is no notebook"),
        (written("x = 1"), f"it never starts {LESSON}"),
        (written(begins("a", "lesson03")), f"it is of lesson03, not of {LESSON}"),
        (written(begins("")), "does not say whose it is"),
    ],
)
def test_a_notebook_that_cannot_count_says_why(data, says):
    done = graded(data)
    assert says in done.faults[0] and not any(done.points.values())


def test_a_forged_note_brings_nothing():
    forged = f'import os\nopen(os.environ["{desk.NOTES}"], "a").write(\'{{"question": "{LESSON}.q1", "answer": 1}}\\n[3]\\nnonsense\\n\')'
    assert graded(written(begins("a"), forged)).points["q1"] == 0.0


# ---------------------------------------------------------------- the whole command


@pytest.fixture()
def class_of_four(tmp_path, monkeypatch) -> Path:
    """A ZIP as a platform gives it, and a class list; what a notebook's run gives is known without running it."""
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("in.zip", "w") as made:
        for name, data, day in (
            ("Ann_1_file/a b.ipynb", written(begins("s1")), 1), ("../../evil é.IPYNB", written(begins("S2")), 2),
            ("Ann_1_file/later.ipynb", written(begins("s1"), "late = 1"), 3), ("x.ipynb", b"{", 1),
            ("stranger.ipynb", written(begins("s9")), 1), ("__MACOSX/._a b.ipynb", b"", 1), ("notes.docx", b"", 1),
        ):  # fmt: skip
            made.writestr(zipfile.ZipInfo(name, (2026, 1, day, 0, 0, 0)), data)
    Path("class.csv").write_text(
        "Student;SIS User ID;Section\n=Ann;S1;A\nBob;s2;B\nCid;s3;B\n", encoding="utf-8"
    )
    return tmp_path


def known(one: archive.HandedIn, lesson: str) -> grader.Graded:
    """Stands for a run: two points for whoever is named."""
    said = archive.says(one.data)
    none = {name: None if asked.kind == "text" else 0.0 for name, asked in LESSONS[lesson].questions.items()}
    if one.fault:
        return grader.Graded(one.file, "", none, {}, {}, [one.fault], 0.0, False)
    return grader.Graded(
        one.file, said[0][1].casefold(), none | {"q1": 2.0}, {"q1": 1}, {"q5": "=1+1"}, [], 1.0, False
    )


class Pool:
    """A pool of processes that works here and now."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.grade = known

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None: ...

    def shutdown(self, **_: Any) -> None: ...

    def submit(self, _function: Any, *words: Any) -> Any:
        from concurrent.futures import Future

        done: Future[Any] = Future()
        RUNS.append(words[0].file)
        done.set_result(self.grade(*words))
        return done


RUNS: list[str] = []


def rows(file: str = "grades.csv") -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_table_has_the_class_lists_own_columns_and_a_reason_for_everything(
    class_of_four, monkeypatch, capsys
):
    monkeypatch.setattr(book, "ProcessPoolExecutor", Pool)
    RUNS.clear()
    assert main(["grade", "in.zip", "2", "--roster", "class.csv"]) == 0
    out, err = capsys.readouterr()
    assert "2 graded, 3 failed (named below), wrote grades.csv" in out
    assert "they are programs of your students" in err and "notes.docx" in err
    ann, bob, cid, *others = rows()
    assert list(ann)[:5] == ["Student", "SIS User ID", "Section", "file", "points"]
    assert (ann["Student"], ann["SIS User ID"], ann["points"], ann["q1"], ann["q5"]) == (
        "'=Ann",
        "S1",
        "2",
        "2",
        "",
    )
    assert ann["file"].endswith("later.ipynb") and "a b.ipynb is older and does not count" in ann["remarks"]
    assert (bob["points"], bob["hints q1"], bob["hints"]) == ("2", "1", "1")
    assert (cid["points"], cid["remarks"]) == ("", "nothing handed in")
    assert {one["remarks"] for one in others} == {"not on the class list", "it is no notebook"}
    assert {one["text"] for one in rows("grades-texts.csv")} == {"'=1+1"}
    assert sorted(path.name for path in class_of_four.iterdir()) == [
        "class.csv",
        "grades-kept",
        "grades-texts.csv",
        "grades.csv",
        "in.zip",
    ]


def test_what_was_stopped_goes_on_and_nothing_is_run_twice(class_of_four, monkeypatch, capsys):
    class Stops(Pool):
        def submit(self, function: Any, *words: Any) -> Any:
            if len(RUNS) == 2:
                raise KeyboardInterrupt
            return super().submit(function, *words)

    RUNS.clear()
    handed, _ = archive.notebooks_in(Path("in.zip"))
    monkeypatch.setattr(book, "ProcessPoolExecutor", Pool)
    book.grade_all(handed[:2], LESSON, Path("grades-kept"))
    assert main(["grade", "in.zip", LESSON, "--quiet"]) == 0
    assert len(RUNS) == len(set(RUNS)) == 5
    assert main(["grade", "in.zip", LESSON]) == 2
    assert "grades.csv is there already; --force" in capsys.readouterr().err
    assert main(["grade", "in.zip", LESSON, "--force", "--quiet"]) == 0 and len(RUNS) == 5


def test_a_notebook_that_ends_the_process_of_its_grading_costs_nobody_else(
    class_of_four, monkeypatch, capsys
):
    class Breaks(Pool):
        def __init__(self, count: int, **_: Any) -> None:
            super().__init__()
            self.broken = False

        def submit(self, function: Any, *words: Any) -> Any:
            self.broken = self.broken or "evil" in words[0].file
            done = super().submit(function, *words)
            if self.broken:
                done = type(done)()
                done.set_exception(BrokenProcessPool("ended abruptly"))
            return done

    monkeypatch.setattr(book, "ProcessPoolExecutor", Breaks)
    assert main(["grade", "in.zip", LESSON, "--roster", "class.csv", "--quiet"]) == 0
    ann, bob, *_ = rows()
    assert ann["points"] == "2" and bob["points"] == ""
    assert any("ended abruptly" in one["remarks"] for one in rows())
    assert len(list(Path("grades-kept").iterdir())) == 4, "what failed is tried again by the same command"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grade", "class.csv", LESSON], "no ZIP file"),
        (["grade", "in.zip", "leson02"], 'did you mean "lesson02"'),
        (["grade", "empty.zip", LESSON], "no notebook (.ipynb) in it, but 1 other files"),
        (["grade", "in.zip", LESSON, "--roster", "in.zip"], "in.zip"),
        (["grade", "gone.zip", LESSON], "gone.zip"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_written(class_of_four, words, says, capsys):
    with zipfile.ZipFile("empty.zip", "w") as made:
        made.writestr("a.txt", "x")
    assert main(words) == 2
    assert says in capsys.readouterr().err
    assert not Path("grades.csv").exists() and not Path("grades-kept").exists()
