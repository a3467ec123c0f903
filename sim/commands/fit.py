"""Own data: a log of purchases read and fitted; a scenario, a file of customers and pictures on request."""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import SEEDS, Command, Mistake, whole
from sim.commands.fit_page import print_fit, print_json, print_moved, sign
from sim.scale import figure
from sim.terminal import called

if TYPE_CHECKING:
    from sim.calibrate import Fit, FittedScenario
    from sim.terminal import Terminal

WORDS = (
    "customer",
    "date",
    "amount",
    "order",
    "date_format",
    "decimal",
    "currency",
    "new_since",
    "until",
    "only",
    "returns",
)
"""What the command hands on to `sim.fit`."""

SEVERAL = ("only", "returns")
"""Of these, what can be given several times: a column and its words."""


def fit(args: argparse.Namespace, terminal: Terminal) -> int:
    """Read and fit a log; print what it tells, and write what was asked for."""
    _check_asked(args)
    found = _fitted(args, terminal)
    moved = None if args.against is None else _moved(found, args.against)  # --save may write over that file
    _write_customers(found, args, terminal)
    shop = _write_scenario(found, args, terminal)
    pictures = _draw(found, args, terminal)
    if args.json:
        print_json(found, shop, moved, pictures, args, terminal)
        return 0
    print_fit(found, args, terminal)
    if shop is not None:
        from sim.calibrate.shop import by_itself, careful

        terminal.say()
        if warning := careful(shop):
            terminal.write(warning, hang="  ")
            terminal.say()
        terminal.write(
            f"wrote {args.save}: its market repeats the log's repeat purchases, {sign(shop.first_half_error)} in the first half "
            f"of the time and {sign(shop.holdout_error)} in the second (their money, {sign(shop.first_half_money_error)} and "
            f"{sign(shop.money_error)}), with other luck than it was tuned on. "
            f"One customer of it stands for {figure(shop.stands_for)} of yours: its money times that is your shop's. "
            f"{_foretells(shop.foretold_error)} {by_itself(shop)} Next: {called()} run {args.save}"
        )
    if args.customers is not None:
        terminal.say()
        terminal.write(f"wrote {args.customers}: a row a customer. It has your ids in it; nothing else has.")
    for picture in pictures:
        terminal.write(f"wrote {picture}")
    if moved is not None:
        print_moved(moved, args, terminal)
    return 0


def _foretells(error: float) -> str:
    """How well a market of the first half foretold the second, which it had not seen."""
    if not math.isfinite(error):
        return "The first half alone is too little for a market, so that how well it foretells is not known."
    from sim.calibrate.shop import whole_percent

    return (
        f"Tuned on the first half alone, such a market ends {whole_percent(error)} in the second, which it has not "
        "seen: the luck of one seed; other seeds (--seed) may differ by several points."
    )


# ---------------------------------------------------------------- what is asked


def _check_asked(args: argparse.Namespace) -> None:
    """Refuse what cannot be written before anything is read."""
    if args.margin is not None and not 0 < args.margin <= 1:
        raise Mistake(f"--margin: a share of the price above 0, up to 1, such as 0.35 (got {args.margin:g})")
    if args.share is not None and not 0.01 <= args.share <= 0.99:
        raise Mistake(f"--share: your share of the market, 0.01 to 0.99, such as 0.2 (got {args.share:g})")
    if args.save is not None and args.share is None:
        raise Mistake(
            "--save also needs --share, your share of the market, such as --share 0.2: no log tells it"
        )
    if args.save is not None and args.save.suffix.lower() != ".toml":
        raise Mistake(f"--save {args.save}: a scenario file ends in .toml")
    for file in (args.save, args.customers):
        if file is None:
            continue
        if file.exists() and not args.force:
            raise Mistake(f"{file} is there already; --force writes over it")
        if not file.absolute().parent.is_dir():
            raise Mistake(f"{file}: there is no folder {file.parent}; make it first")
    _check_outputs(args)
    if args.against is not None:
        from sim.calibrate.against import read_estimates

        read_estimates(args.against)


