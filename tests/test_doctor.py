"""`tenfold doctor`: a line a check with yes or no, the cure where it is no, and the exit status."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sim import compiled, doctor, extras, kept, memory, prepare
from sim.cli import main
from sim.market import MODEL_VERSION, Market
from sim.terminal import Terminal, wide

ROOT = Path(__file__).parents[1]


def lines(capsys) -> list[str]:
    """What was printed, a check a line, however it was wrapped."""
    out = capsys.readouterr().out
    assert all(wide(line) <= 80 for line in out.splitlines())
    return out.replace("\n  ", " ").splitlines()


def line_of(capsys, name: str) -> str:
    return next(line for line in lines(capsys) if line.startswith(name))


@pytest.fixture(autouse=True)
def loops_are_prepared(monkeypatch):
    monkeypatch.setattr(prepare, "is_prepared", lambda: True)


def test_here_all_is_well(capsys):
    assert main(["doctor"]) == 0
    said = lines(capsys)
    assert said[0].startswith("Tenfold ")
    assert [line.partition(":")[0] for line in said[2:-1]] == [
        "Packages", "Compiled loops", "A cache for compiled loops", "Memory", "This computer gives the published numbers",
    ]  # fmt: skip
    assert said[1].startswith("Python 3.") and "numba " in said[2]
    assert all(": yes" in line for line in said[1:-1])
    assert said[-2] == "This computer gives the published numbers: yes"
    assert str(Path.home()) not in "".join(said)


def test_as_one_json_object(capsys):
    assert main(["doctor", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True and len(said["checks"]) == 6
    assert all(set(one) == {"name", "ok", "said", "cure"} and one["ok"] for one in said["checks"])


def test_the_published_hash_is_that_of_this_model():
    published = json.loads(doctor.PUBLISHED.read_text(encoding="utf-8"))
    own = published["scenarios"]["two_cafes"]
    market = Market("two_cafes", seed=own["seed"], months=own["months"])
    market.run_model()
    assert (published["model_version"], own["state_hash"]) == (MODEL_VERSION, market.state_hash)
    early = Market("two_cafes", seed=own["seed"], months=doctor.BEGINNING)
    early.run_model()
    assert own["beginning"] == early.state_hash


@pytest.fixture
def other_numbers(tmp_path, monkeypatch):
    published = json.loads(doctor.PUBLISHED.read_text(encoding="utf-8"))

    def publish(**change):
        published["scenarios"]["two_cafes"] |= {k: v for k, v in change.items() if k != "model_version"}
        published["model_version"] = change.get("model_version", published["model_version"])
        file = tmp_path / "published.json"
        file.write_text(json.dumps(published), encoding="utf-8")
        monkeypatch.setattr(doctor, "PUBLISHED", file)

    return publish


def test_other_numbers_are_a_no_with_both_hashes_and_the_cure(other_numbers, capsys):
    other_numbers(state_hash="0" * 64)
    assert main(["doctor"]) == 1
    said = lines(capsys)
    assert "published numbers: no (two_cafes is at " in said[-2] and "published is 000000000000" in said[-2]
    assert "report this computer" in said[-2]
    assert said[-1] == "Not as it should be: This computer gives the published numbers."


def test_a_raised_model_version_asks_for_new_numbers(other_numbers, capsys):
    other_numbers(model_version="0")
    assert main(["doctor"]) == 1
    assert "benchmarks/golden.py write" in line_of(capsys, "This computer")


def test_before_anything_is_compiled_the_first_months_are_looked_at(other_numbers, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "is_prepared", lambda: False)
    assert main(["doctor"]) == 0
    said = line_of(capsys, "This computer")
    assert "yes (the first 6 of 36 months of two_cafes, in plain Python; all of them once" in said
    other_numbers(beginning="0" * 64)
    assert main(["doctor"]) == 1
    assert "after 6 months, published is 000000000000" in line_of(capsys, "This computer")


def test_each_check_says_no_with_the_cure(monkeypatch, capsys):
    monkeypatch.setattr(compiled, "CACHE", None)
    monkeypatch.setattr(memory, "free_memory", lambda: (200e6, "within the container's limit of 512 MB"))
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["rich>=99", 'numpy>=99; extra == "lab"'])
    assert main(["doctor", "--quiet"]) == 1
    said = "\n".join(lines(capsys))
    assert "Packages: no (rich " in said and f"is not >=99); {extras.anew()}" in said
    assert (
        "numbers: yes (the first 6 of 36 months of two_cafes, in plain Python; not the compiled loops" in said
    )
    assert "A cache for compiled loops: no (no folder can be written" in said and "set TENFOLD_CACHE" in said
    assert "Memory: no (200 MB free within the container's limit of 512 MB); close other programs" in said
    assert said.endswith("Not as it should be: Packages, A cache for compiled loops and Memory.")


def test_the_cure_names_the_folder_that_holds_the_packages(tmp_path, monkeypatch):
    """Under OneDrive, iCloud or Dropbox it is not .venv."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environments" / "x"))
    monkeypatch.setattr(doctor, "check_loops", lambda: 1 / 0)
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["rich>=99"])
    monkeypatch.setattr(doctor, "check_numbers", lambda terminal: doctor.Finding("numbers", True, ""))

    def cures() -> list[str]:
        return [one.cure for one in doctor.examine(Terminal(quiet=True)) if not one.ok]

    assert len(cures()) == 2 and all("pip install --force-reinstall" in cure for cure in cures())
    (tmp_path / "environments" / "x").mkdir(parents=True)
    (tmp_path / "environments" / "x" / extras.RECORD).touch()
    assert len(cures()) == 2 and all(sys.prefix in cure and ".venv" not in cure for cure in cures())
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert all(str(Path("~") / "environments" / "x") in cure for cure in cures())


def test_every_package_of_the_core_is_looked_at():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(doctor.PACKAGES) == {Requirement(text).name for text in project["dependencies"]}


def test_damaged_loops_are_found_and_deleted(tmp_path, monkeypatch):
    (tmp_path / "sim.talk").mkdir()
    (tmp_path / "sim.talk" / "rows.0.nbc").write_bytes(b"damaged" * 10)
    monkeypatch.setattr(compiled, "CACHE", tmp_path)
    kept.say_once.cache_clear()
    with pytest.warns(UserWarning, match="damaged"):
        found = doctor.check_cache()
    assert found.ok and "1 damaged, compiled again at their next use" in found.said
    assert not list(tmp_path.rglob("*.nbc"))


@pytest.mark.parametrize("missing", ["numba", "numpy", "rich"])
def test_a_package_that_does_not_load_is_a_line_and_no_traceback(missing, tmp_path):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from sim import doctor; from sim.terminal import Terminal\n"
        "doctor.check_numbers = lambda terminal: doctor.Finding('numbers', True, '')\n"
        "for finding in doctor.examine(Terminal(quiet=True)): print(finding.line)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TENFOLD_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    said = done.stdout.splitlines()
    assert len(said) == 6 and "Packages: no (" in done.stdout and f"{missing}: " in said[1]
    if missing == "numba":
        assert said[2].startswith("Compiled loops: no (import of numba halted") and "Python 3.13" in said[2]
