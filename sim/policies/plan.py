"""What a firm decides in a month, checked once, here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
from pydantic import ValidationError

from sim.mechanisms import MECHANISMS
from sim.scenario import laws
from sim.scenario.checks import FEWEST_STAFF
from sim.scenario.parameters import BY_CUSTOMER, PlanTable
from sim.scenario.words import LEVELS, RECOVERIES, STRATEGIES, TAILORINGS

WORDS = {"level": LEVELS, "strategy": STRATEGIES, "recovery": RECOVERIES, "tailoring": TAILORINGS}
"""Decisions that are words, with their vocabularies in the order of their codes."""


def check_decision(name: str, value: Any) -> Any:
    """The value of a decision, checked against its range; ValueError says what is wrong and the cure."""
    fields = PlanTable.model_fields
    if name not in fields:
        near = difflib.get_close_matches(name, fields, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; decisions are {', '.join(fields)}"
        raise ValueError(f'plan: unknown decision (got "{name}"){hint}')
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and fields[name].annotation is int and value.is_integer():
        value = int(value)
    try:
        checked = getattr(PlanTable.model_validate({name: value}), name)
    except ValidationError:
        raise ValueError(f"plan.{name}: must be {law(name)} (got {value!r})") from None
    if name == "staff" and checked != "auto" and 0.0 < checked < FEWEST_STAFF:
        raise ValueError(f"plan.staff: must be 0, or at least {FEWEST_STAFF:f} agents (got {value!r})")
    return checked


def check_mechanism(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A firm's decisions about an optional mechanism, checked; ValueError says what is wrong and the cure."""
    known = {one.name: one.decisions for one in MECHANISMS.values() if one.decisions}
    if name not in known:
        near = difflib.get_close_matches(str(name), known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"firms decide about {', '.join(known)}"
        raise ValueError(f'plan.mechanisms: unknown (got "{name}"); {hint}')
    fields, checked = known[name].model_fields, {}
    if not isinstance(given, Mapping):
        raise ValueError(
            f"plan.mechanisms.{name}: must be a dict of its decisions, for example "
            f'{{"{next(iter(fields))}": …}} (got {given!r})'
        )
    for key, value in given.items():
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"decisions are {', '.join(fields)}"
            raise ValueError(f'plan.mechanisms.{name}: unknown decision (got "{key}"); {hint}')
        value = value.item() if isinstance(value, np.generic) else value
        try:
            checked[key] = getattr(known[name].model_validate({key: value}), key)
        except ValidationError:
            must = laws.parameter(key, fields[key]).law(value)
            raise ValueError(f"plan.mechanisms.{name}.{key}: {must} (got {value!r})") from None
    return checked


def bounds_of(name: str) -> tuple[float, float] | None:
    """The least and the most of a decision that is a number; None for words, and yes or no."""
    field = PlanTable.model_fields[name]
    if name in WORDS or field.annotation is bool:
        return None
    bounds = list(field.metadata)
    for part in get_args(field.annotation):  # a number with bounds of its own, or a word
        bounds += [m for extra in getattr(part, "__metadata__", ()) for m in extra.metadata]
    return next(m.ge for m in bounds if hasattr(m, "ge")), next(m.le for m in bounds if hasattr(m, "le"))


def law(name: str, bounds: tuple[float, float] | None = None) -> str:
    """What a decision may be, in words: its vocabulary, or its range and unit; `bounds` in place of a number's own range."""
    if name in WORDS:
        return "one of " + ", ".join(WORDS[name])
    own = bounds_of(name)
    if own is None:
        return "true or false"
    low, high = bounds or own
    auto = ', or "auto"' if name == "staff" else ""
    return f"{low:g} to {high:g} {unit_of(name)}".rstrip() + auto


def unit_of(name: str) -> str:
    """The unit of a decision that is a number; "" for others."""
    extra = PlanTable.model_fields[name].json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


class Plan:
    """A firm's decisions for a month.

    Parameters
    ----------
    **decisions : any of the plan's fields (`tenfold explain plan` lists them with units and ranges);
        what is left out keeps the firm's own default.
    mechanisms : dict, mechanism -> dict of its decisions; what a market has not, is not looked at.

    Raises
    ------
    ValueError : an unknown decision, a wrong word, a number out of range.

    Examples
    --------
    >>> import sim
    >>> sim.Plan(level="reactive", strategy="opt_in", messages=2)
    Plan(level='reactive', strategy='opt_in', messages=2)
    """

    __slots__ = ("_from", "_lost", "choices", "decisions", "mechanisms")

    def __init__(
        self, *, mechanisms: Mapping[str, Mapping[str, Any]] | None = None, **decisions: Any
    ) -> None:
        mechanisms = {} if mechanisms is None else mechanisms
        if not isinstance(mechanisms, Mapping):
            raise ValueError(
                "plan.mechanisms: must be a dict, mechanism -> dict of its decisions, for example "
                f'{{"cost_to_serve": {{"menu": 0.5}}}} (got {mechanisms!r})'
            )
        self.mechanisms = {name: check_mechanism(name, given) for name, given in mechanisms.items()}
        self.decisions = {name: check_decision(name, value) for name, value in decisions.items()}
        self.choices: list[tuple[Any, dict[str, Any]]] = []
        self._from: Plan | None = None
        self._lost = 0  # plans that `where` made of this one, less those that were returned

    def where(self, condition: Any, **decisions: Any) -> Plan:
        """The same plan, with other decisions for the customers of the database for whom a condition holds.

        Parameters
        ----------
        condition : a boolean array over `view.customers`, or a rule's text ("value_rank > 0.9").
        **decisions : level, discount, messages, social, structural, offer or fire; one value, or an
            array over `view.customers`.

        Returns
        -------
        Plan : a new one, to be returned; the plan itself stays as it was, so write `plan = plan.where(…)`.
            Of several conditions the later wins.
        """
        checked = {name: check_choice(name, value) for name, value in decisions.items()}
        plan = Plan()
        plan.decisions, plan.mechanisms = dict(self.decisions), dict(self.mechanisms)
        plan.choices = [*self.choices, (condition, checked)]
        plan._from, self._lost = self, self._lost + 1
        return plan

    def lost_where(self) -> str:
        """For a plan that `decide` returned: a sentence if a `where` was called on it whose plan was not; "" else."""
        plan = self
        while (before := plan._from) is not None:
            plan._from, before._lost = None, before._lost - 1
            plan = before
        lost, self._lost = self._lost, 0
        return (
            "the plan that Plan.where gave was not returned, so its decisions are lost: where leaves the plan "
            "itself as it was; write plan = plan.where(…)"
            if lost > 0
            else ""
        )

    def __repr__(self) -> str:
        said = self.decisions | ({"mechanisms": self.mechanisms} if self.mechanisms else {})
        inside = ", ".join(f"{name}={value!r}" for name, value in said.items())
        return f"Plan({inside})" + ".where(…)" * len(self.choices)


def check_choice(name: str, value: Any) -> Any:
    """The value of a decision by customer, one or an array, checked against its range."""
    if name not in BY_CUSTOMER:
        if name in PlanTable.model_fields:
            raise ValueError(
                f'plan: "{name}" is one decision for the whole firm; by customer: {", ".join(BY_CUSTOMER)}'
            )
        near = difflib.get_close_matches(name, BY_CUSTOMER, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; by customer: {', '.join(BY_CUSTOMER)}"
        raise ValueError(f'plan: unknown decision (got "{name}"){hint}')
    if np.ndim(value) == 0:
        return check_decision(name, value)
    array = np.asarray(value)
    for each in np.unique(array):
        check_decision(
            name, bool(each) if name in ("social", "structural", "fire") and each in (0, 1) else each
        )
    return array


def coded(name: str, value: Any) -> Any:
    """A decision by customer as the column holds it: words as codes, yes and no as 1 and 0."""
    if name == "level":
        if isinstance(value, str):
            return LEVELS.index(value)
        return np.array([LEVELS.index(str(v)) for v in value], dtype=np.uint8) if np.ndim(value) else value
    return value


class MonthPlan(SimpleNamespace):
    """The firm-wide decisions of a month: the firm's own defaults, overlaid by its policy's."""

    def code(self, name: str) -> int:
        """The code of a decision that is a word."""
        return WORDS[name].index(getattr(self, name))


def month_plan(table: PlanTable, plan: Plan, customers: int) -> MonthPlan:
    """The decisions of a month: the firm's table, then its policy's plan. Advertising left out: 0.30 a head."""
    values = {name: getattr(table, name) for name in PlanTable.model_fields} | plan.decisions
    if values["advertising"] is None:
        values["advertising"] = 0.30 * customers
    return MonthPlan(**values)
