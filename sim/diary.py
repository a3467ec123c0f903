"""The diary: what a few customers go through, seen from beside while the months pass.

After each stage the diary copies some columns of the customers that it follows; what happened is worked out when
somebody reads it. It draws nothing and changes nothing, so a followed run is the same run, to the bit. How severe a
failure was, and how it was answered, stands in no column: it is worked out from the same keyed numbers that `serve`
drew. Whom a teller told is found as `talk` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.failures import Served
from sim.lives_told import Lives, read_lives
from sim.mechanisms.failing import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from sim.market import Market

MOST = 1_000
"""Customers that one diary follows at most: it keeps some kilobytes a customer and year."""

LOOKS = ("talk", "leave")
"""The stages after which a diary looks: before anybody goes, and who is gone."""

SEEN = ("fired_by", "left_month", "level", "discount", "relevance", "permission", "complaints", "supplier", "identified", "spent",
        "month_spent_cents", "visited", "products", "tier", "pending_by", "failed", "mood", "mood_firm", "tenure", "aware",
        "aware_month", "told_bad", "told_good", "satisfaction", "loyalty", "trust", "belief", "generation")  # fmt: skip
"""What is copied each month after `talk`: what the month brought still stands in the columns then."""

SELDOM = {
    "moved": ("won_by", "left_from", "left_for", "left_because", "left_tenure"),
    "heard of": ("aware_by", "teller", "teller_firm"),
    "offers": ("offer",),
}
"""What is copied only in a month that needs it."""

BEFORE = ("level", "discount", "permission", "complaints", "supplier", "identified", "spent", "products", "tier", "pending_by",
          "aware", "generation")  # fmt: skip
"""What a month is compared with, as it was when the month began."""


class Telling(NamedTuple):
    """One time that a customer told others: bad news or good, of which firm, to whom, and whose customers they are."""

    bad: bool
    firm: int
    hearers: np.ndarray
    suppliers: np.ndarray


class Month(NamedTuple):
    """What was seen in one month: the state before and after; who was served badly, and tellings, by the customer's place."""

    month: int
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]
    gone: list[bool]
    served: dict[int, Served]
    tellings: dict[int, list[Telling]]


