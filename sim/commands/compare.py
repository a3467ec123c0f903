"""Compare: the same customers with the same luck, under several policies of one firm."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.commands.command import SEEDS, Command, Mistake, changes_of, computing, read, whole
from sim.commands.objects import plain
from sim.commands.run import SCENARIO, check_out, save, stoppable, whole_months

if TYPE_CHECKING:
    from sim.commands.table import Column
    from sim.comparison import Comparison
    from sim.kept_seeds import KeptSeeds
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
    seeds = _seeds(args)
    check_out(args)
    alternatives: dict[str, Any] = {TODAY: {}} | policies
    store = begun(args, alternatives, changes, terminal)
    prepare(terminal)
    say_what_is_kept(args, terminal)
    with kept_when_stopped(store, terminal):
        with terminal.progress("The worlds pass") as report, whole_months(report) as each:
            done = sim.compare(
                args.scenario, alternatives, firm=args.firm, months=args.months, change=changes, progress=each,
                precision=args.precision, store=store.folder if store else None, **seeds,
            )  # fmt: skip
        if args.stress:
            try_assumptions(done, terminal)
    save(done, args, terminal)
    if store is not None:
        store.remove()
    if args.json:
        print_json(done, changes, terminal)
    else:
        print_comparison(done, changes, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def begun(
    args: argparse.Namespace, alternatives: dict[str, Any], changes: dict[str, Any], terminal: Terminal
) -> KeptSeeds | None:
    """Where finished seeds are kept until the result is whole: beside `--out`; what was begun there goes on."""
    from sim.comparing import plan
    from sim.kept_seeds import KeptSeeds

    if args.out is None:
        return None
    folder = args.out.with_name(f"{args.out.name}.part")
    twins, _names, _first = plan(
        args.scenario, alternatives, firm=args.firm, months=args.months, change=changes, swap=None
    )
    store = KeptSeeds(folder, twins, force=args.force)
    if n := len(store.seeds):
        terminal.note(f"Goes on from {folder}: {n} seed{'s are' if n > 1 else ' is'} finished.")
    return store


@contextlib.contextmanager
def kept_when_stopped(store: KeptSeeds | None, terminal: Terminal) -> Iterator[None]:
    """On Ctrl-C, say which seeds are kept, and that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt:
        if store is not None and (n := len(store.seeds)):
            terminal.kept.append(
                f"{store.folder} ({n} finished seed{'s' if n > 1 else ''}; the same command goes on from there)"
            )
        raise


def try_assumptions(done: Comparison, terminal: Terminal) -> None:
    """Move each assumption, after saying how many runs that takes, and about how long."""
    from sim.stress import planned

    terminal.note(str(planned(done)))
    with terminal.progress("Assumptions", unit="run") as report, stoppable(report) as each:
        done.stress(progress=each)


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
    from sim.comparing import SEEDS as COUNT

    if args.seed is None:
        return {} if args.seeds is None else {"seeds": args.seeds}
    count = args.seeds or COUNT
    if args.seed + count > SEEDS:
        raise Mistake(f"--seed {args.seed}: {count} seeds from here on pass the largest, {SEEDS - 1}")
    return {"seeds": list(range(args.seed, args.seed + count))}


def print_json(done: Comparison, changes: dict[str, Any], terminal: Terminal) -> None:
    """One object: what was compared, the sentence, and the differences by metric and firm."""
    from sim import __version__
    from sim.headlines import about_luck
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
        "luck": about_luck(done),
        "notes": done.notes,
        "best": done.best,
        "metric": done.metric,
        "chance": done.chance,
        "half_width": plain(done.half_width),
        "precision": done.precision,
        "looks": done.looks,
        "variance_reduction": plain(done.variance_reduction),
        "customers_differing": differing(done, done.best),
        "worlds": {name: moved(done, name) for name in done.alternatives},
        "stress": done.stressed.as_json() if done.stressed else None,
        "differences": [
            {key: plain(value) for key, value in row.items()} for row in done.table.to_dict("records")
        ],
    }
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def differing(done: Comparison, name: str) -> float:
    """How many customers live otherwise than in the base, on average over the seeds."""
    lives = done.customers[done.customers["alternative"] == name]
    return float(lives["differs"].sum()) / len(done.seeds)


