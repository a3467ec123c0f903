"""Optimise: the best policy for a firm, found by a search, judged again with fresh luck."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, Mistake, changes_of, whole, world_of
from sim.commands.run import SCENARIO
from sim.commands.sensitivity import begin, over_option, saved, studying

if TYPE_CHECKING:
    from sim.experiments.optimum import Optimum
    from sim.terminal import Terminal


def optimise(args: argparse.Namespace, terminal: Terminal) -> int:
    """Search; print what was found, what it is worth, and lines for the scenario file."""
    import sim
    from sim.prepare import prepare

    begin(args, "optimise", terminal)
    prepare(terminal)
    found = sim.optimise(
        world_of(args.scenario, changes_of(args)), searched(args.search), firm=args.firm,
        goal=args.goal or "customer_equity", trials=args.trials, seeds=args.seeds, months=args.months, fresh=args.fresh,
        store=args.store, executor=args.scheduler, ask=not args.yes, quiet=args.quiet,
    )  # fmt: skip
    if not saved(found, args, terminal, ": its scenario.toml has the policy"):
        print_optimum(found, terminal)
    return 0


def searched(given: list[tuple[str, str]]) -> Any:
    """What `--search` says: names, ranges, or choices; all of the space if nothing."""
    from sim.experiments.space import SPACE
    from sim.scenario import parse_value

    found: dict[str, Any] = {}
    for name, text in given:
        value = parse_value(text) if text else None
        if text and not isinstance(value, list):
            raise Mistake(f"--search {name}: needs a range such as {name}=[0,8], or choices in brackets")
        is_range = (
            isinstance(value, list) and len(value) == 2 and not any(isinstance(v, (str, bool)) for v in value)
        )
        found[name] = tuple(value) if is_range and value is not None else value
    return (
        list(found)
        if found and all(v is None for v in found.values())
        else _with_ranges(found, SPACE) or None
    )


def _with_ranges(found: dict[str, Any], space: Any) -> dict[str, Any]:
    """Names without a range among others that have one keep theirs."""
    return {
        name: (list(space[name].choices) or (space[name].low, space[name].high))
        if said is None and name in space
        else said
        for name, said in found.items()
    }


def print_optimum(found: Optimum, terminal: Terminal) -> None:
    """The sentence, the goals today and with the policy, the policy for the file."""
    from sim.commands.table import Column, print_table
    from sim.experiments.space import in_toml
    from sim.margin import named
    from sim.terminal import number

    terminal.title(found.headline)
    terminal.say()
    table = found.judged
    words = {name: named(name.replace("_", " "), found.base) for name in table["goal"]}
    names = [said if name in found.goals else f"({said})" for name, said in words.items()]
    columns = [Column("goal", names, keep=9, left=True, least=max(map(len, names)))]
    for head, name, keep in (
        ("today", "today", 7), ("found", "best", 7), ("gain", "gain", 9), ("95 % from", "low", 8), ("to", "high", 8),
        ("as searched", "searched", 6),
    ):  # fmt: skip
        columns.append(Column(head, [number(v, 0 if abs(v) >= 100 else 2) for v in table[name]], keep=keep))
    columns.append(
        Column(
            "of it luck", [number(100 * v, 0) + (" %" if v == v else "") for v in table["shrinkage"]], keep=6
        )
    )
    print_table(columns, terminal)
    if len(found.goals) > 1:
        terminal.say()
        print_front(found, terminal)
    terminal.say()
    for line in in_toml(found.turned, found.firm).splitlines():
        terminal.say(line)  # unbroken, as a file takes it
    terminal.say()
    for note in found.notes:
        terminal.write(note, hang="  ")


def print_front(found: Optimum, terminal: Terminal) -> None:
    """The front, judged again."""
    from sim.commands.table import Column, print_table
    from sim.margin import named
    from sim.terminal import number

    terminal.write(f"The front, with {len(found.fresh)} fresh seeds:")
    columns = [Column("proposal", [str(n) for n in found.front["trial"]], keep=9)]
    for goal in found.goals:
        values = found.front[f"{goal}_fresh"]
        columns.append(
            Column(
                named(goal.replace("_", " "), found.base),
                [number(v, 0 if abs(v) >= 100 else 2) for v in values],
                keep=8,
            )
        )
    columns.append(
        Column("beaten", ["" if held else "yes" for held in found.front["is_best_fresh"]], keep=6, left=True)
    )
    print_table(columns, terminal)


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add("--goal", metavar="METRIC", action="append",
        help="customer_equity unless given; first_year_profit, complaints or any metric; several give a front")  # fmt: skip
    add("--search", metavar="NAME[=RANGE]", type=over_option, action="append", default=[],
        help="what is turned: top, messages=[0,8], an address with a range; everything unless given")  # fmt: skip
    add("--trials", metavar="N", type=whole(1, 100_000), default=200, help="proposals; 200 unless given")
    add(
        "--fresh",
        metavar="N",
        type=whole(2, 10_000),
        default=20,
        help="fresh seeds for the winner; 20 unless given",
    )
    studying(parser, 10)


COMMANDS = (
    Command("optimise", "study", "search for the best policy, and judge it with fresh luck", optimise, _options,
            ("tenfold optimise two_cafes --store search --out best",
             "tenfold optimise two_cafes --goal customer_equity --goal complaints",
             "tenfold optimise bank_branch --search top --search messages=[0,8]")),
)  # fmt: skip
