"""What a team decides for a round: a plan, if-then rules, a forecast; checked with bounds and a budget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.classroom import texts
from sim.classroom.limits import class_law, is_beyond
from sim.policies.plan import check_decision
from sim.policies.view import ACTIVE
from sim.rules import RuleError, compile_rule
from sim.scenario.database import vocabulary
from sim.scenario.faults import nearest, shown
from sim.scenario.parameters import BY_CUSTOMER, PlanTable
from sim.scenario.words import STRATEGIES

SHORT = ("price", "advertising", "level", "strategy", "messages", "recovery")
"""The decisions of the short form, for beginners; the full form has all."""

FORECASTS = ("retention", "profit", "customer_equity")
"""What a team forecasts of the next round: a yearly share, money of the round, money at its end."""

MOST_RULES = 20
REASON = 500
"""Letters of a student's reason, at most."""

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", re.ASCII)
"""A number as people write it with separators of thousands: read with a decimal point or comma it would be another."""


class Decision(NamedTuple):
    """A team's decisions for a round, as plain data; what the plan leaves out keeps the firm's default."""

    plan: dict[str, Any]
    rules: tuple[dict[str, Any], ...] = ()

    @property
    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"plan": dict(self.plan), "rules": [dict(rule) for rule in self.rules]}

    @staticmethod
    def from_dict(said: Mapping[str, Any]) -> Decision:
        """From plain data."""
        return Decision(dict(said["plan"]), tuple(dict(rule) for rule in said["rules"]))


class Facts(NamedTuple):
    """What is known about a firm when its plan is checked.

    Attributes
    ----------
    tables : the parameters of its market.
    defaults : its default plan. customers : how many it has. agents : its staff.
    database : its records, a column an attribute; None where nobody asks about single customers.
    first_purchases : how many it had a month in the last round; 0 before the first.
    basket : what an order of the last round came to at the market's list price, money.
    """

    tables: Any
    defaults: PlanTable
    customers: int
    agents: float
    database: Any
    first_purchases: float = 0.0
    basket: float = 0.0


# ---------------------------------------------------------------- checking


def plan_faults(plan: Any, limits: Mapping[str, tuple[float, float]]) -> Iterator[tuple[str, str]]:
    """What is wrong with a plan in a class of these limits: the field, and the law with the value and the cure."""
    if not isinstance(plan, Mapping):
        yield "plan", texts.NOT_A_TABLE.format(got=shown(plan))
        return
    for name, value in plan.items():
        if name not in PlanTable.model_fields:
            yield str(name), unknown(str(name), PlanTable.model_fields)
            continue
        if is_separated(value):
            yield name, not_a_number(value)
            continue
        if not _is_taken(name, value, limits):
            yield name, texts.OUT_OF_RANGE.format(law=class_law(name, limits), got=shown(value))


def _is_taken(name: str, value: Any, limits: Mapping[str, tuple[float, float]]) -> bool:
    """Whether the market and the class take a value of a decision."""
    try:
        return not is_beyond(name, check_decision(name, value), limits)
    except ValueError:
        return False


def rule_faults(
    rules: Any, segments: Any, limits: Mapping[str, tuple[float, float]]
) -> Iterator[tuple[str, str]]:
    """What is wrong with if-then rules: which rule and part, and the law with the cure; `limits` as in `plan_faults`."""
    if not isinstance(rules, (list, tuple)):
        yield "rules", texts.RULES_ARE_TABLES
        return
    if len(rules) > MOST_RULES:
        yield "rules", texts.TOO_MANY_RULES.format(most=MOST_RULES, got=len(rules))
    for i, rule in enumerate(rules[:MOST_RULES], 1):
        if (
            not isinstance(rule, Mapping)
            or set(rule) != {"if", "then"}
            or not isinstance(rule["then"], Mapping)
        ):
            yield f"rule {i}", texts.RULE_HAS_IF_AND_THEN
            continue
        try:
            compile_rule(rule["if"], vocabulary(segments))
        except RuleError as error:
            yield f"rule {i} if", str(error)
        if not rule["then"]:
            yield f"rule {i} then", texts.RULE_DECIDES_NOTHING.format(known=", ".join(BY_CUSTOMER))
        for name, value in rule["then"].items():
            if name not in BY_CUSTOMER:
                yield f"rule {i} then {name}", unknown(str(name), BY_CUSTOMER)
                continue
            if not _is_taken(name, value, limits):
                said = texts.OUT_OF_RANGE.format(law=class_law(name, limits), got=shown(value))
                yield f"rule {i} then {name}", said


