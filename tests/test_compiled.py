"""Compiled code: what its cache is named by, what it is rebuilt from, what a stage may touch and draw."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from worlds import EVERYTHING

import sim
from sim import compiled
from sim.behaviours import EQUATIONS, STAGES
from sim.columns import COLUMNS
from sim.draws import CODES
from sim.market import Market

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


def test_the_cache_is_named_by_every_file_that_compiled_code_is_made_of():
    marks = ("\n@equation", "\n@helper", "\n@loop", "\n@part", "\n@step")
    made = {p for p in ROOT.rglob("*.py") if any(mark in p.read_text(encoding="utf-8") for mark in marks)}
    while True:
        more = made | {file for path in made for file in imports(path)}
        if more == made:
            break
        made = more
    named = {f for name in compiled.SOURCES for f in ((ROOT / name).glob("*.py") if (ROOT / name).is_dir() else [ROOT / name])}  # fmt: skip
    assert all(f.is_file() for f in named)
    missing = {f.relative_to(ROOT).as_posix() for f in made - named}
    assert not missing


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
    with pytest.raises(ValueError, match='"exits" was already drawn'):
        market.step()


def test_every_equation_says_what_it_means_and_where_it_is_from():
    for name, equation in EQUATIONS.items():
        text = equation.py_func.__doc__ or ""
        assert text.strip(), name
