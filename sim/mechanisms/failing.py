"""Failures that mechanisms add to those of the stage `serve`: complained of and answered like them, and the moods that they leave.

The mechanism of a kind of failure has a draw `answers_KIND` (0 voiced, 1 how severe, 2 put right, 3 quickly), a line `KIND_amends` and a
month column `KIND_answer`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.ledger import C
from sim.mechanisms.frame import Own, clip, log
from sim.scenario.words import PENDING_BY

KINDS = {"contradiction": "sales_force", "spoiled": "partners", "wait": "supply"}
"""The kinds of failure that mechanisms add, and whose they are."""

SILENT, IN_VAIN, SLOWLY, QUICKLY = 1, 2, 3, 4
"""What came of a failure: the values of the columns `KIND_answer`; 0 where there was none."""

COUNTED = ("failures", "voiced", "resolved", "resolved_quickly")
"""The counts that one of these answers or a further one adds to, in their order."""

_FAILURE = PENDING_BY.index("failure")


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
    if not len(who):
        return np.empty(0, dtype=bool)
    c, p, firms = market.customers, market.tables.serve, market.month_of_firms
    answer = _answers(market, own, kind, who, of)
    voiced, good, quick = answer >= IN_VAIN, answer >= SLOWLY, answer == QUICKLY
    getattr(c, f"{kind}_answer")[who] = answer
    answers = np.bincount(of * len(COUNTED) + answer - 1, minlength=len(market.firms) * len(COUNTED))
    so_far = answers.reshape(-1, len(COUNTED))[:, ::-1].cumsum(axis=1)[
        :, ::-1
    ]  # who was put right, complained
    market.ledger.current_counts[:, [C[name] for name in COUNTED]] += so_far
    c.failed[who] = 1
    c.complaints[of, who] = np.minimum(c.complaints[of, who].astype(np.int64) + voiced, 255)
    kept = np.where(quick, p.quick_kept, np.where(good, p.slow_kept, 1.0)) * belief
    c.belief[of, who] -= kept.astype(np.float32)
    c.hurt[who] += kept.astype(np.float32)
    gained = np.where(quick, p.quick_satisfaction, np.where(good, p.slow_satisfaction, 0.0))
    c.satisfaction[who] = clip(clip(c.satisfaction[who] - harm, -1.0, 1.0) + gained, -1.0, 1.0)
    more = np.where(quick, p.quick_loyalty, np.where(good, p.slow_loyalty, 0.0))
    c.loyalty[who] = clip(c.loyalty[who] + more)
    c.trust[who] *= 1.0 - np.where(good, 0.0, np.where(voiced, p.trust_loss_voiced, p.trust_loss_silent))
    spend = 0.01 * c.month_spent_cents[who] / np.maximum(c.bought[who].astype(np.int64) + c.visited[who], 1)
    cost = market.tables.decide.contact_cost / firms.reply_days[of]
    cost = cost + good * (firms.recovery_cost[of] + firms.recovery_share[of] * spend)
    own.charge(market, f"{kind}_amends", who[voiced], cost[voiced])
    return ~good


def _answers(market: Any, own: Own, kind: str, who: np.ndarray, of: np.ndarray) -> np.ndarray:
    """What comes of failures, by the chances of the stage `serve`, an own equation of the user's in its place: uint8 (n,)."""
    firms, p = market.month_of_firms, own.follows("serve", lambda: _numbers_of_serve(market.tables))
    luck, severe, put_right, soon = (own.uniform(market, f"answers_{kind}", who, k) for k in range(4))
    voiced_by, heard = market.code("serve", "chance_voice"), market.levels.heard[market.customers.level[who]]
    voiced_by = getattr(voiced_by, "py_func", voiced_by)
    if "serve.chance_voice" in market.swaps.given:  # written for one customer
        voiced_by = np.frompyfunc(voiced_by, 3, 1)
    voice = np.asarray(voiced_by(heard, severity_of(severe, p), p), dtype=np.float64)
    recover, quick = (
        np.array([float(market.call(f"serve.{name}", *map(float, given), p)) for given in zip(*of_firms, strict=True)])
        for name, of_firms in (
            ("chance_recovery", (firms.recovery_chance, firms.skill)),
            ("chance_quick", (firms.reply_days + firms.reply_wait, firms.overload)),
        )
    )  # fmt: skip
    voiced = luck < voice
    good = voiced & (put_right < recover[of])
    return (SILENT + voiced + good + (good & (soon < quick[of]))).astype(np.uint8)


def _numbers_of_serve(tables: Any) -> Any:
    """What the equations of the stage `serve` read."""
    decide = tables.decide
    return SimpleNamespace(
        **dict(tables.serve), contact_cost=decide.contact_cost, contact_time=decide.contact_time
    )


def severity_of(luck: Any, p: Any) -> Any:
    """How severe a failure is, in utility, by a uniform number: exponential, as in the stage `serve`. Source: ours."""
    return -p.severity * log(luck)


def make_unhappy(market: Any, who: np.ndarray, of: np.ndarray) -> None:
    """Something of this month's purchases and visits makes customers unhappy with their supplier; they think again.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    """
    c = market.customers
    c.pending[who], c.pending_by[who] = 1, np.maximum(c.pending_by[who], _FAILURE)
    sour(market, who, of)


def sour(market: Any, who: np.ndarray, of: np.ndarray) -> None:
    """The mood of customers turns against their supplier, after the stage `serve`.

    The counts of the month are of encounters; each of these customers adds one to `unhappy`, and takes one off `happy` who
    was happy, however many encounters he had. Who was unhappy with the supplier already is not counted again. Being fired
    outweighs it, as in the stage `serve`.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    """
    c, counts, firms = market.customers, market.ledger.current_counts, len(market.firms)
    free = c.fired_by[who] < 0
    who, of = who[free], of[free]
    mood, same = c.mood[who], c.mood_firm[who] == of
    counts[:, C["happy"]] -= np.bincount(of[(mood > 0) & same], minlength=firms)
    counts[:, C["unhappy"]] += np.bincount(of[(mood >= 0) | ~same], minlength=firms)
    c.mood[who], c.mood_firm[who] = -1, of