def _check_outputs(args: argparse.Namespace) -> None:
    """Refuse to write over the log, and over pictures that are there."""
    from sim.calibrate.fitted import PICTURES

    pictures = [] if args.pictures is None else [args.pictures / f"{kind}.png" for kind in PICTURES]
    if args.pictures is not None and args.pictures.exists() and not args.pictures.is_dir():
        raise Mistake(f"--pictures {args.pictures}: that is a file; name a folder")
    for file in pictures:
        if file.exists() and not args.force:
            raise Mistake(f"{file} is there already; --force writes over it")
    if (
        args.save is not None
        and args.customers is not None
        and args.save.resolve() == args.customers.resolve()
    ):
        raise Mistake(f"--save and --customers are both to write {args.save}; give each a name of its own")
    for file in (args.save, args.customers, *pictures):
        if file is not None and any(_reads(log, file) for log in args.files):
            raise Mistake(f"{file} is what is read; give what is written another name")


def _reads(log: Path, file: Path) -> bool:
    """Whether a file is the log, or one of its folder."""
    log, file = log.resolve(), file.resolve()
    return file == log or (file.exists() and log.is_dir() and log in file.parents)


def _fitted(args: argparse.Namespace, terminal: Terminal) -> Fit:
    """The fit; on a terminal, what is in doubt is asked."""
    import sim
    from sim.calibrate import InDoubt, LogError

    words: dict[str, Any] = {word: getattr(args, word) for word in WORDS}
    before: tuple[dict[str, Any], InDoubt] | None = None
    while True:
        try:
            with terminal.progress("Reading and fitting", unit="row") as report:
                return sim.fit(args.files, **words, progress=report)
        except InDoubt as doubt:
            if args.json or args.quiet or not (sys.stdin.isatty() and terminal.err.isatty()):
                raise
            before = dict(words), doubt
        except LogError as fault:
            if before is None or not str(fault).startswith(tuple(f"{option}: " for option in SEVERAL)):
                raise
            terminal.fault(str(fault))  # what was typed: asked again
            words = dict(before[0])
        for option, said in _ask(before[1], terminal):
            words[option] = [*(words[option] or []), said] if option in SEVERAL else said


def _ask(doubt: Any, terminal: Terminal) -> list[tuple[str, str]]:
    """What the user says, an option and its word each; again until it is one of the choices, or for `SEVERAL` a column and its words."""
    terminal.fault(str(doubt))
    of_rows = doubt.option in SEVERAL
    shown = ", ".join(doubt.choices)
    if of_rows:
        for k, choice in enumerate(doubt.choices, 1):
            terminal.err.write(f"  {k}  {choice}\n")
        shown = f"1 to {len(doubt.choices)}, or COLUMN=WORDS, --returns COLUMN=WORDS of your own"
    while True:
        terminal.err.write(f"{doubt.option.replace('_', ' ')} ({shown}): ")
        terminal.err.flush()
        said = sys.stdin.readline()
        if not said:
            raise doubt
        said = said.strip()
        if not of_rows and said in doubt.choices:
            return [(doubt.option, said)]
        if of_rows and (answers := _of_rows(said, doubt.choices)):
            return answers


def _of_rows(said: str, choices: list[str]) -> list[tuple[str, str]]:
    """The options in one line: the number of a choice, or COLUMN=WORDS, which is --only unless it says --returns; none if it is neither."""
    if said.isdecimal() and 1 <= int(said) <= len(choices):
        said = choices[int(said) - 1]
    first, *rest = re.split(rf"(?:^|\s+)--({'|'.join(SEVERAL)})\s+", said)
    parts = [*(["only", first] if first else []), *rest]
    answers = [
        (option, words.strip().strip("\"'")) for option, words in zip(parts[::2], parts[1::2], strict=True)
    ]
    return answers if all(re.match(r"[^-=][^=]*=", words) for _, words in answers) else []


# ---------------------------------------------------------------- what is written


