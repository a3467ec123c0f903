"""Lessons as text, made into notebooks: for the class, for students without solutions, for nbgrader.

A source is Python in the percent format that jupytext reads: a `# %%` begins a cell, `# %% [markdown]` one of text. Code
stays code, so that editors, ruff and the tests read it as such. A cell with the tag `solution` is folded, and left out of
students' notebooks; one whose last line is `sim.teach.check("lesson03.q1", q1)` is an exercise.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from sim.scenario.loading import shipped_folder

EXERCISE = re.compile(r'^sim\.teach\.check\("(lesson\d\d)\.(q\d+)", (\w+)\)$')
"""The last line of an exercise's cell."""

SPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def lesson_files() -> list[Path]:
    """The sources of the lessons, in their order."""
    return sorted(shipped_folder("course").glob("lesson[0-9][0-9].py"))


def notebook(source: Path) -> Any:
    """A source as a notebook (nbformat 4) without outputs, its solutions folded; the same bytes each time.

    What follows a folded heading is hidden, the text of its own cell is not: a heading of solutions gets a cell of its own.

    Raises
    ------
    ImportError
        jupytext, which the extra `lab` brings, is not installed.
    """
    import jupytext
    import nbformat

    made = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    cells = []
    for place, cell in enumerate(made.cells, 1):
        tags = list(cell.metadata.get("tags", []))
        metadata: dict[str, Any] = {"tags": tags} if tags else {}
        if "solution" in tags and cell.cell_type == "code":
            metadata["tags"] = [*tags, "hide-cell"]
            metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
        elif "solution" in tags and cell.source.startswith("#"):
            heading, _, cell.source = cell.source.partition("\n\n")
            folded = metadata | {"jp-MarkdownHeadingCollapsed": True}
            cells.append(
                nbformat.v4.new_markdown_cell(heading, metadata=folded, id=f"{source.stem}-{place:02d}-h")
            )
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        cells.append(new(cell.source, metadata=metadata, id=f"{source.stem}-{place:02d}"))
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": dict(SPEC)})


def as_bytes(made: Any) -> bytes:
    """A notebook as a file holds it."""
    import nbformat

    return (nbformat.writes(made, version=4).rstrip("\n") + "\n").encode()


def without_solutions(lesson: Any) -> Any:
    """A lesson's notebook as students get it for a grade: nothing of the solutions is left in it."""
    made = copy.deepcopy(lesson)
    made.cells = [cell for cell in made.cells if "solution" not in cell.metadata.get("tags", [])]
    return made


def assignment(lesson: Any, points: Any) -> Any:
    """A lesson's notebook as an nbgrader assignment: each exercise an answer cell and a locked test cell.

    `points` gives the points and the kind of a question by its name: ``points("lesson03", "q1") -> (2, "number")``. Texts
    and forecasts are graded by hand.
    """
    import nbformat

    made = without_solutions(lesson)
    cells: list[Any] = []
    for cell in made.cells:
        exercise = exercise_of(cell)
        if exercise is None:
            cells.append(cell)
            continue
        name, question, variable = exercise
        worth, kind = points(name, question)
        answer = "\n".join(cell.source.splitlines()[:-1])
        by_hand = kind in (
            "text",
            "range",
        )  # a check takes any range: how good it is, the score of the grading says
        first = nbformat.v4.new_code_cell(
            f"{answer}\n### BEGIN SOLUTION\n### END SOLUTION", id=f"{cell.id}-a"
        )
        first.metadata["nbgrader"] = _mark(
            f"{question}-answer", solution=True, grade=by_hand, points=worth if by_hand else None
        )
        cells.append(first)
        line = f'verdict = sim.teach.check("{name}.{question}", {variable})\nassert verdict, verdict'
        if by_hand:
            cells.append(nbformat.v4.new_code_cell(cell.source.splitlines()[-1], id=f"{cell.id}-b"))
            continue
        test = nbformat.v4.new_code_cell(line, id=f"{cell.id}-b")
        test.metadata["nbgrader"] = _mark(question, solution=False, grade=True, points=worth)
        cells.append(test)
    made.cells = cells
    return made


def exercise_of(cell: Any) -> tuple[str, str, str] | None:
    """Lesson, question and the answer's name where a cell is an exercise."""
    if cell.cell_type != "code" or not cell.source.strip():
        return None
    found = EXERCISE.match(cell.source.rstrip().splitlines()[-1])
    return (found[1], found[2], found[3]) if found else None


def _mark(grade_id: str, *, solution: bool, grade: bool, points: int | None) -> dict[str, Any]:
    """What nbgrader wants to know of a cell."""
    mark: dict[str, Any] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
        "cell_type": "code",
    }
    return mark | ({"points": points} if points is not None else {})
