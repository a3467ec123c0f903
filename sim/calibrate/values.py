"""What a cell means: dates by the day, money in cents; what is in doubt is refused, never guessed."""

from __future__ import annotations

import re
from numbers import Number
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.calibrate.currencies import currencies_beside
from sim.calibrate.reading import LogError

NO_DAY = np.iinfo(np.int32).min
"""A date that could not be read."""

NO_CENTS = np.iinfo(np.int64).min
"""An amount that could not be read."""

WORDS = {"day-month": True, "month-day": False}
"""`date_format` by name -> whether the day comes first."""

TWO_FIRST = re.compile(r"^\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[\sT,])")
MIDNIGHT = r"(?i)(?<![\d:])(00?:00(:00(\.0+)?)?|12:00(:00)? ?AM)\s*(Z|[-+]\d\d:?\d\d)?$"
"""The time of day that programs give a date without one."""

MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
    "januar": 1, "januari": 1, "jänner": 1, "februar": 2, "februari": 2, "mär": 3, "mrz": 3, "märz": 3, "maart": 3, "mrt": 3,
    "mai": 5, "mei": 5, "juni": 6, "juli": 7, "augustus": 8, "okt": 10, "oktober": 10, "dez": 12, "dezember": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8, "sept": 9, "september": 9,
    "october": 10, "november": 11, "december": 12,
}  # fmt: skip
"""Names of months in English, German and Dutch; each is of one month only."""

NAMED = re.compile(
    r"^(?:[^\W\d_]{2,10}[.,]+\s*)?(?:(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*([^\W\d_]{3,9})[\s\-/.,]+(\d{4}|\d\d)|"
    r"([^\W\d_]{3,9})[\s.]+(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})|(\d{4})[\s\-/.]*([^\W\d_]{3,9})[\s\-/.]*(\d{1,2}))"
    r"(?=$|[\s,T]+\d{1,2}:\d\d)"
)
"""A date with the name of its month, before a time of day or none: day month year, month day year, or year month day."""

SERIAL = re.compile(r"^\d{5}([.,]\d+)?$")
SERIALS = range(32_874, 73_051)
"""Numbers that spreadsheets give the days from 1 January 1990 to the end of 2099."""

EPOCH_SERIAL = 25_569
"""The number that spreadsheets give 1 January 1970."""

EXAMPLES = ("%d %b %Y", "%G-W%V-%u", "%Y-%j", "%y%m%d", "%d%m%Y", "%Y/%d/%m", "%A %d %B %Y", "%Y %m %d", "%d %m %Y", "%Y_%m_%d",
            "%d_%m_%Y", "%d%b%Y", "%d%b%y", "%d|%m|%Y")  # fmt: skip
"""Ways to write dates that are not taken without being asked for."""

MINUS = "[−–‒﹣－]"
"""Signs that are written for a minus, besides the hyphen of the keyboard."""

NUMBERS = r"\d[^\d]*[^\d\s.,'’‘´`][^\d]*\d"
"""More than one number: something other than a mark of thousands or decimals, or a blank, stands between digits."""


class DateForm(NamedTuple):
    """How dates are written: a strptime format of the part before the time of day, or of the `whole` cell if it was
    asked for; "own" for Parquet's dates, "names" for names of months, "serial" for numbers of spreadsheets."""

    format: str
    whole: bool = False


