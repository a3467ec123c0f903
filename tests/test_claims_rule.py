"""The rule that gives verdicts, where effects turn and what is best: on numbers made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.experiments.claims import fire_them, more_mail, permission, strategy_first
from sim.experiments.claims.design import FULL
from sim.experiments.claims.drivers import differing
from sim.experiments.claims.effects import paired, percent_gain, pictured
from sim.experiments.claims.flips import best, crossing, flip, resampled
from sim.experiments.claims.result import Claim
from sim.experiments.claims.twins import value
from sim.experiments.claims.verdicts import Cell, combined, find, holm, verdict_of
from sim.intervals import chance_beyond, student_t

UP = np.array([2.0, 2.2, 1.9, 2.1, 2.0])
TINY = np.array([0.01, -0.01, 0.02, -0.02, 0.0])
WIDE = np.array([30.0, -30.0, 25.0, -22.0, 1.0])


def verdict(*effects, margin=1.0):
    return verdict_of(find([Cell({"k": k}, effect, margin) for k, effect in enumerate(effects)]))


def test_the_chance_beyond_is_the_inverse_of_the_quantile():
    for freedom in (1, 2, 5, 19, 400):
        for chance in (0.5, 0.95, 0.999):
            assert chance_beyond(student_t(freedom, chance), freedom) == pytest.approx(1.0 - chance, abs=2e-4)
    assert chance_beyond(0.0, 5) == 1.0


def test_holm_corrects_as_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_each_verdict_has_its_pattern_of_cells():
    assert verdict(UP, UP) == "holds"
    assert verdict(UP, -UP) == "holds only if"
    assert verdict(UP, TINY) == "holds only if"
    assert verdict(-UP, -UP, UP) == "fails"
    assert verdict(TINY, TINY) == "fails"
    assert verdict(-UP, TINY) == "fails"
    assert verdict(UP, WIDE) == "undecided"
    assert verdict(WIDE) == "undecided"
    assert verdict() == "cannot be tested"


def test_what_is_shown_smaller_than_the_margin_is_small_however_sure_its_sign():
    effect = np.array([0.10, 0.11, 0.10, 0.09, 0.10])
    assert [one.says for one in find([Cell({}, effect, 1.0)])] == ["small"]
    assert [one.says for one in find([Cell({}, effect, 0.0)])] == ["yes"]


def test_many_cells_need_more_certainty_than_one():
    effect = np.array([0.1, 1.0, 2.0, 1.2, 0.4, 1.8])
    alone = find([Cell({}, effect)])[0]
    among = find([Cell({"k": k}, effect) for k in range(40)])[0]
    assert alone.says == "yes" and among.says == "open"
    assert (alone.low, alone.high) == (among.low, among.high) and alone.low > 0


def test_equal_effects_in_all_seeds_and_single_seeds_give_no_false_certainty():
    assert find([Cell({}, np.zeros(4))])[0].says == "open"
    assert find([Cell({}, np.full(4, 3.0))])[0].says == "yes"
    assert find([Cell({}, np.array([3.0]))])[0].says == "open"
    assert find([Cell({}, np.array([3.0, np.nan]))])[0].says == "open"


@pytest.mark.parametrize("seeds", [5, 20])
def test_of_choices_that_are_alike_resampling_says_none(seeds):
    """The better of two that luck alone tells apart, in twelve places: a wrong word in about one of twenty."""
    luck, wrong = np.random.default_rng(20), 0
    for _ in range(80):
        cells = [
            Cell({}, share=float(best(luck.normal(size=(2, seeds))).shares[1]), seeds=seeds)
            for _ in range(12)
        ]
        wrong += any(one.says != "open" for one in find(cells))
    assert wrong <= 8


def mailed(values: np.ndarray) -> pd.DataFrame:
    """Rows of more_mail, one strategy: values (numbers of messages, seeds)."""
    return pd.DataFrame([{"strategy": "opt_in", "tolerance": 1.0, "messages": more_mail.MESSAGES[k], "seed": seed, "value": value}
                         for (k, seed), value in np.ndenumerate(values)])  # fmt: skip


def fired(actions: np.ndarray) -> pd.DataFrame:
    """Rows of fire_them in one world: profits (nothing, self-service, surcharge, fire a tenth; seeds); firing the rest is as firing a tenth."""
    names = (fire_them.NOTHING, fire_them.INSIDE, fire_them.MORE, fire_them.FIRE, fire_them.REST)
    whale = {"fifth": 1.0, "peak": 1.0, "at": 1.0, "told": 1}
    return pd.DataFrame([{"market": "plain", "staff": "auto", "action": names[k], "seed": seed, "profit_1": value} | whale
                         for (k, seed), value in np.ndenumerate(actions[[0, 1, 2, 3, 3]])])  # fmt: skip


def against_rest(luck, ahead=(0.0, 0.0, 0.0), noise=(1.0, 1.0, 1.0)) -> np.ndarray:
    """A choice's lead over others that are so far behind and so noisy, (others, 8)."""
    others = luck.normal(size=(len(ahead), 8)) * np.array(noise)[:, None]
    return luck.normal(size=8) * min(noise) - others + np.array(ahead)[:, None]


