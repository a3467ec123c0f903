"""Sentences of a life: one a month in which something happened, with the firm, the amount and the cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sim.first_names import called, first_name

WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
TIMES = ("never", "once", "twice")

WHY = {
    "variety": "for a change",
    "price": "over the price",
    "service failure": "because of failures",
    "better elsewhere": "expecting better there",
    "word of mouth": "because of what people said",
    "messages": "tired of its messages",
    "neglect": "feeling neglected",
    "a rival's offer": "drawn by its offer",
    "need ended": "because the payment failed",
    "fired": "",
}
"""Why somebody left, as the end of a sentence."""

ENDED = {
    "price": "over the price",
    "better elsewhere": "finding it not worth it",
    "a rival's offer": "for nothing else",
}
"""The same where nobody followed."""

SET_OFF = {
    "chance": "",
    "rival's message": " after another's message",
    "price gap": " over the price",
    "unhappy": "",
    "failure": " over what went wrong",
}
HEARD_OF = {
    "advertising": "from advertising",
    "message": "from its message",
    "affiliate": "from an affiliate",
    "referral": "from a customer of it",
    "offer": "from its offer",
    "start": "",
}
WON = {
    "advertising": ", won by advertising",
    "message": ", won by a message",
    "affiliate": ", won by an affiliate",
    "referral": ", won by a referral",
    "offer": ", won by an offer",
}
ANSWERED = {
    "silent": " and kept silent",
    "complained in vain": " and complained in vain",
    "put right slowly": " that was put right slowly",
    "put right quickly": " that was put right quickly",
}

ADDED = {
    "contradiction": "heard two things from {firm}",
    "spoiled": "was failed by a partner of {firm}",
    "wait": "waited for goods at {firm}",
}
"""How a failure that a mechanism added is said."""

ADDED_ANSWERED = {
    "silent": "",
    "complained in vain": " and complained in vain",
    "put right slowly": " (put right slowly)",
    "put right quickly": " (put right quickly)",
}

SOURING = {"failed", "contradiction", "spoiled", "complained", "fired"}
"""Events that say by themselves why somebody ended the month unhappy; who only waited for goods was made so by something else."""


class Page(NamedTuple):
    """What the sentences of all lives share: firms, currency, months that had passed when the diary was opened."""

    firms: Sequence[str]
    currency: str
    first: int


def in_words(n: int) -> str:
    """A small number in words."""
    return WORDS[n] if 0 <= n < len(WORDS) else f"{n:,}"


def so_often(n: int) -> str:
    """Once, twice, three times."""
    return TIMES[n] if n < len(TIMES) else f"{in_words(n)} times"


def life_lines(person: dict[str, Any], rows: Sequence[dict[str, Any]], page: Page) -> list[str]:
    """Who somebody is, then a line a month in which something happened."""
    lines = [_who(person, page)]
    name = called(person["customer"], person["generation"])
    months: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        months.setdefault(row["month"], []).append(row)
    for month, events in months.items():
        said = _month(name, person, events, page)
        if said:
            lines.append(f"month {month}: {said}")
    return lines


def _who(person: dict[str, Any], page: Page) -> str:
    """Somebody comes in: the segment, how much is bought, whose customer."""
    name = called(person["customer"], person["generation"])
    kind = f", one of the {person['segment']}," if person["segment"] else ""
    rate, unit = (person["need_rate"], "times a month") if person["need_rate"] >= 1.0 else (
        1.0 / person["need_rate"], "months")  # fmt: skip
    often = f"about {'' if unit[0] == 't' else 'once in '}{_short(rate)} {unit}"
    what = f"buys {often} for some {person['basket']:,.2f} {page.currency}"
    if person["replaces"]:
        before = first_name(person["customer"], person["generation"] - 1)
        return f"{name}{kind} comes in the place of {before} after month {person['month'] + 1}, and {what}."
    whose = f"a customer of {person['supplier']}" if person["supplier"] else "nobody's customer"
    since = f" for {_months(person['tenure'])}" if person["supplier"] and person["tenure"] else ""
    when = f"when month {page.first + 1} begins" if page.first else "at the start"
    return f"{name}{kind} {what}; {when} {whose}{since}."


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or round(value, 1) == round(value) else f"{value:.1f}"


def _months(n: int) -> str:
    return f"{in_words(n)} month{'' if n == 1 else 's'}"


def _month(name: str, person: dict[str, Any], events: list[dict[str, Any]], page: Page) -> str:
    """What one month brought, in a sentence, and one more for the end of the need."""
    clauses: list[str] = []
    tail = ""
    is_gone = any(row["event"] == "gone" for row in events)
    for event, rows in _merged(events):
        if event == "survey" and is_gone:
            continue
        if event == "told":
            tail = _whose(rows[0], page)
        said = SAY[event](rows, page) if event in SAY else ""
        if said:
            clauses.append(said)
    text = f"{name} {_joined(clauses)}{tail}." if clauses else ""
    if is_gone:
        who = f"{text} Then {first_name(person['customer'], person['generation'])}" if text else name
        asked = [row["cause"] for row in events if row["event"] == "survey"]
        text = f"{who} left the market: the need had ended{f' (answered when asked: {asked[0]})' if asked else ''}."
    return text


def _joined(clauses: Sequence[str]) -> str:
    """Clauses with commas, the last with `and`; one that has an `and` inside keeps its distance."""
    if len(clauses) < 2:
        return "".join(clauses)
    comma = "," if any(" and " in clause for clause in clauses) else ""
    return f"{', '.join(clauses[:-1])}{comma} and {clauses[-1]}"


def _merged(events: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Events of one kind together, and no word of moods and moves that another event tells already."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in events:
        kinds.setdefault(row["event"], []).append(row)
    if kinds.keys() & SOURING:
        kinds.pop("unhappy", None)
    left_for = {row["to"] for row in kinds.get("left", [])}
    if "joined" in kinds and kinds["joined"][0]["firm"] in left_for:
        kinds["left"][-1]["won"] = kinds.pop("joined")[0]["cause"]
    yield from kinds.items()


def _whose(row: dict[str, Any], page: Page) -> str:
    """; four of them were Corner's customers."""
    names = "|".join(re.escape(name) for name in sorted(page.firms, key=len, reverse=True))
    found = re.findall(rf"(?:^|, )({names}) (\d+)(?=, |$)", row["hearers"] or "")
    some = [(name, int(n)) for name, n in found]
    if not some:
        return ""
    total = int(row["times"])
    first = "all" if some[0][1] == total else in_words(some[0][1])
    was = "was" if some[0][1] == 1 else "were"
    said = f"; {first} of them {was} {_of(some[0][0])} customer{'' if some[0][1] == 1 else 's'}"
    if total == 1:
        said = f"; that was a customer of {some[0][0]}"
    for name, n in some[1:2]:
        said += f", {in_words(n)} {_of(name)}"
    return said


