"""Your own log of purchases in, a fit out."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from sim.calibrate.cleaning import read_purchases
from sim.calibrate.fitted import Fit


def fit(
    log: Any,
    *,
    customer: str | int | None = None,
    date: str | int | None = None,
    amount: str | int | None = None,
    order: str | int | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    new_since: str | datetime.date | None = None,
    until: str | datetime.date | None = None,
    only: str | Sequence[str] | None = None,
    returns: str | Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fit:
    """Fit need, drop-out and spend to your own log of purchases.

    Rows of one order on one day are one purchase; without orders, rows of one customer and day are. The models are BG/NBD
    (how often, and until when; purchases of one day together) and Gamma-Gamma (how much).

    Parameters
    ----------
    log : path, paths, folder or DataFrame
        CSV with any separator, decimal comma, UTF-8, UTF-16 or Latin-1, also in gzip or zip; Parquet.
        "sales_of_pulse.csv" is a simulated log that is shipped, where no file of that name is.
    customer, date, amount, order : str or int, optional
        Columns by name, or by number from 1; guessed unless given, and asked for when in doubt.
    date_format : str, optional
        "day-month", "month-day", or such as "%d.%m.%Y": needed where day and month cannot be told apart.
    decimal : "." or ",", optional
        Needed where amounts such as 1,234 only occur.
    currency : str, optional
        Its name, for headings.
    new_since : date, optional
        First purchases from this day on are of new customers; found from the log unless given.
    until : date, optional
        Later rows are left out; today unless given.
    only : str or strings, optional
        A column and its words, such as "Status=Paid" or "Order Status=Paid,Shipped": other rows are left out. An empty word is
        a blank cell; "Status=all" says that all rows are sales. Needed where a column says that some rows are none.
    returns : str or strings, optional
        A column and its words, such as "type=refund": these rows are money given back, with or without a minus sign.
    progress : callable, optional
        Is given the number of rows read so far, and about how many there are.

    Raises
    ------
    LogError
        The log cannot be read or is in doubt; says where, and what to do.
    CannotFit
        The purchases tell no model; says why.

    Source: Fader, Hardie & Lee 2005, Marketing Science 24(2) and Journal of Marketing Research 42(4); the cleaning
    is ours.
    """
    purchases = read_purchases(
        log,
        date_format=date_format,
        decimal=decimal,
        currency=currency,
        until=until,
        only=only,
        returns=returns,
        progress=progress,
        customer=customer,
        date=date,
        amount=amount,
        order=order,
    )
    return Fit(purchases, new_since)
