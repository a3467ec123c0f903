"""The months of a run, firm by firm: the first picture that anybody sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D

from sim.scenario.faults import nearest
from sim.show import style
from sim.show.pictures import new_figure, of_table, set_alt_text
from sim.show.style import Look

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Panel(NamedTuple):
    """How a metric is drawn: its title, its unit, how many months are averaged, and what else stands beside it.

    A unit that holds `{currency}` is money. `kind` is count, money, share or number.
    """

    title: str
    unit: str
    kind: str = "number"
    mean_months: int = 1
    beside: str = ""
    words: tuple[str, str] = ("", "")


PANELS = {
    "customers": Panel("Customers", "people at the month's end", "count"),
    "monthly_churn": Panel("Customers lost", "% a month, 12-month mean", "share", 12),
    "acquisition_cost": Panel(
        "Winning against keeping", "{currency} a customer, 12 months", "money", 1, "retention_cost",
        ("to win one", "to keep one for a year"),
    ),
    "profit": Panel("Profit", "{currency} a month, 12-month mean", "money", 12),
    "customer_equity": Panel("Customer equity", "{currency}, from the second year on", "money"),
    "loyalty": Panel("Loyalty", "mean of own customers, 0 to 1"),
    "retention_cost": Panel("Keeping a customer", "{currency} a customer-year kept", "money"),
    "revenue": Panel("Revenue", "{currency} a month, 12-month mean", "money", 12),
    "annual_retention": Panel("Customers kept", "% of those of a year ago", "share"),
    "monthly_retention": Panel("Customers kept", "% a month, 12-month mean", "share", 12),
    "voluntary_churn": Panel("Customers who chose to go", "% a month, 12-month mean", "share", 12),
    "share_of_customers": Panel("Share of customers", "% of all who have a supplier", "share"),
    "awareness": Panel("Awareness", "% of the market", "share"),
    "satisfaction": Panel("Satisfaction", "mean of own customers, −1 to 1"),
    "trust": Panel("Trust", "mean of own customers, 0 to 1"),
    "permission_base": Panel("Permission to write", "people who said yes", "count"),
    "read_rate": Panel("Mail that is read", "% of recipients, 12-month mean", "share", 12),
    "opt_out_rate": Panel("Opting out", "% of recipients a month, 12-month mean", "share", 12),
    "deliverability": Panel("Mail that arrives", "% that reaches the inbox", "share"),
    "told_bad": Panel("Bad news told", "tellings a month, 12-month mean", "count", 12),
    "told_good": Panel("Good news told", "tellings a month, 12-month mean", "count", 12),
}  # fmt: skip
"""How the metrics are drawn; one that is not here is drawn as its name says."""

FIRST = ("customers", "monthly_churn", "acquisition_cost", "profit", "customer_equity", "loyalty")
BROKEN = (0, (2.5, 1.2))
"""The line that is compared with."""

LEAST_MONTHS = 3
"""Months that a mean needs at the start of a run."""


def months(
    table: pd.DataFrame,
    metrics: Sequence[str] | None = None,
    axes: Any = None,
    currency: str | None = None,
    focus: str | None = None,
    title: str | None = None,
) -> Any:
    """The months of a run, firm by firm, a panel a metric, the firm that you are first and stronger.

    Parameters
    ----------
    table : a row a firm and month, with `month`, `firm` and a column a metric (`Run.months`).
    metrics : names of columns; customers, monthly churn, acquisition against retention cost, profit,
        customer equity and loyalty unless given.
    axes : as many Axes as metrics; a new figure unless given.
    currency : EUR unless the table says otherwise in `attrs`. focus : the first firm unless given so.
    title : of the whole figure, likewise.

    Returns
    -------
    array of Axes, shaped as the grid (2 x 3 unless metrics are given).

    Raises
    ------
    ValueError : a metric that is no column, with the nearest right one.
    """
    names = [known(name, table) for name in ([metrics] if isinstance(metrics, str) else metrics or FIRST)]
    focus = focus or of_table(table, "focus", None)
    currency = currency or of_table(table, "currency", "EUR")
    firms = style.looks(list(dict.fromkeys(table["firm"])), focus)
    own = axes is None
    grid = (
        _grid(len(names), max(map(len, map(str, firms)), default=0))
        if own
        else np.atleast_1d(np.asarray(axes, dtype=object))
    )
    if grid.size < len(names):
        raise ValueError(f"axes: one for each of the {len(names)} metrics is needed (got {grid.size})")
    drawn = [_panel(ax, table, name, firms, currency) for ax, name in zip(grid.flat, names, strict=False)]
    length = int(table["month"].max()) if len(table) else 0
    said = [_said(table, name, firms, currency) for name in names]
    if own:
        _head(grid, title or of_table(table, "title", "Firm by firm"), list(firms), said, length)
    for ax, ends, words in zip(grid.flat, drawn, said, strict=False):
        style.end_labels(
            ax, ends, line=1.6 if own else 1.3
        )  # the layout, which takes a while, is made once: when drawn
        set_alt_text(ax, f"A line chart over {length} months. {words}")
    return grid


def _head(grid: Any, heading: str, firms: list[str], said: list[str], length: int) -> None:
    """The title of the whole figure, whose line is the strong one, and all of it in words."""
    figure = grid.flat[0].figure
    at_left = {"x": 0.012, "ha": "left"}
    figure.suptitle(style.wrapped(heading, 90), fontsize=15, fontweight="bold", color=style.INK, **at_left)
    strong = f"The strong line is {firms[0]}." if len(firms) > 1 else ""
    if strong:
        figure.supxlabel(strong, fontsize=style.TEXT, color=style.QUIET, **at_left)
    for spare in grid.flat[len(said) :]:
        spare.set_axis_off()
    figure.alt_text = " ".join(
        [f"{heading}: {len(said)} line charts over {length} months.", strong, *said]
    ).replace("  ", " ")


def _grid(count: int, longest: int) -> Any:
    """Axes for so many panels, three in a row, with room for the longest name."""
    columns = min(3, count)
    rows = -(-count // columns)
    figure = new_figure((4.2 + 0.07 * max(0, min(longest, style.LONGEST) - 6)) * columns, 0.6 + 3.1 * rows)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr,call-arg]
    return figure.subplots(rows, columns, squeeze=False)


def known(name: str, table: pd.DataFrame) -> str:
    """A metric that the table has; else a ValueError with the nearest right one."""
    if name in table.columns:
        return name
    columns = [str(column) for column in table.columns if column not in ("month", "firm")]
    near = nearest(str(name), columns)
    hint = f'did you mean "{near}"?' if near else f"metrics are {', '.join(columns)}"
    raise ValueError(f'no metric "{name}" in this table; {hint}')


def panel_of(metric: str) -> Panel:
    """How a metric is drawn."""
    return PANELS.get(metric) or Panel(metric.replace("_", " ").capitalize(), f"column {metric}")


def series(table: pd.DataFrame, metric: str, firm: str) -> tuple[np.ndarray, np.ndarray]:
    """Months and values of a firm, averaged over the panel's window; missing stays missing."""
    rows = table.loc[table["firm"] == firm].sort_values("month")
    values = rows[metric].astype(float)
    width = panel_of(metric).mean_months
    if width > 1:
        values = (
            values.rolling(width, min_periods=min(LEAST_MONTHS, len(values) or 1))
            .mean()
            .where(values.notna())
        )
    return rows["month"].to_numpy(dtype=float), values.to_numpy()


