"""A metric of two worlds of one market over the months: the one that is tried, and the one as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.show import style
from sim.show.over_time import draw_line, key, known, limits, panel_of, series, unit_of
from sim.show.pictures import new_figure, of_table, set_alt_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def two_worlds(
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    metric: str,
    words: tuple[str, str],
    ax: Axes | None = None,
) -> Axes:
    """A metric of two runs of the same market, firm by firm: solid lines as it is now, broken ones as it was.

    Parameters
    ----------
    now, before : as `Run.months`; without `before` there are solid lines only.
    metric : a column of both. words : what solid and broken lines are. ax : where to draw.
    """
    panel = panel_of(known(metric, now))
    looks = style.looks(list(dict.fromkeys(now["firm"])), of_table(now, "focus", None))
    ax = new_figure(8.0, 4.0, shown=False).add_subplot() if ax is None else ax
    tables = [now, *([] if before is None else [before])]
    lines = {(firm, k): series(table, metric, firm) for firm in looks for k, table in enumerate(tables)}
    factor, unit = unit_of(panel, [y for _x, y in lines.values()], of_table(now, "currency", "EUR"))
    style.clean(ax, panel.title, ylabel=unit)
    place = style.time_axis(ax, int(now["month"].max()))
    ends = {}
    for (firm, k), (x, y) in lines.items():
        end = draw_line(ax, place(x), y / factor, looks[firm], broken=k == 1)
        if end and k == 0:
            ends[firm] = end
    limits(
        ax,
        [y / factor for _x, y in lines.values()],
        panel._replace(beside=metric if before is not None else ""),
    )
    if before is not None:
        key(ax, words)
    style.end_labels(ax, ends, line=1.6)  # the layout, which takes a while, is made once: when drawn
    said = "; ".join(f"{firm} ends at {style.nice(y)}" for firm, (_x, y, _look) in ends.items())
    beside = f", with {words[0]}: {said}. Broken lines: {words[1]}." if before is not None else f": {said}."
    set_alt_text(ax, f"{panel.title}, {unit}{beside}")
    return ax
