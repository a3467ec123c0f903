"""What only a simulation can know, in a run's report: true reasons beside a survey's, lifetime values beside the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.lifetime import lifetime_value
from sim.scenario.words import REASONS
from sim.show.report.exhibits import COUNT, MONEY, SHARE, Column, Exhibit, Table
from sim.show.report.run_tables import each, firms_of, plain
from sim.show.report.told import Told
from sim.terminal import called

if TYPE_CHECKING:
    from sim.runs import Progress, Run

METHODS = {
    "multiple": "margin multiple (Gupta & Lehmann 2003)",
    "switching": "brand-switching matrix (Rust, Lemon & Zeithaml 2004)",
    "fitted": "models fitted on the firm's records",
    "database": "the firm's own forecast",
    "true": "true: the same state lived on with fresh luck",
}


def add_truths(told: Told, run: Run, futures: int = 0, progress: Progress | None = None) -> None:
    """Tell too what customers are worth and why they left.

    Parameters
    ----------
    futures : of the true value, each ten years long; 0 leaves it out, and takes a second or less.
    progress : called with months lived and months in all, where there are futures.
    """
    whole = run.again() if run.stopped else run
    told.defection = whole.defection(told.focus)
    method = "all" if futures else "forecasts"
    told.tables["lifetime"] = lifetime_value(whole, method=method, futures=futures or 2, progress=progress)
    told.futures = futures
    told.with_attrs()


def worth_table(told: Told) -> Table:
    """Lifetime value by method, the focus's first; with each one's error where the true value is there."""
    table = told.tables["lifetime"]
    shown = firms_of(told)[:4]
    rows = [
        (row.firm, METHODS[row.method], plain(row.value), plain(row.per_customer), plain(row.error),
         plain(row.error_low), plain(row.error_high), row.note)
        for row in each(table) if row.firm in shown
    ]  # fmt: skip
    heads = [
        Column("firm"), Column("method"), Column("value of the customers", MONEY, told.currency),
        Column("a customer", MONEY, told.currency), Column("error", SHARE), Column("from", SHARE), Column("to", SHARE),
        Column("note"),
    ]  # fmt: skip
    if not told.futures:
        rows, heads = [(*row[:4], row[7]) for row in rows], [*heads[:4], heads[7]]
    elif not any(row[7] for row in rows):
        rows, heads = [row[:7] for row in rows], heads[:7]
    return Table("lifetime value", "What present customers are worth: profit from next month on, discounted", heads, rows,
                 _how_sure(told))  # fmt: skip


def _how_sure(told: Told) -> str:
    """What the true value rests on, or how to get it."""
    if told.futures:
        return (
            f"True is the mean of {told.futures} futures of ten years and what comes after; errors, with their 95 % interval, "
            "are against it: of ten years for methods that look ten years ahead."
        )
    return f"How far each is from the true value: {called()} report FOLDER --futures 20 lives ten more years twenty times."


def why_exhibits(told: Told) -> list[Exhibit]:
    """The true reasons beside what a survey of all leavers would say, and who would say what."""
    found = told.defection
    if found is None or not found.leavers:
        return []
    some = found.reasons[(found.reasons["true"] > 0) | (found.reasons["reported"] > 0)]
    rows = [
        (name, int(row.true), int(row.reported), plain(row.estimated), plain(row.loss), "yes" if row.remedy else "no")
        for name, row in zip(some.index, each(some), strict=True)
    ]  # fmt: skip
    heads = [
        Column("reason"), Column("true", COUNT), Column("said when asked", COUNT), Column("worked out from answers", COUNT),
        Column("worth of who left", MONEY, told.currency), Column("remedy"),
    ]  # fmt: skip
    caption = f"Why {found.firm}'s customers left, and what a survey of all of them would say"
    note = (
        "Worked out: by the firm, which knows how often answers are true. Worth: by the margin multiple. Remedy: whether the "
        "firm can do something against it."
    )
    names = [name for name in REASONS if name in some.index]
    confusion = found.confusion.loc[names, names]
    cells = [(name, *[int(n) for n in confusion.loc[name]]) for name in names]
    who = Table("confusion", "True reasons (rows) and answers (columns)",
                [Column("true reason"), *[Column(name, COUNT) for name in names]], cells)  # fmt: skip
    return [Exhibit(Table("reasons and answers", caption, heads, rows, note)), Exhibit(who)]
