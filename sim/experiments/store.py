"""Finished runs on the disk: one checksummed Parquet part a run, named by the hash of its specification.

    parts/HASH.parquet       a finished run; written whole or not at all, the same bytes whoever writes it
    set_aside/HASH.json      a run that cannot be done, with its parameters and the reason
    sweeps/HASH.json         a plan: which runs belong together, and what is varied
    .writing/                parts that are being written

Several processes and several sweeps may use one store at the same time: a run is a pure function of its
specification, so that whoever is first is right.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.missing import package
from sim.folders import held_in
from sim.market import MODEL_VERSION

if TYPE_CHECKING:
    from sim.experiments.design import Plan
    from sim.experiments.specification import Specification
    from sim.experiments.working import Columns

MARK = "tenfold-store.json"
LEFT_OVER = 600.0
"""Seconds after which a part that is still being written was left by somebody who was killed."""


class DamagedPart(ValueError):
    """A part is not as it was written."""


class Store:
    """A folder of finished runs.

    Parameters
    ----------
    folder : str or path
        Made if it is not there; a folder that holds something else is refused.

    Raises
    ------
    FileExistsError
        The folder holds something else than finished runs.
    MissingPackage
        An ImportError: the package pyarrow is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.parquet = package("pyarrow.parquet", "a store of runs")
        self.arrow = package("pyarrow", "a store of runs")
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise FileExistsError(f"{self.folder} is a file; finished runs go to a folder of their own")
        own = {"parts", "set_aside", "sweeps", ".writing"}  # all that there is where its making was cut short
        held = held_in(self.folder) if self.folder.is_dir() else set()
        if held - own and MARK not in held:
            raise FileExistsError(
                f"{self.folder} holds something else than finished runs; name a folder that is not there yet"
            )
        self.parts, self.aside = self.folder / "parts", self.folder / "set_aside"
        self.sweeps, self._writing = self.folder / "sweeps", self.folder / ".writing"
        for inner in (self.folder, self.parts, self.aside, self.sweeps, self._writing):
            inner.mkdir(parents=True, exist_ok=True)
        if not (self.folder / MARK).is_file():
            self._put(self.folder / MARK, b'{"tenfold_store": 1}\n')
        self._sweep_up()

    # ------------------------------------------------ parts

    def part(self, name: str) -> Path:
        """The file of a run, by its hash."""
        return self.parts / f"{name}.parquet"

    def done(self) -> set[str]:
        """The hashes of all finished runs."""
        return {entry.name[:-8] for entry in os.scandir(self.parts) if entry.name.endswith(".parquet")}

    def write(self, one: Specification, columns: Columns) -> None:
        """Keep a finished run; one that is there already stays as it is."""
        self._put(self.part(one.hash), self._as_parquet(one, columns))

    def _as_parquet(self, one: Specification, columns: Columns) -> bytes:
        pa = self.arrow
        types = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "str": pa.string()}
        count = len(next(iter(columns.values()))[1]) if columns else 0
        arrays = {"run": pa.array([one.hash] * count, pa.string())}
        arrays |= {name: pa.array(values, types[kind]) for name, (kind, values) in columns.items()}
        said = {
            "model_version": MODEL_VERSION, "scenario": one.scenario.hash, "seed": one.seed, "work": one.work,
            "options": dict(one.options), "digest": _digest(columns),
        }  # fmt: skip
        table = pa.table(arrays).replace_schema_metadata({"tenfold": json.dumps(said, sort_keys=True)})
        sink = pa.BufferOutputStream()
        self.parquet.write_table(table, sink, write_page_checksum=True, compression="zstd")
        return bytes(sink.getvalue())

    def read(self, one: Specification) -> Columns | None:
        """A finished run; None where it is not there.

        Raises
        ------
        DamagedPart
            The file is not as it was written.
        """
        file = self.part(one.hash)
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            buffer = self.arrow.BufferReader(data)
            table = self.parquet.ParquetFile(buffer, page_checksum_verification=True).read()
            said = json.loads((table.schema.metadata or {})[b"tenfold"])
            kinds = {"double": "float", "int64": "int", "bool": "bool", "string": "str"}
            columns = {
                name: (kinds[str(table.schema.field(name).type)], table.column(name).to_pylist())
                for name in table.column_names[1:]
            }
            is_whole = said["digest"] == _digest(columns) and said["scenario"] == one.scenario.hash
        except (OSError, ValueError, KeyError, TypeError, self.arrow.ArrowException) as error:
            raise DamagedPart(f"{file}: not as it was written ({type(error).__name__})") from error
        if not is_whole:
            raise DamagedPart(f"{file}: not as it was written (its digest differs)")
        return columns

    def pace(self, names: Iterable[str], last: int = 60) -> float | None:
        """Seconds from one finished run to the next, of the last ones; pauses left out. None where there are fewer than two."""
        times = sorted(self.part(name).stat().st_mtime for name in names)[-last:]
        gaps = sorted(b - a for a, b in itertools.pairwise(times))
        usual = gaps[: max(1, len(gaps) * 9 // 10)]
        return sum(usual) / len(usual) if usual else None

    def keep_plan(self, plan: Plan) -> None:
        """Note which runs belong to a plan, so that the store can be read without the scenario's file."""
        runs = [{"run": one.hash, "seed": one.seed, "point": k} for k, one in plan.runs]
        self.note(plan.hash, {
            "scenario": plan.scenario.name, "scenario_hash": plan.scenario.hash, "model_version": MODEL_VERSION,
            "design": plan.design, "points": plan.points, "runs": runs,
        })  # fmt: skip

    def forget(self, one: Specification) -> None:
        """Take a part away, so that the run is done again."""
        self.part(one.hash).unlink(missing_ok=True)

    # ------------------------------------------------ runs that cannot be done

    def set_aside(self, one: Specification, why: str) -> None:
        """Note a run that cannot be done, with its parameters."""
        said = {
            "run": one.hash, "why": why, "scenario": one.scenario.name, "changes": dict(one.scenario.changes),
            "seed": one.seed, "work": one.work, "options": dict(one.options), "model_version": MODEL_VERSION,
        }  # fmt: skip
        self._put(self.aside / f"{one.hash}.json", _json(said))

    def why_aside(self, name: str) -> str:
        """Why a run was set aside, by its hash; "" if it was not."""
        try:
            return str(json.loads((self.aside / f"{name}.json").read_text(encoding="utf-8"))["why"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError):
            return "set aside; the note about it cannot be read"

    def take_back(self, name: str) -> None:
        """Let a run that was set aside be tried again."""
        (self.aside / f"{name}.json").unlink(missing_ok=True)

    def all_aside(self) -> set[str]:
        """The hashes of all runs that were set aside."""
        return {entry.name[:-5] for entry in os.scandir(self.aside) if entry.name.endswith(".json")}

    # ------------------------------------------------ writing

    def has_note(self, name: str) -> bool:
        """Whether a note was kept."""
        return (self.sweeps / f"{name}.json").is_file()

    def note(self, name: str, said: Mapping[str, Any]) -> None:
        """Keep a plan, by its name; the newest counts."""
        self._put(self.sweeps / f"{name}.json", _json(said), over=True)

    def _put(self, file: Path, data: bytes, *, over: bool = False) -> None:
        """Write to a temporary name, to the disk, and give it its own name: whole or not at all."""
        temporary = self._writing / f"{file.name}.{os.getpid()}.{time.monotonic_ns()}"
        try:
            with temporary.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            _name(temporary, file, over)
            _to_disk(file.parent)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
                raise
            said = f"the disk of {self.folder} is full; the runs that were done are kept: free some space, and call again"
            raise OSError(error.errno, said) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _sweep_up(self) -> None:
        """Take away what somebody who was killed left half written."""
        for entry in os.scandir(self._writing):
            with contextlib.suppress(OSError):
                if time.time() - entry.stat().st_mtime > LEFT_OVER:
                    Path(entry.path).unlink()


def _name(temporary: Path, file: Path, over: bool) -> None:
    """Give a written file its name; one that is there stays, unless `over`."""
    if over:
        temporary.replace(file)
        return
    try:
        os.link(temporary, file)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not file.exists():
            temporary.replace(file)


def _to_disk(folder: Path) -> None:
    """Have the system write a folder's names, where it can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(columns: Columns) -> str:
    """SHA-256 of a table's names, kinds and values."""
    text = json.dumps([[name, kind, values] for name, (kind, values) in columns.items()], allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _json(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
