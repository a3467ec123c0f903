"""How well a fitted log foretells what came after: week by week, and by how often customers had bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show import style
from sim.show.pictures import own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ACTUAL, EXPECTED = style.OKABE_ITO["blue"], style.OKABE_ITO["vermillion"]


def holdout(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Cumulative repeat purchases, actual and expected; weeks that the model had not seen stand on white.

    Parameters
    ----------
    table : a row a week: week, cum_actual, cum_expected, holdout (`Fit.holdout`).
    ax : where to draw; a new figure unless given.
    """
    ax = own_axes(ax, 7.5, 4.2)
    style.clean(ax, "Repeat purchases so far, of the customers known at the split", "week")
    split = float(table.loc[~table["holdout"], "week"].max())
    last = table.iloc[-1]
    ax.axvspan(float(table["week"].min()), split, color="#F2F2F2", zorder=0)
    ax.plot(table["week"], table["cum_actual"], color=ACTUAL, linewidth=2.8, label="actual")
    ax.plot(
        table["week"], table["cum_expected"], color=EXPECTED, linewidth=1.8, linestyle="--", label="expected"
    )
    ax.text(split, 0.02, "fitted on these weeks ", transform=ax.get_xaxis_transform(), ha="right",
            fontsize=style.SMALL, color=style.QUIET)  # fmt: skip
    ax.set_ylim(bottom=0.0)
    style.plain_ticks(ax, "y")
    style.key_above(ax, 2)
    set_alt_text(
        ax,
        f"Repeat purchases by week. Fitted on weeks 1 to {split:.0f}. In week {last['week']:.0f} customers had made "
        f"{last['cum_actual']:,.0f} repeat purchases, and {last['cum_expected']:,.0f} were expected.",
    )
    return ax


def frequency(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Mean purchases after the split, actual and expected, by repeat purchases before it.

    Parameters
    ----------
    table : a row a frequency: frequency, customers, actual, expected (`Fit.frequency`).
    ax : where to draw; a new figure unless given.
    """
    ax = own_axes(ax, 7.5, 4.2)
    style.clean(ax, "Mean purchases after the split", "repeat purchases before the split")
    places = np.arange(len(table))
    ax.bar(places - 0.2, table["actual"], 0.38, color=ACTUAL, label="actual")
    ax.bar(
        places + 0.2, table["expected"], 0.38, color=EXPECTED, hatch="//", edgecolor="white", label="expected"
    )
    most = int(table["frequency"].max())
    names = [f"{k}" if k < most else f"{k} or more" for k in table["frequency"]]
    ax.set_xticks(places, names)
    style.plain_ticks(ax, "y")
    style.key_above(ax, 2)
    said = "; ".join(
        f"{name}: {row.actual:.2f} actual, {row.expected:.2f} expected"
        for name, row in zip(names, table.itertuples(), strict=True)
    )
    set_alt_text(ax, f"Mean purchases after the split by repeat purchases before it. {said}.")
    return ax


def weeks(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Repeat purchases week by week, actual and expected; weeks that the model had not seen stand on white.

    Parameters
    ----------
    table : a row a week: week, actual, expected, holdout (`Fit.holdout`).
    ax : where to draw; a new figure unless given.
    """
    ax = own_axes(ax, 7.5, 4.2)
    style.clean(ax, "Repeat purchases a week, of the customers known at the split", "week")
    split = float(table.loc[~table["holdout"], "week"].max())
    ax.axvspan(float(table["week"].min()), split, color="#F2F2F2", zorder=0)
    ax.plot(table["week"], table["actual"], color=ACTUAL, linewidth=1.6, label="actual")
    ax.plot(table["week"], table["expected"], color=EXPECTED, linewidth=2.2, linestyle="--", label="expected")
    ax.set_ylim(bottom=0.0)
    style.plain_ticks(ax, "y")
    style.key_above(ax, 2)
    later = table[table["holdout"]]
    set_alt_text(
        ax,
        f"Repeat purchases a week. Fitted on weeks 1 to {split:.0f}; after them customers made "
        f"{later['actual'].mean():,.1f} a week, and {later['expected'].mean():,.1f} were expected.",
    )
    return ax


def season(factors: pd.Series, ax: Axes | None = None) -> Axes:
    """Repeat purchases by calendar month, against what a year without seasons would have.

    Parameters
    ----------
    factors : by month 1 to 12, mean 1 (`Fit.season`).
    ax : where to draw; a new figure unless given.
    """
    ax = own_axes(ax, 7.5, 4.2)
    style.clean(ax, "Repeat purchases by calendar month; 1 is a month without season")
    ax.bar(np.arange(12), factors.to_numpy(), 0.7, color=ACTUAL)
    ax.axhline(1.0, color=style.QUIET, linewidth=1.0)
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    ax.set_xticks(np.arange(12), names)
    style.plain_ticks(ax, "y")
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, factors, strict=True))
    set_alt_text(ax, f"Repeat purchases by calendar month, 1 is a month without season: {said}.")
    return ax


PLOTS: dict[str, Callable[[Any, Any], Axes]] = {
    "holdout": holdout,
    "weeks": weeks,
    "frequency": frequency,
    "season": season,
}
"""Pictures of a fit by name."""
