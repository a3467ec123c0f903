"""Run: the months of a market, for people and for scripts."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.commands.command import Command, Mistake, changes_of, computing, decides, world_of
from sim.commands.objects import about_run, plain, say
from sim.scale import in_words
from sim.terminal import called

if TYPE_CHECKING:
    from sim.commands.table import Column
    from sim.comparison import Comparison
    from sim.runs import Run
    from sim.terminal import Report, Terminal

SCENARIO = "a shipped name, a .toml file, or the folder of a saved run"

FIRM_KEYS = ("customers", "share", "annual_retention", "monthly_churn", "acquisition_cost", "retention_cost",
             "profit", "customer_equity")  # fmt: skip
"""What `--json` says of a firm, after its name."""


# ---------------------------------------------------------------- run


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let the months of a scenario pass; print the firms; write the report if it is asked for."""
    from sim.commands.report import check_place, report_run

    check_place(args)
    done = execute(args.scenario, changes_of(args), args, terminal)
    written = report_run(done, args, terminal) if args.report else None
    if args.json:
        print_json(done, terminal, {"report": str(written.page)} if written else {})
    else:
        print_run(done, terminal)
    if written and not args.json:
        terminal.say()
        terminal.say(f"The report is in {written.page}.")
    return 0


def execute(
    scenario: str,
    changes: Mapping[str, Any],
    args: argparse.Namespace,
    terminal: Terminal,
    follow: Sequence[int] = (),
) -> Run:
    """Run a scenario with the shared options: prepared, with a bar, saved where `--out` says."""
    import sim
    from sim.memory import refuse_if_too_large
    from sim.prepare import prepare

    world = world_of(scenario, changes)  # faults come before the first compile
    check_out(args)
    refuse_if_too_large(
        world.tables,
        args.months or world.tables.market.months,
        edges_file=world.edges_file,
        saves=args.out is not None,
    )
    prepare(terminal)
    try:
        with terminal.progress("The months pass") as report, whole_months(report) as each:
            done = sim.run(
                scenario, months=args.months, seed=args.seed, change=changes, follow=follow, progress=each
            )
    except KeyboardInterrupt as stop:
        some: Run | None = getattr(stop, "run", None)
        if args.out is not None and some is not None and some.months_done:
            save(some, args, terminal)
            terminal.kept[-1] += f" (the {some.months_done} months that were done)"
        raise
    save(done, args, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}: {called()} run {args.out} repeats it.")
    return done


