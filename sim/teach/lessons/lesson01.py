"""Lesson 1: two cafés, one that sells and one that remembers."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import world
from sim.teach.question import Lesson, Own, Question, Trap


def _street(own: Own) -> Any:
    return world("two_cafes", own.seed, change={"firms.Express.policy.below": own.below})


def _guests(own: Own, month: int, firm: str = "Corner") -> float:
    months = _street(own).months
    return float(months[(months["month"] == month) & (months["firm"] == firm)]["customers"].iloc[0])


def _more(own: Own, column: str) -> float:
    firms = _street(own).firms
    return float(firms.loc["Corner", column] - firms.loc["Express", column])


LESSON = Lesson(
    "lesson01",
    "Relationships and exchange",
    "What does a relationship do that a single exchange does not?",
    numbers={"seed": range(11, 1011), "below": (0.06, 0.04, 0.10, 0.12, 0.14)},
    questions={
        "q1": Question(
            "Before you run it: how many guests will Corner have after 36 months, with seed {seed} and Express "
            "{below:.0%} under the market's price (firms.Express.policy.below = {below})? Give a range that you believe "
            "with 80 %.",
            lambda own: _guests(own, 36),
            kind="range",
            unit="guests",
            best=lambda _own: 26.0,
        ),
        "q2": Question(
            "Run it. How many more guests does Corner have in month 36 than in month 6?",
            lambda own: _guests(own, 36) - _guests(own, 6),
            unit="guests",
            absolute=0.5,
            hints=(
                "`run.months` has a row a month and firm; take two of Corner's.",
                "Both numbers stand in the column customers: months 36 and 6 of firm Corner. Is your seed in `sim.run`?",
                "run.months.query(\"firm == 'Corner' and month in (6, 36)\").customers",
            ),
            traps=(
                Trap(
                    lambda own: _guests(own, 36) - _guests(own, 1),
                    "That is since month 1; the question begins with month 6.",
                ),
                Trap(
                    lambda own: _guests(own, 36, "Express") - _guests(own, 6, "Express"),
                    "That is Express. You are Corner.",
                ),
                Trap(lambda own: _guests(own, 36), "That is where it ends, not how much it grew."),
            ),
        ),
        "q3": Question(
            "How much more profit than Express does Corner make in the last twelve months?",
            lambda own: _more(own, "profit"),
            unit="EUR",
            hints=(
                "`run.firms` has the sums of the last twelve months, a row a firm.",
                "Column profit, Corner less Express.",
            ),
            traps=(
                Trap(
                    lambda own: _more(own, "revenue"), "That is revenue: what is left of it after all costs?"
                ),
                Trap(
                    lambda own: _more(own, "customer_equity"),
                    "That is customer equity, which looks ahead; profit looks back.",
                ),
            ),
        ),
        "q4": Question(
            "Which of the two cafés lives on exchanges and which on relationships? Name the number that you would show as "
            "evidence, and what would have to be seen to change your mind.",
            None,
            kind="text",
            points=4,
        ),
    },
)
