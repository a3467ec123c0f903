"""The stage `relate`: trust and loyalty grow or wither, bonds bind, the relationship is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.buy import BuyParameters, relationship
from sim.behaviours.frame import cents, clip, parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop, part
from sim.draws import BLOCK
from sim.ledger import A
from sim.scenario.parameters import RelateTable
from sim.scenario.words import TAILORINGS

if TYPE_CHECKING:
    from sim.market import Market

READS = (
    "supplier",
    "relationship_orientation",
    "level",
    "bought",
    "visited",
    "failed",
    "social",
    "structural",
)
CHANGES = ("satisfaction", "loyalty", "trust", "tie", "bonded", "bond_peak", "month_profit_cents")
DRAWS = ()

RelateColumns = column_tuple("RelateColumns", READS + CHANGES, __name__)
RelateParameters = parameter_tuple(
    "RelateParameters",
    RelateTable,
    __name__,
    extra=("contact_cost", "targeting_cost", "personalization_cost"),
)

_LEVELS, _BONDS, _PERSONALIZATION = A["levels"], A["bonds"], A["personalization"]
_TARGETING = TAILORINGS.index("targeting")


@equation
def next_trust(trust, self_service, p):
    """Trust (0 to 1) after a month with service and no failure. Source: ours; Morgan & Hunt 1994 for trust's role."""
    return trust + p.trust_growth * (1.0 - p.self_service_trust * self_service) * (1.0 - trust)


@equation
def next_loyalty(loyalty, satisfaction, orientation, trust, growth, social, active, level, p):
    """Loyalty (0 to 1) a month later.

    growth : the level's, share a month; social, active : 1 or 0 (a social bond; bought this month);
    level : 0 to 4. Satisfied, trusting, relationship-minded people grow loyal. Source: ours, growth fitted.
    """
    grown = (
        growth
        * (1.0 - loyalty)
        * max(0.0, satisfaction + p.satisfaction_base)
        * (0.5 + orientation)
        * (0.5 + trust)
        * (1.0 + p.social_growth * social)
        * (1.0 if active > 0.0 else p.idle_growth)
    )
    lost = p.dissatisfied_loss * loyalty * max(0.0, -satisfaction) + p.loyalty_decay * loyalty * (
        1.0 - level / 4.0
    )
    return clip(loyalty + grown - lost, 0.0, 1.0)


@equation
def next_tie(tie, structural, p):
    """Structural tie (0 to 1) a month later, with and without its bond. Source: Berry & Parasuraman 1991; rates ours."""
    return clip(tie + (p.tie_growth if structural > 0.0 else -p.tie_decay), 0.0, 1.0)


@equation
def faded_satisfaction(satisfaction, p):
    """Satisfaction a month later. Source: ours."""
    return satisfaction * (1.0 - p.satisfaction_decay)


@loop
def relate_rows(c, room, start, stop, month, key0, key1, p, buy, firms, levels, ledger):
    """The stage over customers start to stop."""
    satisfactions, trusts, loyalties, growth = (
        room.numbers[0],
        room.numbers[1],
        room.numbers[2],
        room.numbers[3],
    )
    relief, ranks, active, orientations, ties, bonds = (
        room.numbers[4], room.numbers[5], room.numbers[6], room.numbers[7], room.numbers[8], room.numbers[9],
    )  # fmt: skip
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        supplier, level = c.supplier[lo : lo + n], c.level[lo : lo + n]
        bought, visited, failed = c.bought[lo : lo + n], c.visited[lo : lo + n], c.failed[lo : lo + n]
        satisfaction, trust, loyalty = (
            c.satisfaction[lo : lo + n],
            c.trust[lo : lo + n],
            c.loyalty[lo : lo + n],
        )
        tie, peak, social = c.tie[lo : lo + n], c.bond_peak[lo : lo + n], c.social[lo : lo + n]
        structural, orientation = c.structural[lo : lo + n], c.relationship_orientation[lo : lo + n]
        for j in range(n):
            growth[j] = levels.growth[level[j]]
            relief[j] = firms.self_service[max(supplier[j], 0)]
        for j in range(n):
            ranks[j] = level[j]
            orientations[j] = orientation[j]
            satisfactions[j] = satisfaction[j]
            active[j] = 1.0 if (bought[j] > 0) | (visited[j] > 0) else 0.0
        for j in range(n):
            before = float(trust[j])
            trusts[j] = next_trust(before, relief[j], p) if (active[j] > 0.0) & (failed[j] == 0) else before
        for j in range(n):
            loyalties[j] = next_loyalty(
                float(loyalty[j]), satisfactions[j], orientations[j], trusts[j], growth[j], float(social[j]),
                active[j], ranks[j], p,
            )  # fmt: skip
        for j in range(n):
            ties[j] = next_tie(float(tie[j]), float(structural[j]), p)
        for j in range(n):
            bonds[j] = relationship(loyalties[j], orientations[j], ties[j], 0.0, buy)
        for j in range(n):
            trust[j] = trusts[j] if supplier[j] >= 0 else trust[j]
        for j in range(n):
            loyalty[j] = loyalties[j] if supplier[j] >= 0 else loyalty[j]
        for j in range(n):
            tie[j] = ties[j] if supplier[j] >= 0 else tie[j]
        for j in range(n):
            peak[j] = max(float(peak[j]), bonds[j]) if supplier[j] >= 0 else peak[j]
        for j in range(n):
            satisfaction[j] = faded_satisfaction(satisfactions[j], p)
        _pay(c, room, lo, n, p, firms, levels, ledger)


@part
def _pay(c, room, lo, n, p, firms, levels, ledger):
    """What relationships cost this month: contacts of the level, bonds, personalization."""
    supplier, level, bonded = c.supplier[lo : lo + n], c.level[lo : lo + n], c.bonded[lo : lo + n]
    social, structural, month_profit = (
        c.social[lo : lo + n], c.structural[lo : lo + n], c.month_profit_cents[lo : lo + n],
    )  # fmt: skip
    social_cost, structural_cost = (
        cents(p.social_cost * p.contact_cost),
        cents(p.structural_cost * p.contact_cost),
    )
    setup = cents(p.structural_setup * p.contact_cost)
    for j in range(n):
        f = supplier[j]
        if f < 0:
            continue
        contacts = cents(levels.cost[level[j]] * p.contact_cost)
        bonds = social_cost if social[j] != 0 else np.int64(0)
        if structural[j] != 0:
            bonds += structural_cost + (setup if bonded[j] == 0 else 0)
            bonded[j] = 1
        share = firms.personalization[f]
        rate = p.targeting_cost if firms.tailoring[f] == _TARGETING else p.personalization_cost
        fitting = cents(rate * share * share)
        ledger[f, _LEVELS] += contacts
        ledger[f, _BONDS] += bonds
        ledger[f, _PERSONALIZATION] += fitting
        month_profit[j] -= contacts + bonds + fitting


def relate(market: Market) -> None:
    """Trust, loyalty and tie move; levels, bonds and personalization are paid."""
    tables = market.tables
    p = parameters(
        RelateParameters, tables.relate, contact_cost=tables.decide.contact_cost,
        targeting_cost=tables.contact.targeting_cost, personalization_cost=tables.contact.personalization_cost,
    )  # fmt: skip
    buy = parameters(BuyParameters, tables.buy, cause_weight=0.0, reason_above=0.0, bills=1.0)
    market.rows("relate", RelateColumns, p, buy, market.month_of_firms, market.levels, ledger=True)
