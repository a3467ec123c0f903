"""The stage `serve`: load and overload, experience, failure, complaint, recovery, satisfaction.

The three phases of service: before the sale promises set what is expected; during it people, skill
and load make the experience; after it complaints are heard or not, and answered well or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.behaviours.frame import cents, clip, parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop, part, step
from sim.draws import BLOCK, CODES, draw, exponential, normal
from sim.ledger import SUM_ROWS, A, C
from sim.maths import exp, tanh
from sim.scenario.parameters import ServeTable
from sim.scenario.words import PENDING_BY

if TYPE_CHECKING:
    from sim.market import Market

READS = (
    "supplier",
    "service_intensity",
    "relationship_orientation",
    "level",
    "bought",
    "visited",
    "month_spent_cents",
    "fired_by",
)
CHANGES = (
    "satisfaction", "loyalty", "trust", "pending", "pending_by", "mood", "mood_firm", "hurt", "belief", "heard",
    "complaints", "failed", "month_profit_cents",
)  # fmt: skip
DRAWS = ("fails", "experience", "severity", "voices", "recovered", "quickly", "thinks", "recovered_happy")

ServeColumns = column_tuple("ServeColumns", READS + CHANGES, __name__)
ServeParameters = parameter_tuple(
    "ServeParameters", ServeTable, __name__, extra=("contact_cost", "contact_time")
)

_SERVICE, _ANSWER = CODES["fails"], CODES["recovered"]
_UNHAPPY_BY, _FAILURE_BY = PENDING_BY.index("unhappy"), PENDING_BY.index("failure")
_MATERIALS, _LABOUR, _LEVEL_LABOUR, _RECOVERY = (
    A["materials"],
    A["service_labour"],
    A["level_labour"],
    A["recovery"],
)
_FAILURES, _VOICED, _RESOLVED, _QUICKLY = C["failures"], C["voiced"], C["resolved"], C["resolved_quickly"]
_UNHAPPY, _HAPPY = C["unhappy"], C["happy"]
_NOT_RECOVERED, _SLOW, _QUICK = range(3)


@equation
def agent_capacity(skill, p):
    """Agent-months of load that one agent carries in a month. Source: ours."""
    return p.base_capacity + p.skill_capacity * skill


@equation
def encounter_load(encounters, intensity, self_service, p):
    """Agent-months of load of a customer's encounters in a month. Source: ours."""
    return encounters * intensity * (1.0 - p.self_service_relief * self_service) * p.encounter_load


@equation
def materials_used(encounters, intensity, self_service, p):
    """Materials of a customer's encounters in a month, in money. Source: ours."""
    return encounters * intensity * (1.0 - p.self_service_relief * self_service) * p.materials


@equation
def overload(load, capacity):
    """Share by which the load is above capacity, 0 if it is not; 1 where there is load and no staff."""
    return max(0.0, load / capacity - 1.0) if capacity > 0.0 else (1.0 if load > 0.0 else 0.0)


@equation
def chance_failure(reliability, prevented, overload, p):
    """Chance that an encounter fails. Source: ours; overload's weight fitted."""
    return min(1.0, (1.0 - reliability) * (1.0 - prevented) * (1.0 + p.overload_failures * overload))


@equation
def experience(quality, skill, morale, self_service, lift, orientation, overload, noise, p):
    """Experience of an encounter without failure, in utility; 0 is the market's average. Source: ours."""
    personal = p.personal * (skill * morale - p.personal_norm) * (1.0 - self_service)
    return quality + personal + lift * (0.5 + orientation) - p.overload_quality * overload + p.noise * noise


@equation
def disconfirmation(experience, belief, norm, promise, p):
    """Experience less what was expected: own belief, and the market's norm raised by the firm's promise.

    Source: Oliver 1980; Cadotte, Woodruff & Jenkins 1987 (experience-based norms); weights ours.
    """
    return experience - (p.own_norm_weight * belief + (1.0 - p.own_norm_weight) * (norm + promise))


@equation
def felt(disconfirmation, p):
    """Disconfirmation as it is felt: shortfalls weigh more. Source: Anderson & Sullivan 1993; size ours."""
    return disconfirmation if disconfirmation >= 0.0 else p.loss_weight * disconfirmation


