"""What a check finds: figures, each beside the bar that it must meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Say = Callable[[str], None]
"""What hears of each step of a check."""


class Figure(NamedTuple):
    """One figure beside its bar.

    Attributes
    ----------
    says : what is measured. figure : the value, with its unit. bar : what it must be.
    met : whether it is; None where it could not be measured here, and `figure` says why.
    """

    says: str
    figure: str
    bar: str
    met: bool | None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return self._asdict()


class Check(NamedTuple):
    """A named check: what it holds, its function of (full, say), and about how many seconds it takes."""

    name: str
    about: str
    run: Callable[[bool, Say], list[Figure]]
    quick: int
    full: int


def at_most(says: str, value: float, most: float, unit: str = "", digits: int = 0) -> Figure:
    """A figure that must not be above a bar."""
    return Figure(
        says, _told(value, unit, digits), f"at most {most:,.{_digits(most)}f}{_unit(unit)}", value <= most
    )


def at_least(says: str, value: float, least: float, unit: str = "", digits: int = 0) -> Figure:
    """A figure that must not be below a bar."""
    return Figure(
        says, _told(value, unit, digits), f"at least {least:,.{_digits(least)}f}{_unit(unit)}", value >= least
    )


def only(says: str, value: float, unit: str = "", digits: int = 0) -> Figure:
    """A figure without a bar."""
    return Figure(says, _told(value, unit, digits), "", True)


def _told(value: float, unit: str, digits: int) -> str:
    return f"{value:,.{digits}f}{_unit(unit)}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _digits(bar: float) -> int:
    return 0 if float(bar).is_integer() else len(f"{bar:g}".partition(".")[2])
