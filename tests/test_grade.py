"""One notebook graded, held within limits: points, reasons, what it cannot do."""

from __future__ import annotations

import json
import site
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from sim.teach import desk
from sim.teach.grading import archive, grader, limits
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
    again = f'sim.teach.check("{LESSON}.q2", None)'  # the template's empty cell, run again below the answer
    return graded(written(begins("S17 "), answers("s17", "q1", "q2", "q5"), again, outputs=shown))


def test_right_answers_bring_their_points_and_a_reason_waits_for_a_person(good):
    assert (good.student, good.points) == ("s17", {"q1": 2.0, "q2": 2.0, "q3": 0.0, "q4": 0.0, "q5": None})
    assert good.texts["q5"].startswith("because") and good.hints == {"q2": 3}
    assert good.faults == ["q3: its check was not run", "q4: its check was not run"] and good.whole


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


def test_a_magic_for_pictures_costs_nothing_of_its_cell():
    pytest.importorskip("IPython")
    magics = [f"%matplotlib {word}".strip() for word in ("inline", "widget", "notebook", "qt", "")]
    picture = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    done = graded(written("\n".join([*magics, "%gui qt", begins("a")]), picture, answers("a", "q1")))
    assert done.points["q1"] == 2.0 and not any(fault.startswith("cell") for fault in done.faults), (
        done.faults
    )


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
    assert not done.whole or says == "memory", "a cell may be told in time"
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    assert not [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


def test_what_was_installed_for_the_user_alone_is_found_by_a_notebook(monkeypatch, tmp_path):
    base, home = tmp_path / "base", tmp_path / "home"
    monkeypatch.setattr(site, "USER_BASE", str(base))
    packages = Path(
        sysconfig.get_path("purelib", sysconfig.get_preferred_scheme("user"), {"userbase": str(base)})
    )
    packages.mkdir(parents=True)
    (packages / "installed_for_one.py").write_text("")
    python = getattr(sys, "_base_executable", sys.executable)  # one of a venv looks at no user's packages
    words = [python, "-P", "-c", "import installed_for_one"]
    env = dict(grader._environment(home, home / "notes"))
    assert subprocess.run(words, env=env, capture_output=True, timeout=60).returncode == 0


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
