"""A learning platform's list of students, as CSV: any column names, any separator; ids are kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.classroom.faults import GameError
from sim.classroom.settings import team_names

ID = ("id", "student id", "id number", "sis user id", "sis id", "username", "user name", "login", "sis login id",
      "matriculation number", "orgdefinedid", "matrikelnummer", "matrikel", "id nummer", "numéro d'identification", "numéro",
      "número de id", "codice identificativo", "number", "email", "email address", "e-mail", "e-mail-adresse",
      "adresse de courriel", "indirizzo email", "dirección de correo")  # fmt: skip
NAME = ("name", "student", "student name", "full name", "display name", "pseudonym", "nom complet", "nome e cognome",
        "nombre completo")  # fmt: skip
FIRST = ("first name", "firstname", "given name", "forename", "vorname", "prénom", "nombre", "nome")
LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom de famille", "nom", "apellido(s)", "apellidos",
        "cognome", "sobrenome")  # fmt: skip
TEAM = ("team", "group", "groups", "group name", "team name", "gruppe", "groupe", "grupo", "gruppo")
NOBODY = ("points possible",)
"""What stands for a name in a row that is no student's (Canvas)."""


class Entry(NamedTuple):
    """A student of a roster: id, name, team's name ("" where the roster has none), the row as it stands."""

    id: str
    name: str
    team: str
    row: tuple[str, ...]


class Roster(NamedTuple):
    """A roster: its columns, a student a row, and which columns were taken for ids, names and teams."""

    columns: tuple[str, ...]
    entries: tuple[Entry, ...]
    taken: Taken


class Taken(NamedTuple):
    """Columns of a roster by their places; a column of the ids alone where names stand in it too."""

    id: int | None
    names: tuple[int, ...]
    team: int | None


def read_roster(file: Path) -> Roster:
    """Read a roster.

    Raises
    ------
    GameError
        No column tells students apart, a row has no id, or two have the same.
    """
    text = _text(file.read_bytes())
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(map(str.strip, row))]
    except csv.Error as error:
        raise GameError(f"{file}: this is no table of a class list ({error}); save it as CSV") from None
    if len(rows) < 2:
        raise GameError(f"{file}: a roster has a line of column names, and a line a student")
    columns = tuple(cell.strip() for cell in rows[0])
    table = [tuple(cell.strip() for cell in (*row, *[""] * len(columns)))[: len(columns)] for row in rows[1:]]
    taken = _taken(columns, table)
    if taken is None:
        raise GameError(
            f"{file}: no column is called {', '.join(ID[:3])} or {NAME[0]}, and none has another value in each row "
            f"(there are {', '.join(columns)}); add one with ids"
        )
    entries: list[Entry] = []
    totals = any(_is_nobody(row) for row in table)
    for number, row in enumerate(table, 2):
        whole = " ".join(row[i] for i in taken.names).strip()
        key = row[taken.id] if taken.id is not None else whole
        if whole.casefold() in NOBODY and not (key and taken.id is not None):
            continue
        if totals and not key and not whole:  # Canvas has more lines of its own above the points
            continue
        if not key:
            raise GameError(
                f"{file}:{number}: this student has no {columns[taken.id] if taken.id is not None else 'name'}"
            )
        shown = "".join(c for c in (whole or key) if c.isprintable())[:40].strip() or key[:40]
        entries.append(Entry(key, shown, row[taken.team] if taken.team is not None else "", row))
    said = [one.id.casefold() for one in entries]
    twice = sorted({one.id for one in entries if said.count(one.id.casefold()) > 1})
    if twice:
        raise GameError(f"{file}: two students have the id {', '.join(twice)}; ids tell students apart")
    return Roster(columns, tuple(entries), taken)


def id_columns(roster: Roster) -> tuple[int, ...]:
    """The columns in which ids stand: the one taken first, then all that are called so; without ids, where names begin."""
    first = roster.taken.id if roster.taken.id is not None else roster.taken.names[0]
    return tuple(dict.fromkeys((first, *_all(roster.columns, ID))))


def known_ids(columns: Sequence[str], row: Sequence[str]) -> list[str]:
    """What stands in a row in columns that are called as ids are."""
    return [row[place] for place in _all(columns, ID) if place < len(row) and row[place]]


