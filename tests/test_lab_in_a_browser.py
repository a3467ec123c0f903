"""`tenfold lab` as a user has it: JupyterLab in a browser, the notebook run from top to bottom, the slider moved."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 240  # seconds: a slow computer may compile first

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tenfold lab FOLDER` until the tests are done; the address that it prints for its user."""
    home = tmp_path_factory.mktemp("home")
    settings = {
        "ip": "127.0.0.1",
        "port": 18_888,
        "port_retries": 200,
        "open_browser": False,
        "allow_root": True,
    }
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": settings}))
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{name}_DIR": str(home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    own |= {"IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sim.cli", "lab", str(home / "my notebooks")]
    new_group: dict[str, Any] = {"start_new_session": True}
    lab = subprocess.Popen(
        command, cwd=home, env=os.environ | own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, **new_group,
    )  # fmt: skip
    too_long = threading.Timer(PATIENCE, lab.kill)
    too_long.start()
    said: list[str] = []
    assert lab.stdout is not None
    try:
        for line in lab.stdout:
            said.append(line)
            if "http://127.0.0.1" in line:
                break
        too_long.cancel()
        assert said and "http://127.0.0.1" in said[-1], "".join(said)
        reader = threading.Thread(target=said.extend, args=(lab.stdout,))
        reader.start()
        yield said[-1].strip()
    finally:
        too_long.cancel()
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait()
    reader.join()
    assert not re.findall(r"Traceback|\[E ", LEFT_OPEN.sub("", "".join(said))), "".join(said)


LEFT_OPEN = re.compile(
    r"^Task exception was never retrieved\n(?:(?!^\[).*\n)*?tornado\.websocket\.WebSocketClosedError.*$",
    re.MULTILINE,
)
"""What Jupyter's server says where it stops while a page of the browser is still open: a message could not be sent to it any more."""

IDLE = "Python 3 (ipykernel) | Idle"


