"""What can be turned in a scenario: each parameter with the values that its control offers, its label and its tip.

Nothing here draws or shows: a control is made from an address, wherever it is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sim.scenario import Scenario, ScenarioError, find, parse_value
from sim.scenario.finding import addresses
from sim.scenario.laws import Parameter
from sim.scenario.ranges import RANGES, range_of
from sim.scenario.words import LEVELS

SLIDER, CHOICE, SWITCH = "slider", "choice", "switch"

PLAN = (
    "level",
    "discount",
    "social",
    "structural",
    "strategy",
    "messages",
    "price",
    "advertising",
    "training",
)
"""What a firm decides: level, the three bonds (a discount is the financial one), permission, frequency, price, budgets."""

TOLD = ("talk.unhappy_tells", "talk.happy_tells")

SPANS = {
    "plan.price": (0.7, 1.3),
    "plan.messages": (0.0, 15.0),
    "plan.discount": (0.0, 0.3),
    "plan.training": (0.0, 500.0),
}
"""Spans of controls where neither the law nor the value says how far one would go; by the end of the address."""

STEPS = 20
"""Steps of a slider, about."""

_SPOKEN = re.compile(r'((?:[a-z]\w*)(?:\.\w+)+)(?:\s*=\s*("[^"]*"|-?[0-9.]*[0-9]|true|false))?')


class Knob(NamedTuple):
    """A parameter with its control.

    Attributes
    ----------
    parameter : with its value in the scenario.
    group : the heading that it stands under.
    kind : slider (numbers in order), choice (words), or switch (yes or no).
    now : the value as it is; what a firm spends on advertising where the scenario leaves it out.
    options : what the control offers, `now` among it.
    """

    parameter: Parameter
    group: str
    kind: str
    now: Any
    options: tuple[Any, ...]

    @property
    def address(self) -> str:
        """The dotted path of its place in the file."""
        return self.parameter.address

    @property
    def label(self) -> str:
        """What stands beside the control: `unhappy tells`, `Express: strategy`, `regulars: basket mean`."""
        parts = self.address.split(".")
        last = (
            parts[3:]
            if parts[2:3] == ["plan"]
            else parts[2:]
            if parts[0] in ("firms", "segments")
            else parts[1:]
        )
        words = (
            ": ".join(" ".join(part) for part in (last[:1], last[1:]) if part)
            if last[0] == "policy"
            else " ".join(last)
        )
        words = words.replace("_", " ")
        return (
            f"{parts[1]}: {words}" if parts[0] in ("firms", "segments") and self.group != parts[1] else words
        )

    @property
    def tip(self) -> str:
        """Address, value, unit, range, meaning and source, in a line."""
        return str(self.parameter)

    def shown(self, value: Any) -> str:
        """A value as the control shows it, with its unit if that is short."""
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value).replace("_", " ")


def knobs(scenario: Scenario, only: Iterable[str] | None = None) -> list[Knob]:
    """The controls of a scenario: what its firm does, what people tell, and what its page says to try.

    Parameters
    ----------
    scenario : Scenario
    only : addresses instead of these.

    Raises
    ------
    ScenarioError
        An address that there is not, with the nearest right one; or one that no control can set.
    """
    spoken = dict(_spoken(scenario))
    wanted = [str(one) for one in only] if only is not None else [*_usual(scenario), *spoken]
    found = []
    for address in dict.fromkeys(wanted):
        one = find(address, scenario.tables)
        if address.split(".")[2:3] == ["policy"] and address.count(".") == 3:
            one = _of_policy(one, scenario)
        knob = _knob(one, scenario, spoken.get(address))
        if knob is not None:
            found.append(knob)
        elif only is not None:
            raise ValueError(
                f"{address}: no control can set a {one.type}; change it by sim.run(…, change={{…}})"
            )
    return found


def _usual(scenario: Scenario) -> list[str]:
    """The addresses that every scenario's explorer has."""
    firm = f"firms.{scenario.focus}"
    own = [address for address in addresses(scenario.tables) if address.startswith(f"{firm}.policy")]
    return [*own, *(f"{firm}.plan.{name}" for name in PLAN), *TOLD]


