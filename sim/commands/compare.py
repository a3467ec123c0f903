"""Compare: the same customers with the same luck, under several policies of one firm."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from sim.commands.command import SEEDS, Command, Mistake, changes_of, computing, whole
from sim.commands.run import SCENARIO, check_out, plain, save

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.terminal import Column, Terminal

TODAY = "today"
"""The name of the world as it is."""

MEASURES = {
    "customers": ("customers", ""),
    "share": ("share", "%"),
    "annual_retention": ("retention a year", "%"),
    "monthly_churn": ("churn a month", "%"),
    "acquisition_cost": ("acquisition cost", "money"),
    "retention_cost": ("retention cost", "money"),
    "profit": ("profit", "money"),
    "customer_equity": ("customer equity", "money"),
}
"""What the table shows: its name there, and its unit."""


def compare(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let each policy rule the same world; print what it changes for the firm."""
    import sim
    from sim.prepare import prepare
    from sim.scenario import parse_value

    changes = changes_of(args)
    sim.load(args.scenario).with_changes(changes)  # faults come before the first compile
    check_out(args)
    alternatives: dict[str, Any] = {TODAY: {}} | {text: parse_value(text) for text in args.policies}
    prepare(terminal)
    with terminal.progress("The worlds pass") as report:
        done = sim.compare(
            args.scenario, alternatives, firm=args.firm, months=args.months, change=changes, progress=report, **_seeds(args)
        )
    save(done, args, terminal)
    if args.json:
        print_json(done, changes, terminal)
    else:
        print_comparison(done, changes, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def _seeds(args: argparse.Namespace) -> dict[str, Any]:
    """Which seeds: as many as asked for, from `--seed` on; those of `sim.compare` if nothing is said."""
    if args.seed is None:
        return {} if args.seeds is None else {"seeds": args.seeds}
    if args.seed + (args.seeds or 1) > SEEDS:
        raise Mistake(f"--seed {args.seed}: {args.seeds} seeds from here on pass the largest, {SEEDS - 1}")
    return {"seeds": list(range(args.seed, args.seed + (args.seeds or 1)))}


def print_json(done: Comparison, changes: dict[str, Any], terminal: Terminal) -> None:
    """One object: what was compared, the sentence, and the differences by metric and firm."""
    from sim import __version__
    from sim.market import MODEL_VERSION

    said = {
        "scenario": done.scenario.name,
        "scenario_hash": done.scenario.hash,
        "seeds": done.seeds,
        "months": done.months,
        "firm": done.firm,
        "base": done.base,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "changes": changes,
        "headline": done.headline,
        "differences": [{key: plain(value) for key, value in row.items()} for row in done.table.to_dict("records")],
    }
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def print_comparison(done: Comparison, changes: dict[str, Any], terminal: Terminal) -> None:
    """The sentence, then a table for each alternative."""
    from sim.scenario.page import changed

    terminal.title(done.headline)
    if changes:
        terminal.write(f"changed in all worlds: {changed(changes)}", hang="  ")
    for name in done.runs:
        if name != done.base:
            terminal.say()
            terminal.write(f"{done.firm} with {name}, {done.months} months of {done.scenario.title}, {_which(done.seeds)}")
            terminal.say()
            terminal.table(difference_columns(done, name))
    terminal.say()
    short = f"{min(done.months, 12)} months" if done.months > 1 else "month"
    terminal.write(f"Costs and profit are of the last {short}; a difference between two % is in points.")


def _which(seeds: list[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds from {seeds[0]}"


def difference_columns(done: Comparison, name: str) -> list[Column]:
    """What an alternative changes for the firm: a row a measure."""
    from sim.terminal import Column, shorten

    table = done.table[(done.table["firm"] == done.firm) & (done.table["alternative"] == name)].set_index("metric")
    table = table.loc[list(MEASURES)]
    money = done.scenario.market.currency
    units = [unit.replace("money", money) for _, unit in MEASURES.values()]
    scaled = {key: [v * 100 if u == "%" else v for v, u in zip(table[key], units, strict=True)] for key in table.columns[2:]}
    cells = {
        key: [_figure(value, key in ("difference", "low", "high")) for value in values] for key, values in scaled.items()
    }
    columns = [
        Column("", [heading for heading, _ in MEASURES.values()], keep=9, left=True),
        Column("unit", units, keep=3, left=True),
        Column(shorten(done.base, 14), cells["base"], keep=8),
        Column(shorten(name, 14), cells["value"], keep=8),
        Column("difference", cells["difference"], keep=9),
    ]
    if len(done.seeds) > 1:
        columns += [Column("95 % from", cells["low"], keep=7), Column("to", cells["high"], keep=7)]
    return columns


def _figure(value: float, signed: bool) -> str:
    """A number with two decimals, whole from 1,000 up; differences with their sign."""
    if value != value:
        return "–"
    decimals = 0 if abs(value) >= 1000 or value == int(value) else 2 if abs(value) >= 0.1 else 4
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{value:,.{decimals}f}"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("policies", metavar="POLICY", nargs="+", help="what the firm might do instead of what it does today")
    parser.add_argument("--firm", metavar="NAME", help="whose policy; the scenario's focus unless given")
    parser.add_argument("--seeds", metavar="N", type=whole(1, 10_000), help="how many times, each with its own luck")
    computing(parser)


COMMANDS = (
    Command("compare", "run", "what a firm's policy changes: the same customers with the same luck", compare, _options,
            ("tenfold compare two_cafes accountable", "tenfold compare two_cafes accountable proactive --seeds 20",
             "tenfold compare two_cafes win_back --firm Express --json")),
)  # fmt: skip
