"""Sales force: representatives who know customers privately, and what a firm shares of it.

Between firms the relationship sits with a person. A representative learns an account call by call; what he knows sells, and part of the
account's loyalty is to him. When he leaves, he takes that with him, often to a rival. A shared database keeps what is entered into it;
automation helps to enter it and saves time for calls, as far as it is used. Calls are allotted equally, by revenue or by
value. Several contact points, one a product line, sell more and contradict each other, until one view of the account ends it.

Source: Zoltners, Sinha & Lorimer 2004 (effort, territories, turnover); Speier & Venkatesh 2002 (automation fails where it is not used);
Palmatier, Scheer & Steenkamp 2007 (loyalty to the salesperson and loyalty to the firm); Peppers & Rogers 1993 (one view of the customer).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.mechanisms.failing import fail, make_unhappy
from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    chance,
    clip,
    columns,
    draw,
    exp,
    log,
    loop,
    number,
    own_heads,
    word,
)
from sim.scenario.words import AWARE_BY, PENDING_BY

PALMATIER = "Palmatier, Scheer & Steenkamp 2007 for the split; number ours"
SPEIER = "Speier & Venkatesh 2002 for the direction; number ours"

ALLOTTED = ("equal", "revenue", "value")
"""How calls are shared out: alike, by recent spend on record, or by recent profit on record."""

MOST = 200
"""Most representatives of a firm."""

_BY_MESSAGE, _RIVAL = (
    AWARE_BY.index("message"),
    PENDING_BY.index("rival's message"),
)


class SalesForceDecisions(Decisions):
    """What a firm decides about its representatives, and about what it knows through them."""

    representatives: int = number(2, "representatives in the field", "people", 0, MOST)
    allotment: Literal[ALLOTTED] = word("equal", "how calls are allotted to accounts")  # type: ignore[valid-type]
    loyalty_pay: float = number(
        0.0, "pay above the market's, so that representatives stay", "share of what keeps them best", 0.0, 1.0
    )
    automation: float = number(0.0, "sales-force automation: how much of it is bought", "share", 0.0, 1.0)
    adoption_support: float = number(0.0, "training and reward for using the automation", "share", 0.0, 1.0)
    shared_database: float = number(
        0.0, "shared database: how far what is known must be entered, and can be read", "share", 0.0, 1.0
    )
    departments: float = number(
        0.0, "share of the other departments (service, design) that read the database", "share", 0.0, 1.0
    )
    contact_points: int = number(
        1, "contact points an account has: one a product line", "contact points", 1, 6
    )
    single_view: float = number(
        0.0, "one view of the account for all contact points; no further than the database", "share", 0.0, 1.0
    )


class SalesForceTable(MechanismTable):
    """Sales representatives, their private knowledge, automation, the shared database, contact points."""

    calls: float = number(60.0, "calls of a representative", "calls a month", 0.0, 1e4)
    representative_cost: float = number(
        5000.0, "pay and travel of a representative", "money a month", 0.0, 1e7
    )
    representative_turnover: float = number(
        0.02, "chance a month that a representative leaves", "chance", 0.0, 1.0,
        source="a fifth to a quarter a year is often quoted", confidence="folk",
    )  # fmt: skip
    pay_keeps: float = number(0.5, "share of departures that full loyalty pay prevents", "share", 0.0, 1.0)
    pay_cost: float = number(
        0.2, "what full loyalty pay costs, as a share of the cost of a representative", "share", 0.0, 5.0
    )
    hiring_cost: float = number(10000.0, "finding and training a representative", "money", 0.0, 1e7)
    call_learning: float = number(
        0.15,
        "share of what is not yet known of an account that a month with a call teaches",
        "share",
        0.0,
        1.0,
    )
    going_stale: float = number(0.02, "share of knowledge that goes stale", "share a month", 0.0, 1.0)
    knowledge_value: float = number(
        0.5, "utility of an offer by somebody who knows the account fully", "utility", 0.0, 10.0
    )
    call_relevance: float = number(
        0.25, "relevance of a call by somebody who knows nothing of the account", "share", 0.0, 1.0
    )
    hand_capture: float = number(
        0.08,
        "share of the private knowledge that is entered by hand, at full demand",
        "share a month",
        0.0,
        1.0,
    )
    automation_capture: float = number(
        0.30, "the same, added by automation that everybody uses", "share a month", 0.0, 1.0, source=SPEIER
    )
    automation_calls: float = number(
        0.15, "calls that automation adds where everybody uses it", "share", 0.0, 2.0, source=SPEIER
    )
    automation_burden: float = number(
        0.05, "calls lost to automation that nobody uses", "share", 0.0, 1.0, source=SPEIER
    )
    unaided_adoption: float = number(
        0.2, "share who use automation without support", "share", 0.0, 1.0, source=SPEIER
    )
    adoption_speed: float = number(0.1, "how fast use follows", "share a month", 0.0, 1.0)
    personal_bond: float = number(
        0.5, "share of loyalty that is to the representative, where he knows the account fully", "share", 0.0, 1.0,
        source=PALMATIER,
    )  # fmt: skip
    goes_to_rival: float = number(
        0.5, "share of leaving representatives whom a rival hires", "share", 0.0, 1.0
    )
    rival_pull: float = number(
        0.6,
        "utility that a rival gains at an account that the hired representative knows fully",
        "utility",
        0.0,
        10.0,
    )
    specialist_gain: float = number(
        0.15, "relevance that each further contact point adds: a specialist sells more", "share", 0.0, 1.0
    )
    contradiction: float = number(
        0.01, "chance a month that two contact points contradict each other, a pair", "chance", 0.0, 1.0
    )
    contradiction_harm: float = number(0.35, "satisfaction lost to a contradiction", "satisfaction", 0.0, 2.0)
    overlap_fatigue: float = number(
        0.05, "fatigue that each further contact point adds in a month", "share", 0.0, 1.0
    )
    lost_complaints: float = number(
        0.3, "share of complaints lost between many contact points", "share", 0.0, 1.0
    )
    department_recovery: float = number(
        0.25, "gain in recovery where all departments read full knowledge", "share", 0.0, 1.0
    )
    department_quality: float = number(
        0.15, "quality gained by design that knows its customers", "utility", 0.0, 5.0
    )
    automation_cost: float = number(
        300.0, "automation and its support, a representative each", "money a month", 0.0, 1e6
    )
    database_cost: float = number(
        0.1, "shared database, an own customer and share (database, departments, single view each)", "money a month",
        0.0, 1e4,
    )  # fmt: skip
    firms: dict[str, SalesForceDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def calls_made(calls: Any, adoption: Any, automation: Any, p: Any) -> Any:
    """Calls a month of a representative: automation that is used saves time, automation that is not costs it.

    Source: Speier & Venkatesh 2002 for both directions; sizes ours.
    """
    return calls * (1.0 + p.automation_calls * adoption - p.automation_burden * (automation - adoption))


def next_adoption(adoption: Any, automation: Any, support: Any, p: Any) -> Any:
    """Share of the work done with automation, a month later: bought, and used as far as it is supported. Source: Speier & Venkatesh 2002; form ours."""
    goal = automation * (p.unaided_adoption + (1.0 - p.unaided_adoption) * support)
    return adoption + p.adoption_speed * (goal - adoption)


def next_private(known: Any, called: Any, p: Any) -> Any:
    """What the representative knows of an account (0 to 1), a month later. Source: ours."""
    kept = known * (1.0 - p.going_stale)
    return kept + p.call_learning * called * (1.0 - kept)


def next_shared(shared: Any, private: Any, database: Any, adoption: Any, p: Any) -> Any:
    """What the firm's database knows of an account (0 to 1), a month later: part of what its representative knows more is entered. Source: ours."""
    kept = shared * (1.0 - p.going_stale)
    rate = database * (p.hand_capture + p.automation_capture * adoption)
    return kept + rate * clip(private - kept)


