"""Hostile input, bar by bar: numbers, files, rules, names, and worlds of every kind.

    python benchmarks/hostile.py [numbers|files|rules|names|worlds ...] [--size SHARE] [--json]

--size is the share of the full work (1 for all: some twenty minutes; a twentieth takes a minute). Prints what
was tried, what was found, the bar, and whether it is met.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


class Row(NamedTuple):
    """A bar: what it is about, what is to reach, the figure, whether that is enough."""

    what: str
    bar: str
    figure: str
    met: bool


def numbers(size: float) -> list[Row]:
    """Every number of a scenario against NaN, infinities, negative, zero, the smallest and the huge."""
    from attacks.numbers import attack, change_differs, places

    all_places = places()
    found = attack(all_places, every=max(1, round(1 / size)))
    differing = change_differs(all_places[:: max(1, round(1 / size))])
    told = f"{len(all_places)} places: {found.refused:,} values refused, {found.ran:,} ran; {len(found.faults)} not clean"
    return [
        Row(
            "hostile numbers",
            "refused or clean",
            told + "".join(f"\n    {one}" for one in found.faults[:20]),
            not found.faults,
        ),
        Row("changes by address", "as a file", f"{len(differing)} decided otherwise", not differing),
    ]


def files(size: float) -> list[Row]:
    """Broken scenario files: line, suggestion, traceback, seconds."""
    from attacks.files import HUGE, broken_files, huge_seconds, judge

    score = judge(broken_files(max(25, round(200 * size))))
    seconds = huge_seconds()
    slowest = max(seconds, key=lambda name: seconds[name])
    dotted = seconds["a dotted key of 31 KB"]
    return [
        Row(
            "all faults on their lines",
            "99 %",
            f"{score.lines_share:.1%} of {score.files} files",
            score.lines_share >= 0.99,
        ),
        Row(
            "what was meant is suggested",
            "90 %",
            f"{score.suggestions_share:.1%} of {score.suggestions}",
            score.suggestions_share >= 0.9,
        ),
        Row("tracebacks", "none", str(score.crashes), score.crashes == 0),
        Row("slowest file", "0.1 s", f"{score.worst_seconds:.3f} s", score.worst_seconds < 0.1),
        Row("a dotted key of 31 KB", "0.1 s", f"{dotted:.4f} s", dotted < 0.1),
        Row(
            f"slowest of {len(HUGE)} huge texts",
            "1 s",
            f"{seconds[slowest]:.2f} s ({slowest})",
            seconds[slowest] < 1.0,
        ),
    ]


def rules(size: float) -> list[Row]:
    """Escapes, floods and texts of a grammar as rules."""
    from attacks.rules import ATTEMPTS, FLOODS, attack, texts

    rows, worst = [], 0.0
    for what, given in (
        ("escapes", ATTEMPTS),
        ("floods", FLOODS),
        ("texts of a grammar", texts(max(1000, round(1_000_000 * size)))),
    ):
        found = attack(given)
        worst = max(worst, found.worst_seconds)
        through = found.through if what == "texts of a grammar" else list(range(found.rules))
        told = f"{len(through)} of {found.texts:,} through, {len(found.crashes)} tracebacks"
        rows.append(Row(what, "none through", told, not through and not found.crashes))
    return [*rows, Row("slowest rule", "5 ms of CPU", f"{1000 * worst:.2f} ms", worst < 0.005)]


def names(size: float) -> list[Row]:
    """Names that are paths, devices, pipes, loops or huge files."""
    from attacks.names import attack

    found = attack()
    told = f"{found.names} names, {len(found.faults)} faults" + "".join(
        f"\n    {one}" for one in found.faults
    )
    return [Row("names that are paths", "refused, nothing opened", told, not found.faults)]


def worlds(size: float) -> list[Row]:
    """Worlds of every kind: the books, the people, the ranges and the counts in every month."""
    from attacks.worlds import attack

    try:
        ran, wrong = attack(max(20, round(1000 * size))), ""
    except AssertionError as error:
        ran, wrong = 0, str(error)[:400]
    return [
        Row(
            "worlds of every kind, 14 months",
            "0 cents, nobody lost",
            wrong or f"{ran:,} worlds, all laws hold",
            not wrong,
        )
    ]


ATTACKS: dict[str, Callable[[float], list[Row]]] = {
    "numbers": numbers, "files": files, "rules": rules, "names": names, "worlds": worlds,
}  # fmt: skip


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("attacks", nargs="*", choices=[[], *ATTACKS], help="which (all)")
    parser.add_argument(
        "--size", type=float, default=1.0, metavar="SHARE", help="share of the full work, above 0 to 1 (1)"
    )
    parser.add_argument("--json", action="store_true", help="one object: a list of rows by attack")
    args = parser.parse_args(words)
    if not 0.0 < args.size <= 1.0:
        parser.error(f"--size: must be above 0 to 1 (got {args.size})")
    told = {}
    for name in args.attacks or ATTACKS:
        told[name] = ATTACKS[name](args.size)
        for row in () if args.json else told[name]:
            print(
                f"{'yes' if row.met else 'NO':<4}{row.what:<36} {row.figure}; to reach: {row.bar}", flush=True
            )
    if args.json:
        print(json.dumps({name: [row._asdict() for row in rows] for name, rows in told.items()}, indent=2))
    return 0 if all(row.met for rows in told.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
