"""Behaviour of your own: a stage or an equation replaced by name, for one run, and nothing left behind.

A swapped equation is compiled into its stage again; where it cannot be compiled the stage runs as
plain Python, and a line says so. An error in a function of yours stops the run with one sentence
that says where.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.behaviours import BY_NAME, EQUATIONS, Stage
from sim.columns import Column
from sim.compiled import WHY_PLAIN, compile_own, quiet_overflow, rebuild
from sim.named_codes import for_people
from sim.own_numbers import CLOSE, Range, of_column, of_equation
from sim.user_errors import SlowWarning, UserError, customer_of, described, first_line, line_of, plain_value

if TYPE_CHECKING:
    from sim.market import Market


_kept: ContextVar[dict[Any, Any] | None] = ContextVar("_kept", default=None)


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """Inside, markets with the same swapped equations share what was compiled of them.

    Compiled code holds the values that a function's globals had: so this is for runs with nothing between them.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


class Swaps:
    """The behaviour of one market: what the scenario's stages are, with the user's in their place.

    Parameters
    ----------
    swap : stage or equation -> function.
    plain : run every loop as plain Python.
    """

    def __init__(self, swap: Mapping[str, Callable[..., Any]], *, plain: bool = False) -> None:
        self.given = tuple(swap)
        self.functions = dict(swap)
        self.stages: dict[str, Callable[..., Any]] = {}
        self.equations: dict[str, dict[str, Callable[..., Any]]] = {}
        for name, function in swap.items():
            check_swap(name, function)
            if "." in name:
                stage, equation = name.split(".")
                for user, alias in users_of(stage, equation):
                    self.equations.setdefault(user, {})[alias] = function
            else:
                self.stages[name] = function
        for name in unused(swap):
            warnings.warn(
                f"swap.{name}: {name.partition('.')[0]} is swapped too, so this counts only where your function asks for it, "
                f'by market.call("{name}", …)',
                stacklevel=3,
            )
        self._shared = _kept.get()
        kept = {} if self._shared is None else self._shared
        self.plain = (
            set(BY_NAME)
            if plain or WHY_PLAIN
            else {s for s in self.equations if kept.get(self._key(s), 0) is None}
        )
        self._names: dict[str, dict[str, Any]] = {}
        self._month = 0

    def is_plain(self, stage: str) -> bool:
        """Whether a stage's loops run as plain Python."""
        return stage in self.plain

    def names(self, stage: str) -> dict[str, Any]:
        """The functions of a stage's file, with the swapped equations in place."""
        if stage not in self._names:
            module = BY_NAME[stage].module
            own = self.equations.get(stage, {})
            if stage in self.plain:
                watched = {name: self._watched(stage, name, f) for name, f in own.items()}
                self._names[stage] = rebuild(module, watched, plain=True)
            elif own:
                built = self._built(stage, own)
                # loops hold the compiled ones; what Python calls itself is watched
                self._names[stage] = {
                    **built,
                    **{name: self._watched(stage, name, f) for name, f in own.items()},
                }
            else:
                self._names[stage] = vars(module)
        return self._names[stage]

    def _built(self, stage: str, own: dict[str, Callable[..., Any]]) -> dict[str, Any]:
        """A stage's file with swapped equations, compiled when called; shared inside `compiled_once`."""
        shared = {} if self._shared is None else self._shared
        if self._key(stage) not in shared:
            shared[self._key(stage)] = rebuild(
                BY_NAME[stage].module, {name: refusing(f, of_equation(name)) for name, f in own.items()}
            )
        return shared[self._key(stage)]  # type: ignore[no-any-return]

    def _key(self, stage: str) -> tuple[Any, ...]:
        """Names a stage with these very functions."""
        return (stage, *sorted((name, id(function)) for name, function in self.equations[stage].items()))

    def run(self, stage: Stage, market: Market) -> None:
        """Run a stage, or what stands for it, to its end."""
        self._month = market.month
        if stage.name in self.equations and not self.is_plain(stage.name):
            self._run_swapped(stage, market)
        else:
            self._run_once(stage, market)

    def _run_once(self, stage: Stage, market: Market) -> None:
        """A stage and its end, once; the user's function in its place is guarded, and looked after."""
        if stage.name in self.stages:
            with customers_in_words(market):
                self.guard(self.stages[stage.name], stage.name, market.month)(market)
            check_numbers(market, stage)
        else:
            market.draws.claim(*stage.module.DRAWS)
            with quiet_overflow():
                stage.function(market)
        if stage.end:
            with quiet_overflow():
                stage.end(market)

    def _run_swapped(self, stage: Stage, market: Market) -> None:
        """A stage with swapped equations, compiled; on an error, once more as plain Python to find it."""
        before = remember(market, stage)
        try:
            self._run_once(stage, market)
            check_numbers(market, stage)
            return
        except UserError:
            raise
        except Exception as error:  # found again below, with the customer's values
            why = first_line(error)
        restore(market, before)
        self.plain.add(stage.name)
        self._names.pop(stage.name, None)
        self._run_once(stage, market)
        check_numbers(market, stage)
        if self._shared is not None:
            self._shared[self._key(stage.name)] = None  # plain from the start, and said once
        warnings.warn(
            f"{', '.join(f'{stage.name}.{e}' for e in self.equations[stage.name])} cannot be compiled, so this stage "
            f"runs as plain Python, some hundred times slower ({why})",
            SlowWarning,
            stacklevel=2,
        )

    def _watched(self, stage: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A plain equation of the user's that says with which values it failed."""
        arguments, law = list(inspect.signature(function).parameters), of_equation(name)

        @wraps(function)
        def call(*values: Any) -> Any:
            numbers: list[Any] = [(a, v) for a, v in zip(arguments, values, strict=False) if np.isscalar(v)]
            shown = ", ".join(f"{a}={v:.6g}" for a, v in numbers)
            try:
                result = function(*values)
            except Exception as error:
                where = f"{stage}.{name} failed in month {self._month + 1}{line_of(error, function)}"
                raise UserError(
                    f"{where}: {described(error)}{customer_of(sys._getframe(1))}; its values: {shown}"
                ) from error
            if not law.holds(result):
                raise UserError(
                    f"{stage}.{name} returned {plain_value(result)!r} in month {self._month + 1}, where {law.law} is needed{law.cure(result)}"
                    f"{customer_of(sys._getframe(1))}; its values: {shown}"
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
                raise UserError(
                    f"{what} failed in month {month + 1}{line_of(error, function)}: {described(error)}"
                ) from error

        return call


@contextlib.contextmanager
def customers_in_words(market: Market) -> Iterator[None]:
    """Inside, the columns of the market's customers compare with words: a function of the user's runs."""
    customers = market.customers
    market.customers = for_people(market)
    try:
        yield
    finally:
        market.customers = customers


def users_of(stage: str, equation: str) -> Iterator[tuple[str, str]]:
    """The stages whose files hold an equation, its own and those that import it, and its name there."""
    original = vars(BY_NAME[stage].module)[equation]
    for name, other in BY_NAME.items():
        for alias, value in vars(other.module).items():
            if value is original:
                yield name, alias


def unused(swap: Mapping[str, Any]) -> Iterator[str]:
    """The equations of stages that are swapped too, where nothing asks for them: neither the program nor the function there."""
    for name in swap:
        stage, _, equation = name.partition(".")
        if (
            not equation or stage not in swap or name == "serve.agent_capacity"
        ):  # each firm's month opens with it
            continue
        said = getattr(getattr(swap[stage], "__code__", None), "co_names", ())
        asks = bool({"call", "code", stage} & {*said})  # market.call, or the shipped stage
        elsewhere = any(user not in swap for user, _ in users_of(stage, equation))
        if not asks and not elsewhere and equation not in _reached_by_the_end(BY_NAME[stage]):
            yield name


def _reached_by_the_end(stage: Stage) -> set[str]:
    """The names of a stage's file that its end uses, near or far, and those that `market.tell` does."""
    known = vars(stage.module)
    todo = [stage.end.__name__, "spread_news"] if stage.end else []
    found: set[str] = set()
    while todo:
        name = todo.pop()
        found.add(name)
        code = getattr(getattr(known[name], "py_func", known[name]), "__code__", None)
        said = (*code.co_names, *code.co_consts) if code else ()
        todo += [other for other in said if isinstance(other, str) and other in known and other not in found]
    return found


def check_swap(name: str, function: Any) -> None:
    """Refuse an unknown name with the nearest right one, and a function of other arguments."""
    known = [*BY_NAME, *EQUATIONS]
    from sim.mechanisms import EQUATIONS as OF_MECHANISMS

    if name in OF_MECHANISMS:
        raise ValueError(
            f'swap: "{name}" is an equation of an optional mechanism, which is used as it is written; '
            f"change its parameters (mechanisms.{name.split('.')[0]}.…), or replace a stage"
        )
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"stages are {', '.join(BY_NAME)}"
        raise ValueError(f'swap: no stage or equation "{name}"; {hint}')
    if not callable(function):
        raise TypeError(f"swap.{name}: must be a function (got {function!r})")
    wanted = ["market"] if "." not in name else list(inspect.signature(EQUATIONS[name].py_func).parameters)  # type: ignore[attr-defined]
    try:
        inspect.signature(function).bind(*wanted)
    except TypeError:
        raise ValueError(
            f"swap.{name}: must take {len(wanted)} arguments, {', '.join(wanted)} "
            f"(got {', '.join(inspect.signature(function).parameters) or 'none'})"
        ) from None


def refusing(function: Callable[..., Any], law: Range) -> Callable[..., Any]:
    """An equation of the user's that raises, compiled too, where it gives no number, or one that it must not give."""
    inside = compile_own(function)
    least, most, whole = law.least - CLOSE, law.most + CLOSE, law.whole

    def call(*values: Any) -> Any:
        result = inside(*values)
        if result * 0 != 0 or not least <= result <= most or (whole and result % 1 != 0):
            raise ValueError("the equation gave what is not a number, or is out of its range")
        return result

    return call


def remember(market: Market, stage: Stage) -> dict[str, Any]:
    """A copy of the whole state, to repeat a stage from."""
    columns = {name: getattr(market.customers, name).copy() for name in market.customers.known}
    firms = [{**f.__dict__, "rule_counts": f.rule_counts.copy()} for f in market.firms]
    if stage.name == "decide":  # what a policy remembers must not be remembered twice
        firms = [{**own, "policy": copy.deepcopy(own["policy"])} for own in firms]
    books = [market.ledger.current.copy(), market.ledger.current_counts.copy(), market.ledger.departed.copy()]
    months = [a.copy() for a in market.month_of_firms]
    drawn = set(market.draws._drawn)
    told = [{place: list(those) for place, those in diary._tellings.items()} for diary in market.diaries]
    return {"tellings": told, "columns": columns, "firms": firms, "books": books, "arrays": months, "norm": market.norm,
            "departures": len(market.departures), "closed": len(market.closed), "referrals": len(market.referrals), "drawn": drawn}  # fmt: skip


def restore(market: Market, before: dict[str, Any]) -> None:
    """Set the state back to a copy."""
    for name, values in before["columns"].items():
        setattr(market.customers, name, values)
    for firm, values in zip(market.firms, before["firms"], strict=True):
        firm.__dict__.update(values)
    for book, values in zip(
        (market.ledger.current, market.ledger.current_counts, market.ledger.departed),
        before["books"],
        strict=True,
    ):
        book[...] = values
    for array, values in zip(market.month_of_firms, before["arrays"], strict=True):
        array[...] = values
    market.norm = before["norm"]
    del market.departures[before["departures"] :]
    del market.closed[before["closed"] :]
    del market.referrals[before["referrals"] :]
    market.draws._drawn = before["drawn"]
    for diary, told in zip(market.diaries, before["tellings"], strict=True):
        diary._tellings = told


def check_range(market: Market, stage: Stage, column: Column, values: np.ndarray) -> None:
    """No column may leave its range, and no code name a firm, a word or a segment that there is not: loops look them up unchecked."""
    least: float = 0
    most: float | None = len(column.words) - 1 if column.words else None
    limits = {name: ends for own in market.mechanisms.values() for name, ends in own.mechanism.limits.items()}
    if column.name in limits:
        least, most = limits[column.name]
    elif column.unit == "firm":
        least, most = -1, len(market.firms) - 1
    elif column.unit == "customer":
        least, most = -1, len(market.customers) - 1
    elif column.name == "segment":
        most = len(market.tables.segments) - 1
    elif column.name == "products":
        least, most = 1, 5
    elif column.name == "tier":
        most = 2
    else:
        law = of_column(column)
        if law.most < np.inf:
            least, most = law.least, law.most
    if most is None or not values.size:
        return
    close = CLOSE if values.dtype.kind == "f" else 0
    if values.min() < least - close or values.max() > most + close:
        wrong = (values < least - close) | (values > most + close)
        place = np.argwhere(wrong)[0]
        raise UserError(
            f"{stage.name}, month {market.month + 1}: column {column.name} must be {least:g} to {most:g} "
            f"(got {values[tuple(place)]} for customer {int(place[-1])})"
        )


def check_numbers(market: Market, stage: Stage) -> None:
    """After a function of the user's: columns hold finite numbers of their range, and codes and places that there are."""
    for name, column in market.customers.known.items():
        values = getattr(market.customers, name)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            place = np.argwhere(~np.isfinite(values))[0]
            raise UserError(
                f"{stage.name}, month {market.month + 1}: column {name} is not a number for customer {int(place[-1])}; "
                "look for a division by zero or a logarithm of 0 in your function"
            )
        check_range(market, stage, column, values)