def _write_customers(found: Fit, args: argparse.Namespace, terminal: Terminal) -> None:
    if args.customers is None:
        return
    found.save_customers(args.customers, unit_margin=args.margin, force=args.force)
    terminal.kept.append(str(args.customers))


def _write_scenario(found: Fit, args: argparse.Namespace, terminal: Terminal) -> FittedScenario | None:
    if args.save is None:
        return None
    from sim.prepare import prepare

    prepare(terminal)
    with terminal.progress("Tuning the market", unit="run") as report:
        shop = found.scenario(
            unit_margin=args.margin,
            share_of_market=args.share,
            name=args.name,
            seed=args.seed,
            progress=report,
        )
    shop.save(args.save, force=args.force)
    terminal.kept.append(str(args.save))
    return shop


def _draw(found: Fit, args: argparse.Namespace, terminal: Terminal) -> list[str]:
    """The pictures in their folder; none where there is no holdout."""
    if args.pictures is None:
        return []
    from sim.show.pictures import save

    args.pictures.mkdir(parents=True, exist_ok=True)
    done = [str(save(found.plot(kind), args.pictures / f"{kind}.png", args.force)) for kind in found.pictures]
    terminal.kept += done
    return done


def _moved(found: Fit, file: Path) -> Any:
    from sim.calibrate import moved

    return moved(found, file)


# ---------------------------------------------------------------- the command


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", type=Path,
        help="CSV, gzip, zip, Parquet, or a folder of them: a row a purchase or a line of one")  # fmt: skip
    for name, what in (("customer", "who bought"), ("date", "when"), ("amount", "what was paid"),
                       ("order", "the receipt or order; rows of one order and day count as one purchase")):  # fmt: skip
        add(f"--{name}", metavar="COLUMN", help=f"{what}: a column's name, or its number from 1")
    add("--date-format", metavar="HOW", help="day-month, month-day, or such as %%d.%%m.%%Y")
    add("--decimal", metavar="MARK", help="the decimal mark of the amounts: . or ,")
    add("--currency", metavar="NAME", help="the currency of the amounts, such as EUR, for headings")
    add("--new-since", metavar="DATE", help="who first buys from this day on is new; found unless given")
    add("--until", metavar="DATE", help="leave later rows out; today unless given")
    add("--only", metavar="COLUMN=WORDS", action="append",
        help="which rows count, such as Status=Paid,Shipped; COLUMN=all: every row is a sale. Can be given several times")  # fmt: skip
    add("--returns", metavar="COLUMN=WORDS", action="append",
        help="which rows are money given back, such as type=refund, with or without a minus sign")  # fmt: skip
    add("--margin", metavar="M", type=float, help="your margin: share of the price after cost of goods")
    add("--share", metavar="S", type=float, help="your share of the market's customers, for --save")
    add("--save", metavar="FILE.toml", type=Path, help="write the scenario whose market repeats the log")
    add("--name", metavar="TITLE", default="Your shop", help="the scenario's title")
    add(
        "--customers",
        metavar="FILE.csv",
        type=Path,
        help="write a row a customer, with your ids: what each will buy and is worth",
    )
    add("--pictures", metavar="FOLDER", type=Path, help="draw the pictures there")
    add(
        "--against", metavar="OLD.toml", type=Path, help="say which estimates moved since that file was saved"
    )
    add(
        "--seed",
        metavar="N",
        type=whole(0, SEEDS - 2),
        default=1,
        help="the seed of the runs that tune the market; 1 unless given",
    )
    add("--force", action="store_true", help="write over what is there")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("fit", "own data", "your log of purchases: need, drop-out, spend, a scenario", fit, _options,
            ("tenfold fit sales.csv", "tenfold fit sales.csv --customer card --date sold_at --amount net",
             "tenfold fit orders.csv --only Status=Paid,Shipped --returns type=refund",
             "tenfold fit sales/ --margin 0.35 --share 0.2 --save our_shop.toml",
             "tenfold fit sales.csv --customers whom_to_call.csv --pictures pictures",
             "tenfold fit this_year.csv --against our_shop.toml --json")),
)  # fmt: skip
