"""The pieces of work of a claim: each a seed of a world; kept one by one, so that a stop loses little."""

from __future__ import annotations

import hashlib
import inspect
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim import __version__
from sim.experiments.claims.design import SIZES, Design, Size
from sim.market import MODEL_VERSION
from sim.scenario.writing import write_whole

Progress = Callable[[int, int], None]

FIRST_SEED = 1


class Piece(NamedTuple):
    """One seed of one world of a claim, in plain data: what a process is given."""

    claim: str
    size: str
    world: int
    seed: int


def pieces(design: Design, size: Size) -> list[Piece]:
    """All pieces of a claim, seed by seed."""
    assert design.worlds is not None
    size = design.sized(size)
    worlds = len(design.worlds(size))
    return [
        Piece(design.name, size.name, world, seed)
        for seed in range(FIRST_SEED, FIRST_SEED + size.seeds)
        for world in range(worlds)
    ]


def play(piece: Piece) -> list[dict[str, Any]]:
    """The rows of a piece; the world's factors and the seed stand in each."""
    from sim.experiments.claims import CLAIMS

    design = CLAIMS[piece.claim]
    size = design.sized(SIZES[piece.size])
    assert design.worlds is not None and design.play is not None
    world = design.worlds(size)[piece.world]
    factors = {key: value for key, value in world.items() if not isinstance(value, (dict, list))}
    return [{"seed": piece.seed} | factors | row for row in design.play(world, piece.seed, size)]


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
    """
    found: dict[Piece, list[dict[str, Any]]] = {}
    for piece in wanted:
        kept = _kept(piece, store)
        if kept is not None:
            found[piece] = kept
    left = [piece for piece in wanted if piece not in found]
    if progress:
        progress(len(found), len(wanted))
    for piece, rows in _each(left, processes):
        found[piece] = _keep(piece, rows, store)
        if progress:
            progress(len(found), len(wanted))
    tables: dict[str, list[dict[str, Any]]] = {}
    for piece in wanted:
        tables.setdefault(piece.claim, []).extend(found[piece])
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def _each(left: Sequence[Piece], processes: int) -> Iterator[tuple[Piece, list[dict[str, Any]]]]:
    """Pieces with their rows as they are done, here or in processes."""
    if processes < 2 or len(left) < 2:
        for piece in left:
            yield piece, play(piece)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(processes, len(left)), mp_context=context)
    try:
        waiting = {pool.submit(play, piece): piece for piece in left}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for job in done:
                yield waiting.pop(job), job.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# ---------------------------------------------------------------- what is kept


def _file(piece: Piece, store: Path) -> Path:
    """Where a piece is kept: its name tells the claim, and all that its rows depend on."""
    from sim.experiments.claims import CLAIMS, twins

    design = CLAIMS[piece.claim]
    said = [*piece, list(design.sized(SIZES[piece.size])), __version__, MODEL_VERSION]
    said += [_code_of(design), inspect.getsource(twins)]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
    return store / f"{piece.claim}-{piece.size}-{piece.world}-{piece.seed}-{digest}.json"


def _code_of(design: Design) -> str:
    """The source of a claim's file, without what only judges and tells."""
    module = inspect.getmodule(design.play)
    assert module is not None and design.judge is not None
    return inspect.getsource(module).partition("\nDESIGN")[0].replace(inspect.getsource(design.judge), "")


def _kept(piece: Piece, store: Path | None) -> list[dict[str, Any]] | None:
    """The rows of a piece that is done, or None."""
    if store is None:
        return None
    try:
        rows = json.loads(_file(piece, store).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return rows if isinstance(rows, list) else None


def _keep(piece: Piece, rows: list[dict[str, Any]], store: Path | None) -> list[dict[str, Any]]:
    """The rows as a file holds them, so that a claim is the same with a store and without."""
    text = json.dumps(rows, default=lambda value: value.item())
    if store is not None:
        store.mkdir(parents=True, exist_ok=True)
        write_whole(_file(piece, store), text.encode(), force=True)
    return json.loads(text)  # type: ignore[no-any-return]
