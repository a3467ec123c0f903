"""The stage `serve`: load and overload, experience, failure, complaint, recovery, satisfaction.

The three phases of service: before the sale promises set what is expected; during it people, skill
and load make the experience; after it complaints are heard or not, and answered well or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.behaviours.frame import cents, clip, parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop, part
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
def load_rows(c, start, stop, month, key0, key1, p, firms, levels, ledger, sums):
    """Load of the month by firm: sums[block of SUM_ROWS, firm] in agent-months; materials and labour are booked."""
    supplier, bought, visited, level = c.supplier, c.bought, c.visited, c.level
    intensity, month_profit = c.service_intensity, c.month_profit_cents
    for i in range(start, stop):
        f = supplier[i]
        if f < 0:
            continue
        encounters = float(bought[i]) + float(visited[i])
        rate = p.agent_cost / firms.capacity[f]
        time = levels.time[level[i]] * p.contact_time
        entry = cents(time * rate)
        ledger[f, _LEVEL_LABOUR] += entry
        load = 0.0
        if encounters > 0.0:
            load = encounter_load(encounters, float(intensity[i]), firms.self_service[f], p)
            materials = cents(materials_used(encounters, float(intensity[i]), firms.self_service[f], p))
            labour = cents(load * rate)
            ledger[f, _MATERIALS] += materials
            ledger[f, _LABOUR] += labour
            entry += materials + labour
        sums[i // SUM_ROWS, f] += load + time
        month_profit[i] -= entry


@loop
def serve_rows(c, start, stop, month, key0, key1, p, firms, levels, norm, ledger, counts, sums):
    """The stage over customers start to stop; sums[block, 0:2] are experiences and encounters."""
    who = np.empty(BLOCK, dtype=np.int64)
    u = np.empty((4, BLOCK))
    v = np.empty((4, BLOCK))
    scratch = np.empty((5, BLOCK))
    unhappy = np.empty(BLOCK, dtype=np.int64)
    happy = np.empty(BLOCK, dtype=np.int64)
    bought, visited = c.bought, c.visited
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        most = np.int64(0)
        for j in range(n):
            unhappy[j] = 0
            happy[j] = 0
            most = max(most, np.int64(bought[lo + j]) + np.int64(visited[lo + j]))
        for e in range(most):
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if np.int64(bought[lo + j]) + np.int64(visited[lo + j]) > e else 0
            draw(lo, who, m, e, month, _SERVICE, key0, key1, u)
            draw(lo, who, m, e, month, _ANSWER, key0, key1, v)
            _encounters(
                c, lo, who, m, p, firms, levels, norm, u, v, scratch, unhappy, happy, ledger, counts, sums
            )
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


@part
def _encounters(c, lo, who, m, p, firms, levels, norm, u, v, scratch, unhappy, happy, ledger, counts, sums):
    """One encounter of each of who[:m] at the supplier: failure and experience, then answer and memory."""
    supplier, level, orientation, beliefs, satisfactions = (
        c.supplier,
        c.level,
        c.relationship_orientation,
        c.belief,
        c.satisfaction,
    )
    noise, severity, had, weighed, satisfied = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    place = lo // SUM_ROWS
    words = u[1]
    for x in range(m):
        noise[x] = normal(words[x])
    for x in range(m):
        i = lo + who[x]
        f = supplier[i]
        rank = level[i]
        failed = u[0, x] < chance_failure(firms.reliability[f], levels.prevented[rank], firms.overload[f], p)
        severity[x] = p.severity * exponential(u[2, x]) if failed else 0.0
        had[x] = experience(
            firms.quality[f], firms.skill[f], firms.morale[f], firms.self_service[f], levels.lift[rank],
            float(orientation[i]), firms.overload[f], noise[x], p,
        ) - severity[x]  # fmt: skip
        weighed[x] = felt(disconfirmation(had[x], float(beliefs[f, i]), norm, firms.promise[f], p), p)
        satisfied[x] = satisfactions[i]
        sums[place, 0] += had[x]
        sums[place, 1] += 1.0
    for x in range(m):
        satisfied[x] = next_satisfaction(satisfied[x], weighed[x], p)
    _remember(
        c,
        lo,
        who,
        m,
        p,
        firms,
        levels,
        u,
        v,
        severity,
        had,
        weighed,
        satisfied,
        unhappy,
        happy,
        ledger,
        counts,
    )


@part
def _remember(
    c, lo, who, m, p, firms, levels, u, v, severity, had, weighed, satisfied, unhappy, happy, ledger, counts
):
    """What encounters leave behind: mood, voice and recovery, trust, belief, thinking again."""
    supplier, level, beliefs, satisfactions = c.supplier, c.level, c.belief, c.satisfaction
    trusts, loyalties, heard, hurt = c.trust, c.loyalty, c.heard, c.hurt
    pending, pending_by, has_failed = c.pending, c.pending_by, c.failed
    for x in range(m):
        i = lo + who[x]
        f = supplier[i]
        failed = severity[x] > 0.0
        satisfaction = satisfied[x]
        mood = -1 if weighed[x] < p.unhappy_below else (1 if weighed[x] > p.happy_above else 0)
        kept = 1.0
        unresolved = False
        if failed:
            counts[f, _FAILURES] += 1
            has_failed[i] = 1
            trust = float(trusts[i])
            if u[3, x] < chance_voice(levels.heard[level[i]], severity[x], p):
                answer = _answer(c, i, f, x, p, firms, v, ledger, counts)
                unresolved = answer == _NOT_RECOVERED
                if unresolved:
                    trusts[i] = trust - p.trust_loss_voiced * trust
                else:
                    quick = answer == _QUICK
                    kept = p.quick_kept if quick else p.slow_kept
                    gain = p.quick_satisfaction if quick else p.slow_satisfaction
                    satisfaction = clip(satisfaction + gain, -1.0, 1.0)
                    loyalty = float(loyalties[i]) + (p.quick_loyalty if quick else p.slow_loyalty)
                    loyalties[i] = clip(loyalty, 0.0, 1.0)
                    mood = 1 if v[3, x] < p.recovered_happy else 0
            else:
                trusts[i] = trust - p.trust_loss_silent * trust
        rate = p.belief_rate * kept
        satisfactions[i] = satisfaction
        beliefs[f, i] = next_belief(float(beliefs[f, i]), had[x], rate)
        heard[f, i] = (1.0 - rate) * float(heard[f, i])
        hurt[i] = (1.0 - rate) * float(hurt[i]) + rate * severity[x]
        if mood < 0:
            unhappy[who[x]] = 1
            counts[f, _UNHAPPY] += 1
            if v[2, x] < (p.unresolved_pending if unresolved else p.unhappy_pending):
                pending[i] = 1
                pending_by[i] = max(pending_by[i], _FAILURE_BY if failed else _UNHAPPY_BY)
        if mood > 0:
            happy[who[x]] = 1
            counts[f, _HAPPY] += 1
            if v[2, x] < p.happy_clears:
                pending[i] = 0
                pending_by[i] = 0


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
        if v[1, x] < chance_quick(firms.reply_days[f], firms.overload[f], p):
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
