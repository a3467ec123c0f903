"""Doctor: what works on this computer, a line each, for the user and for a bug report."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from sim.commands.command import Command

if TYPE_CHECKING:
    from sim.terminal import Terminal


def doctor(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print a line a check; 0 if all is well, 1 if something is not as it should be."""
    from sim import __version__
    from sim.doctor import as_json, computer, examine, verdict

    findings = []
    if not args.json:
        terminal.title(f"Tenfold {__version__} on {computer()}")
    for finding in examine(terminal):
        findings.append(finding)
        if not args.json:
            terminal.write(finding.line, hang="  ")
            terminal.out.flush()
    if args.json:
        terminal.say(json.dumps(as_json(findings), indent=1, ensure_ascii=False))
    else:
        terminal.write(verdict(findings))
    return 0 if all(finding.ok for finding in findings) else 1


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("doctor", "look", "what works on this computer, for you and for a bug report", doctor, _options,
            ("tenfold doctor", "tenfold doctor --json")),
)  # fmt: skip
