"""Golden numbers: what the shipped scenarios give, to the last bit, for this `MODEL_VERSION`.

    python3 benchmarks/golden.py check           are today's numbers the stored ones? names the first that is not
    python3 benchmarks/golden.py check two_cafes
    python3 benchmarks/golden.py write           store today's; refused unless MODEL_VERSION was raised

Of each scenario two worlds are kept. A small one, 48 customers: every column of every customer, each
month. The scenario at its own size: a digest of each column, the books and the state of the firms, in
some months. Beside them the state hash at the scenario's end goes into the package, so that any
computer can say whether it gives the published numbers. Of each scenario with optional mechanisms a small
world's hash, month by month, and what each firm earned are kept in a file of their own; so are those of
`in_use`, a world with all mechanisms, where firms decide what no shipped scenario does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from mechanisms import in_use  # noqa: E402

from sim.columns import BY_NAME, STATE  # noqa: E402
from sim.doctor import BEGINNING  # noqa: E402
from sim.ledger import ACTIVITIES, COUNTS  # noqa: E402
from sim.market import MODEL_VERSION, Market  # noqa: E402
from sim.mechanisms import present  # noqa: E402
from sim.scenario import CORE, SCENARIOS, load  # noqa: E402
from sim.verify.figures import Figure  # noqa: E402

NUMBERS = ROOT / "tests" / "golden" / "numbers.npz"
SMALL = ROOT / "tests" / "golden" / "mechanisms.json"
HASHES = ROOT / "sim" / "verify" / "published.json"
SEED = 1
CUSTOMERS, MONTHS = 48, 8
"""The small worlds."""

OF_MECHANISMS = (160, 6)
"""Customers and months of the worlds with optional mechanisms."""

IN_USE = "in_use"
OF_IN_USE = (1500, 9)
"""The world with all mechanisms in use, its customers and months."""

MARKS = (1, 2, 3, 6, 12, 24, 36, 48, 60)
"""Months in which a scenario at its own size is looked at."""

BOOKS = ("ledger", "counts")
LINES = {"ledger": [activity.name for activity in ACTIVITIES], "counts": list(COUNTS)}
OF_FIRM = ("skill", "morale", "staff", "deliverability", "report_rate")

Numbers = dict[str, np.ndarray]


# ---------------------------------------------------------------- today's numbers


def small(name: str) -> Iterator[tuple[int, Numbers]]:
    """Month by month, every column of the state of a scenario's small world."""
    market = Market(name, seed=SEED, months=MONTHS, change={"market.customers": CUSTOMERS})
    for month in range(1, MONTHS + 1):
        market.step()
        yield month, {column: getattr(market.customers, column) for column in STATE}


def whole(name: str) -> Iterator[tuple[int, Numbers, Market]]:
    """In some months, digests, books and firms of a scenario at its own size; the last is the scenario's end."""
    market = Market(name, seed=SEED)
    for month in range(1, market.months + 1):
        market.step()
        if month in MARKS or month == market.months:
            yield month, _of_whole(market), market


def _of_whole(market: Market) -> Numbers:
    digests = [
        hashlib.sha256(np.ascontiguousarray(getattr(market.customers, c)).tobytes()).digest()[:8]
        for c in STATE
    ]
    firms = [[getattr(f, key) or 0.0 for key in OF_FIRM] for f in market.firms]
    return {
        "digests": np.frombuffer(b"".join(digests), dtype=np.uint64),
        "ledger": market.ledger.months[-1],
        "counts": market.ledger.counts[-1],
        "firms": np.array(firms, dtype=np.float64),
        "norm": np.array([market.norm]),
    }


def firms_of(name: str) -> list[str]:
    """The names of a scenario's firms."""
    return [firm.name for firm in Market(name, change={"market.customers": CUSTOMERS}).firms]


def with_mechanisms() -> list[str]:
    """The shipped scenarios that turn an optional mechanism on."""
    return [name for name in SCENARIOS if any(present(load(name).tables))]


def of_mechanisms(name: str) -> dict[str, Any]:
    """A small world of a scenario with optional mechanisms, or `in_use`: its hash by month, and what each firm earned, in cents."""
    (customers, months), change = (OF_IN_USE, in_use()) if name == IN_USE else (OF_MECHANISMS, {})
    market = Market(
        "plain" if name == IN_USE else name,
        seed=SEED,
        months=months,
        change={"market.customers": customers, **change},
    )
    hashes, earned = [], np.zeros(len(market.firms), dtype=np.int64)
    for _ in range(months):
        market.step()
        hashes.append(market.state_hash)
        earned += market.ledger.profit()
    firms = [firm.name for firm in market.firms]
    return {"hashes": hashes, "cents": dict(zip(firms, earned.tolist(), strict=True))}


# ---------------------------------------------------------------- differences


