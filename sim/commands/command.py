"""What a command is, and the options that commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from sim.terminal import called

if TYPE_CHECKING:
    from sim.saved_runs import SavedRun
    from sim.scenario import Scenario
    from sim.terminal import Terminal

SEEDS = 2**64
"""Seeds are 0 to one less than this."""

MONTHS = 2_400
"""Months of the longest run, as in `market.months`."""


class Mistake(ValueError):
    """What was asked cannot be done: a line a fault, with the cure; exit status 2."""


class Command(NamedTuple):
    """A command: its group in the help, what it does in a line, its options, its function, examples.

    One with `parts` is a family: the next word is one of them, a command of its own (`class new`).
    """

    name: str
    group: str
    does: str
    run: Callable[[argparse.Namespace, Terminal], int]
    options: Callable[[argparse.ArgumentParser], None]
    examples: Sequence[str]
    parts: Sequence[Command] = ()


class Parser(argparse.ArgumentParser):
    """argparse, whose faults are ours: one line, with the cure."""

    def __init__(self, command: Command) -> None:
        super().__init__(
            prog=f"{called()} {command.name}",
            description=f"{command.does[:1].upper()}{command.does[1:]}.",
            epilog="Examples:\n"
            + "\n".join(f"  {line}" for line in command.examples).replace("tenfold ", f"{called()} "),
            formatter_class=_Format,
            allow_abbrev=False,
        )
        command.options(self)

    def error(self, message: str) -> NoReturn:
        """Refuse with one line."""
        message = message.removeprefix("argument ").replace(
            "the following arguments are required:", "missing"
        )
        raise Mistake(f"{self.prog}: {message}; {self.prog} --help has examples")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The options that were given; a misspelt one gets the nearest right one."""
        args, others = self.parse_known_intermixed_args(words)
        if others:
            from sim.scenario.faults import nearest

            word = others[0].split("=", 1)[0]
            known = [option for action in self._actions for option in action.option_strings]
            near = nearest(word, known) if word.startswith("-") else ""
            what = "option" if word.startswith("-") else "word too many"
            hint = f'did you mean "{near}"?' if near else f"{self.prog} --help has what there is"
            raise Mistake(
                f'{self.prog}: unknown {what} (got "{others[0]}"); {hint}'.replace("unknown word", "a word")
            )
        return args


class _Format(argparse.RawDescriptionHelpFormatter):
    """Help in 80 columns, options on a line with what they do."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, max_help_position=26, width=min(80, _window()), **more)


def _window() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 80


# ---------------------------------------------------------------- kinds of values


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number in a range, for an option."""

    def read(text: str) -> int:
        try:
            value = int(text.replace("_", ""))
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number {low} to {high} (got {text})")
        return value

    return read


def change(text: str) -> tuple[str, str]:
    """ADDRESS=VALUE, taken apart."""
    address, sign, value = text.partition("=")
    if not sign or not address.strip() or not value.strip():
        raise argparse.ArgumentTypeError(
            f'must be ADDRESS=VALUE, such as talk.unhappy_tells=3 (got "{text}")'
        )
    return address.strip(), value.strip()


def decides(text: str) -> tuple[str, str]:
    """FIRM=POLICY, taken apart."""
    firm, sign, policy = text.partition("=")
    if not sign or not firm.strip() or not policy.strip():
        raise argparse.ArgumentTypeError(f'must be FIRM=POLICY, such as Corner=accountable (got "{text}")')
    return firm.strip(), policy.strip()


# ---------------------------------------------------------------- what commands share


def read(scenario: str | Path) -> Scenario:
    """A scenario by name, file or folder, its policies checked too."""
    import sim.policies  # noqa: F401  (it brings the check of policies)
    from sim.scenario import load

    return load(scenario)


def read_as_it_was(scenario: str, terminal: Terminal) -> Scenario:
    """The same; of a saved run with its months and policies, which is said, and also what no file holds."""
    from sim.saved_runs import read_run

    if (told := read_run(scenario)) is None:
        return read(scenario)
    terminal.note(
        f"{scenario} is a saved run, of seed {told.seed}, here with what it had: {_what_it_had(told)}."
    )
    if told.not_saved:
        terminal.note(f"It also had {', '.join(told.not_saved)}, which no file holds.")
    return told.world


def world_of(scenario: str | Path, changes: Mapping[str, Any]) -> Scenario:
    """The scenario that is run, with its changes; of a saved run's folder with the months and policies that it had."""
    from sim import saved

    return saved.world_of(scenario, change=changes)


def say_what_is_kept(scenario: str, terminal: Terminal, with_seed: bool = False) -> None:
    """Say what a saved run brings beside its scenario, to all runs of a study."""
    from sim.saved import read_run

    if told := read_run(scenario):
        seed = f"seed {told.seed}, " if with_seed else ""
        terminal.note(
            f"{scenario} is a saved run. In all worlds hold, unless you say otherwise, what it had: "
            f"{seed}{_what_it_had(told)}."
        )


def _what_it_had(told: SavedRun) -> str:
    """A saved run's months and policies, in words."""
    policies = "".join(
        f", {firm}={one['name'] if isinstance(one, dict) else one}" for firm, one in told.policies.items()
    )
    return f"{told.months} month{'s' if told.months > 1 else ''}{policies}"


def computing(parser: argparse.ArgumentParser) -> None:
    """The options of every command that computes."""
    add = parser.add_argument
    add("--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[],
        help="another value for a parameter, such as talk.unhappy_tells=3; may be repeated")  # fmt: skip
    add("--months", metavar="N", type=whole(1, MONTHS), help="length of a run; the scenario's unless given")
    add(
        "--seed",
        metavar="N",
        type=whole(0, SEEDS - 1),
        help="the number that all luck comes from; 1 unless given",
    )
    add("--out", metavar="FOLDER", type=Path, help="save the result there; without it nothing is written")
    add("--force", action="store_true", help="write over what is there")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


def changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """What `--change` and `--policy` say, by address."""
    from sim.scenario import parse_value

    policies = {
        f"firms.{firm}.policy": parse_value(policy) for firm, policy in getattr(args, "policy", None) or ()
    }
    return policies | {address: parse_value(value) for address, value in args.change}
