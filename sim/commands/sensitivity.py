"""Sensitivity: which assumption moves a metric, and how much of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import (
    MONTHS,
    Command,
    Mistake,
    change,
    changes_of,
    say_what_is_kept,
    whole,
    world_of,
)
from sim.commands.objects import say
from sim.commands.run import SCENARIO
from sim.folders import held_in, refuse_here

if TYPE_CHECKING:
    from sim.experiments.sensitivities import Sensitivity
    from sim.terminal import Terminal


def sensitivity(args: argparse.Namespace, terminal: Terminal) -> int:
    """Carry the runs out; print what each parameter explains."""
    from sim.experiments import sensitivity as of_scenario
    from sim.prepare import prepare

    begin(args, "sensitivity", terminal)
    prepare(terminal)
    found = of_scenario(
        world_of(args.scenario, changes_of(args)), spans(args.over), of=args.of, method=args.method, firm=args.firm,
        runs=args.runs, months=args.months, seeds=args.seeds, store=args.store, executor=args.scheduler, ask=not args.yes,
        quiet=args.quiet,
    )  # fmt: skip
    if not saved(found, args, terminal):
        print_sensitivity(found, terminal)
    return 0


def saved(found: Any, args: argparse.Namespace, terminal: Terminal, more: str = "") -> bool:
    """Save where `--out` says; print the object if that is all that is wanted, and say whether it was."""
    if args.out is not None:
        found.save(args.out, force=args.force)
        terminal.kept.append(str(args.out))
        terminal.note(f"Saved in {args.out}{more}.")
    if args.json:
        say(found.said(), terminal)
    return bool(args.json)


def check_place(out: Path | None, force: bool, name: str) -> None:
    """Refuse a folder that cannot take the result, before anything is computed."""
    if out is None or not out.exists():
        return
    refuse_here(out)
    if not out.is_dir():
        raise Mistake(f"--out {out}: is a file; a result goes to a folder")
    held = held_in(out)
    if held and f"{name}.json" not in held:
        raise Mistake(f"--out {out}: holds something else than results of {name}; name another folder")
    if held and not force:
        raise Mistake(f"--out {out}: holds a result already; give --force to write over it")


def begin(args: argparse.Namespace, name: str, terminal: Terminal) -> None:
    """Refuse a place for the result that cannot take it; say what a saved run brings, and what a stop keeps."""
    check_place(args.out, args.force, name)
    say_what_is_kept(args.scenario, terminal)
    if args.store is not None:
        terminal.kept.append(f"the runs that were done, in {args.store}: the same command goes on")


def spans(over: list[tuple[str, str]]) -> Any:
    """What `--over` says: addresses, and ranges where they are given."""
    from sim.scenario import parse_value

    if not over:
        return None
    if not any(text for _, text in over):
        return [address for address, _ in over]
    for address, text in over:
        value = parse_value(text)
        if not (isinstance(value, list) and len(value) == 2):
            raise Mistake(
                f"--over {address}: needs a range such as {address}=[1,20], as others have one; or give none of them one"
            )
    return {address: tuple(parse_value(text)) for address, text in over}


def print_sensitivity(found: Sensitivity, terminal: Terminal) -> None:
    """The sentence, a row a parameter, and how far it holds."""
    from sim.commands.table import Column, print_table
    from sim.terminal import number

    terminal.title(found.headline)
    terminal.say()
    table = found.table
    is_sobol = found.method == "sobol"
    columns = [
        Column("parameter", list(table["parameter"]), keep=9, left=True, least=24),
        Column("from", [number(v) for v in table["low"]], keep=3),
        Column("to", [number(v) for v in table["high"]], keep=3),
    ]
    for name, head, keep in (
        [("first", "alone", 9), ("total", "with others", 7)]
        if is_sobol
        else [("mu_star", "effect", 9), ("sigma", "spread", 6)]
    ):
        columns.append(Column(head, [_figure(v, is_sobol) for v in table[name]], keep=keep))
        if f"{name}_low" in table:
            columns += [
                Column("95 % from", [_figure(v, is_sobol) for v in table[f"{name}_low"]], keep=keep - 2),
                Column("to", [_figure(v, is_sobol) for v in table[f"{name}_high"]], keep=keep - 2),
            ]
    print_table(columns, terminal)
    terminal.say()
    for note in found.notes:
        terminal.write(note, hang="  ")
    if not is_sobol:
        terminal.write(
            "Effect: mean size of what a step over the whole range does; spread: it bends, or others change it."
        )


def elasticities(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print what one per cent more of each driver of customer equity is worth."""
    from sim.commands.table import Column, print_table
    from sim.experiments import elasticities as of_scenario
    from sim.margin import named
    from sim.prepare import prepare
    from sim.terminal import number

    begin(args, "elasticities", terminal)
    prepare(terminal)
    found = of_scenario(
        world_of(args.scenario, changes_of(args)), firm=args.firm, months=args.months, seeds=args.seeds,
        step=args.step, store=args.store, executor=args.scheduler, ask=not args.yes, quiet=args.quiet,
    )  # fmt: skip
    if args.out is not None:
        found.save(args.out, force=args.force)
        terminal.kept.append(str(args.out))
    if args.json:
        say(found.said(), terminal)
        return 0
    equity = named("customer equity", found.scenario)
    terminal.title(f"One per cent more, and {equity} of {found.firm}, in per cent")
    terminal.say()
    table = found.table
    columns = [
        Column("driver", list(table["driver"]), keep=9, left=True),
        Column("is", [number(v) for v in table["value"]], keep=5),
        Column("closed form", [number(v, 2) for v in table["closed"]], keep=9),
        Column("twins", [number(v, 2) for v in table["measured"]], keep=9),
        Column("95 % from", [number(v, 2) for v in table["low"]], keep=7),
        Column("to", [number(v, 2) for v in table["high"]], keep=7),
        Column("moved %", [number(v, 2) for v in table["moved"]], keep=6),
        Column("by", [a.rpartition(".")[2] for a in table["lever"]], keep=3, left=True),
    ]
    print_table(columns, terminal)
    terminal.say()
    for note in found.notes:
        terminal.write(note, hang="  ")
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def _figure(value: float, is_share: bool) -> str:
    from sim.terminal import number

    return number(value, 2) if is_share or abs(value) >= 100 else number(value)


