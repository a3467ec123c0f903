"""The same bits on another Python: the shipped scenarios, run to their end by the newest one on this computer.

    python3 benchmarks/pythons.py                    the newest installed, 3.12 to 3.14
    python3 benchmarks/pythons.py python3.13         this one
    python3 benchmarks/pythons.py --json

An environment of its own is made in a temporary folder, with the versions of constraints.txt, by uv:
packages that are not in its cache are downloaded.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sim.verify.bits import elsewhere, hashes, published  # noqa: E402
from sim.verify.figures import Figure  # noqa: E402

MINORS = (14, 13, 12)


def newest() -> str | None:
    """The newest released Python here that constraints.txt was made for; None where there is only 3.11."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    for minor in MINORS:
        test = f"import sys; sys.exit(not (3, {minor}, 0, 'final') <= sys.version_info < (3, {minor + 1}))"
        for candidate in (f"python3.{minor}", *sorted(map(str, root.glob(f"3.{minor}.*/bin/python3")))):
            try:
                if subprocess.run([candidate, "-c", test], capture_output=True, check=False).returncode == 0:
                    return candidate
            except OSError:
                continue
    return None


def environment(python: str, folder: Path) -> str:
    """A new environment with the core's packages; returns its Python."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", python, str(folder)], check=True)
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [*uv, "pip", "install", "--quiet", "--python", str(inside), "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*install, "-r", str(ROOT / "pyproject.toml")], check=True)
    return str(inside)


def compare(python: str | None) -> list[Figure]:
    """The state hashes of that Python beside the published ones."""
    says = "published state hashes on another Python"
    if python is None:
        return [Figure(says, "no Python from 3.12 to 3.14 is installed here", "all equal", None)]
    held = published()["scenarios"]
    worlds = [
        {"scenario": name, "seed": about["seed"], "months": about["months"]} for name, about in held.items()
    ]
    with tempfile.TemporaryDirectory(prefix="tenfold-python-") as folder:
        inside = environment(python, Path(folder) / "env")
        code = "import mesa, numba, numpy, platform as p; print(f'{p.python_version()} with NumPy {numpy.__version__}, Numba {numba.__version__}, Mesa {mesa.__version__}')"
        version = elsewhere(code, python=inside)
        found = hashes(worlds, python=inside)
    equal = sum(a == b["state_hash"] for a, b in zip(found, held.values(), strict=True))
    figure = f"{equal} of {len(held)} scenarios equal"
    return [Figure(f"published state hashes on Python {version}", figure, "all equal", equal == len(held))]


def main(argv: list[str] | None = None) -> int:
    """Compare and print; exit status 1 where a hash differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("python", nargs="?", help="the interpreter; the newest installed unless given")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    found = compare(given.python or newest())
    if given.json:
        print(json.dumps({"bars": [each.plain() for each in found]}, indent=1))
    else:
        for each in found:
            print(f"{each.says}: {each.figure}")
    return 1 if any(each.met is False for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
