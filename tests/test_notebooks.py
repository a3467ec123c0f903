"""Notebooks: stored without outputs, public names only, and each runs from top to bottom."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import sim
import sim.show

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = {"policies", "metrics", "show"}


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_of(path: Path) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "code"]


def names_of_sim(source: str) -> Iterator[str]:
    """Everything that code takes from `sim`, as `run` or `show.months`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            inner = node.value
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id == "sim":
                yield ".".join(reversed(parts))


def test_there_are_notebooks() -> None:
    assert "start_here.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert not set(notebook.metadata) - {"kernelspec", "language_info"}, (
        "no state of widgets, no machine's name"
    )
    assert "`%pip install tenfold.zip`" in notebook.cells[0].source, "how a host gets Tenfold"
    for cell in notebook.cells:
        assert cell.cell_type == "markdown" or (cell.outputs == [] and cell.execution_count is None)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_uses_public_names_only(path: Path) -> None:
    for source in code_of(path):
        for name in names_of_sim(source):
            first, *rest = name.split(".")
            assert first in {*sim.__all__, *MODULES}, f"sim.{name}"
            if first == "show" and rest:
                assert rest[0] in sim.show.__all__, f"sim.{name}"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                imported = (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [alias.name for alias in node.names]
                )
                assert not [name for name in imported if name.startswith("sim.")], (
                    "a notebook imports sim, and no part of it"
                )
                assert not (isinstance(node, ast.ImportFrom) and node.module == "sim")
            assert not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "sim")
            assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))


def executed(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The code cells of a notebook that was run from top to bottom by this Python, in an empty folder."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook, where = read(path), {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    assert not list(folder.iterdir()), f"{path.name} writes files"
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(cell: Any) -> list[Any]:
    return [output.get("data", {}) for output in cell.outputs]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path, marks=[pytest.mark.once] * (path.stem not in ("start_here", "change_one_behaviour"))
        )
        for path in NOTEBOOKS
    ],
    ids=lambda path: path.stem,
)
def test_it_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is asked of a run, in one test: so each notebook is run once, whatever workers share the tests."""
    cells = executed(path, tmp_path, monkeypatch)
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output.text
    first_three_show_a_table_or_a_picture(cells[:3])
    if path.stem == "start_here":
        three_cells_give_something_to_show_somebody(cells[:3])
        (explorer,) = (cell for cell in cells if "explore" in cell.source)
        the_explorer_stands_with_what_is_shown_without_it(explorer)


def first_three_show_a_table_or_a_picture(first: list[Any]) -> None:
    kinds = {kind for cell in first for output in outputs(cell) for kind in output}
    said = "".join(output.get("text", "") for cell in first for output in cell.outputs)
    assert kinds & {"text/html", "image/png"} or "Customers" in said
    assert sum(bool(cell.outputs) for cell in first) >= 2


def three_cells_give_something_to_show_somebody(first: list[Any]) -> None:
    page, result, picture = first
    assert "Two cafés" in outputs(page)[0]["text/html"]
    assert "Corner" in outputs(result)[0]["text/html"]
    assert [sorted(data) for data in outputs(picture)] == [["image/png", "text/html", "text/plain"]], (
        "shown once"
    )
    assert 'alt="Two cafés' in outputs(picture)[0]["text/html"]


def the_explorer_stands_with_what_is_shown_without_it(cell: Any) -> None:
    (found,) = (data for data in outputs(cell) if "application/vnd.jupyter.widget-view+json" in data)
    assert "Express" in found["text/plain"], "where no control is drawn, the table still is"
    line = found["text/html"].replace("&quot;", '"')
    assert "<img" in found["text/html"] and 'sim.run("two_cafes")' in line
