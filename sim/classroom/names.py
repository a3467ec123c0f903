"""Whom a name, an id or an address means, however it was typed: case, apostrophes, accents, order of first and last name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from sim.classroom.game import Game, Student
from sim.classroom.roster import known_ids

_MARKS = str.maketrans(dict.fromkeys("’‘ʼ`´", "'") | dict.fromkeys("“”„", '"'))
_LETTERS = str.maketrans(dict(zip("łøđðıæœþ", ("l", "o", "d", "d", "i", "ae", "oe", "th"), strict=True)))
"""Letters that Unicode does not take apart, as they are typed where a keyboard has none of them."""


def plain(said: str) -> str:
    """A text without what does not tell names apart: its case, how it is encoded, curly apostrophes, spaces."""
    return " ".join(unicodedata.normalize("NFKC", said).translate(_MARKS).casefold().split())


def plain_id(said: str) -> str:
    """An id without what does not tell students apart: as `plain`, and the mark that Brightspace puts before it."""
    return plain(said).removeprefix("#")


def without_zeros(said: str) -> str:
    """An id of digits as `plain_id`, without its leading zeros, which spreadsheets take away; "" for others."""
    return (plain_id(said).lstrip("0") or "0") if plain_id(said).isdecimal() else ""


def words(said: str) -> tuple[str, ...]:
    """The words of a name, in no order: `Lee, Ann` is `Ann Lee`."""
    return tuple(sorted(plain(said).replace(",", " ").split()))


def bare_words(said: str) -> tuple[str, ...]:
    """The same without accents."""
    apart = unicodedata.normalize("NFKD", plain(said).translate(_LETTERS))
    return words("".join(letter for letter in apart if not unicodedata.combining(letter)))


def called(game: Game, who: str, *, exact: bool = False) -> list[Student]:
    """The students whom somebody means: by the name or any id that the class list has; of several ways to read it the nearest.

    Parameters
    ----------
    exact : whether other orders of words, missing accents and missing zeros do not count.
    """
    students = game.students.values()
    if not plain(who):
        return []
    found = [
        one
        for one in students
        if plain(one.name) == plain(who) or plain_id(who) in map(plain_id, ids_of(game, one))
    ]
    if exact:
        return found
    for form in (words, bare_words):
        found = found or _same(students, lambda one: [one.name], who, form)
    return found or _same(students, lambda one: ids_of(game, one), who, without_zeros)


def ids_of(game: Game, student: Student) -> list[str]:
    """What the class list has as a student's ids: the one that tells students apart, then others, such as a login."""
    return [student.id, *known_ids(game.columns, student.row)]


def _same(
    students: Iterable[Student], said: Callable[[Student], list[str]], who: str, form: Callable[[str], object]
) -> list[Student]:
    wanted = form(who)
    return [one for one in students if wanted and wanted in map(form, said(one))]
