"""Before any test: the loops are compiled once, by processes of their own, and not by every worker."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Compile what is not compiled yet; workers of a parallel run find it done."""
    if not hasattr(config, "workerinput"):
        from sim.prepare import prepare
        from sim.terminal import Terminal

        prepare(Terminal(quiet=True))
