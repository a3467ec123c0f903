"""What a comparison's choice rests on: each assumption moved over its documented range, one at a time, on the same twins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from sim.assumed import assumed
from sim.folders import Kind, write_folder
from sim.given import whole
from sim.swaps import compiled_once
from sim.trials import ROUNDS, Trials
from sim.turning import row

if TYPE_CHECKING:
    import os

    from sim.comparison import Comparison

Told = Callable[..., None]

SEEDS = 5
"""How many seeds are run, at most, where the answer is close."""

SAID = 3
"""Assumptions that a sentence names; the table has all."""

COLUMNS = (
    "assumption", "value", "low", "high", "unit", "mark", "range", "at_low", "at_high", "verdict", "turns", "turns_at", "way",
    "seeds",
)  # fmt: skip


class Stress:
    """How far the choice holds when assumptions move.

    Attributes
    ----------
    table : DataFrame
        A row an assumption, the one that moves the difference most first: `assumption` (its address), `value`, `low`
        and `high` of its range, `unit`, `mark` (published or ours), `range` (where it is from), `at_low` and `at_high`
        (the difference of the headline there, in money; for words the least and the most), `verdict` (holds, close:
        luck could turn it, turns, nothing changes), `turns` in words, `turns_at`, `way` (how much of its way to the end of
        the range it must move for that, 0 to 1), `seeds` that were run.
    choice : str
        The world that earns the firm most without any move. over : str, the next best.
    difference : float
        Of the headline, without any move; low, high : float, over all assumptions: the interval "assumptions".
    runs : int. seeds : list of int, that were used at most.
    """

    def __init__(self, pair: Comparison, rows: Sequence[tuple[Any, ...]], trials: Trials) -> None:
        table = pd.DataFrame(list(rows), columns=list(COLUMNS))
        size = (table["at_high"] - table["at_low"]).abs().fillna(-1.0)
        table = table.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
        cast(Any, table).attrs = dict(pair.table.attrs) | {"best": pair.best, "metric": pair.metric}
        self.table, self.choice, self.runs, self.seeds = table, trials.choice, trials.runs, list(trials.seeds)
        others = [name for name in pair.names if name != self.choice]
        self.over = max(others, key=lambda name: float(pair.of_seeds(name, pair.metric).mean()))
        self.best, self.base, self.metric, self.firm = pair.best, pair.base, pair.metric, pair.firm
        self.currency = pair.scenario.market.currency
        self.difference = float(pair.differences(pair.best).mean())
        ends = table.loc[self.acting, ["at_low", "at_high"]].to_numpy(dtype=float).ravel()
        found = [float(end) for end in (*ends, self.difference) if math.isfinite(end)] if len(ends) else []
        self.low, self.high = (min(found), max(found)) if found else (math.nan, math.nan)
        told = {
            "difference": self.difference,
            "sentence": self.sentence,
            "choice": self.choice,
            "over": self.over,
        }
        table.attrs |= told

    @property
    def acting(self) -> Any:
        """Which rows change anything, bool (assumptions,)."""
        return self.table["verdict"] != "nothing changes"

    @property
    def sentence(self) -> str:
        """For how many assumptions the choice holds, for how many luck hides whether it does, and where it turns."""
        rows = self.table[self.acting]
        n, holds, close, turning = (
            len(rows),
            *((rows["verdict"] == v).sum() for v in ("holds", "close", "turns")),
        )
        if not n:
            return "No assumption changes anything here."
        start = f"The choice holds for {holds} of {n} assumptions"
        if holds == n:
            return f"{start}, and turns nowhere in their ranges."
        luck = f"; for {close} it is not told from luck" if close else ""
        if not turning:
            return f"{start}{luck}."
        named = [f"when {row['assumption']} {row['turns']}" for row in self.nearest.to_dict("records")[:SAID]]
        rest = turning - len(named)
        more = f", and for {rest} more" if rest else ""
        return f"{start}{luck}; it turns {', and '.join(named)}{more}."

    @property
    def nearest(self) -> pd.DataFrame:
        """The assumptions that turn the choice, the one first that needs to move least of its way."""
        rows = self.table[self.table["verdict"] == "turns"]
        return rows.sort_values("way", kind="stable")

    def plot(self, ax: Any = None, most: int = 15) -> Any:
        """A tornado: the difference over each assumption's range, the widest on top.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure unless given.
        most : int
            How many assumptions; those that turn the choice are always among them.
        """
        from sim.show.tornado import tornado

        return tornado(self.table, ax, most=most)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: stress.csv, stress.png and stress.txt with the sentence."""
        from sim.show.pictures import save as save_picture

        def fill(part: Path) -> None:
            self.table.to_csv(part / "stress.csv", index=False, lineterminator="\n")
            (part / "stress.txt").write_text(f"{self.sentence}\n", encoding="utf-8")
            save_picture(self.plot(), part / "stress.png")

        names = {"stress.csv", "stress.txt", "stress.png"}
        kind = Kind("a stress test", lambda held: "stress.csv" in held, lambda _folder: names)
        return write_folder(Path(folder), fill, force, kind)

    def about(self) -> dict[str, Any]:
        """What its table does not hold, as JSON has it: missing values are None."""
        low, high = (None if math.isnan(end) else end for end in (self.low, self.high))
        return {
            "sentence": self.sentence, "choice": self.choice, "over": self.over, "best": self.best, "metric": self.metric,
            "difference": self.difference, "low": low, "high": high, "runs": self.runs, "seeds": self.seeds,
        }  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """All of it, as `--json` has it."""
        rows = self.table.to_dict("records")
        clean = [{k: None if v != v else v for k, v in row.items()} for row in rows]
        return {**self.about(), "assumptions": clean}

    def as_text(self, width: int = 80) -> str:
        """The sentence and a tornado in letters, within some columns."""
        from sim.show.letters import tornado

        return tornado(self.table, width)

    def __repr__(self) -> str:
        return self.as_text(100)

    def _repr_html_(self) -> str:
        shown = self.table.drop(columns=["mark", "range"])
        return f"<p>{escape(self.sentence)}</p>{shown.to_html(border=0, index=False, na_rep='')}"


