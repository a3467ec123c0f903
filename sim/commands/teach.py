"""Teach: the notebooks and the lessons."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.command import Command, Mistake

if TYPE_CHECKING:
    from sim.terminal import Terminal

FOLDER = Path("tenfold-notebooks")
FIRST = "start_here.ipynb"
CONFIG = Path(__file__).parent / "jupyter"
"""What JupyterLab reads beside the user's own settings: its page asks nobody about news."""

OPTIONS = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--Application.log_level=ERROR",
)
"""JupyterLab asks no other computer for news, newer versions or extensions, and prints its address and errors only."""


def lab(args: argparse.Namespace, terminal: Terminal) -> int:
    """Copy the notebooks and lessons, never over a file that was edited, and open the first in JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise Mistake(f"JupyterLab is not installed here: {_cure()} gets it and opens the notebooks")
    from sim.commands.copies import copy_into

    copied = copy_into(args.folder, shipped())
    terminal.kept.append(str(args.folder))
    terminal.note(" ".join([*copied.sentences(args.folder), "Ctrl-C here ends JupyterLab."]))
    return open_lab(args.folder / FIRST)


def shipped() -> dict[str, bytes]:
    """What `lab` copies, by its path in the folder: the notebooks with what they read, and the lessons as notebooks."""
    from sim.scenario.loading import shipped_folder
    from sim.teach import sources

    folder, found = shipped_folder("notebooks"), {}
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(part.startswith((".", "__")) for part in parts):
            found["/".join(parts)] = file.read_bytes()
    if importlib.util.find_spec("jupytext") is None:
        raise Mistake(
            f"jupytext is not installed here, which makes notebooks of the lessons: {_cure()} gets it"
        )
    for source in sources.lesson_files():
        found[f"lessons/{source.stem}.ipynb"] = sources.as_bytes(sources.notebook(source))
    return found


def open_lab(notebook: Path) -> int:
    """Run JupyterLab until it ends; Ctrl-C is its own."""
    place = (
        f"--ServerApp.root_dir={notebook.resolve().parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
    )
    paths = os.pathsep.join(filter(None, [os.environ.get("JUPYTER_CONFIG_PATH"), str(CONFIG)]))
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "jupyterlab", *place, *OPTIONS],
        env=os.environ | {"JUPYTER_CONFIG_PATH": paths},
    )
    while True:
        try:
            return 2 if child.wait() else 0
        except KeyboardInterrupt:
            continue


def _cure() -> str:
    """What gets JupyterLab here."""
    if (Path(__file__).resolve().parents[2] / "start.py").is_file():
        return "py start.py lab" if os.name == "nt" else "python3 start.py lab"
    return 'python3 -m pip install "tenfold[lab]", then tenfold lab,'


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=FOLDER,
                        help=f"where your copies go; {FOLDER} unless given")  # fmt: skip


COMMANDS = (
    Command(
        "lab",
        "teach",
        "the notebooks and lessons, in JupyterLab",
        lab,
        _options,
        ("tenfold lab", "tenfold lab my_course"),
    ),
)
