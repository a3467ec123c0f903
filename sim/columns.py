"""The columns: what the market knows of its customers, one array a column.

A column of kind "customer" has one value a customer, shape (N,); of kind "pair" one a firm and
customer, shape (F, N). "month" columns are the month's scratch: they carry values from stage to
stage and are cleared when the month begins; they are not part of the state.
"""

from __future__ import annotations

import difflib
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.scenario.words import AWARE_BY, LEVELS, PENDING_BY, PERMISSIONS, REASONS, WON_BY

if TYPE_CHECKING:
    import pandas as pd


class Column(NamedTuple):
    """A column: name, NumPy dtype, kind (trait, customer, pair, history, month, month pair), unit, meaning."""

    name: str
    dtype: str
    kind: str
    unit: str
    meaning: str
    words: tuple[str, ...] = ()


COLUMNS = (
    # traits: drawn from the customer's segment, by slot and generation
    Column("segment", "uint8", "trait", "code", "which segment, in the order of the scenario"),
    Column("need_rate", "float32", "trait", "occasions a month", "purchase occasions a month"),
    Column("service_need", "float32", "trait", "visits a month", "service visits a month"),
    Column("service_basket", "float32", "trait", "money", "mean spend on one visit at list price"),
    Column("taste", "float32", "trait", "place 0 to 1", "what a message would have to be about"),
    Column(
        "attention",
        "float32",
        "trait",
        "messages a month",
        "messages that can be looked at, all firms together",
    ),
    Column("basket", "float32", "trait", "money", "mean spend on one occasion at list price"),
    Column("price_sensitivity", "float32", "trait", "utility", "utility lost per unit of log price"),
    Column(
        "relationship_orientation",
        "float32",
        "trait",
        "share",
        "0 buys by transaction, 1 seeks collaboration",
    ),
    Column(
        "contact_tolerance",
        "float32",
        "trait",
        "messages a month",
        "messages from one firm borne without irritation",
    ),
    Column("privacy_concern", "float32", "trait", "share", "reluctance to be known"),
    Column("service_intensity", "float32", "trait", "multiple", "multiplier of the cost to serve"),
    Column("exit_rate", "float32", "trait", "chance", "chance, per expected purchase, that the need ends"),
    # state of the customer
    Column("supplier", "int8", "customer", "firm", "the supplier, -1 none"),
    Column("satisfaction", "float32", "customer", "-1 to 1", "running disconfirmation, 0 as expected"),
    Column("loyalty", "float32", "customer", "share", "loyalty to the supplier"),
    Column("trust", "float32", "customer", "share", "trust in the supplier"),
    Column("tie", "float32", "customer", "share", "structural tie to the supplier"),
    Column("tenure", "uint16", "customer", "months", "months with the supplier"),
    Column("pending", "uint8", "customer", "yes or no", "the next occasion will be a free choice"),
    Column("pending_by", "uint8", "customer", "code", "what set it", PENDING_BY),
    Column("products", "uint8", "customer", "products", "products bought from the supplier, 1 to 5"),
    Column("tier", "uint8", "customer", "tiers", "tier with the supplier, 0 to 2"),
    Column("mood", "int8", "customer", "-1, 0, 1", "mood of the month: unhappy, none, happy"),
    Column("mood_firm", "int8", "customer", "firm", "the firm that the mood is about, -1 none"),
    Column("generation", "uint16", "customer", "generations", "how often the slot was refilled"),
    Column("bonded", "uint8", "customer", "yes or no", "set-up of the structural bond is paid"),
    Column("level", "uint8", "customer", "code", "relationship level this month", LEVELS),
    Column("discount", "float32", "customer", "share", "discount this month"),
    Column("purchases", "uint16", "customer", "purchases", "purchases from the supplier"),
    Column("visits", "uint16", "customer", "visits", "service visits at the supplier"),
    Column("spent_cents", "int64", "customer", "cents", "spend with the supplier"),
    Column("profit_cents", "int64", "customer", "cents", "profit for the supplier"),
    Column("year_spent_cents", "int64", "customer", "cents", "spend with the supplier since January"),
    Column("year_profit_cents", "int64", "customer", "cents", "profit for the supplier since January"),
    Column("left_from", "int8", "customer", "firm", "the supplier left last, -1 never"),
    Column("left_for", "int8", "customer", "firm", "for which firm, -1 none"),
    Column("left_because", "uint8", "customer", "code", "the true reason", REASONS),
    Column("left_month", "int16", "customer", "month", "when, -1 never"),
    Column(
        "hurt", "float32", "customer", "utility", "how much failures lowered the belief about the supplier"
    ),
    Column("annoyed", "float32", "customer", "attitude", "brand lost to the supplier's messages"),
    Column("bond_peak", "float32", "customer", "utility", "largest bond with the supplier so far"),
    Column("won_by", "uint8", "customer", "code", "what won the customer for the supplier", WON_BY),
    Column("teller", "int32", "customer", "customer", "who referred last, -1 nobody"),
    Column("teller_firm", "int8", "customer", "firm", "to which firm, -1 none"),
    Column(
        "supplier_history",
        "int8",
        "history",
        "firm",
        "supplier at the last 12 month-ends, -1 none or refilled",
    ),
    # the pair of a firm and a customer
    Column("belief", "float32", "pair", "utility", "expected quality"),
    Column("brand", "float32", "pair", "-1 to 1", "attitude beyond experience"),
    Column("fatigue", "float32", "pair", "share", "wear-out of the firm's messages"),
    Column("heard", "float32", "pair", "utility", "the part of the belief that came from others"),
    Column("permission", "uint8", "pair", "code", "consent to be written to", PERMISSIONS),
    Column("asked", "uint16", "pair", "1 + month", "last request for permission or opt-out, 0 never"),
    Column("offered", "uint16", "pair", "1 + month", "last win-back offer, 0 never"),
    Column(
        "identified",
        "uint16",
        "pair",
        "purchases",
        "purchases and visits on record; 1 or more: in the database",
    ),
    Column("aware", "uint8", "pair", "yes or no", "knows the firm"),
    Column("aware_month", "int16", "pair", "month", "since when, -1 from the start or never"),
    Column("aware_by", "uint8", "pair", "code", "through what", AWARE_BY),
    Column("barred", "uint8", "pair", "yes or no", "was fired by the firm"),
    Column("complaints", "uint8", "pair", "complaints", "complaints on record"),
    Column("reads", "uint16", "pair", "months", "months with a read message on record"),
    Column("first_on_record", "int16", "pair", "month", "first month on record (below 0: before the start)"),
    Column("last_purchase", "int16", "pair", "month", "last month with a purchase or visit on record"),
    Column("sold", "uint8", "pair", "code", "products and tier on record: products + 16 * tier"),
    Column("spent", "float32", "pair", "money", "spend on record"),
    Column("recent_spend", "float32", "pair", "money", "spend on record, fading by a twelfth a month"),
    Column("recent_profit", "float32", "pair", "money", "profit on record, fading by a twelfth a month"),
    # the month's scratch
    Column("social", "uint8", "month", "yes or no", "social bond this month"),
    Column("structural", "uint8", "month", "yes or no", "structural bond this month"),
    Column("fired_by", "int8", "month", "firm", "the firm that fired the customer this month, -1 none"),
    Column("supplier_before", "int8", "month", "firm", "the supplier when `buy` began"),
    Column("bought", "uint8", "month", "purchases", "purchases this month"),
    Column("visited", "uint8", "month", "visits", "service visits this month"),
    Column("failed", "uint8", "month", "yes or no", "a failure at the supplier this month"),
    Column("month_spent_cents", "int64", "month", "cents", "spend with the supplier this month"),
    Column("month_profit_cents", "int64", "month", "cents", "profit for the supplier this month"),
    Column("left_now", "uint8", "month", "1 + code", "reason of a departure in this stage, 0 none"),
    Column("left_tenure", "uint16", "month", "months", "tenure at that departure"),
    Column("messages", "uint8", "month pair", "messages", "messages planned for the customer"),
    Column(
        "relevance", "float32", "month pair", "share", "relevance of this month's read message, 0 not read"
    ),
    Column("offer", "float32", "month pair", "share", "win-back discount offered this month, 0 none"),
    Column("offer_read", "uint8", "month pair", "yes or no", "that offer was read"),
    Column("told_bad", "uint16", "month pair", "tellings", "bad news of the firm heard this month"),
    Column("told_good", "uint16", "month pair", "tellings", "good news of the firm heard this month"),
)

