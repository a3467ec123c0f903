"""The report of a run or a comparison: one page that needs nothing else, its tables and its pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sim.show.report import of_claim, of_comparison, of_run, of_sweep, told, truths
from sim.show.report.exhibits import Report
from sim.show.report.files import Written, may_write, write

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.runs import Progress, Run

__all__ = [
    "Written",
    "comparison_report",
    "may_write",
    "of_claim",
    "of_sweep",
    "report_of",
    "run_report",
    "write",
]


def report_of(what: told.Told, with_ids: bool = False) -> Report:
    """The report of a run or a comparison, before it is written."""
    return (of_comparison if what.worlds else of_run).report(what, with_ids)


def run_report(
    run: Run, place: str | os.PathLike[str], *, seeds: int = 1, futures: int = 0, with_ids: bool = False,
    force: bool = False, progress: Progress | None = None,
) -> Written:  # fmt: skip
    """Write the report of a run; see `Run.report`."""
    may_write(place, force)
    what = told.of_run(run)
    truths.add_truths(what, run, futures, progress)
    if seeds > 1:
        what.add_luck(told.luck(run, seeds, progress))
    return write(report_of(what, with_ids), place, force=force)


def comparison_report(
    pair: Comparison, place: str | os.PathLike[str], *, with_ids: bool = False, force: bool = False
) -> Written:
    """Write the report of a comparison; see `Comparison.report`."""
    may_write(place, force)
    return write(report_of(told.of_comparison(pair), with_ids), place, force=force)
