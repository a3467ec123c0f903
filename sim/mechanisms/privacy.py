"""Privacy: what firms take and keep about people, what they say of it, and what happens when it leaks.

Data that is taken beyond one's own purchases fits messages better. It also makes people feel exposed, the more so the less they are told and the
less they can choose: they say yes less often, and trust wears away. A statement has seven parts (what is taken, by whom, for what, with
whom it is shared, how to opt out, how it is kept, how it is put right); with notice, choice and security these are the four guidelines
of a privacy seal. A leak costs trust and brand in proportion to that exposure, is talked about, and stains rivals. Beside the money a second ledger
counts exposure, lost records and customers of firms that were found out: a part of the statement is false, or data are sold that are not said to be,
with a statement or without one. So to say nothing is no way to be left alone.

Source: Martin, Borah & Palmatier 2017 (vulnerability, transparency, control, spill-over of a breach); Culnan & Armstrong 1999 (fair procedures); the
TRUSTe programme 1997 (policy, notice, consent, security); American Marketing Association 1996 (code for the internet).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.ledger import C
from sim.mechanisms.failing import sour
from sim.mechanisms.frame import (
    Activity,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    clip,
    columns,
    draw,
    known_supplier,
    log,
    logistic,
    loop,
    number,
    on_record,
    word,
)
from sim.mechanisms.frame import exp as exponential

MARTIN = "Martin, Borah & Palmatier 2017 for the direction; size ours"

STATEMENTS = {
    "says_what": "what is taken",
    "says_who": "who takes it",
    "says_use": "what it is used for",
    "says_sharing": "with whom it is shared",
    "says_opt_out": "how to opt out",
    "says_security": "how it is kept safe",
    "says_updating": "how it can be put right",
}
"""The seven parts of a privacy statement."""


class PrivacyDecisions(Decisions):
    """What a firm takes of its customers' data, and how it behaves about it."""

    access: float = number(
        0.0, "data taken beyond purchases: cookies, logs, bought profiles", "share", 0.0, 1.0
    )
    says_what: bool = word(False, f"the statement says {STATEMENTS['says_what']}")
    says_who: bool = word(False, f"the statement says {STATEMENTS['says_who']}")
    says_use: bool = word(False, f"the statement says {STATEMENTS['says_use']}")
    says_sharing: bool = word(False, f"the statement says {STATEMENTS['says_sharing']}")
    says_opt_out: bool = word(False, f"the statement says {STATEMENTS['says_opt_out']}")
    says_security: bool = word(False, f"the statement says {STATEMENTS['says_security']}")
    says_updating: bool = word(False, f"the statement says {STATEMENTS['says_updating']}")
    notice: bool = word(
        True, "the statement is shown where data is taken, and not only kept on a page of its own"
    )
    control: float = number(
        0.0, "choice that people have over what is kept: consent item by item", "share", 0.0, 1.0
    )
    security: float = number(0.0, "effort of keeping data safe", "share", 0.0, 1.0)
    sharing: float = number(0.0, "share of the data that is sold to others", "share", 0.0, 1.0)
    breach_month: int = number(
        0, "the month, counted from 1, in which its data leaks; 0: only by chance", "month", 0, 2_400
    )


