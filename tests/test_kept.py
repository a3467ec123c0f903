"""Compiled loops on disk: a damaged file heals, a folder that cannot be written does no harm, nor do two processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numba
import numpy as np
import pytest

from sim import kept

ROOT = Path(__file__).parents[1]

TINY = """
import sys
import numpy as np
from sim import compiled

@compiled.loop
def total(values):
    found = 0.0
    for value in values:
        found += value
    return found

{before}
print(total(np.arange(5.0)), sum(total.stats.cache_hits.values()), compiled.CACHE is not None)
"""


def sum_of_squares(values):
    found = 0.0
    for value in values:
        found += value * value
    return found


def compiled_once_more(folder: Path) -> tuple[float, int]:
    """The loop's result as a new process would get it, and how often the disk had it."""
    loop = kept.keep(numba.njit(sum_of_squares), folder)
    result = loop(np.arange(4.0))
    return result, sum(loop.stats.cache_hits.values())


@pytest.fixture
def kept_loop(tmp_path: Path) -> Path:
    """The file of a loop that has been kept."""
    kept.say_once.cache_clear()
    assert compiled_once_more(tmp_path) == (14.0, 0)
    (file,) = tmp_path.rglob("*.nbc")
    assert compiled_once_more(tmp_path) == (14.0, 1)
    return file


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


DAMAGES = {
    "nothing": lambda data: b"",
    "half of it": lambda data: data[: len(data) // 2],
    "one bit is wrong": flipped,
    "garbage": lambda data: b"\x80\x05garbage" * 100,
    "zeros": lambda data: bytes(len(data)),
    "more than it was": lambda data: data + b"more",
    "whole, but not compiled code": lambda data: b"garbage" + hashlib.sha256(b"garbage").digest(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_heals_and_says_so_once(kept_loop, damage):
    kept_loop.write_bytes(damage(kept_loop.read_bytes()))
    with pytest.warns(UserWarning, match="was damaged: it is compiled again") as said:
        assert compiled_once_more(kept_loop.parents[1]) == (14.0, 0)
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled_once_more(kept_loop.parents[1]) == (14.0, 1)


def test_every_file_cut_anywhere_is_noticed(kept_loop):
    whole = kept_loop.read_bytes()
    for end in range(0, len(whole), max(1, len(whole) // 50)):
        kept_loop.write_bytes(whole[:end])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert not kept.is_intact(kept_loop) and not kept_loop.exists()
    kept_loop.write_bytes(whole)
    assert kept.is_intact(kept_loop)


def test_a_file_that_is_gone_is_made_again_without_a_word(kept_loop):
    kept_loop.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled_once_more(kept_loop.parents[1]) == (14.0, 0)
    assert kept_loop.exists()


def test_other_arguments_get_a_file_of_their_own(kept_loop):
    loop = kept.keep(numba.njit(sum_of_squares), kept_loop.parents[1])
    assert loop(np.arange(4)) == 14 and len(list(kept_loop.parent.glob("*.nbc"))) == 2


def first_of(bundle):
    return bundle.values[0]


def test_bundles_of_one_name_that_hold_other_kinds_get_files_of_their_own(tmp_path):
    """A file for float64 that is run on float32 would read past the end of an array."""
    from collections import namedtuple

    from sim.bundles import Bundle

    Alike = namedtuple("Alike", ["values"])
    for kind in (np.float64, np.float32):
        loop = kept.keep(numba.njit(first_of), tmp_path)
        assert loop(Bundle(Alike(np.array([1.5, 2.5], dtype=kind)))) == 1.5
        assert not loop.stats.cache_hits
    assert len(list(tmp_path.rglob("*.nbc"))) == 2


# ---- in processes of their own ---------------------------------------------------------------------


def tiny(tmp_path: Path, cache: Path, before: str = "") -> tuple[list[str], dict[str, str]]:
    """What starts a process with one loop, and its environment."""
    file = tmp_path / "tiny.py"
    file.write_text(TINY.format(before=before), encoding="utf-8")
    environment = {**os.environ, "TENFOLD_CACHE": str(cache), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return [sys.executable, "-B", str(file)], environment


def start(tmp_path: Path, cache: Path, before: str = "", **more: str) -> tuple[str, list[str]]:
    """What the process printed, and the warnings."""
    words, environment = tiny(tmp_path, cache, before)
    done = subprocess.run(words, env=environment | more, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), [line for line in done.stderr.splitlines() if "Warning" in line]


def test_two_processes_on_one_cold_cache_do_no_harm(tmp_path):
    words, environment = tiny(tmp_path, tmp_path / "cache")
    both = [
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        out, err = process.communicate()
        assert out.startswith("10.0 ") and not err
    assert start(tmp_path, tmp_path / "cache") == ("10.0 1 True", [])


def test_a_path_with_spaces_and_letters_of_any_language_keeps_loops(tmp_path):
    here = tmp_path / "mit Leerzeichen, ü, и, 漢字 und ע"
    here.mkdir()
    assert start(here, here / "Ablage é") == ("10.0 0 True", [])
    assert start(here, here / "Ablage é") == ("10.0 1 True", [])


def test_a_folder_that_cannot_be_written_means_no_cache_and_one_warning(tmp_path):
    (tmp_path / "a file").touch()
    said, warned = start(tmp_path, tmp_path / "a file" / "cache")
    assert said == "10.0 0 False"
    assert len(warned) == 1 and "no folder can be written for compiled loops" in warned[0]
    assert "set TENFOLD_CACHE" in warned[0]


def test_a_folder_that_can_no_longer_be_written_ends_nothing(tmp_path):
    before = "import shutil; shutil.rmtree(compiled.CACHE); compiled.CACHE.touch()"
    said, warned = start(tmp_path, tmp_path / "cache", before)
    assert said == "10.0 0 True"
    assert len(warned) == 1 and "could not be kept" in warned[0]


def test_without_a_home_folder_it_starts(tmp_path):
    """Nobody knows the user: Python leaves `~` as it is."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nos.path.expanduser = lambda path: path\n", encoding="utf-8"
    )
    nowhere = dict.fromkeys(("TENFOLD_CACHE", "LOCALAPPDATA", "XDG_CACHE_HOME"), "")
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    said, warned = start(tmp_path, tmp_path, PYTHONPATH=path, **nowhere)
    assert said == "10.0 0 False" and len(warned) == 1
    assert not (tmp_path / "~").exists()


def test_a_read_only_install_is_left_as_it_is(tmp_path):
    """It starts, keeps its loops elsewhere, and writes nothing beside its sources."""
    install = tmp_path / "install"
    shutil.copytree(ROOT / "sim", install / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(install.rglob("*"))
    for path in before:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert start(tmp_path, tmp_path / "cache", PYTHONPATH=str(install)) == ("10.0 0 True", [])
        assert sorted(install.rglob("*")) == before
    finally:
        for path in before:
            path.chmod(0o755)
