"""How fast the market is, and what it takes: every figure beside its bar, in one run.

    python3 benchmarks/market.py             everything, up to 10,000,000 customers (5 GB): some minutes
    python3 benchmarks/market.py --quick     up to 100,000 customers, within a minute
    python3 benchmarks/market.py --most 1000000
    python3 benchmarks/market.py --json      one JSON object, for scripts

Times are CPU ns a customer-month of the cheapest of several months, on one thread, four firms, in the
scenario `plain`, after three months of burn-in. Ratios come from one run on one computer. Where threads
or a start are measured it is wall time; what else runs on the computer then shows, so that the gain
that two idle cores would give is printed too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

import clock
import numpy as np

from sim.memory import NotEnoughMemory
from sim.terminal import Terminal
from sim.verify.figures import Figure, at_least, at_most, only
from sim.verify.limits import measure

SIZES = {10_000: 24, 100_000: 12, 1_000_000: 6, 10_000_000: 3}
"""Customers, and months that are measured."""

Measured = dict[str, Any]


# ---------------------------------------------------------------- measuring


def by_size(most: int, say: Callable[[str], None]) -> Measured:
    """Costs by size and part, and growth."""
    found: Measured = {"cpu_ns_per_customer_month": {}, "by_stage": {}, "median_month": {}, "left_out": {}}
    for customers, months in SIZES.items():
        if customers > most:
            continue
        say(f"{customers:,} customers")
        try:
            parts, totals = clock.months_by_part(customers, months)
        except NotEnoughMemory as error:
            found["left_out"][str(customers)] = str(error)
            continue
        found["cpu_ns_per_customer_month"][str(customers)] = parts.pop("total")
        found["median_month"][str(customers)] = float(np.median(totals))
        found["by_stage"][str(customers)] = parts
    costs = found["cpu_ns_per_customer_month"]
    for key, size in (("growth_1e4_to_1e6", "1000000"), ("growth_1e4_to_1e7", "10000000")):
        found[key] = costs[size] / costs["10000"] if size in costs else None
    return found


def beside_plain(quick: bool, say: Callable[[str], None]) -> Measured:
    """The plain Mesa market on the same work: compiled equations called one by one, and as written."""
    found: Measured = {"plain_mesa": {}}
    for customers, months in ((5_000, 3),) if quick else ((5_000, 3), (100_000, 1)):
        say(f"the plain market, {customers:,} customers")
        row: Measured = {"months": months}
        for way, compiled in (("one_by_one", True), ("as_written", False)):
            twin, columns = clock.beside_the_twin(customers, months, compiled=compiled)
            row[way] = {"plain_ns": twin, "columns_ns": columns, "ratio": twin / columns}
        found["plain_mesa"][str(customers)] = row
        found["ratio_to_plain_mesa"] = row["one_by_one"]["ratio"]
        found["ratio_to_plain_mesa_as_written"] = row["as_written"]["ratio"]
    return found


def memory(quick: bool, say: Callable[[str], None]) -> Measured:
    """Bytes a customer, the memory's speed, and the time that it alone would allow."""
    say("memory")
    customers = 100_000 if quick else 1_000_000
    touched = clock.bytes_touched()
    speed = {str(n): clock.bandwidth(n) for n in (1, 2)}
    return {
        "bytes_per_customer": measure(customers)["peak"] / customers,
        "bandwidth_gb_s": speed["1"],
        "bandwidth_gb_s_two_threads": speed["2"],
        "bytes_touched": sum(touched.values()),
        "bytes_touched_by_stage": touched,
        "bytes_at_least": clock.bytes_at_least(),
        "memory_alone_ns": clock.bytes_at_least() / speed["1"],
        "memory_by_stage_ns": sum(touched.values()) / speed["1"],
    }


def threads(most: int, say: Callable[[str], None]) -> Measured:
    """Two threads against one, wall time; and what two free cores would give."""
    found: Measured = {"two_threads_gain": {}, "two_cores_gain": {}}
    for customers, months in ((10_000, 24), (100_000, 8), (300_000, 6), (1_000_000, 4)):
        if customers > max(most, 300_000):
            continue
        say(f"threads, {customers:,} customers")
        one, two = clock.wall_of_months(customers, months)
        found["two_threads_gain"][str(customers)] = one / two
        found["two_cores_gain"][str(customers)] = clock.two_cores()
    return found


def starts(quick: bool, say: Callable[[str], None]) -> Measured:
    """Starts of the program, a whole run, an older processor."""
    say("starts")
    found: Measured = {"run_20000_x_60": min(clock.whole_run(20_000, 60) for _ in range(2 if quick else 4))}
    found["help"] = clock.tenfold("--help", tries=5)
    found["run_two_cafes"] = clock.tenfold("run", "two_cafes")
    if not quick:
        say("first compile")
        found["first_compile"] = clock.first_compile()
        say("an older processor")
        older = clock.elsewhere_ns(100_000, 12, {"NUMBA_CPU_NAME": "haswell"})
        found["haswell_ratio"] = older / clock.elsewhere_ns(100_000, 12, {})
    return found


# ---------------------------------------------------------------- figures beside their bars


