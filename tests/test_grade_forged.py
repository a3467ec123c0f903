"""`tenfold grade`: what a notebook forges, damages or claims costs nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from test_grade import LESSON, begins, graded, written

from sim.teach.grading import archive, book, grader, limits

pytestmark = pytest.mark.once

pytest.importorskip("psutil", reason="the extra teach holds notebooks within memory")


@pytest.mark.parametrize(
    ("note", "outcome", "says"),
    [
        (f'{{"question": "{LESSON}.q1", "answer": 1{"0" * 400}}}', "", "q1: Wanted is a number"),
        ("[" * 100_000, "", "q1: its check was not run"),
        ("", '{"error": 1}', "cell ?: 1"),
        (f'{{"question": "{LESSON}.q3", "answer": {{"1": 1, "2": 2}}}}', "", "q3: Wanted is"),
        (f'{{"question": "{LESSON}.q5", "answer": "\\ud800"}}', "", "q5: That is 1 words"),
        (f'{{"lesson": "{LESSON}", "student": "\\ud800"}}', "", "q1: its check was not run"),
    ],
)  # fmt: skip
def test_whatever_the_notes_hold_there_is_a_result_and_it_can_be_written(
    note, outcome, says, monkeypatch, tmp_path
):
    (tmp_path / "notes").write_text(f'{{"lesson": "{LESSON}", "student": "a"}}\n{note}\n')
    (tmp_path / "outcome").write_text(f'{{"network": false}}\n{outcome}\n{{"done": true}}\n')

    def held(words: Any, *_: Any) -> limits.Ended:
        Path(words[4]).write_bytes((tmp_path / "outcome").read_bytes())
        Path(words[4]).with_name("notes.jsonl").write_bytes((tmp_path / "notes").read_bytes())
        return limits.Ended(1.0, 0, 0, "")

    monkeypatch.setattr(limits, "held", held)
    done = graded(written("import sim"))
    assert any(says in fault for fault in done.faults), done.faults
    assert not any(done.points.values())
    assert "".join([done.student, *done.faults, *done.texts.values()]).encode()


def test_what_nobody_thought_of_costs_one_notebook_and_is_said(monkeypatch):
    monkeypatch.setattr(grader, "_run", lambda _data: {}["gone"])
    done = graded(written("import sim", begins("S7 ")))
    assert done.faults == ["it could not be graded (KeyError: 'gone')"] and not done.whole
    assert done.student == "s7" and set(done.points.values()) == {None}, "a person decides"
    assert graded(written(f"sim.teach.start('{LESSON}', student=0x{'f' * 5000})")).student == ""


def test_a_forged_count_of_hints_costs_nothing():
    shown = [{"text": f"{LESSON}.q2: right (hints: {'9' * 5000})\n{LESSON}.q1: right (hints: 2)"}]
    assert archive.hints_in(written("x", outputs=shown)) == {f"{LESSON}.q1": 2}


def test_a_truth_that_cannot_be_computed_is_left_to_a_person_and_named(monkeypatch):
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("no customer won")

    note = {"question": f"{LESSON}.q1", "answer": 1.0}
    begun = {"lesson": LESSON, "student": "a"}
    monkeypatch.setattr(
        grader, "_run", lambda _data: ([begun, note], limits.Ended(1.0, 0, 0, ""), [], False, True)
    )
    monkeypatch.setattr(grader.judging, "points", fails)
    one = archive.HandedIn("a.ipynb", written(f'sim.teach.start("{LESSON}", student="a")'), (2026, 1, 1), "")
    done = grader.grade(one, LESSON)
    assert done.points["q1"] is None
    made = book.make_book([one], [done], LESSON, None)
    assert made.graded == 0 and "no customer won" in made.failed[0][1]


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_notebook_that_is_damaged_in_the_zip_leaves_the_others(packed, tmp_path):
    file = tmp_path / "in.zip"
    with zipfile.ZipFile(file, "w", packed) as made:
        made.writestr("a.ipynb", written("x = 1" * 50, "y" * 300))
        made.writestr("b.ipynb", written("y = 2"))
    data = bytearray(file.read_bytes())
    for place in range(46, 76):  # behind the local header (30 bytes), the name and LZMA's own header
        data[place] ^= 0xFF
    file.write_bytes(data)
    assert [(one.file, one.fault) for one in archive.notebooks_in(file)[0]] == [
        ("a.ipynb", "it is damaged in the ZIP"),
        ("b.ipynb", ""),
    ]


def book_of(*files: tuple[str, str, float], roster: bool = True) -> book.Book:
    """Tables of notebooks: their names, whose id they say, their points; each later than the one before."""
    handed, results = [], []
    for day, (file, student, points) in enumerate(files, 1):
        handed.append(archive.HandedIn(file, file.encode(), (2026, 1, day, 0, 0, 0), ""))
        results.append(grader.Graded(file, student, {"q1": points}, {}, {}, [], 1.0, False))
    listed = book.Listed(("id",), tuple((one, (one,)) for one in ("s1", "s2"))) if roster else None
    return book.make_book(handed, results, LESSON, listed)


@pytest.mark.parametrize("roster", [True, False])
@pytest.mark.parametrize(
    ("ann", "mallory"), [("Ann_1/hw.ipynb", "Mallory_2/hw.ipynb"), ("ann_hw.ipynb", "mallory_hw.ipynb"), ("all/ann.ipynb", "all/mal.ipynb")]
)  # fmt: skip
def test_a_classmates_id_in_a_later_notebook_takes_nobodys_points(ann, mallory, roster):
    made = book_of((ann, "s1", 2.0), (mallory, "s1", 0.0), ("all/bob.ipynb", "s2", 1.0), roster=roster)
    by_file = {row[1]: row for row in made.grades[1:]}
    assert (by_file[ann][2], by_file[mallory][2], by_file["all/bob.ipynb"][2]) == (2.0, 0.0, 1.0)
    assert mallory in by_file[ann][-1] and ann in by_file[mallory][-1]
    assert [file for file, _why in made.failed] == [ann, mallory] and made.graded == 1
    if roster:
        assert made.grades[1][:3] == ["s1", "", ""] and "several say this id" in made.grades[1][-1]


@pytest.mark.parametrize(
    ("first", "second"), [("Ann_1/a.ipynb", "Ann_1/b.ipynb"), ("ann_hw.ipynb", "ann_hw (1).ipynb"), ("x/hw.ipynb", "x/hw (2).ipynb")]
)  # fmt: skip
def test_a_students_own_later_notebook_counts(first, second):
    made = book_of((first, "s1", 2.0), (second, "s1", 1.0), ("bob.ipynb", "s2", 1.0))
    assert made.grades[1][1:3] == [second, 1.0] and "is older and does not count" in made.grades[1][-1]
    assert made.failed == [] and made.graded == 2


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(("older", "newer"), [("hw.ipynb", "hw (1).ipynb"), ("hw(9).ipynb", "hw(10).ipynb")])
def test_of_two_copies_of_one_time_the_one_with_the_higher_number_counts(older, newer, turn):
    handed = [archive.HandedIn(file, b"", (2026, 1, 1, 0, 0, 0), "") for file in (older, newer)[::turn]]
    results = [grader.Graded(one.file, "s1", {"q1": 1.0}, {}, {}, [], 1.0, False) for one in handed]
    made = book.make_book(handed, results, LESSON, None)
    assert [row[1] for row in made.grades[1:]] == [newer]


def test_of_two_names_of_one_time_the_later_in_the_zip_counts():
    handed = [
        archive.HandedIn(file, b"", (2026, 1, 1, 0, 0, 0), "") for file in ("ann/b.ipynb", "ann/a.ipynb")
    ]
    results = [grader.Graded(one.file, "s1", {"q1": 1.0}, {}, {}, [], 1.0, False) for one in handed]
    assert book.make_book(handed, results, LESSON, None).grades[1][1] == "ann/a.ipynb"


def test_two_students_notebooks_of_one_name_are_both_graded():
    made = book_of(("hw.ipynb", "s1", 2.0), ("hw.ipynb", "s2", 1.0))
    assert [row[2] for row in made.grades[1:]] == [2.0, 1.0] and made.graded == 2


ESCAPES = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("left", "w").write(str(os.getpid()))
        time.sleep(60)
    os._exit(0)
os.wait()
while not (os.path.exists("left") and open("left").read()):
    pass
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets a process adopt orphans")
def test_what_leaves_a_notebooks_session_is_ended_with_it_and_nothing_else(tmp_path):
    import psutil

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        limits.held([sys.executable, "-c", ESCAPES], tmp_path, dict(os.environ), 60.0, 2**30)
        assert not psutil.pid_exists(int((tmp_path / "left").read_text()))
        assert other.poll() is None
        other.kill()
