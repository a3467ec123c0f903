"""Compiled loops of mechanisms: made when they are first called, so that who uses no mechanism waits for none.

A loop runs over customers and calls the equations of its file as they are written. It takes `c`, some columns by name
(`columns`), `p`, the numbers of the mechanism's table (`Own.numbers`), and arrays, a value a firm. Where a column
is float32, arithmetic with bare numbers is NumPy's for columns: say `np.float32(1.0) - discount[i]` where the rounding
to float32 is part of the result.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import types
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

SOURCES = ("mechanisms",)
"""What compiled loops of mechanisms are made of, beside `sim.compiled.SOURCES`. A test follows the imports."""


_plain: ContextVar[bool] = ContextVar("_plain", default=False)


@contextlib.contextmanager
def as_written() -> Iterator[None]:
    """Inside, loops run as plain Python."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


@functools.cache
def _as_written(function: types.FunctionType) -> Callable[..., Any]:
    from sim import plain as as_python

    return as_python.loop(function)


def _unpacked(arg: Any) -> Any:
    """An argument as plain Python takes it: the namedtuple of a bundle."""
    return arg.values if hasattr(arg, "_numba_type_") else arg


class Loop:
    """A loop over customers, compiled when it is first called, and kept on disk; plain Python without Numba."""

    def __init__(self, function: types.FunctionType) -> None:
        self.py_func = function
        functools.update_wrapper(self, function)

    @functools.cached_property
    def made(self) -> Callable[..., Any]:
        """What is called."""
        from sim import compiled

        if compiled.numba is None:
            return _as_written(self.py_func)
        copy = compiled._bound_to(_names(self.py_func.__module__), self.py_func)
        copy.__module__ = self.py_func.__module__
        made = compiled.numba.njit(nogil=True, error_model="numpy")(copy)
        if (
            compiled.CACHE is not None and _stamps() == STAMPS
        ):  # else it is compiled of older files than are there
            compiled.keep(made, compiled.CACHE / f"mechanisms-{sources_hash()}")
        return made  # type: ignore[no-any-return]

    def __call__(self, *args: Any) -> Any:
        """Run it; as it is written in a plain market."""
        if _plain.get():
            return _as_written(self.py_func)(*[_unpacked(arg) for arg in args])
        return self.made(*args)


def loop(function: Any) -> Loop:
    """Mark a loop of a mechanism."""
    return Loop(function)


def _stamps() -> dict[str, tuple[int, int]]:
    """When each file of mechanisms was written, and its size."""
    root = Path(__file__).parents[1]
    stamps: dict[str, tuple[int, int]] = {}
    for name in SOURCES:
        with os.scandir(root / name) as files:  # a tenth of the time of a glob, at every start
            found = {file.path: file.stat() for file in files if file.name.endswith(".py")}
        stamps |= {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}
    return stamps


STAMPS = _stamps()
"""Those of the files that were imported."""


