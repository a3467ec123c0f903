"""What stands for Numba where it cannot be imported: the marks of `compiled.py`, for plain Python.

Compiled code turns small integers and float32 into 64 bits and divides by zero without a word. So do
these, by what they hand to a function and by NumPy's numbers, which gives the same bits, some hundred
times slower.
"""

from __future__ import annotations

import functools
import struct
import sys
import types
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

LIMIT = 5_000
"""Most customers of a market in plain Python."""


_FLOAT, _WORD, _ANY_WORD = struct.Struct("<d"), struct.Struct("<q"), struct.Struct("<Q")


def bits_of(x: float) -> int:
    """The 64 bits of a float as a whole number. Compiled code has a move of its own (`compiled.py`)."""
    return _WORD.unpack(_FLOAT.pack(x))[0]  # type: ignore[no-any-return]


def float_of(bits: int) -> float:
    """The float of 64 bits; what is above them is cut off."""
    return _FLOAT.unpack(_ANY_WORD.pack(bits & 0xFFFFFFFFFFFFFFFF))[0]  # type: ignore[no-any-return]


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stands for a compiled loop or a part of one: no warning at an overflow or a division by zero."""

    @wraps(function)
    def call(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    call.py_func = function  # type: ignore[attr-defined]
    return call


def scalar(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stands for a compiled equation or helper.

    It computes with Python's numbers, which are fast. Where these raise (a division by zero), it computes once
    more with NumPy's, which give inf or nan.
    """

    @wraps(function)
    def call(*args: Any) -> Any:
        try:
            return _float64(inside(function)(*map(_number, args)))
        except (ZeroDivisionError, OverflowError):
            with np.errstate(all="ignore"):
                return _float64(function(*map(_float64, args)))

    call.py_func = function  # type: ignore[attr-defined]
    return call


@functools.cache
def inside(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of a marked function that calls other marked ones as they are written, at no further cost."""
    return _names(sys.modules[function.__module__]).get(function.__name__, function)  # type: ignore[no-any-return]


@functools.cache
def _names(module: types.ModuleType) -> dict[str, Any]:
    """What a file names, with its marked functions and those that it imports without their marks."""
    names = dict(vars(module))
    for name, value in vars(module).items():
        source = getattr(value, "py_func", None)
        if source is None:
            continue
        if source.__module__ == module.__name__:
            names[name] = types.FunctionType(source.__code__, names, source.__name__, source.__defaults__)
        else:
            names[name] = inside(source)
    return names


def _number(value: Any) -> Any:
    """A Python number, from NumPy's; other things as they are."""
    return value.item() if isinstance(value, np.generic) else value


def _float64(value: Any) -> Any:
    """A float that divides by zero as IEEE 754 says; those of a tuple too; other things as they are."""
    kind = type(value)
    if kind is float or isinstance(value, np.floating):
        return np.float64(value)
    if isinstance(value, np.generic):
        return value.item()
    if kind is tuple:
        return tuple(map(_float64, value))
    if isinstance(value, tuple):  # with names: the parameters of a stage
        return kind(*map(_float64, value))
    return value
