"""What many runs show: the effect of one parameter with its interval, of two as a map."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.intervals import interval
from sim.scenario.faults import nearest, plain_number
from sim.show import style
from sim.show.effects import FIRST, UNITS
from sim.show.over_time import Panel, panel_of, unit_of
from sim.show.pictures import of_table, own_axes, set_alt_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_VALUES = 12
"""More different values of a parameter than this are gathered in groups."""

GROUPS = 8
UNKNOWN = (float("nan"),) * 3

MOST_CELLS = 144
"""Cells of a map that still have room for their numbers."""


def sweep(
    table: pd.DataFrame, ax: Axes | None = None, of: str | Sequence[str] | None = None, metric: str | None = None,
    firm: str | None = None, currency: str | None = None,
) -> Axes:  # fmt: skip
    """What a parameter does to a measure, or two parameters together.

    Parameters
    ----------
    table : a row a run and firm, with `seed`, `firm`, a column an address that was varied and a column a metric
        (`Sweep.table`, whose `attrs` name the addresses).
    ax : where to draw; a new figure unless given.
    of : an address: means over the seeds with their 95 % interval. Two addresses: a map of means. The only ones that were
        varied unless given, or the first. Over other addresses the mean is taken.
    metric : customer equity unless given, or the first that has a value. firm : the focus unless given.
    currency : EUR unless the table says otherwise in `attrs`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError : an address, a metric or a firm that is not in the table, with the nearest right one.
    """
    rows, metric, firm = rows_of(table, metric, firm)
    names = _addresses(table, of)
    panel = panel_for(metric)
    currency = currency or of_table(table, "currency", "EUR")
    factor, unit = unit_of(panel, [rows[metric].to_numpy(dtype=float)], currency)
    factor = 0.01 if panel.kind == "share" else factor
    title = f"{panel.title} of {style.shorten(firm, 24)}"
    draw = _map if len(names) == 2 else _effect
    return draw(rows.assign(measure=rows[metric] / factor), names, ax, title, unit)


def rows_of(table: pd.DataFrame, metric: str | None, firm: str | None) -> tuple[pd.DataFrame, str, str]:
    """The rows of one firm, the metric, and the firm's name."""
    addresses = of_table(table, "addresses", [])
    firms = list(dict.fromkeys(table["firm"]))
    metrics = [c for c in table.columns if c not in (*addresses, "seed", "firm", "run")]
    firm = _one_of(firm or of_table(table, "focus", firms[0] if firms else ""), firms, "firm")
    rows = table[table["firm"] == firm]
    if metric is None:
        metric = next(
            (name for name in (*FIRST, *metrics) if name in metrics and rows[name].notna().any()), ""
        )
    return rows, _one_of(metric, metrics, "metric"), firm


def _addresses(table: pd.DataFrame, of: str | Sequence[str] | None) -> list[str]:
    known = list(of_table(table, "addresses", []))
    wanted = (
        [of] if isinstance(of, str) else list(of) if of is not None else known[: 2 if len(known) == 2 else 1]
    )
    if not 1 <= len(wanted) <= 2:
        raise ValueError(f"of: one address, or two (got {len(wanted)})")
    return [_one_of(one, known, "address") for one in wanted]


def _one_of(name: str, known: Sequence[str], what: str) -> str:
    if name in known:
        return name
    near = nearest(str(name), known)
    hint = f'did you mean "{near}"?' if near else f"there are {', '.join(map(str, known))}"
    raise ValueError(f'no {what} "{name}" in this sweep; {hint}')


def panel_for(metric: str) -> Panel:
    """How a measure at the end of a run is titled, and its unit."""
    panel = panel_of("share_of_customers" if metric == "share" else metric)
    return panel._replace(unit=UNITS[metric]) if metric in UNITS else panel


# ---------------------------------------------------------------- one parameter


SHARED = 0.5
"""Where values share at least this part of all other points and seeds, those are compared, and the rest is left out."""

Parts = list[tuple[Any, pd.DataFrame]]
"""A value, or the mean of a group of them, and its rows."""


def effect(rows: pd.DataFrame, address: str, measure: str) -> pd.DataFrame:
    """A row a value of a parameter: `value`, `mean`, `low`, `high`, `difference`, `from`, `to`, `runs`, `over`.

    Over other parameters the mean is taken first. Where the values share the points of what else was varied (a grid), the
    interval (95 %, Student's t) is that over the seeds, each of which has the same luck at every value, and `over` is
    "seeds". `difference` is that from the first value, seed by seed, `from` and `to` its interval: with the same luck at every
    value it is much narrower. Of a grid with gaps what all values have is taken. Where they do not share them (points that
    are spread, or a list), `over` is "points", and the difference is missing: the interval has the spread of the points of
    a value, with what else was varied, and the luck that all points share, seed by seed (half widths added in squares); of one
    point the luck alone. More than 12 numbers are gathered in groups of equal size, and `value` is the mean of a group.
    """
    rows = rows[rows[measure].notna()]
    addresses = list(of_table(rows, "addresses", [address]))
    is_number = pd.api.types.is_numeric_dtype(rows[address]) and rows[address].dtype != bool
    shared = _shared(rows, address, [a for a in addresses if a != address])
    rows = rows if shared is None else shared
    if is_number and rows[address].nunique() > MOST_VALUES:
        each = rows.drop_duplicates(addresses)[address]
        group = rows[address].map(
            dict(zip(each, pd.qcut(each, GROUPS, labels=False, duplicates="drop"), strict=True))
        )
        parts = [
            (float(mine.drop_duplicates(addresses)[address].mean()), mine) for _, mine in rows.groupby(group)
        ]
    else:
        values = sorted(rows[address].unique()) if is_number else list(dict.fromkeys(rows[address]))
        parts = [(value, rows[rows[address] == value]) for value in values]
    return _table(_over_points(parts, addresses, measure) if shared is None else _over_seeds(parts, measure))


