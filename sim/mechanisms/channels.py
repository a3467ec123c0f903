"""Channels: where customers ask, how soon and how well they are answered, and posts that stay.

A question costs by the channel it comes through, and is answered sooner or later, well or not: a row of one table a channel, from the
counter to the pager. A firm opens channels; people take, of those that are open, the ones they use. Replies by machine come at once and
solve less. Who has been with the supplier for long has learned, and asks less at a purchase. Complaints are answered by people, and come through the same channels: the slower these are, the fewer are put right quickly. What somebody tells a friend fades in a month; what somebody posts on a page of opinions is read for years, by people
who know nobody there.

Source: Neslin et al. 2006 (multichannel customers); Reichheld & Teal 1996 (experienced customers cost less to serve); Chevalier & Mayzlin 2006, Hennig-Thurau et al. 2004 (posted opinions); sizes ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.ledger import C
from sim.mechanisms.frame import (
    Activity,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    Table,
    chance,
    clip,
    columns,
    draw,
    enter,
    exp,
    loop,
    number,
    poisson_totals,
    word,
)
from sim.scenario.table import variant


class ChannelTable(Table):
    """One channel of questions."""

    cost: float = number(1.0, "cost of answering one question", "money", 0.0, 1e4)
    delay: float = number(1.0, "days until it is answered", "days", 0.0, 60.0)
    reach: float = number(0.5, "share of the customers who use it", "share", 0.0, 1.0)
    solves: float = number(0.7, "chance that the answer solves it", "chance", 0.0, 1.0)


ROWS = {
    # cost, days, reach, solves
    "counter": ("a word at the counter", 4.0, 0.1, 0.5, 0.90),
    "phone": ("a call", 5.0, 0.1, 0.8, 0.80),
    "letter": ("a letter", 6.0, 8.0, 0.6, 0.75),
    "fax": ("a fax; also fax on demand", 3.0, 2.0, 0.1, 0.70),
    "pager": ("a page to a field engineer", 4.0, 0.5, 0.02, 0.60),
    "e_mail": ("an electronic letter", 2.5, 1.5, 0.8, 0.75),
    "web_form": ("a form on a page", 1.5, 2.0, 0.6, 0.65),
    "portal": ("answers that customers find themselves", 0.1, 0.0, 0.5, 0.60),
    "newsgroup": ("a public forum that the firm reads", 0.8, 3.0, 0.05, 0.50),
    "wireless": ("a message on a mobile telephone", 0.5, 0.3, 0.3, 0.60),
}
"""The channels: what each is, its cost, days, reach and chance to solve. Numbers ours."""

_variants = {
    name: variant(
        ChannelTable,
        f"{name.title().replace('_', '')}Channel",
        what,
        cost=cost,
        delay=delay,
        reach=reach,
        solves=solves,
    )
    for name, (what, cost, delay, reach, solves) in ROWS.items()
}
(
    CounterChannel,
    PhoneChannel,
    LetterChannel,
    FaxChannel,
    PagerChannel,
    EMailChannel,
    WebFormChannel,
    PortalChannel,
    NewsgroupChannel,
    WirelessChannel,
) = _variants.values()


class ChannelsDecisions(Decisions):
    """Which channels a firm opens."""

    counter: bool = word(False, f"opens the channel: {ROWS['counter'][0]}")
    phone: bool = word(True, f"opens the channel: {ROWS['phone'][0]}")
    letter: bool = word(True, f"opens the channel: {ROWS['letter'][0]}")
    fax: bool = word(False, f"opens the channel: {ROWS['fax'][0]}")
    pager: bool = word(False, f"opens the channel: {ROWS['pager'][0]}")
    e_mail: bool = word(False, f"opens the channel: {ROWS['e_mail'][0]}")
    web_form: bool = word(False, f"opens the channel: {ROWS['web_form'][0]}")
    portal: bool = word(False, f"opens the channel: {ROWS['portal'][0]}")
    newsgroup: bool = word(False, f"opens the channel: {ROWS['newsgroup'][0]}")
    wireless: bool = word(False, f"opens the channel: {ROWS['wireless'][0]}")
    automatic: float = number(0.0, "share of questions that a machine answers at once", "share", 0.0, 1.0)


class ChannelsTable(MechanismTable):
    """Channels of questions, and opinions that are posted and stay."""

    counter: CounterChannel = CounterChannel()  # type: ignore[valid-type]
    phone: PhoneChannel = PhoneChannel()  # type: ignore[valid-type]
    letter: LetterChannel = LetterChannel()  # type: ignore[valid-type]
    fax: FaxChannel = FaxChannel()  # type: ignore[valid-type]
    pager: PagerChannel = PagerChannel()  # type: ignore[valid-type]
    e_mail: EMailChannel = EMailChannel()  # type: ignore[valid-type]
    web_form: WebFormChannel = WebFormChannel()  # type: ignore[valid-type]
    portal: PortalChannel = PortalChannel()  # type: ignore[valid-type]
    newsgroup: NewsgroupChannel = NewsgroupChannel()  # type: ignore[valid-type]
    wireless: WirelessChannel = WirelessChannel()  # type: ignore[valid-type]
    questions: float = number(
        0.33,
        "questions of a newcomer after a purchase or visit; a month brings one with chance 1 - e^(-questions x purchases and visits)",
        "questions",
        0.0,
        10.0,
    )
    experience: float = number(
        0.4,
        "share of a newcomer's questions that long experience with the supplier spares",
        "share",
        0.0,
        1.0,
    )
    experience_months: float = number(
        18.0,
        "months with the supplier that spare 63 % of what experience spares at last",
        "months",
        0.1,
        600.0,
    )
    answered: float = number(
        0.06, "satisfaction gained by a good answer that comes at once", "satisfaction", 0.0, 1.0
    )
    unanswered: float = number(
        0.12, "satisfaction lost by a question that nobody solves", "satisfaction", 0.0, 1.0
    )
    patience: float = number(7.0, "days in which the worth of an answer falls to 37 %", "days", 0.1, 60.0)
    machine_cost: float = number(0.05, "cost of an answer by a machine", "money", 0.0, 1e4)
    machine_solves: float = number(0.4, "chance that a machine's answer solves it", "chance", 0.0, 1.0)
    posts: float = number(
        0.05, "share of the unhappy and the happy who post their opinion", "share", 0.0, 1.0
    )
    fades: float = number(
        0.03,
        "share of posts that are no longer read, a month; 1: they fade like talk",
        "share a month",
        0.0,
        1.0,
    )
    readers: float = number(
        0.10, "chance a month that somebody reads opinions, of all firms", "chance", 0.0, 1.0
    )
    read_at_once: float = number(3.0, "opinions read at most at one time", "opinions", 0.0, 20.0)
    firms: dict[str, ChannelsDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def questions_left(tenure: Any, p: Any) -> Any:
    """Share of a newcomer's questions that a customer still has after some months with the supplier: loyalty is experience.

    Source: Reichheld & Teal 1996 (customers learn to be served, and cost less with time); form ours.
    """
    return 1.0 - p.experience * (1.0 - exp(-tenure / p.experience_months))


def answer_worth(solved: Any, days: Any, p: Any) -> Any:
    """Satisfaction that an answer brings: less the later it comes; a question unsolved costs. Source: ours."""
    return np.where(solved, p.answered * exp(-np.asarray(days, dtype=np.float64) / p.patience), -p.unanswered)


def posts_left(posts: Any, new: Any, p: Any) -> Any:
    """Posts that are still read a month later. Source: Chevalier & Mayzlin 2006 for posts that stay; rate ours."""
    return posts * (1.0 - p.fades) + new


def opinions_read(bad: Any, good: Any, p: Any) -> Any:
    """Bad and good opinions that a reader takes in at one time: as they stand there, few of many. Source: ours."""
    total = bad + good
    part = np.minimum(total, p.read_at_once) / (total + (total == 0.0))
    return bad * part, good * part


def complaint_days(reach: Any, taken: Any, slowest: Any) -> Any:
    """Days that a complaint takes through a firm's channels, the mean: who uses none that is open takes the slowest that there is.

    ``reach``: that of the open channels, in all; ``taken``: the sum of reach times days. Source: Neslin et al. 2006 for the question; form ours.
    """
    return (taken + clip(1.0 - reach) * slowest) / np.maximum(reach, 1.0)


# ---------------------------------------------------------------- steps


def begin(market: Any, own: Own) -> None:
    """No opinions are posted yet."""
    own.state.update(bad=np.zeros(len(market.firms)), good=np.zeros(len(market.firms)))


def delay_complaints(market: Any, own: Own) -> None:
    """A complaint takes its days through a channel, and then those in which the firm answers it, which it pays for."""
    market.month_of_firms.reply_wait[:] += own.follows("complaint days", lambda: _complaint_days(own))


def _complaint_days(own: Own) -> np.ndarray:
    rows = [(name, getattr(own.p, name)) for name in ROWS]
    reach = [own.decided(name) * row.reach for name, row in rows]
    taken = [each * row.delay for each, (_, row) in zip(reach, rows, strict=True)]
    return np.asarray(complaint_days(sum(reach), sum(taken), max(row.delay for _, row in rows)))


AskColumns = columns("AskColumns", "supplier", "tenure", "bought", "visited")


@loop
def ask_rows(c, p, month, code, key0, key1, who):
    """Customers who bought or came for service and have a question, into ``who``; gives how many."""
    n, asks, luck, times = 0, 0, np.empty(len(who)), np.empty(len(who))
    for i in range(len(c.supplier)):
        who[n] = i
        n += (c.supplier[i] >= 0) & ((c.bought[i] > 0) | (c.visited[i] > 0))
    for x in range(n):
        times[x] = np.float64(c.tenure[who[x]])
    for x in range(n):
        times[x] = questions_left(times[x], p)
    for x in range(n):
        often = np.float64(c.bought[who[x]]) + np.float64(c.visited[who[x]])
        times[x] = p.questions * times[x] * often
    for x in range(n):
        times[x] = chance(times[x])
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        who[asks] = who[x]
        asks += luck[x] < times[x]
    return asks


AnswerColumns = columns("AnswerColumns", "supplier", "satisfaction", "month_profit_cents")


@loop
def answer_rows(
    c, ids, month, codes, key0, key1, automatic, ends, cost, solves, worth, line, ledger, signs, share
):
    """Each question goes through a channel, or a machine answers it, or nobody; it costs by that, and is solved or not: the share of a firm's that is."""
    nobody = ends.shape[1]
    asked, well = np.zeros(len(share), dtype=np.int64), np.zeros(len(share), dtype=np.int64)
    u, solved, machine = np.empty(len(ids)), np.empty(len(ids)), np.empty(len(ids))
    for x in range(len(ids)):
        u[x] = draw(ids[x], 0, month, codes[0], key0, key1)
    for x in range(len(ids)):
        solved[x] = draw(ids[x], 0, month, codes[1], key0, key1)
    for x in range(len(ids)):
        machine[x] = draw(ids[x], 0, month, codes[2], key0, key1)
    for x in range(len(ids)):
        i = ids[x]
        f, way = c.supplier[i], 0
        for k in range(nobody):
            way += u[x] * max(ends[f, nobody - 1], 1.0) >= ends[f, k]
        way = nobody + 1 if (machine[x] < automatic[f]) & (way < nobody) else way
        good = int(solved[x] < solves[way])
        c.satisfaction[i] = clip(np.float64(c.satisfaction[i]) + worth[good, way], -1.0, 1.0)
        enter(ledger, signs, c.month_profit_cents, f, i, line, cost[way])
        asked[f] += 1
        well[f] += good
    for f in range(len(share)):
        share[f] = well[f] / asked[f] if asked[f] else np.nan


