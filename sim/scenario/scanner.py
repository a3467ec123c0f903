"""Where things stand in a TOML text: a check before the parser sees it, and line and column for errors.

`check_shape` refuses what makes Python's TOML parser slow or deep. `positions` runs only when there is a
fault to place, on a text that the parser has accepted.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import NamedTuple

MOST_KEY_PARTS = 8
MOST_NESTED = 16

TOKEN = re.compile(
    r'''(?P<comment>\#[^\n]*+)
    | (?P<string>"""(?:\\.|"{1,2}(?!")|[^"\\])*+"{3,5} | \'\'\'(?:\'{1,2}(?!\')|[^\'])*+\'{3,5}
        | "(?!"")(?:\\[^\n]|[^"\\\n])*+" | \'(?!\'\')[^\'\n]*+\')
    | (?P<newline>\n) | (?P<space>[ \t]++) | (?P<bare>[A-Za-z0-9_+:-]++)
    | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<dot>\.) | (?P<sign>[=,]) | (?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)

Path = tuple[str | int, ...]


class Shape(NamedTuple):
    """What is wrong with a text's shape: the offset and the problem; `unclosed` is where a string begins."""

    at: int = 0
    problem: str = ""
    cure: str = ""
    unclosed: int = -1


def check_shape(text: str) -> Shape:
    """Look for keys of too many parts and brackets too deep, in time proportional to the text."""
    dots = depth = 0
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "dot":
            dots += 1
            if dots >= MOST_KEY_PARTS:
                return Shape(token.start(), f"a key has at most {MOST_KEY_PARTS} parts", "take dots away")
        elif kind not in ("space", "bare", "string"):
            dots = 0
            depth += (kind == "open") - (kind == "close" and depth > 0)
            if depth > MOST_NESTED:
                return Shape(token.start(), f"brackets are at most {MOST_NESTED} deep", "take brackets away")
            if kind == "other" and token.group() in "\"'":  # never closed: the parser stops here, so do we
                return Shape(unclosed=token.start())
    return Shape()


def end_before(text: str, offset: int) -> int:
    """Where the last thing before the offset ends; blanks, line ends and comments do not count."""
    end = 0
    for token in TOKEN.finditer(text, 0, offset):
        if token.lastgroup not in ("space", "newline", "comment"):
            end = token.end()
    return end


class Lines:
    """Offsets of a text as line and column, both from 1."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


class Positions:
    """Where each key and each value of a TOML text stands."""

    def __init__(self, text: str) -> None:
        self.lines = Lines(text)
        self.found: dict[Path, tuple[int, int]] = {}
        self.reader = _Reader(text, self.found)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at a path (or of its key), or of the nearest table around it."""
        while path not in self.found and self.reader.statement():
            pass
        if path in self.found:
            return self.lines.place(self.found[path][0 if key else 1])
        while path:
            path = path[:-1]
            if path in self.found:
                return self.lines.place(self.found[path][1])
        return (1, 1)


class _Reader:
    """Walks over the tokens, a statement at a time; notes where the key and value of each path stand."""

    def __init__(self, text: str, found: dict[Path, tuple[int, int]]) -> None:
        self.tokens = (m for m in TOKEN.finditer(text) if m.lastgroup not in ("space", "comment"))
        self.ahead = next(self.tokens, None)
        self.found = found
        self.table: Path = ()
        self.counts: dict[Path, int] = {}  # arrays of tables: how many tables so far

    def take(self) -> re.Match[str]:
        token = self.ahead
        if token is None:
            raise EOFError
        self.ahead = next(self.tokens, None)
        return token

    def next_is(self, *texts: str) -> bool:
        return self.ahead is not None and self.ahead.group() in texts

    def took(self, *texts: str) -> bool:
        """Whether the next token is one of these; then it is taken."""
        if not self.next_is(*texts):
            return False
        self.take()
        return True

    def statement(self) -> bool:
        """Read one line, or whatever begins on it; False when there are no more."""
        try:
            if self.next_is("["):
                self.table = self.header()
            elif not self.took("\n"):
                self.pair(self.table)
        except EOFError:  # the end; or a text that the parser refused: what was found must do
            return False
        return True

    def header(self) -> Path:
        start = self.take().start()
        is_array = self.took("[")
        parts = self.key()
        for _ in range(1 + is_array):
            self.take()
        path: Path = ()
        for i, (part, offset) in enumerate(parts):
            path += (part,)
            self.found.setdefault(path, (offset, offset))
            if is_array and i == len(parts) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path += (self.counts[path] - 1,)
                self.found.setdefault(path, (start, start))
        return path

    def key(self) -> list[tuple[str, int]]:
        parts = []
        while True:
            token = self.take()
            text = token.group()
            name = tomllib.loads(f"key = {text}")["key"] if token.lastgroup == "string" else text
            parts.append((name, token.start()))
            if not self.took("."):
                return parts

    def pair(self, table: Path) -> None:
        path = table
        for part, offset in self.key():
            path += (part,)
            self.found.setdefault(path, (offset, offset))
        self.take()  # the equals sign
        self.value(path)

    def value(self, path: Path) -> None:
        if self.ahead is None:
            raise EOFError
        offset = self.ahead.start()
        self.found[path] = (self.found.get(path, (offset, 0))[0], offset)
        if self.took("["):
            index = 0
            while not self.took("]"):
                if not self.took("\n", ","):
                    self.value((*path, index))
                    index += 1
        elif self.took("{"):
            while not self.took("}"):
                if not self.took("\n", ","):
                    self.pair(path)
        else:
            while self.ahead is not None and not self.next_is(",", "]", "}", "\n"):
                self.take()
