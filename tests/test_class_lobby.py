"""What an instructor is told before anybody is there: addresses, who has come, what to try, what Windows asks."""

import asyncio
import signal
from types import SimpleNamespace

import pytest
from classroom_bots import small

from sim.classroom import desk, moves, texts
from sim.classroom.game import apply
from sim.classroom.server import hall, serving
from sim.classroom.server.addresses import Address, in_order
from sim.classroom.store import Store
from sim.commands import class_open

LAN, VPN = Address("192.168.1.20", "wlan0"), Address("10.8.0.2", "tun0 OpenVPN")
VIRTUAL, SELF_MADE = Address("192.168.56.1", "VirtualBox Host-Only"), Address("169.254.7.7", "eth1")
OTHER, PUBLIC = Address("192.168.9.9", "eth0"), Address("145.97.1.5", "eth2")


def test_the_likely_address_is_the_default_routes_and_no_vpns_or_virtual_adapters():
    found = [VPN, VIRTUAL, SELF_MADE, PUBLIC, OTHER, LAN]
    assert in_order(found, LAN.ip) == [LAN, OTHER, PUBLIC, SELF_MADE, VPN, VIRTUAL]
    assert in_order(found, VPN.ip)[0] == OTHER  # all goes by the VPN: the room does not
    one = hall.Hall(in_order(found, LAN.ip), 8000, is_room=True)
    assert one.address == "http://192.168.1.20:8000" and len(one.others) == 5
    assert one.others[-1] == "http://192.168.56.1:8000 (VirtualBox Host-Only)"
    alone = hall.Hall(found, 8000, is_room=False)
    assert (alone.address, alone.others) == ("http://127.0.0.1:8000", [])


def test_the_lobby_counts_who_has_come_and_after_two_minutes_says_what_to_try(monkeypatch):
    one = hall.Hall([LAN], 8000, is_room=True)
    monkeypatch.setattr(one.live, "tell", lambda: None)
    for own in ("127.0.0.1", "::1", LAN.ip):
        one.devices.came(own)
    assert "Nobody has reached this computer yet" in one.parts()["reached"]
    assert texts.TRY_TITLE not in one.parts()["reached"] and hall.PATIENCE == 120.0
    monkeypatch.setattr(hall, "PATIENCE", 0.0)
    asyncio.run(one.patience())
    said = one.parts()["reached"]
    order = ("same network", "firewall", "marked as private", "hotspot", "by files")
    assert sorted(order, key=said.index) == list(order)
    for device in ("192.168.1.44", "192.168.1.44", "192.168.1.45"):
        one.devices.came(device)
    assert (
        "2 devices have reached" in one.parts()["reached"] and texts.TRY_TITLE not in one.parts()["reached"]
    )


@pytest.mark.parametrize("command", ["open", "test_room"])
def test_what_to_answer_windows_is_said_before_anybody_listens(command, tmp_path, monkeypatch):
    said = []

    def listen(port, *, is_room):
        said.append("listens")
        raise serving.PortTaken("in use")

    monkeypatch.setattr(class_open, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(serving, "listen", listen)
    monkeypatch.setattr("sim.classroom.server.room.Room", lambda *_, **__: SimpleNamespace(kept={}))
    terminal = SimpleNamespace(note=said.append)
    args = SimpleNamespace(folder=tmp_path, room=True, port=None)
    with pytest.raises(class_open.Mistake):
        (class_open.open_ if command == "open" else class_open.test_room)(args, terminal)
    assert said == [
        "Windows will ask whether Python may be reached. Allow it on this kind of network, or nobody can join.",
        "listens",
    ]


def test_ctrl_c_pressed_twice_ends_it_in_order():
    server = serving.made(None)
    server.handle_exit(signal.SIGINT, None)
    server.handle_exit(signal.SIGINT, None)
    assert server.should_exit and not server.force_exit


def test_the_projector_shows_names_while_they_have_room_on_it(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    kept = Store(tmp_path / "term")
    room = SimpleNamespace(kept={}, stamp="", listeners=[])

    def shown(students):
        def joining(game):
            events = []
            for number in range(len(game.students), students):
                events.append(moves.join(game, f"Student {number}", 0))
                game = apply(game, events[-1])
            return events

        room.game = kept.change(joining)
        return hall.Hall([LAN], 8000, is_room=True, room=room).parts()["reached"]

    assert "Student 7, Student 8" in shown(hall.MOST_NAMES)
    assert "<strong>Blue</strong> 61" in shown(61) and "Student 7," not in shown(61)