def _panel(
    ax: Axes, table: pd.DataFrame, metric: str, firms: dict[str, Look], currency: str
) -> dict[str, tuple[float, float, Look]]:
    """Draw one panel; returns where each firm's line ends."""
    panel = panel_of(metric)
    beside = panel.beside if panel.beside in table.columns else ""
    lines = {(firm, name): series(table, name, firm) for firm in firms for name in (metric, beside) if name}
    factor, unit = unit_of(panel, [y for _x, y in lines.values()], currency)
    style.clean(ax, panel.title, ylabel=unit)
    place = style.time_axis(ax, int(table["month"].max()) if len(table) else 1)
    ends = {}
    for (firm, name), (x, y) in lines.items():
        end = draw_line(ax, place(x), y / factor, firms[firm], broken=name != metric)
        if end and name == metric:
            ends[firm] = end
    limits(ax, [y / factor for _x, y in lines.values()], panel)
    if beside:
        key(ax, panel.words)
    return ends


def unit_of(panel: Panel, values: Sequence[np.ndarray], currency: str) -> tuple[float, str]:
    """What to divide a panel's values by, and its unit in words."""
    if panel.kind != "money":
        return 1.0, panel.unit
    factor, scaled = style.scaled(np.concatenate([*values, np.zeros(1)]), currency)
    return factor, panel.unit.format(currency=scaled)


