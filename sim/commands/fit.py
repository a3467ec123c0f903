"""Own data: a log of purchases read and fitted; a scenario, a file of customers and pictures on request."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import SEEDS, Command, Mistake, whole
from sim.commands.run import plain
from sim.terminal import called

if TYPE_CHECKING:
    from sim.calibrate import Fit, FittedScenario
    from sim.commands.table import Column
    from sim.terminal import Terminal

WORDS = ("customer", "date", "amount", "order", "date_format", "decimal", "currency", "new_since", "until")
"""What the command hands on to `sim.fit`."""

PARTS = {"purchases_a_month": "purchases a month, while active", "stop_chance": "chance to stop after a purchase",
         "spend": "spend on a purchase"}  # fmt: skip
"""The estimates of the first page."""


def fit(args: argparse.Namespace, terminal: Terminal) -> int:
    """Read and fit a log; print what it tells, and write what was asked for."""
    _check_asked(args)
    found = _fitted(args, terminal)
    _write_customers(found, args, terminal)
    shop = _write_scenario(found, args, terminal)
    pictures = _draw(found, args, terminal)
    moved = None if args.against is None else _moved(found, args.against)
    if args.json:
        print_json(found, shop, moved, pictures, args, terminal)
        return 0
    print_fit(found, args, terminal)
    if shop is not None:
        terminal.say()
        terminal.write(
            f"wrote {args.save}: its market repeats the log's purchases, {_sign(shop.first_half_error)} in the first half "
            f"of the time and {_sign(shop.holdout_error)} in the second, with other luck than it was tuned on. "
            f"Next: {called()} run {args.save}"
        )
    if args.customers is not None:
        terminal.say()
        terminal.write(f"wrote {args.customers}: a row a customer. It has your ids in it; nothing else has.")
    for picture in pictures:
        terminal.write(f"wrote {picture}")
    if moved is not None:
        _print_moved(moved, args, terminal)
    return 0


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
    if args.against is not None:
        from sim.calibrate.against import read_estimates

        read_estimates(args.against)


def _fitted(args: argparse.Namespace, terminal: Terminal) -> Fit:
    """The fit; on a terminal, what is in doubt is asked."""
    import sim
    from sim.calibrate import InDoubt

    words: dict[str, Any] = {word: getattr(args, word) for word in WORDS}
    while True:
        try:
            with terminal.progress("Reading and fitting", unit="row") as report:
                return sim.fit(args.files, **words, progress=report)
        except InDoubt as doubt:
            if args.json or args.quiet or not (sys.stdin.isatty() and terminal.err.isatty()):
                raise
            words[doubt.option] = _ask(doubt, terminal)


def _ask(doubt: Any, terminal: Terminal) -> str:
    """What the user says; again until it is one of the choices."""
    terminal.fault(str(doubt))
    while True:
        terminal.err.write(f"{doubt.option.replace('_', ' ')} ({', '.join(doubt.choices)}): ")
        terminal.err.flush()
        said = sys.stdin.readline()
        if not said:
            raise doubt
        if said.strip() in doubt.choices:
            return said.strip()


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


# ---------------------------------------------------------------- for scripts


def print_json(
    found: Fit, shop: Any, moved: Any, pictures: list[str], args: argparse.Namespace, terminal: Terminal
) -> None:
    """One object: the log, the estimates with their intervals, the holdout."""
    from sim import __version__

    said: dict[str, Any] = {
        "version": __version__,
        "summary": {key: plain(value) for key, value in found.summary.items()},
        "log": _records(found.log.reset_index()),
        "estimates": _records(found.table.reset_index()),
        "season": None if found.season is None else [plain(value) for value in found.season],
        "frequency": _records(found.frequency),
        "holdout": _records(found.holdout),
        "notes": found.notes,
        "cannot_tell": _cannot_tell(),
        "customers_file": None if args.customers is None else str(args.customers),
        "pictures": pictures,
    }
    if shop is not None:
        said["scenario"] = {
            "file": str(args.save),
            "hash": shop.hash,
            "seed": args.seed,
            "first_half_error": plain(shop.first_half_error),
            "holdout_error": plain(shop.holdout_error),
            "parameters": _records(shop.parameters.reset_index()),
        }
    if moved is not None:
        said["against"] = _records(moved.reset_index())
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def _records(table: Any) -> list[dict[str, Any]]:
    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _cannot_tell() -> str:
    from sim.calibrate.shop import CANNOT_TELL

    return CANNOT_TELL


# ---------------------------------------------------------------- for people


def print_fit(found: Fit, args: argparse.Namespace, terminal: Terminal) -> None:
    """The first page: the answer, what a log cannot tell, the estimates, what was left out."""
    from sim.commands.table import print_table

    s = found.summary
    terminal.title(
        f"{s['rows']:,} rows, {s['customers']:,} customers; left out {100 * (1 - s['rows_kept'] / s['rows']):.1f} % of the "
        f"rows. {_holdout(found)}"
    )
    if args.margin is None:
        terminal.write("Revenue, not profit: no --margin was given.")
    terminal.write(f"A log cannot tell {_cannot_tell()}: those are published values or ours.", hang="  ")
    terminal.say()
    print_table(estimate_columns(found), terminal)
    terminal.say()
    terminal.write(
        f"Estimated from {s['new_customers']:,} customers who are new since {s['new_since']}, until {s['until']}. "
        f"A new one is expected to buy {s['repeat_purchases_first_year']:.2f} times more in the first year.",
        hang="  ",
    )
    for note in found.notes:
        terminal.write(f"{note[:1].upper()}{note[1:]}.", hang="  ")
    terminal.say()
    terminal.write("The columns, with the first three rows:")
    terminal.say(found.layout)
    terminal.say()
    print_table(log_columns(found), terminal)
    for what, examples in found.log["examples"].items():
        if examples:
            terminal.write(f"{what}: {examples}", indent="  ", hang="    ")


def _holdout(found: Fit) -> str:
    import math

    if not math.isfinite(found.holdout_error):
        return "No holdout."
    return (
        f"Holdout: fitted on the first half of the time, {_off(found.holdout_error)} in the second, "
        f"{_off(found.tracking_error)} over the whole."
    )


def _off(share: float) -> str:
    return f"{100 * abs(share):.1f} % {'under' if share < 0 else 'over'} actual"


def _sign(share: float) -> str:
    return f"{100 * share:+.1f} %".replace("-", "−")


def estimate_columns(found: Fit) -> list[Column]:
    """The estimates that people read, with their intervals."""
    from sim.commands.table import Column
    from sim.terminal import number

    table = found.table.loc[[name for name in PARTS if name in found.table.index]]
    words = [
        PARTS[name] + (f" ({found.currency})" if name == "spend" and found.currency else "")
        for name in table.index
    ]
    return [
        Column("estimate", words, keep=9, left=True, least=20),
        Column("value", [number(value) for value in table["estimate"]], keep=9),
        Column("95 % from", [number(value) for value in table["low"]], keep=8),
        Column("to", [number(value) for value in table["high"]], keep=8),
    ]


def log_columns(found: Fit) -> list[Column]:
    """What was read, kept and left out."""
    from sim.commands.table import Column, money
    from sim.terminal import count, percent

    log = found.log
    return [
        Column("the log", [str(what) for what in log.index], keep=9, left=True, least=24),
        Column("rows", [count(value) for value in log["rows"]], keep=9),
        Column("share", [percent(value) for value in log["share_of_rows"]], keep=7),
        money("money", list(log["money"]), found.currency, keep=6),
        Column("share of money", [percent(value) for value in log["share_of_money"]], short="share", keep=7),
    ]


def _moved(found: Fit, file: Path) -> Any:
    from sim.calibrate import moved

    return moved(found, file)


def _print_moved(moved: Any, args: argparse.Namespace, terminal: Terminal) -> None:
    from sim.commands.table import Column, print_table
    from sim.terminal import listed, number

    names = [str(name) for name in moved.index[moved["moved"]]]
    said = (
        f"moved by more than their interval: {listed(names)}"
        if names
        else "no estimate moved by more than its interval"
    )
    terminal.say()
    terminal.title(f"Against {args.against}, {said}.")
    columns = [Column("estimate", [str(name) for name in moved.index], keep=9, left=True)]
    for head, name in (("before", "before"), ("now", "now"), ("95 % from", "low"), ("to", "high")):
        columns.append(Column(head, [number(value) for value in moved[name]], keep=8))
    columns.append(Column("moved", ["yes" if one else "no" for one in moved["moved"]], keep=9, left=True))
    print_table(columns, terminal)
    terminal.write("Of twenty estimates that have not changed, one moves so far by luck.")


# ---------------------------------------------------------------- the command


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", type=Path,
        help="CSV, gzip, zip, Parquet, or a folder of them: a row a purchase or a line of one")  # fmt: skip
    for name, what in (("customer", "who bought"), ("date", "when"), ("amount", "what was paid"),
                       ("order", "receipt or order: its rows are one purchase")):  # fmt: skip
        add(f"--{name}", metavar="COLUMN", help=f"{what}: a column's name, or its number from 1")
    add("--date-format", metavar="HOW", help="day-month, month-day, or such as %%d.%%m.%%Y")
    add("--decimal", metavar="MARK", help="the decimal mark of the amounts: . or ,")
    add("--currency", metavar="NAME", help="of the amounts, for headings")
    add("--new-since", metavar="DATE", help="who first buys from this day on is new; found unless given")
    add("--until", metavar="DATE", help="leave later rows out; today unless given")
    add("--margin", metavar="M", type=float, help="your margin: share of the price after cost of goods")
    add("--share", metavar="S", type=float, help="your share of the market's customers, for --save")
    add("--save", metavar="FILE.toml", type=Path, help="write the scenario whose market repeats the log")
    add("--name", metavar="TITLE", default="Your shop", help="the scenario's title")
    add(
        "--customers",
        metavar="FILE.csv",
        type=Path,
        help="write a row a customer: what each will buy and is worth",
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
        help="of the runs that tune the market; 1 unless given",
    )
    add("--force", action="store_true", help="write over what is there")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("fit", "own data", "your log of purchases: need, drop-out, spend, a scenario", fit, _options,
            ("tenfold fit sales.csv", "tenfold fit sales.csv --customer card --date sold_at --amount net",
             "tenfold fit sales/ --margin 0.35 --share 0.2 --save our_shop.toml",
             "tenfold fit sales.csv --customers whom_to_call.csv --pictures pictures",
             "tenfold fit this_year.csv --against our_shop.toml --json")),
)  # fmt: skip
