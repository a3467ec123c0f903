"""Failures that mechanisms add to those of the core, and the moods that they leave."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.ledger import C
from sim.scenario.words import PENDING_BY

_FAILURE = PENDING_BY.index("failure")


def make_unhappy(market: Any, who: np.ndarray, of: np.ndarray) -> None:
    """Something of this month's purchases and visits makes customers unhappy with their supplier; they think again.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    """
    c = market.customers
    c.pending[who], c.pending_by[who] = 1, np.maximum(c.pending_by[who], _FAILURE)
    sour(market, who, of)


def sour(market: Any, who: np.ndarray, of: np.ndarray) -> None:
    """The mood of customers turns against their supplier, after the stage `serve`.

    Who was happy is so no longer, also in the counts; who was unhappy with the supplier already is not counted again. Being
    fired outweighs it, as in the stage `serve`.

    Parameters
    ----------
    who : int (n,), customers, each once. of : int64 (n,), their suppliers.
    """
    c, counts, firms = market.customers, market.ledger.current_counts, len(market.firms)
    free = c.fired_by[who] < 0
    who, of = who[free], of[free]
    mood, same = c.mood[who], c.mood_firm[who] == of
    counts[:, C["happy"]] -= np.bincount(of[(mood > 0) & same], minlength=firms)
    counts[:, C["unhappy"]] += np.bincount(of[(mood >= 0) | ~same], minlength=firms)
    c.mood[who], c.mood_firm[who] = -1, of
