"""The open game: what pages read, what is written, who plays the rounds."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.classroom import desk, moves, store, texts
from sim.classroom.advancing import play_open_round
from sim.classroom.faults import Forgotten, GameError
from sim.classroom.game import Game, Student
from sim.classroom.server import codes, workers
from sim.classroom.server.writer import Writer
from sim.classroom.store import Change, Store

if TYPE_CHECKING:
    from sim.classroom.decisions import Decision, Facts
    from sim.classroom.markets import Played

WATCH_SECONDS = 0.5
"""How soon a page sees what a command wrote into the folder."""

BOARDS = ("off", "ranks", "scores")


def in_a_thread(work: Callable[[], None]) -> Future[None]:
    """Let something be done by a thread for which nobody waits at the end."""
    told: Future[None] = Future()

    def run() -> None:
        try:
            work()
            told.set_result(None)
        except BaseException as error:  # whoever waits for it hears of it
            told.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return told


def now() -> datetime:
    """The time here, with its zone."""
    return datetime.now().astimezone()


class Room:
    """A game that is open.

    Parameters
    ----------
    folder : Path, of a game that was made.
    solo : whether one player decides and advances.
    processes : that play rounds; as the computer has unless given.
    prepare : compiles what plays a market, where that is not done yet: while it does, pages are served already.
    """

    def __init__(
        self,
        folder: Path,
        *,
        solo: bool = False,
        processes: int | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self.folder, self.solo, self.prepare = folder, solo, prepare
        self._prepared: Future[None] | None = None
        self.unprepared = ""  # why nothing can be played, for the console
        self.store = Store(folder)
        self.kept = self.store.kept()
        self._forgotten = self.store.game.forgotten  # as often as what is kept knows of
        self.writer = Writer(self.store)
        self.workers = workers.Workers(processes)
        self.numbers = codes.Tries(5, 1 / 3600)  # wrong ones, by student and number
        self.playing = 0
        self.version = 0
        self.listeners: list[Callable[[], None]] = []
        self._done: dict[str, str] = {k: v for k, v in self.kept.items() if k.startswith("done:")}
        self._facts: dict[tuple[int, int, int], Future[dict[int, Facts]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def game(self) -> Game:
        """The game as it was last read."""
        return self.store.known

    @property
    def stamp(self) -> str:
        """What a page depends on as a whole; when it changes, pages are read again."""
        game = self.game
        said = (game.undone, len(game.rounds), game.paused, self.board, self.revealed, len(game.removed))
        return ".".join(str(int(x) if isinstance(x, bool) else x) for x in said)

    @property
    def board(self) -> str:
        """What teams see of each other: off, ranks, scores."""
        return self.kept.get("board", "ranks")

    @property
    def revealed(self) -> bool:
        """Whether teams see the truth about their own firm."""
        return self.kept.get("revealed") == "1"

    def tell(self) -> None:
        """Something has changed: everybody who listens is told."""
        self.version += 1
        for listener in self.listeners:
            listener()

    # ------------------------------------------------------------ writing

    async def write(
        self, make: Callable[[Game], Change], key: str = "", again: Callable[[str], Change] | None = None
    ) -> str:
        """Have a change written, and wait until it is on the disk; what `make` raises is raised here.

        Parameters
        ----------
        key : of the form that asks. What was done for a key is not done twice; `again` may add to it.

        Returns
        -------
        The change's answer, the first one's where the key was known.
        """
        name, answer = f"done:{key}", "1"
        new = False

        def once(game: Game) -> Change:
            nonlocal answer, new
            if game.forgotten != self._forgotten:
                raise GameError(texts.CHANGED_MEANWHILE)
            if key and name in self._done:
                answer = self._done[name]
                return again(answer) if again else Change([])
            change = make(game)
            answer = change.answer
            if not key:
                return change
            self._done[name], new = answer, True
            return change._replace(kept={**change.kept, name: answer})

        kept: dict[str, str | None] = {}

        def noted(game: Game) -> Change:
            change = once(game)
            kept.update(change.kept)
            return change

        def written(told: Future[Game]) -> None:
            if told.exception() is not None:
                if new:
                    self._done.pop(name, None)
                return
            if told.result().forgotten != self._forgotten:  # what was kept is gone
                return
            for keeping, value in kept.items():
                if value is None:
                    self.kept.pop(keeping, None)
                else:
                    self.kept[keeping] = value

        told = self.writer.ask(noted)
        told.add_done_callback(written)
        await asyncio.shield(asyncio.wrap_future(told))
        self.tell()
        return answer

    async def keep(self, **kept: str | None) -> None:
        """Keep settings of the room."""
        await self.write(lambda game: Change([], dict(kept)))

    # ------------------------------------------------------------ who is who

    def student_of(self, token: str) -> Student | None:
        """Whose sign-in this is."""
        game = self.game
        if not token or game.forgotten != self._forgotten:
            return None
        return game.students.get(self.kept.get(f"seat:{codes.digest(token)}", ""))

    def is_instructor(self, token: str) -> bool:
        """Whether this is the newest instructor address."""
        kept = self.kept.get("instructor", "")
        return bool(token and kept) and codes.same(token, kept)

    def number_of(self, student: str) -> str:
        """A student's four-digit number; "" before the first joining."""
        return self.kept.get(f"number:{student}", "")

    def tried(self, student: str) -> str:
        """Whose tries a wrong number costs: another number of the same student has others."""
        return f"{student} {self.number_of(student)}"

    @property
    def waiting(self) -> list[str]:
        """Names of students for whom too many wrong numbers came: nobody comes in by them now."""
        return [s.name for s in self.game.students.values() if self.numbers.wait(self.tried(s.id)) > 0.0]

    # ------------------------------------------------------------ playing

    async def facts(self, team: int) -> Facts:
        """What a team's firm knows now, once it was computed; another model than the game's would compute other numbers."""
        game = self.game
        moves.check_model(game)
        market = game.settings.seat(team).market
        key = (game.undone, len(game.rounds), market)
        known = self._facts.get(key)
        if known is not None and known.done() and not known.exception():
            return known.result()[team]
        await self.prepared()
        for last in (False, True):
            try:
                return (await asyncio.shield(asyncio.wrap_future(self._know(market))))[team]
            except BrokenProcessPool:
                self._facts.pop(key, None)
                if last:
                    raise
        raise AssertionError

    def _know(self, market: int) -> Future[dict[int, Facts]]:
        """What the firms of a market know now, computed or being so."""
        game = self.game
        key = (game.undone, len(game.rounds), market)
        if key not in self._facts:
            cache = self.folder / store.CACHE
            self._facts[key] = self.workers.submit(workers.know, game.settings, market, game.decided, cache)
        return self._facts[key]

    def play(self, game: Game, rounds: list[dict[int, Decision]]) -> list[Played]:
        """Have all markets played by other processes, several at once; wait for them."""
        cache = self.folder / store.CACHE
        jobs = [
            (workers.play, game.settings, number, rounds, cache) for number in range(game.settings.markets)
        ]
        results = [self.workers.submit(*job) for job in jobs]
        played = []
        for number, (job, result) in enumerate(zip(jobs, results, strict=True)):
            try:
                one, facts = result.result()
            except BrokenProcessPool:
                one, facts = self.workers.result(*job)
            known: Future[dict[int, Facts]] = Future()
            known.set_result(facts)
            self._facts[game.undone, len(rounds), number] = known
            played.append(one)
        for key in [key for key in self._facts if key[:2] < (game.undone, len(rounds) - 1)]:
            del self._facts[key]
        return played

    async def prepared(self) -> None:
        """Wait until what plays a market is compiled: once on a computer.

        Raises
        ------
        GameError
            It failed, and the console says so; who asks next has it tried again.
        """
        if self.prepare is None:
            return
        if self._prepared is None:
            self._prepared = in_a_thread(partial(self._prepare, self.prepare))
        told = self._prepared
        try:
            await asyncio.shield(asyncio.wrap_future(told))
        except Exception as error:
            if self._prepared is told:
                self._prepared = None
                self._say_unprepared(texts.UNPREPARED.format(error=f"{error}"[:300] or type(error).__name__))
            raise GameError(texts.UNPREPARED_HERE) from error
        self._say_unprepared("")

    def _say_unprepared(self, said: str) -> None:
        if said != self.unprepared:
            self.unprepared = said
            self.tell()

    def _prepare(self, prepare: Callable[[], None]) -> None:
        if not self.workers.result(workers.is_prepared):
            prepare()

    async def advance(self, round_: int, *, anyway: bool, deadline: str = "") -> None:
        """Play the open round; everybody is told when it begins and when it is played.

        Raises
        ------
        GameError
            It is being played already, or another round is open, or nobody handed in anything.
        """
        if self.playing:
            raise GameError(texts.IS_PLAYING.format(round=self.playing))
        self.playing = round_
        self.tell()
        try:
            await self.prepared()
            await asyncio.to_thread(
                play_open_round,
                self.folder,
                now(),
                self.play,
                deadline=deadline,
                anyway=anyway,
                only=round_,
            )
            await asyncio.to_thread(lambda: self.store.game)
        finally:
            self.playing = 0
            self.tell()
        self.in_background(asyncio.to_thread(self._write_papers, self.game))

    def _write_papers(self, game: Game) -> None:
        """Reports and next forms, for who goes on by files; none with names that were forgotten meanwhile."""
        desk.write_next_forms(self.folder, game)
        with contextlib.suppress(Forgotten):
            self.workers.result(workers.report, game, len(game.rounds), self.folder)

    async def undo(self, to: int) -> None:
        """Open a round again: those after it are taken back, one by one."""
        if self.playing:
            raise GameError(texts.IS_PLAYING.format(round=self.playing))
        self.playing = to
        try:
            for last in range(len(self.game.rounds), to - 1, -1):
                await asyncio.to_thread(desk.undo, self.folder, last)
                await asyncio.to_thread(lambda: self.store.game)
        finally:
            self.playing = 0
            self.tell()

    # ------------------------------------------------------------ living

    def in_background(self, work: Any) -> None:
        """Let something go on without waiting for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def alive(self) -> Any:
        """While it is open: what commands write into the folder is seen, and what is asked is written."""
        self.in_background(self._watch())
        self.in_background(self._know_all())
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            self.workers.close()
            await asyncio.to_thread(self.writer.close)

    async def _know_all(self) -> None:
        """Have computed what firms know before anybody waits for it."""
        try:
            await self.prepared()
        except GameError:  # the console says so
            return
        for market in range(self.game.settings.markets):
            self._know(market)

    async def _watch(self) -> None:
        """See what other processes write: decision files, a round, names forgotten."""
        with contextlib.closing(sqlite3.connect(self.folder / store.FILE)) as base:
            seen = -1
            while True:
                (found,) = base.execute("pragma data_version").fetchone()
                if found != seen:
                    seen = found
                    before = self.game
                    game = await asyncio.to_thread(lambda: self.store.game)
                    kept = await asyncio.to_thread(self.store.kept)
                    if forgot := game.forgotten != self._forgotten:
                        self.kept.clear()
                        self._done.clear()
                        self._forgotten = game.forgotten
                    self.kept.update(kept)
                    if forgot or game is not before:
                        self.tell()
                if self.game.closed:
                    await self._reopen_left()
                await asyncio.sleep(WATCH_SECONDS)

    async def _reopen_left(self) -> None:
        """Have a round take decisions again that was closed by a program which is gone."""

        def make(game: Game) -> Change:
            return Change([] if self.store.is_played() else moves.reopen(game))

        if not await asyncio.to_thread(self.store.is_played):
            await asyncio.shield(asyncio.wrap_future(self.writer.ask(make)))
            self.tell()