@pytest.mark.parametrize(("families", "places"), [(400, 1), (80, 8)])
def test_a_choice_like_all_others_is_neither_their_best_nor_behind_it(families, places):
    """Of six others one is best by luck: a wrong word in at most one of twenty families, not in one of ten."""
    luck, alike = np.random.default_rng(22), ((0.0,) * 6, (1.0,) * 6)
    found = [find([Cell({}, against_rest(luck, *alike)) for _ in range(places)]) for _ in range(families)]
    assert sum(any(one.says != "open" for one in family) for family in found) <= families / 20
    assert np.mean([one.low <= 0.0 <= one.high for family in found for one in family]) >= 0.95


def test_a_lead_over_the_surely_worse_is_no_lead_over_the_best():
    """One other is as good and noisy, two are surely behind: where its luck is bad, one of those has the highest mean of the others."""
    luck = np.random.default_rng(23)
    cells = [Cell({}, against_rest(luck, (2.0, 2.0, 0.0), (0.3, 0.3, 5.0))) for _ in range(200)]
    assert sum(find([cell])[0].says == "yes" for cell in cells) <= 20


def test_against_the_best_says_what_is_so():
    luck = np.random.default_rng(24)
    says = [
        find([Cell({}, against_rest(luck, ahead), 1.0)])[0].says
        for ahead in ((9, 9, 9), (9, 9, -9), (-9, 0, -9))
    ]
    assert says == ["yes", "no", "no"]
    assert find([Cell({}, np.array([TINY, 5.0 + TINY]), 1.0)])[0].says == "small"
    assert find([Cell({}, np.array([UP, np.full(5, np.nan)]))])[0].says == "open"
    assert find([Cell({}, np.array([UP, np.zeros(5)]))])[0].says == "open"
    assert find([Cell({}, np.array([UP]))]) == find([Cell({}, UP)])


def test_claims_about_the_best_hold_it_against_every_other():
    """Twelve times a market in which the judged arm is as good as a noisy other one, and surely better than the rest."""
    luck, words = np.random.default_rng(25), []
    for _ in range(12):
        values = 1000.0 + 5.0 * luck.normal(size=(7, 6))
        values[:5] -= 60.0
        values[5] += 300.0 * luck.normal(size=6)
        words += [find(more_mail._judge(mailed(values), FULL).parts[0].cells)[0].says]
        profits = 1000.0 + 5.0 * luck.normal(size=(4, 8))
        profits[:2] -= 60.0
        profits[2] += 300.0 * luck.normal(size=8)
        words += [find(part.cells)[0].says for part in fire_them._judge(fired(profits), FULL).parts[1:]]
    assert words.count("yes") <= 4
    rising = np.add.outer(100.0 * np.arange(7), luck.normal(size=6)) + 1000.0
    for values, word in ((rising, "yes"), (rising[::-1], "no")):
        assert find(more_mail._judge(mailed(values), FULL).parts[0].cells)[0].says == word
        assert find(fire_them._judge(fired(values[-4:]), FULL).parts[1].cells)[0].says == word


def test_drivers_that_are_alike_are_not_told_apart_and_others_are():
    luck = np.random.default_rng(21)

    def says(*means: tuple[float, float, float]) -> str:
        values = [luck.normal(size=(3, 10)) + np.array(mean)[:, None] for mean in means]
        return find([Cell({}, share=differing([best(each).shares for each in values]), seeds=10)])[0].says

    nothing = [says((0, 0, 0), (0, 0, 0), (0, 0, 0)) for _ in range(100)]
    assert nothing.count("open") >= 95
    assert says((4, 0, 0), (0, 4, 0), (4, 0, 0)) == "yes"
    assert says((4, 0, 0), (5, 0, 0), (4, 0, 0)) == "no"


