"""A game's folder: one SQLite file of events is the whole game; beside it are copies, a cache, forms and reports.

A round is one transaction, and a transaction that was acknowledged is on the disk (WAL, synchronous FULL). Reports,
forms and the cache can be thrown away: they are made again from the events.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sim.classroom import texts
from sim.classroom.faults import Forgotten, GameError
from sim.classroom.game import Event, Game, apply, made

FILE = "game.db"
COPIES, CACHE, FORMS, REPORTS, EXPORT = "copies", "cache", "forms", "reports", "export"
BUSY_SECONDS = 30.0
_PLAYING = "playing.lock"
_DAMAGED = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
)  # the last: a table is missing

_TABLES = """
create table if not exists events (
  number integer primary key autoincrement,
  kind text not null,
  round integer,
  event text not null
);
create table if not exists kept (name text primary key, value text not null);
"""


class Change(NamedTuple):
    """What one request writes: events of the game, what the server keeps beside it (None: forgotten), and its answer."""

    events: list[Event]
    kept: Mapping[str, str | None] = {}
    answer: str = "1"


class Store:
    """The game of a folder.

    Parameters
    ----------
    folder : Path
        Of a game that was made.

    Raises
    ------
    GameError
        No game is in it, or its file is not as it was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: tuple[int, Game | None] = (0, None)
        if not (folder / FILE).is_file():
            raise GameError(
                f"{folder}: there is no game in this folder; tenfold class new {folder} SCENARIO makes one"
            )

    @staticmethod
    def make(folder: Path, event: Event) -> Store:
        """A new game in a folder that has none; it is whole, or not there.

        Raises
        ------
        FileExistsError
            Something is in the folder.
        """
        held = (
            [] if not folder.is_dir() else [f for f in folder.iterdir() if not f.name.startswith(f".{FILE}.")]
        )
        if held or (folder.exists() and not folder.is_dir()):
            raise FileExistsError(f"{folder} is there already; name a folder that is not there yet")
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{FILE}.{os.getpid()}.part"
        with contextlib.closing(_connect(part)) as base:
            base.executescript(_TABLES)
            base.execute("pragma journal_mode = delete")
            with _transaction(base):
                _insert(base, event)
        part.replace(folder / FILE)
        return Store(folder)

    def events(self) -> list[Event]:
        """All events, in order."""
        with self._open() as base:
            return [event for _, event in self._events(base, 0)]

    @property
    def game(self) -> Game:
        """The game as it stands."""
        with self._open() as base:
            return self._read(base)

    @property
    def known(self) -> Game:
        """The game as it was last read, without looking again."""
        return self._known[1] or self.game

    def kept(self) -> dict[str, str]:
        """What the server keeps beside the game: port, code, sign-ins."""
        with self._open() as base:
            base.executescript(_TABLES)
            return dict(base.execute("select name, value from kept").fetchall())

    def _read(self, base: sqlite3.Connection) -> Game:
        """The game after what is written by now; what was read before is not read again, unless it was rewritten."""
        last, game = self._known
        new = self._events(base, last)
        if game is not None and any(event["kind"] == "forgotten" for _, event in new):
            last, game, new = 0, None, self._events(base, 0)
        for number, event in new:
            game = made(event) if game is None else apply(game, event)
            last = number
        if game is None:
            raise self._damaged("it holds no game")
        if last >= self._known[0]:  # another thread may have read more meanwhile
            self._known = (last, game)
        return game

    def _events(self, base: sqlite3.Connection, after: int) -> list[tuple[int, Event]]:
        rows = base.execute(
            "select number, event from events where number > ? order by number", (after,)
        ).fetchall()
        try:
            return [(number, json.loads(text)) for number, text in rows]
        except ValueError as error:
            raise self._damaged(error) from None

    def change(self, make: Callable[[Game], list[Event]]) -> Game:
        """Add events in one transaction; `make` gets the game as it stands then, and nobody comes between.

        What `make` raises leaves the game as it was.
        """
        (problem,) = self.changes([lambda game: Change(make(game))])
        if problem is not None:
            raise problem
        return self.known

    def changes(self, makes: Sequence[Callable[[Game], Change]]) -> list[Exception | None]:
        """Many changes in one transaction, each after the one before; what one raises stops that one alone.

        Returns
        -------
        For each what it raised, or None; all others are on the disk.
        """
        problems: list[Exception | None] = []
        with self._open() as base:
            with _transaction(base):
                game = self._read(base)
                for make in makes:
                    try:
                        change = make(game)
                        for event in change.events:
                            game = apply(game, event)
                    except Exception as error:
                        problems.append(error)
                        continue
                    problems.append(None)
                    for event in change.events:
                        _insert(base, event)
                    for name, value in change.kept.items():
                        _keep(base, name, value)
            # whoever copies game.db alone takes the whole game, also while a server holds it open
            base.execute("pragma wal_checkpoint(passive)")
        self.game  # noqa: B018  (what was written is read, and known)
        return problems

    def copy_before(self, name: str) -> Path:
        """Keep a copy of the game as it stands: `copies/NAME.db`, with a number where there is one of that name.

        Nobody writes meanwhile: names that are forgotten at the same time are in no copy that stays.
        """
        folder = self.folder / COPIES
        with self._open() as held, _transaction(held):
            folder.mkdir(exist_ok=True)
            file, number = folder / f"{name}.db", 1
            while file.exists():
                number += 1
                file = folder / f"{name}-{number}.db"
            part = folder / f".{file.name}.{os.getpid()}-{threading.get_ident()}.part"
            with self._open() as base, contextlib.closing(sqlite3.connect(part)) as copy:
                base.backup(copy)
            _to_disk(part)
            part.replace(file)
        return file

    @contextlib.contextmanager
    def playing(self) -> Iterator[None]:
        """While the block plays a round that is closed: `is_played` says so until it ends, or its process is killed."""
        with contextlib.closing(self._played()) as held:
            held.execute("begin")
            held.execute(
                "select count(*) from sqlite_master"
            ).fetchone()  # a shared lock, until the block ends
            yield

    def is_played(self) -> bool:
        """Whether some process plays a round that it closed."""
        with contextlib.closing(self._played(0.0)) as asks:
            try:
                asks.execute("begin exclusive")
            except sqlite3.OperationalError:
                return True
            return False

    def _played(self, timeout: float = BUSY_SECONDS) -> sqlite3.Connection:
        (self.folder / CACHE).mkdir(exist_ok=True)
        return sqlite3.connect(self.folder / CACHE / _PLAYING, timeout=timeout, isolation_level=None)

    @contextlib.contextmanager
    def unforgotten(self, game: Game) -> Iterator[None]:
        """While the block writes files that hold a game's names: nobody erases them meanwhile.

        Raises
        ------
        Forgotten
            Names were forgotten since the game was read; nothing may be written of it any more.
        """
        with self._open() as base, _transaction(base):
            (times,) = base.execute("select count(*) from events where kind = 'forgotten'").fetchone()
            if times != game.forgotten:
                raise Forgotten(texts.FORGOTTEN_MEANWHILE.format(folder=self.folder))
            yield

    def rewrite(
        self, scrubbing: Callable[[Game], Callable[[Event], Event]], last: Event, erase: Callable[[], None]
    ) -> Game:
        """Change every event for good, add a last one that says so, and leave nothing of the old ones in the file.

        Both are one transaction: nobody who knows the old events writes between them, or keeps a copy.

        Parameters
        ----------
        scrubbing : gives for the game as it stands then what changes each event.
        erase : erases what was made of the old events, before they are gone.
        """
        with self._open() as base:
            base.executescript(_TABLES)
            base.execute("pragma secure_delete = on")
            with _transaction(base):
                scrub = scrubbing(self._read(base))
                rows = base.execute("select number, event from events order by number").fetchall()
                for number, text in rows:
                    said = json.dumps(scrub(json.loads(text)), ensure_ascii=False)
                    base.execute("update events set event = ? where number = ?", (said, number))
                base.execute(
                    "delete from kept where name like 'seat:%' or name like 'number:%' or name like 'done:%'"
                    " or name like 'fresh:%'"
                )
                base.execute("delete from kept where name = 'message'")
                _insert(base, last)
                erase()
            base.execute("pragma wal_checkpoint(truncate)")
            base.execute("vacuum")
            base.execute("pragma wal_checkpoint(truncate)")
        return self.game

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file, until the block ends; what is not as it was written is told with the cure, wherever in the file it is met."""
        try:
            with contextlib.closing(_connect(self.folder / FILE)) as base:
                yield base
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGED:
                raise
            raise self._damaged(error) from None

    def _damaged(self, error: Exception | str) -> GameError:
        copies = sorted((self.folder / COPIES).glob("*.db"), key=lambda file: file.stat().st_mtime)
        cure = (
            f"the newest copy is {copies[-1]}"
            if copies
            else f"no round was played: tenfold class new makes the game anew in another folder, and {self.folder / FORMS} has its forms"
        )
        return GameError(f"{self.folder / FILE}: is damaged ({error}); {cure}")


def _connect(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
    except sqlite3.DatabaseError:
        base.close()
        raise
    return base


@contextlib.contextmanager
def _transaction(base: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; whoever comes second waits."""
    base.execute("begin immediate")
    try:
        yield
    except BaseException:
        base.execute("rollback")
        raise
    base.execute("commit")


def _insert(base: sqlite3.Connection, event: Event) -> None:
    said = json.dumps(event, ensure_ascii=False)
    base.execute(
        "insert into events (kind, round, event) values (?, ?, ?)", (event["kind"], event.get("round"), said)
    )


def _keep(base: sqlite3.Connection, name: str, value: str | None) -> None:
    if value is None:
        base.execute("delete from kept where name = ?", (name,))
    else:
        base.execute("insert or replace into kept (name, value) values (?, ?)", (name, value))


def _to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
