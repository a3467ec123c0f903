"""A search for the best policy: what was proposed and what was best, or the front of two goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.sweeps import panel_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BEST, FRESH = style.OKABE_ITO["blue"], style.OKABE_ITO["vermillion"]

OWN = {
    "first_year_profit": ("Profit of the first year", "{currency}"),
    "complaints": ("Complaints", "a year for 100 customers"),
}
"""Goals that are no metrics: their titles and units."""


def optimum(trials: pd.DataFrame, front: pd.DataFrame, judged: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How a search went.

    Parameters
    ----------
    trials, front, judged : tables of an `Optimum`.
    ax : where to draw; a new figure unless given.

    Returns
    -------
    Axes
        With one goal each proposal, the best so far, today, and what the winner gives with fresh luck; with several the first
        two goals of all proposals, the front, and the front with fresh luck.
    """
    ax = own_axes(ax, 7.5, 4.2)
    goals = list(of_table(trials, "goals", {}))
    return (_one if len(goals) == 1 else _two)(ax, trials, front, judged, goals)


def told(goal: str, currency: str) -> tuple[str, str]:
    """A goal's title and unit."""
    if goal in OWN:
        title, unit = OWN[goal]
    else:
        panel = panel_for(goal)
        title, unit = panel.title, panel.unit
    return title, unit.format(currency=currency)


def _one(ax: Axes, trials: pd.DataFrame, front: pd.DataFrame, judged: pd.DataFrame, goals: list[str]) -> Axes:
    goal, sign = goals[0], of_table(trials, "goals", {})[goals[0]]
    row = judged.iloc[0]
    title, unit = told(goal, str(of_table(trials, "currency", "EUR")))
    today = float(of_table(trials, "today", {})[goal])
    values = trials[goal].to_numpy(dtype=float)
    stopped = trials["stopped"].to_numpy(dtype=bool)
    whole = np.where(stopped, np.nan, values)
    best = sign * np.fmax.accumulate(sign * whole)
    factor, unit = _scaled([*values[np.isfinite(values)], today], unit, trials)
    firm = style.shorten(of_table(trials, "focus", ""), 24)
    style.clean(ax, f"{title} of {firm}, {unit.split(',')[0]}: the search", "proposals")
    at = trials["trial"].to_numpy()
    ax.scatter(at[stopped], values[stopped] / factor, s=14, color=style.PALE[1], label="stopped early")
    ax.scatter(at[~stopped], values[~stopped] / factor, s=18, color=BEST, label="all seeds")
    ax.step(at, best / factor, where="post", color=BEST, linewidth=2.0, label="best so far")
    ax.axhline(today / factor, color=style.INK, linewidth=1.2, linestyle=(0, (4, 2)), label="today")
    last = at[-1] + max(1.0, 0.04 * at[-1])
    fresh = today + row["gain"]
    ends = np.abs([[row["gain"] - row["low"]], [row["high"] - row["gain"]]]) / factor
    ax.errorbar(
        [last],
        [fresh / factor],
        yerr=ends,
        fmt="D",
        color=FRESH,
        capsize=3,
        zorder=4,
        label="best, fresh luck",
    )
    _view(ax, [values[~stopped], np.array([today, fresh, today + row["low"], today + row["high"]])], factor)
    style.key_above(ax, 3)
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x", whole=True)
    set_alt_text(
        ax,
        f"{title}, {unit}: today {style.nice(today / factor)}; the best of {len(trials)} proposals, as searched, "
        f"{style.nice(float(np.nanmax(sign * whole)) * sign / factor)}; with fresh luck {style.nice(fresh / factor)}.",
    )
    return ax


def _view(ax: Axes, parts: list[np.ndarray], factor: float) -> None:
    """Show what was carried through; what was stopped far below may lie outside."""
    seen = np.concatenate(parts) / factor
    seen = seen[np.isfinite(seen)]
    room = 0.12 * max(float(np.ptp(seen)), 1e-9)
    ax.set_ylim(seen.min() - room, seen.max() + room)


def _two(ax: Axes, trials: pd.DataFrame, front: pd.DataFrame, judged: pd.DataFrame, goals: list[str]) -> Axes:
    currency = str(of_table(trials, "currency", "EUR"))
    (x, y) = goals[:2]
    (x_title, x_unit), (y_title, y_unit) = told(x, currency), told(y, currency)
    today = of_table(trials, "today", {})
    fx, x_unit = _scaled([*trials[x].dropna(), today[x]], x_unit, trials)
    fy, y_unit = _scaled([*trials[y].dropna(), today[y]], y_unit, trials)
    firm = style.shorten(of_table(trials, "focus", ""), 24)
    style.clean(
        ax,
        f"{firm}: {y_title.lower()} ({y_unit.split(',')[0]})",
        f"{x_title.lower()}, {x_unit.split(',')[0]}",
    )
    rest = trials[~trials["stopped"]]
    ax.scatter(rest[x] / fx, rest[y] / fy, s=16, color=style.PALE[1], label="proposals")
    row = front.sort_values(x)
    ax.plot(
        row[x] / fx,
        row[y] / fy,
        "o-" if len(goals) == 2 else "o",
        color=BEST,
        linewidth=1.6,
        markersize=5,
        label="front, as searched",
    )
    ax.scatter(
        row[f"{x}_fresh"] / fx,
        row[f"{y}_fresh"] / fy,
        marker="D",
        color=FRESH,
        s=28,
        zorder=4,
        label="front, fresh luck",
    )
    for _, one in row.iterrows():
        ax.plot(
            [one[x] / fx, one[f"{x}_fresh"] / fx],
            [one[y] / fy, one[f"{y}_fresh"] / fy],
            color=FRESH,
            linewidth=0.7,
        )
    ax.scatter([today[x] / fx], [today[y] / fy], marker="*", s=130, color=style.INK, zorder=5, label="today")
    style.key_above(ax, 4)
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x")
    more = f" Of {len(goals)} goals the first two are shown." if len(goals) > 2 else ""
    set_alt_text(ax, f"Front of {len(front)} proposals of {len(trials)}: {x_title} against {y_title}.{more}")
    return ax


def _scaled(values: list[Any], unit: str, table: pd.DataFrame) -> tuple[float, str]:
    currency = str(of_table(table, "currency", "EUR"))
    if not unit.startswith(currency):
        return 1.0, unit
    factor, words = style.scaled([float(v) for v in values], currency)
    return factor, unit.replace(currency, words, 1)
