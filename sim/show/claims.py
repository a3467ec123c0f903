"""A claim's picture: effects with their intervals as lines, dots or a grid, the line of no effect among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from sim.show import style
from sim.show.pictures import new_figure, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = list(style.OKABE_ITO.values())
MANY_TIMES = 12.0
"""A factor whose largest level is so many times the smallest above 0 has its levels at equal distances."""


def claim_picture(table: pd.DataFrame, picture: Any, ax: Axes | None = None) -> Any:
    """Draw a claim.

    Parameters
    ----------
    table : the factors' columns, `value`, `low` and `high`.
    picture : with `kind` (lines, dots or grid), `x`, `by`, `panels`, `rows`, `unit` and `title`.
    ax : where to draw, for a picture of one panel; a new figure unless given.

    Returns
    -------
    Axes, or an array of Axes: one a panel.

    Raises
    ------
    ValueError : `ax` with several panels.
    """
    groups = [("", table)]
    if picture.panels:
        groups = [(level, table[table[picture.panels] == level]) for level in _levels(table, picture.panels)]
    if ax is not None and len(groups) > 1:
        raise ValueError(f"this picture has {len(groups)} panels; leave out ax, or draw its table yourself")
    axes = [ax] if ax is not None else _new_axes(groups, picture)
    draw = {"lines": _lines, "dots": _dots, "grid": _grid}[picture.kind]
    names = _levels(table, picture.by) if picture.by else [""]
    for place, (one, (level, rows)) in enumerate(zip(axes, groups, strict=True)):
        title = picture.title if len(groups) == 1 else f"{_word(picture.panels)} {_word(level)}"
        draw(one, rows, picture, names, title, place)
        set_alt_text(one, f"{title}. {_said(rows, picture)}")
    figure = axes[0].figure
    for one in axes:
        below = one.get_subplotspec()
        if len(groups) > 1 and below is not None and not below.is_last_row() and picture.kind == "lines":
            one.set_xlabel("")
    if len(groups) > 1:
        figure.suptitle(picture.title, x=0.01, ha="left", fontsize=style.TITLE, fontweight="bold")
        words = " ".join([f"{picture.title}.", *(str(getattr(one, "alt_text", "")) for one in axes)])
        figure.alt_text = words  # type: ignore[union-attr]
    return axes[0] if len(axes) == 1 else np.array(axes, dtype=object)


def _new_axes(groups: Sequence[Any], picture: Any) -> list[Axes]:
    """A figure with a panel a group, with the same axes."""
    count = len(groups)
    columns = min(count, 2 if count == 4 else 3)
    deep = -(-count // columns)
    tall = 3.8
    if picture.kind == "dots":
        rows = max(len(_levels(rows, picture.x)) for _, rows in groups)
        tall = 1.7 + 0.42 * rows
    figure = new_figure(7.8 if columns == 1 else 4.4 * columns, tall * deep + (0.4 if count > 1 else 0.0))
    share = picture.kind != "grid"
    drawn = figure.subplots(deep, columns, squeeze=False, sharex=share, sharey=share).ravel()
    for spare in drawn[count:]:
        spare.set_visible(False)
    return list(drawn[:count])


# ---------------------------------------------------------------- kinds


def _lines(ax: Axes, rows: pd.DataFrame, picture: Any, names: Sequence[Any], title: str, place: int) -> None:
    """Effects by a number, a line a level of `by`."""
    levels = sorted(set(rows[picture.x]))
    is_wide = _is_wide(levels)
    ticks = list(range(len(levels))) if is_wide else levels
    at = dict(zip(levels, ticks, strict=True))
    step = (max(ticks) - min(ticks)) / 100.0 if len(levels) > 1 else 0.01
    style.clean(ax, title, xlabel=_word(picture.x))
    if place == 0:
        _unit_beside(ax, picture.unit)
    _zero(ax, rows, "y")
    for k, name in enumerate(names):
        own = (rows[rows[picture.by] == name] if picture.by else rows).sort_values(picture.x)
        x = np.array([at[level] for level in own[picture.x]], dtype=float) + (k - (len(names) - 1) / 2) * step
        colour = COLOURS[k % len(COLOURS)]
        low, high = own["low"].to_numpy(dtype=float), own["high"].to_numpy(dtype=float)
        ax.vlines(x, low, high, color=colour, linewidth=1.6, alpha=0.7)
        ax.plot(
            x, own["value"], "o-", color=colour, linewidth=1.8, markersize=5, label=_named(picture.by, name)
        )
    ax.set_xticks(ticks, [_word(level) for level in levels])
    style.plain_ticks(ax, "y")
    _key(ax, names, picture, place)


def _dots(ax: Axes, rows: pd.DataFrame, picture: Any, names: Sequence[Any], title: str, place: int) -> None:
    """Effects by a word, a row a level, a colour a level of `by`."""
    levels = _levels(rows, picture.x)
    about = picture.unit if picture.panels else f"{picture.unit}; lines: 95 % interval over the seeds"
    style.clean(ax, title, xlabel=about, grid="x")
    _zero(ax, rows, "x")
    for k, name in enumerate(names):
        own = rows[rows[picture.by] == name] if picture.by else rows
        at = np.array([levels.index(level) for level in own[picture.x]]) + (k + 1) / (len(names) + 1) - 0.5
        colour = COLOURS[k % len(COLOURS)]
        ax.hlines(at, own["low"], own["high"], color=colour, linewidth=2.4)
        ax.scatter(
            own["value"], at, s=45, color=colour, zorder=3, edgecolor="white", label=_named(picture.by, name)
        )
    style.name_rows(ax, [style.shorten(_word(level), 34) for level in levels])
    for label in ax.get_yticklabels():
        label.set_fontweight("normal")
    style.plain_ticks(ax, "x", most=5)
    _key(ax, names, picture, place)


def _grid(ax: Axes, rows: pd.DataFrame, picture: Any, names: Sequence[Any], title: str, place: int) -> None:
    """A number in each cell, darker where it is larger."""
    across, down = _levels(rows, picture.x), _levels(rows, picture.rows)
    values = np.full((len(down), len(across)), np.nan)
    texts = {}
    for row in rows.to_dict("records"):
        spot = down.index(row[picture.rows]), across.index(row[picture.x])
        values[spot] = row["value"]
        texts[spot] = row.get("text") or style.nice(row["value"])
    tint = LinearSegmentedColormap.from_list("tint", ["#FFFFFF", "#7FB8D9"])
    ax.imshow(values, cmap=tint, aspect="auto")
    for (k, m), text in texts.items():
        ax.text(m, k, text, ha="center", va="center", fontsize=style.TEXT, color=style.INK)
    style.clean(ax, title, xlabel=f"{_word(picture.x)}; in the cells: {picture.unit}", grid="")
    ax.set_xticks(range(len(across)), [_word(level) for level in across])
    ax.set_yticks(range(len(down)), [f"{_word(picture.rows)}: {_word(level)}" for level in down])


# ---------------------------------------------------------------- words and places


def _key(ax: Axes, names: Sequence[Any], picture: Any, place: int) -> None:
    """What the colours are, above the first panel; the titles of the others stand as high."""
    if not picture.by:
        return
    longest = max(len(_named(picture.by, name)) for name in names) + 6
    columns = max(1, min(len(names), (44 if picture.panels else 96) // longest))
    if place == 0:
        style.key_above(ax, columns)
    else:
        pad = 10 + 15 * -(-len(names) // columns)
        ax.set_title(
            ax.get_title(loc="left"),
            loc="left",
            fontsize=style.TITLE,
            fontweight="bold",
            color=style.INK,
            pad=pad,
        )


def _named(factor: str, level: Any) -> str:
    """A level in words; a number with its factor before it."""
    is_number = isinstance(level, (int, float, np.number)) and not isinstance(level, (bool, np.bool_))
    return f"{_word(factor)} {_word(level)}" if is_number else _word(level)


def _unit_beside(ax: Axes, unit: str) -> None:
    """The unit of the values, left of their axis: above it stands the key."""
    ax.annotate(
        unit, (0.0, 0.5), xytext=(-44, 0), xycoords="axes fraction", textcoords="offset points", rotation=90,
        ha="right", va="center", fontsize=style.SMALL, color=style.QUIET, annotation_clip=False,
    )  # fmt: skip


def _zero(ax: Axes, rows: pd.DataFrame, axis: str) -> None:
    """The line of no effect, where it is near the data."""
    low, high = float(np.nanmin(rows[["value", "low"]])), float(np.nanmax(rows[["value", "high"]]))
    if low <= 0.0 <= high or min(abs(low), abs(high)) < 0.5 * (high - low):
        (ax.axhline if axis == "y" else ax.axvline)(0.0, color=style.PALE[0], linewidth=1.2, zorder=1)


def _is_wide(levels: Sequence[float]) -> bool:
    """Whether levels on a straight axis would crowd at one end."""
    above = [level for level in levels if level > 0]
    return len(levels) > 2 and bool(above) and max(above) >= MANY_TIMES * min(above)


def _levels(rows: pd.DataFrame, column: str) -> list[Any]:
    return list(dict.fromkeys(rows[column]))


def _word(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.number)):
        return f"{value:g}"
    return str(value).replace("_", " ")


def _said(rows: pd.DataFrame, picture: Any) -> str:
    """The picture in words: each effect with its interval."""
    keys = [key for key in (picture.by, picture.rows, picture.x) if key]
    parts = []
    for row in rows.to_dict("records"):
        where = ", ".join(f"{_word(key)} {_word(row[key])}" for key in keys)
        span = f" ({style.nice(row['low'])} to {style.nice(row['high'])})" if np.isfinite(row["low"]) else ""
        parts.append(f"{where}: {style.nice(row['value'])}{span}.")
    return f"{picture.unit}. {' '.join(parts)}"
