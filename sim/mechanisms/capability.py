"""Capability: whether a firm can relate to customers at all, and what its employees, its technology and its learning have to do with it.

Three things make a firm good at relationships: an orientation (keeping customers is everybody's goal), information about them, and a configuration
(structure, measures and incentives that go with it). They work together or not at all, and multiply what recovery, service and messages do.
Software brings information only where a strategy says what for, and where marketing, sales and service are equipped in balance. Employees who are
content serve better and stay; what they are paid for is what the firm gets. For sales they sell more at once to whom they know, at the cost of quality and of their own
contentment, so that sales and customers are fewer later; for retention they care for who is least content, for value for who brings most: the
one satisfies more people, the other earns more, and about as many stay. Complaints that are
traced to their causes make future failures rarer. A dialogue that goes on teaches more than a campaign of the same cost.

Source: Day 2003 and Day & Van den Bulte 2002 (the three parts; configuration weighs most, information least); Rigby, Reichheld & Schefter 2002
(strategy before software); Heskett et al. 1994 (service-profit chain); Fornell & Wernerfelt 1987 (complaints as information).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.ledger import C
from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    clip,
    columns,
    enter,
    exp,
    forget_rows,
    known_supplier,
    log,
    loop,
    number,
    own_heads,
    under_contract,
    word,
)

DAY = "Day & Van den Bulte 2002 for the order of weights; numbers ours"
RIGBY = "Rigby, Reichheld & Schefter 2002 for the direction; number ours"
HESKETT = "Heskett et al. 1994 for the direction; number ours"

INCENTIVES = ("none", "sales", "retention", "value")
"""What employees are measured and rewarded by."""

STOCKS = ("orientation", "configuration", "information")
"""The three parts of the relating capability, as stocks of each firm."""

STATE = (*STOCKS, "content", "left", "removed")
"""What a firm carries from month to month, beside what its employees and customers do."""

_FAILURES, _VOICED = C["failures"], C["voiced"]


class CapabilityDecisions(Decisions):
    """What a firm does to become good at relationships."""

    orientation: float = number(
        0.3, "effort for an orientation to customers: keeping them is everybody's goal", "share", 0.0, 1.0
    )
    configuration: float = number(
        0.3, "effort for a structure, measures and incentives that go with it", "share", 0.0, 1.0
    )
    information: float = number(
        0.3, "effort for information about relationships, by people and not by software", "share", 0.0, 1.0
    )
    technology: float = number(0.0, "software for relationships, an own customer", "money a month", 0.0, 1e5)
    clarity: float = number(
        0.0, "clarity of the customer strategy that the software is bought for", "share", 0.0, 1.0
    )
    marketing_leg: float = number(
        1.0, "weight of marketing in what technology is spent on", "weight", 0.0, 1.0
    )
    sales_leg: float = number(1.0, "weight of sales-force automation in it", "weight", 0.0, 1.0)
    service_leg: float = number(1.0, "weight of service in it", "weight", 0.0, 1.0)
    rewarded_for: Literal[INCENTIVES] = word("none", "what employees are rewarded for")  # type: ignore[valid-type]
    learning: float = number(
        0.0, "effort of tracing complaints and survey answers to causes, and removing them", "share", 0.0, 1.0
    )
    dialogue: float = number(
        0.0, "dialogue with own customers, in the mean of all months, a customer", "money a month", 0.0, 1e4
    )
    bursts: bool = word(False, "dialogue in campaigns, at the same cost, and not all the time")


class CapabilityTable(MechanismTable):
    """The relating capability, employees, technology and strategy, learning, dialogue."""

    orientation_weight: float = number(0.35, "weight of orientation", "exponent", 0.0, 1.0, source=DAY)
    configuration_weight: float = number(0.45, "weight of configuration", "exponent", 0.0, 1.0, source=DAY)
    information_weight: float = number(0.20, "weight of information", "exponent", 0.0, 1.0, source=DAY)
    usual: float = number(
        0.3, "capability of an ordinary firm, at which it changes nothing", "share", 0.01, 1.0
    )
    build_speed: float = number(0.08, "how fast the three parts follow the effort", "share a month", 0.0, 1.0)
    effort_cost: float = number(
        0.10, "cost of full effort for one of the three, an own customer", "money a month", 0.0, 1e5
    )
    capability_quality: float = number(0.25, "quality by full capability over the usual", "utility", 0.0, 5.0)
    capability_recovery: float = number(0.5, "gain in the chance of recovery, likewise", "share", 0.0, 5.0)
    capability_speed: float = number(0.6, "cut of the days to a reply, likewise", "share", 0.0, 0.99)
    capability_relevance: float = number(0.5, "gain in relevance of messages, likewise", "share", 0.0, 5.0)
    technology_scale: float = number(
        0.5,
        "technology that gives 63 % of the information that software can give, an own customer",
        "money a month",
        0.001,
        1e5,
    )
    disruption: float = number(
        0.05,
        "quality lost to full technology without a strategy: work follows the software",
        "utility",
        0.0,
        5.0,
        source=RIGBY,
    )
    leg_substitution: float = number(
        -1.0, "how well one leg of technology replaces another: exponent of a CES mean, below 0 badly", "exponent", -10.0, -0.01,
        source="Arrow et al. 1961 for the form; number ours",
    )  # fmt: skip
    content_base: float = number(
        0.55, "satisfaction of employees where nothing is done and nothing is amiss", "share", 0.0, 1.0
    )
    content_orientation: float = number(
        0.3,
        "satisfaction by full orientation over the usual: latitude and a goal",
        "share",
        0.0,
        1.0,
        source=HESKETT,
    )
    content_pressure: float = number(
        0.15, "satisfaction lost where sales are what is rewarded", "share", 0.0, 1.0
    )
    content_speed: float = number(0.1, "how fast employees' satisfaction moves", "share a month", 0.0, 1.0)
    content_morale: float = number(
        0.1,
        "share of the way to their satisfaction that morale goes",
        "share a month",
        0.0,
        1.0,
        source=HESKETT,
    )
    staff_turnover: float = number(
        0.02, "chance a month that an employee of ordinary satisfaction leaves", "chance", 0.0, 1.0,
        source="service jobs: a fifth to a third a year is often quoted", confidence="folk",
    )  # fmt: skip
    turnover_slope: float = number(
        3.0,
        "how much dissatisfaction drives employees away",
        "log points for one share",
        0.0,
        20.0,
        source=HESKETT,
    )
    replacing_cost: float = number(3000.0, "finding and training an employee", "money", 0.0, 1e7)
    newcomer_skill: float = number(
        0.5, "skill of a new employee, as a share of the others'", "share", 0.0, 1.0
    )
    sales_push: float = number(
        0.05,
        "how much more of what they buy is sold to known own customers, where sales are rewarded",
        "share",
        0.0,
        5.0,
    )
    push_quality: float = number(0.1, "quality lost to the push", "utility", 0.0, 5.0)
    reward_care: float = number(
        0.08,
        "satisfaction that care adds in a month of service, to the half of the customers for whom employees are rewarded",
        "satisfaction",
        0.0,
        1.0,
    )
    reward_cost: float = number(
        0.1, "cost of rewards for retention or value, a known own customer", "money a month", 0.0, 1e4
    )
    learning_rate: float = number(
        0.15, "share of the causes of failure removed a month, at full effort and with all failures heard", "share a month", 0.0, 1.0,
        source="Fornell & Wernerfelt 1987 for the idea; number ours",
    )  # fmt: skip
    unlearning: float = number(0.02, "share of removed causes that come back", "share a month", 0.0, 1.0)
    removable: float = number(0.7, "share of failures whose cause can be removed", "share", 0.0, 1.0)
    learning_cost: float = number(
        0.05, "cost of full effort of learning, an own customer", "money a month", 0.0, 1e4
    )
    dialogue_scale: float = number(
        0.3, "money on dialogue in a month that teaches 63 % of what a month can teach", "money", 0.001, 1e4
    )
    dialogue_learning: float = number(
        0.25, "share of what is not yet known that a month of dialogue can teach", "share", 0.0, 1.0
    )
    dialogue_forgotten: float = number(
        0.05, "share of what dialogue taught that goes stale", "share a month", 0.0, 1.0
    )
    burst_months: int = number(6, "months from one campaign of dialogue to the next", "months", 1, 60)
    dialogue_value: float = number(
        0.4, "utility of offers to who is fully known by dialogue", "utility", 0.0, 10.0
    )
    firms: dict[str, CapabilityDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def relating_capability(orientation: Any, configuration: Any, information: Any, p: Any) -> Any:
    """The relating capability, 0 to 1: a weighted product, so that nothing makes up for a part that is missing.

    Source: Day 2003 for the three parts that work together; Day & Van den Bulte 2002 for their order; form ours.
    """
    parts = (
        (orientation, p.orientation_weight),
        (configuration, p.configuration_weight),
        (information, p.information_weight),
    )
    total = 0.0
    for x, weight in parts:
        total = total + weight * log(np.maximum(x, 0.01))
    return exp(total)


def over_usual(capability: Any, p: Any) -> Any:
    """Capability over that of an ordinary firm: 0 there, 1 at the most, below 0 where it is less, never below -1. Source: ours."""
    return np.maximum((capability - p.usual) / (1.0 - p.usual), -1.0) if p.usual < 1.0 else 0.0 * capability


def leg_balance(marketing: Any, sales: Any, service: Any, p: Any) -> Any:
    """What technology is worth by how it is spread over marketing, sales and service: 1 in balance, towards 0 on one leg.

    A CES mean of the three shares, times 3. Source: Arrow, Chenery, Minhas & Solow 1961 for the form; Peppers & Rogers 1993 for the legs.
    """
    rho, total = p.leg_substitution, np.maximum(marketing + sales + service, 1e-9)
    shares = [np.maximum(x / total, 0.001) for x in (marketing, sales, service)]
    mean = exp(log(sum(exp(rho * log(x)) for x in shares) / 3.0) / rho)
    return clip(3.0 * mean)


def information_of(people: Any, technology: Any, clarity: Any, balance: Any, p: Any) -> Any:
    """Information about relationships (0 to 1) to which effort and software lead: software adds as far as a strategy says what for.

    Source: Rigby, Reichheld & Schefter 2002 for technology times strategy; form ours.
    """
    software = (1.0 - exp(-technology / p.technology_scale)) * balance
    return people + (1.0 - people) * software * clarity


def next_content(content: Any, oriented: Any, overload: Any, pushed: Any, p: Any) -> Any:
    """Employees' satisfaction (0 to 1) a month later: latitude and a goal lift it, overload and pressure to sell lower it. Source: Heskett et al. 1994; form ours."""
    goal = p.content_base + p.content_orientation * oriented - overload - p.content_pressure * pushed
    return clip(content + p.content_speed * (clip(goal) - content))


