"""From a file to plain tables: size, encoding, TOML, the format; each mistake with its place and its cure."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.scenario.faults import Fault, ScenarioError, nearest, shown
from sim.scenario.mending import read_in_parts
from sim.scenario.parameters import FORMAT
from sim.scenario.scanner import Lines, Positions, Shape, check_shape, end_before
from sim.scenario.scanner import Path as KeyPath

MOST_BYTES = 256 * 1024

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows gives to devices, whatever their ending."""


@dataclass(frozen=True)
class Source:
    """Where tables came from: the file as the user named it, its text, and the folder that it stands in.

    ``syntax`` has the faults of a text that is no TOML; ``touched`` the top-level names about which
    something could not be read (`mending`).
    """

    file: str = ""
    text: str = ""
    folder: Path = Path()
    syntax: tuple[Fault, ...] = ()
    touched: frozenset[str] = frozenset()

    def is_whole(self, *names: str) -> bool:
        """Whether all was read about these top-level names."""
        return not self.touched & {"*", *names}

    @cached_property
    def positions(self) -> Positions:
        """Where everything stands; worked out only when there is a fault."""
        return Positions(self.text)

    def place(self, path: KeyPath, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a path; (0, 0) for tables that came from no file."""
        return self.positions.place(path, key=key) if self.file else (0, 0)

    def inside_text(self, line: int, column: int, characters: int) -> int:
        """How many columns into a text so many characters are; 0 where the text runs over lines."""
        start = self.text.split("\n")[line - 1][column - 1 : column + 2]
        return 0 if start in ('"""', "'''") else characters


def read_tables(file: Path) -> tuple[dict[str, Any], Source]:
    """Read a scenario file.

    Parameters
    ----------
    file : Path
        A file that ends in .toml, of at most 256 KB, in UTF-8.

    Returns
    -------
    tables : dict
        What the file says, unchecked.
    source : Source
        For placing faults; with those of the syntax.

    Raises
    ------
    ScenarioError
        There is no such file, it is too large, not text, or needs a newer Tenfold.
    """
    name = str(file)
    return parse(Source(name, decode(read_bytes(file), name), file.parent))


def is_there(file: Path, *, folder: bool = False) -> bool:
    """Whether there is such a file (or folder): no device, no pipe, no name that the system refuses."""
    if sys.platform == "win32" and _DEVICE.fullmatch(file.name.partition(".")[0].strip()):
        return False
    try:
        return file.is_dir() if folder else file.is_file()
    except (OSError, ValueError):
        return False


def read_bytes(file: Path) -> bytes:
    """The file's bytes, at most 256 KB of them."""
    name = str(file)
    if file.suffix.lower() != ".toml":
        raise ScenarioError(
            [Fault("a scenario file ends in .toml", file=name, cure="rename it, or name another")]
        )
    if not is_there(file):
        raise ScenarioError([_missing(file)])
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ScenarioError([Fault(f"cannot be read: {error.strerror}", file=name)]) from None
    if len(data) > MOST_BYTES:
        raise ScenarioError(
            [
                Fault(
                    f"a scenario file has at most {MOST_BYTES // 1024} KB",
                    file=name,
                    cure="take away what is not needed",
                )
            ]
        )
    return data


def _missing(file: Path) -> Fault:
    if is_there(file, folder=True):
        return Fault("is a folder, not a scenario file", file=str(file))
    try:
        others = [other.name for other in sorted(file.parent.glob("*.toml"))[:1000]]
    except OSError:
        others = []
    if file.name in others:
        return Fault("is no plain file: a device, a pipe, or a link that leads nowhere", file=str(file))
    near = nearest(file.name, others)
    return Fault("there is no such file", file=str(file), suggestion=str(file.parent / near) if near else "")


def decode(data: bytes, file: str) -> str:
    """Text from bytes: UTF-8, with or without a byte order mark, any line ends."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ScenarioError([Fault("is not UTF-8 text but UTF-16", file=file, cure="save it as UTF-8")])
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = Lines(before).place(len(before))
        got = f"the byte 0x{data[error.start]:02x}"
        fault = Fault(
            "is not UTF-8 text", value=got, cure="save it as UTF-8", file=file, line=line, column=column
        )
        raise ScenarioError([fault]) from None


def parse(source: Source) -> tuple[dict[str, Any], Source]:
    """Tables from TOML; where the parser cannot read a part, the rest, and the fault in the source."""
    shape = check_shape(source.text)
    if shape.problem:
        line, column = Lines(source.text).place(shape.at)
        raise ScenarioError(
            [Fault(shape.problem, cure=shape.cure, file=source.file, line=line, column=column)]
        )
    try:
        tables, text, syntax, touched = read_in_parts(
            source.text, lambda message, text, shape: _syntax(message, text, source.file, shape)
        )
    except RecursionError:
        raise ScenarioError([Fault("is nested too deeply", file=source.file)]) from None
    source = replace(source, text=text, syntax=tuple(syntax), touched=touched)
    _check_format(tables, source)
    return tables, source


def _check_format(tables: dict[str, Any], source: Source) -> None:
    """Refuse a newer format at once; a missing or wrong one is told with the other faults."""
    given = tables.get("tenfold")
    if isinstance(given, int) and not isinstance(given, bool) and given > FORMAT:
        line, column = source.place(("tenfold",))
        problem = f"needs a newer Tenfold: this one reads format {FORMAT}"
        cure = "python3 -m pip install --upgrade tenfold"
        raise ScenarioError([Fault(problem, "tenfold", shown(given), "", cure, source.file, line, column)])


# ---------------------------------------------------------------- TOML that the parser refuses

_CURES = (  # a mistake, by the rest of the line where the parser stopped, or by the whole line
    ("rest", r"(?P<a>\d+),(?P<b>\d+)\s*(?:#|$)", "decimals have a point: {a}.{b}"),
    ("line", r"=\s*-?(?P<a>\d+),(?P<b>\d+)\s*(?:#.*)?$", "decimals have a point: {a}.{b}"),
    ("line", r"=\s*(?P<a>\d+(?:\.\d+)?)\s*%", "a share is a number from 0 to 1: write {a} % as {share}"),
    ("rest", r"(?P<a>True|False|TRUE|FALSE|yes|no|Yes|No)\b", "yes and no are written true and false"),
    ("rest", r"(?P<a>\.\d+)", "write 0{a}"),
    ("line", r"[=\[,]\s*-?(?P<a>\d+\.)\s*(?:[#,\]]|$)", "write {a}0"),
    ("line", r"=\s*-?0+(?P<a>\d+)", "numbers have no leading zeros: {a}"),
    ("rest", r"(?P<a>[^\W\d_]\w*)\s*(?:#|[,\]}}]|$)", 'words stand in quotes: "{a}"'),
    ("rest", r"[\u2018-\u201f\xab\xbb]", 'quotes are straight: "'),
    ("rest", r":", "write = between a name and its value"),
    ("line", r"^[^=\"']+==", "write one = between a name and its value"),
    ("rest", r"//|;", "a comment begins with #"),
    ("line", r"^\s*(?://|;|--)", "a comment begins with #"),
    ("line", r"^\s*(?P<a>[\w.-]+(?: [\w.-]+)+)\s*=", 'a name with blanks stands in quotes: "{a}"'),
)  # fmt: skip


def _syntax(message: str, text: str, file: str, shape: Shape) -> tuple[Fault, int]:
    """The parser's complaint, placed where a reader would put it; and its offset."""
    lines = Lines(text)
    problem, _, place = message.partition(" (at ")
    numbers = re.findall(r"\d+", place)
    offset = (
        lines.starts[int(numbers[0]) - 1] + int(numbers[1]) - 1 if len(numbers) == 2 else len(text.rstrip())
    )
    cure = _cure(text, lines, offset)
    if "integer string conversion" in problem or (not place and "digits" in problem):
        long = re.search(r"\d{4000,}", text.replace("_", ""))
        problem, offset = "a number has too many digits", text.find(long.group()[:100]) if long else 0
    elif shape.unclosed >= 0 and offset >= shape.unclosed:
        problem, offset, cure = (
            "this quotation mark is never closed",
            shape.unclosed,
            cure or 'write " at the end',
        )
    elif problem.startswith(("Unclosed array", "Unclosed inline table")):
        offset = end_before(text, offset)
        problem = f"after this a comma or {']' if 'array' in problem else '}'} is missing"
    elif problem.startswith("Invalid initial character for a key"):
        problem, cure = "here a name should begin", cure or "write NAME = VALUE, or [TABLE]"
    elif problem.startswith("Expected ']'"):
        problem, cure = "this [table] is never closed", "write ] after its name"
    elif problem.startswith("Expected '=' after a key"):
        problem, cure = "after the name an = is missing", cure or "write NAME = VALUE"
    elif problem.startswith("Illegal character"):
        problem, cure = (
            f"this character does not belong here: U+{ord(text[offset : offset + 1] or '?'):04X}",
            "take it away",
        )
    elif problem == "Invalid statement":
        problem, cure = "here a name, a [table] or a comment should begin", cure or "write NAME = VALUE"
    elif problem.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        problem, cure = "this name was given before", "keep one of the two"
        offset = lines.starts[lines.place(max(offset - 1, 0))[0] - 1]
    elif problem.startswith("Expected newline or end of document"):
        problem, cure = "the line should end here", cure or "write one NAME = VALUE a line"
    elif problem == "Invalid value":
        problem, cure = (
            "this is not a value",
            cure or 'a value is a number, true, false, a text in "quotes", or a list in []',
        )
    line, column = lines.place(min(offset, len(text)))
    fault = Fault(problem[:1].lower() + problem[1:], cure=cure, file=file, line=line, column=column)
    return fault, offset


def _cure(text: str, lines: Lines, offset: int) -> str:
    start = lines.starts[lines.place(min(offset, len(text)))[0] - 1]
    line = text[start : start + 300].split("\n", 1)[0]
    places = {"line": line, "rest": line[offset - start :]}
    for where, pattern, cure in _CURES:
        if found := (re.search if where == "line" else re.match)(pattern, places[where]):
            given = found.groupdict()
            share = f"{float(given['a']) / 100:g}" if "{share}" in cure else ""
            return cure.format(**given, share=share)
    return ""
