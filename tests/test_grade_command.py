"""`tenfold grade`, the command: a class's ZIP and list, the tables, what is kept; notebooks' runs are known without running."""

from __future__ import annotations

import csv
import shutil
import zipfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from test_grade import LESSON, begins, written

import sim.teach
from sim import prepare
from sim.cli import main
from sim.teach.grading import archive, book, grader
from sim.teach.lessons import LESSONS

pytestmark = pytest.mark.once

pytest.importorskip("psutil", reason="the extra teach holds notebooks within memory")


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
    assert "2 graded, 2 to look at (named below), 1 without a notebook, wrote grades.csv" in out
    assert "x.ipynb: it is no notebook" in out and "Without a notebook: s3." in out
    assert "Students are found by SIS User ID of the class list" in " ".join(err.split())
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


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Lee, Ann",4711,S1,alee,A
"Ng, Bob",s9,S2,bng,A
"Roy, Cid",4713,S3,croy,B
"Poe, Dan",4714,4713,dpoe,B
"""


def test_a_student_is_found_by_any_id_that_the_class_list_has(class_of_four, monkeypatch, capsys):
    monkeypatch.setattr(book, "ProcessPoolExecutor", Pool)
    Path("canvas.csv").write_text(CANVAS, encoding="utf-8")
    said = {"ann_a.ipynb": "s1", "ann_a (1).ipynb": "4711", "bob.ipynb": "BNG", "ced.ipynb": "croy",
            "one.ipynb": "4713", "out.ipynb": "s77", "s3.ipynb": "s3"}  # fmt: skip
    with zipfile.ZipFile("canvas.zip", "w") as made:
        for day, (name, student) in enumerate(said.items(), 1):
            made.writestr(zipfile.ZipInfo(name, (2026, 1, day, 0, 0, 0)), written(begins(student), name))
    assert main(["grade", "canvas.zip", "2", "--roster", "canvas.csv"]) == 0
    out, err = (" ".join(text.split()) for text in capsys.readouterr())
    assert "Without a notebook: 4713." in out, "Dan, by the column by which most are found"
    assert "found by SIS User ID, SIS Login ID, ID of the class list" in err
    ann, bob, cid, dan, *others = rows()
    assert (ann["file"], ann["points"], ann["remarks"]) == (
        "ann_a (1).ipynb",
        "2",
        "ann_a.ipynb is older and does not count",
    )
    assert (bob["file"], bob["SIS User ID"], dan["remarks"]) == ("bob.ipynb", "S2", "nothing handed in")
    assert "their rows are at the end" in cid["remarks"]
    assert [(one["SIS User ID"], one["remarks"].split(":")[0]) for one in others] == [
        ("4713", "of two students on the class list"),
        ("s77", "not on the class list"),
        ("croy", 'the student "croy" is named by s3.ipynb too'),
        ("s3", 'the student "s3" is named by ced.ipynb too'),
    ]
    assert not any(one["ID"] or one["Student"] for one in others)


def test_what_failed_is_named_first_though_it_has_points_and_many_handed_in_nothing(
    class_of_four, monkeypatch, capsys
):
    class Fails(Pool):
        def submit(self, function: Any, *words: Any) -> Any:
            result = super().submit(function, *words).result()
            if "evil" in words[0].file:
                result = result._replace(faults=["q2: no answer", "cell 3: SyntaxError: invalid syntax"])
            elif "later" in words[0].file:
                fault = "it ended Python before its last cell (exit status 7)"
                result = result._replace(faults=[fault, "q2: not reached"], whole=False)
            done = type(super().submit(function, *words))()
            done.set_result(result)
            return done

    monkeypatch.setattr(book, "ProcessPoolExecutor", Fails)
    many = "".join(f"Student {i};t{i};B\n" for i in range(30))
    Path("class.csv").write_text(f"Student;SIS User ID;Section\nAnn;S1;A\nBob;s2;B\n{many}", encoding="utf-8")
    assert main(["grade", "in.zip", LESSON, "--roster", "class.csv", "--quiet"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "0 graded, 4 to look at (named below), 30 without a notebook" in out
    assert (
        "cell 3: SyntaxError" in out
        and "ended Python before its last cell" in out
        and "t11 and 18 more." in out
    )
    assert [one["points"] for one in rows()[:2]] == ["2", "2"]


def test_an_id_whose_leading_zeros_are_gone_is_taken_for_the_one_that_it_can_be(
    class_of_four, monkeypatch, capsys
):
    monkeypatch.setattr(book, "ProcessPoolExecutor", Pool)
    Path("zeros.csv").write_text("Name,ID\nAnn,0000002\nBob,3\nCid,0040\nDan,00040\n", encoding="utf-8")
    with zipfile.ZipFile("zeros.zip", "w") as made:
        for student in ("2", "0003", "40", "0040", "5"):
            made.writestr(f"{student}.ipynb", written(begins(student)))
    assert main(["grade", "zeros.zip", LESSON, "--roster", "zeros.csv"]) == 0
    assert "2 for 0000002 and 0003 for 3" in " ".join(capsys.readouterr().err.split())
    ann, bob, cid, dan, *others = rows()
    assert (ann["points"], ann["remarks"]) == ("2", 'its id "2" is taken for 0000002')
    assert (bob["points"], cid["points"], dan["points"]) == ("2", "2", "") and cid["remarks"] == ""
    assert {one["remarks"] for one in others} == {
        "of two students on the class list",
        "not on the class list",
    }


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


@pytest.mark.parametrize("file", ["judging.py", "lessons/lesson03.py", "grading/runner.py"])
def test_what_another_lesson_or_judge_made_of_a_notebook_is_not_taken(file, tmp_path):
    before = book._how()
    folder = shutil.copytree(Path(sim.teach.__file__).parent, tmp_path / "teach")
    assert book._how.__wrapped__(folder) == before
    with (folder / file).open("a", encoding="utf-8") as source:
        source.write("# other\n")
    assert book._how.__wrapped__(folder) != before


def test_the_market_is_prepared_before_the_first_notebook(class_of_four, monkeypatch):
    class Asks(Pool):
        def submit(self, function: Any, *words: Any) -> Any:
            assert prepared
            return super().submit(function, *words)

    prepared: list[Any] = []
    monkeypatch.setattr(prepare, "prepare", prepared.append)
    monkeypatch.setattr(book, "ProcessPoolExecutor", Asks)
    assert main(["grade", "in.zip", LESSON, "--quiet"]) == 0


def test_a_notebook_that_was_stopped_is_run_again_by_the_next_call(class_of_four, monkeypatch):
    class Stops(Pool):
        def submit(self, function: Any, *words: Any) -> Any:
            done = super().submit(function, *words)
            if "evil" in words[0].file:
                result = done.result()._replace(whole=len(RUNS) > 5)
                done = type(done)()
                done.set_result(result)
            return done

    RUNS.clear()
    monkeypatch.setattr(book, "ProcessPoolExecutor", Stops)
    for runs in (5, 6, 6):
        assert main(["grade", "in.zip", LESSON, "--force", "--quiet"]) == 0
        assert len(RUNS) == runs
    assert "evil" in RUNS[-1]


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


def test_a_full_disk_leaves_a_students_points_to_a_person(class_of_four, monkeypatch, capsys):
    class Full(Pool):
        def submit(self, function: Any, *words: Any) -> Any:
            if "evil" not in words[0].file:
                return super().submit(function, *words)
            done = type(super().submit(function, *words))()
            done.set_exception(OSError(28, "No space left on device"))
            return done

    monkeypatch.setattr(book, "ProcessPoolExecutor", Full)
    assert main(["grade", "in.zip", LESSON, "--roster", "class.csv", "--quiet"]) == 0
    ann, bob, *_ = rows()
    assert "No space left on device" in bob["remarks"] and "evil" in bob["file"]
    assert (ann["points"], ann["q1"]) == ("2", "2") and not (bob["points"] or bob["q1"])
    assert "No space left on device" in " ".join(capsys.readouterr().out.split())


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
