"""Folders of ours: written whole or not at all, and never over a file that is not ours."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

FROM_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers leave in every folder that they show."""


class Kind(NamedTuple):
    """A kind of folder.

    Attributes
    ----------
    name : what it holds, in a word or two.
    is_one : whether a folder that holds these names is one.
    ours : the files in such a folder that are ours, as paths in it with `/`.
    """

    name: str
    is_one: Callable[[set[str]], bool]
    ours: Callable[[Path], set[str]]


def write_folder(
    folder: Path, fill: Callable[[Path], None], force: bool, kind: Kind, lost: Sequence[str] = ()
) -> Path:
    """Write a folder to a temporary name beside it, to the disk, and move it; say what could not be written.

    Parameters
    ----------
    fill : writes the files into the folder that it is given. lost : what could not be written.
    kind : what may be written over with `force`, if nothing else is in it.

    Raises
    ------
    FileExistsError
        As in `may_write`.
    """
    may_write(folder, force, kind)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        fill(part)
        for file in (*part.rglob("*"), part):
            to_disk(file)
        _move(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if lost:
        warnings.warn(
            f"{folder}: {', '.join(lost)} cannot be written to a file, the rest is saved; to repeat the run, give "
            f"{'it' if len(lost) == 1 else 'them'} again",
            stacklevel=4,
        )
    return folder


def may_write(folder: Path, force: bool, kind: Kind) -> None:
    """Refuse a file, what is there already, and, whatever is asked, a folder with a file that is not ours.

    Raises
    ------
    FileExistsError
        It says what is in the way, and the cure.
    """
    refuse_here(folder)
    if not (folder.exists() or folder.is_symlink()):
        return
    if not folder.is_dir() or folder.is_symlink():
        raise FileExistsError(f"{folder} is a file; {kind.name} go to a folder of their own")
    held = held_in(folder)
    if held and not kind.is_one(held):
        raise FileExistsError(
            f"{folder} holds something else than {kind.name}; name a folder that is not there yet"
        )
    if held and not force:
        raise FileExistsError(f"{folder} is there already; give force=True (--force) to write over it")
    if others := strangers(folder, kind):
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise FileExistsError(
            f"{folder} holds {others[0]}{more} beside {kind.name}, which would be lost; move "
            f"{'them' if more else 'it'} elsewhere, or name another folder"
        )


def held_in(folder: Path) -> set[str]:
    """The names in a folder, without what file managers leave there."""
    return {file.name for file in folder.iterdir()} - FROM_SYSTEMS


def refuse_here(folder: Path) -> None:
    """Refuse the folder one is in: a result is moved to its place, and that one cannot be moved away."""
    if folder.resolve() == Path.cwd():
        raise FileExistsError(
            f"{folder} is the folder you are in, which cannot be moved; name one in it, such as result"
        )


def strangers(folder: Path, kind: Kind) -> list[str]:
    """What stands in a folder and is not ours, as paths in it; empty folders count."""
    ours, found = kind.ours(folder), []
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        is_above = any(one.startswith(f"{name}/") for one in ours) and not file.is_symlink()
        if name not in ours and file.name not in FROM_SYSTEMS and not is_above:
            found.append(name)
    return found


def _move(part: Path, folder: Path) -> None:
    """Put the new folder in its place; one that was there is gone only after that."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def to_disk(path: Path) -> None:
    """Have the system write a file, or where it can a folder, to the disk."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
