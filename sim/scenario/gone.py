"""Addresses that are gone: since which model version, and what to do without each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Gone(NamedTuple):
    """Since which model version there is no such parameter, and the cure."""

    since: str
    cure: str


GONE = {
    "mechanisms.supply.signal_clarity": Gone(
        "3",
        "leave it out: safety stock is held for what the forecast in use missed, which "
        "mechanisms.supply.error_smoothing remembers",
    ),
}
"""By address. Whoever takes a parameter away gives it a line here."""


def in_words(path: Iterable[str | int]) -> tuple[str, str] | None:
    """What is wrong with a path that was an address once, and the cure; None if it never was."""
    gone = GONE.get(".".join(map(str, path)))
    return None if gone is None else (f"is gone since model version {gone.since}", gone.cure)


def gone_in(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The addresses in the tables of a file that are gone; the table that holds each, and the key."""
    for address in GONE:
        *above, key = address.split(".")
        table: Any = raw
        for part in above:
            table = table.get(part) if isinstance(table, dict) else None
        if isinstance(table, dict) and key in table:
            yield address, table, key
