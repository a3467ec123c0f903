"""Money and people: in every month the books add up to the cent, and nobody is lost or made up."""

from __future__ import annotations

import numpy as np

from sim.ledger import C, LedgerError
from sim.market import Market
from sim.scenario import CORE
from sim.verify.figures import Figure, Say


def imbalance(market: Market) -> int:
    """Cents by which customers' accounts and closed ones miss the profit that the books attribute to customers."""
    c = market.customers
    own = np.array([c.profit_cents[c.supplier == f].sum() for f in range(len(market.firms))])
    return int(np.abs(own + market.ledger.departed[:, 0] - market.ledger.attributed).max())


def miscounted(market: Market, before: np.ndarray) -> int:
    """Customers by which a month's won and lost miss the change of heads; heads before: int64 (F,)."""
    counts = market.ledger.counts[-1]
    now = np.bincount(market.customers.supplier + 1, minlength=len(market.firms) + 1)[1:]
    return int(np.abs(now - before - counts[:, C["won"]] + counts[:, C["lost"]]).sum())


def check_money(full: bool, say: Say) -> list[Figure]:
    """Every shipped scenario: the imbalance in cents, and customers who are not accounted for, in each month."""
    names = list(CORE) if full else ["two_cafes", "mobile_operator"]
    worst, lost, months = 0, 0, 0
    for name in names:
        say(name)
        change = {} if full else {"market.customers": 500}
        market = Market(name, seed=3, change=change)
        for _ in range(market.months if full else 14):
            before = np.bincount(market.customers.supplier + 1, minlength=len(market.firms) + 1)[1:]
            try:
                market.step()
            except LedgerError as error:
                return [Figure("books", f"{name}, month {market.month + 1}: {error}", "0 cents", False)]
            worst = max(worst, imbalance(market))
            lost = max(lost, miscounted(market, before))
            months += 1
    said = f"{len(names)} scenarios, {months} months"
    return [
        Figure(f"largest imbalance of the books ({said})", f"{worst} cents", "0 cents", worst == 0),
        Figure(f"customers not accounted for ({said})", f"{lost}", "0", lost == 0),
    ]  # fmt: skip
