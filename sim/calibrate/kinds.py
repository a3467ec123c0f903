"""What a row is, a sale, money given back or nothing that was paid, where a column says so: asked, never passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.calibrate.guessing import (
    Roles,
    are_numbers,
    column_named,
    is_beside_the_amount,
    money_paid,
    words_of,
)
from sim.calibrate.reading import InDoubt, LogError
from sim.calibrate.sieving import NO_ORDER
from sim.calibrate.values import NO_CENTS, cents, texts

GIVEN_BACK = (
    r"refund(?!able)|returns?\b|returned\b|charge ?back|revers(al|ed)|credit (note|memo)|gutschrift|erstatt|retour|"
    r"(zu|teil)?r(ü|ue)ck(erstatt|zahl|buch|gabe|send|ge(zahlt|bucht|geben|sandt|schickt|zogen))|terug|devol|reembols|rembours"
)
PAID = r"paid|pay(ed|é)|pagad[oa]|betaald|bezahlt|complete|success"
NOT_PAID = (
    r"void|cancel|fail|declin|denied|reject|unpaid|unbezahlt|onbetaald|impay|abandon|expired|annul|stor(no|nier)|abgebrochen|"
    r"abgelehnt|fehlgeschlagen|geweigerd|mislukt|échou|echou|pending|ausstehend|incomplete|disputed|unclaimed|uncaptured|"
    rf"(no|not|non|pas|never|nicht|nie|niet) (yet |noch )?({PAID})"
)
NOT_YET = "authori[sz]ed|on hold|draft"
BACK, NO_SALE = (
    re.compile(rf"\b({GIVEN_BACK})"),
    re.compile(rf"\b({GIVEN_BACK}|{NOT_PAID})|^({NOT_YET})$"),
)
NOT = re.compile(
    rf"\b(no|not|non|never|without|kein\w*|nicht|nie|niet|geen|sin|sans|pas) (?=({GIVEN_BACK}|{NOT_PAID}))\w+"
)
"""Words for money given back, for what was never paid or is not yet, and for neither: not returned."""

HELD = re.compile(rf"(is |was )?({PAID})(d|ful|fully)?")
YES = ("1", "true", "t", "yes", "y", "ja", "j", "oui", "o", "si", "sí", "s")
"""The names of columns that say which rows were paid, and what stands there where it holds."""

GOODS = re.compile(
    r"\b(products?|produkt|items?|lineitem|artikel|article|category|kategorie|sku|title|ticket|fare|ware)\b"
)
PEOPLE = re.compile(r"\b(visitors?|visits?|customers?|clients?|users?|coupons?|vouchers?|campaign)\b")
PAYMENTS = re.compile(r"\b(status|state|payment|transaction)\b")
OF_TERMS = re.compile(
    r"\b(insurance|versicherung|polic(y|ies)|protection|terms|shipping|labels?|address|allowed|possible|eligible)\b"
)
"""Words in the names of columns of goods and of people, which hold such words by chance (a return ticket, a visitor's return);
of payments, which do not; and of what goes with a sale (Cancellation insurance)."""

NO = ("", "0", "false", "f", "no", "n", "nein", "nee", "non", "-")
"""What stands in a column such as Cancelled where it does not hold."""

FLAGS = {"", "0", "1"}
PART = re.compile(r"\b(part|teil|deel)")

MOST = 30
"""Words of a column that says what a row is, at most."""

COUNTS = re.compile(
    r"\b(id|no|nr|number|count|qty|quantity|items|units|pieces|days|window|rate|share|percent|date|time)\b"
)
"""Words in the names of columns of numbers that are no money."""

ALL = "all"


class _Asked(NamedTuple):
    """Words of a column that were asked for, in small letters; `only` is empty where all are kept."""

    column: str
    only: frozenset[str]
    returns: frozenset[str]
    decided: bool
    said: dict[str, list[str]]  # the words as they were written, by option

    def listed(self, *options: str) -> str:
        words = dict.fromkeys(word for option in options for word in self.said.get(option, ()))
        return " or ".join(word or "blank" for word in words)


class Kinds:
    """The columns of a log that say what its rows are.

    Parameters
    ----------
    first : the first rows of the log. only, returns : as in `fit`.

    Raises
    ------
    LogError
        `only` or `returns` name no column, or are not written as column=words.
    """

    def __init__(self, first: pd.DataFrame, roles: Roles, only: Any = None, returns: Any = None) -> None:
        self._asked = _asked(first, only, returns)
        decided = {one.column for one in self._asked if one.decided}
        free = [name for name in first.columns if name not in roles and name not in decided]
        self._watched = [name for name in free if _may_say(first[name])]
        self._money = [name for name in free if _is_money_back(first[name])]
        self._seen: dict[str, dict[str, int]] = {one.column: {} for one in self._asked}
        self._sold: dict[str, dict[str, int]] = {name: {} for name in self._watched}
        self._given_back: dict[str, int] = dict.fromkeys(self._money, 0)
        self._amount, self._amounts = roles.amount, 0
        self._is_odd = is_beside_the_amount(roles.amount) and bool(money_paid(first.head(1_000), free))
        self._outs: list[np.ndarray] = []
        self._backs: list[np.ndarray] = []

    def left_out(self, table: pd.DataFrame, order: np.ndarray) -> np.ndarray:
        """Which of the next rows are none that were asked for, bool; `order` is empty where there are none."""
        out = np.zeros((len(self._asked), len(table)), dtype=bool)
        for k, one in enumerate(self._asked):
            word, known = _coded(table[one.column])
            _add(self._seen[one.column], known, np.bincount(word, minlength=len(known)))
            if one.only:
                word = word if "" in one.only else _of_its_order(word, known, order)
                out[k] = ~np.isin(word, _places(known, one.only | one.returns))
        self._outs.append(out)
        return np.asarray(out.any(axis=0))

    def signed(self, table: pd.DataFrame, money: np.ndarray, out: np.ndarray, decimal: str) -> np.ndarray:
        """The amounts in cents of the rows that `left_out` was given, those of returns below 0."""
        back = np.zeros(len(table), dtype=bool)
        for one in self._asked:
            word, known = _coded(table[one.column])
            back |= np.isin(word, _places(known, one.returns))
        self._backs.append(back & ~out)
        money = np.where(back & (money != NO_CENTS), -np.abs(money), money)
        sold = (money > 0) & ~out
        self._amounts += int(money[sold].sum())
        for name in self._watched:
            word, known = _coded(table[name])
            _add(self._sold[name], known, np.bincount(word[sold], minlength=len(known)))
        self._watched = [name for name in self._watched if len(self._sold[name]) <= MOST or _named_so(name)]
        for name in self._money:
            try:
                given, _ = cents(table[name], decimal)
            except LogError:  # no amounts after all
                continue
            self._given_back[name] += int(np.abs(given[sold & (given != NO_CENTS)]).sum())
        return money

    def reasons(self) -> list[tuple[str, np.ndarray]]:
        """Why rows of the whole log are left out, and which: bool."""
        outs = np.concatenate(self._outs, axis=1)
        return [
            (f"{one.column} is not {one.listed('only', 'returns')}", outs[k])
            for k, one in enumerate(self._asked)
            if one.only
        ]

    def given_back(self) -> tuple[str, np.ndarray]:
        """What the rows of the whole log are called that are money given back, and which: bool."""
        named = "; ".join(f"{one.column} is {one.listed('returns')}" for one in self._asked if one.returns)
        return f"of these, money given back: {named}", np.concatenate(self._backs)

    def refuse_doubts(self) -> None:
        """Refuse words that no row has, and columns that say that some rows are no sales, until it is said which are."""
        for one in self._asked:
            seen = {word.casefold() for word in self._seen[one.column]}
            for option, words in (("only", one.only), ("returns", one.returns)):
                if words and not seen & words:
                    raise LogError(
                        f"{option}: {one.column} is {one.listed(option)} in no row; there are {_counted(self._seen[one.column])}"
                    )
        for name in self._watched:
            self._refuse(name)

    def _refuse(self, name: str) -> None:
        sold = {word: n for word, n in self._sold[name].items() if n}
        none = [word for word in sold if _is_no_sale(word, name)] if len(sold) <= MOST else []
        back = [word for word in none if BACK.search(_plain(word))]
        if not none and _named_so(name) and (not _numbers(sold) or set(sold) <= FLAGS):
            none = [word for word in sold if word.casefold() not in NO]
            back = none if BACK.search(_plain(name)) and len(none) <= MOST else []
        if not none and HELD.fullmatch(_plain(name)) and {word.casefold() for word in sold} <= {*NO, *YES}:
            none = [word for word in sold if word.casefold() in NO]
        if not 0 < len(none) < len(sold):
            return
        part = [word for word in none if PART.search(_plain(word))]
        answers = [f"--only {_shown(name, [word for word in sold if word not in none] + part)}"]
        if back := [word for word in back if word not in part]:
            answers.append(f"--returns {_shown(name, back)}")
        answers.append(f"--only {_shown(name, [ALL])}")
        giving = (
            f"; {answers[1]} if these stand beside the rows of their sales, without a minus sign"
            if back
            else ""
        )
        raise InDoubt(
            f"{name} says that some rows are no sales: {_counted(sold)}. Which rows count? {answers[0]} leaves the others "
            f"out{giving}; {answers[-1]} if all are sales (only=…, returns=… in Python)",
            "only",
            answers,
        )

    def notes(self) -> list[str]:
        """For the first page: money given back that stands in a column of its own, and an amount that was none."""
        said = []
        for one in self._asked:
            seen = {word.casefold() for word in self._seen[one.column]}
            words = [word for words in one.said.values() for word in words]
            if missing := [word or "blank" for word in words if word.casefold() not in seen | {ALL}]:
                said.append(f"{one.column} is {' or '.join(missing)} in no row")
        if self._is_odd:
            said.append(f"the amount is {self._amount}, which by its name is not what customers paid")
        for name, given in self._given_back.items():
            if given:
                said.append(
                    f"{name} has {given / 100:,.2f}, {100 * given / max(self._amounts, 1):.1f} % of the amounts, and is not taken "
                    f"off: if {self._amount} is what was paid before refunds, add a column with {self._amount} - {name} to the "
                    "log, and name that with --amount"
                )
        return said


def _asked(first: pd.DataFrame, only: Any, returns: Any) -> list[_Asked]:
    """What was asked, a column at a time."""
    said: dict[str, dict[str, list[str]]] = {}
    for option, asked in (("only", only), ("returns", returns)):
        for one in [asked] if isinstance(asked, str) else asked or []:
            name, equals, words = str(one).partition("=")
            if not equals:
                raise LogError(
                    f'{option}: a column and its words, such as Status=Paid or "Order Status=Paid,Shipped" (got "{one}")'
                )
            column = column_named(first, option, name.strip())
            known = set(_coded(first[column])[1].str.casefold())
            said.setdefault(column, {}).setdefault(option, []).extend(_apart(words, known))
    return [_as_asked(column, words) for column, words in said.items()]


def _apart(said: str, known: set[str]) -> list[str]:
    """Words between commas; those of the column that have commas themselves are one word, the longest first."""
    parts, words = said.split(","), list[str]()
    while parts:
        joined = texts(pd.Series([",".join(parts[:n]) for n in range(len(parts), 0, -1)], dtype=object))
        k = next((k for k, word in enumerate(joined) if word.casefold() in known), len(parts) - 1)
        words.append(str(joined.iloc[k]))
        parts = parts[len(parts) - k :]
    return words


def _as_asked(column: str, said: dict[str, list[str]]) -> _Asked:
    only, returns = (
        frozenset(word.casefold() for word in said.get(option, ())) for option in ("only", "returns")
    )
    return _Asked(column, frozenset() if ALL in only else only, returns, bool(only), said)


def _may_say(values: pd.Series) -> bool:
    """Whether a column may say what a row is: it has few words, or its name says cancelled, returned or the like."""
    return _named_so(values.name) or _coded(values)[1].nunique() <= MOST


def _named_so(name: Any) -> bool:
    return bool(NO_SALE.search(_plain(name))) and not OF_TERMS.search(words_of(name))


def _is_no_sale(word: str, name: str) -> bool:
    """Whether a word of such a column says that a row is no sale; among goods it has to be all that the cell says."""
    found, column = NO_SALE.search(_plain(word)), words_of(name)
    if not found or PAYMENTS.search(column) or _named_so(name):
        return bool(found)
    return not PEOPLE.search(column) and (not GOODS.search(column) or " " not in _plain(word))


def _is_money_back(values: pd.Series) -> bool:
    """Whether a column has the money that was given back of each purchase."""
    name = _plain(values.name)
    flags = set(_coded(values)[1]) <= FLAGS
    return bool(BACK.search(name)) and not COUNTS.search(name) and are_numbers(values) and not flags


def _coded(values: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """The number of each cell's word, and the words."""
    codes, unique = pd.factorize(values, use_na_sentinel=False)
    return codes, texts(pd.Series(unique))


def _places(known: pd.Series, words: Iterable[str]) -> np.ndarray:
    return np.flatnonzero(known.str.casefold().isin(list(words)))


def _of_its_order(word: np.ndarray, known: pd.Series, order: np.ndarray) -> np.ndarray:
    """Words of the rows; of a row without one that of the row above, if both are of one order: some exports write it once."""
    if not len(order):
        return word
    blank = np.isin(word, _places(known, [""]))
    above = np.maximum.accumulate(np.where(blank, 0, np.arange(len(word))))
    return np.where(blank & (order == order[above]) & (order != NO_ORDER), word[above], word)


def _add(counts: dict[str, int], known: pd.Series, n: np.ndarray) -> None:
    for word, more in zip(known, n.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + more


def _plain(name: Any) -> str:
    """The words of a name or a cell, in small letters, with blanks between."""
    return NOT.sub("", words_of(name))


def _numbers(words: Iterable[str]) -> bool:
    return all(re.fullmatch(r"[-+]?[\d.,]*", word) for word in words)


def _counted(words: dict[str, int]) -> str:
    """The words with their rows, the most frequent first."""
    most = sorted(words.items(), key=lambda pair: -pair[1])
    more = f" and {len(most) - 8:,} more" if len(most) > 8 else ""
    return ", ".join(f"{word or '(blank)'} ({n:,})" for word, n in most[:8]) + more


def _shown(name: str, words: Sequence[str]) -> str:
    said = f"{name}={','.join(words)}"
    return said if re.fullmatch(r"[\w=,.-]+", said) else f'"{said}"'
