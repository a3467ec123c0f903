"""Teach: a class's notebooks of a lesson, graded."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.command import Command, Mistake
from sim.extras import cure
from sim.terminal import listed

if TYPE_CHECKING:
    from sim.teach.grading.book import Book, Listed
    from sim.terminal import Terminal

OUT = Path("grades.csv")
SHOWN = 12
"""Notebooks and students that are named on the terminal; the table has all."""


def grade(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run all notebooks of a ZIP and write the tables of points and texts."""
    if importlib.util.find_spec("psutil") is None:
        raise Mistake(
            f"psutil is not installed here, and nothing else can hold notebooks within memory: {cure('teach')}"
        )
    from sim.classroom.gradebook import inert
    from sim.prepare import prepare
    from sim.scenario.writing import write_whole
    from sim.teach import desk
    from sim.teach.grading import archive, book

    lesson = desk.lesson_named(args.lesson).name
    texts = args.out.with_name(f"{args.out.stem}-texts.csv")
    for file in (args.out, texts):
        if file.exists() and not args.force:
            raise FileExistsError(
                f"{file} is there already; --force writes over it, --out takes another name"
            )
    class_list = _class_list(args.roster)
    handed, others = archive.notebooks_in(args.zip)
    keep = args.out.with_name(f"{args.out.stem}-kept")
    if not args.quiet:
        terminal.note(f"{len(handed)} notebooks are run: they are programs of your students, and run as you would run them, "
                      "each in a folder of its own for at most 120 seconds and 1 GB.")  # fmt: skip
        if others:
            more = f"{len(others)} other files in the ZIP are left alone, such as"
            terminal.note(
                f"{more if len(others) > 1 else 'One other file in the ZIP is left alone:'} {others[0]}."
            )
    prepare(terminal)  # here, or each notebook compiles by itself, within its own 120 seconds
    terminal.kept.append(f"{keep} (the same command goes on from there)")
    with terminal.progress("Grading", "notebook") as report:
        graded = book.grade_all(handed, lesson, keep, report)
    made = book.make_book(handed, graded, lesson, class_list)
    write_whole(args.out, book.as_csv(made.grades, inert), force=args.force)
    write_whole(texts, book.as_csv(made.texts, inert), force=args.force)
    _say(made, args.out, texts, keep, terminal)
    if class_list is not None:
        terminal.note(_found_by(made, class_list))
    if any(one.network for one in graded):
        terminal.note(
            "This system does not let a program be cut off from the network: the notebooks could reach it."
        )
    return 0


def _class_list(file: Path | None) -> Listed | None:
    """The roster, as the tables need it."""
    if file is None:
        return None
    from sim.classroom.roster import id_columns, read_roster
    from sim.teach.grading.book import Listed

    roster = read_roster(file)
    rows = tuple((one.id, one.row) for one in roster.entries)
    return Listed(roster.columns, rows, id_columns(roster))


def _found_by(made: Book, class_list: Listed) -> str:
    """By which columns of the class list students were found."""
    if made.found_by:
        return f"Students are found by {', '.join(made.found_by)} of the class list."
    looked = ", ".join(class_list.columns[place] for place in class_list.ids)
    return f"No notebook says an id of the class list: it was looked for in {looked}."


def _say(made: Book, out: Path, texts: Path, keep: Path, terminal: Terminal) -> None:
    failed = f", {len(made.failed)} to look at (named below)" if made.failed else ""
    missing = f", {len(made.missing)} without a notebook" if made.missing else ""
    terminal.say(f"{made.graded} graded{failed}{missing}, wrote {out}, and {texts} for you to read.")
    for who, why in made.failed[:SHOWN]:
        terminal.write(f"{who}: {why}", indent="  ")
    if len(made.failed) > SHOWN:
        terminal.say(f"  … and {len(made.failed) - SHOWN} more, in the column `remarks`.")
    if made.missing:
        terminal.write(f"Without a notebook: {_some(made.missing)}.")
    if made.bare:
        pairs = [f"{said} for {meant}" for said, meant in made.bare]
        terminal.note(f"Ids with other zeros in front than the class list's are taken: {_some(pairs)}.")
    terminal.note(f"What was graded is kept in {keep}: with more notebooks in the ZIP, only those are run, and what was "
                  "stopped before its end. Delete it when all is done.")  # fmt: skip


def _some(said: list[str]) -> str:
    """The first of many."""
    more = len(said) - SHOWN
    return listed([*said[:SHOWN], *[f"{more} more"] * (more > 0)])


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "zip",
        metavar="ZIP",
        type=Path,
        help="the notebooks, as a learning platform gives them: any file names",
    )
    add("lesson", metavar="LESSON", help="which lesson: lesson01 to lesson12, or its number")
    add(
        "--roster",
        metavar="FILE",
        type=Path,
        help="the class list (CSV): a row a student in its order, with its columns",
    )
    add("--out", metavar="FILE", type=Path, default=OUT, help=f"the table of points; {OUT} unless given")
    add("--force", action="store_true", help="write over the tables that are there")
    add("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command(
        "grade",
        "teach",
        "a class's notebooks of a lesson, graded",
        grade,
        _options,
        ("tenfold grade handed_in.zip lesson03 --roster class.csv",),
    ),
)
