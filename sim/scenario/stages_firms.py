"""The stages in which firms act: decide, advertise, contact."""

from __future__ import annotations

from typing import Any

from sim.scenario.table import Table, number, variant


class LevelTable(Table):
    """One relationship level: what it costs and what it does."""

    heard: float = number(
        0.05, "share of failures of middling severity that the customer voices", "share", 0.0, 0.99
    )
    prevented: float = number(0.0, "share of failures prevented", "share", 0.0, 1.0)
    lift: float = number(0.0, "lift of the experience", "utility", 0.0, 5.0)
    growth: float = number(0.06, "growth of loyalty", "share a month", 0.0, 1.0)
    cost: float = number(0.0, "cost of a customer-month, in units of contact_cost", "contact costs", 0.0, 1e6)
    time: float = number(0.0, "staff time of a customer-month, times contact_time", "agent-months", 0.0, 10.0)
    cross_sell: float = number(0.0, "lift of the chance to cross-sell", "share", 0.0, 20.0)


def _level(
    name: str,
    heard: float,
    prevented: float,
    lift: float,
    growth: float,
    cost: float,
    time: float,
    cross_sell: float,
) -> Any:
    kotler = ("Kotler 2003 for the five levels; number ours", "ours, fitted")
    given = {"heard": heard, "prevented": prevented, "lift": lift, "growth": growth}
    given |= {"cost": cost, "time": time, "cross_sell": cross_sell}
    labels = dict.fromkeys(given, kotler)
    if name == "Reactive":
        labels["heard"] = ("Goodman & Newman 2003", "published")
    return variant(LevelTable, name, name.lower(), labels, **given)


Basic = _level("Basic", 0.05, 0.0, 0.0, 0.06, 0.0, 0.0, 0.0)
Reactive = _level("Reactive", 0.35, 0.0, 0.05, 0.09, 0.15, 0.0001, 0.1)
Accountable = _level("Accountable", 0.65, 0.10, 0.12, 0.12, 0.50, 0.0006, 0.3)
Proactive = _level("Proactive", 0.80, 0.30, 0.20, 0.16, 2.50, 0.0028, 0.8)
Partnership = _level("Partnership", 0.95, 0.50, 0.35, 0.22, 14.0, 0.016, 1.5)


class LevelsTable(Table):
    """The five relationship levels."""

    basic: Basic = Basic()  # type: ignore[valid-type]
    reactive: Reactive = Reactive()  # type: ignore[valid-type]
    accountable: Accountable = Accountable()  # type: ignore[valid-type]
    proactive: Proactive = Proactive()  # type: ignore[valid-type]
    partnership: Partnership = Partnership()  # type: ignore[valid-type]


class DecideTable(Table):
    """Firms decide: costs of contact, the levels, what the database can tell."""

    contact_cost: float = number(
        1.0, "what one personal contact costs: a visit and an e-mail differ", "money", 0.0, 1e6
    )
    contact_time: float = number(1.0, "staff time of contacts, relative", "multiple", 0.0, 100.0)
    levels: LevelsTable = LevelsTable()
    fired_belief: float = number(
        0.5, "fall of the belief about a firm that ended the relationship", "utility", 0.0, 10.0
    )
    survey_answers: float = number(0.3, "share of those asked who answer a survey", "share", 0.0, 1.0)
    survey_cost: float = number(
        0.5, "cost of asking one person, in units of contact_cost", "contact costs", 0.0, 1e6
    )
    exit_survey_true: float = number(0.7, "chance that a leaver names the true reason", "share", 0.0, 1.0)
    lapsed_months: float = number(
        3.0, "at least so many months without a purchase before somebody is lapsed", "months", 0.0, 240.0
    )
    lapsed_intervals: float = number(
        4.0, "and at least so many of the person's mean intervals", "intervals", 0.0, 240.0
    )
    lost_months: float = number(
        6.0, "at least so many months without a purchase before somebody is lost", "months", 0.0, 240.0
    )
    lost_intervals: float = number(
        8.0, "and at least so many of the person's mean intervals", "intervals", 0.0, 240.0
    )
    first_year_retention: float = number(
        0.7, "what a firm takes for its retention before it has seen a year", "share", 0.0, 0.999
    )


class AdvertiseTable(Table):
    """Advertising, brand and forgetting."""

    brand_decay: float = number(
        0.05,
        "share of brand attitude lost a month",
        "share a month",
        0.0,
        1.0,
        source="Nerlove & Arrow 1962 for the form; number ours",
        confidence="ours",
    )
    forgetting: float = number(
        0.03, "chance a month that who is not a customer forgets the firm", "chance", 0.0, 1.0
    )
    response: float = number(
        0.15,
        "reach per unit of money a head: 1 - exp(-response * money a head)",
        "1/money",
        0.0,
        100.0,
        source="Blattberg & Deighton 1996 for the form; number ours",
        confidence="ours",
    )
    brand_gain: float = number(0.1, "brand attitude gained by being reached", "attitude", 0.0, 1.0)
    affiliate_reach: float = number(
        0.02, "chance a month that affiliates reach somebody unaware, at most", "chance", 0.0, 1.0
    )
    affiliate_scale: float = number(
        0.05, "commission at which affiliates reach 63 % of that", "share of the purchase", 0.0001, 1.0
    )


