"""The class game in a real browser: two teams and an instructor play four rounds, by keyboard, without scripts, offline."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from classroom_bots import small
from classroom_visitors import served

from sim.classroom import desk, texts
from sim.classroom.sheets import read_sheet
from sim.classroom.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 360, "height": 640}
SCREEN = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """A game of two teams that is served."""
    folder = tmp_path_factory.mktemp("class") / "term"
    desk.new_game(folder, small(2, rounds=4))
    with served(folder) as one:
        yield one


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Another game, which tests play on as they like."""
    folder = tmp_path_factory.mktemp("fresh") / "term"
    desk.new_game(folder, small(3, rounds=6))
    with served(folder) as one:
        yield one


class People:
    """Browsers that note what they ask for and what goes wrong."""

    def __init__(self, browser, one):
        self.browser, self.one, self.asked, self.said = browser, one, [], []

    def new(self, size=PHONE, **words):
        context = self.browser.new_context(viewport=size, **words)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda line: self.said.append(line.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.set_default_timeout(30_000)
        return page

    def url(self, path):
        return f"http://127.0.0.1:{self.one.port}{path}"

    def student(self, name, team, **words):
        page = self.new(**words)
        page.goto(self.url(f"/j/{self.one.room.kept['key']}"))
        page.fill("#name", name)
        page.select_option("#team", str(team))
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/play")
        return page

    def instructor(self, **words):
        page = self.new(SCREEN, **words)
        page.goto(self.url(f"/console/in/{self.one.secret}"))
        return page


@pytest.fixture(scope="module")
def people(browser, term):
    found = People(browser, term)
    yield found
    assert [
        url for url in found.asked if not url.startswith((f"http://127.0.0.1:{term.port}/", "blob:"))
    ] == []
    assert [line for line in found.said if "favicon" not in line] == []


@pytest.fixture(scope="module")
def played(term, people):
    """Four rounds by two students and an instructor, all pages open all the time."""
    ann, bob, console = people.student("Ann", 0), people.student("Bob", 1), people.instructor()
    for number in range(1, 5):
        for page, price in ((ann, 1 + number / 50), (bob, 0.95)):
            page.goto(people.url("/decide"))
            page.fill("#f1", f"{price:.2f}")
            page.get_by_role("button", name="Hand in").click()
            page.wait_for_selector(f"text={texts.HANDED_IN}")
            page.goto(people.url("/play"))
        console.wait_for_selector("text=2 of 2 teams have handed in")
        console.get_by_role("button", name=f"Play round {number}").click()
        for page in (ann, bob):
            page.wait_for_url("**/results")  # by itself: the page heard that the round is played
            assert page.locator("h1").inner_text().endswith(f"round {number} of 4")
        console.wait_for_selector(
            f"text=Round {number + 1} of 4 is open" if number < 4 else "text=All 4 rounds are played."
        )
    return ann, bob, console


def decided(one, name):
    """What counts of the team of somebody."""
    game = Store(one.room.folder).game
    (who,) = [s for s in game.students.values() if s.name == name]
    return game.latest(who.team_in(game.round)).decision


def broken(page):
    """What axe-core finds, a line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {one['help']} {[node['html'][:90] for node in one['nodes'][:2]]}"
        for one in found
    ]


def test_a_first_screen_fits_a_phone_and_the_lobby_is_three_taps_away(term, people):
    page = people.new()
    page.goto(people.url(f"/j/{term.room.kept['key']}"))
    assert page.evaluate("document.documentElement.scrollHeight") <= PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    taps = 0
    page.click("#name")
    taps += 1
    page.keyboard.type("Quick")
    page.get_by_role("button", name="Join").click()  # the team with the fewest is chosen already
    taps += 1
    page.wait_for_url("**/play")
    assert taps <= 3
    page.context.close()


def test_two_teams_and_an_instructor_play_four_rounds(played, term):
    game = Store(term.room.folder).game
    assert game.is_over and [one.counted[0].decision.plan["price"] for one in game.rounds] == [
        1.02,
        1.04,
        1.06,
        1.08,
    ]
    assert {one.counted[team].how for one in game.rounds for team in (0, 1)} == {"handed"}
    assert desk.replay(term.room.folder) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_are_accessible_and_fit(width, played, people):
    ann, _, console = played
    faults = []
    for page, paths in (
        (ann, ("/play", "/decide", "/forecast", "/results/2", "/customers", "/board")),
        (console, ("/console", "/console/team/0", "/console/debrief/1", "/projector")),
    ):
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            page.goto(people.url(path))
            faults += broken(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"{path} is wider than {width}")
    ann.goto(people.url("/results/2"))
    assert ann.locator("main img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    console.goto(people.url("/projector"))
    assert console.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    assert faults == []


def test_forms_of_an_open_round_are_accessible_in_the_dark_too(browser, fresh):
    one, people = fresh, People(browser, fresh)
    for scheme in ("light", "dark"):
        page = people.student(f"Ann {scheme}", 0, color_scheme=scheme)
        console = people.instructor(color_scheme=scheme)
        new = people.new(color_scheme=scheme)
        faults = broken(page)
        for who, path in (
            (new, "/"),
            (new, f"/j/{one.room.kept['key']}"),
            (new, "/again"),
            (page, "/decide"),
            (page, "/forecast"),
            (console, "/console"),
        ):
            who.goto(people.url(path))
            who.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            faults += broken(who)
        page.goto(people.url("/decide"))
        page.fill("#f1", "99")
        page.get_by_role("button", name="Hand in").click()
        page.wait_for_selector("[aria-invalid]")
        faults += broken(page)
        assert faults == []
        for who in (page, console, new):
            who.context.close()


def test_a_round_by_keyboard_alone(browser, fresh):
    one, people = fresh, People(browser, fresh)
    number = one.room.game.round
    page = people.new(SCREEN)
    page.goto(people.url("/"))
    keys = page.keyboard

    def tab_to(name):
        for _ in range(120):
            keys.press("Tab")
            here = page.evaluate(
                "(() => { const e = document.activeElement; return (e.labels && e.labels[0] || e).textContent.trim(); })()"
            )
            if here.startswith(name):
                seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert seen != "none", f"the focus on {name} is not seen"
                return
        raise AssertionError(f"{name} is not reached by Tab on {page.url}")

    tab_to("Join code")
    keys.type(one.room.kept["code"].lower())
    keys.press("Enter")
    page.wait_for_url("**/join")
    tab_to("Your name")
    keys.type("Keys")
    tab_to("Join")
    keys.press("Enter")
    page.wait_for_url("**/play")
    tab_to("Decide")
    keys.press("Enter")
    page.wait_for_url("**/decide")
    tab_to("Price")
    keys.press("Control+A")
    keys.type("1.17")
    tab_to("More decisions")
    keys.press("Enter")
    tab_to("Ask leavers why")
    keys.press("Control+A")
    keys.type("0.4")
    tab_to("Hand in")
    keys.press("Enter")
    page.wait_for_selector(f"text={texts.HANDED_IN}")
    plan = decided(one, "Keys").plan
    assert plan["price"] == 1.17 and plan["exit_survey"] == 0.4
    page.goto(people.url(f"/console/in/{one.secret}"))
    tab_to(f"Play round {number}")
    keys.press("Space")
    page.wait_for_selector(f"text=Round {number + 1} of 6 is open")
    page.context.close()


def test_everything_works_without_scripts(browser, fresh):
    one, people = fresh, People(browser, fresh)
    number = one.room.game.round
    page, console = (
        people.student("Plain", 2, java_script_enabled=False),
        people.instructor(java_script_enabled=False),
    )
    page.goto(people.url("/decide"))
    page.fill("#f1", "1.09")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**done=1")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert read_sheet(saved.value.path(), one.room.game).decision.plan["price"] == 1.09
    console.get_by_role("button", name=f"Play round {number}").click()
    console.wait_for_selector(f"text=Round {number + 1} of 6 is open")
    page.goto(people.url("/results"))
    assert page.locator("h1").inner_text().endswith(f"round {number} of 6")
    page.context.close(), console.context.close()


def test_without_a_connection_drafts_stay_and_the_form_is_saved_as_a_file(browser, fresh):
    one, people = fresh, People(browser, fresh)
    page = people.student("Ann", 1)
    page.goto(people.url("/decide"))
    page.context.set_offline(True)
    page.fill("#f1", "1.23")
    page.get_by_text("More decisions").click()
    page.fill("#if0", "status == lapsed and spent > 2")
    page.fill("#then0", "offer = 0.2, level = accountable")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_selector("#notice:has-text('Not sent')")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    sheet = read_sheet(saved.value.path(), one.room.game)
    assert sheet.faults == [] and sheet.decision.plan["price"] == 1.23
    assert sheet.decision.rules[0]["then"] == {"offer": 0.2, "level": "accountable"}
    default = page.input_value("#f2")
    page.fill("#f2", "12,000")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert "12000 (got 12,000)" in str(read_sheet(saved.value.path(), one.room.game).faults[0])
    page.fill("#f2", default)
    page.context.set_offline(False)
    page.reload()
    assert page.input_value("#f1") == "1.23" and "is back" in page.inner_text("#notice")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_selector(f"text={texts.HANDED_IN}")
    assert decided(one, "Ann") == sheet.decision
    page.fill("#f1", "1.31")
    page.reload()
    assert page.input_value("#f1") == "1.31" and "is back" in page.inner_text(
        "#notice"
    )  # a draft after it stays too
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_selector(f"text={texts.HANDED_IN}")
    page.goto(people.url("/decide"))
    assert page.inner_text("#notice") == ""  # handed in: there is no draft any more
    page.context.close()
