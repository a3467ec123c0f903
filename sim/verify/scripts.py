"""Checks that need a checkout: scripts of `benchmarks/`, each run by a process of its own.

A script prints one JSON object with `--json`; its key `bars` lists figures as `Figure.plain` has them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.extras import cure
from sim.verify.figures import Check, Figure, Say

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

OF_SYSTEMS = ("fork", "resource")
"""What Windows has not: a second process that goes on from here, and the module that tells what a process took."""


def lacking(needs: Sequence[str]) -> str:
    """What is not here of what a script needs, and the cure; "" where all is here."""
    for name in needs:
        if not (hasattr(os, "fork") if name == "fork" else find_spec(name)):
            if name in OF_SYSTEMS:
                return f"needs a system that has {name!r}, such as Linux or macOS"
            if name == "numba":
                return "needs Numba, which is not here: the market runs in plain Python"
            return f"needs the package {name}: {cure('dev')}"
    return ""


def run_script(
    name: str, quick: Sequence[str], complete: Sequence[str], needs: Sequence[str], full: bool, say: Say
) -> list[Figure]:
    """The figures of a script; without a checkout, or what it needs, one that could not be measured."""
    file = BENCHMARKS / name
    said = lacking(needs) if file.is_file() else "needs a checkout: it is not part of the package"
    if said:
        return [Figure(f"benchmarks/{name}", said, "it runs", None)]
    words = [str(file), *(complete if full else quick), "--json"]
    say(f"benchmarks/{name}")
    done = subprocess.run(
        [sys.executable, *words],
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    try:
        return figures_of(json.loads(done.stdout[done.stdout.index("{") :]))
    except (ValueError, KeyError, TypeError):
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        return [
            Figure(f"benchmarks/{name}", f"failed (exit status {done.returncode}): {said}", "it runs", False)
        ]


def figures_of(said: dict[str, Any]) -> list[Figure]:
    """The figures of a script's object: its bars, rows by attack, or what a hunt for seeded faults tells."""
    if "bars" in said:
        return [Figure(**bar) for bar in said["bars"]]
    if "mutants" in said:
        figure = f"{said['caught']} of {said['mutants']} ({100 * said['share']:.0f} %)"
        what = "seeded faults of engine, mechanisms and class that checks catch"
        return [Figure(what, figure, "at least 95 %", said["share"] >= 0.95)]
    return [
        Figure(f"{attack}: {row['what']}", row["figure"], row["bar"], row["met"])
        for attack, rows in said.items()
        for row in rows
    ]


def script(
    name: str, about: str, file: str, quick: int, full: int, *words: str,
    complete: Sequence[str] = (), needs: Sequence[str] = (),
) -> Check:  # fmt: skip
    """A check that is a script: its quick run's words, its complete one's, their seconds, what it needs beside the core."""
    return Check(name, about, partial(run_script, file, words, complete, needs), quick, full)


SCRIPTS = (
    script("golden", "the stored numbers of all scenarios, to the bit", "golden.py", 15, 15, "check", complete=("check",)),
    script("pythons", "the newest Python on this computer gives the same bits", "pythons.py", 120, 120, needs=("uv",)),
    script("speed", "how fast the market is, and what it takes", "market.py", 60, 420, "--quick", needs=("resource", "numba")),
    script("hostile", "hostile scenario files, numbers, names and rules", "hostile.py", 60, 600, "--size", "0.02", needs=("hypothesis",)),
    script("mutants", "seeded faults of engine, mechanisms and class are caught", "mutants.py", 90, 900, "--size", "8", needs=("fork", "numba", "pytest")),
)  # fmt: skip
"""The scripts of a checkout."""
