"""Checks that need a checkout: scripts of `benchmarks/`, each run by a process of its own.

A script prints one JSON object with `--json`; its key `bars` lists figures as `Figure.plain` has them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sim.verify.figures import Check, Figure, Say

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run_script(
    name: str, quick: Sequence[str], complete: Sequence[str], full: bool, say: Say
) -> list[Figure]:
    """The figures of a script; without a checkout one that could not be measured."""
    file = BENCHMARKS / name
    if not file.is_file():
        return [Figure(f"benchmarks/{name}", "needs a checkout: it is not part of the package", "", None)]
    words = [str(file), *(complete if full else quick), "--json"]
    say(f"benchmarks/{name}")
    done = subprocess.run([sys.executable, *words], capture_output=True, encoding="utf-8", check=False)
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
        what = "seeded faults of the engine that the quick checks catch"
        return [Figure(what, figure, "at least 95 %", said["share"] >= 0.95)]
    return [
        Figure(f"{attack}: {row['what']}", row["figure"], row["bar"], row["met"])
        for attack, rows in said.items()
        for row in rows
    ]


def script(
    name: str, about: str, file: str, quick: int, full: int, *words: str, complete: Sequence[str] = ()
) -> Check:
    """A check that is a script, with the words of its quick run and of its complete one, and their seconds."""
    return Check(name, about, partial(run_script, file, words, complete), quick, full)


SCRIPTS = (
    script("golden", "the stored numbers of all scenarios, to the bit", "golden.py", 15, 15, "check", complete=("check",)),
    script("pythons", "the newest Python on this computer gives the same bits", "pythons.py", 120, 120),
    script("speed", "how fast the market is, and what it takes", "market.py", 60, 420, "--quick"),
    script("hostile", "hostile scenario files, numbers, names and rules", "hostile.py", 60, 600, "--size", "0.02"),
    script("mutants", "seeded faults of the engine are caught", "mutants.py", 60, 600, "--size", "8"),
)  # fmt: skip
"""The scripts of a checkout."""