def _channels(own: Own) -> tuple[np.ndarray, ...]:
    """Where the reach of each channel in use ends, (F, channels); cost, share solved and worth (unsolved, solved) of an answer through each, by nobody and by a machine."""
    p = own.p
    reach = [own.decided(name) * getattr(p, name).reach for name in ROWS]
    cost, days, solves = (
        np.array([*(getattr(getattr(p, name), what) for name in ROWS), 0.0, machine])
        for what, machine in (("cost", p.machine_cost), ("delay", 0.0), ("solves", p.machine_solves))
    )
    worth = answer_worth(np.array([[False], [True]]), days, p)
    return np.cumsum(reach, axis=0).T.copy(), cost, solves, worth


def answer_questions(market: Any, own: Own) -> None:
    """Who bought has a question, the likelier the oftener; they go through a channel that is open and used, cost by it, and are answered well or not."""
    c, book = market.customers, market.ledger
    who = np.empty(len(c), dtype=np.int64)
    ids = who[: ask_rows(c.bundle(AskColumns), own.numbers, *own.claim(market, "asks"), who)]
    month, channel, *key = own.claim(market, "channel")
    codes = channel, own.claim(market, "solved")[1], own.claim(market, "machine")[1]
    own.scratch["solved"] = share = np.empty(len(market.firms))
    answer_rows(
        c.bundle(AnswerColumns), ids, month, codes, *key, own.decided("automatic"),
        *own.follows("channels", lambda: _channels(own)), own.place(market, "questions"), book.current, book.signs, share,
    )  # fmt: skip


