"""Results without a margin, named as what they are: what the model calls profit is then revenue less the costs of selling."""

from __future__ import annotations

import re

from sim.scenario import Scenario
from sim.scenario.remarks import NO_MARGIN, sources

LEFT = "revenue less selling costs"
"""What is left of revenue where goods are taken to cost nothing."""

RENAMED = (
    (r"\ba profit of\b", f"{LEFT} of"),
    (r"\ba loss of (?=\d)", f"{LEFT} of −"),
    (r"(?<!not )\bprofit\b", LEFT),
    (r"(?<!not )\bProfit\b", LEFT.capitalize()),
    (r"\bprofitable\b", "valuable"),
    (r"\b([Cc]ustomer equity)\b(?! of revenue)", r"\1 of revenue"),
)
"""Words, and what is said in their place."""


def is_without_margin(scenario: Scenario, said: dict[str, str] | None = None) -> bool:
    """Whether nobody has given the margin of the firm that is spoken of, so that it stands at 1.

    Parameters
    ----------
    scenario : as it was run. said : what its file says beside its values, by address; read if not given.
    """
    if scenario.firms[scenario.focus].unit_margin != 1.0:
        return False
    told = sources(scenario) if said is None else said
    return NO_MARGIN in told.get(f"firms.{scenario.focus}.unit_margin", "")


def renamed(text: str) -> str:
    """A text in which profit is called what it is without a margin.

    Examples
    --------
    >>> renamed("a profit of 10 EUR")
    'revenue less selling costs of 10 EUR'
    """
    for pattern, instead in RENAMED:
        text = re.sub(pattern, instead, text)
    return text


def named(text: str, scenario: Scenario) -> str:
    """A text on results of a scenario, `renamed` where nobody has given the margin."""
    return renamed(text) if is_without_margin(scenario) else text
