"""The notebooks in a ZIP as a learning platform gives it: any file names, other files beside them."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

LARGEST = 20 * 2**20
"""Bytes of a notebook, unpacked; a larger one is not read."""

HINTS = re.compile(r"(lesson\d\d\.q\d+): [a-z ]+ \(hints: (\d{1,6})\)")
"""What `check` shows: the question and the hints so far."""


class ArchiveError(ValueError):
    """The ZIP cannot be read: the message says why, and the cure."""


class HandedIn(NamedTuple):
    """A notebook as it was handed in: its name in the ZIP, its bytes, when it was packed, why it cannot be read."""

    file: str
    data: bytes
    when: tuple[int, ...]
    fault: str

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


def notebooks_in(file: Path) -> tuple[list[HandedIn], list[str]]:
    """The notebooks of a ZIP, and the names of its other files. Nothing is unpacked to the disk.

    Raises
    ------
    ArchiveError
        It is no ZIP, or there is no notebook in it.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            found, others = _read(archive)
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ArchiveError(f"{file}: this is no ZIP file, or it is damaged: download it again") from error
    if not found:
        raise ArchiveError(f"{file}: there is no notebook (.ipynb) in it, but {len(others)} other files")
    return found, others


def _read(archive: zipfile.ZipFile) -> tuple[list[HandedIn], list[str]]:
    found, others = [], []
    for info in archive.infolist():
        name = info.filename
        last = re.split(r"[/\\]", name)[-1]
        if info.is_dir() or last.startswith("._") or "__MACOSX" in name or ".ipynb_checkpoints" in name:
            continue
        if not last.lower().endswith(".ipynb"):
            others.append(name)
        elif info.file_size > LARGEST:
            found.append(_without(info, f"it has {info.file_size / 2**20:,.0f} MB, more than 20"))
        else:
            found.append(_one(archive, info))
    return found, others


def _one(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> HandedIn:
    try:
        with archive.open(info) as stream:
            data = stream.read(LARGEST + 1)
    except NotImplementedError:
        return _without(info, "it is packed in a way that Python does not know: pack it anew")
    except RuntimeError:
        return _without(info, "it has a password: ask for it without")
    except Exception:  # each way of packing has errors of its own (zlib.error, lzma.LZMAError, OSError …)
        return _without(info, "it is damaged in the ZIP")
    if len(data) > LARGEST:
        return HandedIn(info.filename, data[:1024], info.date_time, "it has more than 20 MB")
    return HandedIn(
        info.filename, data, info.date_time, "" if cells(data) is not None else "it is no notebook"
    )


def _without(info: zipfile.ZipInfo, fault: str) -> HandedIn:
    return HandedIn(info.filename, info.filename.encode(), info.date_time, fault)


def cells(data: bytes) -> list[dict[str, Any]] | None:
    """The cells of a notebook; None where there is no notebook in these bytes."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
        cells = found["cells"] if "cells" in found else found["worksheets"][0]["cells"]
        return [cell for cell in cells if isinstance(cell, dict)]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, AttributeError):
        return None


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell, however it is stored."""
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def says(data: bytes) -> list[tuple[str, str]]:
    """Which (lesson, student) a notebook names in its calls of `start`, read without running it."""
    said = []
    for cell in cells(data) or []:
        if cell.get("cell_type") == "code" and ".start(" in source_of(cell):
            with contextlib.suppress(ValueError):  # a number of thousands of digits has no text
                said += list(_calls(source_of(cell)))
    return said


def _calls(source: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(
            "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "start":
            words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            named = {key.arg: key.value.value for key in node.keywords if isinstance(key.value, ast.Constant)}
            lesson = named.get("lesson", words[0] if words else "")
            student = named.get("student", words[1] if len(words) > 1 else "")
            yield str(lesson), str(student if student is not None else "")


def hints_in(data: bytes) -> dict[str, int]:
    """Hints that a notebook's saved outputs show, by question: the most that any of them says."""
    found: dict[str, int] = {}
    for cell in cells(data) or []:
        text = json.dumps(cell.get("outputs", []))
        for question, count in HINTS.findall(text):
            found[question] = max(found.get(question, 0), int(count))
    return found
