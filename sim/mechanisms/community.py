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


JoinColumns = columns("JoinColumns", "supplier", "member", "member_of", "relationship_orientation")


@loop
def join_rows(c, p, hosting, drops_out, month, code, key0, key1, who, luck):
    """Customers join and drop out; whoever is no longer the firm's customer is no member."""
    n = 0
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if (c.member[i] != 0) & (f != c.member_of[i]):
            c.member[i] = 0
            c.member_of[i] = -1
        who[n] = i
        n += (f >= 0) & ((hosting[max(f, 0)] > 0.0) | (c.member[i] != 0))
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        i = who[x]
        f = c.supplier[i]
        joins = luck[x] < chance_joins(hosting[f], np.float64(c.relationship_orientation[i]), p)
        is_one, remains = c.member[i] != 0, luck[x] >= drops_out[f]
        stays = (is_one & remains) | (joins & (not is_one))
        c.member[i] = stays
        c.member_of[i] = (f + 1) * stays - 1


def join(market: Any, own: Own) -> None:
    """Customers join and drop out; whoever is no longer the firm's customer is no member."""
    c, p = market.customers, own.p
    hosting = own.decided("hosting")
    join_rows(
        c.bundle(JoinColumns), own.numbers, hosting, chance_drops_out(hosting, p), *own.claim(market, "joins"), *own.room(market)
    )  # fmt: skip
    own.book(market, "community", p.hosting_cost * hosting)
    members = own.scratch["members"] = np.flatnonzero(c.member != 0)  # for this month: nobody else changes it
    own.charge(market, "membership", members, p.member_cost)


def belong(market: Any, own: Own) -> None:
    """In their choice members feel a stronger tie."""
    c = market.customers
    ids = own.scratch["members"]
    own.scratch["tie"] = (ids, c.tie[ids].copy())
    c.tie[ids] = tie_of_member(c.tie[ids].astype(np.float64), own.p)


def belong_no_longer(market: Any, own: Own) -> None:
    """The tie is as it was; with a new supplier it is what `buy` made it."""
    c = market.customers
    ids, tie = own.scratch.pop("tie")
    stays = (c.supplier[ids] == c.supplier_before[ids]) & (c.tenure[ids] > 0)
    c.tie[ids[stays]] = tie[stays]


def help_each_other(market: Any, own: Own) -> None:
    """Members' service is partly given by members."""
    c, members = market.customers, own.scratch["members"]
    ids = members[c.supplier[members] == c.member_of[members]]
    own.scratch["intensity"] = (ids, c.service_intensity[ids].copy())
    c.service_intensity[ids] *= np.float32(1.0 - own.p.peer_support)


def help_no_longer(market: Any, own: Own) -> None:
    """The need for service is as it was."""
    ids, intensity = own.scratch.pop("intensity")
    market.customers.service_intensity[ids] = intensity


@loop
def hear_rows(tellers, mood, fellows, tries, everybody, month, code, first, key0, key1, bad, good):
    """Who hears news, into ``bad`` and ``good``: first some of the fellows, then some of everybody, ``tries`` of each, but not the teller; gives how many hear bad and good news."""
    many_bad, many_good = 0, 0
    for k in range(tries[0] + tries[1]):
        inside = k < tries[0]
        size = len(fellows) if inside else everybody
        if inside and size < 2:
            continue
        for x in range(len(tellers)):
            i = tellers[x]
            place = min(int(draw(i, first + k, month, code, key0, key1) * size), size - 1)
            hearer = fellows[place] if inside else place
            if mood[i] < 0:
                bad[many_bad] = hearer
                many_bad += hearer != i
            else:
                good[many_good] = hearer
                many_good += hearer != i
    return many_bad, many_good


def talk_among_members(market: Any, own: Own) -> None:
    """A member's joy or anger reaches fellow members and further people outside."""
    c, p, members = market.customers, own.p, own.scratch.pop("members")
    tries, whose = (p.members_told, p.others_told), c.member_of[members]
    tellers = members[(c.mood[members] != 0) & (c.mood_firm[members] == whose)]
    for f in range(len(market.firms)):
        mine = tellers[c.member_of[tellers] == f]
        if len(mine) == 0 or sum(tries) == 0:
            continue
        fellows, first = members[whose == f], 2 * MOST * f
        for k in range(sum(tries)):
            month, code, key0, key1 = own.claim(market, "hears", first + k)
        bad, good = np.empty((2, len(mine) * sum(tries)), dtype=np.int64)
        told = hear_rows(mine, c.mood, fellows, tries, len(c), month, code, first, key0, key1, bad, good)
        own.tell(market, f, bad[: told[0]], True)
        own.tell(market, f, good[: told[1]], False)


def community_members(market: Any, own: Own) -> np.ndarray:
    """Members of the firm's community at the month's end; who left the firm in the month is none. Unit: customers. Source: ours."""
    c = market.customers
    firm = np.where(c.member_of == c.supplier, c.member_of, -1)  # -1 of who is no member, too
    return np.array([float(np.count_nonzero(firm == f)) for f in range(len(market.firms))])


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
