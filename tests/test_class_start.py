"""How a class server starts: pages first, compiled loops after them, and never in the process that serves."""

import subprocess
import sys
import threading
from pathlib import Path

from classroom_bots import small
from classroom_visitors import served

from sim.classroom import desk

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