def staff_leaving(content: Any, p: Any) -> Any:
    """Share of employees who leave in a month: the usual one where they are as content as usual. Source: Heskett et al. 1994; form ours."""
    return clip(p.staff_turnover * exp(p.turnover_slope * (p.content_base - content)))


def next_removed(removed: Any, effort: Any, heard: Any, p: Any) -> Any:
    """Share of the removable causes of failure that are removed, a month later: only what is heard can be traced.

    Source: Fornell & Wernerfelt 1987 for complaints as information; form ours.
    """
    return removed + p.learning_rate * effort * heard * (1.0 - removed) - p.unlearning * removed


def taught(money: Any, p: Any) -> Any:
    """Share of what is not yet known of a customer that a month of dialogue teaches, with falling returns to its money. Source: ours."""
    return p.dialogue_learning * (1.0 - exp(-money / p.dialogue_scale))


def next_known(known: Any, taught: Any, p: Any) -> Any:
    """What dialogue knows of a customer (0 to 1) a month later. Source: ours."""
    kept = known * (1.0 - p.dialogue_forgotten)
    return kept + taught * (1.0 - kept)


# ---------------------------------------------------------------- steps


def begin(market: Any, own: Own) -> None:
    """Every firm begins as an ordinary one."""
    firms = len(market.firms)
    own.state.update({name: np.full(firms, own.p.usual) for name in STOCKS})
    own.state.update(
        content=np.full(firms, own.p.content_base), removed=np.zeros(firms), left=np.zeros(firms)
    )


