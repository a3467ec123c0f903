"""The tests of an area, run with one file of the package as a mutant has it, in memory only.

Run as ``own_tests.py FILE TEST...`` in the checkout, the mutant's text on the standard input; exit status as pytest's, 1 where
a test fails. Compiled loops of the core are those that are kept; those of mechanisms are compiled anew, and not kept.
"""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest


def run(file: str, tests: list[str], text: str) -> int:
    """Exit status of the tests with that text in place of the file's."""
    path, as_written, loaded = str(Path(file).resolve()), SourceFileLoader.get_code, []

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        if loader.path != path:
            return as_written(loader, name)
        loaded.append(name)
        return compile(text, path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    from sim.mechanisms import loops

    loops.STAMPS = {}  # as if a file had been written since: nothing compiled is kept, or taken from what was
    status = pytest.main(["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *tests])
    assert loaded, f"{file}: the tests do not import it"
    return int(status)


if __name__ == "__main__":
    sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "tests")]
    sys.exit(run(sys.argv[1], sys.argv[2:], sys.stdin.read()))