def forecast_faults(forecast: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with a forecast: the figure, and the law with the cure."""
    if not isinstance(forecast, Mapping):
        yield "forecast", texts.NOT_A_TABLE.format(got=shown(forecast))
        return
    for name, value in forecast.items():
        if name not in FORECASTS:
            yield f"forecast {name}", unknown(str(name), FORECASTS)
        elif not is_number(value):
            yield f"forecast {name}", not_a_number(value)
        elif name == "retention" and not 0.0 <= value <= 1.0:
            yield f"forecast {name}", texts.NOT_A_SHARE.format(got=shown(value))


def is_number(value: Any) -> bool:
    """Whether a value is a finite number of a size that money has."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def is_separated(value: Any) -> bool:
    """Whether a text is a number with separators of thousands."""
    return isinstance(value, str) and bool(THOUSANDS.fullmatch(value))


def not_a_number(value: Any) -> str:
    """What is wrong with what is no number, with the cure."""
    if is_separated(value):
        return texts.SEPARATED.format(plain=re.sub("[.,]", "", value)[:40], got=value[:40])
    return texts.NOT_A_NUMBER.format(got=shown(value))


def unknown(name: str, known: Any) -> str:
    """That a word is not known, with the nearest right one."""
    near = nearest(name, known)
    return texts.UNKNOWN.format(got=shown(name)) + (
        texts.DID_YOU_MEAN.format(near=near) if near else texts.KNOWN.format(known=", ".join(known))
    )


# ---------------------------------------------------------------- budget


def planned_cost(decision: Decision, facts: Facts) -> float:
    """What a plan would spend a month, as the firm's records stand, in money.

    Advertising, training, relationship levels, bonds, surveys, messages and bought lists count, and trial discounts on
    as many first purchases as there were in the last round. What depends on other events does not: discounts of own
    customers, refunds, rewards, commissions. A rule counts for the active customers for whom it holds. Source: ours.
    """
    tables, customers = facts.tables, facts.customers
    plan = _whole_plan(decision, facts)
    if plan["advertising"] is None:
        plan["advertising"] = 0.30 * tables.market.customers
    agents = facts.agents if plan["staff"] == "auto" else plan["staff"]
    contact = tables.decide.contact_cost
    whole = plan["advertising"] + plan["training"] * agents
    whole += plan["survey"] * customers * tables.decide.survey_cost * contact
    whole += customers * _each(plan, tables, {})
    whole += _first_spending(plan, facts) * plan["trial_discount"]
    if plan["strategy"] == "interruption":
        others = tables.market.customers - customers
        listed = others * tables.contact.list_coverage
        whole += listed * (tables.contact.list_cost + plan["messages"] * tables.contact.message_cost)
    return float(whole) + _extra_of_rules(decision.rules, plan, facts)


def trial_discount_left(decision: Decision, facts: Facts, budget: float, least: float = 0.0) -> float | None:
    """The trial discount that a budget leaves of a plan's, `least` at least, in steps of 0.001; None where all of it stays.

    A plan that nobody changes is repeated, and costs what its trial discount brings: only that is taken down. `budget` in
    money a month. Source: ours.
    """
    plan = _whole_plan(decision, facts)
    beyond, each = planned_cost(decision, facts) - budget, _first_spending(plan, facts)
    if beyond <= 0.0 or each <= 0.0:
        return None
    left = max(float(np.floor(1000.0 * (plan["trial_discount"] - beyond / each))) / 1000.0, least)
    return left if left < plan["trial_discount"] else None


def _whole_plan(decision: Decision, facts: Facts) -> dict[str, Any]:
    """A plan with the defaults of what it leaves out."""
    return {name: getattr(facts.defaults, name) for name in PlanTable.model_fields} | decision.plan


def _first_spending(plan: Mapping[str, Any], facts: Facts) -> float:
    """What first purchases are expected to come to a month before the trial discount, in money."""
    return float(facts.first_purchases * facts.basket * plan["price"])


def _each(plan: Mapping[str, Any], tables: Any, other: Mapping[str, Any]) -> float:
    """What an own customer costs a month under a plan, with other values of some decisions."""
    p = {**plan, **other}
    contacts = getattr(tables.decide.levels, p["level"]).cost
    contacts += tables.relate.social_cost * bool(p["social"]) + tables.relate.structural_cost * bool(
        p["structural"]
    )
    mailed = p["messages"] if p["strategy"] != STRATEGIES[0] else 0
    return float(contacts * tables.decide.contact_cost + mailed * tables.contact.message_cost)


def _extra_of_rules(rules: tuple[dict[str, Any], ...], plan: Mapping[str, Any], facts: Facts) -> float:
    """What the rules add a month, over the active customers of the database; the later rule wins."""
    if not rules or facts.database is None:
        return 0.0
    n = len(facts.database)
    names = ("level", "social", "structural", "messages")
    chosen = {name: np.full(n, plan[name], dtype=object) for name in names}
    for rule in rules:
        mask = compile_rule(rule["if"], vocabulary(facts.tables.segments))(facts.database)
        for name in set(names) & set(rule["then"]):
            chosen[name][np.broadcast_to(mask, n)] = rule["then"][name]
    active = np.flatnonzero(facts.database["status"] == ACTIVE)
    usual = _each(plan, facts.tables, {})
    kinds: dict[tuple[Any, ...], int] = {}
    for row in zip(*(chosen[name][active] for name in names), strict=True):
        kinds[row] = kinds.get(row, 0) + 1
    return sum(
        k * (_each(plan, facts.tables, dict(zip(names, row, strict=True))) - usual)
        for row, k in kinds.items()
    )


def default_budget(facts: Facts) -> float:
    """A budget a month: twice what the default plan would spend, rounded up to two figures. Source: ours."""
    spends = 2.0 * planned_cost(Decision({}), facts)
    if spends <= 0.0:
        return 0.0
    step = 10.0 ** (np.floor(np.log10(spends)) - 1.0)
    return float(np.ceil(spends / step) * step)
