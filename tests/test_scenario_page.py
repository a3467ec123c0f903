"""The page of a scenario, the starter, the JSON Schema, and policies checked from a higher floor."""

import json
import tomllib
from html.parser import HTMLParser

import pytest
from worlds import RICH

from sim.scenario import (
    Scenario,
    ScenarioError,
    Tables,
    change,
    check_text,
    checks,
    load,
    new_file_text,
    register_check,
    schema,
)


@pytest.fixture(autouse=True)
def no_policies(monkeypatch):
    """The file as such: which policies there are is known on a higher floor."""
    monkeypatch.setattr(checks, "_policy_checks", [])


class Page(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_the_page_shows_itself_and_escapes_what_a_file_says():
    rich = check_text(RICH).with_changes({"talk.unhappy_tells": 0})
    page = Page(rich._repr_html_())
    assert set(page.tags) <= {"h3", "small", "p", "code", "dl", "dt", "dd"}
    for words in (
        "A <b>rich</b> one",
        "<script>alert(1)</script>",
        "talk.unhappy_tells = 0",
        "500 customers",
        "Shout & Co",
    ):
        assert words in page.text
    for words in ("A <b>rich</b> one", "Things to try", "Kotler 2003", "changed: talk.unhappy_tells = 0"):
        assert words in repr(rich)
    assert "\a" not in repr(rich)
    assert max(map(len, repr(load("plain")).splitlines())) <= 80


def test_the_starter_loads_and_explains_each_line():
    text = new_file_text()
    assert isinstance(check_text(text), Scenario)
    first = {}
    for line in text.splitlines():
        if not line.startswith("#") and "=" in line:
            first.setdefault(line.partition("=")[0].strip(), line)
    assert all("#" in line for line in first.values())


def test_policies_are_checked_by_whoever_knows_them(monkeypatch):
    monkeypatch.setattr(checks, "_policy_checks", [])

    def check(policy):
        if policy["name"] not in ("mixed", "quiet"):
            yield "name", "unknown policy", '"quit"', "quiet"
        for key in policy.keys() - {"name", "top", "levels", "is_kind"}:
            yield key, f"unknown parameter of {policy['name']}", f'"{key}"', "top"

    register_check(check)
    register_check(check)
    check_text(RICH)
    with pytest.raises(ScenarioError) as caught:
        check_text(RICH.replace('"quiet"', '"quit"').replace("top = 0.2", "tpo = 0.2"), "x.toml")
    one, two = caught.value.faults
    assert (one.line, one.address, one.suggestion) == (23, "firms.Shout & Co.policy.tpo", "top")
    assert str(two) == 'x.toml:32:10: firms.b.policy: unknown policy (got "quit"); did you mean "quiet"?'
    with pytest.raises(ScenarioError, match="unknown policy"):
        change(Tables(), {"firms.North.policy": "quit"})


def test_the_schema_says_what_the_checks_say():
    jsonschema = pytest.importorskip("jsonschema")
    made = json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(made)
    valid = jsonschema.Draft202012Validator(made)
    for text in (RICH, new_file_text(), new_file_text(load("plain"))):
        assert not list(valid.iter_errors(tomllib.loads(text)))
    for old, new in [
        ("customers = 500", "customers = 0"),
        ("need_rate = 3", "need_rate = 0"),
        ("offer = 0,", "offer = 2,"),
        ("tenfold = 1", ""),
        ("[leave]", "[leav]"),
        ('"proactive" }', '"top" }'),
    ]:
        assert old in RICH
        assert list(valid.iter_errors(tomllib.loads(RICH.replace(old, new))))
    price = made["$defs"]["PlanTable"]["properties"]["price"]
    assert price["description"].endswith("[multiple]")
    assert (price["minimum"], price["maximum"]) == (0.1, 10.0)