def date_form(values: pd.Series, asked: str | None, column: str) -> DateForm | None:
    """How the dates of a column are written; None while day and month cannot be told apart.

    Raises
    ------
    LogError
        No dates that can be read, or `asked` is no format.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or _are_dates(values):
        _refuse_periods(values, column)
        return DateForm("own")
    parts = pd.Series(_parts(values[values.astype(str).str.strip() != ""]).unique(), dtype=object)
    if asked and asked not in WORDS:
        if "%" not in asked:
            raise LogError(f'date format: "day-month", "month-day", or such as "%d.%m.%Y" (got "{asked}")')
        return DateForm(asked, whole=True)
    for pattern, form in (
        (r"^\d{4}-\d{1,2}-\d{1,2}$", "%Y-%m-%d"),
        (r"^(19|20)\d{6}$", "%Y%m%d"),
        (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
        (r"^\d{4}\.\d{1,2}\.\d{1,2}$", "%Y.%m.%d"),
    ):
        if len(parts) and parts.str.match(pattern).mean() > 0.5:
            return DateForm(form)
    if len(parts) and parts.map(is_serial).mean() > 0.5:
        return DateForm("serial")
    named = pd.Series(values.astype(str).str.strip().unique(), dtype=object)
    named = named[named != ""]
    if len(named) and named.map(_of_name).notna().mean() > 0.5:
        return DateForm("names")
    pairs = [m for m in (TWO_FIRST.match(part) for part in parts) if m]
    if not len(parts) or len(pairs) < 0.5 * len(parts):
        example = f' (such as "{parts.iloc[0]}")' if len(parts) else ""
        raise LogError(f"{column}: no dates that can be read{example}{_such_as(parts)}")
    mark, year = pairs[0][2], "%Y" if len(pairs[0][4]) == 4 else "%y"
    day_first = WORDS[asked] if asked else _day_first(pairs, column)
    if day_first is None:
        return None
    return DateForm(f"%d{mark}%m{mark}{year}" if day_first else f"%m{mark}%d{mark}{year}")


def is_serial(text: str) -> bool:
    """Whether this may be the number that a spreadsheet gives a day."""
    return bool(SERIAL.match(text)) and int(text[:5]) in SERIALS


def has_month_name(text: str) -> bool:
    """Whether this is a date with the name of its month."""
    return _of_name(text.strip()) is not None


def _of_name(text: str) -> str | None:
    """A date with the name of its month, as 2024-01-31."""
    found = NAMED.match(text)
    if not found:
        return None
    d1, m1, y1, m2, d2, y2, y3, m3, d3 = found.groups()
    day, name, year = (d1, m1, y1) if m1 else (d2, m2, y2) if m2 else (d3, m3, y3)
    month = MONTHS.get(name.lower())
    if month is None:
        return None
    if len(year) == 2:  # as strptime has it
        year = f"{'19' if int(year) > 68 else '20'}{year}"
    return f"{year}-{month:02d}-{int(day):02d}"


def _such_as(parts: pd.Series) -> str:
    """The cure: a format that reads the first date, if there is one."""
    say = "; say how they are written: --date-format HOW"
    first = str(parts.iloc[0]) if len(parts) else ""
    if re.match(r"^\d{4}-?W\d\d$", first):
        return "; a week is no day: write the day of each purchase"
    for how in EXAMPLES:
        day = pd.to_datetime(first, format=how, errors="coerce")
        if not pd.isna(day) and 1990 <= day.year < 2100:
            return f'{say}; "{how}" would read {first} as {day:%Y-%m-%d}'
    return f"{say}, such as %d.%m.%Y for 31.01.2024 or %d-%b-%y for 31-Jan-24"


def _day_first(pairs: list[re.Match[str]], column: str) -> bool | None:
    """By a number above 12 in the first or the second place; None if there is none."""
    first = next((m for m in pairs if int(m[1]) > 12), None)
    second = next((m for m in pairs if int(m[3]) > 12), None)
    if first and second:
        raise LogError(
            f'{column}: dates are written in two ways ("{first[0].strip()}" and "{second[0].strip()}"); mend the file, '
            "or say which one counts: --date-format day-month, or month-day"
        )
    return bool(first) if first or second else None


def _are_dates(values: pd.Series) -> bool:
    kept = values.dropna()
    return len(kept) > 0 and not isinstance(kept.iloc[0], str) and hasattr(kept.iloc[0], "year")


def _refuse_periods(values: pd.Series, column: str) -> None:
    """Periods of a day or less are dates by now."""
    kept = values.dropna()
    if len(kept) and isinstance(kept.iloc[0], pd.Period):
        raise LogError(
            f'{column}: periods such as "{kept.iloc[0]}" are longer than the day of a purchase; for the first day of each, '
            f'log["{column}"] = pd.PeriodIndex(log["{column}"]).to_timestamp()'
        )


def _parts(values: pd.Series) -> pd.Series:
    """The dates without times of day."""
    text = values.astype(str).str.strip()
    if len(text) and text.str.len().max() > 10:
        text = text.str.split(r"[ T,]", n=1, regex=True).str[0]
    return text


def has_times(values: pd.Series) -> bool:
    """Whether a column of dates tells the time of day; midnight is none."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return bool((values.dropna() != values.dropna().dt.normalize()).any())
    text = values.astype(str).str.strip().str.replace(MIDNIGHT, "", regex=True)
    return bool(text.str.contains(r"\d:\d\d", regex=True).any())


