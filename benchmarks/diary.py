"""What the diary costs: ten followed customers among many, and a run that is repeated to tell a life.

    python3 benchmarks/diary.py                    100,000 customers, 36 months
    python3 benchmarks/diary.py --customers 10000  another size
    python3 benchmarks/diary.py --json             one JSON object, for scripts

Printed are the CPU time that the diary took, as a share of the months it was on (bar: 1 %), and the CPU time of the
repetition with the diary on over that of the first run (bar: 1.2 times), the median of three pairs that take turns;
further, whether both ended in the same state, to the bit.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [path for path in (str(ROOT),) if path not in sys.path]

import sim  # noqa: E402
from sim.diary import Diary, followed  # noqa: E402

BARS = {"diary_share": 0.01, "repeated_over_first": 1.2}
FOLLOWED = 10


class TimedDiary(Diary):
    """A diary that knows how long it took."""

    spent = 0.0

    def see(self, stage: str) -> None:
        began = time.process_time()
        super().see(stage)
        TimedDiary.spent += time.process_time() - began

    def listening(self, heard_by_others: Any, spread: Any) -> Any:
        def through(*args: Any) -> Any:
            nonlocal inner
            began = time.process_time()
            result = heard_by_others(*args)
            inner = time.process_time() - began
            return result

        inner = 0.0
        heard = super().listening(through, spread)

        def timed(*args: Any) -> Any:
            began = time.process_time()
            result = heard(*args)
            TimedDiary.spent += time.process_time() - began - inner
            return result

        return timed


def measure(customers: int, months: int) -> dict[str, Any]:
    """Both figures at one size."""
    change = {"market.customers": customers}
    ids = [(2 * k + 1) * customers // (2 * FOLLOWED) for k in range(FOLLOWED)]
    sim.run("plain", months=2, change=change)  # everything compiled, loaded and touched
    TimedDiary.spent = 0.0
    market = sim.Market("plain", months=months, change=change, threads=1)  # the clock is of all threads
    market.diaries.append(TimedDiary(market, followed(ids, customers)))
    began = time.process_time()
    market.run_model()
    whole = time.process_time() - began
    ratios, same = [], True
    for _ in range(3):
        began = time.process_time()
        first = sim.run("plain", months=months, change=change)
        plain = time.process_time() - began
        first.market.state_hash  # noqa: B018  (the repetition compares it)
        began = time.process_time()
        first.follow(ids)  # raises where the states differ
        ratios.append((time.process_time() - began) / plain)
        same = same and first.hash == market.state_hash
    return {
        "customers": customers,
        "months": months,
        "followed": FOLLOWED,
        "diary_share": TimedDiary.spent / whole,
        "repeated_over_first": statistics.median(ratios),
        "same_state": same,
    }


def main() -> int:
    """Measure, print; exit status 1 if a bar is not met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.customers, args.months)
    met = found["same_state"] and all(found[name] <= bar for name, bar in BARS.items())
    if args.json:
        print(json.dumps(found | {"bars": BARS, "met": met}, indent=1))
    else:
        print(f"{found['customers']:,} customers, {found['months']} months, {FOLLOWED} followed")
        print(f"the diary's share of the time   {100 * found['diary_share']:.2f} %   (bar: 1 %)")
        print(
            f"repeated with the diary on      {found['repeated_over_first']:.2f} times as long   (bar: 1.2)"
        )
        print(f"same state, to the bit          {'yes' if found['same_state'] else 'no'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
