"""The report of a run or a comparison: one page that needs nothing else, its tables and its pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sim.show.report import of_run, told
from sim.show.report.files import Written, may_write, write

if TYPE_CHECKING:
    from sim.runs import Progress, Run

__all__ = ["Written", "may_write", "run_report", "write"]


def run_report(
    run: Run, place: str | os.PathLike[str], *, seeds: int = 1, with_ids: bool = False, force: bool = False,
    progress: Progress | None = None,
) -> Written:  # fmt: skip
    """Write the report of a run; see `Run.report`."""
    may_write(place, force)
    what = told.of_run(run)
    if seeds > 1:
        what.add_luck(told.luck(run, seeds, progress))
    return write(of_run.report(what, with_ids), place, force=force)
