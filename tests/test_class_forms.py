"""Forms of the open round say what holds, whatever course the game took before; what a team wrote in one is never lost."""

import pytest
from classroom_bots import NOW, small

from sim.classroom import desk, forms, store
from sim.cli import main


@pytest.fixture
def term(tmp_path):
    desk.new_game(tmp_path / "term", small(2, rounds=3, months=1))
    return tmp_path / "term"


def decide(folder, price):
    file = folder.parent / "f.toml"
    file.write_text(f'team = "Blue"\n[plan]\nprice = {price}\n')
    desk.collect(folder, [file], NOW)


def go_back(folder):
    """Put the copy before the first round in the game's place, as the manual says."""
    (folder / store.FILE).write_bytes((folder / store.COPIES / "before-round-1.db").read_bytes())
    for file in folder.glob("game.db-*"):
        file.unlink()


def form(folder, number, team="Blue"):
    return folder / store.FORMS / f"round-{number}" / f"{team}.toml"


@pytest.mark.parametrize("way", ["a copy put back", "undo where the folder cannot be moved"])
def test_a_form_of_another_course_is_made_anew_and_a_written_one_goes_to_the_copies(way, term, monkeypatch):
    decide(term, 1.1)
    desk.advance(term, NOW)
    assert "price = 1.1 " in form(term, 2).read_text()
    written = form(term, 2, "Red").read_text().replace("messages = ", "messages = 7 # ")
    form(term, 2, "Red").write_text(written)
    if way == "a copy put back":
        go_back(term)
    else:
        with monkeypatch.context() as held:
            held.setattr(desk.Path, "rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "in use")))
            desk.undo(term)
        assert form(term, 2).exists()
    decide(term, 1.3)
    game = desk.advance(term, NOW)
    seen = game.rounds[0].outcomes[0]["seen"]
    text = form(term, 2).read_text()
    assert "price = 1.3 " in text and f"{seen['customers']} now" in text
    assert form(term, 2, "Red").read_text() != written
    assert (term / store.COPIES / "forms-of-round-2" / "Red.toml").read_text() == written


def test_a_form_follows_the_deadline_until_a_team_has_written_in_it(term):
    mine = form(term, 1, "Red").read_bytes().replace(b"price = 1.0", b"price = 1.2").replace(b"\n", b"\r\n")
    form(term, 1, "Red").write_bytes(mine)
    form(term, 1).write_bytes(form(term, 1).read_bytes().replace(b"\n", b"\r\n"))  # an editor saved it
    assert main(["class", "edit", str(term), "--deadline", "2026-12-01 18:00", "--quiet"]) == 0
    assert "Hand it in before 2026-12-01 18:00." in form(term, 1).read_text()
    assert form(term, 1, "Red").read_bytes() == mine


def test_a_form_that_is_held_open_stays_and_is_named(term, monkeypatch, capsys):
    write = forms.write_whole

    def refused(file, data, force=False):
        if file.name == "Blue.toml":
            raise PermissionError(13, "in use")
        write(file, data, force=force)

    monkeypatch.setattr(forms, "write_whole", refused)
    assert main(["class", "edit", str(term), "--deadline", "2026-12-01 18:00"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "Blue.toml" in said and "Red.toml" not in said and "Close it" in said
    assert "2026-12-01" in form(term, 1, "Red").read_text()


def test_a_form_from_before_a_teams_renaming_counts_for_it_and_its_file_goes_along(term, capsys):
    out = term.parent / "Blue.toml"
    out.write_bytes(form(term, 1).read_bytes().replace(b"price = 1.0 ", b"price = 1.2 "))
    mine = form(term, 1, "Red").read_bytes() + b"# mine\n"
    form(term, 1, "Red").write_bytes(mine)
    rename = ("--rename", "Blue=Lynx", "--rename", "Red=Puma", "--quiet")
    assert main(["class", "edit", str(term), *rename]) == 0
    assert sorted(file.name for file in form(term, 1).parent.iterdir()) == ["Lynx.toml", "Puma.toml"]
    assert form(term, 1, "Puma").read_bytes() == mine and 'team = "Lynx"' in form(term, 1, "Lynx").read_text()
    capsys.readouterr()
    assert main(["class", "collect", str(term), str(out), "--quiet"]) == 0
    assert 'team "Blue" is called Lynx now' in " ".join(capsys.readouterr().out.split())
    assert desk.Store(term).game.latest(0).decision.plan["price"] == 1.2
    assert main(["class", "edit", str(term), "--rename", "Puma=Blue", "--quiet"]) == 0
    desk.collect(term, [out], NOW)  # another team has the name now
    assert desk.Store(term).game.latest(1).decision.plan["price"] == 1.2


def test_a_file_that_takes_the_place_of_another_says_so(term, capsys):
    inbox = term.parent / "inbox"
    inbox.mkdir()
    for name, price in (("Blue.toml", 1.1), ("Red (1).toml", 0.5)):
        (inbox / name).write_text(f'team = "Blue"\n[plan]\nprice = {price}\n')
    files = [str(inbox / name) for name in ("Blue.toml", "Red (1).toml")]
    assert main(["class", "collect", str(term), *files, "--quiet"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Red (1).toml: it replaces what came from Blue.toml for Blue." in said
    assert (
        "it is named like the form of Red, and decides for Blue." in said and said.count("Blue.toml: ") == 0
    )


def test_a_students_fault_names_the_file_or_the_team(term):
    (term.parent / "G2.toml").write_text(
        'team = "Red"\n[[students]]\nname = "Bo"\nnumber = 3\n[[students]]\nnumber = 3\n[[students]]\nname = " "\n'
    )
    (term.parent / "Cy.toml").write_text('[[students]]\nname = "Cy"\nnumber = 3\n')
    taken = desk.collect(term, [term.parent / "G2.toml", term.parent / "Cy.toml"], NOW)
    said = [": ".join(map(str, fault[:2])) for one in taken for fault in one.faults]
    assert said == [
        "team Red, student Bo: number", "G2.toml, student 2: name", "G2.toml, student 3: name",
        "Cy.toml, student Cy: number", "Cy.toml, student Cy: ",
    ]  # fmt: skip


def test_two_teams_are_not_renamed_to_one_name(term, capsys):
    assert main(["class", "edit", str(term), "--rename", "Blue=Same", "--rename", "Red=Same"]) == 2
    assert "two teams cannot both be called" in capsys.readouterr().err
    assert desk.Store(term).game.teams == ("Blue", "Red")
    assert main(["class", "edit", str(term), "--rename", "Blue=Red2", "--rename", "Red=Blue", "--quiet"]) == 0
    assert desk.Store(term).game.teams == ("Red2", "Blue")