@loop
def post_rows(mood, mood_firm, p, bad, good, month, code, key0, key1, posted, read):
    """Some of the unhappy and the happy post. ``posted``: bad and good opinions about each firm that stand there now, (2, F); ``read``: those that a reader takes in."""
    n, new = 0, np.zeros(posted.shape, dtype=np.int64)
    who, luck = np.empty(len(mood), dtype=np.int64), np.empty(len(mood))
    for i in range(len(mood)):
        who[n] = i
        n += (mood[i] != 0) & (mood_firm[i] >= 0)
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        i = who[x]
        new[int(mood[i] > 0), mood_firm[i]] += luck[x] < p.posts
    for f in range(len(bad)):
        posted[0, f], posted[1, f] = posts_left(bad[f], new[0, f], p), posts_left(good[f], new[1, f], p)
        read[0, f], read[1, f] = opinions_read(posted[0, f], posted[1, f], p)


FEW = 8
"""So many opinions or more are seldom read at one time."""


@loop
def read_rows(p, totals, month, reads, key0, key1, codes, told, counts, places):
    """People who read opinions this month, and how many bad and good ones about each firm each takes in, to compare; counted by firm."""
    n, firms, people = 0, len(totals) // 2, told[0].shape[1]
    who, many, luck = np.empty(people, dtype=np.int64), np.empty(people, dtype=np.int64), np.empty(people)
    for i in range(people):
        luck[i] = draw(i, 0, month, reads, key0, key1)
    for i in range(people):
        who[n] = i
        n += luck[i] < p.readers
    for kind in range(2):
        for f in range(firms):
            told_f, most, read = told[kind][f], totals[kind * firms + f], 0
            for x in range(n):
                luck[x] = draw(who[x], f, month, codes[kind], key0, key1)
            for x in range(n):
                some = 0
                for k in range(FEW):
                    some += luck[x] > most[k]
                many[x] = some
            for x in range(n):
                while many[x] >= FEW and many[x] < len(most) and luck[x] > most[many[x]]:
                    many[x] += 1
                told_f[who[x]] += np.uint16(many[x])
                read += many[x]
            counts[f, places[kind]] += read


