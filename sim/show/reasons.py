"""Why customers left, and what winning and keeping them costs: one bar or one line a firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REASONS = {
    "word of mouth": style.OKABE_ITO["purple"],
    "service failure": style.OKABE_ITO["vermillion"],
    "better elsewhere": style.OKABE_ITO["blue"],
    "price": style.OKABE_ITO["orange"],
    "a rival's offer": style.OKABE_ITO["sky"],
    "neglect": style.OKABE_ITO["green"],
    "messages": style.OKABE_ITO["yellow"],
    "variety": style.PALE[2],
    "need ended": style.PALE[1],
    "fired": style.PALE[0],
}
"""Reasons in the order of the bar: what people feel in colour, what nobody felt in grey."""


def departures(
    table: pd.DataFrame, ax: Axes | None = None, reason: str = "reason", focus: str | None = None
) -> Axes:
    """Why customers left each firm: a bar a firm, a piece a reason, as long as many left for it.

    Parameters
    ----------
    table : a row a departure, with `firm` and `reason` (`Run.departures`). Firms stand as `attrs` says
        (`firms`), else the one that most left comes first.
    ax : where to draw; a new figure unless given.
    reason : the column with the reason, for example what leavers told a survey.
    focus : the firm on top; as the table says unless given.

    Returns
    -------
    Axes
    """
    counts = table.groupby(["firm", reason]).size().unstack(fill_value=0)
    known = of_table(
        table, "firms", list(counts.sum(axis=1).sort_values(ascending=False, kind="stable").index)
    )
    firms = _ordered(list(known), focus or of_table(table, "focus", None))
    found = [str(name) for name in counts]
    reasons = [name for name in REASONS if name in found] + [name for name in found if name not in REASONS]
    ax = own_axes(ax, 8.5, 2.2 + 0.5 * max(1, len(firms)))
    style.clean(ax, "Why customers left", xlabel="departures in the whole run", grid="x")
    left = np.zeros(len(firms))
    for name in reasons:
        sizes = counts[name].reindex(firms, fill_value=0).to_numpy(dtype=float)
        colour = REASONS.get(name, style.INK)
        ax.barh(
            range(len(firms)),
            sizes,
            left=left,
            height=0.62,
            color=colour,
            edgecolor="white",
            linewidth=1.0,
            label=name,
        )
        left += sizes
    style.name_rows(ax, [f"{style.shorten(firm, 24)}" for firm in firms])
    for place, total in enumerate(left):
        ax.annotate(style.number(total), (total, place), xytext=(5, 0), textcoords="offset points", va="center",
                    fontsize=style.TEXT, color=style.INK, fontweight="bold" if place == 0 else "normal")  # fmt: skip
    ax.set_xlim(0.0, max(1.0, left.max(initial=0.0)) * 1.1)
    style.plain_ticks(ax, "x", whole=True)
    style.numbers_inside(ax)
    if reasons:
        style.key_above(ax, min(5, style.columns_for(ax, max(map(len, reasons)))))
    else:
        ax.text(0.5, 0.5, "nobody left", transform=ax.transAxes, ha="center", color=style.QUIET)
    set_alt_text(ax, "Why customers left. " + " ".join(_said(counts, firm, reasons) for firm in firms))
    return ax


def _said(counts: pd.DataFrame, firm: str, reasons: list[str]) -> str:
    row = dict(zip(map(str, counts.columns), counts.reindex([firm], fill_value=0).to_numpy()[0], strict=True))
    most = sorted(((int(row[name]), name) for name in reasons if row[name]), reverse=True)
    if not most:
        return f"{firm}, nobody left."
    return f"{firm}, {sum(n for n, _ in most)} left: {', '.join(f'{name} {n}' for n, name in most)}."


def _ordered(firms: list[str], focus: str | None) -> list[str]:
    return [f for f in firms if f == focus] + [f for f in firms if f != focus]


def costs(
    firms_table: pd.DataFrame, ax: Axes | None = None, currency: str | None = None, focus: str | None = None
) -> Axes:
    """What a firm pays to win a customer, against what it pays to keep one for a year.

    Parameters
    ----------
    firms_table : a row a firm (the index), with `acquisition_cost` and `retention_cost` (`Run.firms`).
    ax : where to draw; a new figure unless given.
    currency : EUR unless the table says otherwise in `attrs`. focus : the firm on top, likewise.

    Returns
    -------
    Axes
    """
    currency = currency or of_table(firms_table, "currency", "EUR")
    firms = _ordered([str(firm) for firm in firms_table.index], focus or of_table(firms_table, "focus", None))
    ax = own_axes(ax, 7.5, 1.7 + 0.5 * max(1, len(firms)))
    columns = ("retention_cost", "acquisition_cost")
    money = (
        firms_table.set_axis([str(f) for f in firms_table.index])
        .reindex(firms)[list(columns)]
        .astype(float)
        .to_numpy()
    )
    factor, unit = style.scaled(money.ravel(), currency)
    money = money / factor
    style.clean(ax, "What winning and keeping a customer costs", xlabel=unit, grid="x")
    rows = np.arange(len(firms))
    ax.hlines(rows, money[:, 0], money[:, 1], color=style.PALE[2], linewidth=4.0, zorder=1)
    looks = (
        ("to keep one for a year", style.OKABE_ITO["green"], "o"),
        ("to win one", style.OKABE_ITO["vermillion"], "D"),
    )
    for k, (label, colour, marker) in enumerate(looks):
        ax.scatter(money[:, k], rows, s=70, color=colour, marker=marker, label=label, zorder=3, clip_on=False)
    for row, (keep, win) in enumerate(money):
        if np.isfinite(keep) and np.isfinite(win) and keep > 0:
            ax.annotate(f"{style.number(win / keep, 1)} ×", (max(keep, win), row), xytext=(9, 0), textcoords="offset points",
                        va="center", fontsize=style.TEXT, color=style.INK)  # fmt: skip
    style.name_rows(ax, [style.shorten(firm, 24) for firm in firms])
    seen = money[np.isfinite(money)]
    ax.set_xlim(0.0, (seen.max() if len(seen) and seen.max() > 0 else 1.0) * 1.12)
    style.plain_ticks(ax, "x")
    style.key_above(ax, 2)
    said = [_costs_said(firm, keep, win, unit) for firm, (keep, win) in zip(firms, money, strict=True)]
    set_alt_text(ax, f"What winning and keeping a customer costs. {' '.join(said)}")
    return ax


def _costs_said(firm: str, keep: float, win: float, unit: str) -> str:
    parts = [f"{style.nice(win)} {unit} to win one" if np.isfinite(win) else "won nobody"]
    parts.append(
        f"{style.nice(keep)} {unit} to keep one for a year"
        if np.isfinite(keep)
        else "no year to count keeping yet"
    )
    times = (
        [f"{style.number(win / keep, 1)} times as much"]
        if np.isfinite(win) and np.isfinite(keep) and keep > 0
        else []
    )
    return f"{firm}: {', '.join(parts + times)}."
