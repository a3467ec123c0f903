"""How pictures look: colours that colour-blind readers can tell apart, quiet axes, labels that do not collide."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.ticker import Formatter, MaxNLocator

from sim.show.numbers import nice as nice
from sim.show.numbers import number as number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OKABE_ITO = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",
}
"""Okabe & Ito 2008: eight colours that people with any kind of colour vision can tell apart."""

INK = "#222222"
QUIET = "#666666"
GRID = "#E4E4E4"
PALE = ("#8C8C8C", "#B5B5B5", "#D9D9D9")

LONGEST = 16
"""Letters of a name beside a line; of longer ones the middle is left out."""

TITLE, TEXT, SMALL = 11.0, 9.5, 8.5
"""Sizes of letters, in points."""


class Look(NamedTuple):
    """How one firm is drawn: colour of lines and areas, of letters, width in points, order."""

    colour: str
    letters: str
    width: float
    order: float


def readable(colour: str, contrast: float = 4.5) -> str:
    """The colour, darkened until letters in it can be read on white (contrast as in WCAG 2)."""
    rgb = np.array(to_rgb(colour))
    while True:
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        if 1.05 / (float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05) >= contrast:
            return to_hex(tuple(rgb))
        rgb = rgb * 0.95


def looks(firms: Sequence[str], focus: str | None = None) -> dict[str, Look]:
    """A look a firm, the focus first and stronger; beyond eight firms the rest is grey.

    Parameters
    ----------
    firms : names in the order of the table.
    focus : the firm that the reader is; the first unless given.
    """
    focus = focus if focus in firms else next(iter(firms), None)
    ordered = [focus, *[firm for firm in firms if firm != focus]] if focus is not None else []
    colours = list(OKABE_ITO.values())
    result = {}
    for place, firm in enumerate(ordered):
        colour = colours[place] if place < len(colours) else PALE[0]
        result[firm] = Look(colour, readable(colour), 2.8 if place == 0 else 1.5, 3.0 - place / 100.0)
    return result


def shorten(name: Any, most: int = LONGEST) -> str:
    """A long name with its middle left out: names that differ at their end stay different."""
    text = str(name)
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end].rstrip()}…{text[-end:].lstrip()}"


def clean(ax: Axes, title: str, xlabel: str = "", ylabel: str = "", grid: str = "y") -> None:
    """Title at the left with the y axis' unit under it, quiet axes, a light grid behind the data."""
    ax.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=20 if ylabel else 8)
    ax.set_xlabel(xlabel, fontsize=SMALL, color=QUIET)
    ax.set_ylabel(ylabel, fontsize=SMALL, color=QUIET, rotation=0, ha="left", va="bottom")
    ax.yaxis.set_label_coords(0.0, 1.02)
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(side == "bottom" and grid != "x")
    ax.spines["bottom"].set_color(PALE[1])
    ax.set_axisbelow(True)
    ax.grid(visible=False)
    if grid:
        ax.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]
    ax.tick_params(length=0, labelsize=SMALL, labelcolor=QUIET)


def scaled(values: Iterable[float], unit: str) -> tuple[float, str]:
    """What to divide by so that an axis has short numbers, and the unit's new name.

    Returns
    -------
    (1000.0, "thousand EUR") for values up to a million, for example.
    """
    sizes = np.abs(np.asarray(list(values), dtype=np.float64))
    most = np.nanmax(sizes) if np.isfinite(sizes).any() else 0.0
    for factor, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if most >= 2.0 * factor * (10.0 if factor == 1e3 else 1.0):
            return factor, f"{word} {unit}"
    return 1.0, unit


