"""Compiled equations and loops: one place that knows of Numba.

An *equation* is a small scalar function of numbers: what the theory says. A *loop* runs
equations over blocks of customers. Both are written in plain Python and compiled on first use;
either can be rebuilt with one equation replaced (`rebuild`), compiled or plain, and nothing of
the replacement stays behind.

The compile cache is a folder of our own, named by a hash of all sources that compiled code is made
of: Numba does not see edits in imported files and would return stale results.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sim import plain as as_python

SOURCES = (
    "behaviours", "bundles.py", "columns.py", "compiled.py", "draws.py", "kept.py", "ledger.py", "maths.py", "network.py",
    "plain.py", "scenario/firms.py", "scenario/parameters.py", "scenario/stages_customers.py", "scenario/stages_firms.py",
    "scenario/stages_service.py", "scenario/table.py", "scenario/traits.py", "scenario/words.py", "traits.py",
)  # fmt: skip
"""Files and folders that compiled code is made of: every file that marks an equation or a loop, and
what these import. A test follows the imports."""


def sources_hash() -> str:
    """Hash of the sources of compiled code and of the Python that runs them (16 hex digits)."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for name in SOURCES:
        path = root / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path | None:
    """The folder for compiled loops of exactly these sources, made if need be.

    ``TENFOLD_CACHE`` overrides where it stands. None where nothing can be written.
    """
    if os.environ.get("TENFOLD_CACHE"):
        base = Path(os.environ["TENFOLD_CACHE"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", "~")) / "tenfold" / "cache"
    elif sys.platform == "darwin":
        base = Path("~/Library") / "Caches" / "tenfold"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "tenfold"
    try:
        folder = base.expanduser() / f"loops-{sources_hash()}"
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except (OSError, RuntimeError):  # nothing can be written, or there is no home
        return None
    return folder


def _read_without_blas() -> None:
    """Read Numba's arrays without SciPy's linear algebra, which a start need not wait for.

    Numba looks only whether it is there, for convolutions, which then are its own; products of matrices ask again.
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules:
        return
    sys.modules[blas] = None  # type: ignore[assignment]
    try:
        with contextlib.suppress(ImportError):  # another Numba may keep them elsewhere
            importlib.import_module("numba.np.arraymath")
    finally:
        sys.modules.pop(blas, None)


try:
    import numba

    if numba.config.DISABLE_JIT:
        raise ImportError("NUMBA_DISABLE_JIT is set")
except Exception as error:  # no package for this Python or computer, or one that does not load
    numba = None  # type: ignore[assignment]
    WHY_PLAIN = str(error).strip().partition("\n")[0] or type(error).__name__
else:
    from sim.kept import keep

    _read_without_blas()
    WHY_PLAIN = ""
"""Why loops run as plain Python here; empty where they are compiled."""

CURE_PLAIN = "install Python 3.13 (64 bit), for which Numba is ready made, and start again with it"

CACHE = None if numba is None else cache_folder()

if CACHE is None and numba is not None:
    warnings.warn(
        "no folder can be written for compiled loops, so each start compiles them again; "
        "set TENFOLD_CACHE to a folder that can be written",
        stacklevel=2,
    )


@functools.cache
def _say_plain() -> None:
    warnings.warn(
        f"Numba cannot be imported ({WHY_PLAIN}), so the market runs in plain Python: the same numbers, "
        f"some thousand times slower, up to {as_python.LIMIT:,} customers",
        stacklevel=4,
    )


def mind_plain(customers: int) -> None:
    """Where Numba cannot be imported: say so once, and refuse a market that plain Python cannot bear.

    Raises
    ------
    ValueError : more customers than plain Python takes.
    """
    if not WHY_PLAIN:
        return
    if customers > as_python.LIMIT:
        raise ValueError(
            f"market.customers: at most {as_python.LIMIT:,} in plain Python (got {customers:,}), and Numba cannot be "
            f"imported here ({WHY_PLAIN}); {CURE_PLAIN}, or make the market smaller"
        )
    _say_plain()


bits_of, float_of = as_python.bits_of, as_python.float_of
"""A float's 64 bits as a whole number, and back: as Python, and as one move in compiled code."""


def _compile_moves() -> None:
    """Teach Numba the two moves of bits."""
    from numba import types as kinds
    from numba.extending import lower_builtin, type_callable

    for move, to, given in ((bits_of, kinds.int64, kinds.float64), (float_of, kinds.float64, kinds.int64)):

        @type_callable(move)
        def typed(context: Any, to: Any = to, given: Any = given) -> Any:
            return lambda x: numba.core.typing.signature(to, given)

        @lower_builtin(move, given)
        def lowered(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(sig.return_type))


if numba is not None:
    _compile_moves()

INSIDE = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}
"""What only loops call needs no door to Python, and no count of references: it makes no array."""


def _of_any_value(compiled: Any) -> Any:
    """Type a constant argument as any number of its kind: Numba would compile anew for each value."""
    typed, plain = compiled.get_call_template, numba.types.unliteral

    def get_call_template(args: Any, kws: Any) -> Any:
        return typed(tuple(map(plain, args)), {name: plain(kind) for name, kind in kws.items()})

    compiled.get_call_template = get_call_template
    return compiled


def equation(function: Callable[..., Any], *, cached: bool = True) -> Callable[..., Any]:
    """Mark a scalar function of the theory: no arrays, no state, no draws inside.

    Arithmetic is float64 with bare literals; division by zero gives inf or nan, as in NumPy.
    Called from Python it is compiled with a door to Python and cached on disk, called from a loop without:
    the door is two thirds of the time that it takes to compile.
    """
    if not numba:
        return _marked(as_python.scalar(function), equation)
    compiled = numba.njit(forceinline=True, error_model="numpy")(function)
    inside = _of_any_value(numba.njit(forceinline=True, **INSIDE)(function))
    compiled.get_call_template = inside.get_call_template
    compiled.get_overload = inside.get_overload
    return _kept(compiled, equation, cached)


def loop(function: Callable[..., Any], *, cached: bool = True) -> Callable[..., Any]:
    """Mark a loop over rows, called from Python: compiled, cached on disk, free of Python's lock."""
    if not numba:
        return _marked(as_python.loop(function), loop)
    return _kept(numba.njit(nogil=True, error_model="numpy")(function), loop, cached)


def step(function: Callable[..., Any], *, cached: bool = True) -> Callable[..., Any]:
    """Mark a step of a loop: called by it once a block, compiled by itself and cached on disk; it makes no array.

    When an equation is replaced, only the steps that use it are compiled again.
    """
    if not numba:
        return _marked(as_python.loop(function), step)
    return _kept(numba.njit(**INSIDE)(function), step, cached)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a part of a loop or step: compiled into it in place; it makes no array."""
    if not numba:
        return _marked(as_python.loop(function), part)
    return _marked(_of_any_value(numba.njit(forceinline=True, **INSIDE)(function)), part)


def _kept(compiled: Any, mark: Callable[..., Any], cached: bool) -> Any:
    """A marked function that keeps what is compiled of it, where a folder can be written."""
    if cached and CACHE is not None:
        keep(compiled, CACHE)
    return _marked(compiled if mark is equation else _of_any_value(compiled), mark)


def _marked(compiled: Any, mark: Callable[..., Any]) -> Any:
    """A function that remembers how it was marked."""
    compiled.mark = mark
    return compiled


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a compiled function that loops call and that is not inlined (it saves compile time)."""
    if not numba:
        return _marked(as_python.scalar(function), helper)
    return _marked(_of_any_value(numba.njit(nogil=True, error_model="numpy")(function)), helper)


def bundle(values: Any) -> Any:
    """A namedtuple of arrays and numbers as loops take it: a `Bundle` where they are compiled."""
    if not numba:
        return values
    from sim.bundles import Bundle

    return Bundle(values)


def compile_own(function: Callable[..., Any]) -> Callable[..., Any]:
    """A scalar function of the user's, compiled when it is called, with an equation's arithmetic."""
    function = getattr(function, "py_func", function)  # of one that is under @njit already
    return _of_any_value(numba.njit(error_model="numpy")(function))  # type: ignore[no-any-return]


def equations_of(module: types.ModuleType) -> dict[str, Callable[..., Any]]:
    """The equations that a behaviour file defines, by name, in the order of the file."""
    return {
        name: value
        for name, value in vars(module).items()
        if getattr(value, "mark", None) is equation and value.py_func.__module__ == module.__name__
    }


def rebuild(
    module: types.ModuleType, replaced: dict[str, Callable[..., Any]], *, plain: bool = False
) -> dict[str, Any]:
    """A copy of a behaviour file's functions with some equations replaced.

    Parameters
    ----------
    module : the behaviour file.
    replaced : name of an equation -> plain Python function of the same arguments.
    plain : leave everything uncompiled (slow; errors then show their line).

    Returns
    -------
    dict : the names of the file; those functions that use a replacement, near or far, are bound to it and
    compiled when called, the others are as they were. The module itself is untouched, so nothing stays
    behind for the next run.
    """
    plain = plain or numba is None
    bounds = getattr(module, "BOUNDS", {})
    replaced = {**replaced, **{bounds[name]: no_bound for name in replaced if name in bounds}}
    names = dict(vars(module))
    own = {n: v for n, v in names.items() if getattr(v, "__module__", None) == module.__name__}
    concerned = set(own) if plain else _users(own, set(replaced))
    for name, value in vars(module).items():
        if name in replaced:
            names[name] = replaced[name] if plain else compile_own(replaced[name])
        elif plain and name not in own and getattr(value, "mark", None) in (part, step):
            names[name] = rebuild(sys.modules[value.__module__], {}, plain=True)[value.__name__]
        elif name in concerned and hasattr(value, "mark"):
            copy = _bound_to(names, value.py_func)
            uncached = {"cached": False} if value.mark in (equation, loop, step) else {}
            names[name] = copy if plain else value.mark(copy, **uncached)
        elif name in own and isinstance(value, types.FunctionType):
            names[name] = _bound_to(names, value)
    return names


def no_bound(*_: Any) -> float:
    """Stands for the bound of a chance that was replaced."""
    return float("inf")


def _bound_to(names: dict[str, Any], function: types.FunctionType) -> types.FunctionType:
    """A copy of a function that looks up its names elsewhere."""
    return types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )


def _users(own: dict[str, Any], replaced: set[str]) -> set[str]:
    """The compiled functions of a file that use one of the replaced, near or far."""
    uses = {
        name: set(value.py_func.__code__.co_names) for name, value in own.items() if hasattr(value, "mark")
    }
    found: set[str] = set()
    reached = replaced
    while reached:
        found |= reached
        reached = {name for name, used in uses.items() if used & found} - found
    return found - replaced


@contextlib.contextmanager
def quiet_overflow() -> Iterator[None]:
    """Silence NumPy's scalar warnings while loops run as plain Python (compiled code has none)."""
    import numpy as np

    with np.errstate(all="ignore"):
        yield
