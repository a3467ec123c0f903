"""The columns of a firm's database: what a decision rule may ask about a customer."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from sim.rules import Kind, Number, Words
from sim.scenario.words import PERMISSIONS, STATUSES

DATABASE_COLUMNS: Mapping[str, Kind] = {
    "months_since_purchase": Number("months", 0.0),
    "frequency": Number("purchases a year", 0.0),
    "monetary": Number("money", 0.0),
    "spent": Number("money", 0.0),
    "tenure": Number("months", 0.0),
    "products": Number("products", 1.0, 5.0),
    "tier": Number("tiers", 0.0, 2.0),
    "profit": Number("money"),
    "margin": Number("share"),
    "cost_to_serve": Number("money"),
    "clv": Number("money"),
    "complaints": Number("complaints", 0.0),
    "reads": Number("messages", 0.0),
    "permission": Words(PERMISSIONS),
    "segment_guess": Words(()),  # the scenario's segments: `vocabulary`
    "value_rank": Number("rank 0 to 1", 0.0, 1.0),
    "status": Words(STATUSES),
    "identified": Number("purchases", 0.0),
}

RESERVED = {*DATABASE_COLUMNS, *PERMISSIONS, *STATUSES, "min", "max", "abs"}


def vocabulary(segments: Iterable[str]) -> dict[str, Kind]:
    """The columns that the rules of a scenario with these segments may name."""
    return {**DATABASE_COLUMNS, "segment_guess": Words(tuple(segments))}


def segment_name_fault(name: str) -> str:
    """Why a segment cannot have this name, which rules write as a bare word; "" if it can."""
    if not name.isascii() or not name.isidentifier() or len(name) > 40:
        return "a segment's name has 1 to 40 letters a to z, digits and _, and begins with a letter"
    if keyword.iskeyword(name) or name.lower() in ("true", "false"):
        return "a segment's name is a word of its own: this one has a meaning in rules"
    if name in RESERVED:
        return "a segment's name is a word of its own: this one is a column or a word of rules"
    return ""


def firm_name_fault(name: str) -> str:
    """Why a firm cannot have this name; "" if it can. No dots: addresses are dotted."""
    allowed = all(c.isalnum() or c in " _-&'" for c in name)
    if not allowed or not name.isprintable() or not 1 <= len(name) <= 40 or name != name.strip():
        return "a firm's name has 1 to 40 letters, digits, blanks and _ - & '; no dots: addresses are dotted"
    return ""