def _text(data: bytes) -> str:
    """Text as spreadsheets save it: UTF-8, UTF-16 with its mark, or Windows' own."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _taken(columns: Sequence[str], table: Sequence[Sequence[str]]) -> Taken | None:
    """The columns that are called as learning platforms call them; where none is, those in which such values stand.

    A column of ids that is not filled in makes room for the next one. Ids that are called otherwise differ from row to
    row, and have digits if any column of such has; where known names tell students apart, none is looked for: it could
    be marks. Names that are called otherwise are words, and few share one: a column in which nobody does, or the first
    two. None where nothing tells students apart.
    """
    name, given, family, team = (_first(columns, words) for words in (NAME, FIRST, LAST, TEAM))
    known = _all(columns, ID)
    other = [i for i in range(len(columns)) if i not in (*known, name, given, family, team)]
    rows = [row for row in table if not _is_nobody(row)]
    if len(rows) < len(table):
        who = [i for i in (*known, name, given, family) if i is not None]
        rows = [row for row in rows if not who or any(row[i] for i in who)]
    held = {i: [row[i] for row in rows] for i in range(len(columns))}
    if name is None and given is not None and family is None:
        family = next((i for i in (given + 1, given - 1) if i in other and _are_names(held[i])), None)
    names = tuple(i for i in ((name,) if name is not None else (given, family)) if i is not None)
    wholes = [" ".join(row[i] for i in names).strip() for row in rows]
    other = [i for i in other if i not in names]
    apart = [i for i in other if _differ(held[i])]
    filled = [i for i in known if all(held[i])] or known
    ids = next(iter(filled), None)
    if ids is None and not (names and _differ(wholes)):
        ids = next((i for i in apart if all(any(c.isdigit() for c in cell) for cell in held[i])), None)
    if ids is None and not names:
        ids = next(iter(apart), None)
    if not names:
        worded = [i for i in other if i != ids and _are_names(held[i])]
        names = tuple(worded[: 1 if worded[:1] and worded[0] in apart else 2])
    return Taken(ids, names, team) if names or ids is not None else None


def _is_nobody(row: Sequence[str]) -> bool:
    """Whether a row is no student's."""
    return any(cell.casefold() in NOBODY for cell in row)


def _differ(cells: Sequence[str]) -> bool:
    """Whether each row has a value, and each another."""
    return all(cells) and len({cell.casefold() for cell in cells}) == len(cells)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether names stand in a column: words, no addresses, and more than half of them differ."""
    words = [cell for cell in cells if cell and not any(c.isdigit() or c == "@" for c in cell)]
    return 2 * len(words) > len(cells) and 2 * len(set(words)) > len(cells)


def _all(columns: Sequence[str], words: Sequence[str]) -> list[int]:
    """The columns that are called by one of these words, in the words' order."""
    plain = [_plain(column) for column in columns]
    return [plain.index(word) for word in map(_plain, words) if word in plain]


def _first(columns: Sequence[str], words: Sequence[str]) -> int | None:
    """The column of the first of these words that there is."""
    return next(iter(_all(columns, words)), None)


def _plain(name: str) -> str:
    """A column's name without what platforms and languages write differently."""
    return name.casefold().replace("_", " ").replace("-", " ").replace("’", "'").strip()


def seat_students(roster: Roster, teams: int, given: Sequence[str] = ()) -> tuple[list[str], list[int]]:
    """Names of the teams, and the team of each student: the roster's own, or dealt in turn.

    ``given`` are names for the teams where the roster has none.

    Raises
    ------
    GameError
        The roster has more teams than the game.
    """
    named = list(dict.fromkeys(one.team for one in roster.entries if one.team))
    if len(named) > teams:
        raise GameError(
            f"the roster has {len(named)} teams, and the game {teams}; write --teams {len(named)}"
        )
    names = team_names(dict(enumerate([name[:40] for name in named] or given)), teams)
    place = {name: i for i, name in enumerate(named)}
    sizes = [0] * teams
    seats: list[int] = []
    for one in roster.entries:
        if one.team:
            sizes[place[one.team]] += 1
    for one in roster.entries:
        team = place[one.team] if one.team else min(range(teams), key=lambda i: (sizes[i], i))
        sizes[team] += not one.team
        seats.append(team)
    return names, seats
