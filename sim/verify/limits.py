"""Memory: the estimate beside the measured peak, and a market that does not fit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sim.verify.bits import elsewhere
from sim.verify.figures import Figure, Say, at_most

MONTHS = 3


def peak_memory() -> int:
    """The most memory that this process has held so far, in bytes; Linux's own figure is also its parent's."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(
    customers: int, months: int = MONTHS, scenario: str = "plain", network: str = "watts_strogatz"
) -> dict[str, Any]:
    """What a market takes at its peak in a process of its own, beside the estimate: bytes, and bytes before it."""
    said = elsewhere(
        f"from sim.verify.limits import child; child({scenario!r}, {customers}, {months}, {network!r})"
    )
    return json.loads(said)  # type: ignore[no-any-return]


def child(scenario: str, customers: int, months: int, network: str) -> None:
    """Run a market, and print how the peak grew; a tiny one comes first, so that the program itself is not counted."""
    from sim.market import Market
    from sim.memory import estimate

    Market(scenario, months=1, change={"market.customers": 200, "talk.network": network}).step()
    before = peak_memory()
    market = Market(scenario, months=months, change={"market.customers": customers, "talk.network": network})
    market.run_model()
    need = estimate(market.tables, months, edges_file=market.scenario.edges_file)
    print(json.dumps({"peak": peak_memory() - before, "estimate": need.peak, "before": before}))


def refused_within(limit: int, customers: int) -> str:
    """What a process whose address space has a limit says to a market of so many customers; "" if nothing."""
    code = (
        "import resource, sys\n"
        "from sim.market import Market\n"
        "from sim.memory import NotEnoughMemory\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))\n"
        "try:\n"
        f"    Market('plain', change={{'market.customers': {customers}}})\n"
        "except NotEnoughMemory as error:\n"
        "    print(error)\n"
    )
    return elsewhere(code)


def check_memory(full: bool, say: Say) -> list[Figure]:
    """The estimate against the peak at several sizes, and a refusal in a sentence."""
    if sys.platform == "win32":
        return [Figure("memory", "this system does not tell a process's peak", "within 10 %", None)]
    found = []
    for customers in (100_000, 1_000_000, 10_000_000) if full else (100_000,):
        say(f"{customers:,} customers")
        got = measure(customers)
        miss = 100.0 * abs(got["estimate"] / got["peak"] - 1.0)
        what = f"memory at {customers:,} customers: estimate {got['estimate'] / 1e6:,.0f} MB, peak {got['peak'] / 1e6:,.0f} MB, apart by"
        found.append(at_most(what, miss, 10, "%", 1))
    if sys.platform == "linux":
        say("a market that does not fit")
        try:
            said = refused_within(6 * 2**30, 50_000_000)
        except RuntimeError as error:
            said = f"not refused: {error}"
        one = "ulimit" in said and "at most" in said and len(said.splitlines()) == 1
        found.append(
            Figure("50,000,000 customers within 6 GB", said or "not refused", "refused in a sentence", one)
        )
    return found
