"""What a class game costs, and what it survives.

    python benchmarks/classroom.py                       a round of 24 teams in 4 markets of 5,000 customers, six months
    python benchmarks/classroom.py --room                a served class: 200 students join, decide at once, hear of the round
    python benchmarks/classroom.py --kills 500           a server that is killed again and again, many times in an advance
    python benchmarks/classroom.py --kills 500 --log F   the same, a line of the file F a kill: stopped and started again it goes on
    python benchmarks/classroom.py --kills 500 --files   a game by files that is killed again and again

Prints each bar and whether it is met; exit status 1 if one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import classroom_served

from sim.classroom import desk, store
from sim.classroom.settings import settings_of
from sim.classroom.store import Store
from sim.scenario import load

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BAR_SECONDS = 2.0
BAR_OPEN_SECONDS = 2.0
PROCESSES = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")


def decision(game: Any, team: int) -> str:
    """A decision file with a price, two rules, and surveys; another one each round and team."""
    price = 1.0 + 0.01 * ((team + game.round) % 6)
    return (
        f'team = "{game.teams[team]}"\n[plan]\nprice = {price}\nexit_survey = 0.3\nstrategy = "opt_in"\n'
        '[[rules]]\nif = "value_rank > 0.95"\nthen = { level = "accountable" }\n'
        '[[rules]]\nif = "status == lapsed"\nthen = { offer = 0.1 }\n'
    )


def hand_in(folder: Path, inbox: Path) -> list[Any]:
    """All teams hand in."""
    game = Store(folder).game
    inbox.mkdir(exist_ok=True)
    files = []
    for team in range(game.settings.teams):
        files.append(inbox / f"{team}.toml")
        files[-1].write_text(decision(game, team), encoding="utf-8")
    return desk.collect(folder, files, NOW)


def rounds(home: Path) -> bool:
    """Six rounds of 24 teams in four markets: seconds of each, of the plain replay beside them."""
    settings = settings_of(
        load("plain").with_changes({"market.customers": 5000}),
        teams=24,
        markets=4,
        rounds=6,
        months=6,
        budget=1e9,
    )
    desk.new_game(home / "term", settings)
    took, busy = [], []
    for number in range(1, 7):
        began = time.perf_counter()
        hand_in(home / "term", home / "inbox")
        handed, worked = time.perf_counter(), time.process_time()
        desk.advance(home / "term", NOW)
        took.append(time.perf_counter() - handed)
        busy.append(time.process_time() - worked)
        print(
            f"round {number}: {took[-1]:.2f} s, {busy[-1]:.2f} s of the processor; collecting took {handed - began:.2f} s"
        )
    began = time.perf_counter()
    same = desk.replay(home / "term") == []
    print(
        f"replay of all six from the beginning: {time.perf_counter() - began:.2f} s, {'same bits' if same else 'OTHER BITS'}"
    )
    worst = max(took[1:])
    print(
        f"the processor worked {max(busy[1:]):.2f} s at most: if the clock says far more, the computer is busy otherwise"
    )
    print(
        f"a round: {worst:.2f} s at most after the first, bar {BAR_SECONDS} s: {'met' if worst < BAR_SECONDS else 'NOT MET'}"
    )
    return worst < BAR_SECONDS and same


def play(folder: Path, inbox: Path, tell: Callable[[tuple[int, str]], None]) -> None:
    """Play to the end, and say what is acknowledged."""
    while not (game := Store(folder).game).is_over:
        for one in hand_in(folder, inbox):
            tell((game.round, one.team))
        desk.advance(folder, NOW)


def kills(home: Path, wanted: int) -> bool:
    """Games that are killed at keyed moments until they are over; each is compared with one that was not killed."""
    settings = settings_of(
        load("two_cafes").with_changes({"market.customers": 200}), teams=2, rounds=4, months=2, budget=1e9
    )
    for name in ("first", "whole"):  # the first one loads the compiled loops, and takes longer
        desk.new_game(home / name, settings)
        began = time.perf_counter()
        play(home / name, home / "inbox", [].append)
        length = time.perf_counter() - began
    whole = [one.hashes for one in Store(home / "whole").game.rounds]
    done, games, slowest, wrong = 0, 0, 0.0, 0
    while done < wanted:
        games += 1
        folder = home / f"game-{games}"
        desk.new_game(folder, settings)
        acknowledged: list[tuple[int, str]] = []
        while not Store(folder).game.is_over and done < wanted:
            done += kill(folder, home / f"inbox-{games}", moment(done) * length, acknowledged)
            began = time.perf_counter()
            game = Store(folder).game
            slowest = max(slowest, time.perf_counter() - began)
            with contextlib.closing(sqlite3.connect(folder / store.FILE)) as base:
                wrong += base.execute("pragma integrity_check").fetchone() != ("ok",)
            wrong += any(game.latest(game.teams.index(team), number) is None for number, team in acknowledged)
            wrong += [one.hashes for one in game.rounds] != whole[: len(game.rounds)]
        play(folder, home / f"inbox-{games}", acknowledged.append)
        wrong += [one.hashes for one in Store(folder).game.rounds] != whole
        shutil.rmtree(folder)
        print(f"game {games}: {done} kills so far, {wrong} wrong", flush=True)
    print(
        f"{done} kills in {games} games: {wrong} wrong, the game open again in {slowest:.2f} s at most (bar {BAR_OPEN_SECONDS} s)"
    )
    return wrong == 0 and slowest < BAR_OPEN_SECONDS


def moment(number: int) -> float:
    """A share of 0 to 1, another one for each kill."""
    return int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:4], "little") / 2**32


def kill(folder: Path, inbox: Path, seconds: float, acknowledged: list[tuple[int, str]]) -> int:
    """Let a game be played for some time, and kill it; 1 if it was alive."""
    ours, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=play, args=(folder, inbox, theirs.send))
    child.start()
    child.join(timeout=seconds)
    alive = child.is_alive()
    child.kill()
    child.join()
    theirs.close()
    with contextlib.suppress(EOFError):
        while ours.poll():
            acknowledged.append(ours.recv())
    return int(alive)


def main() -> int:
    """Run what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="so many kills of a server instead")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="with --kills: what came of each; those in it are done"
    )
    parser.add_argument("--files", action="store_true", help="with --kills: of a game by files")
    parser.add_argument("--room", action="store_true", help="a served class instead")
    parser.add_argument(
        "--students", type=int, default=200, metavar="N", help="with --room: how many; 200 unless given"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        if args.kills and args.files:
            good = kills(Path(home), args.kills)
        elif args.kills:
            good = classroom_served.kills(Path(home), args.kills, moment, args.log)
        elif args.room:
            good = classroom_served.full(Path(home), args.students)
        else:
            good = rounds(Path(home))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
