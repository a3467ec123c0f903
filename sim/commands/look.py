"""Look: a first run, the shipped scenarios, a scenario's page, what a word means."""

from __future__ import annotations

import argparse
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, changes_of, computing, read_as_it_was
from sim.terminal import called

if TYPE_CHECKING:
    from sim.runs import Run
    from sim.terminal import Terminal

WAYS = {"North": "basic", "East": "level_by_value", "South": "accountable", "West": "structural_bond"}
"""The firms of the demo: alike but for how they treat their customers."""

DEMO = {"market.customers": 20_000, "market.months": 60} | {
    f"firms.{name}.policy": way for name, way in WAYS.items()
}
"""What the demo changes in `plain`."""

TITLE = "Four firms, alike but for how they treat their customers"

PICTURE = "tenfold-demo"


# ---------------------------------------------------------------- demo


def demo(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run four firms for five years, print the table, draw the months."""
    from sim.commands.run import execute, print_firms, print_json

    own = changes_of(args)
    done = execute("plain", {**DEMO, **own}, args, terminal)
    if args.json:
        print_json(done, terminal)
    else:
        introduce(done, own, terminal)
        print_firms(done, terminal)
        terminal.out.flush()
    picture = draw(done, own, args.force)
    terminal.kept.append(str(picture))
    said = f"The months are drawn in {picture}."
    if args.json:
        terminal.note(said)
    else:
        terminal.say()
        terminal.say(f"{said} Next: {called()} run two_cafes")
    return 0


def introduce(done: Run, own: dict[str, Any], terminal: Terminal) -> None:
    """Say who the firms are."""
    from sim.policies import POLICIES
    from sim.scenario.page import changed

    market = done.scenario.market
    terminal.title(f"{TITLE}: {market.customers:,} customers, {done.months_done} months, seed {done.seed}")
    if own:
        terminal.write(f"changed: {changed(own)}", hang="  ")
    for name, way in done.policies.items():
        about = (POLICIES[way].__doc__ or way).splitlines()[0]
        terminal.write(f"{name:<6} {way}: {about}", indent="  ", hang=" " * 9)
    terminal.say()


def draw(done: Run, own: dict[str, Any], force: bool) -> Path:
    """Draw the months into the current folder, beside pictures that are there."""
    import matplotlib

    from sim import show
    from sim.scenario.page import changed

    matplotlib.use("agg")
    months = done.months.copy()
    months.attrs = {**done.months.attrs, "title": TITLE + (f" ({changed(own)})" if own else "")}
    numbered = (Path(f"{PICTURE}-{number}.png") for number in count(2))
    for file in chain([Path(f"{PICTURE}.png")], numbered):
        if force or not file.exists():
            return show.save(show.months(months), file, force=force)
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
    terminal.write(f"{called()} show NAME prints a page; {called()} run NAME lets the months pass.")
    return 0


# ---------------------------------------------------------------- show and explain


def show(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print a scenario's page, its firms, who decides what, its segments, and what it says of its own."""
    from sim.commands.pages import print_scenario

    print_scenario(read_as_it_was(args.scenario, terminal), terminal)
    return 0


BROKEN = 80
"""A shorter line of a docstring was not broken for its length."""


def explain(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print what a word means: a parameter, a column, a metric, a stage, an equation, a policy."""
    import sim

    for line in _sentences(repr(sim.explain(args.word)).splitlines()):
        lead = " " * (len(line) - len(line.lstrip()))
        terminal.write(line.strip(), indent=lead, hang=f"{lead}  ")
    return 0


def _sentences(lines: list[str]) -> list[str]:
    """The lines, with those joined that were broken in the middle of a sentence, because they were long."""
    joined: list[str] = []
    for line in lines:
        goes_on = (
            joined and line.startswith("  ") and joined[-1].startswith("  ") and line.strip()[:1].islower()
        )
        if goes_on and len(joined[-1]) > BROKEN and not joined[-1].endswith((".", ":", "?")):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return joined


# ---------------------------------------------------------------- the commands


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No options."""


def _scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scenario", metavar="SCENARIO", help="a shipped name, a .toml file, or the folder of a saved run"
    )


def _word(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "word", metavar="WORD", help="an address such as talk.unhappy_tells, or the end of one; or a name"
    )


COMMANDS = (
    Command("demo", "look", "four firms, four relationship policies: a table and a picture", demo, computing,
            ("tenfold demo", "tenfold demo --months 24 --seed 7", "tenfold demo --change talk.unhappy_tells=0")),
    Command("scenarios", "look", "the markets that are shipped, and the question each answers", scenarios, _nothing,
            ("tenfold scenarios",)),
    Command("show", "look", "a scenario's page: its firms, who decides what, its parameters", show, _scenario,
            ("tenfold show two_cafes", "tenfold show shop.toml", "tenfold show results/first")),
    Command("explain", "look", "what a parameter, column, metric, stage or policy means", explain, _word,
            ("tenfold explain talk.unhappy_tells", "tenfold explain need_rate", "tenfold explain customer_equity")),
)  # fmt: skip
