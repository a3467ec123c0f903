"""Many runs: what one run is, as plain data; carried out by processes or a cluster; kept in a store.

Three names are all that is needed to build an experiment on it:

    runs = [specify("two_cafes", seed=seed, change={"talk.unhappy_tells": 0}) for seed in range(1, 21)]
    for outcome in run_all(runs, store="kept"):
        outcome.specification.seed, outcome.table

`specify` makes a `Specification` (a scenario with all changes, a seed, what to do with them, and a hash that names it);
`run_all` carries many out and yields each with its table, done or kept, in any order; `tables_of` gives the tables in the
order of the specifications and raises where one has none. What a run does is a function of its specification, named as
`module:function` (`work=`): `FIRMS` is what the firms have at the end, `MONTHS` each month's metrics, and any function
in a module that workers can import will do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.experiments.pool import Here, Local, cluster
from sim.experiments.running import Outcome, SetAside, run_all, tables_of
from sim.experiments.specification import FIRMS, MONTHS, Specification, specify
from sim.experiments.store import Store

if TYPE_CHECKING:
    from sim.experiments.elasticity import elasticities as elasticities
    from sim.experiments.imitating import imitation as imitation
    from sim.experiments.playing_firms import rivalry as rivalry
    from sim.experiments.responding import best_responses as best_responses
    from sim.experiments.screening import sensitivity as sensitivity

_LATER = {
    "best_responses": "responding",
    "elasticities": "elasticity",
    "imitation": "imitating",
    "rivalry": "playing_firms",
    "sensitivity": "screening",
}
"""Studies, loaded when touched: workers do not need what draws them."""

__all__ = [
    "FIRMS",
    "MONTHS",
    "Here",
    "Local",
    "Outcome",
    "SetAside",
    "Specification",
    "Store",
    "best_responses",
    "cluster",
    "elasticities",
    "imitation",
    "rivalry",
    "run_all",
    "sensitivity",
    "specify",
    "tables_of",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
