"""Look: a first run, the shipped scenarios, a scenario's page, what a word means."""

from __future__ import annotations

import argparse
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.command import Command, changes_of, computing

if TYPE_CHECKING:
    from sim.runs import Run
    from sim.terminal import Terminal

DEMO = {
    "market.customers": 20_000,
    "market.months": 60,
    "firms.North.policy": "basic",
    "firms.East.policy": "level_by_value",
    "firms.South.policy": "accountable",
    "firms.West.policy": "structural_bond",
}
"""What the demo changes in `plain`: four firms, alike but for how they treat their customers."""

PICTURE = "tenfold-demo"


# ---------------------------------------------------------------- demo


def demo(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run four firms for five years, print the table, draw the months."""
    from sim.commands.run import execute, print_json, print_run

    done = execute("plain", {**DEMO, **changes_of(args)}, args, terminal)
    if args.json:
        print_json(done, terminal)
    else:
        print_run(done, terminal)
        terminal.out.flush()
    picture = draw(done, args.force)
    terminal.kept.append(str(picture))
    said = f"The months are drawn in {picture}."
    if args.json:
        terminal.note(said)
    else:
        terminal.say()
        terminal.say(f"{said} Next: tenfold scenarios, or tenfold run two_cafes")
    return 0


def draw(done: Run, force: bool) -> Path:
    """Draw the months into the current folder, beside pictures that are there."""
    import matplotlib

    from sim import show

    matplotlib.use("agg")
    numbered = (Path(f"{PICTURE}-{number}.png") for number in count(2))
    for file in chain([Path(f"{PICTURE}.png")], numbered):
        if force or not file.exists():
            return show.save(done.plot("months"), file, force=force)
    raise AssertionError


# ---------------------------------------------------------------- scenarios


def scenarios(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print the shipped scenarios, a line each, with the question that each answers."""
    from sim.scenario import scenarios as shipped

    rows = shipped()
    room = max(len(row["name"]) for row in rows)
    terminal.title(f"{'name':<{room}}  customers  months  question")
    for row in rows:
        start = f"{row['name']:<{room}}  {row['customers']:>9,}  {row['months']:>6}  "
        terminal.write(row["question"], indent=start, hang=" " * len(start))
    terminal.say()
    terminal.write("tenfold show NAME prints a page; tenfold run NAME lets the months pass.")
    return 0


# ---------------------------------------------------------------- show and explain


def show(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print a scenario's page, its firms, who decides what, its segments, and what it says of its own."""
    from sim.commands.pages import print_scenario
    from sim.scenario import load

    print_scenario(load(args.scenario), terminal)
    return 0


def explain(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print what a word means: a parameter, a column, a metric, a stage, an equation, a policy."""
    import sim

    for line in _sentences(repr(sim.explain(args.word)).splitlines()):
        lead = " " * (len(line) - len(line.lstrip()))
        terminal.write(line.strip(), indent=lead, hang=f"{lead}  ")
    return 0


def _sentences(lines: list[str]) -> list[str]:
    """The lines, with those joined that go on in the middle of a sentence."""
    joined: list[str] = []
    for line in lines:
        goes_on = joined and line.startswith("  ") and joined[-1].startswith("  ") and line.strip()[:1].islower()
        if goes_on and not joined[-1].endswith((".", ":")):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return joined


# ---------------------------------------------------------------- the commands


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No options."""


def _scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name, a .toml file, or the folder of a saved run")


def _word(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word", metavar="WORD", help="an address such as talk.unhappy_tells, or the end of one; or a name")


COMMANDS = (
    Command("demo", "look", "four firms with different relationship policies: a table and a picture", demo, computing,
            ("tenfold demo", "tenfold demo --months 24 --seed 7", "tenfold demo --change talk.unhappy_tells=0")),
    Command("scenarios", "look", "the markets that are shipped, and the question each answers", scenarios, _nothing,
            ("tenfold scenarios",)),
    Command("show", "look", "a scenario's page: its firms, who decides what, its parameters", show, _scenario,
            ("tenfold show two_cafes", "tenfold show shop.toml", "tenfold show results/first")),
    Command("explain", "look", "what a parameter, column, metric, stage or policy means", explain, _word,
            ("tenfold explain talk.unhappy_tells", "tenfold explain need_rate", "tenfold explain customer_equity")),
)  # fmt: skip
