"""Elasticities of customer equity: the closed form beside what twins show."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from sim.experiments.design import seeds_of
from sim.experiments.forecast import announce, here, seconds_for
from sim.experiments.judging import YEARLY
from sim.experiments.specification import Specification
from sim.experiments.store import Store
from sim.experiments.studies import (
    Study,
    about,
    check_firm,
    columns_of,
    pool_of,
    rows_of,
    value_of,
)
from sim.intervals import fieller
from sim.margin import named
from sim.saved import world_of
from sim.scale import unscaled
from sim.show.numbers import nice
from sim.terminal import Terminal
from sim.value.elasticities import equity_elasticities

if TYPE_CHECKING:
    from sim.experiments.working import Columns
    from sim.runs import Progress
    from sim.scenario import Scenario

DRIVERS = {
    "retention": "annual_retention",
    "margin": "customer_profit",
    "acquisition cost": "acquisition_cost",
}
"""Drivers of customer equity, and the metric that says how large each is."""

YEAR = 12

UTILITY = 5.0
"""`switching_cost` is moved by so many units of utility times the step: retention answers it weakly."""


class State(NamedTuple):
    """A firm at the end of a run: customers, their mean yearly profit, retention, the cost of winning one; customer equity;
    what winning and, of that, advertising cost in the last year."""

    customers: float
    margin: float
    retention: float
    cost: float
    equity: float
    acquisition: float
    advertising: float


class Elasticities(Study):
    """What one per cent more of each driver is worth.

    Attributes
    ----------
    table : DataFrame
        A row a driver: `driver`, `value` (its mean over the seeds), `closed` (per cent of customer equity for one per cent of the
        driver, by the margin multiple), `measured` with `low` and `high` (the same in twins, 95 % by Fieller; missing where the
        lever moves the driver too little to tell, or a seed is `below_zero`), `lever` (the address that was moved in the twin), `lever_from`, `lever_to`,
        `moved` (per cent by which the driver moved), `below_zero` (seeds in which net customer equity or the driver is missing or
        not above 0, so that no per cent of it is known: without them the rest would be the good ones).
    net : float, customer equity net of what winning customers cost in the last year, in money, the mean over the seeds. Where it
        is not above 0 there are no elasticities, and the headline says so.
    firm : str. seeds : list of int. scenario : Scenario.
    """

    kind = "elasticities"

    def __init__(
        self, scenario: Scenario, firm: str, seeds: Sequence[int], table: pd.DataFrame, net: float
    ) -> None:
        self.scenario, self.firm, self.seeds, self.table, self.net = scenario, firm, list(seeds), table, net
        cast(Any, table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the table carries in its `attrs`."""
        return about(self.scenario, self.seeds, focus=self.firm)

    @cached_property
    def headline(self) -> str:
        """The three drivers in a sentence, or that net customer equity is not above 0."""
        if not self.net > 0.0:
            return self._nothing()
        parts = [
            f"{row['driver']} {nice(row['closed'])} % by the closed form, {_measured(row, len(self.seeds))}"
            for row in self.table.to_dict("records")
        ]
        equity = named("customer equity", self.scenario)
        return f"One per cent more changes {equity} of {self.firm}: {'; '.join(parts)}."

    @property
    def notes(self) -> list[str]:
        """Why figures are missing, if any are; what both columns are, and what was found elsewhere: a sentence each."""
        return [
            *([self._nothing()] if not self.net > 0.0 else self._not_identified()),
            f"{named('Customer equity', self.scenario)} is net of what winning customers cost in the last year. The closed form holds everything else; in twins "
            "other things move too: who stays longer also tells, buys more, and may not be won again.",
            "Gupta, Lehmann & Stuart 2004 found 3 to 7 for retention, about 1 for margin, and 0.02 to 0.3 for a lower acquisition cost.",
        ]

    def _nothing(self) -> str:
        """That there are no per cents of what is not above 0, and a cause that is seen."""
        address = f"firms.{self.firm}.plan.advertising"
        is_left = address in unscaled(self.scenario)
        why = (
            f". market.customers was changed; {address} is an amount of money, and was not" if is_left else ""
        )
        return (
            f"{named('Customer equity', self.scenario)} of {self.firm} net of what winning customers cost in the last year is {nice(self.net)} "
            f"{self.scenario.market.currency}, not above 0: per cents of it say nothing, so that no figure is given{why}."
        )

    def _not_identified(self) -> list[str]:
        """Why twins have no figure, a sentence a driver that has none."""
        rows = [row for row in self.table.to_dict("records") if not math.isfinite(row["measured"])]
        return [f"{row['driver'].capitalize()}: {_why(row, len(self.seeds))}." for row in rows]

    def plot(self, ax: Any = None) -> Any:
        """Draw it. `ax`: where to draw; a new figure unless given."""
        from sim.show.elasticities import elasticities as draw

        return draw(self.table, ax)

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {
            **self.about,
            "headline": self.headline,
            "net_customer_equity": self.net,
            "notes": self.notes,
            "drivers": rows_of(self.table),
        }

    def _what(self) -> str:
        return f"{len(self.seeds)} seeds, {self.scenario.market.months} months"


