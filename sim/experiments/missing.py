"""Packages of the extra `sweep`, and the sentence with the cure where one is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.extras import cure


class MissingPackage(ImportError):
    """A package of the extra `sweep` is not installed; the message says how to get it."""


def package(name: str, what: str) -> Any:
    """A module that the extra `sweep` brings, such as "pyarrow.parquet"; `what` needs it.

    Raises
    ------
    MissingPackage
        It is not installed.
    """
    try:
        return import_module(name)
    except ImportError as fault:
        top = name.partition(".")[0]
        raise MissingPackage(
            f"{what} needs the package {top}, which is not installed: {cure('sweep')}"
        ) from fault