@contextlib.contextmanager
def whole_months(report: Report | None) -> Iterator[Report | None]:
    """Let Ctrl-C wait for the end of the month, so that what is kept is whole; a second one stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield report
        return
    asked = False
    before = signal.getsignal(signal.SIGINT)

    def ask(*_: Any) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def each(done: int, total: int) -> None:
        if report:
            report(done, total)
        if asked and done < total:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, ask)
    try:
        yield each
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def stoppable(report: Report | None) -> Iterator[Report]:
    """Let Ctrl-C wait for the end of a run; a second one stops at once."""
    with whole_months(None) as each:

        def told(done: int, total: int, now: str = "") -> None:
            if report:
                report(done, total, now) if now else report(done, total)
            if each:
                each(done, total)

        yield told


def check_out(args: argparse.Namespace) -> None:
    """Refuse a folder for the result before anything is computed."""
    from sim.folders import may_write
    from sim.saved import result_kind

    if args.out is not None:
        may_write(args.out, args.force, result_kind(_pages(args)))


def _pages(args: argparse.Namespace) -> list[str]:
    """The page beside an old result that is written anew with the result, if it is."""
    from sim.commands.report import PAGE

    return [PAGE] if getattr(args, "report", False) else []


def save(result: Run | Comparison, args: argparse.Namespace, terminal: Terminal) -> None:
    """Save a result where `--out` says, and note that it is kept."""
    from sim.saved import save_run

    if args.out is None:
        return
    before = _stamp(args.out)
    try:
        with terminal.progress("Saving", unit="row") as report:
            if pages := _pages(args):
                save_run(cast("Run", result), args.out, force=args.force, progress=report, also=pages)
            else:
                result.save(args.out, force=args.force, progress=report)
    except FileExistsError:
        raise
    except OSError as error:
        raise Mistake(f"--out {args.out}: could not be written: {error.strerror or error}") from error
    finally:
        if _stamp(args.out) != before:
            terminal.kept.append(str(args.out))


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from the one that stood there before."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


# ---------------------------------------------------------------- a run for people, a run for scripts


def print_json(done: Run, terminal: Terminal, more: Mapping[str, Any] | None = None) -> None:
    """One object: what was run, and what became of the firms, and more if there is."""
    rows = done.firms.to_dict("index").items()
    said = {
        **about_run(done),
        "firms": [{"name": name, **{key: plain(row[key]) for key in FIRM_KEYS}} for name, row in rows],
    }
    say(said | dict(more or {}), terminal)


def print_run(done: Run, terminal: Terminal) -> None:
    """The table of firms, with what was changed above it and how to read it below."""
    from sim.scenario.page import changed

    market = done.scenario.market
    lasted = f"{done.months_done} month{'s' if done.months_done != 1 else ''}"
    terminal.title(f"{done.scenario.title}: {market.customers:,} customers, {lasted}, seed {done.seed}")
    changes = [changed(done.scenario.changes), *(f"{firm}: {done.policies[firm]}" for firm in done.given)]
    if any(changes):
        terminal.write(f"changed: {', '.join(filter(None, changes))}", hang="  ")
    if scale := in_words(done.scenario):
        terminal.write(scale.strip(), hang="  ")
    terminal.say()
    print_firms(done, terminal)


def print_firms(done: Run, terminal: Terminal) -> None:
    """The firms, and how to read them."""
    from sim.commands.table import print_table

    print_table(firm_columns(done), terminal)
    terminal.say()
    for line in notes(done):
        terminal.write(line, hang="  ")


def firm_columns(done: Run) -> list[Column]:
    """The firms at the end of a run, the focus first."""
    from sim.commands.table import Column, money
    from sim.terminal import count, number, percent

    firms, currency = done.firms, done.scenario.market.currency
    costs = {
        name: list(firms[name])
        for name in ("acquisition_cost", "retention_cost", "profit", "customer_equity")
    }
    return [
        Column("firm", [str(name) for name in firms.index], keep=9, left=True),
        Column("policy", [done.policies[name] for name in firms.index], keep=0, left=True, least=20),
        Column("share", [percent(value) for value in firms["share"]], keep=8),
        Column("customers", [count(value) for value in firms["customers"]], keep=7),
        Column("retention", [percent(value) for value in firms["annual_retention"]], "a year", keep=6),
        money("acquisition cost", costs["acquisition_cost"], currency, short="acq. cost", keep=4),
        money("retention cost", costs["retention_cost"], currency, short="ret. cost", keep=3),
        Column("ratio", [number(value, 1) for value in firms["cost_ratio"]], keep=1),
        money("profit", costs["profit"], currency, keep=5),
        money("customer equity", costs["customer_equity"], currency, keep=5),
    ]


def notes(done: Run) -> list[str]:
    """How to read the table, and rules that do not do what was meant."""
    from sim.commands.table import money_note

    window = min(done.months_done, 12)
    last = (
        "the last 12 months"
        if done.months_done > 12
        else "its one month"
        if window == 1
        else f"its {window} months"
    )
    lines = [
        f"Profit and costs are of {last}: acquisition for a customer won, retention for a customer kept a year."
    ]
    if done.months_done <= 12:
        lines.append("Retention a year and what follows from it are measured from month 13 on.")
    lines += [money_note(done.scenario.market.currency)] if money_note(done.scenario.market.currency) else []
    for row in done.rules.to_dict("records"):
        if row["note"]:
            lines.append(f"{row['firm']}, rule {row['rule']} ({row['if']}): {row['note']}.")
    return lines


# ---------------------------------------------------------------- the commands


def _run_options(parser: argparse.ArgumentParser) -> None:
    from sim.commands.report import report_options

    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("--policy", metavar="FIRM=POLICY", type=decides, action="append", default=[],
                        help="another policy for a firm, such as Corner=accountable; may be repeated")  # fmt: skip
    parser.add_argument("--report", action="store_true",
                        help="write a page about it too: report.html in --out, else SCENARIO-report.html here")  # fmt: skip
    report_options(parser)
    computing(parser)


COMMANDS = (
    Command("run", "run", "let the months of a scenario pass: a table of the firms", run, _run_options,
            ("tenfold run two_cafes", "tenfold run two_cafes --policy Corner=accountable --months 24",
             "tenfold run two_cafes --change talk.unhappy_tells=0 --out silent", "tenfold run silent --json",
             "tenfold run two_cafes --report --seeds 20")),
)  # fmt: skip
