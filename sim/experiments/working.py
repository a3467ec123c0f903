"""What a worker does: one run, from its specification to a table of plain data."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from sim.experiments.specification import Specification

Columns = dict[str, tuple[str, list[Any]]]
"""A table as it crosses processes: column -> its kind (`float`, `int`, `bool` or `str`) and its values; None is missing."""


def carry_out(said: Mapping[str, Any]) -> dict[str, Any]:
    """Do one run in a worker.

    Parameters
    ----------
    said : mapping
        `Specification.plain()`.

    Returns
    -------
    dict
        `columns` and `seconds`; or `fault`, why the run came to no end, in a sentence; or `refused`, why this worker
        can do no run of this kind.
    """
    from sim.experiments.specification import Specification
    from sim.market import MODEL_VERSION

    if said["model_version"] != MODEL_VERSION:
        versions = f"has model version {MODEL_VERSION}, and the runs are of {said['model_version']}"
        return {"refused": f"a worker {versions}: install the same Tenfold on all computers"}
    begun = time.perf_counter()
    one = Specification.from_plain(said)
    if why := _other_contacts(one, said["scenario_hash"]):
        return {"refused": why}
    try:
        columns = plain(work_of(said["work"])(one))
    except Exception as error:
        return {"fault": _sentence(error)}
    return {"columns": columns, "seconds": time.perf_counter() - begun}


def _other_contacts(one: Specification, expected: str) -> str:
    """Why a scenario's file of contacts is not the one that was meant; "" if it is, or there is none."""
    file = one.scenario.edges_file
    if file is None:
        return ""
    try:
        is_same = one.scenario.hash == expected
    except OSError:
        return f"a worker cannot read the file of contacts {file}: put it there on all computers"
    return "" if is_same else f"the file of contacts {file} has changed, or is another where a worker is"


def work_of(name: str) -> Any:
    """The function that `module:function` names."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _sentence(error: Exception) -> str:
    """An error in a line; of one that is not for users, where it arose too."""
    said = " ".join(str(error).split()) or type(error).__name__
    if type(error).__module__.startswith("sim.") or isinstance(error, MemoryError):
        return said
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {said} ({place.name}, line {place.lineno} of {place.filename})"


# ---------------------------------------------------------------- tables as plain data

_DTYPES = {"float": np.dtype("float64"), "int": np.dtype("int64"), "bool": np.dtype("bool")}


def plain(table: pd.DataFrame) -> Columns:
    """A table as plain data; whole numbers with gaps become float."""
    return {str(name): _column(table[name]) for name in table.columns}


def _column(values: pd.Series) -> tuple[str, list[Any]]:
    gaps = values.isna().to_numpy()
    kind = getattr(values.dtype, "kind", "O")
    if kind in "iu" and not gaps.any():
        return "int", [int(value) for value in values]
    if kind in "iuf":
        return "float", [None if gap else float(v) for v, gap in zip(values, gaps, strict=True)]
    if kind == "b" and not gaps.any():
        return "bool", [bool(value) for value in values]
    return "str", [None if gap else str(v) for v, gap in zip(values, gaps, strict=True)]


def as_table(columns: Columns) -> pd.DataFrame:
    """The table again."""
    data: dict[str, Any] = {}
    for name, (kind, values) in columns.items():
        data[name] = pd.Series(values, dtype=_DTYPES[kind]) if kind in _DTYPES else pd.Series(values)
    return pd.DataFrame(data)


# ---------------------------------------------------------------- works


def firms(one: Specification) -> pd.DataFrame:
    """A row a firm, the focus first: every metric as it is at the end of the run; profit and revenue of 12 months."""
    from sim.lives import of_firms
    from sim.runs import run

    return of_firms(run(one.scenario, seed=one.seed)).T.rename_axis("firm").reset_index().infer_objects()


def months(one: Specification) -> pd.DataFrame:
    """A row a month and firm: every metric, as `Run.months`."""
    from sim.runs import run

    return run(one.scenario, seed=one.seed).months
