"""What twins are worth: how much common random numbers reduce the variance of a policy difference, and for how long.

    python3 benchmarks/experiments.py                     every shipped scenario, 20 seeds, to its last month
    python3 benchmarks/experiments.py --scenario two_cafes --seeds 100
    python3 benchmarks/experiments.py --json              one JSON object, for scripts

Two worlds with the same seeds differ in one firm's policy. The figure is the variance of the difference with independent
seeds (the sum of both worlds' variances over seeds) over the variance of the paired differences. The bar is for what the
firm has earned in two years: profit to date. Beside it stand customers, customer equity and retention a year, and what
becomes of them as months pass: lives that once differ drift apart, and with them the luck that both worlds share. Each has its
95 % interval (the seeds resampled). Whoever stays because of the policy is one whole customer: this alone gives the difference
a variance. Printed is what retention's figure would be if it were the only one.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.commands.command import change
from sim.commands.objects import plain
from sim.comparing import plan
from sim.experiments.claims.flips import resampled
from sim.runs import let_pass
from sim.scenario import CORE, load, parse_value
from sim.sureness import variance_reduction
from sim.terminal import Terminal
from sim.verify.figures import Figure, at_least, only

MEASURES = ("profit to date", "customers", "customer equity", "retention")
HORIZONS = (3, 6, 12, 24, 36, 48, 60)
BAR, YEARS = 10.0, 24
FADED = 2.0
"""Below this twins are worth little: half of the seeds would do without them."""

POLICIES = ("accountable", "proactive")
"""What the focus firm does instead: the first that it does not do already."""


def policy_of(scenario: str) -> str:
    """The policy that is compared with what the focus firm does."""
    loaded = load(scenario)
    now = loaded.firms[loaded.focus].policy
    return next(name for name in POLICIES if name != now)


def lives(
    scenario: str, policy: str, seeds: Sequence[int], months: int | None, report: Any, changes: Any = None
) -> tuple[np.ndarray, dict[int, float]]:
    """What both worlds earn, float64 (2 worlds, seeds, months, measures); and how many customers are with another firm.

    The second is by horizon: the share of customers whose supplier is not the same in both worlds, on average over seeds.
    """
    twins, names, _ = plan(scenario, [policy], firm=None, months=months, change=changes, swap=None)
    found: list[list[np.ndarray]] = [[], []]
    apart: dict[int, list[float]] = {}
    for seed in seeds:
        seen: list[dict[int, np.ndarray]] = []
        for world, name in enumerate(names):
            suppliers: dict[int, np.ndarray] = {}
            market, given = twins.market(name, seed)

            def look(
                month: int, last: int, market: Any = market, into: dict[int, np.ndarray] = suppliers
            ) -> None:
                if month in HORIZONS or month == last:
                    into[month] = market.customers.supplier.copy()

            run = let_pass(market, given, look)
            rows = run.months[run.months["firm"] == twins.firm]
            columns = [
                rows["profit"].cumsum(),
                rows["customers"],
                rows["customer_equity"],
                rows["annual_retention"],
            ]
            found[world].append(np.array(columns, dtype=np.float64).T)
            seen.append(suppliers)
            report(1)
        for month, here in seen[0].items():
            apart.setdefault(month, []).append(float(np.mean(here != seen[1][month])))
    return np.array(found), {month: float(np.mean(shares)) for month, shares in apart.items()}


def gains(found: np.ndarray) -> dict[str, dict[int, float]]:
    """The variance reduction of each measure by horizon in months."""
    last = found.shape[2]
    return {
        measure: {
            month: variance_reduction(found[0, :, month - 1, k], found[1, :, month - 1, k])
            for month in sorted({*(h for h in HORIZONS if h <= last), last})
        }
        for k, measure in enumerate(MEASURES)
    }


def spread(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a variance reduction: its seeds resampled, the same way in each call."""
    values = [variance_reduction(before[one], after[one]) for one in resampled(len(before))]
    known = [value for value in values if math.isfinite(value)]
    low, high = np.quantile(known, (0.025, 0.975)) if known else (math.nan, math.nan)
    return float(low), float(high)


def of_the_effect(found: np.ndarray, month: int) -> float:
    """The variance reduction of retention if no life differed but of those who stay because of the policy.

    Where of n customers a share d stays because of it, the difference of the two retentions is a count of whole customers:
    its variance is d (1 - d) / n. n are those of a year before, d is the mean over the seeds.
    """
    before, after = found[:, :, month - 1, 3]
    effect = abs(float(np.mean(after - before)))
    n = float(np.mean(found[:, :, max(0, month - 13), 1]))
    apart = float(np.var(before, ddof=1) + np.var(after, ddof=1))
    return apart / (effect * (1.0 - effect) / n) if 0.0 < effect < 1.0 else math.inf


