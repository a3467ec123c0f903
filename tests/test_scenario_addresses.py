"""Every parameter has one address: listed, found, explained, changed."""

import math

import numpy as np
import pytest

from sim.scenario import (
    Parameter,
    ScenarioError,
    Tables,
    addresses,
    change,
    check_text,
    checks,
    explain_parameter,
    find,
    load,
    parse_value,
)


@pytest.fixture(autouse=True)
def no_policies(monkeypatch):
    """The file as such: which policies there are is known on a higher floor."""
    monkeypatch.setattr(checks, "_policy_checks", [])


LABELS = {"published", "folk", "ours", "ours, fitted"}


def refused(call, *arguments):
    with pytest.raises(ScenarioError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("table", sorted({address.split(".")[0] for address in addresses(Tables())}))
def test_every_parameter_has_meaning_range_source_and_confidence(table):
    for one in addresses(Tables()).values():
        if one.address.split(".")[0] != table:
            continue
        assert one.meaning, one
        assert one.source, one
        assert one.confidence in LABELS, one
        assert one.value == one.default, one
        if one.type in ("number", "whole number"):
            assert one.low is not None and one.high is not None and one.low < one.high, one
            is_number = one.default is not None and not isinstance(one.default, str)
            assert not is_number or one.low <= one.default <= one.high, one
        if one.type == "word":
            assert one.default in one.words, one
        assert find(one.address) == one


def test_addresses_follow_the_scenario():
    text = 'tenfold = 1\n[firms.Corner]\npolicy = { name = "x", top = 0.2 }\n[firms."B & C"]\nplan = { price = 2 }'
    shop = check_text(text)
    known = addresses(shop.tables)
    assert known["firms.B & C.plan.price"].value == 2.0
    assert known["firms.B & C.plan.price"].default == 1.0
    assert known["firms.Corner.policy"].value == "x"
    assert known["firms.Corner.policy.top"].value == 0.2
    assert shop.parameter("firms.Corner.policy.top") == 0.2
    assert shop.parameter("focus") is None
    assert not any(address.startswith(("title", "info", "tenfold")) for address in known)
    assert "firms.Corner.rules" not in known


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("talk.unhapy_tells", '"talk.unhappy_tells"'),
        ("unhappy_tells", '"talk.unhappy_tells"'),
        ("firms.north.plan.price", '"firms.North.plan.price"'),
        ("firms.North.price", '"firms.North.plan.price"'),
        ("Talk.Unhappy_Tells", '"talk.unhappy_tells"'),
        ("firms.Corner.plan.price", "the firms are North, East, South, West"),
        ("segments.x.share", "the segments are everyone"),
        ("talk", "it has unhappy_tells, happy_tells"),
        ("segments.everyone.need_rate", "it has mean, shape, varies"),
        ("firms.North.policy.top", "this firm has no policy to set it for; set firms.North.policy too"),
        ("title", "unknown"),
        ("info.what", "unknown"),
        ("firms.North.rules.1.if", "unknown"),
        ("market.season.3", "market.season"),
        ("", "unknown"),
        (".", "unknown"),
        ("..........", "unknown"),
        ("x" * 5000, "unknown"),
    ],
)
def test_an_unknown_address_gets_the_nearest(wrong, right):
    assert right in refused(find, wrong, Tables())
    assert right in refused(change, Tables(), {wrong: 1})
    assert right in refused(load("plain").parameter, wrong)


def test_a_default_is_found_whatever_segments_and_firms_are_called():
    assert find("firms.Anything.plan.price").value == 1.0
    assert find("segments.x.need_rate.mean").unit == "occasions a month"
    assert '"firms.North.plan.price"' in refused(find, "firms.North.plan.prices")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10), ("-0.5", -0.5), ("1_000", 1000), ("true", True), ("proactive", "proactive"), ('"proactive"', "proactive"),
        ("[1, 2.5]", [1, 2.5]), ("1e3", 1000.0), ("Corner Shop", "Corner Shop"), ("", ""), ("1\nx = 2", "1\nx = 2"),
        ("{a = 1}", {"a": 1}), ("1.2.3", "1.2.3"), ("[" * 5000, "[" * 5000), ("9" * 5000, "9" * 5000), ("= 3", "= 3"), (" 7 ", 7),
    ],
)  # fmt: skip
def test_a_command_line_value_is_read_as_a_file_would_read_it(text, value):
    parsed = parse_value(text)
    assert parsed == value
    assert type(parsed) is type(value)