def _why(row: Mapping[Any, Any], seeds: int) -> str:
    """Why twins have no figure for a driver."""
    if row["below_zero"]:
        why = f"net customer equity, or the driver, is not above 0 in {row['below_zero']} of {seeds} seeds"
    elif not math.isfinite(row["moved"]):
        why = f"{row['lever']} moves nothing, as where a policy overrules it"
    else:
        why = f"with {seeds} seeds it is not sure that {row['lever']} moves it"
    return f"not identified in twins ({why})"


def _measured(row: Mapping[Any, Any], seeds: int) -> str:
    if not math.isfinite(row["measured"]):
        return _why(row, seeds)
    return f"{nice(row['measured'])} % in twins ({nice(row['low'])} to {nice(row['high'])})"


def elasticities(
    scenario: Any,
    *,
    firm: str | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] = 20,
    step: float = 0.1,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Elasticities:
    """What one per cent more retention, margin and acquisition cost does to a firm's customer equity.

    The closed form takes the margin multiple at what the firm has at the end. Twins with the same luck have one lever moved
    from the first month: `switching_cost` by 5 `step` for retention, by `step` `unit_margin` for margin, and for acquisition cost the
    advertising that the same money buys. What counts is how far the driver itself then moved.

    Parameters
    ----------
    scenario : str, path or Scenario
    firm : str, optional
        The focus unless given.
    months : int, optional
        More than 12, for there is no retention before.
    seeds : int or list of int
    step : float
        How far the levers are moved, 0.01 to 1.
    store, executor, ask, quiet, progress
        As in `sim.sweep`.

    Returns
    -------
    Elasticities

    Raises
    ------
    ValueError
        Too few months, an unknown firm, or a firm without customer equity.

    Source: Gupta, Lehmann & Stuart 2004; twins: ours; interval: Fieller 1954.

    Examples
    --------
    >>> from sim.experiments import Here, elasticities
    >>> import sim
    >>> small = sim.load("plain").with_changes({"market.customers": 200, "market.months": 14})
    >>> found = elasticities(small, seeds=2, executor=Here(), quiet=True)
    >>> found.table["driver"].tolist()
    ['retention', 'margin', 'acquisition cost']
    """
    world = world_of(scenario, months)
    if world.market.months <= YEAR:
        raise ValueError(
            f"months: more than {YEAR}, for there is no yearly retention before (got {world.market.months})"
        )
    if isinstance(step, bool) or not isinstance(step, (int, float)) or not 0.01 <= step <= 1.0:
        raise ValueError(f"step: 0.01 to 1 (got {step!r})")
    firm, drawn = check_firm(world, firm), seeds_of(seeds)
    levers = levers_of(world, firm, step)
    worlds = [world, *(world.with_changes({address: to}) for address, _, to in levers.values())]
    runs = [Specification(one, seed, YEARLY) for one in worlds for seed in drawn]
    pool, is_ours = pool_of(executor)
    terminal = Terminal(quiet)
    try:
        workers = int(getattr(pool, "workers", 1) or 1)
        seconds = seconds_for(len(runs), runs[:1], workers)
        said = f"4 worlds x {len(drawn)} seeds = {len(runs):,} runs"
        announce(f"{said}, {here(seconds, workers)}", len(runs), seconds, terminal, ask)
        with terminal.progress("The runs pass", "run") as bar:
            kept = None if store is None else Store(store)
            found = columns_of(runs, store=kept, executor=pool, progress=progress or bar)
    finally:
        if is_ours:
            pool.close()
    states = [
        [state_of(columns, firm) for columns in found[k * len(drawn) :][: len(drawn)]]
        for k in range(len(worlds))
    ]
    net = float(np.mean([one.equity - one.acquisition for one in states[0]]))
    return Elasticities(world, firm, drawn, compared(world, states, levers), net)