def test_shares_of_resamples_count_like_effects():
    shares = (0.995, 0.5, 0.005)
    assert [find([Cell({}, share=share, seeds=12)])[0].says for share in shares] == ["yes", "open", "no"]
    assert [find([Cell({}, share=share, seeds=4)])[0].says for share in shares] == ["open"] * 3


def test_parts_make_a_whole():
    assert combined(["holds", "holds"]) == "holds"
    assert combined(["holds", "fails"]) == "holds only if"
    assert combined(["fails", "fails"]) == "fails"
    assert combined(["holds", "undecided"]) == "undecided"
    assert combined(["cannot be tested", "fails"]) == "fails"
    assert combined([]) == "cannot be tested"


def test_an_effect_turns_where_the_line_between_two_levels_crosses_nothing():
    assert crossing([1, 3, 12], [-1.0, -1.0, 2.0]) == (6.0, True)
    assert crossing([1, 3], [1.0, 2.0]) is None
    effects = np.array([[-1.0] * 6, [-1.0] * 6, [1.8, 2.0, 2.2, 1.9, 2.1, 2.0]])
    turn = flip("months", [1, 3, 12], effects, "spam")
    assert turn.at == pytest.approx(6.0) and turn.begins
    assert 5.5 < turn.low < turn.at < turn.high < 6.5
    assert str(turn).startswith("months above 6.00 (")
    assert flip("months", [1, 3], np.array([WIDE - 1.0, WIDE + 1.0])) is None  # luck may turn it


def test_the_best_choice_is_as_sure_as_the_resamples_say():
    clear = best([[1.0, 1.1, 0.9], [5.0, 5.1, 4.9]])
    assert clear.place == 1 and clear.shares.tolist() == [0.0, 1.0]
    torn = best([WIDE, -WIDE])
    assert torn.shares.sum() == pytest.approx(1.0) and torn.shares.min() > 0.05
    places = resampled(7)
    assert places.shape == (2000, 7) and places.min() == 0 and places.max() == 6
    assert abs(places.mean() - 3.0) < 0.05


def test_v_is_discounted_profit_with_five_years_of_its_last_year():
    rate = 0.10
    profit = np.concatenate([np.full(48, 5.0), np.full(12, 7.0)])
    by_hand = sum(p / 1.1 ** ((k + 1) / 12) for k, p in enumerate(profit))
    by_hand += sum(7.0 / 1.1 ** (k / 12) for k in range(61, 121))
    assert value(profit, rate) == pytest.approx(by_hand)


def test_rows_are_paired_by_seed_whatever_their_order():
    rows = pd.DataFrame({"seed": [2, 1, 2, 1], "arm": ["a", "a", "b", "b"], "value": [4.0, 3.0, 20.0, 10.0]})
    assert paired(rows, "value", {"arm": "a"}).tolist() == [3.0, 4.0]
    assert percent_gain(np.array([3.0, 4.0]), np.array([-10.0, -10.0])).tolist() == [130.0, 140.0]
    with pytest.raises(ValueError, match="one a seed"):
        paired(rows, "value", {})
    table = pictured([({"arm": "a"}, UP)])
    assert table.loc[0, "low"] < table.loc[0, "value"] == pytest.approx(UP.mean())


def test_an_effect_that_turns_and_turns_back_has_no_place_where_it_turns():
    effects = np.array([[1.0, 1.1], [-2.0, -2.1], [3.0, 3.1]])
    assert flip("months", [1, 3, 12], effects) is None
    assert flip("months", [1, 3], effects[:2]) is not None


