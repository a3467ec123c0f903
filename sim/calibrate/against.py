"""A fit held against an earlier one: which estimates moved by more than their interval."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.calibrate.reading import LogError

if TYPE_CHECKING:
    from sim.calibrate.fitted import Fit

ESTIMATE = re.compile(r"^# estimate (\w+) = (\S+) \((\S+) to (\S+)\)\s*$", re.MULTILINE)


def estimate_lines(table: pd.DataFrame) -> list[str]:
    """What a scenario file carries of a fit, in comments."""
    head = ["", "# What the log gave, with 95 % intervals; `tenfold fit --against` reads these lines."]
    rows = zip(table.index, table["estimate"], table["low"], table["high"], strict=True)
    return [
        *head,
        *(f"# estimate {name} = {value:.6g} ({low:.6g} to {high:.6g})" for name, value, low, high in rows),
    ]


def read_estimates(file: str | os.PathLike[str]) -> pd.DataFrame:
    """The estimates that a scenario file carries: a row each, with estimate, low, high.

    Raises
    ------
    LogError
        The file is not there, or carries none.
    """
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise LogError(f"{file}: cannot be read ({getattr(fault, 'strerror', None) or fault})") from fault
    try:
        rows = {name: tuple(map(float, values)) for name, *values in ESTIMATE.findall(text)}
    except ValueError as fault:
        raise LogError(f"{file}: its lines `# estimate …` are not as they were written ({fault})") from fault
    if not rows:
        raise LogError(
            f"{file}: it carries no estimates (lines `# estimate …`); name a file that `tenfold fit … --save` wrote"
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])


def moved(fit: Fit, file: str | os.PathLike[str]) -> pd.DataFrame:
    """Which estimates of a fit differ from those of an earlier one by more than their intervals.

    The logarithms of two estimates differ by more than their joint interval when |ln new - ln old| is above the root of
    the sum of the squares of both half-widths: 1 in 20 does so by luck.

    Parameters
    ----------
    fit : the new one. file : a scenario file that an earlier fit wrote.

    Returns
    -------
    DataFrame, a row an estimate that both have: before, before_low, before_high, now, low, high, moved, and beyond:
        by how many joint intervals.

    Source: ours.
    """
    before, now = read_estimates(file), fit.table
    rows = []
    for name in now.index.intersection(before.index, sort=False):
        old, new = before.loc[name], now.loc[name]
        widths = [math.log(one["high"] / one["low"]) / 2.0 for one in (old, new)]
        far = abs(math.log(new["estimate"] / old["estimate"])) / max(math.hypot(*widths), 1e-12)
        rows.append((name, *old, new["estimate"], new["low"], new["high"], far > 1.0, far))
    columns = ["estimate", "before", "before_low", "before_high", "now", "low", "high", "moved", "beyond"]
    return pd.DataFrame(rows, columns=columns).set_index("estimate")
