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
    return (1.0 - own_journey) * np.where(in_crisis, p.crisis_faults, p.partner_faults)


def next_crisis(in_crisis: Any, luck: Any, p: Any) -> Any:
    """Whether a partner is in a crisis a month later, by one uniform number. Source: ours."""
    return np.where(in_crisis, luck >= p.crisis_ends, luck < p.crisis_chance)


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


def meet(market: Any, own: Own) -> None:
    """Partners get into crises and out of them, which stains the firm's brand; they make it known to their customers."""
    c, p, firms = market.customers, own.p, len(market.firms)
    luck = own.uniform(market, "crises", np.arange(firms * MOST)).reshape(firms, MOST)
    there = np.arange(MOST) < own.decided("allied")[:, None]
    own.state["crisis"] = (next_crisis(own.state["crisis"] > 0, luck, p) & there).astype(np.float64)
    stain = brand_stain(own.decided("partnership"), own.state["crisis"].sum(axis=1), own.decided("allied"), p)
    reach = p.joint_reach * own.decided("partnership")
    for f in range(firms):
        if stain[f] > 0.0:
            c.brand[f] -= np.where(c.aware[f] != 0, stain[f] * (c.brand[f] + 1.0), 0.0).astype(np.float32)
        if reach[f] > 0.0:
            others = np.flatnonzero((c.aware[f] == 0) & (c.barred[f] == 0))
            new = others[own.uniform(market, "sent", others, f) < reach[f]]
            c.aware[f, new], c.aware_month[f, new], c.aware_by[f, new] = 1, market.month, _BY_PARTNER
            c.sent_month[f, new] = market.month


JourneyColumns = columns("JourneyColumns", "supplier", "bought", "visited", "journey", "month_profit_cents")
SentColumns = columns("SentColumns", "supplier", "won_by", "sent_month", "aware_month", "year_profit_cents")


def was_sent(c: Any, f: Any, i: Any) -> Any:
    """Whether a partner of firm f, and no affiliate of the core, sent its customer i. Source: ours."""
    return (c.won_by[i] == _WON) & (c.sent_month[f, i] == c.aware_month[f, i])


@loop
def sent_rows(c, out):
    """Whom a partner of the supplier's, and no affiliate of the core, sent."""
    for i in range(len(out)):
        f = c.supplier[i]
        out[i] = (f >= 0) & was_sent(c, max(f, 0), i)


def sent_here(c: Any) -> np.ndarray:
    """Whether a partner of the supplier's, and no affiliate of the core, sent the customer, bool (N,)."""
    out = np.empty(len(c), dtype=np.bool_)
    sent_rows(c.bundle(SentColumns), out)
    return out


def pay_no_commission(market: Any, own: Own) -> None:
    """A partner is paid by its fee: for the purchase, whom it sent counts as not sent by an affiliate."""
    c = market.customers
    own.scratch["sent"] = [
        np.flatnonzero((c.aware_by[f] == _BY_PARTNER) & (c.sent_month[f] == c.aware_month[f]))
        if market.month_of_firms.commission[f] > 0.0
        else np.empty(0, dtype=np.int64)
        for f in range(len(market.firms))
    ]
    for f, ids in enumerate(own.scratch["sent"]):
        c.aware_by[f, ids] = _BY_OTHER


def know_who_sent(market: Any, own: Own) -> None:
    """Who sent whom is as it was, also of those who were won."""
    c = market.customers
    for f, ids in enumerate(own.scratch.pop("sent")):
        c.aware_by[f, ids] = _BY_PARTNER
        new = (c.supplier[ids] == f) & (c.tenure[ids] == 0) & (c.won_by[ids] == _BY_OTHER)
        c.won_by[ids[new]] = _WON


@loop
def spoil_rows(c, allied, faults, month, code, key0, key1, who, luck):
    """Customers whose journey a partner spoils, into ``who``; gives how many. ``faults``: the chance by firm and partner."""
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
        spoiled += luck[x] < faults[f, partner]
    return spoiled


def spoil(market: Any, own: Own) -> None:
    """What a partner spoils is the firm's failure in the eyes of the customer."""
    c, p = market.customers, own.p
    faults = chance_fault(own.decided("own_journey")[:, None], own.state["crisis"] > 0, p)
    who, luck = own.room(market)
    here, claim = c.bundle(JourneyColumns), own.claim(market, "spoiled")
    who = who[: spoil_rows(here, own.decided("allied"), faults, *claim, who, luck)]
    of = c.supplier[who].astype(np.int64)
    still = fail(market, own, "spoiled", who, of, harm=p.fault_harm, belief=p.fault_belief)
    make_unhappy(market, who[still], of[still])
    own.scratch["loyalty"] = c.loyalty.copy()


@loop
def journey_rows(c, money, line, ledger, signs):
    """The journey of each customer who bought or came for service is paid; ``money``: by firm."""
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f >= 0:
            served = (c.bought[i] > 0) | (c.visited[i] > 0)
            enter(ledger, signs, c.month_profit_cents, f, i, line, money[f] * served)


def settle_up(market: Any, own: Own) -> None:
    """Fees for those whom partners sent, whose loyalty grows slowly; the journey is paid; costs are shared."""
    c, p, before = market.customers, own.p, own.scratch.pop("loyalty")
    sent = np.flatnonzero(sent_here(c))
    grown = np.maximum(c.loyalty[sent] - before[sent], 0.0)
    c.loyalty[sent] -= ((1.0 - p.cohort_loyalty) * grown).astype(np.float32)
    own.charge(market, "partner_fees", sent, p.partner_fee * 0.01 * c.month_spent_cents[sent])
    part = own.decided("own_journey")
    paid = p.journey_cost * part + p.partner_price * (1.0 - part)
    book, line = market.ledger, own.place(market, "journey")
    journey_rows(c.bundle(JourneyColumns), paid, line, book.current, book.signs)
    own.book(market, "costs_shared", p.shared_costs * own.decided("partnership") * own_heads(market))


# ---------------------------------------------------------------- what is measured


def partners_in_crisis(market: Any, own: Own) -> np.ndarray:
    """Partners of a firm in a crisis. Unit: partners. Source: ours."""
    return own.state["crisis"].sum(axis=1)


@loop
def profit_rows(c, heads, sums):
    """Own customers and their profit of the year so far: who came by themselves (0), whom partners sent (1)."""
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f >= 0:
            group = int(was_sent(c, f, i))
            heads[group, f] += 1
            sums[group, f] += c.year_profit_cents[i]


def sent_profit(market: Any, own: Own) -> np.ndarray:
    """Profit of the year so far of a customer whom partners sent, over that of any other. Unit: ratio. Source: Duffy 2005 for the question."""
    firms = len(market.firms)
    heads, sums = np.zeros((2, firms), dtype=np.int64), np.zeros((2, firms), dtype=np.int64)
    profit_rows(market.customers.bundle(SentColumns), heads, sums)
    means = np.divide(sums, heads, out=np.full((2, firms), np.nan), where=heads > 0)
    return np.divide(means[1], means[0], out=np.full(firms, np.nan), where=means[0] > 0)


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
