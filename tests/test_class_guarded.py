"""Who may see and do what in a served class: every route and role, planted hidden numbers, other sites, guessed codes."""

import contextlib
import csv
import io
import json
import re
import socket
import types

import openpyxl
import pytest
from classroom_bots import NOW, forged, small
from classroom_visitors import heard, served
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sim.classroom import desk
from sim.classroom.decisions import Decision
from sim.classroom.moves import book, hand_in, join, say
from sim.classroom.server import codes, serving
from sim.classroom.server.guard import is_own_host
from sim.classroom.server.serving import listen

pytestmark = pytest.mark.once

EVIL = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://x","y")'
RULE = "value_rank > 0.5 and spent > {}"


def planted(event, canaries):
    """The round's event with numbers that stand nowhere else in all that team 0 may not know."""

    def plant(value):
        if isinstance(value, dict):
            return {name: plant(one) for name, one in value.items()}
        if isinstance(value, list):
            return [plant(one) for one in value]
        if isinstance(value, (bool, str)):
            return value
        canaries.append(7_100_001 + 10 * len(canaries))
        return canaries[-1]

    if event["kind"] != "played":
        return event
    outcomes = {"0": {**event["outcomes"]["0"], "true": plant(event["outcomes"]["0"]["true"])}}
    outcomes |= {team: plant(one) for team, one in event["outcomes"].items() if team != "0"}
    return event | {"outcomes": outcomes}


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """A game after a round, with hidden numbers planted, names that attack, and two students."""
    folder = tmp_path_factory.mktemp("guarded") / "term"
    desk.new_game(folder, small(3, budget=1e9), names=["Blue", EVIL, FORMULA])
    canaries = [7_000_001, 7_000_011, 7_000_021]
    rules = ({"if": RULE.format(canaries[0]), "then": {"offer": 0.1}},)
    desk.change(
        folder,
        lambda g: [
            hand_in(g, 1, Decision({"advertising": canaries[1]}, rules), {"profit": canaries[2]}, "f", NOW)
        ],
    )
    desk.change(folder, lambda g: [hand_in(g, 0, Decision({"exit_survey": 0.5}), {}, "g", NOW)])
    desk.advance(folder, NOW)
    forged(folder, lambda event: planted(event, canaries))
    with served(folder) as one:
        ann, bob = one.student("Ann", 0), one.student(EVIL, 1)
        canaries += [7_900_001, 7_900_011]
        desk.change(
            folder,
            lambda g: [
                say(g, "S2", canaries[-2], 0, canaries[-1], FORMULA, "p", NOW),
                book(g, 1, 7_900_021, "x"),
            ],
        )
        yield one, ann, bob, one.instructor(), [*canaries, 7_900_021]


PAGES = ("/", "/play", "/decide", "/decide?done=1", "/forecast", "/results", "/results/1", "/results/2", "/results/1/picture.svg",
         "/customers", "/customers.csv", "/board", "/join", "/again", "/nowhere", "/style.css", "/live.js", "/here", "/icon.svg")  # fmt: skip
INSTRUCTORS = ("/console", "/console/debrief", "/console/debrief/0", "/console/team/0", "/console/team/2", "/projector",
               "/console/team/0/1/picture.svg", "/console/sheet/0/1", "/console/export/gradebook.csv",
               "/console/export/class.xlsx", "/square.svg")  # fmt: skip


def digits(text):
    return re.sub(r"(?<=\d),(?=\d)", "", text)


def test_no_page_and_no_socket_of_a_team_holds_a_number_that_is_hidden_from_it(term):
    one, ann, _, instructor, canaries = term
    seen = {path: digits(ann.get(path)) for path in PAGES}
    with ann.socket("student") as socket:
        seen["socket"] = digits(json.dumps(heard(socket)))
    secrets = [
        one.secret,
        one.room.kept["key"],
        one.room.kept["code"],
        one.room.kept["instructor"],
        one.room.number_of("S2"),
    ]
    for where, text in seen.items():
        found = [c for c in canaries if str(c) in text]
        assert found == [], (where, found)
        assert not any(secret in text for secret in secrets[:4]), where
    assert secrets[4] not in ann.get("/play")
    assert len(canaries) > 100
    told = digits(instructor.get("/console/team/1")) + digits(instructor.get("/console/export/rounds.csv"))
    assert sum(str(c) in told for c in canaries) > 60  # the same numbers do stand where the instructor looks


