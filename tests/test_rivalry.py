"""Learning agents play firms: PettingZoo's own tests, rewards by hand, what agents see."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

import sim
from sim.experiments import rivalry
from sim.experiments.rivalry_environment import ACTIONS, OWN, decisions
from sim.extras import cure

USUAL = [2, 2, 1, 1, 2, 0, 0]


def small(months: int = 3):
    return sim.load("two_cafes").with_changes({"market.customers": 150, "market.months": months})


def test_pettingzoos_own_api_test_passes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(rivalry(small()), num_cycles=8)


def test_pettingzoos_own_seed_test_passes():
    parallel_seed_test(lambda: rivalry(small()), num_cycles=8)


def test_rewards_are_the_profits_a_head_and_equity_at_the_end():
    env, plain = rivalry(small()), rivalry(small(), equity=False)
    for one in (env, plain):
        one.reset(seed=5)
    actions = dict.fromkeys(env.possible_agents, USUAL)
    for month in range(3):
        _, reward, over, cut, _ = env.step(actions)
        _, without, *_ = plain.step(actions)
        last = env.market.metrics["profit"][-1]
        for name in ("Corner", "Express"):
            place = env.market.firm(name).place
            assert without[name] == pytest.approx(last[place] / 150)
            equity = (
                np.nan_to_num(env.market.metrics["customer_equity"][-1][place]) / 150 if month == 2 else 0.0
            )
            assert reward[name] == pytest.approx(without[name] + equity)
        assert not any(over.values()) and all(cut.values()) == (month == 2)
    assert env.agents == []


def test_several_months_pass_with_one_action_and_each_reset_is_another_market():
    env = rivalry(small(5), step=3, seed=9, render_mode="ansi")
    _, first = env.reset()
    *_, cut, info = env.step(dict.fromkeys(env.agents, USUAL))
    assert info["Corner"]["month"] == 3 and not cut["Corner"] and "Express" in env.render()
    *_, cut, info = env.step(dict.fromkeys(env.agents, USUAL))
    assert info["Corner"]["month"] == 5 and cut["Corner"]
    _, second = env.reset()
    assert (first["Corner"]["seed"], second["Corner"]["seed"]) == (9, 10)


def test_agents_see_their_books_and_public_prices_only():
    env = rivalry(small())
    env.reset(seed=1)
    seen, *_ = env.step({"Corner": [4, *USUAL[1:]], "Express": [0, *USUAL[1:]]})
    prices = [env.market.public[name]["price"] for name in ("Corner", "Express")]
    assert prices == pytest.approx([1.1, 0.9])
    for name in ("Corner", "Express"):
        assert seen[name][len(OWN)] == prices[0] and seen[name][len(OWN) + 3] == prices[1]
    assert seen["Corner"][2] == pytest.approx(
        env.market.metrics["revenue"][-1][env.market.firm("Corner").place] / 150
    )


def test_numbers_stand_for_decisions():
    said = decisions([0] * len(ACTIONS))
    assert (
        said == {one.name: one.choices[0] for one in ACTIONS}
        and said["level"] == "basic"
        and said["price"] == 0.9
    )


def test_what_is_wrong_gets_a_sentence(monkeypatch):
    with pytest.raises(ValueError, match="render_mode"):
        rivalry("two_cafes", render_mode="human")
    with pytest.raises(ValueError, match="step"):
        rivalry("two_cafes", step=0)
    monkeypatch.setitem(__import__("sys").modules, "pettingzoo", None)
    monkeypatch.delitem(__import__("sys").modules, "sim.experiments.rivalry_environment")
    with pytest.raises(ImportError, match=re.escape(f"not installed: {cure('rivalry')}") + "$"):
        rivalry("two_cafes")
