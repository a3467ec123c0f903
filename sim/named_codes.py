"""Columns of codes that compare with the words people write: `market.customers.supplier == "Corner"`."""

from __future__ import annotations

import difflib
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import Column, Customers

if TYPE_CHECKING:
    from sim.market import Market


NOBODY = 127
"""A code that no customer has."""

other_scenarios: ContextVar[set[str] | None] = ContextVar("other_scenarios", default=None)
"""Where it is a set, firms and segments that the market has not are added to it, and no customer has them, instead of an
error: a function may be for another scenario."""


class CodeWords:
    """The words of a column by code, 0 first, and what to say of a text that is none of them."""

    __slots__ = ("column", "meaning", "of_scenario", "words")

    def __init__(
        self, column: str, words: tuple[str, ...], meaning: str = "", *, of_scenario: bool = False
    ) -> None:
        self.column, self.words, self.meaning, self.of_scenario = column, words, meaning, of_scenario

    def code(self, given: Any) -> Any:
        """What is given, words as their codes; ValueError names a text that is no word here, with the right ones."""
        if isinstance(given, str):
            if given in self.words:
                return self.words.index(given)
            if not self.words:
                raise ValueError(
                    f'{self.column}: holds numbers ({self.meaning}), so it compares with a number (got "{given}")'
                )
            elsewhere = other_scenarios.get()
            if self.of_scenario and elsewhere is not None:
                elsewhere.add(given)
                return NOBODY
            near = difflib.get_close_matches(given, self.words, 1)
            hint = f'did you mean "{near[0]}"? They' if near else "they"
            raise ValueError(
                f'{self.column}: "{given}" is none of its words; {hint} are {", ".join(self.words)}'
            )
        if isinstance(given, (list, tuple)) or (isinstance(given, np.ndarray) and given.dtype.kind in "UO"):
            return np.array([self.code(each) for each in np.asarray(given, dtype=object).ravel()]).reshape(
                np.shape(given)
            )
        if isinstance(given, (set, frozenset)):
            return self.code(list(given))
        return np.asarray(given) if isinstance(given, Codes) else given


class Code(int):
    """One code of a column; it equals its number and its word."""

    _words: CodeWords

    def __eq__(self, other: object) -> Any:
        return int(self) == self._words.code(other)

    def __ne__(self, other: object) -> Any:
        return int(self) != self._words.code(other)

    def __hash__(self) -> int:
        return int.__hash__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (int(self),)

    def item(self) -> Code:
        """Itself, as NumPy's numbers give their own."""
        return self


class Codes(np.ndarray):
    """A column of codes, as its array, that compares with words too; a text that is no word here is refused.

    A part of it is one as well; what is reckoned from it is a plain array.
    """

    _words: CodeWords

    def __array_finalize__(self, made_of: Any) -> None:
        if made_of is not None:
            self._words = getattr(made_of, "_words", None)  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        return np.asarray(self) == self._words.code(other)

    def __ne__(self, other: object) -> Any:
        return np.asarray(self) != self._words.code(other)

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(part, np.integer):
            part = Code(part)
            part._words = self._words
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        np.asarray(self)[key] = self._words.code(value)

    def __array_ufunc__(self, ufunc: Any, method: str, *given: Any, out: Any = None, **named: Any) -> Any:
        if out is not None:
            named["out"] = tuple(_plain(each) for each in out)
        done = getattr(ufunc, method)(*map(_plain, given), **{k: _plain(v) for k, v in named.items()})
        return out[0] if out is not None and len(out) == 1 else done

    def __array_function__(self, function: Any, types: Any, given: Any, named: Any) -> Any:
        if function is np.isin:  # the one way of comparing that asks no array for it
            given = (*given[:1], *map(self._words.code, given[1:2]), *given[2:])
        return function(*_plain(given), **_plain(named))

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()


def _plain(given: Any) -> Any:
    """What is given, with plain arrays in the place of columns of codes."""
    if isinstance(given, Codes):
        return given.view(np.ndarray)
    if isinstance(given, (list, tuple)) and any(isinstance(each, (Codes, list, tuple)) for each in given):
        return type(given)(map(_plain, given)) if type(given) in (list, tuple) else given
    if isinstance(given, dict):
        return {name: _plain(each) for name, each in given.items()}
    return given


def codes(values: np.ndarray, words: CodeWords) -> Codes:
    """A column's array, not copied, that compares with these words."""
    column = values.view(Codes)
    column._words = words
    return column


def for_people(market: Market) -> Customers:
    """The market's customers, the same arrays, whose columns of whole numbers compare with words; for a function of the user's."""
    customers = market.customers
    named = object.__new__(
        _named_kind(customers.columns, tuple(market.tables.firms), tuple(market.tables.segments))
    )
    object.__setattr__(named, "__dict__", customers.__dict__)
    return named


@cache
def _named_kind(
    columns: tuple[Column, ...], firms: tuple[str, ...], segments: tuple[str, ...]
) -> type[Customers]:
    """The kind of customers that have these columns, firms and segments."""

    def column_of(column: Column) -> property:
        words = firms if column.unit == "firm" else segments if column.name == "segment" else column.words
        by_name = column.unit == "firm" or column.name == "segment"
        said = CodeWords(
            f"column {column.name}", words, f"{column.unit}: {column.meaning}", of_scenario=by_name
        )
        return property(lambda customers: codes(customers.__dict__[column.name], said))

    own: dict[str, Any] = {c.name: column_of(c) for c in columns if np.dtype(c.dtype).kind in "iu"}
    own["__setattr__"] = _set
    return type("Customers", (Customers,), own)


def _set(customers: Any, name: str, value: Any) -> None:
    """A column's new values, words as their codes."""
    if isinstance(getattr(type(customers), name, None), property) and name in customers.known:
        getattr(customers, name)[...] = value
    else:
        Customers.__setattr__(customers, name, value)
