"""Exchange: transactional, value-adding or collaborative, and how well it fits an account's situation.

Accounts differ in what they need of a supplier. Where alternatives are many, the supply market is calm, and the purchase is simple and unimportant,
a price list and bids do; where it is the other way round, close work, shared information and joint linkages pay. Six factors
make an account's situation, a place between 0 (transactional) and 1 (collaborative). A firm that meets it elsewhere loses
either way: too distant, it does not help; too close, both pay for what nobody needs. Firms can flare out from the middle of
their industry: strip the offer and its price, augment it, or give a menu of a priced core with options, and let accounts choose.

Source: Cannon & Perreault 1999 (the six factors); Day 2000 (the spectrum); Anderson & Narus 1991 and 1995 (bandwidth, flaring out, flexible offerings).
"""

from __future__ import annotations

from typing import Any, Literal

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
    forget_rows,
    log,
    loop,
    normal,
    number,
    under_contract,
    word,
)

FACTORS = {
    "account_alternatives": "availability of alternatives: suppliers who could do it as well",
    "account_dynamism": "how fast the supply market changes",
    "account_importance": "importance of the purchase to the account",
    "account_complexity": "complexity of what is bought",
    "account_information": "how much information must be exchanged",
    "account_linkages": "how far the two operations must be linked",
}
"""The six factors of an account's situation, each 0 to 1; the first makes it less collaborative, the others more."""

EXCHANGES = ("transactional", "value_adding", "collaborative", "matched", "menu")
"""What a firm offers: the same to all (the first three), what it thinks fits each account, or a menu to choose from."""

POSITIONS = np.array([0.0, 0.5, 1.0])
"""Places of the three kinds of exchange on the spectrum."""

_MATCHED, _MENU = EXCHANGES.index("matched"), EXCHANGES.index("menu")

CANNON = "Cannon & Perreault 1999 for the direction; number ours"
ANDERSON = "Anderson & Narus 1995 for the idea; number ours"


class ExchangeDecisions(Decisions):
    """What a firm offers its accounts."""

    exchange: Literal[EXCHANGES] = word("value_adding", "kind of exchange")  # type: ignore[valid-type]
    assessment: float = number(
        0.5, "effort of finding out an account's situation, for matched exchange", "share", 0.0, 1.0
    )
    unbundling: float = number(
        0.0,
        "how far services are stripped from transactional offers, and the price with them",
        "share",
        0.0,
        1.0,
    )
    augmentation: float = number(
        0.0, "services added to value-adding and collaborative offers", "share", 0.0, 1.0
    )
    extranet: float = number(
        0.0, "linked systems: orders, stocks and drawings in a common net", "share", 0.0, 1.0
    )
    help_jobs: float = number(
        0.0,
        "help for accounts to do their own jobs: their business grows; none under contract, where bills do not follow the need",
        "share",
        0.0,
        1.0,
    )


