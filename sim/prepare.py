"""The announced first compile: one month of tiny markets, so that everything that a run needs is in the cache."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sim import compiled

if TYPE_CHECKING:
    from sim.terminal import Report, Terminal

ANNOUNCED = "Preparing the market for this computer, once, about 20 s"

MARK = "prepared"
"""File in the cache folder that says: everything is there."""

WORLDS: tuple[dict[str, Any], ...] = (
    {},
    {"market.setting": "contract", "firms.North.policy": {"name": "level_by_value"}},
)
"""Changes of `plain` that together run every loop."""

CUSTOMERS = 200


def is_prepared() -> bool:
    """Whether the loops of these sources are compiled; also where no cache can be kept."""
    return compiled.CACHE is None or (compiled.CACHE / MARK).exists()


def prepare(terminal: Terminal) -> None:
    """Compile what a run needs, announced; says and does nothing where that is done."""
    if is_prepared():
        return
    if not terminal.err.isatty():
        terminal.note(ANNOUNCED)
    with terminal.progress(ANNOUNCED, "part") as report:
        compile_all(report)
    assert compiled.CACHE is not None
    mark = compiled.CACHE / f"{MARK}.{os.getpid()}"
    mark.write_bytes(b"")
    mark.replace(compiled.CACHE / MARK)


def compile_all(report: Report | None = None) -> None:
    """Run a month of each tiny market; `report` hears of parts done and parts in all."""
    from sim.behaviours import STAGES
    from sim.market import Market

    done, total = 0, len(WORLDS) * (len(STAGES) + 1)

    def advance() -> None:
        nonlocal done
        done += 1
        if report:
            report(done, total)

    for world in WORLDS:
        market = Market("plain", months=1, change={"market.customers": CUSTOMERS, **world})
        advance()
        stage = market.swaps.run

        def run(which: Any, where: Any, stage: Any = stage) -> None:
            stage(which, where)
            advance()

        market.swaps.run = run  # type: ignore[method-assign]
        market.step()
