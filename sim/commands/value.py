"""Value: what customers are worth at the end of a run, five ways, and each one's error against the truth."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, changes_of, computing, decides, whole, world_of
from sim.commands.objects import about_run, rows, say
from sim.commands.run import SCENARIO, execute, whole_months

if TYPE_CHECKING:
    from sim.runs import Run
    from sim.terminal import Terminal

METHODS = ("all", "multiple", "switching", "fitted", "database", "true", "forecasts")


def value(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let the months pass, then value the customers; print a row a firm and method."""
    import sim

    changes = changes_of(args)
    world = world_of(args.scenario, changes)
    if args.firm is not None and args.firm not in world.firms:
        raise ValueError(f'--firm: no firm "{args.firm}" here; firms are {", ".join(world.firms)}')
    done = execute(args.scenario, changes, args, terminal)
    with terminal.progress("The futures pass") as report, whole_months(report) as each:
        table = sim.lifetime_value(
            done, method=args.method, firm=args.firm, futures=args.futures, months=args.horizon, progress=each
        )
    if args.json:
        print_json(done, table, terminal)
    else:
        print_values(done, table, args, terminal)
    return 0


def print_json(done: Run, table: Any, terminal: Terminal) -> None:
    """One object: what was run, and the values."""
    say({**about_run(done), **table.attrs, "values": rows(table)}, terminal)


def print_values(done: Run, table: Any, args: argparse.Namespace, terminal: Terminal) -> None:
    """The table, and how to read it."""
    from sim.commands.table import Column, money, money_note, print_table
    from sim.terminal import count

    currency = done.scenario.market.currency
    terminal.title(
        f"What {'the customers of ' + args.firm if args.firm else 'customers'} are worth after {done.months_done} months "
        f"of {done.scenario.title}, seed {done.seed}"
    )
    terminal.say()
    signed = [f"{error:+.0%}" if error == error else "–" for error in table["error"]]
    spans = [_span(low, high) for low, high in zip(table["error_low"], table["error_high"], strict=True)]
    columns = [
        Column("firm", list(table["firm"]), keep=9, left=True),
        Column("method", list(table["method"]), keep=9, left=True),
        Column("customers", [count(n) for n in table["customers"]], keep=4),
        money("value", list(table["value"]), currency, keep=9),
        money("standard error", list(table["standard_error"]), currency, short="st. error", keep=5),
        money("per customer", list(table["per_customer"]), currency, keep=6),
    ]
    if table["error"].notna().any():
        columns += [Column("error", signed, keep=8), Column("95 %", spans, keep=7)]
    print_table(columns, terminal)
    terminal.say()
    lines = ["Value is discounted profit from next month on, before acquisition."]
    if "true" in set(table["method"]):
        lines.append(
            f"True is the mean of {args.futures} futures of {args.horizon} months and what comes after; errors are against it, "
            "for methods that look ten years ahead against its first ten years."
        )
    lines += [money_note(currency)] if money_note(currency) else []
    lines += [f"{row.firm}, {row.method}: {row.note}." for row in table.itertuples() if row.note]
    for line in lines:
        terminal.write(line, hang="  ")


def _span(low: float, high: float) -> str:
    """An interval of errors; without an upper end where the truth may be 0 or less."""
    if low != low:
        return "–"
    return f"{low:+.0%} to {high:+.0%}" if high == high else f"{low:+.0%} or more"


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add("--policy", metavar="FIRM=POLICY", type=decides, action="append", default=[],
        help="another policy for a firm, such as Corner=accountable; may be repeated")  # fmt: skip
    add("--method", choices=METHODS, default="all", metavar="METHOD", help=f"one of {', '.join(METHODS)}")
    add("--firm", metavar="NAME", help="one firm; all unless given")
    add(
        "--futures",
        metavar="N",
        type=whole(2, 100_000),
        default=200,
        help="futures of the true value; 200 unless given",
    )
    add(
        "--horizon",
        metavar="MONTHS",
        type=whole(1, 2_400),
        default=120,
        help="months of a future; 120 unless given",
    )
    computing(parser)


COMMANDS = (
    Command("value", "run", "what customers are worth, five ways, against the truth", value, _options,
            ("tenfold value two_cafes --futures 20", "tenfold value two_cafes --method multiple",
             "tenfold value mobile_operator --futures 20 --json")),
)  # fmt: skip
