"""Seeded faults: the model with one small edit after another, and whether checks catch each.

    python benchmarks/mutants.py [--size N] [--json]

A mutant is a file, a text in it and what stands there instead (`mutant_list`). One of the engine is made in a copy of the
tree in a temporary folder and checked there in a process of its own (a fork: not on Windows), with stages run as plain
Python: laws of money, people, ranges and counts; the tests of the equations; golden numbers of two tiny worlds.
One of a mechanism or of the class game is made in memory, and its own test file is run: no stored numbers may be needed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mutant_list import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("sim", "scenarios", "benchmarks", "tests/test_equations.py", "tests/worlds.py", "pyproject.toml")
BAR = 0.95

COMPILED = ("draws.py", "maths.py", "traits.py", "network.py", "compiled.py", "columns.py")
"""Files that compiled code of other files is made of: their mutants are compiled afresh."""


class Caught(NamedTuple):
    """A mutant, the check that caught it ("" if none did), and what that said."""

    mutant: Mutant
    check: str
    said: str


def pattern(text: str) -> re.Pattern[str]:
    """The text as a pattern that does not mind blanks, line breaks and trailing commas."""
    words = re.findall(r"\w+|[^\w\s]", text)
    spaced = r"\s*".join(re.escape(word) for word in words)
    edges = (r"(?<![\w.])" if words[0][0].isalnum() else "", r"(?![\w.])" if words[-1][-1].isalnum() else "")
    return re.compile(edges[0] + spaced.replace(r"\)", r",?\s*\)") + edges[1])


def mutated(source: str, mutant: Mutant) -> str:
    """The file's text with the mutant's edit; ValueError where its text does not stand there exactly once."""
    found = list(pattern(mutant.text).finditer(source))
    if len(found) != 1:
        raise ValueError(f"{mutant.file}: {mutant.text!r} stands there {len(found)} times, not once")
    start, stop = found[0].span()
    line = source[source.rfind("\n", 0, start) + 1 : start]
    indent = " " * (len(line) - len(line.lstrip()))
    return source[:start] + mutant.instead.replace("\n", "\n" + indent) + source[stop:]


def stale() -> list[str]:
    """Mutants whose text does not stand in its file exactly once, or no longer differs."""
    faults = []
    for mutant in MUTANTS:
        try:
            compile(mutated((ROOT / mutant.file).read_text(encoding="utf-8"), mutant), mutant.file, "exec")
        except (ValueError, SyntaxError) as error:
            faults.append(f"{mutant.about}: {error}")
    return faults


class Nursery:
    """A copy of the tree in which mutants are made, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.golden = folder / "golden.json"
        self.folder = folder
        for name in PARTS:
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / name, self.tree / name)
        compiled = self.tree / "sim" / "compiled.py"
        text = compiled.read_text(encoding="utf-8")
        named = "def sources_hash() -> str:\n    return os.environ['MUTANT_CACHE']\n\n\ndef _true_hash("
        compiled.write_text(text.replace("def sources_hash(", named, 1), encoding="utf-8")
        self.made = 0
        self.server: subprocess.Popen[str] | None = None

    def run(self, cache: str) -> tuple[str, str]:
        """The check that fails in the tree as it is, and what it says."""
        if self.server is None or self.server.poll() is not None:
            environment = {
                **os.environ, "TENFOLD_CACHE": str(self.folder / "cache"), "PYTHONPATH": "", "PYTHONHASHSEED": "0",
                "PYTHONPYCACHEPREFIX": str(self.folder / "pyc"),
            }  # fmt: skip
            command = [sys.executable, "-P", "benchmarks/attacks/quick_checks.py", str(self.golden)]
            self.server = subprocess.Popen(
                command,
                cwd=self.tree,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.server.stdin is not None and self.server.stdout is not None
        print(cache, file=self.server.stdin, flush=True)
        check, said = json.loads(self.server.stdout.readline())
        return check, said

    def close(self) -> None:
        """End the process that checks."""
        if self.server is not None:
            self.server.communicate()

    def check(self, mutant: Mutant) -> Caught:
        """Make a mutant of the engine, check it, and put the file back."""
        file = self.tree / mutant.file
        source, self.made = file.read_text(encoding="utf-8"), self.made + 1
        times = file.stat()
        file.write_text(mutated(source, mutant), encoding="utf-8")
        os.utime(file, (times.st_atime, times.st_mtime + self.made))
        try:
            fresh = file.name in COMPILED
            check, said = self.run(f"mutant-{self.made}" if fresh else "shared")
        finally:
            file.write_text(source, encoding="utf-8")
            os.utime(file, (times.st_atime, times.st_mtime))
        return Caught(mutant, check, said)


def by_its_tests(mutant: Mutant) -> Caught:
    """Make a mutant in memory and run its own test file; SystemExit where that neither passes nor fails."""
    text = mutated((ROOT / mutant.file).read_text(encoding="utf-8"), mutant)
    command = [sys.executable, "-P", "benchmarks/attacks/own_tests.py", mutant.file, f"tests/{mutant.tests}"]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{mutant.about}: tests/{mutant.tests} was not run: {done.stderr or done.stdout}")
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return Caught(mutant, "tests", failed[0][:200]) if done.returncode else Caught(mutant, "", "")


def hunt(
    mutants: tuple[Mutant, ...] = MUTANTS, say: Callable[[Caught], None] = lambda one: None
) -> list[Caught]:
    """Check mutants one by one, those of the engine after the tree without any, which must pass."""
    with tempfile.TemporaryDirectory() as name, contextlib.closing(Nursery(Path(name))) as nursery:
        if not all(mutant.tests for mutant in mutants):
            check, said = nursery.run("shared")
            if check:
                raise SystemExit(f"the engine itself does not pass ({check}): {said}")
        found = []
        for mutant in mutants:
            found.append(by_its_tests(mutant) if mutant.tests else nursery.check(mutant))
            say(found[-1])
        return found


def figures(found: list[Caught]) -> dict[str, object]:
    """What the hunt shows, as plain data."""
    caught = [one for one in found if one.check]
    by = {
        check: sum(one.check == check for one in found) for check in ("laws", "equations", "golden", "tests")
    }
    missed = [one.mutant.about for one in found if not one.check]
    return {
        "mutants": len(found),
        "caught": len(caught),
        "share": len(caught) / max(len(found), 1),
        "by": by,
        "missed": missed,
    }


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--size", type=int, default=len(MUTANTS), metavar="N", help="mutants (all)")
    parser.add_argument("--json", action="store_true", help="one object")
    args = parser.parse_args(words)
    step = max(1, len(MUTANTS) // max(args.size, 1))
    chosen = MUTANTS[::step][: args.size]

    def say(one: Caught) -> None:
        if not args.json:
            print(f"{one.check or 'MISSED':<10} {one.mutant.about}: {one.said}", flush=True)

    told = figures(hunt(chosen, say))
    if args.json:
        print(json.dumps(told, indent=2))
    else:
        print(
            f"{told['caught']} of {told['mutants']} caught ({told['share']:.0%}; to reach: {BAR:.0%}); by {told['by']}"
        )
    return 0 if told["share"] >= BAR else 1  # type: ignore[operator]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
