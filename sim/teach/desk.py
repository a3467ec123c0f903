"""`start` and `check`: whose numbers hold, and what is said to an answer."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.faults import nearest
from sim.teach import hints, judging
from sim.teach.lessons import LESSONS
from sim.teach.question import Lesson, Own, Question, Verdict, number_of, pair_of

if TYPE_CHECKING:
    import pandas as pd

NOTES = "TENFOLD_GRADING"
"""The file that answers are noted in while `tenfold grade` runs a notebook; else there is no such variable."""

LONGEST = 64
"""Letters of a student's id."""

_started: dict[str, Own] = {}


def lessons() -> pd.DataFrame:
    """The lessons, a row each: name, title, the one question that it asks, and how many exercises it has.

    Examples
    --------
    >>> import sim
    >>> len(sim.teach.lessons())
    12
    """
    import pandas as pd

    rows = [(one.name, one.title, one.question, len(one.questions)) for one in LESSONS.values()]
    return pd.DataFrame(rows, columns=["lesson", "title", "question", "exercises"])


def start(lesson: str, student: str | None = None) -> Own:
    """Begin a lesson's exercises: a student's own numbers, and the questions about them.

    Parameters
    ----------
    lesson : str
        `lesson01` to `lesson12`.
    student : str, optional
        The student's id, as the class list has it; case and blanks at the ends do not count. Unless given the numbers
        are the lesson's own.

    Returns
    -------
    Own
        `own.seed` and the other numbers; shows itself with the questions.

    Raises
    ------
    ValueError
        An unknown lesson, with the nearest right one.

    Source: ours; a number is drawn by SHA-256 of the lesson, the id and the number's name.

    Examples
    --------
    >>> import sim
    >>> own = sim.teach.start("lesson05", student="s1234567")
    >>> own.seed == sim.teach.start("lesson05", student=" S1234567").seed
    True
    """
    found = lesson_named(lesson)
    if student is not None and not isinstance(student, (str, int)):
        raise TypeError(f'start: a student\'s id is a text, such as "s1234567" (got {student!r})')
    own = own_numbers(found, str(student if student is not None else ""))
    _started[found.name] = own
    _note({"lesson": found.name, "student": own.student})
    return own


def check(question: str, answer: Any = None) -> Verdict:
    """Check an answer: right, or a hint. It never tells the answer.

    The truth is computed from the numbers of the last `start` of the lesson, or from the lesson's own if there was none.
    Each hint is counted; the count stands in what is shown, and `tenfold grade` reports it.

    Parameters
    ----------
    question : str
        The lesson and the question: `lesson03.q2`.
    answer
        What the question wants: a number, a word, a pair (low, high), or sentences.

    Returns
    -------
    Verdict
        Shows itself; true where the answer is right, or noted.

    Raises
    ------
    ValueError
        An unknown lesson or question, with the nearest right one.

    Source: ours.

    Examples
    --------
    >>> import sim
    >>> bool(sim.teach.check("lesson05.q2", "many"))
    False
    """
    lesson, name, asked = question_named(question)
    own = _started.get(lesson.name) or own_numbers(lesson, "")
    whole = f"{lesson.name}.{name}"
    if os.environ.get(NOTES):
        _note({"question": whole, "answer": plain(answer)})
        return Verdict(whole, None, "Noted for grading.")
    had = hints.count(own.student, whole)
    if wrong := judging.fault(asked, answer):
        return Verdict(whole, False, wrong, had)
    right = judging.is_right(asked, own, answer)
    if right is False:
        said = judging.hint(asked, own, answer, had)
        return Verdict(whole, False, said, hints.count_one_more(own.student, whole))
    later = {
        "range": "Now let it happen: the range is scored when it is graded.",
        "text": "A person reads it.",
    }
    return Verdict(whole, right, later.get(asked.kind, ""), had)


def own_numbers(lesson: Lesson, student: str) -> Own:
    """A student's numbers, without beginning anything."""
    return Own(lesson, student.strip().casefold()[:LONGEST])


def lesson_named(name: Any) -> Lesson:
    """A lesson by its name, also written `3` or `lesson 3`."""
    text = str(name).strip()
    digits = text.lower().removeprefix("lesson").strip(" _-")
    if digits.isdecimal() and f"lesson{int(digits):02d}" in LESSONS:
        return LESSONS[f"lesson{int(digits):02d}"]
    near = nearest(text, LESSONS)
    first, *_, last = LESSONS
    hint = f'did you mean "{near}"?' if near else f'they are "{first}" to "{last}"'
    raise ValueError(f'teach: there is no lesson "{text[:40]}"; {hint}')


def question_named(name: Any) -> tuple[Lesson, str, Question]:
    """A question by its name, such as `lesson03.q2`."""
    lesson_part, dot, question = str(name).strip().rpartition(".")
    if not dot:
        every = [f"{lesson}.{one}" for lesson, found in LESSONS.items() for one in found.questions]
        near = nearest(str(name), every) or every[0]
        raise ValueError(f'teach: a question is named as in "{near}" (got "{str(name)[:40]}")')
    lesson = lesson_named(lesson_part)
    if question not in lesson.questions:
        near = nearest(question, lesson.questions)
        hint = f'did you mean "{lesson.name}.{near}"?' if near else f"there are {', '.join(lesson.questions)}"
        raise ValueError(f'teach: {lesson.name} has no question "{question[:40]}"; {hint}')
    return lesson, question, lesson.questions[question]


def plain(answer: Any) -> Any:
    """An answer as JSON has it: a number, a text, a pair; what is nothing of these is told, not kept."""
    if answer is None or answer is ...:
        return None
    if isinstance(answer, str):
        return answer[:5_000]
    number = number_of(answer)
    if number is not None:
        return number if number == number else "NaN"
    pair = pair_of(answer)
    return list(pair) if pair else f"<{type(answer).__name__}>"


def _note(what: dict[str, Any]) -> None:
    """Write a line into the file of notes, where there is one."""
    if file := os.environ.get(NOTES):
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(what) + "\n")
