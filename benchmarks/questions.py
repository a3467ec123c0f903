"""What the lessons' questions are worth: the best range of a forecast, and how many students share a right word.

    .venv/bin/python benchmarks/questions.py ranges [LESSON ...]     the middle 80 % of all seeds, beside what the lesson has
    .venv/bin/python benchmarks/questions.py choices [LESSON ...]    the right words of 25 students

`ranges` takes each of a student's numbers that the forecast names, and lets the market run with 40 seeds of those that
students have, or 160. Who knows all but the seed can name no better range than the middle 80 % of these worlds (Gneiting & Raftery
2007, JASA 102(477) 359-378, section 6.2); its width is taken as that of a normal distribution of their spread, 2.56 standard
deviations, which 40 seeds give within about a tenth (from the worlds in order: a fifth). It is the question's `best`. `choices`
says how many students each word is right for: a class can share none that is far from all. A quarter of an hour and five
minutes on one processor.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from pathlib import Path
from statistics import NormalDist
from string import Formatter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SEEDS = 40
MANY = 160
"""Where the forecast names one or two sets of numbers."""
STUDENTS = 25


def named(asks: str) -> list[str]:
    """The own numbers that a sentence names, but for the seed."""
    found = (name for _, name, _, _ in Formatter().parse(asks) if name and name != "seed")
    return list(dict.fromkeys(found))


def outcomes(lesson: Any, asked: Any, seeds: Iterable[int]) -> Iterator[tuple[Any, list[float]]]:
    """What comes of a forecast's question with each of its numbers and these seeds, and the numbers (an `Own`)."""
    from sim.teach import desk

    names = named(asked.asks)
    for values in product(*(lesson.numbers[name] for name in names)):
        own, came = desk.own_numbers(lesson, ""), []
        own.numbers.update(zip(names, values, strict=True))
        for own.numbers["seed"] in seeds:
            if lesson.holds is None or lesson.holds(own):
                came.append(float(asked.answer(own)))
        yield own, came


def ranges(lesson: Any) -> None:
    """Print the best range of a lesson's forecast, a line for each of its numbers."""
    import numpy as np

    from sim.teach import judging

    of = lesson.numbers["seed"]
    asked = next(one for one in lesson.questions.values() if one.kind == "range")
    count = SEEDS if prod(len(lesson.numbers[name]) for name in named(asked.asks)) > 2 else MANY
    seeds = [of[len(of) * n // count] for n in range(count)]
    for own, came in outcomes(lesson, asked, seeds):
        middle = NormalDist(float(np.mean(came)), float(np.std(came, ddof=1)))
        low, high = middle.inv_cdf(0.1), middle.inv_cdf(0.9)
        mean = np.mean([judging.range_points(asked, own, low, high, one) for one in came])
        said = ", ".join(f"{name} {own.numbers[name]}" for name in named(asked.asks))
        print(
            f"{lesson.name} {said}: {low:,.1f} to {high:,.1f}, {high - low:,.1f} wide; best of the lesson {asked.best(own):,.1f}; "
            f"this range brings {mean:.2f} of {asked.points} points in the mean of {len(came)} worlds",
            flush=True,
        )


def choices(lesson: Any) -> None:
    """Print which words are right for how many students."""
    from sim.teach import desk

    for name, asked in lesson.questions.items():
        if asked.kind != "choice":
            continue
        right: Counter[str] = Counter()
        for student in range(STUDENTS):
            truth = asked.answer(desk.own_numbers(lesson, f"s{1000 + student}"))
            right.update({truth} if isinstance(truth, str) else truth)
        told = ", ".join(f"{word} {times}" for word, times in right.most_common())
        print(f"{lesson.name}.{name}: of {STUDENTS} students {told}", flush=True)


def main(words: list[str]) -> int:
    """Measure what is asked for."""
    from sim.teach.lessons import LESSONS

    does = {"ranges": ranges, "choices": choices}
    if not words or words[0] not in does:
        print(__doc__, file=sys.stderr)
        return 2
    for name in words[1:] or LESSONS:
        does[words[0]](LESSONS[name])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
