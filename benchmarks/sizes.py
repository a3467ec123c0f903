"""What Tenfold's packages weigh: the core, and what each extra adds to it.

    python3 benchmarks/sizes.py                  the core and every extra, with uv
    python3 benchmarks/sizes.py core lab --pip   some of them, and the same with pip
    python3 benchmarks/sizes.py --json           one JSON object, for scripts

Each part is installed into a new environment in a temporary folder, by the code of start.py, with
nothing kept from before. Printed are the number of packages, MB to download (the files as the
package index serves them), MB on disk (the whole environment after the core was imported once),
and seconds to install. An extra's row is what it adds to the core; the row of the core holds the
empty environment and uv. The last lines are the table SIZES of start.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("packages", "download_mb", "disk_mb", "seconds", "seconds_pip")
KEPT_BACK = shutil.ignore_patterns(".*", "__pycache__", "results", "*.parquet")


def load_start():
    """start.py as a module."""
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed_install(start, root: Path, extras: tuple[str, ...], with_uv: bool) -> tuple[Path, float]:
    """Install into a new `.venv` of `root`; the environment and the seconds that it took."""
    venv = root / ".venv"
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir()
    began = time.perf_counter()
    start.install(root, venv, extras, with_uv=with_uv)
    return venv, time.perf_counter() - began


def download_size(start, venv: Path, folder: Path) -> tuple[int, float]:
    """Packages in an environment, and the MB of the files that they (and uv) are installed from."""
    pip = [str(start.python_in(venv)), "-m", "pip", "--disable-pip-version-check", "-q"]
    freeze = subprocess.run(
        [*pip, "freeze", "--exclude", "tenfold"], capture_output=True, text=True, check=True
    )
    packages = [line for line in freeze.stdout.splitlines() if "==" in line]
    everything = packages if any(line.startswith("uv==") for line in packages) else [*packages, "uv"]
    constraints = str(ROOT / "constraints.txt")
    subprocess.run(
        [*pip, "download", "--no-deps", "-d", str(folder), "-c", constraints, *everything],
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return len(packages), start.megabytes(folder)


def measure(start, extra: str, with_pip: bool) -> dict[str, float]:
    """The totals of the core with one extra (or of the core alone)."""
    extras = () if extra == "core" else (extra,)
    with tempfile.TemporaryDirectory(prefix="tenfold-sizes-") as temporary:
        root = Path(shutil.copytree(ROOT, Path(temporary) / "tenfold", ignore=KEPT_BACK))
        venv, seconds = timed_install(start, root, extras, with_uv=True)
        disk = start.megabytes(venv)
        packages, download = download_size(start, venv, Path(temporary) / "files")
        totals = {"packages": packages, "download_mb": download, "disk_mb": disk, "seconds": seconds}
        if with_pip:
            totals["seconds_pip"] = timed_install(start, root, extras, with_uv=False)[1]
    return totals


def main(argv: list[str] | None = None) -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = ["core", *project["optional-dependencies"]]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="of " + ", ".join(parts) + " (default: all)")
    parser.add_argument("--pip", action="store_true", help="time pip too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    unknown = [name for name in given.parts if name not in parts]
    if unknown:
        parser.error(f"{unknown[0]} is none of {', '.join(parts)}")

    start = load_start()
    rows: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(["core", *(given.parts or parts)]):
        totals = measure(start, name, given.pip)
        core = rows.get("core", {})
        rows[name] = {
            column: round(totals[column] - core.get(column, 0), 1) for column in COLUMNS if column in totals
        }
        if not given.json:
            if name == "core":
                print(f"{'':12}" + "".join(f"{column:>13}" for column in rows[name]))
            print(f"{name:12}" + "".join(f"{value:>13.1f}" for value in rows[name].values()), flush=True)
    if given.json:
        print(json.dumps(rows, indent=1))
    else:
        print("\nSIZES = {")
        for name, row in rows.items():
            print(
                f'    "{name}": ({row["download_mb"]:.0f}, {row["disk_mb"]:.0f}, {max(1, row["seconds"]):.0f}),'
            )
        print("}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
