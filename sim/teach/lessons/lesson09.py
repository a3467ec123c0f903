"""Lesson 9: winning against keeping, on average and at the margin."""

from __future__ import annotations

from sim.teach.lessons.worlds import world
from sim.teach.question import Lesson, Own, Question, Trap

WIDE = {150: 12.8, 200: 16.4, 250: 18.3, 300: 19.2, 350: 20.7, 400: 21.4}
"""EUR a customer won: how wide the best forecast is, by the budget."""


def _north(own: Own, times: float, column: str) -> float:
    change = {
        "market.customers": 1000,
        "market.months": 48,
        "firms.North.plan.advertising": own.budget * times,
    }
    months = world("plain", own.seed, change=change).months
    last = months[(months["firm"] == "North") & (months["month"] == 48)]
    return float(last[column].iloc[0])


def _marginal(own: Own) -> float:
    spend = _north(own, 2, "acquisition_cost") * _north(own, 2, "customers_won")
    before = _north(own, 1, "acquisition_cost") * _north(own, 1, "customers_won")
    return (spend - before) / (_north(own, 2, "customers_won") - _north(own, 1, "customers_won"))


def _wins_more(own: Own) -> bool:
    """Whether twice the budget wins so many more that their cost says something: one more or less changes it by a fifth."""
    return _north(own, 2, "customers_won") - _north(own, 1, "customers_won") >= 5


LESSON = Lesson(
    "lesson09",
    "Acquisition against retention",
    "Is keeping a customer really five times cheaper than winning one?",
    numbers={"seed": range(11, 1011), "budget": (250, 150, 200, 300, 350, 400)},
    holds=_wins_more,
    questions={
        "q1": Question(
            "Before you run it: North advertises for {budget} EUR a month, then for twice as much (firms.North.plan.advertising; "
            "plain market, 1,000 customers, 48 months, seed {seed}). What will one customer won cost it on average in the last "
            "year at twice the budget (acquisition_cost)? Give a range in EUR that you believe with 80 %.",
            lambda own: _north(own, 2, "acquisition_cost"),
            kind="range",
            unit="EUR",
            best=lambda own: WIDE[own.budget],
        ),
        "q2": Question(
            "Run it at {budget} EUR. How many times as dear as keeping a customer for a year is winning one (cost_ratio in month "
            "48)?",
            lambda own: _north(own, 1, "cost_ratio"),
            unit="times",
            absolute=0.05,  # the lesson shows one decimal
            hints=(
                "A column of run.firms: acquisition_cost over retention_cost.",
                "run.firms.cost_ratio, North's row.",
            ),
            traps=(
                Trap(lambda own: 1.0 / _north(own, 1, "cost_ratio"), "Upside down: winning over keeping."),
                Trap(lambda own: _north(own, 2, "cost_ratio"), "That is at twice the budget."),
            ),
        ),
        "q3": Question(
            "What does one customer more cost: the rise of all spend on winning in the last year, over the rise of customers won, "
            "from {budget} EUR to twice as much?",
            _marginal,
            unit="EUR a customer",
            tolerance=0.02,
            hints=(
                "Spend on winning is acquisition_cost times customers_won; both stand in run.months, month 48, for the last year.",
                "(cost times won at twice the budget less cost times won at the budget) over (won at twice less won).",
            ),
            traps=(
                Trap(
                    lambda own: _north(own, 2, "acquisition_cost"), "That is the average at twice the budget."
                ),
            ),
        ),
        "q4": Question(
            "By how many EUR is one customer more dearer than a customer won on average at {budget} EUR (below 0 if he is cheaper)?",
            lambda own: _marginal(own) - _north(own, 1, "acquisition_cost"),
            unit="EUR",
            tolerance=0.02,
            absolute=1.0,
            hints=("Your answer to q3, less acquisition_cost at the small budget.",),
            traps=(
                Trap(
                    lambda own: _north(own, 2, "acquisition_cost") - _north(own, 1, "acquisition_cost"),
                    "That is how much the average rises; asked is one customer more.",
                ),
                Trap(
                    lambda own: _marginal(own) - _north(own, 2, "acquisition_cost"),
                    "You took the average at twice the budget; asked is that at the budget itself.",
                ),
            ),
        ),
        "q5": Question(
            "A consultant says: keeping costs a fifth of winning, so move the whole advertising budget to retention. What is wrong "
            "with the sentence, and which number would decide?",
            None,
            kind="text",
            points=4,
        ),
    },
)
