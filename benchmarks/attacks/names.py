"""Scenario names that are paths, devices, pipes, loops or huge files: refused in a line, and never opened."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sim.scenario import ScenarioError, load

NAMES = (
    "../x", "../scenarios/plain", "..", ".", "", " ", "~", "/", "//server/share/x", "/etc/passwd", "/dev/zero", "/dev/stdin",
    "/proc/self/environ", "a/b", "C:\\x", "C:\\x.toml", "\\\\server\\share\\x.toml", "CON", "NUL", "con.toml", "plain\0", "plain\0.toml",
    "plain.toml/../plain", "no.toml", "x" * 5000, "x" * 5000 + ".toml", "\n", "plain\nplain", "\x1b[31mplain", "Plain ", "plain.TOML",
    "file:///etc/passwd", "https://example.org/x.toml", "$HOME/x.toml", "%APPDATA%/x.toml", "\ud800.toml", "\u202eplain",
)  # fmt: skip


class Found(NamedTuple):
    """Names tried; those taken for a scenario, opened, or refused with something else than a line to read."""

    names: int
    faults: list[str]


def special_files(folder: Path) -> Iterator[Path]:
    """Things that end in .toml and are no scenario file; made in a folder."""
    (folder / "folder.toml").mkdir()
    yield folder / "folder.toml"
    if sys.platform != "win32":
        for name, target in (
            ("loop", folder / "loop.toml"),
            ("far", folder / "nowhere.toml"),
            ("zero", Path("/dev/zero")),
        ):
            (folder / f"{name}.toml").symlink_to(target)
            yield folder / f"{name}.toml"
        os.mkfifo(folder / "pipe.toml")
        yield folder / "pipe.toml"


def attack() -> Found:
    """Try all names in an empty folder, and the special files; what is opened is noted."""
    faults: list[str] = []
    tried = 0
    true_open, opened = Path.open, []

    def noting(file: Path, *args: object, **more: object) -> object:
        opened.append(file)
        return true_open(file, *args, **more)  # type: ignore[arg-type]

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        specials = list(special_files(folder))
        huge = folder / "huge.toml"
        with huge.open("wb") as stream:
            stream.truncate(10 * 2**30)  # it takes no place on the disk
        os.chdir(folder)
        Path.open = noting  # type: ignore[assignment,method-assign]
        try:
            for given in (*NAMES, *specials, huge):
                tried += 1
                opened.clear()
                faults += [f"{str(given)[:60]!r}: {fault}" for fault in _try(given)]
                if [file for file in opened if file != huge]:
                    faults.append(f"{str(given)[:60]!r} was opened")
        finally:
            Path.open = true_open  # type: ignore[method-assign]
            os.chdir(here)
    return Found(tried, faults)


def _try(given: str | Path) -> Iterator[str]:
    try:
        load(given)
        yield "was taken for a scenario"
    except ScenarioError as error:
        if not str(error).isprintable() or len(str(error)) > 1000:
            yield "is refused with no line to read"
    except Exception as error:
        yield f"ends with {error!r}"
