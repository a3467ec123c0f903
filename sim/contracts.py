"""How policies and scenarios are tested, and what a test says; `sim.check` finds which it is."""

from __future__ import annotations

import copy
import inspect
import warnings
from html import escape
from typing import Any

import numpy as np

from sim.carried_out import never_reached, why_not
from sim.ledger import LedgerError
from sim.market import Market
from sim.named_codes import other_scenarios
from sim.policies import Plan, Policy, View, make_policy
from sim.policies.view import Words
from sim.scenario import Scenario, ScenarioError, load
from sim.scenario.parameters import FirmTable, MarketTable
from sim.scenario.tables import Tables
from sim.user_errors import UserError

CUSTOMERS = 200
"""Customers of the market that things are tested on."""


class Checked:
    """What a contract test found; true if there is no fault.

    Attributes
    ----------
    what : str
        What was tested.
    faults : list of str
        All that is wrong, a sentence each.
    notes : list of str
        What is allowed and worth knowing.
    """

    def __init__(self, what: str, faults: list[str], notes: list[str]) -> None:
        self.what = what
        self.faults = list(dict.fromkeys(faults))
        self.notes = list(dict.fromkeys(notes))

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        count = f"{len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}" if self.faults else "good"
        numbered = [f"  {i}. {line}" for i, fault in enumerate(self.faults, 1) for line in fault.splitlines()]
        return "\n".join([f"{self.what}: {count}", *numbered, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


# ---------------------------------------------------------------- policies

WORLDS: dict[str, tuple[dict[str, Any], int]] = {
    "a usual market": ({}, 26),
    "a market of contracts": ({"market.setting": "contract"}, 4),
    "a firm without customers": ({"firms.North.initial_share": 0.0, "market.initial_awareness": 0.0}, 3),
}
"""Where a policy must work: what is changed in `plain`, and the months."""


def check_policy(given: Any) -> Checked:
    """A policy: it plans in every kind of market, equal plans from equal views, and touches nothing but its plan."""
    name = given if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
    name = str(given.get("name", "a table")) if isinstance(given, dict) else name
    what = f"{name} (a policy)"
    notes: list[str] = []
    try:
        policy = make_policy(given)
        copy.deepcopy(policy)
    except (ValueError, TypeError) as error:
        return Checked(what, [str(error)], [])
    except Exception as error:
        return Checked(what, [f"cannot be made: {type(error).__name__}: {error}"], [])
    worlds = {
        where: (load("plain").with_changes({"market.customers": CUSTOMERS, **change}), months)
        for where, (change, months) in WORLDS.items()
    }
    alone = Tables(market=MarketTable(customers=CUSTOMERS), firms={"Only": FirmTable()})
    worlds["a market without rivals"] = (load(alone), 3)
    faults: list[str] = []
    elsewhere: set[str] = set()
    token = other_scenarios.set(elsewhere)
    for where, (scenario, months) in worlds.items():
        new = _policy_in(policy, scenario, months, notes)
        faults += [
            f"in {where}: {fault}" for fault in new if not any(old.endswith(_gist(fault)) for old in faults)
        ]
    other_scenarios.reset(token)
    if elsewhere:
        notes.append(
            f"compares with {', '.join(sorted(elsewhere))}: no segment of the tests, so nobody there"
        )
    if not (inspect.getdoc(type(policy)) or "").strip() or inspect.getdoc(type(policy)) == inspect.getdoc(
        Policy
    ):
        notes.append("has no docstring: say in one line what the firm does, and whose idea it is")
    return Checked(what, faults, notes)


class _Watched(Policy):
    """A policy that notes what the one inside does wrong."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside
        self.faults: list[str] = []
        self.notes: list[str] = []

    def decide(self, view: View) -> Plan:
        """The plan of the one inside, after asking a copy of it the same."""
        before = _state(view._market)
        twin = copy.deepcopy(self.inside)
        plan = view._market.swaps.guard(self.inside.decide, "decide", view.month)(view)
        if _state(view._market) != before:
            self.faults.append("changes the market's columns; a policy only returns a plan")
        changed = _changed_records(view)
        if changed:
            self.faults.append(f"writes into view.customers.{changed}; work on a copy (.copy())")
        if not isinstance(plan, Plan):
            self.faults.append(f"decide must return a sim.Plan (got {plan!r})")
            return Plan()
        if lost := plan.lost_where():
            self.notes.append(lost)
        again = twin.decide(View(view._market, view._firm))
        if isinstance(again, Plan):
            again.lost_where()
        if not changed and not _same_plans(plan, again):
            self.faults.append(
                "gives two plans for the same view: it draws luck or reads a clock or a global; firms decide from what they see"
            )
        return plan


def _policy_in(policy: Any, scenario: Scenario, months: int, notes: list[str]) -> list[str]:
    """Faults of a policy in one kind of market; two runs with one seed must be one world. What is worth knowing goes to notes."""
    hashes = set()
    for _ in range(2):
        firm = next(iter(scenario.firms))
        market = Market(scenario, months=months, policies={firm: _Watched(copy.deepcopy(policy))})
        watched: Any = market.firm(firm).policy
        try:
            market.run_model()
        except Exception as error:
            return list(dict.fromkeys([*watched.faults, told(error)]))
        notes += [*watched.notes, *(never_reached(market.firm(firm)) if months > 12 else ())]
        if watched.faults:
            return list(dict.fromkeys(watched.faults))
        hashes.add(market.state_hash)
    if len(hashes) == 1:
        return []
    return [
        "two runs with the same seed differ: it remembers in the class or in a global; keep what it remembers in self"
    ]


def _gist(fault: str) -> str:
    """A fault without where and when it arose."""
    return fault.rpartition(" of your function: ")[2]


def _state(market: Market) -> tuple[str, tuple[tuple[float, ...], ...]]:
    return market.state_hash, tuple(tuple(f.rule_fired.tolist()) for f in market.firms)


def _changed_records(view: View) -> str:
    """A column of the database that is not as it was made; "" if all are."""
    fresh = View(view._market, view._firm).customers
    for name in ("ids", *view.customers.COLUMNS):
        held = vars(view.customers).get(name)
        if held is None:
            continue
        a, b = (x.codes if isinstance(x, Words) else x for x in (held, getattr(fresh, name)))
        if not equal(a, b):
            return name
    return ""


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two columns are the same; NaN equals NaN."""
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _same_plans(one: Plan, other: Any) -> bool:
    if (
        not isinstance(other, Plan)
        or one.decisions != other.decisions
        or one.mechanisms != other.mechanisms
        or len(one.choices) != len(other.choices)
    ):
        return False
    return all(
        np.array_equal(a, c) and b.keys() == d.keys() and all(np.array_equal(b[k], d[k]) for k in b)
        for (a, b), (c, d) in zip(one.choices, other.choices, strict=True)
    )


def told(error: BaseException) -> str:
    """An error in one sentence."""
    return str(error) if isinstance(error, (UserError, ValueError)) else f"{type(error).__name__}: {error}"


# ---------------------------------------------------------------- scenarios


def check_scenario(given: Any) -> Checked:
    """A scenario: the file is right, and three months run clean (of at most 2,000 of its customers)."""
    what = f"{given.name if isinstance(given, Scenario) else given if not isinstance(given, Tables) else 'tables'} (a scenario)"
    try:
        scenario = load(given)
    except ScenarioError as error:
        return Checked(what, [str(fault) for fault in error.faults], [])
    except (ValueError, OSError) as error:
        return Checked(what, [str(error)], [])
    notes = [
        f'the page has no "{key}"'
        for key in ("question", "what", "notice", "try_")
        if not getattr(scenario.info, key)
    ]
    notes = [note.replace("try_", "try") for note in notes]
    if scenario.edges_file is None and scenario.market.customers > 2_000:
        scenario = scenario.with_changes({"market.customers": 2_000})
    faults = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            market = Market(scenario, months=3)
            market.run_model()
        notes += [str(one.message) for one in caught if issubclass(one.category, UserWarning)]
        notes += [
            f"in three months, {firm.name}, rule {i + 1} ({rule.text}): {said}"
            for firm in market.firms
            for i, rule in enumerate(firm.rules)
            for said in why_not(firm, i)
        ]
        faults += [f"column {name} is not a number after three months" for name in _not_numbers(market)]
    except (UserError, ValueError, LedgerError) as error:
        faults.append(f"three months do not run: {error}")
    return Checked(what, faults, notes)


def _not_numbers(market: Market) -> list[str]:
    values = {name: getattr(market.customers, name) for name in market.customers.state}
    return [
        name for name, array in values.items() if array.dtype.kind == "f" and not np.isfinite(array).all()
    ]
