"""A process held within time and memory, with all that it starts; killed when it goes beyond."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = 120.0
"""A notebook's time."""

MEMORY = 2**30
"""A notebook's memory, bytes: of its process and all that it starts."""

LOOK = 0.1
"""Seconds between two looks."""

SUBREAPER = 36
"""Linux's word PR_SET_CHILD_SUBREAPER: prctl(2)."""

ROUNDS = 10
"""Times that orphans are looked for."""

NO_NETWORK = "(version 1)(allow default)(deny network*)"
"""What macOS is told."""


class Ended(NamedTuple):
    """How a process ended: seconds, most memory seen (bytes), its exit status, why it was killed ("" if it was not)."""

    seconds: float
    memory: int
    status: int
    killed: str


def held(words: Sequence[str], folder: Path, env: Mapping[str, str], seconds: float, memory: int) -> Ended:
    """Run a command in a folder until it ends, or until it goes beyond its time or memory."""
    import psutil

    words, env = list(words), dict(env)
    if sys.platform == "darwin" and shutil.which("sandbox-exec"):
        words, env["TENFOLD_NO_NETWORK"] = ["sandbox-exec", "-p", NO_NETWORK, *words], "1"
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    options |= dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    adopt_orphans()
    ours = {one.pid for one in children_of(psutil.Process())}
    began, most, killed = time.monotonic(), 0, ""
    with subprocess.Popen(words, cwd=folder, env=env, **options) as child:
        try:
            watched = psutil.Process(child.pid)
            while not killed:
                try:
                    child.wait(LOOK)
                    break
                except subprocess.TimeoutExpired:
                    most = max(most, memory_of(watched))  # what has left it is ended with it, and not counted
                if most > memory:
                    killed = f"it used more than {memory / 2**30:g} GB of memory, and was stopped"
                elif time.monotonic() - began > seconds:
                    killed = f"it ran for more than {seconds:g} seconds, and was stopped"
        except psutil.NoSuchProcess:
            child.wait()
        finally:
            end_all(child)
            end_orphans(ours)
    return Ended(time.monotonic() - began, most, child.returncode, killed)


def memory_of(process: Any) -> int:
    """Bytes that a process and all that it started use; 0 where they are gone."""
    import psutil

    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            try:
                total += one.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        return total
    return total


def adopt_orphans() -> None:
    """Where the system can (Linux), what a child of this process started and left alone becomes a child of this process."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def children_of(process: Any) -> list[Any]:
    """All that a process started, and what that started; none where it is gone."""
    import psutil

    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def end_orphans(ours: Set[int]) -> None:
    """End what this process has adopted: all below it but those, by number, that it had before."""
    import psutil

    for _round in range(ROUNDS):  # one that starts another while it is ended leaves that to the next round
        adopted = [one for one in children_of(psutil.Process()) if one.pid not in ours]
        if not adopted:
            return
        for one in adopted:
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(adopted, timeout=1.0)


def end_all(child: subprocess.Popen[Any]) -> None:
    """End a process of ours and all that it started and that can still be found."""
    import psutil

    try:
        started = children_of(psutil.Process(child.pid))
    except psutil.NoSuchProcess:
        started = []
    if os.name == "posix":
        import signal

        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    for one in started:
        try:
            one.kill()
        except psutil.Error:
            continue
    if child.poll() is None:
        child.kill()
    child.wait()
