"""Scenario files written: what differs from the defaults, in the file's order; a starter to fill in."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario import laws
from sim.scenario.parameters import FORMAT
from sim.scenario.tables import Tables


def file_text(tables: Tables) -> str:
    """A scenario file that gives these tables: title, page and whatever differs from the defaults."""
    said = tables.model_dump(by_alias=True, exclude_defaults=True)
    said["mechanisms"] = {
        name: table for name, table in said.get("mechanisms", {}).items() if table.get("on", False)
    }
    lines = [f"tenfold = {FORMAT}", f"title = {toml(tables.title)}"]
    lines += [f"focus = {toml(tables.focus)}"] if tables.focus is not None else []
    for key in laws.children(Tables):
        if key in ("segments", "firms"):  # always: their order counts
            for name, entry in getattr(tables, key).items():
                lines += _table(
                    (key, name), entry.model_dump(by_alias=True, exclude_defaults=True), always=True
                )
        elif isinstance(said.get(key), dict):
            lines += _table((key,), said[key])
    return "\n".join(lines) + "\n"


def _table(path: tuple[str, ...], values: Mapping[str, Any], *, always: bool = False) -> list[str]:
    """A table's header and lines; then the tables below it."""
    here, below = [], []
    for key, value in values.items():
        node = laws.at((*path, key))
        if key == "rules":
            for rule in value:
                below += ["", f"[[{_dotted((*path, key))}]]"]
                below += [f"{_key(name)} = {toml(rule[name])}" for name in ("if", "then")]
        elif isinstance(value, dict) and key != "policy" and not _is_inline(value, path):
            below += _table((*path, key), value)
        elif value is not None:
            unit = laws.parameter("", node).unit if isinstance(node, laws.FieldInfo) else ""
            comment = f"  # {unit}" if unit not in ("", key) else ""
            here.append(f"{_key(key)} = {toml(value)}{comment}")
    head = ["", f"[{_dotted(path)}]"] if here or always else []
    return head + here + below


def table_lines(path: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    """A table as it is given: its header, and a line a value."""
    return [f"[{_dotted(path)}]", *(f"{_key(key)} = {toml(value)}" for key, value in values.items())]


def _is_inline(value: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Traits, levels and recoveries are short: they stand on one line."""
    return path[0] == "segments" or path[-1] in ("levels", "recoveries")


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {toml(inner)}" for key, inner in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return (
        '"'
        + "".join(escapes.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _dotted(path: Iterable[str]) -> str:
    return ".".join(map(_key, path))


def write_whole(file: Path, data: bytes | Path, *, force: bool = False) -> None:
    """Write a file whole or not at all: to a temporary name beside it, to the disk, then moved.

    Parameters
    ----------
    file : Path
    data : bytes or Path
        What to write, or a file to copy.
    force : bool
        Whether to write over a file that is there.

    Raises
    ------
    FileExistsError
        The file is there, and `force` was not given.
    """
    if file.exists() and not force:
        raise FileExistsError(f"{file} is there already; force writes over it")
    temporary = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with temporary.open("wb") as stream:
            if isinstance(data, bytes):
                stream.write(data)
            else:
                with data.open("rb") as original:
                    shutil.copyfileobj(original, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


STARTER = """\
tenfold = 1                     # the format of this file
title = "Two shops"             # what tables and pictures are headed with
focus = "Ours"                  # the firm that you are; every table speaks of it first

[info]                          # its page: question, what, how, use, notice, try, extend, references
question = "Does being remembered beat being cheap?"   # in one line

[market]
customers = 2_000               # people (or firms) who may buy
months = 36                     # length of a run
setting = "free"                # "free": each purchase is a choice; "contract": a payment each month
currency = "EUR"                # of every amount below

[segments.regulars]             # kinds of customers; their shares sum to 1
share = 0.3                     # of all customers
need_rate = { mean = 2.0 }      # purchases a month
basket = { mean = 30.0 }        # spend on one purchase, in the currency

[segments.others]
share = 0.7
need_rate = { mean = 0.5 }
basket = { mean = 40.0 }

[firms.Ours]
quality = 0.2                   # 0 is the market's average
unit_margin = 0.4               # share of the price left after cost of goods

[firms.Ours.plan]               # what the firm decides each month
level = "accountable"           # basic, reactive, accountable, proactive or partnership
strategy = "opt_in"             # whom it mails: silent, opt_out, interruption, opt_in or double_opt_in
messages = 2                    # a month

[[firms.Ours.rules]]            # exceptions, customer by customer; the later rule wins
if = "status == lapsed and spent > 100"   # over what the firm knows of a customer
then = { offer = 0.1 }          # a win-back discount of 10 %

[firms.Rival.plan]
price = 0.95                    # 5 % under the market

[talk]
unhappy_tells = 10              # people that an unhappy customer tells
# Whatever is not named keeps its default: tenfold explain need_rate, tenfold show FILE
"""


def new_file_text(scenario: Any = None) -> str:
    """The text of a new scenario file: a starter to fill in, each line explained, or that of a scenario.

    Parameters
    ----------
    scenario : Scenario, optional
        Whose file text to give.

    Returns
    -------
    str
        TOML that loads as it is.
    """
    return STARTER if scenario is None else file_text(scenario.tables)
