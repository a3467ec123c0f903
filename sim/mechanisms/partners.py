"""Partners: firms that carry a part of the journey, send customers, share costs, and fail in one's name.

A partner delivers, installs or recommends. Together firms reach more people and share what development and upkeep cost. But the customer sees one
firm: what a partner spoils is the firm's failure, complained of and answered as any other, and a partner in a crisis stains its brand. Whom partners send
costs a share of what is sold, and no commission of an affiliate, and is not the same customer: bound to the recommendation, not to the
firm. How much of the journey a firm keeps in its own hands is its decision.

Source: Dyer & Singh 1998 (relational rents: shared customers and costs); Simonin & Ruth 1998 (spill-over between allied brands); Peppers & Rogers 1999
(own the customer's total experience); Duffy 2005 (affiliate programmes).
"""

from __future__ import annotations

from typing import Any

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
    columns,
    draw,
    enter,
    loop,
    number,
    own_heads,
)
from sim.scenario.words import AWARE_BY, WON_BY

SIMONIN = "Simonin & Ruth 1998 for the direction; number ours"
_BY_PARTNER, _BY_OTHER = AWARE_BY.index("affiliate"), AWARE_BY.index("advertising")
_WON = WON_BY.index("affiliate")
MOST = 10
"""Most partners of a firm."""


class PartnersDecisions(Decisions):
    """What a firm does together with partners."""

    partnership: float = number(
        0.0, "how closely it works with partners: joint offers, shared costs", "share", 0.0, 1.0
    )
    own_journey: float = number(
        1.0, "share of the customer's journey in its own hands; partners do the rest", "share", 0.0, 1.0
    )
    allied: int = number(3, "number of partners", "partners", 1, MOST)


