"""What measuring costs: the share of a run that the monthly metrics take, beside its bar.

    python3 benchmarks/measures.py                 100,000 customers
    python3 benchmarks/measures.py --customers 20000
    python3 benchmarks/measures.py --json          one JSON object, for scripts

Two markets of the scenario `plain` take turns, month by month, on one thread: one as it is, one whose metrics, the
pass that counts for them and the census are left out. The figure compares the CPU time of the cheapest month of each,
because what else runs on the computer makes months dearer, never cheaper.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import clock
import numpy as np

from sim.market import Market
from sim.metrics import METRICS
from sim.terminal import Terminal
from sim.verify.figures import Figure, at_most, only

MONTHS, BURN_IN = 24, 14
"""Months that are measured, after those in which windows of a year fill up."""


def unmeasured(market: Market) -> Market:
    """The market without what only metrics need: it counts heads, because `View` shows discounts, and no more."""

    def heads_only(columns: Any) -> None:
        n = len(market.firms)
        market.heads.append(np.ones(n, dtype=np.int64))
        market.means = {name: np.zeros(n) for name in ("satisfaction", "loyalty", "trust", "discount")}

    market.measure = heads_only  # type: ignore[method-assign]
    market.census.take = lambda where: None  # type: ignore[method-assign]
    return market


def month(market: Market, metrics: bool) -> float:
    """CPU seconds of the next month, with or without asking the metrics."""
    import sim.market

    asked = sim.market.METRICS
    sim.market.METRICS = METRICS if metrics else {}  # type: ignore[assignment]
    try:
        began = time.process_time()
        market.step()
        return time.process_time() - began
    finally:
        sim.market.METRICS = asked


def measure(customers: int, months: int = MONTHS) -> dict[str, Any]:
    """What the cheapest month costs with all metrics, over what it costs without, less 1."""
    clock.market_of(200).step()  # compiled or loaded before anything is timed
    whole, bare = clock.market_of(customers), unmeasured(clock.market_of(customers))
    pairs = []
    with Terminal().progress("Measuring", "month") as report:
        for t in range(BURN_IN + months):
            pairs.append((month(whole, True), month(bare, False)))
            if report:
                report(t + 1, BURN_IN + months)
    if whole.state_hash != bare.state_hash:
        raise RuntimeError("measuring changed the world: the two markets differ")
    with_all, without = np.array(pairs[BURN_IN:]).T
    return {
        "customers": customers,
        "months": months,
        "metrics": len(METRICS),
        "ns_with": float(with_all.min()) * 1e9 / customers,
        "ns_without": float(without.min()) * 1e9 / customers,
        "share": float(with_all.min() / without.min()) - 1.0,
        "share_of_median_months": float(np.median(with_all / without)) - 1.0,
    }


def figures(found: dict[str, Any]) -> list[Figure]:
    """The figure beside its bar."""
    what = f"what {found['metrics']} monthly metrics add to a run, {found['customers']:,} customers"
    return [
        at_most(what, 100.0 * found["share"], 15, "%", 1),
        only(
            "the same, the median month instead of the cheapest",
            100.0 * found["share_of_median_months"],
            "%",
            1,
        ),
        only("CPU a customer-month with all metrics, one thread", found["ns_with"], "ns"),
        only("CPU a customer-month without", found["ns_without"], "ns"),
    ]


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit status 1 where the bar is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=100_000, metavar="N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    found = measure(given.customers)
    bars = figures(found)
    if given.json:
        print(json.dumps(found | {"bars": [each.plain() for each in bars]}, indent=1))
    else:
        for each in bars:
            met = "" if not each.bar else "  met" if each.met else "  NOT MET"
            print(f"{each.says}: {each.figure}{f' ({each.bar}){met}' if each.bar else ''}")
    return 0 if all(each.met for each in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
