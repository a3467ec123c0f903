"""Compare: the same customers with the same luck, under several policies of one firm."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.commands.command import (
    SEEDS,
    Command,
    Mistake,
    changes_of,
    computing,
    say_what_is_kept,
    whole,
    world_of,
)
from sim.commands.compare_said import print_comparison, print_json
from sim.commands.follow import check_customers
from sim.commands.run import SCENARIO, check_out, save, stoppable, whole_months

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.kept_seeds import KeptSeeds
    from sim.scenario import Fault, Scenario
    from sim.side_by_side import SideBySide
    from sim.terminal import Terminal

TODAY = "today"
"""The name of the world as it is."""


def compare(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let each policy rule the same world; print what it changes for the firm."""
    import sim
    from sim.prepare import prepare
    from sim.scenario import parse_value

    changes = changes_of(args)
    policies = {text: parse_value(text) for text in args.policies}
    world = world_of(args.scenario, changes)
    check_policies(world, args.firm, policies)  # before the first compile
    if args.follow:
        check_customers(args.follow, world, f"compare {args.scenario}")
    seeds = _seeds(args)
    check_out(args)
    alternatives: dict[str, Any] = {TODAY: {}} | policies
    store = begun(args, alternatives, changes, terminal)
    prepare(terminal)
    say_what_is_kept(args.scenario, terminal, with_seed=True)
    with kept_when_stopped(store, terminal):
        with terminal.progress("The worlds pass") as report, whole_months(report) as each:
            done = sim.compare(
                args.scenario, alternatives, firm=args.firm, months=args.months, change=changes, progress=each,
                precision=args.precision, store=store.folder if store else None, **seeds,
            )  # fmt: skip
        if args.stress:
            try_assumptions(done, terminal)
    lives = lived_again(done, args.follow, terminal) if args.follow else None
    save(done, args, terminal)
    if done.store is not None:
        clear(done.store, terminal)
    if args.json:
        print_json(done, changes, terminal, lives)
    else:
        print_comparison(done, changes, terminal, lives)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def begun(
    args: argparse.Namespace, alternatives: dict[str, Any], changes: dict[str, Any], terminal: Terminal
) -> KeptSeeds | None:
    """Where finished seeds are kept until the result is whole: beside `--out`; what was begun there goes on."""
    from sim.comparing import plan
    from sim.kept_seeds import KeptSeeds, counted

    if args.out is None:
        return None
    folder = args.out.with_name(f"{args.out.name}.part")
    twins, _names, _first = plan(
        args.scenario, alternatives, firm=args.firm, months=args.months, change=changes, swap=None
    )
    store = KeptSeeds(folder, twins, force=args.force)
    if names := store.names:
        terminal.note(f"Goes on from {folder}: {counted(names)}.")
    return store


def clear(store: KeptSeeds, terminal: Terminal) -> None:
    """Take away what was kept on the way to a result that is saved; all stays where some of it is not in the result."""
    from sim.kept_seeds import counted

    unused = store.unused
    if not unused:
        store.remove()
        return
    ways = [
        way
        for start, way in (("point", "--stress"), ("seed", "more seeds"))
        if any(name.startswith(start) for name in unused)
    ]
    terminal.note(
        f"{store.folder} stays: {counted(unused)} in it {'are' if len(unused) > 1 else 'is'} not in this result. The same command "
        f"with {' and '.join(ways)} (and --force) goes on from there; delete the folder if nobody needs it."
    )


@contextlib.contextmanager
def kept_when_stopped(store: KeptSeeds | None, terminal: Terminal) -> Iterator[None]:
    """On Ctrl-C, say what is kept, and that the same command goes on."""
    from sim.kept_seeds import counted

    try:
        yield
    except KeyboardInterrupt:
        if store is not None and (names := store.names):
            terminal.kept.append(f"{store.folder} ({counted(names)}; the same command goes on from there)")
        raise


def try_assumptions(done: Comparison, terminal: Terminal) -> None:
    """Move each assumption, after saying how many runs that takes, and about how long."""
    from sim.stress import planned

    terminal.note(str(planned(done)))
    with terminal.progress("Assumptions", unit="run") as report, stoppable(report) as each:
        done.stress(progress=each)


def lived_again(done: Comparison, customers: list[int], terminal: Terminal) -> SideBySide:
    """The lives of some customers in all worlds of the first seed, which pass once more for it."""
    with terminal.progress("The worlds pass again") as report, whole_months(report) as each:
        return done.follow(customers, each)


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
    parser.add_argument(
        "--follow", metavar="CUSTOMER", type=whole(0, 2**31 - 1), action="append",
        help="tell this customer's life in all worlds side by side (first seed); may be repeated",
    )  # fmt: skip
    computing(parser)


COMMANDS = (
    Command("compare", "run", "what a policy changes: the same customers with the same luck", compare, _options,
            ("tenfold compare two_cafes accountable", "tenfold compare two_cafes accountable proactive --seeds 5",
             "tenfold compare bank_branch retainer --precision 0.02 --out branch",
             "tenfold compare two_cafes accountable --stress",
             "tenfold compare two_cafes accountable --follow 42",
             "tenfold compare two_cafes win_back --firm Express --json")),
)  # fmt: skip
