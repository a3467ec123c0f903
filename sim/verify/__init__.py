"""Checks that anybody can run: each prints its figures beside the bars that they must meet.

`CHECKS` lists them. Those of `scripts` need a checkout, the others nothing but the package.
"""

from __future__ import annotations

from sim.verify.bits import check_bits, check_published
from sim.verify.figures import Check
from sim.verify.limits import check_memory
from sim.verify.money import check_money
from sim.verify.scripts import SCRIPTS
from sim.verify.untouched import check_untouched

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        Check("published", "the shipped scenarios end in the published state, to the bit", check_published, 10, 30),
        Check("bits", "threads, plain Python, hash seeds, processors and C libraries give the same bits", check_bits,
              40, 240),
        Check("untouched", "who is not touched by a change, and who is watched, is the same to the bit", check_untouched,
              20, 60),
        Check("money", "in every month the books add up to the cent, and nobody is lost", check_money, 5, 30),
        Check("memory", "memory is known before it is taken, and refused where it does not fit", check_memory, 10, 90),
        *SCRIPTS,
    )
}  # fmt: skip
"""Checks by name, in the order in which they run."""
