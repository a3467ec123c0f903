"""Behaviour of your own: a stage or an equation replaced by name, for one run, and nothing left behind.

A swapped equation is compiled into its stage again; where it cannot be compiled the stage runs as
plain Python, and a line says so. An error in a function of yours stops the run with one sentence
that says where.
"""

from __future__ import annotations

import builtins
import copy
import difflib
import inspect
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from sim.behaviours import BY_NAME, EQUATIONS, Stage
from sim.columns import BY_NAME as COLUMN
from sim.compiled import quiet_overflow, rebuild

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Run


class UserError(RuntimeError):
    """A function of the user's failed: the message says where and what. `run` holds the months done."""

    run: Run | None = None


class SlowWarning(UserWarning):
    """Something runs as plain Python and is slow for it."""


class Swaps:
    """The behaviour of one market: what the scenario's stages are, with the user's in their place.

    Parameters
    ----------
    swap : stage or equation -> function.
    plain : run every loop as plain Python.
    """

    def __init__(self, swap: Mapping[str, Callable[..., Any]], *, plain: bool = False) -> None:
        self.stages: dict[str, Callable[..., Any]] = {}
        self.equations: dict[str, dict[str, Callable[..., Any]]] = {}
        for name, function in swap.items():
            check_swap(name, function)
            if "." in name:
                stage, equation = name.split(".")
                self.equations.setdefault(stage, {})[equation] = function
            else:
                self.stages[name] = function
        self.plain = set(BY_NAME) if plain else set()
        self._names: dict[str, dict[str, Any]] = {}
        self._before: dict[str, Any] | None = None

    def is_plain(self, stage: str) -> bool:
        """Whether a stage's loops run as plain Python."""
        return stage in self.plain

    def names(self, stage: str) -> dict[str, Any]:
        """The functions of a stage's file, with the swapped equations in place."""
        if stage not in self._names:
            module = BY_NAME[stage].module
            own = self.equations.get(stage, {})
            if own or stage in self.plain:
                guarded = {name: self._watched(stage, name, f) for name, f in own.items()} if stage in self.plain else own
                self._names[stage] = rebuild(module, guarded, plain=stage in self.plain)
            else:
                self._names[stage] = vars(module)
        return self._names[stage]

    def run(self, stage: Stage, market: Market) -> None:
        """Run a stage, or what stands for it."""
        if stage.name in self.equations and not self.is_plain(stage.name):
            self._run_swapped(stage, market)
        elif stage.name in self.stages:
            self.guard(self.stages[stage.name], stage.name, market.month)(market)
            check_numbers(market, stage)
        else:
            with quiet_overflow():
                stage.function(market)
        if stage.end:
            stage.end(market)

    def _run_swapped(self, stage: Stage, market: Market) -> None:
        """A stage with swapped equations, compiled; on an error, once more as plain Python to find it."""
        before = remember(market)
        try:
            stage.function(market)
            check_numbers(market, stage)
            return
        except numba.core.errors.NumbaError as error:
            warnings.warn(
                f"{', '.join(f'{stage.name}.{e}' for e in self.equations[stage.name])} cannot be compiled, so this stage "
                f"runs as plain Python, some hundred times slower ({first_line(error)})",
                SlowWarning,
                stacklevel=2,
            )
        except Exception:  # found again below, with the customer's values
            pass
        restore(market, before)
        self.plain.add(stage.name)
        self._names.pop(stage.name, None)
        with quiet_overflow():
            stage.function(market)
        check_numbers(market, stage)

    def _watched(self, stage: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A plain equation of the user's that says with which values it failed."""
        arguments = list(inspect.signature(function).parameters)

        @wraps(function)
        def call(*values: Any) -> Any:
            shown = ", ".join(f"{a}={v:.6g}" for a, v in zip(arguments, values, strict=False) if np.isscalar(v))
            try:
                result = function(*values)
            except Exception as error:
                where = f"{stage}.{name} failed{line_of(error, function)}"
                raise UserError(f"{where}: {described(error)}{customer_of(sys._getframe(1))}; its values: {shown}") from error
            if not isinstance(result, (int, float, np.generic)) or np.isnan(result):
                raise UserError(
                    f"{stage}.{name} returned {result!r}, where a number is needed{customer_of(sys._getframe(1))}; its values: {shown}"
                )
            return result

        return call

    def guard(self, function: Callable[..., Any], what: str, month: int) -> Callable[..., Any]:
        """The function; an error inside it becomes one sentence that says where; people count months from 1."""

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except UserError:
                raise
            except Exception as error:
                raise UserError(f"{what} failed in month {month + 1}{line_of(error, function)}: {described(error)}") from error

        return call


def check_swap(name: str, function: Any) -> None:
    """Refuse an unknown name with the nearest right one, and a function of other arguments."""
    known = [*BY_NAME, *EQUATIONS]
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"stages are {', '.join(BY_NAME)}"
        raise ValueError(f'swap: no stage or equation "{name}"; {hint}')
    if not callable(function):
        raise TypeError(f"swap.{name}: must be a function (got {function!r})")
    wanted = ["market"] if "." not in name else list(inspect.signature(EQUATIONS[name].py_func).parameters)
    try:
        inspect.signature(function).bind(*wanted)
    except TypeError:
        raise ValueError(
            f"swap.{name}: must take {len(wanted)} arguments, {', '.join(wanted)} "
            f"(got {', '.join(inspect.signature(function).parameters) or 'none'})"
        ) from None


def remember(market: Market) -> dict[str, Any]:
    """A copy of the whole state, to repeat a stage from."""
    columns = {name: getattr(market.customers, name).copy() for name in COLUMN}
    firms = [(copy.copy(f.__dict__)) for f in market.firms]
    books = [market.ledger.current.copy(), market.ledger.current_counts.copy(), market.ledger.departed.copy()]
    months = [a.copy() for a in market.month_of_firms]
    drawn = set(market.draws._drawn)
    return {"columns": columns, "firms": firms, "books": books, "arrays": months, "norm": market.norm,
            "departures": len(market.departures), "referrals": len(market.referrals), "drawn": drawn}  # fmt: skip


def restore(market: Market, before: dict[str, Any]) -> None:
    """Set the state back to a copy."""
    for name, values in before["columns"].items():
        setattr(market.customers, name, values)
    for firm, values in zip(market.firms, before["firms"], strict=True):
        firm.__dict__.update(values)
    for book, values in zip(
        (market.ledger.current, market.ledger.current_counts, market.ledger.departed), before["books"], strict=True
    ):
        book[...] = values
    for array, values in zip(market.month_of_firms, before["arrays"], strict=True):
        array[...] = values
    market.norm = before["norm"]
    del market.departures[before["departures"] :]
    del market.referrals[before["referrals"] :]
    market.draws._drawn = before["drawn"]


def check_numbers(market: Market, stage: Stage) -> None:
    """After a function of the user's: no column may hold what is not a number."""
    for name in COLUMN:
        values = getattr(market.customers, name)
        if values.dtype.kind == "f" and np.isnan(values).any():
            place = np.argwhere(np.isnan(values))[0]
            raise UserError(
                f"{stage.name}, month {market.month + 1}: column {name} is not a number for customer {int(place[-1])}; "
                "look for a division by zero or a logarithm of 0 in your function"
            )


def first_line(error: BaseException) -> str:
    """The first line of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Failed in", "- Resolution", "During:", "File"))]
    return (useful or lines or [type(error).__name__])[0][:120]


def described(error: BaseException) -> str:
    """An error in one sentence, with the nearest right name where a name is wrong."""
    text = str(error) or type(error).__name__
    name = getattr(error, "name", None)
    if isinstance(error, NameError) and name and error.__traceback__:
        frame = _last(error.__traceback__).tb_frame
        known = [*frame.f_locals, *frame.f_globals, *vars(builtins)]
        near = difflib.get_close_matches(name, known, 1)
        return text + (f"; did you mean '{near[0]}'?" if near else "")
    if isinstance(error, (KeyError, IndexError, TypeError, ZeroDivisionError, AttributeError, ValueError)):
        return text if isinstance(error, (AttributeError, ValueError, TypeError)) else f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}: {text}"


def _last(traceback: types.TracebackType) -> types.TracebackType:
    while traceback.tb_next:
        traceback = traceback.tb_next
    return traceback


def line_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Where in the user's function an error arose, as ", at line 4 of your function"."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None and hasattr(function, "__func__"):
        code = function.__func__.__code__
    traceback = error.__traceback__
    while traceback:
        if traceback.tb_frame.f_code is code:
            return f", at line {traceback.tb_lineno - code.co_firstlineno + 1} of your function"
        traceback = traceback.tb_next
    return ""


def customer_of(frame: types.FrameType | None) -> str:
    """The customer that a plain loop was at, read from the loop that called the equation."""
    while frame is not None and ".behaviours." in frame.f_globals.get("__name__", ""):
        local = frame.f_locals
        if "i" in local:
            return f" (customer {int(local['i'])})"
        if "lo" in local and "j" in local:
            return f" (customer {int(local['lo'] + local['j'])})"
        frame = frame.f_back
    return ""


