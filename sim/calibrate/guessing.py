"""Which column is which: by its name and by what is in it; asked for when in doubt."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pandas as pd

from sim.calibrate.currencies import SIGNS, is_known, marks_beside
from sim.calibrate.reading import InDoubt, LogError
from sim.calibrate.values import NUMBERS, has_month_name, is_serial, texts, without_words

NAMES = {
    "customer": "customer|client|cust|user|member|card|account|shopper|buyer|kunde|kunden|klant|cliente|person",
    "date": "date|datum|day|sold|time|timestamp|when|fecha|created|purchased",
    "amount": "amount|total|net|revenue|sales|spend|spent|value|money|dollar|euro|betrag|umsatz|importe|price",
    "order": "order|invoice|receipt|transaction|basket|ticket|bill|bon|beleg|bestellung|factura",
    "currency": "currency|curr|valuta|waehrung|währung",
}
"""Words in a column's name that speak for its being this."""

DATE = re.compile(r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(19|20)\d{6}$)")
OF_ONE = re.compile(r"\b(unit|einzel|list\b|listprice|each\b)")
PRICE, OF_ALL = (
    re.compile(r"price|preis\b|precio|prijs|prix"),
    re.compile(r"\b(total|sum|amount|line|gesamt)"),
)
PIECES = re.compile(r"\b(quantit|qty|menge|units\b|pieces|pcs\b|anzahl|cantidad|aantal)")
"""Words in the names of a price of one piece, of what all cost, and of how many there are."""

_NOT_PAID = (
    r"refund|rebate|discounts?\b|rabatt|tax(es)?\b|vat\b|gst\b|mwst|ust\b|btw\b|iva\b|tva\b|fees?\b|shipping|postage|freight|"
    r"versand|porto\b|verzend|tips?\b|gratuity|erstatt|r(ü|ue)ck(erstatt|zahl|buch|gabe)|reembols|rembours|devol"
)
BESIDE = re.compile(rf"\b({_NOT_PAID})")
FREE_OF = re.compile(
    rf"\b({_NOT_PAID})\w* (in|ex|ink|exk)cl\w*|"
    r"\b(incl?\w*|exc?l?\w*|inkl\w*|exkl\w*|with|without|w|before|after|post|less|net of|plus|minus|ohne|mit|zzgl|vor|nach|"
    r"con|sin|hors|avec|sans|met|zonder)\b.*"
)
"""Words in the names of money that stands beside what was paid; and those that say with or without it."""

OF_A_ROW = {"status", "state", "type", "kind", "group", "segment", "channel", "source", "reason", "art"}
"""Words in the names of columns that sort rows, such as order status: they are no customer and no order."""

NUMBER = re.compile(r"^\s*[-+(−–‒﹣－]?\s*[€$£]?\s*\d[\d.,' ]*\s*[€$£]?\)?\s*$")


class Roles(NamedTuple):
    """Names of the columns; `order` and `currency` may be missing."""

    customer: str
    date: str
    amount: str
    order: str | None = None
    currency: str | None = None


def find_roles(sample: pd.DataFrame, **asked: Any) -> Roles:
    """Which column is the customer, the date, the amount, and if present the order and the currency.

    Raises
    ------
    LogError
        A column that was asked for is not there, or one is in doubt; the message shows three rows.
    """
    taken = {role: column_named(sample, role, name) for role, name in asked.items() if name is not None}
    for role in ("date", "amount", "customer", "order", "currency"):
        if role in taken:
            continue
        free = [name for name in sample.columns if name not in taken.values()]
        best = _candidates(sample, free, role)
        if len(best) == 1:
            if role == "amount":
                _refuse_price_of_one(sample, best[0], free)
            taken[role] = best[0]
        elif role in ("date", "amount", "customer"):
            what = f"could be {' or '.join(best)}" if best else "was not found"
            raise InDoubt(
                f"which column is the {role}? It {what}: say --{role} NAME ({role}=… in Python).\n{shown(sample)}",
                role,
                best or [str(name) for name in free],
            )
    return Roles(**taken)


def _refuse_price_of_one(sample: pd.DataFrame, name: str, free: list[str]) -> None:
    """A price beside a quantity is not what was paid."""
    words = words_of(name)
    if not OF_ONE.search(words) and (OF_ALL.search(words) or not PRICE.search(words)):
        return
    numbers = [column for column in free if are_numbers(sample[column])]
    pieces = next((column for column in numbers if PIECES.search(words_of(column))), None)
    if pieces:
        raise InDoubt(
            f"which column is the amount? {name} is the price of one, beside {pieces}: add a column total to the log, "
            f"{name} x {pieces}, or say --amount {name} (amount=… in Python) if that is what was paid.\n{shown(sample)}",
            "amount",
            numbers,
        )


def shown(sample: pd.DataFrame, roles: Roles | None = None) -> str:
    """The first three rows, a column a line, with what each was taken for."""
    meaning = {name: role for role, name in (roles._asdict() if roles else {}).items() if name}
    lines = []
    for name in sample.columns:
        values = "; ".join(str(value) for value in sample[name].head(3))  # 1,50 is one amount
        lines.append(f"  {name}: {values}" + (f"   <- {meaning[name]}" if name in meaning else ""))
    return "\n".join(lines)


def column_named(sample: pd.DataFrame, role: str, name: Any) -> str:
    """A column by its name, or by its number from 1."""
    columns = list(sample.columns)
    if str(name) in columns:
        return str(name)
    if str(name).isdigit() and 1 <= int(name) <= len(columns):
        return str(columns[int(name) - 1])
    lower = {str(column).lower(): str(column) for column in columns}
    if str(name).lower() in lower:
        return lower[str(name).lower()]
    raise LogError(f'{role}: there is no column "{name}"; there are {", ".join(map(str, columns))}')