def difference_of_mechanisms(name: str, stored: dict[str, Any]) -> str | None:
    """The first month in which a scenario with mechanisms is not as stored, or the first firm that earned another sum."""
    customers = (OF_IN_USE if name == IN_USE else OF_MECHANISMS)[0]
    now, start = of_mechanisms(name), f"{name} with {customers} customers"
    if list(now["cents"]) != list(stored["cents"]):
        return f"{start}: firms are {', '.join(now['cents'])}, stored {', '.join(stored['cents'])}"
    if len(now["hashes"]) != len(stored["hashes"]):
        return f"{start}: {len(now['hashes'])} months, stored {len(stored['hashes'])}"
    for firm, cents in now["cents"].items():
        before = stored["cents"][firm]
        if before != cents:
            month = next((k for k, h in enumerate(now["hashes"], 1) if stored["hashes"][k - 1] != h), "none")
            return f"{start}: {firm} earned {cents:,} cents, stored {before:,}; first month that differs: {month}"
    for month, (one, other) in enumerate(zip(now["hashes"], stored["hashes"], strict=True), 1):
        if one != other:
            return f"{start}, month {month}: not the stored state, though every firm earned the same"
    return None


def first_difference(name: str, stored: Numbers) -> str | None:
    """Where a scenario first differs from the stored numbers, in a sentence; None: nowhere."""
    for month, columns in small(name):
        said = difference_of_columns(name, month, columns, stored)
        if said:
            return said
    for month, numbers, market in whole(name):
        said = difference_of_whole(name, month, numbers, stored, [firm.name for firm in market.firms])
        if said:
            return said
    return None


def difference_of_columns(name: str, month: int, columns: Numbers, stored: Numbers) -> str | None:
    """The first column of a small world that differs in a month, with firm and customer."""
    differ = []
    for column, now in columns.items():
        before = stored.get(f"{name}/{column}")
        if before is None:
            return f"{name}: column {column} has no stored numbers; raise MODEL_VERSION and write them anew"
        if before.dtype != now.dtype or before.shape[1:] != now.shape:
            return f"{name}: column {column} is {now.dtype} {now.shape}, stored {before.dtype} {before.shape[1:]}"
        if not _same(before[month - 1], now):
            differ.append(column)
    if not differ:
        return None
    column = differ[0]
    before, now = stored[f"{name}/{column}"][month - 1], columns[column]
    places = np.argwhere(_unequal(before, now))
    place = tuple(int(i) for i in places[0])
    also = f"; that month also {', '.join(differ[1:6])}" if differ[1:] else ""
    return (
        f"{name} with {CUSTOMERS} customers, month {month}, column {column} ({_where(name, column, place)}): "
        f"{now[place]} is not {before[place]}; first difference, {len(places)} of {now.size} values of the column differ{also}"
    )


def difference_of_whole(
    name: str, month: int, now: Numbers, stored: Numbers, firms: Sequence[str]
) -> str | None:
    """The first column, line or figure of a scenario at its own size that differs in a month."""
    before = {key: stored[f"{name}/{month}/{key}"] for key in now}
    start = f"{name} at its own size, month {month}"
    if not _same(before["digests"], now["digests"]):
        wrong = [STATE[i] for i in np.flatnonzero(before["digests"] != now["digests"])]
        return f"{start}, column {wrong[0]}: not the stored values; first difference, {len(wrong)} columns differ"
    for book in BOOKS:
        for f, line in np.argwhere(before[book] != now[book])[:1]:
            unit = " cents" if book == "ledger" else ""
            return (
                f"{start}, {book}, {LINES[book][line]} of {firms[f]}: "
                f"{now[book][f, line]:,} is not {before[book][f, line]:,}{unit}; first difference"
            )
    for f, key in np.argwhere(_unequal(before["firms"], now["firms"]))[:1]:
        return (
            f"{start}, {OF_FIRM[key]} of {firms[f]}: {now['firms'][f, key]} is not {before['firms'][f, key]}"
        )
    if not _same(before["norm"], now["norm"]):
        return f"{start}, norm: {now['norm'][0]} is not {before['norm'][0]}"
    return None


def _where(name: str, column: str, place: tuple[int, ...]) -> str:
    kind = BY_NAME[column].kind
    outer = f"firm {firms_of(name)[place[0]]}, " if kind == "pair" else ""
    outer += f"month-end {place[0]} of 12, " if kind == "history" else ""
    return f"{outer}customer {place[-1]}"


