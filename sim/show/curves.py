"""Which customers bring the profit, and how long they stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show import style
from sim.show.over_time import draw_line
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.spans import full_year_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TENTHS = 10


def whale_curve(
    table: pd.DataFrame, ax: Axes | None = None, currency: str | None = None, focus: str | None = None
) -> Axes:
    """The whale curve: profit of a firm's customers added up, the most profitable first.

    Where the curve falls, customers cost more than they bring.

    Parameters
    ----------
    table : `firm`, `customer_share`, `profit` (cumulative), `is_peak` (`sim.metrics.whale_curve(run)`).
    ax : where to draw; a new figure unless given.
    currency : EUR unless the table says otherwise in `attrs`. focus : the strong line, likewise.

    Returns
    -------
    Axes
    """
    focus, looks = _firms(table, focus)
    factor, unit = style.scaled(
        table["profit"].to_numpy(dtype=float), currency or of_table(table, "currency", "EUR")
    )
    ax = own_axes(ax, 7.5, 4.2)
    style.clean(ax, "Who brings the profit", ylabel=f"{unit}, added up over the customers of {full_year_of(table)}",
                xlabel="% of the customers, the most profitable first")  # fmt: skip
    ax.set_xlim(0.0, 100.0)
    ends, said = {}, []
    for firm, look in looks.items():
        rows = table[table["firm"] == firm]
        x, y = (
            100.0 * rows["customer_share"].to_numpy(dtype=float),
            rows["profit"].to_numpy(dtype=float) / factor,
        )
        if end := draw_line(ax, x, y, look):
            ends[firm] = end
        peak = rows["is_peak"].to_numpy(dtype=bool) & (x < 100.0)
        ax.scatter(
            x[peak], y[peak], s=26, color=look.colour, zorder=look.order + 1, edgecolor="white", linewidth=0.8
        )
        said.append(_whale_said(firm, rows, factor))
    low, high = (ax.dataLim.y0, ax.dataLim.y1) if len(table) else (0.0, 1.0)
    room = max(high, 0.0) - min(low, 0.0) or 1.0
    ax.set_ylim(min(low, 0.0) - (0.05 * room if low < 0.0 else 0.0), max(high, 0.0) + 0.08 * room)
    ax.axhline(0.0, color=style.PALE[1], linewidth=1.0, zorder=1)
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x", most=6)
    _name_ends(ax, ends)
    set_alt_text(ax, f"Whale curve: profit added up over the customers of {full_year_of(table)}, the most profitable first, "
                     f"in {unit}. {' '.join(said)}")  # fmt: skip
    return ax


def _whale_said(firm: str, rows: pd.DataFrame, factor: float) -> str:
    if not len(rows) or not rows["customers"].max():
        return f"{firm} has no customers to rank."
    peak, last = rows[rows["is_peak"]].iloc[0], rows.iloc[-1]
    if last["customer_share"] == peak["customer_share"]:
        return f"{firm} rises to {style.nice(last['profit'] / factor)}, every customer brings some."
    return (
        f"{firm} peaks at {style.nice(peak['profit'] / factor)} with {style.nice(100 * peak['customer_share'])} % of "
        f"its customers and ends at {style.nice(last['profit'] / factor)}."
    )


def _firms(table: pd.DataFrame, focus: str | None) -> tuple[str | None, dict[str, style.Look]]:
    """The firm that is strong, and how each is drawn."""
    focus = focus or of_table(table, "focus", None)
    return focus, style.looks(list(dict.fromkeys(table["firm"])), focus)


def _name_ends(ax: Axes, ends: dict[str, Any]) -> None:
    """Names beside the lines, once the layout stands."""
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    style.end_labels(ax, ends)


# ---------------------------------------------------------------- each tenth of the customers


def tenths(table: pd.DataFrame, firm: str) -> pd.DataFrame:
    """A firm's customers by their profit of the last full year, in ten groups as equal as can be.

    Parameters
    ----------
    table : a row a customer, with `firm`, `customer`, `revenue` and `profit` (`sim.metrics.accounts(run)`).

    Returns
    -------
    DataFrame : tenth (1 is the most profitable), customers, revenue, profit; empty below ten customers.
    """
    mine = table[(table["firm"] == firm) & table["customer"].notna()]
    mine = mine.sort_values("profit", ascending=False, kind="stable")
    groups = np.array_split(np.arange(len(mine)), TENTHS) if len(mine) >= TENTHS else []
    profit, revenue = (mine[name].to_numpy(dtype=float) for name in ("profit", "revenue"))
    rows = [(k, len(part), revenue[part].sum(), profit[part].sum()) for k, part in enumerate(groups, 1)]
    return table.__class__(rows, columns=["tenth", "customers", "revenue", "profit"])


def value(
    table: pd.DataFrame, ax: Axes | None = None, firm: str | None = None, currency: str | None = None
) -> Axes:
    """What each tenth of a firm's customers earned it in the last full year, the best tenth first.

    Parameters
    ----------
    table : a row a customer, with `firm`, `customer`, `revenue`, `profit` (`sim.metrics.accounts(run)`).
    ax : where to draw; a new figure unless given.
    firm : whose customers; the one that the table speaks of unless given.
    currency : EUR unless the table says otherwise in `attrs`.

    Returns
    -------
    Axes
    """
    firm = firm or of_table(table, "focus", None) or next(iter(table["firm"]), "the firm")
    rows = tenths(table, firm)
    profit = rows["profit"].to_numpy(dtype=float)
    factor, unit = style.scaled(profit, currency or of_table(table, "currency", "EUR"))
    ax = own_axes(ax, 7.5, 3.6)
    style.clean(
        ax,
        "What each tenth of the customers earned",
        ylabel=f"{unit} in {full_year_of(table)}, {style.shorten(firm, 24)}",
        xlabel="tenths of the customers, the most profitable first",
    )
    ax.set_xlim(0.4, TENTHS + 0.6)
    if not len(rows):
        ax.set_yticks([])
        ax.set_xticks([])
        ax.text(0.5, 0.5, "too few customers to tell", transform=ax.transAxes, ha="center", color=style.QUIET)
        set_alt_text(ax, f"{firm} has fewer than {TENTHS} customers: nothing is drawn.")
        return ax
    colours = [style.OKABE_ITO["blue" if one >= 0 else "vermillion"] for one in profit]
    ax.bar(rows["tenth"], profit / factor, color=colours, width=0.72)
    ax.axhline(0.0, color=style.PALE[0], linewidth=1.2)
    ax.set_xticks(range(1, TENTHS + 1))
    style.plain_ticks(ax)
    said = ", ".join(f"{k} {style.nice(one / factor)}" for k, one in enumerate(profit, 1))
    set_alt_text(ax, f"What each tenth of {firm}'s customers earned in {full_year_of(table)}, in {unit}, the most "
                     f"profitable first: {said}.")  # fmt: skip
    return ax


# ---------------------------------------------------------------- how long they stay


def survival(table: pd.DataFrame, ax: Axes | None = None, focus: str | None = None) -> Axes:
    """How many relationships are unbroken by age: a line a firm, with its 95 % band.

    Parameters
    ----------
    table : `firm`, `age` in months, `survival`, `standard_error` (`sim.metrics.cohort_survival(run)`).
    ax : where to draw; a new figure unless given.
    focus : the strong line; as the table says unless given.

    Returns
    -------
    Axes
    """
    focus, looks = _firms(table, focus)
    ax = own_axes(ax, 7.5, 4.0)
    style.clean(ax, "How long relationships last", ylabel="% unbroken; bands: 95 %")
    known = table[table["survival"].notna()]
    place = style.time_axis(ax, int(known["age"].max()) if len(known) else 1)
    ax.set_xlabel(f"{ax.get_xlabel()} since the relationship began")
    ends, said = {}, []
    for firm, look in looks.items():
        rows = known[known["firm"] == firm]
        x, y = place(rows["age"]), 100.0 * rows["survival"].to_numpy(dtype=float)
        half = 196.0 * rows["standard_error"].to_numpy(dtype=float)
        ax.fill_between(x, np.clip(y - half, 0.0, 100.0), np.clip(y + half, 0.0, 100.0), color=look.colour, alpha=0.15,
                        linewidth=0.0, zorder=look.order - 1)  # fmt: skip
        if len(rows) and (end := draw_line(ax, x, y, look)):
            ends[firm] = end
        ages = rows["age"].to_numpy(dtype=np.int64)
        shares = [
            f"{style.nice(y[k])} % after {age} months" for k, age in enumerate(ages) if age and age % 12 == 0
        ]
        said.append(f"{firm}: {', '.join(shares) or 'too few relationships to tell'}.")
    ax.set_ylim(0.0, 104.0)
    style.plain_ticks(ax)
    _name_ends(ax, ends)
    set_alt_text(ax, f"How many relationships are unbroken by age. {' '.join(said)}")
    return ax
