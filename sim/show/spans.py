"""Of which months yearly measures are, in words: a run shorter than a year is all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.show.pictures import of_table

if TYPE_CHECKING:
    import pandas as pd

YEAR = 12


def full_year(months: int) -> str:
    """Of what customers' yearly measures are, after a run of some months (1 or more).

    >>> full_year(30), full_year(3)
    ('the last full year', 'the 3 months of the run')
    """
    return "the last full year" if months >= YEAR else whole_run(months)


def last_year(months: int) -> str:
    """Of what the firms' sums at the end are, likewise.

    >>> last_year(30), last_year(1)
    ('the last 12 months', 'the one month of the run')
    """
    return f"the last {YEAR} months" if months >= YEAR else whole_run(months)


def whole_run(months: int) -> str:
    """All months of a short run."""
    return "the one month of the run" if months == 1 else f"the {months} months of the run"


def full_year_of(table: pd.DataFrame) -> str:
    """`full_year` of the run that a table is of; a table that does not say is of a year."""
    return full_year(int(of_table(table, "months", YEAR)))


def last_year_of(table: pd.DataFrame) -> str:
    """`last_year`, likewise."""
    return last_year(int(of_table(table, "months", YEAR)))
