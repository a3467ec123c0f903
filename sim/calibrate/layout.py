"""How a text file is laid out: its encoding, what separates its fields, whether it has a head."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

Opener = Callable[[], Any]
"""Opens a file for its bytes, again and again."""

SEPARATORS = (",", ";", "\t", "|")


def encoding_of(open_: Opener) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 if all bytes are, else Windows' Latin-1."""
    decode = codecs.getincrementaldecoder("utf-8")()
    with open_() as file:
        block: bytes = file.read(1 << 20)
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if block.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if block[1:400:2].count(0) > len(block[:400]) // 3:
            return "utf-16-le"
        try:
            while block:
                decode.decode(block)
                block = file.read(1 << 22)
        except UnicodeDecodeError:
            return "cp1252" if not _has_holes(open_) else "latin-1"
    return "utf-8"


def _has_holes(open_: Opener) -> bool:
    """Whether bytes occur that Windows' Latin-1 does not have."""
    with open_() as file:
        while block := file.read(1 << 22):
            if any(hole in block for hole in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")):
                return True
    return False


def cells_of(line: str, separator: str) -> list[str]:
    if separator == r"\s+":
        return line.split()
    return [cell.strip().strip('"') for cell in line.split(separator)]


def separator_of(lines: Sequence[str]) -> str:
    """The separator that cuts the lines into the same number of cells; spaces where none does."""
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]
    scores = {}
    for separator in SEPARATORS:
        counts = [line.count(separator) for line in bare]
        usual = max(set(counts), key=counts.count)
        if usual:
            # a decimal comma is in every line too: a separator of a head without digits is the better one
            scores[separator] = (
                counts.count(usual) / len(counts),
                separator != "," or counts[0] == usual,
                usual,
            )
    if not scores:
        return r"\s+"
    if ";" in scores and scores[";"][0] > 0.9:
        return ";"
    return max(scores, key=lambda separator: scores[separator])


def separator_said(line: str) -> str | None:
    """The separator that a first line such as sep=; names, as Excel writes it above the head."""
    said = re.match(r'"?sep=([^"])"?\s*$', line, re.IGNORECASE)
    return said[1] if said else None


def is_title(lines: Sequence[str], separator: str) -> bool:
    """Whether the first line is no row and no head: it has a cell or two, and most of the next lines have more."""
    first, *others = (cells_of(re.sub(r'"[^"]+"', "x", line), separator) for line in lines)
    widths = [len(cells) for cells in others]
    width = 1 if sum(cell != "" for cell in first) == 1 else len(first)
    return width < 3 and width < max(set(widths), key=widths.count, default=0)


def is_head(cells: Sequence[str]) -> bool:
    """Whether the first line has names: no cell of it is a number or begins as a date does."""
    return not any(re.match(r"^[-+(€$£]?\s?\d", cell.strip()) for cell in cells)


def names_of(lines: Sequence[str], separator: str) -> list[str]:
    """The names of the head, each once."""
    head = pd.read_csv(io.StringIO(lines[0]), sep=separator, nrows=0, skipinitialspace=True, index_col=False)
    return list(head.columns)


def fields_beyond(lines: Sequence[str], separator: str, head: int) -> int:
    """How many fields the first row has beyond the head."""
    try:
        text = io.StringIO("\n".join(lines[1:]))
        row = pd.read_csv(text, sep=separator, header=None, nrows=1, dtype=str, skipinitialspace=True)
    except (pd.errors.EmptyDataError, pd.errors.ParserError):
        return 0
    return max(row.shape[1] - head, 0)
