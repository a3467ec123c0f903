"""A team's report in a real browser: nothing asked of the network, readable on a screen, on a phone and on paper."""

import pytest
from classroom_bots import cheap, expert, play, small

from sim.classroom import desk, report
from sim.classroom.game import replayed
from sim.classroom.moves import rename
from sim.classroom.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVIL = '"><img src=x onerror=alert(1)>&{{7*7}}'


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The report of a team whose name is an attack, after two rounds."""
    home = tmp_path_factory.mktemp("browser")
    desk.new_game(home / "term", small(3))
    game = play(home / "term", home / "inbox", {0: expert, 1: cheap}, 2)
    game = replayed([*Store(home / "term").events(), rename(game, 0, EVIL)])
    (home / "report.html").write_bytes(report.as_page(game, 0, 2))
    return home / "report.html"


@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_asks_for_nothing_and_runs_nothing(width, page_file, browser):
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("console", lambda line: said.append(line.text))
    page.goto(page_file.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == [] and said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == f"Team {EVIL}: round 2 of 3"
    assert (
        page.locator("main img").count() == 1
        and page.locator("main img").evaluate("one => one.naturalWidth") > 100
    )
    heads = page.locator("h2").all_inner_texts()
    assert heads == ["In short", "Results", "Why customers left", "Service and word of mouth", "Permission and ethics",
                     "Ledger", "What you decided", "Your forecast", "The market"]  # fmt: skip
    page.close()


def test_it_prints_on_a_few_pages(page_file, browser):
    page = browser.new_page()
    page.goto(page_file.as_uri())
    paper = page.pdf(format="A4")
    assert 2 <= paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") <= 5
    page.close()
