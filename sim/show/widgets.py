"""A slider for one parameter: move it, and the same market lives again under the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.show import style
from sim.show.over_time import draw_line, key, known, limits, panel_of, series, unit_of
from sim.show.pictures import as_html, new_figure, of_table, set_alt_text, settle

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.runs import Run
    from sim.scenario import Scenario

COLUMNS = ("customers", "annual_retention", "acquisition_cost", "retention_cost", "profit", "customer_equity")


def slider(
    scenario: Any,
    address: str,
    values: Sequence[Any],
    metric: str = "customers",
    *,
    months: int | None = None,
    seed: int = 1,
) -> None:
    """Show a slider for one parameter, a picture of a metric, and the firms at the end.

    Moving the slider, with the mouse or the arrow keys, lets the same market live again with the new value and
    the same luck. Broken lines show the scenario as it is. Where sliders cannot be shown the table still is.

    Parameters
    ----------
    scenario : a shipped name, a file, or a Scenario.
    address : the parameter (``"talk.unhappy_tells"``).
    values : what it can be set to, in order.
    metric : a column of `Run.months`. months, seed : as in `sim.run`.

    Raises
    ------
    ValueError : an unknown address, a value outside its range, an unknown metric.
    """
    from IPython.display import display

    from sim.scenario import load

    loaded = load(scenario)
    now, options = _options(loaded, address, values)
    world = _worlds(loaded, address, months, seed)
    start = world(now)
    first = now if now in options else options[0]
    try:
        import ipywidgets
    except ImportError:
        print(
            f"A slider needs ipywidgets (the extra lab); without it: sim.run(…, change={{{address!r}: …}})."
        )
        display(_table(world(first), address, first))
        return
    picture = ipywidgets.HTML(_picture(start, world(first), now, address, first, metric))
    handle = ipywidgets.SelectionSlider(
        options=options, value=first, description=address, continuous_update=False,
        style={"description_width": "initial"}, layout={"width": "36em"},
    )  # fmt: skip
    display(ipywidgets.VBox([handle, picture]))
    table = display(_table(world(first), address, first), display_id=True)

    def moved(event: dict[str, Any]) -> None:
        """The market lives again; picture and table change where they stand."""
        done = world(event["new"])
        picture.value = _picture(start, done, now, address, event["new"], metric)
        if table is not None:
            table.update(_table(done, address, event["new"]))

    handle.observe(moved, names="value")


def _options(scenario: Scenario, address: str, values: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The parameter's value as it is, and what the slider can be set to, that value among it."""
    from sim.scenario import find

    now = find(address, scenario.tables).value
    numbers = all(isinstance(value, (int, float)) for value in (*values, now))
    options = sorted({*values, now}) if numbers else [*values]
    for value in options:
        scenario.with_changes({address: value})  # refuses now what it would refuse when the slider moves
    return now, options


def _worlds(scenario: Scenario, address: str, months: int | None, seed: int) -> Callable[[Any], Run]:
    """Value -> Run, each run once."""
    from sim.runs import run

    known: dict[Any, Run] = {}

    def world(value: Any) -> Run:
        if value not in known:
            known[value] = run(scenario, months=months, seed=seed, change={address: value})
        return known[value]

    return world


def _table(run: Run, address: str, value: Any) -> pd.DataFrame:
    """The firms at the end, headed by what was set."""
    firms = run.firms[[name for name in COLUMNS if name in run.firms]]
    shown = firms.map(style.nice).rename(columns=lambda name: name.replace("_", " "))
    return shown.rename_axis(columns=f"{address}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{value}")


def _picture(before: Run, done: Run, was: Any, address: str, value: Any, metric: str) -> str:
    """The metric with this value, and as it was, as an image with its words."""
    return as_html(
        two_worlds(before.months, done.months, metric, (f"{address} = {value}", f"as it was: {was}"))
    )


def two_worlds(before: pd.DataFrame, now: pd.DataFrame, metric: str, words: tuple[str, str]) -> Axes:
    """A metric of two runs of the same market, firm by firm: solid lines as it is now, broken ones as it was.

    Parameters
    ----------
    before, now : as `Run.months`. metric : a column of both. words : what solid and broken lines are.
    """
    panel, looks = (
        panel_of(known(metric, now)),
        style.looks(list(dict.fromkeys(now["firm"])), of_table(now, "focus", None)),
    )
    ax = new_figure(8.0, 4.0, shown=False).add_subplot()
    lines = {
        (firm, k): series(table, metric, firm) for firm in looks for k, table in enumerate((before, now))
    }
    factor, unit = unit_of(panel, [y for _x, y in lines.values()], of_table(now, "currency", "EUR"))
    style.clean(ax, panel.title, ylabel=unit)
    place = style.time_axis(ax, int(now["month"].max()))
    ends = {}
    for (firm, k), (x, y) in lines.items():
        end = draw_line(ax, place(x), y / factor, looks[firm], broken=k == 0)
        if end and k == 1:
            ends[firm] = end
    limits(ax, [y / factor for _x, y in lines.values()], panel._replace(beside=metric))
    key(ax, words)
    settle(ax.get_figure(root=True))  # type: ignore[arg-type]
    style.end_labels(ax, ends)
    said = "; ".join(f"{firm} ends at {style.nice(y)}" for firm, (_x, y, _look) in ends.items())
    set_alt_text(ax, f"{panel.title}, {unit}, with {words[0]}: {said}. Broken lines: {words[1]}.")
    return ax
