"""A served class under load, and killed: 200 students of asyncio streams against `class open` in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from websockets.asyncio.client import connect

from sim.classroom import desk, store
from sim.classroom.settings import Settings, settings_of
from sim.classroom.store import Store
from sim.scenario import load

ROOT = Path(__file__).resolve().parents[1]
RUN = "import sys; sys.path.insert(0, {root!r}); from sim.cli import main; sys.exit(main(sys.argv[1:]))"
STUDENTS = 200
JOIN_WITHIN, JOIN_BAR, HAND_IN_BAR, PUSH_BAR, SERVING_BAR = 10.0, 1.0, 0.5, 0.3, 2.0
SPREAD = 6.0
"""Seconds over which the students of a class scan the square code."""


class Server:
    """`tenfold class open` in a process of its own; the seconds until it answered, and what it printed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        words = ["class", "open", str(folder), "--port", str(port), "--json"]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", RUN.format(root=str(ROOT)), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not answers(port):
            if self.process.poll() is not None:
                assert self.process.stderr is not None
                raise SystemExit(f"class open ended: {self.process.stderr.read().decode()}")
            time.sleep(0.01)
        self.seconds, self.worked = time.perf_counter() - began, self.busy()
        self._lines = threading.Thread(target=self._read, daemon=True)
        self.said: dict[str, Any] = {}
        self._lines.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        text = b""
        for line in self.process.stdout:
            text += line
            with contextlib.suppress(json.JSONDecodeError):
                self.said = json.loads(text)

    @property
    def secret(self) -> str:
        """The way into the console."""
        while not self.said:
            self._lines.join(0.01)
            if not (self._lines.is_alive() or self.said):
                raise ConnectionError("it ended before it said so")
        return str(self.said["instructor"]).rpartition("/")[2]

    def memory(self) -> float:
        """MB that the process holds; NaN where the system does not tell."""
        with contextlib.suppress(OSError):
            found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
            return int(found.group(1)) / 1024 if found else float("nan")
        return float("nan")

    def busy(self) -> float:
        """Seconds of the processor that the process has used; NaN where the system does not tell."""
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
        return float("nan")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()


def answers(port: int) -> bool:
    """Whether the first page is served."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return line.recv(12).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


class Student:
    """A browser: cookies, and one request after the other."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies, self.status, self.where = port, {}, 0, ""

    async def ask(self, path: str, form: dict[str, Any] | None = None) -> str:
        """A page, without what it leads to."""
        body = urlencode(form or {}).encode()
        host = f"127.0.0.1:{self.port}"
        head = [f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1", f"Host: {host}", "Connection: close",
                f"Cookie: {'; '.join(f'{k}={v}' for k, v in self.cookies.items())}"]  # fmt: skip
        if form is not None:
            head += [
                f"Origin: http://{host}",
                f"Content-Length: {len(body)}",
                "Content-Type: application/x-www-form-urlencoded",
            ]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        text = (await reader.read()).decode("utf-8", "replace")
        writer.close()
        top, _, page = text.partition("\r\n\r\n")
        self.status = int(top.split(" ", 2)[1]) if top else 0
        for name, value in re.findall(r"(?im)^set-cookie: ([^=]+)=([^;]*)", top):
            self.cookies[name] = value
        found = re.search(r"(?im)^location: (\S+)", top)
        self.where = found.group(1) if found else ""
        return page

    async def join(self, key: str, number: int, team: int) -> float:
        """From the square code to the lobby: seconds."""
        began = time.perf_counter()
        await self.ask(f"/j/{key}")
        await self.ask("/join")
        await self.ask("/join", {"key": f"join-{number}", "name": f"Student {number}", "team": team})
        if self.where != "/play":
            return float("inf")
        await self.ask("/play")
        return time.perf_counter() - began if self.status == 200 else float("inf")

    async def hand_in(self, price: float, round_: int, key: str) -> float:
        """A decision: seconds until it is acknowledged, which is when it is on the disk."""
        began = time.perf_counter()
        await self.ask(
            "/decide",
            {"do": "hand", "key": key, "round": round_, "plan.price": price, "plan.exit_survey": 0.3},
        )
        return time.perf_counter() - began if self.where.startswith("/decide?done") else float("inf")

    async def listen(self, told: list[float], ready: asyncio.Event, *, stalled: bool) -> None:
        """Hear of the round's end; one that is stalled never reads."""
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        async with connect(
            f"ws://127.0.0.1:{self.port}/live?view=student", additional_headers={"Cookie": cookies}, max_queue=1,
            origin=f"http://127.0.0.1:{self.port}", proxy=None, compression=None, ping_interval=None,
        ) as line:  # fmt: skip
            ready.set()
            if stalled:
                line.transport.pause_reading()
                await asyncio.Event().wait()
            while json.loads(await line.recv())["stamp"].split(".")[1] != "1":
                pass
            told.append(time.time())


