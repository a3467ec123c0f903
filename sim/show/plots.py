"""All pictures by name: a tidy table and `ax=` in, the Axes out; which of them a run and a comparison have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.metrics import MEASURES, measure
from sim.scenario.faults import nearest
from sim.show.curves import survival, value, whale_curve
from sim.show.effects import twins
from sim.show.equations import equation
from sim.show.lives import customers
from sim.show.money import spending
from sim.show.over_time import months
from sim.show.pictures import alt_text, save
from sim.show.reasons import costs, departures

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.runs import Run

__all__ = [
    "COMPARISON_KINDS", "KINDS", "RUN_KINDS", "alt_text", "costs", "customers", "departures", "equation", "months",
    "of_comparison", "of_run", "save", "spending", "survival", "twins", "value", "whale_curve",
]  # fmt: skip


class Kind(NamedTuple):
    """A kind of picture: the function that draws it, and the table of the result, or the measure, that it takes."""

    function: Callable[..., Any]
    table: str


RUN_KINDS = {
    "months": Kind(months, "months"),
    "departures": Kind(departures, "departures"),
    "costs": Kind(costs, "firms"),
    "spending": Kind(spending, "ledger"),
    "value": Kind(value, "accounts"),
    "whale_curve": Kind(whale_curve, "whale_curve"),
    "survival": Kind(survival, "cohort_survival"),
}
"""What `Run.plot` draws."""

COMPARISON_KINDS = {
    "customers": Kind(customers, "customers"),
    "twins": Kind(twins, "table"),
}
"""What `Comparison.plot` draws."""

KINDS = {**RUN_KINDS, **COMPARISON_KINDS}


def of_run(run: Run, kind: str = "months", ax: Any = None, **options: Any) -> Any:
    """Draw a run: a kind of `RUN_KINDS`.

    Parameters
    ----------
    run : the result of `sim.run`. kind : a name of `RUN_KINDS`.
    ax : where to draw; for `months` an array of Axes, one a metric. **options : as the function takes them.

    Raises
    ------
    ValueError : an unknown kind, with the nearest right one.
    """
    return _draw(run, kind, RUN_KINDS, "a run", ax, options)


def of_comparison(comparison: Comparison, kind: str = "customers", ax: Any = None, **options: Any) -> Any:
    """Draw a comparison: `customers` or `twins`; arguments as for `of_run`."""
    return _draw(comparison, kind, COMPARISON_KINDS, "a comparison", ax, options)


def _draw(
    result: Any, kind: str, kinds: Mapping[str, Kind], whose: str, ax: Any, options: dict[str, Any]
) -> Any:
    if kind not in kinds:
        near = nearest(str(kind), kinds)
        hint = f'did you mean "{near}"?' if near else f"kinds are {', '.join(kinds)}"
        raise ValueError(f'no picture "{kind}" of {whose}; {hint}')
    function, table = kinds[kind]
    place = "axes" if kind == "months" else "ax"
    told = measure(table)(result) if table in MEASURES else getattr(result, table)
    return function(told, **{place: ax}, **options)
