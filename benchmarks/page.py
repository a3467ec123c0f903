"""The page docs/trust.md: every bar, its figure, the date and the computer, in one go.

    python3 benchmarks/page.py                       all checks at full size; about half an hour on two free cores
    python3 benchmarks/page.py --quick --out /tmp/trust.md    small sizes: a look at the page
    python3 benchmarks/page.py --only bits money     renew these; the rest of the page stays as it was measured

What was measured is also kept as docs/trust.json, from which the page is made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sim.terminal import Terminal  # noqa: E402
from sim.verify import CHECKS  # noqa: E402
from sim.verify.figures import Figure, Say  # noqa: E402
from sim.verify.machine import machine  # noqa: E402
from sim.verify.scripts import figures_of  # noqa: E402

PAGE = ROOT / "docs" / "trust.md"

TOP = """\
# Trust

What Tenfold promises of its numbers, its speed and its limits, and what was measured. `python3 benchmarks/page.py`
makes this page; `tenfold verify NAME` prints the figures of one part, at a size that fits, with `--full` those of
this page. A bar that is not met says **no**.
"""

Measured = dict[str, Any]


def measure(name: str, full: bool, say: Say) -> Measured:
    """The figures of a check, with the computer and the date; of the speed also costs by part."""
    said: Measured = {"machine": machine(), "full": full}
    if name == "speed":
        words = [
            sys.executable,
            str(ROOT / "benchmarks" / "market.py"),
            "--json",
            *([] if full else ["--quick"]),
        ]
        say("benchmarks/market.py")
        done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
        if "{" not in done.stdout:
            raise SystemExit(f"benchmarks/market.py failed: {done.stderr.strip().splitlines()[-1:]}")
        whole = json.loads(done.stdout)
        said |= {
            key: whole[key] for key in ("by_stage", "cpu_ns_per_customer_month", "bytes_touched_by_stage")
        }
        figures = figures_of(whole)
    else:
        figures = CHECKS[name].run(full, say)
    return {**said, "bars": [each.plain() for each in figures]}


def page(found: dict[str, Measured]) -> str:
    """The page as Markdown."""
    lines = [TOP]
    bars = [Figure(**bar) for part in found.values() for bar in part["bars"]]
    barred = [each for each in bars if each.bar and each.met is not None]
    lines.append(f"{sum(each.met is True for each in barred)} of {len(barred)} bars are met.\n")
    places = {where(part["machine"], part["full"]) for part in found.values()}
    if len(places) == 1:
        lines.append(f"{places.pop()}\n")
    for name in CHECKS:
        if name in found:
            lines.append(section(name, found[name], len(places) > 1))
    return "\n".join(lines)


def section(name: str, part: Measured, own_place: bool) -> str:
    """A part of the page: a row a figure, and for the speed a row a part of the month; where it has its own, the place."""
    about = CHECKS[name].about
    lines = [f"## {name[0].upper()}{name[1:]}", "", f"{about[0].upper()}{about[1:]}.", ""]
    lines += [where(part["machine"], part["full"]), ""] if own_place else []
    lines += ["| what | measured | bar | met |", "|---|---|---|---|"]
    for bar in part["bars"]:
        each = Figure(**bar)
        met = "" if not each.bar else {True: "yes", False: "**no**", None: "not measured"}[each.met]
        lines.append(
            "| "
            + " | ".join(cell.replace("|", "\\|") for cell in (each.says, each.figure, each.bar, met))
            + " |"
        )
    if "by_stage" in part:
        lines += ["", *by_stage(part)]
    return "\n".join(lines) + "\n"


def by_stage(part: Measured) -> list[str]:
    """CPU ns a customer-month by part of the month and size."""
    sizes = list(part["by_stage"])
    lines = ["CPU ns a customer-month on one thread, four firms, and the bytes that each stage declares:", ""]
    lines += [
        "| part | " + " | ".join(f"{int(s):,}" for s in sizes) + " | bytes |",
        "|---" * (len(sizes) + 2) + "|",
    ]
    for name in part["by_stage"][sizes[0]]:
        cells = [f"{part['by_stage'][s][name]:,.1f}" for s in sizes]
        lines.append(f"| {name} | {' | '.join(cells)} | {part['bytes_touched_by_stage'].get(name, '')} |")
    totals = [f"{part['cpu_ns_per_customer_month'][s]:,.1f}" for s in sizes]
    return [*lines, f"| **all** | {' | '.join(totals)} | |"]


def where(m: dict[str, Any], full: bool) -> str:
    """When and with what it was measured, in a sentence."""
    library = f", {m['c_library']}" if m["c_library"] else ""
    memory = f", {m['memory_gb']:g} GB" if m["memory_gb"] else ""
    size = "" if full else " Small sizes."
    return (
        f"Measured on {m['date']}: {m['processor']}, {m['cores']} cores{memory}, {m['system']}{library}, Python {m['python']}, "
        f"NumPy {m['numpy']}, Numba {m['numba']}, Mesa {m['mesa']}; model version {m['model_version']}.{size}"
    )


def write(file: Path, text: str) -> None:
    """Write a file under a temporary name, to the disk, and move it."""
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)


def main(argv: list[str] | None = None) -> int:
    """Measure what is asked, and write the page; exit status 1 where a bar is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(CHECKS), default=list(CHECKS), metavar="NAME", help="parts to renew"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page (docs/trust.md)")
    given = parser.parse_args(argv)
    if given.quick and given.out == PAGE:
        parser.error("--quick is for a look: give --out another file")
    data = given.out.with_suffix(".json")
    found: dict[str, Measured] = json.loads(data.read_text(encoding="utf-8")) if data.exists() else {}
    with Terminal().progress("Measuring", "part") as report:
        for place, name in enumerate(given.only):

            def say(what: str, place: int = place, name: str = name) -> None:
                if report:
                    report(place, len(given.only), f"{name}: {what}"[:44])

            found[name] = measure(name, not given.quick, say)
            write(data, json.dumps(found, indent=1) + "\n")
            write(given.out, page(found))
    missed = [bar["says"] for part in found.values() for bar in part["bars"] if bar["met"] is False]
    print(f"{given.out}: {len(missed)} bars are not met" if missed else f"{given.out}: all bars are met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