def days(values: pd.Series, form: DateForm) -> np.ndarray:
    """Days since 1 January 1970, int32; NO_DAY where a date cannot be read."""
    if form.format == "own":
        stamps = pd.to_datetime(values, errors="coerce")
    elif form.format == "serial":
        numbers = pd.to_numeric(
            values.astype(str).str.strip().str.replace(",", ".", regex=False), errors="coerce"
        )
        number = numbers.to_numpy(dtype=float, na_value=np.nan)
        counted = (number >= SERIALS.start) & (number < SERIALS.stop)
        return np.where(counted, np.floor(np.where(counted, number, 0.0)) - EPOCH_SERIAL, NO_DAY).astype(
            np.int32
        )
    elif form.format == "names":
        codes, written = pd.factorize(values.astype(str).str.strip())
        dates = pd.Series([_of_name(str(one)) for one in written], dtype=object)
        stamps = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce").iloc[codes]
    else:
        codes, written = pd.factorize(values.astype(str).str.strip() if form.whole else _parts(values))
        known = _read(pd.Series(written, dtype=object), form)
        stamps = known.iloc[codes] if len(known) else known
    if getattr(stamps.dt, "tz", None) is not None:
        stamps = stamps.dt.tz_localize(None)
    day = stamps.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(day), NO_DAY, day.astype(np.int64)).astype(np.int32)


def _read(written: pd.Series, form: DateForm) -> pd.Series:
    """The dates of texts; where a whole cell is not as asked, without its time of day."""
    how = form.format
    if how.endswith("%z"):  # the day counts where the customer was
        how = how.removesuffix("%z").rstrip()
        written = written.str.replace(r"\s*(Z|[+-]\d\d:?\d\d)$", "", regex=True)
    try:
        known = pd.to_datetime(written, format=how, errors="coerce")
        lost = known.isna()
        if form.whole and lost.any():
            known = known.where(~lost, pd.to_datetime(_parts(written), format=how, errors="coerce"))
    except ValueError as fault:
        raise LogError(f'date format: "{form.format}" is none ({fault})') from fault
    return known


def decimal_of(values: pd.Series, asked: str | None, column: str) -> str | None:
    """The decimal mark of a column of amounts, "." or ","; None while it cannot be told, or there is none in them."""
    if asked:
        if asked not in (".", ","):
            raise LogError(f'decimal: "." or "," (got "{asked}")')
        return asked
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "."
    text = marked(values)
    commas = text[text.str.contains(",", regex=False)]
    if not len(commas):
        if text.str.contains(r"\.\d{3}\.\d{3}", regex=True).any():
            return ","
        could_be_thousands = text.str.contains(r"(?<!\d)[1-9]\d{0,2}\.\d{3}(?!\d)", regex=True)
        return None if could_be_thousands.all() else "."
    both = commas[commas.str.contains(".", regex=False)]
    if len(both):
        comma_last = both.str.rfind(",") > both.str.rfind(".")
        if comma_last.any() and not comma_last.all():
            raise LogError(f"{column}: amounts are written in two ways ({both.iloc[0]}); mend the file")
        return "," if comma_last.all() else "."
    if commas.str.contains(r",\d{3}(?!\d)", regex=True).all() and not commas.str.match(r"^0,").any():
        return "." if text.str.contains(r"\.\d{1,2}$", regex=True).any() else None
    return ","


def marked(values: pd.Series) -> pd.Series:
    """The texts among the amounts that have a point or a comma, without their words."""
    text = without_words(_as_written(values)[0])
    return text[text.str.contains(r"\d[.,]|[.,]\d", regex=True)]


