"""Every number of a scenario, hostile: refused in a sentence, or a run that keeps its books, people and ranges."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from attacks.numbers import HOSTILE, Place, attack, change_differs, places, tables_with

from sim.scenario import ScenarioError
from sim.scenario.validation import validate

pytestmark = pytest.mark.once

PLACES = places()
TABLES = sorted({place.path[0] for place in PLACES})


def test_the_places_are_those_of_tables_seasons_rules_and_policies():
    addresses = {place.address for place in PLACES}
    assert {"market.season.12", "firms.Loud.rules.2.then.offer", "firms.Loud.policy.top_share"} <= addresses
    assert {
        "decide.levels.partnership.time",
        "segments.few.need_rate.shape",
        "serve.recoveries.refund.cost",
    } <= addresses
    assert len(addresses) > 300 and len({place.policy for place in PLACES}) > 8


@pytest.mark.parametrize("table", TABLES)
def test_a_hostile_number_is_refused_or_runs_cleanly(table):
    setting = "contract" if table in ("buy", "market") else "free"
    found = attack([place for place in PLACES if place.path[0] == table], (setting,), months=2, every=23)
    assert found.faults == []
    assert found.refused >= len(HOSTILE) // 2
    assert found.ran or len(PLACES) > 20 * sum(place.path[0] == table for place in PLACES)


def test_a_change_of_an_address_decides_as_a_file_does():
    assert change_differs(PLACES[::11]) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("segments", "few", "price_sensitivity", "mean"), 5e-324, "a thousandth of sd"),
        (("segments", "few", "service_intensity", "mean"), 1e-4, "at least 0.002"),
        (("firms", "Close", "plan", "staff"), 1e-300, "must be 0, or at least 0.000001"),
    ],
)
def test_what_would_leave_the_range_of_numbers_is_refused_with_the_reason(path, value, words):
    with pytest.raises(ScenarioError) as caught:
        validate(tables_with(Place(path), value, "free"))
    assert words in str(caught.value)
