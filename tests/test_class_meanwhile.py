"""What two programs do to one folder at a time, and what one leaves that was killed."""

import asyncio
import contextlib
import queue
import shutil
import sqlite3

import pytest
from classroom_bots import NOW, small
from classroom_visitors import hand_in, served

from sim.classroom import desk, forgetting, forms, moves, report, store
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError
from sim.classroom.server import workers
from sim.classroom.server.room import Room
from sim.classroom.store import Store


@pytest.fixture
def closed(tmp_path):
    """A game whose program was killed while it played a round that it had closed."""
    folder = tmp_path / "term"
    desk.new_game(folder, small(2, rounds=2, months=1))
    Store(folder).change(lambda game: [{"kind": "closed", "round": 1}])
    with pytest.raises(GameError, match="round 1 is being played"):
        moves.hand_in(Store(folder).game, 0, Decision({}), {}, "", NOW)
    return folder


def test_a_round_that_a_killed_server_closed_is_open_when_it_serves_again(closed):
    with served(closed) as room:
        hand_in(room.student("Ann", 0), plan_of_price="1.1")
        assert room.room.game.latest(0).decision.plan["price"] == 1.1 and not room.room.game.closed


def test_a_round_that_a_killed_command_closed_is_open_for_files(closed, tmp_path):
    file = tmp_path / "blue.toml"
    file.write_text(f'team = "{Store(closed).game.teams[0]}"\n[plan]\nprice = 1.2\n')
    (taken,) = desk.collect(closed, [file], NOW)
    assert taken.decided and not taken.faults and not Store(closed).game.closed


def test_a_round_that_a_killed_command_closed_while_it_is_served_is_open_again(tmp_path):
    folder, told = tmp_path / "term", queue.SimpleQueue()
    desk.new_game(folder, small(2, rounds=2, months=1))
    with served(folder) as room:
        room.room.listeners.append(lambda: told.put(room.room.game.closed))
        Store(folder).change(lambda game: [{"kind": "closed", "round": 1}])  # and it is gone
        while not told.get(timeout=30):
            pass
        while told.get(timeout=30):
            pass
        assert moves.hand_in(room.room.game, 0, Decision({}), {}, "", NOW)["round"] == 1


def test_a_closed_round_that_is_being_played_stays_closed(closed):
    room = Room(closed, processes=1)
    with Store(closed).playing(), Store(closed).playing():
        asyncio.run(room._reopen_left())
        assert room.store.game.closed == 1
    asyncio.run(room._reopen_left())
    assert room.store.game.closed == 0
    room.workers.close()
    room.writer.close()


def is_held(folder):
    """Whether somebody else who wants to write must wait."""
    with contextlib.closing(sqlite3.connect(folder / store.FILE, timeout=0)) as other:
        try:
            other.execute("begin immediate")
        except sqlite3.OperationalError:
            return True
        return False


def test_what_was_read_before_a_change_does_not_become_the_known_game_after_it(tmp_path, monkeypatch):
    desk.new_game(tmp_path / "term", small(2))
    kept = store.Store(tmp_path / "term")
    assert not kept.game.paused
    read = store.Store._events

    def slow(self, base, after):
        rows = read(self, base, after)
        monkeypatch.setattr(store.Store, "_events", read)
        kept.change(lambda game: [moves.pause(game, True)])  # as another thread of the server does
        return rows

    monkeypatch.setattr(store.Store, "_events", slow)
    assert not kept.game.paused and kept.known.paused


def test_no_copy_is_kept_while_names_are_erased(tmp_path, monkeypatch):
    """Copies are made, and erased, by whoever holds the game: one that was begun before is erased too."""
    folder, seen = tmp_path / "term", []
    desk.new_game(folder, small(2, rounds=2, months=1))
    for where, name in ((store, "_to_disk"), (forgetting, "_erase")):
        real = getattr(where, name)

        def noted(*given, real=real, name=name):
            seen.append((name, is_held(folder)))
            return real(*given)

        monkeypatch.setattr(where, name, noted)
    Store(folder).copy_before("before-round-1")
    forgetting.forget(folder)
    assert {name for name, _ in seen} == {"_to_disk", "_erase"} and all(held for _, held in seen)
    assert not list((folder / store.COPIES).iterdir())


def test_papers_of_a_game_whose_names_were_forgotten_meanwhile_are_not_written(tmp_path):
    """A program read the game, names were forgotten, and then it writes what it made: no name comes back."""
    folder = tmp_path / "term"
    desk.new_game(folder, small(2, rounds=2, months=1), names=["Otter", "Igel"])
    desk.change(folder, lambda game: [moves.join(game, "Ann Bee", 0)])
    stale = desk.advance(folder, NOW)
    assert holding(folder, b"Ann Bee") and holding(folder, b"Otter")
    forgetting.forget(folder)
    desk.write_next_forms(folder, stale)
    with pytest.raises(GameError, match="class report"):
        workers.report(stale, 1, folder)  # the server's; a command's is the same
    assert not holding(folder, b"Ann Bee") and not holding(folder, b"Otter")


def test_whoever_writes_papers_holds_the_game_meanwhile(tmp_path, monkeypatch):
    """Forms and reports are written, and put away, by whoever holds the game: a forgetting comes before or after."""
    folder, seen = tmp_path / "term", []
    desk.new_game(folder, small(2, rounds=2, months=1))

    def noted(file, *given, **more):
        seen.append((file.suffix, is_held(folder)))

    game = desk.advance(folder, NOW)
    for where in (forms, report):
        monkeypatch.setattr(where, "write_whole", noted)
    monkeypatch.setattr(desk, "_put_away_forms", lambda *given: noted(folder))
    report.write_reports(game, 1, desk.reports_folder(folder, 1), kept=Store(folder))
    desk.undo(folder)
    shutil.rmtree(desk.forms_folder(folder, Store(folder).game))
    desk.write_next_forms(folder, Store(folder).game)
    assert {kind for kind, _ in seen} == {".html", ".toml", ""} and all(held for _, held in seen)


def holding(folder, name):
    """The files in which a name stands."""
    return [file for file in folder.rglob("*") if file.is_file() and name in file.read_bytes()]
