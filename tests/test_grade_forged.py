"""`tenfold grade`: what a notebook forges, damages or claims costs nobody else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from test_grade import LESSON, graded, written

from sim.teach.grading import archive, grader, limits

pytestmark = pytest.mark.once

pytest.importorskip("psutil", reason="the extra teach holds notebooks within memory")


@pytest.mark.parametrize(
    ("note", "outcome", "says"),
    [
        (f'{{"question": "{LESSON}.q1", "answer": 1{"0" * 400}}}', "", "q1: Wanted is a number"),
        ("[" * 100_000, "", "q1: not reached"),
        ("", '{"error": 1}', "cell ?: 1"),
        (f'{{"question": "{LESSON}.q3", "answer": {{"1": 1, "2": 2}}}}', "", "q3: Wanted is"),
        (f'{{"question": "{LESSON}.q5", "answer": "\\ud800"}}', "", "q5: That is 1 words"),
        (f'{{"lesson": "{LESSON}", "student": "\\ud800"}}', "", "q1: not reached"),
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
    done = graded(written("import sim"))
    assert done.faults == ["it could not be graded (KeyError: 'gone')"] and not any(done.points.values())


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
