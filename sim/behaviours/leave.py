"""The stage `leave`: time passes, needs end, newcomers take the empty places; why people left.

Also the equation that names the true reason of every departure: the largest term of an exact
decomposition of the difference in utility between the firm left and the firm chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import (
    ACCOUNT,
    RELATIONSHIP,
    begin_relationship,
    close_account,
    parameter_tuple,
    parameters,
)
from sim.columns import column_tuple
from sim.compiled import equation, loop, part
from sim.draws import BLOCK, CODES, draw_block
from sim.ledger import C
from sim.maths import exp, log
from sim.scenario.parameters import LeaveTable
from sim.scenario.words import REASONS
from sim.traits import TRAITS, draw_traits

if TYPE_CHECKING:
    from sim.market import Market

CHANGES = (
    "segment", *TRAITS, *RELATIONSHIP, *ACCOUNT, "generation", "aware", "aware_month", "aware_by", "belief", "brand", "fatigue", "heard",
    "permission", "asked", "offered", "identified", "barred", "complaints", "reads", "first_on_record", "last_purchase", "sold",
    "spent", "recent_spend", "mood", "mood_firm", "left_from", "left_for", "left_because", "left_month", "left_now", "left_tenure",
    "teller", "teller_firm", "supplier_history", "level", "bought", "visited", "failed",
)  # fmt: skip
DRAWS = ("exits",)

LeaveColumns = column_tuple("LeaveColumns", CHANGES, __name__)
LeaveParameters = parameter_tuple("LeaveParameters", LeaveTable, __name__, extra=("initial_trust",))

_EXITS = CODES["exits"]
_LOST = C["lost"]
_NEED_ENDED = REASONS.index("need ended")


@equation
def chance_exit(exit_rate, need_rate, p):
    """Hazard a month that the need itself ends, whatever was bought.

    The chance per purchase is that of Fader, Hardie & Lee 2005 (BG/NBD); the base hazard is ours.
    """
    return 1.0 - (1.0 - p.base_exit) * exp(need_rate * log(1.0 - min(exit_rate, 0.999999)))


@equation
def departure_reason(
    price, failure, better, talk, messages, neglect, pull, pending_by, cause_weight, reason_above
):
    """The true reason of a switch, as a code of `REASONS`.

    Arguments are terms in utility: own price against the other's list price, hurt by failures, better
    elsewhere, hearsay, annoying messages, a bond that faded, and a rival's pull (its offer, message and
    brand). What made the customer think again adds ``cause_weight`` to its term. The largest term above
    ``reason_above`` is the reason (of equal ones the lower code), else variety. Source: ours.
    """
    price = price + (cause_weight if pending_by == 3 else 0.0)
    failure = failure + (cause_weight if pending_by == 5 else 0.0)
    better = better + (cause_weight if pending_by == 4 else 0.0)
    pull = pull + (cause_weight if pending_by == 2 else 0.0)
    reason, most = 0, reason_above
    if price > most:
        reason, most = 1, price
    if failure > most:
        reason, most = 2, failure
    if better > most:
        reason, most = 3, better
    if talk > most:
        reason, most = 4, talk
    if messages > most:
        reason, most = 5, messages
    if neglect > most:
        reason, most = 6, neglect
    if pull > most:
        reason, most = 7, pull
    return reason


@loop
def leave_rows(c, room, start, stop, month, key0, key1, p, population, counts, departed):
    """The stage over customers start to stop."""
    u, words, hazard = room.words[0], room.few, room.numbers[0]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        draw_block(lo, n, 0, month, _EXITS, key0, key1, u)
        supplier = c.supplier[lo : lo + n]
        tenure = c.tenure[lo : lo + n]
        rate = c.exit_rate[lo : lo + n]
        need = c.need_rate[lo : lo + n]
        for j in range(n):
            tenure[j] = min(tenure[j] + 1, 65535) if supplier[j] >= 0 else 0
        for j in range(n):
            hazard[j] = chance_exit(float(rate[j]), float(need[j]), p)
        leaves = u[0]
        for j in range(n):
            if leaves[j] < hazard[j]:
                _replace(c, lo + j, month, p, population, words, counts, departed)


@part
def _replace(c, i, month, p, population, words, counts, departed):
    """Customer i leaves the market; a newcomer with own traits takes the place."""
    f = c.supplier[i]
    if f >= 0:
        counts[f, _LOST] += 1
        close_account(c, i, departed)
        c.left_now[i] = _NEED_ENDED + 1
        c.left_tenure[i] = c.tenure[i]
    begin_relationship(c, i, -1, p.initial_trust, 0)
    c.generation[i] += 1
    for firm in range(c.belief.shape[0]):
        _forget(c, firm, i)
    for past in range(12):
        c.supplier_history[past, i] = -1
    c.left_from[i] = -1 if f < 0 else f
    c.left_for[i] = -1
    c.left_because[i] = 0 if f < 0 else _NEED_ENDED
    c.left_month[i] = -1 if f < 0 else month
    c.mood[i] = 0
    c.mood_firm[i] = -1
    c.teller[i] = -1
    c.teller_firm[i] = -1
    c.level[i] = 0
    draw_traits(c, i, c.generation[i], population, words)


@part
def _forget(c, f, i):
    """Everything between firm f and slot i starts as with a stranger; `close_rows` does the same for the record of purchases."""
    c.belief[f, i] = 0.0
    c.brand[f, i] = 0.0
    c.fatigue[f, i] = 0.0
    c.heard[f, i] = 0.0
    c.permission[f, i] = 0
    c.asked[f, i] = 0
    c.offered[f, i] = 0
    c.barred[f, i] = 0
    c.complaints[f, i] = 0
    c.reads[f, i] = 0
    c.sold[f, i] = 0
    c.spent[f, i] = 0.0
    c.recent_spend[f, i] = 0.0
    c.recent_profit[f, i] = 0.0
    c.aware_month[f, i] = -1
    c.aware_by[f, i] = 0


@loop
def close_rows(gone, identified, first_on_record, last_purchase, closed):
    """What firms have on record of who bought and is gone moves to ``closed``, int32 (rows, 4); returns how many rows it fills."""
    filled = 0
    for f in range(identified.shape[0]):
        for x in range(len(gone)):
            i = gone[x]
            if identified[f, i] > 0:
                closed[filled, 0] = f
                closed[filled, 1] = identified[f, i]
                closed[filled, 2] = first_on_record[f, i]
                closed[filled, 3] = last_purchase[f, i]
                filled += 1
            identified[f, i] = 0
            first_on_record[f, i] = 0
            last_purchase[f, i] = -1
    return filled


def leave(market: Market) -> None:
    """Tenure grows, needs end, newcomers arrive, departures of the month are recorded."""
    tables = market.tables
    p = parameters(LeaveParameters, tables.leave, initial_trust=tables.buy.initial_trust)
    before = market.customers.generation.copy()
    market.rows("leave", LeaveColumns, p, market.population, counts=True, departed=True)
    replaced = market.customers.generation != before
    del before
    close_records(market, np.flatnonzero(replaced))
    market.note_departures()
    forget_tellers(market, replaced)


def close_records(market: Market, gone: np.ndarray) -> None:
    """Keep what firms have on record of people who left the market: their books do not forget who never comes back.

    ``gone`` : int64 (n,), slots that are filled anew. `market.closed` gets int32 (rows, 4): firm, purchases and visits, first
    and last month on record.
    """
    c = market.customers
    closed = np.empty((len(gone) * len(market.firms), 4), dtype=np.int32)
    filled = market.code("leave", "close_rows")(
        gone, c.identified, c.first_on_record, c.last_purchase, closed
    )
    market.closed.append(closed[:filled].copy())


def forget_tellers(market: Market, replaced: np.ndarray) -> None:
    """A referral ends with its teller: who takes the teller's place has no claim. ``replaced``: bool (N,)."""
    c = market.customers
    referred = np.flatnonzero(c.teller >= 0)
    orphans = referred[replaced[c.teller[referred]]]
    c.teller[orphans] = -1
    c.teller_firm[orphans] = -1
