"""What the numbers that functions of the user's give must be: the range of each equation and of each column."""

from __future__ import annotations

from math import floor, inf
from typing import Any, NamedTuple

import numpy as np

from sim.columns import BY_NAME, Column
from sim.scenario.words import REASONS

CLOSE = 1e-6
"""By how much rounding, also to the 32 bits of a column, may pass a range."""


class Range(NamedTuple):
    """The least and the most that a number may be, and whether it must be whole."""

    least: float = -inf
    most: float = inf
    whole: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value is a number in the range, but for rounding; infinities are not."""
        if isinstance(value, (str, bytes)) or not isinstance(value, (int, float, np.generic)):
            return False
        number = float(value)
        within = self.least - CLOSE <= number <= self.most + CLOSE
        return within and abs(number) < inf and (not self.whole or number == floor(number))

    @property
    def law(self) -> str:
        """The range in words: "a number of 0 to 1"."""
        kind = "a whole number" if self.whole else "a number"
        if self.least == -inf:
            return kind
        return f"{kind} of {self.least:g} " + ("or more" if self.most == inf else f"to {self.most:g}")

    def cure(self, value: Any) -> str:
        """How a number keeps to the range, for a message: " (cut it: min(max(x, 0), 1))"; "" where cutting is no cure."""
        if self.least == -inf or self.whole or not Range().holds(value):
            return ""
        inner = f"max(x, {self.least:g})"
        return f" (cut it: {inner if self.most == inf else f'min({inner}, {self.most:g})'})"


SHARE = Range(0.0, 1.0)
ATTITUDE = Range(-1.0, 1.0)
AMOUNT = Range(0.0)

EQUATIONS = {
    **dict.fromkeys(
        (
            "chance_reached", "profile", "fit", "message_relevance", "chance_opened", "chance_read", "next_fatigue",
            "chance_opt_out", "chance_complaint", "chance_report", "trust_after_intrusion", "next_deliverability",
            "chance_base", "chance_price", "chance_yes", "chance_failure", "chance_voice", "chance_recovery",
            "chance_quick", "training_effect", "next_morale", "next_skill", "next_trust", "next_loyalty", "next_tie",
            "chance_made_aware", "chance_exit",
        ),
        SHARE,
    ),
    **dict.fromkeys(
        (
            "faded_brand", "reached_brand", "brand_after_reading", "brand_after_intrusion", "next_satisfaction",
            "faded_satisfaction",
        ),
        ATTITUDE,
    ),
    # chances of this list are above 1 under some parameters, and then as good as 1
    **dict.fromkeys(
        (
            "chance_affiliate", "chance_cross_sell", "chance_talks", "pressure", "most_opt_out", "most_complaint",
            "most_report", "next_report_rate", "expected_occasions", "list_value", "agent_capacity", "encounter_load",
            "materials_used", "overload", "next_staff",
        ),
        AMOUNT,
    ),
    "may_mail": Range(0, 1, whole=True),
    "people_told": Range(0, whole=True),
    "departure_reason": Range(0, len(REASONS) - 1, whole=True),
}  # fmt: skip
"""The range of what an equation gives, by its name; any finite number where it is not named."""

UNITS = {
    "share": SHARE,
    "chance": SHARE,
    "place 0 to 1": SHARE,
    "-1 to 1": ATTITUDE,
    "-1, 0, 1": ATTITUDE,
    "yes or no": SHARE,
}
"""The range of a column of the core, by its unit."""


def of_equation(name: str) -> Range:
    """The range of what an equation gives; its name is without its stage."""
    return EQUATIONS.get(name, Range())


def of_column(column: Column) -> Range:
    """The range of a column's values; mechanisms name the limits of theirs themselves, and a discount below 0 is a surcharge."""
    known = column.name in BY_NAME and column.name != "discount"
    return UNITS.get(column.unit, Range()) if known else Range()
