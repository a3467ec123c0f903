"""Cohorts: of those who came in the same year, how many are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.show import style
from sim.show.over_time import draw_line
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

AGES = ("#08306B", "#1F62A7", "#3F8FC5", "#74B3D8", "#A3CCE3", "#C3DBEE")
"""From the oldest cohort, dark, to the youngest: one hue, told apart by lightness."""

LEAST = 10
"""Relationships below which a cohort tells nothing and is left out."""


def cohorts(table: pd.DataFrame, ax: Axes | None = None, firm: str | None = None) -> Axes:
    """How many relationships of each year's beginners are unbroken, by age: a line a cohort.

    Parameters
    ----------
    table : `firm`, `cohort` (its first month), `age` (months), `began`, `survival` (`sim.metrics.cohorts(run)`).
    ax : where to draw; a new figure unless given.
    firm : whose; the one that the table speaks of unless given.

    Returns
    -------
    Axes
    """
    firm = firm or of_table(table, "focus", None) or str(next(iter(table["firm"]), "the firm"))
    mine = table[(table["firm"] == firm) & (table["began"] >= LEAST)]
    first = sorted(set(mine["cohort"]))
    ax = own_axes(ax, 7.5, 4.0)
    style.clean(ax, f"How long each year's customers stay: {style.shorten(firm, 24)}", ylabel="% unbroken")
    place = style.time_axis(ax, int(mine["age"].max()) if len(mine) else 1)
    ax.set_xlabel(f"{ax.get_xlabel()} since the relationship began")
    ends, said = {}, []
    for k, cohort in enumerate(first):
        rows = mine[mine["cohort"] == cohort].sort_values("age")
        colour = AGES[min(len(AGES) - 1, k * (len(AGES) - 1) // max(1, len(first) - 1))]
        look = style.Look(colour, style.readable(colour), 2.4 if k == 0 else 1.6, 3.0 - k / 100.0)
        y = 100.0 * rows["survival"].to_numpy(dtype=float)
        name, began = _name(int(cohort), first), int(rows["began"].iloc[0])
        end = draw_line(ax, place(rows["age"]), y, look)
        if end and len(rows) > 1:
            ends[f"{name} ({began:,})"] = end
        said.append(
            f"{name}, {began:,} began: {style.nice(y[-1])} % after {int(rows['age'].iloc[-1])} months."
        )
    ax.set_ylim(0.0, 104.0)
    style.plain_ticks(ax)
    if not first:
        ax.text(
            0.5, 0.5, "nobody began a relationship", transform=ax.transAxes, ha="center", color=style.QUIET
        )
    _name_lines(ax, ends)
    set_alt_text(ax, f"Of those who became customers of {firm} in the same year, the share that is unbroken by age. "
                     f"{' '.join(said) or 'Nobody began a relationship in the run.'}")  # fmt: skip
    return ax


def _name(cohort: int, first: list[int]) -> str:
    """`year 2` where cohorts are years; else the month of beginning."""
    return (
        f"year {(cohort - 1) // 12 + 1}"
        if all((one - 1) % 12 == 0 for one in first)
        else f"from month {cohort}"
    )


def _name_lines(ax: Axes, ends: dict[str, tuple[float, float, style.Look]]) -> None:
    """Names where the lines end: at the right edge beside them, further in above them, or below where a line is above."""
    right = ax.get_xlim()[1]
    style.end_labels(ax, {name: end for name, end in ends.items() if end[0] > 0.97 * right}, line=1.6)
    for name, (x, y, look) in ends.items():
        if x > 0.97 * right:
            continue
        others = [float(np.interp(x, *line.get_data())) - y for line in ax.lines]  # type: ignore[arg-type]
        above = min((gap for gap in others if gap > 0.01), default=100.0)
        below = min((-gap for gap in others if gap < -0.01), default=100.0)
        ax.annotate(
            name, (x, y), xytext=(0, 4 if above >= below else -4), textcoords="offset points", ha="center",
            va="bottom" if above >= below else "top", fontsize=style.SMALL, color=look.letters, zorder=5,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.4},
        )  # fmt: skip