def _as_written(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The texts of a column, "" where there is none; and where a number stands among them, as in a DataFrame it may."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.fillna(""), pd.Series(False, index=values.index)
    values = values.astype(object)
    is_number = values.map(lambda cell: isinstance(cell, Number)).astype(bool)
    return values.where(values.notna() & ~is_number, "").astype(str), is_number


def cents(
    values: pd.Series, decimal: str, log: str = "the log", first: int = 1
) -> tuple[np.ndarray, dict[str, int]]:
    """Money in cents, int64, NO_CENTS where there is none; and how often what is written beside it.

    Raises
    ------
    LogError
        An amount has the other decimal mark, or is several numbers (5-7), wherever it stands in the log; `first` is the
        number of the first row.
    """
    found: dict[str, int] = {}
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.astype(float)
    else:
        written, is_number = _as_written(values)
        plain = written if decimal == "." else _if_simple(written)
        numbers = pd.to_numeric(plain, errors="coerce").astype(float)
        numbers[is_number] = values.astype(object)[is_number].astype(float)
        odd = numbers.isna() & (written.str.strip() != "")
        if odd.any():
            _refuse_several_numbers(written, odd, log, first)
            text = written[odd]
            found = currencies_beside(text)
            bare = without_words(text)
            _refuse_other_mark(text, bare, decimal)
            numbers[odd] = _number(bare, decimal)
    money = np.round(numbers.to_numpy(dtype=float, na_value=np.nan) * 100.0)
    known = np.isfinite(money) & (np.abs(money) < 9e15)
    return np.where(known, money, 0.0).astype(np.int64) + np.where(known, 0, NO_CENTS), found


def without_words(text: pd.Series) -> pd.Series:
    """Amounts without letters and the point that shortens them (Rs. 250), and with one kind of minus sign."""
    return text.str.replace(r"[^\W\d_]+\.?", "", regex=True).str.replace(MINUS, "-", regex=True).str.strip()


def _refuse_several_numbers(written: pd.Series, odd: pd.Series, log: str, first: int) -> None:
    """Of 5-7, 10:30 or 2 x 5 the digits would be read as one number."""
    several = (odd & written.str.contains(NUMBERS, regex=True)).to_numpy(dtype=bool)
    if several.any():
        place = int(several.argmax())
        raise LogError(
            f'{log}: row {first + place}: the amount "{written.iloc[place].strip()}" is more than one number; '
            "write the one that was paid, or delete that row"
        )


def _refuse_other_mark(text: pd.Series, bare: pd.Series, decimal: str) -> None:
    """An amount such as 12,50 among those with decimal points would be read a hundred times too large."""
    other = "," if decimal == "." else "."
    is_other = bare.str.contains(rf"^[^.,]*\d{re.escape(other)}\d{{1,2}}(?!\d)[^.,]*$", regex=True)
    if is_other.any():
        raise LogError(
            f'amounts are written in two ways: "{text[is_other].iloc[0].strip()}" does not fit the decimal mark '
            f'"{decimal}" of the others; mend the file, or say --decimal {other} if that is the mark of all'
        )


def _if_simple(text: pd.Series) -> pd.Series:
    """Texts with a decimal comma only; those with thousands' points are left to be looked at one by one."""
    return text.str.replace(",", ".", regex=False).where(~text.str.contains(".", regex=False), "")


def _number(text: pd.Series, decimal: str) -> pd.Series:
    negative = text.str.contains(r"^\s*\(.*\)\s*$|-\s*\D*\d|\d\s*-\s*$", regex=True)
    digits = text.str.replace(r"[^\d.,]", "", regex=True)
    other = "," if decimal == "." else "."
    digits = digits.str.replace(other, "", regex=False).str.replace(decimal, ".", regex=False)
    numbers = pd.to_numeric(digits, errors="coerce").astype(float)
    return numbers.where(~negative, -numbers)


def texts(values: pd.Series) -> pd.Series:
    """Ids as text without blanks around; 178.0, which a missing number makes of 178 in a whole column, is 178."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole: Any = values.dropna() % 1 == 0
        if whole.all():
            values = values.astype("Int64")
    text = values.astype(object).where(values.notna(), "").astype(str).str.strip()
    is_float = text.str.fullmatch(r"\d+\.0")
    text = text.where(~is_float, text.str.removesuffix(".0"))
    return text.where(~text.str.lower().isin(["nan", "none", "null", "n/a", "na"]), "")
