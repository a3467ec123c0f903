"""A scenario's page: what it is, things to notice, things to try; as text and as HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from sim.scenario.addressing import explain_value
from sim.scenario.tables import Tables

SECTIONS = (
    ("question", "The question"),
    ("what", "What it is"),
    ("how", "How it works"),
    ("use", "How to use it"),
    ("notice", "Things to notice"),
    ("try_", "Things to try"),
    ("extend", "Extending it"),
)


def facts(tables: Tables) -> str:
    """One line: `500 customers, 36 months, free; firms: Corner, Express`."""
    market = tables.market
    firms = ", ".join(tables.firms)
    return f"{market.customers:,} customers, {market.months} months, {market.setting}; firms: {firms}"


def mechanisms(tables: Tables) -> str:
    """One line of the optional mechanisms that are on: `mechanisms: privacy, community`; "" if there are none."""
    on = ", ".join(name for name, table in tables.mechanisms if table.on)
    return f"mechanisms: {on}" if on else ""


def _clean(text: str) -> str:
    """A file's text without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def _sections(tables: Tables) -> Iterator[tuple[str, str]]:
    for name, heading in SECTIONS:
        if text := getattr(tables.info, name):
            yield heading, _clean(text)
    if tables.info.references:
        yield "References", _clean("; ".join(tables.info.references))


def changed(changes: Mapping[str, Any]) -> str:
    """One line of changes: `talk.unhappy_tells = 0, firms.Corner.plan.price = 1.1`; "" if there are none."""
    return _clean(", ".join(explain_value(address, value) for address, value in changes.items()))


def as_text(name: str, tables: Tables, changes: Mapping[str, Any]) -> str:
    """The page for a terminal, 80 columns wide."""
    lines = [f"{_clean(tables.title)} ({_clean(name)})", facts(tables)]
    lines += textwrap.wrap(mechanisms(tables), 80)
    lines += textwrap.wrap(f"changed: {changed(changes)}", 80) if changes else []
    for heading, text in _sections(tables):
        lines += ["", f"{heading}:", *textwrap.wrap(text, 78, initial_indent="  ", subsequent_indent="  ")]
    return "\n".join(lines)


def as_html(name: str, tables: Tables, changes: Mapping[str, Any]) -> str:
    """The page for a notebook; whatever a file says is escaped."""
    parts = [
        f"<h3>{escape(tables.title)} <small>({escape(name)})</small></h3>",
        f"<p>{escape(facts(tables))}</p>",
    ]
    parts += [f"<p>{escape(mechanisms(tables))}</p>"] if mechanisms(tables) else []
    parts += [f"<p>changed: <code>{escape(changed(changes))}</code></p>"] if changes else []
    parts.append("<dl>")
    for heading, text in _sections(tables):
        marked = re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
        parts.append(f"<dt>{escape(heading)}</dt><dd>{marked}</dd>")
    return "".join([*parts, "</dl>"])