@equation
def next_satisfaction(satisfaction, felt, p):
    """Satisfaction (-1 to 1) after an encounter. Source: ours."""
    return clip((1.0 - p.satisfaction_weight) * satisfaction + p.satisfaction_weight * tanh(felt), -1.0, 1.0)


@equation
def next_belief(belief, experience, rate):
    """Belief moves part of the way to what was experienced. Source: ours, fitted."""
    return belief + rate * (experience - belief)


@equation
def chance_voice(heard, severity, p):
    """Chance that a failure is voiced: rises with severity, and with how well the level listens.

    Odds are those of the level, times severity over its mean. At the level reactive 3 % at severity
    0.06 and 69 to 73 % at 6 (Goodman & Newman 2003: minor problem 3 %, large loss 69 %).
    """
    odds = heard / (1.0 - heard) * severity / p.severity
    return odds / (1.0 + odds)


@equation
def chance_recovery(base, skill, p):
    """Chance that a voiced failure is recovered. Source: ours, fitted; order TARP 1979/1986."""
    return base * (1.0 - p.recovery_skill + p.recovery_skill * skill)


@equation
def chance_quick(reply_days, overload, p):
    """Chance that a recovery is quick. Source: ours."""
    return exp(-reply_days * (1.0 + p.overload_failures * overload) / p.quick_days)


@equation
def next_norm(norm, mean_experience, p):
    """The market's norm: a moving average of experiences. Source: Cadotte, Woodruff & Jenkins 1987; rate ours."""
    return norm + p.norm_rate * (mean_experience - norm)


@equation
def training_effect(training, p):
    """Effect of training per agent (money a month), 0 to 1, saturating. Source: ours."""
    return 1.0 - exp(-training / p.training_scale)


@equation
def next_morale(morale, effect, overload, p):
    """Morale (0 to 1) next month: training lifts it, overload wears it down. Source: ours."""
    return clip(
        morale + p.morale_rate * (p.morale_base + p.morale_training * effect - overload - morale), 0.0, 1.0
    )


@equation
def next_skill(skill, effect, p):
    """Skill (0 to 1) next month: trained and forgotten. Source: ours."""
    return clip(skill + p.skill_gain * effect * (1.0 - skill) - p.skill_loss * skill, 0.0, 1.0)


@equation
def next_staff(staff, load, capacity_an_agent, p):
    """Staff that follows the load. Source: ours."""
    return staff + p.staff_speed * (load / (p.target_load * capacity_an_agent) - staff)


@loop
def load_rows(c, room, start, stop, month, key0, key1, p, firms, levels, ledger, sums):
    """Load of the month by firm: sums[block of SUM_ROWS, firm] in agent-months; materials and labour are booked."""
    load, materials, encounters = room.numbers[0], room.numbers[1], room.numbers[2]
    intensity, relief = room.numbers[3], room.numbers[4]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        supplier, bought, visited = c.supplier[lo : lo + n], c.bought[lo : lo + n], c.visited[lo : lo + n]
        demand = c.service_intensity[lo : lo + n]
        for j in range(n):
            encounters[j] = float(bought[j]) + float(visited[j])
            intensity[j] = demand[j]
        for j in range(n):
            relief[j] = firms.self_service[max(supplier[j], 0)]
        for j in range(n):
            load[j] = encounter_load(encounters[j], intensity[j], relief[j], p)
        for j in range(n):
            materials[j] = materials_used(encounters[j], intensity[j], relief[j], p)
        _book_load(c, lo, n, supplier, encounters, load, materials, p, firms, levels, ledger, sums)


@part
def _book_load(c, lo, n, supplier, encounters, load, materials, p, firms, levels, ledger, sums):
    """Materials and labour of a block go to the ledger and to accounts, its load to the sums."""
    level, month_profit = c.level[lo : lo + n], c.month_profit_cents[lo : lo + n]
    place = lo // SUM_ROWS
    for j in range(n):
        f = supplier[j]
        if f < 0:
            continue
        rate = p.agent_cost / firms.capacity[f]
        time = levels.time[level[j]] * p.contact_time
        entry = cents(time * rate)
        ledger[f, _LEVEL_LABOUR] += entry
        work = 0.0
        if encounters[j] > 0.0:
            work = load[j]
            used = cents(materials[j])
            labour = cents(work * rate)
            ledger[f, _MATERIALS] += used
            ledger[f, _LABOUR] += labour
            entry += used + labour
        sums[place, f] += work + time
        month_profit[j] -= entry


