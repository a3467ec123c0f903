"""How functions that stand for a stage or an equation are tested; `sim.check` calls it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.behaviours import BY_NAME, EQUATIONS
from sim.columns import COLUMNS
from sim.compiled import equation
from sim.contracts import CUSTOMERS, Checked, equal, told
from sim.ledger import LedgerError
from sim.market import Market
from sim.named_codes import other_scenarios
from sim.own_numbers import of_equation
from sim.swaps import check_swap
from sim.user_errors import first_line, plain_value

FEW = 40
"""Customers where a stage runs as plain Python."""

LUCK = {"random", "rand", "randn", "randint", "default_rng", "secrets", "urandom"}
"""Names in a function's code that mean luck of its own."""


def check_function(function: Any, name: str) -> Checked:
    """A function that stands for a stage or an equation."""
    what = f"{getattr(function, '__name__', repr(function))} (for {name})"
    try:
        check_swap(name, function)
    except (ValueError, TypeError) as error:
        return Checked(what, [str(error)], [])
    return _check_equation(function, name, what) if "." in name else _check_stage(function, name, what)


def _check_stage(function: Callable[..., Any], name: str, what: str) -> Checked:
    """A stage: three months run, twice the same; what else than its own columns it changes is noted."""
    others: set[str] = set()

    def watched(market: Market) -> None:
        own = {*getattr(BY_NAME[name].module, "CHANGES", ())}
        before = {c.name: getattr(market.customers, c.name).copy() for c in COLUMNS if c.name not in own}
        market.swaps.guard(function, name, market.month)(market)
        others.update(
            key for key, value in before.items() if not equal(value, getattr(market.customers, key))
        )

    faults: list[str] = []
    hashes = set()
    elsewhere: set[str] = set()
    token = other_scenarios.set(elsewhere)
    for swap in ({name: watched}, {name: function}, {name: function}):
        market = Market("plain", months=3, change={"market.customers": CUSTOMERS}, swap=swap)
        try:
            market.run_model()
        except LedgerError as error:
            faults.append(
                f"the books do not add up: {error}; suppliers and accounts (cents) are for the shipped stages"
            )
        except Exception as error:
            faults.append(told(error))
        if faults:
            break
        if swap[name] is function:
            hashes.add(market.state_hash)
    other_scenarios.reset(token)
    if len(hashes) > 1:
        faults.append("two runs with the same seed differ: draw with market.draws, and keep nothing outside")
    notes = (
        [f"changes {', '.join(sorted(others))}, which the shipped stage {name} leaves alone"]
        if others
        else []
    )
    if elsewhere:
        notes.append(
            f"compares with {', '.join(sorted(elsewhere))}: no firm or segment of the scenario of the test, so nobody there"
        )
    return Checked(what, faults, notes)


def _check_equation(function: Callable[..., Any], name: str, what: str) -> Checked:
    """An equation: numbers of its range over what its arguments are in a market, the same each time, and whether it compiles."""
    calls = _calls(name)
    if not calls:
        return Checked(what, [], ["no small market calls it: only its arguments were tested"])
    arguments = list(inspect.signature(EQUATIONS[name].py_func).parameters)  # type: ignore[attr-defined]
    grid = _grid(calls)
    faults = _out_of_range(function, name, arguments, grid) or _of_luck(function, arguments, grid)
    notes = [] if faults else [_uncompilable(function, calls[0]) or "compiles"]
    return Checked(what, faults, notes)


def _shown(arguments: list[str], values: tuple[Any, ...]) -> str:
    """The numbers among an equation's arguments, by name."""
    numbers: list[Any] = [(a, v) for a, v in zip(arguments, values, strict=True) if np.isscalar(v)]
    return ", ".join(f"{a}={v:.6g}" for a, v in numbers)


def _out_of_range(
    function: Callable[..., Any], name: str, arguments: list[str], grid: list[tuple[Any, ...]]
) -> list[str]:
    """The first of the calls that gives no number, or one that the equation must not give."""
    law = of_equation(name.partition(".")[2])
    for values in grid:
        try:
            result = function(*values)
        except Exception as error:
            return [f"{type(error).__name__}: {error} (for {_shown(arguments, values)})"]
        if not law.holds(result):
            needed = law.law if law.least > -math.inf else "a finite number"
            return [
                f"gives {plain_value(result)!r} for {_shown(arguments, values)}; {needed} is needed{law.cure(result)}"
            ]
    return []


def _of_luck(function: Callable[..., Any], arguments: list[str], grid: list[tuple[Any, ...]]) -> list[str]:
    """What shows that an equation draws luck of its own, or remembers: twins would differ by more than what was changed."""
    cure = (
        "two runs with the same seed would differ; an equation has no luck: draw with market.draws in a stage"
    )
    code = getattr(getattr(function, "py_func", function), "__code__", None)
    if drawn := sorted(LUCK & set(code.co_names if code else ())):
        return [f"draws luck of its own ({', '.join(drawn)}), so {cure}"]
    first = [function(*values) for values in grid]
    for one, values in zip(first, grid, strict=True):
        if (again := function(*values)) != one:
            return [f"gives {one!r} and then {again!r} for {_shown(arguments, values)}, so {cure}"]
    return []


def _calls(name: str) -> list[tuple[Any, ...]]:
    """Arguments with which small markets call an equation, at most some hundreds."""
    shipped = EQUATIONS[name].py_func  # type: ignore[attr-defined]
    seen: dict[tuple[float, ...], tuple[Any, ...]] = {}

    def recorder(*values: Any) -> Any:
        if len(seen) < 300:
            numbers: list[Any] = [v for v in values if np.isscalar(v)]
            seen.setdefault(tuple(round(float(v), 3) for v in numbers), values)
        return shipped(*values)

    for change in ({}, {"market.setting": "contract"}):
        market = Market("plain", months=6, change={"market.customers": FEW, **change}, swap={name: recorder})
        market.swaps.plain.add(name.partition(".")[0])
        market.run_model()
        if seen:
            break
    return list(seen.values())


def _grid(calls: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The calls, and each with one argument at the least and the most that was seen."""
    grid = list(calls)
    middle = calls[len(calls) // 2]
    for place, value in enumerate(middle):
        if np.isscalar(value):
            seen = [call[place] for call in calls]
            grid += [(*middle[:place], end, *middle[place + 1 :]) for end in (min(seen), max(seen))]
    return grid


def _uncompilable(function: Callable[..., Any], values: tuple[Any, ...]) -> str:
    """Why an equation cannot be compiled; "" if it can."""
    try:
        equation(getattr(function, "py_func", function))(*values)
    except Exception as error:
        return f"cannot be compiled, so its stage would run as plain Python, some hundred times slower ({first_line(error)})"
    return ""
