"""All notebooks of a ZIP graded, by several processes; what is done is kept; the tables at the end."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim import __version__
from sim.model_version import MODEL_VERSION
from sim.scenario.writing import write_whole
from sim.teach import desk
from sim.teach.grading import whose
from sim.teach.grading.archive import HandedIn
from sim.teach.grading.grader import UNJUDGED, Graded, grade, undecided
from sim.teach.grading.whose import NO_LIST, Listed

Progress = Callable[[int, int], None]


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
        A folder of results, a file each, named by the notebook's bytes, the lesson, the version, and what runs notebooks.
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
            done[place] = undecided(handed[place], lesson, result)
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
    return keep / f"{lesson}-{__version__}-{_how()}-{one.digest[:24]}.json"


@cache
def _how(folder: Path = Path(__file__).parents[1]) -> str:
    """A digest of what runs and judges a notebook, lessons and model included: what others made of it is not taken for theirs."""
    digest = hashlib.sha256(MODEL_VERSION.encode())
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


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
    """Notebooks with points or sentences in which nothing failed."""
    failed: list[tuple[str, str]]
    """Notebooks that a person should look at, and why: stopped, with a cell that failed, without points, of nobody."""
    missing: list[str]
    """Students of the class list who handed in nothing."""
    bare: list[tuple[str, str]]
    """Ids with other leading zeros than the class list's, and for which each was taken."""
    found_by: list[str]
    """The columns of the class list by which students were found, the most frequent first."""


def make_book(
    handed: Sequence[HandedIn], graded: Sequence[Graded], lesson: str, listed: Listed | None
) -> Book:
    """A row a student of the class list, in its order and with its columns; then what belongs to nobody on it."""
    asked = desk.lesson_named(lesson).questions
    listed = listed or NO_LIST
    heads = [
        *listed.columns, "file", "points", *asked, "hints", *[f"hints {name}" for name in asked], "remarks",
    ]  # fmt: skip
    grades, texts = [heads], [[*listed.columns, "question", "text"]]
    found_by = whose.found_by(graded, listed)
    home = (found_by or listed.ids)[0]
    latest, apart = whose.latest(handed, graded, listed)
    failed = [(one.file, remark) for one, remark in apart]
    missing_students: list[str] = []
    bare: list[tuple[str, str]] = []
    whole = 0

    def add(row: Sequence[str], one: Graded, remarks: Sequence[str]) -> None:
        grades.append([*row, *_row(one, remarks, asked)])
        texts.extend([*row, name, text] for name, text in one.texts.items())

    several = {listed.owner(one.student) for one, _remark in apart}
    for place, (student, row) in enumerate(listed.rows):
        one, remarks = latest.pop(place, (None, []))
        if one is not None:
            if said := listed.taken_for(place, one.student):
                bare.append((one.student, said))
                remarks = [f'its id "{one.student}" is taken for {said}', *remarks]
            add(row, one, remarks)
            whole += _counts(one, failed)
            continue
        missing = "nothing handed in"
        if place in several:
            missing = "several say this id: their rows are at the end"
        else:
            missing_students.append(student if home == listed.ids[0] else row[home] or student)
        grades.append([*row, "", *[""] * (2 + 2 * len(asked)), missing])
    for one, remarks in latest.values():
        stranger = listed.stranger(one.student)
        add(_alone(one, home, listed), one, [*[stranger] * bool(stranger), *remarks])
        if stranger:
            failed.append((one.file, f'its id "{one.student}" is {stranger}'))
        else:
            whole += _counts(one, failed)
    for one, remark in apart:
        add(_alone(one, home, listed), one, [remark])
    columns = [listed.columns[place] for place in found_by]
    return Book(grades, texts, whole, failed, missing_students, bare, columns)


def _alone(one: Graded, home: int, listed: Listed) -> list[str]:
    """The columns of the class list for a notebook that has no row of it: what it says, where ids stand."""
    return [one.student if place == home else "" for place in range(len(listed.columns))]


def _counts(one: Graded, failed: list[tuple[str, str]]) -> int:
    """1 where a notebook ran, brought points or an answer to read, and all of it was judged; else 0, with the reason."""
    trouble = [fault for fault in one.faults if UNJUDGED in fault or fault.startswith("cell ")]
    if trouble or not one.whole:
        reasons = trouble if one.whole else one.faults
        failed.append((one.file, next(iter(reasons), "it was stopped")))
        return 0
    if any(one.points.values()) or any(one.texts.values()) or not one.faults:
        return 1
    failed.append((one.file, one.faults[0]))
    return 0


def _row(one: Graded, remarks: Sequence[str], asked: Any) -> list[Any]:
    """File, points, hints, remarks of a student. What is not known is empty: points of texts, hints without saved outputs."""
    hints = [one.hints.get(name) for name in asked]
    known = [count for count in hints if count is not None]
    brought = [value for value in one.points.values() if value is not None]
    return [
        one.file,
        round(sum(brought), 2) if brought else None,
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
