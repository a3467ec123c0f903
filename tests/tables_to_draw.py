"""Made-up tables that pictures are drawn from."""

from __future__ import annotations

import pandas as pd

from sim.ledger import ACTIVITIES

ABOUT = {"title": "A street", "focus": "Corner", "currency": "CHF", "base": "as it is"}


def about(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what a run's tables know."""
    table.attrs = dict(ABOUT)
    return table


def ledger_of(firms: list[str]) -> pd.DataFrame:
    """A year and a half of books; the second firm sells nothing."""
    rows = [
        {"month": month, "firm": firm, **{line.name: 10.0 + k for k, line in enumerate(ACTIVITIES)},
         "revenue": 0.0 if place == 1 else 400.0, "profit": 50.0 - 30.0 * place}
        for month in range(1, 19) for place, firm in enumerate(firms)
    ]  # fmt: skip
    return about(pd.DataFrame(rows))


def accounts_of(firms: list[str]) -> pd.DataFrame:
    rows = [
        (firm, customer, 9.0, 40.0 - 2 * (customer or 0))
        for firm in {"Corner": 0, **dict.fromkeys(firms)}
        for customer in [*range(25), None]
    ]
    return about(pd.DataFrame(rows, columns=["firm", "customer", "revenue", "profit"]))


def whale_of(firms: list[str]) -> pd.DataFrame:
    rows = [(firm, k, k / 10, 100.0 * k - 6 * k * k, k == 8) for firm in firms for k in range(11)]
    return about(pd.DataFrame(rows, columns=["firm", "customers", "customer_share", "profit", "is_peak"]))


def survival_of(firms: list[str]) -> pd.DataFrame:
    rows = [(firm, age, 0.97**age, 0.02) for firm in firms for age in range(30)]
    return about(pd.DataFrame(rows, columns=["firm", "age", "survival", "standard_error"]))