def worst(values: list[float], share: float = 0.99) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def verdict(name: str, value: float, bar: float, unit: str = "s") -> bool:
    """Print a figure beside its bar."""
    met = value < bar
    print(f"{name}: {value:.3f} {unit}, bar {bar:g} {unit}: {'met' if met else 'NOT MET'}", flush=True)
    return met


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def full(home: Path, students: int = STUDENTS) -> bool:
    """A class of 24 teams in four markets of 5,000 customers: joins, decisions, a round's end, memory."""
    settings = settings_of(
        load("plain").with_changes({"market.customers": 5000}),
        teams=24,
        markets=4,
        rounds=6,
        months=6,
        budget=1e9,
    )
    desk.new_game(home / "served", settings)
    server = Server(home / "served", free_port())
    try:
        return asyncio.run(crowd(server, home / "served", students))
    finally:
        server.kill()


async def crowd(server: Server, folder: Path, students: int) -> bool:
    """Everybody comes, decides, and hears of the round."""
    key = Store(folder).kept()["key"]
    people = [Student(server.port) for _ in range(students)]

    async def come(number: int) -> float:
        await asyncio.sleep(SPREAD * number / students)
        return await people[number].join(key, number, number % 24)

    began, busy = time.perf_counter(), server.busy()
    joins = await asyncio.gather(*map(come, range(students)))
    good = verdict(f"{students} students joined within", time.perf_counter() - began, JOIN_WITHIN)
    good &= verdict("a join, 99 in 100", worst(joins), JOIN_BAR)
    print(f"the server worked {server.busy() - busy:.2f} s for the joins")
    errors = sum(one == float("inf") for one in joins)
    before = server.memory()
    told: list[float] = []
    ready = [asyncio.Event() for _ in people]
    ears = [
        asyncio.ensure_future(one.listen(told, there, stalled=i % 10 == 0))
        for i, (one, there) in enumerate(zip(people, ready, strict=True))
    ]
    await asyncio.gather(*(there.wait() for there in ready))
    await asyncio.sleep(1.0)
    print(f"memory: {before:.0f} MB, and {1024 * (server.memory() - before) / students:.0f} kB an open page")
    for one in people[:4]:  # one of each market: what its firms know was computed when the game was opened
        await one.ask("/customers")
    print(
        f"{time.perf_counter() - began:.1f} s after the first student came, the firms of all markets were known"
    )
    busy = server.busy()
    hands = await asyncio.gather(*(one.hand_in(1.0 + i / 1000, 1, f"k{i}") for i, one in enumerate(people)))
    errors += sum(one == float("inf") for one in hands)
    good &= verdict(f"{students} decisions at once, 99 in 100", worst(hands), HAND_IN_BAR)
    print(
        f"the server worked {server.busy() - busy:.2f} s for the decisions: if the clock says far more, the computer is busy otherwise"
    )
    computed: list[float] = []
    watch = threading.Thread(target=until_played, args=(folder, computed))
    watch.start()
    teacher = Student(server.port)
    await teacher.ask(f"/console/in/{server.secret}")
    began = time.perf_counter()
    await teacher.ask("/console", {"do": "advance", "round": 1})
    print(f"the round took {time.perf_counter() - began:.2f} s")
    listening = [ear for i, ear in enumerate(ears) if i % 10]
    await asyncio.wait(listening, timeout=30)
    await asyncio.to_thread(watch.join)
    late = max(told) - computed[0] if len(told) == len(listening) else float("inf")
    good &= verdict(
        f"the round's end reached {len(told)} of {len(listening)} pages, {students - len(listening)} stalled, after",
        late,
        PUSH_BAR,
    )
    for ear in ears:
        ear.cancel()
    print(f"errors: {errors}")
    return good and errors == 0


def until_played(folder: Path, computed: list[float]) -> None:
    """Note when the round was on the disk."""
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as base:
        while not base.execute("select count(*) from events where kind = 'played'").fetchone()[0]:
            time.sleep(0.005)
    computed.append(time.time())


# ---------------------------------------------------------------- kills


def small(rounds: int = 4) -> Settings:
    """A game that plays in a moment."""
    return settings_of(
        load("two_cafes").with_changes({"market.customers": 200}),
        teams=2,
        rounds=rounds,
        months=2,
        budget=1e9,
    )


class Kill(NamedTuple):
    """What came of a kill: seconds until the server had answered and had worked for it, and what was wrong after the kill."""

    seconds: float
    worked: float
    in_advance: bool
    wrong: int


