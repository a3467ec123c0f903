"""Numbers as people read them; nothing here draws."""

from __future__ import annotations

import numpy as np


def number(value: float, digits: int = 0) -> str:
    """A number for a reader: `12,345`, `−4.2`, and a dash where it is missing."""
    if value is None or not np.isfinite(value):
        return "–"
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def nice(value: float) -> str:
    """A number with about three figures: `0.123`, `4.56`, `12,345`."""
    size = abs(value) if np.isfinite(value) else 0.0
    return number(value, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 4)
