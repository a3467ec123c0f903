"""What happens to a class game when several things come at once: decisions, presses, names forgotten."""

import asyncio
import shutil
import threading

import pytest
from classroom_bots import NOW, small
from classroom_visitors import served

from sim.classroom import advancing, desk, forgetting, moves, store
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError
from sim.classroom.game import replayed
from sim.classroom.roster import read_roster
from sim.classroom.server import codes
from sim.classroom.server.room import Room
from sim.classroom.store import Change, Store


def test_decisions_that_keep_coming_do_not_keep_a_round_from_being_played(tmp_path):
    desk.new_game(tmp_path / "term", small(2, rounds=2, months=1))
    other, plays, taken, told = Store(tmp_path / "term"), [], [], []

    def play(game, rounds):
        price = 1.0 + 0.01 * len(plays)
        plays.append(price)
        try:
            other.change(lambda g: [moves.hand_in(g, 0, Decision({"price": price}), {}, "Ann", NOW)])
            taken.append(price)
        except GameError as error:
            told.append(str(error))
        return desk.play_round(game.settings, rounds, tmp_path / "term" / store.CACHE)

    game = advancing.play_open_round(tmp_path / "term", NOW, play)
    assert len(plays) == advancing.MOST_REPEATS + 2 and len(taken) == advancing.MOST_REPEATS + 1
    assert game.rounds[0].counted[0].decision.plan["price"] == taken[-1]  # whatever was taken counts
    (said,) = told
    assert "round 1 is being played" in said and "next round" in said
    other.change(lambda g: [moves.hand_in(g, 0, Decision({"price": 1.2}), {}, "Ann", NOW)])
    assert desk.advance(tmp_path / "term", NOW).rounds[1].counted[0].decision.plan["price"] == 1.2
    assert desk.replay(tmp_path / "term") == []


def test_a_closed_round_that_could_not_be_played_takes_decisions_again(tmp_path):
    desk.new_game(tmp_path / "term", small(2, rounds=2, months=1))
    other, plays = Store(tmp_path / "term"), []

    def play(game, rounds):
        plays.append(game)
        assert other.is_played() == bool(game.closed)
        if len(plays) > advancing.MOST_REPEATS + 1:
            raise MemoryError
        other.change(lambda g: [moves.hand_in(g, 0, Decision({"price": 1 + 0.1 * len(plays)}), {}, "", NOW)])
        return desk.play_round(game.settings, rounds)

    with pytest.raises(MemoryError):
        advancing.play_open_round(tmp_path / "term", NOW, play)
    assert plays[-1].closed == 1 and other.game.closed == 0 and other.game.round == 1
    assert not other.is_played()
    assert moves.hand_in(other.game, 0, Decision({"price": 1.5}), {}, "Ann", NOW)["round"] == 1


@pytest.fixture(scope="module")
def three_rounds(tmp_path_factory):
    """A game of which three rounds are played."""
    folder = tmp_path_factory.mktemp("three") / "term"
    desk.new_game(folder, small(2, rounds=5, months=1))
    for _ in range(3):
        desk.advance(folder, NOW)
    return folder


def test_a_second_press_of_reopen_takes_back_no_second_round(three_rounds, tmp_path, monkeypatch):
    folder = shutil.copytree(three_rounds, tmp_path / "term")
    room = Room(folder, processes=1)
    real, reached, go_on = desk.undo, threading.Event(), threading.Event()

    def slow(*given):
        reached.set()
        assert go_on.wait(30)
        return real(*given)

    async def twice():
        monkeypatch.setattr(desk, "undo", slow)
        first = asyncio.ensure_future(room.undo(3))
        assert await asyncio.to_thread(reached.wait, 30)
        with pytest.raises(GameError, match="opened again"):
            await room.undo(3)
        with pytest.raises(GameError, match="opened again"):
            await room.advance(4, anyway=True)
        go_on.set()
        await first
        assert not room.playing

    try:
        asyncio.run(twice())
    finally:
        room.workers.close()
        room.writer.close()
    assert len(Store(folder).game.rounds) == 2
    with pytest.raises(GameError, match="meanwhile"):
        real(folder, 3)  # another program pressed it: round 3 is not the last any more
    assert len(Store(folder).game.rounds) == 2


