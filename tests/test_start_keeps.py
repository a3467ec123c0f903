"""start.py keeps what works: an installation that is stopped or cut off costs nothing that was there."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
NO_NETWORK = "WARNING: Retrying … NewConnectionError … Temporary failure in name resolution\nERROR: no uv"
REFUSED = "ERROR: HTTP error 403 while getting https://index/uv"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("start_under_test", CHECKOUT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "launch", lambda *_: 0)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, tmp_path)
    return tmp_path


@pytest.fixture
def venv(start: ModuleType, root: Path) -> Path:
    """A complete environment with `lab` and `fit`, and a package of one file."""
    folder = root / ".venv"
    python = start.python_in(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / start.LOCK).touch()
    put_package(folder, "core")
    start.write_record(folder, start.wanted(root, ("fit", "lab")))
    return folder


def put_package(venv: Path, name: str, whole: bool = True) -> Path:
    """A package as installers leave it; the folder with what is known of it."""
    packages = venv / "lib" / "python3.11" / "site-packages"
    info = packages / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text(f"{name}.py,sha256=x,5\n{name}.pth,sha256=x,99\n{info.name}/RECORD,,\n")
    (packages / f"{name}.py").write_text("x = 1" if whole else "x")
    (packages / f"{name}.pth").touch()
    return info


def installers(start: ModuleType, monkeypatch: pytest.MonkeyPatch, **fails: str | type) -> list[str]:
    """Each step is listed by its word: venv, get-uv, uv, pip, load; those that are named fail so."""
    steps: list[str] = []

    def call(command: list, root: Path, work: Path, otherwise: str) -> None:
        words = [str(word) for word in command]
        if words[1] == "-c":
            step = "load"
        elif words[1] == "pip":
            step = "uv"
        else:
            step = {"venv": "venv", "uv": "get_uv"}.get(words[2] if words[2] == "venv" else words[-1], "pip")
        steps.append(step)
        fault = fails.pop(step, None)
        if isinstance(fault, str):
            raise start.failure(fault, otherwise)
        if fault:
            raise fault
        if step == "venv":
            start.python_in(Path(words[-1])).parent.mkdir(parents=True, exist_ok=True)
            start.python_in(Path(words[-1])).touch()
        if step == "get_uv":
            Path(words[words.index("--target") + 1]).mkdir()

    monkeypatch.setattr(start, "call", call)
    return steps


# ---- an extra that is stopped --------------------------------------------------------------------


@pytest.mark.parametrize("fault", [KeyboardInterrupt, REFUSED, "Permission denied", "WinError 206"])
@pytest.mark.parametrize("step", ["get_uv", "uv"])
def test_an_extra_that_is_stopped_costs_nothing(start, root, venv, monkeypatch, fault, step) -> None:
    installers(start, monkeypatch, **{step: fault, "pip": fault})
    assert start.main(["class"], root) in (2, 130)
    steps = installers(start, monkeypatch)
    assert start.main(["demo"], root) == start.main(["lab"], root) == 0 and not steps
    assert start.main(["class"], root) == 0 and "venv" not in steps
    assert start.read_record(venv)["extras"] == ["classroom", "fit", "lab"]


def test_half_a_package_is_got_anew(start, root, venv, monkeypatch) -> None:
    """A link of Python's own, such as a .pth file, may change; everything else is as it was installed."""
    core, half, bare = (venv / "lib/python3.11/site-packages" / f"{name}-1.dist-info" for name in "abc")
    put_package(venv, "a"), put_package(venv, "b", whole=False), put_package(venv, "c")
    (bare / "RECORD").unlink()
    installers(start, monkeypatch)
    assert start.main(["class"], root) == 0
    assert core.exists() and not half.exists() and not bare.exists()


def test_the_checkout_is_found_whatever_an_installer_left(start, root, venv, monkeypatch) -> None:
    """Installers take their own line away before they write it anew."""
    installers(start, monkeypatch, uv=KeyboardInterrupt)
    start.main(["class"], root)
    lines = {path.read_text() for path in venv.rglob("*tenfold.pth")}
    assert len(lines) == 1 and "sys.path" in lines.pop()


# ---- other packages ------------------------------------------------------------------------------


@pytest.fixture
def changed(start: ModuleType, venv: Path) -> Path:
    """The environment is of an older list of packages."""
    start.write_record(venv, {**start.read_record(venv), "packages": "older"})
    return venv


def test_changed_packages_that_cannot_be_reached_can_wait(start, root, changed, monkeypatch, capsys) -> None:
    have = start.read_record(changed)
    installers(start, monkeypatch, get_uv=NO_NETWORK)
    assert start.main(["lab"], root) == 0 and start.read_record(changed) == have
    assert (
        capsys.readouterr().err.splitlines()[-1].startswith("The new packages could not be reached: going on")
    )
    installers(start, monkeypatch, get_uv=NO_NETWORK)
    assert start.main(["class"], root) == 2, "without its packages it cannot go on"


