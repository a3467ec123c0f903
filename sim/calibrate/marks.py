"""Where every value of a fitted scenario comes from: yours, published or ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sim.calibrate.tuning import LOWEST, Tuned
from sim.scenario.finding import addresses
from sim.scenario.ranges import TUNED
from sim.scenario.remarks import NO_MARGIN, REST, UNKNOWN
from sim.scenario.tables import Tables
from sim.scenario.writing import file_text

if TYPE_CHECKING:
    from sim.calibrate.fitted import Fit

US, RIVALS = "Us", "Elsewhere"

ADVERTISING = 0.035
"""Of sales: what the firms of the shipped market `plain` spend."""


class Mark(NamedTuple):
    """Where a value comes from: "yours", with its interval where there is one, "published" or "ours"."""

    mark: str
    low: float | None = None
    high: float | None = None
    about: str = ""

    def __str__(self) -> str:
        span = "" if self.low is None or self.high is None else f" ({self.low:.4g} to {self.high:.4g})"
        return f"{self.mark}{span}{f', {self.about}' if self.about else ''}"


def parameters_of(tables: Tables, marks: Mapping[str, Mark]) -> pd.DataFrame:
    """Every parameter of a scenario with its mark."""
    rows = []
    for address, one in addresses(tables).items():
        mark = marks.get(address) or Mark("published" if one.confidence == "published" else "ours")
        source = mark.about or ("" if one.source == "ours" else one.source)
        rows.append((address, one.value, mark.mark, mark.low, mark.high, source))
    return pd.DataFrame(rows, columns=["address", "value", "mark", "low", "high", "source"]).set_index(
        "address"
    )


def marks_of(fit: Fit, now: Tuned, unit_margin: float | None, share: float) -> dict[str, Mark]:
    """The marks of what the log or the user gave, by address."""
    table, segment = fit.table, "segments.customers"

    def of(name: str) -> Mark:
        return Mark("yours", float(table["low"][name]), float(table["high"][name]))

    def tuned(name: str, why: str) -> Mark:
        """A tuned value has no interval: that of the log's figure is told beside it."""
        value, low, high = (float(table[one][name]) for one in ("estimate", "low", "high"))
        return Mark("ours", about=f"{TUNED}; {value:.4g} ({low:.4g} to {high:.4g}) in the log{why}")

    marks = {
        f"{segment}.need_rate.mean": tuned("purchases_a_month", ""),
        f"{segment}.need_rate.shape": of("r"),
        f"{segment}.basket.mean": of("spend"),
        "market.customers": Mark(
            "yours", about="active customers over your share, at a scale that [info] names"
        ),
        f"firms.{US}.initial_share": Mark("yours", about="as you said"),
        f"firms.{RIVALS}.initial_share": Mark("yours", about=REST),
        f"firms.{RIVALS}.brand_bonus": Mark("ours", about=f"set so that {US} holds its share"),
        f"firms.{RIVALS}.plan.strategy": Mark("ours", about=UNKNOWN),
        f"firms.{US}.plan.advertising": Mark("ours", about=f"{100 * ADVERTISING:g} % of sales: put in yours"),
        f"firms.{RIVALS}.plan.advertising": Mark("ours", about=f"{100 * ADVERTISING:g} % of sales"),
        "market.served_at_start": Mark("ours", about="everybody buys somewhere"),
        "buy.cross_sell": Mark("yours", about="what is sold beside is in spend"),
        "leave.base_exit": Mark("yours", about="drop-out is in exit_rate"),
    }
    margin = (
        Mark("yours", about="as you said") if unit_margin else Mark("ours", about=f"{NO_MARGIN}: revenue")
    )
    marks |= {
        f"firms.{US}.unit_margin": margin,
        f"firms.{RIVALS}.unit_margin": Mark("ours", about=f"as {US}"),
    }
    if fit.spend_model is not None:
        marks[f"{segment}.basket.shape"] = Mark("yours", about="from q of the spend model")
    if now.exit_rate > LOWEST:
        marks[f"{segment}.exit_rate.mean"] = tuned("stop_chance", f" with those who went {RIVALS.lower()}")
        marks[f"{segment}.exit_rate.strength"] = Mark("yours", about="a + b")
    else:
        marks[f"{segment}.exit_rate.mean"] = Mark("yours", about="nobody is seen to stop")
    about = f"{TUNED} with exit_rate: how many go {RIVALS.lower()} no log tells"
    marks["buy.base_chance"] = Mark("ours", about=about)
    if fit.season is not None:
        marks["market.season"] = Mark("yours", about="repeat purchases by calendar month")
    marks["market.currency"] = (
        Mark("yours") if fit.currency else Mark("ours", about="the log names none: --currency")
    )
    return marks


def marked_lines(tables: Tables, marks: Mapping[str, Mark]) -> list[str]:
    """The lines of a scenario file, each parameter with its mark behind it."""
    table, lines, known = "", [], addresses(tables)
    for line in file_text(tables).splitlines():
        if head := re.match(r"\[(.+)\]$", line):
            table = head[1]
        key = re.match(r"(\w+) = ", line)
        said = _marks_of_line(f"{table}.{key[1]}", marks, known) if key and table not in ("", "info") else []
        lines.append(f"{line}{';' if '  # ' in line else '  #'} {'; '.join(said)}" if said else line)
    return lines


def _marks_of_line(address: str, marks: Mapping[str, Mark], known: Mapping[str, Any]) -> list[str]:
    if address in known:
        default = "published" if known[address].confidence == "published" else "ours"
        return [str(marks.get(address) or Mark(default))]
    below = [one for one in marks if one.startswith(f"{address}.")]
    return [f"{one.rpartition('.')[2]}: {marks[one]}" for one in below]


def unsaid_lines(tables: Tables, marks: Mapping[str, Mark]) -> list[str]:
    """Values of yours that are the defaults too, so that the file need not name them."""
    known = addresses(tables)
    yours = [
        a
        for a, mark in marks.items()
        if mark.mark == "yours" and a in known and known[a].value == known[a].default
    ]
    return ["", *(f"# {a} = {known[a].value} is the default: {marks[a]}" for a in yours)] if yours else []