def test_changes_are_made_checked_and_recorded():
    plain = load("plain")
    changed = plain.with_changes({"talk.unhappy_tells": 0, "firms.North.plan.level": "proactive"})
    assert changed.talk.unhappy_tells == 0
    assert changed.firms["North"].plan.level == "proactive"
    assert plain.talk.unhappy_tells == 10
    assert changed.changes == {"talk.unhappy_tells": 0, "firms.North.plan.level": "proactive"}
    again = changed.with_changes({"talk.unhappy_tells": 3})
    assert again.changes == {"talk.unhappy_tells": 3, "firms.North.plan.level": "proactive"}
    assert plain.with_changes({}) is plain
    assert (
        again.with_changes({"talk.unhappy_tells": 10, "firms.North.plan.level": "reactive"}).hash
        == plain.hash
    )


@pytest.mark.parametrize(
    ("address", "value", "words"),
    [
        (
            "talk.unhappy_tells",
            -3,
            "talk.unhappy_tells: must be a whole number 0 to 100 (got -3); the unit is people",
        ),
        ("talk.unhappy_tells", 10.0, "did you mean 10?"),
        ("talk.unhappy_tells", "10", "did you mean 10?"),
        ("talk.unhappy_tells", None, "(got nothing)"),
        ("talk.unhappy_tells", object(), "(got a Python object)"),
        ("firms.North.plan.price", math.nan, "firms.North.plan.price: must be 0.1 to 10 (got nan)"),
        ("firms.North.plan.level", "proactiv", 'did you mean "proactive"?'),
        ("segments.everyone.share", 0.5, "must sum to 1 (got 0.5)"),
        ("focus", "Nord", 'did you mean "North"?'),
        ("market.season", [2] * 12, "did you mean [1.0, 1.0,"),
        ("market.currency", "\ud800", "UTF-8"),
    ],
)
def test_a_wrong_value_gets_its_law(address, value, words):
    text = refused(change, Tables(), {address: value})
    assert text.startswith(f"{address}: ")
    assert words in text


def test_shares_are_changed_together_and_never_rescaled():
    two = check_text("tenfold = 1\nsegments.a.share = 0.5\nsegments.b.share = 0.5")
    assert "now a 0.6, b 0.5" in refused(two.with_changes, {"segments.a.share": 0.6})
    assert two.with_changes({"segments.a.share": 0.6, "segments.b.share": 0.4}).segments["a"].share == 0.6


def test_all_faults_of_several_changes_come_at_once():
    text = refused(change, Tables(), {"talk.unhappy_tells": -1, "talk.onlin": 1, "firms.East.plan.price": 99})
    assert text.count("\n") == 2


def test_numbers_and_lists_of_numpy_are_numbers_and_lists():
    season = np.ones(12)
    changes = {"talk.unhappy_tells": np.int64(5), "talk.online": np.float64(0.5), "market.season": season}
    changed = load("plain").with_changes(changes)
    assert changed.changes == {"talk.unhappy_tells": 5, "talk.online": 0.5, "market.season": [1.0] * 12}
    assert type(changed.talk.unhappy_tells) is int


