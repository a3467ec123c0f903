"""From strangers to people who read: the permission funnel, and how far word of mouth has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def permission(table: pd.DataFrame, ax: Axes | None = None, focus: str | None = None) -> Axes:
    """The permission funnel: of all people, how many know the firm, are on record, said yes, are written to, and read.

    A bar a step for the firm that one is, a mark for each other firm.

    Parameters
    ----------
    table : `firm`, `stage`, `people`, `share` (`sim.metrics.permission_funnel(run)`).
    ax : where to draw; a new figure unless given.
    focus : whose bars; as the table says unless given.

    Returns
    -------
    Axes
    """
    stages = list(dict.fromkeys(table["stage"]))
    looks = style.looks(list(dict.fromkeys(table["firm"])), focus or of_table(table, "focus", None))
    wide = table.pivot(index="stage", columns="firm", values="share").reindex(stages) if len(table) else table
    first, *others = [*looks] or ["the firm"]
    ax = own_axes(ax, 7.5, 2.2 + 0.42 * max(1, len(stages)))
    style.clean(ax, "From strangers to readers: permission", xlabel="% of all people, at the end", grid="x")
    handles: list[Patch | Line2D] = []
    if looks:
        shares = 100.0 * wide[first].to_numpy(dtype=float)
        ax.barh(range(len(stages)), shares, height=0.6, color=looks[first].colour, zorder=2)
        handles.append(Patch(color=looks[first].colour, label=style.shorten(first, 24)))
        counts = table[table["firm"] == first]["people"].to_numpy()
        for place, (share, count) in enumerate(zip(shares, counts, strict=True)):
            ax.annotate(f"{int(count):,}", (share, place), xytext=(5, 0), textcoords="offset points", va="center",
                        fontsize=style.SMALL, color=style.INK, zorder=5,
                        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.4})  # fmt: skip
    for firm in others:
        shift = 0.0 if len(others) < 2 else 0.44 * (others.index(firm) / (len(others) - 1) - 0.5)
        ax.scatter(100.0 * wide[firm].to_numpy(dtype=float), np.arange(len(stages)) + shift, s=34, marker="D",
                   color=looks[firm].colour, edgecolor="white", linewidth=0.8, zorder=4)  # fmt: skip
        handles.append(
            Line2D([], [], color=looks[firm].colour, marker="D", linestyle="", label=style.shorten(firm, 24))
        )
    style.name_rows(ax, stages)
    for label in ax.get_yticklabels():
        label.set_fontweight("normal")
    ax.set_xlim(0.0, max(10.0, 100.0 * float(np.nanmax([*table["share"], 0.0]))) * 1.12)
    style.plain_ticks(ax, "x", whole=True)
    if handles:
        style.key_above(ax, 4, handles)
    said = []
    for firm in looks:
        mine = table[table["firm"] == firm]
        said.append(
            f"{firm}: {', '.join(f'{int(n):,} {stage}' for stage, n in zip(mine['stage'], mine['people'], strict=True))}."
        )
    set_alt_text(ax, f"The permission funnel, people at the end. {' '.join(said)}")
    return ax
