"""What can still be read of a text that the TOML parser refuses, so that its other faults are told as well.

The statement in which the parser stopped is blanked, and the rest is read again; line and column of all else
stay as they are. What was blanked is *touched*: nothing is said of what depends on it, so that no fault is
told that is only a consequence of another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sim.scenario.faults import Fault
from sim.scenario.scanner import TOKEN, Shape, check_shape

MOST_MENDED = 100  # statements of one text
MOST_READ = 100_000  # characters read again, in all

EVERYTHING = frozenset({"*"})
"""Touched where nobody can tell what the blanked text was about."""

LONG_QUOTES = ('"""', "'''")
_STATEMENT = re.compile(
    r"""^[ \t]*(?:\[{1,2}[^\[\]=,\n]+\]{1,2}[ \t]*(?:\#.*)?$|[A-Za-z_"'][^=\n#]*=)""", re.M
)
_HEADER = re.compile(r"^[ \t]*\[", re.M)
_OPEN_HEADER = re.compile(r"([ \t]*)(\[{1,2})([\w.\"' -]+?)\]?([ \t]*(?:\#.*)?)")
_FIRST_NAME = re.compile(r"""[ \t]*\[{0,2}[ \t]*["']?([A-Za-z_]+)""")

UNREAD = "there may be more faults: not all of this file could be read"

Explain = Callable[[str, str, Shape], tuple[Fault, int]]


def read_in_parts(text: str, explain: Explain) -> tuple[dict[str, Any], str, list[Fault], frozenset[str]]:
    """Read a TOML text; where it is none, what can be read of it.

    Parameters
    ----------
    text : str
        Of a shape that `check_shape` lets pass.
    explain : function
        Called with the parser's message, the text and its shape; returns the fault and its offset.

    Returns
    -------
    tables : dict
        What could be read.
    text : str
        The text that was read: blank where it could not be; line and column of all else are the same.
    faults : list of Fault
        Those of the syntax, in the order of the text.
    touched : frozenset of str
        Top-level names about which something was blanked; `EVERYTHING` if that is not known.
    """
    faults: list[Fault] = []
    touched: set[str] = set()
    rounds = min(MOST_MENDED, MOST_READ // max(len(text), 1)) + 1
    while True:
        shape = check_shape(text)
        if shape.problem:  # it came to light behind a text that was never closed
            return {}, text, faults, EVERYTHING
        try:
            if text.startswith(LONG_QUOTES, max(shape.unclosed, 0)) and shape.unclosed >= 0:
                raise ValueError("a text without end")  # the parser would look for it very slowly
            return tomllib.loads(text), text, faults, frozenset(touched)
        except ValueError as error:  # TOMLDecodeError; and an integer of more digits than Python reads
            fault, offset = explain(str(error), text, shape)
        faults.append(fault)
        if len(faults) >= rounds:
            faults.append(replace(fault, problem=UNREAD, cure="mend these first", line=0, column=0))
            return {}, text, faults, EVERYTHING
        if (closed := _with_closed_header(text, offset)) != text:
            text = closed
            continue
        start, stop = _statement(text, offset, is_open=shape.unclosed >= 0 and offset >= shape.unclosed)
        touched |= _about(text, start, stop)
        blank = re.sub(r"[^\n]", " ", text[start:stop])
        if blank == text[start:stop]:  # nothing is left to take away
            return {}, text, faults, EVERYTHING
        text = text[:start] + blank + text[stop:]


def _with_closed_header(text: str, offset: int) -> str:
    """The text with the brackets that its [table] lacks on the line of the offset: no other line moves."""
    start = text.rfind("\n", 0, offset) + 1
    stop = (text.find("\n", offset) + 1 or len(text) + 1) - 1
    header = _OPEN_HEADER.fullmatch(text, start, stop)
    if header is None:
        return text
    before, brackets, name, after = header.groups()
    return f"{text[:start]}{before}{brackets}{name}{']' * len(brackets)}{after}{text[stop:]}"


def _statement(text: str, offset: int, is_open: bool) -> tuple[int, int]:
    """From where to where the statement goes in which the parser stopped; a header takes its table along."""
    start, is_inside = _begin(text, offset)
    end_of_line = (text.find("\n", max(offset, start)) + 1 or len(text) + 1) - 1
    if is_open and text.startswith(LONG_QUOTES, offset):
        return start, len(text)  # what belongs to the text that is never closed, nobody knows
    if is_inside:
        following = _STATEMENT.search(text, text.find("\n", start) + 1 or len(text))
        return start, following.start() if following else len(text)
    if text[start:end_of_line].lstrip().startswith("["):
        header = _HEADER.search(text, end_of_line)
        return start, header.start() if header else len(text)
    return start, end_of_line


def _begin(text: str, offset: int) -> tuple[int, bool]:
    """Where the line begins on which the statement does, and whether the offset is inside its brackets."""
    start = depth = 0
    for token in _until(text, offset):
        kind = token.lastgroup
        is_header = kind == "open" and depth == 0 and not text[start : token.start()].strip(" \t[")
        if kind == "newline" and depth <= 0:
            start, depth = token.end(), 0
        elif kind == "open" and not is_header:
            depth += 1
        elif kind == "close" and depth > 0:
            depth -= 1
    line = text.rfind("\n", 0, offset) + 1
    return (start, True) if depth > 0 else (max(start, line) if line <= offset else start, False)


def _until(text: str, offset: int) -> Iterator[re.Match[str]]:
    for token in TOKEN.finditer(text):
        if token.start() >= offset:
            return
        yield token


def _about(text: str, start: int, stop: int) -> frozenset[str]:
    """The top-level names that a blanked part is about."""
    headers = [
        match for match in _STATEMENT.finditer(text, 0, start) if match.group().lstrip().startswith("[")
    ]
    parts = [text[start:stop]]
    if headers and not parts[0].lstrip().startswith("["):
        parts = [headers[-1].group()]
    elif parts[0].count("\n") > 1:
        parts += [match.group() for match in _HEADER.finditer(text, start + 1, stop)]
    names = [_FIRST_NAME.match(part) for part in parts]
    return frozenset(name.group(1) if name else "*" for name in names)
