"""Makes notebooks/sales_of_pulse.csv: what the smallest shop of the scenario web_shop sold in three simulated years.

    python3 benchmarks/shipped_log.py

A row a purchase: customer, date, amount. Months are the market's; the day within a month, of which the market knows nothing, is drawn by
SHA-256 of customer, month and purchase, so that the file is the same each time.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
FILE = ROOT / "notebooks" / "sales_of_pulse.csv"
YEAR, MONTHS, DAYS = 2023, 36, 28


def day_of(customer: int, month: int, purchase: int) -> int:
    """A day of a month, 1 to 28."""
    return 1 + hashlib.sha256(f"{customer}|{month}|{purchase}".encode()).digest()[0] % DAYS


def main() -> None:
    """Run, look into everybody's diary, write."""
    import pandas as pd

    import sim

    run = sim.run("web_shop", months=MONTHS)
    people = len(run.customers)
    lives = [
        run.follow(list(range(first, min(first + 1000, people)))).table for first in range(0, people, 1000)
    ]
    bought = pd.concat(lives).query("event == 'bought' and firm == 'Pulse'")
    rows = []
    for customer, life, month, times, amount in bought[
        ["customer", "life", "month", "times", "amount"]
    ].itertuples(index=False):
        for purchase in range(int(times)):
            when = f"{YEAR + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}-{day_of(customer, month, purchase):02d}"
            rows.append((f"P{customer:04d}-{life}", when, f"{amount / times:.2f}"))
    rows.sort(key=lambda row: (row[1], row[0]))
    FILE.write_text(
        "customer,date,amount\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8"
    )
    print(f"{FILE.name}: {len(rows):,} purchases of {len({row[0] for row in rows}):,} customers")


if __name__ == "__main__":
    main()
