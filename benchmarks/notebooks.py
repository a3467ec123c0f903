"""What each notebook takes when it is run from top to bottom: time, and the most memory of its kernel with all that it starts.

    python3 benchmarks/notebooks.py [NAME ...]

All notebooks and lessons unless some are named. It runs those of the Tenfold that this Python imports, each in an empty folder
with the data that comes with it: in an environment that holds nothing but the wheel, what a hosted notebook would take.
Needs psutil and nbclient with ipykernel; the lessons also jupytext. Memory: resident, the sum over the processes, seen every 20 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

AIMED_AT = 2 * 2**30
"""Bytes of a hosted notebook."""

EVERY = 0.02
"""Seconds between two looks."""


class Looked:
    """The most memory that the processes below this one used at a time, and the processor's seconds of the kernel."""

    def __init__(self) -> None:
        self.memory = 0
        self.seconds = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Looked:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(EVERY):
            memory = seconds = 0.0
            for one in own.children(recursive=True):
                try:
                    memory += one.memory_info().rss
                    times = one.cpu_times()
                except psutil.Error:
                    continue
                seconds += times.user + times.system
                if one.ppid() == own.pid:  # what has ended by now is told by who waited for it
                    seconds += times.children_user + times.children_system
            self.memory, self.seconds = max(self.memory, int(memory)), max(self.seconds, seconds)


def shipped() -> dict[str, bytes]:
    """All notebooks and data, by path; without jupytext the lessons are left out."""
    from sim.commands import teach
    from sim.scenario.loading import shipped_folder

    try:
        return teach.shipped()
    except ValueError as error:
        print(f"No lessons: {error}")
    folder = shipped_folder("notebooks")
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}


def run(data: bytes, beside: dict[str, bytes]) -> tuple[float, Looked]:
    """Seconds by the clock, and what was seen."""
    notebook: Any = nbformat.reads(data.decode("utf-8"), as_version=4)
    with tempfile.TemporaryDirectory() as name, Looked() as looked:
        for file, content in beside.items():
            (Path(name) / file).write_bytes(content)
        began = time.perf_counter()
        where = {"metadata": {"path": name}}
        NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
        return time.perf_counter() - began, looked


def main(names: list[str]) -> int:
    """Run and print; 1 where one needs more than it may."""
    import sim

    files = shipped()
    beside = {name: data for name, data in files.items() if not name.endswith(".ipynb")}
    notebooks = {Path(name).stem: data for name, data in files.items() if name.endswith(".ipynb")}
    if unknown := set(names) - set(notebooks):
        print(f"no notebook {', '.join(sorted(unknown))}; there are {', '.join(notebooks)}", file=sys.stderr)
        return 2
    print(f"Tenfold of {Path(sim.__file__).parent}, {os.cpu_count()} cores")
    most = 0
    for name in names or notebooks:
        seconds, looked = run(notebooks[name], beside)
        most = max(most, looked.memory)
        print(
            f"{name:24} {seconds:6.1f} s, {looked.seconds:6.1f} s of processor, {looked.memory / 2**20:6.0f} MB",
            flush=True,
        )
    print(f"the most: {most / 2**20:.0f} MB of {AIMED_AT / 2**20:.0f}")
    return int(most > AIMED_AT)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