def personal_loss(private: Any, shared: Any, database: Any, p: Any) -> Any:
    """Share of an account's loyalty that goes with its representative: less where the successor can read what he knew.

    Source: Palmatier, Scheer & Steenkamp 2007 for the loyalty to the person; form ours.
    """
    return p.personal_bond * private * (1.0 - database * shared)


def chance_leaving(loyalty_pay: Any, p: Any) -> Any:
    """Chance a month that a representative leaves; pay above the market's keeps some. Source: ours."""
    return p.representative_turnover * (1.0 - p.pay_keeps * loyalty_pay)


def chance_contradiction(points: Any, view: Any, p: Any) -> Any:
    """Chance a month that an account hears two things from one firm: by pairs of contact points, none with one view. Source: ours."""
    pairs = points * (points - 1.0) / 2.0
    agree = exp(pairs * log(max(1.0 - p.contradiction, 1e-300)))
    return (1.0 - agree) * (1.0 - view)


# ---------------------------------------------------------------- steps


def begin(market: Any, own: Own) -> None:
    """Nobody uses automation yet; the first accounts are known as long as they are customers."""
    own.state.update(
        adoption=np.zeros(len(market.firms)), leavers=np.zeros(len(market.firms)), representatives=count(own)
    )
    everybody = np.arange(len(market.customers))
    draw_territories(market, own, everybody)
    c, p = market.customers, own.p
    most = p.call_learning / (p.call_learning + p.going_stale) if p.call_learning + p.going_stale else 0.0
    known = most * chance(c.tenure.astype(np.float64) * p.call_learning / 4.0)
    c.private_knowledge = np.where((c.supplier >= 0) & (count(own)[c.supplier] > 0), known, 0.0)


