"""Decision files as they come back: single ones, a folder with a folder a student, a ZIP as a learning platform gives it."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from sim.classroom import store, texts
from sim.classroom.faults import GameError

LARGEST = 200_000
"""Bytes of a decision file, at most: a long one has 5,000."""

When = tuple[tuple[float, ...], str]
"""When a file was last changed, as far as it orders the files of one folder or ZIP; its name."""

_DECIDES = re.compile(rb"^(\xef\xbb\xbf)?[ \t]*team[ \t]*=", re.MULTILINE)


class Paper(NamedTuple):
    """A file that was handed in.

    Attributes
    ----------
    source : str
        What it is called: its name, with the folders below the one that was given.
    path : Path
        Where it is; of one in a ZIP, the ZIP.
    inside : str
        Its name in the ZIP; "" for a file of its own.
    """

    source: str
    path: Path
    inside: str = ""

    def data(self) -> bytes:
        """Its bytes.

        Raises
        ------
        GameError
            It is larger than any decision file, or cannot be unpacked.
        OSError
            It cannot be read.
        """
        data = self._packed() if self.inside else _begin(self.path)
        if len(data) > LARGEST:
            raise GameError(texts.FILE_TOO_LARGE.format(most=LARGEST // 1000))
        return data

    def _packed(self) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as stream:
                return stream.read(LARGEST + 1)
        except Exception as error:  # each way of packing has errors of its own (zlib.error, lzma.LZMAError …)
            raise GameError(texts.NOT_UNPACKED.format(error=str(error)[:100])) from error


def papers_of(given: Path) -> tuple[list[Paper], list[str]]:
    """The decision files of what was given, the oldest first, so that of a team's the newest counts; names of other files.

    A single file is one, whatever it is called. In folders and ZIPs those are, at any depth, that end in `.toml` or
    `.toml.txt`, and texts with a line `team =`. Folders of games are left out.

    Raises
    ------
    GameError
        A ZIP is damaged.
    """
    if given.is_dir():
        return _told_apart(_in_folder(given))
    if given.suffix.lower() == ".zip" and given.is_file():
        return _told_apart(_in_zip(given))
    return [Paper(given.name, given)], []


def _told_apart(found: list[tuple[When, Paper]]) -> tuple[list[Paper], list[str]]:
    papers, others = [], []
    for _, paper in sorted(found, key=lambda pair: pair[0]):
        if _is_decision(paper):
            papers.append(paper)
        else:
            others.append(paper.source)
    return papers, others


def _in_folder(folder: Path) -> list[tuple[When, Paper]]:
    found: list[tuple[When, Paper]] = []
    for where, folders, names in os.walk(folder):
        if store.FILE in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for path in (Path(where) / name for name in names if not _is_hidden(name)):
            source = path.relative_to(folder).as_posix()
            found.append((((_when(path),), source), Paper(source, path)))
    return found


def _in_zip(file: Path) -> list[tuple[When, Paper]]:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise GameError(texts.BAD_ZIP.format(file=file)) from error
    return [
        ((info.date_time, info.filename), Paper(info.filename, file, info.filename))
        for info in inside
        if not any(map(_is_hidden, re.split(r"[/\\]", info.filename)))
    ]


def _when(path: Path) -> float:
    """When a file was last changed; 0 for one that is gone or leads nowhere: reading it says so."""
    try:
        return path.stat().st_mtime_ns / 1e9
    except OSError:
        return 0.0


def _is_hidden(name: str) -> bool:
    """Whether it is the system's own, as Macs add them."""
    return name.startswith((".", "~$")) or name == "__MACOSX"


def _is_decision(paper: Paper) -> bool:
    """Whether it is one by its name, or a text that says whose it is."""
    name = paper.source.lower()
    try:
        return name.endswith((".toml", ".toml.txt")) or (
            name.endswith(".txt") and bool(_DECIDES.search(paper.data()))
        )
    except (OSError, GameError):
        return False


def _begin(path: Path) -> bytes:
    """As much of a file as tells whether it is too large."""
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)
