"""Word of mouth in exact numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.ledger import C
from sim.market import Market

SMALL = {"market.customers": 1000}


def counts_of(change, months=12, seed=3):
    market = Market("plain", seed=seed, months=months, change={**SMALL, **change})
    market.run_model()
    return market, {name: int(sum(c[:, C[name]].sum() for c in market.ledger.counts)) for name in C}


@pytest.mark.parametrize("network", ["watts_strogatz", "random", "none"])
def test_each_unhappy_customer_tells_exactly_ten(network):
    _, counts = counts_of({"talk.network": network})
    assert counts["tellers_bad"] > 100
    assert counts["told_bad"] == 10 * counts["tellers_bad"]
    assert counts["told_good"] == 3 * counts["tellers_good"]


def test_each_unhappy_customer_tells_as_many_as_the_lever_says():
    for tells in (0, 1, 20):
        _, counts = counts_of({"talk.unhappy_tells": tells}, months=3)
        assert counts["told_bad"] == tells * counts["tellers_bad"]


def test_a_spread_number_has_mean_ten_and_an_eighth_tell_more_than_twenty():
    market = Market(
        "plain", seed=3, change={"talk.tells_spread": "negative_binomial", "market.customers": 20000}
    )
    from sim.behaviours.frame import parameters
    from sim.behaviours.talk import TalkParameters, tellers_rows

    people = np.zeros(20000, dtype=np.int32)
    p = market.bundled(parameters(TalkParameters, market.tables.talk))
    tellers_rows(
        np.arange(20000), np.int8(-1), market.customers.basket, 0, *market.luck, p, True, 0.0, people
    )
    assert abs(people.mean() - 10.0) < 0.3
    assert abs((people > 20).mean() - 0.126) < 0.01  # TARP 1981, as model.md 7.7 states it


def test_hearers_are_distinct_and_never_the_teller():
    market = Market("plain", seed=3, change=SMALL)
    market.customers.clear_scratch()
    market.tell([17], 40, "bad", about="North")
    told = market.customers.told_bad[0]
    assert told.sum() == 40 and told.max() == 1 and told[17] == 0


def test_in_a_market_of_ten_everybody_else_is_told():
    market = Market("plain", seed=3, change={"market.customers": 10})
    market.customers.clear_scratch()
    market.tell([4], 10, "bad", about="East")
    assert market.customers.told_bad[1].tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1, 1]
    assert market.ledger.current_counts[1, C["told_bad"]] == 9


def test_without_online_talk_only_neighbours_hear():
    market = Market("plain", seed=3, change=SMALL)
    market.customers.clear_scratch()
    market.tell([17], 10, "good", about="West", online=0)
    heard = np.flatnonzero(market.customers.told_good[3])
    assert set(heard) <= set(market.network.neighbours(17).tolist())


def test_talk_that_is_turned_off_leaves_beliefs_to_fade():
    market, counts = counts_of({"talk.unhappy_tells": 0, "talk.happy_tells": 0}, months=2)
    assert counts["told_bad"] == counts["told_good"] == 0
    assert not market.customers.heard.any()


def test_news_must_be_bad_or_good():
    market = Market("plain", seed=3, change=SMALL)
    with pytest.raises(ValueError, match='"bad" or "good"'):
        market.tell([1], 3, "awful")
    with pytest.raises(ValueError, match="customers are 0 to 999"):
        market.tell([1000], 3, "bad")


@pytest.mark.parametrize(
    ("people", "about", "law"),
    [
        (3, 4, "about: must be whole numbers of -1 to 3"),
        (3, -2, "about: must be"),
        (3, 0.6, "about: must be"),
        (float("nan"), "North", "people: must be whole numbers of 0 or more"),
        (-1, "North", "people: must be"),
        (2.5, "North", "people: must be"),
        ([1, 2], "North", "one for each of the 1000 customers"),
        (np.r_[-5, np.full(999, 3)], "North", "people: must be"),
    ],
)
def test_what_is_told_of_whom_must_be_whole_numbers_in_range(people, about, law):
    market = Market("plain", seed=3, change=SMALL)
    market.customers.clear_scratch()
    with pytest.raises(ValueError, match=law):
        market.tell([1, 2], people, "good", about=about)


def test_nobody_tells_more_people_than_there_are():
    market = Market("plain", seed=3, change={"market.customers": 20})
    market.customers.clear_scratch()
    market.tell([1], 10**9, "good", about="North")
    assert market.customers.told_good[0].sum() == 19


def test_nobody_tells_more_people_than_there_are_whatever_an_equation_says():
    market = Market("plain", seed=3, change=SMALL, swap={"talk.people_told": lambda mood, p: 2.0e9})
    market.step()
    counts = market.ledger.counts[-1].sum(axis=0)
    assert counts[C["tellers_good"]] > 0
    assert counts[C["told_good"]] == counts[C["tellers_good"]] * (len(market.customers) - 1)
