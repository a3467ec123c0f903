"""Works that workers carry out for tests: they stand in a module of their own, so that a new process can import it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pandas as pd


def seed_only(one: Any) -> pd.DataFrame:
    """No market: a table of its seed, with a gap, a text and a yes or no."""
    return pd.DataFrame(
        {"firm": ["Ä", None], "value": [one.seed / 3, float("nan")], "n": [one.seed, 2], "yes": [True, False]}
    )


def poison(one: Any) -> pd.DataFrame:
    """Seed 3 kills its worker; each death leaves a file, if it is told where, and seed 5 is under way at the first."""
    folder = one.options.get("deaths")
    if one.seed == 3:
        if folder:
            (Path(folder) / str(os.getpid())).touch()
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    too_long = time.monotonic() + 60.0
    while one.seed == 5 and folder and not any(Path(folder).iterdir()) and time.monotonic() < too_long:
        time.sleep(0.01)
    return seed_only(one)


def faulty(one: Any) -> pd.DataFrame:
    """Seed 2 fails."""
    if one.seed == 2:
        raise KeyError("nothing\nthere")
    return seed_only(one)