def _candidates(sample: pd.DataFrame, free: list[str], role: str) -> list[str]:
    """The columns that fit a role best: by content, then by name."""
    if role == "amount" and money_paid(sample, free):
        free = [name for name in free if not is_beside_the_amount(name)]
    elif role == "amount" and (beside := [name for name in free if is_money(sample[name])]):
        return beside
    fits = [name for name in free if _fits(sample[name], role)]
    scores = {name: _score(str(name), role) for name in fits}
    if role == "amount" and not any(scores.values()):
        worded = [name for name in free if _score(str(name), role) and _fits(_bare(sample[name]), role)]
        if fits and worded:
            return fits + worded
        fits, scores = fits or worded, {name: _score(str(name), role) for name in fits or worded}
    top = max(scores.values(), default=0)
    if role in ("order", "currency") and top == 0:
        return []
    if role == "customer" and top == 0 and len(fits) > 1:
        # without names: an id comes back, and is the same on few rows only
        return fits
    return [name for name in fits if scores[name] == top]


def _score(name: str, role: str) -> int:
    """Words of the name that speak for the role; one that stands first in the list counts a little more."""
    words = [word.removeprefix("sub") for word in words_of(name).split()]  # a subtotal speaks as a total does
    if role in ("customer", "order") and OF_A_ROW & set(words):
        return 0
    known = NAMES[role].split("|")
    hits = [known.index(k) for k in known if any(w == k or (len(k) > 3 and w.startswith(k)) for w in words)]
    if not hits:
        return 1 if role == "customer" and words == ["id"] else 0
    if role == "amount" and any(word in ("unit", "einzel", "list") for word in words):
        return 1
    return 100 - min(hits) if role in ("amount", "customer") else 100


def money_paid(sample: pd.DataFrame, free: list[str]) -> list[str]:
    """The columns of money that are no refund, discount, tax, fee or the like by their names."""
    return [name for name in free if not is_beside_the_amount(name) and is_money(sample[name])]


def is_money(values: pd.Series) -> bool:
    """Whether a column may be of money: numbers that are no days, pieces or ids."""
    bare, name = _bare(values), str(values.name)
    if _fits(values, "date") or not are_numbers(bare) or _are_pieces(name):
        return False
    if _score(name, "amount") > 0:
        return True
    is_id = _score(name, "customer") + _score(name, "order") > 0 and not is_beside_the_amount(name)
    return not is_id and not bare.astype(str).str.fullmatch(r"\d*").all()


def is_beside_the_amount(name: Any) -> bool:
    """Whether a column's name is that of a refund, discount, tax, fee or shipping, not of what was paid."""
    return bool(BESIDE.search(FREE_OF.sub("", words_of(name))))


def _are_pieces(name: Any) -> bool:
    """Whether a column's name is that of a number of pieces, not of their price."""
    words = words_of(name)
    return bool(PIECES.search(words)) and not PRICE.search(words)


def words_of(name: Any) -> str:
    """The words of a column's name, such as "unit price" of UnitPrice."""
    return re.sub(r"[\W\d_]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", str(name)).lower()).strip()


def are_numbers(values: pd.Series) -> bool:
    """Whether four of five cells are a number."""
    text = values.dropna().astype(str).str.strip()
    text = text[text != ""]
    return len(text) > 0 and bool(text.map(lambda cell: bool(NUMBER.match(cell))).mean() > 0.8)


def _bare(values: pd.Series) -> pd.Series:
    """Amounts without the word or the sign that stands beside nearly all of them (Rs. 250), or those of several currencies;
    others as they are."""
    text = values.dropna().astype(str).str.strip()
    words = text.str.replace(r"[\d\W_]+", "", regex=True)
    currencies = marks_beside(text).map(lambda mark: not mark or is_known(mark))
    if not len(words) or (words.value_counts(normalize=True).max() < 0.8 and currencies.mean() < 0.8):
        return values
    bare = without_words(text).str.replace(f"[{SIGNS}]", "", regex=True).str.strip()
    return bare.where(~text.str.contains(NUMBERS, regex=True), text)


def _fits(values: pd.Series, role: str) -> bool:
    """Whether what is in a column may be this."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return role == "date"
    text = values.dropna().astype(str).str.strip()
    text = text[text != ""]
    if not len(text):
        return False
    named = _score(str(values.name), "date") > 0
    dates = text.map(
        lambda cell: bool(DATE.match(cell)) or has_month_name(cell) or (named and is_serial(cell))
    ).mean()
    if role == "date":
        return bool(dates > 0.8)
    if dates > 0.8:
        return False
    if role == "amount":
        whole = text.str.fullmatch(r"\d+").all()
        named = _score(str(values.name), "amount") > 0
        id_like = _score(str(values.name), "customer") + _score(str(values.name), "order") > 0
        return are_numbers(values) and not id_like and not _are_pieces(values.name) and (named or not whole)
    if role == "currency":
        return bool(text.str.fullmatch(rf"[^\W\d_]{{1,4}}|[^\W\d_]{{0,3}}[{SIGNS}]").mean() > 0.9)
    ids = texts(values)  # 12.0 is the number 12 where one is missing
    decimals = ids.str.contains(r"\d[.,]\d", regex=True).mean()
    return bool(decimals < 0.5)
