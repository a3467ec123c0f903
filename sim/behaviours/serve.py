"""The stage `serve`: load and overload, experience, failure, complaint, recovery, satisfaction.

The three phases of service: before the sale promises set what is expected; during it people, skill
and load make the experience; after it complaints are heard or not, and answered well or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.behaviours.frame import cents, clip, parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, helper, loop
from sim.draws import BLOCK, CODES, draw, exponential, normal
from sim.ledger import SUM_ROWS, A, C
from sim.maths import exp, tanh
from sim.scenario.parameters import ServeTable
from sim.scenario.words import PENDING_BY

if TYPE_CHECKING:
    from sim.market import Market

READS = ("supplier", "service_intensity", "relationship_orientation", "level", "bought", "visited", "month_spent_cents", "fired_by")
CHANGES = (
    "satisfaction", "loyalty", "trust", "pending", "pending_by", "mood", "mood_firm", "hurt", "belief", "heard",
    "complaints", "failed", "month_profit_cents",
)  # fmt: skip
DRAWS = ("fails", "experience", "severity", "voices", "recovered", "quickly", "thinks", "recovered_happy")

ServeColumns = column_tuple("ServeColumns", READS + CHANGES, __name__)
ServeParameters = parameter_tuple("ServeParameters", ServeTable, __name__, extra=("contact_cost", "contact_time"))

_SERVICE, _ANSWER = CODES["fails"], CODES["recovered"]
_UNHAPPY_BY, _FAILURE_BY = PENDING_BY.index("unhappy"), PENDING_BY.index("failure")
_MATERIALS, _LABOUR, _LEVEL_LABOUR, _RECOVERY = A["materials"], A["service_labour"], A["level_labour"], A["recovery"]
_FAILURES, _VOICED, _RESOLVED, _QUICKLY = C["failures"], C["voiced"], C["resolved"], C["resolved_quickly"]
_UNHAPPY, _HAPPY = C["unhappy"], C["happy"]


@equation
def agent_capacity(skill, p):
    """Agent-months of load that one agent carries in a month. Source: ours."""
    return p.base_capacity + p.skill_capacity * skill


@equation
def encounter_load(encounters, intensity, self_service, p):
    """Agent-months of load of a customer's encounters in a month. Source: ours."""
    return encounters * intensity * (1.0 - p.self_service_relief * self_service) * p.encounter_load


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
    return clip(morale + p.morale_rate * (p.morale_base + p.morale_training * effect - overload - morale), 0.0, 1.0)


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
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        place = lo // SUM_ROWS
        for j in range(n):
            i = lo + j
            f = c.supplier[i]
            if f < 0:
                continue
            encounters = float(c.bought[i]) + float(c.visited[i])
            load = encounter_load(encounters, float(c.service_intensity[i]), firms.self_service[f], p)
            time = levels.time[c.level[i]] * p.contact_time
            sums[place, f] += load + time
            rate = p.agent_cost / firms.capacity[f]
            materials = cents(p.materials * load / p.encounter_load) if encounters > 0.0 else 0
            labour = cents(load * rate) if encounters > 0.0 else 0
            level_labour = cents(time * rate)
            ledger[f, _MATERIALS] += materials
            ledger[f, _LABOUR] += labour
            ledger[f, _LEVEL_LABOUR] += level_labour
            c.month_profit_cents[i] -= materials + labour + level_labour


@loop
def serve_rows(c, start, stop, month, key0, key1, p, firms, levels, norm, ledger, counts, sums):
    """The stage over customers start to stop; sums[block, 0:2] are experiences and encounters."""
    who = np.empty(BLOCK, dtype=np.int64)
    u = np.empty((4, BLOCK))
    v = np.empty((4, BLOCK))
    unhappy = np.empty(BLOCK, dtype=np.int64)
    happy = np.empty(BLOCK, dtype=np.int64)
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        place = lo // SUM_ROWS
        most = 0
        for j in range(n):
            unhappy[j] = 0
            happy[j] = 0
            most = max(most, np.int64(c.bought[lo + j]) + np.int64(c.visited[lo + j]))
        for e in range(most):
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if np.int64(c.bought[lo + j]) + np.int64(c.visited[lo + j]) > e else 0
            draw(lo, who, m, e, month, _SERVICE, key0, key1, u)
            draw(lo, who, m, e, month, _ANSWER, key0, key1, v)
            for x in range(m):
                mood = _encounter(c, lo + who[x], x, p, firms, levels, norm, u, v, ledger, counts, sums[place])
                if mood < 0:
                    unhappy[who[x]] = 1
                if mood > 0:
                    happy[who[x]] = 1
        for j in range(n):
            if unhappy[j] + happy[j] > 0:
                _settle_mood(c, lo + j, unhappy[j])


@helper
def _settle_mood(c, i, unhappy):
    """The mood of the month: being fired, else an unhappy encounter, else a complaint about mail, else a happy one."""
    if c.fired_by[i] >= 0:
        return
    if unhappy:
        c.mood[i] = -1
        c.mood_firm[i] = c.supplier[i]
    elif c.mood[i] == 0:
        c.mood[i] = 1
        c.mood_firm[i] = c.supplier[i]