def moved(done: Comparison, name: str) -> dict[str, float]:
    """Of one world, on average over the seeds: customers who live otherwise, who stay, who go, who are worth more, less."""
    lives = done.customers[done.customers["alternative"] == name]
    found = {
        "customers_differing": lives["differs"],
        "stay": lives["stays"],
        "go": lives["goes"],
        "worth_more": lives["worth_more"] > 0,
        "worth_less": lives["worth_more"] < 0,
    }
    return {key: float(who.sum()) / len(done.seeds) for key, who in found.items()}


def print_comparison(done: Comparison, changes: dict[str, Any], terminal: Terminal) -> None:
    """The sentence, then a table for each alternative."""
    from sim.commands.table import print_table
    from sim.headlines import about_luck
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
            terminal.write(who(done, name))
    terminal.say()
    for note in [*about_luck(done), *done.notes]:
        terminal.write(note, hang="  ")
    short = f"{min(done.months, 12)} months" if done.months > 1 else "month"
    terminal.write(f"Costs and profit are of the last {short}; a difference between two % is in points.")
    if done.stressed:
        terminal.say()
        terminal.say(done.stressed.as_text(terminal.width))
    else:
        terminal.write(
            "Assumptions were not tried: --stress moves each over its range and says where this turns."
        )


def who(done: Comparison, name: str) -> str:
    """Who stays, goes, is worth more and less, in a sentence."""
    from sim.terminal import number

    found, n = moved(done, name), len(done.seeds)
    said = {key: number(value, 0 if n == 1 or value >= 10 else 1) for key, value in found.items()}
    return (
        f"Of {done.scenario.market.customers:,} customers {said['customers_differing']} live otherwise than in "
        f'"{done.base}": {said["stay"]} stay who would have left, {said["go"]} leave who would have stayed; '
        f"{said['worth_more']} are worth more to {done.firm}, {said['worth_less']} less"
        f"{' (means over seeds)' if n > 1 else ''}."
    )


def _which(seeds: list[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds from {seeds[0]}"


def difference_columns(done: Comparison, name: str) -> list[Column]:
    """What an alternative changes for the firm: a row a measure."""
    from sim.commands.table import Column
    from sim.terminal import shorten

    table = done.table[done.table["segment"] == "all"]
    table = table[(table["firm"] == done.firm) & (table["alternative"] == name)].set_index("metric")
    table = table.drop(columns="segment").loc[list(MEASURES)]
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


def share(text: str) -> float:
    """A share above 0, for an option."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 10.0:
        raise argparse.ArgumentTypeError(f"must be a share above 0, such as 0.02 for 2 % (got {text})")
    return value


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "policies", metavar="POLICY", nargs="+", help="what the firm might do instead of what it does today"
    )
    parser.add_argument("--firm", metavar="NAME", help="whose policy; the scenario's focus unless given")
    parser.add_argument(
        "--seeds", metavar="N", type=whole(1, 10_000),
        help="how many times, each with its own luck (20 unless given), from --seed on",
    )  # fmt: skip
    parser.add_argument(
        "--precision", metavar="SHARE", type=share,
        help="add seeds until half of the interval is this share of customer equity, such as 0.02",
    )  # fmt: skip
    parser.add_argument(
        "--stress", action="store_true",
        help="then move each assumption over its range, one at a time: where would the choice turn?",
    )  # fmt: skip
    computing(parser)


COMMANDS = (
    Command("compare", "run", "what a policy changes: the same customers with the same luck", compare, _options,
            ("tenfold compare two_cafes accountable", "tenfold compare two_cafes accountable proactive --seeds 5",
             "tenfold compare bank_branch retainer --precision 0.02 --out branch",
             "tenfold compare two_cafes accountable --stress",
             "tenfold compare two_cafes win_back --firm Express --json")),
)  # fmt: skip
