"""Lesson 6: failures, complaints and what is done about them."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import at_end, best, world
from sim.teach.question import Lesson, Own, Question, Trap

SMALL = {"market.customers": 1000, "market.months": 36}
RECOVERIES = ("none", "apology", "refund", "compensation")

WIDE = {0.84: 6.9, 0.86: 7.3, 0.88: 6.8, 0.9: 8.9, 0.92: 9.9}
"""Percent of failures: how wide the best forecast is, by reliability."""


def _run(own: Own, recovery: str) -> Any:
    north = {"reliability": own.reliability, "plan.level": "accountable", "plan.recovery": recovery}
    return world(
        "plain", own.seed, change=SMALL | {f"firms.North.{name}": value for name, value in north.items()}
    )


def _firm(own: Own, recovery: str, column: str) -> float:
    return at_end(_run(own, recovery), "North", column)


def _best(own: Own, column: str = "customer_equity") -> frozenset[str]:
    return best({name: _firm(own, name, column) for name in RECOVERIES})


def _last(own: Own, recovery: str, column: str) -> float:
    months = _run(own, recovery).months
    return float(100.0 * months[(months["firm"] == "North") & (months["month"] == 36)][column].iloc[0])


LESSON = Lesson(
    "lesson06",
    "Service, complaints and recovery",
    "Is a complaint a cost or a chance?",
    numbers={"seed": range(11, 1011), "reliability": (0.9, 0.84, 0.86, 0.88, 0.92)},
    questions={
        "q1": Question(
            "Before you run it: North fails in one encounter with a chance of 1 - {reliability}, calls after the sale (level "
            "accountable) and refunds (plain market, 1,000 customers, 36 months, seed {seed}). What share of its failures, in "
            "percent, will have been resolved in the last year? Give a range that you believe with 80 %.",
            lambda own: _last(own, "refund", "recovery_of_failures"),
            kind="range",
            unit="percent of failures",
            best=lambda own: WIDE[own.reliability],
        ),
        "q2": Question(
            "Run it. What share of the failures is voiced, in percent (complaint_rate in month 36)?",
            lambda own: _last(own, "refund", "complaint_rate"),
            unit="percent of failures",
            hints=("A column of run.months, in North's last row.", "100 * complaint_rate in month 36"),
            traps=(
                Trap(
                    lambda own: _last(own, "refund", "recovery_rate"),
                    "That is the share of complaints that is resolved.",
                ),
                Trap(
                    lambda own: _last(own, "refund", "complaints_per_encounter"),
                    "That is a share of all encounters, as a firm sees it; asked is the share of failures.",
                ),
            ),
        ),
        "q3": Question(
            "How much more profit does North make in the last twelve months with refunds than with no recovery at all? "
            "(Below 0 if it makes less: with some luck it does.)",
            lambda own: _firm(own, "refund", "profit") - _firm(own, "none", "profit"),
            unit="EUR",
            hints=(
                "firms.North.plan.recovery is none in the second run; the rest is as in the first.",
                "run.firms.profit, North's row.",
            ),
            traps=(
                Trap(
                    lambda own: (
                        _firm(own, "refund", "customer_equity") - _firm(own, "none", "customer_equity")
                    ),
                    "That is customer equity; asked is profit.",
                ),
            ),
        ),
        "q4": Question(
            "Which of the four answers to a complaint leaves North with the most customer equity in your run?",
            _best,
            kind="choice",
            words=RECOVERIES,
            hints=(
                "Four runs, one for each word of plan.recovery.",
                "Compare run.firms.customer_equity in North's row.",
            ),
            traps=(
                Trap(
                    lambda own: _best(own, "customers"),
                    "That one has the most customers. What do they cost, and what are they worth?",
                ),
                Trap(
                    lambda own: _best(own, "profit"),
                    "That one has the most profit in a year; customer equity looks ahead.",
                ),
            ),
        ),
        "q5": Question(
            "North could spend on failing less, on hearing more of its failures, or on answering better. Which first, and what "
            "would you have to know about its failures to be sure?",
            None,
            kind="text",
            points=4,
        ),
    },
)