def draw_territories(market: Any, own: Own, ids: np.ndarray) -> None:
    """Where each account lies: it decides which of a firm's representatives calls."""
    market.customers.territory[ids] = own.trait(market, "territory", ids)


def count(own: Own) -> np.ndarray:
    """Representatives by firm, int64 (F,)."""
    found: np.ndarray = own.follows("count", lambda: own.decided("representatives").astype(np.int64))
    return found


def view_of(own: Own) -> np.ndarray:
    """How far a firm's contact points share one view: not without the database. (F,)"""
    found: np.ndarray = own.follows(
        "view", lambda: np.minimum(own.decided("single_view"), own.decided("shared_database"))
    )
    return found


AccountColumns = columns("AccountColumns", "supplier", "territory")
ShareColumns = columns("ShareColumns", "supplier", "shared_knowledge")
CallColumns = columns(
    "CallColumns", "supplier", "territory", "recent_spend", "recent_profit", "private_knowledge", "shared_knowledge", "relevance", "belief"
)  # fmt: skip
AfterColumns = columns(
    "AfterColumns", "supplier", "supplier_before", "private_knowledge", "shared_knowledge", "belief"
)
KnownColumns = columns("KnownColumns", "supplier", "private_knowledge", "shared_knowledge")
GoColumns = columns(
    "GoColumns", "supplier", "territory", "private_knowledge", "shared_knowledge", "loyalty", "barred", "belief", "heard",
    "aware", "aware_month", "aware_by", "pending", "pending_by",
)  # fmt: skip


def representative_of(firm: Any, territory: Any, n: Any) -> Any:
    """The place of an account's representative: firm times `MOST`, plus a number from 0 to n - 1. Source: ours."""
    return np.int64(firm) * MOST + min(np.int64(np.float64(territory) * n), n - 1)


@loop
def account_rows(c, n, wanted, ids, rep):
    """Accounts whose representative is wanted, and the place of each; gives how many."""
    found = 0
    for i in range(len(c.supplier)):
        f = max(c.supplier[i], 0)
        place = representative_of(f, c.territory[i], max(n[f], 1))
        ids[found], rep[found] = i, place
        found += (c.supplier[i] >= 0) & (n[f] > 0) & wanted[place]
    return found


