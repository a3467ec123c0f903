"""How long the explorer takes to answer when something is turned: from the move to the new sentence, table and picture.

    python3 benchmarks/explorer.py [CUSTOMERS] [MONTHS] [SCENARIO]

20,000 customers of `plain` over 60 months unless told otherwise. Aimed at: under 2 s an answer, after the first preparation, which is
printed by itself. Seconds by the clock are true on a quiet computer only; those of the processor stand beside them. Needs the extra `lab`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

AIMED_AT = 2.0
"""Seconds by the clock."""

TELLS = (8, 12, 6, 14, 4)
"""What is set, one after the other: people that an unhappy customer tells."""


def took(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - clock, time.process_time() - processor


def main(customers: int, months: int, scenario: str) -> int:
    """Open, turn, print; 1 where an answer took longer than it may."""
    import sim
    from sim.show.controls import Controls

    sim.explore(scenario, months=1)  # the compiled loops are there, or are made now
    world = sim.load(scenario).with_changes({"market.customers": customers})
    explorers = []
    first = took(lambda: explorers.append(sim.explore(world, months=months)))
    (explorer,) = explorers
    shown = took(lambda: setattr(explorer, "view", Controls(explorer)))
    print(f"{scenario}, {customers:,} customers, {months} months, {os.cpu_count()} cores")
    print(f"first preparation     {first[0]:5.2f} s, {first[1]:5.2f} s of processor")
    print(f"controls made         {shown[0]:5.2f} s, {shown[1]:5.2f} s of processor")
    longest = 0.0
    for tells in TELLS:
        picture = explorer.view.picture.value
        answer = took(lambda tells=tells: explorer.turn("talk.unhappy_tells", tells))  # type: ignore[misc]
        longest = max(longest, answer[0])
        assert explorer.view.picture.value != picture
        print(f"unhappy_tells = {tells:<4}  {answer[0]:5.2f} s, {answer[1]:5.2f} s of processor")
    back = took(lambda: explorer.turn("talk.unhappy_tells", TELLS[-2]))
    print(f"one that is kept      {back[0]:5.2f} s, {back[1]:5.2f} s of processor")
    print(f"the longest answer: {longest:.2f} s of {AIMED_AT:g}")
    return int(longest > AIMED_AT)


if __name__ == "__main__":
    words = sys.argv[1:]
    raise SystemExit(
        main(
            int(words[0]) if words else 20_000,
            int(words[1]) if len(words) > 1 else 60,
            words[2] if len(words) > 2 else "plain",
        )
    )
