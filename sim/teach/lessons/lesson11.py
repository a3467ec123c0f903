"""Lesson 11: from a log of purchases to what each customer hears."""

from __future__ import annotations

from typing import Any

from sim.teach.lessons.worlds import world
from sim.teach.question import Lesson, Own, Question, Trap


def _run(own: Own) -> Any:
    return world("web_shop", own.seed, change={"firms.Pulse.plan.personalization": own.fit})


def _cells(own: Own) -> Any:
    from sim.metrics import rfm_cells

    table = rfm_cells(_run(own))
    return table[table["firm"] == "Pulse"]


def _yes(own: Own) -> float:
    months = _run(own).months
    return float(months.query("firm == 'Pulse' and month == 48")["permission_base"].iloc[0])


def _best(own: Own) -> float:
    table = _cells(own)
    best = table[
        table["recency"].astype(int) + table["frequency"].astype(int) + table["monetary"].astype(int) >= 13
    ]
    return float(100.0 * best["spent"].sum() / table["spent"].sum())


def _all_fives(own: Own, column: str) -> float:
    table = _cells(own)
    cell = table[(table["recency"] == 5) & (table["frequency"] == 5) & (table["monetary"] == 5)]
    return float(cell[column].sum())


def _known(own: Own, share: bool = False, everybody: bool = False) -> float:
    """Customers of Sohle's whom it knows at the end; their share; all of its customers."""
    run = world(
        "behind_the_retailer", own.seed, change={"mechanisms.intermediary.firms.Sohle.direct": own.direct}
    )
    last = run.months.query("firm == 'Sohle'").iloc[-1]
    if share:
        return float(last["known_customers"])
    return float(last["customers"] * (1.0 if everybody else last["known_customers"]))


LESSON = Lesson(
    "lesson11",
    "Identify, differentiate, interact, customize",
    "What can a small shop do with a list of purchases?",
    numbers={
        "seed": range(11, 1011),
        "fit": (0.6, 0.3, 0.4, 0.5, 0.8, 0.9, 1.0),
        "direct": (0.4, 0.2, 0.3, 0.6, 0.7, 0.8),
    },
    questions={
        "q1": Question(
            "Before you run it: Pulse fits its mail to the person with an effort of {fit} (firms.Pulse.plan.personalization = {fit}; "
            "web_shop, seed {seed}). How many people will have said yes to its mail after 48 months (permission_base)? Give a "
            "range that you believe with 80 %.",
            _yes,
            kind="range",
            unit="people",
            best=lambda _own: 33.0,
        ),
        "q2": Question(
            "Run it. In how many customer-months did Pulse's third rule fire, the offer to good customers who lapsed?",
            lambda own: float(_run(own).rules.query("firm == 'Pulse'")["fired"].iloc[2]),
            unit="customer-months",
            absolute=0.5,
            hints=("`run.rules` has a row a rule.", "Its column fired, rule 3 of Pulse."),
            traps=(
                Trap(
                    lambda own: float(_run(own).rules.query("firm == 'Pulse'")["fired"].sum()),
                    "That is all of Pulse's rules together.",
                ),
            ),
        ),
        "q3": Question(
            "How many customers are in the best cell of the RFM cube, 555?",
            lambda own: _all_fives(own, "customers"),
            unit="customers",
            absolute=0.5,
            hints=(
                "sim.metrics.rfm_cells(run) has a row a cell.",
                "The row of Pulse with recency, frequency and monetary 5.",
            ),
            traps=(Trap(lambda own: _all_fives(own, "purchases"), "Those are their purchases."),),
        ),
        "q4": Question(
            "What percentage of the spend on record comes from the customers whose three digits add up to 13 or more?",
            _best,
            unit="percent of spend",
            tolerance=0.01,
            hints=(
                "Add recency, frequency and monetary in each row of rfm_cells, and sum spent.",
                "Pulse's rows only, in both sums.",
            ),
        ),
        "q5": Question(
            "Sohle opens a shop of its own for {direct:.0%} of the people (mechanisms.intermediary.firms.Sohle.direct = {direct}; "
            "behind_the_retailer, seed {seed}). How many of its customers does it know by name in the last month?",
            _known,
            unit="customers",
            absolute=0.5,
            hints=(
                "`run.months` has known_customers, the share of a firm's customers whom it knows.",
                "Sohle's last row: known_customers times customers.",
            ),
            traps=(
                Trap(
                    lambda own: _known(own, share=True),
                    "That is the share of its customers; how many are they?",
                ),
                Trap(
                    lambda own: _known(own, everybody=True),
                    "Those are all who buy its shoes. Whom does it know?",
                ),
            ),
        ),
        "q6": Question(
            "The third rule makes an offer to people who stopped buying. How would you find out whether it pays, when some would have "
            "come back anyway?",
            None,
            kind="text",
            points=4,
        ),
    },
)