def test_a_team_sees_the_truth_only_when_the_instructor_shows_it_and_only_its_own(term):
    one, ann, _, instructor, _ = term
    true = one.room.game.rounds[0].outcomes[0]["true"]["counts"]["told_bad"]
    instructor.post("/console", do="show", board="ranks", revealed="1")
    assert str(true) in digits(ann.get("/results"))
    others = one.room.game.rounds[0].outcomes[1]["true"]["counts"]["told_bad"]
    assert str(others) not in digits(ann.text)
    instructor.post("/console", do="show", board="off")
    assert str(true) not in digits(ann.get("/results")) and "shows no leaderboard" in ann.get("/board")
    instructor.post("/console", do="show", board="ranks")


def test_every_route_against_every_role(term):
    one, ann, _, instructor, _ = term
    nobody = one.visitor()
    for path in PAGES[1:12]:
        nobody.get(path)
        assert nobody.path == "/" and "Join code" in nobody.text, path
    for who in (nobody, ann):
        for path in INSTRUCTORS:
            who.ask("GET", path)
            assert who.status == 403, path
        for path, body in (
            ("/console", "do=advance&round=2&anyway=1"),
            ("/console/preview", "key=1"),
            ("/console/team/0", "do=hand"),
        ):
            who.ask("POST", path, body)
            assert who.status == 403, path
    ann.ask("POST", "/advance", "round=2")
    assert ann.status == 403 and len(one.room.game.rounds) == 1
    for path in INSTRUCTORS:
        instructor.ask("GET", path)
        assert instructor.status == 200, path
    for path in (
        "/console/team/99",
        "/console/sheet/0/9",
        "/console/export/game.db",
        "/console/export/..%2fgame.db",
        "/game.db",
    ):
        instructor.ask("GET", path)
        assert instructor.status == 404, path
    for path in ("/decide", "/forecast", "/join", "/console"):
        nobody.ask("DELETE", path, headers={"Origin": f"http://{nobody.host}", "Content-Length": "0"})
        assert nobody.status == 405, path


@pytest.mark.parametrize("view", ["student", "console", "projector", "", "x"])
def test_a_socket_hears_what_its_cookies_allow(view, term):
    one, ann, _, instructor, _ = term
    allowed = {"student": ann, "console": instructor, "projector": instructor}
    for who in (one.visitor(), ann, instructor):
        with who.socket(view) as socket:
            if allowed.get(view) is who:
                assert heard(socket)["html"]
            else:
                with pytest.raises(ConnectionClosed):
                    socket.recv(timeout=30)


