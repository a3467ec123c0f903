"""Lives: what a diary has seen, as a table of events, a table of states, and sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim.life_events import events_of
from sim.meanings import EVENT
from sim.scenario.words import LEVELS
from sim.sentences import Page, life_lines

if TYPE_CHECKING:
    from sim.diary import Diary
    from sim.market import Market

COLUMNS = (
    "month",
    "customer",
    "life",
    "event",
    "firm",
    "to",
    "times",
    "amount",
    "share",
    "severity",
    "cause",
    "hearers",
)


class Lives:
    """The lives of some customers, as tables and as sentences.

    Attributes
    ----------
    table : DataFrame
        A row an event: month (from 1), customer, life (1, and one more each time somebody new takes the place), event,
        firm, to, times, amount (money), share, severity (utility), cause, hearers. What an event does not have is
        missing. `sim.explain("event")` says what each event is.
    states : DataFrame
        A row a customer and month: supplier, level, satisfaction, loyalty, trust, belief (utility, about the supplier),
        tenure (months), as they are at the month's end; no row for a month in which the need ended.
    sentences : list of str
        A line a month in which something happened; one customer after the other, one life after the other.
    """

    def __init__(
        self, table: pd.DataFrame, states: pd.DataFrame, people: list[dict[str, Any]], page: Page
    ) -> None:
        self.table, self.states = table, states
        self._people, self._page = people, page

    @property
    def sentences(self) -> list[str]:
        """A line a month in which something happened, lives one after the other."""
        rows: dict[tuple[int, int], list[dict[str, Any]]] = {}
        table = self.table.astype(object)
        for row in table.where(table.notna(), None).to_dict("records"):
            rows.setdefault((row["customer"], row["life"]), []).append(cast(Any, row))
        lines = []
        for person in self._people:
            lines += life_lines(person, rows.get((person["customer"], person["life"]), []), self._page)
        return lines

    def of(self, customers: Sequence[int]) -> Lives:
        """The lives of some of the customers."""
        wanted = set(customers)
        people = [one for one in self._people if one["customer"] in wanted]
        table, states = (
            t[t["customer"].isin(wanted)].reset_index(drop=True) for t in (self.table, self.states)
        )
        table.attrs, states.attrs = dict(self.table.attrs), dict(self.states.attrs)
        return Lives(table, states, people, self._page)

    def with_about(self, about: dict[str, Any]) -> Lives:
        """The same, with what all tables of a run carry in their `attrs`."""
        for table in (self.table, self.states):
            cast(Any, table).attrs = dict(about)
        return self

    def __repr__(self) -> str:
        return "\n".join(textwrap.fill(line, 100, subsequent_indent="  ") for line in self.sentences)

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in self.sentences)


def read_lives(diary: Diary, market: Market) -> Lives:
    """Work out what a diary has seen so far."""
    firms = [firm.name for firm in market.firms]
    asked = _survey_answers(diary, market)
    table = pd.DataFrame(list(events_of(diary, market, asked)), columns=COLUMNS)
    order = {name: place for place, name in enumerate(EVENT)}
    table["_order"] = table["event"].map(order).astype("int64")
    table = table.sort_values(["customer", "month", "_order"], kind="stable", ignore_index=True).drop(
        columns="_order"
    )
    for name in ("firm", "to"):
        table[name] = _names(table[name], firms)
    table["times"] = table["times"].astype("Int64")
    for name in ("amount", "share", "severity"):
        table[name] = table[name].astype("float64")
    table["hearers"] = [_hearers(suppliers, firms) for suppliers in table["hearers"]]
    people = sorted(diary.beginnings, key=lambda one: (one["customer"], one["generation"]))
    people = [{**one, "life": one["generation"] + 1} for one in people]
    for one in people:
        one["supplier"] = firms[one["supplier"]] if one["supplier"] >= 0 else None
    states = _states(diary, firms)
    return Lives(table, states, people, Page(firms, market.scenario.market.currency, diary.first))


def _names(places: Any, firms: Sequence[str]) -> list[str | None]:
    return [
        firms[int(place)] if place == place and place is not None and place >= 0 else None for place in places
    ]


def _hearers(suppliers: Any, firms: Sequence[str]) -> str | None:
    """Whose customers those are who were told, the most first: `Corner 4, Express 3, nobody's 3`."""
    if not isinstance(suppliers, np.ndarray):
        return None
    counts = [(int((suppliers == f).sum()), name) for f, name in enumerate(firms)]
    counts = sorted([one for one in counts if one[0]], key=lambda one: -one[0])
    nobody = int((suppliers < 0).sum())
    return ", ".join(f"{name} {n}" for n, name in [*counts, *([(nobody, "nobody's")] if nobody else [])])


def _survey_answers(diary: Diary, market: Market) -> dict[tuple[int, int], int]:
    """What followed leavers answered, by month and customer."""
    found = {}
    for d in market.departures:
        reported = d.get("reported")
        if reported is None or int(d["month"][0]) < diary.first:
            continue
        for x in np.flatnonzero(np.isin(d["customer"], diary.ids) & (reported >= 0)):
            found[int(d["month"][x]), int(d["customer"][x])] = int(reported[x])
    return found


def _states(diary: Diary, firms: Sequence[str]) -> pd.DataFrame:
    rows = []
    for seen in diary.months:
        end = seen.after
        for place in np.flatnonzero(~np.array(seen.gone)):
            s = int(end["supplier"][place])
            has = s >= 0
            rows.append((
                seen.month + 1, int(diary.ids[place]), int(end["generation"][place]) + 1, firms[s] if has else None,
                LEVELS[end["level"][place]] if has else None,
                *(float(end[name][place]) for name in ("satisfaction", "loyalty", "trust")),
                float(end["belief"][s, place]) if has else np.nan, int(end["tenure"][place]) + has,
            ))  # fmt: skip
    columns = [
        "month",
        "customer",
        "life",
        "supplier",
        "level",
        "satisfaction",
        "loyalty",
        "trust",
        "belief",
        "tenure",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["customer", "month"], kind="stable", ignore_index=True)