class ExchangeTable(MechanismTable):
    """The exchange spectrum: situations of accounts, and what firms offer."""

    situation: float = number(
        0.5, "mean situation of accounts: 0 transactional, 1 collaborative", "place 0 to 1", 0.0, 1.0
    )
    situation_spread: float = number(
        0.25, "spread of each factor among accounts", "standard deviation", 0.0, 2.0
    )
    factors_alike: float = number(
        0.7,
        "correlation of the factors: what is complex is important too",
        "correlation",
        0.0,
        1.0,
        source=CANNON,
    )
    orientation_counts: float = number(
        0.5,
        "how far the situation follows an account's relationship orientation",
        "place for one share",
        0.0,
        2.0,
    )
    mismatch: float = number(
        3.0, "utility lost where exchange and situation are a whole spectrum apart; it grows with the square", "utility", 0.0, 20.0,
        source="Day 2000 for both directions; number ours",
    )  # fmt: skip
    closeness_cost: float = number(
        0.015, "cost of collaborative exchange as a share of the account's spend; of others by the square of their place", "share of spend", 0.0, 1.0
    )  # fmt: skip
    account_cost: float = number(
        0.5,
        "cost of collaborative exchange an account, whatever it spends; of others by their place",
        "money a month",
        0.0,
        1e6,
    )
    bidding: float = number(
        0.25,
        "chance a month that an account calls for bids, where nothing keeps it from it",
        "chance",
        0.0,
        1.0,
        source=CANNON,
    )
    bid_discount: float = number(
        0.03,
        "discount that keeps up with a call for bids; under contract where the contract ends",
        "share of list price",
        0.0,
        0.5,
    )
    assessment_error: float = number(
        0.3,
        "error of a first judgement of an account's situation, without effort",
        "standard deviation",
        0.0,
        2.0,
    )
    assessment_cost: float = number(
        0.1, "cost of full effort in judging, an account", "money a month", 0.0, 1e5
    )
    review_months: int = number(12, "months between two reviews of a relationship", "months", 1, 600)
    strip_discount: float = number(
        0.06, "price cut of an offer without services", "share of list price", 0.0, 0.5, source=ANDERSON
    )
    strip_saving: float = number(
        0.05, "cost that an offer without services saves", "share of spend", 0.0, 0.5, source=ANDERSON
    )
    service_value: float = number(
        0.8,
        "utility of services to the most collaborative account, lost where they are stripped",
        "utility",
        0.0,
        10.0,
    )
    augment_value: float = number(
        0.8, "utility of added services to the most collaborative account", "utility", 0.0, 10.0
    )
    augment_cost: float = number(0.02, "cost of added services", "share of spend", 0.0, 0.5)
    option_price: float = number(
        0.05, "what the options of a menu add to the price of its core, for all of them", "share of list price", 0.0, 0.3,
        source=ANDERSON,
    )  # fmt: skip
    linkage_speed: float = number(0.06, "how fast linkages grow and fall away", "share a month", 0.0, 1.0)
    linkage_value: float = number(
        0.8,
        "utility of full linkages: what another supplier would have to build anew",
        "utility",
        0.0,
        10.0,
        source=CANNON,
    )
    linkage_saving: float = number(0.5, "share of order handling that full linkages save", "share", 0.0, 1.0)
    extranet_cost: float = number(0.2, "cost of the extranet, a linked account", "money a month", 0.0, 1e6)
    jobs_gain: float = number(
        0.10,
        "growth of an account's purchases by help with its jobs, collaborative in place and situation",
        "share",
        0.0,
        2.0,
    )
    jobs_cost: float = number(0.3, "cost of that help, an account", "money a month", 0.0, 1e6)
    firms: dict[str, ExchangeDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def situation_of(alternatives: Any, others: Any) -> Any:
    """An account's situation, 0 transactional to 1 collaborative, from the six factors (``others``: the sum of the five that make it closer).

    Source: Cannon & Perreault 1999 for the factors; equal weights ours.
    """
    return (1.0 - alternatives + others) / 6.0


def mismatch_cost(position: Any, situation: Any, p: Any) -> Any:
    """Utility that an account loses where exchange and situation differ, too close as well as too distant. Source: Day 2000 for the idea; form ours."""
    return p.mismatch * (position - situation) ** 2


def nearest_position(situation: Any) -> Any:
    """The kind of exchange nearest to a situation: 0, 0.5 or 1. Source: ours."""
    return np.floor(2.0 * clip(situation) + 0.5) / 2.0


def assessment_noise(assessment: Any, years: Any, p: Any) -> Any:
    """Standard deviation of the error in judging a situation: less with effort and with years of dealing. Source: ours."""
    return p.assessment_error * (1.0 - 0.8 * assessment) / (1.0 + years) ** 0.5


def chance_bids(position: Any, situation: Any, p: Any) -> Any:
    """Chance a month that an account calls for bids: where its situation is transactional, and nothing closer keeps it.

    Source: Cannon & Perreault 1999 (competitive bidding in transactional exchange); form ours.
    """
    return p.bidding * (1.0 - situation) * (1.0 - position)


def option_choice(situation: Any, price_sensitivity: Any, p: Any) -> Any:
    """What an account takes of a menu: the options that bring most utility at their price (a place of 0, 0.5 or 1).

    Source: Anderson & Narus 1995 (flexible service offerings); form ours.
    """
    worth = [
        -mismatch_cost(x, situation, p) - price_sensitivity * log(1.0 + p.option_price * x) for x in POSITIONS
    ]
    return POSITIONS[np.argmax(worth, axis=0)]


def next_linkage(linkage: Any, position: Any, extranet: Any, p: Any) -> Any:
    """Linkages of two operations (0 to 1) a month later. Source: Cannon & Perreault 1999 for their role; form ours."""
    return linkage + p.linkage_speed * (position * extranet - linkage)


def closeness(position: Any, spend: Any, p: Any) -> Any:
    """What exchange costs a month beyond the goods, in money: by the square of its place on spend, and by its place. Source: ours."""
    return p.closeness_cost * position * position * spend + p.account_cost * position


# ---------------------------------------------------------------- steps


AccountColumns = columns("AccountColumns", *FACTORS)
DrawColumns = columns("DrawColumns", *FACTORS, "relationship_orientation", "position")
OfferColumns = columns("OfferColumns", "supplier", "position", "discount")
WeighColumns = columns(
    "WeighColumns", "supplier", "position", "price_sensitivity", "belief", "linkage", "need_rate", "pending", "discount", "tenure"
)  # fmt: skip
ServeColumns = columns(
    "ServeColumns", "supplier", "position", "month_spent_cents", "linkage", "bought", "month_profit_cents"
)


@loop
def factor_rows(c, p, ids, generation, code, key0, key1):
    """The factors of some accounts, each into its column: what is common to them, and a part of each one's own; the first is the other way round."""
    shared, own_share = p.factors_alike**0.5, (1.0 - p.factors_alike) ** 0.5
    factors = (
        c.account_alternatives, c.account_dynamism, c.account_importance, c.account_complexity, c.account_information, c.account_linkages
    )  # fmt: skip
    luck = np.empty((len(factors) + 1, 512))
    for lo in range(0, len(ids), 512):  # a block of them fits the nearest cache
        who = ids[lo : lo + 512]
        for k in range(len(luck)):
            for x in range(len(who)):
                luck[k, x] = draw(who[x], k, np.int64(generation[who[x]]), code, key0, key1)
            for x in range(len(who)):
                luck[k, x] = normal(luck[k, x])
        for x in range(len(who)):
            i = who[x]
            lean = p.situation + p.orientation_counts * (np.float64(c.relationship_orientation[i]) - 0.4)
            for k in range(len(factors)):
                z = shared * luck[0, x] + own_share * luck[k + 1, x]
                value = clip(lean + p.situation_spread * z)
                factors[k][i] = 1.0 - value if k == 0 else value
            for f in range(len(c.position)):
                c.position[f, i] = np.float32(0.5)


def draw_situations(market: Any, own: Own, ids: np.ndarray) -> None:
    """The six factors of accounts: one common part, one part of each factor's own."""
    here = market.customers.bundle(DrawColumns)
    factor_rows(here, own.numbers, ids, *own.of_traits(market, "situation"))


def begin(market: Any, own: Own) -> None:
    """The first accounts' situations; no firm has judged them yet."""
    own.state["judged"] = np.full(len(market.firms), -1.0)
    draw_situations(market, own, np.arange(len(market.customers)))


def situation_here(c: Any, i: Any) -> Any:
    """The situation of account i, from its six factors. Source: ours."""
    others = np.float64(c.account_dynamism[i]) + np.float64(c.account_importance[i])
    others = others + np.float64(c.account_complexity[i]) + np.float64(c.account_information[i])
    return situation_of(np.float64(c.account_alternatives[i]), others + np.float64(c.account_linkages[i]))


@loop
def situation_rows(c, out):
    """Every account's situation."""
    for i in range(len(out)):
        out[i] = situation_here(c, i)


def situations(market: Any) -> np.ndarray:
    """All accounts' situations, float64 (N,)."""
    out = np.empty(len(market.customers))
    situation_rows(market.customers.bundle(AccountColumns), out)
    return out


@loop
def price_rows(c, p, kinds, cut):
    """Firms that offer the same to all place their offers; the price of what was offered to each account goes into its discount."""
    supplier, discount = c.supplier, c.discount
    for f in range(len(kinds)):
        position, less_here = c.position[f], cut[f]
        option_price = p.option_price if kinds[f] == _MENU else 0.0
        if kinds[f] < len(POSITIONS):
            position[:] = np.float32(POSITIONS[kinds[f]])
        for i in range(len(supplier)):
            place, shown = np.float64(position[i]), discount[i]
            less = less_here if place < 0.25 else 0.0
            paid = np.float64(np.float32(1.0) - shown) * (1.0 - less) * (1.0 + option_price * place)
            asked = np.float32(clip(1.0 - paid, -0.3, 0.9))
            discount[i] = asked if supplier[i] == f else shown


def offer(market: Any, own: Own) -> None:
    """Firms place their offers; matched ones at a review of the relationship; stripped offers and menus have prices of their own."""
    c, p, month = market.customers, own.p, market.month
    found, codes, judged = situations(market), kinds(own), own.state["judged"]
    own.scratch["situations"] = found
    for f, code in enumerate(codes):
        if code == _MENU:
            c.position[f] = option_choice(found, c.price_sensitivity.astype(np.float64), p)
        elif code == _MATCHED:
            everybody = np.arange(len(c))
            due = everybody[(month - everybody) % p.review_months == 0]
            now = due if judged[f] == code else everybody
            luck = normal(own.uniform(market, "judged", now, f))
            years = np.where(c.supplier[now] == f, c.tenure[now] / 12.0, 0.0)
            seen = found[now] + luck * assessment_noise(own.decided("assessment")[f], years, p)
            c.position[f, now] = nearest_position(seen)
    judged[:] = codes
    price_rows(c.bundle(OfferColumns), own.numbers, codes, price_cut(own))


def kinds(own: Own) -> np.ndarray:
    """The kind of each firm's exchange, by number in `EXCHANGES`, int64 (F,)."""
    words = own.words("exchange")
    found: np.ndarray = own.follows("kinds", lambda: np.array([EXCHANGES.index(kind) for kind in words]))
    return found


def price_cut(own: Own) -> np.ndarray:
    """Price cut of each firm's transactional offers, (F,)."""
    found: np.ndarray = own.follows("cut", lambda: own.p.strip_discount * own.decided("unbundling"))
    return found


@loop
def fit_rows(c, p, found, kinds, unbundling, augmentation, cuts):
    """What firms' offers are worth to everybody by how they fit; their own accounts also by what is linked."""
    supplier, linkage = c.supplier, c.linkage
    for f in range(len(kinds)):
        position, belief = c.position[f], c.belief[f]
        unbundled, augmented, cut, menu = unbundling[f], augmentation[f], cuts[f], kinds[f] == _MENU
        option_price = p.option_price if menu else 0.0
        for i in range(len(supplier)):
            place, mine = np.float64(position[i]), supplier[i] == f
            near = 1.0 if place < 0.25 else 0.0
            fits = -mismatch_cost(place, found[i], p) + p.augment_value * found[i] * (augmented * place)
            fits -= p.service_value * found[i] * unbundled * near
            if cut != 0.0 or menu:
                net = (1.0 - cut * near) * (1.0 + option_price * place)
                shown = -np.float64(c.price_sensitivity[i]) * log(net)
                fits += 0.0 if mine else shown  # own accounts pay it: it is in their discount
            fits += np.float64(np.float32(p.linkage_value) * linkage[i]) if mine else 0.0
            belief[i] += np.float32(fits)


@loop
def account_rows(c, p, found, help_jobs, term, month, code, key0, key1, who, luck, bids):
    """Help with their jobs lets accounts buy more; some call for bids: with contracts of ``term`` months (0: none), prices move where one ends."""
    supplier, position, need_rate, n = c.supplier, c.position, c.need_rate, 0
    for i in range(len(luck)):
        luck[i] = draw(i, 0, month, code, key0, key1)
    for i in range(len(luck)):
        f = max(supplier[i], 0)
        place, mine = np.float64(position[f, i]), supplier[i] >= 0
        more = np.float32(1.0 + p.jobs_gain * (help_jobs[f] * found[i] * place))
        need_rate[i] *= more if mine else np.float32(1.0)
        who[n] = i
        n += mine & (luck[i] < chance_bids(place, found[i], p))
    for x in range(n):
        i = who[x]
        c.pending[i] = 1
        if term == 0 or (c.tenure[i] > 0 and c.tenure[i] % term == 0):
            c.discount[i] = max(c.discount[i], np.float32(p.bid_discount))
        bids[supplier[i]] += 1


def help_given(market: Any, own: Own) -> np.ndarray:
    """Help with their jobs that a firm gives its accounts, (F,): under contract none, and none is paid for."""
    decided = own.decided("help_jobs")
    return np.zeros_like(decided) if under_contract(market) else decided


def weigh(market: Any, own: Own) -> None:
    """Accounts weigh every offer by how it fits their situation; some call for bids; help with their jobs lets them buy more."""
    c, found = market.customers, own.scratch["situations"]
    own.scratch["held"] = (c.belief.copy(), c.need_rate.copy())
    here, p = c.bundle(WeighColumns), own.numbers
    decided = (own.decided(name) for name in ("unbundling", "augmentation"))
    fit_rows(here, p, found, kinds(own), *decided, price_cut(own))
    bids = own.scratch["bids"] = np.zeros(len(market.firms), dtype=np.int64)
    term = market.tables.buy.term if under_contract(market) else 0
    account_rows(
        here, p, found, help_given(market, own), term, *own.claim(market, "bids"), *own.room(market), bids
    )


def settle(market: Any, own: Own) -> None:
    """Beliefs and needs are as they were; what was linked with a former supplier is lost."""
    c = market.customers
    c.belief, c.need_rate = own.scratch.pop("held")
    forget_rows(c.supplier, c.supplier_before, np.float32(0.0), c.linkage)


@loop
def serve_rows(
    c, p, order_cost, kinds, unbundled, augmented, assessed, extranet, help_jobs, service, linked, helped, ledger, signs
):  # fmt: skip
    """Exchange is paid for account by account, on three lines; linkages grow."""
    supplier, linkage, bought, spent, profits = (
        c.supplier, c.linkage, c.bought, c.month_spent_cents, c.month_profit_cents
    )  # fmt: skip
    for f in range(len(kinds)):  # each firm over everybody: without a branch that is faster
        position, link = c.position[f], extranet[f]
        strip, augment = p.strip_saving * unbundled[f], p.augment_cost * augmented[f]
        judged = p.assessment_cost * (assessed[f] if kinds[f] == _MATCHED else 0.0)
        net, help_cost = p.extranet_cost * link, p.jobs_cost * help_jobs[f]
        first, second, third = np.int64(0), np.int64(0), np.int64(0)
        for i in range(len(linkage)):
            mine, place, spend = supplier[i] == f, np.float64(position[i]), spent[i] * 0.01
            near, close = 1.0 if place < 0.25 else 0.0, 1.0 if place > 0.25 else 0.0
            money = closeness(place, spend, p) + augment * place * spend - strip * near * spend + judged
            now = linkage[i]
            handled = np.float32(p.linkage_saving) * now * np.float32(order_cost) * np.float32(bought[i])
            paid = np.int64(np.rint(money * 100.0)) if mine else np.int64(0)
            less = np.int64(np.rint((net * close - np.float64(handled)) * 100.0)) if mine else np.int64(0)
            aid = np.int64(np.rint(help_cost * place * 100.0)) if mine else np.int64(0)
            first, second, third = first + paid, second + less, third + aid
            profits[i] += signs[service] * paid + signs[linked] * less + signs[helped] * aid
            later = next_linkage(np.float64(now), place, link, p)
            linkage[i] = later if mine else np.float64(now)
        ledger[f, service] += first
        ledger[f, linked] += second
        ledger[f, helped] += third


def serve_accounts(market: Any, own: Own) -> None:
    """Exchange is paid for account by account; linkages grow."""
    decided = (own.decided(name) for name in ("unbundling", "augmentation", "assessment", "extranet"))
    serve_rows(
        market.customers.bundle(ServeColumns), own.numbers, float(market.tables.buy.order_cost), kinds(own), *decided,
        help_given(market, own), *own.place(market, "exchange_service", "extranet", "account_help"), market.ledger.current,
        market.ledger.signs,
    )  # fmt: skip


# ---------------------------------------------------------------- what is measured


PlaceColumns = columns("PlaceColumns", "supplier", "position")


@loop
def place_rows(c, found, gaps, heads, mean, places):
    """Own accounts of each firm: how many, the mean of their places, how many have place 0, 0.5 and 1, and how far exchange is from each one's situation."""
    for i in range(len(c.supplier)):
        f = c.supplier[i]
        if f >= 0:
            place = np.float64(c.position[f, i])
            gaps[f, heads[f]] = abs(place - found[i])
            heads[f] += 1
            mean[f] += place
            places[f, np.int64(2.0 * place)] += 1
    for f in range(len(heads)):
        mean[f] = mean[f] / heads[f] if heads[f] > 0 else np.nan


def gather(market: Any, own: Own) -> None:
    """What is measured of the accounts' places, at the month's end: who came into the market in it has no supplier yet."""
    found, firms = own.scratch["situations"], len(market.firms)
    gaps, mean = np.empty((firms, len(found))), np.zeros(firms)
    heads, places = np.zeros(firms, dtype=np.int64), np.zeros((firms, len(POSITIONS)), dtype=np.int64)
    place_rows(market.customers.bundle(PlaceColumns), found, gaps, heads, mean, places)
    each = [np.add.reduce(gaps[f, :n]) / n if n else np.nan for f, n in enumerate(heads)]
    own.scratch.update(places=places, mean=mean, gap=np.array(each))


def mean_position(market: Any, own: Own) -> np.ndarray:
    """Where a firm stands on the spectrum, the mean of its accounts: 0 transactional, 1 collaborative. Unit: place 0 to 1. Source: Day 2000."""
    return np.asarray(own.scratch["mean"])


def exchange_gap(market: Any, own: Own) -> np.ndarray:
    """Distance of exchange and situation, the mean of a firm's accounts. Unit: place 0 to 1. Source: Day 2000."""
    return np.asarray(own.scratch["gap"])


@loop
def tenth_rows(places):
    """From the least tenth to the most of any firm's accounts, by how many have each place; NaN where there are none."""
    least, most = np.nan, np.nan
    for f in range(len(places)):
        many = places[f].sum()
        for tenth in (np.int64(0.1 * (many - 1)), np.int64(0.9 * (many - 1))):
            k, served = 0, places[f, 0]
            while many > 0 and served <= tenth:
                k += 1
                served += places[f, k]
            if many > 0:
                least = least if least <= POSITIONS[k] else POSITIONS[k]
                most = most if most >= POSITIONS[k] else POSITIONS[k]
    return most - least


def industry_bandwidth(market: Any, own: Own) -> np.ndarray:
    """How far apart the firms of the market stand on the spectrum: from the tenth of accounts served most distantly anywhere to the tenth served most closely.

    The same for every firm. Unit: place 0 to 1. Source: Anderson & Narus 1991.
    """
    return np.full(len(market.firms), tenth_rows(own.scratch["places"]))


def bids_called(market: Any, own: Own) -> np.ndarray:
    """Accounts of a firm that called for bids this month. Unit: accounts. Source: Cannon & Perreault 1999."""
    return own.scratch["bids"].astype(np.float64)


MECHANISM = Mechanism(
    name="exchange",
    about=__doc__,
    table=ExchangeTable,
    decisions=ExchangeDecisions,
    columns=(
        *(Column(name, "float32", "customer", "share", meaning) for name, meaning in FACTORS.items()),
        Column("position", "float32", "pair", "place 0 to 1", "exchange that the firm offers: 0 transactional, 1 collaborative"),
        Column("linkage", "float32", "customer", "share", "linkages of operations with the supplier"),
    ),
    lines=(
        Activity("exchange_service", -1, True, "retention", "what exchange costs beyond the goods; stripped services are saved"),
        Activity("extranet", -1, True, "retention", "linked systems, less the order handling that they save"),
        Activity("account_help", -1, True, "retention", "helping accounts to do their jobs"),
    ),
    draws=(
        Draw("situation", 2110, "0 common, 1 to 6 the factor (month word: the generation)", "an account's situation"),
        Draw("judged", 2111, "firm", "the error in judging an account's situation"),
        Draw("bids", 2112, "0", "whether an account calls for bids"),
    ),
    equations=(
        situation_of, mismatch_cost, nearest_position, assessment_noise, chance_bids, option_choice, next_linkage, closeness,
    ),
    steps=(
        Step("after", "decide", offer),
        Step("before", "buy", weigh),
        Step("after", "buy", settle),
        Step("after", "relate", serve_accounts),
        Step("after", "account", gather),
    ),
    limits={"position": (0, 1)},
    begin=begin,
    renew=draw_situations,
    metrics={
        "mean_position": mean_position, "exchange_gap": exchange_gap, "industry_bandwidth": industry_bandwidth,
        "bids_called": bids_called,
    },
)  # fmt: skip