def after_years(found: np.ndarray) -> dict[str, Any]:
    """At the horizon of the bar: the interval of each gain, and what the effect alone allows."""
    month = min(YEARS, found.shape[2])
    spans = {name: spread(*found[:, :, month - 1, k]) for k, name in enumerate(MEASURES)}
    return {"horizon": month, "intervals": spans, "of_the_effect": of_the_effect(found, month)}


def fades(found: np.ndarray, measure: int = 0) -> int | None:
    """The first month from which on the gain of a measure stays below `FADED`; None if it never does."""
    values = [
        variance_reduction(found[0, :, t, measure], found[1, :, t, measure]) for t in range(found.shape[2])
    ]
    below = [not value >= FADED for value in values]
    if not below[-1]:
        return None
    return max((t + 1 for t, one in enumerate(below) if not one), default=0) + 1


def measure(
    scenarios: Sequence[str], seeds: int, months: int | None = None, changes: Any = None
) -> list[dict[str, Any]]:
    """What twins gain in each scenario."""
    rows, done = [], 0
    with Terminal().progress("Running", "run") as report:

        def one(n: int) -> None:
            nonlocal done
            done += n
            if report:
                report(done, 2 * seeds * len(scenarios))

        for scenario in scenarios:
            policy = policy_of(scenario)
            found, apart = lives(scenario, policy, range(1, seeds + 1), months, one, changes)
            rows.append({
                "scenario": scenario, "policy": policy, "seeds": seeds, "months": found.shape[2],
                "gains": gains(found), "fades": fades(found), "apart": apart, **after_years(found),
            })  # fmt: skip
    return rows


def figures(rows: Sequence[dict[str, Any]]) -> list[Figure]:
    """Each scenario beside the bar."""
    found = []
    for row in rows:
        horizon, spans = row["horizon"], row["intervals"]
        gained = {name: row["gains"][name][horizon] for name in MEASURES}
        what = f"{row['scenario']}, {row['policy']}: variance reduction after {horizon} months"
        found.append(at_least(f"{what}{_span(spans[MEASURES[0]])}", gained[MEASURES[0]], BAR, digits=1))
        found += [
            only(f"  the same of {name}{_span(spans[name])}", gained[name], digits=1)
            for name in MEASURES[1:]
            if gained[name] == gained[name]  # there is no year yet to tell retention from
        ]
        if gained["retention"] == gained["retention"]:
            found.append(
                only("  of retention, did only those differ who stay for it", row["of_the_effect"], digits=1)
            )
        found.append(only("  customers with another supplier there", 100.0 * row["apart"][horizon], "%", 1))
    return found


def _as_json(value: Any) -> Any:
    """With null for what is missing."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(one) for one in value]
    return plain(value)


def _span(ends: tuple[float, float]) -> str:
    return f" (95 %: {ends[0]:,.1f} to {ends[1]:,.1f})" if math.isfinite(sum(ends)) else ""


def page(rows: Sequence[dict[str, Any]]) -> str:
    """The gains by horizon, a table a measure."""
    months = sorted({month for row in rows for month in row["gains"][MEASURES[0]]})
    lines = []
    for measure in MEASURES:
        fade = "   below 2 from month" if measure == MEASURES[0] else ""
        lines.append(f"{measure + ', by months':<27}" + "".join(f"{month:>8}" for month in months) + fade)
        for row in rows:
            cells = [row["gains"][measure].get(month, math.nan) for month in months]
            shown = "".join(f"{'–' if value != value else f'{value:,.1f}':>8}" for value in cells)
            last = f"   {row['fades'] or 'never'}" if fade else ""
            lines.append(f"{row['scenario']:<27}{shown}{last}")
        lines.append("")
    return "\n".join(lines).rstrip()


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit status 1 where the bar is not met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--scenario", action="append", choices=CORE, help="one of the shipped; may be repeated"
    )
    parser.add_argument("--seeds", type=int, default=20, help="2 or more; 20 unless given")
    parser.add_argument("--months", type=int, help="the scenario's unless given")
    parser.add_argument(
        "--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[], help="in both worlds"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for scripts")
    args = parser.parse_args(argv)
    changes = {address: parse_value(value) for address, value in args.change}
    rows = measure(args.scenario or list(CORE), args.seeds, args.months, changes)
    found = figures(rows)
    if args.json:
        said = {"scenarios": rows, "figures": [one.plain() for one in found]}
        print(json.dumps(_as_json(said), indent=1, allow_nan=False))
    else:
        for one in found:
            print(
                f"{one.says}: {one.figure}{f' ({one.bar})' if one.bar else ''}{'' if one.met else '  NOT MET'}"
            )
        print()
        print(page(rows))
    return 0 if all(one.met for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