BY_NAME = {column.name: column for column in COLUMNS}
STATE = tuple(c.name for c in COLUMNS if not c.kind.startswith("month"))
SCRATCH = tuple(c.name for c in COLUMNS if c.kind.startswith("month"))
BLANK = {"supplier": -1, "mood_firm": -1, "left_from": -1, "left_for": -1, "left_month": -1, "teller": -1, "teller_firm": -1,
         "supplier_history": -1, "aware_month": -1, "fired_by": -1, "supplier_before": -1, "products": 1, "last_purchase": -1}  # fmt: skip
"""Values of empty cells that are not 0."""


def shape_of(column: Column, customers: int, firms: int) -> tuple[int, ...]:
    """The array shape of a column in a market of so many customers and firms."""
    if column.kind in ("pair", "month pair"):
        return (firms, customers)
    return (12, customers) if column.kind == "history" else (customers,)


def bytes_per_customer(firms: int, more: Sequence[Column] = ()) -> int:
    """Bytes that all columns take a customer, at so many firms; ``more`` are those of optional mechanisms."""
    return sum(np.dtype(c.dtype).itemsize * int(np.prod(shape_of(c, 1, firms))) for c in (*COLUMNS, *more))


def column_tuple(name: str, names: Sequence[str], module: str) -> Any:
    """A namedtuple class of columns, for a compiled loop; refuses a name that is no column."""
    for each in names:
        known_column(each)
    return namedtuple(name, list(dict.fromkeys(names)), module=module)


