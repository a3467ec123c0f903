"""What the process of one notebook does: give up the network, take its limits, run the cells from top to bottom.

Started as a script, with the standard library only until the limits hold: `python runner.py NOTEBOOK OUTCOME BYTES`. A cell
that fails is noted, and the next one is run.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Linux's words for namespaces of one's own: clone(2)."""

FILES = 200 * 2**20
"""Bytes of the largest file that may be written."""


def without_network() -> bool:
    """Give up the network where the system lets a plain user do so (Linux); whether it is gone."""
    if not sys.platform.startswith("linux"):
        return bool(os.environ.get("TENFOLD_NO_NETWORK"))  # the parent saw to it
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK) == 0
    return False


def take_limits(memory: int) -> None:
    """Where the system has limits for a process, take them; elsewhere the parent watches."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def run(notebook: Path, outcome: Path, memory: int) -> None:
    """Run the cells; `outcome` gets a line of JSON at the beginning, and one for each cell that fails."""
    network = not without_network()
    take_limits(memory)
    _write(outcome, {"network": network})
    cells = json.loads(notebook.read_text(encoding="utf-8-sig"))
    cells = cells["cells"] if "cells" in cells else cells["worksheets"][0]["cells"]
    execute = _executor()
    for place, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        source = "".join(source) if isinstance(source, list) else source
        try:
            execute(source)
        except MemoryError:
            _write(outcome, {"cell": place, "error": "it needs more memory than 1 GB"})
        except KeyboardInterrupt:
            _write(outcome, {"cell": place, "error": "KeyboardInterrupt"})
        except BaseException as error:
            text = f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
            _write(outcome, {"cell": place, "error": text})
    _write(outcome, {"done": True})


def _executor():
    """What runs a cell: IPython, which knows `%matplotlib` and `!ls`, or plain Python where there is none."""
    try:
        from IPython.core.history import HistoryManager
        from IPython.core.interactiveshell import InteractiveShell
    except ImportError:
        names = {"__name__": "__main__"}
        return lambda source: exec(compile(source, "<cell>", "exec"), names)
    setattr(HistoryManager, "enabled", False)  # noqa: B010  (a traitlet, for mypy)
    shell = InteractiveShell.instance()
    for name in ("showtraceback", "showsyntaxerror"):  # nobody reads them
        setattr(shell, name, lambda *_, **__: None)
    for name in ("enable_gui", "enable_matplotlib"):  # nobody looks: pictures are drawn, and shown nowhere
        setattr(shell, name, lambda *_, **__: ("agg", "agg"))

    def execute(source: str) -> None:
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise error

    return execute


def _write(outcome: Path, said: Mapping[str, object]) -> None:
    with outcome.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
