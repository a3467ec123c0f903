"""Failures that mechanisms add to those of the stage `serve`: complained of and answered like them, and the moods that they leave.

The mechanism of a kind of failure has a draw `answers_KIND` (0 voiced, 1 how severe, 2 put right, 3 quickly), a line `KIND_amends` and a
month column `KIND_answer`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from sim.ledger import C
from sim.mechanisms.frame import Own, columns, log, loop
from sim.mechanisms.loops import draw_rows
from sim.scenario.words import PENDING_BY

KINDS = {"contradiction": "sales_force", "spoiled": "partners", "wait": "supply"}
"""The kinds of failure that mechanisms add, and whose they are."""

SILENT = 1
"""What came of a failure that nobody complained of, in the columns `KIND_answer`; there 2 is a complaint in vain, 3 one that is put right slowly, 4 quickly, and 0 no failure."""

CHANCES = ("serve.chance_voice", "serve.chance_recovery", "serve.chance_quick")
"""The equations that say what comes of a failure."""

_FAILURE = PENDING_BY.index("failure")
_HAPPY, _UNHAPPY = C["happy"], C["unhappy"]


def fail(
    market: Any, own: Own, kind: str, who: np.ndarray, of: np.ndarray, *, harm: float, belief: float = 0.0
) -> np.ndarray:
    """Customers are failed by their suppliers. They complain or not, and that is put right or not, as in the stage `serve`.

    How severe a failure is decides there and here whether it is voiced; ``harm`` and ``belief`` are the same for all.

    Parameters
    ----------
    kind : one of `KINDS`. who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    harm, belief : satisfaction and belief in the firm lost to the failure, before it is put right.

    Returns
    -------
    bool (n,) : whose failure was not put right.

    Source: TARP 1979/1986; Goodman & Newman 2003; numbers are the stage's.
    """
    still = np.empty(len(who), dtype=bool)
    if not len(who):
        return still
    from sim.mechanisms.answered import FailedColumns, fail_rows

    c, book, levels, p = market.customers, market.ledger, market.levels, _numbers_of_serve(market.tables)
    claim, *_ = (own.claim(market, f"answers_{kind}", k) for k in range(4))
    given = _own_chances(market, claim, who, of, p)
    fail_rows(
        c.bundle(FailedColumns), *map(market.bundled, (market.month_of_firms, levels, p)), given, who, of, harm, belief, *claim,
        getattr(c, f"{kind}_answer"), book.current_counts, own.place(market, f"{kind}_amends"), book.current, book.signs, still,
    )  # fmt: skip
    return still


def _numbers_of_serve(tables: Any) -> Any:
    """What the equations of the stage `serve` read."""
    from sim.behaviours.frame import parameters
    from sim.behaviours.serve import ServeParameters

    decide = tables.decide
    return parameters(
        ServeParameters, tables.serve, contact_cost=decide.contact_cost, contact_time=decide.contact_time
    )


def _own_chances(market: Any, claim: Any, who: np.ndarray, of: np.ndarray, p: Any) -> np.ndarray:
    """Chances to complain, to be put right, and quickly, where an equation of the user's stands for one of `serve`: float64 (n, 3), else (0, 3)."""
    if not any(name in market.swaps.given for name in CHANCES):
        return np.empty((0, 3))
    voice, recovery, quick = (partial(market.call, name) for name in CHANCES)
    severe, firms = np.empty(len(who)), market.month_of_firms
    draw_rows(who, 1, *claim, severe)
    heard = market.levels.heard[market.customers.level[who]].tolist()
    voices = [voice(*of_one, p) for of_one in zip(heard, severity_of(severe, p).tolist(), strict=True)]
    bases, skills = firms.recovery_chance.tolist(), firms.skill.tolist()
    days, overloads = (firms.reply_days + firms.reply_wait).tolist(), firms.overload.tolist()
    answers = [(recovery(bases[f], skills[f], p), quick(days[f], overloads[f], p)) for f in range(len(bases))]
    return np.column_stack([voices, np.array(answers)[of]]).astype(np.float64)


def severity_of(luck: Any, p: Any) -> Any:
    """How severe a failure is, in utility, by a uniform number: exponential, as in the stage `serve`. Source: ours."""
    return -p.severity * log(luck)


SourColumns = columns("SourColumns", "mood", "mood_firm", "fired_by", "pending", "pending_by")


@loop
def sour_rows(c, who, of, again, counts):
    """The mood of customers turns against their supplier; ``again``: whether they think again, 1 or 0."""
    for x in range(len(who)):
        i, f = who[x], of[x]
        if again > 0:
            c.pending[i], c.pending_by[i] = 1, max(c.pending_by[i], _FAILURE)
        if c.fired_by[i] >= 0:
            continue
        same = c.mood_firm[i] == f
        if same and c.mood[i] > 0:
            counts[f, _HAPPY] -= 1
        if not same or c.mood[i] >= 0:
            counts[f, _UNHAPPY] += 1
        c.mood[i], c.mood_firm[i] = -1, f


def make_unhappy(market: Any, who: np.ndarray, of: np.ndarray) -> None:
    """Something of this month's purchases and visits makes customers unhappy with their supplier; they think again.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    """
    sour(market, who, of, again=1)


def sour(market: Any, who: np.ndarray, of: np.ndarray, again: int = 0) -> None:
    """The mood of customers turns against their supplier, after the stage `serve`.

    The counts of the month are of encounters; each of these customers adds one to `unhappy`, and takes one off `happy` who
    was happy, however many encounters he had. Who was unhappy with the supplier already is not counted again. Being fired
    outweighs it, as in the stage `serve`.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers. again : 1 where they think again, too.
    """
    if len(who):
        sour_rows(market.customers.bundle(SourColumns), who, of, again, market.ledger.current_counts)
