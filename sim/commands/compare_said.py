"""What a comparison prints: the sentence and a table for each alternative, or one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.commands.objects import plain, rows

if TYPE_CHECKING:
    from sim.commands.table import Column
    from sim.comparison import Comparison
    from sim.side_by_side import SideBySide
    from sim.terminal import Terminal

MEASURES = {
    "customers": ("customers", ""),
    "share": ("share", "%"),
    "annual_retention": ("retention a year", "%"),
    "monthly_churn": ("churn a month", "%"),
    "acquisition_cost": ("acquisition cost", "money"),
    "retention_cost": ("retention cost", "money"),
    "profit": ("profit", "money"),
    "customer_equity": ("customer equity", "money"),
}
"""What the table shows: its name there, and its unit."""


def print_json(
    done: Comparison, changes: dict[str, Any], terminal: Terminal, lives: SideBySide | None = None
) -> None:
    """One object: what was compared, the sentence, the differences by metric and firm, and lives side by side."""
    from sim import __version__
    from sim.headlines import about_luck
    from sim.market import MODEL_VERSION

    said = {
        "scenario": done.scenario.name,
        "scenario_hash": done.scenario.hash,
        "seeds": done.seeds,
        "months": done.months,
        "firm": done.firm,
        "base": done.base,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "changes": changes,
        "headline": done.headline,
        "luck": about_luck(done),
        "notes": done.notes,
        "best": done.best,
        "metric": done.metric,
        "chance": done.chance,
        "half_width": plain(done.half_width),
        "precision": done.precision,
        "looks": done.looks,
        "variance_reduction": plain(done.variance_reduction),
        "customers_differing": differing(done, done.best),
        "worlds": {name: moved(done, name) for name in done.alternatives},
        "stress": done.stressed.as_json() if done.stressed else None,
        "differences": [
            {key: plain(value) for key, value in row.items()} for row in done.table.to_dict("records")
        ],
        "lives": {"sentences": lives.sentences, "events": rows(lives.table)} if lives else None,
    }
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def differing(done: Comparison, name: str) -> float:
    """How many customers live otherwise than in the base, on average over the seeds."""
    lives = done.customers[done.customers["alternative"] == name]
    return float(lives["differs"].sum()) / len(done.seeds)


def moved(done: Comparison, name: str) -> dict[str, float]:
    """Of one world, on average over the seeds: customers who live otherwise, who stay, who go, who are worth more, less."""
    lives = done.customers[done.customers["alternative"] == name]
    found = {
        "customers_differing": lives["differs"],
        "stay": lives["stays"],
        "go": lives["goes"],
        "worth_more": lives["worth_more"] > 0,
        "worth_less": lives["worth_more"] < 0,
    }
    return {key: float(who.sum()) / len(done.seeds) for key, who in found.items()}


def print_comparison(
    done: Comparison, changes: dict[str, Any], terminal: Terminal, lives: SideBySide | None = None
) -> None:
    """The sentence, then a table for each alternative, and lives side by side."""
    from sim.commands.table import print_table
    from sim.headlines import about_luck
    from sim.scenario.page import changed

    terminal.title(done.headline)
    if changes:
        terminal.write(f"changed in all worlds: {changed(changes)}", hang="  ")
    for name in done.runs:
        if name != done.base:
            terminal.say()
            terminal.write(
                f"{done.firm} with {name}, {done.months} months of {done.scenario.title}, {_which(done.seeds)}"
            )
            terminal.say()
            print_table(difference_columns(done, name), terminal)
            terminal.say()
            terminal.write(who(done, name))
    terminal.say()
    for note in [*about_luck(done), *done.notes]:
        terminal.write(note, hang="  ")
    short = f"{min(done.months, 12)} months" if done.months > 1 else "month"
    terminal.write(f"Costs and profit are of the last {short}; a difference between two % is in points.")
    if done.stressed:
        terminal.say()
        terminal.say(done.stressed.as_text(terminal.width))
    else:
        terminal.write(
            "Assumptions were not tried: --stress moves each over its range and says where this turns."
        )
    if lives:
        print_lives(done, lives, terminal)


def print_lives(done: Comparison, lives: SideBySide, terminal: Terminal) -> None:
    """A line a month where all worlds agree, else one a world; an empty line before each life."""
    from sim.side_by_side import MARK

    terminal.say()
    terminal.title(f"Side by side, with seed {done.seeds[0]}; {MARK} is the first difference of a life")
    for line in lives.sentences:
        if not line.lstrip(f"{MARK} ").startswith(("month ", "[")):
            terminal.say()
        terminal.write(line, hang="  ")


def who(done: Comparison, name: str) -> str:
    """Who stays, goes, is worth more and less, in a sentence."""
    from sim.terminal import number

    found, n = moved(done, name), len(done.seeds)
    said = {key: number(value, 0 if n == 1 or value >= 10 else 1) for key, value in found.items()}
    return (
        f"Of {done.scenario.market.customers:,} customers {said['customers_differing']} live otherwise than in "
        f'"{done.base}": {said["stay"]} stay who would have left, {said["go"]} leave who would have stayed; '
        f"{said['worth_more']} are worth more to {done.firm}, {said['worth_less']} less"
        f"{' (means over seeds)' if n > 1 else ''}."
    )


def _which(seeds: list[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds from {seeds[0]}"


def difference_columns(done: Comparison, name: str) -> list[Column]:
    """What an alternative changes for the firm: a row a measure."""
    from sim.commands.table import Column
    from sim.terminal import shorten

    table = done.table[done.table["segment"] == "all"]
    table = table[(table["firm"] == done.firm) & (table["alternative"] == name)].set_index("metric")
    table = table.drop(columns="segment").loc[list(MEASURES)]
    money = done.scenario.market.currency
    units = [unit.replace("money", money) for _, unit in MEASURES.values()]
    cells = {key: _figures(done, table[key], table[["base", "value"]], units) for key in table.columns[2:]}
    columns = [
        Column("", [heading for heading, _ in MEASURES.values()], keep=9, left=True),
        Column("unit", units, keep=3, left=True),
        Column(shorten(done.base, 14), cells["base"], keep=8),
        Column(shorten(name, 14), cells["value"], keep=8),
        Column("difference", cells["difference"], keep=9),
    ]
    if len(done.seeds) > 1:
        columns += [Column("95 % from", cells["low"], keep=7), Column("to", cells["high"], keep=7)]
    return columns


def _figures(done: Comparison, values: Any, sizes: Any, units: list[str]) -> list[str]:
    """Cells of a column; the decimals follow the size of the measure, so that a row is alike; differences signed."""
    from sim.terminal import number

    cells = []
    for metric, unit in zip(values.index, units, strict=True):
        value = values[metric] * (100 if unit == "%" else 1)
        is_whole = sizes.loc[metric].abs().max() >= 1000 or (not unit and len(done.seeds) == 1)
        sign = "+" if values.name in ("difference", "low", "high") and value > 0 else ""
        cells.append(sign + number(value, 0 if is_whole else 2))
    return cells
