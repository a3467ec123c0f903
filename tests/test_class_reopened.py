"""A served class closed, killed, copied and opened again; played alone; the folder is the whole game."""

import shutil

import pytest
from classroom_bots import NOW, cheap, expert, play, small
from classroom_visitors import hand_in, served

from sim.classroom import desk, store
from sim.classroom.store import Store

pytestmark = pytest.mark.once


def bits(game):
    return [one.hashes for one in game.rounds]


def test_a_restart_keeps_everybody_and_a_new_address_asks_for_name_and_number(tmp_path):
    folder = tmp_path / "term"
    desk.new_game(folder, small(2))
    with served(folder) as one:
        ann = one.student("Ann", 0)
        code, port, secret = one.room.kept["code"], one.port, one.secret
        number = one.room.number_of("S1")
        assert number in ann.get("/play")
    with served(folder, port=port) as one:
        assert one.room.kept["code"] == code and one.port == port
        assert ann.get("/play") and ann.path == "/play" and "Ann" in ann.text
        old = one.visitor()
        assert "newest address" in old.get(f"/console/in/{secret}") and old.status == 403
        new = one.visitor()
        new.host = f"localhost:{port}"  # another address: the browser has no cookies for it
        new.post("/code", code=code)
        new.post("/again", name="ann", number="x")
        assert new.status == 403
        new.post("/again", name="ann", number=number)
        assert new.path == "/play" and "Ann" in new.text


def test_begun_on_pages_killed_copied_and_gone_on_by_files_and_pages_it_is_the_same_game(tmp_path):
    desk.new_game(tmp_path / "whole", small(2))
    whole = play(tmp_path / "whole", tmp_path / "in", {0: expert, 1: cheap}, 3)
    desk.new_game(tmp_path / "here", small(2))
    with served(tmp_path / "here") as one:
        two = [one.student("Ann", 0), one.student("Bob", 1)]
        for team, who in enumerate(two):
            decision = whole.rounds[0].counted[team].decision
            rules = {f"{part}.{i}": r["if"] if part == "if" else ", ".join(f"{k} = {v}" for k, v in r["then"].items())
                     for i, r in enumerate(decision.rules) for part in ("if", "then")}  # fmt: skip
            who.post(
                "/decide",
                **who.form("/decide")
                | {f"plan.{k}": v for k, v in decision.plan.items()}
                | rules
                | {"do": "hand"},
            )
            assert who.path == "/decide?done=1", who.text
        one.instructor().post("/console", do="advance", round=1)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    shutil.rmtree(tmp_path / "there" / store.CACHE)
    assert bits(play(tmp_path / "there", tmp_path / "in2", {0: expert, 1: cheap}, 1)) == bits(whole)[:2]
    with served(tmp_path / "there") as one:
        two[0].port, two[0].host = one.port, f"127.0.0.1:{one.port}"
        game = one.room.game
        (tmp_path / "r.toml").write_text(cheap(game, 1))
        desk.collect(tmp_path / "there", [tmp_path / "r.toml"], NOW)
        hand_in(two[0])
        one.instructor().post("/console", do="advance", round=3)
    assert bits(Store(tmp_path / "there").game) == bits(whole)


def test_who_plays_alone_decides_and_plays(tmp_path):
    from sim.classroom.solo import new_solo
    from sim.scenario import load

    new_solo(
        tmp_path / "alone", load("two_cafes").with_changes({"market.customers": 200}), rounds=2, months=2
    )
    with served(tmp_path / "alone", solo=True) as one:
        me, other = one.visitor(), one.visitor()
        me.get(f"/me/{one.secret}")
        assert me.path == "/play" and "Play round 1" in me.text and "Leaderboard" not in me.text
        hand_in(me, plan_of_price=1.05)
        me.post("/advance", round=1)
        assert me.path == "/results" and len(Store(one.room.folder).game.rounds) == 1
        assert Store(one.room.folder).game.rounds[0].counted[0].decision.plan["price"] == 1.05
        other.get("/")
        assert other.status == 403 and "alone" in other.text