def _table(found: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = ["value", "mean", "low", "high", "difference", "from", "to", "runs", "over"]
    return pd.DataFrame(found, columns=columns)


def _shared(rows: pd.DataFrame, address: str, others: list[str]) -> pd.DataFrame | None:
    """The rows whose other values and seed stand at every value of the address; None where those are few."""
    keys: Any = rows.groupby([*others, "seed"], sort=False)[address]
    kept = rows[keys.transform("nunique") == rows[address].nunique()]
    return kept if len(kept.drop_duplicates([*others, "seed"])) >= SHARED * keys.ngroups else None


def _over_seeds(parts: Parts, measure: str) -> list[tuple[Any, ...]]:
    by_seed = [mine.groupby("seed")[measure].mean() for _, mine in parts]
    pairs = [(mean - by_seed[0]).to_numpy(dtype=float) for mean in by_seed]
    return [
        (value, *interval(mean.to_numpy(dtype=float)), *interval(pair), len(mine), "seeds")
        for (value, mine), mean, pair in zip(parts, by_seed, pairs, strict=True)
    ]


def _over_points(parts: Parts, addresses: list[str], measure: str) -> list[tuple[Any, ...]]:
    """Means of values that share nothing but their seeds: the spread of their points and the luck of their seeds."""
    found: list[tuple[Any, ...]] = []
    for value, mine in parts:
        spreads = [
            interval(mine.groupby(keys)[measure].mean().to_numpy(dtype=float))
            for keys in (addresses, ["seed"])
        ]
        halves = [high - mean for mean, _, high in spreads if np.isfinite(high)]
        mean, half = spreads[0][0], math.hypot(*halves) if halves else math.nan
        found.append((value, mean, mean - half, mean + half, *UNKNOWN, len(mine), "points"))
    return found


def left_out(rows: pd.DataFrame, found: pd.DataFrame) -> str:
    """How many runs an effect leaves out, if any: without the measure, or without their like at another value."""
    count = len(rows) - int(found["runs"].sum())
    why = "no value, or no like at every value" if (found["over"] == "seeds").all() else "no value"
    return f"{count:,} run{'s' if count > 1 else ''} left out: {why}" if count else ""


def _effect(rows: pd.DataFrame, names: list[str], ax: Axes | None, title: str, unit: str) -> Axes:
    [address] = names
    found = effect(rows, address, "measure")
    ax = own_axes(ax, 7.5, 4.0)
    is_number = pd.api.types.is_numeric_dtype(found["value"]) and found["value"].dtype != bool
    style.clean(ax, title, xlabel=_below(rows, address, found), ylabel=unit)
    places = found["value"].to_numpy(dtype=float) if is_number else np.arange(len(found))
    middle, low, high = (found[name].to_numpy(dtype=float) for name in ("mean", "low", "high"))
    bars = [(found[end] - found["difference"]).to_numpy(dtype=float) + middle for end in ("from", "to")]
    bars = [
        np.where(np.arange(len(found)) == 0, np.nan, end) for end in bars
    ]  # the first has no difference from itself
    colour = style.OKABE_ITO["blue"]
    if is_number:
        if rows[address].nunique() > MOST_VALUES:
            ax.plot(rows[address], rows["measure"], "o", color=style.PALE[1], markersize=3, zorder=1)
        ax.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0, zorder=2)
        ax.vlines(places, *bars, color=style.INK, linewidth=1.4, zorder=3)
        ax.plot(places, middle, "o-", color=colour, linewidth=2.0, markersize=5, zorder=3)
        style.plain_ticks(ax, "x", most=8)
    else:
        ax.vlines(places, low, high, color=colour, linewidth=5.0, alpha=0.3, zorder=2)
        ax.vlines(places, *bars, color=style.INK, linewidth=1.4, zorder=3)
        ax.plot(places, middle, "o", color=colour, markersize=7, zorder=3)
        ax.set_xticks(places, [style.wrapped(str(value), 16) for value in found["value"]])
        ax.set_xlim(-0.5, len(found) - 0.5)
    style.plain_ticks(ax)
    said = "; ".join(map(_said, found.itertuples(), labels(found["value"])))
    set_alt_text(ax, f"{title} ({unit}) by {address}: {said}.")
    return ax


