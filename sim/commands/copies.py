"""Copies of what is shipped in a folder of the user's: never over a file that was edited; a newer one is put beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

RECORD = ".tenfold-copies.json"
"""In the folder: the digest of each file as it was copied, which tells what was edited since."""


class Copied(NamedTuple):
    """What was done, by paths in the folder: new copies, newer versions of copies that nobody edited, newer ones put beside
    edited files, and edited files that are left as they are."""

    new: list[str]
    renewed: list[str]
    beside: list[str]
    edited: list[str]

    def sentences(self, folder: Path) -> list[str]:
        """It, in words."""
        said = []
        if self.new:
            said.append(f"{len(self.new)} file{'s' * (len(self.new) > 1)} copied to {folder}.")
        if self.renewed:
            said.append(
                f"{len(self.renewed)} that you had not changed {'are' if len(self.renewed) > 1 else 'is'} renewed."
            )
        if self.beside:
            said.append(f"Beside files of yours stand newer ones: {', '.join(self.beside)}.")
        if self.edited:
            said.append(
                f"In {folder}, {len(self.edited)} {'are' if len(self.edited) > 1 else 'is'} as you left {'them' if len(self.edited) > 1 else 'it'}."
            )
        return said


def copy_into(folder: Path, shipped: Mapping[str, bytes]) -> Copied:
    """Bring a folder up to what is shipped, without touching what its owner changed.

    Raises
    ------
    OSError
        Something cannot be written; what was copied before stays.
    """
    from sim.scenario.writing import write_whole

    record, done = _record(folder), Copied([], [], [], [])
    for name, data in shipped.items():
        where, now = folder / name, _digest(data)
        before = record.get(name)
        there = _digest(where.read_bytes()) if where.is_file() else None
        if there is None or there == before != now:
            where.parent.mkdir(parents=True, exist_ok=True)
            write_whole(where, data, force=True)
            (done.new if there is None else done.renewed).append(name)
        elif there != now:
            done.edited.append(name)
            if before not in (now, f"beside {now}"):
                done.beside.append(_beside(folder, name, data))
                now = f"beside {now}"
            else:
                now = str(before)
        record[name] = now
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / RECORD, json.dumps(record, indent=1).encode(), force=True)
    return done


def _beside(folder: Path, name: str, data: bytes) -> str:
    """Put a newer file beside an edited one, under a name that is free; the name."""
    from sim.scenario.writing import write_whole

    path = Path(name)
    for place in range(1, 1_000):
        other = path.with_name(f"{path.stem} (new{'' if place == 1 else f' {place}'}){path.suffix}")
        with contextlib.suppress(FileExistsError):
            write_whole(folder / other, data)
            return other.as_posix()
    raise FileExistsError(f"{folder / name}: there are a thousand newer ones beside it; delete some")


def _record(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