class Planned(NamedTuple):
    """What a stress test will take: assumptions, runs at least and at most, and seconds for one run."""

    assumptions: int
    least: int
    most: int
    seconds: float

    def __str__(self) -> str:
        said = [_time(n * self.seconds) for n in (self.least, self.most)]
        return (
            f"Stress: {self.assumptions} assumptions, each moved over its range: {self.least:,} runs, about {said[0]}; "
            f"where the choice is close more, up to {self.most:,} ({said[1]})."
        )


def _time(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )


def planned(pair: Comparison, over: Any = None, seeds: int | None = None) -> Planned:
    """How many runs a stress test will take, and how long one takes here."""
    found, most = assumed(pair.twins, over), min(seeds or SEEDS, len(pair.seeds))
    runs = sum(len(one.words) or 2 for one in found) * len(pair.names)
    return Planned(len(found), runs * ROUNDS[0], runs * most, pair.seconds_a_run)


def stress(
    pair: Comparison, over: Any = None, *, seeds: int | None = None, progress: Told | None = None
) -> Stress:
    """Move each assumption over its range; see `Comparison.stress`."""
    whole("seeds", seeds, 1)
    found, plan = assumed(pair.twins, over), planned(pair, over, seeds)
    expected = plan.least

    def told(runs: int, what: str) -> None:
        nonlocal expected
        expected = max(expected, runs)
        if progress:
            progress(runs, expected, what)

    trials = Trials(pair, min(seeds or SEEDS, len(pair.seeds)), told)
    rows = []
    with compiled_once():
        for place, one in enumerate(found):
            rows.append(row(one, trials))
            done = (place + 1) / len(found)
            expected = max(trials.runs, round(trials.runs / done))
    return Stress(pair, rows, trials)
