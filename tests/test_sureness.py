"""How sure a comparison is: precision, seeds that are missing, what twins gain, segments, worth; finished seeds are kept."""

from __future__ import annotations

import gzip
import json
import math
import statistics
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim import comparing
from sim.alternatives import read_alternatives
from sim.comparison import Comparison
from sim.headlines import about_luck, percent, rounded
from sim.lives import World, frame
from sim.sureness import variance_reduction
from sim.twins import Twins

SMALL = {"market.customers": 120}
BEFORE = [100.0, 110.0, 90.0, 104.0]
AFTER = [103.0, 112.0, 95.0, 106.0]
"""Differences 3, 2, 5, 2: mean 3, standard deviation sqrt(2)."""


def pair_of(
    before: list[float],
    *after: list[float],
    chance: float = 0.95,
    profit: dict[str, list[float]] | None = None,
) -> Comparison:
    """A comparison whose customer equity is given, seed by seed, and `profit` by world; who has the base's values does nothing."""
    scenario = sim.load("plain").with_changes(SMALL)
    names = ["now", *["other", "third", "fourth"][: len(after)]]
    twins = Twins(
        scenario,
        "North",
        13,
        read_alternatives({"now": {}, **dict.fromkeys(names[1:], "basic")}, "North", {}),
        {},
    )
    pair = Comparison(twins, names)
    pair.chance = chance
    lives = pd.DataFrame(
        {"alternative": names, "differs": [name != "now" for name in names], "stays": False, "goes": False}
    )
    index = [("all", "customer_equity"), ("all", "profit")]
    for seed, values in enumerate(zip(before, *after, strict=True), 1):
        worlds = {
            name: World(
                frame(index, ["North"], [[value], [profit[name][seed - 1] if profit else 0.0]]),
                lives,
                str(value),
            )
            for name, value in zip(pair.names, values, strict=True)
        }
        pair.add(seed, worlds)
    return pair


def test_the_half_width_is_that_of_the_paired_differences_by_hand():
    half = 3.182446 * math.sqrt(2.0) / math.sqrt(4.0)  # t of 3 degrees: Abramowitz & Stegun 1964, table 26.10
    assert pair_of(BEFORE, AFTER).half_width == pytest.approx(half / 101.0, rel=1e-6)
    wider = 5.391949 * math.sqrt(2.0) / 2.0  # the same at 98.75 %
    assert pair_of(BEFORE, AFTER, chance=0.9875).half_width == pytest.approx(wider / 101.0, rel=1e-6)


def test_the_interval_of_the_best_of_several_holds_for_all_of_them():
    worse = [value - 1.0 for value in AFTER]
    pair = pair_of(BEFORE, AFTER, worse, BEFORE)  # the fourth does nothing, and is no choice
    half = 4.176535 * math.sqrt(2.0) / 2.0  # Student's t of 3 degrees at 97.5 %, by SciPy
    assert pair.together("other") == pytest.approx((3.0 - half, 3.0 + half), abs=1e-5)
    told = " ".join(about_luck(pair))
    assert (
        'Choice: "other" is the best of 2 by these seeds.' in told
        and "those in tables are single" in told
        and "from 5 on" in told
    )
    one = pair_of(BEFORE, AFTER)
    single = 3.182446 * math.sqrt(2.0) / 2.0
    assert one.together("other") == pytest.approx((3.0 - single, 3.0 + single), rel=1e-6)
    assert "Choice" not in " ".join(about_luck(one))
    lost = pair_of(AFTER, BEFORE, [value - 1.0 for value in BEFORE])
    assert lost.best == "other"
    told = " ".join(about_luck(lost))
    assert 'Choice: by these seeds none of the 2 is better than "now"; "other" comes nearest.' in told
    assert "best of 2" not in told


