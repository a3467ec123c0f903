"""A sensitivity analysis as bars: what each parameter explains alone, and with all others; or how far it moves a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.sweeps import panel_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ALONE, WITH = style.OKABE_ITO["blue"], style.OKABE_ITO["sky"]


def sensitivity(table: pd.DataFrame, ax: Axes | None = None, most: int = 15) -> Axes:
    """What each parameter explains, the largest on top, with 95 % intervals.

    Parameters
    ----------
    table : `Sensitivity.table`: `parameter`, `low`, `high` and `first`, `total` with their ends, or `mu_star` and `sigma`.
    ax : where to draw; a new figure unless given.
    most : parameters that are shown.

    Returns
    -------
    Axes
    """
    is_sobol = "first" in table.columns
    rows: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in table.head(most).to_dict("records")
    ]
    ax = own_axes(ax, 8.0, 1.7 + (0.42 if is_sobol else 0.32) * max(2, len(rows)))
    metric = str(of_table(table, "metric", "customer_equity"))
    panel = panel_for(metric)
    title = f"{panel.title} of {style.shorten(of_table(table, 'focus', ''), 24)}: what moves it"
    (_shares if is_sobol else _moves)(ax, rows, title, panel, str(of_table(table, "currency", "EUR")))
    ax.set_yticks(range(len(rows)), [_named(row) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", labelcolor=style.INK)
    hidden = len(table) - len(rows)
    if hidden:
        ax.set_xlabel(
            f"{ax.get_xlabel()}\n{hidden} more move it less", fontsize=style.SMALL, color=style.QUIET
        )
    return ax


def _named(row: dict[str, Any]) -> str:
    """An address with its range."""
    name = style.shorten(row["parameter"], 36)
    low, high = row["low"], row["high"]
    return (
        name
        if low is None or low != low
        else f"{name}  {style.nice(float(low))} to {style.nice(float(high))}"
    )


def _shares(ax: Axes, rows: list[dict[str, Any]], title: str, panel: Any, currency: str) -> None:
    """First-order and total shares of the variance, a pair of bars a parameter."""
    style.clean(ax, title, xlabel="share of the variance; lines: 95 % interval", grid="x")
    for name, colour, shift, words in (
        ("first", ALONE, -0.19, "alone"),
        ("total", WITH, 0.19, "with all that it acts with"),
    ):
        _bars(ax, rows, name, colour, shift, 0.36, 1.0, words)
    style.key_above(ax, 2)
    style.plain_ticks(ax, "x", most=6)
    ax.axvline(0.0, color=style.PALE[0], linewidth=1.0, zorder=1)
    said = " ".join(f"{r['parameter']}: alone {r['first']:.2f}, with others {r['total']:.2f}." for r in rows)
    set_alt_text(ax, f"{title}, as shares of the variance. {said}")


def _moves(ax: Axes, rows: list[dict[str, Any]], title: str, panel: Any, currency: str) -> None:
    """Mean size of a step's effect, and the spread of the steps as a dot."""
    values = [v for row in rows for v in (row["mu_star"], row["sigma"]) if np.isfinite(v)]
    factor, unit = style.scaled([*values, 0.0], currency) if "currency" in panel.unit else (1.0, "")
    words = panel.unit.format(currency=unit) if "currency" in panel.unit else panel.unit
    style.clean(
        ax, title, xlabel=f"effect of a step over the whole range, {words}; lines: 95 % interval", grid="x"
    )
    _bars(ax, rows, "mu_star", ALONE, 0.0, 0.6, factor, "mean size")
    ax.scatter(
        [row["sigma"] / factor for row in rows], range(len(rows)), color=style.OKABE_ITO["orange"], s=26, zorder=4,
        label="spread: it bends, or others change it",
    )  # fmt: skip
    style.key_above(ax, 2)
    style.plain_ticks(ax, "x", most=6)
    said = " ".join(f"{r['parameter']}: {style.nice(r['mu_star'] / factor)} {unit}." for r in rows)
    set_alt_text(ax, f"{title}: mean size of a step's effect. {said}")


def _bars(
    ax: Axes,
    rows: list[dict[str, Any]],
    name: str,
    colour: str,
    shift: float,
    height: float,
    factor: float,
    words: str,
) -> None:
    """One bar a row, and the line of its interval."""
    at = np.arange(len(rows)) + shift
    value = np.array([row[name] for row in rows]) / factor
    low, high = (np.array([row[f"{name}{end}"] for row in rows]) / factor for end in ("_low", "_high"))
    ax.barh(at, value, height=height, color=colour, label=words, zorder=2)
    ax.hlines(at, low, high, color=style.INK, linewidth=1.1, zorder=3)
