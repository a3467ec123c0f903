"""Two worlds side by side: whose life went differently, and what the difference is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.scenario.faults import nearest
from sim.show import style
from sim.show.over_time import Panel, panel_of, unit_of
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.spans import YEAR, last_year, last_year_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FIRST = ("customer_equity", "profit", "customers")
UNITS = {
    "profit": "{currency} in the last 12 months",
    "revenue": "{currency} in the last 12 months",
    "share": "% of all who have a supplier",
}
"""Units of measures that a comparison sums up otherwise than a month does."""


def twins(
    table: pd.DataFrame, ax: Axes | None = None, metric: str | None = None, currency: str | None = None,
    focus: str | None = None,
) -> Axes:  # fmt: skip
    """What an alternative changes for each firm: the difference between twin worlds, with its interval.

    Parameters
    ----------
    table : columns `metric`, `firm`, `alternative`, `difference`, `low`, `high` and, if it likes,
        `segment` (`Comparison.table`). Where `low` and `high` are missing, no interval is drawn.
    ax : where to draw; a new figure unless given.
    metric : customer equity unless given, or the first that has a difference.
    currency : EUR unless the table says otherwise in `attrs`. focus : the firm on top, likewise.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError : a metric that is not in the table, with the nearest right one.
    """
    rows = _whole_market(table)
    metric = _metric(rows, metric)
    rows = rows[(rows["metric"] == metric) & rows["difference"].notna()]
    focus = focus or of_table(table, "focus", None)
    names = list(dict.fromkeys(rows["alternative"]))
    firms = list(dict.fromkeys(rows["firm"]))
    firms = [f for f in firms if f == focus] + [f for f in firms if f != focus]
    panel, money = _panel(metric, last_year_of(table)), currency or of_table(table, "currency", "EUR")
    values = rows[["difference", "low", "high"]].to_numpy(dtype=float)
    factor, unit = unit_of(panel, [values.ravel()], money)
    unit = unit.split(", ")[0]
    if panel.kind == "share":
        factor, unit = 0.01, "percentage points"
    ax = own_axes(ax, 7.5, 1.9 + 0.5 * max(1, len(firms)) * max(1, 0.6 * len(names)))
    style.clean(ax, f"What changes: {panel.title.lower()}", xlabel=f"difference, {unit}", grid="x")
    if len(rows):
        note = (
            "lines: 95 % interval over the seeds" if rows["low"].notna().any() else "one seed: luck is in it"
        )
        ax.set_xlabel(style.wrapped(f"difference, {unit}; {note}", 62))
    ax.axvline(0.0, color=style.PALE[0], linewidth=1.2, zorder=1)
    for k, name in enumerate(names):
        _one(ax, rows[rows["alternative"] == name], firms, factor, (k + 1) / (len(names) + 1) - 0.5, k, name)
    style.name_rows(ax, [style.shorten(firm, 24) for firm in firms])
    style.plain_ticks(ax, "x", most=6)
    low, high = ax.get_xlim()
    room = 0.06 * (max(high, 0.0) - min(low, 0.0))
    ax.set_xlim(min(low, -room), max(high, room))
    if names:
        style.key_above(ax, 3)
    set_alt_text(ax, f"What changes: {panel.title.lower()}, {unit}. {_said(rows, factor)}")
    return ax


def _whole_market(table: pd.DataFrame) -> pd.DataFrame:
    """Rows about all segments together, without the world that others are compared with."""
    rows = table
    if "segment" in rows:
        whole = rows["segment"].isna() | rows["segment"].isin(["", "all"])
        rows = rows[whole] if whole.any() else rows
    baseline = of_table(table, "base", None)
    return rows[rows["alternative"] != baseline] if baseline is not None else rows


def _metric(rows: pd.DataFrame, metric: str | None) -> str:
    known = list(dict.fromkeys(rows["metric"]))
    if metric is not None:
        if metric in known:
            return metric
        near = nearest(str(metric), known)
        hint = f'did you mean "{near}"?' if near else f"metrics are {', '.join(known)}"
        raise ValueError(f'no metric "{metric}" in this comparison; {hint}')
    seen = set(rows.loc[rows["difference"].notna(), "metric"])
    for name in (*FIRST, *known):
        if name in seen:
            return name
    raise ValueError("this comparison has no difference to show: it is missing in every row")


def _panel(metric: str, span: str) -> Panel:
    panel = panel_of("share_of_customers" if metric == "share" else metric)
    return panel._replace(unit=UNITS[metric].replace(last_year(YEAR), span)) if metric in UNITS else panel


def _one(
    ax: Axes, rows: pd.DataFrame, firms: list[str], factor: float, shift: float, place: int, name: str
) -> None:  # fmt: skip
    """The differences of one alternative, a row a firm."""
    at = np.array([firms.index(firm) for firm in rows["firm"]]) + shift
    middle, low, high = (
        rows[column].to_numpy(dtype=float) / factor for column in ("difference", "low", "high")
    )
    colour = list(style.OKABE_ITO.values())[place % len(style.OKABE_ITO)]
    known = np.isfinite(low) & np.isfinite(high)
    ax.hlines(at[known], low[known], high[known], color=colour, linewidth=2.6, zorder=2)
    ax.scatter(
        middle,
        at,
        s=60,
        color=colour,
        zorder=3,
        label=style.shorten(name, 40),
        edgecolor="white",
        linewidth=1.0,
    )


def _said(rows: pd.DataFrame, factor: float) -> str:
    parts = []
    for row in rows.to_dict("records"):
        span = (
            f" ({style.nice(row['low'] / factor)} to {style.nice(row['high'] / factor)})"
            if np.isfinite(row["low"])
            else ""
        )
        parts.append(f"{row['alternative']}, {row['firm']}: {style.nice(row['difference'] / factor)}{span}.")
    return " ".join(parts)