def _below(rows: pd.DataFrame, address: str, found: pd.DataFrame) -> str:
    """The axis: what is varied, and what the band is."""
    over_points = (found["over"] == "points").any()
    if not found["low"].notna().any():
        return f"{address}; {'one point a value, one seed: all else' if over_points else 'one seed: luck'} is in it"
    grouped = "; dots: runs; line: means of groups" if len(found) < rows[address].nunique() else ""
    if over_points:
        return f"{address}{grouped}\n95 % interval; the values do not share what else was varied"
    wide = f"wide: 95 % interval over {rows['seed'].nunique()} seeds"
    dark = f"{address}{grouped}\n{wide}; dark lines: of the difference from {shown(found['value'].iloc[0], found['value'])}"
    return "\n".join(part for part in (dark, left_out(rows, found)) if part)


def _said(row: Any, value: str) -> str:
    if np.isfinite(row.low):
        return f"{value}: {style.nice(row.mean)} ({style.nice(row.low)} to {style.nice(row.high)})"
    return f"{value}: {style.nice(row.mean)}"


# ---------------------------------------------------------------- two parameters


def _map(rows: pd.DataFrame, names: list[str], ax: Axes | None, title: str, unit: str) -> Axes:
    across, up = names
    ax = own_axes(ax, 7.5, 5.0)
    style.clean(ax, title, xlabel=across, ylabel=f"{unit}; upwards: {up}", grid="")
    means: Any = rows.groupby([up, across], sort=False)["measure"].mean()
    count = rows[across].nunique() * rows[up].nunique()
    if len(means) == count and count <= MOST_CELLS:
        drawn = _cells(ax, _matrix(rows, means, across, up))
    else:
        drawn = _points(ax, means.reset_index(), across, up)
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.85, pad=0.02)
    bar.ax.tick_params(length=0, labelsize=style.SMALL, labelcolor=style.QUIET)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.yaxis.set_major_formatter(style.Numbers())
    best, worst = means.idxmax(), means.idxmin()
    ends = [
        f"{style.nice(means[at])} at {across} = {shown(at[1], rows[across])}, {up} = {shown(at[0], rows[up])}"
        for at in (worst, best)
    ]
    set_alt_text(ax, f"{title} ({unit}): from {ends[0]}, to {ends[1]}.")
    return ax


def shown(value: Any, among: Iterable[Any] = ()) -> str:
    """A value as a reader sees it, told from others; see `labels`."""
    return labels([value, *among])[0]


def labels(values: Iterable[Any]) -> list[str]:
    """Values as a reader sees them: numbers with about three figures, or all where two different ones have the same three.

    Examples
    --------
    >>> labels([1, 2.34567, "basic"]), labels([1, 1.00004, 2])
    (['1', '2.35', 'basic'], ['1', '1.00004', '2'])
    """
    values = list(values)
    alike = Counter(style.nice(value) for value in {one for one in values if _is_number(one)})
    return [
        str(value)
        if not _is_number(value)
        else plain_number(value)
        if alike[style.nice(value)] > 1
        else f"{value:,.0f}"
        if value == round(value)
        else style.nice(value)
        for value in values
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))


def _matrix(rows: pd.DataFrame, means: pd.Series, across: str, up: str) -> pd.DataFrame:
    """Means by the values of two parameters, numbers in their order."""
    orders = {}
    for name in (across, up):
        values = list(dict.fromkeys(rows[name]))
        orders[name] = sorted(values) if pd.api.types.is_numeric_dtype(rows[name]) else values
    return means.unstack(across).reindex(index=orders[up], columns=orders[across])


def _cells(ax: Axes, matrix: pd.DataFrame) -> Any:
    values = matrix.to_numpy(dtype=float)
    drawn = ax.imshow(values, cmap="cividis", aspect="auto", origin="lower")
    ax.set_xticks(
        range(len(matrix.columns)),
        [style.wrapped(label, 14) for label in labels(matrix.columns)],
    )
    ax.set_yticks(range(len(matrix.index)), [style.wrapped(label, 18) for label in labels(matrix.index)])
    ax.spines["bottom"].set_visible(False)
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        ax.text(
            column, row, style.nice(value), ha="center", va="center", fontsize=style.SMALL,
            color="white" if value < middle else style.INK,
        )  # fmt: skip
    return drawn


def _points(ax: Axes, means: pd.DataFrame, across: str, up: str) -> Any:
    """A point for each pair of values, coloured by its mean."""
    places = []
    for name, axis in ((across, "x"), (up, "y")):
        if pd.api.types.is_numeric_dtype(means[name]):
            places.append(means[name].to_numpy(dtype=float))
            style.plain_ticks(ax, axis, most=8)
        else:
            words = list(dict.fromkeys(means[name]))
            places.append(np.array([words.index(word) for word in means[name]], dtype=float))
            (ax.set_xticks if axis == "x" else ax.set_yticks)(
                range(len(words)), [style.shorten(w) for w in words]
            )
    return ax.scatter(
        places[0], places[1], c=means["measure"], cmap="cividis", s=60, edgecolors=style.QUIET, linewidths=0.4
    )
