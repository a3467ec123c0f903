"""The commands of `tenfold`, by group; only the standard library until one of them runs."""

from __future__ import annotations

from sim.commands import (
    claims,
    class_game,
    compare,
    concepts,
    defection,
    doctor,
    fit,
    follow,
    grade,
    look,
    optimise,
    report,
    rivals,
    run,
    sensitivity,
    sweep,
    teach,
    value,
    verify,
    write,
)
from sim.commands.command import Command

GROUPS = {
    "look": "see what there is",
    "write": "make a market of your own",
    "run": "let the months pass",
    "study": "many runs",
    "own data": "from your sales records",
    "teach": "notebooks, grades, a class game",
}
"""Groups of the help, in its order; one without commands is left out."""

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        *look.COMMANDS,
        *concepts.COMMANDS,
        *doctor.COMMANDS,
        *write.COMMANDS,
        *run.COMMANDS,
        *follow.COMMANDS,
        *value.COMMANDS,
        *defection.COMMANDS,
        *compare.COMMANDS,
        *report.COMMANDS,
        *sweep.COMMANDS,
        *claims.COMMANDS,
        *sensitivity.COMMANDS,
        *optimise.COMMANDS,
        *rivals.COMMANDS,
        *fit.COMMANDS,
        *teach.COMMANDS,
        *grade.COMMANDS,
        *class_game.COMMANDS,
        *verify.COMMANDS,
    )
}
"""Commands by name, in the order of the help."""