@pytest.mark.parametrize(
    ("before", "more", "why"),
    [
        ([100.0, 110.0, 90.0, 104.0], 3.0, ""),
        ([100.0, 110.0, 90.0, 104.0], 990.0, ""),
        ([100.0, 110.0, 90.0, 104.0], 1_100.0, "is 101 EUR, little beside the difference"),
        ([100.0, 160.0, 40.0, 104.0], 3.0, ""),  # standard error 49.1 / 2 = 24.6 of 101
        ([100.0, 170.0, 30.0, 104.0], 3.0, "is 101 EUR, give or take 91 with 4 seeds"),  # 3.182 · 57.2 / 2
        ([300.0, -280.0, 40.0, 104.0], 300.0, "is 41 EUR, give or take 383 with 4 seeds"),
        ([-100.0, -110.0, -90.0, -104.0], 3.0, "is -101 EUR, not above 0"),
        # t with one degree is 12.7, but both are far from 0
        ([184_735.0, 202_533.0], 25_000.0, ""),
        ([56_130.0, 69_021.0], 12_500.0, ""),
        ([720_438.0, 352_262.0], 69_388.0, "is 536,350 EUR, give or take 2,339,060 with 2 seeds"),
        ([100.0], 3.0, ""),
        ([100.0], 1_100.0, "one seed"),
    ],
)
def test_a_share_of_a_base_near_zero_is_told_in_money(before, more, why):
    after = [value + more + place % 2 for place, value in enumerate(before)]
    pair = pair_of(before, after)
    pair.runs = {"now": types.SimpleNamespace(about={"seed": 1})}
    mean, unit = statistics.mean(after) - statistics.mean(before), "EUR" if why else "%"
    gain = mean if unit == "EUR" else 100.0 * mean / statistics.mean(before)
    assert pair.headline.startswith(f'"other" gives North {rounded(gain)} {unit} more customer equity')
    if len(before) > 1:
        ends = np.array(pair.together("other")) * (1.0 if unit == "EUR" else 100.0 / statistics.mean(before))
        count = f"{len(before)} seeds"
        assert f"luck, 95 %: {rounded(ends[0])} to {rounded(ends[1])}, {count}" in pair.headline
        told = next(one for one in about_luck(pair) if one.startswith("Luck: "))
        assert (f'"now"\'s customer equity {why}' in told) if why else "shares" not in told


@pytest.mark.parametrize(
    ("equity", "change", "said"),
    [
        (
            3.0,
            [-40.0, -41.0, -42.0, -41.0],
            ", but lowers profit in the last 12 months by 41 EUR (40 to 42);",
        ),
        (-3.0, [40.0, 41.0, 42.0, 41.0], ", but raises profit in the last 12 months by 41 EUR (40 to 42);"),
        (3.0, [-40.0, 41.0, -42.0, -41.0], None),  # not told from luck
        (3.0, [40.0, 41.0, 42.0, 41.0], None),
        (3.0, [-41.0], ", but lowers profit in the last 12 months by 41 EUR;"),
    ],
)
def test_profit_that_surely_goes_the_other_way_is_told(equity, change, said):
    before = BEFORE[: len(change)]
    profit = {"now": [70.0] * len(change), "other": [70.0 + more for more in change]}
    pair = pair_of(before, [value + equity + k % 2 for k, value in enumerate(before)], profit=profit)
    pair.runs = {"now": types.SimpleNamespace(about={"seed": 1})}
    assert (said in pair.headline) if said else ("but" not in pair.headline)


def test_what_a_precision_promises_is_the_interval_of_the_headline():
    worse = [value - 1.0 for value in AFTER]
    pair = pair_of(BEFORE, AFTER, worse)
    low, high = pair.together("other")
    assert pair.half_width == pytest.approx((high - low) / 2.0 / 101.0)
    single = 3.182446 * math.sqrt(2.0) / 2.0 / 101.0  # that of one alternative is narrower
    assert single < pair.half_width and pair.more_seeds(single) > 0
    pair.precision = single
    told = about_luck(pair)
    assert "is not reached" in told[0] and "for all 2 alternatives" in told[0] and "for all 2" in told[1]
    need = pair.more_seeds(single)
    assert pair._half("other", 4 + need) <= single < pair._half("other", 3 + need)


