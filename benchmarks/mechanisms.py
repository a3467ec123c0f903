"""What optional mechanisms cost: time a customer-month with each alone, and with all, beside the core's.

    python benchmarks/mechanisms.py [--customers N] [--months N] [--json]

Markets take turns month by month in one process, so that whatever else the computer does falls on all alike. Figures are
processor time, the middle one of the months after the first two. The bar: with all on, at most twice the core's time (the
middle one of the months' ratios); exit status 1 above it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.market import Market
from sim.mechanisms import MECHANISMS

BAR = 2.0

OWN_IN_USE: dict[str, object] = {
    "firms.North.plan.affiliate_commission": 0.1,
    "mechanisms.recommendation.firms.North.method": "collaborative",
    "mechanisms.recommendation.firms.East.method": "best_seller",
    "mechanisms.cost_to_serve.firms.East.minimum_order": 2.0,
    "mechanisms.privacy.breach_chance": 0.5,
    "mechanisms.privacy.firms.East.breach_month": 4,
    "mechanisms.shopping_agents.bargains": 0.5,
    "mechanisms.shopping_agents.reduces": 0.5,
    "mechanisms.shopping_agents.firms.East.gives_way": 0.1,
    "mechanisms.sales_force.firms.North.contact_points": 4,
    "mechanisms.sales_force.firms.East.contact_points": 3,
    "mechanisms.sales_force.firms.East.allotment": "value",
    "mechanisms.exchange.firms.North.exchange": "collaborative",
    "mechanisms.exchange.firms.East.exchange": "menu",
    "mechanisms.capability.firms.North.technology": 0.5,
    "mechanisms.capability.firms.North.dialogue": 0.3,
    "mechanisms.capability.firms.East.dialogue": 0.3,
    "mechanisms.capability.firms.North.rewarded_for": "sales",
    "mechanisms.capability.firms.East.rewarded_for": "retention",
    "mechanisms.intermediary.firms.East.direct": 0.5,
    "mechanisms.supply.firms.East.safety": 0.0,
}
"""What is decided and set in that world beside the efforts of its firms."""


def active(name: str, firm: str = "North", effort: float = 1.0) -> dict[str, object]:
    """The changes that turn a mechanism on; where firms decide, one does all that it may, with so much effort of 0 to 1."""
    change: dict[str, object] = {f"mechanisms.{name}.on": True}
    decisions = MECHANISMS[name].decisions
    for key, field in decisions.model_fields.items() if decisions else ():
        if field.annotation is bool:
            change[f"mechanisms.{name}.firms.{firm}.{key}"] = True
        elif field.annotation is float and field.metadata[1].le == 1.0:
            change[f"mechanisms.{name}.firms.{firm}.{key}"] = effort
    return change


def in_use() -> dict[str, object]:
    """The changes that make a world with all mechanisms of `plain`: North does all with full effort, East with half of it."""
    change: dict[str, object] = {}
    for name in MECHANISMS:
        change |= active(name, "East", 0.5) | active(name)
    return change | OWN_IN_USE


def measure(customers: int, months: int) -> tuple[dict[str, float], float]:
    """Nanoseconds a customer-month: the core, all together, and each mechanism's own; and all over the core."""
    alone = {name: active(name) for name in MECHANISMS}
    together = {key: value for change in alone.values() for key, value in change.items()}
    changes = {"core": {}, "all": together, **alone}  # these two beside each other
    if "recommendation" in MECHANISMS:
        for name in ("recommendation", "all"):
            changes[name]["mechanisms.recommendation.firms.North.method"] = "collaborative"
    worlds = {
        name: Market(
            "plain", seed=1, months=months + 2, change={"market.customers": customers, **change}, threads=1
        )
        for name, change in changes.items()
    }
    spent: dict[str, list[float]] = {name: [] for name in worlds}
    for _month in range(months + 2):
        for name, market in worlds.items():
            start = time.process_time()
            market.step()
            spent[name].append(time.process_time() - start)
    each = {name: 1e9 * statistics.median(seconds[2:]) / customers for name, seconds in spent.items()}
    ratio = statistics.median(a / c for a, c in zip(spent["all"][2:], spent["core"][2:], strict=True))
    ns = {name: value - each["core"] if name in MECHANISMS else value for name, value in each.items()}
    return ns, ratio


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found, ratio = measure(args.customers, args.months)
    if args.json:
        print(json.dumps({"ns": found, "ratio": ratio, "bar": BAR}))
    else:
        for name, value in found.items():
            print(
                f"{name:<18}{value:>9,.0f} ns a customer-month{'' if name in ('core', 'all') else ' on top'}"
            )
        print(f"all on: {ratio:.2f} times the core (at most {BAR:g})")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
