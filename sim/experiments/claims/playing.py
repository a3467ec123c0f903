"""The pieces of work of a claim, each a seed of a world: carried out by whoever carries out runs, and kept one by one."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sim.experiments import Here, Local, Specification, specify, tables_of
from sim.experiments.claims.design import SIZES, Design, Size
from sim.mechanisms import MECHANISMS
from sim.scenario import CORE, load

Progress = Callable[[int, int], None]

FIRST_SEED = 1
WORK = "sim.experiments.claims.playing:play"


class Piece(NamedTuple):
    """One seed of one world of a claim."""

    claim: str
    size: str
    world: int
    seed: int


def pieces(design: Design, size: Size) -> list[Piece]:
    """All pieces of a claim, seed by seed."""
    size = design.sized(size)
    worlds = len(design.worlds(size))
    return [
        Piece(design.name, size.name, world, seed)
        for seed in range(FIRST_SEED, FIRST_SEED + size.seeds)
        for world in range(worlds)
    ]


def specified(piece: Piece) -> Specification:
    """A piece as a run; its hash changes with whatever its rows depend on."""
    options = piece._asdict() | {"code": _digest(piece.claim, piece.size)}
    return specify("plain", seed=piece.seed, work=WORK, options=options)


def play(specification: Specification) -> pd.DataFrame:
    """The rows of a piece; the world's factors and the seed stand in each."""
    from sim.experiments.claims import CLAIMS

    piece = Piece(*(specification.options[name] for name in Piece._fields))
    design = CLAIMS[piece.claim]
    size = design.sized(SIZES[piece.size])
    world = design.worlds(size)[piece.world]
    return pd.DataFrame([{"seed": piece.seed} | world | row for row in design.play(world, piece.seed, size)])


def played(
    wanted: Sequence[Piece],
    *,
    store: Path | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> dict[str, pd.DataFrame]:
    """All rows of many pieces, a table a claim.

    Parameters
    ----------
    wanted : the pieces.
    store : a folder in which finished pieces are kept, and from which they are taken.
    processes : how many work; 1 works here.
    progress : called with pieces done and pieces in all.

    Raises
    ------
    SetAside : a piece that came to no end; the others are kept.
    """
    runs = [specified(piece) for piece in wanted]
    if processes < 2 or len(wanted) < 2:
        parts = tables_of(runs, store=store, executor=Here(), again=True, progress=progress)
    else:
        with Local(processes) as pool:
            parts = tables_of(runs, store=store, executor=pool, again=True, progress=progress)
    tables: dict[str, list[pd.DataFrame]] = {}
    for piece, part in zip(wanted, parts, strict=True):
        if len(part):
            tables.setdefault(piece.claim, []).append(part)
    return {name: pd.concat(found, ignore_index=True) for name, found in tables.items()}


# ---------------------------------------------------------------- what rows depend on


@cache
def _digest(claim: str, size: str) -> str:
    """Of the claim's code that plays, of the machinery, the size and all shipped scenarios."""
    from sim import forecasts, futures
    from sim.experiments.claims import CLAIMS, cohorts, fire_them, following, forcing, one_fifth, twins
    from sim.metrics import staying

    design = CLAIMS[claim]
    played = design.sized(SIZES[size])._replace(seeds=0)  # how many seeds there are changes none of them
    said = [*map(str, played), _code_of(design), *_scenarios()]
    said += map(inspect.getsource, (twins, forcing, following, futures, forecasts, staying))
    if design.needs:
        said += [inspect.getsource(sys.modules[f"sim.mechanisms.{name}"]) for name in MECHANISMS]
    said += [_code_of(lent.DESIGN) for lent in (cohorts, fire_them, one_fifth)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


@cache
def _scenarios() -> tuple[str, ...]:
    return tuple(load(name).hash for name in CORE)


def _code_of(design: Design) -> str:
    """The source of a claim's file before its function that judges, without imports: what decides the rows."""
    module = inspect.getmodule(design.play)
    assert module is not None
    before = inspect.getsource(module).partition(inspect.getsource(design.judge))[0]
    return "\n".join(line for line in before.splitlines() if not line.startswith(("import ", "from ")))
