"""Keyed draws: the published vectors, the laws of each distribution, frozen codes, no number twice."""

from __future__ import annotations

import numpy as np
import pytest

from sim.draws import PURPOSES, Draws, philox

VECTORS = [
    ((0, 0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]

FROZEN = {
    "traits": (1, -1), "start_supplier": (2, 0), "start_firm": (2, 1), "start_tenure": (2, 2), "start_loyalty": (2, 3),
    "start_belief": (3, 0), "start_aware": (4, -1), "keen": (5, -1), "listed": (6, -1), "reached": (10, -1),
    "forgets": (11, -1), "affiliate": (12, -1), "reads": (15, 0), "opts_out": (15, 1), "complains_of_mail": (15, 2),
    "reports": (15, 3), "reads_offer": (16, -1), "base_chance": (20, 0), "rival_message": (20, 1), "price_gap": (20, 2),
    "occasions": (20, 3), "visits": (21, 0), "payment": (21, 1), "choice": (22, -1), "spend": (23, -1),
    "cross_sells": (24, 0), "up_sells": (24, 1), "says_yes": (24, 2), "visit_spend": (25, -1), "fails": (30, 0),
    "experience": (30, 1), "severity": (30, 2), "voices": (30, 3), "recovered": (31, 0), "quickly": (31, 1),
    "thinks": (31, 2), "recovered_happy": (31, 3), "talks": (40, 0), "ring_start": (40, 1), "number_told": (40, 2),
    "told_online": (41, 0), "hearer": (41, 1), "hears_of": (42, -1), "exits": (50, 0), "exit_asked": (51, 0),
    "exit_true": (51, 1), "exit_other": (51, 2), "surveyed": (52, 0), "answers": (52, 1), "survey_score": (52, 2),
    "network": (90, -1), "lever_tenth": (95, 0), "teller_sample": (95, 1),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), VECTORS)
def test_philox_equals_the_published_vectors_of_salmon_et_al_2011(given, expected):
    assert tuple(philox(*given)) == expected
    assert tuple(philox.py_func(*given)) == expected


def test_purpose_codes_never_change():
    codes = {p.name: (p.code, p.word) for p in PURPOSES if not p.name.startswith("own_")}
    assert codes == FROZEN


def test_no_two_purposes_share_a_word_of_a_code():
    places = [(p.code, p.word) for p in PURPOSES]
    assert len(set(places)) == len(places)
    whole = {p.code for p in PURPOSES if p.word == -1}
    assert not [p for p in PURPOSES if p.word >= 0 and p.code in whole]


IDS = np.arange(40_000)
SE = 5.0 / np.sqrt(len(IDS))


@pytest.mark.parametrize(
    ("draw", "mean", "sd"),
    [
        (lambda d: d.uniform("own_0", IDS), 0.5, 12**-0.5),
        (lambda d: d.normal("own_0", IDS, mean=2.0, sd=3.0), 2.0, 3.0),
        (lambda d: d.exponential("own_0", IDS, mean=2.0), 2.0, 2.0),
        (lambda d: d.gumbel("own_0", IDS), 0.5772156649, np.pi / 6**0.5),
        (lambda d: d.poisson("own_0", IDS, mean=2.5), 2.5, 2.5**0.5),
        (lambda d: d.gamma("own_0", IDS, shape=1.2, mean=0.6), 0.6, 0.6 / 1.2**0.5),
        (lambda d: d.beta("own_0", IDS, a=2.0, b=3.0), 0.4, 0.2),
        (lambda d: d.lognormal("own_0", IDS, mean=1.0, sd=0.8), 1.0, 0.8),
        (lambda d: d.choice("own_0", IDS, weights=[1, 2, 1]), 1.0, 0.5**0.5),
    ],
)
def test_each_distribution_has_its_mean_and_standard_deviation(draw, mean, sd):
    x = draw(Draws(11))
    assert abs(x.mean() - mean) < SE * sd
    assert abs(x.std() - sd) < 3 * SE * sd


def test_a_draw_is_a_pure_function_of_its_key():
    one, two = Draws(5), Draws(5)
    backwards = two.uniform("own_1", IDS[::-1])
    assert np.array_equal(one.uniform("own_1", IDS), backwards[::-1])
    assert not np.array_equal(Draws(6).uniform("own_1", IDS), backwards[::-1])
    assert np.array_equal(Draws(5).uniform("own_1", [7]), one.uniform("own_2", [7])) is False


def test_a_purpose_drawn_twice_in_a_month_raises_and_the_next_month_may_draw_it_again():
    draws = Draws(1)
    first = draws.uniform("exits", [1, 2])
    with pytest.raises(ValueError, match="already drawn in month 1"):
        draws.uniform("exits", [1, 2])
    draws.begin(1)
    assert not np.array_equal(draws.uniform("exits", [1, 2]), first)


def test_an_unknown_purpose_gets_the_nearest_right_name():
    with pytest.raises(ValueError, match='did you mean "exits"'):
        Draws(1).uniform("exit", [0])


def test_words_of_firms_are_those_of_one_call_for_four_firms():
    draws = Draws(3)
    by_firm = draws.uniform("reached", [9, 9, 9, 9, 9], [0, 1, 2, 3, 4])
    words = philox(9, 0, 0, 10, 3, 0)
    assert by_firm[:4].tolist() == [(w + 0.5) / 2**32 for w in words]
    assert by_firm[4] == (philox(9, 1, 0, 10, 3, 0)[0] + 0.5) / 2**32


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        Draws(seed)
