"""Lesson 8: mail with and without permission."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import best, world
from sim.teach.question import Lesson, Own, Question, Trap

SMALL = {"market.customers": 1000, "market.months": 36, "firms.North.plan.personalization": 0.7}
STRATEGIES = ("opt_in", "interruption")

WIDE = {3: 12.5, 4: 11.0, 5: 10.2, 6: 8.8, 8: 7.7, 10: 7.2}
"""Percent of mail: how wide the best forecast is, by messages a month."""


def _run(own: Own, strategy: str) -> Any:
    north = {"firms.North.plan.strategy": strategy, "firms.North.plan.messages": own.messages}
    return world("plain", own.seed, change=SMALL | north)


def _months(own: Own, strategy: str, column: str, first: int, last: int) -> float:
    months = _run(own, strategy).months
    mine = months[(months["firm"] == "North") & months["month"].between(first, last)]
    return float(mine[column].sum())


def _ahead(own: Own) -> frozenset[str]:
    """The strategy that has brought more by the own month."""
    return best({strategy: _months(own, strategy, "profit", 1, own.until) for strategy in STRATEGIES})


LESSON = Lesson(
    "lesson08",
    "Permission, personalization and privacy",
    "What is a yes worth?",
    numbers={"seed": range(11, 1011), "messages": (5, 3, 4, 6, 8, 10), "until": (36, 6, 9, 12, 24, 30)},
    questions={
        "q1": Question(
            "Before you run it: North sends {messages} messages a month to everybody whose address it can get "
            "(firms.North.plan.strategy = interruption, messages = {messages}, personalization = 0.7; plain market, 1,000 "
            "customers, 36 months, seed {seed}). What share of its mail will still arrive in month 36, in percent "
            "(deliverability)? Give a range that you believe with 80 %.",
            lambda own: 100.0 * _months(own, "interruption", "deliverability", 36, 36),
            kind="range",
            unit="percent",
            best=lambda own: WIDE[own.messages],
        ),
        "q2": Question(
            "Run it, and run it again with the strategy opt_in. How many people have said yes to North's mail in month 36 under "
            "opt_in (permission_base)?",
            lambda own: _months(own, "opt_in", "permission_base", 36, 36),
            unit="people",
            absolute=0.5,
            hints=(
                "A column of run.months; North's last row.",
                "run.months.query(\"firm == 'North' and month == 36\").permission_base",
            ),
            traps=(
                Trap(
                    lambda own: _months(own, "interruption", "permission_base", 36, 36),
                    "That is under interruption.",
                ),
                Trap(
                    lambda own: 100.0 * _months(own, "opt_in", "read_rate", 36, 36),
                    "That is how many of them read.",
                ),
            ),
        ),
        "q3": Question(
            "How much less profit does North make in the last twelve months with interruption than with opt_in (above 0 if "
            "interruption makes less)?",
            lambda own: (
                _months(own, "opt_in", "profit", 25, 36) - _months(own, "interruption", "profit", 25, 36)
            ),
            unit="EUR",
            hints=("Profit of months 25 to 36, opt_in less interruption.", "run.firms.profit is that sum."),
            traps=(
                Trap(
                    lambda own: (
                        _months(own, "opt_in", "profit", 1, 36)
                        - _months(own, "interruption", "profit", 1, 36)
                    ),
                    "That is all three years; asked are the last twelve months.",
                ),
            ),
        ),
        "q4": Question(
            "Which of the two strategies has brought North more profit by month {until}, all months from the first on together?",
            _ahead,
            kind="choice",
            words=STRATEGIES,
            hints=(
                "Sum profit in run.months, North's rows of months 1 to own.until, in both runs.",
                "run.months.query(\"firm == 'North' and month <= @own.until\").profit.sum()",
            ),
        ),
        "q5": Question(
            "A colleague shows you the first quarter: interruption brought more. What do you answer, and which two numbers would "
            "you watch from the first month on?",
            None,
            kind="text",
            points=4,
        ),
    },
)