class PartnersTable(MechanismTable):
    """Partners and affiliates."""

    joint_reach: float = number(
        0.03, "chance a month that partners make somebody aware, at full partnership", "chance", 0.0, 1.0
    )
    partner_fee: float = number(
        0.10, "share of sales to those whom partners sent, paid to them", "share", 0.0, 0.9
    )
    cohort_loyalty: float = number(
        0.5, "how fast loyalty grows of those whom partners sent, as a share of others'", "share", 0.0, 1.0
    )
    shared_costs: float = number(
        0.15, "cost that full partnership saves, an own customer", "money a month", 0.0, 1e5
    )
    journey_cost: float = number(
        0.4, "cost of the whole journey in own hands, an own customer who buys", "money a month", 0.0, 1e5
    )
    partner_price: float = number(0.2, "the same in partners' hands", "money a month", 0.0, 1e5)
    partner_faults: float = number(0.02, "chance that a partner spoils a month's journey", "chance", 0.0, 1.0)
    crisis_faults: float = number(0.35, "the same of a partner in a crisis", "chance", 0.0, 1.0)
    crisis_chance: float = number(
        0.01, "chance a month that a partner gets into a crisis", "chance", 0.0, 1.0
    )
    crisis_ends: float = number(0.3, "chance a month that it gets out of it", "chance", 0.0, 1.0)
    fault_harm: float = number(0.35, "satisfaction lost to a partner's fault", "satisfaction", 0.0, 2.0)
    fault_belief: float = number(0.25, "belief in the firm lost to it", "utility", 0.0, 10.0)
    brand_spill: float = number(
        0.08,
        "brand lost a month to a partner's crisis, at full partnership with one partner",
        "attitude",
        0.0,
        2.0,
        source=SIMONIN,
    )
    firms: dict[str, PartnersDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def chance_fault(own_journey: Any, in_crisis: Any, p: Any) -> Any:
    """Chance that a month's journey is spoiled by its partner: on the part that is not in own hands. Source: ours."""
    return (1.0 - own_journey) * (p.crisis_faults if in_crisis else p.partner_faults)


def next_crisis(in_crisis: Any, luck: Any, p: Any) -> Any:
    """Whether a partner is in a crisis a month later, by one uniform number. Source: ours."""
    return in_crisis & (luck >= p.crisis_ends) | (in_crisis == 0) & (luck < p.crisis_chance)


def brand_stain(partnership: Any, crises: Any, partners: Any, p: Any) -> Any:
    """Brand that a firm loses in a month to its partners' crises: by how close it stands to how many of them.

    Source: Simonin & Ruth 1998 (spill-over to allied brands); form ours.
    """
    return p.brand_spill * partnership * crises / partners


# ---------------------------------------------------------------- steps


def draw_journeys(market: Any, own: Own, ids: np.ndarray) -> None:
    """Which of a firm's partners would serve somebody."""
    market.customers.journey[ids] = own.trait(market, "journey", ids)


def begin(market: Any, own: Own) -> None:
    """No partner is in a crisis yet."""
    own.state["crisis"] = np.zeros((len(market.firms), MOST))
    draw_journeys(market, own, np.arange(len(market.customers)))


@loop
def crisis_rows(p, allied, partnership, month, code, key0, key1, crisis, stain):
    """Partners get into crises and out of them; ``stain``: brand that each firm loses to them."""
    for f in range(len(crisis)):
        crises = 0
        for partner in range(MOST):
            luck = draw(f * MOST + partner, 0, month, code, key0, key1)
            in_crisis = next_crisis(crisis[f, partner] > 0.0, luck, p) and partner < allied[f]
            crisis[f, partner] = 1.0 if in_crisis else 0.0
            crises += int(in_crisis)
        stain[f] = brand_stain(partnership[f], crises, allied[f], p)


MeetColumns = columns("MeetColumns", "aware", "aware_month", "aware_by", "barred", "brand", "sent_month")


@loop
def meet_rows(c, f, stain, reach, month, code, key0, key1, who, luck):
    """Partners stain the brand of firm f, and make it known to some who do not know it."""
    aware, barred, brand, n = c.aware[f], c.barred[f], c.brand[f], 0
    if stain > 0.0:
        for i in range(len(brand)):
            lost = np.float32(stain * np.float64(brand[i] + np.float32(1.0)))
            brand[i] -= lost if aware[i] != 0 else np.float32(0.0)
    for i in range(len(brand)):
        who[n] = i
        n += (aware[i] == 0) & (barred[i] == 0)
    for x in range(n):
        luck[x] = draw(who[x], f, month, code, key0, key1)
    for x in range(n):
        if luck[x] < reach:
            i = who[x]
            aware[i], c.aware_by[f, i] = 1, _BY_PARTNER
            c.aware_month[f, i] = c.sent_month[f, i] = month


def meet(market: Any, own: Own) -> None:
    """Partners get into crises and out of them, which stains the firm's brand; they make it known to their customers."""
    c, partnership, stain = market.customers, own.decided("partnership"), np.empty(len(market.firms))
    claim = own.claim(market, "crises")
    crisis_rows(own.numbers, own.decided("allied"), partnership, *claim, own.state["crisis"], stain)
    for f in own.follows("close", lambda: np.flatnonzero(partnership).tolist()):
        reach, claim = own.p.joint_reach * partnership[f], own.claim(market, "sent", f)
        meet_rows(c.bundle(MeetColumns), f, stain[f], reach, *claim, *own.room(market))


JourneyColumns = columns(
    "JourneyColumns", "supplier", "bought", "visited", "journey", "won_by", "sent_month", "aware_month", "loyalty",
    "month_spent_cents", "month_profit_cents", "year_profit_cents",
)  # fmt: skip
SentColumns = columns("SentColumns", "supplier", "tenure", "won_by", "aware_by", "sent_month", "aware_month")


def was_sent(c: Any, f: Any, i: Any) -> Any:
    """Whether a partner of firm f, and no affiliate of the core, sent its customer i. Source: ours."""
    return c.won_by[i] == _WON and f >= 0 and c.sent_month[f, i] == c.aware_month[f, i]


@loop
def hide_rows(c, f, ids):
    """Whom a partner sent to firm f counts as not sent by an affiliate; into ``ids``, gives how many."""
    n = 0
    for i in range(len(c.supplier)):
        if c.aware_by[f, i] == _BY_PARTNER and c.sent_month[f, i] == c.aware_month[f, i]:
            ids[n], c.aware_by[f, i] = i, _BY_OTHER
            n += 1
    return n


@loop
def show_rows(c, f, ids):
    """Who sent whom to firm f is as it was, also of those who were won."""
    for i in ids:
        c.aware_by[f, i] = _BY_PARTNER
        if c.supplier[i] == f and c.tenure[i] == 0 and c.won_by[i] == _BY_OTHER:
            c.won_by[i] = _WON


def pay_no_commission(market: Any, own: Own) -> None:
    """A partner is paid by its fee: for the purchase, whom it sent counts as not sent by an affiliate."""
    c, own.scratch["sent"] = market.customers, {}
    for f in np.flatnonzero(market.month_of_firms.commission).tolist():
        ids = np.empty(len(c), dtype=np.int64)
        own.scratch["sent"][f] = ids[: hide_rows(c.bundle(SentColumns), f, ids)]


def know_who_sent(market: Any, own: Own) -> None:
    """Who sent whom is as it was, also of those who were won."""
    for f, ids in own.scratch.pop("sent").items():
        show_rows(market.customers.bundle(SentColumns), f, ids)


@loop
def spoil_rows(c, p, allied, own_journey, crisis, month, code, key0, key1, who, luck):
    """Customers whose journey a partner spoils, into ``who``; gives how many."""
    n, spoiled = 0, 0
    for i in range(len(c.supplier)):
        who[n] = i
        n += (c.supplier[i] >= 0) & ((c.bought[i] > 0) | (c.visited[i] > 0))
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        i = who[x]
        f = c.supplier[i]
        partner = min(np.int64(np.float64(c.journey[i]) * allied[f]), np.int64(allied[f]) - 1)
        who[spoiled] = i
        spoiled += luck[x] < chance_fault(own_journey[f], crisis[f, partner] > 0.0, p)
    return spoiled


def spoil(market: Any, own: Own) -> None:
    """What a partner spoils is the firm's failure in the eyes of the customer."""
    c, p = market.customers, own.p
    claim, own_journey = own.claim(market, "spoiled"), own.decided("own_journey")
    if (own_journey < 1.0).any():
        (who, luck), plans = own.room(market), (own.decided("allied"), own_journey, own.state["crisis"])
        who = who[: spoil_rows(c.bundle(JourneyColumns), own.numbers, *plans, *claim, who, luck)]
        of = c.supplier[who].astype(np.int64)
        still = fail(market, own, "spoiled", who, of, harm=p.fault_harm, belief=p.fault_belief)
        make_unhappy(market, who[still], of[still])
    own.scratch["loyalty"] = c.loyalty.copy()


@loop
def settle_rows(c, p, before, own_journey, partnership, heads, fees, journey, shared, ledger, signs):
    """Whom partners sent grow loyal slowly, and their fees are paid; so is the journey; costs are shared; on three lines.

    ``before``: loyalty before the stage `relate`.
    """
    slow, who, sent, n = np.float32(1.0 - p.cohort_loyalty), np.empty(len(before), dtype=np.int64), 0, 0
    for i in range(len(before)):
        who[sent] = i
        sent += c.won_by[i] == _WON
    for x in range(sent):
        i = who[x]
        f = c.supplier[i]
        if was_sent(c, f, i):
            c.loyalty[i] -= slow * max(c.loyalty[i] - before[i], np.float32(0.0))
            fee = p.partner_fee * 0.01 * c.month_spent_cents[i]
            enter(ledger, signs, c.month_profit_cents, f, i, fees, fee)
    for i in range(len(before)):
        who[n] = i
        n += (c.supplier[i] >= 0) & ((c.bought[i] > 0) | (c.visited[i] > 0))
    money = p.journey_cost * own_journey + p.partner_price * (1.0 - own_journey)
    for x in range(n):
        f = c.supplier[who[x]]
        enter(ledger, signs, c.month_profit_cents, f, who[x], journey, money[f])
    for f in range(len(heads)):
        ledger[f, shared] += np.int64(np.rint(p.shared_costs * partnership[f] * heads[f] * 100.0))


def settle_up(market: Any, own: Own) -> None:
    """Fees for those whom partners sent, whose loyalty grows slowly; the journey is paid; costs are shared."""
    c, book, before = market.customers, market.ledger, own.scratch.pop("loyalty")
    settle_rows(
        c.bundle(JourneyColumns), own.numbers, before, own.decided("own_journey"), own.decided("partnership"), own_heads(market),
        *own.place(market, "partner_fees", "journey", "costs_shared"), book.current, book.signs,
    )  # fmt: skip


# ---------------------------------------------------------------- what is measured


def partners_in_crisis(market: Any, own: Own) -> np.ndarray:
    """Partners of a firm in a crisis. Unit: partners. Source: ours."""
    return own.state["crisis"].sum(axis=1)


@loop
def profit_rows(c, out):
    """Profit of the year so far of an own customer whom partners sent, over that of any other, by firm."""
    who, sent = np.empty(len(c.supplier), dtype=np.int64), 0
    heads, sums = np.zeros((2, 2, len(out) + 1), dtype=np.int64)  # the last of nobody
    for i in range(len(who)):
        f = c.supplier[i]
        heads[0, f] += 1
        sums[0, f] += c.year_profit_cents[i]
        who[sent] = i
        sent += c.won_by[i] == _WON
    for i in who[:sent]:
        f = c.supplier[i]
        if was_sent(c, f, i):
            heads[1, f] += 1
            sums[1, f] += c.year_profit_cents[i]
    for f in range(len(out)):
        others = (sums[0, f] - sums[1, f]) / (heads[0, f] - heads[1, f])
        there = heads[1, f] > 0 and others > 0.0
        out[f] = sums[1, f] / heads[1, f] / others if there else np.nan


def sent_profit(market: Any, own: Own) -> np.ndarray:
    """Profit of the year so far of a customer whom partners sent, over that of any other. Unit: ratio. Source: Duffy 2005 for the question."""
    out = np.empty(len(market.firms))
    profit_rows(market.customers.bundle(JourneyColumns), out)
    return out


MECHANISM = Mechanism(
    name="partners",
    about=__doc__,
    table=PartnersTable,
    decisions=PartnersDecisions,
    columns=(
        Column("journey", "float32", "customer", "place 0 to 1", "which of a firm's partners would serve the customer"),
        Column("spoiled_answer", "uint8", "month", "0 to 4", "what came of a partner's failure: 0 none, 1 silent, 2 complained in vain, 3 put right slowly, 4 quickly"),
        Column("sent_month", "int16", "pair", "month", "when a partner last made the customer aware of the firm, -1 never"),
    ),
    blank={"sent_month": -1},
    lines=(
        Activity("partner_fees", -1, True, "acquisition", "partners' share of sales to those whom they sent"),
        Activity("journey", -1, True, "other", "the journey beyond the goods, in own or in partners' hands"),
        Activity("spoiled_amends", -1, True, "retention", "answering complaints about partners"),
        Activity("costs_shared", 1, False, "other", "development and upkeep that partners bear"),
    ),
    draws=(
        Draw("journey", 2140, "0 (month word: the generation)", "which partner would serve somebody"),
        Draw("crises", 2141, "0 (customer word: the partner)", "crises of partners"),
        Draw("sent", 2142, "firm", "whether partners make somebody aware"),
        Draw("spoiled", 2143, "0", "whether a partner spoils the month's journey"),
        Draw("answers_spoiled", 2144, "0 voiced, 1 how severe, 2 put right, 3 quickly", "what comes of a partner's failure"),
    ),
    equations=(chance_fault, next_crisis, brand_stain),
    steps=(
        Step("before", "contact", meet),
        Step("before", "buy", pay_no_commission),
        Step("after", "buy", know_who_sent),
        Step("after", "serve", spoil),
        Step("after", "relate", settle_up),
    ),
    begin=begin,
    renew=draw_journeys,
    metrics={"partners_in_crisis": partners_in_crisis, "sent_profit": sent_profit},
)  # fmt: skip
