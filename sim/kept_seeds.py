"""Finished seeds of a comparison in a folder, so that one that was stopped, or killed, goes on where it was."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import __version__
from sim.folders import held_in, to_disk
from sim.lives import World, frame
from sim.market import MODEL_VERSION
from sim.saved import plain_policies

if TYPE_CHECKING:
    from sim.twins import Twins

FORMAT, ABOUT = 1, "about.json"


class KeptSeeds:
    """A folder with a file a seed, each written whole to a temporary name and then moved.

    Parameters
    ----------
    folder : is made when the first seed is kept.
    twins : what is compared. Its hash stands in the folder: seeds of another comparison are never mixed in.
    force : whether another comparison's seeds are removed, rather than refused.

    Raises
    ------
    ValueError
        The folder holds something else, or another comparison's seeds.
    """

    def __init__(self, folder: Path, twins: Twins, force: bool = False) -> None:
        self.folder, self.about = folder, about(twins)
        self._used: set[str] = set()
        if not folder.exists():
            return
        if not folder.is_dir():
            raise ValueError(f"{folder} is a file; finished seeds go to a folder of their own")
        said = self._said()
        if said is None and held_in(folder):
            raise ValueError(
                f"{folder} holds something else than finished seeds; name a folder that is not there yet"
            )
        if said is not None and said.get("hash") != self.about["hash"]:
            if force:
                self.remove()
                return
            raise ValueError(
                f"{folder} holds finished seeds of {_difference(said, self.about)}; name another folder, or delete this one"
            )

    def _said(self) -> dict[str, Any] | None:
        try:
            said = json.loads((self.folder / ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    @property
    def names(self) -> set[str]:
        """Of all that is kept: `seed-…`, and `point-…` for a point of a stress test with a seed."""
        return {file.name.removesuffix(".json.gz") for file in self.folder.glob("*.json.gz")}

    @property
    def unused(self) -> set[str]:
        """Names of what is kept, and was neither read nor written since the folder was opened here."""
        return self.names - self._used

    @property
    def seeds(self) -> list[int]:
        """Which are finished."""
        return sorted(int(name[5:]) for name in self.names if name[:5] == "seed-" and name[5:].isdigit())

    def has(self, seed: int) -> bool:
        """Whether a seed is finished."""
        return self._file(f"seed-{seed}").is_file()

    def get(self, seed: int) -> dict[str, World] | None:
        """The worlds of a finished seed; None if it is not there, or its file is damaged."""
        said = self.read(f"seed-{seed}")
        return None if said is None else {name: _world(one) for name, one in said.items()}

    def put(self, seed: int, worlds: Mapping[str, World]) -> None:
        """Keep the worlds of a seed."""
        self.write(f"seed-{seed}", {name: _plain(world) for name, world in worlds.items()})

    def unproved(self, seeds: Sequence[int]) -> int | None:
        """The kept seed that is to be run again before any is taken; None where all is proved by the first of `seeds`.

        Functions and policies of the user's have no hash: only a seed that is run again shows that they are the same.
        """
        has_functions = bool(self.about["functions"]) or any(
            world["functions"] for world in self.about["worlds"].values()
        )
        if not has_functions or self.get(seeds[0]) is not None:
            return None
        return next((seed for seed in (*seeds, *self.seeds) if self.get(seed) is not None), None)

    def check(self, seed: int, worlds: Mapping[str, World]) -> None:
        """Refuse seeds that are kept but do not repeat, where this one was run again.

        Raises
        ------
        ValueError
            Functions and policies of the user's have no hash; what they make of a world has.
        """
        kept = self.get(seed)
        if kept is not None and {k: w.hash for k, w in kept.items()} != {
            k: w.hash for k, w in worlds.items()
        }:
            raise ValueError(
                f"{self.folder}: seed {seed} does not repeat: a function or policy of yours has changed since, or draws luck "
                "of its own; name another folder, or delete this one"
            )

    def read(self, name: str) -> Any:
        """What is kept under a name; None if nothing is, or the file is damaged."""
        self._used.add(name)
        try:
            with gzip.open(self._file(name), "rt", encoding="utf-8") as file:
                return json.load(file)
        except (OSError, EOFError, ValueError, zlib.error):
            return None

    def write(self, name: str, said: Any) -> None:
        """Keep something under a name: whole, or not at all."""
        self._used.add(name)
        if self._said() is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._whole(self.folder / ABOUT, json.dumps(self.about, indent=2, ensure_ascii=False).encode())
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        self._whole(self._file(name), gzip.compress(text, 1, mtime=0))

    def remove(self) -> None:
        """Take away what is kept here, and the folder if nothing else is in it."""
        for file in (*self.folder.glob("*.json.gz"), *self.folder.glob(".*.part"), self.folder / ABOUT):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json.gz"

    def _whole(self, file: Path, content: bytes) -> None:
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            to_disk(part)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)


def counted(names: Collection[str]) -> str:
    """How much of what is kept, in words: `2 finished seeds and 76 points of a stress test`."""
    points = [name for name in names if name.startswith("point-")]
    seeds = len(names) - len(points)
    counts = ((seeds, "finished seed", ""), (len(points), "point", " of a stress test"))
    return " and ".join(f"{n:,} {what}{'s' if n > 1 else ''}{more}" for n, what, more in counts if n)


def about(twins: Twins) -> dict[str, Any]:
    """What decides the numbers of a comparison, and its hash: a seed's file belongs to exactly this."""
    kept, lost = plain_policies(twins.kept)
    said: dict[str, Any] = {
        "what": "finished seeds of tenfold compare",
        "format": FORMAT,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "scenario": twins.scenario.name,
        "scenario_hash": twins.scenario.hash,
        "firm": twins.firm,
        "months": twins.months,
        "policies": kept,
        "functions": lost,
        "worlds": {},
    }
    for name, own in twins.worlds.items():
        plain, lost = plain_policies(own.policies)
        said["worlds"][name] = {"change": own.change, "policies": plain, "functions": [*lost, *own.swap]}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return json.loads(json.dumps(said, default=str)) | {"hash": hashlib.sha256(text.encode()).hexdigest()}


def _difference(said: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """In what two comparisons differ."""
    words = {"scenario_hash": "another scenario", "model_version": "another model version", "version": "another version of Tenfold",
             "months": "another length", "firm": "another firm", "worlds": "other alternatives"}  # fmt: skip
    return next((text for key, text in words.items() if said.get(key) != wanted[key]), "another comparison")


def _plain(world: World) -> dict[str, Any]:
    """A world as JSON can hold it, to the bit."""
    table = world.customers
    return {
        "hash": world.hash,
        "rows": [list(row) for row in world.measures.index],
        "firms": list(world.measures.columns),
        "measures": world.measures.to_numpy(dtype="float64").tolist(),
        "kinds": {name: str(kind) for name, kind in table.dtypes.items()},
        "customers": {
            name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in table
        },
    }


def _world(said: Mapping[str, Any]) -> World:
    measures = frame([(row[0], row[1]) for row in said["rows"]], said["firms"], said["measures"])
    columns = {
        name: pd.Series(values, dtype=said["kinds"][name]) for name, values in said["customers"].items()
    }
    return World(measures, pd.DataFrame(columns), str(said["hash"]))