def levers_of(world: Scenario, firm: str, step: float) -> dict[str, tuple[str, float, float]]:
    """Driver -> the address that is moved in its twin, from, to."""
    one = world.firms[firm]
    money = 0.30 * world.market.customers if one.plan.advertising is None else one.plan.advertising
    return {
        "retention": (
            f"firms.{firm}.switching_cost",
            one.switching_cost,
            min(20.0, one.switching_cost + UTILITY * step),
        ),
        "margin": (f"firms.{firm}.unit_margin", one.unit_margin, min(1.0, one.unit_margin * (1 + step))),
        "acquisition cost": (f"firms.{firm}.plan.advertising", money, money / (1 + step)),
    }


def state_of(columns: Columns, firm: str) -> State:
    """What a firm is at the end of a run."""
    keys = ("customers", "customer_profit", "annual_retention", "acquisition_cost", "customer_equity")
    customers, margin, retention, cost, equity = (value_of(columns, firm, key) for key in keys)
    won = value_of(columns, firm, "customers_won")
    return State(
        customers,
        margin,
        retention,
        cost,
        equity,
        cost * won if won else 0.0,
        value_of(columns, firm, "advertising"),
    )


def compared(
    world: Scenario, states: Sequence[Sequence[State]], levers: Mapping[str, tuple[str, float, float]]
) -> pd.DataFrame:
    """A row a driver, from the states of the world as it is and of its three twins, seed by seed."""
    today = states[0]
    mean = State(*np.array(today, dtype=np.float64).mean(axis=0))
    if not (mean.equity > 0.0 and mean.margin > 0.0):
        raise ValueError(
            "customer equity is missing or not above 0: elasticities need customers who bring something, over more than 12 months"
        )
    closed = equity_elasticities(
        customers=mean.customers, margin=mean.margin, retention=mean.retention, discount=world.market.discount_rate,
        acquisition=max(0.0, mean.acquisition),
    )  # fmt: skip
    rows = []
    for k, (driver, (address, before, after)) in enumerate(levers.items()):
        own = {"retention": 2, "margin": 1, "acquisition cost": 3}[driver]
        price = before / after if driver == "acquisition cost" and after else 1.0
        up, over, lost = _logs(today, states[k + 1], own, price)
        ratio, low, high = fieller(up, over)
        moved = 100.0 * float(np.mean(over)) if len(over) else math.nan
        # to leave such seeds out would pick the good ones
        is_known = not lost and len(up) > 1 and math.isfinite(low) and math.isfinite(high)
        value = mean[own]
        rows.append(
            (
                driver,
                value,
                closed[k],
                *((ratio, low, high) if is_known else (math.nan,) * 3),
                address,
                before,
                after,
                moved,
                lost,
            )
        )
    columns = [
        "driver",
        "value",
        "closed",
        "measured",
        "low",
        "high",
        "lever",
        "lever_from",
        "lever_to",
        "moved",
        "below_zero",
    ]
    return pd.DataFrame(rows, columns=columns)


def _logs(
    today: Sequence[State], twin: Sequence[State], own: int, price: float
) -> tuple[np.ndarray, np.ndarray, int]:
    """By how much the logarithms of net customer equity and of the driver moved, seed by seed; and how many have none.

    Where `price` is above 1 the twin bought so much less advertising, in place of a higher price: it pays that price.
    """
    up, over, lost = [], [], 0
    for one, other in zip(today, twin, strict=True):
        more = (price - 1.0) * other.advertising
        won = other.acquisition / other.cost if other.cost else math.nan
        driver = other[own] if price == 1.0 else (other.acquisition + more) / won
        net, after = one.equity - one.acquisition, other.equity - other.acquisition - more
        if one == other:  # a lever that a policy overrules moves nothing
            continue
        if all(value > 0.0 for value in (net, after, one[own], driver)):
            up.append(math.log(after / net))
            over.append(math.log(driver / one[own]))
        else:
            lost += 1
    return np.array(up), np.array(over), lost
