"""The stages in which customers act: buy, relate, talk, leave; and account."""

from __future__ import annotations

from typing import Literal

from sim.scenario.table import Table, number, word
from sim.scenario.words import NETWORKS

NetworkKind = Literal[NETWORKS]  # type: ignore[valid-type]


class BuyTable(Table):
    """Choice and purchase."""

    base_chance: float = number(
        0.13,
        "chance a month of thinking again, times 1 - loyalty",
        "chance",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    rival_message: float = number(
        0.5,
        "chance of thinking again after reading a rival's message",
        "chance",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    price_alert: float = number(
        0.2,
        "hazard of thinking again per unit of price sensitivity and log price gap",
        "multiple",
        0.0,
        100.0,
        confidence="ours, fitted",
    )
    outside: float = number(-1.0, "utility of buying nothing", "utility", -50.0, 50.0)
    loyalty_weight: float = number(
        1.5,
        "weight of loyalty in the choice, times 1/2 + relationship orientation",
        "utility",
        0.0,
        20.0,
        confidence="ours, fitted",
    )
    tie_weight: float = number(1.2, "weight of the structural tie in the choice", "utility", 0.0, 20.0)
    promise_weight: float = number(0.5, "weight of a promise for who is not a customer", "utility", 0.0, 10.0)
    initial_trust: float = number(0.4, "trust in a new supplier", "share", 0.0, 1.0)
    offer_weight: float = number(0.8, "utility that a read win-back offer adds", "utility", 0.0, 10.0)
    offer_gap: int = number(3, "months before somebody gets another offer", "months", 1, 600)
    offer_cost: float = number(0.5, "cost of an offer, in units of contact_cost", "contact costs", 0.0, 1e6)
    offer_read: float = number(
        0.32, "chance that a win-back offer is read, times deliverability", "chance", 0.0, 1.0
    )
    credit_months: int = number(
        3, "months for which a purchase is credited to what made the firm known", "months", 0, 600
    )
    product_value: float = number(0.3, "spend that each further product adds", "share", 0.0, 10.0)
    tier_value: float = number(1.2, "spend at each higher tier, relative", "multiple", 0.1, 10.0)
    cross_sell: float = number(
        0.03, "chance to sell a further product at a purchase, before lifts", "chance", 0.0, 1.0
    )
    cross_sell_message: float = number(
        0.5, "lift of it by a read message, times relevance", "share", 0.0, 20.0
    )
    up_sell_share: float = number(0.5, "chance of a higher tier, relative to that", "share", 0.0, 1.0)
    order_cost: float = number(0.5, "handling of one order", "money", 0.0, 1e6)
    term: int = number(12, "length of a contract", "months", 1, 240)
    nonpayment: float = number(
        0.0, "chance a month that a payment fails, which ends the contract", "chance", 0.0, 1.0
    )


class RelateTable(Table):
    """Loyalty, trust, bonds."""

    satisfaction_base: float = number(
        0.3,
        "satisfaction above minus this lets loyalty grow",
        "satisfaction",
        -1.0,
        2.0,
        confidence="ours, fitted",
    )
    social_growth: float = number(0.5, "growth of loyalty that a social bond adds", "share", 0.0, 10.0)
    idle_growth: float = number(
        0.4, "growth of loyalty in a month without a purchase, relative", "share", 0.0, 1.0
    )
    dissatisfied_loss: float = number(
        0.12, "share of loyalty lost a month at full dissatisfaction", "share a month", 0.0, 1.0
    )
    loyalty_decay: float = number(
        0.01, "share of loyalty lost a month at the level basic", "share a month", 0.0, 1.0
    )
    trust_growth: float = number(
        0.04,
        "share of the gap to full trust that a month with service and no failure closes",
        "share a month",
        0.0,
        1.0,
    )
    self_service_trust: float = number(
        0.5, "share of that growth that full self-service takes away", "share", 0.0, 1.0
    )
    tie_growth: float = number(1.0 / 12.0, "growth of the structural tie", "share a month", 0.0, 1.0)
    tie_decay: float = number(1.0 / 24.0, "decay of the tie without its bond", "share a month", 0.0, 1.0)
    structural_setup: float = number(
        30.0,
        "set-up of a structural bond, once a relationship, in units of contact_cost",
        "contact costs",
        0.0,
        1e6,
    )
    structural_cost: float = number(
        1.5, "a structural bond's cost a month, in units of contact_cost", "contact costs", 0.0, 1e6
    )
    social_cost: float = number(
        0.8, "a social bond's cost a month, in units of contact_cost", "contact costs", 0.0, 1e6
    )
    satisfaction_decay: float = number(
        0.03, "share of satisfaction that fades a month", "share a month", 0.0, 1.0
    )


class TalkTable(Table):
    """Word of mouth."""

    unhappy_tells: int = number(
        10,
        "people that an unhappy customer tells",
        "people",
        0,
        100,
        source="TARP 1979/1986",
        confidence="folk",
    )
    happy_tells: int = number(
        3, "people that a happy customer tells", "people", 0, 100, source="TARP 1979/1986", confidence="folk"
    )
    happy_talks: float = number(0.5, "chance that a happy customer tells anybody", "chance", 0.0, 1.0)
    reward_talks: float = number(0.4, "chance that a large referral reward adds", "chance", 0.0, 1.0)
    reward_scale: float = number(
        5.0, "how fast it works: 1 - exp(-scale * reward / basket)", "multiple", 0.0, 1000.0
    )
    tells_spread: Literal["fixed", "negative_binomial"] = word(
        "fixed",
        "fixed: everybody tells the same number; negative_binomial: the number varies with that mean",
        source="TARP 1981",
        confidence="published",
    )
    tells_size: float = number(
        1.2,
        "size of the negative-binomial distribution; smaller is more uneven",
        "",
        0.05,
        1000.0,
        source="TARP 1981: an eighth tell more than twenty",
        confidence="published",
    )
    online: float = number(
        0.2, "share of telling that goes to people anywhere in the market", "share", 0.0, 1.0
    )
    tries: int = number(200, "tries of a teller to find people", "tries", 1, 10_000)
    bad_weight: float = number(
        0.20, "weight of one bad telling in a belief", "share", 0.0, 1.0, confidence="ours, fitted"
    )
    good_weight: float = number(
        0.08, "weight of one good telling in a belief", "share", 0.0, 1.0, confidence="ours, fitted"
    )
    bad_news: float = number(
        -1.5,
        "what bad news says of the firm, relative to good news at 1",
        "utility",
        -20.0,
        0.0,
        confidence="ours, fitted",
    )
    own_weight: float = number(
        0.4,
        "weight of hearsay against own experience, for own customers",
        "share",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    belief_fade: float = number(
        0.05, "share of the belief about a firm not used that fades a month", "share a month", 0.0, 1.0
    )
    makes_aware: float = number(0.5, "chance that one good telling makes somebody aware", "chance", 0.0, 1.0)
    network: NetworkKind = word(
        "watts_strogatz", "who knows whom", source="Watts & Strogatz 1998 for the form"
    )
    degree: float = number(12.0, "mean number of contacts", "people", 0.0, 200.0)
    rewiring: float = number(0.1, "share of contacts that lead far away (watts_strogatz)", "share", 0.0, 1.0)
    edges: str | None = word(None, 'a file with one pair of customers a line, for network = "file"')


class LeaveTable(Table):
    """Exits, and the true reason of a departure."""

    base_exit: float = number(0.002, "hazard a month that anybody leaves the market", "chance", 0.0, 1.0)
    cause_weight: float = number(
        1.0, "what the cause of thinking again adds to its term in the true reason", "utility", 0.0, 20.0
    )
    reason_above: float = number(
        0.1, "a term must be larger than this to be the reason; else it is variety", "utility", 0.0, 20.0
    )


class AccountTable(Table):
    """The ledger: memory of what is recent."""

    recent_memory: float = number(
        11.0 / 12.0,
        "share of recent spend and profit that is carried to the next month",
        "share a month",
        0.0,
        1.0,
    )