def accounts(market: Any, n: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Accounts of those of n (F,) representatives that are wanted, bool by place (firm · MOST + number): their numbers, firms, and places of the representative."""
    c = market.customers
    ids, rep = np.empty((2, len(c)), dtype=np.int64)
    found = account_rows(c.bundle(AccountColumns), n, wanted, ids, rep)
    return ids[:found], rep[:found] // MOST, rep[:found]


def lay_off(market: Any, own: Own) -> None:
    """Representatives whom a firm no longer wants go at once, as others leave: what they know and their bonds go with them."""
    before, now = own.state["representatives"], count(own)
    own.state["representatives"] = now
    if (now < before).any():
        number = np.arange(MOST)
        gone = (number >= now[:, None]) & (number < before[:, None])
        go_away(market, own, before, gone.reshape(-1), 1)


@loop
def share_rows(c, p, departments, database, points, view, recovery_chance, quality):
    """What departments that read the database, and many contact points without one view, do to recovery and quality."""
    heads, sums = np.zeros(len(quality)), np.zeros(len(quality))
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f >= 0:
            heads[f] += 1.0
            sums[f] += np.float64(c.shared_knowledge[i])
    for f in range(len(quality)):
        read = departments[f] * database[f] * (sums[f] / max(heads[f], 1.0))
        lost = p.lost_complaints * (1.0 - 1.0 / points[f]) * (1.0 - view[f])
        better = recovery_chance[f] * (1.0 + p.department_recovery * read)
        recovery_chance[f] = clip(better * (1.0 - lost))
        quality[f] += p.department_quality * read


def share_knowledge(market: Any, own: Own) -> None:
    """Departments that read the database recover and design better; many contact points without one view lose complaints."""
    firms = market.month_of_firms
    share_rows(
        market.customers.bundle(ShareColumns), own.numbers, own.decided("departments"), own.decided("shared_database"),
        own.decided("contact_points"), view_of(own), firms.recovery_chance, firms.quality,
    )  # fmt: skip


def weight_of(c: Any, f: Any, i: Any, allotted: Any) -> Any:
    """How much account i of firm f weighs when calls are allotted. Source: ours."""
    if allotted == 1:
        return max(np.float64(c.recent_spend[f, i]), 0.0)
    if allotted == 2:
        return max(np.float64(c.recent_profit[f, i]), 0.0)
    return 1.0


@loop
def allot_rows(c, p, n, allotment, adoption, automation, places, each, floor, total, alike):
    """The place of each account's representative, -1 of none, and each firm's calls of one.

    By representative what an account weighs at least, so that a new one is called on too, the weight of all, and the chance
    of a call where all weigh alike.
    """
    supplier, territory = c.supplier, c.territory
    sums, heads = np.zeros(len(total)), np.zeros(len(total))
    places[:] = -1
    for f in range(len(n)):
        if n[f] == 0:
            continue
        for i in range(len(places)):
            now, place = places[i], representative_of(f, territory[i], n[f])
            places[i] = place if supplier[i] == f else now
    for i in range(len(places)):
        place = places[i]
        if place >= 0:
            sums[place] += weight_of(c, supplier[i], i, allotment[supplier[i]])
            heads[place] += 1.0
    for f in range(len(n)):
        each[f] = calls_made(p.calls, adoption[f], automation[f], p)
        for place in range(f * MOST, f * MOST + n[f]):
            if heads[place] > 0:
                mean = sums[place] / heads[place]
                floor[place] = 0.1 * mean if mean > 0.0 else 1.0
                total[place] = sums[place] + floor[place] * heads[place]
                alike[place] = chance(each[f] * (1.0 + floor[place]) / total[place])


@loop
def call_rows(
    c, p, places, allotment, each, floor, total, alike, database, points, month, code, key0, key1, luck, called
):  # fmt: skip
    """Who is called on hears something relevant."""
    supplier = c.supplier
    for i in range(len(places)):
        luck[i] = draw(i, 0, month, code, key0, key1)
    for i in range(len(places)):
        f, place = supplier[i], places[i]
        if place < 0:
            continue
        chance_called = alike[place]
        if allotment[f] != 0:
            weight = weight_of(c, f, i, allotment[f])
            chance_called = chance(each[f] * (weight + floor[place]) / total[place])
        if luck[i] < chance_called:
            known = max(np.float64(c.private_knowledge[i]), database[f] * np.float64(c.shared_knowledge[i]))
            more = 1.0 + p.specialist_gain * (points[f] - 1.0)
            relevant = clip((p.call_relevance + (1.0 - p.call_relevance) * known) * more)
            c.relevance[f, i] = max(c.relevance[f, i], np.float32(relevant))
            called[i] = 1


@loop
def offer_rows(c, p, n, database, held):
    """Own offers come from somebody who knows the account; ``held``: what was believed before."""
    supplier, private, shared = c.supplier, c.private_knowledge, c.shared_knowledge
    for f in range(len(n)):
        if n[f] == 0:
            continue
        belief, read = c.belief[f], database[f]
        for i in range(len(held)):
            known = max(np.float64(private[i]), read * np.float64(shared[i]))
            more = np.float32(p.knowledge_value * known)
            now, other = belief[i], held[i]  # read whoever it is: no branch is faster
            held[i] = now if supplier[i] == f else other
            belief[i] = now + (more if supplier[i] == f else np.float32(0.0))


def call(market: Any, own: Own) -> None:
    """Representatives allot their calls; who is called on hears something relevant, and an offer by somebody who knows them."""
    c, n, p = market.customers, count(own), own.numbers
    here, allotment = c.bundle(CallColumns), own.follows("allotment", lambda: allotted(own))
    places, luck = np.empty(len(c), dtype=np.int16), np.empty(len(c))
    each, (floor, total, alike) = np.empty(len(n)), np.empty((3, len(n) * MOST))
    automation, database = own.decided("automation"), own.decided("shared_database")
    allot_rows(here, p, n, allotment, own.state["adoption"], automation, places, each, floor, total, alike)
    called, held = np.zeros(len(c), dtype=np.uint8), np.empty(len(c), dtype=np.float32)
    call_rows(
        here, p, places, allotment, each, floor, total, alike, database, own.decided("contact_points"),
        *own.claim(market, "called"), luck, called,
    )  # fmt: skip
    offer_rows(here, p, n, database, held)
    own.scratch.update(called=called, held=(n, c.supplier.copy(), held))


def allotted(own: Own) -> np.ndarray:
    """How calls are allotted by firm, by number in `ALLOTTED`, int64 (F,)."""
    return np.array([ALLOTTED.index(each) for each in own.words("allotment")])


@loop
def after_rows(c, n, supplier_then, held, called):
    """Beliefs are as they were; who is somebody else's account now is known to nobody there."""
    for f in range(len(n)):
        if n[f] == 0:
            continue
        belief = c.belief[f]
        for i in range(len(held)):
            was, now = held[i], belief[i]  # read whoever it is: no branch is faster
            belief[i] = was if supplier_then[i] == f else now
    supplier, before, private, shared = c.supplier, c.supplier_before, c.private_knowledge, c.shared_knowledge
    for i in range(len(supplier)):
        known = (supplier[i] == before[i]) & (supplier[i] >= 0)
        private[i] = private[i] if known else np.float32(0.0)
        shared[i] = shared[i] if known else np.float32(0.0)
        called[i] &= known  # what the former supplier's representative heard stays with him


def hang_up(market: Any, own: Own) -> None:
    """Beliefs are as they were; who is somebody else's account now is known to nobody there."""
    after_rows(market.customers.bundle(AfterColumns), *own.scratch.pop("held"), own.scratch["called"])


def contradict(market: Any, own: Own) -> None:
    """Some accounts hear two things from one firm: a failure, for them; overlapping contacts tire."""
    points = own.decided("contact_points")
    c, p = market.customers, own.p
    if not (points > 1.0).any():
        return
    ids, firm, _ = accounts(market, count(own), np.ones(len(points) * MOST, dtype=bool))
    hit = own.uniform(market, "contradicted", ids) < chance_contradiction(points, view_of(own), p)[firm]
    who, of = ids[hit], firm[hit]
    still = fail(market, own, "contradiction", who, of, harm=p.contradiction_harm)
    make_unhappy(market, who[still], of[still])
    tired = c.fatigue[firm, ids].astype(np.float64)
    gain = p.overlap_fatigue * (points - 1.0) * (1.0 - view_of(own))
    c.fatigue[firm, ids] = tired + clip(gain[firm]) * (1.0 - tired)


@loop
def staff_rows(
    p, n, heads, pay, automation, support, database, departments, view, month, code, key0, key1, field, systems, ledger, adoption, leavers, gone
):  # fmt: skip
    """By firm: the use of automation a month later, who leaves, and what representatives and their systems cost."""
    for f in range(len(n)):
        adoption[f] = next_adoption(adoption[f], automation[f], support[f], p)
        leaving = chance_leaving(pay[f], p)
        for place in range(f * MOST, f * MOST + n[f]):
            if draw(place, 0, month, code, key0, key1) < leaving:
                gone[place] = True
                leavers[f] += 1.0
        cost = p.representative_cost * (1.0 + p.pay_cost * pay[f])
        people = n[f] * cost + leavers[f] * p.hiring_cost
        tools = automation[f] + support[f] * automation[f]
        reading = database[f] + departments[f] * database[f] + view[f]
        used = n[f] * p.automation_cost * tools + heads[f] * p.database_cost * reading
        ledger[f, field] += np.int64(np.rint(people * 100.0))
        ledger[f, systems] += np.int64(np.rint(used * 100.0))


@loop
def learn_rows(c, p, n, called, database, adoption):
    """What representatives know of their accounts, and what the database does."""
    supplier, private, shared = c.supplier, c.private_knowledge, c.shared_knowledge
    for f in range(len(n)):
        if n[f] == 0:
            continue
        demand, use = database[f], adoption[f]
        for i in range(len(called)):
            was, had = np.float64(private[i]), np.float64(shared[i])
            known = next_private(was, np.float64(called[i]), p)
            stored = next_shared(had, known, demand, use, p)
            shared[i] = stored if supplier[i] == f else had
            private[i] = known if supplier[i] == f else was


def learn(market: Any, own: Own) -> None:
    """Representatives learn, and enter part of it; some leave and take the rest with them; all of it is paid."""
    n, p, database = count(own), own.numbers, own.decided("shared_database")
    adoption = own.state["adoption"] = own.state["adoption"].copy()
    leavers, gone = np.zeros(len(n)), np.zeros(len(n) * MOST, dtype=bool)
    staff_rows(
        p, n, own_heads(market), own.decided("loyalty_pay"), own.decided("automation"), own.decided("adoption_support"), database,
        own.decided("departments"), view_of(own), *own.claim(market, "leaves"), *own.place(market, "sales_force", "sales_systems"),
        market.ledger.current, adoption, leavers, gone,
    )  # fmt: skip
    own.state["leavers"] = leavers
    learn_rows(market.customers.bundle(KnownColumns), p, n, own.scratch.pop("called"), database, adoption)
    if leavers.any():
        go_away(market, own, n, gone, 0)


@loop
def go_rows(c, p, n, gone, database, k, month, hired, to_whom, tempted, key0, key1):
    """Part of the loyalty of the accounts of representatives who are gone goes too; a rival may call with what they know."""
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f < 0 or n[f] == 0:
            continue
        place = representative_of(f, c.territory[i], n[f])
        if not gone[place]:
            continue
        private, shared = np.float64(c.private_knowledge[i]), np.float64(c.shared_knowledge[i])
        c.loyalty[i] *= np.float32(1.0 - personal_loss(private, shared, database[f], p))
        to = (f + 1 + np.int64(draw(place, k, month, to_whom, key0, key1) * (len(n) - 1))) % len(n)
        follows = (draw(place, k, month, hired, key0, key1) < p.goes_to_rival) & (to != f)
        if follows and c.barred[to, i] == 0:
            pulled = np.float64(np.float32(p.rival_pull) * c.private_knowledge[i])
            pull = np.float32(pulled * (1.0 - database[f] * shared))
            c.belief[to, i] += pull
            c.heard[to, i] += pull
            if c.aware[to, i] == 0:
                c.aware[to, i], c.aware_month[to, i], c.aware_by[to, i] = 1, month, _BY_MESSAGE
            if draw(i, k, month, tempted, key0, key1) < private:
                c.pending[i] = 1
                c.pending_by[i] = max(c.pending_by[i], _RIVAL)
        c.private_knowledge[i] = np.float32(0.0)


def go_away(market: Any, own: Own, n: np.ndarray, gone: np.ndarray, k: int) -> None:
    """Some of n (F,) representatives go: part of their accounts' loyalty goes too, and a rival may call with what they know; k: of its draws."""
    month, hired, key0, key1 = own.claim(market, "hired", k)
    to_whom, tempted = (own.claim(market, name, k)[1] for name in ("to_whom", "tempted"))
    go_rows(
        market.customers.bundle(GoColumns), own.numbers, n, gone, own.decided("shared_database"), k, month, hired, to_whom,
        tempted, key0, key1,
    )  # fmt: skip


# ---------------------------------------------------------------- what is measured


@loop
def known_rows(c, means):
    """The mean of what representatives know of each firm's own customers, and of what its database knows, into ``means``, (2, F)."""
    heads = np.zeros(means.shape[1])
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f >= 0:
            heads[f] += 1.0
            means[0, f] += np.float64(c.private_knowledge[i])
            means[1, f] += np.float64(c.shared_knowledge[i])
    for f in range(len(heads)):
        for which in range(2):
            means[which, f] = means[which, f] / heads[f] if heads[f] > 0 else np.nan


def gather(market: Any, own: Own) -> None:
    """What is measured of knowledge, at the month's end."""
    own.scratch["known"] = np.zeros((2, len(market.firms)))
    known_rows(market.customers.bundle(KnownColumns), own.scratch["known"])


def known_to_representatives(market: Any, own: Own) -> np.ndarray:
    """What representatives know of an own customer, the mean. Unit: share. Source: ours."""
    return np.asarray(own.scratch["known"][0])


def known_to_firm(market: Any, own: Own) -> np.ndarray:
    """What the shared database knows of an own customer, the mean. Unit: share. Source: ours."""
    return np.asarray(own.scratch["known"][1])


def automation_in_use(market: Any, own: Own) -> np.ndarray:
    """Share of the sales work done with automation. Unit: share. Source: Speier & Venkatesh 2002."""
    return own.state["adoption"].copy()


def representatives_lost(market: Any, own: Own) -> np.ndarray:
    """Representatives who left this month of themselves, and were replaced. Unit: people. Source: ours."""
    return own.state["leavers"].copy()


MECHANISM = Mechanism(
    name="sales_force",
    about=__doc__,
    table=SalesForceTable,
    decisions=SalesForceDecisions,
    columns=(
        Column("territory", "float32", "customer", "place 0 to 1", "where the account lies: who calls on it"),
        Column("contradiction_answer", "uint8", "month", "0 to 4", "what came of contact points that contradict each other: 0 none, 1 silent, 2 complained in vain, 3 put right slowly, 4 quickly"),
        Column("private_knowledge", "float32", "customer", "share", "what the representative knows of the account"),
        Column("shared_knowledge", "float32", "customer", "share", "what the supplier's database knows of it"),
    ),
    lines=(
        Activity("sales_force", -1, False, "other", "representatives: pay, travel, finding new ones"),
        Activity("contradiction_amends", -1, True, "retention", "answering complaints about contact points that contradict each other"),
        Activity("sales_systems", -1, False, "other", "sales-force automation and the shared database"),
    ),
    draws=(
        Draw("territory", 2100, "0 (month word: the generation)", "where an account lies"),
        Draw("called", 2101, "0", "whether an account is called on"),
        Draw("contradicted", 2102, "0", "whether contact points contradict each other"),
        Draw("answers_contradiction", 2107, "0 voiced, 1 how severe, 2 put right, 3 quickly", "what comes of a contradiction"),
        Draw("leaves", 2103, "0 (customer word: the representative)", "whether a representative leaves"),
        Draw("hired", 2104, "0 who leaves, 1 who is laid off (customer word: the representative)", "whether a rival hires them"),
        Draw("to_whom", 2105, "0 who leaves, 1 who is laid off (customer word: the representative)", "which rival it is"),
        Draw("tempted", 2106, "0 who leaves, 1 who is laid off", "whether an account thinks again when its representative calls for a rival"),
    ),
    equations=(calls_made, next_adoption, next_private, next_shared, personal_loss, chance_leaving, chance_contradiction),
    steps=(
        Step("after", "decide", lay_off),
        Step("after", "decide", share_knowledge),
        Step("before", "buy", call),
        Step("after", "buy", hang_up),
        Step("after", "serve", contradict),
        Step("after", "relate", learn),
        Step("after", "account", gather),
    ),
    limits={"territory": (0, 1)},
    begin=begin,
    renew=draw_territories,
    metrics={
        "known_to_representatives": known_to_representatives,
        "known_to_firm": known_to_firm,
        "automation_in_use": automation_in_use,
        "representatives_lost": representatives_lost,
    },
)  # fmt: skip