@pytest.mark.parametrize(
    ("third", "fourth", "names", "said"),
    [
        ([-650.0, -560.0, -600.0, -580.0], None, ["other"], ' of "other", surely ahead of the other, is 2.9 %'),
        ([-650.0, -560.0, -600.0, -580.0], [101.0, 113.0, 93.0, 107.0], ["other", "fourth"], " of the 2 of 3 alternatives that"),
        ([-900.0, 400.0, -500.0, 80.0], None, ["other", "third"], " for all 2 alternatives is 1,190 %"),
    ],
)  # fmt: skip
def test_an_alternative_that_is_surely_worse_asks_for_no_seeds(third, fourth, names, said):
    pair = pair_of(BEFORE, AFTER, third, *([fourth] if fourth else []))
    assert pair.contenders == names
    ends = [pair.together(name) for name in names]
    assert pair.half_width == pytest.approx(max(high - low for low, high in ends) / 2.0 / 101.0)
    told = next(one for one in about_luck(pair) if one.startswith("Luck: "))
    assert said in told and "e+" not in told
    assert pair.more_seeds(0.05) == max(pair._more_seeds(name, 0.05) for name in names)
    if len(names) == 1:
        assert pair.more_seeds(0.04) == 0 < pair._more_seeds("third", 0.04), (
            "the hopeless one alone needs more"
        )


def test_shares_have_the_figures_that_count():
    assert [percent(v) for v in (4.4, 0.0996, 0.099, 0.995, 0.0123, 0.0002)] == [
        "440 %", "10 %", "9.9 %", "100 %", "1.2 %", "0.02 %"
    ]  # fmt: skip


def test_seeds_that_are_added_tell_anew_which_alternatives_act():
    pair = pair_of(BEFORE[:2], BEFORE[:2], AFTER[:2])
    assert pair.acting == ["third"]
    worlds = {
        name: World(frame([("all", "customer_equity")], ["North"], [[value]]), pd.DataFrame(), str(value))
        for name, value in (("now", 90.0), ("other", 95.0), ("third", 91.0))
    }
    pair.add(3, worlds)
    assert pair.acting == ["other", "third"]


def test_more_seeds_are_those_at_which_the_half_width_first_is_small_enough():
    """sd = sqrt(2), base 101, wanted 0.01: t(n - 1) sqrt(2) / sqrt(n) <= 1.01: n = 10 gives 1.0117, n = 11 gives 0.9501."""
    pair = pair_of(BEFORE, AFTER)
    assert pair.more_seeds(0.01) == 7
    assert pair.more_seeds(0.5) == 0
    with pytest.raises(ValueError, match="precision: must be a share above 0"):
        pair.more_seeds(0)
    with pytest.raises(ValueError, match="not measured with one seed"):
        pair_of(BEFORE[:1], AFTER[:1]).more_seeds(0.1)


def test_the_variance_reduction_is_the_sum_of_variances_over_that_of_the_pairs():
    before, after = [100.0, 110.0, 90.0], [101.0, 112.0, 93.0]
    # variances 100 and 91; differences 1, 2, 3 with variance 1
    assert variance_reduction(before, after) == pytest.approx(191.0)
    assert pair_of(before, after).variance_reduction == pytest.approx(191.0)
    assert variance_reduction([1.0, 2.0], [2.0, 3.0]) == math.inf
    assert math.isnan(variance_reduction([1.0], [2.0]))
    said = about_luck(pair_of(before, after))
    assert any("191 times smaller" in line for line in said)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Comparison]:
    """A comparison by precision, in which seeds cost nothing and differ by what is asked."""

    def compare(spread: float, precision: float, seeds: int = 4) -> Comparison:
        def seed(self: Twins, number: int, progress: Any = None) -> tuple[dict[str, World], dict[str, Any]]:
            luck = spread * math.cos(3.0 * number)
            both = {"as it is": 100.0, "basic": 90.0 + luck}
            made = {
                k: World(frame([("all", "customer_equity")], ["North"], [[v]]), pd.DataFrame(), "")
                for k, v in both.items()
            }
            return made, dict.fromkeys(made)

        monkeypatch.setattr(Twins, "seed", seed)
        return sim.compare("plain", ["basic"], months=13, seeds=seeds, precision=precision, change=SMALL)

    return compare


