"""A sweep in a folder, and its table as one file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.missing import package
from sim.folders import Kind, write_folder
from sim.scenario.writing import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.sweeps import Sweep

SWEEP, SCENARIO, TABLE = "sweep.json", "scenario.toml", "table.csv"


def save_sweep(done: Sweep, folder: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a sweep to a folder; see `Sweep.save`."""
    edges = done.scenario.edges_file
    ours = {SWEEP, SCENARIO, TABLE, *([edges.name] if edges else [])}
    kind = Kind("a sweep's results", lambda held: SWEEP in held, lambda _: ours)

    def fill(part: Path) -> None:
        done.scenario.save(part / SCENARIO)
        (part / SWEEP).write_text(
            json.dumps(said_of(done), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (part / TABLE).write_bytes(as_csv(done.table))

    return write_folder(Path(folder), fill, force, kind)


def said_of(done: Sweep) -> dict[str, Any]:
    """What a sweep was, as JSON has it."""
    plan = done.plan
    return {
        **done.about,
        "headline": done.headline,
        "points": plan.points,
        "planned": len(plan.specifications),
        "done": int(done.table["run"].nunique()),
        "set_aside": json.loads(done.set_aside.to_json(orient="records")),
    }


def as_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV, in UTF-8; numbers in full, what is missing is empty."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def write_table(table: pd.DataFrame, file: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a table to one file: CSV, or Parquet, by the end of its name; whole or not at all.

    Raises
    ------
    ValueError
        Another ending.
    FileExistsError
        The file is there, and `force` was not given.
    """
    file = Path(file)
    kind = file.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise ValueError(f"{file}: a table is written as .csv or .parquet; write {file.with_suffix('.csv')}")
    if file.exists() and not force:
        raise FileExistsError(f"{file} is there already; give force=True (--force) to write over it")
    if not file.absolute().parent.is_dir():
        raise FileNotFoundError(f"{file}: there is no folder {file.parent}; make it first")
    write_whole(file, as_csv(table) if kind == ".csv" else _as_parquet(table), force=force)
    return file


def _as_parquet(table: pd.DataFrame) -> bytes:
    arrow = package("pyarrow", "a table in Parquet")
    parquet = package("pyarrow.parquet", "a table in Parquet")
    plain = table.copy()
    about = dict(table.attrs)
    plain.attrs = {}
    made = arrow.Table.from_pandas(plain, preserve_index=False)
    said = {**(made.schema.metadata or {}), b"tenfold": json.dumps(about).encode()}
    sink = arrow.BufferOutputStream()
    parquet.write_table(
        made.replace_schema_metadata(said), sink, write_page_checksum=True, compression="zstd"
    )
    return bytes(sink.getvalue())
