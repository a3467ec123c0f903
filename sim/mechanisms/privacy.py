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

from functools import partial
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


def add_data(market: Any, own: Own) -> None:
    """Messages are fitted with a fuller profile of who is in the database."""
    c, scale = market.customers, float(market.tables.contact.profile_scale)
    access = own.decided("access") * (1.0 - own.p.control_loss * own.decided("control"))
    own.scratch["identified"] = {}
    for f in np.flatnonzero(access > 0.0):
        known = c.identified[f]
        own.scratch["identified"][f] = known.copy()
        more = own.follows(f"profiles {f}", partial(_fuller_profiles, own, access[f], scale))
        np.maximum(known, more[np.minimum(known, 255)], out=known)


def _fuller_profiles(own: Own, access: float, scale: float) -> np.ndarray:
    """Purchases on record as which 0 to 255 of them count, with the data taken; who is not in the database stays out of it."""
    more = np.rint(fuller_profile(np.arange(256.0), access, scale, own.p)).astype(np.uint16)
    more[0] = 0
    return more


def take_data_away(market: Any, own: Own) -> None:
    """The record of purchases is as it was."""
    for f, known in own.scratch.pop("identified", {}).items():
        market.customers.identified[f] = known


def remember_permission(market: Any, own: Own) -> None:
    """What people had said before they were asked this month."""
    exposed = np.flatnonzero(exposures(own) > 0.0)
    own.scratch["permission"] = {f: market.customers.permission[f].copy() for f in exposed}


def hesitate(market: Any, own: Own) -> None:
    """Of those who said yes this month, some would not have, as exposed as they are: their yes and its reward are taken back.

    The chance of yes is p0 in the core and p1 with exposure; a yes stays with chance p1 / p0.
    """
    c, contact, counts = market.customers, market.tables.contact, market.ledger.current_counts
    exposed, incentive = exposures(own), market.month_of_firms.incentive
    for f, before in own.scratch.pop("permission").items():
        now = c.permission[f]
        ids = np.flatnonzero((c.asked[f] == market.month + 1) & ((now == 1) | (now == 2)) & (before != now))
        concern = c.privacy_concern[ids].astype(np.float64)
        said = [
            chance_of_yes(c.trust[ids], incentive[f], concern, v, contact, own.p) for v in (0.0, exposed[f])
        ]
        gone = ids[own.uniform(market, "hesitates", ids, f) >= said[1] / said[0]]
        c.permission[f, gone] = before[gone]
        counts[f, C["said_yes"]] -= len(gone)
        each = market.cents(contact.incentive_cost * market.tables.decide.contact_cost * incentive[f])
        market.ledger.enter(int(f), "permission", -each * len(gone))


WearColumns = columns("WearColumns", "privacy_concern", "trust")


@loop
def wear_rows(c, p, known_to, exposed):
    """Trust wears away under exposure; ``exposed``: by firm, the last of nobody, whom no firm knows."""
    for i in range(len(known_to)):
        felt = exposed[known_to[i]]
        c.trust[i] = worn_trust(np.float64(c.trust[i]), np.float64(c.privacy_concern[i]), felt, p)


def wear(market: Any, own: Own) -> None:
    """Trust wears away under exposure; audits and breaches happen; the second ledger is kept."""
    c, p, exposed = market.customers, own.p, exposures(own)
    known_to = known_supplier(market)
    wear_rows(c.bundle(WearColumns), own.numbers, known_to, np.append(exposed, 0.0))
    heads = np.array([np.count_nonzero(known_to == f) for f in range(len(market.firms))])
    own.state["ethics"] = own.state["ethics"] + exposed * heads
    luck = {name: own.uniform(market, name, np.arange(len(market.firms))) for name in ("leaks", "audited")}
    due = own.decided("breach_month") == market.month + 1
    leaks = due | (luck["leaks"] < p.breach_chance * own.decided("access") * (1.0 - own.decided("security")))
    said = parts_said(own)
    caught = misleads(own) & (luck["audited"] < p.audit_chance)
    for f in np.flatnonzero(caught):
        mine = known_to == f
        c.trust[mine] = c.trust[mine] * np.float64(1.0 - p.audit_trust)
    own.state["ethics"] = own.state["ethics"] + caught * heads
    for f in np.flatnonzero(leaks):
        breach(market, own, int(f), exposed)
    pay(market, own, heads, said)


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


def pay(market: Any, own: Own, heads: np.ndarray, said: np.ndarray) -> None:
    """What the statement and security cost, and what sold data brings."""
    p, records = own.p, on_record(market)
    own.book(
        market,
        "privacy_programme",
        p.statement_cost * said + p.security_cost * own.decided("security") * records,
    )
    own.book(market, "data_sales", p.data_price * own.decided("sharing") * own.decided("access") * heads)


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
