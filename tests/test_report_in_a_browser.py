"""Reports in a real browser: nothing asked of the network, readable on a screen, in the dark, on a phone and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import sim

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STREET = """
tenfold = 1
title = "Six shops, one of them with a very long name, on a street that is as long as its name"
focus = "The Very Long Name of a Company & Sons"
[market]
customers = 400
months = 25
currency = "Golden coins"
[firms."The Very Long Name of a Company & Sons"]
policy = "accountable"
[firms."東京コーヒー株式会社東京コーヒー"]
plan = { strategy = "interruption", messages = 4, exit_survey = 0.5 }
[firms.C]
[firms.D]
[firms.E]
[firms.F]
[firms.G]
[[firms.G.rules]]
if = "spent > 1e9"
then = { offer = 0.1 }
"""

A4_WIDTH = 688
"""Pixels of a page of paper between its margins."""

WIDTHS = {"screen": 1280, "phone": 360, "paper": A4_WIDTH}

CONTRAST = """one => {
  const light = text => {
    const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = one;
  while (/, 0\\)$/.test(getComputedStyle(ground).backgroundColor) && ground.parentElement) ground = ground.parentElement;
  const [a, b] = [light(getComputedStyle(one).color), light(getComputedStyle(ground).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report of a run, and one of a comparison."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "street.toml").write_text(STREET, encoding="utf-8")
    run = sim.run(folder / "street.toml")
    pair = sim.compare("two_cafes", ["accountable", "proactive"], months=24, seeds=2)
    return {
        "run": run.report(folder / "run.html", with_ids=True),
        "comparison": pair.report(folder / "pair.html"),
    }


def opened(browser: Any, file: Path, width: int, **more: Any) -> Any:
    """A page in a window so wide, with no network; `asked` has every address, `said` every complaint."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **more)
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(file.as_uri())
    return page


@pytest.fixture(scope="module", params=["run", "comparison"])
def page(request: pytest.FixtureRequest, browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    page = opened(browser, files[request.param], WIDTHS["screen"], java_script_enabled=False)
    page.file = files[request.param]
    yield page
    page.context.close()


def test_it_asks_nobody_and_needs_no_script(page: Any) -> None:
    assert [url for url in page.asked if not url.startswith("data:")] == [page.file.as_uri()]
    assert page.said == []
    assert page.locator("script, link, iframe, object, embed").count() == 0


def test_every_picture_is_drawn_and_has_words_and_a_table(page: Any) -> None:
    found = page.locator("img").evaluate_all(
        "all => all.map(one => [one.naturalWidth, one.clientWidth, one.alt.length,"
        " one.closest('.exhibit').querySelectorAll('table tbody tr').length])"
    )
    assert len(found) >= 14
    assert all(
        natural > 100 and shown > 100 and words > 30 and rows > 0 for natural, shown, words, rows in found
    )


def test_headings_go_down_step_by_step_and_links_lead_somewhere(page: Any) -> None:
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for link in page.locator("a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    assert page.locator("html").get_attribute("lang") == "en" and page.title().endswith("report")


@pytest.mark.parametrize("kind", ["run", "comparison"])
@pytest.mark.parametrize("where", WIDTHS)
def test_nothing_is_wider_than_the_page(browser: Any, files: dict[str, Path], where: str, kind: str) -> None:
    page = opened(browser, files[kind], WIDTHS[where])
    if where == "paper":
        page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[where]
    if where != "phone":  # there, wide tables and pictures are moved with a finger
        wide = page.locator("table, img").evaluate_all(
            "(all, most) => all.filter(one => one.getBoundingClientRect().right > most)"
            ".map(one => one.alt || one.caption.textContent)",
            WIDTHS[where],
        )
        assert wide == []
    page.context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_all_text_can_be_read_on_its_ground(browser: Any, files: dict[str, Path], colours: str) -> None:
    page = opened(browser, files["run"], WIDTHS["screen"], color_scheme=colours)
    for one in page.locator(
        "h1, .about, .sentence, .sureness, .note, caption, td, th, a, li, footer p, summary"
    ).all()[:400]:
        assert one.evaluate(CONTRAST) >= 4.5, one.text_content()
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (colours == "light")
    page.context.close()


def test_paper_is_white_and_shows_what_is_folded(browser: Any, files: dict[str, Path]) -> None:
    page = opened(browser, files["run"], A4_WIDTH, color_scheme="dark")
    folded = page.locator("#defaults table")
    assert not folded.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert folded.is_visible() and folded.bounding_box()["height"] > 500
    assert not page.locator("nav").is_visible() and not page.locator("summary").first.is_visible()
    paper = page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", paper))
    assert 8 <= pages <= 60, pages
    page.context.close()
