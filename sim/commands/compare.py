"""Compare: the same customers with the same luck, under several policies of one firm."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from sim.commands.command import SEEDS, Command, Mistake, changes_of, computing, read, whole
from sim.commands.objects import plain
from sim.commands.run import SCENARIO, check_out, save, whole_months

if TYPE_CHECKING:
    from sim.commands.table import Column
    from sim.comparison import Comparison
    from sim.scenario import Fault, Scenario
    from sim.terminal import Terminal

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
    policies = {text: parse_value(text) for text in args.policies}
    check_policies(read(args.scenario).with_changes(changes), args.firm, policies)  # before the first compile
    check_out(args)
    alternatives: dict[str, Any] = {TODAY: {}} | policies
    prepare(terminal)
    say_what_is_kept(args, terminal)
    with terminal.progress("The worlds pass") as report, whole_months(report) as each:
        done = sim.compare(
            args.scenario,
            alternatives,
            firm=args.firm,
            months=args.months,
            change=changes,
            progress=each,
            **_seeds(args),
        )
    save(done, args, terminal)
    if args.json:
        print_json(done, changes, terminal)
    else:
        print_comparison(done, changes, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def say_what_is_kept(args: argparse.Namespace, terminal: Terminal) -> None:
    """Say what a saved run brings beside its scenario."""
    from sim.saved import read_run

    if told := read_run(args.scenario):
        policies = "".join(f", {firm}={policy}" for firm, policy in told.policies.items())
        terminal.note(
            f"{args.scenario} is a saved run. In all worlds hold, unless you say otherwise, what it had: "
            f"seed {told.seed}, {told.months} months{policies}."
        )


def check_policies(scenario: Scenario, firm: str | None, policies: dict[str, Any]) -> None:
    """Refuse policies that the firm cannot have, all at once, and a firm that is not there."""
    from sim.scenario import ScenarioError

    faults: dict[str, Fault] = {}
    for policy in policies.values():
        try:
            scenario.with_changes({f"firms.{firm or scenario.focus}.policy": policy})
        except ScenarioError as error:
            faults |= {str(fault): fault for fault in error.faults}
    if faults:
        raise ScenarioError(faults.values())


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
        "notes": done.notes,
        "differences": [
            {key: plain(value) for key, value in row.items()} for row in done.table.to_dict("records")
        ],
    }
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def print_comparison(done: Comparison, changes: dict[str, Any], terminal: Terminal) -> None:
    """The sentence, then a table for each alternative."""
    from sim.commands.table import print_table
    from sim.scenario.page import changed

    terminal.title(done.headline)
    if changes:
        terminal.write(f"changed in all worlds: {changed(changes)}", hang="  ")
    for name in done.runs:
        if name != done.base:
            terminal.say()
            terminal.write(
                f"{done.firm} with {name}, {done.months} months of {done.scenario.title}, {_which(done.seeds)}"
            )
            terminal.say()
            print_table(difference_columns(done, name), terminal)
    terminal.say()
    for note in done.notes:
        terminal.write(note, hang="  ")
    short = f"{min(done.months, 12)} months" if done.months > 1 else "month"
    terminal.write(f"Costs and profit are of the last {short}; a difference between two % is in points.")


def _which(seeds: list[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds from {seeds[0]}"


def difference_columns(done: Comparison, name: str) -> list[Column]:
    """What an alternative changes for the firm: a row a measure."""
    from sim.commands.table import Column
    from sim.terminal import shorten

    table = done.table[(done.table["firm"] == done.firm) & (done.table["alternative"] == name)].set_index(
        "metric"
    )
    table = table.loc[list(MEASURES)]
    money = done.scenario.market.currency
    units = [unit.replace("money", money) for _, unit in MEASURES.values()]
    cells = {key: _figures(done, table[key], table[["base", "value"]], units) for key in table.columns[2:]}
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


def _figures(done: Comparison, values: Any, sizes: Any, units: list[str]) -> list[str]:
    """Cells of a column; the decimals follow the size of the measure, so that a row is alike; differences signed."""
    from sim.terminal import number

    cells = []
    for metric, unit in zip(values.index, units, strict=True):
        value = values[metric] * (100 if unit == "%" else 1)
        is_whole = sizes.loc[metric].abs().max() >= 1000 or (not unit and len(done.seeds) == 1)
        sign = "+" if values.name in ("difference", "low", "high") and value > 0 else ""
        cells.append(sign + number(value, 0 if is_whole else 2))
    return cells


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "policies", metavar="POLICY", nargs="+", help="what the firm might do instead of what it does today"
    )
    parser.add_argument("--firm", metavar="NAME", help="whose policy; the scenario's focus unless given")
    parser.add_argument(
        "--seeds", metavar="N", type=whole(1, 10_000), help="how many times, each with its own luck"
    )
    computing(parser)


COMMANDS = (
    Command("compare", "run", "what a policy changes: the same customers with the same luck", compare, _options,
            ("tenfold compare two_cafes accountable", "tenfold compare two_cafes accountable proactive --seeds 20",
             "tenfold compare two_cafes win_back --firm Express --json")),
)  # fmt: skip
