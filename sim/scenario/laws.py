"""What the scenario file may hold at an address: the law that a value must keep, in words.

An address is a path through the tables of `parameters`; this file walks that path and says what stands
at its end. Errors, `explain`, `--change` and the JSON Schema all speak from here.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sim.scenario.faults import nearest, plain_number, slips
from sim.scenario.parameters import BY_CUSTOMER, Table, TraitTable
from sim.scenario.tables import Tables

Node = type[Table] | FieldInfo  # a table, or what stands at a key
PAGE = ("tenfold", "title", "info", "sweep")  # what no change, no hash and no list of parameters is about


@dataclass(frozen=True)
class Parameter:
    """One parameter of a scenario.

    Attributes
    ----------
    address : str
        The dotted path of its place in the file.
    value, default : object
        What it is in this scenario, and what it is if nothing is said; None where it may be left out.
    type : str
        number, whole number, yes or no, word, text, list of numbers, policy, or table.
    low, high : float or None
        Its range, both ends included.
    words : tuple of str
        The words that it may be; for a number, the words that it may be instead.
    unit, meaning, source, confidence : str
        As `explain` prints them. Confidence is published, folk or ours; fitted is added where it was.
    """

    address: str
    value: Any
    default: Any
    type: str
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()
    unit: str = ""
    meaning: str = ""
    source: str = "ours"
    confidence: str = "ours"

    def __str__(self) -> str:
        """One line: `talk.unhappy_tells = 10 people (0 to 100): … Source: TARP 1979/1986; folk.`"""
        value = "left out" if self.value is None else plain(self.value)
        unit = f" {self.unit}" if self.unit else ""
        source = self.confidence if self.source == "ours" else f"{self.source}; {self.confidence}"
        span = f" ({self.span()})" if self.span() else ""
        return f"{self.address} = {value}{unit}{span}: {self.meaning}. Source: {source}."

    def span(self) -> str:
        """The range or the words: `0 to 100`, `free, contract`."""
        words = ", ".join(self.words)
        if self.low is None or self.high is None:
            return words
        numbers = f"{plain_number(self.low)} to {plain_number(self.high)}"
        return f"{numbers}, or {words}" if words else numbers

    def law(self, value: Any) -> str:
        """What a value must be, said to somebody who gave this one: `must be 0.1 to 10`."""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.type == "number":
            if self.words:
                return f"must be {self.span()}" if is_number else f"must be a number, {self.span()}"
            return (
                f"must be {self.span()}"
                if is_number and self.span()
                else f"must be a number {self.span()}".strip()
            )
        if self.type == "whole number":
            return f"must be a whole number {self.span()}".strip()
        return {
            "yes or no": "must be true or false",
            "word": f"must be one of {self.span()}",
            "text": 'must be a text in "quotes"',
            "list of numbers": "must be a list of 12 numbers",
            "policy": "must be a policy's name, or a table with its name and parameters",
            "table": "must be a table",
        }[self.type]

    def guess(self, value: Any) -> str:
        """What somebody who gave this value probably meant, as a file writes it; "" if that is unclear."""
        if isinstance(value, str):
            if self.type == "yes or no":
                return {
                    "yes": "true",
                    "true": "true",
                    "on": "true",
                    "no": "false",
                    "false": "false",
                    "off": "false",
                }.get(value.lower(), "")
            if self.words and (near := nearest(value, self.words)):
                return near
        if self.type == "yes or no" and value in (0, 1) and not isinstance(value, bool):
            return "true" if value else "false"
        if self.type in ("number", "whole number"):
            return self._guess_number(value)
        return ""

    def _guess_number(self, value: Any) -> str:
        if isinstance(value, str):
            text = value.strip().removesuffix("%").strip().replace(",", ".")
            try:
                number = float(text) / (100 if "%" in value else 1)
            except ValueError:
                return ""
            return f"{number:.12g}" if self.holds(number) else ""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return ""
        if self.type == "whole number" and isinstance(value, float):
            return f"{value:.0f}" if self.holds(value) and value == int(value) else ""
        is_percent = self.unit.startswith(("share", "chance")) and 1 < value <= 100 and not self.holds(value)
        return f"{value / 100:.12g}" if is_percent and self.holds(value / 100) else ""

    def holds(self, number: float) -> bool:
        """Whether a number is in the range."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def plain(value: Any) -> str:
    """A value for a reader."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return plain_number(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(plain, value)) + "]"
    return str(value)


# ---------------------------------------------------------------- walking the tables


@cache
def children(table: type[Table]) -> dict[str, FieldInfo]:
    """The keys of a table, as the file writes them (one dictionary for all callers: not to be changed)."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def table_of(field: FieldInfo) -> type[Table] | None:
    """The table that stands at a key; None if it is no table (or tables by name, or a list of them)."""
    return (
        field.annotation
        if isinstance(field.annotation, type) and issubclass(field.annotation, Table)
        else None
    )