class ContactTable(Table):
    """Permission marketing: whom a firm writes to, what is read, what wears out."""

    list_coverage: float = number(
        0.5, "share of the people outside the database on a bought list", "share", 0.0, 1.0
    )
    base_relevance: float = number(
        0.25, "relevance of a message that fits nobody in particular", "share", 0.01, 1.0
    )
    profile_scale: float = number(
        4.0, "purchases on record at which a profile is 63 % complete", "purchases", 0.01, 1e4
    )
    taste_spread: float = number(0.5, "how much it matters what a message is about", "share", 0.0, 1.0)
    modules: int = number(8, "ready-made modules to personalize from", "modules", 1, 10_000)
    read_uninvited: float = number(
        0.10, "chance that one uninvited message is opened", "chance", 0.0, 1.0, confidence="ours, fitted"
    )
    read_database: float = number(
        0.15, "the same of a message to the database without consent", "chance", 0.0, 1.0
    )
    read_keen: float = number(
        0.40,
        "the same of those who say yes and are keen",
        "chance",
        0.0,
        1.0,
        source="public e-mail benchmarks 2018-2019",
        confidence="published",
    )
    read_consenting: float = number(
        0.17,
        "the same of the others who say yes",
        "chance",
        0.0,
        1.0,
        source="public e-mail benchmarks 2018-2019",
        confidence="published",
    )
    keen_share: float = number(
        0.65, "share of those who say yes who are keen, and would confirm", "share", 0.0, 1.0
    )
    salience: float = number(
        0.9, "utility that a read message adds to this month's choice, times relevance", "utility", 0.0, 10.0
    )
    need_lift: float = number(1.05, "need in a month with a read message, relative", "multiple", 0.1, 10.0)
    brand_gain: float = number(
        0.05, "brand gained by a read message with consent, times relevance", "attitude", 0.0, 1.0
    )
    pressure_uninvited: float = number(
        2.5, "pressure of one uninvited message", "multiple", 0.0, 100.0, confidence="ours, fitted"
    )
    pressure_database: float = number(
        1.5,
        "the same to the database without explicit consent",
        "multiple",
        0.0,
        100.0,
        confidence="ours, fitted",
    )
    pressure_consent: float = number(1.0, "the same with consent", "multiple", 0.0, 100.0)
    relevance_relief: float = number(
        0.8, "share of the pressure that full relevance takes away", "share", 0.0, 1.0
    )
    fatigue_gain: float = number(
        0.3,
        "weight of this month's pressure in fatigue",
        "share a month",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    opt_out: float = number(
        0.06, "opt-out hazard per unit of pressure", "1/pressure", 0.0, 10.0, confidence="ours, fitted"
    )
    brand_loss: float = number(
        0.02,
        "brand lost per unit of pressure without consent, times 1/2 + privacy concern",
        "1/pressure",
        0.0,
        10.0,
        confidence="ours, fitted",
    )
    trust_loss: float = number(
        0.1,
        "share of trust that an own customer loses to uninvited mail of pressure 1",
        "share",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    complaint: float = number(
        0.0005, "hazard of a complaint to the firm per unit of pressure, uninvited", "1/pressure", 0.0, 10.0
    )
    report: float = number(
        0.006,
        "hazard of a spam report to the mailbox provider per unit of pressure, uninvited",
        "1/pressure",
        0.0,
        10.0,
        source="public e-mail benchmarks 2018-2019",
        confidence="published",
    )
    invited_share: float = number(0.1, "both hazards for those not uninvited, relative", "share", 0.0, 1.0)
    complaint_cost: float = number(10.0, "cost of handling a complaint about mail", "money", 0.0, 1e6)
    report_memory: float = number(
        0.7, "weight of the past in the report rate that providers see", "share", 0.0, 1.0
    )
    report_ceiling: float = number(
        0.003,
        "report rate above which mail is held back",
        "share of messages",
        1e-9,
        1.0,
        source="bulk-sender rules of large mailbox providers, 2024",
        confidence="published",
    )
    deliverability_fall: float = number(0.5, "speed at which deliverability falls", "share a month", 0.0, 1.0)
    deliverability_rise: float = number(0.1, "speed at which it recovers", "share a month", 0.0, 1.0)
    ask_base: float = number(
        -1.2, "readiness to say yes when asked for permission (logit)", "logit", -20.0, 20.0
    )
    ask_trust: float = number(2.0, "weight of trust in it", "logit", -20.0, 20.0)
    ask_incentive: float = number(0.5, "weight of the incentive in it", "logit", -20.0, 20.0)
    ask_privacy: float = number(2.0, "weight of privacy concern against it", "logit", -20.0, 20.0)
    ask_again: int = number(12, "months before somebody is asked again", "months", 1, 600)
    incentive_cost: float = number(
        2.0, "cost of a full incentive, in units of contact_cost", "contact costs", 0.0, 1e6
    )
    message_cost: float = number(0.01, "cost of a message", "money", 0.0, 1e4)
    personal_message_cost: float = number(0.03, "cost of a personalized message", "money", 0.0, 1e4)
    list_cost: float = number(0.02, "cost of a name on a bought list, a month", "money", 0.0, 1e4)
    targeting_cost: float = number(
        0.2, "cost of targeting an own customer, times personalization squared", "money a month", 0.0, 1e4
    )
    personalization_cost: float = number(
        0.8, "the same of personalization and customization", "money a month", 0.0, 1e4
    )
    bespoke_cost: float = number(0.05, "cost of a customized message on top", "money", 0.0, 1e4)
