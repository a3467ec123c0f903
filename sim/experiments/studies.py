"""What all studies share: who is asked before much work, how runs are carried out, how a result is written."""

from __future__ import annotations

import json
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim import __version__
from sim.experiments.pool import Cluster, Local, cores
from sim.experiments.running import SetAside, run_all
from sim.experiments.saving import as_csv
from sim.folders import Kind, write_folder
from sim.market import MODEL_VERSION
from sim.scenario.faults import nearest

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.specification import Specification
    from sim.experiments.working import Columns
    from sim.scenario import Scenario


def pool_of(executor: Any) -> tuple[Any, bool]:
    """Who carries out, and whether it is ours to close: processes of this computer unless given, or a scheduler's address."""
    if executor is None:
        return Local(cores()), True
    return (Cluster(executor), True) if isinstance(executor, str) else (executor, False)


def columns_of(wanted: Sequence[Specification], **more: Any) -> list[Columns]:
    """What each run gave, in the order of the specifications; the words are those of `run_all`.

    Raises
    ------
    SetAside
        A run could not be done: the message says which, and why.
    """
    found = {outcome.specification.hash: outcome for outcome in run_all(wanted, **more)}
    for one in wanted:
        if fault := found[one.hash].fault:
            raise SetAside(f"{one.scenario.name}, seed {one.seed}, {dict(one.scenario.changes)}: {fault}")
    return [found[one.hash].columns or {} for one in wanted]


def value_of(columns: Columns, firm: str, metric: str) -> float:
    """A metric of a firm, from what a run gave; missing where it has none.

    Raises
    ------
    ValueError
        No such metric or firm, with the nearest right one.
    """
    if metric not in columns or metric == "firm":
        raise ValueError(
            f'there is no metric "{metric}"; {_hint(metric, [n for n in columns if n != "firm"])}'
        )
    firms = columns["firm"][1]
    if firm not in firms:
        raise ValueError(f'there is no firm "{firm}"; {_hint(firm, firms)}')
    value = columns[metric][1][firms.index(firm)]
    return math.nan if value is None else float(value)


def _hint(name: str, known: Sequence[str]) -> str:
    near = nearest(str(name), known)
    return f'did you mean "{near}"?' if near else f"there are {', '.join(known)}"


def check_metric(metric: str, extra: Iterable[str] = ()) -> str:
    """Refuse a metric that runs do not have, before anything is computed; the nearest right one is named."""
    from sim.metrics import METRICS
    from sim.tables import FIRMS

    known = list(dict.fromkeys([*extra, *FIRMS, *METRICS]))
    if metric not in known:
        raise ValueError(f'there is no metric "{metric}"; {_hint(metric, known)}')
    return metric


def check_firm(scenario: Scenario, firm: str | None) -> str:
    """The firm that is spoken of: the focus unless given."""
    name = firm or scenario.focus
    if name not in scenario.firms:
        raise ValueError(f'there is no firm "{name}"; {_hint(name, list(scenario.firms))}')
    return name


def about(scenario: Scenario, seeds: Sequence[int], **more: Any) -> dict[str, Any]:
    """What every table and `--json` of a study says of what was run."""
    return {
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "seeds": list(seeds),
        "months": scenario.market.months,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "changes": dict(scenario.changes),
        "title": scenario.title,
        "currency": scenario.market.currency,
        **more,
    }


class Study(ABC):
    """What studies have in common: how they read as text and on a page, and how they are written.

    Attributes
    ----------
    kind : str, of its files. scenario : Scenario, what was run. table : DataFrame. headline : str, the answer in a sentence.
    notes : sentences on how far it holds.
    """

    kind: ClassVar[str]
    scenario: Scenario
    table: pd.DataFrame
    headline: Any
    notes: Any = ()

    @abstractmethod
    def said(self) -> dict[str, Any]:
        """Everything as JSON has it."""

    @abstractmethod
    def plot(self, ax: Any = None) -> Any:
        """Draw it. `ax`: where to draw; a new figure unless given."""

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: the study as JSON, the scenario that it ends with, its tables as CSV, its picture.

        Raises
        ------
        FileExistsError
            The folder is there and `force` was not given, or it holds something else.
        """
        return write_study(
            folder,
            self.kind,
            self._found(),
            self.said(),
            self._tables(),
            self.plot,
            force=force,
            also=self._also(),
        )

    def _found(self) -> Scenario:
        """The scenario that is written."""
        return self.scenario

    def _tables(self) -> dict[str, pd.DataFrame]:
        """Its tables, by the names of their files."""
        return {"table": self.table}

    def _also(self) -> dict[str, str]:
        """Other files, by name."""
        return {}

    @abstractmethod
    def _what(self) -> str:
        """What was run, in a few words."""

    def _in_short(self) -> pd.DataFrame:
        """The table that is shown."""
        return self.table

    def _line(self) -> str:
        return f"{self.scenario.title}: {self._what()}, Tenfold {__version__}"

    def __repr__(self) -> str:
        return "\n".join([self._line(), self.headline, self._in_short().to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(text)}</p>" for text in (self._line(), self.headline, *self.notes))
        return f"{said}{self._in_short().to_html(border=0, index=False)}"


def write_study(
    folder: str | os.PathLike[str], name: str, scenario: Scenario, said: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame], draw: Callable[[], Any] | None, *, force: bool = False, also: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """Write a study to a folder: NAME.json, scenario.toml, its tables as CSV, its picture; whole or not at all.

    Raises
    ------
    FileExistsError
        The folder is there and `force` was not given, or it holds something else.
    """
    mark = f"{name}.json"
    edges = scenario.edges_file
    ours = {mark, "scenario.toml", f"{name}.png", *(f"{t}.csv" for t in tables), *(also or {})}
    ours |= {edges.name} if edges else set()
    kind = Kind(f"results of {name}", lambda held: mark in held, lambda _: ours)

    def fill(part: Path) -> None:
        scenario.save(part / "scenario.toml")
        text = json.dumps(said, indent=1, ensure_ascii=False, default=_plain)
        (part / mark).write_text(text + "\n", encoding="utf-8")
        for title, table in tables.items():
            (part / f"{title}.csv").write_bytes(as_csv(table))
        for file, content in (also or {}).items():
            (part / file).write_text(content, encoding="utf-8")
        if draw is not None:
            from sim.show.pictures import as_bytes

            (part / f"{name}.png").write_bytes(as_bytes(draw()))

    return write_folder(Path(folder), fill, force, kind)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON has it: null for what is missing."""
    return json.loads(table.to_json(orient="records", double_precision=15))  # type: ignore[no-any-return]
