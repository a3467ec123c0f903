"""A stress test as a tornado: how far each assumption moves the difference between two worlds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.show import style
from sim.show.letters import chosen, short, span
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LOW, HIGH = style.OKABE_ITO["sky"], style.OKABE_ITO["orange"]


def tornado(table: pd.DataFrame, ax: Axes | None = None, most: int = 15) -> Axes:
    """How far each assumption moves the difference, the widest on top; dark names turn the choice.

    Parameters
    ----------
    table : `Stress.table`: `assumption`, `value`, `low`, `high`, `at_low`, `at_high`, `verdict`, `turns`.
    ax : where to draw; a new figure unless given.
    most : assumptions that are shown, beside all that turn the choice.

    Returns
    -------
    Axes
    """
    rows, hidden = chosen(table, most)
    middle = float(of_table(table, "difference", 0.0))
    best, base = (style.shorten(str(of_table(table, key, "")), 24) for key in ("best", "base"))
    words = str(of_table(table, "metric", "customer_equity")).replace("_", " ")
    values = [v for row in rows for v in (row["at_low"], row["at_high"]) if math.isfinite(v)]
    factor, unit = style.scaled([*values, middle], str(of_table(table, "currency", "EUR")))
    ax = own_axes(ax, 8.5, 1.8 + 0.3 * max(1, len(rows)))
    style.clean(ax, f"Assumptions: {words} of “{best}” less “{base}”", xlabel=f"difference, {unit}", grid="x")
    for place, row in enumerate(rows):
        _bar(ax, place, row, middle / factor, factor)
    ax.axvline(middle / factor, color=style.INK, linewidth=1.0, zorder=3)
    ax.axvline(0.0, color=style.PALE[0], linewidth=1.4, linestyle=(0, (4, 2)), zorder=1)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [f"{style.shorten(row['assumption'], 34)}  {span(row)}" for row in rows])
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(style.INK if row["verdict"] == "turns" else style.QUIET)
        label.set_fontweight("bold" if row["verdict"] == "turns" else "normal")
    _key(ax, rows, hidden)
    style.plain_ticks(ax, "x", most=6)
    set_alt_text(
        ax,
        f"Tornado of {len(rows)} assumptions. {of_table(table, 'sentence', '')} {_said(rows, factor, unit)}",
    )
    return ax


def _bar(ax: Axes, place: int, row: dict[str, Any], middle: float, factor: float) -> None:
    """The two halves of one assumption's bar, the longer behind the shorter; where it turns beside it."""
    halves = [
        (row[key] / factor, colour)
        for key, colour in (("at_low", LOW), ("at_high", HIGH))
        if math.isfinite(row[key])
    ]
    for end, colour in sorted(halves, key=lambda half: -abs(half[0] - middle)):
        ax.barh(place, end - middle, left=middle, height=0.62, color=colour, zorder=2)
    if row["verdict"] == "turns":
        right = max([middle, *[end for end, _ in halves]])
        ax.annotate(
            style.shorten(f"turns {short(row['turns'])}", 28), (right, place), xytext=(5, 0), textcoords="offset points",
            ha="left", va="center", fontsize=style.SMALL, color=style.INK,
        )  # fmt: skip


def _key(ax: Axes, rows: list[dict[str, Any]], hidden: int) -> None:
    """What the colours, the lines and the bold names mean; room for words at the right."""
    for colour, words in ((LOW, "at the low end"), (HIGH, "at the high end")):
        ax.scatter([], [], marker="s", s=70, color=colour, label=words)
    style.key_above(ax, 2)
    low, high = ax.get_xlim()
    if any(row["verdict"] == "turns" for row in rows):
        ax.set_xlim(low, high + 0.22 * (high - low))
    more = f"; {hidden} more move it less" if hidden else ""
    lines = f"line: as it is; dashed: no difference; bold: the choice turns{more}"
    ax.set_xlabel(f"{ax.get_xlabel()}\n{lines}", fontsize=style.SMALL, color=style.QUIET)


def _said(rows: list[dict[str, Any]], factor: float, unit: str) -> str:
    """The bars in words."""
    parts = [
        f"{row['assumption']}: {style.nice(row['at_low'] / factor)} to {style.nice(row['at_high'] / factor)} {unit}."
        for row in rows
    ]
    return " ".join(parts)