def entries_of(field: FieldInfo) -> type[Table] | None:
    """The table of each entry, where a key holds tables by name (`firms`) or a list of them (`rules`)."""
    for arg in get_args(field.annotation):
        if isinstance(arg, type) and issubclass(arg, Table):
            return arg
    return None


def step(node: Node | None, part: str | int) -> Node | None:
    """What stands one step further along a path; None if nothing may."""
    if isinstance(node, FieldInfo):
        return entries_of(node) or (node if dict in _bases(node.annotation) else None)
    if node is None:
        return None
    field = children(node).get(str(part))
    return (table_of(field) or field) if field is not None else None


def at(path: Iterable[str | int]) -> Node | None:
    """What may stand at a path, from the top of the file; in a rule's `then`, the law of the decision."""
    path = tuple(path)
    if len(path) == 6 and (path[0], path[2], path[4]) == ("firms", "rules", "then"):
        return decision(str(path[5]))
    node: Node | None = Tables
    for part in path:
        node = step(node, part)
    return node


def _bases(annotation: Any) -> list[Any]:
    """The plain types and the words of an annotation, without Annotated and None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bases(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [base for arg in get_args(annotation) for base in _bases(arg)]
    if origin is Literal:
        return list(get_args(annotation))
    return [origin or annotation]


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    limits = list(field.metadata)
    for arg in get_args(field.annotation):
        if get_origin(arg) is Annotated:
            for inner in get_args(arg)[1:]:
                limits += getattr(inner, "metadata", [inner])
    low = next((m.ge for m in limits if getattr(m, "ge", None) is not None), None)
    high = next((m.le for m in limits if getattr(m, "le", None) is not None), None)
    return low, high


def parameter(address: str, field: FieldInfo, value: Any = None) -> Parameter:
    """The parameter at a key that holds no table."""
    bases = _bases(field.annotation)
    table = "policy" if address.rpartition(".")[2] == "policy" else "table"
    words = tuple(base for base in bases if isinstance(base, str))
    kinds = (
        (dict, table),
        (tuple, "list of numbers"),
        (float, "number"),
        (int, "whole number"),
        (bool, "yes or no"),
        (str, "text"),
    )
    kind = next((name for base, name in kinds if base in bases), "word")
    extra: dict[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    low, high = _bounds(field)
    return Parameter(
        address,
        value,
        field.get_default(call_default_factory=True),
        kind,
        low,
        high,
        words,
        extra.get("unit", ""),
        field.description or "",
        extra.get("source", "ours"),
        extra.get("confidence", "ours"),
    )


def walk(table: type[Table], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """All keys below a table that hold no table; entries that have a name of their own stand under NAME."""
    for key, field in children(table).items():
        path = (*prefix, key)
        if inner := table_of(field):
            yield from walk(inner, path)
        elif key in ("segments", "firms") and (inner := entries_of(field)):
            yield from walk(inner, (*path, "NAME"))
        elif not entries_of(field) and path[0] not in PAGE:
            yield path, field


@cache
def _addresses(table: type[Table]) -> tuple[str, ...]:
    """The addresses below a table, from there."""
    return tuple(".".join(path) for path, _ in walk(table))


def closest(path: tuple[str | int, ...]) -> str:
    """The key that was probably meant by an unknown one: a sibling, or a place elsewhere; "" if unclear."""
    *before, last = path
    here = at(before)
    keys = children(here) if isinstance(here, type) else {}
    word = str(last)
    near, everywhere = nearest(word, keys), _addresses(Tables)
    if isinstance(here, type) and issubclass(here, TraitTable):
        return near
    below = _addresses(here) if isinstance(here, type) and here is not Tables else ()
    for addresses in (below, () if word in children(Tables) else everywhere):
        for address in addresses:
            if address.rpartition(".")[2] == word and not (near and _is_a_slip_of(word, near)):
                return address
    ends = {address.rpartition(".")[2]: address for address in reversed(everywhere)}
    return near or ends.get(nearest(word, ends, cutoff=0.8), "")


def _is_a_slip_of(word: str, near: str) -> bool:
    """Whether a word that stands elsewhere is still more probably a slip: one letter, or case and hyphens."""
    return slips(word.lower().replace("-", "_"), near) <= 1


def decision(name: str) -> FieldInfo | None:
    """A decision that may be taken customer by customer."""
    found = at(("firms", "NAME", "plan", name)) if name in BY_CUSTOMER else None
    return found if isinstance(found, FieldInfo) else None
