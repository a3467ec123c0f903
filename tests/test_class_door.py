"""The door of a served class: who guesses is slowed down, the room behind one address is not locked out."""

import socket
from urllib.parse import urlencode

import pytest
from classroom_bots import small
from classroom_visitors import heard, served

from sim.classroom import desk, moves, texts
from sim.classroom.faults import GameError
from sim.classroom.names import called
from sim.classroom.roster import read_roster
from sim.classroom.server import codes
from sim.classroom.server.door import Door
from sim.classroom.store import Store


@pytest.fixture
def room(tmp_path):
    """A game of two teams that is served."""
    desk.new_game(tmp_path / "term", small(2))
    with served(tmp_path / "term") as one:
        yield one


def at_the_door(one):
    """Somebody who scanned the square code."""
    who = one.visitor()
    who.get(f"/j/{one.room.kept['key']}")
    return who


def wrong_of(number, n):
    """`n` numbers that are not this one."""
    return [f"{i:04d}" for i in range(n + 1) if f"{i:04d}" != number][:n]


def test_forms_that_are_sent_slowly_are_counted_too(room):
    body = urlencode({"code": "NOPE"})
    head = (
        f"POST /code HTTP/1.1\r\nHost: 127.0.0.1:{room.port}\r\nOrigin: http://127.0.0.1:{room.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    lines = [socket.create_connection(("127.0.0.1", room.port)) for _ in range(90)]
    for line in lines:
        line.sendall(head.encode())  # all have come before one is whole
    room.visitor().get("/here")
    for line in lines:
        line.sendall(body.encode())
    said = []
    for line in lines:
        with line, line.makefile("rb") as answer:
            said.append(int(answer.readline().split()[1]))
    assert said.count(403) <= 70 and said.count(429) >= 20


def test_numbers_are_counted_by_student_whatever_they_are_called(room):
    room.student("Ann", 0)
    number, guess = room.room.number_of("S1"), at_the_door(room)
    for name, wrong in zip(("Ann", "S1", "ann", "s1", "ANN"), wrong_of(number, 5), strict=True):
        assert texts.WRONG_NUMBER in guess.post("/again", name=name, number=wrong)
    for name in ("Ann", "S1", "s1"):
        assert "Too many wrong numbers" in guess.post("/again", name=name, number=number)


def test_a_name_for_which_five_wrong_numbers_came_waits_and_the_console_says_so(room):
    room.student("Ann", 0)
    number, guess, instructor = room.room.number_of("S1"), at_the_door(room), room.instructor()
    said = texts.WRONG_NUMBERS.partition("{names}")[0]
    with instructor.socket("console") as console:
        for wrong in wrong_of(number, 5):
            assert said not in instructor.get("/console")
            guess.post("/again", name="Ann", number=wrong)
        assert f"{said}Ann:" in instructor.get("/console")
        while f"{said}Ann:" not in heard(console)["html"]["stands"]:
            pass
    assert "try again in 60 min" in guess.post("/again", name="Ann", number=number)
    instructor.post("/console", do="number", student="S1")
    assert said not in instructor.get("/console")


def test_a_number_is_not_guessed_at_the_rate_limit(room):
    """As docs/class.md has it: as one student, and as some student from one address and from all."""
    door, lesson, day = Door(room.room), 90 * 60, 24 * 3600
    numbers = 10_000
    assert door.numbers.within(lesson) / numbers < 0.0007 and door.numbers.within(day) / numbers < 0.003
    assert door.numbers_of_one.within(lesson) / numbers <= 0.012
    assert door.numbers_of_all.within(lesson) / numbers <= 0.024
    assert 30 * door.numbers.within(day) / numbers < 0.09
    assert door.numbers_of_all.within(day) / numbers < 0.3


def test_a_fresh_number_has_tries_of_its_own_also_where_an_address_has_none(room):
    room.student("Ann", 0)
    room.student("Bob", 1)
    guess = at_the_door(room)
    for i in range(80):  # names that nobody has: the address is out of tries
        guess.post("/again", name=f"Nobody {i}", number="1")
    bob = at_the_door(room)
    assert "Many wrong numbers came" in bob.post("/again", name="Bob", number=room.room.number_of("S2"))
    for wrong in wrong_of(room.room.number_of("S1"), 6):
        guess.post("/again", name="Ann", number=wrong)
    room.instructor().post("/console", do="number", student="S1")
    ann, number = at_the_door(room), room.room.number_of("S1")
    assert texts.WRONG_NUMBER in ann.post("/again", name="Ann", number=wrong_of(number, 1)[0])
    ann.post("/again", name="Ann", number=number)
    assert ann.path == "/play" and "fresh:S1" not in room.room.kept
    assert at_the_door(room).path == "/join"  # who comes by the square code is not held up


def test_there_is_a_cap_over_all_addresses(room):
    door = Door(room.room)
    for i in range(400):
        door._problem(f"Nobody {i}", "1", f"10.0.{i // 250}.{i % 250}")
    assert "Many wrong numbers came" in door._problem("Nobody", "1", "10.9.9.9")


def test_one_browser_brings_in_a_few_students_and_the_next_browser_others(room):
    bot = at_the_door(room)
    for i in range(8):
        bot.post("/join", key=f"k{i}", name=f"Bot {i}", team=0)
        bot.ask("POST", "/out", "")
        bot.get(f"/j/{room.room.kept['key']}")  # the square code again: the browser is the same
    assert len(room.room.game.students) == Door.MOST_JOINED
    bot.post("/join", key="k", name="Bot", team=0)
    assert bot.status == 409 and "another device" in bot.text
    room.student("Zoe", 1)
    name = next(name for name in bot.cookies if "door" in name)
    bot.cookies[name] = "made-up." + codes.digest("made-up")
    bot.get("/join")
    assert bot.path == "/"


def test_namesakes_on_a_roster_are_asked_for_their_id(tmp_path):
    (tmp_path / "r.csv").write_text("id,name,team\n7,Ann,Blue\n8,Ann,Red\n")
    desk.new_game(tmp_path / "term", small(2), roster=read_roster(tmp_path / "r.csv"))
    with served(tmp_path / "term") as one:
        ann = at_the_door(one)
        assert "Write your id" in ann.post("/join", key="a", name="Ann")
        ann.post("/join", key="b", name="8")
        assert ann.path == "/play" and "Red" in ann.text


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
    '"Lee, Ann",471,0012,alee,A\n"O\'Brien, Bo",472,0013,bo@u.edu,A\n"Sur, Rene\u0301e",473,0014,rs,A\n"Zą, Łuk",474,0015,lz,A\n'
)


