"""Elasticities of customer equity: the closed form beside what twins show, a row a driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def elasticities(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What one per cent more of each driver is worth.

    Parameters
    ----------
    table : `Elasticities.table`: `driver`, `closed`, `measured`, `low`, `high`.
    ax : where to draw; a new figure unless given.

    Returns
    -------
    Axes
    """
    ax = own_axes(ax, 7.0, 3.0)
    rows = table.to_dict("records")
    firm = style.shorten(of_table(table, "focus", ""), 24)
    style.clean(
        ax,
        f"One per cent more, and customer equity of {firm}",
        xlabel="per cent; lines: 95 % interval",
        grid="x",
    )
    at = np.arange(len(rows))
    ax.axvline(0.0, color=style.PALE[0], linewidth=1.0, zorder=1)
    ax.scatter(
        table["closed"],
        at - 0.14,
        marker="D",
        s=42,
        color=style.OKABE_ITO["orange"],
        label="closed form",
        zorder=3,
    )
    seen = np.isfinite(table["measured"].to_numpy(dtype=float))
    measured = table[seen]
    ax.hlines(
        at[seen] + 0.14,
        measured["low"],
        measured["high"],
        color=style.OKABE_ITO["blue"],
        linewidth=1.6,
        zorder=2,
    )
    ax.scatter(
        measured["measured"], at[seen] + 0.14, s=42, color=style.OKABE_ITO["blue"], label="twins", zorder=3
    )
    for place, closed in zip(at[~seen], table["closed"][~seen], strict=True):
        said = "twins: not identified" if np.isfinite(closed) else "no figure: net equity is not above 0"
        ax.annotate(said, (0.0, place + 0.14), xytext=(6, 0), textcoords="offset points", va="center",
                    fontsize=style.SMALL, color=style.QUIET)  # fmt: skip
    style.name_rows(ax, [row["driver"] for row in rows])
    style.key_above(ax, 2)
    style.plain_ticks(ax, "x", most=7)
    said = " ".join(
        f"{r['driver']}: closed form {style.nice(r['closed'])}, twins {style.nice(r['measured'])}."
        for r in rows
    )
    set_alt_text(ax, f"Per cent of customer equity of {firm} for one per cent of a driver. {said}")
    return ax
