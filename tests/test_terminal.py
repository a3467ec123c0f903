"""Tables, numbers and the announced first compile."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from sim import compiled, prepare
from sim.behaviours import STAGES
from sim.commands.table import Column, money, table_lines
from sim.terminal import Terminal, count, listed, number, percent, shorten, wide


def test_width_counts_columns_of_the_screen():
    assert wide("Cafés") == 5 and wide("東京") == 4 and wide("e\u0301") == 1


@pytest.mark.parametrize("width", range(8, 30))
def test_shortened_names_fit_and_stay_different(width):
    names = [f"The Coffee Company number {n}" for n in (1, 2)]
    short = [shorten(name, width) for name in names]
    assert all(wide(name) <= width for name in short) and short[0] != short[1]
    assert wide(shorten("東京コーヒー株式会社東京コーヒー", width)) <= width


def test_numbers_are_words_for_people():
    assert [count(12345), percent(0.2414), number(1234.5), number(0.0082645), number(2.0)] == [
        "12,345", "24.1 %", "1,234", "0.008264", "2",
    ]  # fmt: skip
    assert count(float("nan")) == percent(None) == number(float("nan")) == "–"
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c" and listed([]) == ""


def test_money_takes_the_unit_that_keeps_it_short():
    assert money("profit", [3.25, -1.0], "EUR").cells == ["3.25", "-1.00"]
    assert money("profit", [-53_022.4, 10.0], "EUR").cells == ["-53,022", "10"]
    large = money("profit", [2_282_000.0, float("nan")], "EUR")
    assert (large.cells, large.unit) == (["2,282", "–"], "k EUR")
    assert money("profit", [4.2e10], "EUR").unit == "m EUR"
    assert money("profit", [4.2e10], "Golden coins").unit == "m"


def columns() -> list[Column]:
    return [
        Column("firm", ["A firm of a very long name indeed", "B"], keep=9, left=True),
        Column("some customers", ["1,234,567", "8"], short="people", keep=5),
        Column("ratio", ["1.0", "2.0"], keep=1),
        Column("remark", ["long enough", "x"], keep=0, left=True, least=20),
    ]


@pytest.mark.parametrize("width", range(20, 90))
def test_a_table_fits_and_its_numbers_are_whole(width):
    top, rows, gone = table_lines(columns(), width)
    assert all(wide(line) <= width for line in (*top, *rows))
    assert "1,234,567" in rows[0] or gone
    assert rows[1].startswith("B ") or width < 21
    assert "remark" not in gone


def test_what_is_left_out_is_the_least_important_first():
    assert table_lines(columns(), 90)[2] == []
    assert "remark" in " ".join(table_lines(columns(), 60)[0])
    assert "remark" not in " ".join(table_lines(columns(), 30)[0])
    assert table_lines(columns(), 20)[2] == ["ratio"]
    assert "people" in " ".join(table_lines(columns(), 30)[0])


# ---------------------------------------------------------------- the announced first compile


@pytest.fixture
def cold(tmp_path, monkeypatch):
    """A computer that has compiled nothing."""
    monkeypatch.setattr(compiled, "CACHE", tmp_path)
    return tmp_path


def test_the_first_compile_is_announced_once(cold, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "_by_children", lambda report: True)
    prepare.prepare(Terminal())
    assert capsys.readouterr() == ("", f"{prepare.ANNOUNCED}.\n")
    assert prepare.is_prepared()
    prepare.prepare(Terminal())
    assert capsys.readouterr() == ("", "")


def test_quiet_hides_it_and_a_broken_helper_is_no_fault(cold, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(prepare, "_by_children", lambda report: False)
    monkeypatch.setattr(prepare, "compile_stages", asked.append)
    prepare.prepare(Terminal(quiet=True))
    assert capsys.readouterr() == ("", "") and asked == list(prepare.SHARES) and prepare.is_prepared()


def test_a_stop_leaves_it_unmarked(cold, monkeypatch):
    def stop(report):
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "_by_children", stop)
    with pytest.raises(KeyboardInterrupt):
        prepare.prepare(Terminal(quiet=True))
    assert not prepare.is_prepared()


def test_sources_in_another_folder_or_of_another_time_are_prepared_again(cold, monkeypatch):
    """Numba's cache holds for one path and time; a bar that stands still is no announcement."""
    package = cold / "one" / "sim"
    for name in compiled.SOURCES:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        file = package / name if name.endswith(".py") else package / name / "x.py"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.setattr(prepare, "__file__", str(package / "prepare.py"))
    here = prepare.mark()
    os.utime(package / "maths.py", (1, 1))
    touched = prepare.mark()
    (cold / "one").rename(cold / "other")
    monkeypatch.setattr(prepare, "__file__", str(cold / "other" / "sim" / "prepare.py"))
    assert here.parent == cold and len({here, touched, prepare.mark()}) == 3


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        ("numba", "__version__", "0.1"),
        ("llvmlite", "__version__", "0.1"),
        ("numba.core.config", "CPU_NAME", "generic"),
        ("numba.core.config", "CPU_FEATURES", "-avx2"),
        ("llvmlite.binding", "get_host_cpu_name", lambda: "another"),
    ],
)
def test_another_processor_or_numba_is_prepared_again(cold, monkeypatch, of, name, value):
    pytest.importorskip("numba", reason="compiles nothing here")
    prepare.mark().touch()
    assert prepare.is_prepared()
    monkeypatch.setattr(importlib.import_module(of), name, value)
    assert not prepare.is_prepared()


def test_where_no_cache_is_kept_nothing_is_announced(monkeypatch):
    monkeypatch.setattr(compiled, "CACHE", None)
    assert prepare.is_prepared()


def test_helpers_tell_of_every_stage_once(monkeypatch, tmp_path):
    """Files of the user's that have the names of modules are not run."""
    for name in ("sim.py", "random.py"):
        (tmp_path / name).write_text("open('was_run', 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    heard = []
    assert prepare._by_children(lambda *told: heard.append(told))
    assert [told[0] for told in heard] == list(range(1, len(STAGES) + 1))
    assert {told[1] for told in heard} == {len(STAGES)}
    assert {told[2] for told in heard} == {stage.name for stage in STAGES}
    assert not Path("was_run").exists()
    monkeypatch.setattr(prepare, "SHARES", (("decide",), ("no such share", 1)))
    monkeypatch.setenv("PYTHONHOME", "nowhere")
    assert not prepare._by_children(None)


def test_every_stage_is_in_one_share():
    named = [name for share in prepare.SHARES for name in share]
    assert sorted(named) == sorted(stage.name for stage in STAGES)