@functools.cache
def sources_hash() -> str:
    """Hash of the files of mechanisms (16 hex digits); the folder around has that of the core's."""
    root, digest = Path(__file__).resolve().parents[1], hashlib.sha256()
    for name in SOURCES:
        for file in sorted((root / name).glob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def _names(module: str) -> dict[str, Any]:
    """What a file of a mechanism names, its functions as loops call them: of single numbers, compiled in place."""
    names = dict(vars(sys.modules[module]))
    for name, value in names.items():
        if isinstance(value, types.FunctionType) and value.__module__ in sys.modules:
            names[name] = _scalar(value, names if value.__module__ == module else None)
    return names


def _scalar(function: types.FunctionType, names: dict[str, Any] | None) -> Any:
    """A function of single numbers, for loops: what equations are written with has its own there."""
    from sim import compiled
    from sim.mechanisms.single import SINGLE

    if function.__module__ in ("sim.mechanisms.frame", __name__) and function.__name__ in SINGLE:
        return SINGLE[function.__name__]
    if not function.__module__.startswith("sim.mechanisms."):
        return function
    bound = compiled._bound_to(_names(function.__module__) if names is None else names, function)
    return compiled._of_any_value(compiled.numba.njit(forceinline=True, **compiled.INSIDE)(bound))


def columns(name: str, *names: str) -> Any:
    """A namedtuple class of columns for a loop, of the core and of mechanisms."""
    return namedtuple(name, names, module=__name__)


@functools.cache
def numbers_class(table: Any) -> Any:
    """A namedtuple class of the numbers of a table, by their names."""
    fields = {name: kind.annotation for name, kind in table.model_fields.items()}
    kept = [name for name, kind in fields.items() if kind in (int, float, bool)]
    return namedtuple(f"{table.__name__}Numbers", kept, module=__name__)


# ---------------------------------------------------------------- what loops are written with


def draw(i: Any, k: Any, month: Any, code: Any, key0: Any, key1: Any) -> Any:
    """The uniform number of customer i, as `Own.uniform` has it."""
    from sim.draws import philox, uniform

    return uniform(philox(int(i), int(k), month, code, key0, key1)[0])


def enter(ledger: Any, signs: Any, profits: Any, f: Any, i: Any, line: Any, money: Any) -> None:
    """Money of one customer on a line of firm f: cents rounded once, half to even.

    Parameters
    ----------
    ledger, signs : `market.ledger.current`, int64 (F, lines), and `market.ledger.signs`, int64 (lines,).
    profits : the column `month_profit_cents`. i : a customer whose supplier is f.
    line : its place in the ledger, by `Own.place`; a line by customer, else account and ledger part. money : float.
    """
    cents = np.int64(np.rint(money * 100.0))
    ledger[f, line] += cents
    profits[i] += signs[line] * cents


def firm_bits(chosen: Any) -> Any:
    """Firms that are chosen, (F,) above 0, as bits of one number: firm f's at place f + 1, and at 0 that of nobody, 0.

    A loop over everybody asks it by a shift; looked up in an array of the firms, the answer takes several times as long.
    """
    bits: Any = 0
    for f in range(len(chosen)):
        bits |= np.int64(chosen[f] > 0) << (f + 1)
    return np.int64(bits)


@loop
def draw_rows(ids, k, month, code, key0, key1, out):
    """One uniform number for each of some customers."""
    for x in range(len(ids)):
        out[x] = draw(ids[x], k, month, code, key0, key1)


@loop
def trait_rows(ids, k, generation, code, key0, key1, out):
    """One uniform number for each of some people, the same in all months."""
    for x in range(len(ids)):
        out[x] = draw(ids[x], k, np.int64(generation[ids[x]]), code, key0, key1)


@loop
def forget_rows(supplier, before, blank, values):
    """What grew with a former supplier is lost; who has no supplier has nothing."""
    for i in range(len(supplier)):
        values[i] = blank if (supplier[i] != before[i]) | (supplier[i] < 0) else values[i]


@loop
def known_rows(supplier, there, known):
    """Who is ``there``, (F, N), for the goods of their supplier is known to nobody, -1."""
    for f in range(len(there)):
        there_f = there[f]
        for i in range(len(known)):
            known[i] = -1 if (supplier[i] == f) & (there_f[i] != 0) else known[i]


@loop
def strike_tellers(teller, teller_firm):
    """News that a mechanism spread has no teller."""
    for i in range(len(teller)):
        teller_firm[i] = -1 if teller[i] < 0 else teller_firm[i]


@loop
def list_rows(supplier, bought, visited, ids, firm):
    """Numbers and firms of own customers who bought or came for service; gives how many."""
    n = 0
    for i in range(len(supplier)):
        ids[n] = i
        firm[n] = supplier[i]
        n += (supplier[i] >= 0) & ((bought[i] > 0) | (visited[i] > 0))
    return n


@loop
def count_rows(supplier, heads):
    """Own customers of each firm: a pass a firm, without a branch, takes a tenth of one pass with one."""
    for f in range(len(heads)):
        n = 0
        for i in range(len(supplier)):
            n += supplier[i] == f
        heads[f] = n


@loop
def sum_by_firm(supplier, values, heads, sums):
    """Own customers of each firm, and the sum of a value over them, customer after customer."""
    for i in range(len(supplier)):
        f = supplier[i]
        if f >= 0:
            heads[f] += 1
            sums[f] += np.float64(values[i])


@loop
def sum_own_by_firm(supplier, values, heads, sums):
    """The same of a value a firm and customer: each own customer's with the supplier."""
    for i in range(len(supplier)):
        f = supplier[i]
        if f >= 0:
            heads[f] += 1
            sums[f] += np.float64(values[f, i])


@loop
def charge_rows(supplier, ids, money, line, sign, ledger, profits, spent):
    """Money of some customers on a line of their suppliers; ``spent``: what they spent, where the money is that."""
    for x in range(len(ids)):
        i = ids[x]
        f = supplier[i]
        if f >= 0:
            cents = np.int64(np.rint(money[x] * 100.0))
            ledger[f, line] += cents
            profits[i] += sign * cents
            if len(spent) > 0:
                spent[i] += cents
