"""The stage `talk`: the unhappy tell ten, some of the happy tell a few, and hearers believe it.

Tellings are counted as whole numbers first; then beliefs move, and good news makes firms known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop, part
from sim.draws import BLOCK, CODES, negative_binomial, philox, uniform
from sim.ledger import C
from sim.maths import exp
from sim.scenario.parameters import TalkTable
from sim.scenario.words import AWARE_BY

if TYPE_CHECKING:
    from sim.market import Market

READS = ("mood", "mood_firm", "basket", "supplier")
CHANGES = (
    "belief",
    "heard",
    "aware",
    "aware_month",
    "aware_by",
    "teller",
    "teller_firm",
    "told_bad",
    "told_good",
)
DRAWS = ("talks", "ring_start", "number_told", "told_online", "hearer", "hears_of")

TalkColumns = column_tuple("TalkColumns", READS + CHANGES, __name__)
TalkParameters = parameter_tuple("TalkParameters", TalkTable, __name__)

MOST_TOLD = 1000
_LIMIT = 2**31 - 1
_FEW = 4
_TALKS, _HEARER, _HEARS_OF = CODES["talks"], CODES["hearer"], CODES["hears_of"]
_BY_REFERRAL = AWARE_BY.index("referral")
_TELLERS_BAD, _TELLERS_GOOD, _BAD, _GOOD = C["tellers_bad"], C["tellers_good"], C["told_bad"], C["told_good"]
_REACHED_BAD, _REACHED_GOOD = C["reached_bad"], C["reached_good"]
_SOMEBODY = -2


@equation
def people_told(mood, p):
    """How many people a customer tells: an unhappy one ten, a happy one three. Source: TARP 1979/1986 (folk)."""
    return p.unhappy_tells if mood < 0 else p.happy_tells


@equation
def chance_talks(mood, referral_reward, basket, p):
    """Chance that a customer tells anybody: the unhappy always, the happy sometimes, more so for a reward. Source: ours."""
    happy = p.happy_talks + p.reward_talks * (1.0 - exp(-p.reward_scale * referral_reward / basket))
    return 1.0 if mood < 0 else happy


@equation
def hearsay(belief, bad, good, weight, p):
    """Belief about a firm after hearing bad and good news so many times.

    weight : 1 for a stranger, less for an own customer. The belief moves towards what the news say on
    balance, a step for each telling. Source: ours, fitted.
    """
    says = (p.bad_news * p.bad_weight * bad + p.good_weight * good) / (
        p.bad_weight * bad + p.good_weight * good + 1e-300
    )
    kept = 1.0
    for _ in range(bad):
        kept *= 1.0 - p.bad_weight * weight
    for _ in range(good):
        kept *= 1.0 - p.good_weight * weight
    return says + (belief - says) * kept


@equation
def faded_belief(belief, p):
    """The belief about a firm that one does not use, a month later. Source: ours."""
    return belief * (1.0 - p.belief_fade)


@equation
def chance_made_aware(good, p):
    """Chance that good news, heard so many times, makes a firm known. Source: ours."""
    kept = 1.0
    for _ in range(good):
        kept *= 1.0 - p.makes_aware
    return 1.0 - kept


@loop
def moods_rows(mood, mood_firm, firms):
    """Who has a mood, ascending within each group: unhappy with firm 0, happy with it, unhappy with firm 1 ...

    Returns the customers int32 (n,) and where each group ends, int64 (2 * firms,).
    """
    ends = np.zeros(2 * firms + 1, dtype=np.int64)
    for i in range(len(mood)):
        if mood[i] != 0 and mood_firm[i] >= 0:
            ends[2 * np.int64(mood_firm[i]) + (2 if mood[i] > 0 else 1)] += 1
    for group in range(1, len(ends)):
        ends[group] += ends[group - 1]
    ids = np.empty(ends[-1], dtype=np.int32)
    for i in range(len(mood)):
        if mood[i] != 0 and mood_firm[i] >= 0:
            group = 2 * np.int64(mood_firm[i]) + (1 if mood[i] > 0 else 0)
            ids[ends[group]] = i
            ends[group] += 1
    return ids, ends[:-1]


@loop
def tellers_rows(ids, mood, basket, month, key0, key1, p, spread, reward, people):
    """How many people each of ``ids`` tells this month, into ``people`` int32 (n,). ``mood``: -1 or 1, of all."""
    for x in range(len(ids)):
        people[x] = 0
        i = np.int64(ids[x])
        w0, _w1, w2, _w3 = philox(i, 0, month, _TALKS, key0, key1)
        if uniform(w0) >= chance_talks(mood, reward, float(basket[i]), p):
            continue
        told = people_told(mood, p)
        if spread:
            told = negative_binomial(float(told), p.tells_size, uniform(w2), MOST_TOLD)
        people[x] = min(max(0, int(told)), _LIMIT)


@loop
def spread_rows(
    ids,
    people,
    bad,
    about,
    month,
    key0,
    key1,
    online,
    tries,
    start,
    contacts,
    told_bad,
    told_good,
    referrals,
    counts,
):
    """Spread news of tellers ``ids``; returns how many rows of ``referrals`` (hearer, firm, teller) were filled.

    Tellers go in ascending order: try by try, somebody anywhere in the market with chance ``online`` or
    when the neighbours are used up, else the next neighbour in ring order; who is repeated is skipped.
    """
    n = len(start) - 1
    filled = 0
    most = max(_FEW, min(np.int64(people.max()), n - 1) if len(people) > 0 else 1)
    told, anywhere, who = np.empty(most, dtype=np.int64), np.empty(most), np.empty(most)
    for x in range(len(ids)):
        i = np.int64(ids[x])
        f = about[x]
        want = min(np.int64(people[x]), n - 1)
        if want <= 0 or f < 0:
            continue
        count = 0
        if want == n - 1:
            for j in range(n):
                if j != i:
                    told[count] = j
                    count += 1
        else:
            count = _find_hearers(
                i, want, month, key0, key1, online, tries, start, contacts, n, told, anywhere, who
            )
        for k in range(count):
            if bad:
                told_bad[f, told[k]] += 1
            else:
                told_good[f, told[k]] += 1
                referrals[filled, 0] = told[k]
                referrals[filled, 1] = f
                referrals[filled, 2] = i
                filled += 1
        counts[f, _TELLERS_BAD if bad else _TELLERS_GOOD] += 1
        counts[f, _BAD if bad else _GOOD] += count
    return filled


@part
def _find_hearers(i, want, month, key0, key1, online, tries, start, contacts, n, told, anywhere, who):
    """Distinct hearers of teller i, into ``told``; returns how many were found. ``anywhere``, ``who``: room for draws."""
    degree = start[i + 1] - start[i]
    _w0, w1, _w2, _w3 = philox(i, 0, month, _TALKS, key0, key1)
    first = np.int64(uniform(w1) * degree)
    used = 0
    count = 0
    drawn, since = 0, 0
    for k in range(tries):
        if count == want:
            break
        if k == drawn:
            since, drawn = k, min(tries, k + max(want - count, _FEW))
            _draw_tries(i, since, drawn - since, month, key0, key1, anywhere, who)
        if anywhere[k - since] < online or used >= degree:
            j = min(np.int64(who[k - since] * n), n - 1)
        else:
            place = first + used if first + used < degree else first + used - degree
            j = np.int64(contacts[start[i] + place])
            used += 1
        new = j != i
        for t in range(count):
            if told[t] == j:
                new = False
        if new:
            told[count] = j
            count += 1
    return count


@part
def _draw_tries(i, k, n, month, key0, key1, anywhere, who):
    """The draws of teller i for n tries from try k on."""
    for x in range(n):
        w0, w1, _w2, _w3 = philox(i, k + x, month, _HEARER, key0, key1)
        anywhere[x] = uniform(w0)
        who[x] = uniform(w1)


@loop
def hear_rows(c, room, start, stop, month, key0, key1, p, counts):
    """Beliefs fade and move by what was heard; good news makes aware."""
    n_firms, who = c.belief.shape[0], room.lists[0]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        supplier = c.supplier[lo : lo + n]
        for f in range(n_firms):
            own = np.int8(f)
            belief = c.belief[f, lo : lo + n]
            heard = c.heard[f, lo : lo + n]
            bad = c.told_bad[f, lo : lo + n]
            good = c.told_good[f, lo : lo + n]
            for j in range(n):
                faded = faded_belief(float(belief[j]), p)
                belief[j] = belief[j] if supplier[j] == own else faded
            for j in range(n):
                faded = faded_belief(float(heard[j]), p)
                heard[j] = heard[j] if supplier[j] == own else faded
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if (bad[j] > 0) | (good[j] > 0) else 0
            for x in range(m):
                j = who[x]
                weight = p.own_weight if supplier[j] == own else 1.0
                before = float(belief[j])
                after = hearsay(before, np.int64(bad[j]), np.int64(good[j]), weight, p)
                belief[j] = after
                heard[j] = float(heard[j]) + (after - before)
                counts[f, _REACHED_BAD] += 1 if bad[j] > 0 else 0
                counts[f, _REACHED_GOOD] += 1 if good[j] > 0 else 0
                if good[j] > 0 and c.aware[f, lo + j] == 0:
                    _hear_of(c, lo + j, f, month, key0, key1, p)


@part
def _hear_of(c, i, f, month, key0, key1, p):
    """Good news may make firm f known to customer i."""
    w0, w1, w2, w3 = philox(i, f // 4, month, _HEARS_OF, key0, key1)
    word = w0 if f % 4 == 0 else (w1 if f % 4 == 1 else (w2 if f % 4 == 2 else w3))
    if uniform(word) < chance_made_aware(np.int64(c.told_good[f, i]), p):
        c.aware[f, i] = 1
        c.aware_month[f, i] = month
        c.aware_by[f, i] = _BY_REFERRAL
        c.teller[i] = _SOMEBODY
        c.teller_firm[i] = f


@loop
def credit_rows(teller, teller_firm, referrals):
    """Credit each new referral to the teller of the lowest number (rows come in the order of tellers)."""
    for x in range(len(referrals)):
        i = referrals[x, 0]
        if teller[i] == _SOMEBODY and teller_firm[i] == referrals[x, 1]:
            teller[i] = referrals[x, 2]


def talk(market: Market) -> None:
    """Every unhappy customer tells ten people, every happy one perhaps three: firm by firm, on threads where it is compiled."""
    c, table = market.customers, market.tables.talk
    given, is_plain = parameters(TalkParameters, table), market.swaps.is_plain("talk")
    p = given if is_plain else market.bundled(given)
    rewards, spread = market.month_of_firms.referral_reward, table.tells_spread == "negative_binomial"
    tellers = np.split(*moods_rows(c.mood, c.mood_firm, len(market.firms)))[:-1]

    def of_group(group: int) -> np.ndarray:
        firm, bad, ids = group // 2, group % 2 == 0, tellers[group]
        people = np.empty(len(ids), dtype=np.int32)
        market.code("talk", "tellers_rows")(
            ids, np.int8(-1 if bad else 1), c.basket, market.month, *market.luck, p, spread, rewards[firm], people
        )  # fmt: skip
        np.minimum(people, len(c) - 1, out=people)
        return spread_news(
            market, ids, people, bad, np.full(len(ids), firm, dtype=np.int8), float(table.online)
        )

    groups = range(len(tellers))
    market.referrals.extend(map(of_group, groups) if is_plain else market.each(of_group, groups))


def hear(market: Market) -> None:
    """The end of the stage, whoever did the telling: beliefs move, referrals are credited."""
    p = parameters(TalkParameters, market.tables.talk)
    market.rows("talk", TalkColumns, p, loop="hear_rows", counts=True)
    customers = market.customers
    for referrals in market.referrals:
        credit_rows(customers.teller, customers.teller_firm, referrals)
    customers.teller[customers.teller == _SOMEBODY] = -1
    market.referrals.clear()


def spread_news(
    market: Market, ids: np.ndarray, people: np.ndarray, bad: bool, about: np.ndarray, online: float
) -> np.ndarray:
    """Spread news of chosen tellers over the network and online; hearers are counted, beliefs move later.

    ``ids`` int32 ascending, ``people`` int32, ``about`` int8, all (n,). Returns who may be credited with good
    news: int32 (rows, 3) of hearer, firm and teller, in the order of tellers.
    """
    c = market.customers
    referrals = np.empty((0 if bad else int(people.sum()), 3), dtype=np.int32)
    filled = market.code("talk", "spread_rows")(
        ids, people, bad, about, market.month, *market.luck, online, int(market.tables.talk.tries),
        market.network.start, market.network.people, c.told_bad, c.told_good, referrals, market.ledger.current_counts,
    )  # fmt: skip
    return referrals[:filled]
