"""Lesson 7: how much relationship, for whom, and with which bond."""

from __future__ import annotations

from sim.teach.lessons.worlds import at_end, best, world
from sim.teach.question import Lesson, Own, Question, Trap

LEVELS = ("basic", "reactive", "accountable", "proactive", "partnership")


def _firm(own: Own, level: str, column: str) -> float:
    change = {"market.customers": 1000, "market.months": 36, "segments.everyone.basket.mean": own.basket}
    return at_end(
        world("plain", own.seed, change=change | {"firms.North.plan.level": level}), "North", column
    )


def _best(own: Own, column: str = "customer_equity") -> frozenset[str]:
    return best({level: _firm(own, level, column) for level in LEVELS})


LESSON = Lesson(
    "lesson07",
    "The five levels and the three bonds",
    "How much relationship is enough?",
    numbers={"seed": range(11, 1011), "basket": (100, 30, 60, 150, 240, 400)},
    questions={
        "q1": Question(
            "Before you run it: customers spend {basket} EUR a purchase (segments.everyone.basket.mean = {basket}; plain market, "
            "1,000 customers, 36 months, seed {seed}), and North treats all of them as partners (firms.North.plan.level = "
            "partnership). What share of them will it keep in the last year, in percent? Give a range that you believe with 80 %.",
            lambda own: 100.0 * _firm(own, "partnership", "annual_retention"),
            kind="range",
            unit="percent",
            best=lambda _own: 4.3,
        ),
        "q2": Question(
            "Let North take each of the five levels in turn. Which one gives it the most customer equity?",
            _best,
            kind="choice",
            words=LEVELS,
            hints=(
                "Five runs that differ in firms.North.plan.level alone.",
                "Compare customer_equity in North's row, not retention or customers.",
            ),
            traps=(
                Trap(
                    lambda own: _best(own, "annual_retention"),
                    "That level keeps the most customers. Does it earn the most with them?",
                ),
                Trap(
                    lambda own: _best(own, "customers"),
                    "That level has the most customers. Does it earn the most with them?",
                ),
            ),
        ),
        "q3": Question(
            "How much customer equity does North have more with the best level than with partnership for everybody (0 if "
            "partnership is best)?",
            lambda own: (
                _firm(own, min(_best(own)), "customer_equity") - _firm(own, "partnership", "customer_equity")
            ),
            unit="EUR",
            hints=(
                "The best of the five runs less the run with partnership.",
                "Customer equity may be below 0: mind the sign.",
            ),
            traps=(
                Trap(
                    lambda own: _firm(own, min(_best(own)), "profit") - _firm(own, "partnership", "profit"),
                    "That is a year's profit; asked is customer equity.",
                ),
            ),
        ),
        "q4": Question(
            "Kotler says: the more margin a customer has and the fewer customers there are, the higher the level. Does your world "
            "agree, and at which basket would your best level change? Say how you would find out.",
            None,
            kind="text",
            points=4,
        ),
    },
)
