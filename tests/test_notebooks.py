"""Notebooks: stored without outputs, public names only, and each runs from top to bottom."""

from __future__ import annotations

import ast
import os
import shutil
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
DATA = [path for path in (ROOT / "notebooks").iterdir() if path.suffix == ".csv"]
MODULES = {"policies", "metrics", "show"}


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_of(path: Path) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "code"]


def names_of_sim(source: str) -> Iterator[str]:
    """Everything that code takes from `sim`, as `run` or `show.slider`."""
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


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every notebook, run from top to bottom by this Python, in an empty folder."""
    done = {}
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *([before] if before else [])])
    try:
        for path in NOTEBOOKS:
            notebook, folder = read(path), tmp_path_factory.mktemp(path.stem)
            for data in DATA:  # what `tenfold lab` puts beside the notebooks
                shutil.copy(data, folder)
            where = {"metadata": {"path": str(folder)}}
            NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
            beside = {data.name for data in DATA}
            assert {file.name for file in folder.iterdir()} == beside, f"{path.name} writes files"
            done[path.stem] = notebook
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return done


def outputs(cell: Any) -> list[Any]:
    return [output.get("data", {}) for output in cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom(path: Path, executed: dict[str, Any]) -> None:
    for cell in executed[path.stem].cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_three_cells_show_a_table_or_a_picture(path: Path, executed: dict[str, Any]) -> None:
    first = [cell for cell in executed[path.stem].cells if cell.cell_type == "code"][:3]
    kinds = {kind for cell in first for output in outputs(cell) for kind in output}
    said = "".join(output.get("text", "") for cell in first for output in cell.outputs)
    assert kinds & {"text/html", "image/png"} or "Customers" in said
    assert sum(bool(cell.outputs) for cell in first) >= 2


def test_three_cells_give_something_to_show_somebody(executed: dict[str, Any]) -> None:
    page, result, picture = [cell for cell in executed["start_here"].cells if cell.cell_type == "code"][:3]
    assert "Two cafés" in outputs(page)[0]["text/html"]
    assert "Corner" in outputs(result)[0]["text/html"]
    assert [sorted(data) for data in outputs(picture)] == [["image/png", "text/html", "text/plain"]], (
        "shown once"
    )
    assert 'alt="Two cafés' in outputs(picture)[0]["text/html"]


def test_the_explorer_stands_with_what_is_shown_without_it(executed: dict[str, Any]) -> None:
    explorer = [
        cell for cell in executed["start_here"].cells if "explore" in cell.source and cell.cell_type == "code"
    ]
    found = [data for data in outputs(explorer[0]) if "application/vnd.jupyter.widget-view+json" in data]
    assert len(found) == 1
    assert "Express" in found[0]["text/plain"], "where no control is drawn, the table still is"
    assert "<img" in found[0]["text/html"] and 'sim.run("two_cafes")' in found[0]["text/html"].replace(
        "&quot;", '"'
    )
