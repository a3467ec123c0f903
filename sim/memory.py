"""Memory: what a market will take, told before it is taken, and refused in a sentence where it does not fit.

The estimate follows the columns, the contacts and the length of the run; a few bytes a customer that
come and go within a month are measured (`tenfold verify memory` holds the estimate against the peak).
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.columns import BLANK, COLUMNS, bytes_per_customer, shape_of
from sim.mechanisms import present
from sim.traits import StartColumns, TraitColumns

SCRATCH = 22
"""Bytes a customer that the stages take and give back within a month: measured."""

SURVEY = 20
"""The same where a firm asks its customers: measured."""

DEPARTURE = 15
"""Bytes of a departure on record."""

DEPARTURES = 0.024
"""Departures a customer-month: measured in `plain`; 0.004 to 0.024 in the shipped scenarios."""

CLOSED = 0.008
"""Records a customer-month that are closed, as people leave the market: measured in `plain`; 0.0005 to 0.014 in the shipped scenarios."""

TABLES = 475
"""Bytes a customer while the tables of a run are written to files: measured."""

HELD = (8 << 20, 32 << 20)
"""Bytes: an array of such a size, once freed, stays with the process (glibc), and twice its size with it: measured."""

MARGIN = 1.05
"""The estimate is held against the free memory with so much to spare."""


class NotEnoughMemory(MemoryError):
    """A market would not fit: the message says what it needs, what is free, and the cure."""


class Need(NamedTuple):
    """Bytes that a market takes at its peak, part by part.

    Attributes
    ----------
    columns : the customers. contacts : who knows whom, and what making them leaves behind. scratch : what stages take within a month.
    records : the departures that a run keeps, and what firms had on record of who left the market. tables : what writing the tables takes.
    building : the peak while the contacts are made, when little else is there yet.
    """

    columns: int
    contacts: int
    scratch: int
    records: int
    tables: int
    building: int

    @property
    def peak(self) -> int:
        """Bytes at the peak: while the market is made, or in its last month."""
        return max(self.building, self.columns + self.contacts + self.scratch + self.records + self.tables)


def estimate(tables: Any, months: int, *, edges_file: Path | None = None, saves: bool = False) -> Need:
    """What a market of a scenario will take.

    Parameters
    ----------
    tables : the scenario's tables. months : length of the run, 1 or more.
    edges_file : the scenario's file of contacts, if it has one.
    saves : whether the tables of the run will be written.

    Returns
    -------
    Need : bytes; what Python and its libraries take is not among them. Source: ours.
    """
    n, firms = tables.market.customers, len(tables.firms)
    contacts, making, held = _contacts(tables.talk, n, edges_file)
    asks = any(firm.plan.survey > 0.0 for firm in tables.firms.values())
    return Need(
        columns=n * bytes_per_customer(firms, [c for one in present(tables) for c in one.columns]),
        contacts=contacts + held,
        scratch=n * (SCRATCH + (SURVEY if asks else 0)),
        records=int(n * months * (DEPARTURES * DEPARTURE + CLOSED * 16)),
        tables=n * TABLES if saves else 0,
        building=n * _bytes_at_start(firms) + making,
    )


def _bytes_at_start(firms: int) -> int:
    """Bytes a customer of the columns that hold something when the run begins: others are mapped when written."""
    filled = {*TraitColumns._fields, *StartColumns._fields, *BLANK}
    sizes = [
        np.dtype(c.dtype).itemsize * int(np.prod(shape_of(c, 1, firms))) for c in COLUMNS if c.name in filled
    ]
    return sum(sizes)


def _contacts(talk: Any, n: int, edges_file: Path | None) -> tuple[int, int, int]:
    """Bytes of the contacts, those that are taken while they are made, and those that are not given back then."""
    kind, degree = talk.network, float(talk.degree)
    start = 4 * n
    ends, making, held = n * degree, 12.0, 0.0
    if kind == "none":
        ends = 0.0
    elif kind == "file":
        line = 2.0 * len(str(n)) + 1.8
        ends, making = 2.0 * (edges_file.stat().st_size / line if edges_file else 0.0), 30.0
    elif n <= degree:
        ends, making = n * (n - 1.0), 21.0
    elif kind == "watts_strogatz":
        ends = n * 2.0 * (int(degree) // 2)
    elif kind == "random" and HELD[0] <= 4.0 * ends <= HELD[1]:
        held = 8.0 * ends
    return int(start + 4 * ends), int(3 * start + making * ends), int(held)


# ---------------------------------------------------------------- is there enough?


def refuse_if_too_large(
    tables: Any, months: int, *, edges_file: Path | None = None, saves: bool = False
) -> None:
    """Refuse a market that would not fit, before its arrays are made.

    Raises
    ------
    NotEnoughMemory : with the need, what is free, whose limit that is, and how many customers would fit.
    """
    need = estimate(tables, months, edges_file=edges_file, saves=saves)
    free, where = free_memory()
    if need.peak * MARGIN <= free:
        return
    n = tables.market.customers
    most = int(n * free / (need.peak * MARGIN))
    digits = 10 ** max(0, len(str(most)) - 2)
    most = most // digits * digits
    cure = f"make market.customers at most {most:,}" if most else "free some memory"
    raise NotEnoughMemory(
        f"market.customers: {n:,} customers need {told(need.peak)} of memory "
        f"({need.peak / n:,.0f} bytes each), and {told(free)} are free {where}; {cure}"
        f"{', or write no tables' if saves else ''}"
    )


def told(size: float) -> str:
    """Bytes as people say them: 4.9 GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def free_memory() -> tuple[float, str]:
    """Bytes that this process may still take, and whose limit that is; infinite where nothing is known."""
    found = [(free, "on this computer") for free in _of_computer()]
    found += [
        (limit - used, f"within the container's limit of {told(limit)}") for limit, used in _of_container()
    ]
    found += [
        (limit - used, f"within this process's limit of {told(limit)} (ulimit -v)")
        for limit, used in _of_process()
    ]
    return min(((max(free, 0.0), where) for free, where in found), default=(float("inf"), "on this computer"))