@loop
def relating_rows(orientation, configuration, information, p, out):
    """The capability of each firm."""
    for f in range(len(out)):
        out[f] = relating_capability(orientation[f], configuration[f], information[f], p)


def capability_of(own: Own) -> np.ndarray:
    """Each firm's relating capability, (F,)."""
    state, out = own.state, np.empty(len(own.state["orientation"]))
    relating_rows(state["orientation"], state["configuration"], state["information"], own.numbers, out)
    return out


def rewards(own: Own, *words: str) -> np.ndarray:
    """Which firms reward one of these, 1 or 0 (F,)."""
    found: np.ndarray = own.follows(
        " ".join(words), lambda: np.array([float(kind in words) for kind in own.words("rewarded_for")])
    )
    return found


Efforts = columns(
    "Efforts", "goals", "disrupted", "pushed", "rewarded", "learning", "dialogue", "bursts", "an_own", "technology"
)  # fmt: skip
"""What follows from what firms decide, by firm: to what the three stocks go, (3, F); quality lost to software; which reward sales, and retention or value; efforts; the cost of efforts, an own customer."""


def efforts_of(own: Own) -> Any:
    """The same, for a loop."""
    found: Any = own.follows("efforts", lambda: _efforts(own))
    return found


def _efforts(own: Own) -> Any:
    from sim.compiled import bundle

    p, technology, learning = own.p, own.decided("technology"), own.decided("learning")
    software = 1.0 - exp(-technology / p.technology_scale)
    return bundle(Efforts(
        _goals(own), p.disruption * software * (1.0 - own.decided("clarity")), rewards(own, "sales"),
        rewards(own, "retention", "value"), learning, own.decided("dialogue"), own.decided("bursts"),
        p.effort_cost * sum(own.decided(name) for name in STOCKS) + p.learning_cost * learning, technology,
    ))  # fmt: skip


