"""Before any test: the loops are compiled once, by processes of their own, and not by every worker. A browser for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Compile what is not compiled yet; workers of a parallel run find it done."""
    if not hasattr(config, "workerinput"):
        from sim.prepare import prepare
        from sim.terminal import Terminal

        prepare(Terminal(quiet=True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser of this computer's; without one the tests are left out, except where all checks must run."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"no browser is installed here (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI=true: install chromium", pytrace=False)
        pytest.skip(f"{reason}: install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield (opened := driver.chromium.launch(executable_path=found, args=list(FLAGS)))
        opened.close()
