"""Answers held against the truth: right or not, points, and the hint that fits the mistake."""

from __future__ import annotations

from typing import Any

from sim.scenario.faults import nearest
from sim.teach.question import WORDS, Own, Question, number_of, pair_of

CHANCE = 0.8
"""A forecast's range should hold as often."""

WORST = 6.0
"""A forecast whose interval score is so many times the width of the best range brings no points."""


def fault(question: Question, answer: Any) -> str:
    """Why an answer is none that the question could have; "" where it could be."""
    if answer is None or answer is ...:
        return f"There is no answer yet: put {question.wanted()} in its place."
    if question.kind == "number":
        value = number_of(answer)
        if value is None:
            return f"Wanted is {question.wanted()}, and this is {_named(answer)}."
        return "" if value == value else "This is not a number (NaN): some month or table was empty."
    if question.kind == "range":
        return "" if pair_of(answer) else f"Wanted is {question.wanted()}, the lower first, such as (10, 20)."
    if not isinstance(answer, str) or not answer.strip():
        return f"Wanted is {question.wanted()}, and this is {_named(answer)}."
    if question.kind == "choice" and _plain(answer) not in question.words:
        near = nearest(answer, question.words)
        return f'"{answer[:40]}" is none of the words: {question.wanted()}' + (
            f'; did you mean "{near}"?' if near else "."
        )
    if question.kind == "text" and len(answer.split()) < WORDS:
        return f"That is {len(answer.split())} words; a reason takes {WORDS} or more."
    return ""


def is_right(question: Question, own: Own, answer: Any) -> bool | None:
    """Whether an answer is right; None for a text, and for a forecast, which time decides."""
    if question.kind in ("text", "range") or question.answer is None:
        return None
    truth = question.answer(own)
    if question.kind == "choice":
        return _among(answer, truth)
    return question.is_right(float(number_of(answer) or 0.0), float(truth))


def points(question: Question, own: Own, answer: Any) -> float | None:
    """Points of an answer: all or none; a forecast by `range_points`; None for a text, which a person grades."""
    if question.kind == "text" or question.answer is None:
        return None
    if fault(question, answer):
        return 0.0
    if question.kind == "range":
        low, high = pair_of(answer) or (0.0, 0.0)
        return range_points(question, own, low, high, float(question.answer(own)))
    return float(question.points) if is_right(question, own, answer) else 0.0


def range_points(question: Question, own: Own, low: float, high: float, came: float) -> float:
    """Points of a forecast, 0 to the question's: all for the width of its `best` range, none for `WORST` widths.

    The interval score of a range that should hold with 80 % is its width, plus ten times what it missed by
    (Gneiting & Raftery 2007, JASA 102(477) 359-378, section 6.2). Nobody gains by a range narrower than the best: it misses
    more often, and brings no more where it holds.
    """
    if question.best is None:
        raise ValueError(f"a forecast needs its best range ({question.asks[:60]})")
    best = question.best(own)
    score = (high - low) + 2.0 / (1.0 - CHANCE) * max(low - came, came - high, 0.0)
    share = (WORST * best - score) / ((WORST - 1.0) * best)
    return round(question.points * min(max(share, 0.0), 1.0), 2)


def hint(question: Question, own: Own, answer: Any, given: int) -> str:
    """The hint that fits a wrong answer: a typical mistake first, then the question's own, one after the other.

    `given` is how many hints the student has had for this question.
    """
    for trap in question.traps:
        gives = trap.gives(own)
        if question.kind == "choice":
            if _among(answer, gives):
                return trap.hint
        elif question.is_right(float(number_of(answer) or 0.0), float(gives)):
            return trap.hint
    if question.kind == "number" and question.answer is not None:
        said, truth = float(number_of(answer) or 0.0), float(question.answer(own))
        if slip := _slip(question, said, truth):
            return slip
    left = question.hints or ("Read the question again, and run it with your own numbers (own.…).",)
    return left[min(given, len(left) - 1)]


def _slip(question: Question, said: float, truth: float) -> str:
    """A hint for a slip that any number may have: its sign, its unit."""
    if not truth or not said:
        return ""
    if question.is_right(-said, truth):
        return "The size is right, the sign is not: which world is taken from which?"
    for factor, text in (
        (100.0, "Right digits, wrong unit: a share and a percentage differ by a factor of 100."),
        (12.0, "A factor of twelve: months and years are mixed up."),
        (1000.0, "Right digits, wrong unit: by a factor of 1,000."),
    ):
        if question.is_right(said * factor, truth) or question.is_right(said / factor, truth):
            return text
    return ""


def _among(answer: Any, words: Any) -> bool:
    """Whether an answer is this word, or one of these."""
    return _plain(answer) in ({words} if isinstance(words, str) else words)


def _plain(answer: Any) -> str:
    return str(answer).strip().strip(".").casefold()


def _named(answer: Any) -> str:
    """What an answer is, in a word."""
    if isinstance(answer, str):
        return f"the text {answer[:30]!r}"
    shape = getattr(answer, "shape", None)
    if shape is not None and shape != ():
        return f"a table of {' x '.join(map(str, shape))}: take one number out of it"
    return f"{answer!r}"[:60]