def _goals(own: Own) -> np.ndarray:
    """To what the efforts of each firm lead its three stocks, (3, F)."""
    marketing, sales, service = (own.decided(f"{leg}_leg") for leg in ("marketing", "sales", "service"))
    balance = leg_balance(marketing, sales, service, own.p)
    orientation, configuration, people = (own.decided(name) for name in STOCKS)
    information = information_of(people, own.decided("technology"), own.decided("clarity"), balance, own.p)
    return np.array([orientation, configuration, information])


@loop
def better_rows(p, firms, efforts, orientation, configuration, information, removed, over):
    """Capability, ``over`` the usual, multiplies what service and recovery do; software disturbs; removed causes no longer fail."""
    for f in range(len(over)):
        over[f] = over_usual(relating_capability(orientation[f], configuration[f], information[f], p), p)
        firms.quality[f] += p.capability_quality * over[f] - p.push_quality * efforts.pushed[f]
        firms.quality[f] -= efforts.disrupted[f]
        firms.recovery_chance[f] = clip(firms.recovery_chance[f] * (1.0 + p.capability_recovery * over[f]))
        firms.reply_wait[f] -= p.capability_speed * over[f] * firms.reply_days[f]
        firms.reliability[f] = 1.0 - (1.0 - firms.reliability[f]) * (1.0 - p.removable * removed[f])


