"""The explorer: what can be turned, the newest wish only, the code of what is set, lives, rules, and what needs no controls."""

from __future__ import annotations

import ast
import sys
import threading
from typing import Any

import pytest

import sim
from sim.scenario import SCENARIOS, load
from sim.show.knobs import CHOICE, SLIDER, knobs
from sim.show.lives_browsed import LivesBrowsed
from sim.show.newest import GivenUp, Newest
from sim.show.rule_lines import as_typed, read_rule, rules_of
from sim.show.worlds_tried import KEPT, Worlds, decided

SHORT: dict[str, Any] = {"months": 13}


@pytest.fixture()
def street() -> Any:
    return sim.explore("two_cafes", **SHORT)


# ---------------------------------------------------------------- what can be turned


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_controls_whose_every_value_it_takes(name: str) -> None:
    scenario = load(name)
    found = {knob.address: knob for knob in knobs(scenario)}
    ends = {address.rpartition(".")[2] for address in found}
    assert {
        "level",
        "social",
        "structural",
        "discount",
        "strategy",
        "messages",
        "advertising",
        "unhappy_tells",
    } <= ends
    for address, knob in found.items():
        assert knob.now in knob.options and 2 <= len(knob.options) <= 40, address
        assert address in knob.tip and "Source: " in knob.tip
        assert knob.kind != SLIDER or list(knob.options) == sorted(knob.options)
        for value in (knob.options[0], knob.options[-1]):
            assert scenario.with_changes({address: value}).hash


def test_what_the_page_says_to_try_can_be_turned_with_the_value_that_it_names() -> None:
    found = {knob.address: knob for knob in knobs(load("shouting_mailers"))}
    assert 1000 in found["segments.households.attention.mean"].options
    assert "firms.Lantern.plan.strategy" in found and "contact.message_cost" not in found
    assert found["firms.Lantern.policy"].kind == CHOICE


def test_only_the_addresses_asked_for_and_only_those_that_can_be_turned() -> None:
    assert [knob.address for knob in knobs(load("plain"), ["buy.outside"])] == ["buy.outside"]
    with pytest.raises(ValueError, match=r'did you mean "talk\.unhappy_tells"'):
        knobs(load("plain"), ["talk.unhapy_tells"])
    with pytest.raises(ValueError, match="no control can set a list of numbers"):
        knobs(load("plain"), ["market.season"])


# ---------------------------------------------------------------- what is set


def test_turning_changes_the_world_and_the_code_gives_the_same_run(street: Any) -> None:
    street.turn("talk.unhappy_tells", 0)
    street.turn("firms.Corner.plan.price", 0.9)
    assert street.changes == {"firms.Corner.plan.price": 0.9, "talk.unhappy_tells": 0}
    line, luck = street.code.splitlines()
    assert carried_out(line).hash == street.now.hash != street.before.hash
    assert luck.startswith("sim.compare(") and carried_out(
        luck.replace("months=13", "months=2, seeds=1")
    ).seeds == [1]
    street.reset()
    street.live()
    assert street.now.hash == street.before.hash and street.code == 'sim.run("two_cafes", months=13)'


def carried_out(line: str) -> Any:
    """What a line of the explorer's code gives."""
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    words = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    function = {"sim.run": sim.run, "sim.compare": sim.compare}[ast.unparse(call.func)]
    return function(*map(ast.literal_eval, call.args), **words)


def test_code_of_changed_scenarios_of_files_and_of_nobody_s_scenario(tmp_path: Any) -> None:
    changed = load("two_cafes").with_changes({"market.customers": 200})
    one = sim.explore(changed, months=2, seed=7)
    one.turn("talk.happy_tells", 1)
    line, luck = one.code.splitlines()
    assert carried_out(line).hash == one.now.hash
    assert 'change={"market.customers": 200})' in luck
    file = changed.save(tmp_path / "mine.toml")
    own = sim.explore(str(file), months=2)
    assert carried_out(own.code).hash == own.now.hash
    assert Worlds(load(file)).code({}) == "sim.run(scenario)"


