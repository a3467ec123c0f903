"""The doctor: is all that Tenfold needs here, does it work, and does this computer give the published numbers?"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.extras import anew, shortened
from sim.terminal import called, listed

if TYPE_CHECKING:
    from sim.terminal import Terminal

PACKAGES = (
    "jinja2", "matplotlib", "mesa", "networkx", "numba", "numpy", "pandas", "pydantic", "rich", "xlsxwriter",
)  # fmt: skip
"""What the core imports."""

SCENARIO = "two_cafes"

PUBLISHED = Path(__file__).parent / "verify" / "published.json"
"""The state hashes of the shipped MODEL_VERSION. `benchmarks/golden.py write` renews them."""

BEGINNING = 6
"""The month whose state is looked at where the loops are not compiled: the doctor shall not take long."""

LEAST_MEMORY = 1e9
"""Bytes that should be free: Python and its libraries take a third, a market of a million customers the rest."""

LEAST_DISK = 100e6
"""Bytes that should be free where compiled loops are kept."""


class Finding(NamedTuple):
    """What a check found: what was asked, whether it is as it should be, details, and the cure if it is not."""

    name: str
    ok: bool
    said: str
    cure: str = ""

    @property
    def line(self) -> str:
        """`Memory: yes (13 GB free)`, or no, with the cure."""
        if self.ok:
            return f"{self.name}: yes" + (f" ({self.said})" if self.said else "")
        return f"{self.name}: no ({self.said}); {self.cure}"


def computer() -> str:
    """System, processor, cores."""
    return f"{platform.platform(terse=True)}, {platform.machine()}, {os.cpu_count()} cores"


def examine(terminal: Terminal) -> Iterator[Finding]:
    """Each check in turn; one that fails in a way of its own is a no, with what it said."""
    checks: dict[str, Callable[[], Finding]] = {
        "Python": check_python,
        "Packages": check_packages,
        "Compiled loops": check_loops,
        "A cache for compiled loops": check_cache,
        "Memory": check_memory,
        "This computer gives the published numbers": lambda: check_numbers(terminal),
    }
    for name, check in checks.items():
        try:
            yield check()
        except Exception as error:  # whatever is broken here is what the doctor is asked about
            said = str(error).strip().partition("\n")[0]
            yield Finding(name, False, f"{type(error).__name__}: {said}", anew())


# ---------------------------------------------------------------- the checks


def check_python() -> Finding:
    """3.11 or newer, 64 bit, the standard one."""
    bits = 8 * struct.calcsize("P")
    name = f"Python {platform.python_version()}, {bits} bit"
    standard = sys.implementation.name == "cpython"
    ok = sys.version_info >= (3, 11) and bits == 64 and standard
    said = "" if standard else sys.implementation.name
    return Finding(name, ok, said, "install Python 3.13 (64 bit) from python.org")


def check_packages() -> Finding:
    """Every package of the core is there, loads, and is as new as the project asks."""
    found, wrong = [], []
    for module in PACKAGES:
        try:
            importlib.import_module(module)
            version = importlib.metadata.version(module)
        except Exception as error:  # a package that does not load may raise anything
            wrong.append(f"{module}: {str(error).strip().partition(chr(10))[0]}")
            continue
        found.append(f"{module} {version}")
        least = _too_old(module, version)
        if least:
            wrong.append(f"{module} {version} is not {least}")
    return Finding("Packages", not wrong, "; ".join(wrong) or ", ".join(found), anew())


def _too_old(package: str, version: str) -> str:
    """What the project asks of a package, if this version is not that; else empty."""
    from packaging.requirements import Requirement

    try:
        asked = [Requirement(text) for text in importlib.metadata.requires("tenfold") or ()]
    except importlib.metadata.PackageNotFoundError:  # run from its folder, not installed
        return ""
    for one in asked:
        fits_here = one.marker is None or one.marker.evaluate({"extra": ""})
        if one.name == package and fits_here and not one.specifier.contains(version, prereleases=True):
            return str(one.specifier)
    return ""


def check_loops() -> Finding:
    """Numba loads, and compiles."""
    from sim import compiled

    if compiled.WHY_PLAIN:
        said = f"{compiled.WHY_PLAIN}: plain Python, up to {compiled.as_python.LIMIT:,} customers"
        return Finding("Compiled loops", False, said, compiled.CURE_PLAIN)
    import numba
    from llvmlite import binding

    twice = numba.njit(_twice)
    ok = twice(21.0) == 42.0 and bool(twice.signatures)
    return Finding(
        "Compiled loops", ok, f"Numba {numba.__version__} for {binding.get_host_cpu_name()}", anew()
    )


def _twice(value: float) -> float:
    return value + value


def check_cache() -> Finding:
    """Compiled loops can be kept, and those that are kept are whole."""
    from sim import compiled

    name = "A cache for compiled loops"
    cure = "set TENFOLD_CACHE to a folder that can be written"
    if compiled.WHY_PLAIN:
        return Finding(name, False, "nothing is compiled here", compiled.CURE_PLAIN)
    if compiled.CACHE is None:
        return Finding(name, False, "no folder can be written, so each start compiles again", cure)
    from sim.kept import is_intact

    files = sorted(compiled.CACHE.rglob("*.nbc"))
    size = sum(file.stat().st_size for file in files) / 1e6
    damaged = sum(not is_intact(file) for file in files)
    said = f"{shortened(compiled.CACHE)}, {len(files)} loops, {size:.0f} MB"
    if damaged:
        said += f"; {damaged} damaged, compiled again at their next use"
    free = shutil.disk_usage(compiled.CACHE).free
    if free < LEAST_DISK:
        return Finding(name, False, f"{said}, {free / 1e6:.0f} MB free", f"free some disk space, or {cure}")
    return Finding(name, True, said)


def check_memory() -> Finding:
    """Enough is free for a market of a million customers."""
    from sim.memory import free_memory, told

    free, where = free_memory()
    cure = "close other programs; markets of fewer customers need less"
    said = f"{told(free)} free {where}" if free < float("inf") else "the system does not say how much"
    return Finding("Memory", free >= LEAST_MEMORY, said, cure)


def check_numbers(terminal: Terminal) -> Finding:
    """The state of `two_cafes` is the published one, to the bit: at its end, or early where nothing is compiled."""
    from sim import compiled
    from sim.market import MODEL_VERSION, Market
    from sim.prepare import is_prepared

    name = "This computer gives the published numbers"
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    if published["model_version"] != MODEL_VERSION:
        said = f"they are of model {published['model_version']}, and this is model {MODEL_VERSION}"
        return Finding(name, False, said, "python3 benchmarks/golden.py write renews them in a checkout")
    own = published["scenarios"][SCENARIO]
    plain = bool(compiled.WHY_PLAIN) or compiled.CACHE is None or not is_prepared()
    months, wanted = (BEGINNING, own["beginning"]) if plain else (own["months"], own["state_hash"])
    market = Market(SCENARIO, months=months, seed=own["seed"], plain=plain)
    with terminal.progress("The months pass") as report:
        market.run_model(report)
    if market.state_hash == wanted:
        return Finding(name, True, _of_plain(months, own["months"]) if plain else "")
    said = f"{SCENARIO} is at {market.state_hash[:12]} after {months} months, published is {wanted[:12]}"
    cure = "files of sim or of scenarios differ from the release, or please report this computer with these lines"
    return Finding(name, False, said, cure)


def _of_plain(months: int, all_months: int) -> str:
    """What was looked at where the loops are not compiled, or not yet."""
    from sim import compiled

    said = f"the first {months} of {all_months} months of {SCENARIO}, in plain Python"
    if compiled.WHY_PLAIN:
        return said
    if compiled.CACHE is None:
        return f"{said}; not the compiled loops, which nothing keeps here"
    return f"{said}; all of them once a run has compiled the loops"


def verdict(findings: list[Finding]) -> str:
    """The last line."""
    wrong = [finding.name for finding in findings if not finding.ok]
    if not wrong:
        return f"All is well. Next: {called()} demo"
    return f"Not as it should be: {listed(wrong)}."


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """All of it, for scripts."""
    from sim import __version__

    return {
        "version": __version__,
        "computer": computer(),
        "ok": all(finding.ok for finding in findings),
        "checks": [f._asdict() | {"cure": "" if f.ok else f.cure} for f in findings],
    }
