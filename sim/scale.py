"""How many customers of a log one of its market stands for: a market that is made from a log has a size of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario import Scenario

SAID = re.compile(r"At market\.customers = (\d+) one customer here stands for ([\d,]+(?:\.\d+)?) of yours")
NEAR = 0.05
"""Scales as near to 1 as this need no words."""


def written(customers: int, people: float) -> str:
    """What a scenario's page says of its scale; `stands_for` reads it.

    Parameters
    ----------
    customers : of the scenario. people : of the log's market, above 0.
    """
    return (
        f"At market.customers = {customers} one customer here stands for {figure(people / customers)} of yours, so that money "
        "of a firm here times that is money of your shop."
    )


def stands_for(scenario: Scenario) -> float:
    """How many customers of the log one customer of the scenario, as it is now, stands for; NaN if its page does not say."""
    said = SAID.search(scenario.info.what)
    if said is None:
        return float("nan")
    return float(said[2].replace(",", "")) * int(said[1]) / scenario.market.customers


def unscaled(scenario: Scenario) -> dict[str, float]:
    """Amounts of advertising that stayed as they were where market.customers was changed, in money a month, by address."""
    if "market.customers" not in scenario.changes:
        return {}
    return {
        address: amount
        for address, amount in _advertising(scenario).items()
        if address not in scenario.changes
    }


def in_words(scenario: Scenario) -> str:
    """` One customer here stands for 7.54 of yours …`, where the market is of another size than the log's; else "".

    Money times that is the shop's only if advertising, an amount, goes with the market's size: else what it would have to be is said.
    """
    each, said = stands_for(scenario), SAID.search(scenario.info.what)
    if said is None:
        return ""
    now, made = scenario.market.customers, int(said[1])
    is_resized, left = abs(now / made - 1.0) > NEAR, unscaled(scenario)
    stands = f" One customer here stands for {figure(each)} of yours"
    if is_resized and left:
        cure = ", ".join(f"{at} = {float(f'{amount * now / made:.5g}'):.15g}" for at, amount in left.items())
        return (
            f"{stands}, but customers and money here times that are not your shop's: advertising is an amount of money for {made:,} "
            f"customers, and was not changed with market.customers. For {now:,} it is {cure}."
        )
    if not abs(each - 1.0) > NEAR:
        return ""
    is_unknown = is_resized and "market.customers" not in scenario.changes and _advertising(scenario)
    condition = (
        f", if plan.advertising is an amount for {now:,} customers, not for {made:,}" if is_unknown else ""
    )
    return f"{stands}: multiply customers and money by that for your shop{condition}."


def _advertising(scenario: Scenario) -> dict[str, float]:
    """Advertising that a file gives as an amount of money a month, by address."""
    amounts = {
        f"firms.{name}.plan.advertising": firm.plan.advertising for name, firm in scenario.firms.items()
    }
    return {address: amount for address, amount in amounts.items() if amount is not None}


def figure(value: float) -> str:
    """Three figures: 7.54, 0.328, 2,040."""
    return f"{float(f'{value:.3g}'):,g}"