def test_students_come_in_by_their_own_name_number_or_login_however_a_phone_writes_it(tmp_path):
    (tmp_path / "r.csv").write_text(CANVAS, encoding="utf-8")
    desk.new_game(tmp_path / "term", small(2), roster=read_roster(tmp_path / "r.csv"))
    game = Store(tmp_path / "term").game
    for said, whom in {
        "Ann Lee": "471", "lee ann": "471", "Lee, Ann": "471", "0012": "471", "12": "471", "ALEE": "471", "Bo O’Brien": "472",
        "bo@u.edu": "472", "Renée Sur": "473", "Renee sur": "473", "Luk Za": "474",
    }.items():  # fmt: skip
        assert [one.id for one in called(game, said)] == [whom], said
        assert moves.student_id(game, said) == whom
    assert not called(game, "Ann") and not called(game, "") and not called(game, "120")
    with served(tmp_path / "term") as one:
        ann, again = at_the_door(one), at_the_door(one)
        ann.post("/join", key="a", name="Ann Lee")
        assert ann.path == "/play"
        again.post("/again", name="12", number=one.room.number_of("471"))
        assert again.path == "/play" and "Lee, Ann" in again.text


def test_without_a_list_a_name_that_looks_the_same_is_taken(room):
    room.student("Zoë O'Neil", 0)
    other = at_the_door(room)
    for name in ("Zoe\u0308 O’Neil", "zoe o'neil", "O'Neil, Zoë"):
        assert "is here already" in other.post("/join", key=name, name=name, team=1), name
    game = room.room.game
    assert moves.student_id(game, "Zoe\u0308 O’Neil") == "S1"
    with pytest.raises(GameError, match="no student"):  # in a file it may be somebody else
        moves.student_id(game, "Zoe O'Neil")


def test_a_team_that_is_no_plain_number_is_asked_for_again(room):
    who = at_the_door(room)
    assert texts.CHOOSE_TEAM in who.post("/join", key="a", name="Ann", team="²") and who.status == 409


def test_a_join_code_is_not_guessed_at_the_rate_limit(room):
    """As docs/class.md has it: in a lesson of 90 minutes, and in a day and night, over all addresses together."""
    door = Door(room.room)
    assert codes.codes() == 304**2 * 9000 > 2**29
    assert door.all.within(90 * 60) / codes.codes() < 1 / 140_000
    assert door.all.within(24 * 3600) / codes.codes() < 1 / 9_500
    assert {len(codes.new_code().rsplit("-", 1)[1]) for _ in range(200)} == {4}


def test_one_address_that_guesses_leaves_the_others_their_tries(room):
    door, clock = Door(room.room), [0.0]
    for tries in (door.one, door.all):
        tries.clock = lambda: clock[0]
    for _ in range(2000):  # ten a second: all that one address has, and all that comes back
        if not max(door.one.wait("bot"), door.all.wait("")):
            door.one.spend("bot")
            door.all.spend("")
        clock[0] += 0.1
    assert door.one.wait("bot") > 0.0 == max(door.one.wait("class"), door.all.wait(""))


def test_a_bot_without_cookies_brings_in_no_more_than_a_class_and_a_new_code_shuts_it_out(room, monkeypatch):
    monkeypatch.setattr(Door, "LARGE_CLASS", 7)  # 15 a team are more
    monkeypatch.setattr(Door, "A_SECOND", 1e-6)
    desk.new_game(room.room.folder.with_name("other"), small(2))
    with served(room.room.folder.with_name("other")) as one:
        for i in range(35):
            bot = at_the_door(one)
            bot.post("/join", key=f"k{i}", name=f"Bot {i}", team=0)
        assert len(one.room.game.students) == 30 and "Very many have just joined" in bot.text
        one.instructor().post("/console", do="code")
        bot.get("/join")
        assert bot.path == "/"


def test_a_fresh_code_gives_new_tries(room, monkeypatch):
    """Somebody behind the room's address used all of them up: the class types the new code."""
    monkeypatch.setattr(Door, "A_SECOND", 1e-6)
    desk.new_game(room.room.folder.with_name("other"), small(2))
    with served(room.room.folder.with_name("other")) as one:
        who = one.visitor()
        for _ in range(61):
            who.post("/code", code="NOPE")
        assert who.status == 429
        who.post("/code", code=one.room.kept["code"])
        assert who.status == 429 and who.path == "/code"
        one.instructor().post("/console", do="code")
        who.post("/code", code=one.room.kept["code"])
        assert who.path == "/join"
