"""Tenfold: a market of customers who buy, remember, talk and leave.

The names below are all there is to begin with; each is loaded when it is touched, so that
`import sim` costs nothing. `sim.policies`, `sim.metrics`, `sim.show`, `sim.value`, `sim.experiments` and `sim.teach` are loaded the same way.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.calibrate import fit as fit
    from sim.checking import check as check
    from sim.comparing import compare as compare
    from sim.experiments.claims import claim as claim
    from sim.experiments.optimum import optimise as optimise
    from sim.experiments.sweeps import sweep as sweep
    from sim.explaining import explain as explain
    from sim.explaining import scenarios as scenarios
    from sim.lifetime import lifetime_value as lifetime_value
    from sim.market import Market as Market
    from sim.policies import Plan as Plan
    from sim.policies import Policy as Policy
    from sim.runs import run as run
    from sim.scenario import load as load
    from sim.show.widgets import explore as explore

__version__ = "0.1.0"

_HOME = {
    "scenarios": "explaining",
    "load": "scenario",
    "explain": "explaining",
    "explore": "show.widgets",
    "check": "checking",
    "run": "runs",
    "compare": "comparing",
    "sweep": "experiments.sweeps",
    "claim": "experiments.claims",
    "optimise": "experiments.optimum",
    "fit": "calibrate",
    "lifetime_value": "lifetime",
    "Market": "market",
    "Policy": "policies",
    "Plan": "policies",
}

_MODULES = ("policies", "metrics", "show", "value", "experiments", "teach")

__all__ = [
    "Market",
    "Plan",
    "Policy",
    "check",
    "claim",
    "compare",
    "explain",
    "explore",
    "fit",
    "lifetime_value",
    "load",
    "optimise",
    "run",
    "scenarios",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        if name == "load":
            import_module("sim.policies")  # so that policies' names are checked with the rest
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(_no_such(name), name=name)


def _no_such(name: str) -> str:
    """What there is instead of a name, nearest first."""
    if name.startswith("__"):
        return f"module {__name__!r} has no attribute {name!r}"
    from sim.scenario.faults import nearest

    near = nearest(name, (*_HOME, *_MODULES))
    return f"sim has no {name!r}; " + (
        f"did you mean {near!r}?" if near else f"it has {', '.join((*_HOME, *_MODULES))}"
    )


def __dir__() -> list[str]:
    return sorted([*_HOME, *_MODULES, "__version__"])
