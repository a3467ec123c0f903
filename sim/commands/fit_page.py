"""What `tenfold fit` prints: the first page for people, one object for scripts."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from sim.commands.objects import plain

if TYPE_CHECKING:
    from sim.calibrate import Fit
    from sim.commands.table import Column
    from sim.terminal import Terminal

PARTS = {"purchases_a_month": "purchases a month, while active", "stop_chance": "chance to stop after a purchase",
         "spend": "spend on a purchase"}  # fmt: skip
"""The estimates of the first page."""


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
        "regularity": {
            "is_regular": found.regularity.is_regular,
            **{key: plain(value) for key, value in found.regularity._asdict().items()},
        },
        "season": None if found.season is None else [plain(value) for value in found.season],
        "frequency": _records(found.frequency),
        "holdout": _records(found.holdout),
        "notes": found.notes,
        "cannot_tell": _cannot_tell(args),
        "customers_file": None if args.customers is None else str(args.customers),
        "pictures": pictures,
    }
    if shop is not None:
        from sim.calibrate.shop import careful

        said["scenario"] = {
            "file": str(args.save),
            "hash": shop.hash,
            "seed": args.seed,
            "first_half_error": plain(shop.first_half_error),
            "holdout_error": plain(shop.holdout_error),
            "first_half_money_error": plain(shop.first_half_money_error),
            "money_error": plain(shop.money_error),
            "stands_for": plain(shop.stands_for),
            "first_year": plain(shop.first_year),
            "newcomers": plain(shop.newcomers),
            "first_purchases": plain(shop.first_purchases),
            "stayed": plain(shop.stayed),
            "stayed_in_log": plain(shop.stayed_in_log),
            "drift": plain(shop.drift),
            "careful": careful(shop),
            "foretold_error": plain(shop.foretold_error),
            "parameters": _records(shop.parameters.reset_index()),
        }
    if moved is not None:
        said["against"] = _records(moved.reset_index())
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def _records(table: Any) -> list[dict[str, Any]]:
    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _cannot_tell(args: argparse.Namespace) -> str:
    from sim.calibrate.shop import cannot_tell

    return cannot_tell(args.margin, args.share)


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
    terminal.write(f"A log cannot tell {_cannot_tell(args)}: those are published values or ours.", hang="  ")
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
    if not math.isfinite(found.holdout_error):
        return "No holdout."
    return (
        f"Holdout: fitted on the first half of the time, {off(found.holdout_error)} in the second{_luck(found)}; "
        f"{off(found.tracking_error)} over the whole, the fitted half included."
    )


def _luck(found: Fit) -> str:
    """How far luck alone would put the right model off, and whether this one is further off."""
    low, high = found.holdout_luck
    if not math.isfinite(low):
        return ""
    told = "not told from luck" if low <= found.holdout_error <= high else "more than luck"
    return (
        f", {told} (95 % of what luck gives a right model: {100 * low:+.0f} to {100 * high:+.0f} %)".replace(
            "-", "−"
        )
    )


def off(share: float) -> str:
    """12.1 % under actual, from a share."""
    return f"{100 * abs(share):.1f} % {'under' if share < 0 else 'over'} actual"


def sign(share: float) -> str:
    """−1.3 %, from a share."""
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


def print_moved(moved: Any, args: argparse.Namespace, terminal: Terminal) -> None:
    """Each estimate before and now, those that moved first named."""
    from sim.calibrate.estimating import MEANINGS
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
    bare = [str(name) for name in moved.index if str(name) not in PARTS]
    for head, name in (("before", "before"), ("now", "now"), ("95 % from", "low"), ("to", "high")):
        columns.append(Column(head, [number(value) for value in moved[name]], keep=8))
    columns.append(Column("moved", ["yes" if one else "no" for one in moved["moved"]], keep=9, left=True))
    print_table(columns, terminal)
    for name in bare:
        terminal.write(f"{name}: {', '.join(MEANINGS[name])}", indent="  ", hang="    ")
    terminal.write("Of twenty estimates that have not changed, one moves so far by luck.")
