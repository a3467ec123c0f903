"""The same customers in two worlds: who is with the firm in both, in one only, in neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (style.OKABE_ITO["blue"], style.OKABE_ITO["green"], style.OKABE_ITO["vermillion"], style.PALE[2])
MOST_SQUARES = 1000
ROWS = 10


def customers(table: pd.DataFrame, ax: Axes | None = None, firm: str | None = None) -> Axes:
    """Who is the firm's customer at the end in both worlds, only in one, in neither.

    With one alternative each customer is a square (or so many customers, where there are many); with several
    a bar each. Where there are several seeds, the first is shown.

    Parameters
    ----------
    table : a row a customer and alternative, with `customer`, `alternative`, `supplier`, and `stays` and
        `goes` if known (`Comparison.customers`).
    ax : where to draw; a new figure unless given.
    firm : whose customers; the one that the comparison speaks of unless given.

    Returns
    -------
    Axes
    """
    firm = firm or of_table(table, "focus", None) or next(iter(table["supplier"].dropna()), "the firm")
    if "seed" in table:
        table = table[table["seed"] == table["seed"].iloc[0]]
    names = list(dict.fromkeys(table["alternative"]))
    base = of_table(table, "base", names[0])
    others = [name for name in names if name != base] or [base]
    with_firm = table.assign(here=table["supplier"] == firm).pivot(
        index="customer", columns="alternative", values="here"
    )
    counts = {name: count_four(with_firm[base], with_firm[name]) for name in others}
    moved = {name: _moved(table[table["alternative"] == name]) for name in others}
    title = f"Who is a customer of {style.shorten(firm, 30)} at the end"
    if len(others) == 1:
        ax = _squares(counts[others[0]], ax, title, moved[others[0]])
        numbers = [f": {style.number(n)}" for n in counts[others[0]]]
    else:
        ax = _bars(counts, ax, title)
        numbers = [""] * 4
    one = f"“{style.shorten(others[0], 30)}”" if len(others) == 1 else "the alternative"
    words = ("in both worlds", f"only with {one}", f"only with “{style.shorten(base, 30)}”", "in neither")
    handles = [Patch(color=c, label=w + n) for c, w, n in zip(COLOURS, words, numbers, strict=True)]
    style.key_above(ax, 2, handles)
    said = [
        f"{name}: {', '.join(f'{w} {n}' for w, n in zip(words, c, strict=True))}{f'; {moved[name]}' if moved[name] else ''}."
        for name, c in counts.items()
    ]
    set_alt_text(ax, f"Who is a customer of {firm} at the end, against {base}. {' '.join(said)}")
    return ax


def count_four(before: pd.Series, after: pd.Series) -> list[int]:
    """How many are with the firm in both worlds, only after, only before, in neither."""
    return [
        int((before & after).sum()),
        int((~before & after).sum()),
        int((before & ~after).sum()),
        int((~before & ~after).sum()),
    ]


def _moved(rows: pd.DataFrame) -> str:
    """How many stay who would have left, and the reverse, where the table tells."""
    if "stays" not in rows or "goes" not in rows:
        return ""
    return f"{int(rows['stays'].sum()):,} stay who would have left, {int(rows['goes'].sum()):,} leave who would have stayed"


def _squares(counts: list[int], ax: Axes | None, title: str, moved: str) -> Axes:
    """A square a customer, filled column by column."""
    total = sum(counts)
    each = -(-total // MOST_SQUARES)
    ends = np.round(np.cumsum(counts) / max(each, 1)).astype(int)
    kinds = np.repeat(np.arange(4.0), np.diff(ends, prepend=0))
    columns = max(1, -(-len(kinds) // ROWS))
    cells = np.full(columns * ROWS, np.nan)
    cells[: len(kinds)] = kinds
    ax = own_axes(ax, 8.5, 1.35 + 8.3 * ROWS / max(columns, 3 * ROWS))
    unit = "each square is one customer" if each <= 1 else f"each square is {each:,} customers"
    style.clean(ax, title, xlabel=f"{unit}; {moved}" if moved else unit, grid="")
    ax.pcolormesh(
        cells.reshape(columns, ROWS).T,
        cmap=ListedColormap(COLOURS),
        vmin=-0.5,
        vmax=3.5,
        edgecolor="white",
        linewidth=1.2,
    )
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines["bottom"].set_visible(False)
    return ax


def _bars(counts: dict[str, list[int]], ax: Axes | None, title: str) -> Axes:
    """A bar an alternative."""
    ax = own_axes(ax, 8.5, 2.0 + 0.5 * len(counts))
    style.clean(ax, title, xlabel="customers", grid="x")
    left = np.zeros(len(counts))
    for k, colour in enumerate(COLOURS):
        sizes = np.array([four[k] for four in counts.values()], dtype=float)
        ax.barh(range(len(counts)), sizes, left=left, height=0.62, color=colour, edgecolor="white")
        left += sizes
    style.name_rows(ax, [style.shorten(name, 24) for name in counts])
    ax.set_xlim(0.0, max(1.0, left.max()))
    style.plain_ticks(ax, "x", whole=True)
    style.numbers_inside(ax)
    return ax
