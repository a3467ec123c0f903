"""The command on a terminal, and stopped by Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.cli import main
from sim.terminal import Terminal

ROOT = Path(__file__).parents[1]

STREET = """
tenfold = 1
title = "A street"
[market]
customers = 150
months = 14
[firms.Corner]
[firms.Express]
"""


@pytest.fixture(autouse=True)
def street(tmp_path, monkeypatch):
    """Each test works in a folder with one small scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.toml").write_text(STREET, encoding="utf-8")
    return tmp_path


def made(folder: Path) -> list[str]:
    """What was written beside the scenario."""
    return sorted(path.name for path in folder.iterdir() if path.name != "street.toml")


class Interrupted(Terminal):
    """A terminal whose user presses Ctrl-C in the second month."""

    def progress(self, what, unit="month"):
        @contextmanager
        def bar():
            now = unit == "month"
            yield lambda done, total, *_: signal.raise_signal(signal.SIGINT) if now and done == 2 else None

        return bar()


def test_ctrl_c_says_that_nothing_was_written(street, capsys, monkeypatch):
    monkeypatch.setattr("sim.cli.Terminal", Interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert main(["run", "street.toml"]) == 130
    assert capsys.readouterr().err.endswith("Stopped by Ctrl-C; nothing was written.\n")
    assert main(["compare", "street.toml", "basic"]) == 130
    assert made(street) == [] and signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_keeps_the_months_done_where_out_says_and_they_repeat(street, capsys, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("sim.cli.Terminal", Interrupted)
        assert main(["run", "street.toml", "--out", "kept"]) == 130
    assert "kept: kept (the 2 months that were done)" in capsys.readouterr().err
    told = json.loads((street / "kept" / "run.json").read_text(encoding="utf-8"))
    assert main(["run", "kept", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["state_hash"] == told["state_hash"] and "Note" not in err


def test_ctrl_c_ends_a_process_with_130_and_no_traceback(street):
    code = (
        "import signal, sys\nfrom contextlib import nullcontext\nimport sim.terminal, sim.cli\n"
        "def press(done, total, *_):\n    signal.raise_signal(signal.SIGINT)\n"
        "sim.terminal.Terminal.progress = lambda *_: nullcontext(press)\nsys.exit(sim.cli.main())"
    )
    line = [sys.executable, "-c", code, "run", "street.toml", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "Stopped by Ctrl-C; nothing was written.\n"


class Screen(io.StringIO):
    """A terminal in memory."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_bold_heads_and_a_bar(monkeypatch):
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    out, err = Screen(), Screen()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["run", "street.toml"]) == 0
    assert "\x1b[1m" in out.getvalue() and "───" in out.getvalue()
    assert "month 14 of 14" in err.getvalue() and "Saving" not in err.getvalue()
    assert main(["run", "street.toml", "--out", "kept"]) == 0
    assert "Saving" in err.getvalue()


def test_quiet_shows_no_bar(monkeypatch):
    err = Screen()
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["run", "street.toml", "--quiet"]) == 0
    assert err.getvalue() == ""
