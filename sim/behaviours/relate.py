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
def relate_rows(c, start, stop, month, key0, key1, p, buy, firms, levels, ledger):
    """The stage over customers start to stop."""
    for lo in range(start, stop, BLOCK):
        for i in range(lo, min(lo + BLOCK, stop)):
            f = c.supplier[i]
            satisfaction = float(c.satisfaction[i])
            if f >= 0:
                active = c.bought[i] > 0 or c.visited[i] > 0
                trust = float(c.trust[i])
                if active and c.failed[i] == 0:
                    trust = next_trust(trust, firms.self_service[f], p)
                level = c.level[i]
                orientation = float(c.relationship_orientation[i])
                loyalty = next_loyalty(
                    float(c.loyalty[i]), satisfaction, orientation, trust, levels.growth[level],
                    float(c.social[i]), 1.0 if active else 0.0, float(level), p,
                )  # fmt: skip
                tie = next_tie(float(c.tie[i]), float(c.structural[i]), p)
                bond = relationship(loyalty, orientation, tie, 0.0, buy)
                c.trust[i] = trust
                c.loyalty[i] = loyalty
                c.tie[i] = tie
                c.bond_peak[i] = max(float(c.bond_peak[i]), bond)
                _pay(c, i, f, p, firms, levels, ledger)
            c.satisfaction[i] = faded_satisfaction(satisfaction, p)


@part
def _pay(c, i, f, p, firms, levels, ledger):
    """What the relationship costs this month: contacts of the level, bonds, personalization."""
    contacts = cents(levels.cost[c.level[i]] * p.contact_cost)
    bonds = np.int64(0)
    if c.social[i] != 0:
        bonds += cents(p.social_cost * p.contact_cost)
    if c.structural[i] != 0:
        bonds += cents(p.structural_cost * p.contact_cost)
        if c.bonded[i] == 0:
            bonds += cents(p.structural_setup * p.contact_cost)
            c.bonded[i] = 1
    share = firms.personalization[f]
    rate = p.targeting_cost if firms.tailoring[f] == _TARGETING else p.personalization_cost
    fitting = cents(rate * share * share)
    ledger[f, _LEVELS] += contacts
    ledger[f, _BONDS] += bonds
    ledger[f, _PERSONALIZATION] += fitting
    c.month_profit_cents[i] -= contacts + bonds + fitting


def relate(market: Market) -> None:
    """Trust, loyalty and tie move; levels, bonds and personalization are paid."""
    tables = market.tables
    p = parameters(
        RelateParameters, tables.relate, contact_cost=tables.decide.contact_cost,
        targeting_cost=tables.contact.targeting_cost, personalization_cost=tables.contact.personalization_cost,
    )  # fmt: skip
    buy = parameters(BuyParameters, tables.buy, cause_weight=0.0, reason_above=0.0, bills=1.0)
    market.rows("relate", RelateColumns, p, buy, market.month_of_firms, market.levels, ledger=True)
