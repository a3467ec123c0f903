"""Lesson 4: why customers leave, and what a survey says of it."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import best, world
from sim.teach.question import Lesson, Own, Question, Trap

REMEDIES = (
    "price",
    "service failure",
    "better elsewhere",
    "word of mouth",
    "messages",
    "neglect",
    "a rival's offer",
)
"""Reasons against which a firm can do something."""

WIDE = {0.86: 4.9, 0.88: 4.7, 0.9: 4.0, 0.92: 3.9, 0.94: 3.6}
"""Percent of leavers: how wide the best forecast is, by reliability."""


def _run(own: Own) -> Any:
    return world(
        "mobile_operator",
        own.seed,
        change={"market.customers": 2000, "firms.Meridian.reliability": own.reliability},
    )


def _why(own: Own) -> Any:
    return _run(own).defection("Meridian")


def _share(own: Own, reason: str) -> float:
    why = _why(own)
    return float(100.0 * why.reasons["true"][reason] / why.leavers)


def _first_reported(own: Own) -> frozenset[str]:
    """The reasons with a remedy that are reported most often: each of a tie."""
    reasons = _why(own).reasons
    return best(reasons[reasons["remedy"]]["reported"].to_dict())


LESSON = Lesson(
    "lesson04",
    "Churn and defection analysis",
    "Why do customers leave, and does asking them tell?",
    numbers={"seed": range(11, 1011), "reliability": (0.9, 0.86, 0.88, 0.92, 0.94)},
    questions={
        "q1": Question(
            "Before you run it: Meridian serves without failure with a chance of {reliability} (firms.Meridian.reliability; "
            "mobile_operator, 2,000 customers, seed {seed}). What percentage of those who leave it will leave for a service "
            "failure? Give a range that you believe with 80 %.",
            lambda own: _share(own, "service failure"),
            kind="range",
            unit="percent",
            best=lambda own: WIDE[own.reliability],
        ),
        "q2": Question(
            "Run it. What percentage of Meridian's leavers truly leave because their need ended (they moved, died, or a payment "
            "failed)?",
            lambda own: _share(own, "need ended"),
            unit="percent",
            hints=(
                "`run.defection()` has the table; its column true counts departures.",
                "100 * reasons.true['need ended'] / leavers",
            ),
            traps=(
                Trap(
                    lambda own: float(100.0 * _why(own).reasons["reported"]["need ended"] / _why(own).asked),
                    "That is what the survey says; asked is the true share.",
                ),
                Trap(
                    lambda own: float(_why(own).reasons["true"]["need ended"]),
                    "That is the count; wanted are percent of all leavers.",
                ),
            ),
        ),
        "q3": Question(
            "If everybody who leaves is asked: which reason does the survey put first, of those against which Meridian can do "
            "something?",
            _first_reported,
            kind="choice",
            words=REMEDIES,
            hints=(
                "Look at the column reported, and at remedy.",
                "run.defection().chosen, or another with as many.",
            ),
        ),
        "q4": Question(
            "What percentage of the answers are true?",
            lambda own: 100.0 * _why(own).accuracy,
            unit="percent",
            absolute=0.5,  # it is shown in whole percents
            hints=(
                "The confusion table has a row a true reason and a column a reported one.",
                "Its diagonal over its sum; or run.defection().accuracy",
            ),
        ),
        "q5": Question(
            "You have money for one remedy. Which reason do you act against, and why may the survey's order mislead you? Say "
            "what the reasons would look like if everybody lied at random.",
            None,
            kind="text",
            points=4,
        ),
    },
)
