"""Files in, tables of text out, piece by piece: any separator and encoding, gzip, zip, Parquet, folders, DataFrames."""

from __future__ import annotations

import gzip
import io
import os
import re
import sysconfig
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import is_hashable

from sim.calibrate.layout import (
    cells_of,
    encoding_of,
    fields_beyond,
    is_head,
    is_title,
    names_of,
    separator_of,
    separator_said,
)
from sim.extras import cure
from sim.scenario.loading import shipped_folder

ROWS = 500_000
"""Rows that are read at a time."""

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".gz", ".zip", ".parquet", ".pq")
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
            piece = Piece("the DataFrame", log.iloc[start : start + rows], start + 1)
            yield piece._replace(table=_single_values(piece))
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


LISTS = "tenfold_lists"
"""Where a table says in which columns cells hold lists."""


def _single_values(piece: Piece) -> pd.DataFrame:
    """The table with periods of a day or less as dates, and lists and the like as texts, which `refuse_lists` knows."""
    table = piece.table.copy(deep=False)
    lists: dict[Any, str] = {}
    for name, values in piece.table.items():
        kind = pd.api.types.infer_dtype(values) if values.dtype.kind == "O" else ""
        if kind.startswith("mixed") and not (single := values.map(is_hashable).to_numpy(dtype=bool)).all():
            place = int(single.argmin())
            table[name] = values.map(str)
            lists[name] = (
                f"{piece.name}: column {name}, row {piece.first + place}: a cell holds one value, not a "
                f"{type(values.iloc[place]).__name__}: write one value in each cell"
            )
        if kind == "period":
            periods = pd.PeriodIndex(values)
            if (periods.end_time - periods.start_time).max() < pd.Timedelta(days=1):
                table[name] = periods.start_time
    table.attrs = {**piece.table.attrs, LISTS: lists}
    return table


def refuse_lists(piece: Piece, roles: Iterable[str | None]) -> None:
    """Refuse a column with a role in which a cell holds a list or the like; in others they play no part."""
    said = piece.table.attrs.get(LISTS, {})
    for name in roles:
        if name in said:
            raise LogError(said[name])


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
        elif one.suffix in ENDINGS and one.name == str(one) and (shipped_folder("notebooks") / one).is_file():
            found.append(shipped_folder("notebooks") / one)
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


def without_arrow(platform: str) -> str:
    """The rest of the sentence that begins with the need of pyarrow, on such a platform."""
    if platform == "win-arm64":
        return ", which Windows on ARM has only in a Python for Intel (x86-64): start with that, or save the log as CSV"
    return f": {cure('fit')}; or save the log as CSV"


def _parquet_file(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as fault:
        how = without_arrow(sysconfig.get_platform())
        raise LogError(f"{path}: Parquet files need the package pyarrow{how}") from fault
    try:
        return parquet.ParquetFile(path, page_checksum_verification=True)
    except (pyarrow.ArrowException, OSError) as fault:
        raise LogError(f"{path}: no whole Parquet file ({str(fault).splitlines()[0]})") from fault


def _parquet(path: Path, rows: int) -> Iterator[Piece]:
    first = 1
    try:
        for batch in _parquet_file(path).iter_batches(rows):
            piece = Piece(str(path), batch.to_pandas(), first)
            yield piece._replace(table=_single_values(piece))
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
            locked = any(i.flag_bits & 1 for i in box.infolist())
        if locked:
            raise LogError(f"{path}: it asks for a password; unpack it first")
        if not inside or any(name.lower().endswith((".xml", ".rels")) for name in inside):
            raise LogError(
                f"{path}: no text files in it. If it is a workbook (xlsx), save its sheet as CSV first: in the spreadsheet, File, Save as, CSV UTF-8"
            )
        return [_Source(f"{path}/{name}", _opener(path, name), size) for name, size in inside.items()]
    return [_Source(str(path), lambda: path.open("rb"), path.stat().st_size)]


def _opener(path: Path, name: str) -> Callable[[], Any]:
    """What opens a file in a zip."""
    return lambda: zipfile.ZipFile(path).open(name)


def _text(source: _Source, rows: int) -> Iterator[Piece]:
    try:
        encoding = encoding_of(source.open)
        with source.open() as file:
            sample = io.TextIOWrapper(file, encoding=encoding, newline="").read(SAMPLE)
    except (OSError, EOFError, zipfile.BadZipFile) as fault:
        raise LogError(f"{source.name}: not a whole file ({fault})") from fault
    lines = sample.splitlines()
    said = separator_said(lines[0]) if lines else None
    lines = [line for line in lines[1 if said else 0 :] if line.strip()]
    if not lines:
        raise LogError(f"{source.name}: the file is empty")
    if "\x00" in sample:
        raise LogError(f"{source.name}: this is no text; save it as CSV or Parquet first")
    separator = said or separator_of(lines[:200])
    if is_title(lines[:200], separator):
        title = lines[0].strip().strip('",;|')
        raise LogError(
            f'{source.name}: the first line ("{title}") is no head: delete the lines above the names of the columns'
        )
    has_head = is_head(cells_of(lines[0], separator))
    names = names_of(lines, separator) if has_head else []
    beyond = fields_beyond(lines, separator, len(names)) if has_head else 0
    first = 1
    with source.open() as file:
        try:
            reader = pd.read_csv(
                file,
                sep=separator,
                skiprows=1 if said else 0,
                header=0 if has_head else None,
                names=[*names, *range(beyond)] if beyond else None,
                dtype=str,
                keep_default_na=False,
                encoding=encoding,
                chunksize=rows,
                skipinitialspace=True,
                index_col=False,
            )
            for table in reader:
                if beyond:
                    table = _within(table, source.name, len(names), separator)
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


def _within(table: pd.DataFrame, name: str, head: int, separator: str) -> pd.DataFrame:
    """The columns of the head; what stands beyond it is refused, unless it is blank: a separator at the end."""
    if (table.iloc[:, head:].astype(str) != "").any(axis=None):
        what = "a decimal comma" if separator == "," else "a separator in a field"
        raise LogError(
            f"{name}: lines have {table.shape[1]} fields and the head {head}; {what} needs another separator, or quotes"
        )
    return table.iloc[:, :head]


def _readable(fault: Exception) -> str:
    text = str(fault).strip()
    match = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text)
    return f"line {match[2]} has {match[3]} fields instead of {match[1]}" if match else text
