"""A real Dask scheduler and workers, as processes of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Cluster:
    """A scheduler and its workers; each may be killed."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder, self.port, self.processes = folder, _free_port(), {}
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start_scheduler()
        for place in range(workers):
            self.start_worker(place)

    def _start(self, name: str, *words: str) -> None:
        places = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
        quick = {
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
        }
        environment = {**os.environ, **quick, "PYTHONPATH": os.pathsep.join(filter(None, places))}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *words], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=os.name != "nt",
            )  # fmt: skip

    def start_scheduler(self) -> None:
        self._start("scheduler", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port),
                    "--no-dashboard", "--no-jupyter")  # fmt: skip

    def start_worker(self, place: int) -> None:
        self._start(f"worker-{place}", "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-dashboard",
                    "--name", f"worker-{place}", "--local-directory", str(self.folder), "--memory-limit", "0")  # fmt: skip

    def kill(self, name: str) -> None:
        """End a process at once, and all that it started: a worker's nanny and the worker."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            if os.name == "nt":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A scheduler and workers, ended in the end."""
    made = Cluster(folder, workers)
    try:
        yield made
    finally:
        made.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
