"""A scenario's page for a terminal: what it is, its firms, who decides what, its segments, its own parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.commands.table import Column, print_table
from sim.scenario import Parameter, Scenario, addresses, laws
from sim.scenario.page import as_text
from sim.scenario.remarks import remarks as remarks_of
from sim.scenario.sweep_table import leaves
from sim.terminal import called, number, percent

if TYPE_CHECKING:
    from sim.terminal import Terminal

WIDER = "a wider window"

IN_TABLES = ("focus", "market.customers", "market.months", "market.setting")
"""Addresses that the page says elsewhere."""


def print_scenario(scenario: Scenario, terminal: Terminal) -> None:
    """Print all of it."""
    terminal.say(as_text(scenario.name, scenario.tables, scenario.changes))
    _heading("Firms", terminal)
    print_table(firm_columns(scenario), terminal, WIDER)
    _heading("Who decides what: the plan, then the policy, then the rules; the later one wins", terminal)
    for name in scenario.firms:
        you = ", the firm that you are" if name == scenario.focus else ""
        terminal.write(f"{name}{you}", indent="  ")
        for who, says in decisions(scenario, name):
            terminal.write(f"{who:<8} {says}", indent="    ", hang=" " * 13)
    _heading("Segments", terminal)
    print_table(segment_columns(scenario), terminal, WIDER)
    if scenario.tables.sweep.over:
        _heading(f"Many runs, [sweep]: {called()} sweep run FILE", terminal)
        for line in sweep_lines(scenario):
            terminal.write(line, indent="  ", hang="      ")
    own = list(own_parameters(scenario))
    _heading(
        f"What differs from the defaults: {len(own)} of {len(addresses(scenario.tables)):,} parameters",
        terminal,
    )
    for line in own:
        terminal.write(line, indent="  ", hang="      ")
    terminal.say()
    terminal.write(
        f"{called()} explain ADDRESS says what a parameter means; --change ADDRESS=VALUE changes it."
    )


def _heading(text: str, terminal: Terminal) -> None:
    terminal.say()
    terminal.title(text)


def firm_columns(scenario: Scenario) -> list[Column]:
    """The firms' capabilities, the focus first."""
    names = sorted(scenario.firms, key=lambda name: name != scenario.focus)
    firms = [scenario.firms[name] for name in names]
    shares = scenario.initial_shares
    return [
        Column("firm", names, keep=9, left=True),
        Column("policy", [policy_name(firm.policy) for firm in firms], keep=8, left=True, least=20),
        Column("share at the start", [percent(shares[name]) for name in names], keep=7),
        Column("quality", [number(firm.quality) for firm in firms], keep=6),
        Column("reliability", [percent(firm.reliability) for firm in firms], keep=3),
        Column("margin", [percent(firm.unit_margin) for firm in firms], keep=5),
        Column("switching cost", [number(firm.switching_cost) for firm in firms], keep=4),
        Column("brand bonus", [number(firm.brand_bonus) for firm in firms], keep=2),
    ]


def segment_columns(scenario: Scenario) -> list[Column]:
    """The segments' share and the means of the traits that matter most."""
    segments = list(scenario.segments.values())
    currency = scenario.market.currency
    means = {key: [number(getattr(one, key).mean) for one in segments] for key in
             ("need_rate", "basket", "price_sensitivity", "relationship_orientation")}  # fmt: skip
    return [
        Column("segment", list(scenario.segments), keep=9, left=True),
        Column("share", [percent(one.share) for one in segments], keep=8),
        Column("purchases a month", means["need_rate"], short="needs a month", keep=7),
        Column("basket", means["basket"], currency, keep=6),
        Column("price sensitivity", means["price_sensitivity"], keep=5),
        Column("relationship orientation", means["relationship_orientation"], keep=4),
    ]


def sweep_lines(scenario: Scenario) -> Iterator[str]:
    """What the file's own plan varies, a line an address, and how often."""
    sweep = scenario.tables.sweep
    for path, values in leaves(sweep.over):
        told = ", ".join(policy_name(v) if isinstance(v, dict) else laws.plain(v) for v in values)
        yield f"{'.'.join(path)}: {told}"
    points = f", {sweep.runs:,} points" if sweep.runs else ""
    yield f"{sweep.design}{points}, {sweep.seeds:,} seed{'s' if sweep.seeds > 1 else ''}"


# ---------------------------------------------------------------- who decides what


def policy_name(policy: Any) -> str:
    """The name of a firm's policy."""
    return "–" if policy is None else policy if isinstance(policy, str) else policy["name"]


def decisions(scenario: Scenario, firm: str) -> Iterator[tuple[str, str]]:
    """Who decides, in the order of the month, and what: plan, policy, rules."""
    table = scenario.firms[firm]
    set_here = table.plan.model_dump(exclude_unset=True)
    plan = []
    for key, value in set_here.items():
        unit = _unit(laws.parameter(key, type(table.plan).model_fields[key]), scenario)
        plan.append(f"{key} {laws.plain(value)}{unit.removeprefix(f' {key}')}")
    yield "plan", "; ".join(plan) or "the defaults"
    yield "policy", _policy(table.policy)
    for place, rule in enumerate(table.rules, 1):
        then = ", ".join(f"{key} = {laws.plain(value)}" for key, value in rule.then.items())
        yield f"rule {place}", f"if {rule.condition}: {then}"


def _policy(policy: Any) -> str:
    """A policy with its parameters, and the first line of what it says of itself."""
    from sim.policies import POLICIES

    if policy is None:
        return "none: the plan, every month"
    name = policy_name(policy)
    inside = {} if isinstance(policy, str) else {key: value for key, value in policy.items() if key != "name"}
    said = ", ".join(f"{key} {laws.plain(value)}" for key, value in inside.items())
    about = (POLICIES[name].__doc__ or "").strip().splitlines()[0] if name in POLICIES else ""
    return f"{name}{f' ({said})' if said else ''}{f': {about}' if about else ''}"


# ---------------------------------------------------------------- what differs from the defaults


def own_parameters(scenario: Scenario) -> Iterator[str]:
    """What the scenario says of its own, a line each: address, value, default, and the file's remark on it."""
    remarks, said = remarks_of(scenario), set()
    for one in addresses(scenario.tables).values():
        is_said = one.address in IN_TABLES or ".policy" in one.address  # above
        if one.value != one.default and not is_said:
            default = "" if one.default is None else f" (default {_value(one.default)})"
            line, remark = remarks.get(one.address, (0, ""))
            why = f": {remark}" if remark and line not in said else ""  # once for all keys on its line
            said.add(line)
            yield f"{one.address} = {_value(one.value)}{_unit(one, scenario)}{default}{why}"


def _value(value: Any) -> str:
    """A value for a reader: floats with four digits, twelve equal numbers as one."""
    if isinstance(value, (list, tuple)):
        return (
            f"all {_value(value[0])}"
            if len(value) > 1 and len(set(value)) == 1
            else f"[{', '.join(map(_value, value))}]"
        )
    return number(value) if isinstance(value, float) else laws.plain(value)


def _unit(one: Parameter, scenario: Scenario) -> str:
    """The unit after a value, money in the scenario's currency; nothing where a share needs no word."""
    unit = one.unit.replace("money", scenario.market.currency)
    return "" if unit in ("", "share", "multiple", "chance") else f" {unit}"
