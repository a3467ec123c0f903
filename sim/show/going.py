"""Who went from which firm to which, and why: a flow from firms through reasons to firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.reasons import REASONS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GONE, NOBODY = "left the market", "no supplier"
"""Where those go whom no firm wins at once: for good, or for the time being."""

COLUMNS = (0.0, 0.5, 1.0)
NODE = 0.022
"""Width of a node, of the whole."""

SMALL = 5.5
"""Inches of width below which names are shorter."""

GAP = 0.035
"""Between the nodes of a column, of the whole height."""

ENDED = "need ended"


class Node(NamedTuple):
    """A firm or a reason: where it begins and how high it is, in parts of the picture's height."""

    bottom: float
    height: float


def flows(table: pd.DataFrame, ax: Axes | None = None, focus: str | None = None) -> Axes:
    """The flow of customers between firms: from whom, for what reason, to whom; a band as wide as many went.

    Parameters
    ----------
    table : a row a departure, with `firm`, `reason` and `to`, missing where nobody followed (`Run.departures`).
    ax : where to draw; a new figure unless given.
    focus : the firm on top; as the table says unless given.

    Returns
    -------
    Axes
    """
    focus = focus or of_table(table, "focus", None)
    rows = table[["firm", "reason"]].assign(to=_to(table))
    counts = rows.groupby(["firm", "reason", "to"], sort=False).size()
    firms = _focus_first(
        list(dict.fromkeys([*rows["firm"], *(t for t in rows["to"] if t not in (GONE, NOBODY))])), focus
    )
    ax = own_axes(ax, 9.0, 3.2 + 0.28 * max(4, len(firms)))
    style.clean(ax, "Who went from where to where, and why", grid="",
                xlabel=f"{len(rows):,} departures in the whole run; bands as wide as many went")  # fmt: skip
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines["bottom"].set_visible(False)
    small = ax.get_window_extent().width < SMALL * ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    ax.set_xlim(*((-0.46, 1.46) if small else (-0.36, 1.36)))
    ax.set_ylim(-0.02, 1.09)
    if not len(rows):
        ax.text(0.5, 0.5, "nobody left", ha="center", color=style.QUIET)
        set_alt_text(ax, "Nobody left any firm.")
        return ax
    reasons = [name for name in (*REASONS, *dict.fromkeys(rows["reason"])) if name in set(rows["reason"])]
    orders = (firms, list(dict.fromkeys(reasons)), [*firms, NOBODY, GONE])
    columns = [
        _column(counts, level, order) for level, order in zip(("firm", "reason", "to"), orders, strict=True)
    ]
    _bands(ax, counts, columns, orders)
    _nodes(ax, columns, style.looks(firms, focus), len(rows), 12 if small else 20)
    for x, words in zip(COLUMNS, ("they left", "because of", "for"), strict=True):
        ax.text(x + NODE / 2, 1.05, words, ha="center", fontsize=style.SMALL, color=style.QUIET)
    set_alt_text(ax, _said(rows, firms))
    return ax


def _to(table: pd.DataFrame) -> pd.Series:
    """Where each went, in words."""
    to = table["to"].astype(object)
    return to.where(to.notna(), np.where(table["reason"] == ENDED, GONE, NOBODY))


def _focus_first(firms: list[str], focus: str | None) -> list[str]:
    return [f for f in firms if f == focus] + [f for f in firms if f != focus]


def _column(counts: pd.Series, level: str, order: list[str]) -> dict[str, Node]:
    """The nodes of a column from top to bottom, as high as many pass through them."""
    sums = counts.groupby(level=level).sum()
    here = [name for name in order if sums.get(name, 0) > 0]
    room = 1.0 - GAP * (len(here) - 1)
    top, nodes = 1.0, {}
    for name in here:
        height = room * float(sums[name]) / float(counts.sum())
        nodes[name] = Node(top - height, height)
        top -= height + GAP
    return nodes


