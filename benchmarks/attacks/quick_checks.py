"""The quick checks that a mutant of the engine must not pass: laws, equations, golden numbers.

Run as ``quick_checks.py GOLDEN`` in a copy of the tree: for each line read, a name for the compile cache, checks the
tree as it is then, and prints which check fails and what it says (two empty texts if all pass). Each check is a
fork of this process, which has imported all but the engine: so that a mutant costs a few seconds. Where the
file GOLDEN is not there yet, it is written.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

MONTHS = 6
CUSTOMERS = 40
SECONDS = 300  # of one check


def worlds() -> dict[str, Any]:
    """Two tiny markets in which every mechanism works, run as plain Python."""
    from attacks.world import put, world
    from sim.market import Market
    from sim.scenario import Scenario
    from sim.scenario.validation import validate

    made = {}
    for setting in ("free", "contract"):
        tables = put(put(world(), ("market", "setting"), setting), ("market", "customers"), CUSTOMERS)
        made[setting] = Market(Scenario("tiny", validate(tables)), seed=3, months=MONTHS, plain=True)
    return made


def laws() -> tuple[str, dict[str, list[str]]]:
    """The first law that is broken ("" if none), and the state hashes of the months by world."""
    from attacks.invariants import Watch

    hashes: dict[str, list[str]] = {}
    for name, market in worlds().items():
        watch = Watch(market)
        hashes[name] = [market.state_hash]
        for _ in range(MONTHS):
            market.step()
            if wrong := watch.after_month():
                return f"{name}, month {market.month}: {wrong[0]}", hashes
            hashes[name].append(
                market.state_hash + str([market.metrics[one][-1].tolist() for one in market.metrics])
            )
    return "", hashes


def equations() -> str:
    """The first test of the equations that fails; "" if none does."""
    import pytest

    files = [str(Path("tests") / name) for name in ("test_equations.py",)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        failed = pytest.main(
            ["-x", "-q", "--no-header", "--noconftest", "-p", "no:cacheprovider", "--tb=line", *files]
        )
    lines = [line for line in said.getvalue().splitlines() if line.startswith("FAILED") or "Error" in line]
    return (lines[-1] if lines else "a test fails") if failed else ""


def check(golden: Path) -> tuple[str, str]:
    """The check that fails and what it says, or ("", "")."""
    try:
        said, hashes = laws()
    except Exception as error:
        return "laws", f"the run ends with {error!r}"[:200]
    if said:
        return "laws", said
    if said := equations():
        return "equations", said[:200]
    if not golden.exists():
        golden.write_text(json.dumps(hashes), encoding="utf-8")
    before = json.loads(golden.read_text(encoding="utf-8"))
    for name, months in before.items():
        for month, (old, new) in enumerate(zip(months, hashes[name], strict=True)):
            if old != new:
                return "golden", f"{name}: the state of month {month} is another"
    return "", ""


def serve(golden: Path) -> None:
    """Check the tree each time that a line is read; each time in a process of its own."""
    for name in ("mesa", "numba", "pandas", "pydantic", "pytest"):  # imported once, for all
        importlib.import_module(name)
    for line in sys.stdin:
        os.environ["MUTANT_CACHE"] = line.strip()
        sys.stdout.flush()
        if (child := os.fork()) == 0:
            signal.alarm(SECONDS)
            print(json.dumps(check(golden)), flush=True)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            print(json.dumps(("laws", "the run does not end, or ends the process")), flush=True)


if __name__ == "__main__":
    sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "benchmarks"), str(Path.cwd() / "tests")]
    warnings.simplefilter("ignore")
    serve(Path(sys.argv[1]))
