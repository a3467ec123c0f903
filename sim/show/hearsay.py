"""Word of mouth spreading over the network: who heard when, and from whom, on a ring of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TIMES = ((1, "#3B0F70"), (3, "#8C2981"), (6, "#DE4968"), (12, "#FE9F6D"), (10**9, "#F3D27A"))
"""Until which month somebody heard it first, and the colour: dark early, light late."""

NEVER = style.PALE[1]


def word_of_mouth(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How news of a firm spread: people on a ring, neighbours beside each other, coloured by the month in which they heard.

    A line leads from who told to who heard it for the first time; a line across the ring is news from far away. Larger
    marks are people who have told it themselves.

    Parameters
    ----------
    table : a row a person, with `firm`, `customer`, `heard`, `teller`, `told` (`sim.metrics.news_spread(run)`).
    ax : where to draw; a new figure unless given.

    Returns
    -------
    Axes
    """
    firm, news = str(next(iter(table["firm"]), "the firm")), str(of_table(table, "news", "bad"))
    market, n = int(of_table(table, "market", len(table))), len(table)
    heard, teller, told = (table[name].astype("float64").to_numpy() for name in ("heard", "teller", "told"))
    people = {int(who): k for k, who in enumerate(table["customer"])}
    angle = 2.0 * np.pi * (np.arange(n) + 0.5) / max(1, n)
    at = np.column_stack([np.sin(angle), np.cos(angle)])
    ax = own_axes(ax, 6.6, 5.2)
    whose = f"{n:,} people" if n >= market else f"{n:,} of {market:,} people"
    style.clean(ax, f"How {news} news of {style.shorten(firm, 20)} spread", grid="",
                xlabel=f"{whose}, acquaintances near each other\nlines: who told it first; large: who told it")  # fmt: skip
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_aspect("equal")
    ax.set_xlim(-1.12, 1.12)
    ax.set_ylim(-1.12, 1.12)
    colours = [_colour(float(month)) for month in heard]
    _lines(ax, at, heard, teller, people)
    sizes = np.where(np.isfinite(told), 30.0, 11.0) * min(1.0, 220.0 / max(1, n)) ** 0.5
    if n:
        ax.scatter(at[:, 0], at[:, 1], s=sizes, color=colours, zorder=4, linewidth=0.0)
    _key(ax, heard)
    if not n:
        ax.text(0.0, 0.0, "nobody to tell", ha="center", color=style.QUIET)
    set_alt_text(ax, _said(firm, news, whose, heard, teller, told, int(of_table(table, "months", 12))))
    return ax


def _colour(month: float) -> str:
    return NEVER if not np.isfinite(month) else next(colour for last, colour in TIMES if month <= last)


def _lines(ax: Axes, at: np.ndarray, heard: np.ndarray, teller: np.ndarray, people: dict[int, int]) -> None:
    """Curves from tellers to those who heard it first from them, the early ones on top."""
    order = [k for k in np.argsort(-np.nan_to_num(heard, nan=0.0), kind="stable") if np.isfinite(teller[k])]
    steps = np.linspace(0.0, 1.0, 24)[:, None]
    curves: list[Any] = []
    for k in order:
        one, other = at[people[int(teller[k])]], at[k]
        bend = 0.5 * (one + other) * (0.85 - 0.3 * float(np.hypot(*(one - other))))
        curves.append((1 - steps) ** 2 * one + 2 * steps * (1 - steps) * bend + steps**2 * other)
    colours = [_colour(float(heard[k])) for k in order]
    ax.add_collection(LineCollection(curves, colors=colours, linewidths=0.8, alpha=0.7, zorder=2))


def _key(ax: Axes, heard: np.ndarray) -> None:
    """Which colour is which time, with how many heard it then."""
    handles, first = [], 1
    for last, colour in TIMES:
        inside = int(((heard >= first) & (heard <= last)).sum())
        span = f"month {first}" if first == last else f"{first} to {last}" if last < 10**9 else "later"
        handles.append(Line2D([], [], marker="o", linestyle="", color=colour, label=f"{span}: {inside:,}"))
        first = last + 1
    never = int((~np.isfinite(heard)).sum())
    handles.append(Line2D([], [], marker="o", linestyle="", color=NEVER, label=f"never: {never:,}"))
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=style.SMALL, frameon=False,
              labelcolor=style.INK, title="first heard", title_fontsize=style.SMALL, alignment="left")  # fmt: skip


def _said(
    firm: str, news: str, whose: str, heard: np.ndarray, teller: np.ndarray, told: np.ndarray, months: int
) -> str:
    parts = []
    for last in [month for month in (1, 6, 12) if month <= months]:
        parts.append(f"{int((heard <= last).sum()):,} by month {last}")
    return (
        f"How {news} news of {firm} spread among {whose}: heard by {', '.join(parts)}, by {int(np.isfinite(heard).sum()):,} in all; "
        f"{int(np.isfinite(told).sum()):,} told it, and {int(np.isfinite(teller).sum()):,} heard it first from one of these."
    )
