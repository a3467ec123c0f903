"""Claims: the textbook's sentences as experiments, all of them or one."""

from __future__ import annotations

import argparse
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, whole
from sim.folders import held_in
from sim.terminal import called

if TYPE_CHECKING:
    from sim.experiments.claims import Claim, Size
    from sim.terminal import Terminal

STORE = "pieces"
"""The folder in `--out` that keeps finished pieces of work."""

PAGES = ("claims.md", "claims.json")
"""What stands there about all claims."""


def claims(args: argparse.Namespace, terminal: Terminal) -> int:
    """Try all sentences; print the table of verdicts; write the page and the pictures where `--out` says."""
    from sim.experiments.claims import CLAIMS

    if args.list:
        _print_list(list(CLAIMS.values()), terminal)
        return 0
    found = _played(None, args, terminal)
    if args.out is not None:
        _save_all(found, args, terminal)
    if args.json:
        _say([one.about for one in found], terminal)
        return 0
    _print_table(found, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out}.")
    return 0


def claim(args: argparse.Namespace, terminal: Terminal) -> int:
    """Try one sentence; print what was found; draw it where `--out` says."""
    from sim.experiments.claims import known

    known(args.name)
    found = _played([args.name], args, terminal)[0]
    if args.out is not None:
        found.save(args.out / found.name, force=True)
        terminal.kept.append(str(args.out / found.name))
    if args.json:
        _say(found.about, terminal)
        return 0
    first, *rest = repr(found).splitlines()
    terminal.title(first)
    for line in rest:
        terminal.write(line.strip(), indent="  ", hang="    ")
    _print_cells(found, terminal)
    if args.out is not None:
        terminal.note(f"Saved in {args.out / found.name}.")
    return 0


def _played(names: list[str] | None, args: argparse.Namespace, terminal: Terminal) -> list[Claim]:
    """Compute, with a bar; finished pieces are kept in `--out`, so that a second call goes on."""
    from sim.experiments.claims import CLAIMS, FULL, REDUCED
    from sim.experiments.claims import claims as tried
    from sim.experiments.pool import cores
    from sim.prepare import prepare

    store = None if args.out is None else args.out / STORE
    _check_out(args.out, names or list(CLAIMS), FULL if args.full else REDUCED, args.force)
    if any(not CLAIMS[name].waits_for for name in names or CLAIMS):
        prepare(terminal)
    what = "Trying the sentences" if names is None else "Trying the sentence"
    if store is not None:
        terminal.kept.append(f"finished pieces in {store}")
    with terminal.progress(what, unit="piece") as report:
        return tried(
            names,
            FULL if args.full else REDUCED,
            store=store,
            processes=args.processes or cores(),
            progress=report,
        )


def _check_out(out: Path | None, names: list[str], size: Size, force: bool) -> None:
    """Refuse a file, a folder of something else, and, unless forced, verdicts of another size that would be lost."""
    if out is None or not out.exists():
        return
    if not out.is_dir():
        raise FileExistsError(f"{out} is a file; claims go to a folder of their own")
    from sim.experiments.claims import CLAIMS
    from sim.experiments.claims.result import FILE

    ours = {STORE, *PAGES, *CLAIMS}
    others = sorted(held_in(out) - ours)
    if others:
        raise FileExistsError(
            f"{out} holds {others[0]} beside claims; name a folder of their own, or one that is not there yet"
        )
    for name in names:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            there = json.loads((out / name / FILE).read_text(encoding="utf-8"))["size"]
            if there != size.name and not CLAIMS[name].waits_for and not force:
                break
    else:
        return
    raise FileExistsError(
        f"{out / name} holds the claim at {there} size; name another folder, or give --force to write over it"
    )


def _save_all(found: list[Claim], args: argparse.Namespace, terminal: Terminal) -> None:
    """A folder a claim, the table of verdicts as a page and as JSON."""
    from sim.experiments.claims.page import page
    from sim.scenario.writing import write_whole

    for one in found:
        one.save(args.out / one.name, force=True)
    text = json.dumps([one.about for one in found], indent=1, ensure_ascii=False)
    write_whole(args.out / PAGES[1], text.encode(), force=True)
    write_whole(args.out / PAGES[0], page(found).encode(), force=True)
    terminal.kept.append(str(args.out))


# ---------------------------------------------------------------- printing


