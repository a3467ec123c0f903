"""`tenfold verify`: checks hold at a size that fits, and say so when they do not."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim.verify.money as money
from sim.cli import main
from sim.market import Market
from sim.verify import CHECKS
from sim.verify.bits import FMA_HIDDEN, NUMPY_PLAIN, hash_of, hashes
from sim.verify.figures import Figure, at_least, at_most
from sim.verify.scripts import figures_of, run_script
from sim.verify.untouched import MONTHS, differ, hash_by, known_firm, unknown_firm

WORLD = {"scenario": "two_cafes", "seed": 11, "months": 3, "change": {"market.customers": 200}}
HERE = hash_of(WORLD)


@pytest.mark.parametrize("seed", range(10))
def test_hash_seeds_of_python_change_nothing(seed):
    assert hashes([WORLD], {"PYTHONHASHSEED": str(seed)}) == [HERE]


@pytest.mark.parametrize("environment", [FMA_HIDDEN, NUMPY_PLAIN], ids=["C library", "NumPy"])
def test_libraries_without_fma_change_nothing(environment):
    assert hashes([WORLD], environment) == [HERE]


def test_threads_and_plain_python_change_nothing():
    cut = {**WORLD, "change": {"market.customers": 9000}, "threads_from": 1, "chunk": 4096}
    assert hash_of({**cut, "threads": 1}) == hash_of({**cut, "threads": 2})
    assert hash_of({**WORLD, "plain": True}) == HERE


def test_another_world_has_another_hash():
    assert hashes([{**WORLD, "seed": 12}]) != [HERE]


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="no_such_world"):
        hashes([{**WORLD, "scenario": "no_such_world"}])


def test_who_does_not_know_a_new_firm_is_as_without_it():
    assert unknown_firm(500).met
    assert known_firm(500).met


@pytest.mark.parametrize("way", MONTHS)
def test_metrics_draws_and_observers_change_nothing(way):
    assert hash_by(MONTHS[way], "two_cafes", 100, 2) == hash_by(lambda m: m.step(), "two_cafes", 100, 2)


def test_a_difference_of_one_customer_is_seen():
    one, two = (Market("two_cafes", change={"market.customers": 50}) for _ in range(2))
    two.customers.belief[1, 7] += np.float32(1.0)
    assert np.flatnonzero(differ(one, two)).tolist() == [7]


def test_a_cent_and_a_customer_that_are_missing_are_counted():
    market = Market("two_cafes", seed=3, months=2, change={"market.customers": 200})
    before = np.bincount(market.customers.supplier + 1, minlength=3)[1:]
    market.step()
    assert (money.imbalance(market), money.miscounted(market, before)) == (0, 0)
    own = np.flatnonzero(market.customers.supplier >= 0)[0]
    market.customers.profit_cents[own] += 1
    assert money.imbalance(market) == 1
    assert money.miscounted(market, before + 1) == 2


def test_the_command_prints_figures_and_its_status_says_whether_bars_are_met(capsys, monkeypatch):
    assert main(["verify", "money", "--json", "--quiet"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["met"] and said["python"] and said["checks"]["money"][0]["bar"] == "0 cents"
    broken = CHECKS["money"]._replace(run=lambda full, say: [Figure("books", "3 cents", "0 cents", False)])
    monkeypatch.setitem(CHECKS, "money", broken)
    assert main(["verify", "money"]) == 1
    assert "NO   books: 3 cents (0 cents)" in capsys.readouterr().out


def test_an_unknown_check_gets_the_nearest_name(capsys):
    assert main(["verify", "mony"]) == 2
    assert 'did you mean "money"?' in capsys.readouterr().err
    assert main(["verify", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in CHECKS)


def test_scripts_are_read_and_their_lack_is_told():
    missing = run_script("no_such_script.py", (), (), (), False, print)[0]
    assert missing.met is None and "needs a checkout" in missing.figure
    assert figures_of({"mutants": 40, "caught": 37, "share": 0.925})[0].met is False
    row = {"what": "names", "bar": "refused", "figure": "3 faults", "met": False}
    assert figures_of({"names": [row]}) == [Figure("names: names", "3 faults", "refused", False)]
    assert figures_of({"bars": [at_most("x", 2.0, 1).plain()]})[0].met is False


def test_figures_stand_beside_their_bars():
    assert at_most("x", 299.6, 300, "ns") == Figure("x", "300 ns", "at most 300 ns", True)
    assert at_least("x", 1.444, 1.5, "times", 2) == Figure("x", "1.44 times", "at least 1.5 times", False)
