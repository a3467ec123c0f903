"""What `--json` prints: one object, what was run first."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.runs import Run
    from sim.terminal import Terminal


def about_run(done: Run) -> dict[str, Any]:
    """What an object about a run begins with: the world, its hashes, seed, versions and changes."""
    from sim import __version__
    from sim.market import MODEL_VERSION

    return {
        "scenario": done.scenario.name,
        "scenario_hash": done.scenario.hash,
        "state_hash": done.hash,
        "seed": done.seed,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "changes": dict(done.scenario.changes),
    }


def say(said: Mapping[str, Any], terminal: Terminal) -> None:
    """Print an object, in letters that every terminal has."""
    terminal.say(json.dumps(said, indent=1, allow_nan=False))


def rows(table: Any) -> list[dict[str, Any]]:
    """A table as JSON has it: null for what is missing."""
    import pandas as pd

    return [
        {key: None if pd.isna(value) else plain(value) for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def plain(value: Any) -> Any:
    """A number or word that JSON has; null for what is missing."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return (
            None
            if not math.isfinite(value)
            else int(value)
            if value.is_integer() and abs(value) < 2**53
            else value
        )
    return value