def relate_better(market: Any, own: Own) -> None:
    """Capability multiplies what service and recovery do; software without a strategy disturbs; removed causes no longer fail."""
    firms, state, over = market.bundled(market.month_of_firms), own.state, np.empty(len(market.firms))
    better_rows(own.numbers, firms, efforts_of(own), *(state[name] for name in (*STOCKS, "removed")), over)
    own.scratch["over"] = over


@loop
def point_rows(p, relevance, over):
    """Messages are more to the point, or less; where nothing was read it is 0."""
    for f in range(len(over)):
        times, values = 1.0 + p.capability_relevance * over[f], relevance[f]
        if times != 1.0:
            for i in range(len(values)):
                values[i] = clip(np.float64(values[i]) * times)


def say_it_better(market: Any, own: Own) -> None:
    """Messages that were read are more to the point with capability."""
    point_rows(own.numbers, market.customers.relevance, own.scratch["over"])


@loop
def know_rows(supplier, known_to, dialogue_known, belief, value, ids, firm, held):
    """Offers to whom the firm knows from a dialogue are worth more: their numbers and suppliers, and beliefs as they were; gives how many."""
    n = 0
    for i in range(len(supplier)):
        ids[n] = i
        n += (known_to[i] >= 0) & (dialogue_known[i] > 0.0)
    for x in range(n):
        i = ids[x]
        f = supplier[i]
        firm[x], held[x] = f, belief[f, i]
        belief[f, i] += value * dialogue_known[i]
    return n


def know(market: Any, own: Own) -> None:
    """An offer by somebody who knows the customer from a dialogue is worth more."""
    c, value = market.customers, np.float32(own.p.dialogue_value)
    ids, firm, held = np.empty(len(c), np.int64), np.empty(len(c), np.int64), np.empty(len(c), np.float32)
    n = know_rows(c.supplier, known_supplier(market), c.dialogue_known, c.belief, value, ids, firm, held)
    own.scratch["held"] = firm[:n], ids[:n], held[:n]


def forget_it(market: Any, own: Own) -> None:
    """Beliefs are as they were; a new supplier begins a new dialogue."""
    c = market.customers
    firm, ids, belief = own.scratch.pop("held")
    c.belief[firm, ids] = belief
    forget_rows(c.supplier, c.supplier_before, np.float32(0.0), c.dialogue_known)


PushColumns = columns(
    "PushColumns", "supplier_before", "tenure", "discount", "month_spent_cents", "month_profit_cents"
)  # fmt: skip


@loop
def push_rows(c, p, known_to, pushed, price, unit_cost, term, lines, ledger, signs):
    """Who stays with a firm that rewards sales is sold more, as a share of the month's purchases and visits; the goods cost what they cost at list price.

    ``pushed``: which firms, (F,) above 0; ``term``: months of a contract, only at whose end more is sold, 0 without contracts.
    """
    for i in range(len(known_to)):
        f = known_to[i]
        if f < 0 or pushed[max(f, 0)] == 0.0 or c.supplier_before[i] != f:
            continue
        if term > 0 and (c.tenure[i] == 0 or c.tenure[i] % term != 0):
            continue
        sold = p.sales_push * 0.01 * c.month_spent_cents[i]
        goods = sold / (price[f] * (1.0 - np.float64(c.discount[i]))) * unit_cost[f]
        enter(ledger, signs, c.month_profit_cents, f, i, lines[0], sold)
        enter(ledger, signs, c.month_profit_cents, f, i, lines[1], goods)