# Rows of the scratch: who is served, the firm, what failed, moods of the month; numbers in the order of use.
_WHO, _FIRM, _UNHAPPY_NOW, _HAPPY_NOW, _FAILED = range(5)
_BELIEF, _SATISFIED, _ORIENTATION, _LIFT, _NOISE, _SEVERITY, _HAD, _WEIGHED, _RATE, _CHANCES = range(10)


@loop
def serve_rows(c, room, start, stop, month, key0, key1, p, firms, levels, norm, ledger, counts, sums):
    """The stage over customers start to stop; sums[block, 0:2] are experiences and encounters."""
    who, unhappy, happy = room.lists[_WHO], room.lists[_UNHAPPY_NOW], room.lists[_HAPPY_NOW]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        bought, visited = c.bought[lo : lo + n], c.visited[lo : lo + n]
        most = np.int64(0)
        for j in range(n):
            who[j] = j
            unhappy[j] = 0
            happy[j] = 0
            most = max(most, np.int64(bought[j]) + np.int64(visited[j]))
        m = n
        for e in range(most):
            k = 0
            for x in range(m):
                j = who[x]
                who[k] = j
                k += 1 if np.int64(bought[j]) + np.int64(visited[j]) > e else 0
            m = k
            draw(lo, who, m, e, month, _SERVICE, key0, key1, room.words[0])
            draw(lo, who, m, e, month, _ANSWER, key0, key1, room.words[1])
            experience_encounters(c, room, lo, m, p, firms, levels, norm, sums)
            remember_encounters(c, room, lo, m, p, firms, levels, ledger, counts)
        _settle_moods(c, lo, n, unhappy, happy)


@part
def _settle_moods(c, lo, n, unhappy, happy):
    """The mood of the month: being fired, else an unhappy encounter, else a complaint about mail, else a happy one."""
    supplier, fired_by, mood, mood_firm = c.supplier, c.fired_by, c.mood, c.mood_firm
    for j in range(n):
        i = lo + j
        if unhappy[j] + happy[j] == 0 or fired_by[i] >= 0:
            continue
        if unhappy[j] > 0:
            mood[i] = -1
            mood_firm[i] = supplier[i]
        elif mood[i] == 0:
            mood[i] = 1
            mood_firm[i] = supplier[i]


