"""One notebook graded: run within limits, its answers held against the truth of the student's own numbers."""

from __future__ import annotations

import json
import os
import shutil
import site
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.compiled import CACHE
from sim.teach import desk, judging
from sim.teach.grading import archive, limits
from sim.teach.question import Own

RUNNER = Path(__file__).with_name("runner.py")
KEPT_VARIABLES = (
    "PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR",
    "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
)  # fmt: skip
"""What a notebook's process gets of this one's environment: nothing that could hold a secret."""

NOTES_AT_MOST = 2 * 2**20
"""Bytes of a file of notes that are read."""

UNJUDGED = "could not be judged: a person decides"

LONGEST_FAULT = 240
"""Letters of a sentence that says what went wrong in a cell."""


class Graded(NamedTuple):
    """What came of a notebook.

    Attributes
    ----------
    file, student : str
        Its name in the ZIP; the id that it says, "" where it says none.
    points : dict
        Question -> points; a question without an answer has 0, a text None until a person has read it.
    hints : dict
        Question -> hints, where the saved outputs show it.
    texts : dict
        Question -> the sentences to be read by a person.
    faults : list of str
        Why something is missing, a sentence each.
    seconds : float
    network : bool
        Whether its process could reach the network.
    whole : bool
        Whether it ran to its last cell; what was stopped, or ended Python by itself, is run again by the next call.
    """

    file: str
    student: str
    points: dict[str, float | None]
    hints: dict[str, int]
    texts: dict[str, str]
    faults: list[str]
    seconds: float
    network: bool
    whole: bool = True


def grade(one: archive.HandedIn, lesson: str) -> Graded:
    """Grade a notebook for a lesson; whatever is wrong with it, there is a result that says so.

    Raises
    ------
    OSError
        This computer, not the notebook, is at fault: the disk is full, a process cannot be started.
    """
    if one.fault:
        return without_points(one, lesson, one.fault)
    try:
        return _grade(one, lesson)
    except OSError:
        raise
    except Exception as error:
        return undecided(one, lesson, error)


def without_points(one: archive.HandedIn, lesson: str, fault: str) -> Graded:
    """The result of a notebook that brings no points, and why."""
    return Graded(one.file, "", _nothing(lesson), {}, {}, [fault], 0.0, False)


def undecided(one: archive.HandedIn, lesson: str, error: Exception) -> Graded:
    """The result of a notebook that could not be graded here: whose it says it is, and points for a person to decide."""
    fault = clean(f"it could not be graded ({type(error).__name__}: {str(error)[:LONGEST_FAULT]})")
    student = _last_named([student for name, student in _written(one.data) if name == lesson])
    points = dict.fromkeys(desk.lesson_named(lesson).questions)
    return Graded(one.file, student, points, {}, {}, [fault], 0.0, False, whole=False)