def test_posts_and_sockets_of_other_sites_are_refused(term):
    one, ann, *_ = term
    handed = len(one.room.game.handed)
    for headers in ({"Origin": "http://evil.example"}, {"Origin": None}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Origin": f"http://127.0.0.1:{one.port + 1}"}):  # fmt: skip
        ann.ask("POST", "/decide", "do=hand&round=2&plan.price=1.2", headers)
        assert ann.status == 403, headers
    for origin in ("http://evil.example", None):
        with pytest.raises(InvalidStatus, match="403"), ann.socket("student", origin=origin):
            pass
    ann.ask("POST", "/decide", "do=hand", {"Origin": "http://["})
    assert ann.status == 403
    for host in ("[::1", "[", "http://["):
        ann.ask("GET", "/play", headers={"Host": host})
        assert ann.status == 421, host
    ann.ask("GET", "/play", headers={"Host": "evil.example"})
    assert ann.status == 421 and len(one.room.game.handed) == handed
    assert (
        is_own_host("localhost:8000")
        and is_own_host("10.0.0.7:80")
        and not is_own_host("evil.example")
        and not is_own_host("")
    )


def test_what_is_too_large_or_has_no_length_is_refused(term):
    _, ann, *_ = term
    ann.ask("POST", "/decide", "x=" + "a" * 300_000)
    assert ann.status == 413
    ann.ask("POST", "/decide", None, {"Content-Length": "", "Transfer-Encoding": "chunked"})
    assert ann.status in (400, 411)


def test_pages_may_load_nothing_but_their_own_and_are_in_no_frame(term):
    _, ann, *_ = term
    ann.get("/play")
    headers = {name.lower(): value for name, value in ann.headers.items()}
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
    assert (
        not re.findall(r"https?://(?!127\.0\.0\.1)", ann.text)
        and "onclick" not in ann.text
        and "style=" not in ann.text
    )


def test_names_and_rules_as_markup_or_formulas_do_nothing(term):
    _, _, bob, instructor, _ = term
    form = bob.form("/decide") | {
        "if.1": "spent > 1 <b>",
        "then.1": "offer = <i>",
        "plan.price": '"><script>',
        "do": "hand",
    }
    bob.post("/decide", **form)
    assert (
        bob.status == 422 and "<b>" not in bob.text and "<i>" not in bob.text and "<script>" not in bob.text
    )
    instructor.post("/console", do="message", message=EVIL)
    for who, path in ((bob, "/play"), (bob, "/board"), (bob, "/results"), (instructor, "/console"), (instructor, "/projector"),
                      (instructor, "/console/team/1"), (instructor, "/console/debrief"), (instructor, "/console/sheet/1/1")):  # fmt: skip
        assert EVIL not in who.get(path) and EVIL.replace("<", "&lt;").replace(">", "&gt;") in who.text, path
    with bob.socket("student") as socket:
        assert EVIL not in heard(socket)["html"]["now"]
    for name in ("gradebook", "teams", "reasons"):
        cells = [
            cell
            for row in csv.reader(io.StringIO(instructor.get(f"/console/export/{name}.csv")))
            for cell in row
        ]
        assert not [cell for cell in cells if cell[:1] in "=+@" and cell[:1]], name
    instructor.ask("GET", "/console/export/class.xlsx")
    book_ = openpyxl.load_workbook(io.BytesIO(instructor.raw))
    cells = [cell for sheet in book_ for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert FORMULA in [cell.value for cell in cells] and not [cell for cell in cells if cell.data_type == "f"]


# ---------------------------------------------------------------- codes and numbers


def test_wrong_codes_are_slowed_down_and_the_square_code_and_who_is_in_are_not(term):
    one, ann, *_ = term
    guess, right = one.visitor(), one.visitor()
    answers = [(guess.post("/code", code=f"RIVER-MAPLE-{100 + i}"), guess.status)[1] for i in range(80)]
    assert answers[0] == 403 and answers[-1] == 429 and answers.count(403) < 75
    right.get(f"/j/{one.room.kept['key']}")
    assert right.path == "/join"
    assert ann.get("/play") and ann.path == "/play"
    right.get("/j/wrong")
    assert one.visitor().get("/j/wrong").count("Join code") == 1


def test_a_four_digit_number_cannot_be_guessed_and_another_name_is_not_held_up(term):
    one, *_ = term
    guess = one.visitor()
    guess.get(f"/j/{one.room.kept['key']}")
    number = one.room.number_of("S1")
    wrong = [f"{n:04d}" for n in range(8) if f"{n:04d}" != number]
    statuses = [(guess.post("/again", name="Ann", number=n), "Too many" in guess.text)[1] for n in wrong]
    assert statuses[:5] == [False] * 5 and statuses[5:] == [True] * (len(wrong) - 5)
    guess.post("/again", name="Ann", number=number)  # not even the right one, for a while
    assert guess.path == "/again"
    guess.post("/again", name=EVIL, number=one.room.number_of("S2"))
    assert guess.path == "/play"


def test_tries_come_back_with_time():
    clock = [0.0]
    tries = codes.Tries(2, 0.5, lambda: clock[0])
    for _ in range(3):
        tries.spend("a")
    assert tries.wait("a") == 2.0 and tries.wait("b") == 0.0
    clock[0] = 2.0
    assert tries.wait("a") == 0.0


def test_codes_and_secrets_have_enough_of_chance_and_the_file_has_no_secret(term):
    one, *_ = term
    assert len({codes.new_code() for _ in range(200)}) == 200
    assert codes.codes() > 8e8 and len(set(codes.WORDS)) == len(codes.WORDS)
    assert codes.same_code(" river maple–427", "RIVER-MAPLE-427") and not codes.same_code(
        "RIVER-MAPLE-428", "RIVER-MAPLE-427"
    )
    held = b"".join(file.read_bytes() for file in one.room.folder.rglob("*") if file.is_file())
    assert one.secret.encode() not in held and codes.digest(one.secret).encode() in held
    assert len(one.secret) >= 43


def test_a_name_that_is_taken_or_none_is_refused_with_the_cure(term):
    one, *_ = term
    new = one.visitor()
    new.get(f"/j/{one.room.kept['key']}")
    for name, said in (
        ("ann", "is here already"),
        ("", "one line"),
        ("x" * 41, "one line"),
        ("a\u202eb", "one line"),
    ):
        new.post("/join", name=name, team=0)
        assert new.status == 409 and said in new.text, name
    new.post("/join", name="Eve", team=7)
    assert "Choose a team" in new.text


def test_only_this_computer_is_listened_to_unless_a_room_is_wanted():
    for is_room, host in ((False, "127.0.0.1"), (True, "0.0.0.0")):
        with listen(0, is_room=is_room) as door:
            assert door.getsockname()[0] == host


@pytest.mark.parametrize(
    ("platform", "option"),
    [("win32", "SO_EXCLUSIVEADDRUSE"), ("linux", "SO_REUSEADDR"), ("darwin", "SO_REUSEADDR")],
)
def test_no_other_program_gets_the_port_of_the_class(platform, option, monkeypatch):
    assert serving.address_option(platform) == option
    asked = []

    class Told(socket.socket):
        def setsockopt(self, *what):
            asked.append(what)

    numbers = {"socket": Told, "SO_EXCLUSIVEADDRUSE": -5, "SO_REUSEADDR": 2}
    monkeypatch.setattr(serving, "socket", types.SimpleNamespace(**vars(socket) | numbers))
    monkeypatch.setattr(serving, "sys", types.SimpleNamespace(platform=platform))
    listen(0, is_room=False).close()
    assert asked == [(socket.SOL_SOCKET, numbers[option], 1)]


def test_a_port_at_which_somebody_answers_is_taken_also_where_it_could_be_shared(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(serving, "socket", types.SimpleNamespace(**vars(socket) | {"socket": Sharing}))
        with pytest.raises(serving.PortTaken, match="in use"):
            listen(port, is_room=True)
    with listen(port, is_room=True) as door:  # free again at once
        assert door.getsockname()[1] == port


class Sharing(socket.socket):
    """A socket of a system that lets two programs have one port."""

    def bind(self, address):
        with contextlib.suppress(OSError):
            super().bind(address)


def test_with_a_roster_only_its_names_come_in_and_fresh_numbers_void_old_sign_ins(tmp_path):
    from sim.classroom.roster import read_roster

    (tmp_path / "r.csv").write_text("id,name,team\n7,Ann,Blue\n8,Bob,Red\n")
    desk.new_game(tmp_path / "term", small(2), roster=read_roster(tmp_path / "r.csv"))
    with served(tmp_path / "term") as one:
        ann, new, instructor = one.student("7", 1), one.visitor(), one.instructor()
        assert "Blue" in ann.get("/play") and "Ann" in ann.text  # the roster's team, whatever the form says
        new.get(f"/j/{one.room.kept['key']}")
        assert 'name="team"' not in new.text
        new.post("/join", name="Zoe")
        assert "not on the class list" in new.text
        instructor.post("/console", do="number", student="7")
        ann.get("/play")
        assert ann.path == "/join"  # the device that was signed in is so no longer
        ann.post("/again", name="Ann", number=one.room.number_of("7"))
        assert ann.path == "/play"


def test_names_forgotten_while_it_is_open_are_gone_from_the_pages(tmp_path):
    from sim.classroom import forgetting

    desk.new_game(tmp_path / "term", small(2))
    with served(tmp_path / "term") as one:
        ann, instructor = one.student("Wolfgang", 0), one.instructor()
        with instructor.socket("console") as console:
            assert "Wolfgang" in heard(console)["html"]["teams"]
            forgetting.forget(tmp_path / "term")
            while "Wolfgang" in heard(console)["html"]["teams"]:
                pass
        assert "Wolfgang" not in instructor.get("/console")
        ann.get("/play")
        assert ann.path in ("/", "/join")
        desk.change(tmp_path / "term", lambda game: [join(game, "Xaver", 1)])
        forgetting.forget(tmp_path / "term")
        with instructor.socket("console") as console:
            while "Xaver" in heard(console)["html"]["teams"]:
                pass
    assert all(
        b"Wolfgang" not in f.read_bytes() and b"Xaver" not in f.read_bytes()
        for f in (tmp_path / "term").rglob("*")
        if f.is_file()
    )
