"""A claim with its verdict: what is shown, drawn and saved of it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim import __version__
from sim.experiments.claims import verdicts
from sim.experiments.claims.design import Design, Judged, Part, Size
from sim.experiments.claims.verdicts import Found
from sim.folders import Kind, write_folder
from sim.market import MODEL_VERSION

FILE = "claim.json"
FILES = {FILE, "cells.csv", "table.csv", "rows.csv", "picture.png"}


class PartFound(NamedTuple):
    """A part of the sentence with what its cells showed, and its verdict."""

    part: Part
    cells: list[Found]
    verdict: str

    @property
    def main(self) -> Found | None:
        """The cell that is told first."""
        if not self.cells:
            return None
        place = self.part.main
        return self.cells[place if -len(self.cells) <= place < len(self.cells) else 0]


class Claim:
    """A sentence of the textbooks, tried in the market.

    Attributes
    ----------
    name, sentence, source : str
    status : str, emergent (the model could have said no), calibrated or input (it could not), with what is which.
    design : str, worlds, arms and sizes. outcome : str, what was measured. rule : str, how it comes to a verdict.
    picture : how `picture_table` is drawn. needs : the mechanisms that it turns on.
    size : how much was computed. rows : DataFrame, a row a seed and arm, as measured.
    """

    def __init__(self, design: Design, size: Size, rows: pd.DataFrame | None = None) -> None:
        self.name, self.sentence, self.source = design.name, design.sentence, design.source
        self.status, self.design, self.outcome = design.status, design.design, design.outcome
        self.rule, self.picture, self.needs = design.expects, design.picture, list(design.needs)
        self.size = design.sized(size)
        self.rows = pd.DataFrame() if rows is None else rows
        self._design = design

    # ------------------------------------------------ what was found

    @cached_property
    def _judged(self) -> Judged | None:
        if self.rows.empty:
            return None
        return self._design.judge(self.rows, self.size)

    @cached_property
    def parts(self) -> list[PartFound]:
        """The parts of the sentence, each with its cells and its verdict."""
        if self._judged is None:
            return []
        found = [(part, verdicts.find(part.cells)) for part in self._judged.parts]
        return [PartFound(part, cells, verdicts.verdict_of(cells)) for part, cells in found]

    @cached_property
    def verdict(self) -> str:
        """Holds, holds only if, fails, undecided, or cannot be tested."""
        return verdicts.combined([one.verdict for one in self.parts if not one.part.is_check])

    @cached_property
    def flips_where(self) -> str:
        """Where it turns, and which cells say no; what a claim that cannot be tested waits for; else ""."""
        if self._judged is None:
            return self.waits_for
        said = [self._judged.flips] if self._judged.flips else []
        for part, _cells, _verdict in self.parts:
            said += [f"{f'{part.name}: ' if part.name else ''}{flip}" for flip in part.flips]
        if not said and self.verdict == verdicts.ONLY_IF:
            said = [_region(one, len(self.parts) > 1) for one in self.parts if not one.part.is_check]
        return "; ".join(text for text in said if text)

    @property
    def waits_for(self) -> str:
        """The mechanism that the model lacks, if it cannot be tested."""
        return f"waits for {self._design.waits_for}" if self._design.waits_for else ""

    @property
    def headline(self) -> Found | None:
        """The cell that is told first, of the first part."""
        return self.parts[0].main if self.parts else None

    @property
    def interval(self) -> dict[str, Any] | None:
        """The mean effect of the cell that is told first, with its 95 % interval: where, mean, low, high, unit."""
        if self.headline is None:
            return None
        one, part = self.headline, self.parts[0].part
        return {
            "where": words(one.where), "mean": _finite(one.mean), "low": _finite(one.low), "high": _finite(one.high),
            "unit": "share of resamples" if math.isnan(one.low) else part.unit,
        }  # fmt: skip

    @property
    def notes(self) -> Sequence[str]:
        """Sentences with figures that stand beside the verdict."""
        return list(self._judged.notes) if self._judged else []

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a cell: part, the factors, `effect` with `low` and `high` (95 %), `unit`, `p` (after Holm), `says`."""
        rows = [
            {"part": part.name} | dict(cell.where)
            | {"effect": cell.mean, "low": cell.low, "high": cell.high, "unit": part.unit, "p": cell.p, "says": cell.says}
            for part, cells, _verdict in self.parts
            for cell in cells
        ]  # fmt: skip
        table = pd.DataFrame(rows)
        return table.drop(columns="part") if len(table) and not table["part"].any() else table

    @property
    def picture_table(self) -> pd.DataFrame:
        """What is drawn: a row an effect, its factors, `value`, `low` and `high`."""
        return pd.DataFrame() if self._judged is None else self._judged.table

    # ------------------------------------------------ showing and keeping

    def plot(self, ax: Any = None) -> Any:
        """Draw what was found.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure unless given. A picture of several panels makes its own figure.

        Returns
        -------
        Axes, or an array of Axes.

        Raises
        ------
        ValueError : the claim cannot be tested: there is nothing to draw.
        """
        if self._judged is None:
            raise ValueError(f"{self.name} {self.verdict}: there is nothing to draw; {self.waits_for}")
        from sim.show.claims import claim_picture

        return claim_picture(self.picture_table, self.picture, ax)

    @property
    def about(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {
            "name": self.name, "sentence": self.sentence, "source": self.source, "status": self.status,
            "verdict": self.verdict, "interval": self.interval, "flips_where": self.flips_where,
            "parts": [{"name": p.part.name, "says": p.part.says, "verdict": p.verdict} for p in self.parts],
            "notes": self.notes, "needs": self.needs, "outcome": self.outcome, "design": self.design, "rule": self.rule,
            "size": self.size.name, "seeds": self.size.seeds, "customers": self.size.customers,
            "months": self.size.months, "burn_in": self.size.burn_in,
            "version": __version__, "model_version": MODEL_VERSION,
        }  # fmt: skip

    def report(self, file: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write a report of it: to a name that ends in .html one page, else a folder with page, tables and pictures.

        Raises
        ------
        ValueError : the claim cannot be tested. FileExistsError : something is there, and `force` is not given.
        """
        from sim.show.report import may_write, of_claim, write

        may_write(file, force)
        return write(of_claim.report(self), file, force=force).page

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: claim.json, the cells, the table of the picture and all rows as CSV, the picture.

        Raises
        ------
        FileExistsError : the folder is there and `force` is not given, or holds something else.
        """
        kind = Kind("a claim", lambda held: FILE in held, lambda _folder: FILES)
        return write_folder(Path(folder), self._fill, force, kind)

    def _fill(self, part: Path) -> None:
        (part / FILE).write_text(json.dumps(self.about, indent=1, ensure_ascii=False), encoding="utf-8")
        if self._judged is None:
            return
        from sim import show

        for name, table in (("cells", self.table), ("table", self._judged.table), ("rows", self.rows)):
            table.to_csv(part / f"{name}.csv", index=False)
        show.save(self.plot(), part / "picture.png")

    def __repr__(self) -> str:
        lines = [f'{self.name}: "{self.sentence}" ({self.source})', f"  {self.status_and_verdict}"]
        lines += [f"  {_of_part(one)}" for one in self.parts]
        lines += [f"  {note}" for note in self.notes]
        if self._judged is not None:
            lines += [f"  {self.how_much}"]
        return "\n".join(lines)

    @property
    def status_and_verdict(self) -> str:
        """`emergent: holds only if months above 9 (7 to 12)`."""
        where = f" {self.flips_where}" if self.verdict == verdicts.ONLY_IF else ""
        rest = f"; turns: {self.flips_where}" if self.flips_where and not where else ""
        return f"{self.status}: {self.verdict}{where or rest}"

    @property
    def how_much(self) -> str:
        """Seeds, customers and months, in a sentence."""
        size, more = self.size, "" if self.size.is_full else "; for the verdict take the full size"
        return (
            f"{size.seeds} seeds, {size.customers:,} customers unless the design says otherwise, {size.months} months after a "
            f"burn-in of {size.burn_in}{more}."
        )

    def _repr_html_(self) -> str:
        lines = [escape(_of_part(one)) for one in self.parts] + [escape(note) for note in self.notes]
        head = f"<p><b>{escape(self.sentence)}</b> ({escape(self.source)})<br>{escape(self.status_and_verdict)}</p>"
        return head + "".join(f"<p>{line}</p>" for line in lines) + self.table.to_html(border=0, index=False)


def words(where: Any) -> str:
    """A cell in words: `reliability 0.9, network lattice`."""
    return ", ".join(f"{str(name).replace('_', ' ')} {level(value)}" for name, value in dict(where).items())


def level(value: Any) -> str:
    """A factor's level in words."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _region(one: PartFound, named: bool) -> str:
    """Which cells of a part say yes, or no, whichever is shorter to tell."""
    yes = [cell for cell in one.cells if cell.says == verdicts.YES]
    lead = f"{one.part.name} {one.verdict}" if named and one.part.name else ""
    if len(yes) == len(one.cells) or not yes:
        return lead or one.verdict
    rest = [cell for cell in one.cells if cell.says != verdicts.YES]
    chosen, word = (yes, "") if len(yes) <= len(rest) else (rest, "not ")
    told = " or ".join(f"({words(cell.where)})" for cell in chosen[:6])
    more = f" and {len(chosen) - 6} cells more" if len(chosen) > 6 else ""
    between = " except in " if one.verdict == verdicts.FAILS else ": "
    return f"{lead}{between if lead else ''}{word}{told}{more}"


def _of_part(one: PartFound) -> str:
    """A part in a line: what is tested, its verdict, its first cell."""
    part, cells, verdict = one
    lead = f"{part.name}: " if part.name else ""
    count = f"{sum(c.says == verdicts.YES for c in cells)} of {len(cells)} cells say yes"
    if sum(c.says == verdicts.NO for c in cells):
        count += f", {sum(c.says == verdicts.NO for c in cells)} the opposite"
    if sum(c.says == verdicts.SMALL for c in cells):
        count += f", {sum(c.says == verdicts.SMALL for c in cells)} too small to matter"
    main = one.main
    first = "" if main is None else f"; {words(main.where) or 'effect'}: {told(main, part.unit)}"
    check = " (a check of the program)" if part.is_check else ""
    return f"{lead}{part.says}: {verdict}{check}. {count}{first}."


def told(cell: Found, unit: str) -> str:
    """An effect with its interval: `+3.2 % of V (95 %: 2.1 to 4.3)`."""
    if math.isnan(cell.low):
        return f"in {100 * cell.mean:.0f} % of the resamples"
    return f"{_signed(cell.mean)} {unit} (95 %: {_signed(cell.low)} to {_signed(cell.high)})"


def _signed(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4
    return f"{value:+,.{digits}f}".replace("-", "−")
