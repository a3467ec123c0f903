"""start.py without a network: what it installs for which command, what it records, what it says."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
NO_NETWORK = "WARNING: Retrying … NewConnectionError … Temporary failure in name resolution\nERROR: no uv"


@pytest.fixture
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start_under_test", CHECKOUT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with nothing installed, in a folder with a space and a letter that is not ASCII."""
    folder = tmp_path / "my döwnloads"
    folder.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, folder)
    return folder


@pytest.fixture
def installs(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Stands for the installers: each call is listed, and leaves an environment with a Python behind."""
    calls: list[SimpleNamespace] = []

    def install(root: Path, venv: Path, extras: list[str], fresh: bool = True, with_uv: bool = True) -> None:
        calls.append(SimpleNamespace(extras=list(extras), fresh=fresh, during=start.read_record(venv)))
        python = start.python_in(venv)
        python.parent.mkdir(exist_ok=True)
        python.touch()

    monkeypatch.setattr(start, "install", install)
    for step in ("make_venv", "get_uv"):  # before an older environment is emptied
        monkeypatch.setattr(start, step, lambda *_: None)
    return calls


def extras_of_the_project() -> set[str]:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        return set(tomllib.load(file)["project"]["optional-dependencies"])


# ---- what is needed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "extras"),
    [
        (["demo"], ()),
        (["run", "two_cafes", "--json"], ()),
        (["--quiet", "lab"], ("lab", "fit")),
        (["sweep", "plan", "x.toml"], ("sweep",)),
        (["class", "open", "x"], ("classroom",)),
        (["grade", "x.zip", "1"], ("teach",)),
        (["test", "-k", "lab"], ("dev", "lab", "sweep", "rivalry", "classroom", "teach")),
    ],
)
def test_a_command_gets_what_it_needs_and_no_more(start, args, extras) -> None:
    assert start.NEEDS.get(start.command_of(args), ()) == extras


def test_every_extra_has_its_size_and_every_need_is_an_extra(start) -> None:
    assert set(start.SIZES) == {"core"} | extras_of_the_project()
    assert {extra for needs in start.NEEDS.values() for extra in needs} <= extras_of_the_project()
    assert all(len(row) == 3 and min(row) > 0 for row in start.SIZES.values())


def test_constraints_name_no_host_and_no_folder() -> None:
    for line in (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert "==" in line and "/" not in line and "@" not in line, line


# ---- what is recorded ----------------------------------------------------------------------------


def test_second_start_installs_nothing(start, root, installs) -> None:
    start.prepare(root, "demo", ())
    start.prepare(root, "demo", ())
    assert [(call.extras, call.fresh) for call in installs] == [([], True)]


def test_an_extra_is_added_to_what_is_there(start, root, installs, capsys) -> None:
    for command in ("demo", "lab", "sweep", "demo", "lab"):
        start.prepare(root, command, start.NEEDS.get(command, ()))
    assert [(call.extras, call.fresh) for call in installs] == [
        ([], True),
        (["fit", "lab"], False),
        (["fit", "lab", "sweep"], False),
    ]
    assert "First run of `lab`: getting its packages" in capsys.readouterr().err


def test_record_says_not_complete_while_installing_and_is_moved_into_place(start, root, installs) -> None:
    venv = start.prepare(root, "test", ("dev", "lab"))
    assert installs[0].during["complete"] is False
    assert start.read_record(venv) == start.wanted(root, ("dev", "lab"))
    assert sorted(path.name for path in venv.glob(start.RECORD + "*")) == [start.RECORD]


def test_record_is_whole_even_if_writing_it_fails(start, tmp_path, monkeypatch) -> None:
    start.write_record(tmp_path, {"complete": True})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(start.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        start.write_record(tmp_path, {"complete": False})
    assert start.read_record(tmp_path) == {"complete": True}


@pytest.mark.parametrize(
    ("change", "fresh"),
    [
        ({"complete": False}, True),  # interrupted
        ({"python": "3.10"}, True),
        ({"computer": "another"}, True),
        ({"packages": "older"}, False),
    ],
)
def test_what_no_longer_fits_is_installed_again(start, root, installs, change, fresh) -> None:
    venv = start.prepare(root, "demo", ())
    start.write_record(venv, {**start.read_record(venv), **change})
    start.prepare(root, "demo", ())
    assert [call.fresh for call in installs] == [True, fresh]


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00"])
def test_an_unreadable_record_counts_as_none(start, tmp_path, content) -> None:
    (tmp_path / start.RECORD).write_text(content, encoding="utf-8")
    assert start.read_record(tmp_path) == {}


def test_only_dependencies_change_the_fingerprint(start, root) -> None:
    before = start.wanted(root, ())["packages"]
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text + "\n[tool.other]\nx = 1\n", encoding="utf-8")
    assert start.wanted(root, ())["packages"] == before
    for old, new in (
        ("0.1.0", "0.1.1"),
        ("A simulation", "Another simulation"),
        ('keywords = ["', 'keywords = ["new", "'),
    ):
        assert old in text
        project.write_text(text.replace(old, new), encoding="utf-8")
        assert start.wanted(root, ())["packages"] == before, new
    for old, new in (
        ('"networkx>=', '"networkx>=1,>='),
        ('"psutil>=', '"psutil>=1,>='),
        ("sim.cli:main", "sim.cli:other"),
    ):
        project.write_text(text.replace(old, new), encoding="utf-8")
        assert start.wanted(root, ())["packages"] != before, new


def test_a_venv_of_somebody_else_is_left_alone(start, root, installs) -> None:
    theirs = root / ".venv" / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.write_text("home = elsewhere", encoding="utf-8")
    with pytest.raises(start.Failure, match=r"was not made by start.py"):
        start.prepare(root, "demo", ())
    assert theirs.read_text(encoding="utf-8") == "home = elsewhere" and not installs


# ---- failures ------------------------------------------------------------------------------------


def fail_with(start: ModuleType, output: str):
    def install(*_: object, **__: object) -> None:
        raise start.failure(output, "something else")

    return install


def test_without_network_the_sentence_names_the_cure(start, root, monkeypatch, capsys) -> None:
    monkeypatch.setattr(start, "install", fail_with(start, NO_NETWORK))
    assert start.main(["demo"], root) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("First run: getting Tenfold's packages (")
    assert lines[-1].startswith("The packages could not be reached: connect this computer to the network")
    assert "  ERROR: no uv" in lines
    assert start.read_record(root / ".venv")["complete"] is False


def test_an_extra_that_cannot_be_reached_leaves_the_core_usable(start, root, installs, monkeypatch) -> None:
    start.prepare(root, "demo", ())
    monkeypatch.setattr(start, "install", fail_with(start, NO_NETWORK))
    with pytest.raises(start.Failure):
        start.prepare(root, "lab", ("lab",))
    start.prepare(root, "demo", ())
    assert len(installs) == 1


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("failed to write: No space left on device (os error 28)", "disk"),
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "certificate"),
        ("error: invalid peer certificate: UnknownIssuer", "certificate"),
        ("OSError('Tunnel connection failed: 407 Proxy Authentication Required')", "network"),
        ("ProxyError('Cannot connect to proxy.', NewConnectionError(...))", "network"),
        ("HINT: this system does not have Windows Long Path support enabled", "path"),
        ("cause: dns error: failed to lookup address", "network"),
        ("error: failed to remove file: Access is denied. (os error 5)", "permission"),
        ("ERROR: No matching distribution found for numba", "packages"),
        ("Segmentation fault", "other"),
    ],
)
def test_each_kind_of_failure_is_told_apart(start, output, kind) -> None:
    failure = start.failure(output, "Something else failed.")
    assert failure.kind == kind and str(failure).endswith(".") and failure.last_lines == (output,)


def test_a_full_disk_is_noticed_before_anything_is_installed(start, root, installs, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=50e6))
    with pytest.raises(start.Failure, match=r"50 MB free, and [0-9]+ are needed"):
        start.prepare(root, "demo", ())
    assert not installs


def test_ctrl_c_while_installing(start, root, monkeypatch, capsys) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "install", stopped)
    assert start.main(["demo"], root) == 130
    assert "start again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("uv_fails", "pip_takes_over"),
    [("the index speaks another language", True), ("No space left on device", False), (NO_NETWORK, False)],
)
def test_pip_takes_over_where_it_can_help(start, tmp_path, monkeypatch, uv_fails, pip_takes_over) -> None:
    used = []

    def uv(*_: object) -> None:
        raise start.failure(uv_fails, "uv failed.")

    monkeypatch.setattr(start, "install_with_uv", uv)
    monkeypatch.setattr(start, "install_with_pip", lambda *args: used.append(args[-1]))
    if pip_takes_over:
        start.install(tmp_path, tmp_path / ".venv", ["lab"], fresh=False)
    else:
        with pytest.raises(start.Failure):
            start.install(tmp_path, tmp_path / ".venv", ["lab"], fresh=False)
    assert used == ([".[lab]"] if pip_takes_over else [])


@pytest.mark.parametrize(
    ("missing", "step"), [({"ensurepip"}, "--without-pip"), ({"ensurepip", "pip"}, None), ({"venv"}, None)]
)
def test_python_without_ensurepip_or_venv(start, tmp_path, monkeypatch, missing, step) -> None:
    steps: list[str] = []
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else find(name))
    monkeypatch.setattr(start, "call", lambda command, *_: steps.extend(map(str, command)))
    if step:
        start.make_venv(tmp_path, tmp_path, tmp_path)
        assert step in steps
    else:
        with pytest.raises(start.Failure, match=r"sudo apt install python3.[0-9]+-venv"):
            start.make_venv(tmp_path, tmp_path, tmp_path)


# ---- one at a time -------------------------------------------------------------------------------


def test_two_starts_do_not_install_at_once(start, root, installs, monkeypatch, capsys) -> None:
    """The second waits, and finds everything done when it gets the lock."""
    venv = root / ".venv"
    venv.mkdir()
    other = (venv / start.LOCK).open("a+")
    assert start.try_lock(other)

    def the_other_start_finishes(_: float) -> None:
        start.python_in(venv).parent.mkdir()
        start.python_in(venv).touch()
        start.write_record(venv, start.wanted(root, ()))
        other.close()

    monkeypatch.setattr(start.time, "sleep", the_other_start_finishes)
    start.prepare(root, "demo", ())
    assert not installs
    assert "Another start is getting the packages" in capsys.readouterr().err


def test_the_lock_of_a_start_that_died_is_free(start, tmp_path) -> None:
    code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import start, os, pathlib\n" + (
        f"file = (pathlib.Path({str(tmp_path)!r}) / start.LOCK).open('a+')\nassert start.try_lock(file); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-B", "-c", code], check=False).returncode == 9
    with (tmp_path / start.LOCK).open("a+") as file:
        assert start.try_lock(file)


# ---- what is said --------------------------------------------------------------------------------


def test_first_line_says_what_happens_and_how_much(start, root) -> None:
    line, parts = start.announcement("demo", {}, start.wanted(root, ()))
    download, disk, _ = start.SIZES["core"]
    assert parts == ["core"]
    assert line == (
        f"First run: getting Tenfold's packages ({download} MB to download, {disk} MB on disk), "
        "about 1 minute; later runs start at once."
    )
    line, parts = start.announcement("test", {}, start.wanted(root, ("dev", "lab")))
    assert parts == ["core", "dev", "lab"] and "about 2 minutes" in line


@pytest.mark.parametrize(
    ("version", "bits", "name", "words"),
    [
        ((3, 10, 4), 64, "cpython", "Tenfold needs Python 3.11 or newer, and this is Python 3.10: install"),
        ((2, 7, 18), 64, "cpython", "this is Python 2.7"),
        ((3, 12, 0), 32, "cpython", "this one has 32 bits"),
        ((3, 11, 0), 64, "pypy", "this is pypy"),
        ((3, 11, 0), 64, "cpython", ""),
        ((3, 14, 1), 64, "cpython", ""),
    ],
)
def test_a_python_that_cannot_run_tenfold_is_told_so(start, version, bits, name, words) -> None:
    fault = start.python_fault(version, bits, name)
    assert words in fault and bool(fault) == bool(words)


def test_an_old_python_can_read_the_file_up_to_its_refusal() -> None:
    source = (CHECKOUT / "start.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    refusal = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    before = [alias.name for node in tree.body[:refusal] for alias in getattr(node, "names", ())]
    assert before == ["struct", "sys"]


def test_alone_it_prints_what_it_can_do_and_installs_nothing(start, root, installs, capsys) -> None:
    assert start.main([], root) == start.main(["--help"], root) == 0
    out = capsys.readouterr().out
    assert "start.py demo" in out and max(map(len, out.splitlines())) <= 80 and not installs


# ---- running -------------------------------------------------------------------------------------


def test_the_command_keeps_its_words_status_and_input(start, root, installs, monkeypatch) -> None:
    """Through a real process, with this Python in the place of the environment's."""
    (root / "sim").mkdir()
    (root / "sim" / "__init__.py").touch()
    (root / "sim" / "cli.py").write_text(
        "import sys\ndef main(argv=None):\n    print(sys.argv, sys.stdin.read()); return 7\n",
        encoding="utf-8",
    )
    line = start.command_line(root / ".venv", ["run", "my café.toml", "--json"])
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    line[0] = sys.executable
    done = subprocess.run(
        line, env=environment, input="ja", capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 7
    assert done.stdout == "['tenfold', 'run', 'my café.toml', '--json'] ja\n"


def test_tests_run_on_two_processes_unless_some_are_chosen(start, tmp_path) -> None:
    assert start.command_line(tmp_path, ["test"])[1:] == ["-m", "pytest", "-n", "2"]
    assert start.command_line(tmp_path, ["test", "-k", "test"])[1:] == ["-m", "pytest", "-k", "test"]


def test_a_file_with_two_names_counts_once(start, tmp_path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 500_000)
    os.link(tmp_path / "a", tmp_path / "b")
    assert start.megabytes(tmp_path) == pytest.approx(0.5)


def test_the_users_own_settings_reach_the_installer(start, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    environment = start.installer_environment(tmp_path)
    assert environment["HTTPS_PROXY"] == "proxy:3128"
    assert "PIP_TARGET" not in environment and "PYTHONPATH" not in environment
    assert not [word for word in environment if "INDEX" in word and word not in os.environ]
