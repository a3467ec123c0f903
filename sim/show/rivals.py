"""Rivals that react: what each state gives each firm; and what is left of a lead when it is imitated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show import style
from sim.show.optimum import told
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def rivals(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Each firm's goal after each move.

    Parameters
    ----------
    table : `Rivals.goals`: `state`, `firm`, `policy`, `value`.
    ax : where to draw; a new figure unless given.

    Returns
    -------
    Axes
    """
    ax = own_axes(ax, 7.5, 4.0)
    title, unit = told(str(of_table(table, "goal", "")), str(of_table(table, "currency", "EUR")))
    firms = list(dict.fromkeys(table["firm"]))
    looks = style.looks(firms, of_table(table, "focus", None))
    factor, words = _scaled(table["value"], unit, table)
    end = str(of_table(table, "end", ""))
    style.clean(ax, f"{title}, {words}: {end}" if end else f"{title}, {words}", "moves")
    last = int(table["state"].max())
    ax.set_xlim(-0.1, max(1, last) + 0.1)
    for firm, look in looks.items():
        rows = table[table["firm"] == firm]
        y = rows["value"].to_numpy(dtype=float) / factor
        ax.plot(
            rows["state"],
            y,
            "o-",
            color=look.colour,
            linewidth=look.width,
            zorder=look.order,
            label=style.shorten(firm, 24),
        )
        _moves(ax, rows, y, look, last)
    style.key_above(ax, 4)
    style.plain_ticks(ax)
    style.plain_ticks(ax, "x", whole=True)
    ax.margins(y=0.2)
    said = " ".join(
        f"{firm}: {', '.join(style.nice(v / factor) for v in table.loc[table['firm'] == firm, 'value'])}."
        for firm in firms
    )
    set_alt_text(ax, f"{title}, {words}, today and after each move. {said} How it ends: {end}.")
    return ax


def _moves(ax: Axes, rows: pd.DataFrame, y: np.ndarray, look: Any, last: int) -> None:
    """The policy above a firm's line where it takes it up."""
    before = None
    for place, policy, at in zip(rows["state"], rows["policy"], y, strict=True):
        if policy != before:
            side = "left" if place == 0 else "right" if place == last else "center"
            ax.annotate(
                style.shorten(policy, 26), (place, at), xytext=(0, 9), textcoords="offset points", ha=side,
                fontsize=style.SMALL - 0.5, color=look.letters, zorder=5,
                bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        before = policy


def imitation(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What a policy earns its firm, by how late rivals imitate it.

    Parameters
    ----------
    table : `Imitation.table`: `lag` (missing where nobody imitates), `gain`, `low`, `high`.
    ax : where to draw; a new figure unless given.

    Returns
    -------
    Axes
    """
    ax = own_axes(ax, 7.0, 3.6)
    title, unit = told(str(of_table(table, "goal", "")), str(of_table(table, "currency", "EUR")))
    firm, policy = (style.shorten(of_table(table, key, ""), 24) for key in ("focus", "policy"))
    factor, words = _scaled(table[["low", "high"]].to_numpy().ravel(), unit, table)
    style.clean(ax, f"{title}, {words}: what “{policy}” earns {firm}", "months until rivals imitate it")
    at = np.arange(len(table))
    names = ["never" if lag != lag else f"{lag:.0f}" for lag in table["lag"]]
    gain, low, high = (table[name].to_numpy(dtype=float) / factor for name in ("gain", "low", "high"))
    ax.axhline(0.0, color=style.PALE[0], linewidth=1.0, zorder=1)
    ax.bar(at, gain, width=0.6, color=style.OKABE_ITO["blue"], zorder=2)
    ax.vlines(at, low, high, color=style.INK, linewidth=1.1, zorder=3)
    ax.set_xticks(at, names)
    style.plain_ticks(ax)
    said = " ".join(f"After {name}: {style.nice(value)}." for name, value in zip(names, gain, strict=True))
    set_alt_text(ax, f"What {policy} earns {firm}, {words}, by the months until rivals imitate it. {said}")
    return ax


def _scaled(values: Any, unit: str, table: pd.DataFrame) -> tuple[float, str]:
    currency = str(of_table(table, "currency", "EUR"))
    words = unit.split(",")[0]
    if not words.startswith(currency):
        return 1.0, words
    seen = np.asarray(values, dtype=float)
    return style.scaled(seen[np.isfinite(seen)], currency)
