"""How long `tenfold fit` takes on a large log, and how much memory, from the file to the report.

    python3 start.py test tests/test_own_data_log.py      gets the packages, once
    .venv/bin/python benchmarks/own_data.py [--customers N] [--rows N]

The log is drawn as BG/NBD says, over three years; customers come all the time, and a receipt is a purchase. It is written as CSV and
as Parquet into a temporary folder. Aimed at, for 4 million rows of 300,000 customers on two cores: 90 s and 2 GB from CSV,
60 s from Parquet. Each file is read by a process of its own, the command as users start it, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
DAYS = 1_096

RUN = """
import resource, sys
sys.path.insert(0, {root!r})
from sim.cli import main
status = main(["fit", {file!r}, "--json"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), file=sys.stderr)
sys.exit(status)
"""


def log_of(customers: int, rows: int, seed: int = 1) -> pd.DataFrame:
    """A log of about so many rows, by date."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, DAYS, customers)
    a_day = (
        3.0 * rows / customers / DAYS
    )  # so that, with drop-out and late comers, the rows come out about right
    rate, stop = np.maximum(rng.gamma(0.6, a_day / 0.6, customers), 1e-4), rng.beta(0.3, 12.0, customers)
    who, now, found = np.arange(customers), start.astype(float), []
    while len(who):
        found.append((who, now.astype(np.int64)))
        now = now + rng.exponential(1.0, len(who)) / rate[who]
        stays = (now < DAYS) & ((len(found) == 1) | (rng.random(len(who)) >= stop[who]))
        who, now = who[stays], now[stays]
    buyer, day = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(day, kind="stable")
    return pd.DataFrame(
        {
            "card": buyer[order] + 500_000,
            "sold_at": (np.datetime64("2021-01-01") + day[order]).astype(str),
            "net": np.round(rng.gamma(3.0, 12.0, len(order)) + 0.01, 2),
            "receipt": np.arange(len(order)) + 1_000_000,
        }
    )


def main() -> None:
    """Write the log twice, fit each, print seconds and peak memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--rows", type=int, default=4_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = log_of(asked.customers, asked.rows)
        files = [Path(folder) / "sales.csv", Path(folder) / "sales.parquet"]
        table.to_csv(files[0], index=False)
        table.to_parquet(files[1])
        print(f"{len(table):,} rows, {asked.customers:,} customers")
        del table
        for file in files:
            began = time.perf_counter()
            code = RUN.format(root=str(ROOT), file=str(file))
            done = subprocess.run(
                [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
            )
            took = time.perf_counter() - began
            if done.returncode:
                sys.exit(done.stderr)
            said = json.loads(done.stdout)["summary"]
            processor, peak = (float(word) for word in done.stderr.split()[-2:])
            print(
                f"{file.suffix[1:]:8} {took:5.1f} s ({processor:.1f} s of processor time), {peak / 1e9:.2f} GB   {said['new_customers']:,} new customers, "
                f"holdout {100 * said['holdout_error']:+.1f} %"
            )


if __name__ == "__main__":
    main()
