"""Made-up tables that pictures are drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.ledger import ACTIVITIES
from sim.metrics.funnel import STAGES
from sim.scenario.words import REASONS

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


def flows_of(firms: list[str]) -> pd.DataFrame:
    """From each firm to each other, and to nobody, a few for each reason."""
    rows = [
        (firm, reason, None if reason in ("need ended", "fired") else firms[(k + place + 1) % len(firms)])
        for k, firm in enumerate(firms)
        for place, reason in enumerate(REASONS)
        for _ in range(place + 1)
    ]
    return about(pd.DataFrame(rows, columns=["firm", "reason", "to"]))


def lorenz_of(firms: list[str]) -> pd.DataFrame:
    rows = [
        (firm, measure, k / 10, 1.0 - (1.0 - k / 10) ** 2) for firm in firms for measure in ("revenue", "profit") for k in range(11)
    ]  # fmt: skip
    return about(pd.DataFrame(rows, columns=["firm", "measure", "customer_share", "share"]))


def drivers_of(firms: list[str]) -> pd.DataFrame:
    """One driver is a loss."""
    parts = {
        "value": 20_000.0,
        "brand": -5_000.0,
        "relationship": 30_000.0,
        "levelled": 55_000.0,
        "equity": 100_000.0,
    }
    rows = [(firms[0], name, value, 1_000.0, value / 1e5, 8) for name, value in parts.items()]
    return about(
        pd.DataFrame(rows, columns=["firm", "driver", "equity", "standard_error", "share", "futures"])
    )


def cohorts_of(firms: list[str]) -> pd.DataFrame:
    rows = [
        (firm, 1 + 12 * year, age, 200 - 20 * year, (0.96 - 0.004 * year) ** age)
        for firm in {"Corner": 0, **dict.fromkeys(firms)}
        for year in range(4)
        for age in range(48 - 12 * year)
    ]
    return about(pd.DataFrame(rows, columns=["firm", "cohort", "age", "began", "survival"]))


def rfm_of(firms: list[str]) -> pd.DataFrame:
    rows = [
        (firm, r, f, m, 3 * r + f, 10 * f, 40.0 * f * m)
        for firm in {"Corner": 0, **dict.fromkeys(firms)}
        for r in range(1, 6) for f in range(1, 6) for m in (1, 4)
    ]  # fmt: skip
    columns = ["firm", "recency", "frequency", "monetary", "customers", "purchases", "spent"]
    return about(pd.DataFrame(rows, columns=columns))


def accounts_by_tenure_of(firms: list[str]) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    table = accounts_of(firms)
    return about(
        table.assign(tenure=rng.integers(1, 90, len(table)), profit=rng.normal(30.0, 40.0, len(table)))
    )


def funnel_of(firms: list[str]) -> pd.DataFrame:
    rows = [(firm, stage, 400 - 90 * k - 5 * place, (400 - 90 * k - 5 * place) / 500) for place, firm in enumerate(firms)
            for k, stage in enumerate(STAGES)]  # fmt: skip
    return about(pd.DataFrame(rows, columns=["firm", "stage", "people", "share"]))


def news_of(firms: list[str]) -> pd.DataFrame:
    """A ring of sixty; a third never hears."""
    heard = pd.array([None if k % 3 == 0 else 1 + k % 14 for k in range(60)], dtype="Int64")
    teller = pd.array([None if k % 3 != 2 else (k * 7) % 60 for k in range(60)], dtype="Int64")
    told = pd.array([None if k % 5 else 2 for k in range(60)], dtype="Int64")
    table = pd.DataFrame(
        {"firm": firms[0], "customer": range(60), "heard": heard, "teller": teller, "told": told}
    )
    about(table).attrs |= {"news": "bad", "market": 500}
    return table


def lives_of(firms: list[str], others: tuple[str, ...] = ("friends only",)) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    parts = []
    for name in ("as it is", *others):
        supplier = rng.choice(np.array([*firms, None], dtype=object), 120)
        parts.append(
            pd.DataFrame(
                {
                    "customer": range(120),
                    "alternative": name,
                    "seed": 1,
                    "supplier": supplier,
                    "stays": supplier == firms[0],
                    "goes": False,
                }
            )
        )
    return about(pd.concat(parts, ignore_index=True))


def effects_of(firms: list[str], others: tuple[str, ...] = ("friends only",), seeds: int = 1) -> pd.DataFrame:
    rows = [
        (metric, firm, name, 5.0, *((4.0, 6.0) if seeds > 1 else (np.nan, np.nan)))
        for metric in ("customers", "share", "profit")
        for firm in firms
        for name in others
    ]
    return about(pd.DataFrame(rows, columns=["metric", "firm", "alternative", "difference", "low", "high"]))
