"""Who carries runs out: processes of this computer, a Dask cluster, or nobody but this process."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Protocol

from sim.experiments.missing import package


class Pool(Protocol):
    """What `run_all` needs of those who carry out: `submit`, as executors have it, and how many work at once."""

    workers: int

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Hand one piece of work over."""
        ...


class Here:
    """This process: a run is done when it is submitted. For tests, and for where processes are not allowed."""

    workers = 1

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Do it now."""
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was started."""


class _Process(SpawnProcess):
    """A process that starts without reading the user's script again: no `if __name__ == "__main__":` is needed."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType(
            "__main__"
        )  # it has no file, so that there is nothing to read
        try:
            return SpawnProcess._Popen(process_obj)  # type: ignore[attr-defined]
        finally:
            sys.modules["__main__"] = main


class _Context(SpawnContext):
    """Processes of the kind above, remembered so that they can be ended."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[_Process] = []

    def Process(self, *args: Any, **more: Any) -> _Process:  # type: ignore[override]
        self.started.append(_Process(*args, **more))
        return self.started[-1]


def _begin() -> None:
    """In a new process: Ctrl-C is the parent's, and it ends when the parent has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


class Local:
    """Processes of this computer.

    Parameters
    ----------
    workers : int, optional
        How many; as many as this process may use cores unless given.
    """

    context: Callable[[], Any] = _Context
    """Makes the processes, and remembers them."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()
        self._context = self.context()
        self._executor: ProcessPoolExecutor | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Hand one piece of work over; processes start when they are needed."""
        if self._executor is None:
            self._context = self.context()
            self._executor = ProcessPoolExecutor(self.workers, mp_context=self._context, initializer=_begin)
        return self._executor.submit(function, *args)

    def renew(self) -> None:
        """End all processes; the next submission starts others."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        executor.shutdown(wait=False, cancel_futures=True)
        for process in self._context.started:
            if process.pid is not None and process.is_alive():
                process.kill()
        executor.shutdown(wait=True)

    close = renew

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


PATIENCE = 30.0
"""Seconds that a scheduler, and then its first worker, may take to answer."""

RECOUNT = 3.0
"""Seconds after which a cluster's workers are counted anew."""


class Cluster:
    """A Dask cluster by its scheduler's address; see `cluster`."""

    def __init__(self, address: str) -> None:
        distributed = package("distributed", "a Dask cluster")
        try:
            self.client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise OSError(
                f"no Dask scheduler answers at {address} ({type(error).__name__}): start one with `dask scheduler`, and "
                "workers with `dask worker ADDRESS`, in environments that have Tenfold"
            ) from error
        # what a lost connection means, we say ourselves
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.address = address
        self._executor = self.client.get_executor(pure=False)
        self._counted, self._workers = 0.0, 0
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except Exception as error:
            self.close()
            raise OSError(
                f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`"
            ) from error

    @property
    def workers(self) -> int:
        """How many runs its workers do at once, counted anew every few seconds: workers come and go."""
        if time.monotonic() - self._counted > RECOUNT and not self.is_lost:
            self._workers = sum(self.client.nthreads().values())
            self._counted = time.monotonic()
        return max(1, self._workers)

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Hand one piece of work over."""
        return self._executor.submit(function, *args)  # type: ignore[no-any-return]

    @property
    def is_lost(self) -> bool:
        """Whether the scheduler has gone."""
        return bool(self.client.status != "running")

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._executor.shutdown(wait=False)
        self.client.close(timeout=2)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def cluster(address: str) -> Cluster:
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        The scheduler's: `tcp://host:8786`.

    Raises
    ------
    MissingPackage
        An ImportError: the package distributed is not installed.
    OSError
        No scheduler answers there.
    """
    return Cluster(address)
