"""start.py in hostile places: folders that are copied to the cloud, certificates, proxies, paths."""

from __future__ import annotations

import importlib.util
import json
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
UV_REFUSED = "error: Request failed: client error (Connect): invalid peer certificate: UnknownIssuer"
PIP_REFUSED = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"


@pytest.fixture
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start_under_test", CHECKOUT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with no cloud."""
    folder = tmp_path / "Zoë Müller"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    for name in (
        "OneDrive",
        "OneDriveConsumer",
        "OneDriveCommercial",
        "APPDATA",
        "LOCALAPPDATA",
        "XDG_DATA_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    return folder


# ---- folders that are copied to the cloud --------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "service"),
    [
        ("OneDrive/tenfold", "OneDrive"),
        ("OneDrive - Universität Bonn/Kurs/tenfold", "OneDrive"),
        ("Library/CloudStorage/OneDrive-Uni/tenfold", "OneDrive"),
        ("Library/CloudStorage/GoogleDrive-me/tenfold", "A cloud service"),
        ("Library/Mobile Documents/com~apple~CloudDocs/tenfold", "iCloud"),
        ("iCloudDrive/tenfold", "iCloud"),
        ("Dropbox/tenfold", "Dropbox"),
        ("Dropbox (Uni)/tenfold", "Dropbox"),
        ("Downloads/tenfold-main", ""),
        ("Documents/onedriver/dropbox-notes/tenfold", ""),
    ],
)
def test_a_folder_of_a_cloud_service_is_known_by_its_path(start, home, where, service) -> None:
    root = home / where
    assert start.synchroniser(root) == service
    venv = start.environment_folder(root)
    assert (venv == root / ".venv") == (not service)
    assert not service or (home in venv.parents and root not in venv.parents)


@pytest.mark.parametrize("name", ["OneDrive", "OneDriveConsumer", "OneDriveCommercial"])
def test_by_the_environment_of_windows(start, home, monkeypatch, name) -> None:
    monkeypatch.setenv(name, str(home / "Cloud"))
    assert start.synchroniser(home / "Cloud" / "tenfold") == "OneDrive"
    assert start.synchroniser(home / "Cloudy" / "tenfold") == ""


