"""The kinds of pictures: what each shows, the function that draws it, and the table that it takes. Nothing here draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of picture.

    Attributes
    ----------
    name : as in `run.plot(name)`. module : the file of `sim.show` whose function of that name draws it.
    table : the table of the result, or the measure of a run, that it takes. shows : what, in a line.
    words : arguments of the measure where it would take long.
    """

    name: str
    module: str
    table: str
    shows: str
    words: Mapping[str, Any] = {}

    @property
    def function(self) -> Callable[..., Any]:
        """The function that draws it."""
        return getattr(import_module(f"sim.show.{self.module}"), self.name)  # type: ignore[no-any-return]


FUTURES = {"futures": 4, "months": 24}
"""Of the drivers of customer equity: a first look; `sim.metrics.equity_drivers` takes 50 futures of ten years."""

RUN_KINDS = {
    kind.name: kind
    for kind in (
        Kind("months", "over_time", "months", "six metrics over the months, firm by firm"),
        Kind("departures", "reasons", "departures", "why customers left each firm"),
        Kind("flows", "going", "departures", "who went from which firm to which, and why"),
        Kind("costs", "reasons", "firms", "what winning a customer costs, against keeping one"),
        Kind("spending", "money", "ledger", "what becomes of the revenue"),
        Kind("value", "curves", "accounts", "what each tenth of the customers earns"),
        Kind("whale_curve", "curves", "whale_curve", "profit added up, the most profitable customers first"),
        Kind("lorenz", "uneven", "lorenz", "which share of the customers brings which share of the revenue"),
        Kind("equity", "drivers", "equity_drivers", "customer equity with its drivers: value, brand, relationship", FUTURES),
        Kind("survival", "curves", "cohort_survival", "how long relationships last, firm by firm"),
        Kind("cohorts", "staying", "cohorts", "how long the customers of each year stay"),
        Kind("rfm", "maps", "rfm_cells", "customers by recency, frequency and monetary value"),
        Kind("loyalty", "maps", "accounts", "customers by loyalty and profit: true friends to strangers"),
        Kind("permission", "funnel", "permission_funnel", "from strangers to people who read: the permission funnel"),
        Kind("word_of_mouth", "hearsay", "news_spread", "how bad news spread from person to person"),
    )
}  # fmt: skip
"""What `Run.plot` draws."""

COMPARISON_KINDS = {
    kind.name: kind
    for kind in (
        Kind("customers", "lives", "customers", "who is a customer in both worlds, in one, in neither"),
        Kind("twins", "effects", "table", "what an alternative changes for each firm, with intervals"),
    )
}
"""What `Comparison.plot` draws."""

KINDS = {**RUN_KINDS, **COMPARISON_KINDS}