def _bands(
    ax: Axes, counts: pd.Series, columns: list[dict[str, Node]], orders: tuple[list[str], ...]
) -> None:
    """Two rows of bands: firms to reasons, reasons to firms; each in the colour of its reason."""
    places = [{name: k for k, name in enumerate(order)} for order in orders]
    for left, names in ((0, ["firm", "reason"]), (1, ["reason", "to"])):
        sums = counts.groupby(level=names, sort=False).sum().reset_index(name="n")
        pairs = [(str(one), str(other), float(n)) for one, other, n in sums.itertuples(index=False)]
        total = float(counts.sum())
        out = {name: node.bottom + node.height for name, node in columns[left].items()}
        into = {name: node.bottom + node.height for name, node in columns[left + 1].items()}
        starts: dict[tuple[str, str], float] = {}
        first, then = places[left], places[left + 1]
        for one, other, n in sorted(pairs, key=lambda pair: (first[pair[0]], then[pair[1]])):
            starts[one, other] = out[one]
            out[one] -= _wide(columns[left], n, total)
        for one, other, n in sorted(pairs, key=lambda pair: (then[pair[1]], first[pair[0]])):
            width, end = (_wide(columns[k], n, total) for k in (left, left + 1))
            ends = (COLUMNS[left] + NODE, starts[one, other], width), (COLUMNS[left + 1], into[other], end)
            _band(ax, *ends, REASONS.get(one if left else other, style.INK))
            into[other] -= end


def _wide(column: dict[str, Node], n: float, total: float) -> float:
    """How high so many are in a column, whose gaps take some of the height."""
    return (1.0 - GAP * (len(column) - 1)) * n / total


def _band(ax: Axes, start: tuple[float, float, float], end: tuple[float, float, float], colour: str) -> None:
    """A band between two nodes, each end as x, top and width."""
    (x0, top0, wide0), (x1, top1, wide1) = start, end
    middle = (x0 + x1) / 2.0
    points = [
        (x0, top0), (middle, top0), (middle, top1), (x1, top1),
        (x1, top1 - wide1), (middle, top1 - wide1), (middle, top0 - wide0), (x0, top0 - wide0), (x0, top0),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.55, linewidth=0.0, zorder=2))


def _nodes(
    ax: Axes, columns: list[dict[str, Node]], looks: dict[str, style.Look], total: int, most: int
) -> None:
    """Bars with names and numbers, moved apart where they would touch."""
    for k, (x, nodes) in enumerate(zip(COLUMNS, columns, strict=True)):
        room = 1.0 - GAP * (len(nodes) - 1)
        middles = [node.bottom + node.height / 2 for node in nodes.values()]
        at = style.spread(middles, 0.052, 0.0, 1.0)
        for (name, node), place, middle in zip(nodes.items(), at, middles, strict=True):
            colour = looks[name].colour if name in looks else REASONS.get(name, style.PALE[0])
            ax.add_patch(
                Rectangle((x, node.bottom), NODE, node.height, color=colour, linewidth=0.0, zorder=3)
            )
            n = round(node.height / room * total)
            text = f"{style.shorten(name, most if name in looks else 20)}  {n:,}"
            edge, side = (x - 0.02, "right") if k == 0 else (x + NODE + 0.02, "left")
            if abs(place - middle) > 0.012:
                ax.plot(
                    [x if k == 0 else x + NODE, edge],
                    [middle, place],
                    color=style.PALE[1],
                    linewidth=0.7,
                    zorder=3,
                )
            ax.text(edge, place, text, ha=side, va="center", fontsize=style.SMALL, zorder=5,
                    color=looks[name].letters if name in looks else style.INK,
                    fontweight="bold" if name in looks and looks[name].width > 2.0 else "normal",
                    bbox={"facecolor": "white", "alpha": 0.75 if k == 1 else 0.0, "edgecolor": "none", "pad": 0.6})  # fmt: skip


def _said(rows: pd.DataFrame, firms: list[str]) -> str:
    parts = []
    for firm in firms:
        mine = rows[rows["firm"] == firm]
        if not len(mine):
            parts.append(f"Nobody left {firm}.")
            continue
        to = ", ".join(
            f"{n:,} to {name}" if name in firms else f"{n:,} {name}"
            for name, n in mine["to"].value_counts().items()
        )
        why = ", ".join(f"{name} {n:,}" for name, n in mine["reason"].value_counts().head(3).items())
        parts.append(f"{len(mine):,} left {firm}: {to}; most for {why}.")
    return f"Flow of customers between firms with reasons. {' '.join(parts)}"
