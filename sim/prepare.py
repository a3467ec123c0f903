"""The announced first compile: one month of a tiny market, so that everything that a run needs is in the cache.

It happens in a process of its own: Ctrl-C inside the compiler is lost, and here it only ends the wait.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import compiled

if TYPE_CHECKING:
    from sim.terminal import Report, Terminal

ANNOUNCED = "Preparing the market for this computer, once, about 20 s"

MARK = "prepared"
"""File in the cache folder that says: everything is there."""

CUSTOMERS = 200


def is_prepared() -> bool:
    """Whether the loops of these sources are compiled; also where no cache can be kept."""
    return compiled.CACHE is None or (compiled.CACHE / MARK).exists()


def prepare(terminal: Terminal) -> None:
    """Compile what a run needs, announced; says and does nothing where that is done."""
    if is_prepared():
        return
    terminal.note(f"{ANNOUNCED}.")
    with terminal.progress("customers", "part") as report:
        if not _by_child(report):
            compile_all(report)
    with contextlib.suppress(OSError):  # then it is announced again, and takes no time
        (compiled.CACHE / MARK).touch()  # type: ignore[operator]


def compile_all(report: Report | None = None) -> None:
    """Run a month of a tiny market, stage by stage; `report` hears of parts done, of all, and of what comes next."""
    from sim.behaviours import STAGES
    from sim.market import Market

    parts = ["customers", *(stage.name for stage in STAGES), ""]
    done = -1

    def advance() -> None:
        nonlocal done
        done += 1
        if report:
            report(done, len(parts) - 1, parts[done])

    advance()
    market = Market("plain", months=1, change={"market.customers": CUSTOMERS})
    advance()
    stage = market.swaps.run

    def run(which: Any, where: Any) -> None:
        stage(which, where)
        advance()

    market.swaps.run = run  # type: ignore[method-assign, assignment]
    market.step()


# ---------------------------------------------------------------- the process of its own


def _by_child(report: Report | None, code: str = "from sim.prepare import child; child()") -> bool:
    """Have another process compile; whether it did."""
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    words = [sys.executable, "-c", code]
    try:
        process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except OSError:
        return False
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                done, total, part = line.rstrip("\n").split(" ", 2)
                if report:
                    report(int(done), int(total), part)
            return process.wait() == 0
        finally:
            process.kill()


def child() -> None:
    """Compile, and tell the parent of each part; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compile_all(lambda done, total, part: print(done, total, part, flush=True))
