"""Community: own customers who know each other. They talk more, help each other, and are harder to leave.

A firm that hosts a place for its customers (a forum, meetings, a list, a professional group) adds ties among them. Through these ties news of
both signs travels: members hear each other's joy and anger, and tell more people outside. They answer each other's questions, which lowers the
load of service, and who leaves the firm leaves the group, which is a cost of switching.

Source: Algesheimer, Dholakia & Herrmann 2005; Muniz & O'Guinn 2001 (brand community); sizes ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.ledger import C
from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    clip,
    columns,
    draw,
    enter,
    loop,
    number,
)

AUTHORS = "Algesheimer, Dholakia & Herrmann 2005 for the direction; size ours"
MOST = 100
"""Most people whom a member tells, of either kind."""


class CommunityDecisions(Decisions):
    """What a firm does for a community of its customers."""

    hosting: float = number(0.0, "effort of hosting a community", "share", 0.0, 1.0)


class CommunityTable(MechanismTable):
    """Ties among a firm's own customers."""

    joins: float = number(
        0.05,
        "chance a month to join at full hosting, times 1/2 + relationship orientation",
        "chance",
        0.0,
        1.0,
    )
    drops_out: float = number(
        0.02, "chance a month to drop out, and once more without hosting", "chance", 0.0, 1.0
    )
    members_told: int = number(
        8, "fellow members who hear a member's joy or anger", "people", 0, MOST, source=AUTHORS
    )
    others_told: int = number(
        3, "further people outside whom a member tells", "people", 0, MOST, source=AUTHORS
    )
    peer_support: float = number(
        0.3, "share of a member's service that fellow members give", "share", 0.0, 1.0, source=AUTHORS
    )
    belonging: float = number(0.3, "structural tie that membership adds to", "tie", 0.0, 1.0, source=AUTHORS)
    hosting_cost: float = number(100.0, "cost of full hosting", "money a month", 0.0, 1e9)
    member_cost: float = number(0.05, "cost of a member", "money a month", 0.0, 1e6)
    firms: dict[str, CommunityDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def chance_joins(hosting: Any, orientation: Any, p: Any) -> Any:
    """Chance a month that a customer joins. Source: Algesheimer, Dholakia & Herrmann 2005 for the direction; size ours."""
    return clip(p.joins * hosting * (0.5 + orientation))


def chance_drops_out(hosting: Any, p: Any) -> Any:
    """Chance a month that a member drops out: the more, the less is done for the community. Source: ours."""
    return clip(p.drops_out * (2.0 - hosting))


def tie_of_member(tie: Any, p: Any) -> Any:
    """The tie that a member feels: belonging closes part of what is open. Source: ours."""
    return tie + p.belonging * (1.0 - tie)


# ---------------------------------------------------------------- steps


JoinColumns = columns(
    "JoinColumns", "supplier", "member", "member_of", "relationship_orientation", "month_profit_cents"
)
TieColumns = columns("TieColumns", "supplier", "supplier_before", "tenure", "tie")
HelpColumns = columns("HelpColumns", "supplier", "member_of", "service_intensity")
HearColumns = columns("HearColumns", "member_of", "mood", "mood_firm", "told_bad", "told_good")
CountColumns = columns("CountColumns", "supplier", "member_of")


@loop
def join_rows(c, p, hosting, hosts, costs, signs, ledger, month, code, key0, key1, who, luck):
    """Customers join and drop out; whoever is no longer the firm's customer is no member. Gives how many members there are, listed in ``who``."""
    supplier, member, member_of, n = c.supplier, c.member, c.member_of, 0
    for i in range(len(supplier)):
        is_one, of = member[i], member_of[i]
        member[i] = is_one if supplier[i] == of else 0
        member_of[i] = of if supplier[i] == of else -1
    for i in range(len(supplier)):
        f = supplier[i]
        who[n] = i
        n += (f >= 0) & ((hosting[max(f, 0)] > 0.0) | (member[i] != 0))
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    members = 0
    for x in range(n):
        i = who[x]
        f = supplier[i]
        joins = luck[x] < chance_joins(hosting[f], np.float64(c.relationship_orientation[i]), p)
        is_one, remains = member[i] != 0, luck[x] >= chance_drops_out(hosting[f], p)
        stays = (is_one & remains) | (joins & (not is_one))
        member[i] = stays
        member_of[i] = (f + 1) * stays - 1
        who[members] = i  # no further on than it is read
        members += stays
    for x in range(members):
        enter(ledger, signs, c.month_profit_cents, supplier[who[x]], who[x], costs, p.member_cost)
    for f in range(len(hosting)):
        ledger[f, hosts] += np.int64(np.rint(p.hosting_cost * hosting[f] * 100.0))
    return members


def join(market: Any, own: Own) -> None:
    """Customers join and drop out; whoever is no longer the firm's customer is no member."""
    c, ledger, (who, luck) = market.customers, market.ledger, own.room(market)
    n = join_rows(
        c.bundle(JoinColumns), own.numbers, own.decided("hosting"), *own.place(market, "community", "membership"), ledger.signs,
        ledger.current, *own.claim(market, "joins"), who, luck,
    )  # fmt: skip
    own.scratch["members"] = who[:n]  # for this month: nobody else changes it


@loop
def belong_rows(c, p, members, ties):
    """In their choice members feel a stronger tie; ``ties``: what it was."""
    for x in range(len(members)):
        i = members[x]
        ties[x] = c.tie[i]
        c.tie[i] = tie_of_member(np.float64(ties[x]), p)


def belong(market: Any, own: Own) -> None:
    """In their choice members feel a stronger tie."""
    members = own.scratch["members"]
    ties = own.scratch["ties"] = np.empty(len(members), dtype=np.float32)
    belong_rows(market.customers.bundle(TieColumns), own.numbers, members, ties)


@loop
def stay_rows(c, members, ties):
    """The tie is as it was; with a new supplier it is what `buy` made it."""
    for x in range(len(members)):
        i = members[x]
        stays = (c.supplier[i] == c.supplier_before[i]) & (c.tenure[i] > 0)
        c.tie[i] = ties[x] if stays else c.tie[i]


def belong_no_longer(market: Any, own: Own) -> None:
    """The tie is as it was; with a new supplier it is what `buy` made it."""
    stay_rows(market.customers.bundle(TieColumns), own.scratch["members"], own.scratch.pop("ties"))


@loop
def help_rows(c, p, members, ids, intensity):
    """Members' service is partly given by members; ``ids`` and ``intensity``: whose, and what it was. Gives how many."""
    n = 0
    for x in range(len(members)):
        i = members[x]
        ids[n], intensity[n] = i, c.service_intensity[i]
        if c.supplier[i] == c.member_of[i]:
            c.service_intensity[i] *= np.float32(1.0 - p.peer_support)
            n += 1
    return n


def help_each_other(market: Any, own: Own) -> None:
    """Members' service is partly given by members."""
    members = own.scratch["members"]
    ids, intensity = np.empty_like(members), np.empty(len(members), dtype=np.float32)
    n = help_rows(market.customers.bundle(HelpColumns), own.numbers, members, ids, intensity)
    own.scratch["intensity"] = ids[:n], intensity[:n]


def help_no_longer(market: Any, own: Own) -> None:
    """The need for service is as it was."""
    ids, intensity = own.scratch.pop("intensity")
    market.customers.service_intensity[ids] = intensity


@loop
def teller_rows(c, members, tellers, many):
    """Members who have news of their firm, into ``tellers``; gives how many, and of each firm into ``many``."""
    n = 0
    for x in range(len(members)):
        i = members[x]
        f = c.member_of[i]
        tells = (c.mood[i] != 0) & (c.mood_firm[i] == f)
        tellers[n] = i
        n += tells
        many[f] += tells
    return n


@loop
def hear_rows(c, f, members, tellers, tries, month, code, first, key0, key1, counts, lines):
    """Bad news of firm f is told, then good: its tellers tell some of its members, then some of everybody, ``tries`` of each, but not themselves."""
    fellows, mine, luck = np.empty_like(members), np.empty_like(tellers), np.empty(len(tellers))
    n = 0
    for x in range(len(members)):
        fellows[n] = members[x]
        n += c.member_of[members[x]] == f
    for good in range(2):
        told, many, heard = c.told_good[f] if good else c.told_bad[f], 0, 0
        for x in range(len(tellers)):
            mine[many] = tellers[x]
            many += (c.member_of[tellers[x]] == f) & ((c.mood[tellers[x]] > 0) == (good > 0))
        for k in range(0 if n > 1 else tries[0], tries[0] + tries[1]):
            size = n if k < tries[0] else len(told)
            for x in range(many):
                luck[x] = draw(mine[x], first + k, month, code, key0, key1)
            for x in range(many):
                place = min(int(luck[x] * size), size - 1)
                hearer = fellows[place] if k < tries[0] else place
                told[hearer] += hearer != mine[x]
                heard += hearer != mine[x]
        counts[f, lines[good]] += heard


def talk_among_members(market: Any, own: Own) -> None:
    """A member's joy or anger reaches fellow members and further people outside."""
    p, members, counts = own.p, own.scratch.pop("members"), market.ledger.current_counts
    here, many = market.customers.bundle(HearColumns), np.zeros(len(market.firms), dtype=np.int64)
    tellers, tries = np.empty_like(members), (p.members_told, p.others_told)
    tellers = tellers[: teller_rows(here, members, tellers, many)]
    for f in np.flatnonzero(many) if sum(tries) else ():
        first = 2 * MOST * int(f)
        for k in range(sum(tries)):
            month, code, key0, key1 = own.claim(market, "hears", first + k)
        lines = C["told_bad"], C["told_good"]
        hear_rows(here, f, members, tellers, tries, month, code, first, key0, key1, counts, lines)


@loop
def count_rows(c, counts):
    """Members of each firm's community who are its customers."""
    supplier, member_of = c.supplier, c.member_of
    for f in range(len(counts)):
        n = 0
        for i in range(len(supplier)):
            n += (member_of[i] == f) & (supplier[i] == f)
        counts[f] = n


def community_members(market: Any, own: Own) -> np.ndarray:
    """Members of the firm's community at the month's end; who left the firm in the month is none. Unit: customers. Source: ours."""
    counts = np.empty(len(market.firms))
    count_rows(market.customers.bundle(CountColumns), counts)
    return counts


MECHANISM = Mechanism(
    name="community",
    about=__doc__,
    table=CommunityTable,
    decisions=CommunityDecisions,
    columns=(
        Column("member", "uint8", "customer", "yes or no", "belongs to the supplier's community"),
        Column("member_of", "int8", "customer", "firm", "of which firm's community, -1 none"),
    ),
    blank={"member_of": -1},
    lines=(
        Activity("community", -1, False, "retention", "hosting a community of customers"),
        Activity("membership", -1, True, "retention", "what a member of the community costs"),
    ),
    draws=(
        Draw("joins", 2030, "0", "whether a customer joins the community, or drops out"),
        Draw("hears", 2031, f"{2 * MOST} * firm + try", "who hears a member's news"),
    ),
    equations=(chance_joins, chance_drops_out, tie_of_member),
    steps=(
        Step("after", "decide", join),
        Step("before", "buy", belong),
        Step("after", "buy", belong_no_longer),
        Step("before", "serve", help_each_other),
        Step("after", "serve", help_no_longer),
        Step("before", "talk", talk_among_members),
    ),
    metrics={"community_members": community_members},
)