def _say(said: Any, terminal: Terminal) -> None:
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def _print_list(designs: list[Any], terminal: Terminal) -> None:
    """The sentences, without trying them."""
    room = max(len(one.name) for one in designs)
    for one in designs:
        needs = f" With the mechanism {' and '.join(one.needs)}." if one.needs else ""
        needs = f" Cannot be tested: waits for {one.waits_for}." if one.waits_for else needs
        terminal.write(f"{one.name:<{room}}  {one.sentence} ({one.source}){needs}", hang=" " * (room + 2))
    terminal.say()
    terminal.write(f"{called()} claim NAME tries one; {called()} claims tries all.")


def _print_table(found: list[Claim], terminal: Terminal) -> None:
    """A row a claim: its verdict, the interval of its first cell, where it turns."""
    from sim.experiments.claims.result import told

    size = found[0].size.name
    terminal.title(f"{len(found)} sentences of the textbooks, tried in the market at {size} size")
    terminal.say()
    for one in found:
        where = f" {one.flips_where}" if one.flips_where else ""
        terminal.write(f"{one.name:<16} {one.verdict}{where}", hang=" " * 17)
        first = one.headline
        about = f"; {told(first, one.parts[0].part.unit)}" if first is not None else ""
        terminal.write(f"{one.sentence} [{one.status}]{about}", indent=" " * 17, hang=" " * 17)
    terminal.say()
    if not found[0].size.is_full:
        terminal.write(
            f"A small part of each design: {called()} claims --full plays all of it; --out FOLDER keeps what is done."
        )
    terminal.write(f"{called()} claim NAME tells how a sentence was tried.")


def _print_cells(found: Claim, terminal: Terminal) -> None:
    """The cells of a claim, part by part: where, effect, interval, what it says."""
    from sim.commands.table import Column, print_table
    from sim.experiments.claims.result import level
    from sim.terminal import number

    for one in found.parts:
        if not one.cells or not (one.cells[0].where or len(found.parts) > 1):
            continue
        terminal.say()
        terminal.bold(
            f"{one.part.name or 'cells'}, {'share of resamples' if is_share(one) else one.part.unit}"
        )
        factors = list(dict.fromkeys(name for cell in one.cells for name in cell.where))
        columns = [
            Column(
                name.replace("_", " "),
                [level(cell.where.get(name, "")) for cell in one.cells],
                keep=9,
                left=True,
            )
            for name in factors
        ]
        digits = 2 if is_share(one) or max(abs(cell.mean) for cell in one.cells) < 100 else 0
        if max(abs(cell.mean) for cell in one.cells) < 0.1:
            digits = 4
        columns.append(Column("effect", [number(cell.mean, digits) for cell in one.cells], keep=9))
        if not is_share(one):
            columns.append(Column("95 % from", [number(cell.low, digits) for cell in one.cells], keep=7))
            columns.append(Column("to", [number(cell.high, digits) for cell in one.cells], keep=7))
        columns.append(Column("says", [cell.says for cell in one.cells], keep=8, left=True))
        print_table(columns, terminal)


def is_share(one: Any) -> bool:
    """Whether the cells of a part are shares of resamples."""
    return all(cell.low != cell.low for cell in one.cells)


# ---------------------------------------------------------------- options


def _shared(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--full",
        action="store_true",
        help="the whole design: some minutes a claim, and the verdict that counts",
    )
    add("--out", metavar="FOLDER", type=Path,
        help="save verdicts, tables and pictures there, and finished pieces: a second call goes on")  # fmt: skip
    add("--processes", metavar="N", type=whole(1, 256), help="how many work at once; all cores unless given")
    add("--force", action="store_true", help="write over verdicts of another size")
    add("--json", action="store_true", help="print JSON, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


def _all_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="only name the sentences; nothing is computed")
    _shared(parser)


def _one_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help=f"such as permission; {called()} claims --list names them"
    )
    _shared(parser)


COMMANDS = (
    Command("claims", "study", "the textbook's sentences, tried: a table of verdicts", claims, _all_options,
            ("tenfold claims --list", "tenfold claims", "tenfold claims --full --out verdicts", "tenfold claims --json")),
    Command("claim", "study", "one sentence: its verdict, and where it turns", claim, _one_options,
            ("tenfold claim permission", "tenfold claim permission --full --out verdicts")),
)  # fmt: skip
