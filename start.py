#!/usr/bin/env python3
"""Start Tenfold: get its packages once, then run a command.

    python3 start.py demo            (Windows: py start.py demo)

`start.py ARGS` stands for `tenfold ARGS`. The packages go into the folder `.venv` beside this file, or
into the user's own data where OneDrive, iCloud or Dropbox would copy that folder to the cloud: the core
first, and an extra (notebooks, sweeps, …) when a command first needs it. Versions come from
constraints.txt. uv does the work, and pip where uv cannot. Standard library only.

The file must parse on Python 3.6, so that an old Python gets a sentence instead of a SyntaxError.
"""

import struct
import sys

OLDEST = (3, 11)


def python_fault(version, bits, name):
    """One sentence with the cure if this Python cannot run Tenfold, else an empty string."""
    cure = "install Python 3.13 (64 bit) from python.org, and start again with it."
    if name != "cpython":
        return "Tenfold needs the standard Python (CPython), and this is %s: %s" % (name, cure)
    if tuple(version[:2]) < OLDEST:
        return "Tenfold needs Python %d.%d or newer, and this is Python %d.%d: %s" % (
            OLDEST + tuple(version[:2]) + (cure,)
        )
    if bits < 64:
        return "Tenfold needs a 64-bit Python, and this one has %d bits: %s" % (bits, cure)
    return ""


FAULT = python_fault(sys.version_info, 8 * struct.calcsize("P"), sys.implementation.name)
if FAULT:
    sys.stderr.write(FAULT + "\n")
    sys.exit(2)

import contextlib  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sysconfig  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent

# What a command needs beside the core. A command that is not named here needs the core only.
NEEDS = {
    "lab": ("lab", "fit"),
    "fit": ("fit",),
    "test": ("dev", "lab", "sweep", "rivalry", "classroom", "teach"),
    "sweep": ("sweep",),
    "sensitivity": ("sweep",),
    "optimise": ("sweep",),
    "value": ("fit",),
    "report": ("fit",),
    "class": ("classroom",),
    "grade": ("teach",),
}

# What an option needs beside that.
OPTIONS_NEED = {
    ("claim", "--out"): ("sweep",),
    ("claims", "--out"): ("sweep",),
    ("run", "--report"): ("fit",),
    ("elasticities", "--store"): ("sweep",),
    ("elasticities", "--scheduler"): ("sweep",),
    ("rivals", "--store"): ("sweep",),
    ("rivals", "--scheduler"): ("sweep",),
    ("imitate", "--store"): ("sweep",),
    ("imitate", "--scheduler"): ("sweep",),
}

# MB to download, MB on disk, seconds to install: the core with uv itself, then what each extra adds.
# Measured by `benchmarks/sizes.py`, which prints this table (here: Linux, Python 3.11, two cores).
SIZES = {
    "core": (178, 567, 23),
    "lab": (48, 147, 4),
    "fit": (55, 171, 1),
    "sweep": (67, 215, 2),
    "rivalry": (2, 5, 1),
    "classroom": (1, 4, 1),
    "teach": (90, 247, 5),
    "dev": (86, 305, 2),
}
LINE_SPEED = 6.0  # MB a second, a home line of 50 Mbit/s: turns MB to download into minutes

RECORD = "tenfold-installed.json"  # in .venv: what is installed, and whether all of it
LOCK = "tenfold.lock"  # in .venv: held by the start that installs
WORK = "tenfold-work"  # in .venv: uv, its downloads and its log, until all is installed
CERTIFICATES = "certificates.pem"  # in WORK: what this computer trusts, where pip's own list is not enough
QUIETLY = ("install", "-q", "-c", "constraints.txt")  # words that pip and uv share

