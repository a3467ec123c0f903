"""Optional mechanisms: what only some markets need. Each is one file, absent unless a scenario names it.

`MECHANISMS` lists them in the order in which they act, where several stand at the same place in the month. How to
write one: docs/mechanisms.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sim.mechanisms import (
    capability,
    channels,
    community,
    cost_to_serve,
    exchange,
    intermediary,
    partners,
    privacy,
    profiling,
    recommendation,
    sales_force,
    shopping_agents,
    supply,
)
from sim.mechanisms.frame import Mechanism

MECHANISMS: dict[str, Mechanism] = {
    one.name: one
    for one in (
        recommendation.MECHANISM,  # before cost_to_serve: after a stage the order is backwards, and it sells baskets as they were
        cost_to_serve.MECHANISM,
        privacy.MECHANISM,
        channels.MECHANISM,
        community.MECHANISM,
        profiling.MECHANISM,
        shopping_agents.MECHANISM,
        sales_force.MECHANISM,
        exchange.MECHANISM,
        capability.MECHANISM,
        intermediary.MECHANISM,
        partners.MECHANISM,
        supply.MECHANISM,
    )
}
"""Every mechanism by the name of its table."""

EQUATIONS: dict[str, Callable[..., Any]] = {
    f"{one.name}.{equation.__name__}": equation for one in MECHANISMS.values() for equation in one.equations
}
"""Every equation of a mechanism by its address, for example `privacy.breach_harm`."""


def present(tables: Any) -> Iterator[Mechanism]:
    """The mechanisms that a scenario turns on, in order."""
    for one in MECHANISMS.values():
        if getattr(tables.mechanisms, one.name).on:
            yield one
