"""What an optional mechanism is made of, and what its steps are handed.

A mechanism is one file: a table of parameters, a table of decisions that each firm takes, columns, ledger lines,
draws, equations, and steps that stand before or after a stage of the month. Equations are plain functions of numbers
or arrays; steps are NumPy over columns, or loops over everybody (`loops.py`). Where the table of a scenario is absent, nothing of it exists in the market.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from pydantic import model_validator

from sim.columns import Column
from sim.ledger import Activity, C
from sim.mechanisms.loops import (
    charge_rows,
    columns,
    count_rows,
    draw,
    draw_rows,
    enter,
    firm_bits,
    forget_rows,
    known_rows,
    list_rows,
    loop,
    numbers_class,
    sum_by_firm,
    sum_own_by_firm,
    trait_rows,
)
from sim.scenario.table import Table, number, word

__all__ = [
    "Activity", "Column", "Decisions", "Draw", "Mechanism", "MechanismTable", "Own", "Step", "Table", "chance",
    "clip", "columns", "draw", "enter", "exp", "firm_bits", "forget_rows", "known_supplier", "log", "logistic", "loop", "normal", "number", "on_record", "own_heads", "own_mean", "poisson_totals", "served", "sum_by_firm", "under_contract", "word",
]  # fmt: skip

FIRST_CODE = 2000
"""Draws of mechanisms have codes from here on."""


class MechanismTable(Table):
    """An optional mechanism: a table that says anything turns it on."""

    on: bool = word(False, "whether the mechanism is there; a table that says anything turns it on")

    @model_validator(mode="before")
    @classmethod
    def _a_table_that_is_there_is_on(cls, value: Any) -> Any:
        return {**value, "on": True} if isinstance(value, dict) and "on" not in value else value


class Decisions(Table):
    """What one firm decides about a mechanism; a policy may decide otherwise month by month."""


class Draw(NamedTuple):
    """A kind of decision by chance: a name, a code of its own from 2000 up, what k is, what it decides."""

    name: str
    code: int
    k: str
    meaning: str


class Step(NamedTuple):
    """A step of a mechanism: "before" or "after" which stage, and the function (market, own) that does it."""

    when: str
    stage: str
    function: Callable[[Any, Own], None]


class Mechanism(NamedTuple):
    """An optional mechanism.

    Attributes
    ----------
    name : the name of its table. about : what it is, the text on top of its file. table : the class of its parameters.
    decisions : the class of what a firm decides; the table has a field `firms`, a dict of them by firm.
    columns, lines, draws, equations, steps : what it adds, in order.
    blank : column -> value of an empty cell, where that is not 0. Cells are emptied when a slot is refilled.
    limits : column -> its least and most value, where loops look things up by it: a function of a user's is held to it.
    begin : (market, own) -> None, fills its columns and state when a run begins.
    renew : (market, own, ids) -> None, the same for slots that were refilled.
    metrics : name -> (market, own) -> float64 (F,), a column each in the table of months.
    shows : name -> (market, own, firm's number, ids) -> one value a row of the firm's database: what a policy may see
        of it, by `view.seen(mechanism, name)`.
    """

    name: str
    about: str
    table: type[MechanismTable]
    steps: tuple[Step, ...]
    decisions: type[Decisions] | None = None
    columns: tuple[Column, ...] = ()
    lines: tuple[Activity, ...] = ()
    draws: tuple[Draw, ...] = ()
    equations: tuple[Callable[..., Any], ...] = ()
    blank: Mapping[str, float] = {}
    limits: Mapping[str, tuple[int, int]] = {}
    begin: Callable[[Any, Own], None] | None = None
    renew: Callable[[Any, Own, np.ndarray], None] | None = None
    metrics: Mapping[str, Callable[[Any, Own], np.ndarray]] = {}
    shows: Mapping[str, Callable[[Any, Own, int, np.ndarray], np.ndarray]] = {}


class Own:
    """A mechanism in one market.

    Attributes
    ----------
    p : its table of parameters. plans : what each firm decided this month, a `Decisions` each.
    state : name -> array, what it remembers beside columns; part of the state of the market.
    scratch : what one step of a month leaves for another.
    start : columns and state of its first month, once a snapshot of a market without it was restored; None before.
    """

    def __init__(self, mechanism: Mechanism, market: Any) -> None:
        self.mechanism = mechanism
        self.p: Any = getattr(market.tables.mechanisms, mechanism.name)
        self.state: dict[str, np.ndarray] = {}
        self.scratch: dict[str, Any] = {}
        self.start: tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None = None
        self.plans: list[Any] = []
        self._decided: dict[str, Any] = {}
        self._default = mechanism.decisions() if mechanism.decisions else None
        self._draws = {draw.name: draw for draw in mechanism.draws}
        self._purposes: dict[tuple[str, int], Any] = {}
        self._lasting = [
            (column.name, mechanism.blank.get(column.name, 0))
            for column in mechanism.columns
            if not column.kind.startswith("month")
        ]
        self.take_plans(market)

    def take_plans(self, market: Any) -> None:
        """What each firm decides this month: its table, then what its policy planned."""
        if self.mechanism.decisions is None:
            return
        plans = [self.p.firms.get(firm.name, self._default) for firm in market.firms]
        for place, firm in enumerate(market.firms):
            if firm.planned and (planned := firm.planned.get(self.mechanism.name)):
                plans[place] = plans[place].model_copy(update=planned)
        if len(plans) != len(self.plans) or any(map(operator.is_not, plans, self.plans)):
            self.plans, self._decided = plans, {}

    def empty(self, market: Any, ids: np.ndarray) -> None:
        """Slots that were refilled: their cells are emptied, and filled for the newcomers."""
        if not len(ids):
            return
        for name, blank in self._lasting:
            values = getattr(market.customers, name)
            if values.ndim == 1:
                values[ids] = blank  # a sixth of the time of [..., ids]
            else:
                values[:, ids] = blank
        if self.mechanism.renew:
            self.mechanism.renew(market, self, ids)

    @cached_property
    def numbers(self) -> Any:
        """The numbers of its table, as compiled loops take them: `p` of an equation."""
        from sim.compiled import bundle

        table: Any = type(self.p)
        kind = numbers_class(table)
        return bundle(kind(*[getattr(self.p, name) for name in kind._fields]))

    def place(self, market: Any, *lines: str) -> Any:
        """Columns of the ledger's book for some lines."""
        found = [market.ledger.places[line] for line in lines]
        return found if len(found) > 1 else found[0]

    def claim(self, market: Any, draw: str, k: int = 0) -> tuple[int, int, int, int]:
        """Note that a draw is taken now, in a compiled loop; gives month, code and key for its `draw`."""
        one = self._draws[draw]
        if (draw, k) not in self._purposes:
            self._purposes[draw, k] = self._purpose(one, f" {k}")
        market.draws.claim(self._purposes[draw, k])
        return market.month, one.code, *market.draws.key

    def _purpose(self, one: Draw, place: str = "") -> Any:
        from sim.draws import Purpose

        return Purpose(f"{self.mechanism.name}.{one.name}{place}", one.code, 0, one.k, one.meaning)

    def decided(self, name: str) -> np.ndarray:
        """A decision of all firms, float64 (F,), not to be changed; yes and no are 1 and 0."""
        if name not in self._decided:
            found = np.array([float(getattr(plan, name)) for plan in self.plans])
            found.flags.writeable = False
            self._decided[name] = found
        decided: np.ndarray = self._decided[name]
        return decided

    def follows(self, name: str, make: Callable[[], Any]) -> Any:
        """What follows from the firms' decisions and the table alone, not to be changed: made again when a decision changes."""
        key = f"follows {name}"
        if key not in self._decided:
            self._decided[key] = make()
        return self._decided[key]

    def words(self, name: str) -> list[str]:
        """A decision that is a word, firm by firm."""
        return [getattr(plan, name) for plan in self.plans]

    def uniform(self, market: Any, draw: str, ids: np.ndarray, k: Any = 0) -> np.ndarray:
        """Uniform numbers in (0, 1), one a customer of ``ids``; a draw is taken once a month, or once for each single k."""
        if np.ndim(k):
            purpose = self._purpose(self._draws[draw])
            found: np.ndarray = market.draws.uniform(purpose, ids, k, month=market.month)
            return found
        out = np.empty(len(ids))
        draw_rows(ids, int(k), *self.claim(market, draw, k), out)
        return out

    def everybody(self, market: Any, draw: str, k: int = 0) -> np.ndarray:
        """The same of everybody, float64 (N,)."""
        return self.uniform(market, draw, np.arange(len(market.customers)), k)

    @staticmethod
    def room(market: Any) -> tuple[np.ndarray, np.ndarray]:
        """Room for a loop that lists some customers, int64 (N,), and draws for them, float64 (N,)."""
        return np.empty(len(market.customers), dtype=np.int64), np.empty(len(market.customers))

    def trait(self, market: Any, draw: str, ids: np.ndarray, k: Any = 0) -> np.ndarray:
        """Uniform numbers that stay with a person: by slot and generation, whatever the month; not counted as drawn."""
        out = np.empty(len(ids))
        trait_rows(ids, int(k), *self.of_traits(market, draw), out)
        return out

    def of_traits(self, market: Any, draw: str) -> tuple[np.ndarray, int, int, int]:
        """Generations, code and key of a trait, for a loop that draws it: `draw(i, k, generation[i], code, key0, key1)`."""
        key0, key1 = map(int, market.month_of_firms.traits_key)  # the scenario's, in a future too
        return market.customers.generation, self._draws[draw].code, key0, key1

    def charge(self, market: Any, line: str, ids: np.ndarray, money: Any) -> None:
        """Enter money on a line, customer by customer, with their supplier: cents rounded once, half to even.

        Parameters
        ----------
        line : one of the mechanism's lines, or of the ledger's own; its sign says whether money comes in or goes out.
        ids : int (n,), each once; those without supplier are left out. money : one number or (n,).
        """
        c, ledger = market.customers, market.ledger
        each = np.broadcast_to(np.asarray(money, dtype=np.float64), np.shape(ids))
        place = ledger.places[line]
        sign = int(ledger.signs[place]) if ledger.by_customer[place] else 0
        spent = c.month_spent_cents if line == "revenue" else np.empty(0, dtype=np.int64)
        charge_rows(c.supplier, ids, each, place, sign, ledger.current, c.month_profit_cents, spent)

    def tell(self, market: Any, f: int, hearers: np.ndarray, bad: bool) -> None:
        """News of firm f reaches people, before the stage `talk`: they are counted, and beliefs move when it ends.

        Parameters
        ----------
        hearers : int (n,), a number once for each telling.
        """
        c = market.customers
        name = "told_bad" if bad else "told_good"
        np.add.at(getattr(c, name)[f], hearers, np.uint16(1))
        market.ledger.current_counts[f, C[name]] += len(hearers)

    def book(self, market: Any, line: str, money: Any) -> None:
        """Enter money on a line of the firm as a whole: one number, or one a firm."""
        place = market.ledger.places[line]
        if market.ledger.by_customer[place]:
            raise ValueError(f"{line}: is entered customer by customer, with charge")
        market.ledger.current[:, place] += np.rint(np.asarray(money, dtype=np.float64) * 100.0).astype(
            np.int64
        )


def served(market: Any, *, visitors: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Own customers who bought this month, or came for service: their numbers and firms, int64 (n,)."""
    c = market.customers
    ids, firm = np.empty((2, len(c)), dtype=np.int64)
    n = list_rows(c.supplier, c.bought, c.visited if visitors else c.bought, ids, firm)
    return ids[:n], firm[:n]


def under_contract(market: Any) -> bool:
    """Whether customers are bound for a term, with the same bill each month."""
    return bool(market.tables.market.setting == "contract")


def known_supplier(market: Any) -> np.ndarray:
    """The supplier whom each customer lets know who it is, int8 (N,), not to be changed: -1 for nobody, and where its goods are bought at a retailer.

    Behind a retailer no profile is made, no dialogue held and no data taken. `intermediary` says who buys there; without it, the column.
    """
    c, intermediary = market.customers, market.mechanisms.get("intermediary")
    if intermediary is None:
        return c.supplier  # type: ignore[no-any-return]
    if "known_supplier" not in market.shared:
        market.shared["known_supplier"] = known = c.supplier.copy()
        known_rows(c.supplier, intermediary.scratch["there"], known)
    found: np.ndarray = market.shared["known_supplier"]
    return found


def own_heads(market: Any) -> np.ndarray:
    """Own customers of each firm, int64 (F,), not to be changed: counted once for all steps at one place of the month."""
    supplier = market.customers.supplier
    if "own_heads" not in market.shared:
        market.shared["own_heads"] = heads = np.empty(len(market.firms), dtype=np.int64)
        count_rows(supplier, heads)
    found: np.ndarray = market.shared["own_heads"]
    return found


def on_record(market: Any) -> np.ndarray:
    """People in each firm's database, int64 (F,), not to be changed: counted once for all steps at one place of the month."""
    if "on_record" not in market.shared:
        known = [np.count_nonzero(row) for row in market.customers.identified]
        market.shared["on_record"] = np.array(known)
    found: np.ndarray = market.shared["on_record"]
    return found


def own_mean(market: Any, values: np.ndarray) -> np.ndarray:
    """The mean of a column, (N,) or (F, N), over each firm's own customers, NaN without any, (F,)."""
    firms = len(market.firms)
    heads, sums = np.zeros(firms, dtype=np.int64), np.zeros(firms)
    (sum_by_firm if values.ndim == 1 else sum_own_by_firm)(market.customers.supplier, values, heads, sums)
    return np.divide(sums, heads, out=np.full(firms, np.nan), where=heads > 0)


# ---------------------------------------------------------------- what equations are written with


def exp(x: Any) -> Any:
    """Exponential of a number or an array: our own, the same bits on every processor."""
    return _each(*_ours("exp"), x)


def log(x: Any) -> Any:
    """Natural logarithm of a number or an array: our own."""
    return _each(*_ours("log"), x)


def normal(u: Any) -> Any:
    """A standard normal number by inversion of a uniform one."""
    return _each(*_ours("normal"), u)


@cache
def _ours(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function over rows and of one number, read when it is first asked for."""
    from sim import maths

    rows: Callable[..., Any] = getattr(maths, f"{name}_rows")
    return rows, maths.normal_quantile if name == "normal" else getattr(maths, name)


def _each(rows: Callable[..., Any], one: Callable[..., Any], x: Any) -> Any:
    if isinstance(x, float) or np.ndim(x) == 0:
        return float(one(float(x)))
    values = np.ascontiguousarray(x, dtype=np.float64)
    out = np.empty_like(values)
    rows(values.reshape(-1), out.reshape(-1))
    return out


def logistic(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + exp(-np.asarray(x, dtype=np.float64) if np.ndim(x) else -x))


def clip(x: Any, low: float = 0.0, high: float = 1.0) -> Any:
    """The value, or the end of the range that it is beyond."""
    return np.minimum(np.maximum(x, low), high)


def chance(hazard: Any) -> Any:
    """The chance of at least one event: 1 - e^-hazard."""
    return 1.0 - exp(-np.asarray(hazard, dtype=np.float64))


def poisson_totals(means: np.ndarray, most: int = 30) -> np.ndarray:
    """Chances of at most 0, 1, 2 … events of Poisson numbers of some means, float64 (n, most): each is the count of those below a uniform number."""
    totals = np.empty((len(means), most))
    total_rows(means, totals)
    return totals


@loop
def total_rows(means, totals):
    """The same, into ``totals``."""
    for x in range(len(means)):
        term = total = exp(-means[x])
        for k in range(totals.shape[1]):
            totals[x, k] = total
            term = term * means[x] / (k + 1)
            total = total + term
