"""How long it takes to grade a class: makes notebooks of one lesson with right answers, a ZIP of them, and grades it.

    python3 benchmarks/grading.py [NOTEBOOKS] [LESSON]

120 notebooks of lesson05 unless told otherwise; needs the extras `lab` and `teach`.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def answered(lesson: str, student: str) -> bytes:
    """A lesson's notebook as a good student hands it in."""
    from sim.teach import desk, sources

    found = desk.lesson_named(lesson)
    own = desk.own_numbers(found, student)
    source = next(path for path in sources.lesson_files() if path.stem == lesson)
    made: Any = sources.without_solutions(sources.notebook(source))
    for cell in made.cells:
        cell.source = cell.source.replace('student=""', f'student="{student}"')
        exercise = sources.exercise_of(cell)
        if exercise is None:
            continue
        asked = found.questions[exercise[1]]
        said: Any = "because it is so, " * 5
        if asked.answer is not None:
            said = asked.answer(own)
        if asked.kind == "choice" and not isinstance(said, str):  # several words may be right
            said = min(said)
        if asked.kind == "range":
            said = (said - asked.best(own) / 2, said + asked.best(own) / 2)
        cell.source = re.sub(r"(?m)^(q\d+) = None.*$", lambda m, said=said: f"{m[1]} = {said!r}", cell.source)
    return sources.as_bytes(made)


def main(count: int, lesson: str) -> None:
    """Make, grade, print."""
    from sim.teach.grading import archive, book

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "handed_in.zip"
        with zipfile.ZipFile(file, "w") as made:
            for number in range(count):
                made.writestr(f"student {number}/{lesson} (final).ipynb", answered(lesson, f"s{number}"))
        handed, _ = archive.notebooks_in(file)
        began = time.perf_counter()
        graded = book.grade_all(handed, lesson, Path(name) / "kept")
        seconds = time.perf_counter() - began
        used = os.times()
    processor = used.children_user + used.children_system
    full = sum(all(value != 0 for value in one.points.values()) and not one.faults for one in graded)
    print(
        f"{count} notebooks of {lesson}: {seconds / 60:.1f} minutes on {os.cpu_count()} cores, {seconds / count:.1f} s each, "
        f"{processor / count:.1f} s of processor each; {full} of {count} with all points"
    )
    for one in graded:
        for fault in one.faults:
            print(f"{one.file}: {fault}")
    if full < count:
        sys.exit(1)


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else 120, words[1] if len(words) > 1 else "lesson05")
