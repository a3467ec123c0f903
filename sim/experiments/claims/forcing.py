"""Outcomes forced on the same failures, and decisions held for chosen people: what twins need beyond other parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.market import Market
from sim.policies import Plan, Policy, View

SURE = 1.0 - 1e-9
SOON, LATE = 1e-4, 1e6
"""Days until an answer that make every recovery quick, and none."""


class ForcedService:
    """An act that forces what becomes of the failures of one month, at all firms; what answers cost is not to be looked at.

    The encounters and their failures are the same, whatever is forced: the draws are keyed.

    Parameters
    ----------
    month : the month, counted from 0.
    voiced : every failure is voiced (True), none (False), or as the level has it (None).
    recovered : every voiced failure is recovered, or none. quick : every recovery is quick, or none.
    reliability : 1 - chance of a failure in that month, 0 to 1.

    Source: ours.
    """

    def __init__(
        self,
        month: int,
        *,
        voiced: bool | None = None,
        recovered: bool | None = None,
        quick: bool | None = None,
        reliability: float | None = None,
    ) -> None:
        self.month, self.voiced, self.recovered, self.quick = month, voiced, recovered, quick
        self.reliability = reliability

    def __call__(self, market: Market, stage: str) -> None:
        """Set it when plans are made, and set the levels back when customers are served."""
        if market.month != self.month:
            return
        firms, heard = market.month_of_firms, market.levels.heard
        if stage == "decide":
            self.heard = heard.copy()
            if self.voiced is not None:
                heard[...] = SURE if self.voiced else 0.0
            if self.recovered is not None:
                firms.recovery_chance[...] = 1e6 if self.recovered else 0.0
            if self.quick is not None:
                firms.reply_days[...] = SOON if self.quick else LATE
            if self.reliability is not None:
                firms.reliability[...] = self.reliability
        if stage == "serve":
            heard[...] = self.heard


class Held(Policy):
    """What a firm does anyway, and other decisions for chosen people for good.

    Parameters
    ----------
    base : the firm's policy, or None for its plan. people : int64 (n,), their numbers.
    generation : whose generations they are then; who takes their place anew is not meant.
    **decisions : of those that differ by customer.
    """

    def __init__(
        self, base: Policy | None, people: np.ndarray, generation: np.ndarray, **decisions: Any
    ) -> None:
        self.base, self.people, self.decisions = base, np.sort(people), decisions
        self.generation = generation[self.people].copy()

    def decide(self, view: View) -> Plan:
        """The base's plan, with the decisions for those of them who are on record."""
        plan = self.base.decide(view) if self.base is not None else Plan()
        now = view._market.customers.generation[self.people]
        there = self.people[now == self.generation]
        return plan.where(np.isin(view.customers.ids, there), **self.decisions)


class Firing(Policy):
    """What a firm does anyway; in one month it ends the relationship with chosen people."""

    def __init__(self, base: Policy | None, people: np.ndarray, month: int) -> None:
        self.base, self.people, self.month = base, people, month

    def decide(self, view: View) -> Plan:
        """The base's plan; in that month, the end for them."""
        plan = self.base.decide(view) if self.base is not None else Plan()
        if view.month != self.month:
            return plan
        return plan.where(np.isin(view.customers.ids, self.people), fire=True)
