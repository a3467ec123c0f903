"""Report: a page about a saved run or comparison, with its tables and pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.command import SEEDS, Command, Mistake, whole
from sim.commands.run import whole_months
from sim.terminal import called

if TYPE_CHECKING:
    from sim.runs import Run
    from sim.show.report import Written
    from sim.show.report.told import Told
    from sim.terminal import Terminal

PAGE = "report.html"
"""The page in the folder of what was saved."""


def report(args: argparse.Namespace, terminal: Terminal) -> int:
    """Write a report about what is saved in a folder; print the page's path."""
    from sim.show.report import may_write

    check_folder(args.folder)
    place = args.to if args.to is not None else args.folder / PAGE
    if args.to is not None and args.to.suffix:
        raise Mistake(f"--to {args.to}: is to be a folder; write {args.to.with_suffix('')}")
    may_write(place, args.force)
    written = write(tell(args, terminal), place, args, terminal)
    if args.json:
        terminal.say(json.dumps(as_json(written), indent=1))
    else:
        terminal.say(str(written.page))
        if written.workbook is not None:
            pictures = len(written.pictures) // 2
            terminal.note(f"Also {written.workbook}, and {pictures} pictures, each as PNG and SVG.")
    return 0


def check_folder(folder: Path) -> None:
    """Refuse what is no saved result, with what to do instead."""
    from sim.saved import COMPARISON, RUN
    from sim.scenario import SCENARIOS

    if (folder / RUN).is_file() or (folder / COMPARISON).is_file():
        return
    if str(folder) in SCENARIOS or folder.suffix == ".toml":
        raise Mistake(f"{folder}: is a scenario, and not yet run: {called()} run {folder} --report")
    if not folder.is_dir():
        raise Mistake(
            f"{folder}: there is no such folder; {called()} run SCENARIO --out {folder} saves a run there"
        )
    raise Mistake(
        f"{folder}: no run or comparison is saved there; {called()} run SCENARIO --out FOLDER saves one"
    )


def tell(args: argparse.Namespace, terminal: Terminal) -> Told:
    """What is told: the saved tables, and what the run, repeated, has beside them."""
    from sim.prepare import prepare
    from sim.saved import COMPARISON
    from sim.show.report import told

    if (args.folder / COMPARISON).is_file():
        if args.seeds > 1:
            raise Mistake(
                f"--seeds {args.seeds}: is for a run; compare with --seeds {args.seeds}, then report"
            )
        if args.futures:
            raise Mistake(f"--futures {args.futures}: is for a run; a comparison has no true lifetime values")
        if args.with_ids and args.to is None:
            raise Mistake(
                "--with-ids: a comparison's page names nobody, its workbook does; give --to FOLDER too"
            )
        return told.of_comparison_folder(args.folder)
    what = told.of_folder(args.folder)
    prepare(terminal)
    with terminal.progress("The run repeats") as bar, whole_months(bar) as each:
        run, what.without = told.repeated(args.folder, each)
    if run is None:
        if args.seeds > 1:
            raise Mistake(f"--seeds {args.seeds}: other seeds cannot be run: {what.without}")
        if args.futures:
            raise Mistake(f"--futures {args.futures}: the run cannot live on: {what.without}")
        terminal.note(f"Each customer's value, the whale curve and the cohorts are left out: {what.without}.")
        return what
    told.add_measures(what, run)
    add_truths(what, run, args, terminal)
    add_luck(what, run, args, terminal)
    return what


def add_truths(what: Told, run: Run, args: argparse.Namespace, terminal: Terminal) -> None:
    """Lifetime values and true reasons; the true value where futures were asked for."""
    from sim.show.report import truths

    if not args.futures:
        truths.add_truths(what, run)
        return
    with terminal.progress("The futures pass") as bar, whole_months(bar) as each:
        truths.add_truths(what, run, args.futures, each)


def add_luck(what: Told, run: Run, args: argparse.Namespace, terminal: Terminal) -> None:
    """Run the other seeds that were asked for."""
    from sim.show.report import told

    if args.seeds > 1:
        if run.seed + args.seeds > SEEDS:
            raise Mistake(
                f"--seeds {args.seeds}: from seed {run.seed} on, that passes the largest, {SEEDS - 1}"
            )
        with terminal.progress("Other luck") as bar, whole_months(bar) as each:
            what.add_luck(told.luck(run, args.seeds, each))


def write(what: Told, place: Path, args: argparse.Namespace, terminal: Terminal) -> Written:
    """Draw and write it."""
    import matplotlib

    from sim.show.report import report_of
    from sim.show.report import write as written_to

    matplotlib.use("agg")
    with terminal.progress("Drawing", unit="picture") as bar:
        written = written_to(report_of(what, args.with_ids), place, force=args.force, progress=bar)
    terminal.kept.append(str(place))
    return written


def report_run(done: Run, args: argparse.Namespace, terminal: Terminal) -> Written:
    """The report of a run that has just been done."""
    from sim.show.report import told

    what = told.of_run(done)
    add_truths(what, done, args, terminal)
    add_luck(what, done, args, terminal)
    return write(what, place_for(args), args, terminal)


def place_for(args: argparse.Namespace) -> Path:
    """Where the report of a run goes: beside its tables, or into the current folder."""
    if args.out is not None:
        return args.out / PAGE
    return Path(f"{Path(args.scenario).resolve().stem}-{PAGE}")  # "." has no name of its own


def check_place(args: argparse.Namespace) -> None:
    """Refuse the place of a run's report, and its options, before anything is computed."""
    if not args.report:
        given = (("--seeds", args.seeds > 1), ("--futures", args.futures > 0), ("--with-ids", args.with_ids))
        for option, is_given in given:
            if is_given:
                raise Mistake(f"{option}: is for --report; give both")
    elif args.out is None:
        from sim.show.report import may_write  # it draws: nobody waits for that who asks for no report

        may_write(place_for(args), args.force)


def as_json(written: Written) -> dict[str, object]:
    """The files written, as JSON says it."""
    book = None if written.workbook is None else str(written.workbook)
    return {"report": str(written.page), "tables": book, "pictures": [str(file) for file in written.pictures]}


def report_options(parser: argparse.ArgumentParser) -> None:
    """The options of everything that writes a report."""
    add = parser.add_argument
    add("--seeds", metavar="N", type=whole(1, 10_000), default=1,
        help="give the report's answer an interval: run N worlds that differ in luck alone")  # fmt: skip
    add("--futures", metavar="N", type=whole(2, 10_000), default=0,
        help="tell the true lifetime value too: N futures of ten years; 20 take about as long as 70 runs of three years")  # fmt: skip
    add(
        "--with-ids",
        action="store_true",
        help="let the report name customers by their ids, else it names none; a comparison: in the workbook only, with --to",
    )


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "folder",
        metavar="FOLDER",
        type=Path,
        help="where a run or a comparison was saved (run … --out FOLDER)",
    )
    add("--to", metavar="FOLDER", type=Path,
        help="write the page there, with tables.xlsx and the pictures; else report.html beside the run")  # fmt: skip
    report_options(parser)
    add("--force", action="store_true", help="write over a report that is there")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("report", "run", "a page about a saved result: the answer, what it rests on", report, _options,
            ("tenfold run two_cafes --out cafes", "tenfold report cafes", "tenfold report cafes --seeds 20 --force",
             "tenfold report cafes --to for_the_meeting")),
)  # fmt: skip
