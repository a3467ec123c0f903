"""Checks of what is given to the closed forms and fits: where, what, the law and the cure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def finite(name: str, value: ArrayLike) -> np.ndarray:
    """The value as float64; refused if a number is missing or infinite."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: numbers are needed (got {_shown(value)})") from None
    if not np.isfinite(array).all():
        where = "" if array.ndim == 0 else f" at {_first(~np.isfinite(array))}"
        raise ValueError(f"{name}: a number is missing or infinite{where}; leave such rows out")
    return array


def positive(name: str, value: float) -> float:
    """A finite number above 0."""
    if not (isinstance(value, (int, float, np.number)) and math.isfinite(value) and value > 0):
        raise ValueError(f"{name}: a number above 0 (got {value!r})")
    return float(value)


def column(name: str, values: ArrayLike) -> np.ndarray:
    """One finite number a row, as float64 (n,)."""
    array = finite(name, values)
    if array.ndim != 1 or len(array) == 0:
        raise ValueError(f"{name}: one number a customer is needed (got shape {array.shape})")
    return array


def columns(counts: ArrayLike | None, **given: ArrayLike) -> tuple[np.ndarray, ...]:
    """Columns of one length, and the counts (ones where there are none)."""
    arrays = [column(name, values) for name, values in given.items()]
    lengths = {name: len(array) for name, array in zip(given, arrays, strict=True)}
    if counts is None:
        weights = np.ones(len(arrays[0]))
    else:
        weights, lengths["counts"] = column("counts", counts), len(np.atleast_1d(np.asarray(counts)))
        law("counts", weights, weights < 0, "customers that a row stands for, 0 or more")
    if len(set(lengths.values())) > 1:
        raise ValueError("columns differ in length: " + ", ".join(f"{k} {v:,}" for k, v in lengths.items()))
    if weights.sum() <= 0:
        raise ValueError("counts: all are 0, so that no customer is left")
    return (*arrays, weights)


def law(name: str, values: np.ndarray, broken: np.ndarray, what: str) -> None:
    """Refuse rows that break a law, with the first of them."""
    if broken.any():
        at = int(np.flatnonzero(broken)[0])
        others = int(broken.sum()) - 1
        raise ValueError(
            f"{name}: {what} (got {values[at]:g} at row {at:,}{f', and {others:,} more' if others else ''})"
        )


def equal_rows(*arrays: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Distinct rows, and how many customers each stands for; rows that stand for none are dropped."""
    kept = counts > 0
    arrays, counts = tuple(array[kept] for array in arrays), counts[kept]
    order = np.lexsort(arrays[::-1])
    ordered = [array[order] for array in arrays]
    new = np.zeros(len(order), dtype=bool)
    new[0] = True
    for array in ordered:
        new[1:] |= array[1:] != array[:-1]
    starts = np.flatnonzero(new)
    return (*(array[starts] for array in ordered), np.add.reduceat(counts[order], starts))


def _first(where: np.ndarray) -> str:
    at = tuple(int(k) for k in np.argwhere(where)[0])
    return f"row {at[0]:,}" if len(at) == 1 else f"row {at[0]:,}, column {at[1]:,}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
