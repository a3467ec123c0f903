"""Faults in functions of the user's, told in one sentence: where, what, for whom, and the nearest right name."""

from __future__ import annotations

import builtins
import difflib
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.runs import Run


class UserError(RuntimeError):
    """A function of the user's failed: the message says where and what. `run` holds the months done."""

    run: Run | None = None


class SlowWarning(UserWarning):
    """Something runs as plain Python and is slow for it."""


def plain_value(value: Any) -> Any:
    """Python's own number for one of NumPy's."""
    return value.item() if isinstance(value, np.generic) else value


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
        return (
            text
            if isinstance(error, (AttributeError, ValueError, TypeError))
            else f"{type(error).__name__}: {text}"
        )
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
