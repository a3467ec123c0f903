"""What customer equity rests on: value, brand and relationship, as a staircase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.intervals import student_t
from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STEPS = {
    "levelled": ("without any lead", style.PALE[1]),
    "value": ("value for money", style.OKABE_ITO["blue"]),
    "brand": ("brand", style.OKABE_ITO["orange"]),
    "relationship": ("relationship", style.OKABE_ITO["green"]),
    "equity": ("customer equity", style.INK),
}
"""The steps from top to bottom: what is left without any lead, what each driver adds, the whole."""

LOSS = "////"
"""How a driver is drawn on which a firm is worse than the others."""


def equity(
    table: pd.DataFrame, ax: Axes | None = None, currency: str | None = None, months: int | None = None
) -> Axes:
    """Customer equity split into its drivers: a bar a driver, each beginning where the one above ends.

    Parameters
    ----------
    table : `firm`, `driver`, `equity`, `standard_error` (`sim.metrics.equity_drivers(run)`).
    ax : where to draw; a new figure unless given.
    currency : EUR unless the table says otherwise in `attrs`. months : how long the futures are, for the words.

    Returns
    -------
    Axes
    """
    firm = str(next(iter(table["firm"]), "the firm"))
    rows = table.drop_duplicates("driver").set_index("driver").reindex(list(STEPS))
    worth, error = (rows[name].to_numpy(dtype=float) for name in ("equity", "standard_error"))
    factor, unit = style.scaled(worth, currency or of_table(table, "currency", "EUR"))
    futures = int(table["futures"].iloc[0]) if "futures" in table and len(table) else 0
    times = student_t(futures - 1) if futures > 1 else 1.96
    worth, half = np.nan_to_num(worth / factor), times * np.nan_to_num(error / factor)
    starts = np.append(np.append(0.0, np.cumsum(worth[:3])), 0.0)
    over = f" over {months} months" if months else ""
    note = f"{style.shorten(firm, 20)}, {unit}{over}"
    note += f"; lines: 95 % interval over {futures} futures" if futures else ""
    ax = own_axes(ax, 7.5, 3.6)
    style.clean(ax, "What customer equity rests on", xlabel=style.wrapped(note, 60), grid="x")
    for place, (driver, (_label, colour)) in enumerate(STEPS.items()):
        is_loss = worth[place] < 0.0 and driver not in ("levelled", "equity")
        ax.barh(place, worth[place], left=starts[place], height=0.62, zorder=2,
                color="white" if is_loss else colour, edgecolor=colour, hatch=LOSS if is_loss else None)  # fmt: skip
        end = starts[place] + worth[place]
        ax.hlines(place, end - half[place], end + half[place], color=style.QUIET, linewidth=1.4, zorder=3)
        if place < len(STEPS) - 1:
            ax.vlines(end, place, place + 1, color=style.PALE[1], linewidth=1.0, zorder=1)
        edge = max(starts[place], end + half[place], 0.0)
        ax.annotate(style.nice(worth[place]), (edge, place), xytext=(5, 0), textcoords="offset points", va="center",
                    fontsize=style.SMALL, color=style.INK)  # fmt: skip
    style.name_rows(ax, [label for label, _colour in STEPS.values()])
    for k, label in enumerate(ax.get_yticklabels()):
        label.set_fontweight("bold" if k == len(STEPS) - 1 else "normal")
    reach = np.concatenate([starts, starts + worth - half, starts + worth + half])
    low, high = min(0.0, float(reach.min())), max(0.0, float(reach.max()))
    room = (high - low) or 1.0
    ax.set_xlim(low - (0.04 * room if low < 0.0 else 0.0), high + 0.14 * room)
    ax.axvline(0.0, color=style.PALE[0], linewidth=1.2, zorder=1)
    style.plain_ticks(ax, "x")
    said = "; ".join(
        f"{label} {style.nice(value)}" for (label, _c), value in zip(STEPS.values(), worth, strict=True)
    )
    set_alt_text(ax, f"What the customer equity of {firm} rests on{over}, in {unit}: {said}.")
    return ax
