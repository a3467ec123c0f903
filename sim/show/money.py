"""Where the money of a firm goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import ACTIVITIES
from sim.mechanisms import MECHANISMS
from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WINDOW = 12
"""Months that are added up: the last ones of a run."""

GROUPS = {
    "goods and handling": style.PALE[1],
    "serving": style.OKABE_ITO["sky"],
    "keeping": style.OKABE_ITO["green"],
    "winning": style.OKABE_ITO["vermillion"],
    "everything else": style.PALE[2],
    "profit": style.OKABE_ITO["blue"],
}
"""What becomes of the revenue, in the order of the bar."""

LINES = {
    line.name: line for line in (*ACTIVITIES, *(line for one in MECHANISMS.values() for line in one.lines))
}
"""Every line that a ledger can have, the core's first; a market without a mechanism has not its lines."""

GOODS = {"cost_of_goods", "order_handling", "materials", "item_goods", "direct_orders", "rush_orders"}
SERVING = {"service_labour", "questions", *(line.name for line in MECHANISMS["cost_to_serve"].lines)}


def group_of(activity: str) -> str:
    """The group of costs that a line of the ledger belongs to; "" for revenue and memos."""
    line = LINES[activity]
    if line.sign >= 0:
        return ""
    if line.name in GOODS:
        return "goods and handling"
    if line.name in SERVING:
        return "serving"
    return {"retention": "keeping", "acquisition": "winning"}.get(line.purpose, "everything else")


def incomes(table: pd.DataFrame) -> list[str]:
    """The lines of a ledger that bring money: revenue, and what its mechanisms earn beside it."""
    return [name for name in table.columns if name in LINES and LINES[name].sign > 0]


def grouped(table: pd.DataFrame, months: int = WINDOW) -> pd.DataFrame:
    """Revenue with all other income, costs by group, and profit of the last months: a row a firm, in money."""
    last = table[table["month"] > table["month"].max() - months] if len(table) else table
    sums = last.groupby("firm", sort=False).sum(numeric_only=True)
    data = {"revenue": sums[incomes(sums)].sum(axis=1)}
    for group in GROUPS:
        lines = [name for name in sums.columns if name in LINES and group_of(name) == group]
        data[group] = sums["profit"] if group == "profit" else sums[lines].sum(axis=1)
    return sums[[]].assign(**data)


def spending(
    table: pd.DataFrame, ax: Axes | None = None, focus: str | None = None, months: int = WINDOW
) -> Axes:  # fmt: skip
    """What becomes of 100 of revenue: a bar a firm, a piece a group of costs, and the profit.

    Parameters
    ----------
    table : a row a month and firm, a column an activity in money, and `profit` (`Run.ledger`).
    ax : where to draw; a new figure unless given.
    focus : the firm on top; as the table says unless given.
    months : how many of the last months are added up.

    Returns
    -------
    Axes
    """
    sums = grouped(table, months)
    focus = focus or of_table(table, "focus", None)
    firms = [f for f in sums.index if f == focus] + [f for f in sums.index if f != focus]
    sums = sums.loc[firms]
    revenue = sums["revenue"].to_numpy(dtype=float)
    shares = (
        100.0 * sums[list(GROUPS)].to_numpy(dtype=float) / np.where(revenue > 0, revenue, np.nan)[:, None]
    )
    ax = own_axes(ax, 8.5, 2.3 + 0.5 * max(1, len(firms)))
    window = min(months, int(table["month"].max()) if len(table) else months)
    style.clean(ax, "What becomes of the revenue", grid="x",
                xlabel=f"% of the revenue of the last {window} months; costs beyond 100 % are a loss")  # fmt: skip
    left = np.zeros(len(firms))
    for place, (group, colour) in enumerate(GROUPS.items()):
        sizes = np.clip(np.nan_to_num(shares[:, place]), 0.0, None)
        ax.barh(range(len(firms)), sizes, left=left, height=0.62, color=colour, edgecolor="white",
                linewidth=1.0, label=group)  # fmt: skip
        left += sizes
    style.name_rows(ax, [style.shorten(firm, 24) for firm in firms])
    ax.set_xlim(0.0, max(100.0, left.max(initial=0.0)) * 1.02)
    ax.axvline(100.0, color=style.INK, linewidth=1.2)
    style.plain_ticks(ax, "x", whole=True)
    style.numbers_inside(ax)
    style.key_above(ax, 3)
    said = [_spent(firm, row) for firm, row in zip(firms, shares, strict=True)]
    set_alt_text(ax, f"What becomes of the revenue of the last {window} months. {' '.join(said)}")
    return ax


def _spent(firm: str, shares: np.ndarray) -> str:
    if not np.isfinite(shares).all():
        return f"{firm} sold nothing."
    parts = [f"{group} {style.nice(share)} %" for group, share in zip(GROUPS, shares, strict=True)]
    return f"{firm}: {', '.join(parts)}."
