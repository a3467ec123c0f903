"""Broken scenario files: shipped ones with slips in known lines; and how well their errors tell of them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import NamedTuple

from attacks.slips import IN_TOML, IN_VALUES, Slip, Spot, spots
from attacks.world import WORLD
from sim.scenario import SCENARIOS, Scenario, ScenarioError, check_text
from sim.scenario.loading import shipped_folder

MOST_SLIPS = 4


class Broken(NamedTuple):
    """A broken file: its text, and its slips by line (from 1)."""

    text: str
    slips: dict[int, Slip]
    kinds: tuple[str, ...]


def broken_files(n: int, seed: int = 1) -> Iterator[Broken]:
    """So many broken files, each with one to four slips; every kind of slip comes in turn."""
    chance = random.Random(seed)
    texts = [(shipped_folder() / f"{name}.toml").read_text(encoding="utf-8") for name in SCENARIOS]
    bases = [(text.split("\n"), spots(text)) for text in (*texts, WORLD)]
    makers = (*IN_VALUES, *IN_TOML)
    for number in range(n):
        maker = makers[number % len(makers)]
        more = chance.randrange(MOST_SLIPS)
        others = [chance.choice(IN_VALUES) for _ in range(more)]
        if more and chance.random() < 0.3:
            others[0] = chance.choice(IN_TOML)
        while True:
            lines, found = chance.choice(bases)
            if (made := _broken(list(lines), found, [maker, *others], chance)) is not None:
                yield made
                break


def _broken(lines: list[str], found: list[Spot], makers: list, chance: random.Random) -> Broken | None:
    slips: dict[int, Slip] = {}
    kinds = []
    for place, maker in enumerate(makers):
        order = chance.sample(found, len(found))
        for spot in order:
            if spot.line + 1 in slips or (slip := maker(spot, chance)) is None:
                continue
            slips[spot.line + 1] = slip
            lines[spot.line] = slip.text
            kinds.append(maker.__name__)
            break
        else:
            if place == 0:
                return None
    return Broken("\n".join(lines), slips, tuple(kinds))


class Score(NamedTuple):
    """How well errors tell: of `files`, those with every slip told in its line and nothing else told; of the
    slips with a known right suggestion, those that got it; errors that are no ScenarioError; the slowest."""

    files: int
    right_lines: int
    suggestions: int
    right_suggestions: int
    crashes: int
    worst_seconds: float
    misses: list[str]

    @property
    def lines_share(self) -> float:
        return self.right_lines / max(self.files, 1)

    @property
    def suggestions_share(self) -> float:
        return self.right_suggestions / max(self.suggestions, 1)


def judge(files: Iterator[Broken]) -> Score:
    """Read broken files, and compare what is told with what is known."""
    n = lines = asked = right = crashes = 0
    worst = 0.0
    misses = []
    for one in files:
        n += 1
        began = time.perf_counter()
        try:
            check_text(one.text, "shop.toml")
            told = {}
        except ScenarioError as error:
            told = {fault.line: str(fault) for fault in error.faults}
        except Exception as error:
            crashes += 1
            told = {}
            misses.append(f"{one.kinds}: {error!r}")
        worst = max(worst, time.perf_counter() - began)
        lines += told.keys() == one.slips.keys()
        if told.keys() != one.slips.keys():
            wrong = sorted(told.keys() ^ one.slips.keys())
            said = [f"line {line}: {told.get(line, 'nothing')} for {one.slips.get(line)}" for line in wrong]
            misses.append(f"{one.kinds}: " + " | ".join(said))
        for line, slip in one.slips.items():
            asked += bool(slip.meant)
            right += bool(slip.meant) and slip.meant in told.get(line, "")
            if line in told and slip.meant not in told[line]:
                misses.append(f"meant {slip.meant}: {told[line]}")
    return Score(n, lines, asked, right, crashes, worst, misses)


HUGE = {
    "a dotted key of 31 KB": "x" + ".x" * 15_500 + " = 1",
    "a dotted header of 31 KB": "[x" + ".x" * 15_500 + "]",
    "lists 50,000 deep": "x = " + "[" * 50_000 + "]" * 50_000,
    "an endless text": 'x = """' + '\\"""' * 50_000,
    "a name of 200 KB": "[segments." + "k" * 200_000 + "]",
    "5,000 unknown names": "\n".join(f"key{i} = 1" for i in range(5_000)),
    "2,000 unknown firms' keys": "\n".join(f"[firms.F{i}]\nprice = 3" for i in range(2_000)),
    "a syntax error in each of 5,000 lines": "\n".join(f"key{i} = 0,{i}" for i in range(5_000)),
    "a number of 200,000 digits": "market.customers = " + "9" * 200_000,
    "250 KB of comments, then a mistake": "# a comment\n" * 21_000 + "x = y",
    "1,000 rules": '[[firms.A.rules]]\nif = "spnt > 1"\nthen = { offr = 1 }\n' * 1_000,
}
"""Texts that are large or deep."""


def huge_seconds() -> dict[str, float]:
    """Seconds until each huge text is refused."""
    seconds = {}
    for name, body in HUGE.items():
        began = time.perf_counter()
        try:
            kept: Scenario | None = check_text(f"tenfold = 1\n{body}", "huge.toml")
        except ScenarioError:
            kept = None
        seconds[name] = time.perf_counter() - began
        if kept is not None:
            raise AssertionError(f"{name} was taken for a scenario")
    return seconds
