"""The command `tenfold`: finds the command that was asked for, runs it, and turns faults into lines.

Exit status: 0 done; 1 checked, and not as it should be; 2 a mistake in what was asked, one line a
fault; 130 stopped by Ctrl-C, with a line that says what was kept. With TENFOLD_TRACEBACK=1 faults
show where they came from.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from sim.commands import COMMANDS, GROUPS
from sim.commands.command import Command, Mistake, Parser
from sim.terminal import Terminal, called

DONE, NOT_AS_IT_SHOULD_BE, MISTAKE, STOPPED = 0, 1, 2, 130

TOP = """\
usage: tenfold COMMAND ...

A market of customers who buy, remember, talk and leave.
"""

BOTTOM = """
Examples:
  tenfold demo
  tenfold run two_cafes --change talk.unhappy_tells=0
  tenfold compare two_cafes accountable proactive

tenfold COMMAND --help has the options and examples of a command.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after `tenfold`; those of this process unless given.

    Returns
    -------
    int
        The exit status: 0 done, 1 checked and not as it should be, 2 a mistake in what was asked, 130 stopped.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a title's letter that an old console lacks is no fault
    terminal = Terminal()
    try:
        with _warnings_as_notices(terminal):
            return _status(words, terminal)
    except OSError as error:
        if not is_gone(error):
            raise
        _let_go(sys.stdout)
        return DONE


def _status(words: list[str], terminal: Terminal) -> int:
    try:
        status = _dispatch(words, terminal)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        terminal.fault(f"Stopped by Ctrl-C; {terminal.kept_so_far()}.")
        return STOPPED
    except MemoryError as error:
        ours = type(error).__module__.startswith("sim.")
        terminal.fault(
            str(error) if ours else "There is not enough memory for this: make market.customers smaller."
        )
        return MISTAKE
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        if is_gone(error) or os.environ.get("TENFOLD_TRACEBACK") or not _is_for_user(error):
            raise
        terminal.fault(_lines(error))
        if getattr(error, "errno", None) == errno.ENOSPC:
            _let_go(sys.stdout)
        return MISTAKE


def _dispatch(words: list[str], terminal: Terminal) -> int:
    """Find the command and run it."""
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    if not words or words[0] in ("-h", "--help"):
        terminal.say(help_text())
        return DONE
    if words[0] == "--version":
        from sim import __version__

        terminal.say(f"tenfold {__version__}")
        return DONE
    if words[0] not in COMMANDS:
        raise Mistake(_unknown(words[0]))
    command, words = _part_of(COMMANDS[words[0]], words[1:])
    try:
        args = Parser(command).parse(words)
    except SystemExit as end:  # argparse has printed the help
        return int(end.code or 0)
    terminal.quiet = getattr(args, "quiet", False)
    return command.run(args, terminal)


def _part_of(command: Command, words: list[str]) -> tuple[Command, list[str]]:
    """The command that the words mean, one of a family's where it is one, and the words after it."""
    parts = {part.name.split()[-1]: part for part in command.parts}
    if words and words[0] in parts:
        return parts[words[0]], words[1:]
    if words and parts and words[0] not in ("-h", "--help"):
        raise Mistake(_unknown(words[0], parts, f"tenfold {command.name}"))
    return command, words


def _unknown(word: str, known: Iterable[str] = COMMANDS, prefix: str = "tenfold") -> str:
    if word.startswith("-"):
        example = "run two_cafes --json" if known is COMMANDS else "class status FOLDER --json"
        return f'{prefix}: the command comes first (got "{word}"), such as {called()} {example}'
    from sim.scenario.faults import nearest

    near = nearest(word, known)
    hint = f'did you mean "{near}"?' if near else f"commands are {', '.join(known)}"
    return f'{prefix}: unknown command (got "{word}"); {hint}'


def help_text() -> str:
    """What `tenfold --help` prints."""
    parts = [TOP]
    for group, about in GROUPS.items():
        inside = [command for command in COMMANDS.values() if command.group == group]
        if inside:
            parts.append(f"{group}: {about}")
            parts += [f"  {command.name:<10} {command.does}" for command in inside]
            parts.append("")
    return ("\n".join(parts) + BOTTOM.rstrip()).replace("tenfold ", f"{called()} ")


# ---------------------------------------------------------------- faults


def is_gone(error: BaseException) -> bool:
    """Whether the reader of our output has gone; Windows has another word for it."""
    is_windows = os.name == "nt" and isinstance(error, OSError) and error.errno == errno.EINVAL
    return isinstance(error, BrokenPipeError) or (is_windows and getattr(error, "filename", None) is None)


def _is_for_user(error: BaseException) -> bool:
    """Whether an error says what the user can mend; others are ours, and show where."""
    if isinstance(error, (ValueError, OSError, ImportError)):
        return True
    from sim.user_errors import UserError

    return isinstance(error, UserError)


def _lines(error: BaseException) -> str:
    """A line a fault."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


@contextlib.contextmanager
def _warnings_as_notices(terminal: Terminal) -> Any:
    """Warnings as lines that a user can read."""

    def show(message: Any, category: Any, *_: Any, **__: Any) -> None:
        terminal.note(f"Note: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _let_go(stream: TextIO) -> None:
    """The reader has gone: nothing more is written, and Python's own flush at the end finds no pipe."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
