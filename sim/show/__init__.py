"""Pictures: a tidy table and `ax=` in, the Axes out. Loaded when touched.

`months`, `departures`, `costs`, `spending`, `value`, `whale_curve` and `survival` show a run; `customers` and `twins` a comparison; `equation` one equation
of the model. `save` writes a picture, `alt_text` says it in words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.show.plots import KINDS as KINDS
    from sim.show.plots import alt_text as alt_text
    from sim.show.plots import costs as costs
    from sim.show.plots import customers as customers
    from sim.show.plots import departures as departures
    from sim.show.plots import equation as equation
    from sim.show.plots import months as months
    from sim.show.plots import save as save
    from sim.show.plots import spending as spending
    from sim.show.plots import survival as survival
    from sim.show.plots import twins as twins
    from sim.show.plots import value as value
    from sim.show.plots import whale_curve as whale_curve

_HOME = {
    "KINDS": "plots",
    "alt_text": "plots",
    "costs": "plots",
    "customers": "plots",
    "departures": "plots",
    "equation": "plots",
    "months": "plots",
    "save": "plots",
    "spending": "plots",
    "survival": "plots",
    "twins": "plots",
    "value": "plots",
    "whale_curve": "plots",
}

__all__ = [
    "KINDS",
    "alt_text",
    "costs",
    "customers",
    "departures",
    "equation",
    "months",
    "save",
    "spending",
    "survival",
    "twins",
    "value",
    "whale_curve",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
