"""Contact: firms write, with or without permission; people read, tire, opt out, complain, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plain.firm import PlainFirm, is_listed
from plain.person import NOBODY, Person, single
from sim.behaviours.frame import cents, consents
from sim.scenario.words import AWARE_BY, PERMISSIONS

if TYPE_CHECKING:
    from plain_market import PlainMarket

NONE, OPTED_IN, CONFIRMED, OPTED_OUT = range(len(PERMISSIONS))
BY_MESSAGE, BY_OFFER = AWARE_BY.index("message"), AWARE_BY.index("offer")


def contact(market: PlainMarket) -> None:
    """People get what firms send them; mailbox providers remember what was reported."""
    for person in market.people:
        get_mail(person, market)
    for firm in market.firms:
        p, eq, count = market.p.contact, market.eq, firm.count
        reports, messages = float(count["reports"]), float(count["messages"])
        firm.report_rate = eq.next_report_rate(firm.report_rate, reports, messages, p)
        firm.deliverability = eq.next_deliverability(firm.deliverability, firm.report_rate, p)


def get_mail(person: Person, market: PlainMarket) -> None:
    """All firms write to a person, who has attention for so many messages only."""
    sent = [messages_sent(person, firm, market) for firm in market.firms]
    total = 0.0
    for messages in sent:
        total += messages
    for f, firm in enumerate(market.firms):
        relation = person.relations[f]
        if sent[f] > 0.0:
            get_messages(person, firm, sent[f], total, market)
        else:
            relation.fatigue = single(market.eq.next_fatigue(relation.fatigue, 0.0, market.p.contact))
        if relation.offer > 0.0:
            get_offer(person, firm, market)


def messages_sent(person: Person, firm: PlainFirm, market: PlainMarket) -> float:
    """How many messages the firm sends the person, by its strategy and plan."""
    relation = person.relations[firm.place]
    strategy = firm.plan.strategy
    if strategy == "double_opt_in" and relation.permission == OPTED_IN and is_keen(person, firm.place):
        relation.permission = CONFIRMED
    listed = strategy == "interruption" and is_listed(person, firm.place)
    in_database = 1 if relation.identified > 0 else 0
    mailed = market.eq.may_mail(
        firm.plan.code("strategy"), relation.permission, in_database, 1.0 if listed else 0.0
    )
    return float(relation.messages) * mailed * (1.0 - relation.barred)


def is_keen(person: Person, firm: int) -> bool:
    """Whether the person, once saying yes to the firm, reads eagerly and would confirm."""
    return person.trait_of_relation("keen", firm) < person.model.p.contact.keen_share


def get_messages(person: Person, firm: PlainFirm, sent: float, total: float, market: PlainMarket) -> None:
    """A person gets a firm's messages (``total``: of all firms this month): read or not, they weigh."""
    p, eq, f = market.p.contact, market.eq, firm.place
    relation, count = person.relations[f], firm.count
    permission, consent = relation.permission, bool(consents(relation.permission))
    uninvited = permission == OPTED_OUT or (relation.identified == 0 and not consent)
    own = person.supplier == f
    reads, opts_out, complains, reports = person.draw("reads", f)

    relevance = relevance_of(person, firm, consent, market)
    base, unwelcome = openness(person, firm, consent, uninvited)
    crowding = person.attention / total
    opened = eq.chance_opened(base, relevance, relation.fatigue, firm.deliverability, crowding, p)
    pressure = eq.pressure(sent, relevance, unwelcome, person.contact_tolerance, p)
    has_read = reads < eq.chance_read(opened, sent)
    if has_read:
        count["read"] += 1
        relation.relevance = single(relevance)
        relation.reads = min(relation.reads + 1, 65535)
        if not relation.aware:
            relation.become_aware(market.month, BY_MESSAGE)
    relation.fatigue = single(eq.next_fatigue(relation.fatigue, pressure, p))
    if consent and has_read:
        relation.brand = single(eq.brand_after_reading(relation.brand, relevance, p))
    if not consent:
        brand = eq.brand_after_intrusion(relation.brand, pressure, person.privacy_concern, p)
        if own:
            person.annoyed = single(person.annoyed + (relation.brand - brand))
        relation.brand = single(brand)
    if uninvited and own:
        person.trust = single(eq.trust_after_intrusion(person.trust, pressure, p))

    if opts_out < eq.chance_opt_out(pressure, p):
        relation.permission = OPTED_OUT
        relation.asked = market.month + 1
        count["opted_out"] += 1 if permission != OPTED_OUT else 0
    if complains < eq.chance_complaint(pressure, uninvited, p):
        complain(person, firm, market)
    count["reports"] += 1 if reports < eq.chance_report(pressure, uninvited, p) else 0
    count["uninvited"] += 1 if uninvited else 0
    count["recipients"] += 1
    count["messages"] += int(sent)
    pay_for_messages(person, firm, sent, market)
    if relation.identified == 0 and permission == NONE:
        firm.book["lists"] += cents(p.list_cost)


