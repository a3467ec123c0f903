"""Measures by twins against the same two worlds run by hand, with public words alone."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim import metrics

SMALL = {"market.customers": 500}


class Advertises(sim.Policy):
    """As the plan says in the first month, then a tenth more."""

    def decide(self, view):
        usual = 0.30 * 500
        return sim.Plan(advertising=usual * (1.1 if view.month >= 1 else 1.0))


def test_marginal_costs_are_those_of_two_runs_one_of_which_advertises_a_tenth_more():
    first = sim.run("plain", seed=3, months=13, change=SMALL)
    row = metrics.marginal_costs(first, levers=("advertising",), start=1, months=12, seeds=2).iloc[0]
    spend, won = [], []
    for seed in (3, 4):
        ends = []
        for policies in ({}, {"North": Advertises()}):
            run = sim.run("plain", seed=seed, months=13, change=SMALL, policies=policies)
            last = run.months.query("firm == 'North' and month == 13").iloc[
                0
            ]  # its window: the months after the first
            ends.append((last["acquisition_cost"] * last["customers_won"], last["customers_won"]))
        spend.append(ends[1][0] - ends[0][0])
        won.append(ends[1][1] - ends[0][1])
    assert row["spend"] == pytest.approx(np.mean(spend)) and row["gained"] == pytest.approx(np.mean(won))
    if row["verdict"] == "identified":
        assert row["marginal_cost"] == pytest.approx(sum(spend) / sum(won))