def figures(m: Measured) -> list[Figure]:
    """The bars, and what was measured."""
    found = []
    for size, cost in m["cpu_ns_per_customer_month"].items():
        what = f"CPU a customer-month, {int(size):,} customers, one thread"
        found.append(at_most(what, cost, 300, "ns") if size == "1000000" else only(what, cost, "ns"))
    for key, what, most in (
        ("growth_1e4_to_1e6", "growth from 10,000 to 1,000,000 customers", 1.6),
        ("growth_1e4_to_1e7", "growth from 10,000 to 10,000,000 customers", 2.2),
    ):
        if m[key] is not None:
            found.append(at_most(what, m[key], most, "times", 2))
    size = f"{int(list(m['plain_mesa'])[-1]):,} customers"
    found += [
        at_least(f"plain Mesa market over columns, compiled equations one by one, {size}", m["ratio_to_plain_mesa"], 100, "times"),
        only(f"plain Mesa market over columns, equations as written, {size}", m["ratio_to_plain_mesa_as_written"], "times"),
        at_most("memory at the peak, a customer with contacts, four firms", m["bytes_per_customer"], 480, "bytes"),
        only("bandwidth of the memory, one thread", m["bandwidth_gb_s"], "GB/s", 1),
        only("bandwidth of the memory, two threads", m["bandwidth_gb_s_two_threads"], "GB/s", 1),
        only("time that the memory alone would allow: each column in and out once a month", m["memory_alone_ns"], "ns"),
        only("the same if every stage moved all columns that it declares", m["memory_by_stage_ns"], "ns"),
        only("metrics, a customer-month", list(m["by_stage"].values())[-1]["metrics"], "ns", 1),
    ]  # fmt: skip
    for size, gain in m["two_threads_gain"].items():
        what = f"two threads over one, {int(size):,} customers (two free cores now give {m['two_cores_gain'][size]:.2f})"
        found.append(at_least(what, gain, 1.5 if int(size) >= 300_000 else 0.95, "times", 2))
    cpu, wall = m["run_20000_x_60"]
    found.append(
        at_most(f"20,000 customers, 60 months, with metrics, warm ({cpu:.2f} s CPU)", wall, 1, "s", 2)
    )
    for key, what, most in (
        ("first_compile", "first compile", 30),
        ("run_two_cafes", "cached start of tenfold run two_cafes", 3),
        ("help", "tenfold --help", 0.3),
    ):
        if key in m:
            wall, cpu = m[key]
            found.append(at_most(f"{what} ({cpu:.1f} s CPU)", wall, most, "s", 2))
    if "haswell_ratio" in m:
        found.append(
            at_most("NUMBA_CPU_NAME=haswell over this processor", m["haswell_ratio"], 1.6, "times", 2)
        )
    return found


# ---------------------------------------------------------------- for people


def print_tables(m: Measured, found: list[Figure]) -> None:
    """Costs by part and size, and the figures beside their bars."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    sizes = list(m["by_stage"])
    table = Table(title="CPU ns a customer-month, one thread, four firms", title_justify="left")
    table.add_column("part")
    for size in sizes:
        table.add_column(f"{int(size):,}", justify="right")
    table.add_column("bytes touched", justify="right")
    for part in m["by_stage"][sizes[0]]:
        cells = [f"{m['by_stage'][size][part]:,.1f}" for size in sizes]
        touched = m["bytes_touched_by_stage"].get("clearing" if part == clock.OTHER else part)
        table.add_row(part, *cells, f"{touched:,}" if touched else "")
    table.add_section()
    totals = [f"{m['cpu_ns_per_customer_month'][size]:,.1f}" for size in sizes]
    table.add_row("all", *totals, f"{m['bytes_touched']:,}", style="bold")
    table.add_row("median month", *[f"{m['median_month'][size]:,.1f}" for size in sizes], "")
    console.print(table)
    for said in m["left_out"].values():
        console.print(f"Left out: {said}.")
    bars = Table(title="Figures and bars", title_justify="left")
    for head, justify in (("figure", "left"), ("measured", "right"), ("bar", "left"), ("met", "left")):
        bars.add_column(head, justify=justify)  # type: ignore[arg-type]
    for each in found:
        bars.add_row(each.says, each.figure, each.bar, "" if not each.bar else "yes" if each.met else "NO")
    console.print(bars)


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit status 1 where a bar is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="up to 100,000 customers, nothing compiled anew")
    parser.add_argument("--most", type=int, default=None, metavar="N", help="customers of the largest market")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    most = given.most or (100_000 if given.quick else max(SIZES))
    terminal = Terminal()
    clock.market_of(200).step()  # compiled or loaded before anything is timed
    measured: Measured = {}
    with terminal.progress("Measuring", "step") as report:
        done = 0

        def say(what: str) -> None:
            nonlocal done
            done += 1
            if report:
                report(done, 11 if given.quick else 17, what)

        for part in (
            by_size(most, say), beside_plain(given.quick, say), memory(given.quick, say), threads(most, say),
            starts(given.quick, say),
        ):  # fmt: skip
            measured |= part
    found = figures(measured)
    if given.json:
        print(json.dumps(measured | {"bars": [each.plain() for each in found]}, indent=1))
    else:
        print_tables(measured, found)
    return 0 if all(each.met for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
