"""Concepts: what of the model expresses each one, and what it does, tried on twins."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.command import Command, Mistake, whole
from sim.terminal import called

if TYPE_CHECKING:
    from sim.concepts import Concept, Tried
    from sim.terminal import Terminal

PAGE = "concepts.md"


def concepts(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print all concepts, those with a word, or one with its experiment; with `--all` try them all."""
    from sim.concepts import concepts as every
    from sim.concepts import find_concepts

    word = " ".join(args.word)
    chosen = find_concepts(word) if word else list(every().values())
    if args.out is not None and not args.all:
        raise Mistake("tenfold concepts: --out is for the page of all, with --all")
    if args.out is not None and (args.out / PAGE).exists() and not args.force:
        raise Mistake(f"{args.out / PAGE} is there already; --force writes over it")
    tried = _tried(chosen, args, terminal) if args.all or (word and len(chosen) == 1) else {}
    if args.out is not None:
        _write(tried, args, terminal)
    if args.json:
        _print_json(chosen, tried, terminal)
    elif len(chosen) == 1:
        _print_one(chosen[0], tried.get(chosen[0].id), terminal)
    else:
        _print_all(chosen, tried, terminal)
    return 0


def _tried(chosen: list[Concept], args: argparse.Namespace, terminal: Terminal) -> dict[int, Tried]:
    """The experiments of the concepts that have one."""
    from sim.concepts import try_concept

    mine = [one for one in chosen if one.experiment]
    found: dict[int, Tried] = {}
    with terminal.progress("Trying", "run") as report:
        for place, one in enumerate(mine):

            def tell(done: int, total: int, place: int = place) -> None:
                if report:
                    report(place * total + done, len(mine) * total)

            found[one.id] = try_concept(one, seeds=args.seeds, progress=tell)
    return found


def _write(tried: dict[int, Tried], args: argparse.Namespace, terminal: Terminal) -> None:
    from sim.concepts import CUSTOMERS, MONTHS, page
    from sim.scenario.writing import write_whole

    args.out.mkdir(parents=True, exist_ok=True)
    size = f"{args.seeds} seeds, at most {CUSTOMERS:,} customers, {MONTHS} months."
    write_whole(args.out / PAGE, page(tried, size).encode(), force=args.force)
    terminal.kept.append(str(args.out / PAGE))
    terminal.note(f"Saved in {args.out / PAGE}.")


def _print_all(chosen: list[Concept], tried: dict[int, Tried], terminal: Terminal) -> None:
    """A line a concept."""
    for one in chosen:
        start = f"{one.id:>3}  "
        found = tried.get(one.id)
        does = f" = {found}" if found else ""
        terminal.write(
            f"{one.name}  ->  {', '.join(one.represented_by)}{does}", indent=start, hang=" " * len(start)
        )
    terminal.say()
    terminal.write(f"{called()} concepts WORD tries one on twins: with it, and without it.")


def _print_one(one: Concept, found: Tried | None, terminal: Terminal) -> None:
    """A concept: what expresses it, the experiment, and what came of it."""
    from sim.scenario.page import changed

    terminal.title(f"{one.id}. {one.name} ({one.source})")
    terminal.write(f"expressed by: {', '.join(one.represented_by)}", indent="  ", hang="    ")
    if one.says:
        terminal.write(one.says, indent="  ", hang="    ")
    if one.experiment is None or found is None:
        return
    for name, change in (("with it", one.experiment.on), ("without it", one.experiment.off)):
        world = f"{one.experiment.scenario}, {changed(change) or 'as it is'}"
        terminal.write(f"{name}: {world}", indent="  ", hang="    ")
    word = "" if found.is_alive else "; not told from 0 with so few seeds: --seeds N"
    terminal.write(f"{found}; {len(found.effects)} seeds{word}", indent="  ", hang="    ")


def _print_json(chosen: list[Concept], tried: dict[int, Tried], terminal: Terminal) -> None:
    """A row a concept."""
    from sim.commands.objects import rows, say
    from sim.concepts import table

    wanted = {one.id for one in chosen}
    frame = table(tried)
    say({"concepts": rows(frame[frame["id"].isin(wanted)])}, terminal)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "word",
        metavar="WORD",
        nargs="*",
        help="a concept's number, or a word of its name or of what expresses it",
    )
    parser.add_argument("--all", action="store_true", help="try all experiments: some minutes")
    parser.add_argument(
        "--seeds", metavar="N", type=whole(1, 1_000), default=5, help="how many seeds; 5 unless given"
    )
    parser.add_argument("--out", metavar="FOLDER", type=Path, help=f"with --all: write {PAGE} there")
    parser.add_argument("--force", action="store_true", help="write over what is there")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("concepts", "look", "the texts' concepts: what expresses each, and what it does", concepts, _options,
            ("tenfold concepts", "tenfold concepts 65", "tenfold concepts community", "tenfold concepts --all --out docs --force")),
)  # fmt: skip
