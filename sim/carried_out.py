"""What becomes of decisions by customer: whom each can reach, and which a later rule decides again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.policies.plan import coded
from sim.scenario.parameters import BY_CUSTOMER

if TYPE_CHECKING:
    from sim.market import Firm

ASKED, REACHED, HELD = range(3)
"""Customer-months for which a decision was asked, of these those whom it can reach, and where no later one changed it."""

POLICY, EVERYBODY = -2, -1
"""The rows after those of the rules: what the policy asked by customer; whom a decision can reach at all, and of these those
for whom rules decided it."""

WHOM = {
    "offer": "offer reaches the lapsed and lost only",
    "messages": "messages reach nobody while the strategy is silent",
}
"""Whom a decision reaches, where that is not own customers."""


def no_counts(rules: int) -> np.ndarray:
    """Counts of a firm with so many rules, int64 (rules + 2, 3, 1 + decisions); place 0 is of the whole rule."""
    return np.zeros((rules + 2, 3, 1 + len(BY_CUSTOMER)), dtype=np.int64)


def count(
    counts: np.ndarray,
    steps: Sequence[tuple[np.ndarray, Mapping[str, Any]]],
    values: Mapping[str, np.ndarray],
    reach: Mapping[str, np.ndarray],
) -> None:
    """Add a month: the policy's steps, then one a rule.

    Parameters
    ----------
    counts : array of `no_counts`.
    steps : (bool (n,), decision -> value), n the customers on record.
    values : decision -> what holds in the end, (n,).
    reach : decision -> whom it can reach, bool (n,).
    """
    rules = len(counts) - 2
    decided: dict[str, np.ndarray] = {}
    for place, (mask, decisions) in enumerate(steps, rules - len(steps)):
        held = np.zeros(len(mask), dtype=bool)
        for name, value in decisions.items():
            row, column = (place if place >= 0 else rules), 1 + BY_CUSTOMER.index(name)
            new = coded(name, value)
            off = name in WHOM and np.ndim(new) == 0 and not new  # none is sent: that reaches everybody
            there = mask if off else mask & reach[name]
            stays = there & (values[name] == new)
            counts[row, :, column] += [np.count_nonzero(each) for each in (mask, there, stays)]
            held |= stays
            if place >= 0:
                decided[name] = decided.get(name, False) | there
        if place >= 0:
            counts[place, [ASKED, HELD], 0] += [np.count_nonzero(mask), np.count_nonzero(held)]
    for name, theirs in decided.items():
        column = 1 + BY_CUSTOMER.index(name)
        counts[EVERYBODY, :2, column] += [
            np.count_nonzero(reach[name]),
            np.count_nonzero(theirs & reach[name]),
        ]


def why_not(firm: Firm, rule: int) -> list[str]:
    """Decisions of a rule that were never carried out, a sentence each; ``rule`` counts from 0."""
    return [said for name in firm.rules[rule].then if (said := _why(firm, rule, name))]


def never_reached(firm: Firm) -> list[str]:
    """Decisions by customer of a firm's policy that could reach nobody for whom they were asked, a sentence each."""
    return [said for name in BY_CUSTOMER if (said := _why(firm, POLICY, name))]


def _why(firm: Firm, row: int, name: str) -> str:
    asked, reached, held = firm.rule_counts[row, :, 1 + BY_CUSTOMER.index(name)].tolist()
    if not asked or held:
        return ""
    if not reached:
        return f"{WHOM.get(name, f'{name} reaches own customers only')}: none of {asked:,} customer-months"
    later = [str(i + 1) for i in range(row + 1, len(firm.rules)) if row >= 0 and name in firm.rules[i].then]
    return f"{name} is never carried out: decided again by rule {', '.join(later)}" if later else ""


def asked_by_policy(firm: Firm) -> set[str]:
    """The decisions that a firm's policy took by customer."""
    asked = firm.rule_counts[POLICY, ASKED, 1:]
    return {name for name, n in zip(BY_CUSTOMER, asked.tolist(), strict=True) if n}


def ruled(firm: Firm) -> Iterator[tuple[str, str]]:
    """The decisions that rules took for everybody on record in every month, and by which rules."""
    for column, name in enumerate(BY_CUSTOMER, 1):
        everybody, decided, _ = firm.rule_counts[EVERYBODY, :, column].tolist()
        if everybody and everybody == decided:
            places = [
                i
                for i, rule in enumerate(firm.rules)
                if firm.rule_counts[i, HELD, column] and name in rule.then
            ]
            yield (
                name,
                " and ".join(f"rule {i + 1} ({name} = {_shown(firm.rules[i].then[name])})" for i in places),
            )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
