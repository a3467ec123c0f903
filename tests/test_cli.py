"""The command: finding it, its help, its faults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import help_text, main
from sim.commands import COMMANDS, GROUPS
from sim.terminal import wide

ROOT = Path(__file__).parents[1]

HEAVY = ("numpy", "pandas", "pydantic", "numba", "mesa", "networkx", "matplotlib", "rich")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Each test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tenfold(*words: str, **options) -> subprocess.CompletedProcess:
    """The command as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    line = [sys.executable, "-m", "sim.cli", *words]
    return subprocess.run(
        line, capture_output=True, text=True, env=environment, check=False, encoding="utf-8", **options
    )


def fits(text: str) -> bool:
    return all(wide(line) <= 80 for line in text.splitlines())


# ---------------------------------------------------------------- help


def test_help_needs_only_the_standard_library():
    code = (
        "import sys; from sim.cli import main\n"
        "assert main(['--help']) == 0 and main(['run', '--help']) == 0 and main(['--version']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == "[]\n"


def test_help_has_every_command_in_its_group_and_fits():
    text = help_text()
    assert fits(text)
    for command in COMMANDS.values():
        assert command.group in GROUPS
        assert f"  {command.name} " in text
        assert f"\n{command.group}: " in text
    assert not any(
        f"\n{group}: " in text for group in GROUPS if group not in {c.group for c in COMMANDS.values()}
    )
    assert list(COMMANDS) == [
        "demo",
        "scenarios",
        "show",
        "explain",
        "concepts",
        "doctor",
        "new",
        "check",
        "schema",
        "run",
        "follow",
        "value",
        "defection",
        "compare",
        "report",
        "sweep",
        "claims",
        "claim",
        "elasticities",
        "sensitivity",
        "optimise",
        "rivals",
        "imitate",
        "fit",
        "lab",
        "grade",
        "class",
        "verify",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_has_examples_that_name_the_command(name, capsys):
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert fits(out) and "Examples:" in out
    assert COMMANDS[name].examples and all(
        line.startswith(f"tenfold {name}") or "run" in line for line in COMMANDS[name].examples
    )


def test_nothing_asked_gets_the_help_and_help_is_a_word_too(capsys):
    assert main([]) == 0
    assert main(["help"]) == 0
    assert main(["help", "show"]) == 0
    assert "usage: tenfold show" in capsys.readouterr().out


def test_the_process_arguments_are_the_default(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tenfold", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("tenfold 0")


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shwo"], 'unknown command (got "shwo"); did you mean "show"?'),
        (["qqq"], "commands are demo, scenarios, show"),
        (["--json", "run"], "the command comes first"),
        (["run"], "missing SCENARIO"),
        (["run", "plain", "--moths", "3"], 'unknown option (got "--moths"); did you mean "--months"?'),
        (["run", "plain", "more"], 'a word too many (got "more")'),
        (["run", "plain", "--months", "0"], "--months: must be a whole number 1 to 2400 (got 0)"),
        (
            ["run", "plain", "--seed", "-1"],
            "--seed: must be a whole number 0 to 18446744073709551615 (got -1)",
        ),
        (["run", "plain", "--change", "price"], "--change: must be ADDRESS=VALUE"),
        (["run", "plain", "--policy", "North"], "--policy: must be FIRM=POLICY"),
        (["run", "plian"], 'unknown scenario (got "plian"); did you mean "plain"?'),
        (["run", "plain", "--change", "talk.unhapy_tells=3"], 'did you mean "talk.unhappy_tells"?'),
        (["run", "plain", "--change", "talk.unhappy_tells=many"], "must be a whole number 0 to 100"),
        (["run", "plain", "--policy", "North=basik"], 'did you mean "basic"?'),
        (["run", "plain", "--policy", "Nroth=basic"], 'did you mean "firms.North.policy"?'),
        (["compare", "plain"], "missing POLICY"),
        (["compare", "plain", "basic", "basik"], 'did you mean "basic"?'),
        (["compare", "plain", "basic", "--firm", "Nroth"], 'did you mean "firms.North.policy"?'),
        (["show", "nowhere.toml"], "there is no such file"),
        (["check", "nowhere.toml"], "there is no such file"),
        (["new", "shop"], "ends in .toml; write shop.toml"),
        (["new", "nowhere/shop.toml"], "there is no folder nowhere"),
        (["explain", "customr_equity"], 'did you mean "customer_equity"'),
    ],
)
def test_a_mistake_is_one_line_and_status_2(words, said, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_all_wrong_changes_are_told_at_once(capsys):
    words = [
        "--change",
        "talk.unhapy_tells=3",
        "--change",
        "talk.happy_tells=-1",
        "--change",
        "market.months=x",
    ]
    assert main(["run", "plain", *words]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_a_fault_of_our_own_shows_where(monkeypatch):
    def broken(*_):
        raise RuntimeError("ours")

    monkeypatch.setitem(COMMANDS, "scenarios", COMMANDS["scenarios"]._replace(run=broken))
    with pytest.raises(RuntimeError, match="ours"):
        main(["scenarios"])


def test_tracebacks_come_when_asked_for(monkeypatch):
    monkeypatch.setenv("TENFOLD_TRACEBACK", "1")
    with pytest.raises(ValueError, match="unknown command"):
        main(["shwo"])


def test_a_reader_who_goes_ends_it_quietly(elsewhere):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "sim.cli", "schema"]
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_as_a_process_it_has_no_colour_and_its_own_status(elsewhere):
    done = tenfold("show", "two_cafes", cwd=elsewhere)
    assert done.returncode == 0 and done.stderr == ""
    assert "\x1b" not in done.stdout and "Corner" in done.stdout
    done = tenfold("shwo", cwd=elsewhere)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert list(elsewhere.iterdir()) == []


def test_from_a_checkout_hints_name_start_py(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tenfold"])
    here = "py start.py" if os.name == "nt" else "python3 start.py"
    assert f"{here} run two_cafes" in help_text() and fits(help_text())
    assert main(["run", "--help"]) == 0
    assert f"usage: {here} run" in capsys.readouterr().out
    assert main(["scenarios"]) == 0
    assert f"{here} show NAME" in capsys.readouterr().out


def test_too_little_memory_is_a_mistake(monkeypatch, capsys):
    def full(*_):
        raise MemoryError

    monkeypatch.setitem(COMMANDS, "scenarios", COMMANDS["scenarios"]._replace(run=full))
    assert main(["scenarios"]) == 2
    assert "market.customers" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_said_in_a_line(elsewhere):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "sim.cli", "scenarios"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            line, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "No space left on device\n")