def test_who_joined_later_plays_on_in_a_round_that_is_opened_again(three_rounds, tmp_path):
    folder = shutil.copytree(three_rounds, tmp_path / "term")
    with served(folder) as one:
        ann = one.student("Ann", 1)
        assert Store(folder).game.students["S1"].teams == ((4, 1),)
        one.instructor().post("/console", do="undo", round=2)
        game = Store(folder).game
        assert (
            game.round == 2 and game.students["S1"].team_in(2) == 1 and game.students["S1"].team_in(1) is None
        )
        ann.get("/play")
        assert ann.path == "/play" and game.teams[1] in ann.text
    Store(folder).change(lambda game: [moves.move(game, "S1", 0)])
    desk.advance(folder, NOW)
    assert desk.undo(folder).students["S1"].teams == ((2, 0),)


@pytest.mark.parametrize("held", ["written", "removed", "no folder"])
def test_a_cache_that_cannot_be_written_or_removed_stops_no_round(held, three_rounds, tmp_path, monkeypatch):
    folder = shutil.copytree(three_rounds, tmp_path / "term")
    wanted = desk.advance(folder, NOW).rounds[3].hashes
    desk.undo(folder)

    def refused(*given, **words):
        raise PermissionError(13, "held by another program")

    if held == "written":
        monkeypatch.setattr("sim.classroom.states.write_whole", refused)
    elif held == "removed":
        (folder / store.CACHE / "market-1-round-2.state").unlink(missing_ok=True)
        (folder / store.CACHE / "market-1-round-2.state").mkdir()  # unlink refuses a folder
    else:
        shutil.rmtree(folder / store.CACHE)
        (folder / store.CACHE).write_text("a file is in the way")
    assert desk.advance(folder, NOW).rounds[3].hashes == wanted


def test_what_an_open_server_writes_while_names_are_forgotten_is_refused_and_nothing_of_it_stays(tmp_path):
    folder = tmp_path / "term"
    (tmp_path / "class.csv").write_text("Name,ID,Team\nWolfgang,wolf77,Red\nXaver,xav78,Blue\n")
    desk.new_game(folder, small(2), roster=read_roster(tmp_path / "class.csv"))
    room = Room(folder, processes=1)

    async def say(game):
        said = moves.say(game, "wolf77", 1.0, 0.0, 2.0, "Kookaburra", "Wolfgang, on a page", NOW)
        await room.write(lambda _: Change([said]))

    async def all_of_it():
        before = room.game
        await room.keep(**{f"seat:{codes.digest('token')}": "xav78"})
        await say(before)
        assert room.student_of("token").name == "Xaver"
        forgetting.forget(folder)
        with pytest.raises(GameError, match="somebody else changed"):
            await say(before)  # the server has not looked again yet
        assert room.game.forgotten == 1 and room.student_of("token") is None

    try:
        asyncio.run(all_of_it())
    finally:
        room.workers.close()
        room.writer.close()
    game = Store(folder).game
    assert list(game.students) == ["S1", "S2"] and len(game.said) == 1
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert all(name not in held for name in (b"wolf77", b"xav78", b"Wolfgang", b"Xaver", b"Kookaburra"))


def test_who_comes_while_names_are_forgotten_is_in_the_game_or_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "term"
    desk.new_game(folder, small(2))
    Store(folder).change(lambda game: [moves.join(game, "Wolfgang", 0)])
    real, seen = Store.rewrite, []

    def late(self, *given):  # Xaver joins when the command has read the game already
        Store(folder).change(lambda game: [moves.join(game, "Xaver", 1)])
        seen.append(real(self, *given))
        return seen[-1]

    monkeypatch.setattr(Store, "rewrite", late)
    game = forgetting.forget(folder)
    assert game.forgotten == 1 and [s.name for s in game.students.values()] == ["Student 1", "Student 2"]
    assert Store(folder).events()[-1] == {"kind": "forgotten"} and Store(folder).game == game


def test_an_event_of_a_student_who_is_in_no_game_leaves_it_readable(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    events = Store(tmp_path / "term").events()
    said = {"kind": "said", "student": "gone", "round": 1, "number": 1.0, "low": 0.0, "high": 2.0}
    said |= {"reason": "", "source": "", "at": "", "late": False}
    moved = {"kind": "moved", "student": "gone", "team": 1, "round": 1}
    assert replayed([*events, said, moved]) == replayed(events)
    assert forgetting.scrubbed(said, {})["student"] == ""
    with pytest.raises(GameError, match="meanwhile"):
        moves.say(replayed(events), "gone", 1.0, 0.0, 2.0, "", "", NOW)
