"""How long the models of sim.value take on a million customers.

    python3 start.py test tests/test_value_purchases.py      gets the packages, once
    .venv/bin/python benchmarks/fits.py [--customers N]

The customers are simulated as Fader, Hardie & Lee 2005 found them on CDNOW (BG/NBD, weeks; ages in days). Times of
purchase are not rounded, so that hardly two rows are equal: real logs, in days, take less.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> None:
    """Simulate, fit each model, print seconds."""
    from logs_of_purchases import buyers, spending

    from sim.value import BetaGeometricNBD, GammaGamma, ParetoNBD

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    n = parser.parse_args().customers
    frequency, last, age = buyers(n, 0.2426, 4.4135, 0.7929, 2.4258)
    mean = spending(frequency, 6.2488, 3.7446, 15.4477)
    print(f"{n:,} customers, {int(frequency.sum()):,} repeat purchases")
    for model, rows in (
        (BetaGeometricNBD, (frequency, last, age)),
        (ParetoNBD, (frequency, last, age)),
        (GammaGamma, (frequency, mean)),
    ):
        began, cpu = time.perf_counter(), time.process_time()
        found = model.fit(*rows)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"{model.__name__:18} {wall:5.1f} s ({cpu:.1f} s of processor time)   {found}")


if __name__ == "__main__":
    main()
