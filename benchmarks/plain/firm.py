"""A firm of the plain market: it decides with the engine's policies and rules, from its own records.

Policies look at records as columns. `Records` lays out, once a month, what all firms have on record of
the people; everything else of a firm is a plain number.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from plain.person import column
from sim.market import Firm
from sim.maths import log

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.person import Person

ON_RECORD = (
    "supplier", "sold", "identified", "permission", "first_on_record", "last_purchase", "spent",
    "recent_spend", "recent_profit", "complaints", "reads",
)  # fmt: skip


class Records:
    """What firms have on record of the people, as columns: all that a `sim.policies.View` looks at."""

    def __init__(self, people: list[Person]) -> None:
        self.people = people
        self.write_down()

    def write_down(self) -> None:
        """Write down the people as they are now."""
        for name in ON_RECORD:
            setattr(self, name, column(self.people, name))

    def __len__(self) -> int:
        return len(self.people)


class PlainFirm(Firm):
    """A firm, with its books of the month.

    Attributes
    ----------
    book : amounts of the month by activity, in cents. count : what is counted in the month.
    log_price, log_trial_price : logs of the list price and of the price of a first purchase.
    capacity : agent-months that one agent carries. overload : share of the load above capacity.
    reach_chance : chance that a person is reached by advertising this month.
    """

    model: PlainMarket

    def open_month(self) -> None:
        """Empty books, and what follows from the plan for everybody."""
        self.book: Counter[str] = Counter()
        self.count: Counter[str] = Counter()
        self.log_price = log(self.plan.price)
        trial = self.plan.trial_discount / self.model.p.buy.bills  # on the first of the bills bound to
        self.log_trial_price = log(self.plan.price * (1.0 - trial))
        self.answer_to_failures = getattr(self.model.tables.serve.recoveries, self.plan.recovery)
        self.capacity = self.model.eq.agent_capacity(self.skill, self.model.p.serve)
        self.overload = 0.0

    def close_month(self) -> None:
        """The month's amounts and counts go into the ledger, as one row each."""
        ledger = self.model.ledger
        for activity, amount in self.book.items():
            ledger.enter(self.place, activity, amount)
        for what, number in self.count.items():
            ledger.current_counts[self.place, self.model.counted[what]] += number

    def shows(self, people: list[Person]) -> dict[str, float]:
        """What everybody sees of the firm: list price, trial discount, mean discount to own customers."""
        own = [person.discount for person in people if person.supplier == self.place]
        total = 0.0
        for discount in own:
            total += discount
        return {
            "price": float(self.plan.price),
            "trial_discount": float(self.plan.trial_discount),
            "mean_discount": total / len(own) if own else 0.0,
        }


def is_listed(person: Person, firm: int) -> bool:
    """Whether the person stands on the list that the firm can buy."""
    return person.trait_of_relation("listed", firm) < person.model.p.contact.list_coverage


def who_is_listed(people: list[Person], firm: int) -> np.ndarray:
    """The same of all people, bool (N,), for a firm's view of its database."""
    return np.array([is_listed(person, firm) for person in people])
