"""Two hundred broken scenario files: every slip is told on its line, with what was meant, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import hostile
from attacks.files import HUGE, broken_files, judge
from attacks.slips import IN_TOML, IN_VALUES

from sim.scenario import ScenarioError, check_text

FILES = list(broken_files(200))


def test_the_files_have_slips_of_every_kind_and_often_several():
    kinds = {kind for file in FILES for kind in file.kinds}
    assert kinds == {maker.__name__ for maker in (*IN_VALUES, *IN_TOML)}
    assert sum(len(file.slips) > 1 for file in FILES) > 100
    assert len({file.text for file in FILES}) > 190


def test_slips_are_told_on_their_lines_with_what_was_meant_and_without_a_traceback():
    score = judge(iter(FILES))
    assert score.crashes == 0
    assert score.lines_share >= 0.99, score.misses
    assert score.suggestions_share >= 0.9, score.misses


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_text_is_refused_in_few_and_short_lines(name):
    with pytest.raises(ScenarioError) as caught:
        check_text(f"tenfold = 1\n{HUGE[name]}", "huge.toml")
    assert len(caught.value.faults) <= 101
    assert all(str(fault).isprintable() and len(str(fault)) < 1000 for fault in caught.value.faults)


def test_the_command_prints_a_row_for_each_bar(capsys):
    hostile.main(["files", "names", "--size", "0.05", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["files", "names"]
    assert all(row.keys() == {"what", "bar", "figure", "met"} for rows in told.values() for row in rows)
    met = {row["what"] for rows in told.values() for row in rows if row["met"]}
    assert {"all faults on their lines", "what was meant is suggested", "names that are paths"} <= met
    with pytest.raises(SystemExit):
        hostile.main(["--size", "0"])
