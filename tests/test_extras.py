"""Extras: start.py gets what a command needs with its options, and a missing package is told with a cure that works here."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

import pytest

from sim import extras
from sim.commands import COMMANDS
from sim.commands.command import Command
from sim.experiments.missing import MissingPackage, package
from sim.value.estimation import scipy_part

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def start():
    spec = importlib.util.spec_from_file_location("start_under_test", CHECKOUT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def options_of(command: Command) -> set[str]:
    """All options of a command and of its parts."""
    parser = argparse.ArgumentParser()
    command.options(parser)
    own = {option for action in parser._actions for option in action.option_strings}
    return own.union(*map(options_of, command.parts))


def needs() -> list[tuple[str, str, str]]:
    """Each command with an option, and the extra of the package that it then imports."""
    extra_of = {"--store": "sweep", "--scheduler": "sweep", "--report": "fit"}
    found = [
        (c.name, o, extra_of[o]) for c in COMMANDS.values() for o in sorted(options_of(c) & set(extra_of))
    ]
    plain = [
        ("claim", "--out=x", "sweep"),
        ("claims", "--out", "sweep"),
        ("value", "--json", "fit"),
        ("report", "--to", "fit"),
    ]
    return found + plain


@pytest.mark.parametrize(("command", "option", "extra"), needs())
def test_start_gets_what_a_command_imports(start, command, option, extra) -> None:
    assert extra in start.needed([command, "x", option])


def test_the_commands_with_a_store_are_all_here() -> None:
    names = {command for command, option, _ in needs() if option == "--store"}
    assert names >= {"elasticities", "imitate", "optimise", "rivals", "sensitivity"}


def test_without_the_option_a_command_gets_no_more(start) -> None:
    assert start.needed(["claims", "--list"]) == start.needed(["run", "x", "--out", "y"]) == ()


@pytest.fixture
def made_by_start(tmp_path, monkeypatch):
    folder = tmp_path / "environments" / "x"
    folder.mkdir(parents=True)
    (folder / extras.RECORD).touch()
    monkeypatch.setattr(sys, "prefix", str(folder))
    return folder


@pytest.mark.parametrize("extra", sorted(extras.COMMANDS))
def test_the_cure_gets_the_extra(start, made_by_start, extra) -> None:
    said = extras.cure(extra)
    assert "start.py" in said and "pip" not in said and extra in start.NEEDS[said.split()[2]]


def test_a_missing_package_names_the_cure_of_this_environment(made_by_start, monkeypatch) -> None:
    with pytest.raises(MissingPackage, match=r"start.py sweep --help gets it$"):
        package("no_such_package", "this")
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(ImportError, match=r"start.py fit --help gets it$"):
        scipy_part("special")


def test_in_an_environment_of_another_making_pip_is_the_cure(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert 'pip install -e ".[sweep]" in ' in extras.cure("sweep") and "start.py" not in extras.cure("sweep")


def test_start_leaves_the_record_that_is_looked_for(start) -> None:
    assert start.RECORD == extras.RECORD
