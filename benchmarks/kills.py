"""Kills of a running sweep at random moments: no run lost, none doubled, none torn, the same bytes in the end.

    python3 benchmarks/kills.py                200 kills of processes, 20 of Dask workers, one of the scheduler
    python3 benchmarks/kills.py --kills 20     fewer
    python3 benchmarks/kills.py --spawn        each sweep and worker a new Python, as `tenfold` has them: twenty times slower
    python3 benchmarks/kills.py --json         one JSON object, for scripts

A sweep runs in a process of its own, with its workers. When a part has been written, and a random time after it, one of three
things is killed without notice: everything, the main process alone, or one worker. After each kill every part in the store is
read and its digest checked; then the sweep is started again, until it is done. Its parts and its table must equal those of an
uninterrupted run, byte for byte. Unless `--spawn`, sweeps and workers are forked from a process that has read everything
already (Linux and macOS): the same program, started quickly. With Dask, workers are killed, and once the scheduler.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT / "benchmarks")) if path not in sys.path]

import psutil  # noqa: E402
from dask_cluster import cluster  # noqa: E402

from sim.experiments import Here, Local, Specification, Store, run_all  # noqa: E402
from sim.experiments.design import plan_of  # noqa: E402
from sim.experiments.running import kept  # noqa: E402
from sim.experiments.saving import as_csv  # noqa: E402
from sim.experiments.store import DamagedPart  # noqa: E402
from sim.experiments.sweeps import Sweep  # noqa: E402
from sim.scenario import load  # noqa: E402

KINDS = ("everything", "the main process", "a worker")
LONGEST_WAIT = 0.3
"""Seconds between a part that was written and the kill, at most."""

PATIENCE = 300.0


def plan(runs: int, months: int = 3) -> Any:
    """A small sweep: so many runs of a market of 200 customers."""
    small = load("plain").with_changes({"market.customers": 200})
    return plan_of(small, {"talk.unhappy_tells": [0, 10]}, months=months, seeds=runs // 2)


def specifications(runs: int) -> list[Specification]:
    return plan(runs).specifications  # type: ignore[no-any-return]


class _Forks(ForkContext):
    """Processes that are forked, remembered so that they can be ended."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[ForkProcess] = []

    def Process(self, *args: Any, **more: Any) -> ForkProcess:  # type: ignore[override]
        self.started.append(ForkProcess(*args, **more))
        return self.started[-1]


class Forked(Local):
    """Workers that are forked."""

    context = _Forks


def child(folder: str, runs: int, executor: Any = None) -> None:
    """What is killed: a sweep, carried out into a store; what was set aside by kills is tried again."""
    with contextlib.suppress(ConnectionError):
        for _ in run_all(specifications(runs), store=folder, executor=executor, again=True):
            pass


def forked(folder: Path, runs: int) -> psutil.Process:
    """A sweep in a process of its own, forked, with two forked workers."""
    pid = os.fork()
    if pid:
        return psutil.Process(pid)
    try:
        os.setsid()
        with Forked(2) as pool:
            child(str(folder), runs, pool)
    finally:
        os._exit(0)


def spawned(folder: Path, runs: int, executor: str = "") -> psutil.Process:
    """A sweep in a new Python."""
    words = [sys.executable, str(Path(__file__)), "--child", str(folder), str(runs), executor]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return psutil.Popen(words, **quiet, start_new_session=True)


class Watched:
    """A store that is written by others, the processes that do so, and what went wrong."""

    def __init__(self, folder: Path, runs: int, start: Callable[[Path, int], psutil.Process]) -> None:
        self.folder, self.runs, self.start = folder, runs, start
        self.specifications = specifications(runs)
        self.process: psutil.Process | None = None
        self.kills: Counter[str] = Counter()
        self.torn = self.orphans = 0

    @property
    def count(self) -> int:
        """Parts that are there."""
        parts = self.folder / "parts"
        return len(list(parts.iterdir())) if parts.is_dir() else 0

    @property
    def runs_now(self) -> bool:
        """Whether its process lives."""
        if self.process is None:
            return False
        try:
            self.process.wait(timeout=0)
        except psutil.TimeoutExpired:
            return True
        return False

    def go_on(self) -> None:
        """Start the sweep if it does not run."""
        if not self.runs_now:
            self.process = self.start(self.folder, self.runs)

    def await_part(self) -> bool:
        """Wait for one more part; False when the sweep has ended."""
        before, until = self.count, time.monotonic() + PATIENCE
        while self.count == before and self.runs_now:
            if time.monotonic() > until:
                raise TimeoutError(f"no part in {PATIENCE:.0f} s")
            time.sleep(0.005)
        return self.runs_now

    def kill(self, kind: str, chance: random.Random) -> None:
        """Kill without notice, and look at every part."""
        assert self.process is not None
        workers = [one for one in _children(self.process) if "resource_tracker" not in " ".join(_words(one))]
        if kind == "everything":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        elif kind == "the main process":
            self.process.kill()
        elif workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(workers).kill()
        else:
            return
        self.kills[kind] += 1
        if kind != "a worker":
            self.process.wait()
            self.orphans += len(psutil.wait_procs(workers, timeout=20)[1])
        self.look()

    def look(self) -> None:
        """Count parts that are torn."""
        store = Store(self.folder)
        for one in self.specifications:
            try:
                store.read(one)
            except DamagedPart:
                self.torn += 1


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)  # type: ignore[no-any-return]
    except psutil.NoSuchProcess:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()  # type: ignore[no-any-return]
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return []