@pytest.fixture(scope="module")
def page(browser: Any, address: str) -> Iterator[Any]:
    """The notebook at that address, all cells run; `asked` has every address that the page asked for."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE * 1000)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    page.get_by_text(IDLE).wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".jp-NotebookPanel .widget-slider").first.wait_for(state="attached")
    page.get_by_text(IDLE).wait_for()
    yield page
    page.close()


def outputs(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".jp-NotebookPanel .jp-OutputArea-output").all_text_contents()]


def test_every_cell_runs_and_none_fails(page: Any) -> None:
    prompts = page.locator(".jp-NotebookPanel .jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert prompts == [f"[{place}]:" for place in range(1, len(prompts) + 1)] and len(prompts) > 10
    kinds = page.locator(".jp-NotebookPanel .jp-OutputArea-output").evaluate_all(
        "all => all.map(one => one.dataset.mimeType)"
    )
    assert len(kinds) >= len(prompts)
    assert not [
        kind for kind in kinds if kind in ("application/vnd.jupyter.stderr", "application/vnd.jupyter.error")
    ]
    assert not [text for text in outputs(page) if "Traceback" in text or "Error" in text]


def test_pictures_are_drawn_and_tables_stand_in_their_cells(page: Any) -> None:
    pictures = page.locator(".jp-NotebookPanel .jp-OutputArea-output img")
    sizes = pictures.evaluate_all(
        "all => all.map(one => [one.naturalWidth, one.clientWidth, one.alt.length])"
    )
    assert len(sizes) == 4 and all(min(size) > 20 for size in sizes)
    too_wide = page.locator(".jp-NotebookPanel .jp-OutputArea-output table").evaluate_all(
        "all => all.filter(one => one.offsetWidth > one.closest('.jp-OutputArea').offsetWidth).length"
    )
    assert too_wide == 0


def test_the_arrow_keys_move_the_slider_and_picture_table_and_code_follow(page: Any) -> None:
    explorer = page.locator(".jp-NotebookPanel .jp-OutputArea-output", has=page.locator(".widget-slider"))
    handle = explorer.locator(".widget-slider", has_text="unhappy tells").locator(".noUi-handle")
    picture, table = explorer.locator(".widget-html img"), explorer.locator(".widget-html table").first
    explorer.get_by_role("button", name="Show the code").press("Enter")
    explorer.locator("pre", has_text='sim.run("two_cafes")').wait_for()
    before, rows = picture.get_attribute("src"), table.text_content()
    seen = []
    for key, line in (
        ("ArrowLeft", 'sim.run("two_cafes", change={"talk.unhappy_tells": 8})'),
        ("ArrowRight", 'sim.run("two_cafes")'),
        ("ArrowRight", 'sim.run("two_cafes", change={"talk.unhappy_tells": 12})'),
    ):
        handle.press(key)
        explorer.locator("pre", has_text=line).wait_for()
        was = seen[-1] if seen else before
        page.wait_for_function("was => document.querySelector('.widget-html img').src !== was", arg=was)
        seen.append(picture.get_attribute("src"))
    assert seen[1] == before and len({*seen}) == 3, "back to where it was, and on"
    assert table.text_content() != rows and "(" in table.text_content()
    assert picture.count() == 1 and "Broken lines" in picture.get_attribute("alt"), (
        "changed in place, none is added"
    )


def test_a_life_is_read_and_a_mistake_in_a_rule_is_shown_where_it_is(page: Any) -> None:
    explorer = page.locator(".jp-NotebookPanel .jp-OutputArea-output", has=page.locator(".widget-slider"))
    explorer.get_by_role("button", name="One customer").press("Enter")
    explorer.locator("th", has_text="as tried").wait_for()
    explorer.get_by_role("button", name="Rules").press("Enter")
    condition = explorer.get_by_placeholder("status == lapsed and spent > 60").first
    condition.fill("status = lapsed")
    condition.press("Tab")
    explorer.get_by_role("alert").get_by_text("write == for equal").wait_for()
    assert explorer.get_by_role("alert").locator("pre").text_content() == "status = lapsed\n       ^"


def write(page: Any, cell: Any, source: str) -> Any:
    """Write a cell anew and run it; its output."""
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    return cell.locator(".jp-OutputArea-output").first


def test_a_lesson_is_run_cell_by_cell_and_an_answer_gets_a_hint(page: Any, address: str) -> None:
    lesson = page.context.browser.new_page(viewport={"width": 1280, "height": 900})
    lesson.set_default_timeout(PATIENCE * 1000)
    lesson.on("request", lambda request: page.asked.append(request.url))
    lesson.goto(address.replace("/lab/tree/start_here", "/lab/workspaces/lesson/tree/lessons/lesson05"))
    lesson.get_by_text(IDLE).wait_for()
    cells = lesson.locator(".jp-NotebookPanel .jp-CodeCell")
    cells.first.locator(".cm-content").click()
    for place, shown in ((0, "table"), (1, "img"), (2, "table")):
        lesson.keyboard.press("Shift+Enter")
        cells.nth(place).locator(f".jp-OutputArea-output {shown}").wait_for()
    begun = cells.filter(has_text="sim.teach.start")
    own = write(lesson, begun, 'own = sim.teach.start("lesson05", student="s1234567")\nown')
    own.get_by_text("q2", exact=False).first.wait_for()
    asked = cells.filter(has_text='"lesson05.q2"')
    said = write(lesson, asked, 'q2 = "many"\nsim.teach.check("lesson05.q2", q2)')
    said.get_by_text("lesson05.q2: not yet (hints:").wait_for()
    lesson.close()


def test_it_asks_nobody_else_and_asks_no_question(page: Any, address: str) -> None:
    own = address.split("/lab/")[0]
    assert page.asked and not [url for url in page.asked if not url.startswith((own, "data:", "blob:"))]
    assert not [url for url in page.asked if re.search("/lab/api/(news|update)", url)]
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
