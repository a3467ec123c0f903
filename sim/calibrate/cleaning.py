"""Rows in, purchases out: what was left out, why, and how much of the rows and of the money it was."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.calibrate.currencies import one_currency
from sim.calibrate.guessing import Roles, find_roles, shown
from sim.calibrate.kinds import Kinds
from sim.calibrate.reading import InDoubt, LogError, pieces, refuse_lists, rows_about
from sim.calibrate.sieving import (
    EPOCH,
    NO_ORDER,
    Rows,
    Sieve,
    far_behind,
    first_of_each,
    in_another_file,
    lines_of,
    most_paid,
    orders_of,
    without_tills,
)
from sim.calibrate.values import (
    NO_CENTS,
    NO_DAY,
    DateForm,
    cents,
    date_form,
    days,
    decimal_of,
    has_times,
    marked,
    texts,
)
from sim.memory import free_memory, told

BYTES = 300
"""Of memory a row of a log takes at the peak: measured (benchmarks/own_data.py)."""

DAY = "\0day"
"""A column that no log has."""


class Purchases(NamedTuple):
    """Purchases by customer and day, sorted; `orders` of that day are together.

    `report` has a row for what was read, kept and left out, and why; `layout` says which column is which;
    `notes` are for the first page; amounts above `beyond`, in cents, are beyond all others.
    """

    customer: np.ndarray
    day: np.ndarray
    cents: np.ndarray
    orders: np.ndarray
    ids: pd.Index
    report: pd.DataFrame
    layout: str
    currency: str
    notes: tuple[str, ...] = ()
    beyond: float = np.inf

    def up_to(self, day: int) -> Purchases:
        """What the log would have been on that day; `report` stays that of the whole."""
        kept = self.day <= day
        there, customer = np.unique(self.customer[kept], return_inverse=True)
        return self._replace(customer=customer, day=self.day[kept], cents=self.cents[kept], orders=self.orders[kept],
                             ids=self.ids[there])  # fmt: skip


def read_purchases(
    log: Any,
    *,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    until: str | datetime.date | None = None,
    only: str | Sequence[str] | None = None,
    returns: str | Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    **columns: Any,
) -> Purchases:
    """Read a log whole and clean it. Arguments as in `fit`."""
    last = day_of(until or datetime.date.today(), "until")
    said = until is not None
    first = next(iter(pieces(log, 20_000)), None)
    if first is None or not len(first.table):
        raise LogError("the log has no rows")
    about = rows_about(log)
    _refuse_if_too_large(about)
    roles = find_roles(first.table.head(1_000), **columns)
    kinds = Kinds(first.table, roles, only, returns)
    refuse_lists(first, roles)
    form, mark = _forms(log, roles, date_format, decimal)
    times = has_times(first.table[roles.date])
    rows, asked_for, beside, column = _all_rows(log, roles, kinds, form, mark, times, progress, about)
    kinds.refuse_doubts()
    sure = _tells_lines_apart(first.table, roles, times, days(first.table[roles.date], form))
    name = one_currency(beside, column, currency, asked_for)
    bought = _cleaned(rows, roles, kinds, last, shown(first.table.head(3), roles), name, sure, said)
    if form.format != "serial":
        return bought
    k = int((rows.day[: len(first.table)] != NO_DAY).argmax())
    number, day = first.table[roles.date].iloc[k], EPOCH + np.timedelta64(int(rows.day[k]), "D")
    how = f"{roles.date}: numbers are taken for days as spreadsheets count them, {number} for {day}"
    return bought._replace(notes=(how, *bought.notes))


def day_of(asked: str | datetime.date, name: str) -> int:
    """A day that was asked for by `name`; of texts only 2024-01-31 is sure to mean one."""
    try:
        date = datetime.date.fromisoformat(asked) if isinstance(asked, str) else asked
        return int((np.datetime64(pd.Timestamp(date), "D") - EPOCH).astype(int))
    except (ValueError, TypeError) as fault:
        raise LogError(f'{name}: a date such as 2024-01-31 (got "{asked}")') from fault


def _refuse_if_too_large(rows: int) -> None:
    free, where = free_memory()
    if rows * BYTES > free:
        raise LogError(
            f"about {rows:,} rows need {told(rows * BYTES)} of memory, and {told(free)} are free {where}; "
            "take every row of a part of the customers, such as those whose number ends in 7, or a shorter time"
        )


def _forms(log: Any, roles: Roles, date_format: str | None, decimal: str | None) -> tuple[DateForm, str]:
    """How dates and amounts are written; as many rows are looked at as it takes."""
    form: DateForm | None = None
    mark: str | None = None
    example: Any = ""
    unclear: list[str] = []
    for piece in pieces(log):
        dates, amounts = piece.table[roles.date], piece.table[roles.amount]
        example = example or dates.iloc[0]
        form = form or date_form(dates, date_format, roles.date)
        mark = mark or decimal_of(amounts, decimal, roles.amount)
        if form and mark:
            return form, mark
        unclear = unclear or marked(amounts).head(1).tolist()
    if form is None:
        raise InDoubt(
            f'{roles.date}: dates such as "{example}" could be day-month or month-day in every row: '
            "say --date-format day-month, or month-day",
            "date_format",
            ("day-month", "month-day"),
        )
    if not (mark or unclear):
        return form, "."
    raise InDoubt(
        f"{roles.amount}: amounts such as {unclear[0]} could be thousands or decimals in every row: say --decimal . or ,",
        "decimal",
        (".", ","),
    )


def _all_rows(
    log: Any,
    roles: Roles,
    kinds: Kinds,
    form: DateForm,
    mark: str,
    times: bool,
    progress: Callable[[int, int], None] | None,
    about: int,
) -> tuple[Rows, int, Counter[str], Counter[str]]:
    """All rows; how many were asked for, and of these what stands beside how many amounts and in the column of currencies."""
    codes: dict[str, int] = {}
    parts: list[tuple[np.ndarray, ...]] = []
    beside, column = Counter[str](), Counter[str]()
    done, asked_for, files = 0, 0, list[tuple[str, int]]()
    for piece in pieces(log):
        table = piece.table
        done += len(table)
        if missing := {name for name in roles if name and name not in table.columns}:
            raise LogError(f"{piece.name}: there is no column {', '.join(sorted(missing))}")
        refuse_lists(piece, roles)
        order = _hashed(table[roles.order]) if roles.order else np.zeros(0, dtype=np.uint64)
        out = kinds.left_out(table, order)
        money, marks = cents(table[roles.amount], mark, piece.name, piece.first)
        asked_for += int((~out).sum())
        if out.any():
            _, marks = cents(table[roles.amount][~out], mark)
        money = kinds.signed(table, money, out, mark)
        beside.update(marks)
        if roles.currency:
            named = texts(table[roles.currency][~out]).value_counts()
            column.update({str(written): int(n) for written, n in named.items() if written})
        who, day = _codes(table[roles.customer], codes), days(table[roles.date], form)
        rest = table[_others(table, roles, times)]
        whole = _row_marks(rest, who, day, money, *([order] if roles.order else []))
        parts.append((who, day, money, order, whole))
        files += [(piece.name, done - len(table))] if piece.first == 1 else []
        if progress:
            progress(done, max(about, done))
    customer, day, money, order, whole = (np.concatenate(part) for part in zip(*parts, strict=True))
    ids = pd.Index(list(codes), dtype=object)
    return Rows(customer, day, money, order, whole, ids, files), asked_for, beside, column


def _others(table: pd.DataFrame, roles: Roles, times: bool) -> list[str]:
    """The columns that may tell rows of one order apart."""
    return [name for name in table.columns if name not in roles or (times and name == roles.date)]


def _tells_lines_apart(table: pd.DataFrame, roles: Roles, times: bool, day: np.ndarray) -> bool:
    """Whether two rows that are alike in all columns are one row twice, not two equal lines of a receipt.

    They are where orders have one row each, or where a line number, an article or a time differs within orders.
    The rows of one order are those of one customer and day. Where all that is sold has one price, and nothing but the
    amount could differ, they are not.
    """
    others = _others(table, roles, times)
    if not roles.order:
        return times
    lines = table.assign(**{DAY: day}).drop_duplicates()
    an_order = [roles.order, roles.customer, DAY]
    lines = lines[lines.duplicated(an_order, keep=False) & (texts(lines[roles.order]) != "")]
    if not len(lines):
        return bool(others) or table[roles.amount].nunique() > 1
    return bool(others) and bool(
        (lines.groupby(an_order, observed=True)[others].nunique(dropna=False) > 1).any(axis=None)
    )


def _codes(names: pd.Series, codes: dict[str, int]) -> np.ndarray:
    """A number a customer, the same in every piece; -1 without one."""
    local, unique = pd.factorize(names, use_na_sentinel=False)
    known = [codes.setdefault(name, len(codes)) if name else -1 for name in texts(pd.Series(unique)).tolist()]
    return np.array(known, dtype=np.int32)[local]


def _hashed(names: pd.Series) -> np.ndarray:
    """A number an order, the same in every piece; NO_ORDER where none is named."""
    if pd.api.types.is_integer_dtype(names.dtype) and not names.hasnans:
        numbers = pd.util.hash_array(names.to_numpy().astype(np.int64))
        return np.where(numbers == NO_ORDER, ~NO_ORDER, numbers)  # that of 0 is 0
    known = texts(names).to_numpy(dtype=object)
    return np.where(known == "", NO_ORDER, pd.util.hash_array(known, categorize=False))


def _row_marks(rest: pd.DataFrame, *known: np.ndarray) -> np.ndarray:
    """A number a row, the same for rows alike in all columns: in those that were read, and in the rest as it stands."""
    mark = np.zeros(len(rest), dtype=np.uint64)
    for values in (
        *known,
        *([pd.util.hash_pandas_object(rest, index=False).to_numpy()] if rest.shape[1] else []),
    ):
        mark = mark * np.uint64(0x9E3779B97F4A7C15) ^ pd.util.hash_array(values)
    return mark


def _cleaned(
    rows: Rows, roles: Roles, kinds: Kinds, last: int, layout: str, currency: str, sure: bool, said: bool
) -> Purchases:
    sieve = Sieve(rows)
    sieve.take("no date that can be read", rows.day == NO_DAY)
    sieve.take("no customer", rows.customer < 0)
    sieve.take("no amount that can be read", rows.cents == NO_CENTS)
    for why, out in kinds.reasons():
        sieve.take(why, out)
    sieve.take(f"after {EPOCH + np.timedelta64(last, 'D')}", rows.day > last)
    what, back = kinds.given_back()
    if (back & sieve.left).any():
        sieve.note(what, back & sieve.left, examples=True)
    notes = [*kinds.notes(), *_without_copies(sieve, sure)]
    sieve.take("zero amounts", rows.cents == 0)
    _refuse_far_behind(sieve, last if said else None)
    table = without_tills(sieve, orders_of(sieve, bool(roles.order)), bool(roles.order))
    sieve.note("kept", sieve.left)
    _note_one_off_buyers(sieve, table)
    _note_equal_rows(sieve, notes)
    beyond = _note_absurd_amounts(sieve, notes)
    if (unnamed := sieve.left & (rows.order == NO_ORDER) if roles.order else sieve.left & False).any():
        sieve.note("of these, without an order: those of a customer and day are one purchase", unnamed)
    _note_numbers_that_come_back(sieve, table)
    days_ = table.groupby(["customer", "day"], sort=True).agg(
        cents=("cents", "sum"), orders=("cents", "size")
    )
    customer = days_.index.get_level_values("customer").to_numpy()
    kept, codes = np.unique(customer, return_inverse=True)
    if not len(kept):
        raise LogError("no purchase is left:\n" + lines_of(sieve.lines))
    return Purchases(
        codes.astype(np.int32),
        days_.index.get_level_values("day").to_numpy(),
        days_["cents"].to_numpy(),
        days_["orders"].to_numpy(),
        rows.ids[kept],
        pd.DataFrame(sieve.lines).set_index("what"),
        layout,
        currency,
        tuple(notes),
        beyond,
    )


def _without_copies(sieve: Sieve, sure: bool) -> list[str]:
    """Leave out rows that are there before: wherever that is sure, else those of another file, as exports overlap."""
    mark, before = sieve.rows.mark, sieve.left.copy()
    if sure:
        sieve.take("duplicates: the whole row is there before", ~first_of_each(mark))
    elif len(sieve.rows.files) > 1:
        sieve.take("duplicates: the whole row is in another file", in_another_file(mark, sieve.rows.file))
    copies = before & ~sieve.left
    if not copies.any():
        return []
    where = "before" if sure else "in another file"
    return [f"{_counted(sieve, copies)} left out as duplicates: the whole row is there {where}"]


def _note_equal_rows(sieve: Sieve, notes: list[str]) -> None:
    """A line, and a note, for rows that are kept though they are alike."""
    twice = np.zeros(len(sieve.left), dtype=bool)
    twice[sieve.left] = ~first_of_each(sieve.rows.mark[sieve.left])
    if twice.any():
        sieve.note("of these, alike in all columns", twice, examples=True)
        notes.append(
            f"{_counted(sieve, twice)} kept though alike in all columns to one before: nothing in the log tells a copy from "
            "a second purchase of the same. If they are copies, delete them; a column with the number or the time of each "
            "purchase tells"
        )


def _note_absurd_amounts(sieve: Sieve, notes: list[str]) -> float:
    """A line, and a note, for amounts beyond all others; above how many cents they are."""
    bought = sieve.left & (sieve.rows.cents > 0)
    beyond = most_paid(sieve.rows.cents[bought])
    absurd = bought & (sieve.rows.cents > beyond)
    if absurd.any():
        sieve.note("of these, amounts far beyond all others", absurd, examples=True)
        notes.append(
            f"{_counted(sieve, absurd)} far beyond all other amounts and kept ({sieve.examples(np.flatnonzero(absurd))}): "
            "if it is a slip, or a total below the rows, correct or delete it, for spend and values rest on it"
        )
    return beyond


def _counted(sieve: Sieve, rows: np.ndarray) -> str:
    """Some rows, and their share of all money, as the subject of a sentence."""
    n, share = int(rows.sum()), 100.0 * float(sieve.money[rows].sum()) / sieve.all_money
    return f"{n:,} {'row' if n == 1 else 'rows'} ({share:.1f} % of the money) {'is' if n == 1 else 'are'}"


def _refuse_far_behind(sieve: Sieve, asked: int | None) -> None:
    """Refuse a purchase long after all others, unless its day was asked for as the last one: it would be the log's end."""
    bought = np.flatnonzero(sieve.left & (sieve.rows.cents > 0))
    day = sieve.rows.day[bought]
    far = far_behind(day)
    if not far.any() or asked == day.max():
        return
    before, last = (str(EPOCH + np.timedelta64(int(one), "D")) for one in (day[~far].max(), day.max()))
    silent = int(day[far].min() - day[~far].max())
    raise InDoubt(
        f"nothing was bought for {silent:,} days before {sieve.examples(bought[far])}: far longer than ever else. Correct "
        f"that date, or leave it out: --until {before}. If it is right, say --until {last}: that is then the end of the "
        "log, up to which all other customers were silent",
        "until",
        (before, last),
    )


def _note_numbers_that_come_back(sieve: Sieve, table: pd.DataFrame) -> None:
    """A line for orders of a customer whose number stands on several days: each day is a purchase."""
    twice = table[table.duplicated(["customer", "order"], keep=False)]
    if not len(twice):
        return
    rows = sieve.left & np.isin(sieve.rows.order, twice["order"])
    ours = pd.MultiIndex.from_arrays([sieve.rows.customer[rows], sieve.rows.order[rows]])
    rows[rows] = ours.isin(pd.MultiIndex.from_frame(twice[["customer", "order"]]))
    sieve.note("of these, with an order number that stands on several days: each day is a purchase", rows)


def _note_one_off_buyers(sieve: Sieve, table: pd.DataFrame) -> None:
    """A line for those who bought on one day only: they are kept, for most customers of most shops are among them."""
    n_days = table.drop_duplicates(["customer", "day"]).groupby("customer").size()
    once = np.zeros(len(sieve.rows.ids), dtype=bool)
    once[n_days.index[n_days == 1]] = True
    rows = sieve.left & (sieve.rows.customer >= 0)
    rows[rows] = once[sieve.rows.customer[rows]]
    sieve.note(f"of these, {once.sum():,} one-off buyers", rows)