@pytest.mark.parametrize("settings", [".dropbox", "AppData/Roaming/Dropbox", "AppData/Local/Dropbox"])
def test_by_the_settings_of_dropbox(start, home, monkeypatch, settings) -> None:
    monkeypatch.setenv("APPDATA", str(home / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData" / "Local"))
    info = home / settings / "info.json"
    info.parent.mkdir(parents=True)
    info.write_text(json.dumps({"business": {"path": str(home / "Team")}}), encoding="utf-8")
    assert start.synchroniser(home / "Team" / "tenfold") == "Dropbox"
    info.write_text("[broken", encoding="utf-8")
    assert start.synchroniser(home / "Team" / "tenfold") == ""


def test_documents_that_a_mac_keeps_in_icloud(start, home) -> None:
    assert start.synchroniser(home / "Documents" / "tenfold") == ""
    (home / "Library/Mobile Documents/com~apple~CloudDocs/Documents").mkdir(parents=True)
    assert start.synchroniser(home / "Documents" / "tenfold") == "iCloud"
    assert start.synchroniser(home / "Desktop" / "tenfold") == ""


def test_every_checkout_has_an_environment_of_its_own(start, home) -> None:
    one, other = (start.environment_folder(home / "OneDrive" / name) for name in ("a", "b"))
    assert one != other and one.parent == other.parent


def test_it_says_where_the_packages_go(start, home, monkeypatch, capsys) -> None:
    root = home / "OneDrive" / "tenfold"
    root.mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt"):
        (root / name).write_bytes((CHECKOUT / name).read_bytes())
    installed = []
    monkeypatch.setattr(start, "install", lambda root, venv, *_, **__: installed.append(venv))
    venv = start.prepare(root, "demo", ())
    assert installed == [venv] and start.read_record(venv)["complete"] and not (root / ".venv").exists()
    assert f"OneDrive copies this folder to the cloud, so the packages go into {venv} instead." in (
        capsys.readouterr().err
    )
    assert str(venv) in start.welcome(root)


@pytest.mark.parametrize("outside", [False, True])
def test_import_finds_the_checkout(start, tmp_path, outside) -> None:
    """The line in the .pth file is ASCII, so that Windows reads it whatever the user is called."""
    root = tmp_path / 'Jürgen\'s "Kurs" 漢字'
    venv = tmp_path / "elsewhere" if outside else root / ".venv"
    packages = venv / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    path = packages / "_tenfold.pth"
    path.write_text(str(root), encoding="utf-8")
    start.point_to_checkout(root, venv)
    line = path.read_text(encoding="ascii")
    code = f"import sys; sys.prefix = {str(venv)!r}\n{line}print(ascii(sys.path[-1]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert line.startswith("import ") and line.count("\n") == 1
    assert done.stdout.strip() == ascii(str(root))


# ---- certificates and proxies --------------------------------------------------------------------


def installers(start: ModuleType, monkeypatch: pytest.MonkeyPatch, uv: str | None, fetch: str | None) -> list:
    """Stand-ins: fetching uv fails with `fetch`, uv with `uv`; each call that works is listed with its environment."""
    calls: list = []
    monkeypatch.delenv("PIP_CERT", raising=False)

    def call(command: list, root: Path, work: Path, otherwise: str) -> None:
        words = [str(word) for word in command]
        by_uv, for_uv = words[1] == "pip", words[-1] == "uv"
        output = uv if by_uv else fetch if for_uv else None
        if output:
            raise start.failure(output, otherwise)
        if for_uv:
            (work / "uv").mkdir()
        calls.append((words, start.installer_environment(work)))

    monkeypatch.setattr(start, "call", call)
    return calls


def test_where_uv_refuses_the_networks_certificate_pip_takes_over(
    start, tmp_path, monkeypatch, capsys
) -> None:
    """pip has just fetched uv, so its certificates are right."""
    calls = installers(start, monkeypatch, uv=UV_REFUSED, fetch=None)
    start.install(tmp_path, tmp_path / ".venv", [], fresh=False)
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0 and "so uv cannot download: pip is getting the packages instead" in said
    assert calls[-1][0][1:4] == ["-m", "pip", "install"] and "PIP_CERT" not in calls[-1][1]


def test_where_pip_refuses_it_too_pip_gets_the_systems_certificates(
    start, tmp_path, monkeypatch, capsys
) -> None:
    calls = installers(start, monkeypatch, uv=UV_REFUSED, fetch=PIP_REFUSED)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # the file is looked at below
    start.install(tmp_path, tmp_path / ".venv", [], fresh=False)
    assert "with this system's certificates" in capsys.readouterr().err
    ((words, environment),) = calls
    assert words[-2:] == ["-e", "."]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(environment["PIP_CERT"])
    assert len(context.get_ca_certs()) > 10


def test_a_certificate_file_of_the_users_own_counts(start, tmp_path, monkeypatch) -> None:
    (tmp_path / start.CERTIFICATES).touch()
    monkeypatch.setenv("PIP_CERT", "my.pem")
    assert start.installer_environment(tmp_path)["PIP_CERT"] == "my.pem"


def test_where_uv_finds_no_way_through_a_proxy_pip_takes_over(start, tmp_path, monkeypatch, capsys) -> None:
    calls = installers(
        start, monkeypatch, uv="error: client error (Connect): tunnel error: unsuccessful", fetch=None
    )
    start.install(tmp_path, tmp_path / ".venv", [], fresh=False)
    said = capsys.readouterr().err.strip()
    assert said.startswith("uv cannot download through this network: pip is getting the packages instead")
    assert calls[-1][0][1:4] == ["-m", "pip", "install"]


@pytest.mark.parametrize(
    ("output", "kind", "cure"),
    [
        ("Tunnel connection failed: 407 Proxy Authentication Required", "network", "NAME:PASSWORD@HOST:PORT"),
        ("OSError: [Errno 28] No space left on device", "disk", "free some space"),
        ("[WinError 206] The filename or extension is too long", "path", "C:\\tenfold"),
    ],
)
def test_each_is_one_sentence_with_the_cure(start, output, kind, cure) -> None:
    failure = start.failure(output, "otherwise")
    assert failure.kind == kind and cure in str(failure)


def test_a_disk_that_fills_up_while_uv_installs_stops_at_once(start, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(start, "install_with_uv", full)
    monkeypatch.setattr(start, "install_with_pip", lambda *_: pytest.fail("pip needs more space, not less"))
    with pytest.raises(OSError, match="No space left"):
        start.install(tmp_path, tmp_path / ".venv", [], fresh=False)


# ---- where there is no Numba ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "machine", "asked"),
    [("linux", "x86_64", True), ("linux", "aarch64", True), ("darwin", "arm64", True), ("win32", "AMD64", True), ("win32", "ARM64", False)],
)  # fmt: skip
def test_notebooks_need_no_pyarrow_where_it_is_not_ready_made(start, system, machine, asked) -> None:
    import tomllib

    from packaging.requirements import Requirement

    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    lab = [r for name in start.NEEDS["lab"] for r in map(Requirement, extras[name]) if r.name == "pyarrow"]
    here = {"sys_platform": system, "platform_machine": machine, "python_version": "3.13"}
    assert [r.marker is None or r.marker.evaluate(here) for r in lab] == [asked]


@pytest.mark.parametrize("version", [(3, 11), (3, 13), (3, 15)])
@pytest.mark.parametrize(
    ("platform", "host", "words"),
    [
        ("win-arm64", "", "Python 3.13 for Intel (x86-64)"),
        ("linux-x86_64", "x86_64-alpine-linux-musl", "not Alpine"),
        ("linux-x86_64", "x86_64-pc-linux-gnu", ""),
    ],
)
def test_where_a_package_is_not_ready_made_the_same_python_is_no_cure(
    start, version, platform, host, words
) -> None:
    told, _, cure = start.not_ready_made(version, platform, host).partition(": ")
    assert f"Python {version[0]}.{version[1]} " in told and words in cure and cure.endswith(".")
    assert words or version != (3, 13) or "3.13" not in cure
    said = str(start.failure("ERROR: No matching distribution found for pyarrow", "otherwise"))
    assert said == start.not_ready_made(*start.this_python())


@pytest.mark.parametrize(
    ("system", "machine", "python", "numba"),
    [
        ("linux", "x86_64", "3.13", True),
        ("win32", "AMD64", "3.14", True),
        ("darwin", "arm64", "3.13", True),
        ("darwin", "x86_64", "3.13", True),
        ("darwin", "x86_64", "3.14", False),
        ("linux", "x86_64", "3.16", False),
    ],
)
def test_numba_is_asked_for_where_it_is_ready_made(system, machine, python, numba) -> None:
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [r for r in map(Requirement, project["dependencies"]) if r.name == "numba"]
    here = {"sys_platform": system, "platform_machine": machine, "python_version": python}
    wanted = [r for r in asked if r.marker.evaluate(here)]
    assert len(wanted) == int(numba)
    pins = [
        line
        for line in (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("numba==")
    ]
    held = [r for r in map(Requirement, pins) if r.marker is None or r.marker.evaluate(here)]
    assert not numba or [next(iter(r.specifier)).version in wanted[0].specifier for r in held] == [True]
