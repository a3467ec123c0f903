"""What the models of customers without a contract share: their rows, their fit, their discounted purchases."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from sim.value.estimation import SAMPLE, CannotFit, Fitted, Likelihood, Problem, maximise
from sim.value.inputs import columns, equal_rows, finite, law, positive


class Rows(NamedTuple):
    """Distinct histories, time in units of the mean age; `n` customers each.

    `values` are the distinct frequencies and `heads` the customers with each, for what depends on the frequency only.
    """

    x: np.ndarray
    last: np.ndarray
    age: np.ndarray
    n: np.ndarray
    values: np.ndarray
    heads: np.ndarray


def rows_of(x: np.ndarray, last: np.ndarray, age: np.ndarray, n: np.ndarray) -> Rows:
    """Rows with the distinct frequencies beside them."""
    values, inverse = np.unique(x, return_inverse=True)
    return Rows(x, last, age, n, values, np.bincount(inverse, n))


class BuyingModel(Fitted):
    """Customers buy at random times at a rate of their own, until they silently stop.

    A purchase history is `frequency` (repeat purchases), `first_to_last` (time from the first purchase to the last)
    and `age` (time from the first purchase to the end of observation), in one unit of time.
    """

    time_names: ClassVar[tuple[str, ...]] = ()
    starts: ClassVar[Sequence[tuple[float, ...]]] = ()
    """The shape r, then the drop-out parameters, for a mean age of 1; alpha follows from the rate."""

    @classmethod
    def fit(
        cls,
        frequency: ArrayLike,
        first_to_last: ArrayLike,
        age: ArrayLike,
        *,
        counts: ArrayLike | None = None,
    ) -> Self:
        """The most likely parameters; equal rows are counted once, so that a million customers take seconds.

        Parameters
        ----------
        frequency : (n,) array
            Repeat purchases, whole, 0 or more: the first purchase is not counted.
        first_to_last : (n,) array
            Time from the first to the last purchase, 0 to `age`; 0 without repeat purchases.
        age : (n,) array
            Time from the first purchase to the end of observation, above 0.
        counts : (n,) array, optional
            Customers that each row stands for.

        Raises
        ------
        ValueError
            Rows that are no purchase histories.
        CannotFit
            The rows do not tell the parameters; says why, and what to do.
        """
        x, last, total, n = columns(counts, frequency=frequency, first_to_last=first_to_last, age=age)
        _check(x, last, total)
        x, last, total, n = equal_rows(x, last, total, counts=n)
        if not x.any():
            raise CannotFit("nobody bought again; a longer time of observation is needed")
        unit = float(n @ total / n.sum())
        rows = rows_of(x, last / unit, total / unit, n)
        rate = float(n @ x / (n @ rows.age))
        step = math.ceil(len(x) / SAMPLE)
        part = rows_of(*(column[::step] for column in rows[:4])) if step > 1 else None
        problem = Problem(
            cls.names,
            cls._likelihood(rows),
            [(start[0], start[0] / rate, *start[1:]) for start in cls.starts],
            lambda logs: cls._why(np.exp(logs), rate / unit, unit),
            None if part is None else cls._likelihood(part),
            1.0 if part is None else float(n.sum() / part.n.sum()),
        )
        found = maximise(problem)
        model = cls(
            *(
                value * (unit if name in cls.time_names else 1.0)
                for name, value in zip(cls.names, found.values.tolist(), strict=True)
            )
        )
        model._keep(found, float(n.sum()), -float(n @ x) * math.log(unit))
        return model

    @classmethod
    def _likelihood(cls, rows: Rows) -> Likelihood:
        raise NotImplementedError

    @classmethod
    def _why(cls, values: np.ndarray, rate: float, unit: float) -> str:
        raise NotImplementedError

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Repeat purchases that a new customer is expected to make up to time t."""
        raise NotImplementedError

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, first_to_last: ArrayLike, age: ArrayLike
    ) -> Any:
        """Purchases that a customer with this history is expected to make in the next t."""
        raise NotImplementedError

    def discounted_purchases(
        self,
        years: float,
        discount: float,
        frequency: ArrayLike,
        first_to_last: ArrayLike,
        age: ArrayLike,
        *,
        per_year: float,
    ) -> Any:
        """Purchases expected in the years to come, discounted month by month at each month's end.

        Parameters
        ----------
        years : float
            Horizon, above 0; whole months count.
        discount : float
            A year, above -1.
        frequency, first_to_last, age : float or (n,) array
            Purchase histories.
        per_year : float
            Units of time in a year: 52.18 for weeks, 12 for months.

        Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4) 415-430, in steps of a month.
        """
        positive("years", years)
        month = positive("per_year", per_year) / 12.0
        value: Any = 0.0
        before: Any = 0.0
        for k in range(1, math.floor(12 * years + 1e-9) + 1):
            upto = self.conditional_expected_purchases(k * month, frequency, first_to_last, age)
            value = value + (upto - before) * (1.0 + discount) ** (-k / 12.0)
            before = upto
        return value


def _check(x: np.ndarray, last: np.ndarray, age: np.ndarray) -> None:
    """Refuse what is no purchase history."""
    law("frequency", x, (x < 0) | (x != np.floor(x)), "repeat purchases are whole numbers of 0 or more")
    law("age", age, age < 0, "time since the first purchase, 0 or more")
    law("first_to_last", last, (last < 0) | (last > age), "time of 0 to age")
    law("first_to_last", last, (last > 0) & (x == 0), "0 for who never bought again")
    law("age", age, (age == 0) & (x > 0), "above 0 for who bought again")
    law("first_to_last", last, (last == 0) & (x > 0), "above 0 for who bought again (one purchase a day)")


def histories(**given: ArrayLike) -> tuple[tuple[np.ndarray, ...], Callable[[np.ndarray], Any]]:
    """Arguments of one shape, and what turns a result back into a float where all were floats."""
    arrays = np.broadcast_arrays(*(finite(name, value) for name, value in given.items()))
    single = arrays[0].ndim == 0
    flat = {name: np.atleast_1d(array) for name, array in zip(given, arrays, strict=True)}
    if "t" in flat:
        law("t", flat["t"], flat["t"] < 0, "time of 0 or more")
    if "frequency" in flat:
        _check(flat["frequency"], flat["first_to_last"], flat["age"])
    return tuple(flat.values()), lambda result: float(result[0]) if single else result
