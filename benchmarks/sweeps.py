"""What a sweep costs: how much of the cores it uses, and what the store takes.

    python3 benchmarks/sweeps.py               20 runs of about one second, on two cores; about a minute
    python3 benchmarks/sweeps.py --runs 60     more
    python3 benchmarks/sweeps.py --customers 150000   of large markets, which wait for the memory that both cores share
    python3 benchmarks/sweeps.py --json        one JSON object, for scripts

A run is the market `plain`, with 20,000 customers as most shipped scenarios have, for as many months as take about a second
here. Printed are: the runs one after the other in
this process over the same runs by two processes (bar: 1.8), both without the start of Python, which is printed by itself; the
time that two processes spent on runs over the time that they were there; and the time that a finished run takes to be
written, with its checksums and to the disk, over the time of the run (bar: 3 %). It should be the only program that runs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [path for path in (str(ROOT),) if path not in sys.path]

from sim.experiments import Here, Local, Specification, Store, run_all, specify  # noqa: E402
from sim.experiments.forecast import seconds_a_run  # noqa: E402

BARS = {"speed_up": 1.8, "store_share": 0.03}
CORES = 2
MOST = 600
"""Months of the longest run."""


def runs_of(count: int, seconds: float, customers: int) -> list[Specification]:
    """Runs of about so many seconds each."""
    change, months = {"market.customers": customers}, 24
    for _ in range(2):
        taken = seconds_a_run([specify("plain", months=months, change=change)])
        months = max(6, min(MOST, round(months * seconds / taken)))
    return [specify("plain", months=months, seed=seed, change=change) for seed in range(1, count + 1)]


class TimedStore(Store):
    """A store that knows how long its writing took."""

    spent = 0.0

    def write(self, *args: Any) -> None:
        begun = time.perf_counter()
        super().write(*args)
        self.spent += time.perf_counter() - begun


def measure(count: int, seconds: float, customers: int, place: Path) -> dict[str, Any]:
    """The figures."""
    runs = runs_of(count, seconds, customers)
    begun = time.perf_counter()
    alone = [outcome.seconds for outcome in run_all(runs, executor=Here())]
    one_by_one = time.perf_counter() - begun
    store = TimedStore(place / "kept")
    with Local(CORES) as pool:
        begun = time.perf_counter()
        # so that both processes have started and loaded their loops
        list(
            run_all(
                [specify("plain", months=2, seed=seed) for seed in range(1, 2 * CORES + 1)], executor=pool
            )
        )
        start, begun = time.perf_counter() - begun, time.perf_counter()
        together = [outcome.seconds for outcome in run_all(runs, executor=pool, store=store)]
        wall = time.perf_counter() - begun
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {
        "runs": count, "customers": customers, "months": runs[0].scenario.market.months, "seconds_a_run": sum(alone) / count,
        "start_seconds": start, "speed_up": one_by_one / wall, "busy_of_two": sum(together) / wall,
        "store_milliseconds_a_run": 1e3 * store.spent / count, "store_share": store.spent / sum(alone), "load": load,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a run")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = measure(args.runs, args.seconds, args.customers, Path(place))
    if args.json:
        print(json.dumps({**found, "bars": BARS}, indent=1))
    else:
        print(
            f"{found['runs']} runs of {found['seconds_a_run']:.2f} s, {found['customers']:,} customers, {found['months']} months, load {found['load']:.1f}"
        )
        print(f"two processes over one: {found['speed_up']:.2f} (bar {BARS['speed_up']}); busy {found['busy_of_two']:.2f} of 2; "
              f"start {found['start_seconds']:.1f} s")  # fmt: skip
        print(
            f"store: {found['store_milliseconds_a_run']:.1f} ms a run, {found['store_share']:.2%} (bar {BARS['store_share']:.0%})"
        )
    return int(found["speed_up"] < BARS["speed_up"] or found["store_share"] > BARS["store_share"])


if __name__ == "__main__":
    sys.exit(main())