@helper
def _encounter(c, i, x, p, firms, levels, norm, u, v, ledger, counts, sums):
    """One encounter of customer i at the supplier; returns its mood (-1, 0, 1)."""
    f = c.supplier[i]
    level = c.level[i]
    failed = u[0, x] < chance_failure(firms.reliability[f], levels.prevented[level], firms.overload[f], p)
    severity = p.severity * exponential(u[2, x]) if failed else 0.0
    had = experience(
        firms.quality[f], firms.skill[f], firms.morale[f], firms.self_service[f], levels.lift[level],
        float(c.relationship_orientation[i]), firms.overload[f], normal(u[1, x]), p,
    ) - severity  # fmt: skip
    sums[0] += had
    sums[1] += 1.0
    belief = float(c.belief[f, i])
    weighed = felt(disconfirmation(had, belief, norm, firms.promise[f], p), p)
    satisfaction = next_satisfaction(float(c.satisfaction[i]), weighed, p)
    mood = -1 if weighed < p.unhappy_below else (1 if weighed > p.happy_above else 0)
    kept = 1.0
    unresolved = False
    counts[f, _UNHAPPY] += 1 if mood < 0 else 0
    if failed:
        counts[f, _FAILURES] += 1
        c.failed[i] = 1
        trust = float(c.trust[i])
        if u[3, x] < chance_voice(levels.heard[level], severity, p):
            kept = _answer(c, i, f, x, p, firms, v, ledger, counts)
            unresolved = kept == 1.0
            if unresolved:
                c.trust[i] = trust - p.trust_loss_voiced * trust
            else:
                quick = kept == p.quick_kept
                satisfaction = clip(satisfaction + (p.quick_satisfaction if quick else p.slow_satisfaction), -1.0, 1.0)
                c.loyalty[i] = clip(float(c.loyalty[i]) + (p.quick_loyalty if quick else p.slow_loyalty), 0.0, 1.0)
                mood = 1 if v[3, x] < p.recovered_happy else 0
        else:
            c.trust[i] = trust - p.trust_loss_silent * trust
    rate = p.belief_rate * kept
    c.satisfaction[i] = satisfaction
    c.belief[f, i] = next_belief(belief, had, rate)
    c.heard[f, i] = (1.0 - rate) * float(c.heard[f, i])
    c.hurt[i] = (1.0 - rate) * float(c.hurt[i]) + rate * severity
    counts[f, _HAPPY] += 1 if mood > 0 else 0
    if mood < 0 and v[2, x] < (p.unresolved_pending if unresolved else p.unhappy_pending):
        c.pending[i] = 1
        c.pending_by[i] = max(c.pending_by[i], _FAILURE_BY if failed else _UNHAPPY_BY)
    if mood > 0 and v[2, x] < p.happy_clears:
        c.pending[i] = 0
        c.pending_by[i] = 0
    return mood


@helper
def _answer(c, i, f, x, p, firms, v, ledger, counts):
    """Answer a voiced failure; returns the share of the change of belief that stays (1: not recovered)."""
    counts[f, _VOICED] += 1
    c.complaints[f, i] = min(c.complaints[f, i] + 1, 255)
    cost = cents(p.contact_cost / firms.reply_days[f])
    kept = 1.0
    if v[0, x] < chance_recovery(firms.recovery_chance[f], firms.skill[f], p):
        counts[f, _RESOLVED] += 1
        encounters = float(c.bought[i]) + float(c.visited[i])
        spend = c.month_spent_cents[i] * 0.01 / encounters
        cost += cents(firms.recovery_cost[f] + firms.recovery_share[f] * spend)
        kept = p.slow_kept
        if v[1, x] < chance_quick(firms.reply_days[f], firms.overload[f], p):
            counts[f, _QUICKLY] += 1
            kept = p.quick_kept
    ledger[f, _RECOVERY] += cost
    c.month_profit_cents[i] -= cost
    return kept


def serve(market: Market) -> None:
    """Load fixes each firm's overload; then every encounter of the month is served, in order."""
    tables = market.tables
    p = parameters(ServeParameters, tables.serve, contact_cost=tables.decide.contact_cost, contact_time=tables.decide.contact_time)
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
    market.rows("serve", ServeColumns, p, firms, market.levels, market.norm, ledger=True, counts=True, sums=sums)
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
    market.ledger.enter(f, "idle_labour", paid - int(market.ledger.current[f, [_LABOUR, _LEVEL_LABOUR]].sum()))
    market.ledger.enter(f, "training", market.cents(plan.training * firm.staff))
    effect = market.call("serve.training_effect", float(plan.training), p)
    overloaded = float(market.month_of_firms.overload[f])
    firm.morale = float(market.call("serve.next_morale", firm.morale, effect, overloaded, p))
    firm.skill = float(market.call("serve.next_skill", firm.skill, effect, p))
    if plan.staff == "auto":
        capacity = market.call("serve.agent_capacity", firm.skill, p)
        firm.staff = float(market.call("serve.next_staff", firm.staff, firm.load, capacity, p))
