"""From rows to paired effects: one value a seed, means with their intervals, tables of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.intervals import interval


def paired(rows: pd.DataFrame, column: str, where: Mapping[str, Any]) -> np.ndarray:
    """A column of the rows that match, one value a seed, in the order of the seeds.

    Raises
    ------
    ValueError : not exactly one row a seed.
    """
    chosen = rows
    for factor, level in where.items():
        chosen = chosen[chosen[factor] == level]
    chosen = chosen.sort_values("seed", kind="stable")
    if not len(chosen) or chosen["seed"].duplicated().any():
        raise ValueError(f"rows: {len(chosen)} match {dict(where)}, one a seed is needed")
    return chosen[column].to_numpy(dtype=np.float64)


def percent_gain(value: np.ndarray, control: np.ndarray) -> np.ndarray:
    """ΔV in % of the control's mean V, one a seed.

    Examples
    --------
    >>> percent_gain(np.array([110.0, 120.0]), np.array([90.0, 110.0])).tolist()
    [20.0, 10.0]
    """
    return 100.0 * (value - control) / abs(float(np.mean(control)))


def pictured(effects: Iterable[tuple[Mapping[str, Any], np.ndarray]]) -> pd.DataFrame:
    """The table of a picture: a row an effect, its factors, `value`, `low` and `high` (95 % over seeds)."""
    rows = []
    for where, effect in effects:
        mean, low, high = interval(np.asarray(effect, dtype=np.float64))
        rows.append(dict(where) | {"value": mean, "low": low, "high": high})
    return pd.DataFrame(rows)


def mean_and_spread(values: np.ndarray, scale: float = 1.0, digits: int = 1) -> str:
    """A mean with its 95 % interval over seeds, for a sentence: `3.2 (2.1 to 4.3)`."""
    mean, low, high = (scale * number for number in interval(np.asarray(values, dtype=np.float64)))
    span = f" ({low:,.{digits}f} to {high:,.{digits}f})" if np.isfinite(low) else ""
    return f"{mean:,.{digits}f}{span}".replace("-", "−")
