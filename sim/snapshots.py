"""A market's state at the end of a month, kept so that several futures can begin from it."""

from __future__ import annotations

import contextlib
import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.draws import Draws

if TYPE_CHECKING:
    from sim.ledger import Activity
    from sim.market import Market
    from sim.mechanisms.frame import Own

Act = Callable[[Any, str], None]

_MARKET = (
    "month", "norm", "luck", "running", "kept_month", "kept_year", "aware", "permitted", "means", "public",
)  # fmt: skip
LISTS = ("heads", "departures", "closed", "referrals")
AGENT = ("model", "unique_id", "pos")
_CENSUS = ("books", "counts", "now", "unbroken", "wallet", "reachable")


class Snapshot:
    """The whole state of a market between two months; `restore` sets the same market back to it.

    Parameters
    ----------
    market : Market
        Between two months. What its policies remember is copied too.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.columns = {name: getattr(market.customers, name).copy() for name in market.customers.state}
        self.mechanisms = {name: _copies(own.state) for name, own in market.mechanisms.items()}
        self.firms = [self._firm(firm.__dict__) for firm in market.firms]
        self.draws = copy.deepcopy(market.draws)
        self.values = {name: getattr(market, name) for name in _MARKET}
        self.lists = {name: list(getattr(market, name)) for name in LISTS}
        self.metrics = {name: list(values) for name, values in market.metrics.items()}
        ledger, census = market.ledger, market.census
        self.lines = ledger.lines
        self.books = (list(ledger.months), list(ledger.counts))
        self.sums = (ledger.departed.copy(), ledger.attributed.copy())
        self.census = {name: getattr(census, name).copy() for name in _CENSUS}
        self.group = census._group.copy()
        self.counted = tuple(list(x) for x in (census.groups, census.restarted, census.referred))

    @staticmethod
    def _firm(values: dict[str, Any]) -> dict[str, Any]:
        """A firm's state; what later months change in place is copied. Whose firm it is, is no state."""
        own = {name: value for name, value in values.items() if name not in AGENT}
        own["policy"] = copy.deepcopy(own["policy"])
        own["rule_counts"] = own["rule_counts"].copy()
        own["survey"] = dict(own["survey"])
        own["_active"] = dict(own["_active"])
        return own

    def restore(self, into: Market | None = None) -> Market:
        """The market, set back, or another one of the same scenario, set to that state; as often as is wanted.

        The other one may have other optional mechanisms, so that twins can part by one. What only it has keeps the
        state of its start: its columns and what it remembers are as in the first month, those of people who came later
        as they are for newcomers; its metrics of past months NaN, its lines of past books empty. What only this one has is left out.
        """
        market = into or self.market
        for name, values in self.columns.items():
            if name in market.customers.known:
                setattr(market.customers, name, values)
        for name, own in market.mechanisms.items():
            if name in self.mechanisms:
                own.state = _copies(self.mechanisms[name])
            else:
                _begin_anew(market, own)
        for firm, values in zip(market.firms, self.firms, strict=True):
            firm.__dict__.update(self._firm(values))
        for name, value in self.values.items():
            setattr(market, name, value)
        market.draws = copy.deepcopy(self.draws)
        for name, kept in self.lists.items():
            setattr(market, name, list(kept))
        unknown = [np.full(len(market.firms), np.nan)] * len(next(iter(self.metrics.values())))
        market.metrics = {name: list(self.metrics.get(name, unknown)) for name in market.metrics}
        ledger, census = market.ledger, market.census
        books, ledger.counts = self.books[0], list(self.books[1])
        ledger.months = [_fitted(book, self.lines, ledger.lines) for book in books]
        ledger.departed[...], ledger.attributed = self.sums[0], self.sums[1].copy()
        for name, kept_array in self.census.items():
            setattr(census, name, kept_array.copy())
        census.books = _fitted(census.books, self.lines, ledger.lines)
        census._group[...] = self.group
        census.groups, census.restarted, census.referred = (list(x) for x in self.counted)
        return market


def _begin_anew(market: Market, own: Own) -> None:
    """A mechanism as it was when its market began: its columns, and what it remembers; who came later begins as a newcomer."""
    columns = [c.name for c in own.mechanism.columns if c.name in market.customers.state]
    if own.start is None:
        first = market
        if market.month:  # its own first month is gone
            first = type(market)(market.scenario, months=market.months, seed=market.seed)
        held = {name: getattr(first.customers, name) for name in columns}
        own.start = _copies(held), _copies(first.mechanisms[own.mechanism.name].state)
    for name in columns:
        setattr(market.customers, name, own.start[0][name])
    own.state = _copies(own.start[1])
    own.empty(market, np.flatnonzero(market.customers.generation > 0))


def _copies(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in arrays.items()}


def _fitted(book: np.ndarray, had: tuple[Activity, ...], wanted: tuple[Activity, ...]) -> np.ndarray:
    """A book (F, lines) for a market whose mechanisms have other lines: the same ones are kept, others are empty."""
    if had == wanted:
        return book
    fitted = np.zeros((book.shape[0], len(wanted)), dtype=book.dtype)
    for place, line in enumerate(wanted):
        if line in had:
            fitted[:, place] = book[:, had.index(line)]
    return fitted


def luck_of(seed: int, future: int) -> int:
    """The seed of a future's luck, 0 to 2**64 - 1."""
    return int.from_bytes(hashlib.sha256(f"future {future} of {seed}".encode()).digest()[:8], "little")


def begin_future(market: Market, future: int) -> None:
    """Fresh luck from here on, that of the future of this number: for the stages and for functions of the user's."""
    market.draws = Draws(luck_of(market.seed, future))
    market.luck = market.draws.key


def advance(market: Market, months: int, acts: Iterable[Act] = (), *, measured: bool = True) -> Market:
    """Let months pass; after each stage every act is called with the market and the stage's name.

    Where there are mechanisms, it is called before their steps after the stage, and once more after them, with "after"
    and the stage's name. Without being measured months pass faster and to the same bit, but for the metrics, which then
    stay as they are; acts are then called once, after the steps.
    """
    chosen = list(acts)
    if not measured:
        for _ in range(months):
            for stage in market.pass_unmeasured():
                for act in chosen:
                    act(market, stage)
        return market
    inner, passing = market.swaps.run, market.pass_stages

    def run(stage: Any, where: Market) -> None:
        inner(stage, where)
        for act in chosen:
            act(where, stage.name)

    def pass_stages() -> Iterator[str]:
        for stage in passing():
            for act in chosen if market.mechanisms else ():
                act(market, f"after {stage}")
            yield stage

    with _standing_in(market.swaps, "run", run), _standing_in(market, "pass_stages", pass_stages):
        for _ in range(months):
            market.step()
    return market


@contextlib.contextmanager
def _standing_in(owner: Any, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Inside, a function stands for a method."""
    before = vars(owner).get(name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        if before is None:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
