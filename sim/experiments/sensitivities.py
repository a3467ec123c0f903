"""Sensitivity: how much of a metric's variance comes from which parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sim.experiments.studies import Study, about, rows_of
from sim.show.numbers import nice

if TYPE_CHECKING:
    from sim.experiments.screening import Round
    from sim.scenario import Scenario


class Sensitivity(Study):
    """How much each parameter moves a metric.

    Attributes
    ----------
    table : DataFrame
        A row a parameter, the one that matters most first: `parameter` (its address; `*` where several move together),
        `value`, `low` and `high` of its range, `unit`, `range` (where that is from), and what was measured, each with `…_low`
        and `…_high`. By `sobol` `first` is the share of the metric's variance that the parameter explains alone, `total` that
        with all it interacts with; by `morris` `mu_star` is how far a step over the range moves the metric, in its unit.
    screen : DataFrame or None
        The first round, by `morris`, over all parameters, where they were screened.
    method, metric, firm : str. seeds : list of int. runs : int.
    luck : float
        The share of the variance that is luck (0 to 1), which no parameter explains; missing with one seed.
    """

    kind = "sensitivity"

    def __init__(self, study: Round, screen: pd.DataFrame | None = None) -> None:
        self.scenario, self.method, self.metric, self.firm = (
            study.scenario,
            study.method,
            study.of,
            study.firm,
        )
        self.seeds, self.screen = study.seeds, screen
        self.runs = study.runs + (int(screen.attrs["runs"]) if screen is not None else 0)
        self.table = study.table
        self.luck = study.luck
        cast(Any, self.table).attrs = self.about

    @property
    def about(self) -> dict[str, Any]:
        """What the table carries in its `attrs`."""
        return about(
            self.scenario, self.seeds, focus=self.firm, metric=self.metric, method=self.method, runs=self.runs,
            luck=None if math.isnan(self.luck) else self.luck,
        )  # fmt: skip

    @cached_property
    def headline(self) -> str:
        """What matters most, in a sentence."""
        first = self.table.iloc[0]
        name = first["parameter"]
        if self.method == "morris":
            if not first["mu_star"] > 0.0:
                return f"None of these parameters moves {self.metric} of {self.firm}."
            return (
                f"{name} moves {self.metric} of {self.firm} most: {_span(first, 'mu_star')} "
                f"{_unit(self.metric, self.scenario)} for a step over its range."
            )
        if not self.table["total"].max() > 0.0:
            return f"None of these parameters moves {self.metric} of {self.firm}."
        return f"{name} explains {_span(first, 'first')} of {self.metric}."

    @property
    def notes(self) -> list[str]:
        """How far the figures hold, in sentences."""
        said = [_sure(self.seeds, self.luck)]
        if self.method == "sobol":
            together = float(self.table["first"].clip(lower=0.0).sum())
            said.append(
                f"Alone they explain {together:.2f} of the variance of {self.metric} of {self.firm}; the rest is what they do "
                "together, and luck."
            )
            wide = float((self.table["first_high"] - self.table["first_low"]).max())
            if wide > 0.4:
                said.append("The intervals are wide: more base points (--runs) make them narrower.")
        if self.screen is not None:
            left = len(self.screen) - len(self.table)
            said.append(
                f"{len(self.screen)} assumptions were screened first (Morris); the {len(self.table)} that move most went on, "
                f"{left} were held at their values."
            )
        return said

    def plot(self, ax: Any = None) -> Any:
        """Draw it: a bar a parameter, with its interval. `ax`: where to draw; a new figure unless given."""
        from sim.show.sensitivity import sensitivity as draw

        return draw(self.table, ax)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"table": self.table} | ({} if self.screen is None else {"screen": self.screen})

    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        screen = {} if self.screen is None else {"screened": rows_of(self.screen)}
        return {
            **self.about,
            "headline": self.headline,
            "notes": self.notes,
            "parameters": rows_of(self.table),
            **screen,
        }

    def _what(self) -> str:
        return f"{self.method}, {self.runs:,} runs of {self.scenario.market.months} months"

    def _in_short(self) -> pd.DataFrame:
        kept = ("first", "total") if self.method == "sobol" else ("mu_star", "sigma")
        cells = {name: self.table[name].map(nice) for name in kept}
        return pd.DataFrame({"parameter": self.table["parameter"], **cells})


def _span(row: Any, name: str) -> str:
    """`0.31 (0.27 to 0.35)`."""
    value, low, high = (nice(float(row[f"{name}{end}"])) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


def _unit(metric: str, scenario: Scenario) -> str:
    from sim.show.sweeps import panel_for

    return panel_for(metric).unit.format(currency=scenario.market.currency).split(",")[0]


def _sure(seeds: Sequence[int], luck: float) -> str:
    if len(seeds) == 1:
        return f"Seed {seeds[0]} alone: how much of it is luck is not known."
    if math.isnan(luck):
        return f"Means over {len(seeds)} seeds."
    return f"Means over {len(seeds)} seeds, the same at each point; luck is {luck:.2f} of their variance."