def post_and_read(market: Any, own: Own) -> None:
    """Some of the unhappy and the happy post; people who read opinions hear of all firms, of some well and of others not."""
    c, p, firms, state = market.customers, own.numbers, len(market.firms), own.state
    posted, read = np.empty((2, 2, firms))
    claim = own.claim(market, "posts")
    post_rows(c.mood, c.mood_firm, p, state["bad"], state["good"], *claim, posted, read)
    state["bad"], state["good"] = posted
    reads = own.claim(market, "reads")
    claims = [own.claim(market, name, f) for name in ("reads_bad", "reads_good") for f in range(firms)]
    codes, places = (claims[0][1], claims[-1][1]), (C["told_bad"], C["told_good"])
    totals, told = poisson_totals(read.reshape(-1)), (c.told_bad, c.told_good)
    read_rows(p, totals, *reads, codes, told, market.ledger.current_counts, places)


def posted_share_bad(market: Any, own: Own) -> np.ndarray:
    """Share of bad opinions among those posted about a firm. Unit: share. Source: ours."""
    total = own.state["bad"] + own.state["good"]
    return own.state["bad"] / np.where(total > 0, total, np.nan)  # type: ignore[no-any-return]


def solved_share(market: Any, own: Own) -> np.ndarray:
    """Share of the month's questions that were solved; missing without any. Unit: share. Source: ours."""
    if "solved" not in own.scratch:
        return np.full(len(market.firms), np.nan)
    return np.asarray(own.scratch["solved"])


MECHANISM = Mechanism(
    name="channels",
    about=__doc__,
    table=ChannelsTable,
    decisions=ChannelsDecisions,
    lines=(Activity("questions", -1, True, "other", "answering customers' questions, by channel"),),
    draws=(
        Draw("asks", 2020, "0", "whether somebody has a question"),
        Draw("channel", 2021, "0", "through which channel"),
        Draw("solved", 2022, "0", "whether the answer solves it"),
        Draw("machine", 2023, "0", "whether a machine answers"),
        Draw("posts", 2024, "0", "whether an opinion is posted"),
        Draw("reads", 2025, "0", "whether somebody reads opinions this month"),
        Draw("reads_bad", 2026, "firm", "how many bad ones"),
        Draw("reads_good", 2027, "firm", "how many good ones"),
    ),
    equations=(questions_left, answer_worth, posts_left, opinions_read, complaint_days),
    steps=(
        Step("before", "serve", delay_complaints),
        Step("after", "serve", answer_questions),
        Step("before", "talk", post_and_read),
    ),
    begin=begin,
    metrics={"posted_share_bad": posted_share_bad, "solved_share": solved_share},
)
