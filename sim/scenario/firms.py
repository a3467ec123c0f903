"""Firms: capabilities, fixed decisions, rules."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.scenario.table import Table, number, word
from sim.scenario.words import LEVELS, RECOVERIES, STRATEGIES, TAILORINGS

Level = Literal[LEVELS]  # type: ignore[valid-type]
Strategy = Literal[STRATEGIES]  # type: ignore[valid-type]
Recovery = Literal[RECOVERIES]  # type: ignore[valid-type]
Tailoring = Literal[TAILORINGS]  # type: ignore[valid-type]


class PlanTable(Table):
    """What a firm decides in a month; the values here hold where policy and rules are silent."""

    _instead: ClassVar[str] = (
        'change={"firms.Express.plan.price": 0.9}, or return sim.Plan(price=0.9) in a policy'
    )

    price: float = number(1.0, "list price relative to the market's", "multiple", 0.1, 10.0)
    advertising: float | None = number(
        None,
        "advertising; left out: 0.30 for each customer of the market",
        "money a month",
        0.0,
        1e12,
        source="Blattberg & Deighton 1996 for the response; amount ours",
        confidence="ours, fitted",
    )
    trial_discount: float = number(0.0, "discount on a first purchase", "share of list price", 0.0, 0.9)
    referral_reward: float = number(
        0.0, "paid to a customer whose good word brought a first purchase", "money", 0.0, 1e6
    )
    affiliate_commission: float = number(
        0.0, "paid on a first purchase that an affiliate brought", "share of the purchase", 0.0, 1.0
    )
    staff: Annotated[float, Field(ge=0.0, le=1e7)] | Literal["auto"] = number(
        "auto", "service agents, or auto: follows the load", "agents"
    )
    training: float = number(200.0, "training", "money an agent-month", 0.0, 1e5)
    recovery: Recovery = word("apology", "what a complaint is answered with")
    reply_days: float = number(3.0, "days until a complaint is answered", "days", 0.1, 60.0)
    promise: float = number(0.0, "how far promises go beyond the market's norm", "utility", -2.0, 5.0)
    strategy: Strategy = word("opt_out", "whom the firm mails", source="Godin 1999")
    ask: bool = word(True, "ask buyers for permission to write")
    incentive: float = number(0.0, "reward for saying yes", "share", 0.0, 1.0)
    personalization: float = number(0.0, "effort of fitting messages to the person", "share", 0.0, 1.0)
    tailoring: Tailoring = word(
        "personalization",
        "targeting: one message for all; personalization: the nearest of some modules; "
        "customization: made for one",
    )
    self_service: float = number(0.0, "share of service that customers do themselves", "share", 0.0, 1.0)
    survey: float = number(
        0.0, "share of own customers asked a month how satisfied they are", "share", 0.0, 1.0
    )
    exit_survey: float = number(0.0, "share of leavers asked why", "share", 0.0, 1.0)
    level: Level = word(
        "reactive", "relationship level of own customers", source="Kotler 2003", confidence="published"
    )
    discount: float = number(
        0.0, "discount for own customers; below 0 a surcharge", "share of list price", -0.3, 0.9
    )
    messages: int = number(2, "messages to each recipient", "messages a month", 0, 60)
    social: bool = word(False, "social bond with own customers", source="Berry & Parasuraman 1991")
    structural: bool = word(False, "structural bond with own customers", source="Berry & Parasuraman 1991")
    offer: float = number(
        0.0, "win-back discount for the lapsed and lost; 0: no offer", "share of list price", 0.0, 0.9
    )
    fire: bool = word(False, "end the relationship")


BY_CUSTOMER = ("level", "discount", "messages", "social", "structural", "offer", "fire")
"""Decisions that a rule or `Plan.where` may set customer by customer."""


class RuleTable(Table):
    """A decision rule: `if` an expression over the firm's database, `then` decisions."""

    condition: str = Field(
        alias="if", description="an expression over the columns of the database", max_length=500
    )
    then: dict[str, Any] = Field(description="decisions for the customers for whom it holds")


class FirmTable(Table):
    """A firm: its capabilities, its policy, its fixed decisions and its rules."""

    initial_share: float | None = number(
        None,
        "share of the customers served at the start; left out: equal shares of what is left",
        "share",
        0.0,
        1.0,
    )
    quality: float = number(0.0, "mean experience, 0 is the market's average", "utility", -5.0, 5.0)
    switching_cost: float = number(
        1.0, "what leaving costs the customer", "utility", 0.0, 20.0, confidence="ours, fitted"
    )
    brand_bonus: float = number(0.0, "brand equity beyond attitude, added to utility", "utility", -5.0, 5.0)
    reliability: float = number(0.95, "1 - chance of a failure in one encounter", "share", 0.0, 1.0)
    unit_margin: float = number(0.4, "share of list value left after cost of goods", "share", 0.0, 1.0)
    service_margin: float = number(0.5, "the same on service visits", "share", 0.0, 1.0)
    skill: float = number(0.5, "skill of the staff at the start", "share", 0.0, 1.0)
    morale: float = number(0.6, "morale of the staff at the start", "share", 0.0, 1.0)
    crm_system: float = number(
        0.0, "cost of the customer database and its software", "money a month", 0.0, 1e9
    )
    policy: str | dict[str, Any] | None = word(
        None, "a shipped policy's name, or a table with its name and parameters"
    )
    plan: PlanTable = PlanTable()
    rules: tuple[RuleTable, ...] = Field(
        default=(), strict=False, description="decision rules, checked in order; the later wins"
    )
