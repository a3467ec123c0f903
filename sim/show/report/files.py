"""A report on the disk: one page, or a folder with the page, the tables and the pictures; whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim import folders
from sim.folders import Kind
from sim.scenario.writing import write_whole
from sim.show.report.exhibits import Report
from sim.show.report.page import as_page, draw
from sim.show.report.workbook import as_workbook

if TYPE_CHECKING:
    from sim.runs import Progress

PAGE, WORKBOOK, PICTURES = "index.html", "tables.xlsx", "pictures"


class Written(NamedTuple):
    """What was written: the page, and in a folder the workbook and the pictures."""

    page: Path
    workbook: Path | None = None
    pictures: tuple[Path, ...] = ()


def _ours(folder: Path) -> set[str]:
    """The files of a report's folder; a picture is ours if it stands there as PNG and as SVG."""
    drawn = {file.name for file in (folder / PICTURES).glob("*.*")}
    twins = {"png": "svg", "svg": "png"}
    pictures = {
        f"{PICTURES}/{name}"
        for name in drawn
        if f"{name.rpartition('.')[0]}.{twins.get(name.rpartition('.')[2], '')}" in drawn
    }
    return {PAGE, WORKBOOK, PICTURES} | pictures


REPORT = Kind("reports", lambda held: {PAGE, WORKBOOK, PICTURES} <= held, _ours)
"""A report's folder."""


def may_write(place: str | os.PathLike[str], force: bool) -> bool:
    """Refuse a file or a folder before anything is computed; whether it is a folder.

    Raises
    ------
    FileExistsError
        It is there, and `force` was not given; or the folder holds something else than a report.
    ValueError
        A file that does not end in .html.
    """
    place = Path(place)
    if not place.suffix or place.is_dir():
        folders.may_write(place, force, REPORT)
        return True
    if place.suffix.lower() not in (".html", ".htm"):
        raise ValueError(
            f"{place}: a report is a page, which ends in .html, or a folder; write {place.with_suffix('.html')}"
        )
    if place.exists() and not force:
        raise FileExistsError(f"{place} is there already; give force=True (--force) to write over it")
    if not place.absolute().parent.is_dir():
        raise FileNotFoundError(f"{place}: there is no folder {place.parent}; make it first")
    return False


def write(
    report: Report, place: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> Written:
    """Write a report: to a name that ends in .html the page alone, else a folder with page, tables and pictures.

    Raises
    ------
    FileExistsError
        The file or folder is there, and `force` was not given.
    """
    place = Path(place)
    if not may_write(place, force):
        write_whole(place, as_page(report, draw(report, progress=progress)), force=force)
        return Written(place)
    drawn = draw(report, png=True, progress=progress)
    page, book = as_page(report, drawn), as_workbook(report)

    def fill(part: Path) -> None:
        (part / PAGE).write_bytes(page)
        (part / WORKBOOK).write_bytes(book)
        (part / PICTURES).mkdir()
        for name, one in drawn.items():
            (part / PICTURES / f"{name}.png").write_bytes(one.png)
            (part / PICTURES / f"{name}.svg").write_bytes(one.svg)

    folders.write_folder(place, fill, force, REPORT)
    pictures = tuple(place / PICTURES / f"{name}.{kind}" for name in drawn for kind in ("png", "svg"))
    return Written(place / PAGE, place / WORKBOOK, pictures)
