"""Follow: what single customers went through, month by month, in sentences."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.commands.command import Command, Mistake, changes_of, computing, decides, whole, world_of
from sim.commands.objects import about_run, rows, say
from sim.commands.run import SCENARIO, execute
from sim.terminal import called

if TYPE_CHECKING:
    from sim.lives_told import Lives
    from sim.runs import Run
    from sim.scenario import Scenario
    from sim.terminal import Terminal


def follow(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let the months pass with an eye on some customers; print their lives."""
    changes = changes_of(args)
    check_customers(args.customers, world_of(args.scenario, changes), f"follow {args.scenario}")
    done = execute(args.scenario, changes, args, terminal, follow=args.customers)
    lives = done.follow(args.customers)
    if args.json:
        print_json(done, lives, terminal)
    else:
        print_lives(done, lives, terminal)
    return 0


def check_customers(customers: list[int], world: Scenario, words: str) -> None:
    """Refuse customers that the scenario does not have before the months pass."""
    from sim.diary import followed

    try:
        followed(customers, world.market.customers)
    except ValueError as error:
        raise Mistake(f"{called()} {words}: {error}") from None


def print_json(done: Run, lives: Lives, terminal: Terminal) -> None:
    """One object: what was run, the events, the month-ends and the sentences."""
    said = {
        **about_run(done),
        "months": done.months_done,
        "customers": [int(one) for one in lives.states["customer"].unique()],
        "events": rows(lives.table),
        "states": rows(lives.states),
        "sentences": lives.sentences,
    }
    say(said, terminal)


def print_lives(done: Run, lives: Lives, terminal: Terminal) -> None:
    """What was run, then a line a month; an empty line where another life begins."""
    from sim.scenario.page import changed

    lasted = f"{done.months_done} month{'s' if done.months_done != 1 else ''}"
    terminal.title(
        f"{done.scenario.title}: {done.scenario.market.customers:,} customers, {lasted}, seed {done.seed}"
    )
    changes = [changed(done.scenario.changes), *(f"{firm}: {done.policies[firm]}" for firm in done.given)]
    if any(changes):
        terminal.write(f"changed: {', '.join(filter(None, changes))}", hang="  ")
    for line in lives.sentences:
        if not line.startswith("month "):
            terminal.say()
        terminal.write(line, hang="  ")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("customers", metavar="CUSTOMER", type=whole(0, 2**31 - 1), nargs="+",
                        help="whom to follow: numbers from 0 on")  # fmt: skip
    parser.add_argument("--policy", metavar="FIRM=POLICY", type=decides, action="append", default=[],
                        help="another policy for a firm, such as Corner=accountable; may be repeated")  # fmt: skip
    computing(parser)


COMMANDS = (
    Command("follow", "run", "what single customers went through, in sentences", follow, _options,
            ("tenfold follow two_cafes 42", "tenfold follow two_cafes 42 99 --months 12 --seed 7",
             "tenfold follow two_cafes 42 --change talk.unhappy_tells=0", "tenfold follow two_cafes 42 --json")),
)  # fmt: skip