def _unequal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where bits differ: -0.0 is not 0.0, and a missing number equals itself."""
    size = one.dtype.itemsize
    return np.ascontiguousarray(one).view(f"u{size}") != np.ascontiguousarray(other).view(f"u{size}")


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return not _unequal(one, other).any()


# ---------------------------------------------------------------- the file


def read(file: Path = NUMBERS) -> tuple[str, Numbers]:
    """Model version and numbers of the file, by scenario and column, or scenario, month and kind."""
    with np.load(file) as held:
        about = json.loads(held["about"].tobytes())
        kinds = {dtype: held[dtype] for dtype in about["kinds"]}
    used = dict.fromkeys(kinds, 0)
    numbers: Numbers = {}
    for key, dtype, shape in about["parts"]:
        size = int(np.prod(shape))
        numbers[key] = kinds[dtype][used[dtype] : used[dtype] + size].reshape(shape)
        used[dtype] += size
    return about["model_version"], numbers


def read_small(file: Path = SMALL) -> dict[str, Any]:
    """Model version and numbers of the scenarios with optional mechanisms."""
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held


def write(file: Path = NUMBERS, hashes: Path = HASHES) -> int:
    """Store today's numbers of all scenarios; returns how many."""
    numbers: Numbers = {}
    ends, beginning = {}, ""
    for name in CORE:
        months = [{k: v.copy() for k, v in columns.items()} for _, columns in small(name)]
        numbers.update({f"{name}/{column}": np.array([m[column] for m in months]) for column in STATE})
        for month, now, market in whole(name):
            numbers.update({f"{name}/{month}/{key}": value for key, value in now.items()})
            beginning = market.state_hash if month == BEGINNING else beginning
        ends[name] = {"seed": SEED, "months": month, "state_hash": market.state_hash, "beginning": beginning}
    of_small = {name: of_mechanisms(name) for name in (*with_mechanisms(), IN_USE)}
    _write_json(SMALL, {"model_version": MODEL_VERSION, "scenarios": of_small})
    kinds = sorted({str(value.dtype) for value in numbers.values()})
    parts = [[key, str(value.dtype), list(value.shape)] for key, value in numbers.items()]
    about = {"model_version": MODEL_VERSION, "kinds": kinds, "parts": parts}
    arrays = {
        kind: np.concatenate([v.ravel() for v in numbers.values() if str(v.dtype) == kind]) for kind in kinds
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part.npz")
    np.savez_compressed(part, **arrays)
    part.replace(file)
    _write_json(hashes, {"model_version": MODEL_VERSION, "scenarios": ends})
    return count(numbers) + count_of_mechanisms(of_small)


def _write_json(file: Path, said: dict[str, Any]) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8", newline="\n")
    part.replace(file)


def count(numbers: Numbers) -> int:
    """How many numbers are stored, digests counted as one each."""
    return sum(value.size for value in numbers.values())


def count_of_mechanisms(stored: dict[str, Any]) -> int:
    """How many numbers are stored of some scenarios with mechanisms: a hash a month, and cents a firm."""
    return sum(len(one["hashes"]) + len(one["cents"]) for one in stored.values())


def refusal(file: Path = NUMBERS) -> str | None:
    """Why the stored numbers may not be written over; None where they may."""
    if not file.exists():
        return None
    version, _ = read(file)
    if version != MODEL_VERSION:
        return None
    return (
        f"{file.name} holds numbers of MODEL_VERSION {version}, which is today's: raise it in sim/model_version.py and say "
        "why in CHANGELOG.md; --force writes over them all the same"
    )


# ---------------------------------------------------------------- the command


def check(names: Sequence[str], file: Path = NUMBERS, small: Path = SMALL) -> list[str]:
    """The first difference of each scenario that has one."""
    version, stored = read(file)
    mechanisms = read_small(small)
    for held, where in ((version, file), (mechanisms["model_version"], small)):
        if held != MODEL_VERSION:
            return [
                f"the stored numbers in {where.name} are of MODEL_VERSION {held}, the program's is {MODEL_VERSION}: "
                "python3 benchmarks/golden.py write"
            ]
    found = [
        first_difference(name, stored) if name in CORE else _of_small(name, mechanisms["scenarios"])
        for name in names
    ]
    return [said for said in found if said]


def _of_small(name: str, stored: dict[str, Any]) -> str | None:
    if name not in stored:
        return f"{name} has no stored numbers: python3 benchmarks/golden.py write --force"
    return difference_of_mechanisms(name, stored[name])


def main(argv: Sequence[str] | None = None) -> int:
    """Check or write; exit status 1 where numbers differ, 2 where writing is refused."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", choices=("check", "write"))
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="to check; all unless given")
    parser.add_argument("--force", action="store_true", help="write over numbers of the same MODEL_VERSION")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    for name in given.scenarios:
        if name not in (known := [*CORE, *with_mechanisms(), IN_USE]):
            parser.error(f"{name} is none of {', '.join(known)}")
    if given.do == "write":
        no = refusal() if not given.force else None
        if no:
            print(no, file=sys.stderr)
            return 2
        n = write()
        print(f"{n:,} numbers of MODEL_VERSION {MODEL_VERSION} in {NUMBERS.relative_to(ROOT)}")
        return 0
    names = given.scenarios or [*CORE, *with_mechanisms(), IN_USE]
    faults = check(names)
    n = count({k: v for k, v in read()[1].items() if k.split("/")[0] in names})
    n += count_of_mechanisms({k: v for k, v in read_small()["scenarios"].items() if k in names})
    bar = Figure(
        f"golden numbers of MODEL_VERSION {MODEL_VERSION}, at least 20,000",
        f"{n:,}, " + (faults[0] if faults else "all equal"),
        "all equal",
        n >= 20_000 and not faults,
    )
    about: dict[str, Any] = {
        "numbers": n,
        "model_version": MODEL_VERSION,
        "differences": faults,
        "bars": [bar.plain()],
    }
    print(json.dumps(about, indent=1) if given.json else "\n".join(faults) or f"{n:,} numbers, all equal")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