@step
def experience_encounters(c, room, lo, m, p, firms, levels, norm, sums):
    """One encounter of each of the m listed at the supplier: failure or not, experience, what is felt."""
    who, firm, u = room.lists[_WHO], room.lists[_FIRM], room.words[0]
    beliefs, satisfied, orientation = (
        room.numbers[_BELIEF],
        room.numbers[_SATISFIED],
        room.numbers[_ORIENTATION],
    )
    lift, noise, severity = room.numbers[_LIFT], room.numbers[_NOISE], room.numbers[_SEVERITY]
    had, weighed, chances = room.numbers[_HAD], room.numbers[_WEIGHED], room.numbers[_CHANCES]
    supplier, level, belief, satisfaction = c.supplier, c.level, c.belief, c.satisfaction
    for x in range(m):
        i = lo + who[x]
        f = np.int64(supplier[i])
        firm[x] = f
        beliefs[x] = belief[f, i]
        satisfied[x] = satisfaction[i]
        orientation[x] = c.relationship_orientation[i]
        lift[x] = levels.lift[level[i]]
        chances[x] = chance_failure(firms.reliability[f], levels.prevented[level[i]], firms.overload[f], p)
    for x in range(m):
        noise[x] = normal(u[1, x])
    for x in range(m):
        severity[x] = 0.0
    for x in range(m):
        if u[0, x] < chances[x]:
            severity[x] = p.severity * exponential(u[2, x])
    for x in range(m):
        f = firm[x]
        had[x] = experience(
            firms.quality[f], firms.skill[f], firms.morale[f], firms.self_service[f], lift[x], orientation[x],
            firms.overload[f], noise[x], p,
        ) - severity[x]  # fmt: skip
    for x in range(m):
        weighed[x] = felt(disconfirmation(had[x], beliefs[x], norm, firms.promise[firm[x]], p), p)
    for x in range(m):
        satisfied[x] = next_satisfaction(satisfied[x], weighed[x], p)
    total, place = sums[lo // SUM_ROWS, 0], lo // SUM_ROWS
    for x in range(m):
        total += had[x]
    sums[place, 0] = total
    sums[place, 1] += float(m)


@step
def remember_encounters(c, room, lo, m, p, firms, levels, ledger, counts):
    """What encounters leave behind: voice and recovery, trust, belief, mood, thinking again."""
    who, firm, failed = room.lists[_WHO], room.lists[_FIRM], room.lists[_FAILED]
    beliefs, severity, had = room.numbers[_BELIEF], room.numbers[_SEVERITY], room.numbers[_HAD]
    rate, weighed, satisfied = room.numbers[_RATE], room.numbers[_WEIGHED], room.numbers[_SATISFIED]
    k = 0
    for x in range(m):
        rate[x] = p.belief_rate
        failed[k] = x
        k += 1 if severity[x] > 0.0 else 0
    mood, open_still = room.flags[0], room.flags[1]
    for x in range(m):
        mood[x] = 1 if weighed[x] < p.unhappy_below else (2 if weighed[x] > p.happy_above else 0)
        open_still[x] = 0
    _answer_failures(c, room, lo, k, p, firms, levels, ledger, counts)
    for x in range(m):
        beliefs[x] = next_belief(beliefs[x], had[x], rate[x])
    belief, heard, hurt, satisfaction = c.belief, c.heard, c.hurt, c.satisfaction
    for x in range(m):
        i, f = lo + who[x], firm[x]
        satisfaction[i] = satisfied[x]
        belief[f, i] = beliefs[x]
        heard[f, i] = (1.0 - rate[x]) * float(heard[f, i])
        hurt[i] = (1.0 - rate[x]) * float(hurt[i]) + rate[x] * severity[x]
    _take_mood(c, room, lo, m, p, counts)


@part
def _take_mood(c, room, lo, m, p, counts):
    """Who is unhappy or happy now; that may set or clear thinking again."""
    who, firm, v = room.lists[_WHO], room.lists[_FIRM], room.words[1]
    unhappy, happy = room.lists[_UNHAPPY_NOW], room.lists[_HAPPY_NOW]
    severity, mood, open_still = room.numbers[_SEVERITY], room.flags[0], room.flags[1]
    pending, pending_by = c.pending, c.pending_by
    for x in range(m):
        i, f = lo + who[x], firm[x]
        if mood[x] == 1:
            unhappy[who[x]] = 1
            counts[f, _UNHAPPY] += 1
            if v[2, x] < (p.unresolved_pending if open_still[x] != 0 else p.unhappy_pending):
                pending[i] = 1
                pending_by[i] = max(pending_by[i], _FAILURE_BY if severity[x] > 0.0 else _UNHAPPY_BY)
        elif mood[x] == 2:
            happy[who[x]] = 1
            counts[f, _HAPPY] += 1
            if v[2, x] < p.happy_clears:
                pending[i] = 0
                pending_by[i] = 0


@part
def _answer_failures(c, room, lo, k, p, firms, levels, ledger, counts):
    """The k failures are voiced or not, recovered or not: satisfaction, loyalty, trust, mood and memory follow."""
    who, firm, failed, u, v = (
        room.lists[_WHO],
        room.lists[_FIRM],
        room.lists[_FAILED],
        room.words[0],
        room.words[1],
    )
    severity, rate, satisfied = room.numbers[_SEVERITY], room.numbers[_RATE], room.numbers[_SATISFIED]
    mood, open_still = room.flags[0], room.flags[1]
    for y in range(k):
        x = failed[y]
        i, f = lo + who[x], firm[x]
        counts[f, _FAILURES] += 1
        c.failed[i] = 1
        trust = float(c.trust[i])
        if u[3, x] >= chance_voice(levels.heard[c.level[i]], severity[x], p):
            c.trust[i] = trust - p.trust_loss_silent * trust
            continue
        answer = _answer(c, i, f, x, p, firms, v, ledger, counts)
        if answer == _NOT_RECOVERED:
            open_still[x] = 1
            c.trust[i] = trust - p.trust_loss_voiced * trust
            continue
        quick = answer == _QUICK
        rate[x] = p.belief_rate * (p.quick_kept if quick else p.slow_kept)
        satisfied[x] = clip(
            satisfied[x] + (p.quick_satisfaction if quick else p.slow_satisfaction), -1.0, 1.0
        )
        loyalty = float(c.loyalty[i]) + (p.quick_loyalty if quick else p.slow_loyalty)
        c.loyalty[i] = clip(loyalty, 0.0, 1.0)
        mood[x] = 2 if v[3, x] < p.recovered_happy else 0


@part
def _answer(c, i, f, x, p, firms, v, ledger, counts):
    """Answer a voiced failure; returns whether it is recovered, and quickly so."""
    counts[f, _VOICED] += 1
    c.complaints[f, i] = min(c.complaints[f, i] + 1, 255)
    cost = cents(p.contact_cost / firms.reply_days[f])
    answer = _NOT_RECOVERED
    if v[0, x] < chance_recovery(firms.recovery_chance[f], firms.skill[f], p):
        counts[f, _RESOLVED] += 1
        encounters = float(c.bought[i]) + float(c.visited[i])
        spend = c.month_spent_cents[i] * 0.01 / encounters
        cost += cents(firms.recovery_cost[f] + firms.recovery_share[f] * spend)
        answer = _SLOW
        if v[1, x] < chance_quick(firms.reply_days[f] + firms.reply_wait[f], firms.overload[f], p):
            counts[f, _QUICKLY] += 1
            answer = _QUICK
    ledger[f, _RECOVERY] += cost
    c.month_profit_cents[i] -= cost
    return answer


def serve(market: Market) -> None:
    """Load fixes each firm's overload; then every encounter of the month is served, in order."""
    tables = market.tables
    p = parameters(
        ServeParameters,
        tables.serve,
        contact_cost=tables.decide.contact_cost,
        contact_time=tables.decide.contact_time,
    )
    firms = market.month_of_firms
    sums = market.block_sums(len(market.firms))
    market.rows("serve", ServeColumns, p, firms, market.levels, loop="load_rows", ledger=True, sums=sums)
    load = sums.sum_in_order()
    for firm in market.firms:
        firm.load = float(load[firm.place])
        if firm.staff is None:
            firm.staff = firm.load / (p.target_load * float(firms.capacity[firm.place]))
        capacity = firm.staff * float(firms.capacity[firm.place])
        firm.utilization = firm.load / capacity if capacity > 0.0 else np.nan
        firms.overload[firm.place] = market.call("serve.overload", firm.load, capacity)
    sums = market.block_sums(2)
    market.rows(
        "serve", ServeColumns, p, firms, market.levels, market.norm, ledger=True, counts=True, sums=sums
    )
    total, encounters = sums.sum_in_order()
    if encounters > 0.0:
        market.norm = float(market.call("serve.next_norm", market.norm, float(total) / float(encounters), p))
    for firm in market.firms:
        _renew_staff(market, firm, p)


def _renew_staff(market: Market, firm: Any, p: Any) -> None:
    """Pay the staff; then morale, skill and automatic staff for next month."""
    f = firm.place
    plan = firm.plan
    paid = market.cents(firm.staff * p.agent_cost)
    market.ledger.enter(
        f, "idle_labour", paid - int(market.ledger.current[f, [_LABOUR, _LEVEL_LABOUR]].sum())
    )
    market.ledger.enter(f, "training", market.cents(plan.training * firm.staff))
    effect = market.call("serve.training_effect", float(plan.training), p)
    overloaded = float(market.month_of_firms.overload[f])
    firm.morale = float(market.call("serve.next_morale", firm.morale, effect, overloaded, p))
    firm.skill = float(market.call("serve.next_skill", firm.skill, effect, p))
    if plan.staff == "auto":
        capacity = market.call("serve.agent_capacity", firm.skill, p)
        firm.staff = float(market.call("serve.next_staff", firm.staff, firm.load, capacity, p))
