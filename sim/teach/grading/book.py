"""All notebooks of a ZIP graded, by several processes; what is done is kept; the tables at the end."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple

from sim import __version__
from sim.scenario.writing import write_whole
from sim.teach import desk
from sim.teach.grading.archive import HandedIn
from sim.teach.grading.grader import UNJUDGED, Graded, grade, not_graded, without_points

Progress = Callable[[int, int], None]

COPY = re.compile(r"( ?\(\d+\))?\.ipynb$", re.IGNORECASE)
"""The end of a notebook's name; a browser calls the second copy of a file `name (1).ipynb`."""


class Listed(NamedTuple):
    """Who should have handed in: the columns of the class list; a student's id and row in it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def grade_all(
    handed: Sequence[HandedIn],
    lesson: str,
    keep: Path,
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[Graded]:
    """Grade notebooks, each once: what ran to its end in an earlier call is taken from the folder `keep`.

    Parameters
    ----------
    keep : Path
        A folder of results, a file each, named by the notebook's bytes, the lesson and the version.
    workers : int, optional
        Notebooks at a time; one a core unless given.
    """
    keep.mkdir(parents=True, exist_ok=True)
    done: dict[int, Graded] = {}
    for place, one in enumerate(handed):
        kept = _kept(keep, one, lesson)
        if kept is not None:
            done[place] = kept
    left = [place for place in range(len(handed)) if place not in done]
    if progress:
        progress(len(done), len(handed))
    if not left:
        return [done[place] for place in range(len(handed))]
    for place, result in _in_processes(handed, left, lesson, workers or os.cpu_count() or 1):
        if isinstance(result, Graded):
            done[place] = result
            if result.whole:  # else the next call tries it again
                _keep(keep, handed[place], lesson, result)
        else:
            done[place] = without_points(handed[place], lesson, not_graded(result))
        if progress:
            progress(len(done), len(handed))
    return [done[place] for place in range(len(handed))]


def _in_processes(
    handed: Sequence[HandedIn], left: Sequence[int], lesson: str, workers: int
) -> Iterator[tuple[int, Graded | Exception]]:
    """Each result as it comes, or what went wrong. Notebooks that were in a pool that broke get one of their own each."""
    broken = []
    with ProcessPoolExecutor(
        min(len(left), workers), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        futures = {pool.submit(grade, handed[place], lesson): place for place in left}
        try:
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except BrokenProcessPool as error:
                    if len(left) == 1:
                        yield futures[future], error
                    else:
                        broken.append(futures[future])
                except Exception as error:
                    yield futures[future], error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for place in broken:
        yield from _in_processes(handed, [place], lesson, 1)


def _file(keep: Path, one: HandedIn, lesson: str) -> Path:
    return keep / f"{lesson}-{__version__}-{one.digest[:24]}.json"


def _keep(keep: Path, one: HandedIn, lesson: str, graded: Graded) -> None:
    write_whole(_file(keep, one, lesson), json.dumps(graded._asdict(), indent=1).encode(), force=True)


def _kept(keep: Path, one: HandedIn, lesson: str) -> Graded | None:
    try:
        return Graded(**json.loads(_file(keep, one, lesson).read_text(encoding="utf-8")))._replace(
            file=one.file
        )
    except (OSError, ValueError, TypeError):
        return None


# ---------------------------------------------------------------- tables


class Book(NamedTuple):
    """The tables: points (a row a student), and the texts that a person reads."""

    grades: list[list[Any]]
    texts: list[list[Any]]
    graded: int
    failed: list[tuple[str, str]]
    """Notebook or student, and why there are no points."""


def make_book(
    handed: Sequence[HandedIn], graded: Sequence[Graded], lesson: str, listed: Listed | None
) -> Book:
    """A row a student of the class list, in its order and with its columns; then what belongs to nobody on it."""
    asked = desk.lesson_named(lesson).questions
    columns = listed.columns if listed else ("student",)
    width = len(columns)
    heads = [*columns, "file", "points", *asked, "hints", *[f"hints {name}" for name in asked], "remarks"]
    grades, texts = [heads], [[*columns, "question", "text"]]
    latest, failed = _latest(handed, graded)
    by_id = {student.strip().casefold(): (student, row) for student, row in listed.rows} if listed else {}
    whole = 0
    for key, (student, row) in by_id.items():
        one, more = latest.pop(key, (None, []))
        if one is None:
            several = any(other.split("\0")[0] == key for other in latest)
            missing = "several say this id: their rows are at the end" if several else "nothing handed in"
            grades.append([*row, "", *[""] * (2 + 2 * len(asked)), missing])
            if not several:
                failed.append((student, missing))
            continue
        grades.append([*row, *_row(one, more, asked)])
        texts += [[*row, name, text] for name, text in one.texts.items()]
        whole += _counts(one, failed)
    for key, (one, more) in latest.items():
        first = [key.split("\0")[0], *[""] * (width - 1)]
        several = "\0" in key and bool(one.student)
        note = ["not on the class list"] if listed and one.student and not several else []
        grades.append([*first, *_row(one, [*note, *more], asked)])
        texts += [[*first, name, text] for name, text in one.texts.items()]
        if note:
            failed.append((one.file, f'its id "{one.student}" is not on the class list'))
        elif not several:
            whole += _counts(one, failed)
    return Book(grades, texts, whole, failed)


def _counts(one: Graded, failed: list[tuple[str, str]]) -> int:
    """1 where a notebook brought points or an answer to read, and all of it was judged; else 0, with the reason."""
    if unjudged := [fault for fault in one.faults if UNJUDGED in fault]:
        failed.append((one.file, unjudged[0]))
        return 0
    if any(one.points.values()) or any(one.texts.values()) or not one.faults:
        return 1
    failed.append((one.file, one.faults[0]))
    return 0


def _latest(
    handed: Sequence[HandedIn], graded: Sequence[Graded]
) -> tuple[dict[str, tuple[Graded, list[str]]], list[tuple[str, str]]]:
    """The last notebook of each student, with remarks on those that do not count; one that says nobody's id by itself.

    Notebooks of one id that come from different places are all kept, each by itself, and none counts: one may be a
    classmate's. The second value names them.
    """
    found: dict[str, tuple[Graded, list[str]]] = {}
    failed: list[tuple[str, str]] = []
    by_id: dict[str, list[Graded]] = {}
    pairs = zip(handed, graded, strict=True)
    for one, result in sorted(pairs, key=lambda pair: (pair[0].when, pair[0].file)):
        by_id.setdefault(result.student or f"\0{one.file}", []).append(result)
    places = _places(graded)
    for key, results in by_id.items():
        *older, last = results
        if len({places[result.file] for result in results}) == 1:
            found[key] = (last, [f"{result.file} is older and does not count" for result in older])
            continue
        for result in results:
            others = ", ".join(other.file for other in results if other is not result)
            remark = (
                f'the id "{key}" is also said by {others}: see whose it is, take the other out of the ZIP'
            )
            found[f"{key}\0{result.file}"] = (result, [remark])
            failed.append((result.file, remark))
    return found, failed


def _places(graded: Sequence[Graded]) -> dict[str, str]:
    """Where each notebook comes from: its folder where that is one student's, else its name but for "(1)" at the end."""
    split = {one.file: one.file.replace("\\", "/").rpartition("/") for one in graded}
    ids: dict[str, set[str]] = {"": {"", "all"}}
    for one in graded:
        ids.setdefault(split[one.file][0], set()).add(one.student)
    return {
        file: folder if len(ids[folder]) == 1 else f"{folder}/{COPY.sub('', name)}"
        for file, (folder, _slash, name) in split.items()
    }


def _row(one: Graded, remarks: Sequence[str], asked: Any) -> list[Any]:
    """File, points, hints, remarks of a student. What is not known is empty: points of texts, hints without saved outputs."""
    hints = [one.hints.get(name) for name in asked]
    known = [count for count in hints if count is not None]
    return [
        one.file,
        round(sum(value for value in one.points.values() if value is not None), 2),
        *[one.points.get(name) for name in asked],
        sum(known) if known else None,
        *hints,
        "; ".join([*one.faults, *remarks]),
    ]


def as_csv(rows: Sequence[Sequence[Any]], inert: Callable[[Any], str]) -> bytes:
    """A table as CSV (UTF-8 with a mark, which spreadsheets need), its cells made inert."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[inert(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
