"""Purchases in, a row a customer out: what the models of customers without a contract are fitted to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.value.inputs import column, finite


class Histories(NamedTuple):
    """A row a customer, by customer.

    Attributes
    ----------
    customer : (n,) array
        As given. frequency : float64 (n,), repeat purchases. first_to_last, age : float64 (n,), in the unit of the times.
    first : float64 (n,)
        Time of the first purchase.
    monetary : float64 (n,)
        Mean spend on the repeat purchases, money; 0 without repeat purchases or amounts.
    """

    customer: np.ndarray
    frequency: np.ndarray
    first_to_last: np.ndarray
    age: np.ndarray
    first: np.ndarray
    monetary: np.ndarray


def purchase_histories(
    customer: ArrayLike, time: ArrayLike, end: float, *, amount: ArrayLike | None = None
) -> Histories:
    """Purchase histories up to a moment; purchases of one customer at one time are one purchase.

    Parameters
    ----------
    customer : (m,) array
        Who bought, of any type that sorts.
    time : (m,) array
        When: numbers in the unit that the model is to have; for days in weeks, (date - start) / 7.
    end : float
        End of observation in the same unit; later purchases are left out.
    amount : (m,) array, optional
        Money.

    Raises
    ------
    ValueError
        Columns of different lengths, or no purchase up to `end`.

    Examples
    --------
    >>> h = purchase_histories([7, 7, 7, 9], [0.0, 0.0, 3.0, 2.0], 5.0, amount=[10, 5, 20, 8])
    >>> h.frequency, h.first_to_last, h.age, h.monetary
    (array([1., 0.]), array([3., 0.]), array([5., 3.]), array([20.,  0.]))
    """
    who, when = np.asarray(customer), column("time", time)
    money = np.zeros(len(when)) if amount is None else column("amount", amount)
    if not len(who) == len(when) == len(money):
        raise ValueError(
            f"columns differ in length: customer {len(who):,}, time {len(when):,}, amount {len(money):,}"
        )
    kept = when <= finite("end", end)
    if not kept.any():
        raise ValueError(f"time: no purchase up to the end of observation ({end:g})")
    who, when, money = who[kept], when[kept], money[kept]
    order = np.lexsort((when, who))
    who, when, money = who[order], when[order], money[order]
    new_customer = np.r_[True, who[1:] != who[:-1]]
    starts = np.flatnonzero(new_customer | np.r_[True, when[1:] != when[:-1]])
    spent, when = np.add.reduceat(money, starts), when[starts]
    firsts = np.flatnonzero(new_customer[starts])
    purchases = np.diff(np.r_[firsts, len(starts)])
    repeats = purchases - 1.0
    later = np.add.reduceat(spent, firsts) - spent[firsts]
    return Histories(
        who[starts][firsts],
        repeats,
        when[firsts + purchases - 1] - when[firsts],
        end - when[firsts],
        when[firsts],
        np.divide(later, repeats, out=np.zeros(len(firsts)), where=repeats > 0),
    )
