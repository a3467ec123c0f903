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
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sim import plain as as_python

SOURCES = (
    "behaviours", "columns.py", "compiled.py", "draws.py", "kept.py", "ledger.py", "maths.py", "network.py",
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


try:
    import numba

    if numba.config.DISABLE_JIT:
        raise ImportError("NUMBA_DISABLE_JIT is set")
except Exception as error:  # no package for this Python or computer, or one that does not load
    numba = None  # type: ignore[assignment]
    WHY_PLAIN = str(error).strip().partition("\n")[0] or type(error).__name__
else:
    from sim.kept import keep

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


def equation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a scalar function of the theory: no arrays, no state, no draws inside.

    Arithmetic is float64 with bare literals; division by zero gives inf or nan, as in NumPy.
    """
    compiled: Any = (
        numba.njit(forceinline=True, error_model="numpy")(function) if numba else as_python.scalar(function)
    )
    compiled.is_equation = True
    return compiled  # type: ignore[no-any-return]


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a loop over rows: compiled, cached on disk, free of Python's lock."""
    if not numba:
        return as_python.loop(function)
    compiled = numba.njit(nogil=True, error_model="numpy")(function)
    return compiled if CACHE is None else keep(compiled, CACHE)  # type: ignore[no-any-return]


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a compiled function that loops call and that is not inlined (it saves compile time)."""
    if not numba:
        return as_python.scalar(function)
    return numba.njit(nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a part of a loop: compiled into it in place, so that handing over many columns costs nothing."""
    if numba:
        options = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        compiled = numba.njit(nogil=True, error_model="numpy", **options)(function)
    else:
        compiled = as_python.loop(function)
    compiled.is_part = True
    return compiled  # type: ignore[no-any-return]


def compile_own(function: Callable[..., Any]) -> Callable[..., Any]:
    """A scalar function of the user's, compiled when it is called, with an equation's arithmetic."""
    return numba.njit(error_model="numpy")(function)  # type: ignore[no-any-return]


def equations_of(module: types.ModuleType) -> dict[str, Callable[..., Any]]:
    """The equations that a behaviour file defines, by name, in the order of the file."""
    return {
        name: value
        for name, value in vars(module).items()
        if getattr(value, "is_equation", False) and value.py_func.__module__ == module.__name__
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
    dict : the names of the file, its functions bound to the replacements. The module itself is
    untouched, so nothing stays behind for the next run.
    """
    plain = plain or numba is None
    names = dict(vars(module))
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if name in replaced:
            names[name] = replaced[name] if plain else compile_own(replaced[name])
        elif plain and not own and getattr(value, "is_part", False):
            home = sys.modules[value.__module__]
            names[name] = rebuild(home, {}, plain=True)[value.__name__]
        elif own and hasattr(value, "py_func"):
            source = value.py_func
            copy = types.FunctionType(
                source.__code__, names, source.__name__, source.__defaults__, source.__closure__
            )
            names[name] = copy if plain else numba.njit(**_options(value))(copy)
        elif own and isinstance(value, types.FunctionType):
            names[name] = types.FunctionType(
                value.__code__, names, value.__name__, value.__defaults__, value.__closure__
            )
    return names


def _options(compiled: Any) -> dict[str, Any]:
    """How a function was compiled."""
    return {name: value for name, value in compiled.targetoptions.items() if name != "nopython"}


@contextlib.contextmanager
def quiet_overflow() -> Iterator[None]:
    """Silence NumPy's scalar warnings while loops run as plain Python (compiled code has none)."""
    import numpy as np

    with np.errstate(all="ignore"):
        yield