class PrivacyTable(MechanismTable):
    """Data access, statements, choice, audits and breaches."""

    ask_loss: float = number(
        2.0,
        "readiness to say yes lost to full exposure, times privacy concern (logit)",
        "logit",
        0.0,
        20.0,
        source=MARTIN,
    )
    trust_wear: float = number(
        0.02,
        "share of trust lost a month at full exposure, times privacy concern",
        "share a month",
        0.0,
        1.0,
        source=MARTIN,
    )
    profile_gain: float = number(0.5, "completeness that full access adds to a profile", "share", 0.0, 1.0)
    control_loss: float = number(
        0.3, "share of the data that people withhold when they may choose", "share", 0.0, 1.0
    )
    breach_chance: float = number(
        0.0, "chance a month of a breach at full access and no security", "chance", 0.0, 1.0
    )
    breach_trust: float = number(
        0.5, "share of trust lost in a breach at full exposure", "share", 0.0, 1.0, source=MARTIN
    )
    breach_brand: float = number(
        0.4, "brand lost in a breach at full exposure", "attitude", 0.0, 2.0, source=MARTIN
    )
    spill_over: float = number(
        0.25,
        "share of a breach's harm that falls on rivals, by their own exposure",
        "share",
        0.0,
        1.0,
        source=MARTIN,
    )
    breach_tells: float = number(
        0.3, "share of own customers who are unhappy about a breach and talk", "share", 0.0, 1.0
    )
    breach_cost: float = number(3.0, "cost of a lost record: letters, advice, fines", "money", 0.0, 1e6)
    audit_chance: float = number(
        0.02,
        "chance a month that an outsider compares what a firm says of data with what it does",
        "chance",
        0.0,
        1.0,
    )
    audit_trust: float = number(
        0.15,
        "share of trust that own customers lose when a part of the statement is found false, or data sold unsaid",
        "share",
        0.0,
        1.0,
    )
    data_price: float = number(0.05, "what a customer's data sells for a month", "money", 0.0, 1e4)
    statement_cost: float = number(
        20.0, "cost of keeping one part of the statement true", "money a month", 0.0, 1e6
    )
    security_cost: float = number(
        0.02, "cost of full security, a person on record and month", "money", 0.0, 1e4
    )
    firms: dict[str, PrivacyDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def transparency(said: Any, notice: Any) -> Any:
    """How open a firm is, 0 to 1: the share of the seven parts that it says, half of it without notice. Source: TRUSTe 1997; ours."""
    return said / len(STATEMENTS) * (0.5 + 0.5 * notice)


def exposure(access: Any, transparency: Any, control: Any) -> Any:
    """How exposed people feel, 0 to 1: data access, which openness and choice each soften by half.

    Source: Martin, Borah & Palmatier 2017: transparency and control suppress the harm of data access; sizes ours.
    """
    return access * (1.0 - transparency / 2.0) * (1.0 - control / 2.0)


def chance_of_yes(trust: Any, incentive: Any, concern: Any, exposure: Any, contact: Any, p: Any) -> Any:
    """Chance to say yes when asked for permission, with exposure: that of the core at exposure 0. Source: ours."""
    plain = (
        contact.ask_base
        + contact.ask_trust * trust
        + contact.ask_incentive * incentive
        - contact.ask_privacy * concern
    )
    return logistic(plain - p.ask_loss * concern * exposure)


def worn_trust(trust: Any, concern: Any, exposure: Any, p: Any) -> Any:
    """Trust a month later under exposure. Source: Martin, Borah & Palmatier 2017; size ours."""
    return trust * (1.0 - p.trust_wear * exposure * concern)


def fuller_profile(identified: Any, access: Any, scale: float, p: Any) -> Any:
    """Purchases on record at which a profile is as complete as this one with the data taken. Source: ours."""
    complete = 1.0 - exponential(identified / -scale)
    return -scale * log(1.0 - clip(complete + p.profile_gain * access, 0.0, 0.999))


def breach_harm(exposure: Any, concern: Any) -> Any:
    """How hard a breach hits a person, 0 to 1: by exposure and privacy concern. Source: Martin, Borah & Palmatier 2017; form ours."""
    return exposure * (0.5 + 0.5 * concern)


def is_misleading(
    access: Any,
    sharing: Any,
    says_sharing: Any,
    control: Any,
    says_opt_out: Any,
    security: Any,
    says_security: Any,
) -> Any:
    """Whether a firm that takes data sells it unsaid, or says a part of its statement that is false: how to opt out without any choice, how it is kept safe without security.

    Without a statement what is sold is sold unsaid. Source: Culnan & Armstrong 1999 for fair procedures; form ours.
    """
    unsaid = (sharing > 0) & (says_sharing == 0)
    untrue = (says_opt_out > 0) & (control == 0) | (says_security > 0) & (security == 0)
    return (access > 0) & (unsaid | untrue)


# ---------------------------------------------------------------- steps


def begin(market: Any, own: Own) -> None:
    """No points in the second ledger yet."""
    own.state.update(ethics=np.zeros(len(market.firms)), breaches=np.zeros(len(market.firms)))


def exposures(own: Own) -> np.ndarray:
    """Each firm's exposure of its customers this month, (F,)."""
    found: np.ndarray = own.follows("exposures", lambda: _exposures(own))
    return found


def _exposures(own: Own) -> np.ndarray:
    opened = transparency(parts_said(own), own.decided("notice"))
    return np.asarray(exposure(own.decided("access"), opened, own.decided("control")))


def parts_said(own: Own) -> np.ndarray:
    """How many of the seven parts each firm's statement has, (F,)."""
    found: np.ndarray = own.follows(
        "parts said", lambda: np.sum([own.decided(name) for name in STATEMENTS], axis=0)
    )
    return found


def misleads(own: Own) -> np.ndarray:
    """Which firms an audit would find to do with data what they do not say, or not to do what they say, bool (F,)."""
    names = ("access", "sharing", "says_sharing", "control", "says_opt_out", "security", "says_security")
    found: np.ndarray = own.follows("misleads", lambda: is_misleading(*(own.decided(name) for name in names)))
    return found


@loop
def fill_rows(known, more, before):
    """Purchases on record count as ``more``, by their number of 0 to 255; ``before``: as they were."""
    for i in range(len(known)):
        purchases = before[i] = known[i]
        known[i] = more[purchases] if purchases < len(more) else max(purchases, more[len(more) - 1])


def add_data(market: Any, own: Own) -> None:
    """Messages are fitted with a fuller profile of who is in the database."""
    identified, own.scratch["identified"] = market.customers.identified, {}
    for f, more in own.follows("profiles", lambda: _fuller_profiles(market, own)).items():
        own.scratch["identified"][f] = before = np.empty_like(identified[f])
        fill_rows(identified[f], more, before)


def _fuller_profiles(market: Any, own: Own) -> dict[int, np.ndarray]:
    """Purchases on record as which 0 to 255 of them count, with the data that a firm takes; who is not in the database stays out of it."""
    access = own.decided("access") * (1.0 - own.p.control_loss * own.decided("control"))
    scale, profiles = float(market.tables.contact.profile_scale), {}
    for f in np.flatnonzero(access > 0.0).tolist():
        plain = np.arange(256.0)
        profiles[f] = np.maximum(plain, np.rint(fuller_profile(plain, access[f], scale, own.p))).astype(
            np.uint16
        )
        profiles[f][0] = 0
    return profiles


def take_data_away(market: Any, own: Own) -> None:
    """The record of purchases is as it was."""
    for f, known in own.scratch.pop("identified", {}).items():
        market.customers.identified[f] = known


def remember_permission(market: Any, own: Own) -> None:
    """What people had said before they were asked this month."""
    exposed = own.follows("exposing", lambda: np.flatnonzero(exposures(own) > 0.0).tolist())
    own.scratch["permission"] = {f: market.customers.permission[f].copy() for f in exposed}


Asking = columns("Asking", "ask_base", "ask_trust", "ask_incentive", "ask_privacy")
HesitateColumns = columns("HesitateColumns", "asked", "permission", "trust", "privacy_concern")


@loop
def hesitate_rows(
    c, p, f, before, base, by_trust, by_incentive, by_concern, incentive, exposed, month, code, key0, key1
):
    """Of those who said yes to firm f this month, some take it back; gives how many. ``before``: what they had said.

    ``base``, ``by_trust``: float32, as trust is, to which the equation then rounds.
    """
    contact, now, gone = Asking(base, by_trust, by_incentive, by_concern), c.permission[f], 0
    for i in range(len(before)):
        if before[i] != now[i] and c.asked[f, i] == month + 1 and (now[i] == 1 or now[i] == 2):
            trust, concern = c.trust[i], np.float64(c.privacy_concern[i])
            in_core = chance_of_yes(trust, incentive, concern, 0.0, contact, p)
            stays = chance_of_yes(trust, incentive, concern, exposed, contact, p) / in_core
            if draw(i, f, month, code, key0, key1) >= stays:
                now[i] = before[i]
                gone += 1
    return gone


def hesitate(market: Any, own: Own) -> None:
    """Of those who said yes this month, some would not have, as exposed as they are: their yes and its reward are taken back.

    The chance of yes is p0 in the core and p1 with exposure; a yes stays with chance p1 / p0.
    """
    here, tables, incentives = (
        market.customers.bundle(HesitateColumns),
        market.tables,
        market.month_of_firms.incentive,
    )
    contact = tables.contact
    asking = (
        np.float32(contact.ask_base),
        np.float32(contact.ask_trust),
        contact.ask_incentive,
        contact.ask_privacy,
    )
    for f, before in own.scratch.pop("permission").items():
        felt, incentive, claim = exposures(own)[f], incentives[f], own.claim(market, "hesitates", f)
        gone = hesitate_rows(here, own.numbers, f, before, *asking, incentive, felt, *claim)
        market.ledger.current_counts[f, C["said_yes"]] -= gone
        each = market.cents(contact.incentive_cost * tables.decide.contact_cost * incentive)
        market.ledger.enter(f, "permission", -each * gone)


WearColumns = columns("WearColumns", "privacy_concern", "trust")
Conduct = columns("Conduct", "exposed", "leaks", "breach_month", "misleads", "statement", "security", "sales")
"""What firms do about data, by firm: exposure, and last that of nobody; the chance of a leak; the month of one; whether an audit finds something; what the statement costs, security a person on record, and what sold data bring, an own customer."""


def conduct(own: Own) -> Any:
    """The same, as it follows from the firms' decisions, for a loop."""
    from sim.compiled import bundle

    p, access, security = own.p, own.decided("access"), own.decided("security")
    return bundle(Conduct(
        np.append(exposures(own), 0.0), p.breach_chance * access * (1.0 - security), own.decided("breach_month"), misleads(own),
        p.statement_cost * parts_said(own), p.security_cost * security, p.data_price * own.decided("sharing") * access,
    ))  # fmt: skip


@loop
def wear_rows(
    c, p, firms, known_to, records, month, leak, key0, key1, audit, ethics, found, programme, sales, ledger
):
    """Trust wears away under exposure; the second ledger is kept; what the programme costs and sold data bring is entered.

    Into ``found`` whose statement is found misleading (1, else 0), and whose data leak; ``leak``, ``audit``: codes of draws.
    Gives how many of both there are.
    """
    for i in range(len(known_to)):
        felt = firms.exposed[known_to[i]]
        c.trust[i] = worn_trust(np.float64(c.trust[i]), np.float64(c.privacy_concern[i]), felt, p)
    for f in range(len(ethics)):
        n = 0
        for i in range(len(known_to)):
            n += known_to[i] == f
        due = firms.breach_month[f] == month + 1
        leaks = due or draw(f, 0, month, leak, key0, key1) < firms.leaks[f]
        caught = firms.misleads[f] and draw(f, 0, month, audit, key0, key1) < p.audit_chance
        ethics[f] = ethics[f] + firms.exposed[f] * n + (n if caught else 0)
        ledger[f, programme] += np.int64(
            np.rint((firms.statement[f] + firms.security[f] * records[f]) * 100.0)
        )
        ledger[f, sales] += np.int64(np.rint(firms.sales[f] * n * 100.0))
        found[0, f], found[1, f] = caught, leaks
    return found.sum()


def wear(market: Any, own: Own) -> None:
    """Trust wears away under exposure; audits and breaches happen; the second ledger is kept."""
    c, book, known_to = market.customers, market.ledger, known_supplier(market)
    firms, found = (
        own.follows("conduct", lambda: conduct(own)),
        np.zeros((2, len(market.firms)), dtype=np.int64),
    )
    leak, audit = own.claim(market, "leaks"), own.claim(market, "audited")[1]
    if not wear_rows(
        c.bundle(WearColumns), own.numbers, firms, known_to, on_record(market), *leak, audit, own.state["ethics"], found,
        *own.place(market, "privacy_programme", "data_sales"), book.current,
    ):  # fmt: skip
        return
    for f in np.flatnonzero(found[0]):
        mine = known_to == f
        c.trust[mine] = c.trust[mine] * np.float64(1.0 - own.p.audit_trust)
    for f in np.flatnonzero(found[1]):
        breach(market, own, int(f), exposures(own))


def breach(market: Any, own: Own, f: int, exposed: np.ndarray) -> None:
    """Firm f's data leaks: its customers lose trust, everybody who knows it thinks less of it, rivals are stained."""
    c, p = market.customers, own.p
    known_to = known_supplier(market)
    ids = np.flatnonzero(known_to >= 0)
    firm, concern = known_to[ids].astype(np.int64), c.privacy_concern[ids].astype(np.float64)
    hit = np.where(np.arange(len(exposed)) == f, 1.0, p.spill_over)
    harm = hit * np.where(np.arange(len(exposed)) == f, np.maximum(exposed, 0.1), exposed)
    c.trust[ids] *= 1.0 - p.breach_trust * breach_harm(harm[firm], concern)
    everybody = c.privacy_concern.astype(np.float64)
    for g in np.flatnonzero(harm > 0.0):
        loss = np.minimum(1.0, p.breach_brand * breach_harm(harm[g], everybody))
        c.brand[g] -= np.where(c.aware[g] != 0, loss * (c.brand[g] + 1.0), 0.0).astype(np.float32)
    mine = ids[firm == f]
    talks = mine[own.uniform(market, "talks", mine, f) < p.breach_tells] if len(mine) else mine
    sour(market, talks, np.full(len(talks), f))
    records = int(np.count_nonzero(c.identified[f]))
    money = np.zeros(len(exposed))
    money[f] = p.breach_cost * records
    own.book(market, "breach_costs", money)
    own.state["ethics"][f] += records
    own.state["breaches"][f] += 1


def ethics_points(market: Any, own: Own) -> np.ndarray:
    """The second ledger: customer-months of full exposure, records lost, customers of firms that were found out, so far. Unit: points. Source: ours."""
    return own.state["ethics"].copy()


def exposure_felt(market: Any, own: Own) -> np.ndarray:
    """How exposed a firm's customers are. Unit: share. Source: Martin, Borah & Palmatier 2017."""
    return exposures(own).copy()


MECHANISM = Mechanism(
    name="privacy",
    about=__doc__,
    table=PrivacyTable,
    decisions=PrivacyDecisions,
    lines=(
        Activity("breach_costs", -1, False, "other", "letters, advice and fines after a breach"),
        Activity(
            "privacy_programme", -1, False, "other", "keeping the privacy statement true, and data safe"
        ),
        Activity("data_sales", 1, False, "other", "customers' data sold to others"),
    ),
    draws=(
        Draw("hesitates", 2010, "firm", "whether a yes is kept back, as exposed as somebody is"),
        Draw("leaks", 2011, "0 (customer word: the firm)", "whether a firm's data leaks"),
        Draw("audited", 2012, "0 (customer word: the firm)", "whether a firm is audited"),
        Draw("talks", 2013, "firm", "whether an own customer talks about a breach"),
    ),
    equations=(transparency, exposure, chance_of_yes, worn_trust, fuller_profile, breach_harm, is_misleading),
    steps=(
        Step("before", "contact", add_data),
        Step("after", "contact", take_data_away),
        Step("before", "buy", remember_permission),
        Step("after", "buy", hesitate),
        Step("after", "relate", wear),
    ),
    begin=begin,
    metrics={"ethics_points": ethics_points, "exposure_felt": exposure_felt},
)
