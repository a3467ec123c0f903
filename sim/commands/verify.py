"""Verify: named checks, each figure beside the bar that it must meet."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, Mistake

if TYPE_CHECKING:
    from sim.terminal import Terminal
    from sim.verify.figures import Figure


def verify(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run checks and print their figures; 1 where a bar is not met."""
    from sim.verify import CHECKS

    if args.list:
        for check in CHECKS.values():
            took = f"about {check.quick} s, {check.full} s with --full"
            terminal.write(f"{check.name:<10} {check.about} ({took})", hang=" " * 11)
        return 0
    names = list(dict.fromkeys(args.names)) or list(CHECKS)
    for name in names:
        if name not in CHECKS:
            raise Mistake(_unknown(name, list(CHECKS)))
    from sim.prepare import prepare

    prepare(terminal)
    found: dict[str, list[Figure]] = {}
    with terminal.progress("Checking", "check") as report:
        for place, name in enumerate(names):

            def say(what: str, place: int = place, name: str = name) -> None:
                if report:
                    report(place, len(names), f"{name}: {what}"[:44])

            found[name] = CHECKS[name].run(args.full, say)
    said = told(found, args.full)
    if args.json:
        terminal.say(json.dumps(said, indent=1))
    else:
        print_figures(found, terminal)
    return 0 if said["met"] else 1


def told(found: dict[str, list[Figure]], full: bool) -> dict[str, Any]:
    """One object: where, when and with what it was measured, and all figures by check."""
    from sim.verify.machine import machine

    every = [each for figures in found.values() for each in figures]
    checks = {name: [each.plain() for each in figures] for name, figures in found.items()}
    return {**machine(), "full": full, "met": all(each.met is not False for each in every), "checks": checks}


def print_figures(found: dict[str, list[Figure]], terminal: Terminal) -> None:
    """A line a figure: whether its bar is met, what it is, the figure and the bar."""
    from sim.verify import CHECKS

    for name, figures in found.items():
        terminal.title(f"{name}: {CHECKS[name].about}")
        for each in figures:
            mark = {True: "yes" if each.bar else "   ", False: "NO ", None: " – "}[each.met]
            bar = f" ({each.bar})" if each.bar and each.met is not None else ""
            terminal.write(f"  {mark}  {each.says}: {each.figure}{bar}", hang=" " * 7)
        terminal.say()
    every = [each for figures in found.values() for each in figures if each.bar]
    met, missing = sum(each.met is True for each in every), sum(each.met is None for each in every)
    more = f"; {missing} could not be measured here" if missing else ""
    terminal.write(f"{met} of {len(every) - missing} bars are met{more}.")


def _unknown(name: str, names: list[str]) -> str:
    from sim.scenario.faults import nearest

    near = nearest(name, names)
    hint = f'did you mean "{near}"?' if near else f"checks are {', '.join(names)}"
    return f'tenfold verify: unknown check (got "{name}"); {hint}'


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", metavar="NAME", nargs="*", help="checks to run; all unless given")
    parser.add_argument("--list", action="store_true", help="the checks, and how long each takes")
    parser.add_argument("--full", action="store_true", help="at full size: all scenarios, large markets")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("verify", "look", "check the same bits, money, memory, speed: figures beside bars", verify, _options,
            ("tenfold verify --list", "tenfold verify published money", "tenfold verify bits --full --json")),
)  # fmt: skip
