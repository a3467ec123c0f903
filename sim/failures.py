"""Failures of service, customer by customer: how severe, and how they were answered.

No column keeps them. They are worked out from the numbers that the stage `serve` drew: those are keyed, so that drawing
them again gives the same. What came of a failure that a mechanism added stands in a column; it did the same harm to all, and
has no severity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.behaviours.frame import parameters
from sim.behaviours.serve import ServeParameters
from sim.draws import CODES, exponential, philox, uniform

if TYPE_CHECKING:
    from sim.market import Market


class Served(NamedTuple):
    """What decides, besides luck, whether the encounters of a customer in a month fail and how that is answered."""

    encounters: int
    level: int
    overload: float
    skill: float
    reliability: float
    recovery_chance: float
    reply_days: float
    reply_wait: float


class Failure(NamedTuple):
    """A failure: the event that it is in a diary, `failed` or one of `KINDS`; how severe an encounter failed (utility; None:
    a mechanism's); and what came of it."""

    event: str
    severity: float | None
    answer: str


ANSWERS = ("silent", "complained in vain", "put right slowly", "put right quickly")
"""What came of a failure."""


def failures_of(
    market: Market, customer: int, month: int, served: Served, added: Mapping[str, int]
) -> list[Failure]:
    """The failures of a customer in a month, in order; ``added``: what came of those that mechanisms added, by kind, 0 for none."""
    tables, levels = market.tables, market.levels
    p = parameters(
        ServeParameters,
        tables.serve,
        contact_cost=tables.decide.contact_cost,
        contact_time=tables.decide.contact_time,
    )
    prevented, heard = float(levels.prevented[served.level]), float(levels.heard[served.level])
    fails = market.call("serve.chance_failure", served.reliability, prevented, served.overload, p)
    recovers = market.call("serve.chance_recovery", served.recovery_chance, served.skill, p)
    quick = market.call("serve.chance_quick", served.reply_days + served.reply_wait, served.overload, p)
    found = []
    for encounter in range(served.encounters):
        u = _words(market, customer, encounter, month, CODES["fails"])
        if u[0] < fails:
            severity = float(p.severity) * float(exponential(u[2]))
            voiced = u[3] < market.call("serve.chance_voice", heard, severity, p)
            v = _words(market, customer, encounter, month, CODES["recovered"])
            answer = 0 if not voiced else 1 if v[0] >= recovers else 3 if v[1] < quick else 2
            found.append(Failure("failed", severity, ANSWERS[answer]))
    return found + [Failure(kind, None, ANSWERS[answer - 1]) for kind, answer in added.items() if answer]


def _words(market: Market, customer: int, k: int, month: int, code: int) -> list[float]:
    return [uniform(word) for word in philox(customer, k, month, code, *market.luck)]
