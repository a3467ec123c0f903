"""What a scenario's page tells a reader to change, changes the world."""

import re
import tomllib

import pytest

from sim.market import Market
from sim.scenario import SCENARIOS, load

ASKED = re.compile(r'([A-Za-z_][\w.]*) = (\{[^}]*\}|"[^"]*"|-?\d+(?:\.\d+)?)')


def asked(name):
    """The changes that the page's sentences ask for: one dict a sentence, address -> value."""
    page, prefix, found = load(name).info, "", []
    for sentence in re.split(r"(?<=[.?])\s+(?=[A-Z])", f"{page.use} {page.try_}"):
        changes = {}
        for address, value in ASKED.findall(sentence):
            full = address if "." in address else f"{prefix}.{address}"
            prefix = full.rpartition(".")[0]
            changes[full] = tomllib.loads(f"value = {value}")["value"]
        if changes:
            found.append(changes)
    return found


def differ(name, change, other):
    """Whether two worlds part within the scenario's months; small, and stopped when they have."""
    few = {"market.customers": 100}
    pair = [Market(name, seed=1, change=few | each) for each in (change, other)]
    for _ in range(pair[0].months):
        for market in pair:
            market.step()
        if pair[0].state_hash != pair[1].state_hash:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "changes"),
    [(name, changes) for name in SCENARIOS for changes in asked(name)],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_every_change_that_a_page_asks_for_has_an_effect(name, changes):
    for address in changes:
        without = {other: value for other, value in changes.items() if other != address}
        assert differ(name, changes, without), f"{name}: {address} = {changes[address]!r} changes nothing"


def test_most_pages_ask_for_changes():
    assert sum(len(changes) for name in SCENARIOS for changes in asked(name)) > 45


def test_field_sales_says_how_many_representatives_leave():
    a_month = load("field_sales").tables.mechanisms.sales_force.representative_turnover
    assert "a fifth of them leaves in a year" in load("field_sales").info.what
    assert 0.19 < 1.0 - (1.0 - a_month) ** 12 < 0.22
    (twice,) = (each for each in asked("field_sales") if any("turnover" in address for address in each))
    assert twice["mechanisms.sales_force.representative_turnover"] == 2.0 * a_month
