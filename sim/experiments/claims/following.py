"""What chosen people do in the months after a moment: an act that adds it up, customer by customer."""

from __future__ import annotations

import numpy as np

from sim.market import Market


class Followed:
    """Adds up, for everybody who was a customer when it was made, the months as that firm's customer.

    Parameters
    ----------
    market : the market, between two months.

    Attributes
    ----------
    firm : int8 (N,), the supplier at the start, -1 none. months : int64 (N,), months with that supplier still.
    purchases, happy : int64 (N,), purchases; months with good news to tell. spent, served, earned : float64 (N,), money:
    spend, cost of service, profit.
    """

    def __init__(self, market: Market) -> None:
        c = market.customers
        n = len(c)
        self.firm, self.generation = c.supplier.copy(), c.generation.copy()
        self.tenure = c.tenure.astype(np.int64)
        self.months, self.purchases, self.happy = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.spent, self.served, self.earned = np.zeros(n), np.zeros(n), np.zeros(n)

    def __call__(self, market: Market, stage: str) -> None:
        """Look at the month after each stage that moves money."""
        c = market.customers
        if stage == "buy":
            self.before = c.month_profit_cents.copy()
        if stage == "serve":
            self.of_serving = (self.before - c.month_profit_cents) / 100.0
        if stage == "relate":
            there = (c.supplier == self.firm) & (c.generation == self.generation) & (self.firm >= 0)
            self.months += there
            self.purchases += np.where(there, c.bought.astype(np.int64) + c.visited, 0)
            self.happy += there & (c.mood == 1) & (c.mood_firm == self.firm)
            self.spent += np.where(there, c.month_spent_cents / 100.0, 0.0)
            self.served += np.where(there, self.of_serving, 0.0)
            self.earned += np.where(there, c.month_profit_cents / 100.0, 0.0)