def contents(folder: Path) -> dict[str, bytes]:
    """Every part of a store by its name."""
    return {file.name: file.read_bytes() for file in sorted((folder / "parts").iterdir())}


def table(folder: Path, runs: int) -> bytes:
    """The one table that a store gives."""
    made = plan(runs)
    return as_csv(Sweep(made, kept(made.specifications, Store(folder))).table)


def kill_sweeps(wanted: int, runs: int, place: Path, *, spawn: bool = False, seed: int = 1) -> dict[str, Any]:
    """Kill sweeps until so many kills are done, and compare each, when it is done, with an uninterrupted one."""
    chance, found = random.Random(seed), Counter[str]()
    whole = place / "uninterrupted"
    for _ in run_all(specifications(2), executor=Here()):
        pass  # what is forked from here has its loops ready
    with Local(2) if spawn else Forked(2) as pool:
        child(str(whole), runs, pool)
    right, right_table, number = contents(whole), table(whole, runs), 0
    while sum(found[kind] for kind in KINDS) < wanted:
        number += 1
        left = wanted - sum(found[kind] for kind in KINDS)
        watched = Watched(place / f"killed-{number}", runs, spawned if spawn else forked)
        while len(Store(watched.folder).done()) < len(right):
            watched.go_on()
            if watched.await_part() and watched.kills.total() < left:
                time.sleep(chance.uniform(0.0, LONGEST_WAIT))
                watched.kill(chance.choice(KINDS), chance)
        _end(watched)
        found += watched.kills + _compared(watched, right, right_table)
    return {"sweeps": number, "runs": runs, **{key: found[key] for key in (*KINDS, *FAULTS)}}


FAULTS = ("lost", "doubled", "torn", "other bytes", "another table", "orphans")


def _compared(watched: Watched, right: dict[str, bytes], right_table: bytes) -> Counter[str]:
    """What is not as in the uninterrupted run."""
    have = contents(watched.folder)
    return Counter({
        "lost": len(right.keys() - have.keys()), "doubled": len(have.keys() - right.keys()), "torn": watched.torn,
        "other bytes": sum(have[name] != right[name] for name in have.keys() & right.keys()),
        "another table": int(table(watched.folder, watched.runs) != right_table), "orphans": watched.orphans,
    })  # fmt: skip


def _end(watched: Watched) -> None:
    if watched.process is not None:
        with contextlib.suppress(psutil.TimeoutExpired):
            watched.process.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(watched.process.pid, signal.SIGKILL)


def kill_dask(wanted: int, runs: int, place: Path, seed: int = 1) -> dict[str, Any]:
    """Kill workers of a real cluster, and once, in the middle, its scheduler."""
    chance, kills, scheduler = random.Random(seed), 0, 0
    whole = place / "uninterrupted"
    with Local(2) as pool:
        child(str(whole), runs, pool)
    (place / "dask").mkdir()
    with cluster(place / "dask") as dask:
        watched = Watched(place / "of-dask", runs, partial(spawned, executor=dask.address))
        while watched.count < runs:
            watched.go_on()
            if not watched.await_part() or kills + scheduler > wanted:
                continue
            time.sleep(chance.uniform(0.0, LONGEST_WAIT))
            if not scheduler and kills >= wanted // 2:
                dask.kill("scheduler")
                scheduler += 1
                for name in ("worker-0", "worker-1"):
                    dask.kill(name)  # they end with their scheduler, sooner or later
                dask.start_scheduler()
                dask.start_worker(0)
                dask.start_worker(1)
            else:
                victim = chance.randrange(2)
                dask.kill(f"worker-{victim}")
                dask.start_worker(victim)
                kills += 1
            watched.look()
        _end(watched)
    faults = _compared(watched, contents(whole), table(whole, runs))
    return {
        "runs": runs,
        "workers killed": kills,
        "scheduler killed": scheduler,
        **{key: faults[key] for key in FAULTS},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--dask-kills", type=int, default=20)
    parser.add_argument("--runs", type=int, default=400, help="runs of a sweep")
    parser.add_argument("--spawn", action="store_true", help="new Pythons instead of forks")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=3, metavar=("FOLDER", "RUNS", "EXECUTOR"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child[0], int(args.child[1]), args.child[2] or None)
        return 0
    found = {}
    sweeps = partial(kill_sweeps, spawn=args.spawn or os.name == "nt")
    for name, kill, wanted in (("processes", sweeps, args.kills), ("dask", kill_dask, args.dask_kills)):
        if wanted:
            with tempfile.TemporaryDirectory() as place:
                found[name] = kill(wanted, args.runs, Path(place))
            if not args.json:
                print(
                    f"{name}: " + ", ".join(f"{key} {value}" for key, value in found[name].items()),
                    flush=True,
                )
    if args.json:
        print(json.dumps(found, indent=1))
    return int(any(one[key] for one in found.values() for key in FAULTS))


if __name__ == "__main__":
    sys.exit(main())
