"""Notebooks: stored without outputs, public names only, and each runs from top to bottom."""

from __future__ import annotations

import ast
import os
import sys
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
            where = {"metadata": {"path": str(folder)}}
            NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
            assert list(folder.iterdir()) == [], f"{path.name} writes files"
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


def test_three_cells_give_something_to_show_somebody(executed: dict[str, Any]) -> None:
    page, result, picture = [cell for cell in executed["start_here"].cells if cell.cell_type == "code"][:3]
    assert "Two cafés" in outputs(page)[0]["text/html"]
    assert "Corner" in outputs(result)[0]["text/html"]
    assert [sorted(data) for data in outputs(picture)] == [["image/png", "text/html", "text/plain"]], (
        "shown once"
    )
    assert 'alt="Two cafés' in outputs(picture)[0]["text/html"]


def test_the_slider_stands_with_its_table(executed: dict[str, Any]) -> None:
    slider = [
        cell for cell in executed["start_here"].cells if "slider" in cell.source and cell.cell_type == "code"
    ]
    widget, table = outputs(slider[0])
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert "Express" in table["text/plain"], "where no slider is drawn, the table still is"


# ---------------------------------------------------------------- the slider itself


class Shown:
    """What a notebook would show, kept in a list."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self.updates: list[Any] = []

    def __call__(self, thing: Any, display_id: bool = False) -> Any:
        self.things.append(thing)
        return self if display_id else None

    def update(self, thing: Any) -> None:
        self.updates.append(thing)


@pytest.fixture()
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    import IPython.display

    seen = Shown()
    monkeypatch.setattr(IPython.display, "display", seen)
    return seen


def test_a_moved_slider_changes_one_picture_and_one_table(shown: Shown) -> None:
    sim.show.slider("two_cafes", "talk.unhappy_tells", [0, 20], months=3)
    (box, table), before = shown.things, shown.things[0].children[1].value
    slider, picture = box.children
    assert [value for _label, value in slider._options_full] == [0, 10, 20], (
        "the scenario's own value is always there"
    )
    assert slider.value == 10 and slider.continuous_update is False
    slider.value = 0
    assert picture.value != before and "talk.unhappy_tells = 0" in picture.value
    assert len(shown.things) == 2 and len(shown.updates) == 1, (
        "what stands there is changed, nothing is added"
    )
    assert list(table.index) == list(shown.updates[0].index)


def test_without_widgets_the_table_is_shown_all_the_same(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    sim.show.slider("two_cafes", "talk.unhappy_tells", [0, 20], months=3)
    assert len(shown.things) == 1 and "Express" in shown.things[0].index
    assert "needs ipywidgets" in capsys.readouterr().out


def test_a_slider_refuses_what_it_could_not_run_before_it_is_moved() -> None:
    with pytest.raises(ValueError, match=r"talk\.unhappy_tells"):
        sim.show.slider("two_cafes", "talk.unhapy_tells", [0, 20])
    with pytest.raises(ValueError, match="0 to 100"):
        sim.show.slider("two_cafes", "talk.unhappy_tells", [0, 2000])
