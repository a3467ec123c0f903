"""Look: a first run, the shipped scenarios, a scenario's page, what a word means."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, computing

if TYPE_CHECKING:
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
    from sim.commands.command import changes_of
    from sim.commands.run import execute, print_json, print_run
    from sim.scenario import load

    scenario = load("plain").with_changes({**DEMO, **changes_of(args)})
    run = execute(scenario, args, terminal)
    if args.json:
        print_json(run, terminal)
    else:
        print_run(run, terminal)
    picture = _draw(run, args.force)
    terminal.kept.append(str(picture))
    said = f"The months are drawn in {picture}"
    if args.json:
        terminal.note(f"{said}.")
    else:
        terminal.say()
        terminal.write(f"{said}. Next: tenfold scenarios, or tenfold run two_cafes.")
    return 0


def _draw(run: Any, force: bool) -> Path:
    """Draw the months into the current folder, beside pictures that are there; whole or not at all."""
    import io

    import matplotlib

    from sim.scenario.writing import write_whole

    matplotlib.use("agg")
    stream = io.BytesIO()
    axes = run.plot("months")
    figure = getattr(axes, "flat", [axes])[0].figure
    figure.savefig(stream, format="png", dpi=150)
    for name in _names():
        if force or not name.exists():
            write_whole(name, stream.getvalue(), force=force)
            return name
    raise AssertionError


def _names() -> Iterator[Path]:
    yield Path(f"{PICTURE}.png")
    number = 2
    while True:
        yield Path(f"{PICTURE}-{number}.png")
        number += 1


# ---------------------------------------------------------------- scenarios


def scenarios(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print the shipped scenarios, a line each, with the question that each answers."""
    from sim.scenario import scenarios as shipped
    from sim.terminal import wide

    rows = shipped()
    name = max(wide(row["name"]) for row in rows)
    for row in rows:
        facts = f"{row['customers']:>7,} customers  {row['months']:>3} months"
        line = f"{row['name']:<{name}}  {facts}  "
        terminal.write(f'{line}"{row["question"]}"', hang=" " * len(line))
    terminal.say()
    terminal.write("tenfold show NAME prints its page; tenfold run NAME lets the months pass.")
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

    terminal.write(str(sim.explain(args.word)), hang="  ")
    return 0


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
    Command("show", "look", "a scenario's page: what it is, its firms, who decides what, its parameters", show, _scenario,
            ("tenfold show two_cafes", "tenfold show shop.toml", "tenfold show results/first")),
    Command("explain", "look", "what a parameter, column, metric, stage or policy means", explain, _word,
            ("tenfold explain talk.unhappy_tells", "tenfold explain need_rate", "tenfold explain customer_equity")),
)  # fmt: skip