def test_changed_packages_that_are_stopped_go_on_where_they_were(start, root, changed, monkeypatch) -> None:
    installers(start, monkeypatch, uv=KeyboardInterrupt)
    assert start.main(["demo"], root) == 130 and not start.read_record(changed)["complete"]
    installers(start, monkeypatch, get_uv=NO_NETWORK)
    assert start.main(["demo"], root) == 2 and list(changed.rglob("core.py"))
    steps = installers(start, monkeypatch)
    assert start.main(["demo"], root) == 0 and steps == ["get_uv", "uv", "load"]
    assert start.read_record(changed) == start.wanted(root, ("fit", "lab"))


def test_a_new_environment_follows_only_where_it_does_not_load(start, root, changed, monkeypatch) -> None:
    steps = installers(start, monkeypatch, load="ImportError: no numpy")
    assert start.main(["demo"], root) == 0
    assert steps == ["get_uv", "uv", "load", "venv", "uv", "load"]
    assert start.read_record(changed) == start.wanted(root, ("fit", "lab"))


# ---- a new environment ---------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"complete": False}, {"python": "3.10"}])
@pytest.mark.parametrize("fault", [NO_NETWORK, KeyboardInterrupt])
def test_nothing_is_emptied_before_the_network_is_there(
    start, root, venv, monkeypatch, change, fault
) -> None:
    start.write_record(venv, {**start.read_record(venv), **change})
    installers(start, monkeypatch, get_uv=fault)
    assert start.main(["demo"], root) in (2, 130) and list(venv.rglob("core.py"))
    steps = installers(start, monkeypatch)
    assert start.main(["demo"], root) == 0 and steps == ["venv", "get_uv", "venv", "uv", "load"]
    assert not list(venv.rglob("core.py"))


def test_where_an_index_has_no_uv_a_stopped_first_start_is_finished_with_pip(
    start, root, monkeypatch
) -> None:
    for fails, status in ({"pip": KeyboardInterrupt}, 130), ({}, 0):
        steps = installers(start, monkeypatch, **fails)
        faked = start.call

        def call(command: list, *rest: Any, faked: Any = faked) -> None:
            if str(command[-1]) == "uv":
                raise start.failure(REFUSED, "uv could not be installed.")
            faked(command, *rest)

        monkeypatch.setattr(start, "call", call)
        assert start.main(["demo"], root) == status and "pip" in steps


def test_an_environment_of_another_python_serves_it_again_after_a_failure(
    start, root, venv, monkeypatch
) -> None:
    have = {**start.read_record(venv), "python": "3.10"}
    start.write_record(venv, have)
    installers(start, monkeypatch, get_uv=NO_NETWORK)
    assert start.main(["demo"], root) == 2 and start.read_record(venv) == have


@pytest.mark.parametrize(
    ("windows", "home", "there"),
    [
        (True, "base", True), (True, "no base", False), (True, "half", False),
        (False, "base", True), (False, "no base", False), (None, None, True),
    ],
)  # fmt: skip
def test_a_python_whose_base_is_gone_does_not_run(start, root, venv, windows, home, there) -> None:
    """What Python leaves of a base on Windows: `half` is its folder without its program."""
    for name in ("base", "half"):
        (root / name).mkdir()
    (root / "base" / "python.exe").touch()
    if home:
        text = f"home = {root / home}\ninclude-system-site-packages = false\n"
        (venv / "pyvenv.cfg").write_text(text, encoding="utf-8")
    assert start.runs(venv, bool(windows)) == there
    start.python_in(venv).unlink()
    assert not start.runs(venv, bool(windows))


def test_where_the_base_is_gone_a_new_environment_is_made(start, root, venv, monkeypatch, capsys) -> None:
    (venv / "pyvenv.cfg").write_text(f"home = {root / 'gone'}\n", encoding="utf-8")
    steps = installers(start, monkeypatch)
    assert start.main(["demo"], root) == 0 and steps == ["venv", "get_uv", "venv", "uv", "load"]
    assert capsys.readouterr().err.startswith("Getting Tenfold's packages for Python 3.")


@pytest.mark.parametrize(
    ("platform", "machine", "name"),
    [
        ("macosx-10.13-universal2", "arm64", "macosx-10.13-universal2-arm64"),
        ("macosx-10.13-universal2", "x86_64", "macosx-10.13-universal2-x86_64"),
        ("macosx-14.0-arm64", "arm64", "macosx-14.0-arm64"),
        ("linux-x86_64", "x86_64", "linux-x86_64"),
        ("win-amd64", None, "win-amd64"),
    ],
)
def test_a_mac_of_the_other_processor_is_another_computer(start, platform, machine, name) -> None:
    uname = (lambda: SimpleNamespace(machine=machine)) if machine else None
    assert start.computer(platform, uname) == name


def test_what_will_be_deleted_counts_as_free_and_not_as_got(start, root, venv, monkeypatch) -> None:
    start.write_record(venv, {**start.read_record(venv), "complete": False})
    (venv / "old").write_bytes(bytes(2_000_000))
    monkeypatch.setattr(start, "SIZES", {"core": (1, 1.5, 1)})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0.5e6))
    installers(start, monkeypatch)
    assert start.main(["demo"], root) == 0
    sizes = [5.0]
    assert [start.grown(sizes, size) for size in (5.0, 1.0, 3.0)] == [0.0, 0.0, 2.0]