def test_seeds_are_added_until_the_precision_is_reached_in_at_most_four_looks(looked):
    pair = looked(spread=5.0, precision=0.02)
    assert pair.half_width <= 0.02 and pair.looks[-1] == len(pair.seeds) > 4
    assert len(pair.looks) <= 4 and pair.chance == 0.9875
    assert pair.seeds == list(range(1, len(pair.seeds) + 1))
    assert "is reached after" in about_luck(pair)[0]
    once = looked(spread=0.001, precision=0.5)
    assert once.looks == [4] and "after 1 look " in about_luck(once)[0]


def test_a_precision_that_needs_too_many_seeds_says_so(looked, monkeypatch):
    monkeypatch.setattr(comparing, "MOST", 40)
    pair = looked(spread=50.0, precision=0.001)
    assert len(pair.seeds) == 40 and pair.half_width > 0.001
    said = " ".join(about_luck(pair))
    assert "is not reached" in said and f"needs {pair.more_seeds(0.001):,} seeds more" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [({"precision": 0}, "share above 0"), ({"precision": 0.1, "seeds": 1}, "needs 2 seeds")],
)
def test_a_precision_that_is_none_is_refused(words, told):
    with pytest.raises(ValueError, match=told):
        sim.compare("plain", ["basic"], months=1, change=SMALL, **words)


# ---------------------------------------------------------------- kinds of customers, worth


AS_NOW = {"name": "level_by_value", "top_share": 0.2, "top": "accountable", "rest": "reactive"}


@pytest.fixture(scope="module")
def cafes() -> Comparison:
    return sim.compare(
        "two_cafes",
        {"today": {}, "same": {"policies": {"Corner": AS_NOW}}, "a call": "accountable"},
        months=14,
        seeds=[2],
    )


def test_segments_add_up_to_the_whole(cafes):
    rows = cafes.table[cafes.table["alternative"] == "a call"].set_index(["metric", "firm", "segment"])[
        "value"
    ]
    customers = cafes.runs["a call"].customers
    for firm in ("Corner", "Express"):
        for segment in ("regulars", "students"):
            mine = (customers["supplier"] == firm) & (customers["segment"] == segment)
            assert rows["customers", firm, segment] == mine.sum()
            assert rows["satisfaction", firm, segment] == pytest.approx(
                customers["satisfaction"][mine].mean(), rel=1e-5
            )
        parts = [rows["revenue", firm, segment] for segment in ("regulars", "students")]
        books = cafes.runs["a call"].ledger.query("firm == @firm and month > 2")["revenue"].sum()
        assert (
            0.97 * books < sum(parts) <= books
        )  # who leaves the market in a month takes that month's sales along


def test_retention_of_a_segment_is_counted_over_its_people(cafes):
    run = cafes.runs["today"]
    early = sim.run("two_cafes", months=2, seed=2)  # the same months, a year before the end
    then, now = early.market.customers, run.market.customers
    place, kind = run.market.firm("Corner").place, list(run.market.tables.segments).index("students")
    were = (then.supplier == place) & (then.segment == kind)
    still = were & (now.supplier == place) & (now.generation == then.generation)
    rows = cafes.table.query("metric == 'annual_retention' and firm == 'Corner' and segment == 'students'")
    assert rows["base"].iloc[0] == pytest.approx(still.sum() / were.sum())


def test_worth_is_what_was_earned_and_recent_profit_times_the_multiple(cafes):
    lives = cafes.customers[cafes.customers["alternative"] == "a call"].set_index("customer")
    run = cafes.runs["a call"]
    c, place = run.market.customers, run.market.firm("Corner").place
    r = run.firms.at["Corner", "annual_retention"]
    multiple = r / (1.1 - r)  # the discount rate is 0.10
    at_start = sim.Market("two_cafes", seed=2).customers
    loyal = (c.supplier == place) & (at_start.supplier == place) & (c.left_month < 0) & (c.generation == 0)
    assert loyal.sum() > 50
    expected = c.profit_cents / 100.0 + c.recent_profit[place] * multiple
    assert lives["worth"][loyal].to_numpy() == pytest.approx(expected[loyal], rel=1e-5, abs=0.01)
    there = cafes.customers[cafes.customers["alternative"] == "today"].set_index("customer")
    assert (lives["worth_more"] == lives["worth"] - there["worth"]).all()
    never = (c.supplier != place) & (at_start.supplier != place) & (c.left_from != place)
    assert (lives["worth"][never & (c.left_month < 0)] == 0.0).all()


