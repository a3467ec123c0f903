"""A process held within time and memory, with all that it starts; killed when it goes beyond."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = 120.0
"""A notebook's time."""

MEMORY = 2**30
"""A notebook's memory, bytes: of its process and all that it starts."""

LOOK = 0.1
"""Seconds between two looks."""

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
    began, most, killed = time.monotonic(), 0, ""
    with subprocess.Popen(words, cwd=folder, env=env, **options) as child:
        try:
            watched = psutil.Process(child.pid)
            while not killed:
                try:
                    child.wait(LOOK)
                    break
                except subprocess.TimeoutExpired:
                    most = max(most, memory_of(watched))
                if most > memory:
                    killed = f"it used more than {memory / 2**30:g} GB of memory, and was stopped"
                elif time.monotonic() - began > seconds:
                    killed = f"it ran for more than {seconds:g} seconds, and was stopped"
        except psutil.NoSuchProcess:
            child.wait()
        finally:
            end_all(child)
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


def end_all(child: subprocess.Popen[Any]) -> None:
    """End a process of ours and all that it started and that can still be found."""
    import psutil

    try:
        started = psutil.Process(child.pid).children(recursive=True)
    except psutil.Error:
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
