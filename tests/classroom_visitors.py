"""Visitors of a served class: a real server on this computer, and people with cookies who ask it for pages."""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.sync.client import connect

from sim.classroom.server.addresses import Address
from sim.classroom.server.app import class_app
from sim.classroom.server.furnishing import furnish, furnish_alone
from sim.classroom.server.hall import Hall
from sim.classroom.server.room import Room
from sim.classroom.server.serving import listen, made


class Visitor:
    """A browser of one person: it keeps cookies, and follows to the next page."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port, self.host = port, f"{host}:{port}"
        self.cookies: dict[str, str] = {}
        self.status, self.path, self.text, self.headers = 0, "", "", {}

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> str:
        """One request; where it leads is not followed."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Host": self.host, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if method == "POST":
            given |= {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded"}
        line.request(
            method, path, body, {k: v for k, v in {**given, **(headers or {})}.items() if v is not None}
        )
        answer = line.getresponse()
        self.status, self.path, self.headers = answer.status, path, dict(answer.getheaders())
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";", 1)[0].partition("=")
                if '""' in pair[2] or "Max-Age=0" in value:
                    self.cookies.pop(pair[0], None)
                else:
                    self.cookies[pair[0]] = pair[2]
        self.raw = answer.read()
        self.text = self.raw.decode("utf-8", "replace")
        line.close()
        return self.text

    def get(self, path: str) -> str:
        """A page, after all that leads on."""
        self.ask("GET", path)
        return self._on()

    def post(self, path: str, **fields: Any) -> str:
        """Press a button of a form, and go where it leads; `do` and `key` as the page has them."""
        self.ask("POST", path, urlencode(fields))
        return self._on()

    def _on(self) -> str:
        """Where it leads; a browser gives up after twenty steps."""
        for _ in range(20):
            if self.status != 303:
                return self.text
            self.ask("GET", self.headers["location"])
        raise AssertionError(f"{self.path} leads in a circle")

    def form(self, path: str, action: str | None = None) -> dict[str, str]:
        """The fields of a page's form as a browser would send them."""
        self.get(path)
        return self.filled(action or path)

    def filled(self, action: str) -> dict[str, str]:
        """The fields of the form of the page that is open."""
        forms = re.findall(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", self.text, re.S)
        inside = next(body for where, body in forms if where == action and "name=" in body)
        found = {}
        for tag in re.findall(r"<input[^>]*>", inside):
            said = dict(re.findall(r"(\w+)=\"([^\"]*)\"", tag))
            if said.get("type") != "checkbox" and "name" in said:
                found[said["name"]] = html.unescape(said.get("value", ""))
        for name, options in re.findall(r"<select[^>]*name=\"([^\"]*)\"[^>]*>(.*?)</select>", inside, re.S):
            chosen = re.search(r"value=\"([^\"]*)\" selected", options) or re.search(
                r"value=\"([^\"]*)\"", options
            )
            found[name] = html.unescape(chosen.group(1)) if chosen else ""
        for name, text in re.findall(r"<textarea[^>]*name=\"([^\"]*)\"[^>]*>(.*?)</textarea>", inside, re.S):
            found[name] = html.unescape(text)
        return found

    @contextlib.contextmanager
    def socket(self, view: str, origin: str | None = "") -> Iterator[Any]:
        """What a page hears."""
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with connect(
            f"ws://127.0.0.1:{self.port}/live?view={view}", additional_headers={"Cookie": cookies},
            origin=f"http://{self.host}" if origin == "" else origin, proxy=None,
        ) as found:  # fmt: skip
            yield found


class Served:
    """A game that is served in this process."""

    def __init__(
        self, folder: Path, *, solo: bool = False, processes: int = 1, port: int = 0, prepare: Any = None
    ) -> None:
        self.room = Room(folder, solo=solo, processes=processes, prepare=prepare)
        self.door = listen(port, is_room=False)
        self.port = self.door.getsockname()[1]
        self.hall = Hall([Address("192.168.7.9", "wlan0")], self.port, is_room=True, room=self.room)
        self.secret = (furnish_alone if solo else furnish)(self.room, self.port)
        self.server = made(class_app(self.room, self.hall))
        self.thread = threading.Thread(target=self.server.run, args=([self.door],), daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.port)

    def instructor(self) -> Visitor:
        """Somebody with the newest instructor address."""
        one = self.visitor()
        one.get(f"/console/in/{self.secret}")
        assert one.path == "/console" and one.status == 200, one.text
        return one

    def student(self, name: str, team: int) -> Visitor:
        """Somebody who scanned the square code and joined."""
        one = self.visitor()
        one.get(f"/j/{self.room.kept['key']}")
        one.post("/join", key=f"join {name}", name=name, team=team)
        assert one.path == "/play", one.text
        return one

    def close(self) -> None:
        """End it."""
        self.server.should_exit = True
        self.thread.join()
        self.door.close()


@contextlib.contextmanager
def served(folder: Path, **words: Any) -> Iterator[Served]:
    """A game that is served while the block runs."""
    one = Served(folder, **words)
    try:
        yield one
    finally:
        one.close()


def heard(socket: Any) -> dict[str, Any]:
    """The next thing that a page hears."""
    return json.loads(socket.recv(timeout=30))


def hand_in(visitor, **changed):
    """Change some fields of the form as it stands, and press Hand in."""
    form = (
        visitor.form("/decide")
        | {"do": "hand"}
        | {name.replace("_of_", "."): str(v) for name, v in changed.items()}
    )
    visitor.post("/decide", **form)
    return form
