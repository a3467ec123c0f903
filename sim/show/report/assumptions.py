"""What a result rests on: every parameter, marked yours, published or ours, with its source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sim.scenario import Parameter, Scenario, addresses, laws, load
from sim.scenario.loading import is_shipped
from sim.show.report.exhibits import COUNT, TEXT, Column, Table
from sim.show.report.told import Told

YOURS, PUBLISHED, OURS = MARKS = ("yours", "published", "ours")

PARTS = {
    "market": "the market", "segments": "kinds of customers", "firms": "the firms", "decide": "relationship levels",
    "advertise": "advertising", "contact": "mail and permission", "buy": "choosing and buying", "serve": "service",
    "relate": "loyalty and trust", "talk": "word of mouth", "leave": "leaving", "account": "accounts",
    "mechanisms": "optional mechanisms",
}  # fmt: skip
"""What the first word of an address is about."""


class Assumption(NamedTuple):
    """A parameter with its mark, what it rests on, and whether the scenario says it, not the model."""

    one: Parameter
    mark: str
    source: str
    is_own: bool


def assumptions(told: Told) -> list[Assumption]:
    """Every parameter of what was run.

    Yours is what you changed, and what a scenario of yours says otherwise than the model's defaults, unless its file
    says beside it that it is published or ours. A default is published if its number has a source. The rest is
    ours: the model's, or a shipped scenario's.
    """
    is_ours = is_shipped(told.scenario)
    theirs = addresses(load(told.scenario.name).tables) if is_ours else {}
    found = []
    for address, one in addresses(told.scenario.tables).items():
        if address == "focus":
            continue
        is_own = one.value != one.default
        is_changed = address in told.scenario.changes or (
            is_ours and (address not in theirs or theirs[address].value != one.value)
        )
        mark, source = _marked(one, is_changed, is_own and not is_ours)
        said = "" if is_changed else _of_key(told.sources.get(address, ""), address.rpartition(".")[2])
        stated = re.match(rf"({'|'.join(MARKS)})\b[,:;]?\s*(.*)", said)
        if stated and not is_ours:
            mark, source = stated[1], stated[2]
        elif said and is_own:
            source = said
        found.append(Assumption(one, mark, source, is_own))
    return found


def _of_key(said: str, key: str) -> str:
    """What is said of one key, where a remark speaks of several: `mean: yours (1 to 2); shape: ours`."""
    marks = "|".join(MARKS)
    own = re.search(rf"(?:^|; ){re.escape(key)}: ((?:{marks})\b.*?)(?=; \w+: (?:{marks})\b|$)", said)
    return own[1] if own else said


def _marked(one: Parameter, is_changed: bool, is_yours: bool) -> tuple[str, str]:
    """The mark of a parameter, and its source."""
    if is_changed or is_yours:
        return YOURS, "changed for this run" if is_changed else "your scenario"
    if one.value != one.default:
        return OURS, "this scenario"
    if one.confidence in ("published", "folk"):
        return PUBLISHED, one.source if one.confidence == "published" else f"{one.source} (often told)"
    return OURS, "" if one.source == "ours" else one.source


def table(found: Iterable[Assumption], scenario: Scenario, name: str, caption: str) -> Table:
    """Parameters, a row each."""
    columns = ("parameter", "value", "unit", "default", "mark", "source", "what it is")
    rows = [
        (
            a.one.address, _value(a.one.value), _unit(a.one.unit, scenario), _value(a.one.default), a.mark,
            a.source, a.one.meaning,
        )
        for a in found
    ]  # fmt: skip
    return Table(name, caption, [Column(head, TEXT) for head in columns], rows, fixed=True)


def _value(value: object) -> str:
    """A value for a reader, twelve equal numbers as one."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) and len(value) > 1 and len(set(value)) == 1:
        return f"all {laws.plain(value[0])}"
    return laws.plain(value)


def _unit(unit: str, scenario: Scenario) -> str:
    return unit.replace("money", scenario.market.currency)


def by_part(found: list[Assumption]) -> Table:
    """How many parameters of each part of the model are yours, published and ours."""
    counts = {part: Counter(a.mark for a in found if a.one.address.split(".")[0] == part) for part in PARTS}
    rows = [(PARTS[part], *[n[mark] for mark in MARKS]) for part, n in counts.items() if n]
    total = Counter(a.mark for a in found)
    rows.append(("together", *[total[mark] for mark in MARKS]))
    heads = [Column("parameters of"), *[Column(mark, COUNT) for mark in MARKS]]
    return Table("assumptions", "Where the numbers come from", heads, rows)


def in_a_sentence(found: list[Assumption]) -> str:
    """How much of it is not from the user."""
    total = Counter(a.mark for a in found)
    yours, published = (
        f"{total[mark] or 'none'} {'are' if total[mark] > 1 else 'is'} {word}"
        for mark, word in ((YOURS, "yours"), (PUBLISHED, "published"))
    )
    return (
        f"Of its {len(found)} parameters {yours}, {published}, and {total[OURS]} are ours: chosen, or fitted to known results. "
        "The answer holds as far as these do."
    )
