"""Decide: every firm looks at its books and plans the month; plans reach the people; some are fired.

Then advertise: brands fade, people forget, advertising and affiliates reach some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plain.person import NOBODY, Person, single
from sim.behaviours.frame import cents
from sim.scenario.words import AWARE_BY, LEVELS, REASONS

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.firm import PlainFirm

FIRED = REASONS.index("fired")
BY_ADVERTISING, BY_AFFILIATE = AWARE_BY.index("advertising"), AWARE_BY.index("affiliate")


# ---------------------------------------------------------------- decide


def decide(market: PlainMarket) -> None:
    """Firms plan from last month's records; then the plans reach customers and records."""
    market.customers.write_down()
    choices = [firm.make_plan() for firm in market.firms]
    for firm in market.firms:
        firm.open_month()
    if market.month % 12 == 0:
        market.ledger.departed[:, 2:] = 0  # the year's profit and spend of who left
    for person in market.people:
        begin_month(person, market)
    for firm, chosen in zip(market.firms, choices, strict=True):
        for row, number in enumerate(chosen.ids):
            decisions = {name: values[row].item() for name, values in chosen.values.items()}
            treat(market.people[number], firm, decisions, bool(chosen.lapsed[row]))


def begin_month(person: Person, market: PlainMarket) -> None:
    """A month begins without a mood; who has a supplier gets what its plan gives all its customers."""
    person.mood, person.mood_firm = 0, NOBODY
    if person.supplier != NOBODY:
        plan = person.supplier_firm.plan
        person.level = LEVELS.index(plan.level)
        person.discount = single(plan.discount)
        person.social, person.structural = int(plan.social), int(plan.structural)
    if market.month % 12 == 0:
        person.year_spent_cents = person.year_profit_cents = 0
    for relation, firm in zip(person.relations, market.firms, strict=True):
        relation.recent_spend = single(market.eq.faded_record(relation.recent_spend, market.p.decide))
        relation.recent_profit = single(market.eq.faded_record(relation.recent_profit, market.p.decide))
        relation.messages = firm.plan.messages


def treat(person: Person, firm: PlainFirm, decisions: dict[str, Any], lapsed: bool) -> None:
    """What the firm decided for this one person of its database."""
    relation = person.relations[firm.place]
    if "messages" in decisions:
        relation.messages = decisions["messages"]
    if "offer" in decisions:
        relation.offer = single(decisions["offer"]) if lapsed else 0.0
    if person.supplier != firm.place:
        return  # all else is for customers
    for name in ("level", "social", "structural"):
        if name in decisions:
            setattr(person, name, decisions[name])
    if "discount" in decisions:
        person.discount = single(decisions["discount"])
    if decisions.get("fire"):
        fire(person, firm)


def fire(person: Person, firm: PlainFirm) -> None:
    """The firm ends the relationship, for good: no more choice, mail or offers; the person is unhappy."""
    firm.count["lost"] += 1
    firm.count["fired"] += 1
    person.leave_supplier(NOBODY, FIRED)
    relation = person.relations[firm.place]
    relation.barred = 1
    relation.aware = 0
    relation.belief = single(relation.belief - person.model.p.decide.fired_belief)
    person.fired_by = firm.place
    person.mood, person.mood_firm = -1, firm.place


# ---------------------------------------------------------------- advertise


def advertise(market: PlainMarket) -> None:
    """The advertising is paid; then every person fades, forgets and is reached, firm by firm."""
    for firm in market.firms:
        money = firm.plan.advertising
        firm.reach_chance = market.eq.chance_reached(money / len(market.people), market.p.advertise)
        firm.book["advertising"] += cents(money)
    for person in market.people:
        see_advertising(person, market)


def see_advertising(person: Person, market: PlainMarket) -> None:
    """Brand attitudes fade; who is not a firm's customer may forget it; advertising makes aware and liked."""
    p, eq = market.p.advertise, market.eq
    person.annoyed = single(eq.faded_brand(person.annoyed, p))
    reached, forgets = person.draw_by_firm("reached"), person.draw_by_firm("forgets")
    for f, firm in enumerate(market.firms):
        relation = person.relations[f]
        brand = eq.faded_brand(relation.brand, p)
        if person.supplier != f and forgets[f] < p.forgetting:
            relation.aware = 0
        if reached[f] < firm.reach_chance:
            brand = eq.reached_brand(brand, p)
            if not relation.aware:
                relation.become_aware(market.month, BY_ADVERTISING)
        relation.brand = single(brand)
        commission = firm.plan.affiliate_commission
        if not relation.aware and commission > 0.0:
            chance = eq.chance_affiliate(commission, person.price_sensitivity, p)
            if person.draw_for_firm("affiliate", f) < chance:
                relation.become_aware(market.month, BY_AFFILIATE)
