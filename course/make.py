"""Makes what a class needs of the lessons' sources.

    python course/make.py students FOLDER          notebooks without solutions, to hand out
    python course/make.py nbgrader FOLDER          a course for nbgrader: twelve assignments, ready for `nbgrader generate_assignment`
    python course/make.py site FOLDER [--outputs]  pages for a browser, in FOLDER/_build/html; --outputs runs the lessons first

Needs the extra `teach`. Nothing goes over the network. A folder that is there is not written over.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COURSE = Path(__file__).resolve().parent
CHECKOUT = [str(COURSE.parent)] if (COURSE.parent / "sim").is_dir() else []
"""Where `sim` is found; an installed Tenfold is found by itself."""

sys.path[:0] = CHECKOUT

from sim.teach import desk, sources

OUR_PAGES = ("index.md", "glossary.md", "instructor/guide.md", "instructor/who_decides_what.svg")

CONFIG = """\
title: Customer relationships in twelve lessons
author: The Tenfold developers
only_build_toc_files: true
execute: {execute_notebooks: "off"}
repository: {url: ""}
html: {use_repository_button: false, use_issues_button: false, home_page_in_navbar: true, extra_navbar: ""}
launch_buttons: {thebe: false, binderhub_url: "", colab_url: ""}
parse: {myst_enable_extensions: [deflist]}
"""

STYLE = ":root { --pst-header-height: 0rem; } .bd-header { display: none !important; }\n"
"""The theme's upper bar holds nothing but a second search."""

NBGRADER = """\
c = get_config()
c.CourseDirectory.course_id = "tenfold"
c.ClearSolutions.code_stub = {"python": "# your answer: change the line above"}
c.ExecutePreprocessor.timeout = 120
c.Execute.timeout = 120
"""
"""What nbgrader needs to know. A blank answer stays `q1 = None`, which a check takes for no answer."""


def lessons() -> list[tuple[str, Any]]:
    """The lessons as notebooks, by name."""
    return [(path.stem, sources.notebook(path)) for path in sources.lesson_files()]


def points(lesson: str, question: str) -> tuple[int, str]:
    """Points and kind of a question."""
    asked = desk.lesson_named(lesson).questions[question]
    return asked.points, asked.kind


def write_students(folder: Path) -> None:
    """Notebooks without solutions."""
    for name, notebook in lessons():
        _write(folder / f"{name}.ipynb", sources.as_bytes(sources.without_solutions(notebook)))


def write_nbgrader(folder: Path) -> None:
    """A course folder: `source/lesson01/lesson01.ipynb` …, and its settings."""
    for name, notebook in lessons():
        _write(folder / "source" / name / f"{name}.ipynb", sources.as_bytes(sources.assignment(notebook, points)))
    _write(folder / "nbgrader_config.py", NBGRADER.encode())


def write_site(folder: Path, outputs: bool) -> Path:
    """The pages' sources, and the pages made of them."""
    for page in OUR_PAGES:
        _write(folder / page, (COURSE / page).read_bytes())
    for name, notebook in lessons():
        if outputs:
            _run(notebook)
        _fold(notebook)
        _write(folder / f"{name}.ipynb", sources.as_bytes(notebook))
    names = "".join(f"  - file: {name}\n" for name, _ in lessons())
    toc = f"format: jb-book\nroot: index\nchapters:\n{names}  - file: glossary\n  - file: instructor/guide\n"
    _write(folder / "_toc.yml", toc.encode())
    _write(folder / "_config.yml", CONFIG.encode())
    _write(folder / "_static" / "course.css", STYLE.encode())
    words = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "--quiet", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    html = folder / "_build" / "html"
    if done.returncode or not (html / "index.html").is_file():
        raise SystemExit(f"jupyter-book: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return html


def _fold(notebook: Any) -> None:
    """Fold the text of the solutions in a page, as their code is by its tag."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "solution" in cell.metadata.get("tags", []) and not cell.source.startswith("#"):
            cell.source = f"````{{admonition}} The way\n:class: dropdown\n\n{cell.source}\n````"


def _run(notebook: Any) -> None:
    """Run a lesson from top to bottom, so that its outputs stand in the page."""
    from nbclient import NotebookClient

    os.environ["PYTHONPATH"] = os.pathsep.join([*CHECKOUT, os.environ.get("PYTHONPATH", "")])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


# ---------------------------------------------------------------- links


class _Page(HTMLParser):
    """The links and the anchors of a page; what the browser loads with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value for name, value in attrs if value}
        self.anchors.update(said[name] for name in ("id", "name") if name in said)
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        loads = "src" if tag in ("script", "img", "iframe", "source") else "href" if tag == "link" else ""
        if loads in said and said.get("rel") not in ("canonical", "search", "index", "next", "prev", "author"):
            self.loaded.append(said[loads])


def faults_of(html: Path) -> list[str]:
    """Broken links of a site, and what its pages would load from another computer; a line each."""
    pages = {file: _Page(file.read_text(encoding="utf-8")) for file in sorted(html.rglob("*.html"))
             if "_static" not in file.relative_to(html).parts}  # templates of the theme stand there
    faults = []
    for file, page in pages.items():
        where = file.relative_to(html).as_posix()
        faults += [f"{where} loads {url}" for url in page.loaded if urlsplit(url).netloc]
        for url in {*page.links, *page.loaded}:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            to = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            to = to / "index.html" if to.is_dir() else to
            if not to.is_file():
                faults.append(f"{where}: {url} leads nowhere")
            elif parts.fragment and to in pages and unquote(parts.fragment) not in pages[to].anchors:
                faults.append(f"{where}: {url} has no such place")
    return faults


def main(words: list[str]) -> int:
    """Make one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("students", "nbgrader", "site"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--outputs", action="store_true", help="site: run the lessons, so that their pages show what they show")
    args = parser.parse_args(words)
    if args.folder.exists() and any(args.folder.iterdir()):
        print(f"{args.folder} is there already: take another folder, or delete it", file=sys.stderr)
        return 2
    if args.what == "students":
        write_students(args.folder)
    elif args.what == "nbgrader":
        write_nbgrader(args.folder)
    else:
        html = write_site(args.folder, args.outputs)
        faults = faults_of(html)
        print("\n".join([*faults, f"Open {html / 'index.html'}"]))
        return 1 if faults else 0
    print(f"Wrote {args.folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