def _of_computer() -> Iterator[float]:
    """Free memory of the computer, without swap; on a Mac all of it, because it makes room."""
    if sys.platform == "win32":
        yield from _of_windows()
        return
    for key, size in _pairs(Path("/proc/meminfo")):
        if key == "MemAvailable:":
            yield size * 1024.0
            return
    with contextlib.suppress(ValueError, OSError, AttributeError):
        yield float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _of_windows() -> Iterator[float]:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong)
            for name in ("total", "free", "page_total", "page_free", "own_total", "own_free", "extended")
        ]

    status = Status(length=ctypes.sizeof(Status))
    if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined]
        yield float(min(status.free, status.page_free))


CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux keeps the limits of containers; both versions."""

OWN_GROUP = Path("/proc/self/cgroup")
"""Where it says which groups a process is in."""

_VERSIONS = (  # folder, limit, use, what of the use is only a cache of files
    ("", "memory.max", "memory.current", "inactive_file"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def _of_container() -> Iterator[tuple[float, float]]:
    """Limit and use, in bytes, of each control group that this process is in."""
    for folder, limit_file, use_file, cached in _VERSIONS:
        base = CGROUPS / folder
        for group in _groups(base, folder):
            limit, used = _number(group / limit_file), _number(group / use_file)
            if limit is None or used is None or limit >= 2.0**60:  # "max", or version 1's word for no limit
                continue
            cache = next((size for key, size in _pairs(group / "memory.stat") if key == cached), 0.0)
            yield limit, max(0.0, used - cache)


def _groups(base: Path, controller: str) -> Iterator[Path]:
    """The folders of a process's control group and of those around it; inside a container often the top alone."""
    path = ""
    for line in _lines(OWN_GROUP):
        _, controllers, name = (*line.split(":", 2), "", "")[:3]
        if controller in controllers.split(","):
            path = name
    inner = base / path.lstrip("/")
    yield from dict.fromkeys(
        group for group in (inner, *inner.parents, base) if group == base or base in group.parents
    )


def _of_process() -> Iterator[tuple[float, float]]:
    """Limit and use of the address space of this process."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, ValueError, OSError):
        return
    if limit == resource.RLIM_INFINITY:
        return
    pages = next(iter(_lines(Path("/proc/self/statm"))), "0").split()[0]
    yield float(limit), float(pages) * os.sysconf("SC_PAGE_SIZE")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _pairs(file: Path) -> Iterator[tuple[str, float]]:
    """Words and numbers of a file such as /proc/meminfo."""
    for line in _lines(file):
        parts = line.split()
        if len(parts) > 1 and parts[1].isdigit():
            yield parts[0], float(parts[1])


def _number(file: Path) -> float | None:
    text = "".join(_lines(file)).strip()
    return float(text) if text.isdigit() else None
