"""The ledger: money by firm, month and activity, in whole cents, and the identities it must keep.

Every entry is rounded once, half to even, when it is made; a firm's total is the sum of entries.
Sums of integers do not depend on their order, so threads cannot change them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Activity(NamedTuple):
    """A line of the ledger.

    ``sign`` is +1 for revenue, -1 for a cost, 0 for a memo that is already inside another line.
    ``by_customer`` says whether the entry also stands on a customer's own account. ``purpose`` is
    acquisition, retention or other: what the entry was spent on.
    """

    name: str
    sign: int
    by_customer: bool
    purpose: str
    meaning: str


ACTIVITIES = (
    Activity("revenue", 1, True, "other", "sales, net of discounts"),
    Activity("cost_of_goods", -1, True, "other", "cost of what was sold, from list value"),
    Activity("order_handling", -1, True, "other", "handling of orders and visits"),
    Activity("materials", -1, True, "other", "materials of service"),
    Activity("service_labour", -1, True, "other", "staff time of encounters at the standard rate"),
    Activity("level_labour", -1, True, "retention", "staff time of relationship levels at the standard rate"),
    Activity("levels", -1, True, "retention", "contacts of relationship levels"),
    Activity("bonds", -1, True, "retention", "social and structural bonds"),
    Activity("personalization", -1, True, "retention", "fitting messages to own customers"),
    Activity("messages_to_customers", -1, True, "retention", "messages to own customers"),
    Activity("mail_complaints_of_customers", -1, True, "retention", "complaints about mail by own customers"),
    Activity("recovery", -1, True, "retention", "answering and recovering complaints"),
    Activity("visit_revenue", 0, False, "other", "memo: sales of service visits"),
    Activity("discounts", 0, False, "retention", "memo: discounts to own customers, surcharges apart"),
    Activity("trial_discounts", 0, False, "acquisition", "memo: discounts on first purchases"),
    Activity("win_back_discounts", 0, False, "acquisition", "memo: discounts of win-back offers"),
    Activity("advertising", -1, False, "acquisition", "advertising"),
    Activity("messages_to_others", -1, False, "acquisition", "messages to others than own customers"),
    Activity("lists", -1, False, "acquisition", "bought lists"),
    Activity("referral_rewards", -1, False, "acquisition", "rewards for referrals"),
    Activity("commissions", -1, False, "acquisition", "commissions of affiliates"),
    Activity("win_back", -1, False, "acquisition", "making win-back offers"),
    Activity("mail_complaints_of_others", -1, False, "other", "complaints about mail by others"),
    Activity("permission", -1, False, "other", "incentives for saying yes"),
    Activity("surveys", -1, False, "other", "surveys of customers and of leavers"),
    Activity("training", -1, False, "other", "training of the staff"),
    Activity(
        "idle_labour",
        -1,
        False,
        "other",
        "pay bill less labour at the standard rate; negative when overloaded",
    ),
    Activity("crm_system", -1, False, "other", "customer database and its software"),
)

COUNTS = (
    "orders", "visits", "won", "won_back", "lost", "lost_voluntarily", "ended_contracts",
    "recipients", "messages", "uninvited", "read", "opted_out", "mail_complaints", "reports",
    "offers", "offers_read", "asked", "said_yes",
    "failures", "voiced", "resolved", "resolved_quickly", "unhappy", "happy",
    "tellers_bad", "tellers_good", "told_bad", "told_good", "reached_bad", "reached_good", "referrals",
    "surveyed", "answered", "fired",
)  # fmt: skip
"""What is counted by firm and month, in whole numbers."""

SUM_ROWS = 4096
"""Rows of one float sum: sums are taken in fixed blocks of so many rows, then added in order."""

DEPARTED = ("profit", "spent", "year_profit", "year_spent")
"""Customers' accounts that were closed: they stay with the firm in one entry."""

A = {activity.name: i for i, activity in enumerate(ACTIVITIES)}
C = {name: i for i, name in enumerate(COUNTS)}
SIGNS = np.array([activity.sign for activity in ACTIVITIES], dtype=np.int64)
BY_CUSTOMER = np.array([activity.by_customer for activity in ACTIVITIES])
ACQUISITION = np.array([activity.purpose == "acquisition" for activity in ACTIVITIES])
RETENTION = np.array([activity.purpose == "retention" for activity in ACTIVITIES])
"""Of the core's lines; a market with optional mechanisms has more, and its `Ledger` has these arrays of all."""


class LedgerError(RuntimeError):
    """An identity of the ledger does not hold: a fault of the program, never of the user."""


class Ledger:
    """The books of all firms.

    Parameters
    ----------
    firms : how many. more : lines that optional mechanisms add, after those of `ACTIVITIES`.

    Attributes
    ----------
    lines : tuple of Activity, what the columns of a book are.
    places : name of a line -> its column. signs, by_customer, acquisition, retention : arrays, a value a line.
    months : list of int64 arrays (F, activities), cents, one a closed month.
    counts : list of int64 arrays (F, counts), one a closed month.
    current, current_counts : the open month.
    departed : int64 (F, 4), accounts of relationships that ended, see `DEPARTED`.
    """

    def __init__(self, firms: int, more: Sequence[Activity] = ()) -> None:
        self.firms = firms
        self.lines = (*ACTIVITIES, *more)
        self.places = {line.name: place for place, line in enumerate(self.lines)}
        self.signs = np.array([line.sign for line in self.lines], dtype=np.int64)
        self.by_customer = np.array([line.by_customer for line in self.lines])
        self.acquisition = np.array([line.purpose == "acquisition" for line in self.lines])
        self.retention = np.array([line.purpose == "retention" for line in self.lines])
        self.months: list[np.ndarray] = []
        self.counts: list[np.ndarray] = []
        self.current = np.zeros((firms, len(self.lines)), dtype=np.int64)
        self.current_counts = np.zeros((firms, len(COUNTS)), dtype=np.int64)
        self.departed = np.zeros((firms, len(DEPARTED)), dtype=np.int64)
        self.attributed = np.zeros(firms, dtype=np.int64)

    def enter(self, firm: int, activity: str, cents: int) -> None:
        """One entry of a firm's own, in cents."""
        self.current[firm, self.places[activity]] += int(cents)

    def close(self) -> None:
        """Close the month and open the next."""
        self.attributed += (self.current * self.signs)[:, self.by_customer].sum(axis=1)
        self.months.append(self.current)
        self.counts.append(self.current_counts)
        self.current = np.zeros_like(self.current)
        self.current_counts = np.zeros_like(self.current_counts)

    def profit(self, month: int = -1) -> np.ndarray:
        """Profit of a month by firm, cents."""
        return (self.months[month] * self.signs).sum(axis=1)

    def check(self, accounts: np.ndarray) -> None:
        """Accounts of present customers (int64 (F,), cents) and departed ones sum to the entries, to the cent."""
        gap = accounts + self.departed[:, 0] - self.attributed
        if gap.any():
            raise LedgerError(f"customers' accounts and ledger differ by {gap.tolist()} cents")
