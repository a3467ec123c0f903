"""Every parameter of a scenario: its meaning, unit, range, default, source and confidence.

The one place of defaults is here and in the files that this one puts together: `traits` (segments),
`firms`, `stages_firms` (decide, advertise, contact), `stages_service` (serve) and `stages_customers`
(buy, relate, talk, leave, account); `tables` has the whole file, with the tables of optional mechanisms. A parameter's address is the dotted path of its place here
(`talk.unhappy_tells`, `firms.Corner.plan.price`, `segments.students.need_rate.mean`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.scenario.firms import BY_CUSTOMER, FirmTable, PlanTable, RuleTable
from sim.scenario.stages_customers import AccountTable, BuyTable, LeaveTable, RelateTable, TalkTable
from sim.scenario.stages_firms import AdvertiseTable, ContactTable, DecideTable
from sim.scenario.stages_service import ServeTable
from sim.scenario.table import Table, number, word
from sim.scenario.traits import Segment, TraitTable

__all__ = [
    "BY_CUSTOMER",
    "FORMAT",
    "AccountTable",
    "AdvertiseTable",
    "BuyTable",
    "ContactTable",
    "DecideTable",
    "FirmTable",
    "Info",
    "LeaveTable",
    "MarketTable",
    "PlanTable",
    "RelateTable",
    "RuleTable",
    "Segment",
    "ServeTable",
    "Table",
    "TalkTable",
    "TraitTable",
    "number",
    "word",
]

FORMAT = 1  # the newest scenario format that this version reads


class MarketTable(Table):
    """The market as a whole."""

    customers: int = number(
        10_000, "slots for customers; who leaves the market is replaced", "customers", 1, 100_000_000
    )
    months: int = number(60, "length of a run", "months", 1, 2_400)
    setting: Literal["free", "contract"] = word(
        "free", "free: each occasion is a purchase of its own; contract: a payment each month until it ends"
    )
    currency: str = Field(
        default="EUR",
        description="currency of every amount",
        min_length=1,
        max_length=12,
        json_schema_extra={"unit": "", "source": "ours", "confidence": "ours"},
    )
    discount_rate: float = number(0.10, "discount rate of future profit", "share a year", 0.0, 2.0)
    season: tuple[float, ...] = Field(
        default=(1.0,) * 12,
        strict=False,  # a list in TOML; its numbers stay strict
        description="multipliers of the need by calendar month, January first, mean 1",
        min_length=12,
        max_length=12,
        json_schema_extra={"unit": "multiple", "source": "ours", "confidence": "ours"},
    )
    served_at_start: float = number(0.6, "share of customers who begin with a supplier", "share", 0.0, 1.0)
    initial_awareness: float = number(
        0.3, "chance that somebody knows a firm at the start", "share", 0.0, 1.0
    )
    initial_tenure: float = number(
        24.0, "mean tenure of those served at the start (geometric)", "months", 1.0, 600.0
    )
    initial_trust: float = number(0.5, "trust of those served at the start", "share", 0.0, 1.0)
    initial_belief_sd: float = number(
        0.3, "spread of the belief about the own supplier around its quality", "utility", 0.0, 5.0
    )


class Info(Table):
    """The scenario's page."""

    question: str = Field(default="", description="the question that it answers, in one line", max_length=200)
    what: str = Field(default="", description="what it is", max_length=4000)
    how: str = Field(default="", description="how it works", max_length=4000)
    use: str = Field(default="", description="how to use it", max_length=4000)
    notice: str = Field(default="", description="things to notice", max_length=4000)
    try_: str = Field(default="", alias="try", description="things to try", max_length=4000)
    extend: str = Field(default="", description="extending it", max_length=4000)
    references: tuple[str, ...] = Field(default=(), strict=False, description="sources")
