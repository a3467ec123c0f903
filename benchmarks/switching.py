"""How far the brand-switching matrix is from the true value of the same customers, and why.

    python3 benchmarks/switching.py [--seeds N]

Where customers are alike, no loyalty grows and nobody talks, it is right once the market has settled: after 14 months
most customers are new, and think again less often than they will. In the default market it is too low, and the
further ahead, the lower; a column a horizon, a line for what is switched off. About 4 minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FUTURES = 4
TRAITS = (
    "need_rate",
    "basket",
    "price_sensitivity",
    "relationship_orientation",
    "service_intensity",
    "exit_rate",
)
NOBODY_DIFFERS: dict[str, Any] = {f"segments.everyone.{trait}.varies": False for trait in TRAITS}
NO_LOYALTY: dict[str, Any] = {"buy.loyalty_weight": 0.0, "relate.satisfaction_base": -1.0}
NOBODY_TALKS: dict[str, Any] = {"talk.unhappy_tells": 0, "talk.happy_tells": 0}
WORLDS: dict[str, dict[str, Any]] = {
    "as it is": {}, "customers alike": NOBODY_DIFFERS, "no loyalty grows": NO_LOYALTY, "nobody talks": NOBODY_TALKS,
    "none of the three": NOBODY_DIFFERS | NO_LOYALTY | NOBODY_TALKS,
}  # fmt: skip


def errors(change: dict[str, Any], months: int, years: tuple[int, ...], seeds: int) -> list[str]:
    """Value by the matrix over the true one, by horizon: the mean over seeds and its standard error."""
    import numpy as np

    from sim.futures import roll_forward
    from sim.market import Market
    from sim.switching import by_switching

    found = []
    for seed in range(1, seeds + 1):
        market = Market("plain", months=months, seed=seed, change=change)
        market.run_model()
        flow = roll_forward(market, futures=FUTURES, months=12 * max(years)).months.sum(axis=1)
        flow = flow * (1.0 + market.tables.market.discount_rate) ** (-np.arange(1, len(flow) + 1) / 12.0)
        found.append([by_switching(market, year)[0].sum() / flow[: 12 * year].sum() for year in years])
    error = np.std(found, axis=0, ddof=1) / seeds**0.5
    return [f"{mean:6.3f} ± {e:.3f}" for mean, e in zip(np.mean(found, axis=0), error, strict=True)]


def main() -> None:
    """Print both tables."""
    from tests.worlds import ALIKE

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=6)
    seeds = parser.parse_args().seeds
    print(f"value by the matrix over the true value, mean of {seeds} seeds ± standard error\n")
    print("Customers alike, no loyalty, no talk; 10 years ahead")
    for setting in ("contract", "free"):
        for months in (14, 26, 50):
            said = errors(ALIKE | {"market.setting": setting}, months, (10,), seeds)
            print(f"  {setting:9} after {months} months  {said[0]}", flush=True)
    print("\nThe default market after 36 months, 3, 5 and 10 years ahead")
    for name, change in WORLDS.items():
        said = errors({"market.customers": 2000} | change, 36, (3, 5, 10), seeds)
        print(f"  {name:18}  {'   '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
