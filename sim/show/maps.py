"""Two maps of a firm's customers: recency by frequency, and tenure by profit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from sim.show import style
from sim.show.pictures import of_table, own_axes, set_alt_text
from sim.show.spans import full_year_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

QUINTILES = range(1, 6)
TINT = LinearSegmentedColormap.from_list("tint", ["#F4F8FB", "#7FB8D9", "#0A5C96"])

QUADRANTS = {
    (True, True): ("true friends", style.OKABE_ITO["blue"]),
    (False, True): ("butterflies", style.OKABE_ITO["orange"]),
    (True, False): ("barnacles", style.OKABE_ITO["vermillion"]),
    (False, False): ("strangers", style.PALE[0]),
}
"""(tenure long, profit high) -> the name of Reinartz & Kumar 2002, and its colour."""

MOST_DOTS = 2_000


def rfm(
    table: pd.DataFrame, ax: Axes | None = None, firm: str | None = None, currency: str | None = None
) -> Axes:
    """The RFM map of a firm: how many customers bought how lately and how often, darker where they spend more an order.

    Parameters
    ----------
    table : `firm`, `recency`, `frequency` (quintiles 1 to 5), `customers`, `purchases`, `spent` (`sim.metrics.rfm_cells(run)`).
    ax : where to draw; a new figure unless given.
    firm : whose; the one that the table speaks of unless given. currency : as the table says unless given.

    Returns
    -------
    Axes
    """
    firm = firm or of_table(table, "focus", None) or str(next(iter(table["firm"]), "the firm"))
    money = currency or of_table(table, "currency", "EUR")
    cells = (
        table[table["firm"] == firm]
        .groupby(["frequency", "recency"])[["customers", "purchases", "spent"]]
        .sum()
    )
    ax = own_axes(ax, 6.4, 4.4)
    style.clean(ax, f"How lately and how often they buy: {style.shorten(firm, 22)}", grid="",
                xlabel="recency and frequency in fifths of the customers; who are alike share one",
                ylabel=f"in the cells: customers, and {money} a mean order; darker: larger orders")  # fmt: skip
    orders = np.full((5, 5), np.nan)
    heads = np.zeros((5, 5), dtype=np.int64)
    for row in cells.reset_index().to_dict("records"):
        spot = int(row["frequency"]) - 1, int(row["recency"]) - 1
        heads[spot] = int(row["customers"])
        orders[spot] = row["spent"] / row["purchases"] if row["purchases"] else np.nan
    ax.imshow(orders, cmap=TINT, origin="lower", aspect="auto", extent=(0.5, 5.5, 0.5, 5.5))
    middle = np.nanmean([np.nanmin(orders), np.nanmax(orders)]) if np.isfinite(orders).any() else np.nan
    for f in QUINTILES:
        for r in QUINTILES:
            n, order = heads[f - 1, r - 1], orders[f - 1, r - 1]
            if n:
                colour = "white" if np.isfinite(order) and order > middle * 1.02 else style.INK
                ax.text(
                    r,
                    f,
                    f"{n:,}\n{style.nice(order)}",
                    ha="center",
                    va="center",
                    fontsize=style.SMALL,
                    color=colour,
                )
    ax.set_xticks(list(QUINTILES), ["1, long ago", "2", "3", "4", "5, lately"])
    ax.set_yticks(list(QUINTILES), ["1, seldom", "2", "3", "4", "5, often"])
    ax.set_xticks(np.arange(0.5, 6.0), minor=True)
    ax.set_yticks(np.arange(0.5, 6.0), minor=True)
    ax.grid(which="minor", color="white", linewidth=2.0)
    ax.tick_params(which="minor", length=0)
    if not heads.any():
        ax.text(3.0, 3.0, "too few customers to tell", ha="center", color=style.QUIET)
    set_alt_text(ax, _rfm_said(firm, heads, orders, money))
    return ax


def _rfm_said(firm: str, heads: np.ndarray, orders: np.ndarray, money: str) -> str:
    if not heads.any():
        return f"{firm} has fewer than five customers on record: no map of recency and frequency."
    best, worst = int(heads[3:, 3:].sum()), int(heads[:2, :2].sum())
    most = np.unravel_index(int(heads.argmax()), heads.shape)
    return (
        f"Customers of {firm} by fifths of recency and frequency: {int(heads.sum()):,} in all, {best:,} in the best two "
        f"fifths of both, {worst:,} in the last two of both; the fullest cell is recency {most[1] + 1}, frequency "
        f"{most[0] + 1} with {int(heads.max()):,}; mean orders from {style.nice(float(np.nanmin(orders)))} to "
        f"{style.nice(float(np.nanmax(orders)))} {money}."
    )


# ---------------------------------------------------------------- loyalty and profit


def loyalty(
    table: pd.DataFrame, ax: Axes | None = None, firm: str | None = None, currency: str | None = None
) -> Axes:
    """Loyalty and profit: each customer by tenure and by the profit of the last full year, cut at the medians.

    Parameters
    ----------
    table : a row a customer, with `firm`, `customer`, `tenure` (months), `profit` (`sim.metrics.accounts(run)`).
    ax : where to draw; a new figure unless given.
    firm : whose; the one that the table speaks of unless given. currency : as the table says unless given.

    Returns
    -------
    Axes
    """
    firm = firm or of_table(table, "focus", None) or str(next(iter(table["firm"]), "the firm"))
    mine = table[(table["firm"] == firm) & table["customer"].notna()].dropna(subset=["tenure"])
    tenure, profit = (mine[name].to_numpy(dtype=float) for name in ("tenure", "profit"))
    factor, unit = style.scaled(profit, currency or of_table(table, "currency", "EUR"))
    profit = profit / factor
    ax = own_axes(ax, 7.0, 4.6)
    style.clean(ax, f"Loyal, profitable, both or neither: {style.shorten(firm, 22)}", grid="",
                ylabel=f"profit, {unit} in {full_year_of(table)}; lines: medians", xlabel="months with the firm")  # fmt: skip
    if len(mine) < 4:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.text(0.5, 0.5, "too few customers to tell", transform=ax.transAxes, ha="center", color=style.QUIET)
        set_alt_text(ax, f"{firm} has fewer than four customers: nothing is drawn.")
        return ax
    cut = float(np.median(tenure)), float(np.median(profit))
    beyond = _limits(ax, tenure, profit)
    if beyond:
        ax.set_xlabel(
            f"months with the firm; {beyond:,} customer{'s' if beyond > 1 else ''} beyond the upper or lower edge"
        )
    ax.axvline(cut[0], color=style.PALE[0], linewidth=1.0, zorder=1)
    ax.axhline(cut[1], color=style.PALE[0], linewidth=1.0, zorder=1)
    said, step = [], max(1, -(-len(mine) // MOST_DOTS))
    total = float(profit.sum())
    for (is_long, is_high), (name, colour) in QUADRANTS.items():
        inside = ((tenure > cut[0]) == is_long) & ((profit > cut[1]) == is_high)
        ax.scatter(
            tenure[inside][::step],
            profit[inside][::step],
            s=12,
            color=colour,
            alpha=0.45,
            linewidth=0,
            zorder=2,
        )
        n, share = int(inside.sum()), 100.0 * float(profit[inside].sum()) / total if total > 0 else np.nan
        of_profit = f", {style.number(share)} % of the profit" if np.isfinite(share) else ""
        ax.text(
            0.985 if is_long else 0.015, 0.975 if is_high else 0.025, f"{name}\n{n:,}{of_profit}", transform=ax.transAxes,
            ha="right" if is_long else "left", va="top" if is_high else "bottom", fontsize=style.SMALL, color=style.readable(colour),
            fontweight="bold", zorder=4, bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
        said.append(f"{name} {n:,}{of_profit}")
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x", most=6, whole=True)
    set_alt_text(ax, f"Customers of {firm} by months with the firm and profit of {full_year_of(table)}, cut at the medians of "
                     f"{style.nice(cut[0])} months and {style.nice(cut[1])} {unit}: {'; '.join(said)}.")  # fmt: skip
    return ax


def _limits(ax: Axes, tenure: np.ndarray, profit: np.ndarray) -> int:
    """Axes that a few extreme customers do not stretch; how many are beyond."""
    low, high = (float(x) for x in np.quantile(profit, [0.005, 0.995]))
    room = 0.25 * ((high - low) or 1.0)
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(0.0, 1.04 * max(1.0, float(tenure.max())))
    return int(((profit < low - room) | (profit > high + room)).sum())
