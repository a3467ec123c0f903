"""Repeating a run to the bit, with the diary on: the lives that nobody recorded the first time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.alternatives import swapped
from sim.diary import Diary
from sim.market import Market
from sim.policies import POLICIES
from sim.user_errors import UserError


def repeated(
    first: Market,
    again: Market,
    customers: np.ndarray,
    progress: Callable[[int, int], None] | None = None,
) -> Diary:
    """Let the same months pass again, following customers; returns their diary.

    Parameters
    ----------
    first : the market, with its months done. again : one as it was at its start.
    customers : int64 (n,), ascending.
    progress : called each month with months done and months in all.

    Raises
    ------
    UserError : the second time went otherwise than the first.
    """
    again.swaps = first.swaps  # what was compiled for it the first time
    diary = again.follow(customers)
    while again.month < first.month:
        again.step()
        if progress:
            progress(again.month, first.month)
    if again.state_hash != first.state_hash:
        own = [
            *swapped(first),
            *(
                f"the policy of {firm.name}"
                for firm in first.firms
                if type(firm.policy) not in POLICIES.values()
            ),
        ]
        raise UserError(
            "follow: the run went otherwise when it was repeated, so these would be other lives; "
            f"{', '.join(own) or 'something'} must give the same for the same market: keep nothing from one run to the "
            "next and draw with market.draws, or name the customers before: sim.run(…, follow=[…])"
        )
    return diary
