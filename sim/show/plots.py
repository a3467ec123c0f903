"""All pictures by name: a tidy table and `ax=` in, the Axes out; which of them a run and a comparison have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.metrics import MEASURES, measure
from sim.scenario.faults import nearest
from sim.show.curves import survival, value, whale_curve
from sim.show.drivers import equity
from sim.show.effects import twins
from sim.show.equations import equation
from sim.show.funnel import permission
from sim.show.going import flows
from sim.show.hearsay import word_of_mouth
from sim.show.kinds import COMPARISON_KINDS, KINDS, RUN_KINDS, Kind
from sim.show.lives import customers
from sim.show.maps import loyalty, rfm
from sim.show.money import spending
from sim.show.over_time import months
from sim.show.pictures import alt_text, save
from sim.show.reasons import costs, departures
from sim.show.staying import cohorts
from sim.show.uneven import lorenz

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.runs import Run

__all__ = [
    "COMPARISON_KINDS", "KINDS", "RUN_KINDS", "alt_text", "cohorts", "costs", "customers", "departures", "equation",
    "equity", "flows", "lorenz", "loyalty", "months", "of_comparison", "of_run", "permission", "rfm", "save", "spending",
    "survival", "twins", "value", "whale_curve", "word_of_mouth",
]  # fmt: skip


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
    one = kinds[kind]
    place = "axes" if kind == "months" else "ax"
    told = measure(one.table)(result, **one.words) if one.table in MEASURES else getattr(result, one.table)
    own = {"months": one.words["months"]} if kind == "equity" else {}
    return one.function(told, **{place: ax}, **own, **options)
