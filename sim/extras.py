"""How packages come into this environment: the words that get an extra, or all of them anew."""

from __future__ import annotations

import os
import sys
from pathlib import Path

RECORD = "tenfold-installed.json"
"""What start.py leaves in an environment that it made."""

COMMANDS = {
    "fit": "fit",
    "sweep": "sweep",
    "classroom": "class",
    "teach": "grade",
    "lab": "lab",
    "rivalry": "test",
    "dev": "test",
}
"""A command for which start.py gets the extra."""


def cure(extra: str) -> str:
    """What gets an extra here: a command of start.py in an environment that it made, else pip with this Python."""
    if is_of_start():
        return f"{start()} {COMMANDS[extra]} --help gets it"
    source = f'-e ".[{extra}]" in {checkout()}' if checkout() else f'"tenfold[{extra}]"'
    return f"python -m pip install {source}, with the Python of this environment"


def anew() -> str:
    """What gets all packages of this environment once more."""
    if is_of_start():
        return (
            f"delete the folder {shortened(Path(sys.prefix))}, and start again: the packages are fetched anew"
        )
    source = f"-e . in {checkout()}" if checkout() else "THE FILE OR ADDRESS that Tenfold came from"
    return f"python -m pip install --force-reinstall {source}, with the Python of this environment, fetches them anew"


def checkout() -> Path | None:
    """The folder of the project that this is run from; None where it was installed without it."""
    folder = Path(__file__).resolve().parents[1]
    return folder if (folder / "pyproject.toml").is_file() else None


def is_of_start() -> bool:
    """Whether start.py made the environment that runs."""
    return (Path(sys.prefix) / RECORD).is_file()


def start() -> str:
    """How start.py is called."""
    return "py start.py" if os.name == "nt" else "python3 start.py"


def shortened(path: Path) -> str:
    """A path without the user's name: what is printed goes into bug reports."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
