"""How unevenly customers bring revenue: Lorenz curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.show import style
from sim.show.over_time import draw_line
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.spans import full_year_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def lorenz(
    table: pd.DataFrame, ax: Axes | None = None, measure: str = "revenue", focus: str | None = None
) -> Axes:
    """Which share of the revenue which share of the customers brings, the best first: a line a firm.

    The further a line is from the broken one, the more uneven; the mark is at the best fifth of the customers.

    Parameters
    ----------
    table : `firm`, `measure`, `customer_share`, `share` (`sim.metrics.lorenz(run)`).
    ax : where to draw; a new figure unless given.
    measure : revenue, or profit where its sum is above 0. focus : the strong line, as the table says unless given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError : a measure that is not in the table.
    """
    known = list(dict.fromkeys(table["measure"])) or [measure]
    if measure not in known:
        raise ValueError(f'no measure "{measure}" in this table; measures are {", ".join(known)}')
    firms = list(dict.fromkeys(of_table(table, "firms", None) or table["firm"]))
    looks = style.looks(firms, focus or of_table(table, "focus", None))
    ax = own_axes(ax, 6.6, 4.4)
    style.clean(ax, f"Which customers bring the {measure}", ylabel=f"% of the {measure} of {full_year_of(table)}",
                xlabel="% of the customers, those who bring most first")  # fmt: skip
    ax.set_xlim(0.0, 100.0)
    ax.plot([0, 100], [0, 100], color=style.PALE[1], linewidth=1.2, linestyle=(0, (2.5, 1.2)), zorder=1)
    ax.annotate("all bring the same", (54, 51), fontsize=style.SMALL, color=style.QUIET, ha="left", va="top")
    top, said = {}, []
    for firm, look in looks.items():
        rows = table[(table["firm"] == firm) & (table["measure"] == measure)].dropna(subset=["share"])
        if not len(rows):
            said.append(f"{firm} has no {measure} to share.")
            continue
        x, y = (100.0 * rows[name].to_numpy(dtype=float) for name in ("customer_share", "share"))
        draw_line(ax, x, y, look)
        top[firm] = float(np.interp(20.0, x, y))
        ax.scatter([20.0], [top[firm]], s=30, color=look.colour, edgecolor="white", zorder=look.order + 1)
        said.append(f"{firm}: the best fifth brings {style.nice(top[firm])} %.")
    ax.set_ylim(0.0, max(103.0, float(np.nanmax([ax.dataLim.y1, 0.0])) + 3.0) if top else 103.0)
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x", most=6)
    _key(ax, looks, top)
    if not top:
        ax.text(0.5, 0.75, f"no {measure} yet", transform=ax.transAxes, ha="center", color=style.QUIET)
    set_alt_text(ax, f"Lorenz curve of the {measure}, the customers who bring most first. {' '.join(said)}")
    return ax


def _key(ax: Axes, looks: dict[str, style.Look], top: dict[str, float]) -> None:
    """Firms with what their best fifth brings, in the empty corner under the curves."""
    from matplotlib.lines import Line2D

    if not top:
        return
    handles = [
        Line2D([], [], color=looks[firm].colour, linewidth=looks[firm].width, label=f"{style.shorten(firm, 20)}: {share:.0f} %")
        for firm, share in top.items()
    ]  # fmt: skip
    ax.legend(handles=handles, loc="lower right", fontsize=style.SMALL, frameon=False, labelcolor=style.INK,
              title="the best fifth brings", title_fontsize=style.SMALL, alignment="left",
              ncols=1 if len(handles) < 7 else 2)  # fmt: skip
