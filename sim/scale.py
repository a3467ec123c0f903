"""How many customers of a log one of its market stands for: a market that is made from a log has a size of its own."""

from __future__ import annotations

import re

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


def in_words(scenario: Scenario) -> str:
    """` One customer here stands for 7.54 of yours …`, where the market is of another size than the log's; else ""."""
    each = stands_for(scenario)
    if not abs(each - 1.0) > NEAR:
        return ""
    return f" One customer here stands for {figure(each)} of yours: multiply customers and money by that for your shop."


def figure(value: float) -> str:
    """Three figures: 7.54, 0.328, 2,040."""
    return f"{float(f'{value:.3g}'):,g}"
