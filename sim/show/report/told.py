"""What a report tells of: a run or a comparison, from Python or from the folder where it was saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sim import saved
from sim.columns import COLUMNS
from sim.scenario import SCENARIOS, Scenario, load

if TYPE_CHECKING:
    from sim.runs import Run

TEXTS = ("firm", "to", "reason", "reported", "if", "then", "note", "metric", "alternative", "segment", "supplier",
         "mood_firm", "left_from", "left_for", "left_because", "teller_firm", "level", "pending_by", "won_by")  # fmt: skip
"""Columns of words: a firm may be called 007, or NA."""

WHOLE = {"left_month", "teller"}
NARROW = {column.name for column in COLUMNS if column.dtype == "float32"}
"""Columns whose numbers have the bits of float32."""


@dataclass
class Told:
    """What every report knows.

    Attributes
    ----------
    scenario : with its changes. title : with what was changed.
    months : that passed. seeds : one for a run.
    version, model_version : of the program that made it.
    state_hash : over the world at its end; "" for a comparison.
    policies : what decides for each firm, in a word. lost : what no file holds, such as a policy of one's own.
    tables : as `Run` or `Comparison` has them.
    """

    scenario: Scenario
    title: str
    months: int
    seeds: list[int]
    version: str
    model_version: str
    state_hash: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def focus(self) -> str:
        """The firm that is spoken of."""
        return self.scenario.focus

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.scenario.market.currency

    @property
    def is_shipped(self) -> bool:
        """Whether the scenario is a shipped one, changed or not."""
        return self.scenario.name in SCENARIOS

    def with_attrs(self) -> None:
        """Let every table know what pictures ask for."""
        about = {"focus": self.focus, "currency": self.currency, "title": self.title}
        for table in self.tables.values():
            cast(Any, table).attrs = dict(about)


def of_run(run: Run) -> Told:
    """What a run tells."""
    _plain, lost = saved.plain_policies(run.given)
    told = Told(
        run.scenario, run.title, run.months_done, [run.seed], run.about["version"], run.about["model_version"],
        run.hash, dict(run.policies), lost + [f"swap {name}" for name in run.market.swaps.given],
        {name: as_if_read(getattr(run, name)) for name in saved.TABLES},
    )  # fmt: skip
    told.with_attrs()
    return told


def of_folder(folder: Path) -> Told:
    """What the folder of a saved run tells.

    Raises
    ------
    ValueError
        It holds no saved run, or one of its files is not as it was written.
    """
    kept = saved.read_run(folder)
    if kept is None:
        raise ValueError(f"{folder}: no saved run is there")
    said = json.loads((folder / saved.RUN).read_text(encoding="utf-8"))
    told = Told(
        kept.scenario, str(said["title"]), kept.months, [kept.seed], str(said["tenfold"]), kept.model_version,
        kept.state_hash, _policies(kept.scenario, kept.policies, kept.not_saved), kept.not_saved,
        {name: read_table(folder, name) for name in saved.TABLES},
    )  # fmt: skip
    told.with_attrs()
    return told


def _policies(scenario: Scenario, given: Mapping[str, Any], lost: list[str]) -> dict[str, str]:
    """What decides for each firm, as `Run.policies` has it."""
    own = {text.removeprefix("policy ").split("=")[0]: text.split("=")[1] for text in lost if "=" in text}
    found = {}
    for name, firm in scenario.firms.items():
        policy = given.get(name, firm.policy)
        found[name] = own.get(name) or (policy["name"] if isinstance(policy, Mapping) else policy or "status_quo")
    return found


# ---------------------------------------------------------------- tables


def as_if_read(table: pd.DataFrame) -> pd.DataFrame:
    """A table with the same numbers that reading it from a file gives."""
    table = table.copy()
    for name in table.columns:
        if table[name].dtype == "float32":
            table[name] = table[name].astype("float64")
    return table


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """A table of a saved result, number by number as it was.

    Raises
    ------
    ValueError
        The file is missing, or is not as it was written.
    """
    file = folder / f"{name}.csv"
    try:
        heads = list(pd.read_csv(file, nrows=0, encoding="utf-8").columns)
        kinds: dict[str, Any] = {head: "object" for head in heads if head in TEXTS}
        kinds |= {head: "Int64" for head in heads if head in WHOLE}
        kinds |= {head: "float32" for head in heads if head in NARROW}
        table = pd.read_csv(file, dtype=kinds, keep_default_na=False, na_values=[""], encoding="utf-8",
                            float_precision="round_trip")  # fmt: skip
    except FileNotFoundError:
        raise ValueError(f"{file}: is missing; run the scenario again with --out") from None
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ValueError(f"{file}: not as Tenfold wrote it ({type(error).__name__}: {error})") from None
    table = as_if_read(table)
    for head in table.columns:
        if table[head].dtype == object:
            table[head] = table[head].where(table[head].notna(), None)
    return table.set_index("firm") if name == "firms" else table