def relevance_of(person: Person, firm: PlainFirm, consent: bool, market: PlainMarket) -> float:
    """How relevant the firm's messages are to the person, 0 to 1."""
    p, eq, plan = market.p.contact, market.eq, firm.plan
    if plan.personalization == 0.0:
        return p.base_relevance
    profile = eq.profile(float(person.relations[firm.place].identified), consent, p)
    fit = eq.fit(person.taste, plan.code("tailoring"), p)
    return eq.message_relevance(plan.personalization, profile, fit, p)


def openness(person: Person, firm: PlainFirm, consent: bool, uninvited: bool) -> tuple[float, float]:
    """The chance that one message is opened, all else being well, and how unwelcome it is."""
    p = person.model.p.contact
    if consent:
        confirmed = person.relations[firm.place].permission == CONFIRMED
        keen = confirmed or is_keen(person, firm.place)
        return (p.read_keen if keen else p.read_consenting), p.pressure_consent
    if uninvited:
        return p.read_uninvited, p.pressure_uninvited
    return p.read_database, p.pressure_database


def pay_for_messages(person: Person, firm: PlainFirm, sent: float, market: PlainMarket) -> None:
    """Messages are paid one by one; personal ones (not to names of a list) cost more."""
    p, plan = market.p.contact, firm.plan
    personal = plan.personalization > 0.0 and person.relations[firm.place].identified > 0
    price = p.personal_message_cost if personal else p.message_cost
    own = person.supplier == firm.place
    if own and plan.personalization > 0.0 and plan.tailoring == "customization":
        price += p.bespoke_cost
    cost = cents(sent * price)
    if own:
        firm.book["messages_to_customers"] += cost
        person.month_profit_cents -= cost
    else:
        firm.book["messages_to_others"] += cost


def complain(person: Person, firm: PlainFirm, market: PlainMarket) -> None:
    """The person complains to the firm about its mail, which costs, and is unhappy with it."""
    relation = person.relations[firm.place]
    cost = cents(market.p.contact.complaint_cost)
    firm.count["mail_complaints"] += 1
    relation.complaints = min(relation.complaints + 1, 255)
    if person.fired_by == NOBODY:  # to be fired is worse
        person.mood, person.mood_firm = -1, firm.place
    if person.supplier == firm.place:
        firm.book["mail_complaints_of_customers"] += cost
        person.month_profit_cents -= cost
    else:
        firm.book["mail_complaints_of_others"] += cost


def get_offer(person: Person, firm: PlainFirm, market: PlainMarket) -> None:
    """A win-back offer: made to who may be written to and had none lately; read or not."""
    relation, buy = person.relations[firm.place], market.p.buy
    strategy = firm.plan.code("strategy")
    reachable = relation.permission == NONE or market.eq.may_mail(strategy, relation.permission, 1, 0) == 1
    waited = relation.offered == 0 or market.month + 1 - relation.offered >= buy.offer_gap
    if not (reachable and waited) or relation.barred:
        relation.offer = 0.0
        return
    relation.offered = market.month + 1
    firm.book["win_back"] += cents(buy.offer_cost * market.tables.decide.contact_cost)
    firm.count["offers"] += 1
    if person.draw_for_firm("reads_offer", firm.place) >= buy.offer_read * firm.deliverability:
        relation.offer = 0.0
        return
    relation.offer_read = 1
    firm.count["offers_read"] += 1
    if not relation.aware:
        relation.become_aware(market.month, BY_OFFER)
