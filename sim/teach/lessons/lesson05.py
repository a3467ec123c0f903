"""Lesson 5: what people tell each other."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import at_end, world
from sim.teach.question import Lesson, Own, Question, Trap

WIDE = {4: 19.8, 5: 21.4, 6: 23.6, 7: 22.8, 8: 24.7, 12: 26.2, 14: 27.1, 16: 27.1}
"""Guests: how wide the best forecast is, by people told."""


def _street(own: Own, tells: int) -> Any:
    return world("two_cafes", own.seed, change={"talk.unhappy_tells": tells})


def _firm(own: Own, tells: int, column: str, firm: str = "Corner") -> float:
    return at_end(_street(own, tells), firm, column)


def _kept(own: Own, firm: str) -> float:
    """Percentage points of guests more that a café keeps in the last year where nobody tells of bad service."""
    return 100.0 * (_firm(own, 0, "annual_retention", firm) - _firm(own, own.tells, "annual_retention", firm))


def _told(own: Own, firm: str = "Express") -> float:
    months = _street(own, own.tells).months
    last = months[(months["firm"] == firm) & (months["month"] > months["month"].max() - 12)]
    return float(last["told_bad"].sum() / last["reached_bad"].sum())


LESSON = Lesson(
    "lesson05",
    "Word of mouth",
    "Each unhappy customer tells ten people. What does that do?",
    numbers={"seed": range(11, 1011), "tells": (8, 4, 5, 6, 7, 12, 14, 16)},
    questions={
        "q1": Question(
            "Before you run it: on your street an unhappy guest tells {tells} people (talk.unhappy_tells = {tells}, two_cafes, "
            "seed {seed}). How many guests more (or fewer, below 0) would Corner have at the end if the unhappy told nobody? "
            "Give a range that you believe with 80 %.",
            lambda own: _firm(own, 0, "customers") - _firm(own, own.tells, "customers"),
            kind="range",
            unit="guests",
            best=lambda own: WIDE[own.tells],
        ),
        "q2": Question(
            "Run both streets. How many guests more has Corner at the end on the silent street?",
            lambda own: _firm(own, 0, "customers") - _firm(own, own.tells, "customers"),
            unit="guests",
            absolute=0.5,
            hints=(
                "Two runs with your seed: one with your number, one with 0.",
                "firms.customers of the silent street less that of yours, Corner's row.",
            ),
            traps=(
                Trap(
                    lambda own: _firm(own, 0, "customers") - _firm(own, 10, "customers"),
                    "You compared with ten people; on your street it is another number.",
                ),
                Trap(
                    lambda own: (
                        _firm(own, 0, "customers", "Express") - _firm(own, own.tells, "customers", "Express")
                    ),
                    "That is Express. You are Corner.",
                ),
            ),
        ),
        "q3": Question(
            "On your street, how often does the same person hear bad news about Express: tellings in the last twelve months "
            "over people reached in these months (told_bad and reached_bad, both summed)?",
            _told,
            unit="tellings a hearer",
            hints=(
                "Sum both columns over Express's last twelve months, then divide.",
                "run.months.query(\"firm == 'Express' and month > 24\")",
            ),
            traps=(
                Trap(lambda own: 1.0 / _told(own), "Upside down: tellings over people."),
                Trap(lambda own: _told(own, "Corner"), "That is Corner."),
            ),
        ),
        "q4": Question(
            "By how many percentage points more of its guests does Corner keep in the last year when the unhappy tell nobody "
            "(below 0 if it keeps fewer)?",
            lambda own: _kept(own, "Corner"),
            unit="percentage points",
            tolerance=0.02,
            absolute=0.05,  # it is shown with one decimal
            hints=(
                "Column annual_retention, Corner's row, in both streets.",
                "100 times annual_retention of the silent street, less 100 times that of yours.",
            ),
            traps=(Trap(lambda own: _kept(own, "Express"), "That is Express. You are Corner."),),
        ),
        "q5": Question(
            "Bad news about a firm costs it customers, and yet louder talk can raise the retention of everybody. Explain how "
            "both can be true.",
            None,
            kind="text",
            points=4,
        ),
    },
)
