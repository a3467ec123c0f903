"""Class: open a game for the room, try the network the day before, play alone."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.class_shared import about, limit_option, where
from sim.commands.command import SEEDS, Command, Mistake, change, changes_of, read, whole
from sim.commands.objects import say
from sim.terminal import called

if TYPE_CHECKING:
    from sim.classroom.server.hall import Hall
    from sim.classroom.server.room import Room
    from sim.terminal import Terminal

NEEDED = ("starlette", "uvicorn", "websockets", "multipart", "segno", "ifaddr")


def open_(args: argparse.Namespace, terminal: Terminal) -> int:
    """Serve a game until Ctrl-C."""
    check_installed()
    from sim.classroom.server.furnishing import furnish
    from sim.classroom.server.room import Room

    room = Room(args.folder, prepare=lambda: _prepare(terminal))
    kept = room.kept.get("port")
    port = args.port if args.port is not None else int(kept) if kept else None
    if args.room:
        _before_windows_asks(terminal)
    hall, door = _hall(port, args.room, room)
    secret = furnish(room, hall.port)
    terminal.kept.append(f"the game in {args.folder}: {called()} class open {args.folder} goes on")
    _serve(room, hall, door, lambda: _said(args, terminal, room, hall, secret))
    return 0


def _prepare(terminal: Terminal) -> None:
    from sim.prepare import prepare

    prepare(terminal)


def _before_windows_asks(terminal: Terminal) -> None:
    """Windows asks as soon as somebody listens: what to answer is said before."""
    if os.name == "nt":
        from sim.classroom import texts

        terminal.note(texts.WINDOWS_ASKS)


def _hall(port: int | None, is_room: bool, room: Room | None) -> tuple[Hall, Any]:
    from sim.classroom.server.addresses import addresses
    from sim.classroom.server.hall import Hall
    from sim.classroom.server.serving import PortTaken, listen

    try:
        door = listen(port, is_room=is_room)
    except PortTaken as error:
        raise Mistake(str(error)) from None
    return Hall(addresses(), door.getsockname()[1], is_room=is_room, room=room), door


def _serve(room: Room, hall: Hall, door: Any, ready: Any) -> None:
    from sim.classroom.server.app import class_app
    from sim.classroom.server.serving import serve

    serve(class_app(room, hall), door, ready)


def _said(args: argparse.Namespace, terminal: Terminal, room: Room, hall: Hall, secret: str) -> None:
    """What the instructor needs to know, once pages can be asked for."""
    from sim.classroom import texts

    local = f"http://127.0.0.1:{hall.port}"
    console = f"{local}/console/in/{secret}"
    if args.json:
        said = {
            "address": hall.address,
            "others": hall.others,
            "code": room.kept["code"],
            "instructor": console,
        }
        say(about(room.game) | said, terminal)
        terminal.out.flush()
        return
    terminal.title(f"{room.game.settings.own.title}: {where(room.game)}")
    if args.room:
        terminal.say(f"Room: {hall.address}   code {room.kept['code']}")
        for other in hall.others:
            terminal.say(f"  or: {other}")
        if not hall.found:
            terminal.write(texts.NO_NETWORK)
        terminal.write(texts.EXPOSES)
    else:
        terminal.write(texts.ONLY_THIS_COMPUTER)
        terminal.say(f"Here: {hall.address}   code {room.kept['code']}")
    terminal.say(f"Instructor: {console}")
    terminal.write(texts.INSTRUCTOR_ADDRESS)
    terminal.out.flush()


def test_room(args: argparse.Namespace, terminal: Terminal) -> int:
    """Try the network of a room without a game: who reaches this computer."""
    check_installed()
    from sim.classroom import texts
    from sim.classroom.server.app import test_app
    from sim.classroom.server.serving import serve

    _before_windows_asks(terminal)
    hall, door = _hall(args.port, True, None)

    def ready() -> None:
        terminal.say(f"Room: {hall.address}")
        for other in hall.others:
            terminal.say(f"  or: {other}")
        terminal.write(texts.TEST_HOW.format(address=f"http://127.0.0.1:{hall.port}/projector"))
        terminal.out.flush()

    hall.heard = lambda n: terminal.note(texts.REACHED_ONE if n == 1 else texts.REACHED.format(n=n))
    with contextlib.suppress(KeyboardInterrupt):
        serve(test_app(hall), door, ready)
    n = len(hall.devices)
    if args.json:
        say({"devices": n, "address": hall.address, "others": hall.others}, terminal)
    elif n:
        terminal.write(f"{texts.REACHED_ONE if n == 1 else texts.REACHED.format(n=n)} {texts.GOOD_TO_GO}")
    else:
        terminal.write(texts.NOBODY_CAME)
        for number, line in enumerate(texts.TRY, 1):
            terminal.write(f"{number}. {line}", hang="   ")
    return 0 if n else 1


def play(args: argparse.Namespace, terminal: Terminal) -> int:
    """One player against the scenario's other firms and policies, in the browser."""
    check_installed()
    from sim.classroom.server.furnishing import furnish_alone
    from sim.classroom.server.room import Room
    from sim.classroom.solo import new_solo
    from sim.prepare import prepare

    prepare(terminal)
    with _folder(args) as folder:
        if not (folder / "game.db").exists():
            scenario = read(args.scenario)
            if args.change:
                scenario = scenario.with_changes(changes_of(args))
            new_solo(
                folder,
                scenario,
                rounds=args.rounds,
                months=args.months,
                seed=args.seed,
                rivals=tuple(args.rival),
                limits=dict(args.limit),
            )
        _check_alone(folder)
        room = Room(folder, solo=True)
        hall, door = _hall(args.port, False, room)
        address = f"http://127.0.0.1:{hall.port}/me/{furnish_alone(room, hall.port)}"

        def ready() -> None:
            terminal.say(f"Play: {address}")
            terminal.write(
                "Ctrl-C ends it." if args.folder is None else f"Ctrl-C ends it; {folder} keeps the game."
            )
            terminal.out.flush()
            if not args.no_browser:
                webbrowser.open(address)

        if args.folder is not None:
            terminal.kept.append(str(folder))
        _serve(room, hall, door, ready)
    return 0