def test_a_wrong_turn_is_refused_and_nothing_is_set(street: Any) -> None:
    for address, value, words in (
        ("talk.unhapy_tells", 0, "did you mean"), ("talk.unhappy_tells", 2000, "0 to 100"), ("buy.outside", 0.0, "no control"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            street.turn(address, value)
    assert street.changes == {}


def test_a_policy_that_decides_is_named_where_the_plan_plays_no_part(street: Any) -> None:
    assert decided(street.before, "Corner") == ["level"]
    street.turn("firms.Corner.plan.level", "proactive")
    assert street.sentence.startswith("Not one number changed. The policy level_by_value decides level")
    street.turn("firms.Corner.policy", "status_quo")
    assert "Not one number" not in street.sentence and "policy" not in street.sentence
    street.turn("firms.Corner.policy.top", "basic")
    assert "firms.Corner.policy.top" not in street.changes, "another policy has no such parameter"


def test_worlds_are_lived_once_and_only_the_last_are_kept() -> None:
    worlds = Worlds(load("two_cafes").with_changes({"market.customers": 100}), months=1)
    base = worlds.run({})
    for tells in range(10):
        worlds.run({"talk.unhappy_tells": tells})
    assert worlds.run({}) is base and len(worlds._runs) == 2 + KEPT
    assert worlds.run({"talk.unhappy_tells": 9}) is worlds.run({"talk.unhappy_tells": 9})


# ---------------------------------------------------------------- the newest wish


def test_a_newer_wish_ends_the_one_under_way_and_none_waits() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), []

    def work(wish: int, mind: Any) -> None:
        begun.set()
        go_on.wait(60)
        mind()
        done.append(wish)

    newest = Newest(work)
    newest.ask(1)
    assert begun.wait(60)
    for wish in (2, 3, 4):
        newest.ask(wish)
    go_on.set()
    newest.wait()
    assert done == [4], "the first was given up, two and three were never begun"


def test_a_run_that_is_given_up_is_not_kept_and_changes_nothing(street: Any) -> None:
    before, months = street.now, []

    def mind() -> None:
        months.append(1)
        if len(months) == 3:
            raise GivenUp

    street.values["talk.unhappy_tells"] = 0
    with pytest.raises(GivenUp):
        street.live(mind)
    assert street.now is before and len(street.worlds._runs) == 1
    street.live(lambda: None)
    assert street.now is not before


# ---------------------------------------------------------------- controls


def test_moved_controls_change_what_stands_there(street: Any) -> None:
    from sim.show.controls import Controls

    shown = street.view = Controls(street)
    picture, table = shown.picture.value, shown.table.value
    handle = shown.handles["talk.unhappy_tells"]
    assert handle.continuous_update is False and "TARP" in handle.tooltip
    handle.value = 0
    shown.newest.wait()
    assert (
        shown.picture.value != picture
        and shown.table.value != table
        and street.set == {"talk.unhappy_tells": 0}
    )
    assert "0 to 100" in shown.about.value and shown.code.layout.display == "none"
    shown.coder.value = True
    assert shown.code.layout.display is None and "unhappy_tells&quot;: 0" in shown.code.value
    shown.back.click()
    shown.newest.wait()
    assert shown.picture.value == picture and handle.value == 10
    street.turn("talk.happy_tells", 0)
    assert shown.handles["talk.happy_tells"].value == 0 and street.now.hash != street.before.hash
    shown.scenario.value = "plain"
    shown.newest.wait()
    assert street.scenario.name == "plain" and "firms.North.plan.level" in shown.handles
    shown.scenario.value = "two_cafes"
    shown.newest.wait()
    assert street.changes == {} and shown.status.value == "" and "firms.Corner.plan.level" in shown.handles


def test_lives_and_rules_have_pages(street: Any) -> None:
    from sim.show.controls import LIFE, RULES, Controls

    shown = Controls(street)
    shown.handles["talk.unhappy_tells"].value = 0
    shown.newest.wait()
    shown.pages.value = LIFE
    shown.newest.wait()
    assert "as tried" in shown.life.text.value and shown.firms.layout.display == "none"
    first = shown.life.number.value
    shown.life.next.click()
    shown.newest.wait()
    assert shown.life.number.value != first and "another supplier" in shown.life.about.value
    shown.pages.value = RULES
    condition, then, said = shown.rules.rows[0]
    condition.value = "status = lapsed"
    assert "write == for equal" in said.value and street.rules is None
    then.value = "level = basic"
    assert "quotation marks" in said.value and street.rules is None
    condition.value, then.value = "spent > 10", 'level = "partnership"'
    shown.newest.wait()
    assert street.now.rules["fired"].iloc[0] > 0 and "fired in" in said.value
    assert carried_out(street.code.splitlines()[0]).hash == street.now.hash


def test_a_customer_s_life_is_read_beside_its_other_life(street: Any) -> None:
    street.turn("talk.unhappy_tells", 0)
    browsed = LivesBrowsed({"as it is": street.before, "as tried": street.now})
    customer = browsed.step(1)
    assert street.before.customers.supplier[customer] != street.now.customers.supplier[customer]
    lives = browsed.read(customer)
    assert any(line.startswith("▶ [as it is]") for line in lives.sentences)
    assert "▶" in lives._repr_html_() and 'colspan="2"' in lives._repr_html_()
    with pytest.raises(ValueError, match="0 to 499"):
        browsed.read(500)


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("condition", "decisions", "column", "words"),
    [
        ("status = lapsed", "offer = 0.1", 8, "write =="),
        ("spend > 60", "offer = 0.1", 1, 'did you mean "spent"'),
        ("", "offer = 0.1", 0, "when?"),
        ("spent > 60", "", 0, "what then?"),
        ("spent > 60", "offer = 0.1, level = proactive", 22, 'quotation marks: "proactive"'),
        ("spent > 60", "social = yes", 10, "write true"),
        ("spent > 60", "ofer = 0.1", 1, 'did you mean "offer"'),
        ("spent > 60", "fire = true, offer = 3", 14, "0 to 0.9"),
        ("spent > 60", "price = 0.9", 1, "one decision for the whole firm"),
        ("spent > 60", "offer 0.1", 7, "write a name, ="),
        ("spent > 60", "offer = 0.1 level", 13, "write a name, ="),
    ],
)
def test_a_mistake_is_shown_where_it_is(condition: str, decisions: str, column: int, words: str) -> None:
    line = read_rule(condition, decisions, load("two_cafes"))
    assert line.rule is None and len(line.mistakes) == 1
    mistake = line.mistakes[0]
    assert words in mistake.what and mistake.column == column
    assert (f"\n{' ' * (column - 1)}^" in str(mistake)) == bool(column)


