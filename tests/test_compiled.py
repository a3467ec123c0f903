"""Compiled code: what its cache is named by, what it is rebuilt from, what a stage may touch and draw."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds import EVERYTHING

import sim
from sim import compiled, kept
from sim.behaviours import EQUATIONS, STAGES
from sim.columns import COLUMNS
from sim.draws import CODES
from sim.market import Market
from sim.mechanisms import exchange, loops
from sim.user_errors import UserError

ROOT = Path(sim.__file__).parent


def imports(path):
    """Files of sim that a file imports at its top, not for types alone."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim"):
            parts = node.module.split(".")[1:]
            for name in [[*parts], *([*parts, alias.name] for alias in node.names)]:
                file = ROOT.joinpath(*name).with_suffix(".py") if name else ROOT
                if file.is_file():
                    found.add(file)
    return found


def made_of(paths):
    """The files that mark compiled code, and what they import, near and far."""
    marks = ("\n@equation", "\n@helper", "\n@loop", "\n@part", "\n@step")
    made = {p for p in paths if any(mark in p.read_text(encoding="utf-8") for mark in marks)}
    while True:
        more = made | {file for path in made for file in imports(path)}
        if more == made:
            return made
        made = more


def named_in(sources):
    """The files that names of files and folders stand for."""
    return {f for name in sources for f in ((ROOT / name).glob("*.py") if (ROOT / name).is_dir() else [ROOT / name])}  # fmt: skip


def test_the_cache_is_named_by_every_file_that_compiled_code_is_made_of():
    named = named_in(compiled.SOURCES)
    assert all(f.is_file() for f in named)
    core = [p for p in ROOT.rglob("*.py") if p.parent.name != "mechanisms"]
    missing = {f.relative_to(ROOT).as_posix() for f in made_of(core) - named}
    assert not missing


def test_the_cache_of_mechanisms_stands_in_the_cores_and_is_named_by_the_rest_that_they_are_made_of():
    named = named_in(compiled.SOURCES) | named_in(loops.SOURCES)
    missing = {f.relative_to(ROOT).as_posix() for f in made_of((ROOT / "mechanisms").glob("*.py")) - named}
    assert not missing
    folder = Path(exchange.fit_rows.made._cache._cache_path)
    assert folder.parent == compiled.CACHE / f"mechanisms-{loops.sources_hash()}"


def test_a_loop_of_older_files_than_are_there_is_not_kept(monkeypatch):
    def keeps():
        return isinstance(loops.Loop(exchange.situation_rows.py_func).made._cache, kept._Cache)

    assert keeps()
    monkeypatch.setattr(loops, "STAMPS", {**loops.STAMPS, loops.__file__: (0, 0)})
    assert not keeps()


def test_who_uses_no_mechanism_compiles_no_loop_of_one(tmp_path):
    program = (
        "from sim.market import Market; import sim.mechanisms.exchange as e; Market('two_cafes', months=1).run_model(); "
        "assert 'made' not in vars(e.fit_rows) and 'made' not in vars(e.situation_rows)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT.parent)


def test_another_source_gives_another_cache(tmp_path, monkeypatch):
    before = compiled.sources_hash()
    monkeypatch.setattr(compiled, "SOURCES", compiled.SOURCES[:-1])
    assert compiled.sources_hash() != before


def test_a_stage_changes_only_the_columns_that_it_declares():
    market = Market("plain", seed=3, months=14, change=EVERYTHING)
    run, touched = market.swaps.run, {stage.name: set() for stage in STAGES}

    def watch(stage, where):
        before = {c.name: getattr(where.customers, c.name).copy() for c in COLUMNS}
        run(stage, where)
        touched[stage.name] |= {
            n for n, old in before.items() if not np.array_equal(old, getattr(where.customers, n))
        }

    market.swaps.run = watch
    market.run_model()
    for stage in STAGES:
        assert touched[stage.name] <= set(stage.module.CHANGES), stage.name
        assert touched[stage.name], stage.name


def test_a_stage_declares_what_it_draws_and_nobody_may_draw_it_again():
    for stage in STAGES:
        assert set(stage.module.DRAWS) <= set(CODES)

    def greedy(market):
        market.draws.uniform("exits", [1, 2])

    market = Market("plain", seed=3, months=1, change={"market.customers": 50}, swap={"talk": greedy})
    with pytest.raises(UserError, match='"exits" was already drawn'):
        market.step()


def test_every_equation_says_what_it_means_and_where_it_is_from():
    for name, equation in EQUATIONS.items():
        text = equation.py_func.__doc__ or ""
        assert text.strip(), name