def kills(home: Path, wanted: int, moment: Any, log: Path | None = None) -> bool:
    """Servers that are killed at keyed moments while two teams decide and the instructor advances; each comes back.

    With `log` each kill is a line of this file, and those that are in it are not done again.
    """
    made = [Kill(*json.loads(line)) for line in log.read_text().splitlines()] if log and log.exists() else []
    length, advance = first_round(home / "whole") if len(made) < wanted else (0.0, 0.0)
    games, began, before = 0, time.perf_counter(), len(made)
    while len(made) < wanted:
        games += 1
        folder, port = home / f"killed-{games}", free_port()
        desk.new_game(folder, small(), budget_by_default=False)
        people: list[Student] = []
        acknowledged: dict[tuple[int, int, float], int] = {}
        while not Store(folder).game.is_over and len(made) < wanted:
            server = Server(folder, port)
            aimed = (
                len(made) % 2 == 1
            )  # at an advance; else at any moment of a round, with which each comes back
            kill = threading.Timer(moment(len(made)) * (advance if aimed else length), server.process.kill)
            if not aimed:
                kill.start()
            pressing = once(kill.start) if aimed else lambda: None
            advancing = asyncio.run(play(server, folder, people, acknowledged, pressing))
            if not kill.is_alive():  # it fired, or nobody pressed
                server.process.kill()
            server.process.wait()
            wrong = faults(folder, acknowledged)
            if Store(folder).game.is_over or len(made) + 1 == wanted:
                wrong += len(desk.replay(folder))
            made.append(Kill(round(server.seconds, 3), round(server.worked, 3), advancing, wrong))
            if log:
                with log.open("a") as lines:
                    lines.write(json.dumps(made[-1]) + "\n")
            if len(made) % 10 == 0:
                each = (time.perf_counter() - began) / (len(made) - before)
                print(f"{so_far(made)}; {each:.1f} s a kill", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    print(so_far(made))
    starts = [one.seconds for one in made]
    print(
        f"back in {worst(starts, 0.5):.2f} s usually; the processor worked {worst([one.worked for one in made], 0.5):.2f} s for it"
    )
    return verdict("serving again", max(starts), SERVING_BAR) and not sum(one.wrong for one in made)


def once(do: Callable[[], None]) -> Callable[[], None]:
    """Do it the first time that it is asked for."""
    left = [do]
    return lambda: left.pop()() if left else None


def so_far(made: list[Kill]) -> str:
    """What came of the kills so far."""
    return (
        f"{len(made)} kills, {sum(one.in_advance for one in made)} while a round was played, "
        f"{sum(one.wrong for one in made)} wrong, back in {max(one.seconds for one in made):.2f} s at most"
    )


def first_round(folder: Path) -> tuple[float, float]:
    """A game of a round that is not killed: the seconds that it takes, and those of them from the press of the button on."""
    desk.new_game(folder, small(1), budget_by_default=False)
    server = Server(folder, free_port())
    began, pressed = time.perf_counter(), [0.0]
    asyncio.run(play(server, folder, [], {}, lambda: pressed.append(time.perf_counter())))
    server.kill()
    ended = time.perf_counter()
    return ended - began, ended - pressed[-1]


async def play(
    server: Server,
    folder: Path,
    people: list[Student],
    acknowledged: dict[tuple[int, int, float], int],
    pressing: Callable[[], None] = lambda: None,
) -> bool:
    """Decide and advance until the server is gone; whether it went in an advance. `pressing` is called before each."""
    advancing = False
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        teacher = Student(server.port)
        await teacher.ask(f"/console/in/{server.secret}")
        key = Store(folder).kept()["key"]
        while len(people) < 2:
            one = Student(server.port)
            if await one.join(key, len(Store(folder).game.students) + 1, len(people)) < float("inf"):
                people.append(one)
        turn = 0
        while server.process.poll() is None and not (game := Store(folder).game).is_over:
            turn += 1
            for team, one in enumerate(people):
                price = round(1.0 + 0.01 * ((turn * 7 + team + game.round) % 9), 2)
                if await one.hand_in(price, game.round, f"{os.urandom(4).hex()}") < float("inf"):
                    acknowledged[game.round, team, price] = turn
            advancing = True
            pressing()
            await teacher.ask("/console", {"do": "advance", "round": game.round})
            advancing = teacher.status == 0
            if advancing:
                return True
    return advancing


def faults(folder: Path, acknowledged: dict[tuple[int, int, float], int]) -> int:
    """A damaged file, a half round, or an acknowledged decision that is not there."""
    game = Store(folder).game
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as base:
        wrong = int(base.execute("pragma integrity_check").fetchone() != ("ok",))
    for round_, team, price in acknowledged:
        kept = [
            one.decision.plan.get("price") for one in game.handed if (one.round, one.team) == (round_, team)
        ]
        wrong += price not in kept
    wrong += any(set(one.outcomes) != {0, 1} or len(one.hashes) != 1 for one in game.rounds)
    return wrong