def key_above(ax: Axes, columns: int, handles: Sequence[Any] | None = None) -> None:
    """What the colours are, in rows between the title and the data."""
    handles = list(handles or ax.get_legend_handles_labels()[0])
    order = _by_row(len(handles), columns)
    ax.legend(
        handles=[handles[k] for k in order], loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=min(columns, len(handles)),
        fontsize=SMALL, frameon=False, labelcolor=INK, borderaxespad=0.2, markerscale=0.75, handlelength=1.0,
        handleheight=1.0, handletextpad=0.5, columnspacing=1.4, borderpad=0.1,
    )  # fmt: skip
    pad = 10 + 15 * -(-len(handles) // columns)
    ax.set_title(ax.get_title(loc="left"), loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=pad)


def columns_for(ax: Axes, letters: int) -> int:
    """How many entries of so many letters stand beside each other in a key above the axes, one at least."""
    figure = ax.get_figure(root=True)
    inches = figure.get_figwidth() if figure is not None else 8.0
    return max(1, int((inches - 1.6) / (0.062 * letters + 0.3)))


def _by_row(count: int, columns: int) -> list[int]:
    """The order in which a legend, which fills columns, must be given what is to be read by rows."""
    rows = -(-count // columns)
    full = count - (rows - 1) * columns  # columns with an entry in the last row
    return [
        row * columns + column
        for column in range(columns)
        for row in range(rows)
        if row < rows - 1 or column < full
    ]


class Numbers(Formatter):
    """Tick labels with thousands separated and no more digits than the ticks need."""

    def __init__(self, percent: bool = False) -> None:
        self.factor, self.unit = (100.0, " %") if percent else (1.0, "")

    def __call__(self, value: float, pos: int | None = None) -> str:
        """The label of one value."""
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The labels of all ticks, each with as many digits as the one that needs most."""
        ticks = np.asarray(values, dtype=np.float64) * self.factor
        digits = next((d for d in range(5) if np.allclose(ticks, np.round(ticks, d), rtol=0.0, atol=1e-9)), 5)
        return [number(float(tick), digits) + self.unit for tick in ticks]


def plain_ticks(ax: Axes, axis: str = "y", most: int = 5, percent: bool = False, whole: bool = False) -> None:
    """Few ticks, numbers with thousands separated; `percent` for shares, `whole` for counts."""
    target = ax.yaxis if axis == "y" else ax.xaxis
    target.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=whole))
    target.set_major_formatter(Numbers(percent))


def time_axis(ax: Axes, months: int) -> Callable[[Any], Any]:
    """Years on the x axis, months where a run is shorter than two years; returns months → place on the axis."""
    in_years = months >= 24
    length = months / 12.0 if in_years else float(months)
    ax.set_xlim(0.0, max(length, 1.0))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=[1, 2, 3, 6, 10]))
    ax.set_xlabel("years" if in_years else "months", fontsize=SMALL, color=QUIET)
    return lambda month: np.asarray(month, dtype=np.float64) / (12.0 if in_years else 1.0)


def spread(places: Sequence[float], gap: float, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Places moved apart to at least `gap`, by as little as can be, in their order, inside low to high.

    Labels that touch form a group about its mean; groups that touch join.
    """
    order = np.argsort(places, kind="stable")
    count = len(order)
    gap = min(gap, (high - low) / max(1, count - 1))
    groups: list[list[float]] = []  # of each: sum of (place − k gap), members, first member's k
    for k, place in enumerate(np.asarray(places, dtype=np.float64)[order]):
        groups.append([place - k * gap, 1.0])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, members = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += members
    moved = [mean for total, members in groups for mean in [total / members] * int(members)]
    result = np.empty(count)
    result[order] = np.clip(moved, low, high - max(0, count - 1) * gap) + gap * np.arange(count)
    return result


def end_labels(
    ax: Axes, ends: Mapping[str, tuple[float, float, Look]], size: float = SMALL, line: float = 1.3
) -> None:
    """Names at the ends of lines, outside at the right, in the lines' colours, without overlap.

    Parameters
    ----------
    ends : label -> (x, y, look) of a line's last point, in data units.
    line : least distance of names, in letters' heights; more where the axes will shrink yet.
    """
    right = ax.get_xlim()[1]
    late = {label: end for label, end in ends.items() if end[0] > 0.97 * right}
    for label, (x, y, look) in ends.items():
        if label not in late:  # the firm is gone: its name stands where its line ends
            ax.annotate(
                shorten(label), (x, y), xytext=(4, 4), textcoords="offset points", color=look.letters, fontsize=size,
                zorder=4, bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
    if not late:
        return
    points = ax.transData.transform([(x, y) for x, y, _look in late.values()])
    at = ax.transAxes.inverted().transform(points)[:, 1]
    height = ax.get_window_extent().height * 72.0 / ax.figure.dpi
    for place, (label, (x, y, look)) in zip(
        spread(list(at), size * line / height), late.items(), strict=True
    ):
        ax.annotate(
            "", xy=(x, y), xycoords="data", xytext=(1.033, float(place)), textcoords="axes fraction",
            annotation_clip=False, zorder=look.order,
            arrowprops={"arrowstyle": "-", "color": look.colour, "linewidth": 0.7,
                        "patchA": None, "shrinkA": 0, "shrinkB": 0},  # nothing to clip: that would take most of the time
        )  # fmt: skip
        ax.text(
            1.04, float(place), shorten(label), transform=ax.transAxes, color=look.letters, fontsize=size, va="center",
            fontweight="bold" if look.width > 2.0 else "normal", zorder=look.order,
        )  # fmt: skip


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Names of rows from top to bottom, the first one strong."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.tick_params(axis="y", labelsize=TEXT, labelcolor=INK)
    for label in ax.get_yticklabels()[:1]:
        label.set_fontweight("bold")


def numbers_inside(ax: Axes) -> None:
    """Write how many into each piece that is wide enough."""
    most = ax.get_xlim()[1]
    for container in ax.containers:
        for piece in container:
            width = piece.get_width()
            if width >= (0.012 + 0.012 * len(number(width))) * most:
                dark = (
                    sum(c * w for c, w in zip(piece.get_facecolor(), (0.3, 0.59, 0.11), strict=False)) < 0.5
                )
                ax.text(
                    piece.get_x() + width / 2, piece.get_y() + piece.get_height() / 2, number(width),
                    ha="center", va="center", fontsize=SMALL, color="white" if dark else INK,
                )  # fmt: skip


def wrapped(text: str, width: int) -> str:
    """Text in lines of at most so many letters."""
    return textwrap.fill(str(text), width)