def clean(text: str) -> str:
    """A text that every file and terminal can take: halves of letters and zeros, which JSON can hold, are replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _nothing(lesson: str) -> dict[str, float | None]:
    asked = desk.lesson_named(lesson).questions
    return {name: None if question.kind == "text" else 0.0 for name, question in asked.items()}


def _grade(one: archive.HandedIn, lesson: str) -> Graded:
    asked = desk.lesson_named(lesson).questions
    notes, ended, faults, network, whole = _run(one.data)
    unsaid = "its check was not run" if whole and not faults else "not reached"
    student, answers = _said(one.data, lesson, notes, faults)
    points, texts = _nothing(lesson), {}
    own = desk.own_numbers(desk.lesson_named(lesson), student)
    for name, question in asked.items():
        answer = answers.get(f"{lesson}.{name}")
        if f"{lesson}.{name}" not in answers:
            faults.append(f"{name}: {unsaid}")
        elif answer is None:
            faults.append(f"{name}: no answer")
        elif wrong := judging.fault(question, answer):
            faults.append(f"{name}: {wrong}")
        if question.kind == "text":
            texts[name] = clean(answer) if isinstance(answer, str) else ""
        else:
            points[name] = _points(name, own, answer, faults)
    shown = archive.hints_in(one.data)
    hints = {name: shown[f"{lesson}.{name}"] for name in asked if f"{lesson}.{name}" in shown}
    faults = [clean(fault) for fault in faults]
    return Graded(one.file, student, points, hints, texts, faults, round(ended.seconds, 2), network, whole)


def _points(name: str, own: Own, answer: Any, faults: list[str]) -> float | None:
    """Points of an answer; None, for a person to decide, where the truth cannot be computed, which is said."""
    if answer is None:
        return 0.0
    question = desk.LESSONS[own.lesson].questions[name]
    try:
        return judging.points(question, own, answer)
    except Exception as error:
        faults.append(f"{name}: {UNJUDGED} ({type(error).__name__}: {error})")
        return None


def _run(data: bytes) -> tuple[list[dict[str, Any]], limits.Ended, list[str], bool, bool]:
    """Run a notebook in a folder of its own: its notes, how it ended, what went wrong, whether it had the network, all cells."""
    with tempfile.TemporaryDirectory(prefix="tenfold-grade-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        folder = home / "notebook"
        folder.mkdir()
        notebook, notes, outcome = home / "notebook.ipynb", home / "notes.jsonl", home / "outcome.jsonl"
        notebook.write_bytes(data)
        _lend_fonts(home)
        words = [sys.executable, "-P", str(RUNNER), str(notebook), str(outcome), str(limits.MEMORY)]
        ended = limits.held(words, folder, _environment(home, notes), limits.SECONDS, limits.MEMORY)
        said = _lines(outcome)
        faults = [
            f"cell {line.get('cell', '?')}: {line['error']}"[:LONGEST_FAULT]
            for line in said
            if "error" in line
        ]
        whole = not ended.killed and any(line.get("done") for line in said)
        if ended.killed:
            faults.insert(0, ended.killed)
        elif not whole:
            faults.insert(0, f"it ended Python before its last cell (exit status {ended.status})")
        network = bool(said and said[0].get("network", True))
        return _lines(notes), ended, faults, network, whole


def _lend_fonts(home: Path) -> None:
    """A copy of what matplotlib knows of this computer's fonts: finding them again takes seconds in each process."""
    import matplotlib

    for file in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(file, home)


def _environment(home: Path, notes: Path) -> Mapping[str, str]:
    env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    env |= {
        name: str(home)
        for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR")
    }
    env |= {
        desk.NOTES: str(notes),
        "MPLBACKEND": "Agg",
        "PYTHONIOENCODING": "utf-8",
        "OPENBLAS_NUM_THREADS": "1",
    }
    env |= {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    env["PYTHONUSERBASE"] = (
        site.getuserbase()
    )  # what was installed with --user is looked for below the home folder
    if CACHE is not None:
        env["TENFOLD_CACHE"] = str(CACHE.parent)
    return env


def _lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a file of JSON, as many as can be read."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(NOTES_AT_MOST)
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            found.append(said)
    return found


def _said(
    data: bytes, lesson: str, notes: list[dict[str, Any]], faults: list[str]
) -> tuple[str, dict[str, Any]]:
    """Whose a notebook is, and its last answer to each question; an empty check, as of a cell run again, replaces none."""
    began = [(str(n["lesson"]), str(n.get("student") or "")) for n in notes if "lesson" in n]
    written = _written(data)
    here = [student for name, student in (*written, *began) if name == lesson]
    others = sorted({name for name, _ in (*began, *written) if name != lesson})
    if not here:
        faults.insert(0, f"it is of {others[0]}, not of {lesson}" if others else f"it never starts {lesson}")
        return "", {}
    student = _last_named(here)
    if not student:
        faults.insert(0, f'it does not say whose it is: sim.teach.start("{lesson}", student="…")')
    answers: dict[str, Any] = {}
    for note in notes:
        name, answer = str(note.get("question")), note.get("answer")
        if "question" in note and (answer is not None or name not in answers):
            answers[name] = answer
    return student, answers


def _written(data: bytes) -> list[tuple[str, str]]:
    """Which (lesson, student) a notebook names, read without running it, as they are compared."""
    return [(desk_name(name), student.strip().casefold()) for name, student in archive.says(data)]


def _last_named(students: list[str]) -> str:
    """The last id among these; "" where there is none."""
    return clean(next((student for student in reversed(students) if student), "")[: desk.LONGEST])


def desk_name(name: str) -> str:
    """A lesson's full name; what it says where there is none."""
    try:
        return desk.lesson_named(name).name
    except ValueError:
        return name
