"""Lesson 2: what a customer is worth."""

from __future__ import annotations

from sim.teach.lessons.worlds import at_end, world
from sim.teach.question import Lesson, Own, Question, Trap


def multiple(own: Own, more: float = 0.0) -> float:
    """The margin multiple r / (1 + i - r) at the own retention, so many points higher (Gupta & Lehmann 2003)."""
    kept = own.retention + more
    return float(kept / (1.0 + own.rate - kept))


def _pulse(own: Own, column: str) -> float:
    return at_end(world("web_shop", own.seed), "Pulse", column)


LESSON = Lesson(
    "lesson02",
    "Lifetime value and customer equity",
    "What is a customer worth, and what is a point of retention worth?",
    numbers={
        "seed": range(11, 1011),
        "margin": (90, 40, 60, 75, 110, 130, 150),
        "retention": (0.72, 0.64, 0.68, 0.74, 0.78, 0.82, 0.86),
        "rate": (0.09, 0.07, 0.08, 0.11, 0.12),
    },
    questions={
        "q1": Question(
            "A customer brings {margin} EUR a year as long as he stays, stays a year with a chance of {retention:.0%}, and money "
            "costs {rate:.0%} a year. What is he worth, if the first margin comes a year from now?",
            lambda own: own.margin * multiple(own),
            unit="EUR",
            tolerance=0.005,
            hints=(
                "A sum without end: margin times r/(1+i), times (r/(1+i)) squared, and so on. It has a closed form.",
                "margin * r / (1 + i - r), with r the retention and i the rate.",
            ),
            traps=(
                Trap(
                    lambda own: own.margin * (1 + own.rate) / (1 + own.rate - own.retention),
                    "You count a first margin now. Here the first one comes in a year, and only if he stays.",
                ),
                Trap(
                    lambda own: own.margin / (1 + own.rate - own.retention),
                    "He must stay the first year too: one r is missing.",
                ),
                Trap(
                    lambda own: own.margin * own.retention / (1 - own.retention),
                    "Money has its price: where is the rate?",
                ),
                Trap(
                    lambda own: own.margin / (1 - own.retention),
                    "That is margin times expected years, without the rate.",
                ),
            ),
        ),
        "q2": Question(
            "Retention rises by five points. By how many percent does his worth rise?",
            lambda own: 100.0 * (multiple(own, 0.05) / multiple(own) - 1.0),
            unit="percent",
            tolerance=0.02,
            hints=(
                "Worth after over worth before, less one.",
                "The margin cancels; only r / (1 + i - r) counts, at r + 0.05 and at r.",
            ),
            traps=(
                Trap(
                    lambda own: own.margin * (multiple(own, 0.05) - multiple(own)),
                    "That is the rise in EUR; wanted are percent.",
                ),
                Trap(
                    lambda own: 100.0 * (multiple(own, 0.05 * own.retention) / multiple(own) - 1.0),
                    "Five points are not five percent: 0.60 becomes 0.65.",
                ),
            ),
        ),
        "q3": Question(
            "Before you run the web shop with seed {seed}: what customer equity will Pulse have at the end, in EUR? Give a "
            "range that you believe with 80 %.",
            lambda own: _pulse(own, "customer_equity"),
            kind="range",
            unit="EUR",
            best=lambda _own: 46_400.0,
        ),
        "q4": Question(
            "Run it. What is one of Pulse's customers worth at the end, by the margin multiple?",
            lambda own: _pulse(own, "customer_equity") / _pulse(own, "customers"),
            unit="EUR",
            hints=(
                "Customer equity is the worth of all customers.",
                "run.firms: customer_equity over customers, in Pulse's row.",
            ),
            traps=(
                Trap(
                    lambda own: _pulse(own, "profit") / _pulse(own, "customers"),
                    "That is a year's profit a customer.",
                ),
                Trap(
                    lambda own: _pulse(own, "revenue") / _pulse(own, "customers"),
                    "That is a year's revenue a customer.",
                ),
                Trap(lambda own: _pulse(own, "customer_equity"), "That is all of them together."),
            ),
        ),
        "q5": Question(
            "The margin multiple and the firm's own database disagree about Pulse's customers. Which of the two would you put "
            "into a plan, and what does it leave out?",
            None,
            kind="text",
            points=4,
        ),
    },
)