def test_rules_are_typed_as_they_are_read_and_can_be_changed_by_address() -> None:
    street = load("two_cafes")
    for rule in rules_of(street):
        assert read_rule(rule["if"], as_typed(rule["then"]), street).rule == rule
    own = [{"if": "spent > 60", "then": {"discount": 0.05}}]
    changed = street.with_changes({"firms.Corner.rules": own})
    assert rules_of(changed) == own and changed.hash != street.hash
    assert "firms.Corner.rules = 1 rule" in repr(changed)
    with pytest.raises(ValueError, match=r'firms\.Corner\.rules\.1\.if.*did you mean "spent"'):
        street.with_changes({"firms.Corner.rules": [{"if": "spend > 60", "then": {"offer": 0.1}}]})


# ---------------------------------------------------------------- without controls


def test_without_widgets_table_picture_and_line_are_shown(
    street: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("ipywidgets.Widget._repr_mimebundle_")  # as in ipywidgets 7, which hosts still have
    data = street._repr_mimebundle_()
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == street.view.box.model_id and "<img" in data["text/html"]
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    data = street._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"} and "need ipywidgets" in data["text/plain"]
    assert "Express" in data["text/html"] and "sim.run(" in data["text/html"] and "alt=" in data["text/html"]
    text = repr(street)
    assert "C Corner, E Express" in text and text.endswith('sim.run("two_cafes", months=13)')