class Diary:
    """The lives of some customers, recorded from the month in which it is opened.

    Made by `Market.follow`. Read it at any time: `table`, `states` and `sentences` tell what happened so far.

    Attributes
    ----------
    ids : int64 (n,), the customers, ascending.
    first : months that had passed when it was opened; 0 if it has seen everything.
    """

    def __init__(self, market: Market, ids: np.ndarray) -> None:
        self.ids = ids
        self.first = market.month
        self.months: list[Month] = []
        self.beginnings: list[dict[str, Any]] = []
        self._market = market
        c = market.customers
        added = [f"{kind}_answer" for kind, mechanism in KINDS.items() if mechanism in market.mechanisms]
        wanted = {"seen": (*SEEN, *added), "before": BEFORE, **SELDOM}
        self._columns = {what: [(name, getattr(c, name)) for name in names] for what, names in wanted.items()}
        self._before = self._copy("before")
        self._after: dict[str, np.ndarray] = {}
        self._served: dict[int, Served] = {}
        self._tellings: dict[int, list[Telling]] = {}
        self._nobody: np.ndarray | None = None
        for place in range(len(ids)):
            self._begins(place)

    # ------------------------------------------------ seeing

    def see(self, stage: str) -> None:
        """Look at the followed customers after a stage of `LOOKS`.

        Between two looks the loops fill the processor's cache, so that each kind of call costs more than its work:
        one kind of call copies everything, and the rest is left for the reading.
        """
        if stage == "talk":
            self._look()
            return
        then, now = (
            self._after["generation"].tolist(),
            self._market.customers.generation.take(self.ids).tolist(),
        )
        gone = [a != b for a, b in zip(then, now, strict=True)]
        self.months.append(
            Month(self._market.month, self._before, self._after, gone, self._served, self._tellings)
        )
        self._before, self._served, self._tellings = self._after, {}, {}
        if True in gone:
            self._before = self._copy("before")
            for place, it_is in enumerate(gone):
                if it_is:
                    self._begins(place)

    def _copy(self, what: str) -> dict[str, np.ndarray]:
        ids = self.ids
        return {name: values.take(ids, axis=-1) for name, values in self._columns[what]}

    def _look(self) -> None:
        market, month = self._market, self._market.month
        seen = self._after = self._copy("seen")
        moved = seen["supplier"].tolist() != self._before["supplier"].tolist()
        if moved or month in seen["left_month"].tolist():
            seen |= self._copy("moved")
        if month in seen["aware_month"].ravel().tolist():
            seen |= self._copy("heard of")
            seen["teller_life"] = market.customers.generation.take(np.maximum(seen["teller"], 0))
        if 1 in market.month_of_firms.offers.tolist():
            seen |= self._copy("offers")
        failed = seen["failed"].tolist()
        if 1 in failed and "serve" not in market.swaps.stages:
            self._look_at_failures([place for place, it_is in enumerate(failed) if it_is])

    def _look_at_failures(self, places: list[int]) -> None:
        c, firms, seen = self._market.customers, self._market.month_of_firms, self._after
        for place in places:
            i, f = self.ids[place], seen["supplier"][place]
            decided = (float(getattr(firms, name)[f]) for name in Served._fields[2:])
            encounters = int(c.bought[i]) + int(c.visited[i])
            self._served[place] = Served(encounters, int(seen["level"][place]), *decided)

    def _begins(self, place: int) -> None:
        """Somebody new is followed: who it is."""
        row, tables = self._market.customers[int(self.ids[place])], self._market.tables
        self.beginnings.append(
            {
                "customer": int(self.ids[place]),
                "generation": row.generation,
                "month": self._market.month,
                "segment": list(tables.segments)[row.segment] if len(tables.segments) > 1 else "",
                "need_rate": float(row.need_rate),
                "basket": float(row.basket),
                "supplier": row.supplier,
                "tenure": row.tenure,
                "replaces": bool(self.months),
            }
        )

    def listening(
        self, heard_by_others: Callable[..., Any], spread: Callable[..., Any]
    ) -> Callable[..., Any]:
        """The loop that spreads news, overheard: whom followed tellers tell is noted.

        Other diaries may listen too; what this one has said again, by the plain loop, they do not hear.
        """

        def overheard(ids: np.ndarray, people: np.ndarray, bad: bool, about: np.ndarray, *rest: Any) -> Any:
            ours = self.ids.tolist()
            where = ids.searchsorted(self.ids).tolist()  # tellers come in ascending order
            told = [x for x, mine in zip(where, ours, strict=True) if x < len(ids) and ids[x] == mine]
            if told:
                self._overhear(spread, ids[told], people[told], bad, about[told], *rest)
            return heard_by_others(ids, people, bad, about, *rest)

        return overheard

    def _overhear(
        self,
        spread: Callable[..., Any],
        ids: np.ndarray,
        people: np.ndarray,
        bad: bool,
        about: np.ndarray,
        *rest: Any,
    ) -> None:
        """Let followed tellers tell once more, to nobody's ears: told as good news, it is listed who hears it."""
        *keys, _bad, _good, _referrals, counts = rest
        if self._nobody is None:
            self._nobody = np.zeros_like(_good)
        heard = np.empty((int(np.minimum(people, len(self._market.customers)).sum()), 3), dtype=np.int32)
        n = spread(ids, people, False, about, *keys, self._nobody, self._nobody, heard, np.zeros_like(counts))
        suppliers = self._market.customers.supplier[heard[:n, 0]].astype(np.int64)
        places = self.ids.searchsorted(ids).tolist()
        for place, teller, firm in zip(places, ids.tolist(), about.tolist(), strict=True):
            mine = heard[:n, 2] == teller
            if mine.any():
                telling = Telling(bool(bad), firm, heard[:n, 0][mine], suppliers[mine])
                self._tellings.setdefault(place, []).append(telling)

    # ------------------------------------------------ reading

    @property
    def lives(self) -> Lives:
        """What is recorded so far, worked out."""
        return read_lives(self, self._market)

    @property
    def table(self) -> pd.DataFrame:
        """A row an event; see `Lives.table`."""
        return self.lives.table

    @property
    def states(self) -> pd.DataFrame:
        """A row a customer and month; see `Lives.states`."""
        return self.lives.states

    @property
    def sentences(self) -> list[str]:
        """The lives so far, a sentence a month in which something happened."""
        return self.lives.sentences

    def __repr__(self) -> str:
        return repr(self.lives)

    def _repr_html_(self) -> str:
        return self.lives._repr_html_()


def followed(ids: Any, customers: int) -> np.ndarray:
    """Customers to follow, checked: one number or some, int64 ascending.

    Raises
    ------
    ValueError
        An id that there is not, with the range; none at all; more than `MOST`.
    TypeError
        What is no whole number.
    """
    given = list(ids) if isinstance(ids, Iterable) and not isinstance(ids, (str, bytes)) else [ids]
    for one in given:
        if isinstance(one, (bool, np.bool_)) or not hasattr(one, "__index__"):
            raise TypeError(f"customer: must be a whole number (got {one!r})")
        if not 0 <= int(one) < customers:
            raise ValueError(f"customer: must be 0 to {customers - 1:,} (got {int(one)})")
    chosen = sorted({int(one) for one in given})
    if not 1 <= len(chosen) <= MOST:
        raise ValueError(f"customers to follow: 1 to {MOST:,} of them (got {len(chosen):,})")
    return np.array(chosen, dtype=np.int64)
