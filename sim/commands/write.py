"""Write: a new scenario file, its check, the schema for editors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, Mistake, read, read_as_it_was
from sim.terminal import called

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.terminal import Terminal


def new(args: argparse.Namespace, terminal: Terminal) -> int:
    """Write a scenario file to fill in, or a copy of a scenario."""
    from sim.scenario import new_file_text
    from sim.scenario.writing import write_whole

    if args.file.suffix.lower() != ".toml":
        raise Mistake(f"{args.file}: a scenario file ends in .toml; write {args.file.with_suffix('.toml')}")
    if args.file.exists() and not args.force:
        raise Mistake(f"{args.file} is there already; --force writes over it")
    if not args.file.absolute().parent.is_dir():
        raise Mistake(f"{args.file}: there is no folder {args.file.parent}; make it first")
    if args.source is None:
        text = new_file_text()
        write_whole(args.file, text.encode(), force=args.force)
        lines = sum("#" in line for line in text.splitlines())
        terminal.write(f"wrote {args.file}: {lines} lines to fill in, each explained")
    else:
        scenario = read_as_it_was(args.source, terminal)
        if own := _own_text(scenario):
            write_whole(args.file, own, force=args.force)
        else:
            scenario.save(args.file, args.force)
        terminal.write(f"wrote {args.file}: a copy of {scenario.name}")
    terminal.kept.append(str(args.file))
    terminal.say(f"Change it in any editor, then: {called()} check {args.file}")
    return 0


def _own_text(scenario: Any) -> bytes:
    """The file of a scenario with its comments, where it says everything and names no other file; else nothing."""
    whole = scenario.edges_file is None and not scenario.changes and scenario.file is not None
    return bytes(scenario.file.read_bytes()) if whole else b""


def check(args: argparse.Namespace, terminal: Terminal) -> int:
    """Check a file, a saved run's scenario or a shipped one; print all its faults, one a line."""
    from sim.scenario import SCENARIOS, ScenarioError
    from sim.scenario.page import facts
    from sim.scenario.reading import is_there

    is_here = is_there(args.file) or is_there(args.file, folder=True)
    thing = args.file if is_here else str(args.file)
    if not is_here and thing not in SCENARIOS:
        read(thing)  # refuses, with the nearest name
    try:
        scenario = read(thing)
        planned = _planned(scenario)
        faults = _contacts_faults(scenario)
    except ScenarioError as error:
        faults = [str(fault) for fault in error.faults]
    for fault in faults:
        terminal.say(fault)
    if faults:
        return 1
    terminal.write(f"{args.file}: as it should be ({facts(scenario.tables)}{planned})")
    return 0


def _contacts_faults(scenario: Scenario) -> list[str]:
    """What is wrong with the file of contacts, if there is one, a line each."""
    from sim.network import from_file

    try:
        if scenario.edges_file is not None:
            from_file(scenario.edges_file, scenario.market.customers)
    except ValueError as error:
        return str(error).splitlines()
    return []


def _planned(scenario: Scenario) -> str:
    """The plan of `[sweep]` in words, its points checked too; "" where there is none."""
    if not scenario.tables.sweep.over:
        return ""
    from sim.experiments.design import plan_of

    plan = plan_of(scenario)
    plan.worlds  # noqa: B018  (points that cannot be are refused)
    return f"; sweep: {plan.sentence}"


def schema(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print the JSON Schema of scenario files."""
    from sim.scenario import schema as made

    terminal.say(json.dumps(made(), indent=1))
    return 0


def _new_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write, ending in .toml")
    parser.add_argument(
        "--from", dest="source", metavar="SCENARIO", help="copy a shipped scenario, a file, or a saved run"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path,
                        help="a scenario file, the folder of a saved run, or a shipped name")  # fmt: skip


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No options."""


COMMANDS = (
    Command("new", "write", "a scenario file to fill in, each line explained", new, _new_options,
            ("tenfold new shop.toml", "tenfold new cafes.toml --from two_cafes")),
    Command("check", "write", "all faults of a scenario file, one a line", check, _check_options,
            ("tenfold check shop.toml", "tenfold check two_cafes")),
    Command("schema", "write", "the JSON Schema of scenario files, for editors", schema, _nothing,
            ("tenfold schema > tenfold.schema.json",)),
)  # fmt: skip
