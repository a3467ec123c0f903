"""Lesson 3: what satisfaction does, and what it does not."""

from __future__ import annotations

from sim.teach.lessons.worlds import at_end, world
from sim.teach.question import Lesson, Own, Question, Trap

SMALL = {"market.customers": 1000, "market.months": 36}


def _north(own: Own, column: str, **change: float) -> float:
    changes = SMALL | {f"firms.North.{name.replace('__', '.')}": value for name, value in change.items()}
    return at_end(world("plain", own.seed, change=changes), "North", column)


def _gain(own: Own) -> float:
    return _north(own, "customers", quality=own.step) - _north(own, "customers")


def _loss(own: Own) -> float:
    return _north(own, "customers") - _north(own, "customers", quality=-own.step)


def _change(own: Own, column: str) -> float:
    """What the promise adds to a figure."""
    return _north(own, column, plan__promise=own.promise) - _north(own, column)


LESSON = Lesson(
    "lesson03",
    "Satisfaction, loyalty and their limits",
    "Does a satisfied customer stay, and does a promise make one?",
    numbers={"seed": range(11, 1011), "step": (0.2, 0.15, 0.25, 0.3), "promise": (0.45, 0.3, 0.4, 0.5, 0.6)},
    questions={
        "q1": Question(
            "Before you run it: North promises {promise} more than the market's norm and delivers the average "
            "(firms.North.plan.promise = {promise}; plain market, 1,000 customers, 36 months, seed {seed}). What share of its "
            "customers will it keep in the last year, in percent? Give a range that you believe with 80 %.",
            lambda own: 100.0 * _north(own, "annual_retention", plan__promise=own.promise),
            kind="range",
            unit="percent",
            best=lambda _own: 7.8,
        ),
        "q2": Question(
            "How many customers more has North at the end when its quality is {step} instead of 0 (no promise)?",
            _gain,
            unit="customers",
            absolute=0.5,
            hints=(
                "Two runs that differ in firms.North.quality alone; the same seed, customers and months in both.",
                'sim.run("plain", seed=own.seed, change={"market.customers": 1000, "market.months": 36, '
                '"firms.North.quality": own.step})',
            ),
            traps=(
                Trap(
                    lambda own: _north(own, "customers", quality=own.step),
                    "That is how many it has; how many more than at 0?",
                ),
                Trap(
                    lambda own: _gain(own) + _loss(own),
                    "That is from minus to plus; the question begins at 0.",
                ),
            ),
        ),
        "q3": Question(
            "And how many fewer when its quality is -{step}? Give a number above 0.",
            _loss,
            unit="customers",
            absolute=0.5,
            hints=(
                "The same two runs, with a quality below 0 in the second.",
                "Customers at 0 less customers at -own.step.",
            ),
            traps=(Trap(_gain, "That is what it gains at the better quality."),),
        ),
        "q4": Question(
            "By how much does the promise change North's customer equity, compared with no promise (below 0 if it falls)?",
            lambda own: _change(own, "customer_equity"),
            unit="EUR",
            hints=(
                "Run both and look at customer_equity in the row of North.",
                "customer_equity with the promise of q1 less customer_equity without one; the quality is 0 in both.",
            ),
            traps=(
                Trap(
                    lambda own: _change(own, "profit"), "That is a year's profit; asked is customer equity."
                ),
                Trap(lambda own: _change(own, "customers"), "Those are customers. What are they worth?"),
                Trap(
                    lambda own: _north(own, "customer_equity", plan__promise=own.promise),
                    "That is what it is with the promise. By how much does it change?",
                ),
            ),
        ),
        "q5": Question(
            "A dealer's customers are no more satisfied than others', and nine in ten stay. Explain it, and say what you would "
            "measure instead of retention.",
            None,
            kind="text",
            points=4,
        ),
    },
)
