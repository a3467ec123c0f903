"""Assumptions that move: where a choice turns, found on made worlds whose turning points are known by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import matplotlib.axes
import pandas as pd
import pytest

from sim import assumed
from sim.alternatives import read_alternatives
from sim.comparing import plan
from sim.comparison import Comparison
from sim.lives import World, frame
from sim.scenario import addresses, explain_parameter, load
from sim.scenario.ranges import RANGES, Range, range_of
from sim.stress import planned
from sim.twins import Twins

pytestmark = pytest.mark.once

LUCK = (-1.0, 0.0, 1.0)
"""What both worlds have in common, a seed each; the difference has a third of it."""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Comparison]:
    """A comparison in which "other" earns more than "now" by what a function of the moved values says."""

    def compare(
        gain: Callable[[Mapping[str, Any]], float], change: Mapping[str, Any] | None = None
    ) -> Comparison:
        def equity(name: str, seed: int, moved: Mapping[str, Any]) -> float:
            luck = LUCK[seed - 1]
            return 100.0 + luck + (gain(moved) + luck / 3.0 if name == "other" else 0.0)

        def run(self: Twins, name: str, seed: int, progress: Any = None, change: Any = None) -> Any:
            self.scenario.with_changes(dict(change))  # what the law refuses is refused
            value = equity(name, seed, change)
            return SimpleNamespace(
                firms=pd.DataFrame({"customer_equity": [value]}, index=["North"]), hash=str(value)
            )

        monkeypatch.setattr(Twins, "run", run)
        scenario = load("plain").with_changes(dict(change or {}))
        worlds = read_alternatives({"now": {}, "other": {"change": {"talk.happy_tells": 4}}}, "North", {})
        pair = Comparison(Twins(scenario, "North", 13, worlds, {}), ["now", "other"])
        pair.runs = {name: SimpleNamespace(about={"seed": 1, "currency": "EUR"}) for name in pair.names}  # type: ignore[misc]
        for seed in (1, 2, 3):
            table = {
                n: frame([("all", "customer_equity")], ["North"], [[equity(n, seed, {})]]) for n in pair.names
            }
            pair.add(seed, {n: World(table[n], pd.DataFrame(), str(equity(n, seed, {}))) for n in pair.names})
        return pair

    return compare


def test_a_whole_number_turns_between_two_of_its_values(made):
    tried = made(lambda moved: moved.get("talk.unhappy_tells", 10) - 4.5).stress(["talk.unhappy_tells"])
    row = tried.table.iloc[0]
    assert (row["verdict"], row["turns"], row["turns_at"]) == ("turns", "is below 5", 5.0)
    assert (row["at_low"], row["at_high"]) == (pytest.approx(1 - 4.5), pytest.approx(20 - 4.5))
    assert (
        tried.sentence
        == "The choice holds for 0 of 1 assumptions; it turns when talk.unhappy_tells is below 5."
    )
    assert (tried.choice, tried.over) == ("other", "now") and tried.difference == pytest.approx(5.5)
    assert (tried.low, tried.high) == (pytest.approx(-3.5), pytest.approx(15.5))


def test_a_share_turns_where_the_difference_is_zero(made):
    tried = made(lambda moved: 40.0 * (moved.get("talk.online", 0.2) - 0.15)).stress(["talk.online"])
    row = tried.table.iloc[0]
    assert row["turns_at"] == pytest.approx(0.15, abs=1e-9) and row["turns"] == "is below 0.15"
    assert row["way"] == pytest.approx((0.2 - 0.15) / (0.2 - 1.0 / 9.0))
    bent = made(lambda moved: 3.0 - 3e4 * max(0.0, moved.get("talk.online", 0.2) - 0.2) ** 3).stress(
        ["talk.online"]
    )
    assert bent.table["turns_at"].iloc[0] == pytest.approx(0.2464, rel=0.02)  # 0.2 + 1e-4 ** (1/3)


def test_levels_that_move_together_turn_at_a_multiple_and_words_by_their_names(made):
    def gain(moved: Mapping[str, Any]) -> float:
        cost = moved.get("decide.levels.accountable.cost", 0.5) / 0.5
        return 6.0 - 4.0 * cost - (9.0 if moved.get("talk.network") == "scale_free" else 0.0)

    tried = made(gain).stress(["decide.levels.*.cost", "talk.network", "talk.own_weight"])
    rows = tried.table.set_index("assumption")
    assert rows.at["decide.levels.*.cost", "turns"] == "is above 1.5 times what it is"
    assert rows.at["talk.network", "turns"] == 'is "scale_free"'
    assert rows.at["talk.own_weight", "verdict"] == "nothing changes"
    assert tried.sentence == (
        "The choice holds for 0 of 2 assumptions; it turns when decide.levels.*.cost is above 1.5 times what it is, and "
        'when talk.network is "scale_free".'
    )


def test_what_holds_is_counted_and_what_luck_could_turn_is_named(made):
    def gain(moved: Mapping[str, Any]) -> float:
        near = -5.4 if moved.get("buy.tie_weight", 1.2) > 1.2 else 0.0
        return 5.5 + near + moved.get("buy.base_chance", 0.13)

    tried = made(gain).stress(["buy.tie_weight", "buy.base_chance"])
    assert dict(zip(tried.table["assumption"], tried.table["verdict"], strict=True)) == {
        "buy.tie_weight": "close", "buy.base_chance": "holds",
    }  # fmt: skip
    assert tried.sentence == ("The choice holds for 1 of 2 assumptions; for 1 it is not told from luck.")


def test_it_turns_nowhere_only_where_luck_hides_nothing(made):
    def gain(moved: Mapping[str, Any]) -> float:
        near = -5.4 if moved.get("buy.tie_weight", 1.2) > 1.2 else 0.0
        return 5.5 + near + (-9.0 if moved.get("talk.network") == "scale_free" else 0.0)

    both = made(gain).stress(["buy.tie_weight", "talk.network"])
    assert both.sentence == (
        'The choice holds for 0 of 2 assumptions; for 1 it is not told from luck; it turns when talk.network is "scale_free".'
    )
    hidden = made(lambda moved: 0.1 * moved.get("buy.base_chance", 0.13)).stress(["buy.base_chance"])
    assert hidden.sentence == "The choice holds for 0 of 1 assumptions; for 1 it is not told from luck."
    clear = made(lambda moved: 5.0 + moved.get("buy.base_chance", 0.13)).stress(["buy.base_chance"])
    assert clear.sentence == "The choice holds for 1 of 1 assumptions, and turns nowhere in their ranges."


def test_where_it_is_plain_one_seed_does(made):
    clear = made(lambda moved: 5.0 + moved.get("buy.base_chance", 0.13))
    assert clear.stress(["buy.base_chance"]).table["seeds"].iloc[0] == 1
    assert planned(clear, ["buy.base_chance"])[:3] == (1, 4, 12)
    told: list[tuple[int, int]] = []
    tried = clear.stress(["buy.base_chance"], progress=lambda done, total, what: told.append((done, total)))
    assert (
        tried.runs == 4
        and [done for done, _ in told] == [1, 2, 3, 4]
        and all(done <= total for done, total in told)
    )


def test_the_headline_shows_luck_and_assumptions(made, monkeypatch):
    pair = made(lambda moved: moved.get("talk.unhappy_tells", 10) - 4.5)
    lives = pd.DataFrame({
        "alternative": ["now", "other"] * 3, "differs": [False, True] * 3, "stays": [False, True] * 3, "goes": False,
    })  # fmt: skip
    monkeypatch.setattr(Comparison, "customers", lives)
    assert "(luck, 95 %: 4.7 to 6.3, 3 seeds; assumptions: not tried, see stress)" in pair.headline
    pair.stress(["talk.unhappy_tells"])
    assert pair.headline == (
        '"other" gives North 5.5 % more customer equity than "now" (luck, 95 %: 4.7 to 6.3, 3 seeds; assumptions: -3.5 to '
        "16); on average 1.0 of 1 customers stay who would have left; the choice holds for 0 of 1 assumptions; it turns when "
        "talk.unhappy_tells is below 5."
    )


def test_it_shows_draws_and_saves_itself(made, tmp_path):
    tried = made(lambda moved: moved.get("talk.unhappy_tells", 10) - 4.5).stress(
        ["talk.unhappy_tells", "talk.online"]
    )
    assert all(
        len(line) <= 80 for line in tried.as_text(80).splitlines()
    ) and "turns below 5" in tried.as_text(80)
    assert isinstance(tried.plot(), matplotlib.axes.Axes) and "<table" in tried._repr_html_()
    folder = tried.save(tmp_path / "stress")
    assert {file.name for file in folder.iterdir()} == {"stress.csv", "stress.txt", "stress.png"}
    said = json.loads(json.dumps(tried.as_json(), allow_nan=False))
    assert said["assumptions"][0]["assumption"] == "talk.unhappy_tells" and said["runs"] == tried.runs


def test_own_ranges_and_what_cannot_be_moved(made):
    pair = made(lambda moved: moved.get("talk.unhappy_tells", 10) - 4.5)
    tried = pair.stress({"talk.unhappy_tells": (6, 30)})
    assert tried.table.loc[0, ["low", "high", "range", "verdict"]].tolist() == [
        6.0,
        30.0,
        "a range of your own",
        "holds",
    ]
    for over, told in (
        (["talk.unhapy_tells"], 'did you mean "talk.unhappy_tells"'),
        (["market.customers"], "has no documented range"),
        (["talk.happy_tells"], "an alternative changes itself"),
        ({"talk.online": 3}, "needs a range"),
    ):
        with pytest.raises(ValueError, match=told):
            pair.stress(over)
    with pytest.raises(ValueError, match="seeds: must be a whole number of 1"):
        pair.stress(seeds=0)


def test_what_is_yours_is_not_moved(made, tmp_path):
    pair = made(lambda moved: 1.0, change={"talk.unhappy_tells": 12})
    names = {one.name for one in assumed.assumed(pair.twins)}
    assert "talk.unhappy_tells" not in names and "talk.happy_tells" not in names and "talk.online" in names
    file = tmp_path / "mine.toml"
    file.write_text(
        "tenfold = 1\n[talk]\nonline = 0.5\ndegree = 8  # ours: a guess\n[firms.Us]\n[firms.Them]\n",
        encoding="utf-8",
    )
    twins, _, _ = plan(file, ["basic"], firm=None, months=2, change=None, swap=None)
    mine = {one.name: one for one in assumed.assumed(twins)}
    assert "talk.online" not in mine and mine["talk.degree"].mark == "ours"
    assert set(mine["firms.*.switching_cost"].members) == {
        "firms.Us.switching_cost",
        "firms.Them.switching_cost",
    }
    assert list(mine["firms.Us.quality"].members) == ["firms.Us.quality"] and "firms.Them.quality" not in mine


def test_ranges_are_those_of_the_convention_by_hand():
    def ends(address: str, said: Range | None = None) -> tuple[Any, Any]:
        found = range_of(explain_parameter(address)[0], said)
        return (None, None) if found is None else found[:2]

    assert ends("buy.price_alert") == (0.1, 0.4)  # an amount
    assert ends("firms.North.reliability") == pytest.approx(
        (0.95 / 1.05, 1.9 / 1.95)
    )  # odds 19 become 9.5 and 38
    assert ends("firms.North.quality") == pytest.approx((-0.693147, 0.693147), abs=1e-6)  # ln 2
    assert ends("serve.unhappy_below") == (-2.4, -0.6)
    assert ends("talk.happy_tells") == (1.0, 6.0)  # whole numbers, outward
    assert ends("firms.North.plan.offer") == (None, None)  # half and double of 0 are 0
    assert ends("talk.unhappy_tells", RANGES["talk.unhappy_tells"]) == (1.0, 20.0)


def test_every_documented_range_is_of_a_parameter_and_within_its_law():
    twins, _, _ = plan("plain", ["basic"], firm=None, months=1, change=None, swap=None)
    known = addresses(load("plain").tables)
    for pattern, said in RANGES.items():
        matched = [one for address, one in known.items() if assumed._matches(pattern, address, twins)]
        assert matched, pattern
        if said is not None:
            assert said.why and (said.words or said.low < said.high), pattern
        for one in matched:
            found = range_of(one, said)
            assert found is None or found.words or (one.holds(found.low) and one.holds(found.high)), pattern
            assert found is None or found.why
