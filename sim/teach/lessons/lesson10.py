"""Lesson 10: which customers earn the profit, and which eat it."""

from __future__ import annotations

from functools import partial
from typing import Any

from sim.teach.lessons.worlds import at_end, best, world
from sim.teach.question import Lesson, Own, Question, Trap

ACTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "self_service": {"firms.Marktbank.plan.self_service": 0.5},
    "fire": {"firms.Marktbank.policy": "fires_unprofitable"},
}

MEASURES = {"customer_equity": "customer equity", "profit": "profit", "customers": "customers"}
"""By which a manager may be judged."""


def _run(own: Own, action: str = "nothing") -> Any:
    change = {"market.customers": 2000, "serve.materials": own.materials}
    return world("bank_branch", own.seed, change=change | ACTIONS[action])


def _peak(own: Own, column: str) -> float:
    from sim.metrics import whale_peak

    table = whale_peak(_run(own)).set_index("firm")
    return float(table.loc["Marktbank", column])


def _loss_makers(own: Own, below: bool = True) -> float:
    from sim.metrics import accounts

    table = accounts(_run(own))
    mine = table[table["firm"] == "Marktbank"]["profit"]
    return float(100.0 * ((mine < 0) if below else (mine > 0)).mean())


def _best(own: Own, column: str) -> frozenset[str]:
    return best({action: at_end(_run(own, action), "Marktbank", column) for action in ACTIONS})


LESSON = Lesson(
    "lesson10",
    "Customer profitability and cost to serve",
    "Which customers earn the profit, and what do you do about the others?",
    numbers={
        "seed": range(11, 1011),
        "materials": (1.0, 0.6, 0.8, 1.2, 1.5, 2.0),
        "measure": tuple(MEASURES),
    },
    questions={
        "q1": Question(
            "Before you run it: a visit to the bank takes materials of {materials} EUR (serve.materials = {materials}; bank_branch, "
            "2,000 people, seed {seed}). What percentage of Marktbank's customers will cost more than they bring in the last full "
            "year? Give a range that you believe with 80 %.",
            _loss_makers,
            kind="range",
            unit="percent of customers",
            best=lambda _own: 4.9,
        ),
        "q2": Question(
            "Run it. What percentage is it?",
            _loss_makers,
            unit="percent of customers",
            tolerance=0.02,
            hints=(
                "sim.metrics.accounts(run) has a row a customer, with the profit.",
                "Share of Marktbank's rows with profit below 0, times 100.",
            ),
            traps=(
                Trap(
                    lambda own: _loss_makers(own, False), "That is the share who bring more than they cost."
                ),
            ),
        ),
        "q3": Question(
            "How high is the peak of the whale curve, in percent of all profit?",
            lambda own: 100.0 * _peak(own, "whale_peak"),
            unit="percent of profit",
            tolerance=0.02,
            hints=(
                "sim.metrics.whale_peak(run) has a row a firm.",
                "100 times whale_peak in the row of Marktbank.",
            ),
            traps=(
                Trap(
                    lambda own: 100.0 * _peak(own, "whale_share"),
                    "That is the share of customers at the peak.",
                ),
                Trap(
                    lambda own: 100.0 * _peak(own, "destroyed"),
                    "That is what the others take back: the peak less 100.",
                ),
            ),
        ),
        "q4": Question(
            "Marktbank's manager is judged by {measure} (a column of run.firms). Which brings him the most: nothing, self_service "
            "(plan.self_service = 0.5), or fire (policy fires_unprofitable)?",
            lambda own: _best(own, own.measure),
            kind="choice",
            words=tuple(ACTIONS),
            hints=("Three runs; compare your measure in Marktbank's row, and no other.",),
            traps=tuple(
                Trap(
                    partial(_best, column=other),
                    f"That one brings the most {said}. Is that your measure?",
                )
                for other, said in MEASURES.items()
            ),
        ),
        "q5": Question(
            "Firing raises next year's profit. Give two reasons why it may still be a mistake, and what you would try first with a "
            "customer who costs more than he brings.",
            None,
            kind="text",
            points=4,
        ),
    },
)