def _check_alone(folder: Path) -> None:
    """Refuse a game of a class: whoever plays it alone would play as one of its students."""
    from sim.classroom.store import Store

    game = Store(folder).game
    if not game.settings.alone or game.settings.teams != 1 or len(game.students) != 1:
        raise Mistake(
            f"{folder}: this is the game of a class, and nobody plays it alone; {called()} class open {folder} serves it"
        )


@contextlib.contextmanager
def _folder(args: argparse.Namespace) -> Iterator[Path]:
    """Where the game is: the folder that was named, or one that goes when the game ends."""
    if args.folder is not None:
        yield args.folder
        return
    with tempfile.TemporaryDirectory(prefix="tenfold-", ignore_cleanup_errors=True) as made:
        yield Path(made) / "game"


def check_installed() -> None:
    """Refuse where the packages of the extra are missing, with the cure."""
    absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        cure = (
            "python3 start.py class open FOLDER gets what is missing"
            if (Path(__file__).resolve().parents[2] / "start.py").is_file()
            else 'python3 -m pip install "tenfold[classroom]"'
        )
        raise Mistake(f"the class server needs {', '.join(absent)}: {cure}")


def _port(parser: argparse.ArgumentParser, usual: str) -> None:
    parser.add_argument(
        "--port", metavar="N", type=whole(1, 65_535), help=f"where it listens; {usual} unless given"
    )


def _open_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="the folder of a game that class new made")
    add("--room", action="store_true", help="let others on this network join; else only this computer can")
    _port(parser, "the game's last port, or the first free one from 8000")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


def _test_options(parser: argparse.ArgumentParser) -> None:
    _port(parser, "the first free one from 8000")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")


def _play_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="a shipped name or a file; you run its focus firm")
    add("--folder", metavar="FOLDER", type=Path, help="keep the game there, and go on with it another day")
    add("--rounds", metavar="N", type=whole(1, 60), default=6, help="how many rounds; 6 unless given")
    add("--months", metavar="N", type=whole(1, 12), default=6, help="months of a round; 6 unless given")
    add(
        "--rival",
        metavar="POLICY",
        action="append",
        default=[],
        help="a further firm, run by a policy; may be repeated",
    )
    add("--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[],
        help="another value for a parameter; may be repeated")  # fmt: skip
    limit_option(parser)
    add(
        "--seed",
        metavar="N",
        type=whole(0, SEEDS - 1),
        default=1,
        help="the number that all luck comes from; 1 unless given",
    )
    add("--no-browser", action="store_true", help="print the address only")
    _port(parser, "the first free one from 8000")
    add("--quiet", action="store_true", help="no progress and no notices")


PARTS = (
    Command("class open", "teach", "serve the game to the room's browsers", open_, _open_options,
            ("tenfold class open term", "tenfold class open term --room")),
    Command("class test-room", "teach", "try the room's network the day before", test_room, _test_options,
            ("tenfold class test-room",)),
    Command("class play", "teach", "play alone against policies, in the browser", play, _play_options,
            ("tenfold class play two_cafes", "tenfold class play airlines --folder mine --rival discount_matcher")),
)  # fmt: skip