# What an installer's messages stand for: kind, parts of the messages, the sentence. The first that is found counts.
CURES = (
    (
        "disk",
        "No space left on device|os error 28|Errno 28|not enough space|Disk quota exceeded",
        "The disk is full: free some space, then start again.",
    ),
    (
        "path",
        "Long Path support|File name too long|Filename too long|WinError 206|os error 206",
        "The path of this folder is too long for Windows: move the folder to a short one, such as C:\\tenfold, "
        "then start again.",
    ),
    (
        "certificate",
        "CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|UnknownIssuer",
        "This network replaces the certificates of secure connections: ask its keeper for the certificate file, "
        "tell pip (pip config set global.cert FILE), then start again.",
    ),
    (
        "network",
        "407 Proxy Authentication|Proxy Authentication Required|Tunnel connection failed: 407",
        "This network's proxy asks who you are: set HTTPS_PROXY to http://NAME:PASSWORD@HOST:PORT, then start again.",
    ),
    (
        "network",
        "Temporary failure in name resolution|Name or service not known|nodename nor servname|getaddrinfo failed|"
        "NameResolutionError|dns error|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|"
        "Network is unreachable|Connection refused|error sending request|tunnel error|client error (Connect)|"
        "Tunnel connection failed|Read timed out|operation timed out",
        "The packages could not be reached: connect this computer to the network "
        "(behind a proxy, set HTTPS_PROXY), then start again.",
    ),
    (
        "permission",
        "Permission denied|PermissionError|Access is denied|os error 5)|WinError 5|WinError 32",
        "The folder of the packages could not be written: close other windows that run Tenfold, "
        "make sure that the folder is yours to write, then start again.",
    ),
    (
        "packages",
        "No matching distribution|no wheels with a matching|Failed to build|Failed building|has no wheels",
        "",  # not_ready_made says it
    ),
)


# Why pip goes on where uv failed, by kind.
INSTEAD = {
    "certificate": "This network replaces the certificates of secure connections, so uv cannot download: "
    "pip is getting the packages instead, with this system's certificates, which takes longer.",
    "network": "uv cannot download through this network: pip is getting the packages instead, "
    "with this system's certificates, which takes longer.",
    "other": "uv could not do it on this computer: pip is getting the packages instead, which takes longer.",
}


class Failure(Exception):
    """What went wrong, in one sentence with the cure; `kind` is a word for the cause."""

    def __init__(self, sentence, kind="other", last_lines=()):
        super().__init__(sentence)
        self.kind = kind
        self.last_lines = tuple(last_lines)


# ---- what is needed, what is there -------------------------------------------------------------


def command_of(args):
    """The first word that is not an option."""
    return next((word for word in args if not word.startswith("-")), "")


def needed(args):
    """The extras that a command with these words needs."""
    command, extras = command_of(args), []
    extras += NEEDS.get(command, ())
    for word in args:
        extras += OPTIONS_NEED.get((command, word.partition("=")[0]), ())
    return tuple(extras)


def wanted(root, extras):
    """The record of an environment that serves: packages, extras, Python, computer."""
    import tomllib

    text = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    names = ("requires-python", "dependencies", "optional-dependencies", "scripts")
    parts = json.dumps([*map(text["project"].get, names), text["build-system"]], sort_keys=True)
    digest = hashlib.sha256(parts.encode() + (root / "constraints.txt").read_bytes())
    return {
        "packages": digest.hexdigest(),
        "extras": sorted(extras),
        "python": "%d.%d" % sys.version_info[:2],
        "computer": computer(sysconfig.get_platform(), getattr(os, "uname", None)),
        "complete": True,
    }


def computer(platform, uname):
    """The name of system and processor; a Mac's universal Python has one name for both processors."""
    return "%s-%s" % (platform, uname().machine) if "universal" in platform else platform


