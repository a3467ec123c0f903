"""The scripts behind `tenfold verify`: what each needs beside the core is named, and told where it is not here."""

from __future__ import annotations

import ast
import itertools
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.verify import scripts
from sim.verify.scripts import BENCHMARKS, SCRIPTS, run_script

ROOT = Path(__file__).resolve().parents[1]
FILES = {check.name: check.run.args[0] for check in SCRIPTS}
NEEDS = {check.name: set(check.run.args[3]) for check in SCRIPTS}
ONLY_UNIX = {"resource", "fcntl", "grp", "pwd", "termios"}
MAY_LACK = {"numba"}  # of the core, but not on every Python


def core() -> set[str]:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {Requirement(text).name for text in project["dependencies"]} - MAY_LACK


def names_in(tree: ast.AST) -> Iterator[str]:
    """What a script imports or starts: modules, scripts of its own folder, `fork`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "os.fork":
            yield "fork"
        elif isinstance(node, ast.For) and "import_module" in ast.unparse(node.body):
            yield from ast.literal_eval(node.iter)
        elif isinstance(node, ast.List | ast.Tuple):
            words = [one.value for one in node.elts if isinstance(one, ast.Constant)]
            yield from (b for a, b in itertools.pairwise(words) if a == "-m")
            yield from (
                str(word).removeprefix("benchmarks/").removesuffix(".py").replace("/", ".")
                for word in words
                if str(word).startswith("benchmarks/")
            )


def needed_by(file: str) -> set[str]:
    """What a script needs beside the core and the standard library, through all its own files."""
    found, open_ = set(), {file.removesuffix(".py")}
    seen = set()
    while open_:
        name = open_.pop()
        seen.add(name)
        path = BENCHMARKS / (name.replace(".", "/") + ".py")
        if path.is_file():
            tree = ast.parse(path.read_text(encoding="utf-8"))
            open_ |= set(names_in(tree)) - seen
            continue
        top = name.partition(".")[0]
        if top in ONLY_UNIX or top not in sys.stdlib_module_names | {"sim", "attacks"} | core():
            found.add(top)
    return found


@pytest.mark.parametrize("check", sorted(FILES))
def test_what_a_script_needs_is_named(check) -> None:
    assert needed_by(FILES[check]) == NEEDS[check]


@pytest.mark.parametrize(
    ("check", "need"), [(check, need) for check in sorted(NEEDS) for need in sorted(NEEDS[check])]
)
def test_what_is_not_here_cannot_be_measured_and_is_no_failure(check, need, monkeypatch) -> None:
    monkeypatch.setattr(scripts.subprocess, "run", lambda *_, **__: pytest.fail("it is not run"))
    monkeypatch.setattr(scripts.os, "fork", os.getpid, raising=False)
    hidden = need if need != "fork" else "no module"
    monkeypatch.setitem(sys.modules, hidden, None)
    if need == "fork":
        monkeypatch.delattr(scripts.os, "fork")
    found = next(one for one in SCRIPTS if one.name == check).run(False, print)
    assert [figure.met for figure in found] == [None] and found[0].figure.startswith("needs ")


def test_letters_that_are_not_utf_8_are_no_crash(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(scripts, "BENCHMARKS", tmp_path)
    (tmp_path / "bad.py").write_text(
        "import sys; sys.stderr.buffer.write(b'Z\\xfcrich'); sys.exit(3)", encoding="utf-8"
    )
    (figure,) = run_script("bad.py", (), (), (), False, print)
    assert figure.met is False and figure.figure == "failed (exit status 3): Z\ufffdrich"
    bar = json.dumps({"bars": [{"says": "x", "figure": "ü", "bar": "", "met": True}]}, ensure_ascii=False)
    (tmp_path / "good.py").write_text(f"print({bar!r})", encoding="utf-8")
    assert run_script("good.py", (), (), (), False, print)[0].figure == "ü"