def over_option(text: str) -> tuple[str, str]:
    """ADDRESS, or ADDRESS=[LOW,HIGH]."""
    return change(text) if "=" in text else (text.strip(), "")


def studying(parser: argparse.ArgumentParser, seeds: int) -> None:
    """The options that studies of many runs share."""
    add = parser.add_argument
    add("--firm", metavar="NAME", help="whose; the scenario's focus unless given")
    add(
        "--seeds",
        metavar="N",
        type=whole(1, 10_000),
        default=seeds,
        help=f"how often, with other luck; {seeds} unless given",
    )
    add(
        "--months", metavar="N", type=whole(1, MONTHS), help="length of each run; the scenario's unless given"
    )
    add("--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[],
        help="another value in all runs; may be repeated")  # fmt: skip
    add(
        "--store",
        metavar="FOLDER",
        type=Path,
        help="keep finished runs there: the same command goes on after a stop",
    )
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:8786: its workers do the runs")
    add("--out", metavar="FOLDER", type=Path, help="save the result there; without it nothing is written")
    add("--force", action="store_true", help="write over what is there")
    add("--yes", action="store_true", help="do not ask before more than 10,000 runs or an hour")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add(
        "--of",
        metavar="METRIC",
        default="customer_equity",
        help="what is to be explained; customer_equity unless given",
    )
    add("--over", metavar="ADDRESS[=RANGE]", type=over_option, action="append", default=[],
        help="what moves, such as talk.unhappy_tells=[1,20]; its documented range unless given; may be repeated; "
        "all assumptions if left out")  # fmt: skip
    add(
        "--method",
        metavar="NAME",
        help="sobol or morris; unless given, many are screened by morris, six go on to sobol",
    )
    add("--runs", metavar="N", type=whole(2, 1_000_000),
        help="base points of sobol (a power of two, 64 unless given), or paths of morris (10)")  # fmt: skip
    studying(parser, 2)


def _elasticity_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add(
        "--step",
        metavar="SHARE",
        type=float,
        default=0.1,
        help="how far the levers are moved in the twins; 0.1 unless given",
    )
    studying(parser, 20)


COMMANDS = (
    Command("elasticities", "study", "what one per cent of retention, margin or cost is worth", elasticities,
            _elasticity_options, ("tenfold elasticities two_cafes", "tenfold elasticities bank_branch --seeds 50 --json")),
    Command("sensitivity", "study", "which assumption explains how much of a metric", sensitivity, _options,
            ("tenfold sensitivity two_cafes --of customer_equity --store sens",
             "tenfold sensitivity two_cafes --over talk.unhappy_tells=[1,20] --of profit",
             "tenfold sensitivity two_cafes --method morris --seeds 1 --runs 4 --months 18")),
)  # fmt: skip
