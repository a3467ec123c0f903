"""The names of `sim`: these, no others, and nothing loaded before it is touched."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sim

NAMES = [
    "Market",
    "Plan",
    "Policy",
    "check",
    "claim",
    "compare",
    "explain",
    "explore",
    "fit",
    "lifetime_value",
    "load",
    "optimise",
    "run",
    "scenarios",
    "sweep",
]
MODULES = ["experiments", "metrics", "policies", "show", "teach", "value"]


def test_the_public_names_are_these():
    assert sorted(sim.__all__) == NAMES
    assert dir(sim) == sorted([*NAMES, *MODULES, "__version__"])
    assert all(callable(getattr(sim, name)) for name in NAMES)


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_loaded_when_touched(name):
    assert getattr(sim, name).__name__ == f"sim.{name}"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("comapre", "compare"), ("senarios", "scenarios"), ("Marktet", "Market"), ("polices", "policies")],
)
def test_a_wrong_name_gets_the_nearest_right_one(wrong, right):
    with pytest.raises(AttributeError, match=f"did you mean '{right}'"):
        getattr(sim, wrong)


def test_every_public_name_has_a_docstring_with_its_first_line_a_sentence():
    for name in NAMES:
        first = (getattr(sim, name).__doc__ or "").strip().splitlines()
        assert first and first[0].endswith("."), name


def test_the_version_is_that_of_the_distribution():
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["version"] == sim.__version__


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_sim_loads_nothing_heavy():
    heavy = ("numpy", "pandas", "mesa", "numba", "matplotlib", "pydantic")
    assert run_python(f"import sys, sim; print([m for m in {heavy!r} if m in sys.modules])") == "[]\n"


def test_files_load_no_pictures_and_leave_functions_functions():
    code = (
        "import importlib, sys, sim\n"
        "for name in ('checking', 'explaining', 'runs', 'comparison', 'saved', 'contracts', 'tables'):\n"
        "    importlib.import_module(f'sim.{name}')\n"
        "print(all(callable(getattr(sim, name)) for name in sim.__all__))\n"
        "print([m for m in ('matplotlib', 'IPython') if m in sys.modules])"
    )
    assert run_python(code) == "True\n[]\n"
