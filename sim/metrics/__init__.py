"""What is measured each month: one function a metric; `METRICS` lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.metrics import costs, customers, money, voice

METRICS: dict[str, Callable[[Any], np.ndarray]] = {
    **customers.METRICS,
    **money.METRICS,
    **costs.METRICS,
    **voice.METRICS,
}
"""Name -> function of the market that returns one float64 a firm, for the month just closed."""
