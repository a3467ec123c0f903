"""Whose each notebook is: a student's of the class list, by any column of ids; of two of a student's, which counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sim.teach.grading.archive import HandedIn
from sim.teach.grading.grader import Graded

COPY = re.compile(r"( ?\((\d{1,6})\))?\.ipynb$", re.IGNORECASE)
"""The end of a notebook's name; a browser calls the second copy of a file `name (1).ipynb`."""

NOBODY, TWO = -1, -2
"""Stand for a row where an id is in none, or in two."""

Key = int | str
"""A row of the class list; the id that is in none; for a notebook without one, its own name."""


class Listed:
    """Who should have handed in.

    Attributes
    ----------
    columns : tuple of str
        Of the class list.
    rows : tuple of (str, tuple of str)
        A student's id, and the row.
    ids : tuple of int
        Places of the columns in which ids stand; the first is that of the students' ids.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        rows: tuple[tuple[str, tuple[str, ...]], ...],
        ids: tuple[int, ...] = (0,),
    ) -> None:
        self.columns, self.rows, self.ids = columns, rows, ids
        self._owners: dict[str, int] = {}
        self._bare: dict[str, int] = {}
        for place in range(len(rows)):
            for owners, names in (
                (self._owners, self.says(place)),
                (self._bare, map(bare, self.says(place))),
            ):
                for said in {*names} - {""}:
                    owners[said] = TWO if said in owners else place

    def says(self, place: int) -> list[str]:
        """What the student of a row may be called in a notebook, one for each column of ids."""
        student, row = self.rows[place]
        return [plain(said) for said in (student, *(row[column] for column in self.ids[1:]))]

    def owner(self, student: str) -> int:
        """The place of the row with this id, with or without its leading zeros; `NOBODY`, or `TWO`."""
        return self._owners.get(plain(student), self._bare.get(bare(student), NOBODY))

    def column(self, place: int, student: str) -> int:
        """The column of the class list by which a row is this student's."""
        says = self.says(place)
        if plain(student) in says:
            return self.ids[says.index(plain(student))]
        return self.ids[[bare(said) for said in says].index(bare(student))]

    def taken_for(self, place: int, student: str) -> str:
        """The id of the list for which one with other leading zeros is taken; "" where it is there as it is."""
        said = self.rows[place][1][self.column(place, student)]
        return said if plain(said) != plain(student) else ""

    def stranger(self, student: str) -> str:
        """Why there is no row for an id; "" without an id or without a class list."""
        if not student or not self.rows:
            return ""
        return "of two students on the class list" if self.owner(student) == TWO else "not on the class list"


NO_LIST = Listed(("student",), ())
"""Where there is no class list."""


def plain(said: str) -> str:
    """An id without what does not tell students apart: its case, and the mark that Brightspace puts before it."""
    return said.strip().removeprefix("#").casefold()


def bare(said: str) -> str:
    """An id of digits without its leading zeros, which spreadsheets and students leave away; "" for others."""
    return (plain(said).lstrip("0") or "0") if plain(said).isdecimal() else ""


def found_by(graded: Sequence[Graded], listed: Listed) -> list[int]:
    """The columns by which notebooks' students are found, by their places, the most frequent first."""
    found: Counter[int] = Counter()
    for one in graded:
        if (place := listed.owner(one.student)) >= 0:
            found[listed.column(place, one.student)] += 1
    return sorted(found, key=lambda column: (-found[column], listed.ids.index(column)))


def latest(
    handed: Sequence[HandedIn], graded: Sequence[Graded], listed: Listed
) -> tuple[dict[Key, tuple[Graded, list[str]]], list[tuple[Graded, str]]]:
    """The last notebook of each student, with remarks on those that do not count; one that says nobody's id by itself.

    Notebooks of one student that come from different places are the second value, and none counts: one may be a
    classmate's. Each has a remark that names the others.
    """
    counting: dict[Key, tuple[Graded, list[str]]] = {}
    apart: list[tuple[Graded, str]] = []
    by_key: dict[Key, list[Graded]] = {}
    pairs = zip(handed, graded, strict=True)
    for _one, result in sorted(pairs, key=lambda pair: (pair[0].when, _copy(pair[0].file))):
        by_key.setdefault(_key(result, listed), []).append(result)
    places = _places([(one.file, _key(one, listed)) for one in graded])
    for key, results in by_key.items():
        *older, last = results
        if len({places[result.file] for result in results}) == 1:
            counting[key] = (last, [f"{result.file} is older and does not count" for result in older])
            continue
        for result in results:
            others = ", ".join(other.file for other in results if other is not result)
            remark = f'the student "{result.student}" is named by {others} too: see whose it is, take the other out of the ZIP'
            apart.append((result, remark))
    return counting, apart


def _key(one: Graded, listed: Listed) -> Key:
    place = listed.owner(one.student)
    return place if place >= 0 else one.student or f"\0{one.file}"


def _copy(file: str) -> int:
    """Which copy of a file's name a browser has made of it; 0 for the first. Of one time, the place in the ZIP decides."""
    found = COPY.search(file)
    return int(found[2]) if found and found[2] else 0


def _places(keys: Sequence[tuple[str, Key]]) -> dict[str, str]:
    """Where each notebook comes from: its folder where that is one student's, else its name but for "(1)" at the end."""
    split = {file: file.replace("\\", "/").rpartition("/") for file, _ in keys}
    of: dict[str, set[Key]] = {"": {NOBODY, TWO}}
    for file, key in keys:
        of.setdefault(split[file][0], set()).add(key)
    return {
        file: folder if len(of[folder]) == 1 else f"{folder}/{COPY.sub('', name)}"
        for file, (folder, _slash, name) in split.items()
    }
