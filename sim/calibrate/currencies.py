"""Which currency amounts are in: by the sign or the word beside them and by a column; several are refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from sim.calibrate.reading import LogError

SIGNS = "$¢£¤¥֏؋৲৳૱௹฿៛\u20a0-\u20cf﷼＄￠￡￥￦"
"""Signs of currencies, for a class of characters."""

ISO = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""

CODES = frozenset(ISO.split())
"""Names of currencies. Source: ISO 4217, and HRK, which older logs have."""

MARKS = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "u$s": "USD", "£": "GBP", "¥": "JPY", "jp¥": "JPY",
    "円": "JPY", "cn¥": "CNY", "rmb": "CNY", "元": "CNY", "₹": "INR", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD",
    "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "sg$": "SGD", "nt$": "TWD", "mx$": "MXN", "mex$": "MXN", "r$": "BRL", "r": "ZAR",
    "sfr": "CHF", "kč": "CZK", "ft": "HUF", "zł": "PLN", "zl": "PLN", "lei": "RON", "лв": "BGN", "₺": "TRY", "tl": "TRY",
    "₴": "UAH", "грн": "UAH", "₽": "RUB", "руб": "RUB", "р": "RUB", "₩": "KRW", "원": "KRW", "₪": "ILS", "₫": "VND", "฿": "THB",
    "₱": "PHP", "rm": "MYR", "rp": "IDR", "₦": "NGN", "ksh": "KES", "gh₵": "GHS", "₵": "GHS", "৳": "BDT", "₸": "KZT",
    "₾": "GEL", "₼": "AZN", "֏": "AMD", "₡": "CRC", "₲": "PYG", "៛": "KHR", "₮": "MNT", "₭": "LAK",
}  # fmt: skip
"""What is written beside amounts, in small letters -> the currency that it stands for unless another is asked for."""

SHARED = {
    "$": ("ARS", "AUD", "BRL", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD"),
    "¥": ("CNY",),
    "£": ("EGP", "GIP"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "rs": ("INR", "PKR", "LKR", "NPR", "MUR", "SCR"),
    "fr": ("CHF", "XOF", "XAF"),
    "dh": ("AED", "MAD"),
    "dhs": ("AED", "MAD"),
}
"""Currencies that a mark stands for too, if they are asked for by name, or a column names them."""

FEW = 0.001
"""Share of the amounts that may have a word beside them that is no known currency, and that the others have not."""


def marks_beside(text: pd.Series) -> pd.Series:
    """The signs and words beside the number of each amount, such as "R$" of R$ 67.05; "" where there is no number."""
    beside = text.str.replace(rf"(?:(?![{SIGNS}])[\W\d_])+", " ", regex=True).str.strip()
    return beside.where(text.str.contains(r"\d", regex=True), "")


def currencies_beside(text: pd.Series) -> dict[str, int]:
    """What stands beside the amounts -> how often."""
    counts = marks_beside(text).str.normalize("NFKC").value_counts()
    return {str(mark): int(n) for mark, n in counts.items() if mark}


def is_known(mark: str) -> bool:
    """Whether this stands for a currency."""
    return mark.casefold() in SHARED or _currency(mark) in CODES


def one_currency(beside: Mapping[str, int], column: Mapping[str, int], asked: str | None, rows: int) -> str:
    """The currency of the amounts, as it is asked for or as it is written.

    `beside` and `column`: what stands beside the amounts, and in a column of currencies -> how often, of so many rows.

    Raises
    ------
    LogError
        There are several, or another one than was asked for; or a word of unknown meaning stands beside some amounts.
    """
    by_column = {_currency(mark) for mark in column}
    name = _currency(asked) if asked else by_column.pop() if len(by_column) == 1 else ""
    found: dict[str, int] = {}
    for mark, n in [*beside.items(), *column.items()]:
        means = name if name in SHARED.get(mark.casefold(), ()) else _currency(mark)
        found[means] = found.get(means, 0) + n
    found = _alike(found)
    known = {one: n for one, n in found.items() if one in CODES}
    unknown = {one: n for one, n in found.items() if one not in CODES and n > FEW * rows}
    if len(known) + len(unknown) > 1:
        pairs = sorted((known | unknown).items(), key=lambda pair: -pair[1])
        listed = ", ".join(f"{one} ({n:,})" for one, n in pairs)
        most = max(column, key=lambda mark: column[mark], default="")
        how = f" (--only COLUMN={most})" if len({_currency(mark) for mark in column}) > 1 else ""
        raise LogError(
            f"the amounts are in several currencies: {listed}; keep one{how}, or convert them first"
        )
    for word, n in unknown.items():
        if n < rows / 2 and word.casefold() not in SHARED:
            raise LogError(
                f'beside {n:,} of {rows:,} amounts stands "{word}", and nothing beside the others: write money that was '
                "given back with a minus sign, keep one currency, or delete that word if it means nothing"
            )
    written = next(iter(known), "") or next(iter(unknown), "")
    if not asked:
        return written
    may_be = SHARED.get(written.casefold(), (name,))
    if written and name != written and (written in CODES or name not in may_be):
        raise LogError(
            f"--currency {asked}: the amounts are in {written}; leave --currency out, or convert them first"
        )
    return name if name in CODES else asked


def _currency(mark: str) -> str:
    """The name of the currency that a sign or a word stands for; one that is not known as it is written."""
    mark = unicodedata.normalize("NFKC", mark.strip())
    for one in (mark, mark.replace(" ", "")):
        if known := _named(one):
            return known
    sure = {_named(word) for word in mark.split() if word in CODES or re.search(f"[{SIGNS}]", word)}
    return sure.pop() or mark if len(sure) == 1 else mark  # EUR net is EUR


def _named(mark: str) -> str:
    """The name of a currency, "" where it is not known; CAD$ is CAD."""
    if known := MARKS.get(mark.casefold()):
        return known
    code = re.sub(f"[{SIGNS}]", "", mark).upper()
    return code if code in CODES else ""


def _alike(found: Mapping[str, int]) -> dict[str, int]:
    """The same, with words that differ in capitals only taken together, and Rs with the rupees that the log names."""
    alike: dict[str, tuple[str, int]] = {}
    codes = {one for one in found if one in CODES}
    for one, n in found.items():
        shared = codes & set(SHARED.get(one.casefold(), ()))
        shown = shared.pop() if len(shared) == 1 else one
        name, before = alike.get(shown.casefold(), (shown, 0))
        alike[shown.casefold()] = (name, before + n)
    return dict(alike.values())
