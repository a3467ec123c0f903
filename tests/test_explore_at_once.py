"""The explorer's controls, moved while a run is under way: no wish is lost, and they show what is set."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import sim
from sim.scenario import load
from sim.show import worlds_tried

pytest.importorskip("ipywidgets", reason="the extra lab brings the controls")


@pytest.fixture()
def shown() -> Any:
    from sim.show.controls import Controls

    explorer = sim.explore(load("two_cafes").with_changes({"market.customers": 200}), months=6)
    explorer.view = Controls(explorer)
    return explorer.view


@pytest.fixture()
def held(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The first run that begins waits in its first month, until something else is wanted."""
    begun, go_on, real = threading.Event(), threading.Event(), worlds_tried.let_pass

    def let_pass(market: Any, policies: Any, month: Any) -> Any:
        def waits(done: int, months: int) -> None:
            begun.set()
            go_on.wait(60)
            month(done, months)

        return real(market, policies, waits)

    monkeypatch.setattr(worlds_tried, "let_pass", let_pass)

    def then(do: Any) -> None:
        assert begun.wait(60)
        do()
        go_on.set()

    then.go_on = go_on.set  # type: ignore[attr-defined]  # for what waits for the run itself
    return then


def turned(shown: Any) -> None:
    """What was turned is lived, told and drawn."""
    one = shown.explorer
    assert one.set == {"talk.unhappy_tells": 0} and one.now is not one.before
    assert shown.said.value == one.said_html() and shown.picture.value == one.picture_html()
    assert shown.status.value == "" and "unhappy_tells" in one.code


def test_another_picture_while_the_market_lives(shown: Any, held: Any) -> None:
    shown.handles["talk.unhappy_tells"].value = 0
    held(lambda: setattr(shown.metric, "value", "profit"))
    shown.newest.wait()
    turned(shown)
    assert shown.explorer.metric == "profit"


def test_a_life_while_the_market_lives(shown: Any, held: Any) -> None:
    from sim.show.controls import LIFE

    shown.handles["talk.unhappy_tells"].value = 0
    held(lambda: setattr(shown.pages, "value", LIFE))
    shown.newest.wait()
    turned(shown)
    assert "as tried" in shown.life.text.value, "the life is read in the worlds that stand there"


def test_another_picture_while_a_life_is_read(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.show.controls import LIFE
    from sim.show.lives_browsed import LivesBrowsed

    begun, go_on, real = threading.Event(), threading.Event(), LivesBrowsed.read

    def read(self: Any, customer: int, month: Any) -> Any:
        begun.set()
        go_on.wait(60)
        return real(self, customer, month)

    monkeypatch.setattr(LivesBrowsed, "read", read)
    shown.pages.value = LIFE
    assert begun.wait(60)
    customer = shown.life.number.value
    shown.metric.value = "profit"
    go_on.set()
    shown.newest.wait()
    assert shown.life.text.value and shown.life.number.value == customer
    assert shown.picture.value == shown.explorer.picture_html()


def test_picture_luck_and_slider_while_another_scenario_is_opened(shown: Any, held: Any) -> None:
    def many() -> None:
        shown.metric.value = "profit"
        shown.seed.value = 5
        shown.handles["talk.unhappy_tells"].value = 0

    shown.scenario.value = "plain"
    held(many)
    shown.newest.wait()
    one = shown.explorer
    assert (one.scenario.name, one.metric, one.seed, one.set) == ("plain", "profit", 5, {})
    assert shown.scenario.value == "plain" and "firms.North.plan.level" in shown.handles
    assert shown.picture.value == one.picture_html() and shown.opening is None


def test_a_turn_while_another_scenario_is_opened_is_one_of_that_scenario(
    shown: Any, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, wait = shown.explorer, shown.newest.wait
    monkeypatch.setattr(shown.newest, "wait", lambda: (held.go_on(), wait()))
    shown.scenario.value = "plain"
    held(lambda: one.turn("talk.unhappy_tells", 3))
    wait()
    assert (one.scenario.name, one.set) == ("plain", {"talk.unhappy_tells": 3})
    assert shown.handles["talk.unhappy_tells"].value == 3 and '"plain"' in one.code


def test_a_scenario_that_cannot_live_is_let_go_and_said(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise ValueError("no market today")

    monkeypatch.setattr(worlds_tried, "let_pass", fails)
    shown.scenario.value = "plain"
    shown.newest.wait()
    assert "no market today" in shown.status.value and shown.scenario.value == "two_cafes"
    shown.metric.value = "profit"
    shown.newest.wait()
    assert shown.status.value == "" and shown.picture.value == shown.explorer.picture_html()


def test_controls_show_what_is_set_however_it_was_set(shown: Any) -> None:
    from sim.show.controls import Controls

    one = shown.explorer
    price = "firms.Corner.plan.price"
    assert 0.9137 not in next(knob for knob in one.knobs if knob.address == price).options
    one.turn(price, 0.9137)
    one.turn("talk.unhappy_tells", 0)
    values = [value for _label, value in shown.handles[price].options]
    assert shown.handles[price].value == 0.9137 and values == sorted(values)
    assert one.set == {price: 0.9137, "talk.unhappy_tells": 0}
    anew = Controls(one)
    assert anew.handles[price].value == 0.9137 and anew.handles["talk.unhappy_tells"].value == 0
    assert one.changes == one.set, "showing sets nothing"