def push(market: Any, own: Own) -> None:
    """Where sales are rewarded, who is known to the firm and stays is sold more than he came for; under contract only where it ends."""
    pushed = rewards(own, "sales")
    if not pushed.any():
        return
    book, firms = market.ledger, market.month_of_firms
    term = int(market.tables.buy.term) if under_contract(market) else 0
    push_rows(
        market.customers.bundle(PushColumns), own.numbers, known_supplier(market), pushed, firms.price,
        1.0 - firms.unit_margin, term, np.array(own.place(market, "pushed_sales", "pushed_goods")), book.current, book.signs,
    )  # fmt: skip


def _cared_for(own: Own) -> dict[int, str]:
    """The firms that reward retention or value, and which of them."""
    return {f: kind for f, kind in enumerate(own.words("rewarded_for")) if kind in ("retention", "value")}


def care(market: Any, own: Own) -> None:
    """Where retention or value is rewarded employees care for half of those whom they know and serve: the least content, or those who bring most."""
    for f, kind in own.follows("cared for", lambda: _cared_for(own)).items():
        c, known_to = market.customers, known_supplier(market)
        ids = np.flatnonzero((known_to == f) & ((c.bought > 0) | (c.visited > 0)))
        order = np.argsort(
            c.satisfaction[ids] if kind == "retention" else -c.recent_profit[f, ids], kind="stable"
        )
        half = ids[order[: (len(ids) + 1) // 2]]
        c.satisfaction[half] = clip(c.satisfaction[half] + own.p.reward_care, -1.0, 1.0)


@loop
def firm_rows(
    p, efforts, overload, asked, counts, orientation, configuration, information, content, left, removed
):
    """Employees are content or leave; causes of failure are removed; stocks follow the efforts. ``asked``: share of customers in a survey."""
    for f in range(len(content)):
        oriented = over_usual(orientation[f], p)
        content[f] = next_content(content[f], oriented, overload[f], efforts.pushed[f], p)
        left[f] = staff_leaving(content[f], p)
        failures = counts[f, _FAILURES]
        heard = max(counts[f, _VOICED] / failures if failures > 0 else 0.0, asked[f])
        removed[f] = next_removed(removed[f], efforts.learning[f], heard, p)
        orientation[f] += p.build_speed * (efforts.goals[0, f] - orientation[f])
        configuration[f] += p.build_speed * (efforts.goals[1, f] - configuration[f])
        information[f] += p.build_speed * (efforts.goals[2, f] - information[f])


KnownColumns = columns("KnownColumns", "supplier", "dialogue_known", "month_profit_cents")


@loop
def pay_rows(
    c,
    p,
    efforts,
    known_to,
    heads,
    leaving,
    campaign,
    dialogue,
    capability,
    technology,
    replaced,
    ledger,
    signs,
):
    """Dialogue teaches, and is paid customer by customer, in campaigns or all the time; the rest by the firm; on four lines.

    ``leaving``: employees who leave, by firm. ``campaign``: how many months' money a campaign costs in this one.
    """
    cents = np.zeros(len(heads) + 1, dtype=np.int64)  # the last of nobody, whom no firm knows
    teaches = np.zeros(len(cents))
    for f in range(len(heads)):
        money = efforts.dialogue[f] * (campaign if efforts.bursts[f] > 0.0 else 1.0)
        cents[f], teaches[f] = np.int64(np.rint(money * 100.0)), taught(money, p)
        known = 0
        for i in range(len(known_to)):
            known += known_to[i] == f
        effort = heads[f] * efforts.an_own[f] + p.reward_cost * efforts.rewarded[f] * known
        ledger[f, dialogue] += cents[f] * known
        ledger[f, capability] += np.int64(np.rint(effort * 100.0))
        ledger[f, technology] += np.int64(np.rint(heads[f] * efforts.technology[f] * 100.0))
        ledger[f, replaced] += np.int64(np.rint(leaving[f] * p.replacing_cost * 100.0))
    for i in range(len(known_to)):
        after = next_known(np.float64(c.dialogue_known[i]), teaches[known_to[i]], p)
        c.dialogue_known[i] = after if c.supplier[i] >= 0 else c.dialogue_known[i]
        c.month_profit_cents[i] += signs[dialogue] * cents[known_to[i]]


def learn(market: Any, own: Own) -> None:
    """Stocks follow the efforts; employees are content or leave; causes of failure are removed; dialogue teaches; all of it is paid."""
    p, state, book, efforts = own.p, own.state, market.ledger, efforts_of(own)
    asked = np.array([float(firm.plan.survey) for firm in market.firms])
    staff = np.array([float(firm.staff or 0.0) for firm in market.firms])
    overload, kept = market.month_of_firms.overload, (state[name] for name in STATE)
    firm_rows(own.numbers, efforts, overload, asked, book.current_counts, *kept)
    people = zip(market.firms, state["left"].tolist(), state["content"].tolist(), strict=True)
    for firm, left, content in people:
        extra = left - p.staff_turnover  # the core's training and forgetting have the usual turnover in them
        firm.skill = min(max(firm.skill * (1.0 - extra * (1.0 - p.newcomer_skill)), 0.0), 1.0)
        moved = p.content_morale * (content - p.content_base)
        firm.morale = min(max(firm.morale + moved, 0.0), 1.0)
    lines = own.place(market, "dialogue", "relating_capability", "technology", "staff_replaced")
    campaign = float(p.burst_months) * float(market.month % p.burst_months == 0)
    pay_rows(
        market.customers.bundle(KnownColumns), own.numbers, efforts, known_supplier(market), own_heads(market), state["left"] * staff,
        campaign, *lines, book.current, book.signs,
    )  # fmt: skip


# ---------------------------------------------------------------- what is measured


def relating(market: Any, own: Own) -> np.ndarray:
    """Relating capability of a firm. Unit: share. Source: Day 2003."""
    return capability_of(own)


def employee_satisfaction(market: Any, own: Own) -> np.ndarray:
    """How content a firm's employees are: it leads their morale, and so customers' satisfaction. Unit: share. Source: Heskett et al. 1994."""
    return own.state["content"].copy()


def employee_turnover(market: Any, own: Own) -> np.ndarray:
    """Share of employees who left this month. Unit: share a month. Source: Heskett et al. 1994."""
    return own.state["left"].copy()


def causes_removed(market: Any, own: Own) -> np.ndarray:
    """Share of the removable causes of failure that learning has removed. Unit: share. Source: Fornell & Wernerfelt 1987."""
    return own.state["removed"].copy()


MECHANISM = Mechanism(
    name="capability",
    about=__doc__,
    table=CapabilityTable,
    decisions=CapabilityDecisions,
    columns=(Column("dialogue_known", "float32", "customer", "share", "what dialogue taught the supplier of the customer"),),
    lines=(
        Activity("pushed_sales", 1, True, "other", "what is sold beside the purchase where sales are rewarded"),
        Activity("pushed_goods", -1, True, "other", "cost of those goods"),
        Activity("dialogue", -1, True, "retention", "dialogue with own customers"),
        Activity("relating_capability", -1, False, "other", "orientation, configuration, information, learning, rewards"),
        Activity("technology", -1, False, "other", "software for relationships"),
        Activity("staff_replaced", -1, False, "other", "replacing employees who left"),
    ),
    equations=(
        relating_capability, over_usual, leg_balance, information_of, next_content, staff_leaving, next_removed, taught, next_known,
    ),
    steps=(
        Step("after", "decide", relate_better),
        Step("after", "contact", say_it_better),
        Step("before", "buy", know),
        Step("after", "buy", forget_it),
        Step("after", "buy", push),
        Step("after", "serve", care),
        Step("after", "relate", learn),
    ),
    begin=begin,
    metrics={
        "relating": relating, "employee_satisfaction": employee_satisfaction, "employee_turnover": employee_turnover,
        "causes_removed": causes_removed,
    },
)  # fmt: skip
