"""The computer and the versions that figures were measured with, and when."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numba", "numpy", "mesa", "pandas")


def machine() -> dict[str, Any]:
    """Date, processor, cores, memory, system, Python, packages, and the model's version."""
    from sim import __version__
    from sim.market import MODEL_VERSION

    return {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "c_library": " ".join(platform.libc_ver()).strip(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "tenfold": __version__,
        "model_version": MODEL_VERSION,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, UnicodeDecodeError):
        return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
