"""The announced first compile: one month of a tiny market, so that everything that a run needs is in the cache.

It happens in processes of its own: Ctrl-C inside the compiler is lost, and here it only ends the wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim import compiled

if TYPE_CHECKING:
    from sim.terminal import Report, Terminal

ANNOUNCED = "Preparing the market for this computer, once, about 50 s"

CUSTOMERS = 200

SHARES = (
    ("decide", "buy", "relate", "account"),
    ("advertise", "contact", "serve", "talk", "leave"),
)
"""Stages that take about equally long to compile, each share by a process of its own: two cores, half the time."""


def is_prepared() -> bool:
    """Whether the loops of these sources are compiled; also where no cache can be kept."""
    return compiled.CACHE is None or mark().exists()


def mark() -> Path:
    """File in the cache folder that says: everything is there, for the sources where they stand, and for this processor.

    Numba keeps compiled code by the path and the time of the file that it is made of: another checkout, a renamed
    folder or a new installation of the same sources is compiled again. So is everything for another processor, which
    may see the same folder on a server's disk, and for another Numba.
    """
    root = Path(__file__).resolve().parent
    files = [
        file for name in compiled.SOURCES for file in sorted((root / name).glob("*.py")) or [root / name]
    ]
    stamps = [(str(file), file.stat().st_mtime_ns) for file in files]
    digest = hashlib.sha256(repr((stamps, compiler())).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return compiled.CACHE / f"prepared-{digest}"  # type: ignore[operator]


def compiler() -> tuple[str, ...]:
    """What Numba keeps compiled code by: its own version, LLVM's, the processor and what that can do; nothing without it."""
    if compiled.WHY_PLAIN:
        return ()
    import llvmlite
    import numba
    from llvmlite import binding

    config = numba.config
    name = config.CPU_NAME or binding.get_host_cpu_name()
    features = config.CPU_FEATURES or binding.get_host_cpu_features().flatten()
    return numba.__version__, llvmlite.__version__, name, features


def prepare(terminal: Terminal) -> None:
    """Compile what a run needs, announced; says and does nothing where that is done."""
    if is_prepared():
        return
    terminal.note(f"{ANNOUNCED}.")
    with terminal.progress("Compiling", "part") as report:
        if not _by_children(report):
            for share in SHARES:
                compile_stages(share)
    with contextlib.suppress(OSError):  # then it is announced again, and takes no time
        mark().touch()


def compile_stages(names: tuple[str, ...], report: Callable[[str], None] | None = None) -> None:
    """Run stages of one month of a tiny market, in their order; `report` hears of each that is done."""
    from sim.behaviours import STAGES
    from sim.market import Market

    market = Market("plain", months=1, change={"market.customers": CUSTOMERS})
    market.draws.begin(0)
    market.open_month()
    for stage in STAGES:
        if stage.name in names:
            market._stage = stage.name
            market.swaps.run(stage, market)
            if report:
                report(stage.name)


# ---------------------------------------------------------------- processes of their own


def _by_children(report: Report | None) -> bool:
    """Have other processes compile, a share of the stages each; whether they did."""
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    children: list[subprocess.Popen[str]] = []
    try:
        for share in range(len(SHARES)):
            words = [sys.executable, "-P", "-c", f"from sim.prepare import child; child({share})"]
            children.append(
                subprocess.Popen(
                    words,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
        _listen(children, report)
        codes = [process.wait() for process in children]
        return not any(codes)
    except OSError:
        return False
    finally:
        for process in children:
            process.kill()
            process.wait()


def _listen(children: list[subprocess.Popen[str]], report: Report | None) -> None:
    """Pass on what the children say, until the last of them is silent."""
    said: queue.Queue[str] = queue.Queue()

    def hear(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                said.put(line.strip())
        said.put("")

    for process in children:
        threading.Thread(target=hear, args=(process,), daemon=True).start()
    done, silent, total = 0, 0, sum(map(len, SHARES))
    while silent < len(children):
        line = said.get()
        silent += not line
        done += bool(line)
        if report and line:
            report(done, total, line)


def child(share: int) -> None:
    """Compile a share of the stages, and tell the parent of each; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compile_stages(SHARES[share], lambda name: print(name, flush=True))