def test_a_policy_is_changed_before_its_parameters():
    plain = load("plain")
    changed = plain.with_changes({"firms.North.policy.top": 0.3, "firms.North.policy": "mixed"})
    assert changed.firms["North"].policy == {"name": "mixed", "top": 0.3}
    other = changed.with_changes({"firms.North.policy": "quiet"})
    assert other.firms["North"].policy == "quiet"
    assert other.changes == {"firms.North.policy": "quiet"}
    assert changed.with_changes({"firms.North.policy.top": 0.4}).parameter("firms.North.policy.top") == 0.4


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("unhappy_tells", ["talk.unhappy_tells"]),
        ("talk.unhappy_tells", ["talk.unhappy_tells"]),
        ("plan.price", ["firms.NAME.plan.price"]),
        ("firms.Corner.plan.price", ["firms.NAME.plan.price"]),
        ("need_rate", [f"segments.NAME.need_rate.{part}" for part in ("mean", "shape", "varies")]),
        ("segments.students.need_rate.mean", ["segments.NAME.need_rate.mean"]),
        ("refund", [f"serve.recoveries.refund.{part}" for part in ("chance", "cost", "cost_share")]),
        ("brand_gain", ["advertise.brand_gain", "contact.brand_gain"]),
        ("nothing_like_it", []),
        ("", []),
    ],
)
def test_a_parameter_is_explained_by_its_address_or_the_end_of_it(word, found):
    explained = explain_parameter(word)
    assert [one.address for one in explained] == found
    assert all(isinstance(one, Parameter) and one.value == one.default for one in explained)


def test_an_explanation_is_one_line():
    (one,) = explain_parameter("unhappy_tells")
    assert (
        str(one)
        == "talk.unhappy_tells = 10 people (0 to 100): people that an unhappy customer tells. Source: TARP 1979/1986; folk."
    )


WITH_RULES = check_text(
    'tenfold = 1\n[firms.A]\n[[firms.A.rules]]\nif = "spent > 100"\nthen = { offer = 0.1, messages = 4 }\n'
    '[[firms.A.rules]]\nif = "status == lost"\nthen = { level = "basic" }'
)


def test_what_a_rule_has_is_changed_by_its_address():
    offer, condition = "firms.A.rules.1.then.offer", "firms.A.rules.2.if"
    assert WITH_RULES.parameter(offer) == 0.1 and WITH_RULES.parameter(condition) == "status == lost"
    law = find(offer, WITH_RULES.tables)
    assert (law.low, law.high, law.type, law.default) == (0.0, 0.9, "number", None)
    other = WITH_RULES.with_changes({offer: 0.3, condition: "spent < 5"})
    assert [(rule.condition, rule.then) for rule in other.firms["A"].rules] == [
        ("spent > 100", {"offer": 0.3, "messages": 4}), ("spent < 5", {"level": "basic"}),
    ]  # fmt: skip
    assert WITH_RULES.parameter(offer) == 0.1
    given = [{"if": "spent > 7", "then": {"offer": 0.2}}]
    own = WITH_RULES.with_changes({"firms.A.rules": given, offer: 0.4})
    assert own.parameter(offer) == 0.4 and given == [{"if": "spent > 7", "then": {"offer": 0.2}}]
    assert own.with_changes({"firms.A.rules": given}).changes == {"firms.A.rules": given}


@pytest.mark.parametrize(
    ("address", "value", "said"),
    [
        ("firms.A.rules.1.then.offer", 3, "firms.A.rules.1.then.offer: must be 0 to 0.9"),
        ("firms.A.rules.2.if", "stat == lost", "firms.A.rules.2.if: column 1"),
        ("firms.A.rules.2.if", 3, "must be a text"),
        ("firms.A.rules.3.then.offer", 0.1, "there is firms.A.rules.1.if, firms.A.rules.1.then.offer"),
        ("firms.A.rules.0.if", "spent > 1", "there is firms.A.rules.1.if"),
        ("firms.A.rules.2.then.offer", 0.1, "firms.A.rules.2.then.level"),
        ("firms.A.rules.1.then", {"offer": 0.1}, "there is firms.A.rules.1.if"),
        ("firms.A.rules.1", 0.1, "there is firms.A.rules.1.if"),
    ],
)
def test_what_a_rule_may_not_have_is_refused_with_what_there_is(address, value, said):
    assert said in refused(WITH_RULES.with_changes, {address: value})


def test_the_address_of_a_rule_without_rules_says_how_to_give_them():
    wrong = refused(load("plain").with_changes, {"firms.North.rules.1.then.offer": 0.1})
    assert 'North has no rules; give them all: firms.North.rules = [{"if"' in wrong
