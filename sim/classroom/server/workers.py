"""What runs in other processes, so that no page waits for a market: rounds, what firms know, pictures, debriefs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.classroom.decisions import Facts
    from sim.classroom.game import Game
    from sim.classroom.markets import Played, Rounds, Table
    from sim.classroom.settings import Settings


class Workers:
    """Processes that compute; one that dies is replaced, and its work done again.

    Parameters
    ----------
    processes : how many; as many as there are processors, at most 4, unless given.
    """

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or min(4, os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.processes, mp_context=multiprocessing.get_context("spawn"), initializer=begin
        )

    def submit(self, work: Any, *args: Any) -> Future[Any]:
        """Have a function of this module computed."""
        with self._lock:
            try:
                return self._pool.submit(work, *args)
            except BrokenProcessPool:
                self._pool = self._new()
                return self._pool.submit(work, *args)

    def result(self, work: Any, *args: Any) -> Any:
        """Wait for it; where a process died, once more in a new one."""
        try:
            return self.submit(work, *args).result()
        except BrokenProcessPool:
            return self.submit(work, *args).result()

    def close(self) -> None:
        """End them."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def begin() -> None:
    """A process begins: Ctrl-C is the server's to hear, pages go first, and without the server it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_end_after, args=(server,), daemon=True).start()


def _end_after(server: Any) -> None:
    server.join()
    os._exit(1)


# ---------------------------------------------------------------- the work


def is_prepared() -> bool:
    """Whether the loops that play a market are compiled; the server itself never loads them."""
    from sim import prepare

    return prepare.is_prepared()


def play(
    settings: Settings, number: int, rounds: Rounds, cache: Path | None
) -> tuple[Played, dict[int, Facts]]:
    """A round in one market: what came of it, and what its firms know at its end."""
    from sim.classroom.markets import play_market

    played, table = play_market(settings, number, rounds, cache)
    return played, facts_of(table)


def know(settings: Settings, number: int, rounds: Rounds, cache: Path | None) -> dict[int, Facts]:
    """What the firms of a market know after these rounds."""
    from sim.classroom.markets import table_at

    return facts_of(table_at(settings, number, rounds, cache))


def facts_of(table: Table) -> dict[int, Facts]:
    """What each team's firm knows, as plain data."""
    from sim.classroom.markets import Records

    known = {team: table.facts(team) for team in table.teams}
    return {team: facts._replace(database=Records(facts.database)) for team, facts in known.items()}


def draw(game: Game, team: int, number: int) -> bytes:
    """The picture of a team's rounds, as SVG."""
    import matplotlib

    from sim.classroom import report

    matplotlib.use("agg")
    return report.picture(game.rounds[:number], team, game).svg


def report(game: Game, number: int, folder: Path) -> None:
    """A round's reports into a game's folder, a file a team; none with names that were forgotten meanwhile."""
    import matplotlib

    from sim.classroom import desk, report
    from sim.classroom.store import Store

    matplotlib.use("agg")
    report.write_reports(game, number, desk.reports_folder(folder, number), kept=Store(folder))


def page(game: Game, team: int, number: int) -> bytes:
    """A team's printable report."""
    import matplotlib

    from sim.classroom import report

    matplotlib.use("agg")
    return report.as_page(game, team, number)


def debrief(settings: Settings, number: int, rounds: Rounds, team: int) -> dict[str, Any]:
    """True lifetime values of a team's firm, and its market had the team kept to the default plan."""
    from sim.classroom.truths import debriefed

    return debriefed(settings, number, rounds, team)
