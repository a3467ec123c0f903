"""Failures that mechanisms add to those of the stage `serve`: complained of and answered like them, and the moods that they leave.

The mechanism of a kind of failure has a draw `answers_KIND` (0 voiced, 1 how severe, 2 put right, 3 quickly), a line `KIND_amends` and a
month column `KIND_answer`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.ledger import C
from sim.mechanisms.frame import Own, clip, columns, draw, enter, log, loop
from sim.mechanisms.loops import draw_rows, numbers_class
from sim.scenario.words import PENDING_BY

KINDS = {"contradiction": "sales_force", "spoiled": "partners", "wait": "supply"}
"""The kinds of failure that mechanisms add, and whose they are."""

SILENT = 1
"""What came of a failure that nobody complained of, in the columns `KIND_answer`; there 2 is a complaint in vain, 3 one that is put right slowly, 4 quickly, and 0 no failure."""

_FAILURE = PENDING_BY.index("failure")
_HAPPY, _UNHAPPY = C["happy"], C["unhappy"]
_FAILURES, _VOICED, _RESOLVED, _QUICKLY = (
    C[name] for name in ("failures", "voiced", "resolved", "resolved_quickly")
)

FailedColumns = columns(
    "FailedColumns", "bought", "visited", "month_spent_cents", "satisfaction", "loyalty", "trust", "belief", "hurt",
    "complaints", "failed", "month_profit_cents",
)  # fmt: skip


@loop
def fail_rows(
    c, firms, p, contact_cost, voice, recover, soon, who, of, harm, belief, month, code, key0, key1, answers, counts, line,
    ledger, signs, still
):  # fmt: skip
    """Failures of some customers, into ``answers``, a value a customer; ``still``: whose was not put right.

    ``p``: numbers of the stage `serve`. ``voice``: chances to complain, as ``who``; ``recover``, ``soon``: to be put right, and quickly, by firm.
    """
    for x in range(len(who)):
        i, f = who[x], of[x]
        voiced = draw(i, 0, month, code, key0, key1) < voice[x]
        good = voiced and draw(i, 2, month, code, key0, key1) < recover[f]
        quick = good and draw(i, 3, month, code, key0, key1) < soon[f]
        kept, gained, more, lost = 1.0, 0.0, 0.0, 0.0
        if quick:
            kept, gained, more = p.quick_kept, p.quick_satisfaction, p.quick_loyalty
        elif good:
            kept, gained, more = p.slow_kept, p.slow_satisfaction, p.slow_loyalty
        else:
            lost = p.trust_loss_voiced if voiced else p.trust_loss_silent
        still[x] = not good
        answers[i] = SILENT + int(voiced) + int(good) + int(quick)
        counts[f, _FAILURES] += 1
        counts[f, _VOICED] += int(voiced)
        counts[f, _RESOLVED] += int(good)
        counts[f, _QUICKLY] += int(quick)
        c.failed[i] = 1
        c.complaints[f, i] = min(np.int64(c.complaints[f, i]) + int(voiced), 255)
        c.belief[f, i] -= np.float32(kept * belief)
        c.hurt[i] += np.float32(kept * belief)
        sunk = clip(np.float64(c.satisfaction[i] - np.float32(harm)), -1.0, 1.0)
        c.satisfaction[i] = clip(sunk + gained, -1.0, 1.0)
        c.loyalty[i] = clip(np.float64(c.loyalty[i]) + more)
        c.trust[i] = np.float64(c.trust[i]) * (1.0 - lost)
        if voiced:
            spend = 0.01 * c.month_spent_cents[i] / max(np.int64(c.bought[i]) + np.int64(c.visited[i]), 1)
            amends = firms.recovery_cost[f] + firms.recovery_share[f] * spend if good else 0.0
            cost = contact_cost / firms.reply_days[f] + amends
            enter(ledger, signs, c.month_profit_cents, f, i, line, cost)


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
    c, book, contact_cost = market.customers, market.ledger, market.tables.decide.contact_cost
    claim, *_ = (own.claim(market, f"answers_{kind}", k) for k in range(4))
    equations_p, p = own.follows("serve", lambda: _numbers_of_serve(market.tables))
    fail_rows(
        c.bundle(FailedColumns), market.bundled(market.month_of_firms), p, contact_cost,
        *_chances(market, claim, who, of, equations_p), who, of, harm, belief, *claim, getattr(c, f"{kind}_answer"),
        book.current_counts, own.place(market, f"{kind}_amends"), book.current, book.signs, still,
    )  # fmt: skip
    return still


def _numbers_of_serve(tables: Any) -> tuple[Any, Any]:
    """What the equations of the stage `serve` read, and its numbers for a loop."""
    from sim.compiled import bundle

    table: Any = type(tables.serve)
    decide, kind = tables.decide, numbers_class(table)
    more = {"contact_cost": decide.contact_cost, "contact_time": decide.contact_time}
    numbers = kind(*[getattr(tables.serve, name) for name in kind._fields])
    return SimpleNamespace(**dict(tables.serve), **more), bundle(numbers)


def _chances(
    market: Any, claim: Any, who: np.ndarray, of: np.ndarray, p: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances of the stage `serve`, an own equation of the user's in its place: to complain (n,), to be put right, and quickly, by firm (F,), of those concerned."""
    firms, severe = market.month_of_firms, np.empty(len(who))
    draw_rows(who, 1, *claim, severe)
    voiced_by, heard = market.code("serve", "chance_voice"), market.levels.heard[market.customers.level[who]]
    voiced_by = getattr(voiced_by, "py_func", voiced_by)
    if "serve.chance_voice" in market.swaps.given:  # written for one customer
        voiced_by = np.frompyfunc(voiced_by, 3, 1)
    voice = np.asarray(voiced_by(heard, severity_of(severe, p), p), dtype=np.float64)
    recover, soon = np.zeros((2, len(market.firms)))
    for f in set(of.tolist()):
        days, overload = float(firms.reply_days[f] + firms.reply_wait[f]), float(firms.overload[f])
        recover[f] = market.call(
            "serve.chance_recovery", float(firms.recovery_chance[f]), float(firms.skill[f]), p
        )
        soon[f] = market.call("serve.chance_quick", days, overload, p)
    return voice, recover, soon


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
