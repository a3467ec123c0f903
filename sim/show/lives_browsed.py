"""The lives of customers in one world or two, one after the other: whose differ, and what happened in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COLUMNS
from sim.side_by_side import SideBySide

if TYPE_CHECKING:
    from sim.runs import Run

AT_ONCE = 40
"""Lives that are recorded together: who leafs through them waits once."""


def differing(before: Run, now: Run) -> np.ndarray:
    """Customers whose lives went apart: those with another supplier at the end first; int64."""
    one, other = before.market.customers, now.market.customers
    moved = one.supplier != other.supplier
    apart = moved.copy()
    for column in COLUMNS:
        if column.kind == "customer":
            apart |= getattr(one, column.name) != getattr(other, column.name)
    return np.concatenate([np.flatnonzero(moved), np.flatnonzero(apart & ~moved)])


def moved_between(before: Run, now: Run) -> int:
    """How many have another supplier at the end."""
    return int((before.market.customers.supplier != now.market.customers.supplier).sum())


class LivesBrowsed:
    """Lives in one or several worlds, recorded a few at a time.

    Parameters
    ----------
    worlds : name -> Run, of the same customers with the same luck.
    """

    def __init__(self, worlds: Mapping[str, Run]) -> None:
        self.worlds = dict(worlds)
        first, *others = self.worlds.values()
        self.count = len(first.market.customers)
        self.different = differing(first, others[-1]) if others else np.arange(min(self.count, 1000))
        self._place = -1
        self._recorded: set[int] = set()

    def step(self, by: int) -> int:
        """The next customer whose life differs, or the one before; 0 where there is none."""
        if not len(self.different):
            return 0
        self._place = (self._place + by) % len(self.different)
        return int(self.different[self._place])

    def read(self, customer: int, progress: Callable[[int, int], None] | None = None) -> SideBySide:
        """A life in all worlds; what was not recorded is got by repeating the runs, with the lives that may come next.

        Raises
        ------
        ValueError
            A customer that there is not.
        """
        if customer not in self._recorded:
            at = np.flatnonzero(self.different == customer)
            near = self.different[at[0] : at[0] + AT_ONCE] if len(at) else np.empty(0, dtype=np.int64)
            ids = {int(customer), *map(int, near)}
            for k, run in enumerate(self.worlds.values()):
                run.follow(sorted(ids), _part(progress, k, len(self.worlds)))
            self._recorded = ids
        return SideBySide({name: run.follow(customer) for name, run in self.worlds.items()})

    def about(self) -> str:
        """How many lives differ, in a sentence."""
        if len(self.worlds) < 2:
            return f"{self.count:,} customers, 0 to {self.count - 1:,}."
        first, *others = self.worlds.values()
        return (
            f"{len(self.different):,} of {self.count:,} customers (0 to {self.count - 1:,}) have another life; "
            f"{moved_between(first, others[-1]):,} have another supplier at the end, who come first."
        )


def _part(progress: Any, k: int, total: int) -> Any:
    return None if progress is None else lambda done, months: progress(k * months + done, total * months)