def test_the_interval_of_a_crossing_is_that_of_a_shift_by_hand():
    """Luck that all levels share moves the line; with variance 2.5 of five seeds by t sqrt(2.5 / 5), t(4) at 1 - 0.05 / levels."""
    luck = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    levels = [0.0, 5.0, 10.0, 15.0]
    turn = flip("price", levels, np.array([level - 7.0 + luck for level in levels]))
    half = 4.314656 * np.sqrt(0.5)  # SciPy: t.ppf(1 - 0.05 / 4 / 2, 4)
    assert (turn.at, turn.low, turn.high) == pytest.approx((7.0, 7.0 - half, 7.0 + half), abs=1e-4)
    more = [-20.0, *levels, 40.0]
    wide = flip("price", more, np.array([level - 7.0 + 3.0 * luck for level in more]))
    half = 3.0 * 4.851008 * np.sqrt(0.5)  # beyond the levels beside it; t.ppf(1 - 0.05 / 6 / 2, 4)
    assert half > 8.0 and (wide.low, wide.high) == pytest.approx((7.0 - half, 7.0 + half), abs=1e-4)
    sure = flip("price", [1.0, 3.0], np.array([[-1.0] * 4, [3.0] * 4]))
    assert (sure.low, sure.at, sure.high) == pytest.approx((1.5, 1.5, 1.5))


def test_an_effect_turns_only_where_a_level_on_each_side_is_sure():
    up = np.array([[-3.1, -2.9, -3.0], [0.3, -0.2, 0.4], [2.9, 3.2, 3.0]])
    assert flip("months", [1, 3, 12], up) is not None
    assert flip("months", [1, 3], up[:2]) is None  # above it nothing is sure
    assert flip("months", [1, 3, 12], up, chances=[0.001, 0.9, 0.2]) is None  # not among so many cells


def test_noise_turns_nowhere_and_an_interval_has_the_crossing_as_often_as_it_says():
    rng = np.random.default_rng(1)
    assert sum(flip("x", [1, 3, 6, 12], rng.normal(size=(4, 4))) is not None for _ in range(300)) <= 1
    levels, has, told = np.arange(1.0, 12.0), 0, 0
    for seeds in (3, 4, 6):
        for _ in range(150):
            turn = flip("x", levels, (levels - 6.3)[:, None] + rng.normal(size=(1, seeds)))
            told += turn is not None
            has += turn is not None and turn.low <= 6.3 <= turn.high
    assert told > 300 and has >= 0.95 * told


def test_parts_of_a_capability_that_are_alike_show_no_order():
    """The larger of two noisy effects, seed by seed, would beat a third that is alike: the part is chosen by its mean."""
    rng = np.random.default_rng(5)
    rows = [{"grid": "software", "clarity": c, "software": s, "value": 1000.0, "seed": seed}
            for c in (0, 1) for s in strategy_first.SOFTWARE for seed in range(400)]  # fmt: skip
    for seed in range(400):
        effects = dict(zip(strategy_first.STOCKS, rng.normal(20.0, 10.0, 3), strict=True))
        for levels in np.ndindex(2, 2, 2):
            on = dict(zip(strategy_first.STOCKS, levels, strict=True))
            value = 1000.0 + sum(effects[name] * on[name] for name in on)
            rows.append({"grid": "parts", **on, "value": value, "seed": seed})
    cell = strategy_first._judge(pd.DataFrame(rows), FULL).parts[2].cells[0]
    assert cell.where["against"] in ("orientation", "configuration")
    assert abs(cell.effect.mean()) < 3 * cell.effect.std() / 20


def test_where_a_claim_turns_follows_its_cells_and_no_verdict_follows_it(monkeypatch):
    def tried(luck):
        rng = np.random.default_rng(3)
        rows = []
        for strategy in permission.STRATEGIES:
            for seed in range(1, 6):
                better = {"opt_in": (-4.0, -3.0, -1.0, 2.0, 8.0, 12.0)}.get(strategy, (0.0,) * 6)
                profit = {
                    f"profit_{h}": 100.0 + gain + luck * rng.normal()
                    for h, gain in zip(permission.HORIZONS, better, strict=True)
                }
                rows.append(
                    {
                        "strategy": strategy,
                        "seed": seed,
                        "report_rate": 0.002,
                        "deliverability": 0.9,
                        **profit,
                    }
                )
        return Claim(permission.DESIGN, FULL, pd.DataFrame(rows))

    clear, noisy = tried(0.2), tried(6.0)
    assert clear.verdict == "holds only if" and clear.flips_where.startswith("months above 8.")
    assert set(noisy.parts[0].part.cells[0].where) == {"months"} and not noisy.parts[0].part.flips
    said = [(one.verdict, one.table["says"].tolist()) for one in (clear, noisy)]
    monkeypatch.setattr(permission, "flip", lambda *_, **__: None)
    assert said == [(one.verdict, one.table["says"].tolist()) for one in (tried(0.2), tried(6.0))]
