"""Serve and relate: load, experience, failure and recovery; then trust, loyalty, ties and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plain.person import NOBODY, Person, single
from sim.behaviours.frame import cents, clip
from sim.draws import BLOCK, exponential, normal
from sim.ledger import SUM_ROWS
from sim.scenario.words import PENDING_BY

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.firm import PlainFirm

BY_UNHAPPY, BY_FAILURE = PENDING_BY.index("unhappy"), PENDING_BY.index("failure")


class Total:
    """A sum over people. Sums of floats depend on their order: this is the order of the columns.

    Each 4,096 people have a sum of their own; at the end these are added one after the other.
    """

    def __init__(self) -> None:
        self.parts: dict[int, float] = {}

    def add(self, person: Person, amount: float) -> None:
        """Add the amount of one person."""
        part = person.number // SUM_ROWS
        self.parts[part] = self.parts.get(part, 0.0) + amount

    def result(self) -> float:
        """The sum."""
        total = 0.0
        for part in sorted(self.parts):
            total += self.parts[part]
        return total


def serve(market: PlainMarket) -> None:
    """Load fixes each firm's overload; then every encounter of the month is served, in order."""
    p, eq = market.p.serve, market.eq
    loads = {firm.place: Total() for firm in market.firms}
    for person in market.people:
        if person.supplier != NOBODY:
            loads[person.supplier].add(person, load_of(person, person.supplier_firm, market))
    for firm in market.firms:
        firm.load = loads[firm.place].result()
        if firm.staff is None:  # the first month of staff that follows the load
            firm.staff = firm.load / (p.target_load * firm.capacity)
        capacity = firm.staff * firm.capacity
        firm.utilization = firm.load / capacity if capacity > 0.0 else float("nan")
        firm.overload = eq.overload(firm.load, capacity)
    for person in market.people:
        be_served(person, market)
    mean = mean_experience(market.people)
    if mean is not None:
        market.norm = eq.next_norm(market.norm, mean, p)
    for firm in market.firms:
        renew_staff(firm, market)


def load_of(person: Person, firm: PlainFirm, market: PlainMarket) -> float:
    """The load that a customer is this month, in agent-months; materials and labour are booked."""
    p, eq = market.p.serve, market.eq
    encounters = float(person.bought + person.visited)
    rate = p.agent_cost / firm.capacity
    time = market.levels[person.level].time * p.contact_time
    contacts = cents(time * rate)
    firm.book["level_labour"] += contacts
    person.month_profit_cents -= contacts
    if encounters == 0.0:
        return time
    self_service = firm.plan.self_service
    load = eq.encounter_load(encounters, person.service_intensity, self_service, p)
    materials = cents(eq.materials_used(encounters, person.service_intensity, self_service, p))
    labour = cents(load * rate)
    firm.book["materials"] += materials
    firm.book["service_labour"] += labour
    person.month_profit_cents -= materials + labour
    return load + time


def be_served(person: Person, market: PlainMarket) -> None:
    """A customer's encounters of the month, one after the other, and the mood they leave.

    Being fired counts more than an unhappy encounter, this more than a complaint about mail, and that
    more than a happy encounter.
    """
    moods = [have_encounter(person, e, market) for e in range(person.bought + person.visited)]
    if person.fired_by != NOBODY:
        return
    if -1 in moods:
        person.mood, person.mood_firm = -1, person.supplier
    elif 1 in moods and person.mood == 0:
        person.mood, person.mood_firm = 1, person.supplier


def have_encounter(person: Person, encounter: int, market: PlainMarket) -> int:
    """One encounter with the supplier: what happened, how it felt, what was done, what is remembered.

    Returns the mood: -1 unhappy, 0 neither, 1 happy.
    """
    p, eq, firm, level = market.p.serve, market.eq, person.supplier_firm, market.levels[person.level]
    relation, plan = person.relations[firm.place], firm.plan
    fails, noise, how_bad, voices = person.draw("fails", encounter)
    chance = eq.chance_failure(firm.table.reliability, level.prevented, firm.overload, p)
    severity = p.severity * exponential(how_bad) if fails < chance else 0.0
    experience = without_failure(person, firm, noise, market) - severity
    person.experiences.append(experience)
    felt = eq.felt(eq.disconfirmation(experience, relation.belief, market.norm, plan.promise, p), p)
    satisfaction = eq.next_satisfaction(person.satisfaction, felt, p)
    mood = -1 if felt < p.unhappy_below else (1 if felt > p.happy_above else 0)

    recovered, quickly, thinks, made_happy = person.draw("recovered", encounter)
    kept, unresolved = 1.0, False
    if severity > 0.0:
        firm.count["failures"] += 1
        person.failed = 1
        if voices >= eq.chance_voice(level.heard, severity, p):
            person.trust = single(person.trust - p.trust_loss_silent * person.trust)
        elif not answer(person, firm, recovered, market):
            person.trust = single(person.trust - p.trust_loss_voiced * person.trust)
            unresolved = True
        else:
            quick = quickly < eq.chance_quick(plan.reply_days, firm.overload, p)
            firm.count["resolved_quickly"] += 1 if quick else 0
            kept = p.quick_kept if quick else p.slow_kept
            relief = p.quick_satisfaction if quick else p.slow_satisfaction
            satisfaction = clip(satisfaction + relief, -1.0, 1.0)
            gain = p.quick_loyalty if quick else p.slow_loyalty
            person.loyalty = single(clip(person.loyalty + gain, 0.0, 1.0))
            mood = 1 if made_happy < p.recovered_happy else 0

    person.satisfaction = single(satisfaction)
    rate = p.belief_rate * kept
    relation.belief = single(eq.next_belief(relation.belief, experience, rate))
    relation.heard = single((1.0 - rate) * relation.heard)
    person.hurt = single((1.0 - rate) * person.hurt + rate * severity)
    firm.count["unhappy"] += 1 if mood < 0 else 0
    if mood < 0 and thinks < (p.unresolved_pending if unresolved else p.unhappy_pending):
        person.think_again(BY_FAILURE if severity > 0.0 else BY_UNHAPPY)
    if mood > 0:
        firm.count["happy"] += 1
        if thinks < p.happy_clears:
            person.stop_thinking()
    return mood