def _spoken(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """Addresses that the page says to try, each with the value that it names; None where it names none."""
    for address, value in _SPOKEN.findall(scenario.info.try_.replace("\n", " ")):
        try:
            find(address, scenario.tables)
        except ScenarioError:
            continue
        yield address, parse_value(value) if value else None


def _knob(one: Parameter, scenario: Scenario, spoken: Any = None) -> Knob | None:
    """The control of a parameter; None where there can be none."""
    group = _group(one.address, scenario.focus)
    if one.type == "yes or no":
        return Knob(one, group, SWITCH, one.value, (False, True))
    if one.type == "policy":
        from sim.policies import POLICIES

        now = one.value or "status_quo"
        return Knob(one, group, CHOICE, now, tuple(dict.fromkeys((now, *POLICIES))))
    words = one.words or (LEVELS if one.value in LEVELS else ())
    if isinstance(one.value, str) and words:
        return Knob(one, group, CHOICE, one.value, tuple(words))
    now = one.value
    if one.address.endswith(".plan.advertising") and now is None:
        now = 0.30 * scenario.market.customers
    if one.type not in ("number", "whole number") or not isinstance(now, (int, float)):
        return None
    also = [spoken] if isinstance(spoken, (int, float)) and not isinstance(spoken, bool) else []
    return Knob(one, group, SLIDER, now, tuple(_grid(one, now, also)))


def _of_policy(one: Parameter, scenario: Scenario) -> Parameter:
    """A parameter of a firm's policy, with the law that the policy says of it."""
    from sim.policies import POLICIES

    _firms, firm, _policy, name = one.address.split(".")
    given = scenario.firms[firm].policy
    kind = POLICIES.get(given["name"]) if isinstance(given, dict) else None
    if kind is None or name not in kind.parameters:
        return one
    low, high, meaning = kind.parameters[name]
    return replace(one, low=float(low), high=float(high), meaning=meaning, source=kind.source)


def _group(address: str, focus: str) -> str:
    parts = address.split(".")
    if parts[0] == "firms":
        return parts[1] if parts[1] == focus else "The others"
    return (
        "What people tell"
        if parts[0] == "talk"
        else "The customers"
        if parts[0] == "segments"
        else "The market"
    )


# ---------------------------------------------------------------- how far a slider goes


def _grid(one: Parameter, now: float, also: list[float]) -> list[float]:
    """The values of a slider, rising, from a span of round steps; the present value is always among them."""
    is_whole = one.type == "whole number"
    low, high = _span(one, now)
    step = _step((high - low) / STEPS)
    step = max(1.0, round(step)) if is_whole else step
    first = math.ceil(low / step - 1e-9)
    values = [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]
    values = [*(int(value) for value in values)] if is_whole else values
    ends = [] if is_whole else [low]
    return sorted({*values, *ends, now, *also})


def _span(one: Parameter, now: float) -> tuple[float, float]:
    """From where to where a slider goes, inside the law of the parameter."""
    end = ".".join(one.address.split(".")[-2:])
    law = (-math.inf if one.low is None else one.low, math.inf if one.high is None else one.high)
    if end in SPANS:
        low, high = SPANS[end]
        return max(law[0], min(low, now)), min(law[1], max(high, now))
    if law[1] - law[0] <= 1.0:
        return law
    documented = range_of(one, RANGES.get(one.address)) if one.value is not None else None
    most = max(4.0 * abs(now), 0.0 if documented is None else 2.0 * (documented.high or 0.0))
    if not most:
        most = min(law[1], 10.0 if one.type == "whole number" else 1.0)
    high = _step(most, up=True)
    return max(law[0], -high if law[0] < 0.0 else 0.0), min(law[1], high)


def _step(size: float, up: bool = False) -> float:
    """The round number (1, 2 or 5 with zeros) next to a size; the next above it if wanted."""
    power = 10.0 ** math.floor(math.log10(size))
    chosen = next(k for k in (1.0, 2.0, 5.0, 10.0) if size <= k * power * (1.0 if up else 1.4) + 1e-12)
    return chosen * power


# ---------------------------------------------------------------- what is set


def changes(knobs_: Iterable[Knob], values: Mapping[str, Any]) -> dict[str, Any]:
    """What is set otherwise than it is, by address; parameters of a policy that another one replaces are left out."""
    found = {
        knob.address: values[knob.address]
        for knob in knobs_
        if knob.address in values and values[knob.address] != knob.now
    }
    replaced = tuple(f"{address}." for address in found if address.endswith(".policy"))
    return {address: value for address, value in found.items() if not address.startswith(replaced or "\0")}
