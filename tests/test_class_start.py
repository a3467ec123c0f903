"""How a class server starts: pages first, compiled loops after them, and never in the process that serves."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from classroom_bots import small
from classroom_visitors import served

from sim.classroom import desk
from sim.classroom.faults import GameError
from sim.classroom.server.console import console_parts
from sim.classroom.server.room import Room

ROOT = Path(__file__).parents[1]


def test_what_serves_a_class_loads_no_compiled_loops(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "import sim.cli, sim.commands.class_open\n"
        "from sim.classroom.server import addresses, app, exports, furnishing, hall, room, serving\n"
        "if __name__ == '__main__':\n"
        "    one = room.Room(Path(sys.argv[1]))\n"
        "    app.class_app(one, hall.Hall(addresses.addresses(), 1, is_room=False, room=one))\n"
        "    print(one.game.round, 'numba' in sys.modules, 'sim.market' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, tmp_path / "term"], capture_output=True, text=True
    )
    assert done.stdout.split() == ["1", "False", "False"], done.stderr


def test_students_join_while_the_loops_are_compiled(tmp_path, monkeypatch):
    """What plays a market waits for them; who comes in does not."""
    asked, ready = threading.Event(), threading.Event()
    monkeypatch.setattr("sim.classroom.server.workers.is_prepared", bool)  # in each process: not yet
    desk.new_game(tmp_path / "term", small(2))

    def prepare():
        asked.set()
        assert ready.wait(60)

    with served(tmp_path / "term", prepare=prepare) as room:
        assert asked.wait(60)
        ann = room.student("Ann", 0)
        assert ann.path == "/play" and not room.room._facts
        ready.set()
        assert "customers" in ann.get("/customers") and room.room._facts


def test_a_first_compile_that_fails_is_told_and_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.classroom.server.workers.is_prepared", bool)
    desk.new_game(tmp_path / "term", small(2))
    broken = [OSError("No space left on device")] * 2

    def prepare():
        if broken:
            raise broken.pop()

    async def ask(room):
        told = []
        for _ in range(3):
            try:
                await room.prepared()
                told.append("")
            except GameError:
                told.append(console_parts(room)["stands"])
        return [*told, console_parts(room)["stands"]]

    room = Room(tmp_path / "term", processes=1, prepare=prepare)
    monkeypatch.setattr(room.workers, "result", lambda work: work())
    first, second, third, now = asyncio.run(ask(room))
    room.workers.close()
    room.writer.close()
    assert "No space left on device" in first and second == first and third == ""
    assert "No space left" not in now
