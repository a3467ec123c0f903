"""Policies of relationship level and bond: how much to invest, and in whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies.base import Policy
from sim.policies.plan import Plan

if TYPE_CHECKING:
    from sim.policies.view import View


class _Uniform(Policy):
    """One relationship level for every customer."""

    source = "Kotler 2003, five levels of investment in customer relationships"
    level = "reactive"

    def decide(self, view: View) -> Plan:
        """The same level for everybody."""
        return Plan(level=self.level)


class Basic(_Uniform):
    """Sell, and no more."""

    level = "basic"


class Reactive(_Uniform):
    """Sell, and ask to be called when there is a problem."""

    level = "reactive"


class Accountable(_Uniform):
    """Call after the sale: is everything as expected?"""

    level = "accountable"


class Proactive(_Uniform):
    """Call from time to time with better ways of using the product."""

    level = "proactive"


class Partnership(_Uniform):
    """Work with the customer all the time."""

    level = "partnership"


class LevelByValue(Policy):
    """A higher level for the most valuable customers, a lower one for the rest."""

    source = "Kotler 2003; Peppers & Rogers 1993 (differentiate by value)"
    parameters = {"top_share": (0.0, 1.0, "share of the database that gets the higher level")}

    def __init__(self, top_share: float = 0.2, top: str = "accountable", rest: str = "reactive") -> None:
        self.set(top_share=top_share, top=top, rest=rest)

    def decide(self, view: View) -> Plan:
        """`top` above the rank, `rest` below."""
        return Plan(level=self.rest).where(view.customers.value_rank > 1.0 - self.top_share, level=self.top)


class FinancialBond(Policy):
    """A standing discount for own customers."""

    source = "Berry & Parasuraman 1991, level one"
    parameters = {"discount": (0.0, 0.9, "discount for own customers")}

    def __init__(self, discount: float = 0.1) -> None:
        self.set(discount=discount)

    def decide(self, view: View) -> Plan:
        """A discount for everybody on the books."""
        return Plan(discount=self.discount)


class SocialBond(Policy):
    """A person to turn to: personal contact for own customers."""

    source = "Berry & Parasuraman 1991, level two"

    def decide(self, view: View) -> Plan:
        """A social bond with everybody."""
        return Plan(social=True)


class StructuralBond(Policy):
    """A service built into the customer's own work."""

    source = "Berry & Parasuraman 1991, level three"
    parameters = {"top_share": (0.0, 1.0, "share of the database that gets it, by value")}

    def __init__(self, top_share: float = 1.0) -> None:
        self.set(top_share=top_share)

    def decide(self, view: View) -> Plan:
        """A structural bond with the most valuable."""
        if self.top_share >= 1.0:
            return Plan(structural=True)
        return Plan().where(view.customers.value_rank > 1.0 - self.top_share, structural=True)


class Retainer(Policy):
    """Spend on keeping: half the advertising, call after the sale, answer complaints fast and well."""

    source = "Reichheld & Sasser 1990"
    parameters = {"advertising_share": (0.0, 1.0, "share of the usual advertising that is kept")}

    def __init__(self, advertising_share: float = 0.5) -> None:
        self.set(advertising_share=advertising_share)

    def decide(self, view: View) -> Plan:
        """Less advertising, more care."""
        usual = 0.30 * view.market_size if view.plan.advertising is None else view.plan.advertising
        return Plan(
            level="accountable", recovery="refund", reply_days=1.0, advertising=self.advertising_share * usual
        )


class GoodListener(Policy):
    """Hear failures, answer within a day, compensate."""

    source = "TARP 1979/1986"

    def decide(self, view: View) -> Plan:
        """Accountable for everybody, with quick and generous recovery."""
        return Plan(level="accountable", recovery="compensation", reply_days=1.0)


class FiresUnprofitable(Policy):
    """After a year on record, end the relationship with the least profitable."""

    source = "Kaplan & Narayanan 2001 for the case"
    parameters = {
        "share": (0.0, 0.5, "share of the database that is looked at a year"),
        "below": (-1e9, 1e9, "recent profit below which it ends"),
    }

    def __init__(self, share: float = 0.1, below: float = 0.0) -> None:
        self.set(share=share, below=below)

    def decide(self, view: View) -> Plan:
        """Once a year, from the second on."""
        if view.month == 0 or view.month % 12 != 0:
            return Plan()
        c = view.customers
        rank = c.profit.argsort(kind="stable").argsort(kind="stable")
        worst = (rank < self.share * len(c)) & (c.profit < self.below) & (c.tenure >= 12)
        return Plan().where(worst, fire=True)


class WinBack(Policy):
    """An offer for those who stopped buying."""

    source = "Stauss & Friege 1999 for the idea"
    parameters = {"offer": (0.0, 0.9, "discount of the offer")}

    def __init__(self, offer: float = 0.15) -> None:
        self.set(offer=offer)

    def decide(self, view: View) -> Plan:
        """An offer to the lapsed and the lost."""
        return Plan(offer=self.offer)


FAMILY: dict[str, Any] = {
    "basic": Basic,
    "reactive": Reactive,
    "accountable": Accountable,
    "proactive": Proactive,
    "partnership": Partnership,
    "level_by_value": LevelByValue,
    "financial_bond": FinancialBond,
    "social_bond": SocialBond,
    "structural_bond": StructuralBond,
    "retainer": Retainer,
    "good_listener": GoodListener,
    "fires_unprofitable": FiresUnprofitable,
    "win_back": WinBack,
}
