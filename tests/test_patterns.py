"""The benchmark of patterns: its arithmetic, and the quick laws that a small market must show."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

PATH = Path(__file__).resolve().parent.parent / "benchmarks" / "patterns.py"


@pytest.fixture(scope="module")
def patterns():
    """benchmarks/patterns.py as a module."""
    spec = importlib.util.spec_from_file_location("patterns", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["patterns"] = module
    spec.loader.exec_module(module)
    return module


def test_a_row_is_within_up_to_the_rounding_and_one_spread(patterns):
    made = patterns.row("x", "0.72", [0.70, 0.72], 0.72, half=0.005)
    assert made.verdict == "within" and made.away == pytest.approx(-0.005 / np.std([0.70, 0.72], ddof=1))
    assert patterns.row("x", "1", [3.0, 3.1], 1.0).verdict == "differs"
    assert patterns.row("x", "1 to 2", [1.4, 1.5], 1.0, 2.0).away == 0.0


def test_survival_counts_those_who_could_be_seen(patterns):
    # One began in month 0 and left in month 5, one began in month 10 and is there after 30 months,
    # one began before the run and does not count.
    out = patterns.survival(np.array([0, -4]), np.array([5, 20]), np.array([10]), 30)
    assert out[0, :3].tolist() == [2, 2, 1]
    assert out[1, :3].tolist() == [2, 1, 0]


def test_top_share_and_whale_peak_of_known_profits(patterns):
    assert patterns.top_share(np.array([60.0, 10.0, 10.0, 10.0, 10.0, 0.0])) == pytest.approx(0.6)
    assert patterns.whale_peak(np.array([8.0, 4.0, -2.0])) == pytest.approx(1.2)


def test_value_discounts_from_the_month_after_the_start(patterns):
    flat = {"profit": np.ones((200, 4))}
    by_hand = sum(1.1 ** (-k / 12) for k in range(1, 121))
    assert patterns.value_of(flat, 60) == pytest.approx(by_hand)
    assert patterns.value_of(flat, 120, tail=False) == pytest.approx(by_hand)


def test_the_best_choice_has_ties_within_two_standard_errors(patterns):
    values = {0: np.array([1.0, 1.2, 0.9]), 1: np.array([1.1, 1.1, 1.0]), 2: np.array([0.1, 0.2, 0.0])}
    best, ties, behind = patterns.best_of(values, (2,))
    assert best == 1 and ties == [0, 1] and behind > 2.0


def test_every_pattern_has_arms_and_a_note(patterns):
    for name, pattern in patterns.PATTERNS.items():
        assert pattern.arms() and pattern.note and pattern.title, name
        for arm in pattern.arms().values():
            assert isinstance(hash(arm), int)


def test_redrawn_outcomes_agree_with_the_books(patterns):
    arm = patterns.Arm(4, customers=1_000)
    market = patterns.make_market(arm, 101)
    while market.running:
        market.step()
        ids = np.flatnonzero((market.customers.supplier >= 0) & (market.customers.bought > 0))
        kind = patterns.outcomes(market, ids)
        failed = market.customers.failed[ids] == 1
        assert ((kind > 0) == failed).all()


def test_silent_failures_lose_more_customers_than_quick_recoveries(patterns):
    arms = {n: patterns.Arm(30, customers=2_000, swap=n, watch=("failures",)) for n in ("silent", "quick")}
    original = patterns.Failures.__init__

    def early(self, market):
        original(self, market)
        self.first = 2

    patterns.Failures.__init__ = early
    try:
        still = {n: patterns.run_arm(arm, 101)["still"][n] for n, arm in arms.items()}
    finally:
        patterns.Failures.__init__ = original
    assert still["silent"] < still["quick"]


def test_the_json_has_a_key_a_pattern(patterns, capsys):
    assert patterns.main(["--only", "state", "--quick", "--seeds", "2", "--processes", "1", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    rows = {r["measure"]: r for r in page["state"]}
    assert rows["annual retention"]["ours"] == pytest.approx(0.74, abs=0.02)
    assert rows["mean loyalty"]["ours"] == pytest.approx(0.30, abs=0.02)
