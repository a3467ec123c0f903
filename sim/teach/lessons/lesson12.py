"""Lesson 12: a strategy is an answer to what the others do."""

from __future__ import annotations

from sim.teach.lessons.worlds import at_end, best, world
from sim.teach.question import Lesson, Own, Question, Trap

STRATEGIES = ("retainer", "acquirer", "price_cutter")

WIDE = {"acquirer": 24.1, "retainer": 30.2}
"""Guests: how wide the best forecast is, by the rival's policy."""


def _corner(own: Own, mine: str, theirs: str, column: str = "customer_equity", firm: str = "Corner") -> float:
    run = world("two_cafes", own.seed, Corner=mine, Express=theirs)
    return at_end(run, firm, column)


def _answer(own: Own, column: str) -> frozenset[str]:
    return best({mine: _corner(own, mine, own.rival, column) for mine in STRATEGIES})


def _swing(own: Own, shared: float, beyond: int = 12) -> float:
    """The bullwhip of Pulse (variance of its orders over that of its sales): the mean of the months after some."""
    change = {
        "mechanisms.supply.lead_months": own.lead,
        "mechanisms.supply.firms.Pulse.shared_signal": shared,
    }
    months = world("web_shop", own.seed, change=change).months
    return float(months[(months["firm"] == "Pulse") & (months["month"] > beyond)]["bullwhip"].mean())


LESSON = Lesson(
    "lesson12",
    "Strategy, rivals and the relating capability",
    "What is the best strategy when the rival has one too?",
    numbers={
        "seed": range(11, 1011),
        "rival": ("acquirer", "retainer"),
        "measure": ("customer_equity", "customers"),
        "lead": (2, 3, 4),
    },
    questions={
        "q1": Question(
            "Before you run it: Express follows the policy {rival}, and Corner the policy retainer "
            '(policies={{"Corner": "retainer", "Express": "{rival}"}}; two_cafes, seed {seed}). How many guests will Corner have at the end? Give a '
            "range that you believe with 80 %.",
            lambda own: _corner(own, "retainer", own.rival, "customers"),
            kind="range",
            unit="guests",
            best=lambda own: WIDE[own.rival],
        ),
        "q2": Question(
            "Run it. What is Corner's customer equity?",
            lambda own: _corner(own, "retainer", own.rival),
            unit="EUR",
            hints=(
                'policies={"Corner": "retainer", "Express": own.rival}',
                'sim.run("two_cafes", seed=own.seed, policies={…}).firms.customer_equity, Corner\'s row.',
            ),
            traps=(
                Trap(
                    lambda own: _corner(own, "retainer", own.rival, firm="Express"),
                    "That is Express. You are Corner.",
                ),
                Trap(lambda own: _corner(own, "retainer", own.rival, "profit"), "That is a year's profit."),
            ),
        ),
        "q3": Question(
            "Against this rival, and judged by {measure} (a column of run.firms): which of the three policies is Corner's best?",
            lambda own: _answer(own, own.measure),
            kind="choice",
            words=STRATEGIES,
            hints=(
                "Three runs that differ in Corner's policy alone.",
                "Compare your measure in Corner's row, and no other.",
            ),
            traps=(
                Trap(
                    lambda own: _answer(own, "customers"),
                    "That one has the most guests. What are they worth?",
                ),
                Trap(
                    lambda own: _answer(own, "customer_equity"),
                    "That one is worth the most. How many guests has it?",
                ),
            ),
        ),
        "q4": Question(
            "Both cafés undercut each other (price_cutter against price_cutter). What is Corner's profit in the last twelve months?",
            lambda own: _corner(own, "price_cutter", "price_cutter", "profit"),
            unit="EUR",
            hints=('policies={"Corner": "price_cutter", "Express": "price_cutter"}', "It may be below 0."),
        ),
        "q5": Question(
            "Pulse's goods come {lead} months after they are ordered (mechanisms.supply.lead_months = {lead}; web_shop, seed {seed}). In the mean of "
            "the months after 12: by how much does bullwhip fall when suppliers see all of the demand "
            "(mechanisms.supply.firms.Pulse.shared_signal = 1.0 instead of 0.0)?",
            lambda own: _swing(own, 0.0) - _swing(own, 1.0),
            unit="times the variance of sales",
            tolerance=0.02,
            absolute=0.01,
            hints=(
                "Two runs that differ in shared_signal; `run.months` has the column bullwhip.",
                "The mean of Pulse's rows with month > 12, in each of the two, and the difference.",
            ),
            traps=(
                Trap(
                    lambda own: _swing(own, 0.0),
                    "That is the bullwhip where nothing is shared. By how much does it fall?",
                ),
                Trap(
                    lambda own: _swing(own, 1.0),
                    "That is what is left where the demand is shared. By how much did it fall?",
                ),
                Trap(
                    lambda own: _swing(own, 0.0, 0) - _swing(own, 1.0, 0),
                    "That is the mean of all months; the first year's stocks are still settling.",
                ),
            ),
        ),
        "q6": Question(
            "A firm buys the software first and asks for the strategy later. Use one number of this lesson to say what is missing, "
            "and name a measure by which you would reward its managers.",
            None,
            kind="text",
            points=4,
        ),
    },
)
