"""A policy with many handles: levels by value tier, bonds, mail and advertising. What a search for the best policy turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies.base import Policy
from sim.policies.plan import Plan, check_decision

if TYPE_CHECKING:
    from sim.policies.view import View


class ValueTiers(Policy):
    """Three tiers of customers by value, each with its level; bonds for the most valuable; mail and advertising.

    What is left out stays as the firm's plan has it: without parameters it is the status quo.
    """

    source = "Kotler 2003 for levels by tier; Zeithaml, Rust & Lemon 2001 for tiers; Berry & Parasuraman 1991 for bonds; Godin 1999"
    parameters = {
        "top_share": (0.0, 1.0, "share of the database in the top tier"),
        "middle_share": (0.0, 1.0, "share of the database in the middle tier, below it"),
        "social_share": (0.0, 1.0, "share of the database, by value, with a social bond"),
        "structural_share": (0.0, 1.0, "share of the database, by value, with a structural bond"),
        "discount": (0.0, 0.9, "discount for the top tier: a financial bond"),
        "messages": (-1, 60, "messages a month; -1: as the plan has it"),
        "personalization": (-1.0, 1.0, "effort of fitting messages; -1: as the plan has it"),
        "advertising_times": (0.0, 20.0, "advertising, relative to the firm's usual"),
    }
    counts = ("messages",)

    def __init__(
        self, top_share: float = 0.2, middle_share: float = 0.3, top: str = "", middle: str = "", rest: str = "",
        social_share: float = 0.0, structural_share: float = 0.0, discount: float = 0.0, strategy: str = "",
        messages: int = -1, personalization: float = -1.0, advertising_times: float = 1.0,
    ) -> None:  # fmt: skip
        self.set(
            top_share=top_share, middle_share=middle_share, social_share=social_share, structural_share=structural_share,
            discount=discount, messages=messages, personalization=personalization, advertising_times=advertising_times,
        )  # fmt: skip
        for level in (top, middle, rest):
            if level:
                check_decision("level", level)
        if strategy:
            check_decision("strategy", strategy)
        self.top, self.middle, self.rest, self.strategy = top, middle, rest, strategy

    def decide(self, view: View) -> Plan:
        """Firm-wide decisions first, then tier by tier from below, then bonds."""
        plan, rank = Plan(**self._of_firm(view)), view.customers.value_rank
        if self.middle:
            plan = plan.where(rank > 1.0 - self.top_share - self.middle_share, level=self.middle)
        if self.top or self.discount:
            top: dict[str, Any] = {"level": self.top} if self.top else {}
            top |= {"discount": self.discount} if self.discount else {}
            plan = plan.where(rank > 1.0 - self.top_share, **top)
        for bond, share in (("social", self.social_share), ("structural", self.structural_share)):
            if share:
                plan = plan.where(rank > 1.0 - share, **{bond: True})
        return plan

    def _of_firm(self, view: View) -> dict[str, Any]:
        """What holds for all customers."""
        found: dict[str, Any] = {"level": self.rest} if self.rest else {}
        found |= {"strategy": self.strategy} if self.strategy else {}
        found |= {"messages": int(self.messages)} if self.messages >= 0 else {}
        found |= {"personalization": self.personalization} if self.personalization >= 0 else {}
        if self.advertising_times != 1.0:
            usual = 0.30 * view.market_size if view.plan.advertising is None else view.plan.advertising
            found["advertising"] = min(1e12, self.advertising_times * usual)
        return found


FAMILY: dict[str, Any] = {"value_tiers": ValueTiers}