def known_column(name: str, columns: Mapping[str, Column] = BY_NAME) -> Column:
    """The column of a name; an unknown one gets the nearest right name."""
    if name not in columns:
        near = difflib.get_close_matches(name, columns, 1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        raise AttributeError(f'column: unknown (got "{name}"){hint}')
    return columns[name]


class CustomerRow:
    """One customer, seen as a row: `market.customers[42].loyalty`; pairs give one value a firm."""

    __slots__ = ("_customers", "unique_id")

    def __init__(self, customers: Customers, unique_id: int) -> None:
        object.__setattr__(self, "_customers", customers)
        object.__setattr__(self, "unique_id", unique_id)

    @property
    def model(self) -> Any:
        """The market, in Mesa's word."""
        return self._customers._model

    def __getattr__(self, name: str) -> Any:
        column = known_column(name, self._customers.known)
        values = getattr(self._customers, name)
        if column.kind in ("pair", "month pair", "history"):
            return values[:, self.unique_id]
        return values[self.unique_id].item()

    def __setattr__(self, name: str, value: Any) -> None:
        known_column(name, self._customers.known)
        getattr(self._customers, name)[..., self.unique_id] = value

    def __repr__(self) -> str:
        shown = ("supplier", "satisfaction", "loyalty", "trust", "tenure", "mood")
        text = ", ".join(f"{name}={getattr(self, name):.3g}" for name in shown)
        return f"<customer {self.unique_id}: {text}>"


class Customers:
    """All customers of a market: one array a column, and the words of an AgentSet.

    Parameters
    ----------
    customers : number of slots N.
    firms : number of firms F.
    more : columns that optional mechanisms add, and the values of their empty cells that are not 0.

    Attributes
    ----------
    columns : tuple of Column, all that there are here. known : the same by name.
    state : names of those that are no scratch.
    """

    columns: tuple[Column, ...]
    known: dict[str, Column]
    state: tuple[str, ...]

    def __init__(
        self,
        customers: int,
        firms: int,
        more: Sequence[Column] = (),
        blank: Mapping[str, float] | None = None,
    ) -> None:
        self._n = customers
        self._firms = firms
        self.__dict__["columns"] = (*COLUMNS, *more)
        self.__dict__["known"] = {column.name: column for column in self.columns}
        self.__dict__["state"] = tuple(c.name for c in self.columns if not c.kind.startswith("month"))
        self._blank = {**BLANK, **(blank or {})}
        self._model: Any = None
        self._bundles: dict[Any, Any] = {}
        for column in self.columns:
            array = np.zeros(shape_of(column, customers, firms), dtype=column.dtype)
            if column.name in self._blank:
                array.fill(self._blank[column.name])
            self.__dict__[column.name] = array

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "known" not in self.__dict__:
            raise AttributeError(name)
        known_column(name, self.known)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            self.__dict__[name] = value
            return
        known_column(name, self.known)
        self.__dict__[name][...] = value

    def clear_scratch(self) -> None:
        """Empty the month's scratch; a row that nobody wrote to is left alone, and so takes no memory."""
        for column in self.columns:
            if column.kind.startswith("month"):
                blank = self._blank.get(column.name, 0)
                for row in np.atleast_2d(self.__dict__[column.name]):
                    if blank or row.view(np.bool_).any():
                        row.fill(blank)

    def pick(self, kind: Any) -> Any:
        """The columns that a namedtuple class names, as that tuple."""
        return kind(*[self.__dict__[name] for name in kind._fields])

    def bundle(self, kind: Any) -> Any:
        """The same columns, for compiled loops."""
        from sim.compiled import bundle

        if kind not in self._bundles:
            self._bundles[kind] = bundle(self.pick(kind))
        return self._bundles[kind]

    # ------------------------------------------------ in an AgentSet's words

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[CustomerRow]:
        return (CustomerRow(self, i) for i in range(self._n))

    def __getitem__(self, i: int | slice) -> Any:
        if isinstance(i, slice):
            return [CustomerRow(self, j) for j in range(*i.indices(self._n))]
        j = int(i)
        if not -self._n <= j < self._n:
            raise IndexError(f"customer: must be 0 to {self._n - 1} (got {i})")
        return CustomerRow(self, j % self._n)

    @property
    def ids(self) -> np.ndarray:
        """The customers' numbers, 0 to N - 1."""
        return np.arange(self._n)

    def select(self, condition: Any = None) -> CustomerGroup:
        """The customers for whom a condition holds: a boolean array, or a function of a row."""
        return CustomerGroup(self, np.arange(self._n)).select(condition)

    def get(self, names: str | Sequence[str]) -> Any:
        """A column's values, or a list of several columns' values."""
        return CustomerGroup(self, np.arange(self._n)).get(names)

    def set(self, name: str, value: Any) -> Customers:
        """Give a column a value, or one value a customer."""
        setattr(self, name, value)
        return self

    def agg(self, name: str, function: Callable[..., Any]) -> Any:
        """A function of a column's values, for example `np.mean`."""
        return function(self.get(name))

    def groupby(self, name: str) -> dict[Any, CustomerGroup]:
        """Groups of customers by a column's value."""
        return CustomerGroup(self, np.arange(self._n)).groupby(name)

    def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Customers:
        """Call a function with each row; slow, for small markets and for reading."""
        for row in self:
            function(row, *args, **kwargs)
        return self

    def frame(self, *, pairs: bool = False, firms: Sequence[str] | None = None) -> pd.DataFrame:
        """The customers as a pandas table, one row each; `pairs` adds a column a firm and pair."""
        import pandas as pd

        names = [c for c in self.columns if c.kind in ("trait", "customer")]
        data: dict[str, Any] = {"customer": np.arange(self._n)}
        data.update({c.name: getattr(self, c.name) for c in names})
        if pairs:
            labels = list(firms or [str(f) for f in range(self._firms)])
            for column in (c for c in self.columns if c.kind == "pair"):
                for f, label in enumerate(labels):
                    data[f"{column.name} {label}"] = getattr(self, column.name)[f]
        return pd.DataFrame(data).copy()


class CustomerGroup:
    """Some of the customers, by their numbers, in an AgentSet's words."""

    def __init__(self, customers: Customers, ids: np.ndarray) -> None:
        self.customers = customers
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[CustomerRow]:
        return (CustomerRow(self.customers, int(i)) for i in self.ids)

    def select(self, condition: Any = None) -> CustomerGroup:
        """Those for whom a condition holds: a boolean array, or a function of a row."""
        if condition is None:
            return self
        if callable(condition):
            chosen = np.fromiter((bool(condition(row)) for row in self), dtype=bool, count=len(self))
        else:
            chosen = np.asarray(condition, dtype=bool)
            if chosen.shape == (len(self.customers),) and len(self) != len(self.customers):
                chosen = chosen[self.ids]
        return CustomerGroup(self.customers, self.ids[chosen])

    def get(self, names: str | Sequence[str]) -> Any:
        """A column's values, or a list of several columns' values."""
        if isinstance(names, str):
            known_column(names, self.customers.known)
            return getattr(self.customers, names)[..., self.ids]
        return [self.get(name) for name in names]

    def set(self, name: str, value: Any) -> CustomerGroup:
        """Give a column a value, or one value a customer of the group."""
        known_column(name, self.customers.known)
        getattr(self.customers, name)[..., self.ids] = value
        return self

    def agg(self, name: str, function: Callable[..., Any]) -> Any:
        """A function of a column's values."""
        return function(self.get(name))

    def groupby(self, name: str) -> dict[Any, CustomerGroup]:
        """Groups by a column's value, in ascending order of the value."""
        values = self.get(name)
        return {v.item(): CustomerGroup(self.customers, self.ids[values == v]) for v in np.unique(values)}

    def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> CustomerGroup:
        """Call a function with each row."""
        for row in self:
            function(row, *args, **kwargs)
        return self