def read_record(venv):
    """What the last start recorded; an empty dict if nothing that can be read."""
    try:
        record = json.loads((venv / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(venv, record):
    """Write the record to another name and move it: it is whole, or it is not there."""
    temporary = venv / ("%s.%d" % (RECORD, os.getpid()))
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, venv / RECORD)


def same_base(have, want):
    """Whether the environment was once whole, and made by this Python on this computer, so that it can be built on."""
    once = have.get("complete") or have.get("changing")
    return bool(once) and all(have.get(key) == want[key] for key in ("python", "computer"))


def is_ready(venv, have, want):
    """Whether nothing needs to be installed."""
    return (
        same_base(have, want)
        and bool(have.get("complete"))
        and have.get("packages") == want["packages"]
        and set(want["extras"]) <= set(have.get("extras", ()))
        and runs(venv)
    )


def runs(venv, windows=os.name == "nt"):
    """Whether the environment's Python starts: it needs the Python that it was made with, which may be gone.

    On Windows it is a small program that is there without the other; elsewhere a link.
    """
    if not python_in(venv).exists():
        return False
    with contextlib.suppress(OSError, ValueError):
        for line in (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
            key, _, home = map(str.strip, line.partition("="))
            if key == "home":
                return os.path.lexists(os.path.join(home, "python.exe") if windows else home)
    return True


# ---- where the packages go ---------------------------------------------------------------------


def environment_folder(root):
    """`.venv` beside this file; elsewhere if that folder is copied to the cloud, which would take twenty thousand files."""
    if not synchroniser(root):
        return root / ".venv"
    return user_data() / "environments" / hashlib.sha256(os.fsencode(str(root))).hexdigest()[:10]


CLOUDS = (
    ("OneDrive", r"onedrive([ -].*)?"),
    ("Dropbox", r"dropbox( \(.*\))?"),
    ("iCloud", r"icloud ?drive|mobile documents"),
)


def synchroniser(root):
    """Who copies this folder to the cloud: OneDrive, iCloud, Dropbox or another; empty if nobody."""
    import re

    for name, pattern in CLOUDS:
        if any(re.fullmatch(pattern, part.lower()) for part in root.parts):
            return name
    above = [root, *root.parents]
    return next((name for name, folder in synchronised_folders() if folder in above), "")


def synchronised_folders():
    """Pairs of a service and a folder, as environment, settings and habits of the services name them."""
    home = Path(os.path.expanduser("~"))
    library = home / "Library"
    for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        yield from absolute("OneDrive", os.environ.get(name))
    yield from absolute("A cloud service", library / "CloudStorage")
    for name in ("Desktop", "Documents"):  # a Mac that keeps these in iCloud has them there too
        if (library / "Mobile Documents" / "com~apple~CloudDocs" / name).exists():
            yield from absolute("iCloud", home / name)
    settings = [home / ".dropbox"]
    settings += [
        Path(os.environ[name]) / "Dropbox" for name in ("APPDATA", "LOCALAPPDATA") if os.environ.get(name)
    ]
    for folder in settings:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            accounts = json.loads((folder / "info.json").read_text(encoding="utf-8"))
            for account in accounts.values():
                yield from absolute("Dropbox", account.get("path"))


def absolute(name, folder):
    """The pair, if the folder is one."""
    if folder and Path(folder).is_absolute():
        yield name, Path(folder).resolve()


def user_data():
    """The folder of Tenfold's own data of this user, on this computer."""
    home = Path(os.path.expanduser("~"))
    if os.name == "nt":  # not AppData: Python from the Microsoft Store writes elsewhere what goes there
        return home / ".tenfold"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "tenfold"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "tenfold"


def python_in(venv):
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


# ---- what the user is told ---------------------------------------------------------------------


def say(line):
    """To standard error: standard output belongs to the command."""
    if sys.stderr.isatty():
        import shutil
        import textwrap

        fit = textwrap.TextWrapper(
            shutil.get_terminal_size().columns, break_long_words=False, break_on_hyphens=False
        )
        line = "\n".join(fit.fill(part) for part in line.split("\n"))
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def figures(names):
    """MB to download, MB on disk and minutes for these parts of SIZES."""
    download, disk, seconds = (sum(SIZES[name][i] for name in names) for i in range(3))
    minutes = max(1, -(-(seconds + download / LINE_SPEED) // 60))
    return download, disk, int(minutes)


def announcement(command, have, want, kept=True):
    """The first line of a start that installs, and the parts of SIZES that it gets; not `kept`, all of them."""
    parts = ["core", *want["extras"]]
    what = "First run: getting Tenfold's packages"
    kept = kept and same_base(have, want)
    if have.get("changing") and kept:
        return (
            "The last start did not finish: getting the rest of the packages; later runs start at once.",
            [],
        )
    if have and not have.get("complete"):
        what = "The last start did not finish: getting Tenfold's packages again"
    elif have and not kept:
        what = "Getting Tenfold's packages for Python " + want["python"]
    elif have:
        parts = [name for name in want["extras"] if name not in have["extras"]]
        what = "First run of `%s`: getting its packages" % command
        if not parts:
            return "The list of packages has changed: getting the new ones; later runs start at once.", []
    download, disk, minutes = figures(parts)
    return (
        "%s (%d MB to download, %d MB on disk), about %d minute%s; later runs start at once."
        % (what, download, disk, minutes, "" if minutes == 1 else "s")
    ), parts


def megabytes(folder):
    """The size of a folder on disk in MB; a file with several names counts once."""
    total, seen = 0, set()
    for path, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                entry = os.lstat(os.path.join(path, name))
                if entry.st_nlink == 1 or (entry.st_dev, entry.st_ino) not in seen:
                    seen.add((entry.st_dev, entry.st_ino))
                    total += entry.st_size
    return total / 1e6


@contextlib.contextmanager
def progress(folder, expected):
    """A bar that grows with the folder, on a terminal only."""
    if not (expected and sys.stderr.isatty()):
        yield
        return
    import threading

    done, started, sizes = threading.Event(), time.monotonic(), [megabytes(folder)]

    def draw():
        pause = 0.0
        while not done.wait(pause):
            look = time.monotonic()
            got = min(grown(sizes, megabytes(folder)), 0.99 * expected)
            bar = "#" * int(30 * got / expected)
            line = "\r[%-30s] %3d %%  %d of %d MB  %d s "
            sys.stderr.write(line % (bar, 100 * got / expected, got, expected, look - started))
            sys.stderr.flush()
            pause = max(0.25, 4 * (time.monotonic() - look))  # looking takes a fifth of one core at most

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        sys.stderr.write("\r" + 70 * " " + "\r")


def grown(sizes, size):
    """By how much a folder has grown since it was smallest: an old environment is deleted first. `sizes` is kept."""
    sizes.append(size)
    return size - min(sizes)


def welcome(root):
    """What `start.py` alone prints: what it can do."""
    here = "py start.py" if os.name == "nt" else "python3 start.py"
    version = next(
        line.split('"')[1]
        for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("version")
    )
    download, disk, _ = figures(["core"])
    venv = environment_folder(root)
    where = "the folder .venv beside start.py" if venv.parent == root else str(venv)
    return f"""Tenfold {version}: a market of customers who buy, remember, talk and leave.

  {here} demo            the main job: a table of firms, a picture
  {here} lab             notebooks in the browser
  {here} run two_cafes   another market; `scenarios` lists them
  {here} test            the tests
  {here} --help          every command (once one has run)

The first start gets the packages ({download} MB to download, {disk} MB on disk) into
{where}. To remove them, delete that folder."""


# ---- installing --------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(venv):
    """Only one start installs at a time; the system frees the lock of a start that died."""
    with (venv / LOCK).open("a+") as file:
        os.set_inheritable(file.fileno(), True)  # an installer that outlives its start still holds it
        told = False
        while not try_lock(file):
            if not told:
                say("Another start is getting the packages: waiting for it. (Ctrl-C stops waiting.)")
                told = True
            time.sleep(0.3)
        yield


def try_lock(file):
    """Take the lock if it is free. Where the disk knows no locks, everybody gets it."""
    import errno

    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        return fault.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def this_python():
    """Version, system and processor that this Python is made for, and the name of its C library's kind."""
    host = str(sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    return sys.version_info[:2], sysconfig.get_platform(), host


def not_ready_made(version, platform, host):
    """The sentence where a package has no ready-made file: never start again with the same Python."""
    here = "A package is not ready made for Python %d.%d on this computer: " % tuple(version)
    if platform == "win-arm64":
        return (
            here
            + "install the 64-bit Python 3.13 for Intel (x86-64) from python.org, which runs here too, and start again with it."
        )
    if host.endswith("musl"):
        return here + "Numba and others need a Linux with the GNU C library, such as Debian, not Alpine."
    if tuple(version) == (3, 13):
        return (
            here
            + "look at the lines above; Windows, macOS and Linux on Intel or ARM (64 bit) have all packages."
        )
    return here + "start with Python 3.13 (64 bit) instead."


def failure(output, otherwise):
    """The Failure that an installer's messages stand for."""
    last = [line.rstrip()[:160] for line in output.splitlines() if line.strip()][-5:]
    for kind, words, sentence in CURES:
        if any(word in output for word in words.split("|")):
            return Failure(sentence or not_ready_made(*this_python()), kind, last)
    return Failure(otherwise, "other", last)


def installer_environment(work):
    """The user's own settings (proxy, index, certificates), less what would put packages elsewhere."""
    environment = dict(os.environ)
    elsewhere = ("PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH")
    for name in (*elsewhere, "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    temporary = work / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))
    environment.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUTF8="1")
    environment.setdefault("UV_CACHE_DIR", str(work / "downloads"))
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    if (work / CERTIFICATES).exists():
        environment.setdefault("PIP_CERT", str(work / CERTIFICATES))
    return environment


def collect_certificates(work):
    """Put the certificates that this computer trusts into a file for pip: an older pip knows only its own."""
    import ssl
    import subprocess

    trusted = ssl.create_default_context().get_ca_certs(binary_form=True)
    parts = [ssl.DER_cert_to_PEM_cert(one) for one in trusted]
    for name in (ssl.get_default_verify_paths().cafile, "/etc/ssl/cert.pem"):
        with contextlib.suppress(OSError, TypeError, ValueError):
            parts.append(Path(name).read_text(encoding="ascii", errors="ignore"))
    if sys.platform == "darwin":
        chains = (
            "/Library/Keychains/System.keychain",
            "/System/Library/Keychains/SystemRootCertificates.keychain",
        )
        words = ["/usr/bin/security", "find-certificate", "-a", "-p", *chains]
        with contextlib.suppress(OSError):
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            parts.append(done.stdout.decode("ascii", "ignore"))
    if any(parts):
        (work / CERTIFICATES).write_text("\n".join(parts), encoding="ascii")


def call(command, root, work, otherwise):
    """Run one step of the installation quietly; its messages go to a log, and into the Failure."""
    import subprocess

    log = work / "log.txt"
    with log.open("wb") as file:
        status = subprocess.run(
            [str(word) for word in command],
            cwd=root,
            env=installer_environment(work),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            close_fds=False,
            check=False,
        ).returncode
    if status:
        raise failure(log.read_text(encoding="utf-8", errors="replace"), otherwise)


def is_left(entry):
    """Whether this part of an environment's folder is of an earlier installation."""
    return entry.name not in (RECORD, LOCK, WORK)


def empty(venv):
    """Delete what an earlier installation left."""
    import shutil

    for entry in filter(is_left, list(venv.iterdir())):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def make_venv(root, venv, work):
    """Make a new environment with pip in it."""
    import importlib.util

    base = getattr(sys, "_base_executable", None) or sys.executable
    otherwise = "This Python could not make an environment: look at the lines above, or try another Python."
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        call([base, "-m", "venv", venv], root, work, otherwise)
    elif importlib.util.find_spec("pip") and importlib.util.find_spec("venv"):
        call([base, "-m", "venv", "--without-pip", venv], root, work, otherwise)
        call([base, "-m", "pip", "--python", python_in(venv), "install", "-q", "pip"], root, work, otherwise)
    else:
        raise Failure(
            "This Python comes without the module venv: on Debian and Ubuntu, `sudo apt install "
            "python%d.%d-venv`; elsewhere, install Python from python.org; then start again."
            % sys.version_info[:2]
        )


def get_uv(root, venv, work):
    """Have the pip of this environment download uv, unless this start has it already."""
    tool = work / "uv"
    if not tool.is_dir():
        pip = [python_in(venv), "-m", "pip", *QUIETLY, "--retries", "2", "--upgrade", "--target", tool]
        call([*pip, "uv"], root, work, "uv could not be installed.")
    return tool


def install_with_uv(root, venv, work, project):
    tool = get_uv(root, venv, work)
    found = (path for path in tool.rglob("uv.exe" if os.name == "nt" else "uv") if path.is_file())
    uv = [next(found, tool / "uv"), "pip", *QUIETLY, "--python", python_in(venv)]
    call([*uv, "-e", project], root, work, "uv could not install the packages.")


def install_with_pip(root, venv, work, project):
    pip = [python_in(venv), "-m", "pip", *QUIETLY]
    call([*pip, "-e", project], root, work, "The packages could not be installed: look at the lines above.")


def install(root, venv, extras, fresh=True, with_uv=True):
    """Put the core and these extras into the environment, a new one if `fresh`."""
    import shutil

    work = venv / WORK
    work.mkdir(parents=True, exist_ok=True)
    project = ".[%s]" % ",".join(extras) if extras else "."
    if fresh:
        empty(venv)
        make_venv(root, venv, work)
    else:
        forget_halves(venv)
        point_to_checkout(root, venv)
    try:
        if not with_uv:
            raise Failure("", "asked")
        install_with_uv(root, venv, work, project)
    except (Failure, OSError) as fault:
        kind = getattr(fault, "kind", None) or failure(str(fault), "").kind
        got_uv = (work / "uv").is_dir()
        # Where not even pip found the network, pip need not try again; where uv did not, pip may know the way.
        if kind in ("disk", "permission", "path") or (kind == "network" and not got_uv):
            raise
        if kind == "certificate" and not got_uv:
            collect_certificates(work)
        if kind != "asked":
            say(("\n" if sys.stderr.isatty() else "") + INSTEAD.get(kind, INSTEAD["other"]))
        install_with_pip(root, venv, work, project)
    point_to_checkout(root, venv)
    if read_record(venv).get("complete") is False:
        load_once(root, venv, work)
    shutil.rmtree(work, ignore_errors=True)


def load_once(root, venv, work):
    """Import the core: that shows that it works here, and Python keeps it compiled for later starts."""
    core = (
        "import jinja2, matplotlib.pyplot, mesa, networkx, numpy, pandas, pydantic, rich.table, xlsxwriter\n"
    )
    core += (
        "try:\n    import numba\nexcept Exception:\n    pass"  # without it the market runs in plain Python
    )
    otherwise = "The packages are there but do not load: look at the lines above, and start again."
    try:
        call([python_in(venv), "-c", core], root, work, otherwise)
    except Failure as fault:
        raise Failure(otherwise, "load", fault.last_lines) from fault


def site_packages(venv):
    """The folders of an environment's packages: one, if the environment is whole."""
    return [folder for name in ("lib/python3*", "Lib") for folder in venv.glob(name + "/site-packages")]


def forget_halves(venv):
    """Forget each package of which a stopped start left a part, so that the installer gets it anew."""
    import shutil

    for folder in site_packages(venv):
        for info in folder.glob("*.dist-info"):
            if not is_whole(info):
                shutil.rmtree(info, ignore_errors=True)


def is_whole(info):
    """Whether all files of a package are there in their size; .pth files are rewritten, by start.py too."""
    import csv

    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as file:
            return all(
                os.stat(info.parent / name).st_size == int(size)
                for name, _, size in csv.reader(file)
                if size and not name.endswith(".pth")
            )
    except (OSError, ValueError):
        return False


def point_to_checkout(root, venv):
    """Let `import sim` find the checkout by where .venv stands, or by its path where that is elsewhere.

    Installers write the path itself, which Windows misreads where it has letters such as ü, and
    which is wrong once the folder is renamed. A line of Python in ASCII is read alike everywhere.
    It also stands in a file that is no installer's, which none takes away while it renews its own.
    """
    line = "import sys; p = %s; p in sys.path or sys.path.append(p)\n" % ascii(str(root))
    if venv.parent == root:
        line = "import os, sys; p = os.path.dirname(sys.prefix); p in sys.path or sys.path.append(p)\n"
    for folder in site_packages(venv):
        for path in {folder / "start_tenfold.pth", *folder.glob("*tenfold.pth")}:
            path.write_text(line, encoding="ascii")


def prepare(root, command, extras):
    """Make sure that the environment has the core and these extras; returns at once where it does."""
    venv = environment_folder(root)
    want = wanted(root, extras)
    if is_ready(venv, read_record(venv), want):
        return venv
    if venv.is_dir() and not (venv / LOCK).exists() and any(venv.iterdir()):
        raise Failure("The folder %s was not made by start.py: rename or delete it, then start again." % venv)
    try:
        venv.mkdir(parents=True, exist_ok=True)
        with locked(venv):
            have = read_record(venv)
            if not is_ready(venv, have, want):
                install_and_record(root, venv, command, have, want)
    except OSError as fault:
        raise failure(str(fault), "The folder %s could not be made: %s." % (venv, fault.strerror)) from fault
    return venv


def install_and_record(root, venv, command, have, want):
    """Announce, install, record; what was there goes on working until all is there, as far as that can be."""
    import shutil

    kept = same_base(have, want) and runs(venv)
    first_line, parts = announcement(command, have, want, kept)
    say(first_line)
    if venv.parent != root:
        line = "%s copies this folder to the cloud, so the packages go into %s instead."
        say(line % (synchroniser(root), venv))
        if (root / ".venv" / RECORD).exists():
            say("The folder .venv here is of no more use: delete it when you like.")
    extras = sorted({*want["extras"], *have.get("extras", ())}) if kept else want["extras"]
    expected = sum(SIZES[name][1] for name in parts)
    check_space(venv, 1.2 * expected, kept)
    started = time.monotonic()
    shutil.rmtree(venv / WORK / "uv", ignore_errors=True)
    try:
        with progress(venv, expected):
            if kept:
                build_on(root, venv, extras, have, want)
            else:
                make_anew(root, venv, extras, want)
    except Failure as fault:
        serves = kept and have.get("complete") and set(want["extras"]) <= set(have.get("extras", ()))
        if not (serves and fault.kind == "network"):
            raise
        say(
            "The new packages could not be reached: going on with those that are here. Connect this computer soon."
        )
        return
    write_record(venv, {**want, "extras": extras})
    say("The packages are in place (%d s)." % (time.monotonic() - started))


def check_space(venv, needed, kept):
    """The disk has as many MB free as are needed; what will be deleted counts as free."""
    import shutil

    free = shutil.disk_usage(venv).free / 1e6
    if not kept and free < needed:
        free += megabytes(venv) - megabytes(venv / WORK)
    if free < needed:
        line = "The disk has %d MB free, and %d are needed: free some space, then start again."
        raise Failure(line % (free, needed), "disk")


def build_on(root, venv, extras, have, want):
    """Add extras, or change packages, in an environment that works; a new one where it then does not load.

    Adding takes nothing away, so the record stays until the extra is there. Packages that change are marked.
    """
    if not have.get("complete") or have.get("packages") != want["packages"]:
        write_record(venv, {**have, "complete": False, "changing": True})
    try:
        install(root, venv, extras, fresh=False)
    except Failure as fault:
        if fault.kind == "load":
            make_anew(root, venv, extras, want)
            return
        if fault.kind in ("network", "certificate", "packages"):  # these come before anything is changed
            write_record(venv, have)
        raise


def make_anew(root, venv, extras, want):
    """Make a new environment; what an older one left is deleted when the network is known to be there."""
    work = venv / WORK
    if any(map(is_left, venv.iterdir())) and not (work / "uv").is_dir():
        work.mkdir(exist_ok=True)
        make_venv(root, work / "first", work)
        try:
            get_uv(root, work / "first", work)
        except Failure as fault:
            if fault.kind in ("network", "disk", "permission", "path"):  # with others pip may know a way
                raise
    write_record(venv, {**want, "complete": False, "extras": extras})
    install(root, venv, extras)


# ---- running -----------------------------------------------------------------------------------


def command_line(venv, args):
    """The command in the environment: pytest for `test`, `tenfold` for everything else."""
    python = str(python_in(venv))
    if command_of(args) == "test":
        rest = [word for i, word in enumerate(args) if i != args.index("test")]
        # All tests go on two processes; chosen ones are few and start faster on one.
        return [python, "-m", "pytest", *(rest or ["-n", "2"])]
    run = "import sys; from sim.cli import main; sys.argv[0] = 'tenfold'; sys.exit(main())"
    return [python, "-P", "-c", run, *args]


def launch(root, venv, args):
    """Become the command; its exit status, input and output are its own."""
    import subprocess

    if command_of(args) == "test":
        os.chdir(root)
    os.environ.pop("PYTHONHOME", None)
    os.environ["VIRTUAL_ENV"] = str(venv)
    os.environ["PATH"] = str(python_in(venv).parent) + os.pathsep + os.environ.get("PATH", "")
    line = command_line(venv, args)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(line[0], line)
    child = subprocess.Popen(line)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child has got it too, and says what it kept
            continue


def main(args, root=ROOT):
    """Returns the exit status: the command's, 2 for a fault that the user can mend, 130 for Ctrl-C."""
    venv = environment_folder(root)
    command = command_of(args)
    try:
        if not args or (not command and not is_ready(venv, read_record(venv), wanted(root, ()))):
            print(welcome(root))
            return 0
        venv = prepare(root, command, needed(args))
    except Failure as fault:
        for line in fault.last_lines:
            say("  " + line)
        say(str(fault))
        return 2
    except KeyboardInterrupt:
        say("Stopped before all packages were there; start again to go on.")
        return 130
    return launch(root, venv, args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
