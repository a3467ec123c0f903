"""Pictures: a tidy table and `ax=` in, the Axes out. Loaded when touched.

Of a run: `months`, `departures`, `flows`, `costs`, `spending`, `value`, `whale_curve`, `lorenz`, `equity`, `survival`,
`cohorts`, `rfm`, `loyalty`, `permission`, `word_of_mouth`; of a comparison: `customers`, `twins`; `equation` draws one equation of the
model. `run.plot(kind)` and `comparison.plot(kind)` take the right table. `save` writes a picture, `alt_text` says it in words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.show.kinds import KINDS as KINDS

if TYPE_CHECKING:
    from sim.show.plots import alt_text as alt_text
    from sim.show.plots import cohorts as cohorts
    from sim.show.plots import costs as costs
    from sim.show.plots import customers as customers
    from sim.show.plots import departures as departures
    from sim.show.plots import equation as equation
    from sim.show.plots import equity as equity
    from sim.show.plots import flows as flows
    from sim.show.plots import lorenz as lorenz
    from sim.show.plots import loyalty as loyalty
    from sim.show.plots import months as months
    from sim.show.plots import permission as permission
    from sim.show.plots import rfm as rfm
    from sim.show.plots import save as save
    from sim.show.plots import spending as spending
    from sim.show.plots import survival as survival
    from sim.show.plots import twins as twins
    from sim.show.plots import value as value
    from sim.show.plots import whale_curve as whale_curve
    from sim.show.plots import word_of_mouth as word_of_mouth

_MODULES = {name: kind.module for name, kind in KINDS.items()} | {
    "alt_text": "pictures",
    "equation": "equations",
    "save": "pictures",
}

__all__ = [
    "KINDS",
    "alt_text",
    "cohorts",
    "costs",
    "customers",
    "departures",
    "equation",
    "equity",
    "flows",
    "lorenz",
    "loyalty",
    "months",
    "permission",
    "rfm",
    "save",
    "spending",
    "survival",
    "twins",
    "value",
    "whale_curve",
    "word_of_mouth",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
