"""The same bits: worlds run in processes of their own, each in another environment, and their state hashes.

A world is a scenario with changes, a seed, months, and how its loops run. Equal hashes mean equal
worlds: every column of every customer, every entry of the books, to the last bit.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from sim.verify.figures import Figure, Say

World = dict[str, Any]
"""Keys: scenario; change, seed, months, threads, plain (of `Market`); threads_from, chunk (of its module)."""

FMA_HIDDEN = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA_Usable,-AVX2,-AVX2_Usable,-FMA4,-FMA4_Usable"}
"""The C library then takes its functions without fused multiply-add; both spellings, old and new."""

NUMPY_PLAIN = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512F AVX2 FMA3"}
"""NumPy then takes its loops without them too."""


def published() -> dict[str, Any]:
    """The model version, and by scenario the seed, months and state hash that were published for it."""
    text = resources.files("sim.verify").joinpath("published.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- a process of its own


def hashes(
    worlds: Sequence[World], environment: Mapping[str, str] | None = None, python: str = sys.executable
) -> list[str]:
    """The state hashes of worlds, each run to its end by another Python process.

    Parameters
    ----------
    worlds : what to run. environment : variables that are set there. python : the interpreter.

    Raises
    ------
    RuntimeError : the process failed; the message holds what it said last.
    """
    said = elsewhere(
        "from sim.verify.bits import child; child()", json.dumps(list(worlds)), environment, python
    )
    return json.loads(said)  # type: ignore[no-any-return]


def elsewhere(
    code: str, given: str = "", environment: Mapping[str, str] | None = None, python: str = sys.executable
) -> str:
    """The last line that another Python process prints, which finds this very package.

    Raises
    ------
    RuntimeError : the process failed; the message holds what it said last.
    """
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [python, "-P", "-c", code], input=given, env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise RuntimeError(f"a process of its own failed: {said[-1] if said else done.returncode}")
    return (done.stdout.strip().splitlines() or [""])[-1]


def child() -> None:
    """Read worlds from the input, run each, print their hashes."""
    print(json.dumps([hash_of(world) for world in json.load(sys.stdin)]))


def hash_of(world: World) -> str:
    """The state hash of one world, run in this process."""
    from sim import market

    own = {"threads_from": market.THREADS_FROM, "chunk": market.CHUNK}
    given = {**own, **world}
    market.THREADS_FROM, market.CHUNK = given.pop("threads_from"), given.pop("chunk")
    try:
        made = market.Market(given.pop("scenario"), **given)
        made.run_model()
        return made.state_hash
    finally:
        market.THREADS_FROM, market.CHUNK = own["threads_from"], own["chunk"]


# ---------------------------------------------------------------- which worlds, which environments


def small_worlds(full: bool) -> list[World]:
    """Worlds that differ in what happens: contracts, spam, few firms, many, policies, contacts of their own."""
    names = sorted(published()["scenarios"]) if full else ["mobile_operator", "shouting_mailers", "two_cafes"]
    return [
        {"scenario": name, "seed": 11, "months": 14, "change": {"market.customers": 2_000 if full else 400}}
        for name in names
    ]


def threaded(threads: int, full: bool) -> list[World]:
    """Worlds cut into chunks, run by so many threads; with `full` above the size where threads begin by themselves."""
    cut = [
        {**world, "threads": threads, "threads_from": 1, "chunk": 4096, "change": {"market.customers": 9_000}, "months": 4}
        for world in small_worlds(full)
    ]  # fmt: skip
    large = {"scenario": "plain", "months": 3, "threads": threads, "change": {"market.customers": 250_000}}
    return cut + ([large] if full else [])


def small_and_plain(plain: bool, full: bool) -> list[World]:
    """Small worlds, compiled or as plain Python."""
    size = {"months": 14 if full else 3, "change": {"market.customers": 60}, "plain": plain}
    return [{**world, **size} for world in small_worlds(full)]


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "a generic processor": {"NUMBA_CPU_NAME": "generic"},
    "FMA and AVX2 hidden from the C library": FMA_HIDDEN,
    "FMA and AVX2 hidden from NumPy": NUMPY_PLAIN,
}
"""What must not matter. A generic processor compiles everything again, which takes about a minute, once."""


def compared(says: str, one: Sequence[str], other: Sequence[str]) -> Figure:
    """How many of the worlds are the same to the bit."""
    same = sum(a == b for a, b in zip(one, other, strict=True))
    return Figure(says, f"{same} of {len(one)} worlds equal", "all equal", same == len(one))


def check_bits(full: bool, say: Say) -> list[Figure]:
    """State hashes under threads, plain Python, hash seeds, another processor and another C library."""
    worlds = small_worlds(full)
    say("as it is here")
    here = hashes(worlds)
    say("one thread and two")
    found = [compared("one thread and two", *(hashes(threaded(n, full)) for n in (1, 2)))]
    say("compiled and plain Python")
    found.append(
        compared("compiled and plain Python", *(hashes(small_and_plain(p, full)) for p in (False, True)))
    )
    seeds = range(10) if full else (0, 1)
    equal = 0
    for seed in seeds:
        say(f"PYTHONHASHSEED={seed}")
        equal += hashes(worlds, {"PYTHONHASHSEED": str(seed)}) == here
    found.append(
        Figure(
            f"{len(seeds)} hash seeds of Python",
            f"{equal} of {len(seeds)} equal",
            "all equal",
            equal == len(seeds),
        )
    )
    for name, environment in ENVIRONMENTS.items():
        if not full and "NUMBA_CPU_NAME" in environment:
            continue
        if "GLIBC_TUNABLES" in environment and platform.libc_ver()[0] != "glibc":
            found.append(Figure(name, "this computer has another C library", "all equal", None))
            continue
        say(name)
        found.append(compared(name, here, hashes(worlds, environment)))
    return found


def check_published(full: bool, say: Say) -> list[Figure]:
    """The shipped scenarios, run to their end: are the state hashes those that were published?"""
    from sim.market import MODEL_VERSION

    held = published()
    names = sorted(held["scenarios"]) if full else ["two_cafes", "web_shop", "car_dealers"]
    if held["model_version"] != MODEL_VERSION:
        said = f"published are hashes of MODEL_VERSION {held['model_version']}, this is {MODEL_VERSION}"
        return [Figure("published state hashes", said, "all equal", False)]
    wrong = []
    for name in names:
        say(name)
        about = held["scenarios"][name]
        if (
            hash_of({"scenario": name, "seed": about["seed"], "months": about["months"]})
            != about["state_hash"]
        ):
            wrong.append(name)
    figure = f"{len(names) - len(wrong)} of {len(names)} scenarios equal" + (
        f", not {', '.join(wrong)}" if wrong else ""
    )
    return [Figure(f"published state hashes, MODEL_VERSION {MODEL_VERSION}", figure, "all equal", not wrong)]
