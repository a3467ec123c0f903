"""Files in, tables of text out, piece by piece: any separator and encoding, gzip, zip, Parquet, folders, DataFrames."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

ROWS = 500_000
"""Rows that are read at a time."""

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".gz", ".zip", ".parquet", ".pq")
SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 200_000
"""Bytes of a file from which its layout is told."""

GZIP = 4
"""Bytes of text that a byte of gzip may hold, for an estimate of rows."""


class LogError(ValueError):
    """A log cannot be read, or its meaning is in doubt; the message says where, and what to do."""


class InDoubt(LogError):
    """Something that only the user knows: `option` is its name, `choices` what it may be, all that was found."""

    def __init__(self, message: str, option: str, choices: Sequence[str]) -> None:
        super().__init__(message)
        self.option, self.choices = option, list(choices)


class Piece(NamedTuple):
    """Some rows of a log: `table` has text (or Parquet's own types), `first` is the number of its first row, from 1."""

    name: str
    table: pd.DataFrame
    first: int


class _Source(NamedTuple):
    """Something that can be opened again and again, decompressed."""

    name: str
    open: Callable[[], Any]
    size: int


def pieces(log: Any, rows: int = ROWS) -> Iterator[Piece]:
    """The rows of a log in its order: of a file, files, a folder, or a DataFrame.

    Raises
    ------
    LogError
        There is nothing, or a file is none that can be read.
    """
    if isinstance(log, pd.DataFrame):
        log = log.set_axis([str(name) for name in log.columns], axis=1)
        if twice := sorted(set(log.columns[log.columns.duplicated()])):
            raise LogError(
                f"the DataFrame: several columns are called {', '.join(twice)}; give each a name of its own"
            )
        for start in range(0, len(log), rows):
            yield Piece("the DataFrame", log.iloc[start : start + rows], start + 1)
        return
    names: list[str] | None = None
    for path in _files(log):
        for piece in _pieces_of(path, rows):
            found = list(piece.table.columns)
            if names is not None and found != names:
                raise LogError(
                    f"{piece.name}: its columns are {', '.join(found)}, and those of the first file "
                    f"{', '.join(names)}; read files of one layout at a time"
                )
            names = found
            yield piece


def rows_about(log: Any) -> int:
    """About how many rows a log has, without reading it."""
    if isinstance(log, pd.DataFrame):
        return len(log)
    rows = 0.0
    for path in _files(log):
        if path.suffix.lower() in (".parquet", ".pq"):
            rows += _parquet_file(path).metadata.num_rows
            continue
        for source in _sources(path):
            with source.open() as file:
                sample = file.read(SAMPLE)
            lines = sample.count(b"\n") or sample.count(b"\r") or 1
            rows += source.size * lines / max(len(sample), 1)
    return int(rows)


def _files(log: Any) -> list[Path]:
    if not isinstance(log, (str, os.PathLike, list, tuple, set)):
        raise LogError(f"log: a file, files, a folder, or a DataFrame (got {type(log).__name__})")
    given = [log] if isinstance(log, (str, os.PathLike)) else list(log)
    found: list[Path] = []
    for one in map(Path, given):
        if one.is_dir():
            inside = sorted(p for p in one.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
            if not inside:
                raise LogError(f"{one}: no file in it ends in {', '.join(ENDINGS)}")
            found += inside
        elif one.is_file():
            found.append(one)
        else:
            raise LogError(f"{one}: there is no such file or folder")
    if not found:
        raise LogError("no file was given")
    return found


def _pieces_of(path: Path, rows: int) -> Iterator[Piece]:
    if path.suffix.lower() in (".parquet", ".pq"):
        yield from _parquet(path, rows)
        return
    for source in _sources(path):
        yield from _text(source, rows)


def _parquet_file(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as fault:
        raise LogError(
            f"{path}: Parquet files need the package pyarrow: python -m pip install pyarrow, with the Python of this "
            "environment; or save the log as CSV"
        ) from fault
    try:
        return parquet.ParquetFile(path, page_checksum_verification=True)
    except (pyarrow.ArrowException, OSError) as fault:
        raise LogError(f"{path}: no whole Parquet file ({str(fault).splitlines()[0]})") from fault


def _parquet(path: Path, rows: int) -> Iterator[Piece]:
    first = 1
    try:
        for batch in _parquet_file(path).iter_batches(rows):
            yield Piece(str(path), batch.to_pandas(), first)
            first += batch.num_rows
    except OSError as fault:  # Arrow's own faults among them
        raise LogError(f"{path}: no whole Parquet file ({str(fault).splitlines()[0]})") from fault


def _sources(path: Path) -> list[_Source]:
    """A file, or each of those in a zip; what their first bytes say counts, not the name."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return [_Source(str(path), lambda: gzip.open(path, "rb"), GZIP * path.stat().st_size)]
    if start == b"PK\x03\x04":
        try:
            box = zipfile.ZipFile(path)
        except zipfile.BadZipFile as fault:
            raise LogError(f"{path}: not a whole file ({fault})") from fault
        with box:
            inside = {
                i.filename: i.file_size
                for i in box.infolist()
                if not i.is_dir() and "__MACOSX" not in i.filename
            }
        if not inside or any(name.lower().endswith((".xml", ".rels")) for name in inside):
            raise LogError(f"{path}: no text files in it; save a workbook as CSV first")
        return [_Source(f"{path}/{name}", _opener(path, name), size) for name, size in inside.items()]
    return [_Source(str(path), lambda: path.open("rb"), path.stat().st_size)]


def _opener(path: Path, name: str) -> Callable[[], Any]:
    """What opens a file in a zip."""
    return lambda: zipfile.ZipFile(path).open(name)


def _text(source: _Source, rows: int) -> Iterator[Piece]:
    try:
        encoding = _encoding(source)
        with source.open() as file:
            sample = io.TextIOWrapper(file, encoding=encoding, newline="").read(SAMPLE)
    except (OSError, EOFError, zipfile.BadZipFile) as fault:
        raise LogError(f"{source.name}: not a whole file ({fault})") from fault
    lines = [line for line in sample.splitlines() if line.strip()]
    if not lines:
        raise LogError(f"{source.name}: the file is empty")
    if "\x00" in sample:
        raise LogError(f"{source.name}: this is no text; save it as CSV or Parquet first")
    separator = _separator(lines[:200])
    has_head = _is_head(_split(lines[0], separator))
    first = 1
    with source.open() as file:
        try:
            reader = pd.read_csv(
                file,
                sep=separator,
                header=0 if has_head else None,
                dtype=str,
                keep_default_na=False,
                encoding=encoding,
                chunksize=rows,
                skipinitialspace=True,
                index_col=False,
            )
            for table in reader:
                table.columns = (
                    [str(name).strip().strip("\ufeff") for name in table.columns]
                    if has_head
                    else [f"column {k + 1}" for k in range(table.shape[1])]
                )
                yield Piece(source.name, table, first)
                first += len(table)
        except pd.errors.ParserError as fault:
            raise LogError(f"{source.name}: {_readable(fault)}; mend or delete that line") from fault
        except (OSError, EOFError, zipfile.BadZipFile) as fault:
            raise LogError(f"{source.name}: not a whole file ({fault})") from fault


def _readable(fault: Exception) -> str:
    text = str(fault).strip()
    match = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text)
    return f"line {match[2]} has {match[3]} fields instead of {match[1]}" if match else text


def _encoding(source: _Source) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 if all bytes are, else Windows' Latin-1."""
    decode = codecs.getincrementaldecoder("utf-8")()
    with source.open() as file:
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
            return "cp1252" if not _has_holes(source) else "latin-1"
    return "utf-8"


def _has_holes(source: _Source) -> bool:
    """Whether bytes occur that Windows' Latin-1 does not have."""
    with source.open() as file:
        return any(hole in file.read(1 << 22) for hole in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


def _split(line: str, separator: str) -> list[str]:
    if separator == r"\s+":
        return line.split()
    return [cell.strip().strip('"') for cell in line.split(separator)]


def _separator(lines: Sequence[str]) -> str:
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


def _is_head(cells: Sequence[str]) -> bool:
    """Whether the first line has names: no cell of it is a number or begins as a date does."""
    return not any(re.match(r"^[-+(€$£]?\s?\d", cell.strip()) for cell in cells)
