"""Seeded faults: each still fits the source, and the checks catch those that are tried here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from mutant_list import MUTANTS, Mutant
from mutants import by_its_tests, figures, hunt, mutated, pattern, stale

from sim.mechanisms import MECHANISMS

pytestmark = pytest.mark.once


def test_there_are_forty_mutants_and_each_fits_its_file_once():
    assert stale() == []
    assert len(MUTANTS) >= 40
    assert (
        len({(one.file, one.text) for one in MUTANTS}) == len(MUTANTS) == len({one.about for one in MUTANTS})
    )


def test_every_mechanism_has_two_and_the_scores_of_a_class_have_five_and_test_files_of_their_own():
    files = [one.file for one in MUTANTS if one.tests]
    assert all(files.count(f"sim/mechanisms/{name}.py") == 2 for name in MECHANISMS)
    assert files.count("sim/classroom/scores.py") == 5 == len(files) - 2 * len(MECHANISMS)
    assert all((Path(__file__).parent / one.tests).is_file() for one in MUTANTS if one.tests)


def test_half_of_them_are_about_money_people_and_equations():
    files = [one.file.removeprefix("sim/behaviours/") for one in MUTANTS]
    assert sum(name not in ("sim/draws.py", "sim/traits.py", "account.py") for name in files) > len(files) / 2


def test_a_text_is_found_however_it_is_broken_into_lines():
    assert pattern("f(a, b) + 1").search("x = f(\n    a,\n    b,\n) + 1")
    assert not pattern("a[i] = 0").search("aa[i] = 0")
    source = "if a:\n    x = 1\n"
    assert mutated(source, Mutant("", "", "x = 1", "x = 2\ny = 3")) == "if a:\n    x = 2\n    y = 3\n"
    with pytest.raises(ValueError, match="2 times, not once"):
        mutated("x = 1\nx = 1", Mutant("", "", "x = 1", "x = 2"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="each mutant is checked in a fork, which Windows has not")
def test_a_mutant_of_the_books_is_caught():
    found = hunt(tuple(one for one in MUTANTS if one.about == "labour is booked twice, charged once"))
    assert [one.check for one in found] == ["laws"]
    assert figures(found)["share"] == 1.0


@pytest.mark.slow
def test_a_mutant_of_a_mechanism_is_caught_by_its_own_tests_and_what_changes_nothing_is_not():
    fault = next(one for one in MUTANTS if one.about == "the closest accounts ask for bids")
    same = fault._replace(text="p.mismatch * (position - situation) ** 2", instead="(position - situation) ** 2 * p.mismatch")  # fmt: skip
    found = hunt((fault, same))
    assert [one.check for one in found] == ["tests", ""] and "test_exchange.py::" in found[0].said
    assert figures(found)["share"] == 0.5 and figures(found)["by"]["tests"] == 1
    with pytest.raises(SystemExit, match="was not run"):
        by_its_tests(fault._replace(tests="test_nothing.py"))