def draw_line(
    ax: Axes, x: np.ndarray, y: np.ndarray, look: Look, broken: bool = False
) -> tuple[float, float, Look] | None:
    """A firm's line with gaps where a value is missing; returns where it ends, None if there is nothing."""
    seen = np.isfinite(y)
    ax.plot(
        x, np.where(seen, y, np.nan), color=look.colour, linewidth=look.width * (0.7 if broken else 1.0),
        linestyle=BROKEN if broken else "-", zorder=look.order, solid_capstyle="round", clip_on=False,
    )  # fmt: skip
    if not seen.any():
        return None
    last = np.flatnonzero(seen)[-1]
    return float(x[last]), float(y[last]), look


def limits(ax: Axes, values: Iterable[np.ndarray], panel: Panel) -> None:
    """From 0 to the largest value, or from the least where there are losses."""
    seen = np.concatenate([*values, np.empty(0)])
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        ax.set_ylim(0.0, 1.0)
        ax.set_yticks([])
        ax.text(
            0.5,
            0.5,
            "nothing to show yet",
            transform=ax.transAxes,
            ha="center",
            color=style.QUIET,
            fontsize=style.TEXT,
        )
        return
    low, high = min(0.0, float(seen.min())), max(0.0, float(seen.max()))
    room = (high - low) or abs(high) or 1.0
    ax.set_ylim(
        low - (0.06 * room if low else 0.0), high + (0.25 if panel.beside else 0.06 if high else 0.0) * room
    )
    if low < 0.0:
        ax.axhline(0.0, color=style.PALE[1], linewidth=1.0, zorder=1)
    style.plain_ticks(ax, percent=panel.kind == "share", whole=panel.kind == "count")


def key(ax: Axes, words: tuple[str, str]) -> None:
    """What solid and broken lines are."""
    handles = [Line2D([], [], color=style.QUIET, linewidth=1.6, linestyle=line) for line in ("-", BROKEN)]
    ax.legend(
        handles, words, loc="upper left", ncols=2, fontsize=style.SMALL, frameon=False, labelcolor=style.QUIET,
        borderaxespad=0.0, handlelength=1.9, columnspacing=1.0, handletextpad=0.5,
    )  # fmt: skip


def _said(table: pd.DataFrame, metric: str, firms: dict[str, Look], currency: str) -> str:
    """A panel in words: where each firm began and ended."""
    panel = panel_of(metric)
    both = panel.beside and panel.beside in table.columns
    names = zip((metric, panel.beside), panel.words, strict=True) if both else [(metric, "")]
    parts = []
    for name, words in names:
        said = "; ".join(_firm_said(table, name, firm, panel.kind) for firm in firms)
        parts.append(f"{words}: {said}" if words else said)
    return f"{panel.title} ({panel.unit.format(currency=currency)}): {', '.join(parts)}."


def _firm_said(table: pd.DataFrame, metric: str, firm: str, kind: str) -> str:
    """`Corner from 213 to 288`."""
    _x, y = series(table, metric, firm)
    seen = y[np.isfinite(y)] * (100.0 if kind == "share" else 1.0)
    if not len(seen):
        return f"{firm} has no value yet"
    first, last = (style.number(v) if kind == "count" else style.nice(v) for v in seen[[0, -1]])
    return f"{firm} from {first} to {last}{' %' if kind == 'share' else ''}"