def without_failure(person: Person, firm: PlainFirm, luck: float, market: PlainMarket) -> float:
    """The experience of an encounter as it is when nothing fails."""
    return market.eq.experience(
        firm.table.quality, firm.skill, firm.morale, firm.plan.self_service, market.levels[person.level].lift,
        person.relationship_orientation, firm.overload, normal(luck), market.p.serve,
    )  # fmt: skip


def answer(person: Person, firm: PlainFirm, luck: float, market: PlainMarket) -> bool:
    """The firm answers a voiced failure; returns whether it recovers it."""
    p, how, relation = market.p.serve, firm.answer_to_failures, person.relations[firm.place]
    firm.count["voiced"] += 1
    relation.complaints = min(relation.complaints + 1, 255)
    cost = cents(p.contact_cost / firm.plan.reply_days)
    recovers = luck < market.eq.chance_recovery(how.chance, firm.skill, p)
    if recovers:
        firm.count["resolved"] += 1
        mean_spend = person.month_spent_cents * 0.01 / float(person.bought + person.visited)
        cost += cents(how.cost + how.cost_share * mean_spend)
    firm.book["recovery"] += cost
    person.month_profit_cents -= cost
    return recovers


def mean_experience(people: list[Person]) -> float | None:
    """The mean of the month's experiences, added up in the order of the columns.

    These go through 512 people at a time, first encounters before second ones.
    """
    total, encounters = Total(), 0
    for first in range(0, len(people), BLOCK):
        block = people[first : first + BLOCK]
        for e in range(max(len(person.experiences) for person in block)):
            for person in block:
                if e < len(person.experiences):
                    total.add(person, person.experiences[e])
                    encounters += 1
    return total.result() / encounters if encounters else None


def renew_staff(firm: PlainFirm, market: PlainMarket) -> None:
    """Pay the staff; then morale, skill and staff that follows the load, for next month."""
    p, eq, plan = market.p.serve, market.eq, firm.plan
    booked = firm.book["service_labour"] + firm.book["level_labour"]
    firm.book["idle_labour"] += cents(firm.staff * p.agent_cost) - booked
    firm.book["training"] += cents(plan.training * firm.staff)
    effect = eq.training_effect(plan.training, p)
    firm.morale = eq.next_morale(firm.morale, effect, firm.overload, p)
    firm.skill = eq.next_skill(firm.skill, effect, p)
    if plan.staff == "auto":
        firm.staff = eq.next_staff(firm.staff, firm.load, eq.agent_capacity(firm.skill, p), p)


# ---------------------------------------------------------------- relate


def relate(market: PlainMarket) -> None:
    """Relationships grow or wither, and are paid for; satisfaction fades for everybody."""
    for person in market.people:
        satisfaction = person.satisfaction
        if person.supplier != NOBODY:
            grow(person, person.supplier_firm, market)
            pay_for_relationship(person, person.supplier_firm, market)
        person.satisfaction = single(market.eq.faded_satisfaction(satisfaction, market.p.relate))


def grow(person: Person, firm: PlainFirm, market: PlainMarket) -> None:
    """Trust, loyalty and tie of a customer, a month later."""
    p, eq = market.p.relate, market.eq
    active = person.bought > 0 or person.visited > 0
    trust = person.trust
    if active and not person.failed:
        trust = eq.next_trust(trust, firm.plan.self_service, p)
    loyalty = eq.next_loyalty(
        person.loyalty, person.satisfaction, person.relationship_orientation, trust,
        market.levels[person.level].growth, float(person.social), 1.0 if active else 0.0,
        float(person.level), p,
    )  # fmt: skip
    tie = eq.next_tie(person.tie, float(person.structural), p)
    bond = eq.relationship(loyalty, person.relationship_orientation, tie, 0.0, market.p.buy)
    person.trust, person.loyalty, person.tie = single(trust), single(loyalty), single(tie)
    person.bond_peak = single(max(person.bond_peak, bond))


def pay_for_relationship(person: Person, firm: PlainFirm, market: PlainMarket) -> None:
    """Contacts of the level, bonds, and fitting messages to own customers."""
    p = market.p.relate
    contacts = cents(market.levels[person.level].cost * p.contact_cost)
    bonds = 0
    if person.social:
        bonds += cents(p.social_cost * p.contact_cost)
    if person.structural:
        bonds += cents(p.structural_cost * p.contact_cost)
        if not person.bonded:
            bonds += cents(p.structural_setup * p.contact_cost)
            person.bonded = 1
    share = firm.plan.personalization
    rate = p.targeting_cost if firm.plan.tailoring == "targeting" else p.personalization_cost
    fitting = cents(rate * share * share)
    firm.book["levels"] += contacts
    firm.book["bonds"] += bonds
    firm.book["personalization"] += fitting
    person.month_profit_cents -= contacts + bonds + fitting
