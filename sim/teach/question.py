"""What a lesson asks: questions as data, beside the functions that compute the answers from a student's own numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

KINDS = {
    "number": "a number",
    "choice": "one of some words",
    "range": "a forecast: a pair (low, high)",
    "text": "sentences of yours",
}
"""What an answer may be."""

WORDS = 15
"""A text has at least as many."""


DRAWS = 20
"""Seeds that a student may be drawn until one holds."""


class Own:
    """A student's own numbers for a lesson; shows itself with the questions.

    They are a function of the lesson's name and the student's id alone: the same on every computer, and other ones for
    every student. Without a student they are the lesson's own.

    Attributes
    ----------
    lesson, student : str
        `student` is "" where nobody is named.
    numbers : dict
        Name -> value; each is an attribute too: `own.seed`.
    """

    def __init__(self, lesson: Lesson, student: str) -> None:
        self.lesson, self.student = lesson.name, student
        self.numbers = {name: _drawn(lesson.name, student, name, of) for name, of in lesson.numbers.items()}
        self._lesson = lesson
        for again in range(1, DRAWS):
            if not student or lesson.holds is None or lesson.holds(self):
                break
            self.numbers["seed"] = _drawn(lesson.name, student, f"seed {again}", lesson.numbers["seed"])

    def __getattr__(self, name: str) -> Any:
        numbers = self.__dict__.get("numbers", {})
        if name in numbers:
            return numbers[name]
        raise AttributeError(f"{name!r} is none of your numbers, which are {', '.join(numbers)}", name=name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own) and (self.lesson, self.student) == (other.lesson, other.student)

    def __hash__(self) -> int:
        return hash((self.lesson, self.student))

    def asked(self, question: str) -> str:
        """A question's sentence, with these numbers in it."""
        return self._lesson.questions[question].asks.format(**self.numbers)

    def __repr__(self) -> str:
        whose = f"student {self.student}" if self.student else "the lesson's own numbers"
        lines = [f"{self.lesson}: {self._lesson.title} ({whose})"]
        lines += [f"  own.{name} = {value!r}" for name, value in self.numbers.items()]
        lines += [
            f"{self.lesson}.{name}  {self.asked(name)} ({one.wanted()})"
            for name, one in self._lesson.questions.items()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        whose = f"student {escape(self.student)}" if self.student else "the lesson's own numbers"
        numbers = "".join(
            f"<tr><td style='text-align:left'><code>own.{name}</code></td>"
            f"<td style='text-align:left'>{escape(repr(value))}</td></tr>"
            for name, value in self.numbers.items()
        )
        asked = "".join(
            f"<p><b>{self.lesson}.{name}</b> {escape(self.asked(name))} <i>({escape(one.wanted())})</i></p>"
            for name, one in self._lesson.questions.items()
        )
        return (
            f"<p><b>{escape(self._lesson.title)}</b>: {whose}</p><table>{numbers}</table>"
            f"<div style='max-width:46em;text-align:left'>{asked}</div>"
        )


def _drawn(lesson: str, student: str, name: str, of: Sequence[Any]) -> Any:
    """One of some values: the first for nobody, else by the lesson, the student and the number's name."""
    if not student:
        return of[0]
    digest = hashlib.sha256(f"{lesson}|{student}|{name}".encode()).digest()
    return of[int.from_bytes(digest[:8], "big") % len(of)]


class Trap(NamedTuple):
    """A typical mistake: what it gives, and the hint for who falls into it."""

    gives: Callable[[Own], Any]
    hint: str


class Question(NamedTuple):
    """One question of a lesson.

    Attributes
    ----------
    asks : str
        The sentence; own numbers stand in it as `{name}`.
    answer : callable, or None
        Computes the right answer from a student's `Own`: a number, a word or the set of words that are right, or for a
        range what came of it.
        None for a text, which a person reads.
    kind : str
        One of `KINDS`.
    unit : str
        Of a number or a range.
    hints : tuple of str
        From the general to the plain; none holds the answer.
    tolerance : float
        A number is right within this share of the answer, or within `absolute`, whichever is more.
    words : tuple of str
        What a choice may be.
    traps : tuple of Trap
    points : int
    best : callable, or None
        Of a range: from a student's `Own` the width, in `unit`, of the best one that can be named without the seed. It holds
        the middle 80 % of the worlds that have these numbers: 2.56 standard deviations over 40 seeds or more, as
        `benchmarks/questions.py ranges` measures them.
    """

    asks: str
    answer: Callable[[Own], Any] | None
    kind: str = "number"
    unit: str = ""
    hints: tuple[str, ...] = ()
    tolerance: float = 0.01
    absolute: float = 0.0
    words: tuple[str, ...] = ()
    traps: tuple[Trap, ...] = ()
    points: int = 2
    best: Callable[[Own], float] | None = None

    def wanted(self) -> str:
        """What an answer looks like, in a few words."""
        if self.kind == "choice":
            return "one of " + ", ".join(f'"{word}"' for word in self.words)
        unit = f", in {self.unit}" if self.unit else ""
        if self.kind == "text":
            return f"{KINDS['text']}, {WORDS} words or more"
        return KINDS[self.kind] + unit

    def is_right(self, answer: float, truth: float) -> bool:
        """Whether a number is near enough to another."""
        return abs(answer - truth) <= max(self.tolerance * abs(truth), self.absolute, 1e-12)


class Lesson(NamedTuple):
    """A lesson's questions, and the numbers that they are about.

    Attributes
    ----------
    name, title, question : str
        `lesson03`, what it is called, the one question that it asks.
    numbers : mapping
        Name -> values; a student has one of them, nobody the first.
    questions : mapping
        `q1` … -> Question.
    holds : callable, or None
        Whether a student's numbers give every question one answer; another seed is drawn until they do.
    """

    name: str
    title: str
    question: str
    numbers: Mapping[str, Sequence[Any]]
    questions: Mapping[str, Question]
    holds: Callable[[Own], bool] | None = None


class Verdict:
    """What a check said: right or not yet, and a hint.

    Attributes
    ----------
    question : str
    right : bool or None
        None where a person decides, or what comes decides.
    hint : str
        What to think of next; "" where the answer is right.
    hints : int
        How many hints this student has had for this question, this one too.
    """

    def __init__(self, question: str, right: bool | None, hint: str = "", hints: int = 0) -> None:
        self.question, self.right, self.hint, self.hints = question, right, hint, hints

    def __bool__(self) -> bool:
        return self.right is not False

    @property
    def mark(self) -> str:
        """`right`, `not yet` or `noted`."""
        return "noted" if self.right is None else "right" if self.right else "not yet"

    def __repr__(self) -> str:
        return f"{self.question}: {self.mark} (hints: {self.hints}). {self.hint}".rstrip()

    def _repr_html_(self) -> str:
        sign = {"right": "&#10003;", "not yet": "&#10007;", "noted": "&#9998;"}[self.mark]
        return f"<p>{sign} {escape(repr(self))}</p>"


def number_of(answer: Any) -> float | None:
    """A plain number, of whatever kind it comes: NumPy's, or the one number in a table. None where there is none."""
    if isinstance(answer, (bool, str)) or answer is None:
        return None
    if hasattr(answer, "size") and hasattr(answer, "to_numpy"):
        answer = answer.to_numpy()
    if hasattr(answer, "size") and getattr(answer, "size", 0) == 1 and hasattr(answer, "item"):
        answer = answer.item()
    if isinstance(answer, bool):
        return None
    try:
        value = float(answer)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if abs(value) > 1e300 else value


def pair_of(answer: Any) -> tuple[float, float] | None:
    """Two numbers, the lower first; None where there are none."""
    try:
        low, high = (number_of(value) for value in answer)
    except (TypeError, ValueError):
        return None
    return None if low is None or high is None or not low <= high else (low, high)