def _of(firm: str) -> str:
    return f"{firm}'s"


# ---------------------------------------------------------------- one function an event: rows of one kind in a month


def _firms(rows: Sequence[dict[str, Any]]) -> str:
    """Corner; Corner and Express."""
    return _joined(list(dict.fromkeys(row["firm"] for row in rows)))


def _left(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for row in rows:
        after = f" after {_months(int(row['times']))}" if _is(row["times"]) and row["times"] > 0 else ""
        why = (WHY if row["to"] else {**WHY, **ENDED}).get(row["cause"] or "", "")
        cause = f", {why}" if why else ""
        won = WON.get(row.get("won", ""), "")
        goal = f" for {row['to']}" if row["to"] else ""
        said.append(f"left {row['firm']}{goal}{after}{cause}{won}")
    return _joined(said)


def _bought(rows: list[dict[str, Any]], page: Page) -> str:
    return _joined(
        [
            f"bought {so_often(int(r['times']))} at {r['firm']} for {r['amount']:,.2f} {page.currency}"
            for r in rows
        ]
    )


def _visited(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for row in rows:
        amount = f" for {row['amount']:,.2f} {page.currency}" if _is(row["amount"]) else ""
        said.append(f"came to {row['firm']} for service {so_often(int(row['times']))}{amount}")
    return _joined(said)


def _failed(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for row in rows:
        told = "" if row["cause"] == "silent" and len(rows) == 1 else ANSWERED[row["cause"]]
        said.append(f"had a bad visit at {row['firm']} (severity {row['severity']:.1f}){told}")
    return _joined(said) if len(rows) < 2 else ", ".join(said)


def _added(rows: list[dict[str, Any]], page: Page) -> str:
    return _joined([ADDED[r["event"]].format(firm=r["firm"]) + ADDED_ANSWERED[r["cause"]] for r in rows])


def _told(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for row in rows:
        n = int(row["times"])
        people = "one person" if n == 1 else f"{in_words(n)} people"
        said.append(f"told {people}" + ("" if row["cause"] == "bad" else f" how good {row['firm']} is"))
    return _joined(said)


def _heard(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for news in ("bad", "good"):
        some = [row for row in rows if row["cause"] == news]
        if some:
            n = sum(int(row["times"]) for row in some)
            people = "somebody" if n == 1 else f"{in_words(n)} people"
            said.append(f"{news} news of {_firms(some)} from {people}")
    return f"heard {_joined(said)}"


def _heard_of(rows: list[dict[str, Any]], page: Page) -> str:
    said = []
    for row in rows:
        by, _, teller = row["cause"].partition(" by ")
        number, _, life = teller.partition(" (life ")
        how = f"from {called(int(number), int(life[:-1] or 1) - 1)}" if teller else HEARD_OF[by]
        said.append(f"heard of {row['firm']} {how}".rstrip())
    return _joined(said)


def _discount(rows: list[dict[str, Any]], page: Page) -> str:
    row = rows[0]
    share = row["share"]
    if share == 0:
        return f"got no discount from {row['firm']} any more"
    return f"was {'given' if share > 0 else 'charged'} {abs(100 * share):.0f} % {'off' if share > 0 else 'more'} by {row['firm']}"


def _is(value: Any) -> bool:
    return value is not None and value == value


Say = Callable[[list[dict[str, Any]], Page], str]

SAY: dict[str, Say] = {
    "fired": lambda rows, page: f"was fired by {rows[0]['firm']}",
    "level": lambda rows, page: f"was put on the level {rows[0]['cause']} by {rows[0]['firm']}",
    "discount": _discount,
    "heard of": _heard_of,
    "read": lambda rows, page: f"read mail from {_firms(rows)}",
    "offered": lambda rows, page: f"was offered {100 * rows[0]['share']:.0f} % off by {rows[0]['firm']}",
    "opted out": lambda rows, page: f"wanted no more mail from {_firms(rows)}",
    "complained": lambda rows, page: f"complained to {_firms(rows)} about its mail",
    "left": _left,
    "survey": lambda rows, page: f"named as the reason, when asked: {rows[0]['cause']}",
    "joined": lambda rows, page: f"became a customer of {rows[0]['firm']}{WON.get(rows[0]['cause'], '')}",
    "bought": _bought,
    "visited": _visited,
    "product": lambda rows, page: f"took a {_ordinal(int(rows[0]['times']))} product",
    "tier": lambda rows, page: "moved up a tier",
    "said yes": lambda rows, page: f"let {_firms(rows)} write",
    "failed": _failed,
    **dict.fromkeys(ADDED, _added),
    "unhappy": lambda rows, page: f"was disappointed by {rows[0]['firm']}",
    "happy": lambda rows, page: f"was delighted by {rows[0]['firm']}",
    "thought": lambda rows, page: (
        f"began to think of leaving {rows[0]['firm']}{SET_OFF.get(rows[0]['cause'], '')}"
    ),
    "heard": _heard,
    "told": _told,
}
"""How each event is said; one that is not here stands in the table only."""


def _ordinal(n: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(n, f"{n}th")