def test_a_policy_without_effect_has_exactly_no_difference_for_anybody(cafes):
    same = cafes.customers[cafes.customers["alternative"] == "same"]
    assert (same["worth_more"] == 0.0).all() and not same[["differs", "stays", "goes"]].any(axis=None)
    rows = cafes.table[cafes.table["alternative"] == "same"]["difference"].dropna()
    assert len(rows) > 100 and (rows == 0.0).all()


# ---------------------------------------------------------------- finished seeds


def test_finished_seeds_are_taken_up_to_the_bit_and_never_mixed(tmp_path: Path):
    words: dict[str, Any] = {"months": 3, "change": SMALL, "store": tmp_path / "kept"}
    first = sim.compare("two_cafes", {"call": "accountable"}, seeds=2, **words)
    assert sorted(f.name for f in (tmp_path / "kept").iterdir()) == [
        "about.json",
        "seed-1.json.gz",
        "seed-2.json.gz",
    ]
    stamp = (tmp_path / "kept" / "seed-2.json.gz").stat().st_mtime_ns
    more = sim.compare("two_cafes", {"call": "accountable"}, seeds=3, **words)
    assert (tmp_path / "kept" / "seed-2.json.gz").stat().st_mtime_ns == stamp
    alone = sim.compare("two_cafes", {"call": "accountable"}, seeds=3, months=3, change=SMALL)
    pd.testing.assert_frame_equal(more.table, alone.table)
    pd.testing.assert_frame_equal(more.customers, alone.customers)
    assert first.seeds == [1, 2] and more.seeds == [1, 2, 3]
    for other, told in (
        ({"months": 4}, "another length"),
        ({"change": {"market.customers": 60}}, "another scenario"),
    ):
        with pytest.raises(ValueError, match=told):
            sim.compare("two_cafes", {"call": "accountable"}, **{**words, "seeds": 2, **other})
    with pytest.raises(ValueError, match="other alternatives"):
        sim.compare("two_cafes", {"call": "basic"}, seeds=2, **words)


def test_a_damaged_seed_is_run_again_and_a_stranger_is_left_alone(tmp_path: Path):
    words: dict[str, Any] = {"months": 2, "seeds": 2, "change": SMALL, "store": tmp_path / "kept"}
    whole = sim.compare("two_cafes", ["accountable"], **words)
    file = tmp_path / "kept" / "seed-2.json.gz"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    again = sim.compare("two_cafes", ["accountable"], **words)
    pd.testing.assert_frame_equal(again.table, whole.table)
    assert json.loads(gzip.decompress(file.read_bytes())) == json.loads(gzip.decompress(content))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(ValueError, match="holds something else"):
        sim.compare("two_cafes", ["accountable"], **{**words, "store": tmp_path / "photos"})


def test_a_function_that_has_changed_does_not_go_on(tmp_path: Path):
    def quiet(market):
        """Nobody tells."""

    def loud(market):
        market.tell(market.customers.mood < 0, people=20, news="bad")

    words: dict[str, Any] = {"months": 3, "seeds": 2, "change": SMALL, "store": tmp_path / "kept"}
    sim.compare("two_cafes", {"mine": {"swap": {"talk": quiet}}}, **words)
    with pytest.raises(ValueError, match="does not repeat"):
        sim.compare("two_cafes", {"mine": {"swap": {"talk": loud}}}, **words)
    for other in ([3, 1], [3]):  # the first is not kept: one that is kept is run again before any is taken
        with pytest.raises(ValueError, match="seed 1 does not repeat"):
            sim.compare("two_cafes", {"mine": {"swap": {"talk": loud}}}, **{**words, "seeds": other})
    told: list[tuple[int, int]] = []
    words |= {"seeds": [3, 1], "progress": lambda done, of: told.append((done, of))}
    assert sim.compare("two_cafes", {"mine": {"swap": {"talk": quiet}}}, **words).seeds == [3, 1]
    assert told == [(month, 12) for month in range(1, 13)]
