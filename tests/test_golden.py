"""Golden numbers: the scenarios give what is stored, and a difference is named with month, column and place."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import golden

from sim.market import MODEL_VERSION
from sim.scenario import CORE, SCENARIOS
from sim.verify.bits import published

VERSION, STORED = golden.read()


def test_the_stored_numbers_are_many_and_of_this_model_version():
    assert MODEL_VERSION == VERSION == published()["model_version"]
    assert golden.count(STORED) >= 20_000
    assert {key.split("/")[0] for key in STORED} == set(CORE) == set(published()["scenarios"])


@pytest.mark.parametrize("name", CORE)
def test_a_scenario_gives_the_stored_numbers(name):
    assert golden.first_difference(name, STORED) is None


OF_MECHANISMS = json.loads(golden.SMALL.read_text(encoding="utf-8"))


def test_every_scenario_with_mechanisms_has_stored_numbers():
    assert OF_MECHANISMS["model_version"] == MODEL_VERSION
    assert list(OF_MECHANISMS["scenarios"]) == [*golden.with_mechanisms(), golden.IN_USE]
    assert set(golden.with_mechanisms()) | set(CORE) == set(SCENARIOS)


@pytest.mark.parametrize("name", OF_MECHANISMS["scenarios"])
def test_a_scenario_with_mechanisms_gives_the_stored_numbers(name):
    assert golden.difference_of_mechanisms(name, OF_MECHANISMS["scenarios"][name]) is None


def test_a_firm_that_earned_another_sum_is_named_with_the_month():
    stored = copy.deepcopy(OF_MECHANISMS["scenarios"]["whale_case"])
    firm = next(iter(stored["cents"]))
    stored["cents"][firm] += 1
    stored["hashes"][3] = "another"
    said = golden.difference_of_mechanisms("whale_case", stored)
    assert said.startswith(f"whale_case with 160 customers: {firm} earned ") and said.endswith("differs: 4")


def test_what_is_not_stored_of_a_scenario_with_mechanisms_is_a_difference(tmp_path):
    stored = copy.deepcopy(OF_MECHANISMS)
    del stored["scenarios"]["field_sales"], stored["scenarios"]["whale_case"]["cents"]["Draht"]
    file = tmp_path / "small.json"
    file.write_text(json.dumps(stored), encoding="utf-8")
    said = golden.check(["field_sales", "whale_case"], small=file)
    assert said[0].startswith("field_sales has no stored numbers: ")
    assert said[1].startswith("whale_case with 160 customers: firms are ") and len(said) == 2
    file.write_text(json.dumps({**OF_MECHANISMS, "model_version": "another"}), encoding="utf-8")
    assert "in small.json are of MODEL_VERSION another" in golden.check(["whale_case"], small=file)[0]


def test_the_numbers_of_scenarios_with_mechanisms_are_counted(capsys):
    assert golden.main(["check", "whale_case", "--json"]) == 0
    one = OF_MECHANISMS["scenarios"]["whale_case"]
    assert json.loads(capsys.readouterr().out)["numbers"] == len(one["hashes"]) + len(one["cents"]) > 6


def test_the_first_column_that_differs_is_named_with_month_firm_and_customer():
    stored = {**STORED, "two_cafes/belief": STORED["two_cafes/belief"].copy()}
    stored["two_cafes/belief"][2, 1, 17] += np.float32(0.25)
    said = golden.first_difference("two_cafes", stored)
    assert said.startswith(
        "two_cafes with 48 customers, month 3, column belief (firm Express, customer 17): "
    )
    assert "first difference, 1 of 96 values" in said


def test_a_line_of_the_books_that_differs_is_named():
    stored = {**STORED, "two_cafes/2/ledger": STORED["two_cafes/2/ledger"].copy()}
    stored["two_cafes/2/ledger"][0, 0] += 1
    said = golden.first_difference("two_cafes", stored)
    assert said.startswith("two_cafes at its own size, month 2, ledger, revenue of Corner: ")


def test_minus_zero_is_not_zero():
    said = golden.difference_of_whole(
        "x", 1, {"digests": np.zeros(1, np.uint64), "ledger": np.zeros((1, 1), np.int64),
                 "counts": np.zeros((1, 1), np.int64), "firms": np.zeros((1, 5)), "norm": np.array([-0.0])},
        {"x/1/digests": np.zeros(1, np.uint64), "x/1/ledger": np.zeros((1, 1), np.int64),
         "x/1/counts": np.zeros((1, 1), np.int64), "x/1/firms": np.zeros((1, 5)), "x/1/norm": np.array([0.0])},
        ["A"],
    )  # fmt: skip
    assert said == "x at its own size, month 1, norm: -0.0 is not 0.0"


def test_numbers_are_not_written_over_without_a_new_model_version(monkeypatch, tmp_path):
    assert "raise it in sim/model_version.py" in golden.refusal()
    assert golden.refusal(tmp_path / "none.npz") is None
    monkeypatch.setattr(golden, "MODEL_VERSION", "another")
    assert golden.refusal() is None
    assert "write" in golden.check(["two_cafes"])[0]
